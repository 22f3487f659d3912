#include "fixture.h"
#include <lithia/core/memory.h>
#include <lithia/report/report.h>

TEST(a_report_needs_a_title_and_names)
{
    char *html;
    size_t n;
    CHECK_FAILS(lithia_report_write(ctx, &(lithia_report){0}, &html, &n), LITHIA_INVALID);
    CHECK(html == NULL && n == 0);
    lithia_report_section twice[2] = {{.stage = "md"}, {.stage = "md"}};
    CHECK_FAILS(lithia_report_write(ctx, &(lithia_report){.title = "x", .n_sections = 2, .section = twice}, &html, &n),
                LITHIA_INVALID);
    CHECK_CONTAINS(lithia_message_view(ctx), "\"md\"");
    twice[1].stage = NULL;
    CHECK_FAILS(lithia_report_write(ctx, &(lithia_report){.title = "x", .n_sections = 2, .section = twice}, &html, &n),
                LITHIA_INVALID);
}

TEST(an_empty_report_is_a_page)
{
    char *html;
    size_t n;
    CHECK_OK(lithia_report_write_plain(ctx, &(lithia_report){.title = "<b>Li & Ti</b>"}, &html, &n));
    CHECK_EQUAL(strlen(html), n);
    CHECK(strncmp(html, "<!DOCTYPE html>", 15) == 0);
    CHECK_CONTAINS(html, "<title>&lt;b&gt;Li &amp; Ti&lt;/b&gt;</title>");
    CHECK_CONTAINS(html, "</html>");
    lithia_free(html);
}

/* Also leaves the page for the script test, which looks at it in a browser. */
TEST(a_whole_report)
{
    fixture it;
    fixture_make(ctx, &it);
    char *html, *again;
    size_t n, n_again;
    CHECK_OK(lithia_report_write(ctx, &it.report, &html, &n));
    CHECK_OK(lithia_report_write(ctx, &it.report, &again, &n_again));
    CHECK(n == n_again && memcmp(html, again, n) == 0);
    FILE *file = fopen(TEST_SCRATCH "/report.html", "wb");
    CHECK(file && fwrite(html, 1, n, file) == n && fclose(file) == 0);
    lithia_free(html);
    lithia_free(again);
    fixture_free(&it);
}
