/* LAMMPS text dumps: any columns, orthogonal, restricted and general triclinic boxes. */
#include "lammps.h"
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef enum { SKIP, ID, TYPE, ELEMENT, MASS, REAL, IMAGE } column_what;

enum { COLUMNS = 256 };

typedef struct {
    column_what what;
    int axis;
    unsigned array; /* of a REAL: 0 positions, or the bit */
    char name[24];
} dump_column;

/* In which way positions are given. */
typedef enum { NOT, PLAIN, SCALED, UNWRAPPED, SCALED_UNWRAPPED } position_kind;

typedef struct {
    io_input in;
    const char *name;
    const lammps_units *units;
    lammps_types types;
    lithia_species_list elements; /* where there is a column of names */
    size_t n_columns;
    dump_column column[COLUMNS];
    char *header; /* the columns' line the plan was made from */
    position_kind position;
    unsigned arrays;
    bool has_element, has_type, has_mass;
    io_rows rows;
    /* Of the frame at hand. */
    lithia_cell cell;
    double origin[3], time;
    int64_t step, n_atoms;
    bool has_step, has_atoms, has_box;
    size_t frame;
    double *mass;
    size_t mass_room;
} dump_reader;

static lithia_status wrong(const dump_reader *r, const char *line, const char *at, const char *what)
{
    return lithia_fail_at(r->in.ctx, r->name, lithia_file_line_number(r->in.file),
                          at ? (size_t)(scan_skip(at) - line) + 1 : 0, "%s", what);
}

static int sniff(const char *head, size_t n)
{
    size_t at = 0;
    while (at < n && (scan_blank(head[at]) || head[at] == '\n'))
        at++;
    return n - at >= 6 && memcmp(head + at, "ITEM: ", 6) == 0 ? 3 : 0;
}

static lithia_status open_reader(const io_input *input, void **state)
{
    dump_reader *r = lithia_calloc(input->ctx, 1, sizeof *r);
    if (!r)
        return LITHIA_NOMEM;
    r->in = *input;
    r->name = lithia_file_name_view(input->file);
    *state = r;
    LITHIA_TRY(lammps_units_named(input->ctx, input->want.units, &r->units));
    return lammps_types_given(input->ctx, &r->types, input->want.types);
}

static void close_reader(void *state)
{
    dump_reader *r = state;
    lammps_types_free(&r->types);
    lithia_species_list_free(&r->elements);
    lithia_free(r->header);
    lithia_free(r->mass);
    lithia_free(r);
}

static const struct {
    const char *name;
    column_what what;
    int axis;
    unsigned array;
    position_kind position;
} known[] = {{"id", ID, 0, 0, NOT}, {"type", TYPE, 0, 0, NOT}, {"element", ELEMENT, 0, 0, NOT},
             {"mass", MASS, 0, 0, NOT}, {"q", REAL, 0, LITHIA_CHARGE, NOT},
             {"x", REAL, 0, 0, PLAIN}, {"y", REAL, 1, 0, PLAIN}, {"z", REAL, 2, 0, PLAIN},
             {"xs", REAL, 0, 0, SCALED}, {"ys", REAL, 1, 0, SCALED}, {"zs", REAL, 2, 0, SCALED},
             {"xu", REAL, 0, 0, UNWRAPPED}, {"yu", REAL, 1, 0, UNWRAPPED}, {"zu", REAL, 2, 0, UNWRAPPED},
             {"xsu", REAL, 0, 0, SCALED_UNWRAPPED}, {"ysu", REAL, 1, 0, SCALED_UNWRAPPED},
             {"zsu", REAL, 2, 0, SCALED_UNWRAPPED},
             {"ix", IMAGE, 0, LITHIA_IMAGE, NOT}, {"iy", IMAGE, 1, LITHIA_IMAGE, NOT}, {"iz", IMAGE, 2, LITHIA_IMAGE, NOT},
             {"vx", REAL, 0, LITHIA_VELOCITY, NOT}, {"vy", REAL, 1, LITHIA_VELOCITY, NOT},
             {"vz", REAL, 2, LITHIA_VELOCITY, NOT}, {"fx", REAL, 0, LITHIA_FORCE, NOT},
             {"fy", REAL, 1, LITHIA_FORCE, NOT}, {"fz", REAL, 2, LITHIA_FORCE, NOT}};
enum { N_KNOWN = sizeof known / sizeof known[0] };

/* What each column is; of several kinds of positions one is chosen: unwrapped ones tell most. */
static lithia_status plan(dump_reader *r, const char *line)
{
    int seen[5] = {0}, parts[3] = {0}; /* parts: image, velocity, force axes */
    const char *p = line;
    size_t n;
    if (r->header && strcmp(r->header, line) == 0)
        return LITHIA_OK;
    lithia_free(r->header);
    r->header = lithia_strdup(r->in.ctx, line);
    if (!r->header)
        return LITHIA_NOMEM;
    r->n_columns = 0;
    r->arrays = 0;
    r->has_element = r->has_type = r->has_mass = false;
    position_kind kind[COLUMNS];
    for (const char *word; (word = scan_word(&p, &n)) != NULL;) {
        if (r->n_columns == COLUMNS)
            return wrong(r, line, word, "more than 256 columns");
        dump_column *c = &r->column[r->n_columns];
        *c = (dump_column){.what = SKIP};
        scan_copy(c->name, sizeof c->name, word, n);
        kind[r->n_columns] = NOT;
        for (size_t i = 0; i < N_KNOWN; i++)
            if (strcmp(known[i].name, c->name) == 0) {
                *c = (dump_column){.what = known[i].what, .axis = known[i].axis, .array = known[i].array};
                scan_copy(c->name, sizeof c->name, word, n);
                kind[r->n_columns] = known[i].position;
                seen[known[i].position] |= 1 << known[i].axis;
                r->arrays |= c->array;
                r->arrays |= c->what == ID ? LITHIA_ID : 0;
                int part = c->array == LITHIA_IMAGE ? 0 : c->array == LITHIA_VELOCITY ? 1 : c->array == LITHIA_FORCE ? 2 : -1;
                if (part >= 0)
                    parts[part] |= 1 << c->axis;
            }
        for (size_t i = 0; i < r->n_columns && c->what != SKIP; i++)
            if (strcmp(r->column[i].name, c->name) == 0)
                return lithia_fail_at(r->in.ctx, r->name, lithia_file_line_number(r->in.file), 0, "two columns %s", c->name);
        if (c->what == SKIP)
            lithia_warn(r->in.ctx, "%s: the column %s is not used", r->name, c->name);
        r->has_element |= c->what == ELEMENT;
        r->has_type |= c->what == TYPE;
        r->has_mass |= c->what == MASS;
        r->n_columns++;
    }
    r->position = seen[UNWRAPPED] == 7          ? UNWRAPPED
                  : seen[SCALED_UNWRAPPED] == 7 ? SCALED_UNWRAPPED
                  : seen[PLAIN] == 7            ? PLAIN
                  : seen[SCALED] == 7           ? SCALED
                                                : NOT;
    if (r->position == NOT)
        return wrong(r, NULL, NULL, "there are no positions: x y z, xs ys zs, xu yu zu or xsu ysu zsu are wanted");
    for (size_t i = 0; i < r->n_columns; i++)
        if (kind[i] != NOT && kind[i] != r->position)
            r->column[i].what = SKIP;
    static const unsigned bit[3] = {LITHIA_IMAGE, LITHIA_VELOCITY, LITHIA_FORCE};
    for (int part = 0; part < 3; part++)
        if (parts[part] != 7) { /* vx without vy, vz */
            r->arrays &= ~bit[part];
            for (size_t i = 0; i < r->n_columns; i++)
                if (r->column[i].array == bit[part])
                    r->column[i].what = SKIP;
        }
    if (r->position == UNWRAPPED || r->position == SCALED_UNWRAPPED) { /* image flags are in the positions already */
        r->arrays &= ~(unsigned)LITHIA_IMAGE;
        for (size_t i = 0; i < r->n_columns; i++)
            r->column[i].what = r->column[i].what == IMAGE ? SKIP : r->column[i].what;
    }
    if (!r->has_element && !r->has_type)
        return wrong(r, NULL, NULL, "neither a column `element` nor a column `type` tells the species");
    if (!r->has_element && !r->in.want.types && !r->has_mass)
        return wrong(r, NULL, NULL, "the dump has only the numbers of the types; name them in their order, --types Li,O,...");
    if (r->has_element) /* names outweigh numbers */
        for (size_t i = 0; i < r->n_columns; i++)
            r->column[i].what = r->column[i].what == TYPE || r->column[i].what == MASS ? SKIP : r->column[i].what;
    return LITHIA_OK;
}

static lithia_status line_of(dump_reader *r, char **line)
{
    LITHIA_TRY(lithia_file_line(r->in.file, line, NULL));
    return *line ? LITHIA_OK : wrong(r, NULL, NULL, "the file ends within a frame");
}

/* BOX BOUNDS: three lines. Restricted triclinic boxes are written as their bounding box (Howto_triclinic). */
static lithia_status read_box(dump_reader *r, const char *words)
{
    double number[3][4];
    bool general = strstr(words, "abc origin") != NULL, tilted = strstr(words, "xy xz yz") != NULL;
    int want = general ? 4 : tilted ? 3 : 2, axis = 0;
    size_t n;
    for (int i = 0; i < 3; i++)
        r->cell.periodic[i] = true; /* dumps of old do not tell */
    for (const char *p = words, *word; (word = scan_word(&p, &n)) != NULL;)
        if (n == 2 && strchr("pfsm", word[0]) && strchr("pfsm", word[1]) && axis < 3)
            r->cell.periodic[axis++] = word[0] == 'p';
    for (int i = 0; i < 3; i++) {
        char *line;
        LITHIA_TRY(line_of(r, &line));
        const char *p = line;
        for (int k = 0; k < want; k++)
            if (!scan_real(&p, &number[i][k]) || !(fabs(number[i][k]) < 1e9))
                return wrong(r, line, p, "the numbers of the box belong here");
        if (!scan_end(p) && !general && !tilted && scan_real(&p, &number[i][2])) /* tilts without their names */
            tilted = (want = 3) == 3;
    }
    double(*h)[3] = r->cell.h;
    if (general) {
        for (int i = 0; i < 3; i++) {
            memcpy(h[i], number[i], sizeof h[i]);
            r->origin[i] = number[i][3];
        }
    } else {
        double xy = tilted ? number[0][2] : 0.0, xz = tilted ? number[1][2] : 0.0, yz = tilted ? number[2][2] : 0.0;
        double low[3] = {number[0][0] - fmin(fmin(0.0, xy), fmin(xz, xy + xz)), number[1][0] - fmin(0.0, yz), number[2][0]};
        double high[3] = {number[0][1] - fmax(fmax(0.0, xy), fmax(xz, xy + xz)), number[1][1] - fmax(0.0, yz), number[2][1]};
        const double box[3][3] = {{high[0] - low[0], 0, 0}, {xy, high[1] - low[1], 0}, {xz, yz, high[2] - low[2]}};
        memcpy(h, box, sizeof box);
        memcpy(r->origin, low, sizeof low);
        for (int i = 0; i < 3; i++)
            if (!(h[i][i] > 0.0))
                return wrong(r, NULL, NULL, "the box has no volume: a lower bound is not below the upper one");
    }
    if (lithia_cell_volume(&r->cell) == 0.0)
        return wrong(r, NULL, NULL, "the box has no volume");
    r->has_box = true;
    return LITHIA_OK;
}

/* Up to the line ITEM: ATOMS. *end if the file ends before the frame begins. */
static lithia_status read_items(dump_reader *r, bool *end, char **columns)
{
    char *line;
    bool any = false;
    r->has_step = r->has_atoms = r->has_box = false;
    r->time = NAN;
    for (;;) {
        LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL));
        if (!line && !any) {
            *end = true;
            return LITHIA_OK;
        }
        if (!line)
            return wrong(r, NULL, NULL, "the file ends within a frame");
        if (!any && scan_end(line))
            continue;
        if (strncmp(line, "ITEM: ", 6) != 0)
            return wrong(r, line, line, "a line \"ITEM: ...\" belongs here");
        any = true;
        const char *item = line + 6, *p;
        if (strncmp(item, "ATOMS", 5) == 0) {
            if (!r->has_step || !r->has_atoms || !r->has_box)
                return wrong(r, NULL, NULL, "TIMESTEP, NUMBER OF ATOMS and BOX BOUNDS come before ATOMS");
            *columns = line + 11;
            return LITHIA_OK;
        }
        if (strncmp(item, "BOX BOUNDS", 10) == 0) {
            char words[100];
            scan_copy(words, sizeof words, item + 10, strlen(item + 10));
            LITHIA_TRY(read_box(r, words));
            continue;
        }
        char what = strncmp(item, "TIMESTEP", 8) == 0          ? 's'
                    : strncmp(item, "NUMBER OF ATOMS", 15) == 0 ? 'n'
                    : strncmp(item, "TIME", 4) == 0             ? 't'
                    : strncmp(item, "UNITS", 5) == 0            ? 'u'
                                                                : 0;
        if (!what)
            return wrong(r, line, item, "this ITEM is not known");
        LITHIA_TRY(line_of(r, &line));
        p = line;
        if (what == 's' && (r->has_step || !scan_integer(&p, &r->step)))
            return wrong(r, line, line, "the number of the step belongs here, once a frame");
        if (what == 'n' && (!scan_integer(&p, &r->n_atoms) || r->n_atoms < 0 || r->n_atoms > IO_ATOMS_MOST))
            return wrong(r, line, line, "the number of atoms belongs here");
        if (what == 't' && (!scan_real(&p, &r->time) || !isfinite(r->time)))
            return wrong(r, line, line, "the time belongs here");
        if (what == 'u' && !r->in.want.units) {
            char name[16];
            size_t n;
            const char *word = scan_word(&p, &n);
            scan_copy(name, sizeof name, word ? word : "", word ? n : 0);
            LITHIA_TRY(lammps_units_named(r->in.ctx, name, &r->units));
        }
        r->has_step |= what == 's';
        r->has_atoms |= what == 'n';
    }
}

static lithia_status bad_value(dump_reader *r, const char *line, const char *p, const dump_column *c)
{
    return lithia_fail_at(r->in.ctx, r->name, lithia_file_line_number(r->in.file), (size_t)(scan_skip(p) - line) + 1,
                          "frame %zu: %s cannot be read", r->frame, c->name);
}

static lithia_status bad_species(dump_reader *r, const char *line, const char *p)
{
    char why[300];
    scan_copy(why, sizeof why, lithia_message_view(r->in.ctx), strlen(lithia_message_view(r->in.ctx)));
    return wrong(r, line, p, why);
}

static lithia_status type_kind(dump_reader *r, int64_t type, int *kind)
{
    lithia_context *ctx = r->in.ctx;
    if (r->in.want.types && type > (int64_t)r->types.n)
        return lithia_fail(ctx, LITHIA_PARSE, "type %lld, but only %zu are named by --types", (long long)type, r->types.n);
    LITHIA_TRY(lammps_types_reserve(ctx, &r->types, (size_t)type));
    *kind = (int)type - 1; /* settled by settle_masses() where only the mass tells */
    return LITHIA_OK;
}

static lithia_status read_row(dump_reader *r, lithia_frame *frame, size_t i, const char *line)
{
    const char *p = line;
    size_t n;
    int64_t m;
    for (size_t k = 0; k < r->n_columns; k++) {
        const dump_column *c = &r->column[k];
        switch (c->what) {
        case REAL: {
            double *to = c->array == 0                 ? &frame->position[i][c->axis]
                         : c->array == LITHIA_VELOCITY ? &frame->velocity[i][c->axis]
                         : c->array == LITHIA_FORCE    ? &frame->force[i][c->axis]
                                                       : &frame->charge[i];
            if (!scan_real(&p, to) || !isfinite(*to))
                return bad_value(r, line, p, c);
            break;
        }
        case ID:
            if (!scan_integer(&p, &frame->id[i]))
                return bad_value(r, line, p, c);
            break;
        case IMAGE:
            if (!scan_integer(&p, &m) || llabs(m) > IO_ATOMS_MOST)
                return bad_value(r, line, p, c);
            frame->image[i][c->axis] = (int)m;
            break;
        case TYPE:
            if (!scan_integer(&p, &m) || m < 1 || m > 100000)
                return bad_value(r, line, p, c);
            if (type_kind(r, m, &frame->kind[i]) != LITHIA_OK)
                return bad_species(r, line, p);
            break;
        case MASS:
            if (!scan_real(&p, &r->mass[i]) || !(r->mass[i] > 0.0) || !isfinite(r->mass[i]))
                return bad_value(r, line, p, c);
            break;
        case ELEMENT: {
            const char *word = scan_word(&p, &n);
            if (!word)
                return bad_value(r, line, p, c);
            if (io_kind(r->in.ctx, &r->elements, word, n, i ? frame->kind[i - 1] : 0, &frame->kind[i]) != LITHIA_OK)
                return bad_species(r, line, word);
            break;
        }
        case SKIP:
            if (!scan_word(&p, &n))
                return bad_value(r, line, p, c);
            break;
        }
    }
    return scan_end(p) ? LITHIA_OK : wrong(r, line, p, "the row has more columns than ITEM: ATOMS names");
}

/* Types whose species only the mass tells. */
static lithia_status settle_masses(dump_reader *r, lithia_frame *frame)
{
    lithia_context *ctx = r->in.ctx;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        int type = frame->kind[i], *kind = &r->types.kind[type];
        if (*kind < 0) {
            int z = lammps_element_of_mass(r->mass[i]);
            char label[16];
            if (!z)
                return lithia_fail_at(ctx, r->name, lithia_file_line_number(r->in.file), 0,
                                      "no element has the mass %g of type %d; name the types, --types", r->mass[i], type + 1);
            snprintf(label, sizeof label, "%s", lithia_element_symbol(z));
            if (lithia_species_find(&r->types.species, label) >= 0)
                snprintf(label, sizeof label, "%s%d", lithia_element_symbol(z), type + 1);
            LITHIA_TRY(lithia_species_add(ctx, &r->types.species, label, kind));
            lithia_warn(ctx, "%s: type %d is taken as %s from its mass %g", r->name, type + 1, label, r->mass[i]);
        }
        frame->kind[i] = *kind;
    }
    return LITHIA_OK;
}

/* From the file's numbers to internal ones: scaled to Cartesian, box corner to origin, units. */
static void finish_positions(dump_reader *r, lithia_frame *frame)
{
    bool scaled = r->position == SCALED || r->position == SCALED_UNWRAPPED;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        double *x = frame->position[i];
        if (scaled) {
            double s[3] = {x[0], x[1], x[2]};
            lithia_cell_cartesian(frame->cell.h, s, x);
        } else
            for (int k = 0; k < 3; k++)
                x[k] -= r->origin[k];
    }
    frame->unwrapped = r->position == UNWRAPPED || r->position == SCALED_UNWRAPPED;
    const struct {
        double (*v)[3], by;
    } scale[2] = {{frame->velocity, r->units->velocity}, {frame->force, r->units->force}};
    for (int a = 0; a < 2; a++)
        if (scale[a].v && scale[a].by != 1.0)
            for (size_t i = 0; i < frame->n_atoms; i++)
                for (int k = 0; k < 3; k++)
                    scale[a].v[i][k] *= scale[a].by;
}

static lithia_status next_frame(void *state, lithia_frame *frame, bool *end)
{
    dump_reader *r = state;
    lithia_context *ctx = r->in.ctx;
    char *line;
    LITHIA_TRY(read_items(r, end, &line));
    if (*end)
        return LITHIA_OK;
    LITHIA_TRY(plan(r, line));
    size_t n = (size_t)r->n_atoms, first = lithia_file_line_number(r->in.file) + 1;
    bool by_mass = !r->has_element && !r->in.want.types;
    LITHIA_TRY(io_rows_begin(ctx, &r->rows, frame, n, r->arrays));
    for (size_t i = 0; i < n; i++) {
        LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL));
        if (!line || strncmp(line, "ITEM:", 5) == 0)
            return lithia_fail_at(ctx, r->name, lithia_file_line_number(r->in.file), 0,
                                  "frame %zu ends after %zu of its %zu atoms", r->frame, i, n);
        LITHIA_TRY(io_rows_room(ctx, &r->rows, frame, i));
        if (by_mass || r->has_mass)
            LITHIA_TRY(lithia_reserve(ctx, (void **)&r->mass, &r->mass_room, i + 1, sizeof *r->mass));
        LITHIA_TRY(read_row(r, frame, i, line));
    }
    io_rows_end(&r->rows);
    frame->cell = r->cell;
    frame->step = r->step >= 0 ? r->step : -1;
    frame->time = r->time * r->units->time;
    if (by_mass)
        LITHIA_TRY(settle_masses(r, frame));
    LITHIA_TRY(io_frame_species(ctx, frame, r->has_element ? &r->elements : &r->types.species));
    finish_positions(r, frame);
    r->frame++;
    return io_frame_sort(ctx, frame, r->name, first);
}

typedef struct {
    io_target to;
    const lammps_units *units;
    int *number;
    lithia_species_list written;
    bool begun; /* the units are in the file */
} dump_writer;

static lithia_status begin_writer(const io_target *target, void **state)
{
    dump_writer *w = lithia_calloc(target->ctx, 1, sizeof *w);
    if (!w)
        return LITHIA_NOMEM;
    w->to = *target;
    *state = w;
    w->begun = target->resumed;
    return lammps_units_named(target->ctx, target->want.units, &w->units);
}

static void end_writer(void *state)
{
    dump_writer *w = state;
    lithia_species_list_free(&w->written);
    lithia_free(w->number);
    lithia_free(w);
}

static char *print_vector(char *p, const double v[3], double by, int digits)
{
    for (int k = 0; k < 3; k++) {
        *p++ = ' ';
        p = print_real(p, by == 1.0 ? v[k] : v[k] / by, digits);
    }
    return p;
}

static lithia_status write_head(dump_writer *w, const lithia_frame *frame, const lammps_box *box)
{
    lithia_output_file *out = w->to.output;
    const double(*h)[3] = box->cell.h;
    const bool *periodic = box->cell.periodic;
    double xy = h[1][0], xz = h[2][0], yz = h[2][1];
    bool tilted = xy != 0.0 || xz != 0.0 || yz != 0.0;
    char row[4 * PRINT_ROOM], *p;
    if (!w->begun)
        LITHIA_TRY(lithia_output_file_print(out, "ITEM: UNITS\n%s\n", w->units->name));
    w->begun = true;
    if (isfinite(frame->time)) {
        p = print_real(row, frame->time / w->units->time, 17);
        *p++ = '\n';
        LITHIA_TRY(lithia_output_file_print(out, "ITEM: TIME\n"));
        LITHIA_TRY(lithia_output_file_write(out, row, (size_t)(p - row)));
    }
    LITHIA_TRY(lithia_output_file_print(out, "ITEM: TIMESTEP\n%lld\nITEM: NUMBER OF ATOMS\n%zu\nITEM: BOX BOUNDS %s%s %s %s\n",
                                        frame->step >= 0 ? (long long)frame->step : 0LL, frame->n_atoms,
                                        tilted ? "xy xz yz " : "", periodic[0] ? "pp" : "ff", periodic[1] ? "pp" : "ff",
                                        periodic[2] ? "pp" : "ff"));
    const double low[3] = {fmin(fmin(0.0, xy), fmin(xz, xy + xz)), fmin(0.0, yz), 0.0};
    const double high[3] = {h[0][0] + fmax(fmax(0.0, xy), fmax(xz, xy + xz)), h[1][1] + fmax(0.0, yz), h[2][2]};
    const double tilt[3] = {xy, xz, yz};
    for (int i = 0; i < 3; i++) {
        p = print_real(row, low[i], 17);
        *p++ = ' ';
        p = print_real(p, high[i], 17);
        if (tilted) {
            *p++ = ' ';
            p = print_real(p, tilt[i], 17);
        }
        *p++ = '\n';
        LITHIA_TRY(lithia_output_file_write(out, row, (size_t)(p - row)));
    }
    bool u = frame->unwrapped && !frame->image;
    return lithia_output_file_print(out, "ITEM: ATOMS id type element %s%s%s%s%s\n", u ? "xu yu zu" : "x y z",
                                    frame->image ? " ix iy iz" : "", frame->velocity ? " vx vy vz" : "",
                                    frame->force ? " fx fy fz" : "", frame->charge ? " q" : "");
}

static lithia_status add_frame(void *state, const lithia_frame *frame)
{
    dump_writer *w = state;
    lithia_context *ctx = w->to.ctx;
    lammps_box box;
    size_t n_types;
    double v[3];
    char row[24 * PRINT_ROOM];
    int digits = w->to.want.digits;
    LITHIA_TRY(lammps_box_of(ctx, &frame->cell, w->to.path, &box));
    if (box.turned)
        lithia_warn(ctx, "%s: the cell is turned so that a lies along x and b in the xy plane", w->to.path);
    LITHIA_TRY(lammps_type_numbers(ctx, &frame->species, w->to.want.types, &w->number, &n_types, &w->written));
    LITHIA_TRY(write_head(w, frame, &box));
    for (size_t i = 0; i < frame->n_atoms; i++) {
        char *p = print_integer(row, frame->id ? frame->id[i] : (int64_t)i + 1);
        *p++ = ' ';
        p = print_integer(p, w->number[frame->kind[i]]);
        *p++ = ' ';
        p = print_text(p, w->written.item[w->number[frame->kind[i]] - 1].label);
        lammps_turn(&box, frame->position[i], v);
        p = print_vector(p, v, 1.0, digits);
        for (int k = 0; frame->image && k < 3; k++) {
            *p++ = ' ';
            p = print_integer(p, frame->image[i][k]);
        }
        if (frame->velocity) {
            lammps_turn(&box, frame->velocity[i], v);
            p = print_vector(p, v, w->units->velocity, digits);
        }
        if (frame->force) {
            lammps_turn(&box, frame->force[i], v);
            p = print_vector(p, v, w->units->force, digits);
        }
        if (frame->charge) {
            *p++ = ' ';
            p = print_real(p, frame->charge[i], digits);
        }
        *p++ = '\n';
        LITHIA_TRY(lithia_output_file_write(w->to.output, row, (size_t)(p - row)));
    }
    return LITHIA_OK;
}

const io_format io_lammps_dump = {
    .about = {.name = "lammps-dump", .summary = "LAMMPS text dump", .extensions = ".dump .lammpstrj .lammpsdump dump.",
              .reads = true, .writes = true, .many = true, .appends = true,
              .holds = LITHIA_VELOCITY | LITHIA_FORCE | LITHIA_CHARGE | LITHIA_IMAGE | LITHIA_ID | LITHIA_HOLDS_CELL |
                       LITHIA_HOLDS_TIME | LITHIA_HOLDS_LABELS | LITHIA_HOLDS_ORDER | LITHIA_HOLDS_BOUNDARY},
    .sniff = sniff, .open = open_reader, .next = next_frame, .close = close_reader,
    .begin = begin_writer, .add = add_frame, .end = end_writer};
