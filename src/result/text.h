/* Growing text for the writers: appends remember the first failure, so that they read as a list. */
#pragma once
#include <lithia/core/context.h>

typedef struct {
    lithia_context *ctx;
    char *text;
    size_t n, room;
    lithia_status status;
} result_text;

void result_text_add(result_text *out, const char *format, ...) LITHIA_PRINTF(2, 3);
void result_text_quote(result_text *out, const char *text); /* a JSON string */
/* The shortest decimal that reads back as the same double, with a point or exponent in it; "null" if not finite. */
void result_text_number(result_text *out, double value);
/* Hand the text over, or free it and return the failure. */
lithia_status result_text_finish(result_text *out, char **text);
