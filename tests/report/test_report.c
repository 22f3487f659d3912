/* The page as bytes: a whole document, nothing fetched from elsewhere, text that cannot become markup, the same bytes every time.
 * What the page looks like is test_report_page.sh's matter. The fixture's page is left in the scratch folder for it. */
#include "fixture.h"
#include <jansson.h>
#include <lithia/core/memory.h>
#include <lithia/core/version.h>

/* The page of a report; ends the test on failure. */
static char *page_of(lithia_context *ctx, const lithia_report *report, size_t *n)
{
    char *html;
    CHECK_OK(lithia_report_write(ctx, report, &html, n));
    CHECK_EQUAL(strlen(html), *n);
    return html;
}

/* The data block, parsed; NULL where the build has no interactive page. */
static json_t *data_of(const char *html)
{
    static const char begin[] = "<script type=\"application/json\" id=\"lithia-report\">";
    const char *from = strstr(html, begin);
    if (!from)
        return NULL;
    from += strlen(begin);
    const char *to = strstr(from, "</script>");
    CHECK(to != NULL);
    json_error_t error;
    json_t *data = json_loadb(from, (size_t)(to - from), 0, &error);
    if (!data)
        test_fail(__FILE__, __LINE__, "the data block is no JSON: %s at line %d", error.text, error.line);
    return data;
}

static json_t *at(json_t *from, const char *key, size_t i)
{
    json_t *list = json_object_get(from, key);
    CHECK(list != NULL && json_array_size(list) > i);
    return json_array_get(list, i);
}

static size_t count(const char *in, const char *what)
{
    size_t n = 0;
    for (const char *at_ = in; (at_ = strstr(at_, what)); at_ += strlen(what))
        n++;
    return n;
}

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
TEST(the_same_report_has_the_same_bytes)
{
    fixture one, two;
    fixture_make(ctx, &one);
    fixture_make(ctx, &two);
    size_t n, n_again;
    char *html = page_of(ctx, &one.report, &n), *again = page_of(ctx, &two.report, &n_again);
    CHECK(n == n_again && memcmp(html, again, n) == 0);
    FILE *file = fopen(TEST_SCRATCH "/report.html", "wb");
    CHECK(file && fwrite(html, 1, n, file) == n && fclose(file) == 0);
    lithia_free(html);
    lithia_free(again);
    fixture_free(&one);
    fixture_free(&two);
}

TEST(the_page_is_whole_and_fetches_nothing)
{
    fixture it;
    fixture_make(ctx, &it);
    size_t n;
    char *html = page_of(ctx, &it.report, &n);
    CHECK(strncmp(html, "<!DOCTYPE html>", 15) == 0);
    const char *const once[] = {"<html ", "</html>", "<head>", "</head>", "<body>", "</body>", "<title>Li4Ti5O12 under pressure</title>",
                                "<meta charset=\"utf-8\">", "name=\"viewport\""};
    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++)
        if (count(html, once[i]) != 1)
            test_fail(__FILE__, __LINE__, "%s is there %zu times", once[i], count(html, once[i]));
    const char *const never[] = {"src=\"http", "src=http", "href=\"http", "href=http", "src=\"//", "href=\"//", "url(http", "url(//", "@import",
                                 "<link", "fetch(", "XMLHttpRequest", "WebSocket", "sendBeacon", "<iframe", "importScripts", "<!--lithia-"};
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (strstr(html, never[i]))
            test_fail(__FILE__, __LINE__, "the page has %s: %.60s", never[i], strstr(html, never[i]));
    CHECK_EQUAL(count(html, "<script>alert"), 0);
    CHECK_EQUAL(count(html, "<script"), count(html, "</script>"));
    lithia_free(html);
    fixture_free(&it);
}

TEST(text_comes_back_as_it_went_in)
{
    static const char nasty[] = "</script><!--<script> \"quoted\" \\ & \t\n \x01 \xE2\x80\xA8 \xC3\x85 \xF0\x9F\x94\x8B";
    const char *const paragraphs[] = {nasty, "bad \xFF\xC0\x80\xED\xA0\x80 end"};
    size_t n;
    char *html = page_of(ctx, &(lithia_report){.title = "t", .n_paragraphs = 2, .paragraph = paragraphs}, &n);
    json_t *data = data_of(html);
    if (data) {
        CHECK_TEXT(json_string_value(at(data, "paragraphs", 0)), nasty);
        /* RFC 3629: ff is no UTF-8, c0 80 is overlong, ed a0 80 a surrogate: six bytes, one replacement each */
        CHECK_TEXT(json_string_value(at(data, "paragraphs", 1)),
                   "bad \xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD end");
    }
    json_decref(data);
    CHECK(strstr(html, "</script><!--") == NULL);
    lithia_free(html);
    CHECK_OK(lithia_report_write_plain(ctx, &(lithia_report){.title = "t", .n_paragraphs = 2, .paragraph = paragraphs}, &html, &n));
    CHECK_CONTAINS(html, "&lt;/script&gt;&lt;!--&lt;script&gt; &quot;quoted&quot; \\ &amp;");
    lithia_free(html);
}

TEST(numbers_keep_every_digit)
{
    lithia_result *result = lithia_result_new(ctx);
    const double value = 0.1 + 0.2, curve[3] = {1.0 / 3.0, NAN, 1e-300};
    lithia_result_error(lithia_result_real(result, "x", "GPa", value), 1, (const double[]){1.0 / 7.0}, "made up");
    lithia_result_real(result, "nothing", "K", NAN);
    lithia_result_reals(result, "curve", "A", 3, curve);
    lithia_report_member member = {.result = result, .value = NAN};
    lithia_report_section section = {.stage = "s", .n_members = 1, .member = &member};
    size_t n;
    char *html = page_of(ctx, &(lithia_report){.title = "t", .n_sections = 1, .section = &section}, &n);
    json_t *data = data_of(html);
    if (data) {
        json_t *tree = json_object_get(at(at(data, "sections", 0), "members", 0), "result"), *x = at(tree, "children", 0);
        CHECK(json_number_value(json_object_get(x, "value")) == value);
        CHECK(json_number_value(json_object_get(x, "error")) == 1.0 / 7.0);
        CHECK_TEXT(json_string_value(json_object_get(x, "key")), "x_GPa");
        CHECK_TEXT(json_string_value(json_object_get(x, "how")), "made up");
        CHECK(json_object_get(at(tree, "children", 1), "value") == NULL);
        json_t *array = at(data, "arrays", (size_t)json_integer_value(json_object_get(at(tree, "children", 2), "array")));
        CHECK_RELATIVE(json_number_value(json_array_get(array, 0)), 1.0 / 3.0, 5e-9, "nine significant digits");
        CHECK(json_is_null(json_array_get(array, 1)));
        CHECK_RELATIVE(json_number_value(json_array_get(array, 2)), 1e-300, 5e-9, "nine significant digits");
    }
    json_decref(data);
    lithia_free(html);
    lithia_result_free(result);
}

/* The figure's curves, by name, with the first value of each. */
static void check_curves(json_t *data, json_t *figure, size_t n, const char *const name[], const double first[])
{
    json_t *curves = json_object_get(figure, "curves");
    CHECK_EQUAL(json_array_size(curves), n);
    for (size_t i = 0; i < n; i++) {
        json_t *curve = json_array_get(curves, i);
        CHECK_TEXT(json_string_value(json_object_get(curve, "name")), name[i]);
        json_t *y = at(data, "arrays", (size_t)json_integer_value(json_object_get(curve, "y")));
        CHECK_CLOSE(json_number_value(json_array_get(y, 0)), first[i], 0.0, "whole numbers");
    }
}

TEST(figures_are_followed_to_their_curves)
{
    lithia_result *result = lithia_result_new(ctx);
    const double x[3] = {1, 2, 3}, short_one[2] = {1, 2}, lag[2] = {10, 100}, matrix[6] = {11, 12, 13, 21, 22, 23};
    lithia_result_reals(result, "x", "A", 3, x);
    lithia_result *partials = lithia_result_group(result, "partials");
    lithia_result_reals(lithia_result_group(partials, "Li-O"), "g", "", 3, (const double[]){5, 6, 7});
    lithia_result_reals(lithia_result_group(partials, "Ti-O"), "g", "", 3, (const double[]){8, 9, 10});
    lithia_result_reals(result, "lag", "ps", 2, lag); /* names the rows: the first of two elements beside the matrix */
    lithia_result_reals(result, "short", "", 2, short_one);
    lithia_result_matrix(result, "gs", "1/A", 2, 3, matrix);
    for (int i = 0; i < 3; i++) {
        lithia_result *peak = lithia_result_append(lithia_result_list(result, "peaks"));
        lithia_result_real(peak, "at", "deg", 30.0 + i);
        lithia_result_error(lithia_result_real(peak, "height", "", 50.0 + i), 1, (const double[]){0.5}, "fit");
    }
    lithia_result_figure(result, &(lithia_figure){.title = "stars", .x = "x", .y = {"partials.*.g"}});
    lithia_result_figure(result, &(lithia_figure){.title = "rows", .x = "x", .y = {"gs"}});
    lithia_result_figure(result, &(lithia_figure){.title = "list", .x = "peaks.*.at", .y = {"peaks.*.height"}, .sticks = true});
    lithia_result_figure(result, &(lithia_figure){.title = "wrong", .x = "x", .y = {"short", "absent", "partials.Li-O.g"}, .y_name = {NULL, NULL, "good"}});
    CHECK_OK(lithia_result_status(result));
    lithia_report_member members[2] = {{.result = result, .value = 1}, {.result = NULL, .value = 2, .note = "failed"}};
    lithia_report_section section = {.stage = "s", .variable = "pressure", .unit = "GPa", .n_members = 2, .member = members};
    size_t n;
    char *html = page_of(ctx, &(lithia_report){.title = "t", .n_sections = 1, .section = &section}, &n);
    json_t *data = data_of(html);
    if (data) {
        json_t *page = at(data, "sections", 0);
        CHECK_EQUAL(json_array_size(json_object_get(page, "figures")), 4);
        check_curves(data, at(page, "figures", 0), 2, (const char *const[]){"Li-O", "Ti-O"}, (const double[]){5, 8});
        check_curves(data, at(page, "figures", 1), 2, (const char *const[]){"lag 10 ps", "lag 100 ps"}, (const double[]){11, 21});
        check_curves(data, at(page, "figures", 2), 1, (const char *const[]){"height"}, (const double[]){50});
        CHECK_TEXT(json_string_value(json_object_get(at(page, "figures", 2), "x_unit")), "deg");
        CHECK(json_object_get(at(at(page, "figures", 2), "curves", 0), "y_error") != NULL);
        check_curves(data, at(page, "figures", 3), 1, (const char *const[]){"good"}, (const double[]){5});
        const char *warning = json_string_value(at(page, "warnings", 0));
        CHECK_CONTAINS(warning, "\"wrong\": absent is no array of this result");
        CHECK_CONTAINS(warning, "short has another length than its abscissa");
        CHECK_TEXT(json_string_value(json_object_get(at(page, "members", 1), "note")), "failed");
    }
    json_decref(data);
    lithia_free(html);
    lithia_result_free(result);
}

/* Deviation -3.71 = 110.39 - 114.1, 3.25 %, over hypot(5.7, 2.41) = 6.188: 0.6 standard errors. */
TEST(the_plain_page_says_the_same)
{
    fixture it;
    fixture_make(ctx, &it);
    char *html;
    size_t n;
    CHECK_OK(lithia_report_write_plain(ctx, &it.report, &html, &n));
    CHECK_CONTAINS(html, "bulk modulus of the cell</th><td>GPa</td><td>114.1(57)</td><td>110.4(24)</td><td>-3.7(62)</td><td>-3.3</td><td>-0.6</td>");
    CHECK_CONTAINS(html, "<td>17.6 (published error not stated)</td>"); /* (131.2 - 97.7) / 1.9 */
    CHECK_CONTAINS(html, "<td>&lt; 3e-08</td>");
    CHECK_CONTAINS(html, "[differs] The spinel collapses");
    CHECK_CONTAINS(html, "<h3>0 GPa, recovered</h3>");
    CHECK_CONTAINS(html, "<th>K0</th><td>110.4(24) GPa</td>");
    CHECK_CONTAINS(html, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    CHECK_CONTAINS(html, lithia_version());
    CHECK_EQUAL(count(html, "<script"), 0);
    CHECK_EQUAL(count(html, "<table>"), count(html, "</table>"));
    lithia_free(html);
    fixture_free(&it);
}

TEST(every_allocation_may_fail)
{
    fixture it;
    fixture_make(ctx, &it);
    it.report.n_sections = 3; /* the ladder with its structures and figures, the patterns, the fit */
    it.sections[1].n_members = 1;
    char *html = NULL;
    size_t n, tried = 0;
    lithia_status status = LITHIA_NOMEM;
    for (size_t k = 1; status != LITHIA_OK; k += k < 40 ? 1 : 7, tried++) {
        (void)lithia_fail_allocation(k);
        status = lithia_report_write(ctx, &it.report, &html, &n);
        (void)lithia_fail_allocation(0);
        if (status != LITHIA_OK && (status != LITHIA_NOMEM || html != NULL))
            test_fail(__FILE__, __LINE__, "allocation %zu failed: %s, html %p", k, lithia_status_name(status), (void *)html);
    }
    CHECK(tried > 40);
    lithia_free(html);
    fixture_free(&it);
}
