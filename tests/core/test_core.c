/* Context, memory, random numbers, units, threads, blobs. */
#include "test.h"

#include <lithia/core/blob.h>
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/threads.h>
#include <lithia/core/units.h>
#include <stdlib.h>

TEST(messages_carry_value_and_place)
{
    CHECK_EQUAL(lithia_fail(ctx, LITHIA_INVALID, "r_max is %g", -1.0), LITHIA_INVALID);
    CHECK_TEXT(lithia_message_view(ctx), "r_max is -1");
    CHECK(lithia_place_view(ctx).file == NULL);
    CHECK_EQUAL(lithia_fail_at(ctx, "a.cif", 3, 7, "no \"%s\"", "x"), LITHIA_PARSE);
    CHECK_TEXT(lithia_place_view(ctx).file, "a.cif");
    CHECK_EQUAL(lithia_place_view(ctx).line, 3);
    CHECK_EQUAL(lithia_place_view(ctx).column, 7);
    (void)lithia_fail(ctx, LITHIA_INVALID, "again: %s", lithia_message_view(ctx));
    CHECK_TEXT(lithia_message_view(ctx), "again: no \"x\"");
}

TEST(a_warning_is_kept_once)
{
    lithia_warn(ctx, "cell is %d", 1);
    lithia_warn(ctx, "cell is %d", 2);
    lithia_warn(ctx, "cell is %d", 1);
    CHECK_EQUAL(lithia_n_warnings(ctx), 2);
    CHECK_TEXT(lithia_warning_view(ctx, 1), "cell is 2");
}

TEST(cancelling_is_seen)
{
    CHECK_OK(lithia_check_cancelled(ctx));
    lithia_cancel(ctx);
    CHECK_EQUAL(lithia_check_cancelled(ctx), LITHIA_CANCELLED);
}

TEST(allocation_refuses_overflow_and_can_fail)
{
    CHECK(lithia_calloc(ctx, SIZE_MAX / 2, 16) == NULL);
    CHECK_CONTAINS(lithia_message_view(ctx), "out of memory");
    lithia_fail_allocation(1);
    CHECK(lithia_strdup(ctx, "x") == NULL);
    lithia_fail_allocation(0);
    char *text = lithia_format(ctx, "%d-%s", 7, "x");
    CHECK_TEXT(text, "7-x");
    lithia_free(text);
    int *numbers = NULL;
    size_t room = 0;
    for (size_t i = 0; i < 1000; i++) {
        CHECK_OK(lithia_reserve(ctx, (void **)&numbers, &room, i + 1, sizeof *numbers));
        numbers[i] = (int)i;
    }
    CHECK_EQUAL(numbers[0] + numbers[999], 999);
    CHECK_EQUAL((uintptr_t)numbers % 64, 0);
    lithia_free(numbers);
}

/* Known answers published with Random123 (kat_vectors, philox4x32-10). */
TEST(philox_gives_the_published_numbers)
{
    const struct {
        uint32_t counter[4], key[2], block[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < 3; i++) {
        uint32_t block[4];
        lithia_philox(known[i].counter, known[i].key, block);
        for (int k = 0; k < 4; k++)
            CHECK_EQUAL(block[k], known[i].block[k]);
    }
}

TEST(random_numbers_have_their_moments)
{
    enum { N = 200000 };
    lithia_random random;
    lithia_random_seed(&random, 1, 2);
    double u = 0, g = 0, g2 = 0, g4 = 0, y = 0, y2 = 0, small = 0;
    for (int i = 0; i < N; i++) {
        u += lithia_random_uniform(&random);
        double x = lithia_random_normal(&random);
        g += x;
        g2 += x * x;
        g4 += x * x * x * x;
        double gamma = lithia_random_gamma(&random, 3.5);
        y += gamma;
        y2 += gamma * gamma;
        small += lithia_random_gamma(&random, 0.5);
    }
    double root = sqrt(1.0 / N);
    CHECK_CLOSE(u / N, 0.5, 4 * root * sqrt(1.0 / 12), "four standard errors");
    CHECK_CLOSE(g / N, 0.0, 4 * root, "four standard errors");
    CHECK_CLOSE(g2 / N, 1.0, 4 * root * sqrt(2.0), "four standard errors");
    CHECK_CLOSE(g4 / N, 3.0, 4 * root * sqrt(96.0), "four standard errors");
    CHECK_CLOSE(y / N, 3.5, 4 * root * sqrt(3.5), "four standard errors");
    CHECK_CLOSE(y2 / N - y / N * (y / N), 3.5, 4 * root * sqrt(2 * 3.5 * 3.5 + 6 * 3.5), "four standard errors");
    CHECK_CLOSE(small / N, 0.5, 4 * root * sqrt(0.5), "four standard errors");
}

TEST(a_copied_random_state_goes_on_alike_and_streams_differ)
{
    lithia_random a, b, other;
    lithia_random_seed(&a, 42, 0);
    lithia_random_seed(&other, 42, 1);
    for (int i = 0; i < 5; i++)
        lithia_random_normal(&a);
    b = a;
    CHECK(lithia_random_normal(&a) == lithia_random_normal(&b));
    CHECK(lithia_random_u64(&a) == lithia_random_u64(&b));
    CHECK(lithia_random_u64(&a) != lithia_random_u64(&other));
    size_t order[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, seen = 0;
    lithia_random_shuffle(&a, 10, order);
    for (size_t i = 0; i < 10; i++)
        seen |= (size_t)1 << order[i];
    CHECK_EQUAL(seen, 1023);
}

TEST(quantities_are_read_with_units)
{
    double value;
    CHECK_OK(lithia_quantity_read(ctx, "30 GPa", LITHIA_PRESSURE, "GPa", &value));
    CHECK_RELATIVE(value, 0.18724527, 1e-7, "30/160.2176634 to the digits typed");
    CHECK_OK(lithia_quantity_read(ctx, "2fs", LITHIA_TIME, NULL, &value));
    CHECK_CLOSE(value, 0.002, 1e-18, "one rounding");
    CHECK_OK(lithia_quantity_read(ctx, "2", LITHIA_TIME, "fs", &value));
    CHECK_CLOSE(value, 0.002, 1e-18, "one rounding");
    CHECK_OK(lithia_quantity_read(ctx, "25 degC", LITHIA_TEMPERATURE, "K", &value));
    CHECK_CLOSE(value, 298.15, 1e-12, "one rounding");
    CHECK_OK(lithia_quantity_read(ctx, "-1.5e-3", LITHIA_DIMENSIONLESS, NULL, &value));
    CHECK_CLOSE(value, -0.0015, 1e-18, "one rounding");
}

TEST(wrong_quantities_are_refused_with_the_way_out)
{
    double value;
    CHECK_EQUAL(lithia_quantity_read(ctx, "30 GPA", LITHIA_PRESSURE, "GPa", &value), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "did you mean \"GPa\"");
    CHECK(isnan(value));
    CHECK_EQUAL(lithia_quantity_read(ctx, "30 K", LITHIA_PRESSURE, "GPa", &value), LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "is a unit of temperature");
    const char *const wrong[] = {"", "nan", "inf", "0x10", "1e999", "GPa", "1 2", "--1", "1..2"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CHECK_EQUAL(lithia_quantity_read(ctx, wrong[i], LITHIA_PRESSURE, "GPa", &value), LITHIA_INVALID);
}

TEST(the_nearest_name_is_found)
{
    const char *const names[] = {"pressure", "temperature", "r-max"};
    CHECK_TEXT(lithia_nearest_name("presure", names, 3), "pressure");
    CHECK_TEXT(lithia_nearest_name("temp", names, 3), "temperature");
    CHECK_TEXT(lithia_nearest_name("r_max", names, 3), "r-max");
    CHECK(lithia_nearest_name("bananas", names, 3) == NULL);
}

typedef struct {
    double partial[64];
    size_t thread_seen[8];
} sums;

static void add_up(void *arg, size_t chunk, size_t thread)
{
    sums *s = arg;
    for (size_t i = lithia_chunk_begin(100000, 64, chunk); i < lithia_chunk_begin(100000, 64, chunk + 1); i++)
        s->partial[chunk] += 1.0 / (double)(i + 1);
    __atomic_fetch_add(&s->thread_seen[thread], 1, __ATOMIC_RELAXED);
}

TEST(parallel_loops_do_each_chunk_once_with_the_same_bits)
{
    double first = 0.0;
    for (size_t n = 1; n <= 4; n++) {
        CHECK_OK(lithia_set_threads(ctx, n));
        for (int repeat = 0; repeat < 200; repeat++) {
            sums s = {0};
            lithia_parallel(ctx, 64, add_up, &s);
            double total = 0.0;
            size_t n_chunks = 0;
            for (size_t i = 0; i < 64; i++)
                total += s.partial[i];
            for (size_t i = 0; i < 8; i++)
                n_chunks += s.thread_seen[i];
            CHECK_EQUAL(n_chunks, 64);
            if (n == 1 && repeat == 0)
                first = total;
            CHECK(total == first);
        }
    }
    CHECK_EQUAL(lithia_set_threads(ctx, 0), LITHIA_INVALID);
}

TEST(chunks_cover_everything_once)
{
    for (size_t n = 0; n < 40; n++)
        for (size_t chunks = 1; chunks < 12; chunks++) {
            CHECK_EQUAL(lithia_chunk_begin(n, chunks, 0), 0);
            CHECK_EQUAL(lithia_chunk_begin(n, chunks, chunks), n);
        }
}

TEST(blobs_give_back_what_was_put_and_no_more)
{
    lithia_blob blob = {0};
    double pi = 3.5, back;
    char *text, one;
    CHECK_OK(lithia_blob_put_tag(ctx, &blob, "TEST", 2));
    CHECK_OK(lithia_blob_put(ctx, &blob, &pi, sizeof pi));
    CHECK_OK(lithia_blob_put_text(ctx, &blob, "lithium"));
    CHECK_EQUAL(lithia_blob_get_tag(ctx, &blob, "TEST", 3), LITHIA_PARSE);
    blob.read = 0;
    CHECK_OK(lithia_blob_get_tag(ctx, &blob, "TEST", 2));
    CHECK_OK(lithia_blob_get(ctx, &blob, &back, sizeof back));
    CHECK(back == pi);
    CHECK_OK(lithia_blob_get_text(ctx, &blob, &text));
    CHECK_TEXT(text, "lithium");
    lithia_free(text);
    CHECK_EQUAL(lithia_blob_get(ctx, &blob, &one, 1), LITHIA_PARSE);
    lithia_blob_free(&blob);
}
