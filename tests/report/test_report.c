#include "test.h"
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
