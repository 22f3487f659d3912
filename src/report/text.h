/* A growing text for the report's writers. The first failure is remembered and later calls do nothing, so that
 * writers read as a list of what they write; report_text_finish() reports it. */
#pragma once
#include <lithia/core/context.h>

typedef struct {
    lithia_context *ctx;
    char *bytes;
    size_t n, room;
    lithia_status status;
} report_text;

void report_put(report_text *text, const char *bytes, size_t n);
void report_puts(report_text *text, const char *string);
void report_printf(report_text *text, const char *format, ...) LITHIA_PRINTF(2, 3);

/* A JSON string with its quotes, safe inside <script>: < > & and the two line separators of JavaScript are written as
 * \u escapes, bytes that are not UTF-8 as U+FFFD. NULL is written as null. */
void report_put_json_string(report_text *text, const char *string);
/* A JSON number with up to `digits` significant digits, the fewest that say the same; null for NaN and infinity. */
void report_put_json_number(report_text *text, double value, int digits);
/* Text as HTML: & < > and quotes as entities, bytes that are not UTF-8 as U+FFFD. NULL is nothing. */
void report_put_html(report_text *text, const char *string);
/* As lithia_result_write_table(): "1.234(12)" with an error, else six digits; "-" for NaN. */
void report_put_value(report_text *text, double value, double error);

/* Hand the text over (NULL on failure). @return the first failure */
lithia_status report_text_finish(report_text *text, char **bytes, size_t *n);
