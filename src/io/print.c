#include "print.h"
#include "scan.h"
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

char *print_integer(char *p, int64_t i)
{
    char digits[20];
    int n = 0;
    uint64_t u = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    do
        digits[n++] = (char)('0' + u % 10);
    while (u /= 10);
    if (i < 0)
        *p++ = '-';
    while (n)
        *p++ = digits[--n];
    return p;
}

char *print_text(char *p, const char *text)
{
    size_t n = strlen(text);
    memcpy(p, text, n);
    return p + n;
}

/* "%.*g" in the C locale whatever the locale. */
static char *print_slow(char *p, double x, int digits)
{
    char text[64];
    int n = snprintf(text, sizeof text, "%.*g", digits, x);
    for (int i = 0; i < n; i++) {
        char c = text[i];
        *p++ = c == ',' ? '.' : c;
    }
    return p;
}

/* x 10^after to the nearest whole number. Up to 15 digits a double holds the product; 17 digits have 57 bits, and the 64
 * of a long double leave an error of 0.006 in the last digit: what is printed is within 0.506 of it, and a double of 53
 * bits is found again up to 0.555. */
static uint64_t scale(double size, int after, int digits)
{
    static const long double ten_long[] = {1e0L,  1e1L,  1e2L,  1e3L,  1e4L,  1e5L,  1e6L,  1e7L,  1e8L,  1e9L,  1e10L,
                                           1e11L, 1e12L, 1e13L, 1e14L, 1e15L, 1e16L, 1e17L, 1e18L, 1e19L, 1e20L, 1e21L};
    return digits > 15 ? (uint64_t)llrintl((long double)size * ten_long[after])
                       : (uint64_t)llrint(size * (double)ten_long[after]);
}

static char *print_digits(char *p, bool negative, uint64_t whole, int after)
{
    char text[24];
    int n = 0;
    while (after > 0 && whole % 10 == 0) {
        whole /= 10;
        after--;
    }
    if (negative)
        *p++ = '-';
    do {
        text[n++] = (char)('0' + whole % 10);
        whole /= 10;
        if (n == after && after > 0)
            text[n++] = '.';
    } while (whole || n <= after + (after > 0));
    while (n)
        *p++ = text[--n];
    return p;
}

char *print_real(char *p, double x, int digits)
{
    static const double ten[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    static const uint64_t ten_whole[] = {1,
                                         10,
                                         100,
                                         1000,
                                         10000,
                                         100000,
                                         1000000,
                                         10000000,
                                         100000000,
                                         1000000000,
                                         10000000000,
                                         100000000000,
                                         1000000000000,
                                         10000000000000,
                                         100000000000000,
                                         1000000000000000,
                                         10000000000000000,
                                         100000000000000000};
    double size = fabs(x);
    if (x == 0.0) {
        *p++ = '0';
        return p;
    }
    if (!(size >= 1e-4 && size < 1e15) || (digits > 15 && LDBL_MANT_DIG < 64))
        return print_slow(p, x, digits);
    if (digits > 15) { /* often 15 say the same, shorter */
        char *end = print_real(p, x, 15);
        double back;
        const char *from = p;
        *end = 0;
        if (scan_real(&from, &back) && back == x)
            return end;
    }
    int before = 0; /* the exponent: 10^before <= size */
    if (size >= 1.0)
        while (size >= ten[before + 1])
            before++;
    else
        for (before = -1; size * ten[-before] < 1.0; before--)
            ;
    int after = digits - 1 - before; /* digits behind the point */
    if (after < 0 || after > 20)
        return print_slow(p, x, digits);
    uint64_t whole = scale(size, after, digits);
    if (whole < ten_whole[digits - 1]) /* the product above was rounded up to 1 */
        whole = scale(size, ++after, digits);
    if (whole >= ten_whole[digits]) { /* 9.9996 became 10.000 */
        if (after == 0)
            return print_slow(p, x, digits);
        whole = (whole + 5) / 10;
        after--;
    }
    return print_digits(p, x < 0, whole, after);
}
