#include "potential/lammps_potential.h"
#include "math/matrix3.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/result/result.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Directions that do not repeat become vectors at right angles to the rest, long enough that no image is within reach. */
static void close_cell(const lammps_potential *p, const lithia_frame *frame, double h[3][3])
{
    memcpy(h, frame->cell.h, 9 * sizeof(double));
    for (int i = 0; i < 3; i++) {
        if (frame->cell.periodic[i])
            continue;
        const double *a = h[(i + 1) % 3], *b = h[(i + 2) % 3];
        double n[3] = {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
        double length = sqrt(n[0] * n[0] + n[1] * n[1] + n[2] * n[2]), low = INFINITY, high = -INFINITY;
        for (size_t k = 0; k < p->n; k++) {
            const double *x = frame->position[k];
            double along = (x[0] * n[0] + x[1] * n[1] + x[2] * n[2]) / length;
            low = fmin(low, along);
            high = fmax(high, along);
        }
        for (int k = 0; k < 3; k++)
            h[i][k] = n[k] / length * (high - low + p->model.reach + 1.0);
    }
}

/* The cell as LAMMPS wants it, and the rotation. A left-handed cell is mirrored, which no pair energy minds. */
static lithia_status turn_cell(lammps_potential *p, const lithia_frame *frame, double cell[6])
{
    lithia_cell whole;
    double h[3][3], lower[3][3], unused[3][3];
    LITHIA_TRY(rigid_ions_cell(p->ctx, &frame->cell, &whole, unused));
    lithia_frame closed = *frame;
    memcpy(closed.cell.h, whole.h, sizeof whole.h);
    close_cell(p, &closed, h);
    matrix3_lower_rotation(M3(h), lower, p->rotation);
    if (lower[2][2] < 0.0)
        for (int k = 0; k < 3; k++) {
            lower[k][2] = -lower[k][2];
            p->rotation[2][k] = -p->rotation[2][k];
        }
    for (int k = 0; k < 3; k++)
        cell[k] = lower[k][k];
    cell[3] = lower[1][0];
    cell[4] = lower[2][0];
    cell[5] = lower[2][1];
    if (!(isfinite(cell[0] + cell[1] + cell[2] + cell[3] + cell[4] + cell[5]) && cell[0] > 0.0 && cell[1] > 0.0 && cell[2] > 0.0))
        return lithia_fail(p->ctx, LITHIA_DIVERGED, "LAMMPS: the cell or an atom's place is not finite");
    return LITHIA_OK;
}

/* x = x' R, so x' = x R^T. */
static void turn_there(const lammps_potential *p, const double from[3], double to[3])
{
    for (int k = 0; k < 3; k++)
        to[k] = from[0] * p->rotation[k][0] + from[1] * p->rotation[k][1] + from[2] * p->rotation[k][2];
}

void lammps_potential_turn(const lammps_potential *p, double (*rows)[3])
{
    for (size_t i = 0; rows && i < p->n; i++) {
        double x[3] = {rows[i][0], rows[i][1], rows[i][2]};
        for (int k = 0; k < 3; k++)
            rows[i][k] = x[0] * p->rotation[0][k] + x[1] * p->rotation[1][k] + x[2] * p->rotation[2][k];
    }
}

/* LAMMPS's order xx yy zz xy xz yz. */
void lammps_potential_tensor(const lammps_potential *p, const double v[6], double out[3][3])
{
    double there[3][3] = {{v[0], v[3], v[4]}, {v[3], v[1], v[5]}, {v[4], v[5], v[2]}}, back[3][3];
    matrix3_transpose(M3(p->rotation), back);
    matrix3_multiply(M3(back), M3(there), out);
    matrix3_multiply(M3(out), M3(p->rotation), out);
}

void lammps_potential_cell(const lammps_potential *p, const double c[6], double h[3][3])
{
    double lower[3][3] = {{c[0], 0.0, 0.0}, {c[3], c[1], 0.0}, {c[4], c[5], c[2]}};
    matrix3_multiply(M3(lower), M3(p->rotation), h);
}

static lithia_status check_finite(lammps_potential *p, const lithia_frame *frame)
{
    for (size_t i = 0; i < p->n; i++)
        if (!isfinite(frame->position[i][0] + frame->position[i][1] + frame->position[i][2]))
            return lithia_fail(p->ctx, LITHIA_DIVERGED, "LAMMPS: the place of atom %zu is not finite", i + 1);
    return LITHIA_OK;
}

static lithia_status create_atoms(lammps_potential *p, const lithia_frame *frame)
{
    for (size_t first = 0; first < p->n; first += WIRE_BLOCK) {
        size_t n = p->n - first < WIRE_BLOCK ? p->n - first : WIRE_BLOCK;
        wire_atoms head = {.first = first, .n = n};
        for (size_t i = 0; i < n; i++)
            turn_there(p, frame->position[first + i], p->scratch + 3 * i);
        static const int padding = 0;
        const void *pieces[] = {&head, p->model.type + first, &padding, p->model.charge + first, p->scratch};
        size_t lengths[] = {sizeof head, n * sizeof(int), n % 2 * sizeof(int), n * sizeof(double), 3 * n * sizeof(double)};
        LITHIA_TRY(lammps_worker_send(p->worker, WIRE_CREATE, 5, pieces, lengths));
        LITHIA_TRY(lammps_worker_expect(p->worker, WIRE_DONE, 0, &(const unsigned char *){NULL}, NULL));
    }
    return LITHIA_OK;
}

static lithia_status move_atoms(lammps_potential *p, const lithia_frame *frame, bool velocities)
{
    for (size_t first = 0; first < p->n; first += WIRE_BLOCK) {
        size_t n = p->n - first < WIRE_BLOCK ? p->n - first : WIRE_BLOCK;
        wire_atoms head = {.first = first, .n = n, .fields = velocities ? WIRE_X | WIRE_V : WIRE_X};
        for (size_t i = 0; i < n; i++) {
            turn_there(p, frame->position[first + i], p->scratch + 3 * i);
            if (velocities)
                turn_there(p, frame->velocity[first + i], p->scratch + 3 * (n + i));
        }
        LITHIA_TRY(lammps_worker_send(p->worker, WIRE_PLACE, 2, (const void *[]){&head, p->scratch},
                                      (size_t[]){sizeof head, (velocities ? 6 : 3) * n * sizeof(double)}));
        LITHIA_TRY(lammps_worker_expect(p->worker, WIRE_DONE, 0, &(const unsigned char *){NULL}, NULL));
    }
    return LITHIA_OK;
}

/* Masses are those with which our constants give our motion: LAMMPS turns u (angstrom/ps)^2 into eV by a constant of its own. */
static lithia_status set_masses(lammps_potential *p, const lithia_frame *frame)
{
    double scale = LITHIA_U_A2_PS2_IN_EV / lammps_worker_ready(p->worker)->mvv2e;
    for (size_t t = 0; t < p->model.n_types; t++) {
        size_t i = 0;
        while (p->model.type[i] != (int)t + 1)
            i++;
        double mass = frame->species.item[frame->kind[i]].mass;
        LITHIA_TRY(lammps_worker_command(p->worker, "mass %zu %.17g", t + 1, mass > 0.0 ? mass * scale : 1.0));
    }
    return LITHIA_OK;
}

static lithia_status define_forces(lammps_potential *p, const lithia_frame *frame)
{
    LITHIA_TRY(lammps_model_define(&p->model, p->worker, frame));
    return lammps_worker_commands(p->worker, "compute virial all pressure NULL virial\n"
                                             "thermo_style custom step pe ke evdwl pxx c_virial[1]\n"
                                             "thermo_modify norm no lost error flush no format float %.10g\nthermo 0\n");
}

static lithia_status define(lammps_potential *p, const lithia_frame *frame, const double c[6])
{
    lammps_worker *w = p->worker;
    char region[512];
    if (p->triclinic)
        snprintf(region, sizeof region, "prism 0 %.17g 0 %.17g 0 %.17g %.17g %.17g %.17g", c[0], c[1], c[2], c[3], c[4], c[5]);
    else
        snprintf(region, sizeof region, "block 0 %.17g 0 %.17g 0 %.17g", c[0], c[1], c[2]);
    LITHIA_TRY(lammps_worker_command(w, "atom_style charge\natom_modify map yes\nboundary p p p\nbox tilt large\n"
                                        "region box %s units box\ncreate_box %zu box", region, p->model.n_types));
    LITHIA_TRY(set_masses(p, frame));
    LITHIA_TRY(create_atoms(p, frame));
    return define_forces(p, frame);
}

lithia_status lammps_potential_restore(lammps_potential *p, const lithia_frame *frame, const void *state, size_t n)
{
    LITHIA_TRY(lammps_worker_file(p->worker, "state.restart", state, n));
    LITHIA_TRY(lammps_worker_commands(p->worker, "clear\nbox tilt large\nread_restart state.restart\n"));
    p->energies = p->stresses = false;
    return define_forces(p, frame);
}

static lithia_status set_cell(lammps_potential *p, const double c[6])
{
    char tilts[160] = "";
    if (p->triclinic)
        snprintf(tilts, sizeof tilts, " xy final %.17g xz final %.17g yz final %.17g", c[3], c[4], c[5]);
    return lammps_worker_command(p->worker, "change_box all x final 0 %.17g y final 0 %.17g z final 0 %.17g%s units box", c[0], c[1],
                                 c[2], tilts);
}

lithia_status lammps_potential_place(lammps_potential *p, const lithia_frame *frame, bool triclinic, bool velocities)
{
    double c[6];
    LITHIA_TRY(check_finite(p, frame));
    LITHIA_TRY(turn_cell(p, frame, c));
    triclinic = triclinic || c[3] != 0.0 || c[4] != 0.0 || c[5] != 0.0;
    if (!p->defined) {
        p->triclinic = triclinic;
        LITHIA_TRY(define(p, frame, c));
        p->defined = true;
        return LITHIA_OK;
    }
    if (triclinic && !p->triclinic) {
        LITHIA_TRY(lammps_worker_commands(p->worker, "change_box all triclinic"));
        p->triclinic = true;
    }
    LITHIA_TRY(set_cell(p, c));
    LITHIA_TRY(move_atoms(p, frame, velocities));
    return lammps_worker_ready(p->worker)->ranks > 1 ? set_cell(p, c) : LITHIA_OK; /* brings every atom to its rank, however far it went */
}

lithia_status lammps_potential_rows(lammps_potential *p, lammps_rows *rows)
{
    rows->n_atoms = p->n;
    rows->n_seen = 0;
    for (;;) {
        wire_header header;
        const unsigned char *bytes;
        LITHIA_TRY(lammps_worker_receive(p->worker, &header, &bytes));
        if (header.type != WIRE_ROWS)
            return lithia_fail(p->ctx, LITHIA_IO, "the LAMMPS worker sent %zu of %zu atoms and then a message of kind %u", rows->n_seen,
                               p->n, header.type);
        LITHIA_TRY(lammps_rows_take(p->ctx, rows, bytes, header.length));
        if (rows->n_seen >= p->n)
            return LITHIA_OK;
    }
}

static lithia_status same_atoms(const lammps_potential *p, const lithia_frame *frame)
{
    const rigid_ions *ions = p->model.ions;
    if (frame->n_atoms != p->n || memcmp(frame->kind, ions->kind, p->n * sizeof *frame->kind) != 0)
        return lithia_fail(p->ctx, LITHIA_INVALID, "the potential was made for %zu atoms in another order or of other kinds; make one "
                           "for this frame of %zu atoms", p->n, frame->n_atoms);
    return LITHIA_OK;
}

/* The pressure of a neutralising background, which LAMMPS leaves out: its energy goes as 1/V. */
static double background(const lammps_potential *p, double volume)
{
    const rigid_ions *ions = p->model.ions;
    if (!p->model.kspace)
        return 0.0;
    return -ions->constant * LITHIA_PI * ions->q_total * ions->q_total / (2.0 * volume * ions->coulomb.alpha * ions->coulomb.alpha);
}

void lammps_potential_pressure(const lammps_potential *p, const wire_sample *sample, double out[3][3])
{
    double volume = sample->cell[0] * sample->cell[1] * sample->cell[2], voigt[6];
    for (int k = 0; k < 6; k++)
        voigt[k] = sample->pressure[k] / lammps_worker_ready(p->worker)->nktv2p + (k < 3 ? background(p, volume) / volume : 0.0);
    lammps_potential_tensor(p, voigt, out);
}

/* What atoms have is computed only once it is asked for; that thermo prints a sum of it makes LAMMPS tally it. */
static lithia_status ask_for_atoms(lammps_potential *p, bool energies, bool stresses)
{
    if ((p->energies || !energies) && (p->stresses || !stresses))
        return LITHIA_OK;
    if (energies && !p->energies)
        LITHIA_TRY(lammps_worker_commands(p->worker, "compute energies all pe/atom\ncompute energy_sum all reduce sum c_energies"));
    if (stresses && !p->stresses)
        LITHIA_TRY(lammps_worker_commands(p->worker, "compute stresses all stress/atom NULL virial\n"
                                                     "compute stress_sum all reduce sum c_stresses[1]"));
    p->energies = p->energies || energies;
    p->stresses = p->stresses || stresses;
    return lammps_worker_command(p->worker, "thermo_style custom step pe ke evdwl pxx c_virial[1]%s%s\n"
                                 "thermo_modify norm no lost error flush no", p->energies ? " c_energy_sum" : "",
                                 p->stresses ? " c_stress_sum" : "");
}

/* Shares of the virial, in our axes and order. */
static void turn_virials(const lammps_potential *p, double volume, double (*rows)[6])
{
    double total = p->model.ions->q_total, share = total != 0.0 ? background(p, volume) / total : 0.0;
    static const int row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
    double bar = lammps_worker_ready(p->worker)->nktv2p;
    for (size_t i = 0; rows && i < p->n; i++) {
        double tensor[3][3];
        lammps_potential_tensor(p, rows[i], tensor);
        for (int c = 0; c < 6; c++)
            rows[i][c] = -tensor[row[c]][column[c]] / bar + (c < 3 ? share * p->model.ions->charge[i] : 0.0);
    }
}

static lithia_status evaluate(void *self, const lithia_frame *frame, lithia_evaluation *out)
{
    lammps_potential *p = self;
    LITHIA_TRY(same_atoms(p, frame));
    LITHIA_TRY(lammps_potential_place(p, frame, false, false));
    LITHIA_TRY(ask_for_atoms(p, out->atom_energy != NULL, out->atom_virial != NULL));
    lammps_rows rows = {.fields = (out->force ? WIRE_F : 0u) | (out->atom_energy ? WIRE_E : 0u) | (out->atom_virial ? WIRE_S : 0u),
                        .f = out->force, .e = out->atom_energy, .s = out->atom_virial};
    wire_evaluate want = {rows.fields};
    const unsigned char *bytes;
    wire_sample sample;
    LITHIA_TRY(lammps_worker_send(p->worker, WIRE_EVALUATE, 1, (const void *[]){&want}, (size_t[]){sizeof want}));
    LITHIA_TRY(lammps_worker_expect(p->worker, WIRE_SAMPLE, sizeof sample, &bytes, NULL));
    memcpy(&sample, bytes, sizeof sample);
    if (rows.fields)
        LITHIA_TRY(lammps_potential_rows(p, &rows));
    LITHIA_TRY(lammps_worker_expect(p->worker, WIRE_DONE, 0, &bytes, NULL));
    lammps_potential_turn(p, out->force);
    turn_virials(p, sample.cell[0] * sample.cell[1] * sample.cell[2], out->atom_virial);
    lammps_potential_pressure(p, &sample, out->virial);
    for (int i = 0; i < 9; i++)
        out->virial[i / 3][i % 3] *= sample.cell[0] * sample.cell[1] * sample.cell[2];
    out->short_range = sample.short_range;
    out->energy = sample.potential + p->model.self_energy;
    out->many_body = sample.many_body;
    out->coulomb = out->energy - out->short_range - out->many_body;
    for (size_t i = 0; out->atom_energy && i < p->n; i++)
        out->atom_energy[i] += p->model.self_per_q2 * p->model.ions->charge[i] * p->model.ions->charge[i];
    return LITHIA_OK;
}

static lithia_status describe(const void *self, lithia_result *group)
{
    const lammps_potential *p = self;
    const rigid_ions *ions = p->model.ions;
    const wire_ready *ready = lammps_worker_ready(p->worker);
    lithia_result_text(group, "forcefield", ions->forcefield);
    lithia_result *lammps = lithia_result_group(group, "lammps");
    lithia_result_integer(lammps, "version", ready->lammps);
    lithia_result_integer(lammps, "ranks", ready->ranks);
    if (p->model.styles)
        lithia_result_text(lammps, "pair_style", p->model.styles);
    if (p->model.table_error > 0.0)
        lithia_result_describe(lithia_result_real(lammps, "table_error", "", p->model.table_error),
                               "largest error of a table's force beyond 1 A, over the force or 1 eV/A if that is less");
    lithia_result *coulomb = lithia_result_group(group, "coulomb");
    lithia_result_text(coulomb, "method", ions->charged ? lithia_coulomb_name(ions->coulomb.method) : "none");
    if (ions->charged) {
        lithia_result_real(coulomb, "constant_eV_A", "", ions->constant);
        lithia_result_real(coulomb, "cutoff", "A", ions->coulomb.cutoff);
        lithia_result_real(coulomb, "damping", "1/A", ions->coulomb.alpha);
        lithia_result_real(coulomb, "total_charge", "", ions->q_total);
        if (p->model.kspace)
            lithia_result_real(coulomb, "accuracy", "", ions->ewald.accuracy);
    }
    if (ions->has_terms) {
        lithia_result *terms = lithia_result_group(group, "short_range");
        lithia_result_real(terms, "cutoff", "A", ions->smoothing.cutoff);
        lithia_result_text(terms, "smoothing", smoothing_name(ions->smoothing.kind));
        if (ions->smoothing.kind >= LITHIA_SMOOTHING_SWITCH)
            lithia_result_real(terms, "smoothing_width", "A", ions->smoothing.width);
    }
    return LITHIA_OK;
}

static void end(void *self)
{
    lammps_potential *p = self;
    if (!p)
        return;
    lammps_worker_end(p->worker);
    lammps_model_free(&p->model);
    lithia_potential_free(&p->embedded);
    lithia_free(p->scratch);
    lithia_free(p);
}

static const lithia_potential_class class_of_lammps = {.name = "LAMMPS", .evaluate = evaluate, .describe = describe, .free = end};

lammps_potential *lammps_potential_of(const lithia_potential *potential)
{
    return potential->class_view == &class_of_lammps ? potential->self : NULL;
}

lithia_status lithia_lammps_potential(lithia_context *ctx, lithia_potential *embedded, const lithia_frame *frame,
                                      const lithia_lammps_options *options, lithia_potential *out)
{
    *out = (lithia_potential){0};
    lithia_lammps_options want = options ? *options : (lithia_lammps_options){0};
    const rigid_ions *ions = rigid_ions_view(embedded);
    if (!ions)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "LAMMPS: there is no translation of %s; use --engine embedded",
                           embedded->class_view ? embedded->class_view->name : "this potential");
    if (ions->partner)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "LAMMPS: shells are not translated; use --engine embedded");
    if (ions->bonded.n_bonds > 0)
        return lithia_fail(ctx, LITHIA_UNSUPPORTED, "LAMMPS: bonds of a fixed topology are not translated; use --engine embedded");
    lammps_potential *p = lithia_calloc(ctx, 1, sizeof *p);
    if (!p)
        return LITHIA_NOMEM;
    *p = (lammps_potential){.ctx = ctx, .n = ions->n_atoms};
    size_t block = p->n < WIRE_BLOCK ? p->n : WIRE_BLOCK;
    p->scratch = lithia_calloc(ctx, 6 * block, sizeof *p->scratch);
    lithia_status status = p->scratch ? lammps_worker_start(ctx, want.program, want.ranks ? want.ranks : 1, &p->worker) : LITHIA_NOMEM;
    if (status == LITHIA_OK)
        status = lammps_model_types(ctx, ions, lammps_worker_ready(p->worker), &p->model);
    if (status == LITHIA_OK)
        status = same_atoms(p, frame);
    if (status == LITHIA_OK)
        status = lammps_potential_place(p, frame, false, false);
    if (status != LITHIA_OK) {
        end(p);
        return status;
    }
    p->embedded = *embedded;
    *embedded = (lithia_potential){0};
    *out = (lithia_potential){&class_of_lammps, p, ctx};
    return LITHIA_OK;
}
