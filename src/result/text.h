/* What the writers of results put into a growing text beyond plain words. */
#pragma once
#include "core/text.h"

void result_text_quote(text_page *out, const char *text); /* a JSON string */
/* The shortest decimal that reads back as the same double, with a point or exponent in it; "null" if not finite. */
void result_text_number(text_page *out, double value);
