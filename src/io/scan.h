/* Reading numbers and words out of one line, fast. A line ends in a zero byte (lithia_file_line() sees to it). */
#pragma once
#include <lithia/core/status.h>

static inline bool scan_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static inline const char *scan_skip(const char *p)
{
    while (scan_blank(*p))
        p++;
    return p;
}

/* The number at p, after blanks, that ends at a blank or the line's end. On success *p is moved behind it. The nearest
 * double, as strtod() in the C locale would give; "1e999" is infinite; no hexadecimal. */
bool scan_real(const char **p, double *value);
/* A whole number of at most 18 digits, likewise. */
bool scan_integer(const char **p, int64_t *value);
/* A number that may end at any of the characters in `stops` too (comma, bracket, quote). */
bool scan_real_until(const char **p, const char *stops, double *value);
/* The word at p, after blanks; NULL at the line's end. *p is moved behind it. */
const char *scan_word(const char **p, size_t *n);
/* Copy a word into room[size], cut off if too long. */
void scan_copy(char *room, size_t size, const char *word, size_t n);
static inline bool scan_end(const char *p)
{
    return *scan_skip(p) == 0;
}
