/* What the report's writers put into a growing text beyond plain words. */
#pragma once
#include "core/text.h"

/* A JSON string with its quotes, safe inside <script>: < > & and the two line separators of JavaScript are written as
 * \u escapes, bytes that are not UTF-8 as U+FFFD. NULL is written as null. */
void report_put_json_string(text_page *text, const char *string);
/* A JSON number with up to `digits` significant digits, the fewest that say the same; null for NaN and infinity. */
void report_put_json_number(text_page *text, double value, int digits);
/* Text as HTML: & < > and quotes as entities, bytes that are not UTF-8 as U+FFFD. NULL is nothing. */
void report_put_html(text_page *text, const char *string);
/* As lithia_result_write_table(): "1.234(12)" with an error, else six digits; "-" for NaN. */
void report_put_value(text_page *text, double value, double error);
