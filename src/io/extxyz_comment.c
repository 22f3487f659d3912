#include "extxyz.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <string.h>
#include <strings.h>

typedef struct {
    lithia_context *ctx;
    const char *file, *line;
    size_t number;
    xyz_comment *comment;
    bool has_virial, has_pbc, has_free_energy;
    double virial[9], free_energy;
} reader;

static lithia_status wrong(const reader *r, const char *at, const char *what)
{
    return lithia_fail_at(r->ctx, r->file, r->number, (size_t)(at - r->line) + 1, "%s", what);
}

/* n numbers between p and end. */
static lithia_status numbers(const reader *r, const char *p, const char *end, size_t n, double values[],
                             const char *what)
{
    for (size_t i = 0; i < n; i++) {
        while (p < end && (scan_blank(*p) || strchr("[]{},\"", *p)))
            p++;
        if (p >= end || !scan_real_until(&p, "[]{},\"", &values[i]) || p > end || !isfinite(values[i]))
            return lithia_fail_at(r->ctx, r->file, r->number, (size_t)(p - r->line) + 1,
                                  "%s needs %zu numbers; number %zu cannot be read", what, n, i + 1);
    }
    return LITHIA_OK;
}

static size_t count_words(const char *p, const char *end)
{
    size_t n = 0;
    bool inside = false;
    for (; p < end; p++) {
        bool gap = scan_blank(*p) || *p == ',' || *p == '[' || *p == ']';
        n += !gap && !inside;
        inside = !gap;
    }
    return n;
}

static const struct {
    const char *name;
    xyz_what what;
    char type; /* R I S, 0 any */
    int n;
    unsigned array;
} known[] = {{"species", XYZ_SPECIES, 'S', 1, 0},      {"symbols", XYZ_SPECIES, 'S', 1, 0},
             {"element", XYZ_SPECIES, 'S', 1, 0},      {"label", XYZ_LABEL, 'S', 1, 0},
             {"Z", XYZ_NUMBER, 'I', 1, 0},             {"numbers", XYZ_NUMBER, 'I', 1, 0},
             {"pos", XYZ_POSITION, 'R', 3, 0},         {"positions", XYZ_POSITION, 'R', 3, 0},
             {"velo", XYZ_VELOCITY, 'R', 3, LITHIA_VELOCITY}, {"vel", XYZ_VELOCITY, 'R', 3, LITHIA_VELOCITY},
             {"momenta", XYZ_MOMENTUM, 'R', 3, LITHIA_VELOCITY}, {"forces", XYZ_FORCE, 'R', 3, LITHIA_FORCE},
             {"force", XYZ_FORCE, 'R', 3, LITHIA_FORCE}, {"charge", XYZ_CHARGE, 'R', 1, LITHIA_CHARGE},
             {"charges", XYZ_CHARGE, 'R', 1, LITHIA_CHARGE}, {"initial_charges", XYZ_CHARGE, 'R', 1, LITHIA_CHARGE},
             {"id", XYZ_ID, 'I', 1, LITHIA_ID},        {"image", XYZ_IMAGE, 'I', 3, LITHIA_IMAGE},
             {"occupancy", XYZ_OCCUPANCY, 'R', 1, LITHIA_OCCUPANCY}, {"site", XYZ_SITE, 'I', 1, LITHIA_OCCUPANCY},
             {"u_iso", XYZ_U_ISO, 'R', 1, LITHIA_U_ISO},      {"region", XYZ_REGION, 'S', 1, LITHIA_REGION},
             {"shell_displacement", XYZ_SHELL, 'R', 3, LITHIA_SHELL}};

/* Properties=species:S:1:pos:R:3:... */
static lithia_status properties(const reader *r, const char *p, const char *end)
{
    xyz_comment *c = r->comment;
    c->n_columns = 0;
    while (p < end) {
        const char *name = p, *colon = memchr(p, ':', (size_t)(end - p));
        if (!colon || colon == p || colon + 3 >= end + 0 || colon[2] != ':' || !strchr("RISL", colon[1]))
            return wrong(r, p, "Properties is name:type:count, again and again, type one of R I S L: species:S:1:pos:R:3");
        int n = 0;
        const char *q = colon + 3;
        while (q < end && *q >= '0' && *q <= '9' && n < 1000)
            n = 10 * n + (*q++ - '0');
        if (n < 1 || n > 999 || (q < end && *q != ':'))
            return wrong(r, colon + 3, "a count of columns from 1 to 999 belongs here");
        if (c->n_columns == XYZ_COLUMNS)
            return wrong(r, p, "Properties has more than 64 entries");
        xyz_column *column = &c->column[c->n_columns++];
        *column = (xyz_column){XYZ_SKIP, n, ""};
        size_t length = (size_t)(colon - name);
        scan_copy(column->name, sizeof column->name, name, length);
        unsigned array = 0;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            if (strlen(known[i].name) == length && strncasecmp(known[i].name, name, length) == 0) {
                if (known[i].what == XYZ_REGION && colon[1] != 'S')
                    continue; /* another program's region */
                if (known[i].n != n || (known[i].type != colon[1] && !(known[i].type == 'R' && colon[1] == 'I')))
                    return lithia_fail_at(r->ctx, r->file, r->number, (size_t)(p - r->line) + 1,
                                          "the property %s is %s:%c:%d", known[i].name, known[i].name, known[i].type,
                                          known[i].n);
                column->what = known[i].what;
                array = known[i].array;
            }
        for (size_t i = 0; i + 1 < c->n_columns; i++) /* charge and initial_charges: the first counts */
            if (c->column[i].what == column->what && column->what != XYZ_SKIP) {
                lithia_warn(r->ctx, "%s: the column %s is passed over, %s says the same", r->file, column->name,
                            c->column[i].name);
                column->what = XYZ_SKIP;
                array = 0;
            }
        c->arrays |= array;
        if (column->what == XYZ_SKIP)
            lithia_warn(r->ctx, "%s: the column %s is not used", r->file, column->name);
        p = q < end ? q + 1 : q;
    }
    return LITHIA_OK;
}

static bool is_key(const char *key, size_t n, const char *name)
{
    return strlen(name) == n && strncasecmp(key, name, n) == 0;
}

static lithia_status stress_read(const reader *r, const char *p, const char *end)
{
    double s[9];
    size_t n = count_words(p, end);
    if (n == 6) /* Voigt: as lithia's own */
        return numbers(r, p, end, 6, r->comment->stress, "stress");
    LITHIA_TRY(numbers(r, p, end, 9, s, "stress"));
    const double voigt[6] = {s[0], s[4], s[8], 0.5 * (s[5] + s[7]), 0.5 * (s[2] + s[6]), 0.5 * (s[1] + s[3])};
    memcpy(r->comment->stress, voigt, sizeof voigt);
    return LITHIA_OK;
}

static lithia_status pbc_read(reader *r, const char *p, const char *end)
{
    int n = 0;
    for (const char *q = p; q < end; q++) {
        bool yes = strchr("Tt1", *q) != NULL, no = strchr("Ff0", *q) != NULL;
        if ((yes || no) && n < 3)
            r->comment->cell.periodic[n++] = yes;
        else if (yes || no)
            return wrong(r, p, "pbc has three values, T or F");
        while (q + 1 < end && strchr("rueRUEalseALSE", q[1]) && q[1])
            q++;
    }
    if (n != 3)
        return wrong(r, p, "pbc has three values, T or F");
    r->has_pbc = true;
    return LITHIA_OK;
}

static lithia_status entry(reader *r, const char *key, size_t n, const char *p, const char *end)
{
    xyz_comment *c = r->comment;
    if (is_key(key, n, "Lattice")) {
        c->extended = true;
        return numbers(r, p, end, 9, &c->cell.h[0][0], "Lattice");
    }
    if (is_key(key, n, "Properties")) {
        c->extended = true;
        return properties(r, p, end);
    }
    if (is_key(key, n, "pbc"))
        return pbc_read(r, p, end);
    if (is_key(key, n, "energy"))
        return numbers(r, p, end, 1, &c->energy, "energy");
    if (is_key(key, n, "free_energy")) {
        r->has_free_energy = true;
        return numbers(r, p, end, 1, &r->free_energy, "free_energy");
    }
    if (is_key(key, n, "stress"))
        return stress_read(r, p, end);
    if (is_key(key, n, "virial")) {
        r->has_virial = true;
        return numbers(r, p, end, 9, r->virial, "virial");
    }
    if (is_key(key, n, "time_ps"))
        return numbers(r, p, end, 1, &c->time, "time_ps");
    if (is_key(key, n, "time_fs")) {
        LITHIA_TRY(numbers(r, p, end, 1, &c->time, "time_fs"));
        c->time *= 1e-3;
        return LITHIA_OK;
    }
    if (is_key(key, n, "time"))
        lithia_warn(r->ctx, "%s: \"time\" has no unit and is not used; give the time between frames (--frame-time)",
                    r->file);
    if (is_key(key, n, "step")) {
        const char *q = p;
        char word[24];
        scan_copy(word, sizeof word, p, (size_t)(end - p));
        q = word;
        if (!scan_integer(&q, &c->step))
            return wrong(r, p, "step is a whole number");
    }
    if (is_key(key, n, "unwrapped")) /* lithia's own: positions are continuous over the frames */
        c->unwrapped = end == p || strchr("Tt1", *p) != NULL;
    if (is_key(key, n, "title")) {
        lithia_free(c->title);
        c->title = lithia_format(r->ctx, "%.*s", (int)(end - p < 1000 ? end - p : 1000), p);
        return c->title ? LITHIA_OK : LITHIA_NOMEM;
    }
    return LITHIA_OK;
}

/* key=value, key="value with blanks", key={...}, key=[...], or a key alone, which means true. */
static lithia_status entries(reader *r)
{
    const char *p = scan_skip(r->line);
    while (*p) {
        const char *key = p;
        if (*p == '"') {
            const char *end = strchr(p + 1, '"');
            if (!end)
                return wrong(r, p, "the quote is not closed");
            key = p + 1;
            p = end + 1;
            if (*p != '=') {
                p = scan_skip(p);
                continue;
            }
        } else
            while (*p && *p != '=' && !scan_blank(*p))
                p++;
        size_t n = (size_t)(p - key) - (p > key && p[-1] == '"' ? 1 : 0);
        const char *equal = scan_skip(p);
        if (*equal != '=') {
            p = equal;
            continue;
        }
        p = scan_skip(equal + 1);
        char open = *p, close = (char)(open == '"' ? '"' : open == '{' ? '}' : open == '[' ? ']' : open == '\'' ? '\'' : 0);
        const char *value = close ? p + 1 : p, *end = value;
        int depth = 1;
        while (*end && (close || !scan_blank(*end))) {
            if (close && close != open && *end == open)
                depth++;
            if (close && *end == close && --depth == 0)
                break;
            end++;
        }
        if (close && *end != close)
            return wrong(r, p, "the quote or bracket is not closed");
        LITHIA_TRY(entry(r, key, n, value, end));
        p = scan_skip(close ? end + 1 : end);
    }
    return LITHIA_OK;
}

/* CP2K's trajectories: " i =  10, time =  5.000, E =  -17.16" with fs and hartree. */
static bool cp2k(const char *line, xyz_comment *c)
{
    const double hartree = 27.211386245988; /* eV, CODATA 2018 */
    const char *i = strstr(line, "i ="), *t = strstr(line, "time ="), *e = strstr(line, "E =");
    int64_t step;
    double time, energy;
    if (!i || !t || !e || i != scan_skip(line))
        return false;
    i += 3;
    t += 6;
    e += 3;
    char word[24];
    size_t n = strcspn(i + strspn(i, " "), ", ");
    scan_copy(word, sizeof word, i + strspn(i, " "), n);
    i = word;
    if (!scan_integer(&i, &step) || !scan_real_until(&t, ",", &time) || !scan_real_until(&e, ",", &energy))
        return false;
    c->step = step;
    c->time = time * 1e-3;
    c->energy = energy * hartree;
    return true;
}

/* Whether the line looks like key=value at all: "Lattice=" or "Properties=" is in it. */
static bool has_extended(const char *line)
{
    return strcasestr(line, "lattice=") || strcasestr(line, "properties=");
}

lithia_status xyz_comment_read(lithia_context *ctx, const char *file, size_t line_number, const char *line,
                               xyz_comment *c)
{
    *c = (xyz_comment){.energy = NAN, .time = NAN, .step = -1, .n_columns = 2,
                       .column = {{XYZ_SPECIES, 1, "species"}, {XYZ_POSITION, 3, "pos"}}};
    for (int i = 0; i < 6; i++)
        c->stress[i] = NAN;
    reader r = {.ctx = ctx, .file = file, .line = line, .number = line_number, .comment = c};
    if (!has_extended(line)) {
        if (!cp2k(line, c) && !scan_end(line)) {
            c->title = lithia_format(ctx, "%.1000s", line);
            return c->title ? LITHIA_OK : LITHIA_NOMEM;
        }
        return LITHIA_OK;
    }
    LITHIA_TRY(entries(&r));
    double volume = lithia_cell_volume(&c->cell);
    bool any = false;
    for (int i = 0; i < 9; i++)
        any |= (&c->cell.h[0][0])[i] != 0.0;
    if (any && !r.has_pbc)
        for (int i = 0; i < 3; i++)
            c->cell.periodic[i] = true;
    if (!any)
        c->cell.periodic[0] = c->cell.periodic[1] = c->cell.periodic[2] = false;
    if (isnan(c->energy) && r.has_free_energy)
        c->energy = r.free_energy;
    if (r.has_virial && isnan(c->stress[0]) && volume != 0.0) { /* virial = -V stress */
        const double *w = r.virial, by = -1.0 / fabs(volume);
        const double stress[6] = {by * w[0], by * w[4], by * w[8], by * 0.5 * (w[5] + w[7]), by * 0.5 * (w[2] + w[6]),
                                  by * 0.5 * (w[1] + w[3])};
        memcpy(c->stress, stress, sizeof stress);
    }
    bool position = false, name = false;
    xyz_what best = XYZ_SKIP; /* of several columns that name the atom, the one that says most */
    for (size_t i = 0; i < c->n_columns; i++)
        if (c->column[i].what == XYZ_LABEL || (c->column[i].what == XYZ_SPECIES && best != XYZ_LABEL) ||
            (c->column[i].what == XYZ_NUMBER && best == XYZ_SKIP))
            best = c->column[i].what;
    for (size_t i = 0; i < c->n_columns; i++)
        if ((c->column[i].what == XYZ_SPECIES || c->column[i].what == XYZ_NUMBER) && c->column[i].what != best)
            c->column[i].what = XYZ_SKIP;
    for (size_t i = 0; i < c->n_columns; i++) {
        position |= c->column[i].what == XYZ_POSITION;
        name |= c->column[i].what == XYZ_SPECIES || c->column[i].what == XYZ_NUMBER || c->column[i].what == XYZ_LABEL;
    }
    if (!position || !name)
        return lithia_fail_at(ctx, file, line_number, 0, "Properties lacks %s", position ? "species:S:1" : "pos:R:3");
    return LITHIA_OK;
}
