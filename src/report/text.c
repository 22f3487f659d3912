#include "report/text.h"
#include <lithia/core/memory.h>
#include <lithia/result/result.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void report_put(report_text *text, const char *bytes, size_t n)
{
    if (text->status != LITHIA_OK)
        return;
    text->status = lithia_reserve(text->ctx, (void **)&text->bytes, &text->room, text->n + n + 1, 1);
    if (text->status != LITHIA_OK)
        return;
    memcpy(text->bytes + text->n, bytes, n);
    text->n += n;
    text->bytes[text->n] = 0;
}

void report_puts(report_text *text, const char *string)
{
    if (string)
        report_put(text, string, strlen(string));
}

void report_printf(report_text *text, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (n < 0 || (size_t)n >= sizeof line) {
        if (text->status == LITHIA_OK)
            text->status = lithia_fail(text->ctx, LITHIA_INTERNAL, "report: a formatted piece of %d bytes", n);
        return;
    }
    report_put(text, line, (size_t)n);
}

/* Length of the well-formed UTF-8 sequence that starts here (RFC 3629), 0 if there is none. */
static size_t utf8_length(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    size_t n = s[0] >= 0xC2 && s[0] <= 0xDF ? 2 : s[0] >= 0xE0 && s[0] <= 0xEF ? 3 : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4 : 0;
    if (n == 0)
        return 0;
    unsigned char low = 0x80, high = 0xBF; /* the second byte: no overlong forms, surrogates, or beyond U+10FFFF */
    if (s[0] == 0xE0)
        low = 0xA0;
    if (s[0] == 0xED)
        high = 0x9F;
    if (s[0] == 0xF0)
        low = 0x90;
    if (s[0] == 0xF4)
        high = 0x8F;
    if (s[1] < low || s[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++)
        if (s[i] < 0x80 || s[i] > 0xBF) /* a string's final zero ends here */
            return 0;
    return n;
}

void report_put_json_string(report_text *text, const char *string)
{
    if (!string) {
        report_puts(text, "null");
        return;
    }
    report_puts(text, "\"");
    for (const unsigned char *s = (const unsigned char *)string; *s;) {
        size_t n = utf8_length(s);
        if (n == 0) {
            report_puts(text, "\\ufffd");
            s++;
            continue;
        }
        if (*s == '"' || *s == '\\')
            report_printf(text, "\\%c", *s);
        else if (*s == '\n')
            report_puts(text, "\\n");
        else if (*s < 0x20 || *s == 0x7F || *s == '<' || *s == '>' || *s == '&')
            report_printf(text, "\\u%04x", *s);
        else if (n == 3 && s[0] == 0xE2 && s[1] == 0x80 && (s[2] == 0xA8 || s[2] == 0xA9))
            report_printf(text, "\\u20%02x", s[2] - 0x80);
        else
            report_put(text, (const char *)s, n);
        s += n;
    }
    report_puts(text, "\"");
}

/* The C library writes the decimal point of the process's locale; a report has a point everywhere. */
static void decimal_point(char *number)
{
    for (char *c = number; *c; c++)
        if (*c == ',')
            *c = '.';
}

void report_put_json_number(report_text *text, double value, int digits)
{
    if (!isfinite(value)) {
        report_puts(text, "null");
        return;
    }
    char number[400];
    snprintf(number, sizeof number, "%.*g", digits, value);
    if (digits > 15) /* the shortest that reads back as the same number */
        for (int d = 15; d < digits; d++) {
            char shorter[400];
            snprintf(shorter, sizeof shorter, "%.*g", d, value);
            if (strtod(shorter, NULL) == value) {
                strcpy(number, shorter);
                break;
            }
        }
    decimal_point(number);
    report_puts(text, number);
}

void report_put_html(report_text *text, const char *string)
{
    for (const unsigned char *s = (const unsigned char *)(string ? string : ""); *s;) {
        size_t n = utf8_length(s);
        switch (n == 0 ? 0 : *s) {
        case 0:
            report_puts(text, "\xEF\xBF\xBD");
            s++;
            continue;
        case '&':
            report_puts(text, "&amp;");
            break;
        case '<':
            report_puts(text, "&lt;");
            break;
        case '>':
            report_puts(text, "&gt;");
            break;
        case '"':
            report_puts(text, "&quot;");
            break;
        default:
            if (*s >= 0x20 || *s == '\n' || *s == '\t')
                report_put(text, (const char *)s, n);
        }
        s += n;
    }
}

void report_put_value(report_text *text, double value, double error)
{
    char number[64];
    lithia_format_value(number, value, error);
    report_puts(text, number);
}

lithia_status report_text_finish(report_text *text, char **bytes, size_t *n)
{
    lithia_status status = text->status;
    if (status == LITHIA_OK && !text->bytes)
        report_put(text, "", 0);
    *bytes = status == LITHIA_OK ? text->bytes : NULL;
    *n = status == LITHIA_OK ? text->n : 0;
    if (status != LITHIA_OK)
        lithia_free(text->bytes);
    text->bytes = NULL;
    return status;
}
