/* LAMMPS data files (read_data, write_data): atom styles atomic, charge, molecular and full. */
#include "lammps_data.h"
#include <ctype.h>
#include <lithia/core/memory.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct {
    io_input in;
    const char *name;
    const lammps_units *units;
    lammps_types types;
    struct label {
        char text[24];
    } *label; /* of type i at [i - 1] */
    size_t n_labels;
    double *mass; /* of type i at [i - 1]; 0 unknown */
    char (*comment)[16]; /* a name behind the mass */
    size_t n_types;
    int64_t n_atoms;
    double low[3], high[3], tilt[3], general[3][3], origin[3];
    bool has_bounds[3], is_general, has_general[3], has_origin;
    atom_style style;
    io_rows rows;
    int64_t *id; /* of atom rows in file order, sorted with the index for Velocities */
    size_t id_room;
    bool done;
} data_reader;

static lithia_status wrong(const data_reader *r, const char *line, const char *at, const char *what)
{
    return lithia_fail_at(r->in.ctx, r->name, lithia_file_line_number(r->in.file),
                          at ? (size_t)(scan_skip(at) - line) + 1 : 0, "%s", what);
}

static int sniff(const char *head, size_t n)
{
    bool atoms = false, box = false;
    for (const char *p = head, *end = head + n; p < end;) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t length = (size_t)((stop ? stop : end) - p);
        atoms |= memmem(p, length, " atoms", 6) != NULL;
        box |= memmem(p, length, "xlo xhi", 7) != NULL || memmem(p, length, " avec", 5) != NULL;
        p += length + 1;
    }
    return atoms && box ? 3 : 0;
}

static lithia_status open_reader(const io_input *input, void **state)
{
    data_reader *r = lithia_calloc(input->ctx, 1, sizeof *r);
    if (!r)
        return LITHIA_NOMEM;
    r->in = *input;
    r->name = lithia_file_name_view(input->file);
    *state = r;
    const char *want = input->want.style;
    if (want) {
        static const char *const names[] = {"", "atomic", "charge", "molecular", "full"};
        for (int i = 1; i < 5; i++)
            if (strcasecmp(want, names[i]) == 0)
                r->style = (atom_style)i;
        if (r->style == STYLE_UNKNOWN)
            return lithia_fail(input->ctx, LITHIA_UNSUPPORTED,
                               "atom style \"%.30s\" is not known; atomic, charge, molecular and full are", want);
    }
    LITHIA_TRY(lammps_units_named(input->ctx, input->want.units, &r->units));
    return lammps_types_given(input->ctx, &r->types, input->want.types);
}

static void close_reader(void *state)
{
    data_reader *r = state;
    lammps_types_free(&r->types);
    lithia_free(r->label);
    lithia_free(r->mass);
    lithia_free(r->comment);
    lithia_free(r->id);
    lithia_free(r);
}

/* "... units = real, ..." in write_data's first line. */
static lithia_status first_line(data_reader *r, const char *line)
{
    const char *p = strstr(line, "units = ");
    if (!p || r->in.want.units)
        return LITHIA_OK;
    char name[16];
    p += 8;
    scan_copy(name, sizeof name, p, strcspn(p, " ,\t"));
    return lammps_units_named(r->in.ctx, name, &r->units);
}

static lithia_status types_reserve(data_reader *r, size_t n)
{
    lithia_context *ctx = r->in.ctx;
    LITHIA_TRY(lammps_types_reserve(ctx, &r->types, n));
    if (n <= r->n_types)
        return LITHIA_OK;
    LITHIA_TRY(lithia_resize(ctx, (void **)&r->label, r->n_types, n, sizeof *r->label));
    LITHIA_TRY(lithia_resize(ctx, (void **)&r->mass, r->n_types, n, sizeof *r->mass));
    LITHIA_TRY(lithia_resize(ctx, (void **)&r->comment, r->n_types, n, sizeof *r->comment));
    for (size_t i = r->n_types; i < n; i++) {
        r->label[i].text[0] = r->comment[i][0] = 0;
        r->mass[i] = 0.0;
    }
    r->n_types = n;
    return LITHIA_OK;
}

static bool ends_with(const char *line, const char *words)
{
    size_t n = strlen(line), m = strlen(words);
    while (n && scan_blank(line[n - 1]))
        n--;
    return n > m && memcmp(line + n - m, words, m) == 0 && scan_blank(line[n - m - 1]);
}

/* "8 atoms", "0 10 xlo xhi", ... ; a count of something else is passed over. */
static lithia_status header_line(data_reader *r, const char *line)
{
    static const char *const bounds[3] = {"xlo xhi", "ylo yhi", "zlo zhi"}, *const vectors[3] = {"avec", "bvec", "cvec"};
    const char *p = line;
    double x[3];
    int64_t n;
    for (int i = 0; i < 3; i++) {
        if (ends_with(line, bounds[i])) {
            if (!scan_real(&p, &r->low[i]) || !scan_real(&p, &r->high[i]) || !(fabs(r->low[i]) < 1e9) ||
                !(fabs(r->high[i]) < 1e9) || !(r->high[i] > r->low[i]))
                return wrong(r, line, line, "two numbers, the lower bound first, belong here");
            r->has_bounds[i] = true;
            return LITHIA_OK;
        }
        if (ends_with(line, vectors[i])) {
            for (int k = 0; k < 3; k++)
                if (!scan_real(&p, &r->general[i][k]) || !(fabs(r->general[i][k]) < 1e9))
                    return wrong(r, line, p, "a box vector has three numbers");
            r->is_general = r->has_general[i] = true;
            return LITHIA_OK;
        }
    }
    if (ends_with(line, "xy xz yz") || ends_with(line, "abc origin")) {
        for (int k = 0; k < 3; k++)
            if (!scan_real(&p, &x[k]) || !(fabs(x[k]) < 1e9))
                return wrong(r, line, p, "three numbers belong here");
        memcpy(ends_with(line, "xy xz yz") ? r->tilt : r->origin, x, sizeof x);
        return LITHIA_OK;
    }
    if (ends_with(line, "atoms")) {
        if (!scan_integer(&p, &r->n_atoms) || r->n_atoms < 0 || r->n_atoms > IO_ATOMS_MOST)
            return wrong(r, line, line, "the number of atoms belongs here");
        return LITHIA_OK;
    }
    if (ends_with(line, "atom types")) {
        if (!scan_integer(&p, &n) || n < 0 || n > 100000)
            return wrong(r, line, line, "the number of atom types, at most 100000, belongs here");
        return types_reserve(r, (size_t)n);
    }
    if (!scan_real(&p, &x[0]))
        return wrong(r, line, line, "a count and its name, a box, or the name of a section belongs here");
    return LITHIA_OK;
}

/* The number behind `line`, or that of the label. 0 if neither. */
static int64_t type_of(const data_reader *r, const char **p)
{
    const char *q = *p;
    int64_t type;
    if (scan_integer(&q, &type)) {
        *p = q;
        return type >= 1 && type <= (int64_t)r->types.n ? type : 0;
    }
    size_t n;
    const char *word = scan_word(p, &n);
    for (size_t i = 0; word && i < r->n_labels && i < r->n_types; i++)
        if (strlen(r->label[i].text) == n && memcmp(r->label[i].text, word, n) == 0)
            return (int64_t)i + 1;
    return 0;
}

/* Which species the types are: given, else the label, else the comment behind the mass, else the mass. */
static lithia_status settle_types(data_reader *r)
{
    lithia_context *ctx = r->in.ctx;
    for (size_t i = 0; i < r->types.n; i++) {
        const char *candidates[2] = {i < r->n_types ? r->label[i].text : "", i < r->n_types ? r->comment[i] : ""};
        for (int c = 0; c < 2 && r->types.kind[i] < 0; c++) {
            char label[16];
            scan_copy(label, sizeof label, candidates[c], strlen(candidates[c]));
            if (!label[0] || lithia_species_find(&r->types.species, label) >= 0 ||
                lithia_species_add(ctx, &r->types.species, label, &r->types.kind[i]) != LITHIA_OK)
                r->types.kind[i] = -1;
        }
        double mass = i < r->n_types ? r->mass[i] : 0.0;
        int z = r->types.kind[i] < 0 ? lammps_element_of_mass(mass) : 0;
        if (z) {
            char label[16];
            snprintf(label, sizeof label, "%s", lithia_element_symbol(z));
            if (lithia_species_find(&r->types.species, label) >= 0) /* two types of one element */
                snprintf(label, sizeof label, "%.2s%u", lithia_element_symbol(z), (unsigned)i + 1);
            LITHIA_TRY(lithia_species_add(ctx, &r->types.species, label, &r->types.kind[i]));
            lithia_warn(ctx, "%s: type %zu is taken as %s from its mass %g", r->name, i + 1, label, mass);
        }
        if (r->types.kind[i] >= 0 && mass > 0.0)
            r->types.species.item[r->types.kind[i]].mass = mass;
    }
    return LITHIA_OK;
}

/* The next line that is not blank, without its comment, which is returned apart; NULL at the end. */
static lithia_status content_line(data_reader *r, char **line, char **comment)
{
    for (;;) {
        LITHIA_TRY(lithia_file_line(r->in.file, line, NULL));
        if (!*line)
            return LITHIA_OK;
        *comment = strchr(*line, '#');
        if (*comment)
            *(*comment)++ = 0;
        if (!scan_end(*line))
            return LITHIA_OK;
    }
}

static bool is_section(const char *line)
{
    const char *p = scan_skip(line);
    static const char *const names[] = {
        "Atoms", "Velocities", "Masses", "Atom Type Labels", "Pair Coeffs", "PairIJ Coeffs", "Bond", "Angle",
        "Dihedral", "Improper", "Ellipsoids", "Lines", "Triangles", "Bodies", "MiddleBond", "EndBond", "AngleTorsion",
        "AngleAngle", "BondBond", "BondAngle"};
    if (!isupper((unsigned char)*p))
        return false;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp(p, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static lithia_status read_masses(data_reader *r, bool labels)
{
    size_t n = r->n_types;
    for (size_t i = 0; i < n; i++) {
        char *line, *comment;
        LITHIA_TRY(content_line(r, &line, &comment));
        const char *p = line;
        int64_t type = 0;
        if (!line)
            return wrong(r, NULL, NULL, "the file ends within a section");
        type = type_of(r, &p);
        if (type < 1 || (size_t)type > n)
            return wrong(r, line, line, "the number of an atom type belongs here");
        if (labels) {
            size_t length;
            const char *word = scan_word(&p, &length);
            if (!word)
                return wrong(r, line, p, "a label belongs here");
            scan_copy(r->label[type - 1].text, sizeof r->label->text, word, length);
            r->n_labels = n;
            continue;
        }
        if (!scan_real(&p, &r->mass[type - 1]) || !(r->mass[type - 1] > 0.0) || !isfinite(r->mass[type - 1]))
            return wrong(r, line, p, "a mass above 0 belongs here");
        size_t length;
        const char *q = comment ? comment : "", *word = scan_word(&q, &length);
        if (word)
            scan_copy(r->comment[type - 1], sizeof *r->comment, word, length);
    }
    return LITHIA_OK;
}

static size_t count_words(const char *line)
{
    size_t n = 0, length;
    while (scan_word(&line, &length))
        n++;
    return n;
}

/* The style is in the section's comment, or wanted, or follows from the number of columns where that says it. */
static lithia_status settle_style(data_reader *r, const char *comment, const char *row)
{
    static const char *const names[] = {"", "atomic", "charge", "molecular", "full"};
    char word[24] = "";
    size_t length;
    const char *from = comment ? comment : "", *w = scan_word(&from, &length);
    if (w)
        scan_copy(word, sizeof word, w, length);
    for (int i = 1; word[0] && i < 5; i++)
        if (strcasecmp(word, names[i]) == 0) {
            r->style = (atom_style)i;
            return LITHIA_OK;
        }
    if (r->style != STYLE_UNKNOWN)
        return LITHIA_OK;
    if (word[0])
        return lithia_fail_at(r->in.ctx, r->name, lithia_file_line_number(r->in.file), 0,
                              "atom style \"%s\" is not known; atomic, charge, molecular and full are", word);
    size_t n = count_words(row);
    if (n == 5 || n == 8)
        r->style = ATOMIC;
    else if (n == 7 || n == 10)
        r->style = FULL;
    else {
        const char *p = row;
        int64_t id, third;
        size_t ignored;
        bool whole = scan_integer(&p, &id) && scan_word(&p, &ignored) && scan_integer(&p, &third);
        if ((n != 6 && n != 9) || whole)
            return wrong(r, row, row, "the atom style cannot be told from these columns; write it behind the section's "
                                      "name, \"Atoms # charge\", or name it (--style)");
        r->style = CHARGE;
    }
    return LITHIA_OK;
}

static lithia_status read_atom(data_reader *r, lithia_frame *frame, size_t i, const char *line)
{
    const char *p = line;
    int64_t molecule, type, image[3] = {0};
    if (!scan_integer(&p, &frame->id[i]))
        return wrong(r, line, p, "the id of an atom belongs here");
    if ((r->style == FULL || r->style == MOLECULAR) && !scan_integer(&p, &molecule))
        return wrong(r, line, p, "the number of a molecule belongs here");
    const char *at = p;
    type = type_of(r, &p);
    if (type == 0)
        return wrong(r, line, at, "an atom type belongs here, at most as many as the header says");
    if (r->types.kind[type - 1] < 0)
        return lithia_fail_at(r->in.ctx, r->name, lithia_file_line_number(r->in.file), (size_t)(scan_skip(at) - line) + 1,
                              "which element type %lld is, the file does not tell; name the types, --types Li,O,...",
                              (long long)type);
    frame->kind[i] = r->types.kind[type - 1];
    if (frame->charge && (!scan_real(&p, &frame->charge[i]) || !isfinite(frame->charge[i])))
        return wrong(r, line, p, "a charge belongs here");
    for (int k = 0; k < 3; k++)
        if (!scan_real(&p, &frame->position[i][k]) || !(fabs(frame->position[i][k]) < 1e9))
            return wrong(r, line, p, "a coordinate belongs here");
    if (!scan_end(p))
        for (int k = 0; k < 3; k++) {
            if (!scan_integer(&p, &image[k]) || llabs(image[k]) > IO_ATOMS_MOST)
                return wrong(r, line, p, "an image flag belongs here; does the atom style fit?");
            frame->image[i][k] = (int)image[k];
        }
    if (!scan_end(p))
        return wrong(r, line, p, "there are more columns than the atom style has");
    for (int k = 0; k < 3; k++)
        frame->position[i][k] -= r->is_general ? r->origin[k] : r->low[k];
    return LITHIA_OK;
}

static lithia_status read_atoms(data_reader *r, lithia_frame *frame, const char *comment_view)
{
    lithia_context *ctx = r->in.ctx;
    char *line, *ignored, comment[64];
    scan_copy(comment, sizeof comment, comment_view ? comment_view : "", comment_view ? strlen(comment_view) : 0);
    if (r->n_atoms == 0)
        return LITHIA_OK;
    LITHIA_TRY(settle_types(r));
    LITHIA_TRY(content_line(r, &line, &ignored));
    if (!line)
        return wrong(r, NULL, NULL, "the file ends before the first atom");
    LITHIA_TRY(settle_style(r, comment, line));
    bool images = count_words(line) > (size_t)(r->style == ATOMIC ? 5 : r->style == FULL ? 7 : 6);
    unsigned arrays = LITHIA_ID | (r->style == CHARGE || r->style == FULL ? LITHIA_CHARGE : 0) |
                      (images ? LITHIA_IMAGE : 0);
    LITHIA_TRY(io_rows_begin(ctx, &r->rows, frame, (size_t)r->n_atoms, arrays));
    for (size_t i = 0; i < (size_t)r->n_atoms; i++) {
        if (i)
            LITHIA_TRY(content_line(r, &line, &ignored));
        if (!line || is_section(line))
            return lithia_fail_at(ctx, r->name, lithia_file_line_number(r->in.file), 0,
                                  "the list ends after %zu of %lld atoms", i, (long long)r->n_atoms);
        LITHIA_TRY(io_rows_room(ctx, &r->rows, frame, i));
        if (!images && count_words(line) > (size_t)(r->style == ATOMIC ? 5 : r->style == FULL ? 7 : 6))
            return wrong(r, line, line, "this atom has image flags, the first had none");
        LITHIA_TRY(read_atom(r, frame, i, line));
    }
    io_rows_end(&r->rows);
    return io_frame_sort(ctx, frame, r->name, lithia_file_line_number(r->in.file));
}

/* Ids are sorted: where one stands. */
static size_t find_id(const lithia_frame *frame, int64_t id)
{
    size_t low = 0, high = frame->n_atoms;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (frame->id[middle] < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < frame->n_atoms && frame->id[low] == id ? low : SIZE_MAX;
}

static lithia_status read_velocities(data_reader *r, lithia_frame *frame)
{
    if (frame->n_atoms == 0)
        return wrong(r, NULL, NULL, "velocities stand before the atoms");
    LITHIA_TRY(lithia_frame_resize(r->in.ctx, frame, frame->n_atoms, lithia_frame_arrays(frame) | LITHIA_VELOCITY));
    for (size_t n = 0; n < frame->n_atoms; n++) {
        char *line, *comment;
        int64_t id;
        LITHIA_TRY(content_line(r, &line, &comment));
        const char *p = line;
        if (!line || !scan_integer(&p, &id))
            return wrong(r, line ? line : "", line, "the id of an atom and its velocity belong here");
        size_t i = find_id(frame, id);
        if (i == SIZE_MAX)
            return wrong(r, line, line, "no atom has this id");
        for (int k = 0; k < 3; k++) {
            if (!scan_real(&p, &frame->velocity[i][k]) || !isfinite(frame->velocity[i][k]))
                return wrong(r, line, p, "a velocity has three numbers");
            frame->velocity[i][k] *= r->units->velocity;
        }
    }
    return LITHIA_OK;
}

static lithia_status take_box(data_reader *r, lithia_frame *frame)
{
    lithia_cell *cell = &frame->cell;
    for (int i = 0; i < 3; i++) {
        if (r->is_general ? !r->has_general[i] : !r->has_bounds[i])
            return wrong(r, NULL, NULL, "the box is not complete: xlo xhi, ylo yhi, zlo zhi (or avec, bvec, cvec) are wanted");
        cell->periodic[i] = true; /* the input script says otherwise, the data file cannot */
    }
    if (r->is_general)
        memcpy(cell->h, r->general, sizeof cell->h);
    else {
        const double h[3][3] = {{r->high[0] - r->low[0], 0, 0}, {r->tilt[0], r->high[1] - r->low[1], 0},
                                {r->tilt[1], r->tilt[2], r->high[2] - r->low[2]}};
        memcpy(cell->h, h, sizeof h);
    }
    if (lithia_cell_volume(cell) == 0.0)
        return wrong(r, NULL, NULL, "the box has no volume");
    return LITHIA_OK;
}

static lithia_status next_frame(void *state, lithia_frame *frame, bool *end)
{
    data_reader *r = state;
    lithia_context *ctx = r->in.ctx;
    char *line, *comment = NULL;
    if (r->done) {
        *end = true;
        return LITHIA_OK;
    }
    r->done = true;
    bool header = true, atoms = false;
    LITHIA_TRY(io_rows_begin(ctx, &r->rows, frame, 0, 0));
    LITHIA_TRY(lithia_file_line(r->in.file, &line, NULL)); /* LAMMPS skips it whatever it is */
    if (line)
        LITHIA_TRY(first_line(r, line));
    for (;;) {
        LITHIA_TRY(content_line(r, &line, &comment));
        if (!line)
            break;
        if (!is_section(line)) {
            if (header)
                LITHIA_TRY(header_line(r, line));
            continue; /* a row of a section that is passed over */
        }
        header = false;
        const char *p = line;
        size_t n;
        const char *word = scan_word(&p, &n);
        bool alone = scan_end(p);
        if (strncmp(word, "Masses", n) == 0 && alone)
            LITHIA_TRY(read_masses(r, false));
        else if (strncmp(word, "Atom", n) == 0 && strncmp(scan_skip(p), "Type Labels", 11) == 0)
            LITHIA_TRY(read_masses(r, true));
        else if (strncmp(word, "Atoms", n) == 0 && n == 5 && alone && !atoms) {
            atoms = true;
            LITHIA_TRY(read_atoms(r, frame, comment));
        } else if (strncmp(word, "Velocities", n) == 0 && n == 10 && alone)
            LITHIA_TRY(read_velocities(r, frame));
        else
            lithia_warn(ctx, "%s: the section %.40s is not used", r->name, scan_skip(line));
    }
    if (!atoms)
        return wrong(r, NULL, NULL, "there is no section Atoms");
    LITHIA_TRY(take_box(r, frame));
    return io_frame_species(ctx, frame, &r->types.species);
}

const io_format io_lammps_data = {
    .about = {.name = "lammps-data", .summary = "LAMMPS data file", .extensions = ".data .lmp .lammps data.",
              .reads = true, .writes = true,
              .holds = LITHIA_VELOCITY | LITHIA_CHARGE | LITHIA_IMAGE | LITHIA_ID | LITHIA_HOLDS_CELL |
                       LITHIA_HOLDS_LABELS | LITHIA_HOLDS_ORDER},
    .sniff = sniff, .open = open_reader, .next = next_frame, .close = close_reader,
    .begin = lammps_data_begin, .add = lammps_data_add, .end = lammps_data_end};
