#include "study/resolve.h"
#include "study/data_option.h"
#include "study/loan.h"
#include "study/naming.h"
#include "study/origin.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_MEMBERS = 100000 };

typedef struct lithia_study study_t;

/* ---- members ---- */

static lithia_status copy_coordinate(study_t *s, const study_coordinate *from, const char *name, study_coordinate *to)
{
    *to = *from;
    to->name = lithia_strdup(s->ctx, name);
    to->text = lithia_strdup(s->ctx, from->text);
    return to->name && to->text ? LITHIA_OK : LITHIA_NOMEM;
}

static bool has_coordinate(const study_member *m, const char *name)
{
    for (size_t i = 0; i < m->n_coordinates; i++)
        if (strcmp(m->coordinate[i].name, name) == 0)
            return true;
    return false;
}

static lithia_status add_coordinate(study_t *s, study_member *m, const study_coordinate *coordinate, const char *name)
{
    LITHIA_TRY(lithia_resize(s->ctx, (void **)&m->coordinate, m->n_coordinates, m->n_coordinates + 1,
                             sizeof *m->coordinate));
    m->coordinate[m->n_coordinates] = (study_coordinate){0};
    m->n_coordinates++;
    return copy_coordinate(s, coordinate, name, &m->coordinate[m->n_coordinates - 1]);
}

static lithia_status add_source(study_t *s, study_member *m, const study_origin *from, size_t k)
{
    LITHIA_TRY(lithia_resize(s->ctx, (void **)&m->source, m->n_sources, m->n_sources + 1, sizeof *m->source));
    study_source *source = &m->source[m->n_sources++];
    *source = (study_source){.written = from->source->text, .file = from->file};
    if (from->stage) {
        source->stage = (size_t)(from->stage - s->stage);
        source->member = from->chosen[k];
        return LITHIA_OK;
    }
    source->path = lithia_strdup(s->ctx, s->input[from->file].path);
    return source->path ? LITHIA_OK : LITHIA_NOMEM;
}

/* What a member inherits from the one that it works on. What all members of the stage would share is left out. */
static lithia_status inherit(study_t *s, study_member *m, const study_origin *from, size_t k, bool alone)
{
    if (alone)
        return LITHIA_OK;
    const study_member *other = from->stage ? &from->stage->member[from->chosen[k]] : NULL;
    for (size_t i = 0; other && i < other->n_coordinates; i++)
        if (!has_coordinate(m, other->coordinate[i].name))
            LITHIA_TRY(add_coordinate(s, m, &other->coordinate[i], other->coordinate[i].name));
    return LITHIA_OK;
}

static lithia_status new_member(study_t *s, study_stage *stage, study_member **m)
{
    if (stage->n_members >= MOST_MEMBERS)
        return YAML_FAIL(s->ctx, s->file->file, stage->file->name, "stage %s has more than %d members", stage->name,
                         MOST_MEMBERS);
    LITHIA_TRY(lithia_resize(s->ctx, (void **)&stage->member, stage->n_members, stage->n_members + 1,
                             sizeof *stage->member));
    *m = &stage->member[stage->n_members++];
    **m = (study_member){.line = stage->file->name->line, .column = stage->file->name->column};
    return LITHIA_OK;
}

/* The coordinate of a member that has this name (- and _ alike), or NULL. */
static const study_coordinate *coordinate_named(const study_member *m, const char *name)
{
    for (size_t i = 0; i < m->n_coordinates; i++) {
        const char *a = m->coordinate[i].name, *b = name;
        for (; *a && *b && (*a == '-' ? '_' : *a) == (*b == '-' ? '_' : *b); a++, b++)
            ;
        if (*a == *b)
            return &m->coordinate[i];
    }
    return NULL;
}

static lithia_status no_such_variable(study_t *s, const yaml_node *word, const study_stage *from, const study_member *member)
{
    const char *names[16];
    size_t n = 0;
    for (; n < member->n_coordinates && n < 16; n++)
        names[n] = member->coordinate[n].name;
    const char *near = lithia_nearest_name(word->text, names, n);
    return YAML_FAIL(s->ctx, s->file->file, word, "by: stage %s has no variable \"%s\"%s%s%s", from->name, word->text,
                     near ? "; did you mean \"" : n ? "; it has " : " and is no series", near ? near : n ? names[0] : "", near ? "\"?" : "");
}

/* The member of the stage that has the values of `like` for all variables of `by`: found, or made. */
static lithia_status member_by(study_t *s, study_stage *stage, const study_stage *from, const study_member *like, study_member **out)
{
    const yaml_node *by = stage->file->by;
    size_t n = by->kind == YAML_LIST ? by->n : 1;
    for (size_t i = 0; i < n; i++) {
        const yaml_node *word = by->kind == YAML_LIST ? &by->item[i] : by;
        if (!coordinate_named(like, word->text))
            return no_such_variable(s, word, from, like);
    }
    for (size_t k = 0; k < stage->n_members; k++) {
        bool same = true;
        for (size_t i = 0; i < n && same; i++) {
            const char *name = by->kind == YAML_LIST ? by->item[i].text : by->text;
            same = strcmp(coordinate_named(&stage->member[k], name)->text, coordinate_named(like, name)->text) == 0;
        }
        if (same) {
            *out = &stage->member[k];
            return LITHIA_OK;
        }
    }
    LITHIA_TRY(new_member(s, stage, out));
    for (size_t i = 0; i < n; i++) {
        const study_coordinate *c = coordinate_named(like, by->kind == YAML_LIST ? by->item[i].text : by->text);
        LITHIA_TRY(add_coordinate(s, *out, c, c->name));
    }
    return LITHIA_OK;
}

/* `by`: one member for each set of values, with all that have them. */
static lithia_status gathered_by(study_t *s, study_stage *stage, const study_origin from[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!from[i].stage)
            return lithia_fail_at(s->ctx, s->file->file, from[i].source->line, from[i].source->column,
                                  "from: %s is a file, which has no variables to be kept apart by", from[i].source->text);
        for (size_t k = 0; k < from[i].n; k++) {
            study_member *m;
            LITHIA_TRY(member_by(s, stage, from[i].stage, &from[i].stage->member[from[i].chosen[k]], &m));
            LITHIA_TRY(add_source(s, m, &from[i], k));
        }
    }
    return LITHIA_OK;
}

/* The members before `for` multiplies them: one; one for each that an origin has; or one for each set of partners. */
static lithia_status base_members(study_t *s, study_stage *stage, study_origin from[], size_t n)
{
    const lithia_task *task = stage->task;
    study_member *m;
    if (stage->file->by)
        return gathered_by(s, stage, from, n);
    if (n == 0 || task->gathers) {
        LITHIA_TRY(new_member(s, stage, &m));
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < (from[i].stage ? from[i].n : 1); k++)
                LITHIA_TRY(add_source(s, m, &from[i], k));
        return LITHIA_OK;
    }
    bool partners = task->min_inputs >= 2;
    size_t n_rows = 0;
    for (size_t i = 0; i < n; i++) {
        size_t here = from[i].stage ? from[i].n : 1;
        if (partners && here > 1 && n_rows > 1 && here != n_rows)
            return lithia_fail_at(s->ctx, s->file->file, from[i].source->line, from[i].source->column,
                                  "from: %s has %zu members and the one before it %zu; they cannot be paired",
                                  from[i].source->text, here, n_rows);
        n_rows = partners ? (here > n_rows ? here : n_rows) : here;
        for (size_t k = 0; !partners && k < here; k++) {
            LITHIA_TRY(new_member(s, stage, &m));
            if (n > 1) {
                study_coordinate which = {.text = from[i].source->text, .number = NAN, .unit = NULL};
                LITHIA_TRY(add_coordinate(s, m, &which, "from"));
            }
            LITHIA_TRY(inherit(s, m, &from[i], k, n == 1 && here == 1));
            LITHIA_TRY(add_source(s, m, &from[i], k));
        }
    }
    for (size_t row = 0; partners && row < n_rows; row++) {
        LITHIA_TRY(new_member(s, stage, &m));
        for (size_t i = 0; i < n; i++) {
            size_t k = from[i].stage && from[i].n > 1 ? row : 0;
            LITHIA_TRY(inherit(s, m, &from[i], k, n_rows == 1));
            LITHIA_TRY(add_source(s, m, &from[i], k));
        }
    }
    return LITHIA_OK;
}

/* Set one option from what is written. */
static lithia_status set_option(study_t *s, study_member *m, const runfile_entry *entry, const yaml_node *value)
{
    lithia_options *options = m->options;
    const lithia_option *row = entry->option;
    lithia_status status = LITHIA_OK;
    if (value->kind == YAML_WORD && !*value->text && !value->quoted)
        return YAML_FAIL(s->ctx, s->file->file, value, "%s has no value", entry->key->text);
    if (value->kind != YAML_WORD && !row->list)
        return YAML_FAIL(s->ctx, s->file->file, value, "%s takes one value, not several (a series stands under for:)",
                         entry->key->text);
    if (value->kind == YAML_WORD) {
        static const char *const words[] = {"yes", "on", "no", "off"};
        const char *text = value->text;
        for (int i = 0; row->type == LITHIA_OPTION_FLAG && i < 4; i++)
            if (strcmp(text, words[i]) == 0)
                text = i < 2 ? "true" : "false";
        bool number = (row->type == LITHIA_OPTION_REAL || row->type == LITHIA_OPTION_INTEGER) && !row->list, lent = false;
        if (row->type == LITHIA_OPTION_DATA)
            status = study_lend_structure(s, m, row, text, &lent);
        else if (number)
            status = study_lend_number(s, m, row, text, &lent);
        if (status == LITHIA_OK && !lent)
            status = row->type == LITHIA_OPTION_DATA ? data_option_set(s->ctx, options, row, s->file->folder, text)
                                                     : lithia_options_set(options, row->name, text);
        return status == LITHIA_OK ? status : study_fail_with(s, value->line, value->column, "", status);
    }
    for (size_t i = 0; i < value->n; i++) {
        const yaml_node *item = &value->item[i];
        if (item->kind != YAML_WORD || !*item->text)
            return YAML_FAIL(s->ctx, s->file->file, item, "%s: one word, number or text belongs here", entry->key->text);
        char *pair = value->kind == YAML_MAP ? lithia_format(s->ctx, "%s=%s", value->key[i].text, item->text) : NULL;
        if (value->kind == YAML_MAP && !pair)
            return LITHIA_NOMEM;
        status = lithia_options_add(options, row->name, pair ? pair : item->text);
        lithia_free(pair);
        if (status != LITHIA_OK)
            return study_fail_with(s, item->line, item->column, "", status);
    }
    return LITHIA_OK;
}

/* A new set of options with what the stage gives to all its members. */
static lithia_status common_options(study_t *s, const study_stage *stage, study_member *m)
{
    LITHIA_TRY(lithia_options_new(s->ctx, stage->task->n_options, stage->task->option, &m->options));
    for (size_t i = 0; i < stage->file->n_options; i++)
        LITHIA_TRY(set_option(s, m, &stage->file->option[i], stage->file->option[i].value));
    return LITHIA_OK;
}

/* The variable's value as a coordinate: "10 GPa", or the words as written. */
static lithia_status coordinate_of(study_t *s, const study_member *m, const runfile_entry *entry, const yaml_node *value,
                                   study_coordinate *out)
{
    const lithia_option *row = entry->option;
    *out = (study_coordinate){.number = NAN, .unit = row->unit, .dimension = row->dimension};
    char text[256] = "";
    size_t n = 1;
    if (row->list && row->type == LITHIA_OPTION_REAL)
        (void)lithia_options_reals(m->options, row->name, &n);
    else if (row->list && row->type == LITHIA_OPTION_INTEGER)
        (void)lithia_options_integers(m->options, row->name, &n);
    if (row->type == LITHIA_OPTION_REAL && n == 1) {
        double factor = 1.0, zero = 0.0, internal = lithia_options_real(m->options, row->name);
        if (row->unit && row->dimension != LITHIA_DIMENSIONLESS) {
            LITHIA_TRY(lithia_unit_factor(s->ctx, row->unit, row->dimension, &factor));
            LITHIA_TRY(lithia_quantity_read(s->ctx, "0", row->dimension, row->unit, &zero));
        }
        snprintf(text, sizeof text, "%.12g", (internal - zero) / factor);
        (void)lithia_number_read(text, &out->number); /* 10 GPa is 10, not 9.9999999999999982 */
        snprintf(text, sizeof text, "%.12g%s%s", out->number, row->unit ? " " : "", row->unit ? row->unit : "");
    } else if (row->type == LITHIA_OPTION_INTEGER && n == 1) {
        out->number = (double)lithia_options_integer(m->options, row->name);
        snprintf(text, sizeof text, "%.0f", out->number);
    } else if (value->kind == YAML_WORD) {
        snprintf(text, sizeof text, "%s", value->text);
    } else {
        for (size_t i = 0; i < value->n; i++)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s%s%s", i ? " " : "",
                     value->kind == YAML_MAP ? value->key[i].text : "", value->kind == YAML_MAP ? "=" : "",
                     value->item[i].text ? value->item[i].text : "");
    }
    out->text = lithia_strdup(s->ctx, text);
    return out->text ? LITHIA_OK : LITHIA_NOMEM;
}

/* The option's name as results spell it: with _ for -. */
static char *result_name(study_t *s, const char *name)
{
    char *copy = lithia_strdup(s->ctx, name);
    for (char *c = copy; c && *c; c++)
        *c = *c == '-' ? '_' : *c;
    return copy;
}

/* An inherited coordinate of the same name steps aside: "pressure" becomes "from_pressure". */
static lithia_status step_aside(study_t *s, study_member *m, const char *name)
{
    for (size_t i = 0; i < m->n_coordinates; i++)
        if (strcmp(m->coordinate[i].name, name) == 0) {
            char *other = lithia_format(s->ctx, "from_%s", name);
            if (!other)
                return LITHIA_NOMEM;
            LITHIA_TRY(step_aside(s, m, other));
            lithia_free(m->coordinate[i].name);
            m->coordinate[i].name = other;
        }
    return LITHIA_OK;
}

static lithia_status copy_base(study_t *s, const study_member *from, study_member *to)
{
    *to = (study_member){.line = from->line, .column = from->column};
    for (size_t i = 0; i < from->n_coordinates; i++)
        LITHIA_TRY(add_coordinate(s, to, &from->coordinate[i], from->coordinate[i].name));
    to->source = lithia_calloc(s->ctx, from->n_sources, sizeof *to->source);
    if (!to->source)
        return LITHIA_NOMEM;
    for (; to->n_sources < from->n_sources; to->n_sources++) {
        study_source *source = &to->source[to->n_sources];
        *source = from->source[to->n_sources];
        if (source->path && !(source->path = lithia_strdup(s->ctx, source->path)))
            return LITHIA_NOMEM;
    }
    return LITHIA_OK;
}

static void free_member(study_member *m)
{
    for (size_t i = 0; i < m->n_coordinates; i++) {
        lithia_free(m->coordinate[i].name);
        lithia_free(m->coordinate[i].text);
    }
    for (size_t i = 0; i < m->n_sources; i++)
        lithia_free(m->source[i].path);
    lithia_free(m->coordinate);
    lithia_free(m->source);
    for (size_t i = 0; i < m->n_loans; i++) {
        lithia_free(m->loan[i].path);
        lithia_free(m->loan[i].text);
    }
    lithia_free(m->loan);
    lithia_free(m->name);
    lithia_free(m->label);
    lithia_options_free(m->options);
}

/* A variable of the study's own: the options that its value stands for. */
static lithia_status set_case(study_t *s, study_member *m, const runfile_case *one)
{
    for (size_t i = 0; i < one->n; i++)
        LITHIA_TRY(set_option(s, m, &one->entry[i], one->entry[i].value));
    return LITHIA_OK;
}

static lithia_status coordinate_of_variable(study_t *s, const yaml_node *key, study_coordinate *out)
{
    *out = (study_coordinate){.number = NAN, .dimension = LITHIA_DIMENSIONLESS};
    if (!lithia_number_read(key->text, &out->number))
        out->number = NAN;
    out->text = lithia_strdup(s->ctx, key->text);
    return out->text ? LITHIA_OK : LITHIA_NOMEM;
}

/* The value of a variable that what a member works on was made with, however far back; or NULL. */
static const char *value_before(const study_t *s, const study_member *m, const char *name)
{
    for (;;) {
        const study_coordinate *c = coordinate_named(m, name);
        if (c || m->n_sources == 0 || m->source[0].path)
            return c ? c->text : NULL;
        m = &s->stage[m->source[0].stage].member[m->source[0].member];
    }
}

/* Whether the product's choice has every variable of the study's own at the value that the base was made with. */
static bool goes_with(const study_t *s, const study_stage *stage, const study_member *base, const size_t digit[])
{
    for (size_t i = 0; i < stage->file->n_for; i++) {
        const runfile_entry *entry = &stage->file->series[i];
        const char *before = entry->variable ? value_before(s, base, entry->key->text) : NULL;
        if (before && strcmp(before, entry->value->key[digit[i]].text) != 0)
            return false;
    }
    return true;
}

/* One member of the product: `digit` chooses the value of each of the stage's variables. */
static lithia_status fill_member(study_t *s, const study_stage *stage, study_member *m, const size_t digit[])
{
    LITHIA_TRY(common_options(s, stage, m));
    for (size_t i = 0; i < stage->file->n_for; i++) {
        const runfile_entry *entry = &stage->file->series[i];
        const yaml_node *value = &entry->value->item[digit[i]];
        size_t n_loans = m->n_loans;
        LITHIA_TRY(entry->variable ? set_case(s, m, &entry->variable[digit[i]]) : set_option(s, m, entry, value));
        if (m->n_loans > n_loans && m->loan[n_loans].path)
            return YAML_FAIL(s->ctx, s->file->file, value, "%s: the values of a series are written out; %s is known only when that"
                             " stage is done", entry->key->text, value->text);
        study_coordinate coordinate;
        LITHIA_TRY(entry->variable ? coordinate_of_variable(s, &entry->value->key[digit[i]], &coordinate)
                                   : coordinate_of(s, m, entry, value, &coordinate));
        char *name = result_name(s, entry->key->text);
        bool inherited = name && entry->variable && coordinate_named(m, name); /* at the same value: goes_with() */
        lithia_status status = !name ? LITHIA_NOMEM : inherited ? LITHIA_OK : step_aside(s, m, name);
        if (status == LITHIA_OK && !inherited)
            status = add_coordinate(s, m, &coordinate, name);
        lithia_free(name);
        lithia_free(coordinate.text);
        LITHIA_TRY(status);
        m->line = value->line;
        m->column = value->column;
    }
    return LITHIA_OK;
}

/* A variable that was inherited has a value that this stage says nothing about. */
static lithia_status no_case(study_t *s, const study_stage *stage, const study_member *base)
{
    for (size_t i = 0; i < stage->file->n_for; i++) {
        const runfile_entry *entry = &stage->file->series[i];
        const char *before = entry->variable ? value_before(s, base, entry->key->text) : NULL;
        bool found = false;
        for (size_t k = 0; before && k < entry->value->n; k++)
            found = found || strcmp(before, entry->value->key[k].text) == 0;
        if (before && !found)
            return YAML_FAIL(s->ctx, s->file->file, entry->value, "for: what stage %s works on has %s \"%s\", which is not among the values here",
                             stage->name, entry->key->text, before);
    }
    return lithia_fail(s->ctx, LITHIA_INTERNAL, "study: stage %s lost its members; please report this", stage->name);
}

/* Multiply the base members by the `for` map; the last variable runs fastest. A variable of the study's own that a member was made
 * with before keeps its value. */
static lithia_status multiply(study_t *s, study_stage *stage, bool chain)
{
    size_t n_base = stage->n_members, n_for = stage->file->n_for, product = 1, last = 1;
    study_member *base = stage->member;
    for (size_t i = 0; i < n_for; i++) {
        last = stage->file->series[i].value->n;
        product *= last;
        if (product * n_base > MOST_MEMBERS)
            return YAML_FAIL(s->ctx, s->file->file, stage->file->series[i].key, "stage %s has more than %d members",
                             stage->name, MOST_MEMBERS);
    }
    stage->member = NULL;
    stage->n_members = 0;
    size_t *digit = lithia_calloc(s->ctx, n_for, sizeof *digit);
    lithia_status status = digit ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t b = 0; status == LITHIA_OK && b < n_base; b++) {
        size_t before = stage->n_members;
        for (size_t p = 0; status == LITHIA_OK && p < product; p++) {
            for (size_t i = n_for, rest = p; i-- > 0; rest /= stage->file->series[i].value->n)
                digit[i] = rest % stage->file->series[i].value->n;
            if (!goes_with(s, stage, &base[b], digit))
                continue;
            study_member *m;
            status = new_member(s, stage, &m);
            if (status == LITHIA_OK)
                status = copy_base(s, &base[b], m);
            if (status == LITHIA_OK)
                status = fill_member(s, stage, m, digit);
            if (status == LITHIA_OK)
                m->chained = chain && n_for > 0 && p % last != 0 && stage->n_members - before > 1;
        }
        if (status == LITHIA_OK && stage->n_members == before)
            status = no_case(s, stage, &base[b]);
    }
    for (size_t b = 0; b < n_base; b++)
        free_member(&base[b]);
    lithia_free(base);
    lithia_free(digit);
    return status;
}

/* A member's first source is the one before it in its chain. */
static lithia_status link_chain(study_t *s, study_stage *stage)
{
    size_t self = (size_t)(stage - s->stage);
    for (size_t i = 1; i < stage->n_members; i++) {
        study_member *m = &stage->member[i];
        if (!m->chained || m->n_sources == 0)
            continue;
        lithia_free(m->source[0].path);
        m->source[0] = (study_source){.written = stage->name, .stage = self, .member = i - 1};
    }
    return LITHIA_OK;
}

/* ---- stages ---- */

static lithia_status check_inputs(study_t *s, const study_stage *stage, size_t n_from)
{
    const lithia_task *task = stage->task;
    const yaml_node *place = stage->file->name;
    lithia_takes takes = study_takes(s, stage);
    if (task->takes == LITHIA_TAKES_NOTHING && n_from > 0)
        return lithia_fail_at(s->ctx, s->file->file, stage->file->from[0].line, stage->file->from[0].column,
                              "%s works on nothing; take from away", task->name);
    if (n_from == 0 && task->takes != LITHIA_TAKES_NOTHING && task->min_inputs > 0)
        return YAML_FAIL(s->ctx, s->file->file, place, "stage %s has no from; %s needs a file or a stage to work on",
                         stage->name, task->name);
    if (stage->n_members == 0)
        return YAML_FAIL(s->ctx, s->file->file, place, "stage %s has no members", stage->name);
    size_t n = stage->member[0].n_sources;
    for (size_t i = 1; takes == LITHIA_TAKES_TABLE && i < n; i++)
        if (!stage->member[0].source[i].path != !stage->member[0].source[0].path)
            return YAML_FAIL(s->ctx, s->file->file, place, "stage %s: from names a file and a stage; a table is made from"
                             " either", stage->name);
    if (takes == LITHIA_TAKES_TABLE && n > 0 && !stage->member[0].source[0].path)
        return LITHIA_OK; /* several stages make one table */
    if (task->takes != LITHIA_TAKES_NOTHING && (n < task->min_inputs || (task->max_inputs > 0 && n > task->max_inputs)))
        return YAML_FAIL(s->ctx, s->file->file, place, "stage %s: from gives %zu input%s; %s takes %zu%s", stage->name, n,
                         n == 1 ? "" : "s", task->name, n < task->min_inputs ? task->min_inputs : task->max_inputs,
                         task->min_inputs == task->max_inputs ? "" : n < task->min_inputs ? " or more" : " at most");
    return LITHIA_OK;
}

static lithia_status finish_members(study_t *s, study_stage *stage)
{
    stage->series = stage->n_members > 1 || stage->member[0].n_coordinates > 0;
    for (size_t i = 0; i < stage->n_members; i++) {
        study_member *m = &stage->member[i];
        LITHIA_TRY(data_option_defaults(s->ctx, m->options));
        lithia_status status = lithia_options_check(m->options);
        if (status != LITHIA_OK)
            return study_fail_with(s, stage->file->name->line, stage->file->name->column, "", status);
        LITHIA_TRY(study_name_member(s, stage, m));
        LITHIA_TRY(study_give_seed(s, stage, m));
    }
    return LITHIA_OK;
}

static lithia_status resolve_stage(study_t *s, const runfile_stage *file, study_stage *stage)
{
    *stage = (study_stage){.file = file, .task = file->task, .name = file->name->text};
    study_origin *from = lithia_calloc(s->ctx, file->n_from, sizeof *from);
    lithia_status status = from ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; status == LITHIA_OK && i < file->n_from; i++) {
        status = study_origin_find(s, file, &file->from[i], &from[i]);
        if (status == LITHIA_OK)
            status = study_origin_check(s, file, &from[i]);
    }
    bool chain = file->chain == RUNFILE_CHAIN || (file->chain == RUNFILE_AS_TASK && file->task->chains);
    if (status == LITHIA_OK && chain && file->chain == RUNFILE_CHAIN && !file->task->gives_structure &&
        !file->task->gives_trajectory)
        status = YAML_FAIL(s->ctx, s->file->file, file->name, "stage %s cannot be a chain: %s gives no structure to go on"
                           " from", stage->name, file->task->name);
    if (status == LITHIA_OK)
        status = base_members(s, stage, from, file->n_from);
    if (status == LITHIA_OK)
        status = multiply(s, stage, chain);
    if (status == LITHIA_OK)
        status = check_inputs(s, stage, file->n_from);
    if (status == LITHIA_OK && chain)
        status = link_chain(s, stage);
    if (status == LITHIA_OK)
        status = finish_members(s, stage);
    for (size_t i = 0; from && i < file->n_from; i++)
        lithia_free(from[i].chosen);
    lithia_free(from);
    return status;
}

/* Comparisons name one member that will be there. */
static lithia_status check_comparisons(study_t *s)
{
    for (size_t i = 0; i < s->file->n_comparisons; i++) {
        const runfile_comparison *row = &s->file->comparison[i];
        study_stage *stage = study_find(s, s->n_stages, row->stage);
        if (!stage)
            continue; /* left out in this mode; the report says so */
        size_t *chosen, n;
        lithia_status status = study_select(s->ctx, stage, row->selector, &chosen, &n);
        lithia_free(chosen);
        if (status != LITHIA_OK)
            return study_fail_with(s, row->place->line, row->place->column, "compare: ", status);
        if (n > 1)
            return YAML_FAIL(s->ctx, s->file->file, row->place, "compare: %s is a series of %zu; choose one: %s[%s].%s",
                             stage->name, n, stage->name, stage->member[0].n_coordinates ?
                             stage->member[0].coordinate[stage->member[0].n_coordinates - 1].text : "first", row->path);
    }
    return LITHIA_OK;
}

lithia_status study_resolve(lithia_context *ctx, runfile *file, struct lithia_study **out)
{
    *out = NULL;
    study_t *s = lithia_calloc(ctx, 1, sizeof *s);
    if (!s) {
        runfile_free(file);
        return LITHIA_NOMEM;
    }
    *s = (study_t){.ctx = ctx, .file = file};
    s->stage = lithia_calloc(ctx, file->n_stages, sizeof *s->stage);
    lithia_status status = s->stage ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t i = 0; status == LITHIA_OK && i < file->n_stages; i++) {
        if (file->stage[i].when == (file->quick ? RUNFILE_FULL : RUNFILE_QUICK))
            continue;
        status = resolve_stage(s, &file->stage[i], &s->stage[s->n_stages]);
        s->n_stages++;
    }
    if (status == LITHIA_OK)
        status = check_comparisons(s);
    if (status == LITHIA_OK)
        *out = s;
    else
        study_free(s);
    return status;
}

study_stage *study_find(const struct lithia_study *study, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(study->stage[i].name, name) == 0)
            return &study->stage[i];
    return NULL;
}

void study_free(struct lithia_study *s)
{
    if (!s)
        return;
    for (size_t i = 0; s->stage && i < s->n_stages; i++) {
        for (size_t k = 0; k < s->stage[i].n_members; k++)
            free_member(&s->stage[i].member[k]);
        lithia_free(s->stage[i].member);
    }
    for (size_t i = 0; i < s->n_files; i++) {
        lithia_free(s->input[i].path);
        lithia_free(s->input[i].written);
    }
    lithia_free(s->input);
    lithia_free(s->stage);
    runfile_free(s->file);
    lithia_free(s);
}
