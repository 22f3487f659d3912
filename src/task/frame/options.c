#include <inttypes.h>
#include <lithia/core/memory.h>
#include <lithia/task/options.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The values of one option. Numbers are kept twice: as typed for the echo and in internal units. */
typedef struct {
    size_t n, room;
    char **text;     /* each value as typed */
    double *real;    /* internal units */
    int64_t *integer;
    bool given;
    char *bytes; /* of DATA */
    size_t n_bytes;
} option_value;

struct lithia_options {
    lithia_context *ctx;
    size_t n;
    const lithia_option *table;
    option_value *value;
};

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b))
            return false;
    return *a == *b;
}

const lithia_option *lithia_option_find(size_t n, const lithia_option table[], const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (same_name(table[i].name, name))
            return &table[i];
    return NULL;
}

static void forget(option_value *value)
{
    for (size_t i = 0; i < value->n; i++)
        lithia_free(value->text[i]);
    value->n = 0;
    value->given = false;
    lithia_free(value->bytes);
    value->bytes = NULL;
    value->n_bytes = 0;
}

static lithia_status make_room(lithia_context *ctx, option_value *value)
{
    if (value->n < value->room)
        return LITHIA_OK;
    size_t room = value->room, same = room, again = room;
    LITHIA_TRY(lithia_reserve(ctx, (void **)&value->text, &same, value->n + 1, sizeof *value->text));
    LITHIA_TRY(lithia_reserve(ctx, (void **)&value->real, &again, value->n + 1, sizeof *value->real));
    LITHIA_TRY(lithia_reserve(ctx, (void **)&value->integer, &room, value->n + 1, sizeof *value->integer));
    value->room = room;
    return LITHIA_OK;
}

static lithia_status check_range(lithia_context *ctx, const lithia_option *option, const char *text, double number)
{
    if (option->min == 0.0 && option->max == 0.0 && !option->above_min)
        return LITHIA_OK;
    const char *unit = option->unit ? option->unit : "";
    bool bounded = option->max > option->min;
    bool low = option->above_min ? number <= option->min : number < option->min;
    if (!low && !(bounded && number > option->max))
        return LITHIA_OK;
    const char *from = option->above_min ? "above" : "at least";
    if (bounded)
        return lithia_fail(ctx, LITHIA_INVALID, "%s: \"%s\" is out of range; it must be %s %g and at most %g%s%s",
                           option->name, text, from, option->min, option->max, *unit ? " " : "", unit);
    return lithia_fail(ctx, LITHIA_INVALID, "%s: \"%s\" is out of range; it must be %s %g%s%s", option->name, text, from,
                       option->min, *unit ? " " : "", unit);
}

static lithia_status in_front(lithia_context *ctx, const lithia_option *option, lithia_status status)
{
    char message[512];
    strncpy(message, lithia_message_view(ctx), sizeof message - 1);
    message[sizeof message - 1] = 0;
    return lithia_fail(ctx, status, "%s: %s", option->name, message);
}

static lithia_status read_real(lithia_context *ctx, const lithia_option *option, const char *text, double *value)
{
    lithia_status status = lithia_quantity_read(ctx, text, option->dimension, option->unit, value);
    if (status != LITHIA_OK)
        return in_front(ctx, option, status);
    double in_unit = *value, zero = 0.0, one = 1.0;
    if (option->dimension != LITHIA_DIMENSIONLESS && option->unit) { /* back to the table's unit, offset included */
        LITHIA_TRY(lithia_quantity_read(ctx, "0", option->dimension, option->unit, &zero));
        LITHIA_TRY(lithia_unit_factor(ctx, option->unit, option->dimension, &one));
        in_unit = (*value - zero) / one;
    }
    return check_range(ctx, option, text, in_unit);
}

static lithia_status read_integer(lithia_context *ctx, const lithia_option *option, const char *text, int64_t *value)
{
    double number;
    if (!lithia_number_read(text, &number) || number != floor(number) || fabs(number) > 9007199254740992.0)
        return lithia_fail(ctx, LITHIA_INVALID, "%s: \"%s\" is not a whole number", option->name, text);
    *value = (int64_t)number;
    return check_range(ctx, option, text, number);
}

static lithia_status check_choice(lithia_context *ctx, const lithia_option *option, const char *text)
{
    const char *names[64];
    char copy[512];
    size_t n = 0;
    strncpy(copy, option->choices, sizeof copy - 1);
    copy[sizeof copy - 1] = 0;
    char *rest = copy;
    for (char *name; n < 64 && (name = strsep(&rest, "|"));) {
        if (strcmp(name, text) == 0)
            return LITHIA_OK;
        names[n++] = name;
    }
    const char *nearest = lithia_nearest_name(text, names, n);
    return lithia_fail(ctx, LITHIA_INVALID, "%s: \"%s\" is none of %s%s%s%s", option->name, text, option->choices,
                       nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

/* One value, as typed, behind the others. */
static lithia_status add_value(lithia_options *options, size_t i, const char *text)
{
    const lithia_option *option = &options->table[i];
    option_value *value = &options->value[i];
    double real = NAN;
    int64_t integer = 0;
    lithia_status status = LITHIA_OK;
    switch (option->type) {
    case LITHIA_OPTION_FLAG:
        if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
            return lithia_fail(options->ctx, LITHIA_INVALID, "%s: \"%s\" is neither true nor false", option->name, text);
        integer = strcmp(text, "true") == 0;
        break;
    case LITHIA_OPTION_INTEGER:
        status = read_integer(options->ctx, option, text, &integer);
        real = (double)integer;
        break;
    case LITHIA_OPTION_REAL:
        status = read_real(options->ctx, option, text, &real);
        break;
    case LITHIA_OPTION_CHOICE:
        status = check_choice(options->ctx, option, text);
        break;
    case LITHIA_OPTION_TEXT:
    case LITHIA_OPTION_DATA:
        break;
    }
    if (status != LITHIA_OK)
        return status;
    LITHIA_TRY(make_room(options->ctx, value));
    value->text[value->n] = lithia_strdup(options->ctx, text);
    if (!value->text[value->n])
        return LITHIA_NOMEM;
    value->real[value->n] = real;
    value->integer[value->n] = integer;
    value->n++;
    return LITHIA_OK;
}

/* A list's text, cut at commas. */
static lithia_status add_values(lithia_options *options, size_t i, const char *text)
{
    if (!options->table[i].list)
        return add_value(options, i, text);
    char *copy = lithia_strdup(options->ctx, text);
    if (!copy)
        return LITHIA_NOMEM;
    lithia_status status = LITHIA_OK;
    char *rest = copy;
    for (char *part; status == LITHIA_OK && (part = strsep(&rest, ","));) {
        part += strspn(part, " \t");
        for (size_t n = strlen(part); n > 0 && strchr(" \t", part[n - 1]); n--)
            part[n - 1] = 0;
        status = *part ? add_value(options, i, part)
                       : lithia_fail(options->ctx, LITHIA_INVALID, "%s: \"%s\" has an empty entry",
                                     options->table[i].name, text);
    }
    lithia_free(copy);
    return status;
}

static lithia_status set_initial(lithia_options *options, size_t i)
{
    forget(&options->value[i]);
    const char *initial = options->table[i].initial;
    return initial ? add_values(options, i, initial) : LITHIA_OK;
}

lithia_status lithia_options_new(lithia_context *ctx, size_t n, const lithia_option table[], lithia_options **out)
{
    *out = NULL;
    lithia_options *options = lithia_calloc(ctx, 1, sizeof *options);
    if (!options)
        return LITHIA_NOMEM;
    *options = (lithia_options){.ctx = ctx, .n = n, .table = table};
    options->value = lithia_calloc(ctx, n, sizeof *options->value);
    lithia_status status = options->value ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; i < n && status == LITHIA_OK; i++)
        status = set_initial(options, i);
    if (status == LITHIA_OK)
        *out = options;
    else
        lithia_options_free(options);
    return status == LITHIA_INVALID ? LITHIA_INTERNAL : status; /* a default that its own table refuses is our bug */
}

void lithia_options_free(lithia_options *options)
{
    if (!options)
        return;
    for (size_t i = 0; options->value && i < options->n; i++) {
        forget(&options->value[i]);
        lithia_free(options->value[i].text);
        lithia_free(options->value[i].real);
        lithia_free(options->value[i].integer);
    }
    lithia_free(options->value);
    lithia_free(options);
}

static lithia_status locate(const lithia_options *options, const char *name, size_t *i)
{
    const lithia_option *option = lithia_option_find(options->n, options->table, name);
    if (option) {
        *i = (size_t)(option - options->table);
        return LITHIA_OK;
    }
    const char *names[256];
    size_t n = options->n < 256 ? options->n : 256;
    for (size_t k = 0; k < n; k++)
        names[k] = options->table[k].name;
    const char *nearest = lithia_nearest_name(name, names, n);
    return lithia_fail(options->ctx, LITHIA_INVALID, "unknown option \"%s\"%s%s%s", name,
                       nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
}

static lithia_status set(lithia_options *options, const char *name, const char *text, bool split)
{
    size_t i = 0;
    LITHIA_TRY(locate(options, name, &i));
    option_value *value = &options->value[i];
    if (!value->given || !options->table[i].list)
        forget(value);
    lithia_status status = split ? add_values(options, i, text) : add_value(options, i, text);
    if (status == LITHIA_OK)
        value->given = true;
    return status;
}

lithia_status lithia_options_set(lithia_options *options, const char *name, const char *text)
{
    return set(options, name, text, true);
}

lithia_status lithia_options_add(lithia_options *options, const char *name, const char *text)
{
    return set(options, name, text, false);
}

lithia_status lithia_options_set_data(lithia_options *options, const char *name, const char *name_of_data,
                                      const char *bytes, size_t n)
{
    size_t i = 0;
    LITHIA_TRY(locate(options, name, &i));
    LITHIA_TRY(set(options, name, name_of_data, false));
    char *copy = lithia_calloc(options->ctx, n + 1, 1);
    if (!copy)
        return LITHIA_NOMEM;
    if (n > 0)
        memcpy(copy, bytes, n);
    lithia_free(options->value[i].bytes);
    options->value[i].bytes = copy;
    options->value[i].n_bytes = n;
    return LITHIA_OK;
}

lithia_status lithia_options_unset(lithia_options *options, const char *name)
{
    size_t i = 0;
    LITHIA_TRY(locate(options, name, &i));
    return set_initial(options, i);
}

lithia_status lithia_options_promise(lithia_options *options, const char *name)
{
    size_t i = 0;
    LITHIA_TRY(locate(options, name, &i));
    forget(&options->value[i]);
    options->value[i].given = true;
    return LITHIA_OK;
}

lithia_context *lithia_options_tell(lithia_options *options, lithia_context *ctx)
{
    lithia_context *before = options->ctx;
    options->ctx = ctx;
    return before;
}

lithia_status lithia_options_check(const lithia_options *options)
{
    for (size_t i = 0; i < options->n; i++)
        if (options->table[i].required && options->value[i].n == 0 && !options->value[i].given)
            return lithia_fail(options->ctx, LITHIA_INVALID, "option \"%s\" is needed: %s", options->table[i].name,
                               options->table[i].help);
    return LITHIA_OK;
}

const lithia_option *lithia_options_table(const lithia_options *options, size_t *n)
{
    *n = options->n;
    return options->table;
}

/* A value in the table's unit, for the echo: 100 GPa comes back from eV/A3 as 100, not as 99.999999999999986. */
static double in_table_unit(const lithia_option *option, double value)
{
    double factor = 1.0, zero = 0.0, rounded;
    if (option->dimension == LITHIA_DIMENSIONLESS || !option->unit)
        return value;
    if (lithia_unit_factor(NULL, option->unit, option->dimension, &factor) != LITHIA_OK ||
        lithia_quantity_read(NULL, "0", option->dimension, option->unit, &zero) != LITHIA_OK)
        return NAN;
    char text[40];
    snprintf(text, sizeof text, "%.14g", (value - zero) / factor);
    return lithia_number_read(text, &rounded) ? rounded : NAN;
}

static void echo_numbers(const lithia_options *options, size_t k, const char *name, lithia_result *group)
{
    const lithia_option *option = &options->table[k];
    const option_value *value = &options->value[k];
    if (!option->list) {
        lithia_result_real(group, name, option->unit, in_table_unit(option, value->real[0]));
        return;
    }
    double *numbers = lithia_calloc(options->ctx, value->n, sizeof *numbers);
    if (!numbers)
        return; /* the message is there; what follows fails likewise */
    for (size_t i = 0; i < value->n; i++)
        numbers[i] = in_table_unit(option, value->real[i]);
    lithia_result_reals(group, name, option->unit, value->n, numbers);
    lithia_free(numbers);
}

void lithia_options_echo(const lithia_options *options, lithia_result *group)
{
    for (size_t i = 0; i < options->n; i++) {
        const lithia_option *option = &options->table[i];
        const option_value *value = &options->value[i];
        char name[64];
        strncpy(name, option->name, sizeof name - 1);
        name[sizeof name - 1] = 0;
        for (char *p = name; *p; p++)
            *p = *p == '-' ? '_' : *p;
        if (option->type == LITHIA_OPTION_FLAG)
            lithia_result_boolean(group, name, value->n > 0 && value->integer[0] != 0);
        else if (value->n == 0)
            lithia_result_null(group, name, option->type == LITHIA_OPTION_REAL ? option->unit : NULL);
        else if (option->type == LITHIA_OPTION_REAL)
            echo_numbers(options, i, name, group);
        else if (option->type == LITHIA_OPTION_INTEGER && option->list)
            lithia_result_integers(group, name, value->n, value->integer);
        else if (option->type == LITHIA_OPTION_INTEGER)
            lithia_result_integer(group, name, value->integer[0]);
        else if (option->list)
            lithia_result_texts(group, name, value->n, (const char *const *)value->text);
        else
            lithia_result_text(group, name, value->text[0]);
    }
}

/* The value of an option that the task's own code names: a wrong name there is a bug, found by the first test. */
static const option_value *must_find(const lithia_options *options, const char *name)
{
    const lithia_option *option = lithia_option_find(options->n, options->table, name);
    if (!option)
        abort();
    return &options->value[option - options->table];
}

bool lithia_options_given(const lithia_options *options, const char *name)
{
    return must_find(options, name)->given;
}

bool lithia_options_flag(const lithia_options *options, const char *name)
{
    const option_value *value = must_find(options, name);
    return value->n > 0 && value->integer[0] != 0;
}

int64_t lithia_options_integer(const lithia_options *options, const char *name)
{
    const option_value *value = must_find(options, name);
    return value->n > 0 ? value->integer[0] : 0;
}

double lithia_options_real(const lithia_options *options, const char *name)
{
    const option_value *value = must_find(options, name);
    return value->n > 0 ? value->real[0] : NAN;
}

const char *lithia_options_text(const lithia_options *options, const char *name)
{
    const option_value *value = must_find(options, name);
    return value->n > 0 ? value->text[0] : NULL;
}

const double *lithia_options_reals(const lithia_options *options, const char *name, size_t *n)
{
    const option_value *value = must_find(options, name);
    *n = value->n;
    return value->real;
}

const int64_t *lithia_options_integers(const lithia_options *options, const char *name, size_t *n)
{
    const option_value *value = must_find(options, name);
    *n = value->n;
    return value->integer;
}

const char *const *lithia_options_texts(const lithia_options *options, const char *name, size_t *n)
{
    const option_value *value = must_find(options, name);
    *n = value->n;
    return (const char *const *)value->text;
}

const char *lithia_options_data(const lithia_options *options, const char *name, const char **label, size_t *n)
{
    const option_value *value = must_find(options, name);
    *label = value->n > 0 ? value->text[0] : NULL;
    *n = value->n_bytes;
    return value->bytes;
}
