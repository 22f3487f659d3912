#include "scan.h"
#include "table_header.h"
#include <ctype.h>
#include <lithia/core/memory.h>
#include <lithia/io/table.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef struct {
    lithia_context *ctx;
    lithia_file *file;
    const char *name;
    table_heading *heading; /* TABLE_COLUMNS of them */
    size_t n_headings;
    size_t n_word_lines;  /* lines of words before the data */
    size_t heading_line;  /* of a heading that is not commented out */
    bool eosfit, remarked; /* the headings are EosFit's; from a comment: only a guess */
    char pressure_unit[16], temperature_unit[16];
    char *title;
    char part; /* ' ' blanks, else the character; 0 not known yet */
    bool decimal_comma;
    size_t n_columns, n_rows, room;
    double *value;                /* rows by columns */
    double *sigma;                /* likewise, from brackets; NULL until the first */
    bool has_sigma[TABLE_COLUMNS];
} reader;

static bool is_comment(char c)
{
    return c == '#' || c == '%' || c == '!';
}

static lithia_status wrong(const reader *r, size_t column, const char *what, const char *word, size_t n)
{
    return lithia_fail_at(r->ctx, r->name, lithia_file_line_number(r->file), column, what, n > 40 ? 40 : (int)n, word);
}

/* A number, perhaps with a decimal comma, perhaps with (esd). *empty for nothing, NA, NaN and -. */
static bool field_number(const char *word, size_t n, bool comma, double *value, double *sigma, bool *empty)
{
    char text[64];
    while (n && (scan_blank(*word) || *word == '"'))
        word++, n--;
    while (n && (scan_blank(word[n - 1]) || word[n - 1] == '"'))
        n--;
    *value = *sigma = NAN;
    *empty = n == 0 || (n == 1 && (*word == '-' || *word == '?')) || (n == 2 && strncasecmp(word, "na", 2) == 0) ||
             (n == 3 && (strncasecmp(word, "nan", 3) == 0 || strncasecmp(word, "n/a", 3) == 0));
    if (*empty)
        return true;
    if (n >= sizeof text)
        return false;
    scan_copy(text, sizeof text, word, n);
    size_t n_commas = 0;
    for (char *c = text; *c && comma; c++)
        if (*c == ',') {
            *c = '.';
            n_commas++;
        }
    const char *p = text;
    if (n_commas > 1 || !scan_real_until(&p, "(", value) || !isfinite(*value))
        return false;
    if (*p == '(') {
        const char *point = memchr(text, '.', (size_t)(p - text)), *digits = p + 1;
        int64_t last = 0;
        for (p++; isdigit((unsigned char)*p) && p - digits < 9; p++)
            last = 10 * last + (*p - '0');
        const char *behind = point ? point + 1 : digits - 1;
        size_t n_behind = strspn(behind, "0123456789");
        if (p == digits || *p != ')' || strpbrk(text, "eE"))
            return false;
        *sigma = (double)last * pow(10.0, point ? -(double)n_behind : 0.0);
        p++;
    }
    return scan_end(p);
}

/* Which character parts the fields of a line: see the header. */
static char parting(const char *line, bool *decimal_comma)
{
    *decimal_comma = false;
    if (strchr(line, ';')) {
        *decimal_comma = true; /* where there are commas at all */
        return ';';
    }
    const char *comma = strchr(line, ',');
    if (strchr(scan_skip(line), '\t')) {
        *decimal_comma = true;
        return ' ';
    }
    if (!comma)
        return ' ';
    /* "1,5 2,5": blanks part, and each comma stands between two digits, once a word */
    bool decimal = true, blanks = false;
    for (const char *p = scan_skip(line); *p && decimal; p = scan_skip(p)) {
        size_t n, n_commas = 0;
        const char *word = scan_word(&p, &n);
        if (!word)
            break;
        for (size_t i = 0; i < n; i++)
            if (word[i] == ',') {
                n_commas++;
                decimal &= i > 0 && i + 1 < n && isdigit((unsigned char)word[i - 1]) &&
                           isdigit((unsigned char)word[i + 1]);
            }
        decimal &= n_commas <= 1;
        blanks |= !scan_end(p);
    }
    if (decimal && blanks) {
        *decimal_comma = true;
        return ' ';
    }
    return ',';
}

/* The fields of a line. @return how many; words beyond `most` are counted only */
static size_t fields(const char *line, char part, size_t most, const char *word[], size_t length[])
{
    size_t n = 0;
    const char *p = line;
    if (part == ' ') {
        size_t l;
        const char *w;
        while ((w = scan_word(&p, &l)) != NULL) {
            if (n < most) {
                word[n] = w;
                length[n] = l;
            }
            n++;
        }
        return n;
    }
    for (;;) {
        size_t l = 0;
        bool quote = false;
        while (p[l] && (quote || p[l] != part))
            quote ^= p[l++] == '"';
        if (!p[l] && n && scan_end(p)) /* a parting character at the end parts nothing */
            return n;
        if (n < most) {
            word[n] = p;
            length[n] = l;
        }
        n++;
        if (!p[l])
            return n;
        p += l + 1;
    }
}

/* Whether every field is a number or empty, and at least one is a number. */
static bool all_numbers(const char *line, char part, bool decimal_comma)
{
    const char *word[TABLE_COLUMNS];
    size_t length[TABLE_COLUMNS], n = fields(line, part, TABLE_COLUMNS, word, length), n_numbers = 0;
    for (size_t i = 0; i < n && i < TABLE_COLUMNS; i++) {
        double value, sigma;
        bool empty;
        if (!field_number(word[i], length[i], decimal_comma, &value, &sigma, &empty))
            return false;
        n_numbers += !empty;
    }
    return n_numbers > 0;
}

static lithia_status add_row(reader *r, const char *line)
{
    const char *word[TABLE_COLUMNS];
    size_t length[TABLE_COLUMNS], n = fields(line, r->part, TABLE_COLUMNS, word, length);
    if (n > TABLE_COLUMNS)
        return wrong(r, 0, "a table has at most 256 columns%.*s", "", 0);
    if (r->n_rows == 0)
        r->n_columns = n;
    if (n != r->n_columns)
        return lithia_fail_at(r->ctx, r->name, lithia_file_line_number(r->file), 0,
                              "the row has %zu fields, the rows before have %zu", n, r->n_columns);
    size_t need = (r->n_rows + 1) * n, room = r->room;
    LITHIA_TRY(lithia_reserve(r->ctx, (void **)&r->value, &r->room, need, sizeof *r->value));
    if (r->sigma && r->room > room)
        LITHIA_TRY(lithia_resize(r->ctx, (void **)&r->sigma, room, r->room, sizeof *r->sigma));
    for (size_t i = 0; i < n; i++) {
        double sigma;
        bool empty;
        size_t at = r->n_rows * n + i;
        if (!field_number(word[i], length[i], r->decimal_comma, &r->value[at], &sigma, &empty))
            return wrong(r, (size_t)(word[i] - line) + 1, "\"%.*s\" is no number", word[i], length[i]);
        if (isfinite(sigma) && !r->sigma) {
            r->sigma = lithia_calloc(r->ctx, r->room, sizeof *r->sigma);
            if (!r->sigma)
                return LITHIA_NOMEM;
            for (size_t k = 0; k < at; k++)
                r->sigma[k] = NAN;
        }
        if (r->sigma)
            r->sigma[at] = sigma;
        r->has_sigma[i] |= isfinite(sigma);
    }
    r->n_rows++;
    return LITHIA_OK;
}

/* EosFit's words. *taken if the line was one. */
static lithia_status directive(reader *r, const char *line, bool *taken)
{
    static const char *const words[] = {"title", "format", "system", "tscale", "pscale", "vscale", "lscale", "data"};
    const char *p = line;
    size_t n;
    const char *word = scan_word(&p, &n);
    *taken = false;
    for (size_t i = 0; word && i < sizeof words / sizeof words[0]; i++)
        *taken |= strlen(words[i]) == n && strncasecmp(word, words[i], n) == 0;
    if (!*taken || r->n_rows)
        return LITHIA_OK;
    p = scan_skip(p);
    if (strncasecmp(word, "title", 5) == 0) {
        lithia_free(r->title);
        r->title = lithia_strdup(r->ctx, p);
        return r->title ? LITHIA_OK : LITHIA_NOMEM;
    }
    if (strncasecmp(word, "format", 6) == 0) {
        while (isdigit((unsigned char)*p)) /* lines a datum */
            p++;
        r->n_headings = table_headings_read(p, strchr(p, ',') ? ',' : ' ', r->heading);
        r->eosfit = true;
        r->remarked = false;
        r->heading_line = lithia_file_line_number(r->file);
    }
    size_t length;
    const char *unit = scan_word(&p, &length);
    if (unit && strncasecmp(word, "pscale", 6) == 0)
        scan_copy(r->pressure_unit, sizeof r->pressure_unit, unit, length);
    if (unit && strncasecmp(word, "tscale", 6) == 0)
        snprintf(r->temperature_unit, sizeof r->temperature_unit, "%s", toupper((unsigned char)*unit) == 'C' ? "degC" : "K");
    return LITHIA_OK;
}

/* A line without numbers before the data: names of columns, or a title. */
static lithia_status words(reader *r, const char *line, bool comment)
{
    if (r->eosfit)
        return LITHIA_OK;
    bool decimal;
    char part = parting(line, &decimal);
    if (part == ' ' && strchr(scan_skip(line), '\t') && !strpbrk(line, "(["))
        part = '\t';
    if (comment && part == ',' && strchr(line, '(')) /* "(quartz, 298 K)" */
        part = ' ';
    if (comment && r->n_headings && !r->remarked)
        return LITHIA_OK; /* real names came before */
    size_t n = table_headings_read(line, part, r->heading);
    if (n == 0)
        return LITHIA_OK;
    if (!r->title && comment) {
        r->title = lithia_strdup(r->ctx, scan_skip(line));
        if (!r->title)
            return LITHIA_NOMEM;
    }
    r->n_headings = n;
    r->remarked = comment;
    r->heading_line = lithia_file_line_number(r->file);
    return LITHIA_OK;
}

static bool begins_with_number(const char *p)
{
    double value;
    return scan_real_until(&p, " \t,;", &value);
}

static lithia_status take_line(reader *r, char *line, size_t n)
{
    if (memchr(line, 0, n))
        return wrong(r, 0, "a zero byte: this is not a text file%.*s", "", 0);
    if (r->n_rows == 0 && lithia_file_line_number(r->file) == 1 && n >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0)
        line += 3; /* a byte order mark */
    const char *p = scan_skip(line);
    if (!*p)
        return LITHIA_OK;
    if (is_comment(*p)) {
        while (is_comment(*p))
            p++;
        return r->n_rows || scan_end(p) ? LITHIA_OK : words(r, p, true);
    }
    bool taken, decimal;
    LITHIA_TRY(directive(r, p, &taken));
    if (taken)
        return LITHIA_OK;
    for (char *c = line; *c; c++) /* a remark behind the numbers */
        if (is_comment(*c) && c > line && scan_blank(c[-1])) {
            *c = 0;
            break;
        }
    if (r->n_rows == 0) {
        char part = parting(line, &decimal);
        if (!all_numbers(line, part, decimal)) {
            if (begins_with_number(p)) /* a damaged row must not pass for a line of names */
                return wrong(r, 1, "\"%.*s\" is neither a row of numbers nor a line of names", p, strlen(p));
            r->n_word_lines++;
            return words(r, line, false);
        }
        r->part = part;
        r->decimal_comma = decimal;
    }
    return add_row(r, line);
}

static bool name_taken(const reader *r, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(r->heading[i].name, name) == 0)
            return true;
    return false;
}

static lithia_status settle_headings(reader *r)
{
    if (r->n_headings && r->n_headings != r->n_columns) {
        if (!r->remarked && r->n_word_lines < 2) /* several lines of words are a preamble */
            return lithia_fail_at(r->ctx, r->name, r->heading_line, 0, "%zu columns are named, but rows have %zu fields",
                                  r->n_headings, r->n_columns);
        r->n_headings = 0; /* a comment in words */
    }
    for (size_t i = 0; i < r->n_columns; i++) {
        if (i >= r->n_headings)
            r->heading[i] = (table_heading){0};
        else if (r->eosfit)
            table_heading_eosfit(&r->heading[i], r->pressure_unit, r->temperature_unit);
        if (!r->heading[i].name[0])
            snprintf(r->heading[i].name, sizeof r->heading[i].name, "c%zu", i + 1);
        for (size_t k = 2; name_taken(r, i, r->heading[i].name); k++) { /* two of one name: the second gets a number */
            char *end = strrchr(r->heading[i].name, '.');
            size_t n = end && k > 2 ? (size_t)(end - r->heading[i].name) : strlen(r->heading[i].name);
            n = n < TABLE_NAME - 8 ? n : TABLE_NAME - 8;
            snprintf(r->heading[i].name + n, TABLE_NAME - n, ".%zu", k);
        }
    }
    return LITHIA_OK;
}

static lithia_status fill(reader *r, lithia_table *table)
{
    LITHIA_TRY(settle_headings(r));
    table->n_rows = r->n_rows;
    for (size_t i = 0; i < r->n_columns; i++) {
        double *values;
        LITHIA_TRY(lithia_table_add(r->ctx, table, r->heading[i].name, r->heading[i].unit, &values));
        for (size_t row = 0; row < r->n_rows; row++)
            values[row] = r->value[row * r->n_columns + i];
    }
    for (size_t i = 0; i < r->n_columns; i++) {
        char name[TABLE_NAME + 1];
        snprintf(name, sizeof name, "s%s", r->heading[i].name);
        if (!r->has_sigma[i] || lithia_table_find(table, name))
            continue;
        double *values;
        LITHIA_TRY(lithia_table_add(r->ctx, table, name, r->heading[i].unit, &values));
        for (size_t row = 0; row < r->n_rows; row++)
            values[row] = r->sigma[row * r->n_columns + i];
    }
    table->title = r->title;
    r->title = NULL;
    return LITHIA_OK;
}

static lithia_status read_lines(reader *r)
{
    for (;;) {
        char *line;
        size_t n;
        LITHIA_TRY(lithia_file_line(r->file, &line, &n));
        if (!line)
            break;
        LITHIA_TRY(take_line(r, line, n));
    }
    if (r->n_rows == 0)
        return lithia_fail_at(r->ctx, r->name, 0, 0, "there is no line of numbers in it");
    return LITHIA_OK;
}

/* The caller's names take the place of the file's. */
static lithia_status take_columns(reader *r, const char *columns)
{
    r->n_headings = table_headings_read(columns, strchr(columns, ',') ? ',' : ' ', r->heading);
    r->eosfit = r->remarked = false;
    if (r->n_headings != r->n_columns)
        return lithia_fail(r->ctx, LITHIA_INVALID, "%s has %zu columns, but %zu are named: \"%s\"", r->name, r->n_columns,
                           r->n_headings, columns);
    return LITHIA_OK;
}

lithia_status lithia_table_read_from(lithia_context *ctx, lithia_file *file, const lithia_table_options *options,
                                     lithia_table *table)
{
    lithia_table_free(table);
    reader r = {.ctx = ctx, .file = file, .name = lithia_file_name_view(file), .pressure_unit = "GPa",
                .temperature_unit = "K"};
    r.heading = lithia_calloc(ctx, TABLE_COLUMNS, sizeof *r.heading);
    lithia_status status = r.heading ? read_lines(&r) : LITHIA_NOMEM;
    if (status == LITHIA_OK && options && options->columns)
        status = take_columns(&r, options->columns);
    if (status == LITHIA_OK)
        status = fill(&r, table);
    if (status != LITHIA_OK)
        lithia_table_free(table);
    lithia_free(r.heading);
    lithia_free(r.title);
    lithia_free(r.value);
    lithia_free(r.sigma);
    return status;
}

lithia_status lithia_table_read(lithia_context *ctx, const char *path, const lithia_table_options *options,
                                lithia_table *table, char sha256[65])
{
    lithia_file *file;
    lithia_table_free(table);
    LITHIA_TRY(lithia_file_open(ctx, path, &file));
    lithia_status status = lithia_table_read_from(ctx, file, options, table);
    if (status == LITHIA_OK && sha256)
        status = lithia_file_sha256(file, sha256);
    lithia_file_close(file);
    if (status != LITHIA_OK)
        lithia_table_free(table);
    return status;
}
