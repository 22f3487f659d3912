#include "result/text.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void result_text_quote(text_page *out, const char *text)
{
    text_put(out, "\"", 1);
    for (const unsigned char *p = (const unsigned char *)text; *p;) {
        size_t n = text_utf8_length(p);
        if (n == 0) {
            text_add(out, "\\ufffd"); /* the replacement character for a byte that is no text */
            n = 1;
        } else if (*p == '"' || *p == '\\') {
            text_add(out, "\\%c", *p);
        } else if (*p == '\n') {
            text_add(out, "\\n");
        } else if (*p < 0x20 || *p == 0x7F) {
            text_add(out, "\\u%04x", *p);
        } else {
            text_put(out, (const char *)p, n);
        }
        p += n;
    }
    text_put(out, "\"", 1);
}

void result_text_number(text_page *out, double value)
{
    char digits[40];
    if (!isfinite(value)) {
        text_put(out, "null", 4);
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    text_put(out, digits, strlen(digits));
    if (!strpbrk(digits, ".e"))
        text_put(out, ".0", 2);
}
