#include "potential/lammps_model.h"
#include "core/text.h"
#include "potential/lammps_table.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double SKIN = 1.0; /* angstrom */
enum { TYPES_MOST = 100, TYPES_TABLED = 10 /* more would make more tables than is worth while */ };

/* Types are species with a charge: pairs in tables hold the product of charges. */
lithia_status lammps_model_types(lithia_context *ctx, const rigid_ions *ions, const wire_ready *constants, lammps_model *m)
{
    *m = (lammps_model){.ctx = ctx, .ions = ions};
    size_t n = ions->n_atoms;
    if (n > INT32_MAX)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "%zu atoms are more than LAMMPS's 32-bit numbers hold (%d)", n, INT32_MAX);
    m->type = lithia_calloc(ctx, n, sizeof *m->type);
    m->charge = lithia_calloc(ctx, n, sizeof *m->charge);
    if (!m->type || !m->charge)
        return LITHIA_NOMEM;
    double scale = sqrt(ions->constant / constants->qqr2e);
    struct {
        int kind;
        double charge;
    } type[TYPES_MOST];
    for (size_t i = 0; i < n; i++) {
        size_t t = 0;
        while (t < m->n_types && !(type[t].kind == ions->kind[i] && type[t].charge == ions->charge[i]))
            t++;
        if (t == TYPES_MOST)
            return lithia_fail(ctx, LITHIA_UNSUPPORTED, "LAMMPS: the atoms have more than %d combinations of species and charge; give "
                               "charges by species (--charge Li=1)", TYPES_MOST);
        type[t].kind = ions->kind[i];
        type[t].charge = ions->charge[i];
        m->n_types = t == m->n_types ? t + 1 : m->n_types;
        m->type[i] = (int)t + 1;
        m->charge[i] = scale * ions->charge[i];
    }
    return LITHIA_OK;
}

void lammps_model_free(lammps_model *m)
{
    lithia_free(m->type);
    lithia_free(m->charge);
    lithia_free(m->styles);
    *m = (lammps_model){0};
}

typedef struct {
    const rigid_ions *ions;
    size_t pair;
    double qq; /* constant q q of a Coulomb table */
} pair_view;

static void short_pair(const void *self, double r, double *u, double *du)
{
    const pair_view *v = self;
    pair_terms_smoothed(&v->ions->pair[v->pair], &v->ions->smoothing, v->ions->u_cutoff[v->pair], r, u, du);
    if (!isfinite(*du)) /* 0 times infinity where a taper ends */
        *u = *du = 0.0;
}

static void coulomb_pair(const void *self, double r, double *u, double *du)
{
    const pair_view *v = self;
    coulomb_real real = v->ions->coulomb;
    if (coulomb_is_ewald(real.method))
        real.cutoff = INFINITY; /* the table may go on */
    coulomb_real_value(&real, r, u, du);
    *u *= v->qq;
    *du *= v->qq;
    if (!isfinite(*du))
        *u = *du = 0.0;
}

/* What LAMMPS has by itself: A exp(-r/rho) - C/r^6, cut or shifted; and Morse with r^-12 (pedone) where it is new enough. */
typedef enum { BY_TABLE, BY_BUCK, BY_PEDONE } native;

static native native_form(const pair_terms *terms, const pair_smoothing *smoothing, bool has_pedone, double p[4])
{
    if (smoothing->kind != LITHIA_SMOOTHING_NONE && smoothing->kind != LITHIA_SMOOTHING_SHIFT)
        return BY_TABLE;
    double a = 0.0, b = 0.0, c6 = 0.0, c12 = 0.0, morse[3] = {0.0, 1.0, 1.0};
    size_t n_exponential = 0, n_morse = 0;
    for (size_t i = 0; i < terms->n; i++) {
        const pair_term *t = &terms->term[i];
        if (t->form == TERM_EXPONENTIAL && ++n_exponential == 1) {
            a = t->p[0], b = t->p[1];
        } else if (t->form == TERM_BUCKINGHAM_INNER && t->p[3] == 0.0 && ++n_exponential == 1) {
            a = t->p[0], b = t->p[1], c6 -= t->p[2];
        } else if (t->form == TERM_INVERSE_POWER && t->p[1] == 6.0) {
            c6 += t->p[0];
        } else if (t->form == TERM_INVERSE_POWER && t->p[1] == 12.0) {
            c12 += t->p[0];
        } else if (t->form == TERM_MORSE && ++n_morse == 1) {
            memcpy(morse, t->p, sizeof morse);
        } else
            return BY_TABLE;
    }
    if (n_morse == 0 && c12 == 0.0 && n_exponential == 1 && b > 0.0) {
        p[0] = a, p[1] = 1.0 / b, p[2] = -c6, p[3] = 0.0;
        return BY_BUCK;
    }
    if (has_pedone && n_exponential == 0 && c6 == 0.0) {
        p[0] = morse[0], p[1] = morse[1], p[2] = morse[2], p[3] = c12;
        return BY_PEDONE;
    }
    return BY_TABLE;
}

typedef struct {
    text_page styles, coefficients;
    lammps_tables tables;
    bool buck, pedone, table, coulomb_table, any;
    bool tabled;   /* Coulomb's real space is in tables */
    double cutoff, short_cutoff; /* of the tables */
} parts;

/* A kind and a charge of each type, from the first atom of it. */
static size_t first_of(const lammps_model *m, size_t type)
{
    size_t i = 0;
    while (m->type[i] != (int)type + 1)
        i++;
    return i;
}

/* Where a table may begin: a user's begins where his does. */
static double table_begin(const pair_terms *terms)
{
    double begin = LAMMPS_TABLE_FROM;
    for (size_t i = 0; i < terms->n; i++)
        if (terms->term[i].form == TERM_TABLE)
            begin = fmax(begin, terms->term[i].table->r[0]);
    return begin;
}

static lithia_status add_pair(lammps_model *m, parts *p, size_t a, size_t b, bool has_pedone)
{
    const rigid_ions *ions = m->ions;
    size_t i = first_of(m, a), j = first_of(m, b), pair = (size_t)ions->kind[i] * ions->n_kinds + (size_t)ions->kind[j];
    pair_view view = {ions, pair, ions->constant * ions->charge[i] * ions->charge[j]};
    bool alone = true;
    char name[64];
    double q[4];
    if (ions->pair[pair].n > 0) {
        alone = false;
        switch (native_form(&ions->pair[pair], &ions->smoothing, has_pedone, q)) {
        case BY_BUCK:
            p->buck = true;
            text_add(&p->coefficients, "pair_coeff %zu %zu buck %.17g %.17g %.17g\n", a + 1, b + 1, q[0], q[1], q[2]);
            break;
        case BY_PEDONE:
            p->pedone = true;
            text_add(&p->coefficients, "pair_coeff %zu %zu pedone %.17g %.17g %.17g %.17g\n", a + 1, b + 1, q[0], q[1], q[2], q[3]);
            break;
        case BY_TABLE:
            p->table = true;
            snprintf(name, sizeof name, "SHORT_%zu_%zu", a + 1, b + 1);
            LITHIA_TRY(lammps_table_add(m->ctx, &p->tables, name, short_pair, &view, table_begin(&ions->pair[pair]), p->short_cutoff, &m->table_error));
            text_add(&p->coefficients, "pair_coeff %zu %zu table %%SHORT pairs.table %s %.17g\n", a + 1, b + 1, name, p->short_cutoff);
        }
    }
    if (p->tabled && view.qq != 0.0) {
        alone = false;
        p->coulomb_table = true;
        snprintf(name, sizeof name, "COULOMB_%zu_%zu", a + 1, b + 1);
        LITHIA_TRY(lammps_table_add(m->ctx, &p->tables, name, coulomb_pair, &view, LAMMPS_TABLE_FROM, p->cutoff, &m->table_error));
        text_add(&p->coefficients, "pair_coeff %zu %zu table %%COULOMB pairs.table %s %.17g\n", a + 1, b + 1, name, p->cutoff);
    }
    if (alone && (p->tabled || !ions->charged))
        text_add(&p->coefficients, "pair_coeff %zu %zu none\n", a + 1, b + 1);
    p->any = p->any || !alone;
    return LITHIA_OK;
}

/* Sub-styles of the same name are numbered once there are two of them. */
static void number_tables(parts *p)
{
    bool two = p->table && p->coulomb_table;
    for (char *at = p->coefficients.bytes; at && (at = strchr(at, '%')); at++) {
        bool is_short = at[1] == 'S';
        memset(at, ' ', is_short ? 6 : 8);
        if (two)
            *at = is_short ? '1' : '2';
    }
}

/* Whether Coulomb's real space goes into tables, with what is exact to rounding; LAMMPS's own styles approximate erfc() to 1.5e-7,
 * and the force of its coul/wolf is not the slope of its energy. Tables are per pair of types. */
static lithia_status choose_tables(const lammps_model *m, parts *p)
{
    const rigid_ions *ions = m->ions;
    const coulomb_real *c = &ions->coulomb;
    if (ions->slab.on)
        return lithia_fail(m->ctx, LITHIA_UNSUPPORTED, "LAMMPS: the slab correction is not handed over; use --engine embedded");
    p->tabled = ions->charged && m->n_types <= TYPES_TABLED;
    p->cutoff = c->cutoff;
    p->short_cutoff = ions->smoothing.cutoff;
    if (ions->charged && !p->tabled && (c->method == LITHIA_COULOMB_WOLF || c->method == LITHIA_COULOMB_TAPERED))
        return lithia_fail(m->ctx, LITHIA_UNSUPPORTED, "LAMMPS: %s needs a table for every pair of kinds of atoms, and there are %zu kinds "
                           "(at most %d); use --coulomb dsf or ewald", lithia_coulomb_name(c->method), m->n_types, TYPES_TABLED);
    bool smooth = ions->smoothing.kind != LITHIA_SMOOTHING_NONE && ions->smoothing.kind != LITHIA_SMOOTHING_SHIFT;
    if (p->tabled && coulomb_is_ewald(c->method) && ions->has_terms && p->cutoff != p->short_cutoff) {
        /* LAMMPS wants one cutoff for all tables beside a reciprocal sum */
        if (p->cutoff > p->short_cutoff && !smooth)
            p->tabled = false;
        p->cutoff = p->tabled ? fmax(p->cutoff, p->short_cutoff) : p->cutoff;
        p->short_cutoff = p->tabled ? p->cutoff : p->short_cutoff;
    }
    return LITHIA_OK;
}

static void add_coulomb(lammps_model *m, parts *p)
{
    const rigid_ions *ions = m->ions;
    const coulomb_real *c = &ions->coulomb;
    if (p->tabled && !coulomb_is_ewald(c->method)) {
        m->self_per_q2 = ions->constant * coulomb_real_self(c);
        m->self_energy = m->self_per_q2 * ions->q2;
        return;
    }
    if (c->method == LITHIA_COULOMB_DSF) {
        text_add(&p->styles, " coul/dsf %.17g %.17g", c->alpha, c->cutoff);
        text_add(&p->coefficients, "pair_coeff * * coul/dsf\n");
        return;
    }
    if (!p->tabled) {
        text_add(&p->styles, " coul/long %.17g", c->cutoff);
        text_add(&p->coefficients, "pair_coeff * * coul/long\npair_modify pair coul/long table 0\n");
    }
    text_add(&p->coefficients, "kspace_style %s %.17g\n", c->method == LITHIA_COULOMB_PME ? "pppm" : "ewald", ions->ewald.accuracy);
    text_add(&p->coefficients, "kspace_modify gewald %.17g\n", c->alpha);
    m->kspace = true;
}

/* Room for neighbours: twice as many as the mean density has within reach, and more. */
static void add_neighbours(lammps_model *m, text_page *s, const lithia_frame *frame)
{
    double volume = fabs(lithia_cell_volume(&frame->cell));
    double density = volume > 0.0 ? (double)frame->n_atoms / volume : 1.0, r = m->reach + SKIN;
    double expected = 4.0 / 3.0 * LITHIA_PI * r * r * r * fmin(density, 10.0);
    long one = (long)fmax(2000.0, fmin(4.0 * expected, 2e6));
    text_add(s, "neighbor %g bin\nneigh_modify every 1 delay 0 check yes one %ld page %ld\n", SKIN, one, 20 * one);
}

/* Whatever the locale: no command of ours has a comma. */
static void plain_numbers(char *c)
{
    for (; *c; c++)
        *c = *c == ',' ? '.' : *c;
}

static lithia_status describe_styles(lammps_model *m, const parts *p)
{
    lithia_free(m->styles);
    m->styles = lithia_format(m->ctx, "hybrid/overlay%s%s", p->styles.bytes, m->ions->terms.n_angles > 0 ? "; angles: fix external" : "");
    return m->styles ? LITHIA_OK : LITHIA_NOMEM;
}

static lithia_status define(lammps_model *m, parts *p, lammps_worker *worker, const lithia_frame *frame)
{
    const rigid_ions *ions = m->ions;
    bool has_pedone;
    LITHIA_TRY(lammps_worker_has(worker, "pair pedone", &has_pedone));
    LITHIA_TRY(choose_tables(m, p));
    for (size_t a = 0; a < m->n_types; a++)
        for (size_t b = a; b < m->n_types; b++)
            LITHIA_TRY(add_pair(m, p, a, b, has_pedone));
    number_tables(p);
    m->reach = fmax(ions->has_terms ? ions->smoothing.cutoff : 0.0, ions->charged ? ions->coulomb.cutoff : 0.0);
    bool table = p->table || p->coulomb_table;
    if (p->table)
        text_add(&p->styles, " table spline %d", LAMMPS_TABLE_ROWS);
    if (p->coulomb_table)
        text_add(&p->styles, " table spline %d%s", LAMMPS_TABLE_ROWS,
            coulomb_is_ewald(ions->coulomb.method) ? ions->coulomb.method == LITHIA_COULOMB_PME ? " pppm" : " ewald" : "");
    if (p->buck)
        text_add(&p->styles, " buck %.17g", ions->smoothing.cutoff);
    if (p->pedone)
        text_add(&p->styles, " pedone %.17g", ions->smoothing.cutoff);
    if (ions->charged)
        add_coulomb(m, p);
    if (!ions->charged && !p->any) {
        text_add(&p->styles, " zero 1.0");
        text_add(&p->coefficients, "pair_coeff * * zero\n");
    }
    const char *shift = ions->smoothing.kind == LITHIA_SMOOTHING_SHIFT ? "yes" : "no";
    if (p->buck)
        text_add(&p->coefficients, "pair_modify pair buck shift %s\n", shift);
    if (p->pedone)
        text_add(&p->coefficients, "pair_modify pair pedone shift %s\n", shift);
    add_neighbours(m, &p->coefficients, frame);
    if (p->coulomb_table)
        text_add(&p->coefficients, "compute coulomb all pair table%s\n", p->table ? " 2" : "");
    LITHIA_TRY(text_status(&p->styles));
    LITHIA_TRY(text_status(&p->coefficients));
    plain_numbers(p->styles.bytes);
    plain_numbers(p->coefficients.bytes);
    if (table)
        LITHIA_TRY(lammps_worker_file(worker, "pairs.table", p->tables.text, p->tables.n));
    LITHIA_TRY(lammps_worker_command(worker, "pair_style hybrid/overlay%s", p->styles.bytes));
    LITHIA_TRY(lammps_worker_commands(worker, p->coefficients.bytes));
    return describe_styles(m, p);
}

/* Angles are the worker's own; ghosts must reach twice as far as they do. */
static lithia_status define_angles(const lammps_model *m, lammps_worker *worker)
{
    const bound_terms *terms = &m->ions->terms;
    if (terms->n_angles == 0)
        return LITHIA_OK;
    wire_angles head = {.n_types = m->n_types, .n_kinds = m->ions->n_kinds, .n_terms = terms->n_angles};
    int32_t kind[TYPES_MOST + 1] = {0};
    double reach = 0.0;
    wire_angle *angle = lithia_calloc(m->ctx, terms->n_angles, sizeof *angle);
    if (!angle)
        return LITHIA_NOMEM;
    static const int32_t form[] = {[ANGLE_HARMONIC] = WIRE_HARMONIC, [ANGLE_SCREENED] = WIRE_SCREENED,
                                   [ANGLE_STILLINGER_WEBER] = WIRE_STILLINGER_WEBER};
    for (size_t t = 0; t < terms->n_angles; t++) {
        const angle_term *from = &terms->angle[t];
        angle[t] = (wire_angle){form[from->form], from->centre, {from->end[0], from->end[1]}, from->k, from->theta0, from->length,
                                from->cutoff, from->width};
        reach = fmax(reach, from->cutoff);
    }
    for (size_t t = 0; t < m->n_types; t++)
        kind[t] = m->ions->kind[first_of(m, t)];
    const void *pieces[] = {&head, kind, angle};
    size_t lengths[] = {sizeof head, (m->n_types + 1) / 2 * 2 * sizeof *kind, terms->n_angles * sizeof *angle};
    lithia_status status = lammps_worker_command(worker, "comm_modify cutoff %.17g", fmax(2.0 * reach, m->reach) + SKIN);
    if (status == LITHIA_OK)
        status = lammps_worker_send(worker, WIRE_ANGLES, 3, pieces, lengths);
    if (status == LITHIA_OK)
        status = lammps_worker_expect(worker, WIRE_DONE, 0, &(const unsigned char *){NULL}, NULL);
    lithia_free(angle);
    return status;
}

lithia_status lammps_model_define(lammps_model *m, lammps_worker *worker, const lithia_frame *frame)
{
    parts p = {0};
    text_start(&p.styles, m->ctx);
    text_start(&p.coefficients, m->ctx);
    lithia_status status = define(m, &p, worker, frame);
    if (status == LITHIA_OK)
        status = define_angles(m, worker);
    text_free(&p.styles);
    text_free(&p.coefficients);
    lithia_free(p.tables.text);
    return status;
}
