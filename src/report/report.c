#include <lithia/report/report.h>
#include "report/json.h"
#include "report/plain.h"
#include "report/text.h"
#include <lithia/core/data.h>
#include <lithia/core/memory.h>
#include <string.h>

/* The page's holes, as src/report/web/page.html has them. */
static const char hole_title[] = "<!--lithia-title-->";
static const char hole_plain[] = "<!--lithia-plain-->";
static const char hole_data[] = "<!--lithia-data-->";

static lithia_status check(lithia_context *ctx, const lithia_report *report)
{
    if (!report->title || !*report->title)
        return lithia_fail(ctx, LITHIA_INVALID, "report: it has no title; set lithia_report.title");
    for (size_t i = 0; i < report->n_sections; i++) {
        const char *stage = report->section[i].stage;
        if (!stage || !*stage)
            return lithia_fail(ctx, LITHIA_INVALID, "report: section %zu of %zu has no stage name", i + 1,
                               report->n_sections);
        for (size_t j = 0; j < i; j++)
            if (strcmp(stage, report->section[j].stage) == 0)
                return lithia_fail(ctx, LITHIA_INVALID, "report: sections %zu and %zu are both called \"%s\"; names "
                                   "must differ", j + 1, i + 1, stage);
    }
    return LITHIA_OK;
}

lithia_status lithia_report_write_plain(lithia_context *ctx, const lithia_report *report, char **html, size_t *n)
{
    *html = NULL;
    *n = 0;
    LITHIA_TRY(check(ctx, report));
    text_page out = {.ctx = ctx};
    text_puts(&out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
    report_put_html(&out, report->title);
    text_puts(&out, "</title>\n<style>\nbody{font:16px/1.5 sans-serif;max-width:60em;margin:auto;padding:1em}\n"
                      "table{border-collapse:collapse;display:block;overflow-x:auto}\n"
                      "th,td{border-bottom:1px solid #ccc;padding:.2em .6em;text-align:left;font-weight:normal}\n"
                      "pre{overflow-x:auto;background:#eee;padding:.5em}\n</style>\n</head>\n<body>\n<main>\n");
    report_put_plain(&out, report);
    text_puts(&out, "</main>\n</body>\n</html>\n");
    return text_finish(&out, html, n);
}

lithia_status lithia_report_write(lithia_context *ctx, const lithia_report *report, char **html, size_t *n)
{
    *html = NULL;
    *n = 0;
    size_t n_page;
    const char *page = lithia_data_view("report/page.html", &n_page);
    if (!page)
        return lithia_report_write_plain(ctx, report, html, n);
    LITHIA_TRY(check(ctx, report));
    const char *title = strstr(page, hole_title);
    const char *plain = title ? strstr(title, hole_plain) : NULL;
    const char *data = plain ? strstr(plain, hole_data) : NULL;
    if (!data)
        return lithia_fail(ctx, LITHIA_INTERNAL, "report: the page in this build lacks its places for the data");

    text_page out = {.ctx = ctx};
    text_put(&out, page, (size_t)(title - page));
    report_put_html(&out, report->title);
    title += strlen(hole_title);
    text_put(&out, title, (size_t)(plain - title));
    report_put_plain(&out, report);
    plain += strlen(hole_plain);
    text_put(&out, plain, (size_t)(data - plain));
    report_put_json(&out, report);
    text_puts(&out, data + strlen(hole_data));
    return text_finish(&out, html, n);
}
