#include "report/text.h"
#include <lithia/result/result.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void report_put_json_string(text_page *text, const char *string)
{
    if (!string) {
        text_puts(text, "null");
        return;
    }
    text_puts(text, "\"");
    for (const unsigned char *s = (const unsigned char *)string; *s;) {
        size_t n = text_utf8_length(s);
        if (n == 0) {
            text_puts(text, "\\ufffd");
            s++;
            continue;
        }
        if (*s == '"' || *s == '\\')
            text_add(text, "\\%c", *s);
        else if (*s == '\n')
            text_puts(text, "\\n");
        else if (*s < 0x20 || *s == 0x7F || *s == '<' || *s == '>' || *s == '&')
            text_add(text, "\\u%04x", *s);
        else if (n == 3 && s[0] == 0xE2 && s[1] == 0x80 && (s[2] == 0xA8 || s[2] == 0xA9))
            text_add(text, "\\u20%02x", s[2] - 0x80);
        else
            text_put(text, (const char *)s, n);
        s += n;
    }
    text_puts(text, "\"");
}

/* The C library writes the decimal point of the process's locale; a report has a point everywhere. */
static void decimal_point(char *number)
{
    for (char *c = number; *c; c++)
        if (*c == ',')
            *c = '.';
}

void report_put_json_number(text_page *text, double value, int digits)
{
    if (!isfinite(value)) {
        text_puts(text, "null");
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
    text_puts(text, number);
}

void report_put_html(text_page *text, const char *string)
{
    for (const unsigned char *s = (const unsigned char *)(string ? string : ""); *s;) {
        size_t n = text_utf8_length(s);
        switch (n == 0 ? 0 : *s) {
        case 0:
            text_puts(text, "\xEF\xBF\xBD");
            s++;
            continue;
        case '&':
            text_puts(text, "&amp;");
            break;
        case '<':
            text_puts(text, "&lt;");
            break;
        case '>':
            text_puts(text, "&gt;");
            break;
        case '"':
            text_puts(text, "&quot;");
            break;
        default:
            if (*s >= 0x20 || *s == '\n' || *s == '\t')
                text_put(text, (const char *)s, n);
        }
        s += n;
    }
}

void report_put_value(text_page *text, double value, double error)
{
    char number[64];
    lithia_format_value(number, value, error);
    text_puts(text, number);
}
