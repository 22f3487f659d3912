#include "test.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MOST = 512 };
static struct CMUnitTest registered[MOST];
static test_fn *functions[MOST];
static size_t n_registered;

/* The running test's context: a test that fails or is skipped leaves by a jump, and the next one or main() frees it. */
static lithia_context *current;

static void run_one(void **state)
{
    lithia_context_free(current);
    current = lithia_context_new();
    assert_non_null(current);
    (*(test_fn **)*state)(current);
    lithia_context_free(current);
    current = NULL;
}

void test_register(const char *name, test_fn *test)
{
    if (n_registered == MOST)
        abort();
    functions[n_registered] = test;
    registered[n_registered] = (struct CMUnitTest){name, run_one, NULL, NULL, &functions[n_registered]};
    n_registered++;
}

void test_fail(const char *file, int line, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    print_error("%s\n", text);
    _fail(file, line);
}

void test_skip(const char *reason)
{
    print_message("skipped: %s\n", reason);
    skip();
}

char *test_read_file(const char *path, size_t *n)
{
    char whole[1024];
    if (*path != '/') { /* below the source folder, wherever the test runs */
        snprintf(whole, sizeof whole, "%s/%s", TEST_SOURCE_DIR, path);
        path = whole;
    }
    FILE *file = fopen(path, "rb");
    if (!file)
        test_fail(__FILE__, __LINE__, "cannot open %s", path);
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *bytes = malloc((size_t)size + 1);
    if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size)
        test_fail(__FILE__, __LINE__, "cannot read %s", path);
    fclose(file);
    bytes[size] = 0;
    if (n)
        *n = (size_t)size;
    return bytes;
}

const char *test_reference(const char *name)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s/../shared/reference/%s", TEST_SOURCE_DIR, name);
    return access(path, R_OK) == 0 ? path : NULL;
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    int n_failed = _cmocka_run_group_tests("tests", registered, n_registered, NULL, NULL);
    lithia_context_free(current);
    return n_failed;
}
