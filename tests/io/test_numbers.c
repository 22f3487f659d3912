/* Numbers out of text and into it, against strtod() and printf() of the C library. */
#include <lithia/core/random.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include "io/print.h"
#include "io/scan.h"
#include "test.h"

static void check_text(const char *text)
{
    const char *p = text;
    double got, want = strtod(text, NULL);
    if (!scan_real(&p, &got) || memcmp(&got, &want, sizeof got) != 0 || *p)
        test_fail(__FILE__, __LINE__, "\"%s\" is read as %.17g, strtod() says %.17g", text, got, want);
}

TEST(the_nearest_double_always)
{
    lithia_random random;
    char text[64];
    lithia_random_seed(&random, 2, 0);
    for (int i = 0; i < 300000; i++) {
        uint64_t bits = lithia_random_u64(&random);
        double x;
        memcpy(&x, &bits, sizeof x);
        if (!isfinite(x))
            continue;
        snprintf(text, sizeof text, "%.*g", 1 + (int)lithia_random_below(&random, 20), x);
        check_text(text);
        x = lithia_random_normal(&random) * pow(10.0, (double)lithia_random_below(&random, 12) - 6.0);
        snprintf(text, sizeof text, "%.*g", 1 + (int)lithia_random_below(&random, 20), x);
        check_text(text);
        snprintf(text, sizeof text, "%.*f", (int)lithia_random_below(&random, 20), x);
        check_text(text);
        /* exactly the middle of two doubles, which rounding twice would get wrong */
        double up = nextafter(x, INFINITY);
        snprintf(text, sizeof text, "%.40Lg", ((long double)x + (long double)up) / 2);
        if (strlen(text) < 40)
            check_text(text);
    }
    static const char *const hard[] = {"9007199254740993", "9007199254740991", "1e22", "1e23", "0.1e-5", "-0", "+.5", "5.", "1e308",
                                       "2.2250738585072011e-308", "4.9e-324", "179769313486231580793e289", "1e-400", "000123.4500",
                                       "0.000000000000000000000000012345", "18446744073709551615", "18446744073709551616",
                                       "12345678901234567890123", "7.2057594037927933e16"};
    for (size_t i = 0; i < sizeof hard / sizeof hard[0]; i++)
        check_text(hard[i]);
}

TEST(what_is_no_number)
{
    static const char *const bad[] = {"", "x", ".", "-", "+-1", "1e", "1e+", "1.2.3", "1x", "0x10", "1,5", "--1", "e5"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *p = bad[i];
        double x;
        if (scan_real(&p, &x))
            test_fail(__FILE__, __LINE__, "\"%s\" is read as %g", bad[i], x);
    }
    const char *p = "1.5d-3";
    double x;
    CHECK(scan_real(&p, &x));
    CHECK_CLOSE(x, 1.5e-3, 0.0, "Fortran's exponent");
    int64_t m;
    p = " -42 x";
    CHECK(scan_integer(&p, &m) && m == -42);
    p = "1234567890123456789";
    CHECK(!scan_integer(&p, &m)); /* 19 digits may not fit */
    p = "4.0";
    CHECK(!scan_integer(&p, &m));
}

TEST(seventeen_digits_bring_back_the_same_double)
{
    lithia_random random;
    lithia_random_seed(&random, 3, 0);
    for (int i = 0; i < 300000; i++) {
        char text[PRINT_ROOM + 1];
        uint64_t bits = lithia_random_u64(&random);
        double x;
        memcpy(&x, &bits, sizeof x);
        if (i % 8 == 3) /* next to powers of ten, where digits are scarce */
            x = pow(10.0, (double)lithia_random_below(&random, 19) - 4.0) * (1.0 + (double)(i % 31 - 15) * 1.1102230246251565e-16);
        else if (i % 2)
            x = lithia_random_normal(&random) * pow(10.0, (double)lithia_random_below(&random, 12) - 6.0);
        if (!isfinite(x))
            continue;
        char *end = print_real(text, x, 17);
        CHECK(end - text <= PRINT_ROOM);
        *end = 0;
        CHECK(strtod(text, NULL) == x);
    }
    char text[PRINT_ROOM + 1];
    *print_real(text, 0.1, 17) = 0;
    CHECK_TEXT(text, "0.1"); /* as short as it can be */
    *print_real(text, -2.0, 17) = 0;
    CHECK_TEXT(text, "-2");
}

TEST(fewer_digits_are_those_of_printf)
{
    lithia_random random;
    lithia_random_seed(&random, 4, 0);
    for (int i = 0; i < 300000; i++) {
        char text[PRINT_ROOM + 1], want[64];
        int digits = 1 + (int)lithia_random_below(&random, 15);
        double x = lithia_random_normal(&random) * pow(10.0, (double)lithia_random_below(&random, 12) - 6.0);
        *print_real(text, x, digits) = 0;
        snprintf(want, sizeof want, "%.*g", digits, x);
        double unit = pow(10.0, floor(log10(fabs(x))) - digits + 1);
        CHECK_CLOSE(strtod(text, NULL), strtod(want, NULL), 1.2 * unit, "one of the last digit, at ties");
        CHECK_CLOSE(strtod(text, NULL), x, 0.7 * unit, "half of the last digit; at 15 digits the product rounds by a quarter");
        if (strlen(text) > strlen(want))
            test_fail(__FILE__, __LINE__, "\"%s\" is longer than \"%s\"", text, want);
    }
}

TEST(whole_numbers)
{
    char text[32];
    static const int64_t many[] = {0, 1, -1, 9, 10, 99, 100, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof many / sizeof many[0]; i++) {
        char want[32];
        *print_integer(text, many[i]) = 0;
        snprintf(want, sizeof want, "%lld", (long long)many[i]);
        CHECK_TEXT(text, want);
    }
}
