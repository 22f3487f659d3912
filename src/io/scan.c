#include "scan.h"
#include <float.h>
#include <lithia/core/units.h>
#include <string.h>

/* 10^0 .. 10^22 are exact doubles; as long doubles with 64 bits 10^0 .. 10^27 are. */
static const double ten[23] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                               1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
#if LDBL_MANT_DIG == 64
static const long double ten_long[28] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,
                                         1e10L, 1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L,
                                         1e20L, 1e21L, 1e22L, 1e23L, 1e24L, 1e25L, 1e26L, 1e27L};
#endif

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* m 10^e rounded once. Clinger (1990): exact factors give the nearest double. Beyond 53 bits the same with the 64 bits
 * of a long double, unless its rounding lies so near the middle of two doubles that rounding twice might differ. */
static bool nearest(uint64_t m, int e, double *value)
{
    if (m <= (uint64_t)1 << 53 && e >= -22 && e <= 22) {
        *value = e < 0 ? (double)m / ten[-e] : (double)m * ten[e];
        return true;
    }
#if LDBL_MANT_DIG == 64
    if (e >= -27 && e <= 27 && m != 0) {
        long double x = e < 0 ? (long double)m / ten_long[-e] : (long double)m * ten_long[e];
        uint64_t bits;
        memcpy(&bits, &x, sizeof bits);      /* the 64-bit significand */
        if ((bits & 0x7ff) != 0x400) {       /* not the middle */
            *value = (double)x;
            return true;
        }
    }
#endif
    return false;
}

static bool slow_real(const char *begin, const char *end, double *value)
{
    char text[512];
    size_t n = (size_t)(end - begin);
    if (n == 0 || n >= sizeof text)
        return false;
    memcpy(text, begin, n);
    text[n] = 0;
    for (char *c = text; *c; c++)
        if (*c == 'd' || *c == 'D') /* Fortran's exponent */
            *c = 'e';
        else if (*c == 'x' || *c == 'X')
            return false;
    return lithia_number_read(text, value);
}

static inline bool ends(char c, const char *stops)
{
    return c == 0 || scan_blank(c) || (stops && strchr(stops, c));
}

static inline bool scan(const char **from, const char *stops, double *value)
{
    const char *begin = scan_skip(*from), *p = begin;
    bool negative = *p == '-';
    p += negative || *p == '+';
    uint64_t m = 0;
    const char *first = p;
    while (is_digit(*p))
        m = 10 * m + (uint64_t)(*p++ - '0');
    int n_digits = (int)(p - first), e = 0;
    if (*p == '.') {
        const char *point = ++p;
        while (is_digit(*p))
            m = 10 * m + (uint64_t)(*p++ - '0');
        e = -(int)(p - point);
        n_digits -= e;
    }
    bool plain = n_digits > 0 && n_digits <= 19 && p - first <= 20;
    if (*p == 'e' || *p == 'E') {
        const char *q = p + 1;
        bool down = *q == '-';
        q += down || *q == '+';
        int x = 0;
        const char *digits = q;
        while (is_digit(*q) && x < 10000)
            x = 10 * x + (*q++ - '0');
        plain = plain && q > digits;
        e += down ? -x : x;
        p = q;
    }
    if (plain && ends(*p, stops) && nearest(m, e, value)) {
        *value = negative ? -*value : *value;
        *from = p;
        return true;
    }
    p = begin;
    while (!ends(*p, stops))
        p++;
    if (!slow_real(begin, p, value))
        return false;
    *from = p;
    return true;
}

bool scan_real(const char **p, double *value)
{
    return scan(p, NULL, value);
}

bool scan_real_until(const char **p, const char *stops, double *value)
{
    return scan(p, stops, value);
}

bool scan_integer(const char **from, int64_t *value)
{
    const char *p = scan_skip(*from);
    bool negative = *p == '-';
    p += negative || *p == '+';
    const char *first = p;
    int64_t m = 0;
    while (is_digit(*p) && p - first < 19)
        m = p - first < 18 ? 10 * m + (*p - '0') : m, p++;
    if (p == first || p - first > 18 || !ends(*p, NULL))
        return false;
    *value = negative ? -m : m;
    *from = p;
    return true;
}

const char *scan_word(const char **p, size_t *n)
{
    const char *begin = scan_skip(*p), *q = begin;
    while (!ends(*q, NULL))
        q++;
    *p = q;
    *n = (size_t)(q - begin);
    return *n ? begin : NULL;
}

void scan_copy(char *room, size_t size, const char *word, size_t n)
{
    n = n < size - 1 ? n : size - 1;
    memcpy(room, word, n);
    room[n] = 0;
}
