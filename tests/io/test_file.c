#include <errno.h>
#include <fcntl.h>
#include <lithia/core/memory.h>
#include <lithia/io/file.h>
#include <lithia/io/output_file.h>
#include <lithia/io/sha256.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "io/sha256.h"
#include "test.h"

#define HERE TEST_SCRATCH "/test_file_"

static void digest(const void *bytes, size_t n, size_t step, char text[65])
{
    lithia_sha256 sha;
    lithia_sha256_start(&sha);
    for (size_t i = 0; i < n; i += step)
        lithia_sha256_add(&sha, (const char *)bytes + i, n - i < step ? n - i : step);
    lithia_sha256_text(&sha, text);
}

TEST(sha256_gives_the_digests_of_fips_180_4)
{
    /* the examples of NIST's "Cryptographic Standards: SHA-256" and one million times `a` */
    static const char *const two = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    char text[65], *million = malloc(1000000);
    CHECK(million != NULL);
    memset(million, 'a', 1000000);
    for (size_t step = 1; step < 200; step += 37) {
        digest("abc", 3, step, text);
        CHECK_TEXT(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        digest(two, 56, step, text);
        CHECK_TEXT(text, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        digest(million, 1000000, step * 1000, text);
        CHECK_TEXT(text, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }
    digest("", 0, 1, text);
    CHECK_TEXT(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    free(million);
}

TEST(sha256_with_instructions_is_the_scalar_one)
{
    unsigned char bytes[64 * 9];
    if (sha256_blocks_best() != sha256_blocks_ni)
        test_skip("this processor has no SHA instructions");
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 167 + i / 7);
    for (size_t n = 0; n <= 9; n++) {
        uint32_t a[8] = {1, 2, 3, 4, 5, 6, 7, 8}, b[8] = {1, 2, 3, 4, 5, 6, 7, 8};
        sha256_blocks_scalar(a, bytes, n);
        sha256_blocks_ni(b, bytes, n);
        CHECK(memcmp(a, b, sizeof a) == 0);
    }
}

TEST(lines_and_compression)
{
    static const char *const name[] = {"a.txt", "a.txt.gz", "a.txt.xz", "a.txt.zst"};
    for (int f = 0; f < 4; f++) {
        char path[512], *line;
        size_t n;
        lithia_output_file *output;
        lithia_file *file;
        snprintf(path, sizeof path, HERE "%s", name[f]);
        CHECK_OK(lithia_output_file_open(ctx, path, &output));
        for (int i = 0; i < 100000; i++) /* beyond every buffer */
            CHECK_OK(lithia_output_file_print(output, "line %d%s", i, i % 3 ? "\n" : "\r\n"));
        CHECK_OK(lithia_output_file_print(output, "\nthe last, without an end"));
        CHECK_OK(lithia_output_file_commit(output));
        lithia_output_file_free(output);
        CHECK_OK(lithia_file_open(ctx, path, &file));
        const char *head;
        CHECK_OK(lithia_file_peek(file, 6, &head, &n));
        CHECK(n == 6 && memcmp(head, "line 0", 6) == 0);
        for (int i = 0; i < 100000; i++) {
            char want[32];
            snprintf(want, sizeof want, "line %d", i);
            CHECK_OK(lithia_file_line(file, &line, &n));
            CHECK_TEXT(line, want);
            CHECK_EQUAL(lithia_file_line_number(file), i + 1);
        }
        CHECK_OK(lithia_file_line(file, &line, &n));
        CHECK_TEXT(line, "");
        CHECK_OK(lithia_file_line(file, &line, &n));
        CHECK_TEXT(line, "the last, without an end");
        CHECK_OK(lithia_file_line(file, &line, &n));
        CHECK(line == NULL);
        char ours[65], command[600], theirs[65] = "";
        CHECK_OK(lithia_file_sha256(file, ours));
        lithia_file_close(file);
        snprintf(command, sizeof command, "sha256sum %s", path);
        FILE *pipe = popen(command, "r");
        CHECK(pipe && fread(theirs, 1, 64, pipe) == 64);
        pclose(pipe);
        CHECK_TEXT(ours, theirs);
    }
}

TEST(what_other_programs_compressed_in_pieces)
{
    static const char *const tool[] = {"gzip -c", "xz -c", "zstd -qc"};
    for (int t = 0; t < 3; t++) {
        char command[600], *line;
        lithia_file *file;
        snprintf(command, sizeof command, "(echo one | %s; echo two | %s) > " HERE "pieces", tool[t], tool[t]);
        if (system(command) != 0)
            test_skip("gzip, xz or zstd is not installed");
        CHECK_OK(lithia_file_open(ctx, HERE "pieces", &file));
        CHECK_OK(lithia_file_line(file, &line, NULL));
        CHECK_TEXT(line, "one");
        CHECK_OK(lithia_file_line(file, &line, NULL));
        CHECK_TEXT(line, "two");
        CHECK_OK(lithia_file_line(file, &line, NULL));
        CHECK(line == NULL);
        lithia_file_close(file);
        /* cut off: an error, not an end */
        CHECK(truncate(HERE "pieces", 20) == 0);
        CHECK_OK(lithia_file_open(ctx, HERE "pieces", &file));
        lithia_status status = LITHIA_OK;
        for (line = ""; status == LITHIA_OK && line;)
            status = lithia_file_line(file, &line, NULL);
        CHECK_FAILS(status, LITHIA_PARSE);
        CHECK_CONTAINS(lithia_message_view(ctx), "damaged");
        lithia_file_close(file);
    }
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

TEST(a_file_appears_only_when_whole)
{
    lithia_output_file *output;
    CHECK_OK(lithia_write_file(ctx, HERE "kept", "old", 3));
    CHECK_OK(lithia_output_file_open(ctx, HERE "kept", &output));
    CHECK_OK(lithia_output_file_write(output, "new", 3));
    char *now = test_read_file(HERE "kept", NULL);
    CHECK_TEXT(now, "old"); /* still */
    free(now);
    lithia_output_file_free(output);
    now = test_read_file(HERE "kept", NULL);
    CHECK_TEXT(now, "old"); /* not committed */
    free(now);
    CHECK_OK(lithia_output_file_open(ctx, HERE "kept", &output));
    CHECK_OK(lithia_output_file_write(output, "new", 3));
    CHECK_OK(lithia_output_file_commit(output));
    lithia_output_file_free(output);
    now = test_read_file(HERE "kept", NULL);
    CHECK_TEXT(now, "new");
    free(now);
    CHECK(system("ls -a " TEST_SCRATCH " | grep -q 'test_file_kept.*part'") != 0); /* nothing is left beside it */
}

TEST(folders_that_cannot_be_written_to_and_full_disks)
{
    lithia_output_file *output;
    CHECK_FAILS(lithia_output_file_open(ctx, HERE "nowhere/file", &output), LITHIA_IO);
    CHECK(output == NULL);
    CHECK_FAILS(lithia_output_file_open(ctx, TEST_SCRATCH, &output), LITHIA_IO);
    CHECK_CONTAINS(lithia_message_view(ctx), "folder");
    if (exists("/dev/full")) {
        CHECK_OK(lithia_output_file_open(ctx, "/dev/full", &output));
        CHECK_OK(lithia_output_file_write(output, "x", 1));
        CHECK_FAILS(lithia_output_file_commit(output), LITHIA_IO);
        CHECK_CONTAINS(lithia_message_view(ctx), "No space left");
        lithia_output_file_free(output);
    }
    if (geteuid() == 0) { /* root may write everywhere; try as nobody */
        pid_t child = fork();
        if (child == 0) {
            mkdir(HERE "readonly", 0555);
            if (setuid(65534) != 0)
                _exit(2);
            lithia_status status = lithia_output_file_open(ctx, HERE "readonly/file", &output);
            _exit(status == LITHIA_IO ? 0 : 1);
        }
        int how;
        waitpid(child, &how, 0);
        CHECK(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    }
}

TEST(files_that_cannot_be_read)
{
    lithia_file *file;
    CHECK_FAILS(lithia_file_open(ctx, HERE "missing", &file), LITHIA_IO);
    CHECK_CONTAINS(lithia_message_view(ctx), "No such file");
    CHECK(file == NULL);
    CHECK_FAILS(lithia_file_open(ctx, TEST_SCRATCH, &file), LITHIA_IO);
    char *line, *all;
    size_t n;
    static char text[1 << 18];
    memset(text, 'x', sizeof text);
    CHECK_OK(lithia_file_open_memory(ctx, "memory", text, sizeof text, &file));
    CHECK_FAILS(lithia_file_rest(file, 1000, &all, &n), LITHIA_INVALID);
    lithia_file_close(file);
    CHECK_OK(lithia_file_open_memory(ctx, "memory", text, sizeof text, &file));
    CHECK_OK(lithia_file_line(file, &line, &n));
    CHECK_EQUAL(n, sizeof text);
    lithia_file_close(file);
}

TEST(every_allocation_may_fail)
{
    for (size_t i = 1;; i++) {
        char *line;
        lithia_file *file;
        lithia_fail_allocation(i);
        lithia_status status = lithia_file_open(ctx, HERE "kept", &file);
        if (status == LITHIA_OK)
            status = lithia_file_line(file, &line, NULL);
        lithia_file_close(file);
        lithia_fail_allocation(0);
        if (status == LITHIA_OK)
            break;
        CHECK_FAILS(status, LITHIA_NOMEM);
        CHECK(i < 100);
    }
}
