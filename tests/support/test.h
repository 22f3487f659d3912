/* What every test uses: TEST(name) { ... } registers itself; checks print the values that failed.
 * A tolerance has its reason beside it: CHECK_CLOSE(got, want, tolerance, "why this much").  */
#pragma once
#include <lithia/core/context.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

typedef void test_fn(lithia_context *ctx);
void test_register(const char *name, test_fn *test);
void test_fail(const char *file, int line, const char *format, ...) LITHIA_PRINTF(3, 4);

/* A test is given a fresh context, freed after it. */
#define TEST(name)                                                                                                     \
    static void test_##name(lithia_context *ctx);                                                                      \
    __attribute__((constructor)) static void register_##name(void)                                                     \
    {                                                                                                                  \
        test_register(#name, test_##name);                                                                             \
    }                                                                                                                  \
    static void test_##name(__attribute__((unused)) lithia_context *ctx)

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            test_fail(__FILE__, __LINE__, "%s is false", #condition);                                                  \
    } while (0)
/* |got - want| <= tolerance; NaN fails. */
#define CHECK_CLOSE(got, want, tolerance, reason)                                                                      \
    do {                                                                                                               \
        double got_ = (got), want_ = (want), tolerance_ = (tolerance);                                                 \
        if (!(fabs(got_ - want_) <= tolerance_))                                                                       \
            test_fail(__FILE__, __LINE__, "%s is %.17g, want %.17g to %g (%s); off by %g", #got, got_, want_,          \
                      tolerance_, reason, got_ - want_);                                                               \
    } while (0)
/* |got - want| <= tolerance |want| */
#define CHECK_RELATIVE(got, want, tolerance, reason) CHECK_CLOSE(got, want, (tolerance) * fabs(want), reason)
#define CHECK_EQUAL(got, want)                                                                                         \
    do {                                                                                                               \
        long long got_ = (long long)(got), want_ = (long long)(want);                                                  \
        if (got_ != want_)                                                                                             \
            test_fail(__FILE__, __LINE__, "%s is %lld, want %lld", #got, got_, want_);                                 \
    } while (0)
#define CHECK_TEXT(got, want)                                                                                          \
    do {                                                                                                               \
        const char *got_ = (got), *want_ = (want);                                                                     \
        if (!got_ || strcmp(got_, want_) != 0)                                                                         \
            test_fail(__FILE__, __LINE__, "%s is \"%s\", want \"%s\"", #got, got_ ? got_ : "(null)", want_);           \
    } while (0)
#define CHECK_CONTAINS(got, part)                                                                                      \
    do {                                                                                                               \
        const char *got_ = (got), *part_ = (part);                                                                     \
        if (!got_ || !strstr(got_, part_))                                                                             \
            test_fail(__FILE__, __LINE__, "%s is \"%s\", which lacks \"%s\"", #got, got_ ? got_ : "(null)", part_);    \
    } while (0)
/* The call succeeds; its message is printed when it does not. */
#define CHECK_OK(call)                                                                                                 \
    do {                                                                                                               \
        lithia_status status_ = (call);                                                                                \
        if (status_ != LITHIA_OK)                                                                                      \
            test_fail(__FILE__, __LINE__, "%s: %s: %s", #call, lithia_status_name(status_), lithia_message_view(ctx)); \
    } while (0)
#define CHECK_FAILS(call, status) CHECK_EQUAL(call, status)

/* The bytes of a file below the source folder, ended by a zero; fails the test if it cannot be read. */
char *test_read_file(const char *path, size_t *n);
/* Path of ../shared/reference/NAME, or NULL when the checkout has no shared folder: skip then, saying why. */
const char *test_reference(const char *name);
void test_skip(const char *reason);
