#include "potential/shell_model.h"
#include "potential/shell_relax.h"
#include <lithia/core/memory.h>
#include <lithia/result/result.h>
#include <math.h>
#include <string.h>

static const double lost = 1.0; /* angstrom: a shell this far from its core has lost it */

typedef struct {
    lithia_context *ctx;
    rigid_ions *ions;         /* all particles; owned */
    lithia_shell_mode mode;
    size_t n_atoms, n_shells;
    double shell_mass;        /* 0: the force field's */
    int32_t *core;            /* n_shells */
    double *spring;           /* n_shells */
    lithia_shells view;
    lithia_frame particles;   /* atoms and shells as last evaluated; no species */
    lithia_evaluation now;    /* of particles; owns force */
    double *atom_energy, (*atom_virial)[6]; /* of particles; there once wanted */
    shell_relax relax;
} shell_model;

lithia_status shell_model_check(const rigid_ions *model)
{
    double least = model->has_terms ? model->smoothing.cutoff : INFINITY;
    if (model->charged && model->coulomb.cutoff < least)
        least = model->coulomb.cutoff;
    if (model->charged && model->coulomb.method == LITHIA_COULOMB_TAPERED)
        return lithia_fail(model->ctx, LITHIA_UNSUPPORTED,
                           "the tapered Coulomb sum is not defined for a core and its shell; use ewald, pme, dsf or wolf");
    if (least < 3.0)
        return lithia_fail(model->ctx, LITHIA_INVALID, "a cutoff of %g angstrom is too short for a model with shells: 3 at least",
                           least);
    return LITHIA_OK;
}

static void shell_model_free(void *self)
{
    shell_model *m = self;
    if (!m)
        return;
    rigid_ions_free(m->ions);
    shell_relax_free(&m->relax);
    lithia_frame_free(&m->particles);
    lithia_free(m->core);
    lithia_free(m->spring);
    lithia_free(m->now.force);
    lithia_free(m->atom_energy);
    lithia_free(m->atom_virial);
    lithia_free(m);
}

static const char *label_of(const shell_model *m, size_t atom)
{
    return m->ions->label[m->ions->kind[atom]];
}

static lithia_status catastrophe(const shell_model *m, size_t shell, double distance)
{
    size_t atom = (size_t)m->core[shell];
    return lithia_fail(m->ctx, LITHIA_DIVERGED,
                       "polarisation catastrophe: the shell of atom %zu (%s) is %.3g angstrom from its core, more than %g: the spring "
                       "of %.4g eV/A2 does not hold it against the field of its neighbours. Look at the shortest distances (lithia "
                       "info); start from a better structure or a lower temperature, or use a force field with a stiffer spring "
                       "or a wall at short distances",
                       atom + 1, label_of(m, atom), distance, lost, m->spring[shell]);
}

/* Energy, forces and virial of the particles where they are, if no shell is lost. */
static lithia_status sum_particles(shell_model *m)
{
    const double(*x)[3] = (const double(*)[3])m->particles.position;
    for (size_t s = 0; s < m->n_shells; s++) {
        const double *core = x[m->core[s]], *shell = x[m->n_atoms + s];
        double d[3] = {shell[0] - core[0], shell[1] - core[1], shell[2] - core[2]};
        double far2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
        if (!(far2 <= lost * lost) && isfinite(core[0] + core[1] + core[2])) /* a bad atom is found and named below */
            return catastrophe(m, s, sqrt(far2));
    }
    return rigid_ions_evaluate(m->ions, &m->particles, &m->now);
}

static void put_shells(shell_model *m)
{
    double(*x)[3] = m->particles.position;
    for (size_t s = 0; s < m->n_shells; s++)
        for (size_t k = 0; k < 3; k++)
            x[m->n_atoms + s][k] = x[m->core[s]][k] + m->relax.d[3 * s + k];
}

static lithia_status gradient(void *arg)
{
    shell_model *m = arg;
    put_shells(m);
    LITHIA_TRY(sum_particles(m));
    const double *force = m->now.force[m->n_atoms]; /* rows of shells, one after another */
    for (size_t i = 0; i < 3 * m->n_shells; i++)
        m->relax.g[i] = -force[i];
    return LITHIA_OK;
}

/* What the displacement of a fixed shell adds to a component of the virial. */
static double shell_virial(const shell_model *m, size_t s, size_t a, size_t b)
{
    const double *f = m->now.force[m->n_atoms + s], *d = m->relax.d + 3 * s;
    return 0.5 * (f[a] * d[b] + f[b] * d[a]);
}

/* The particles of a frame of atoms, shells relaxed or where the frame has them; evaluated. */
static lithia_status evaluate_atoms(shell_model *m, const lithia_frame *frame)
{
    memcpy(m->particles.position, frame->position, m->n_atoms * sizeof *frame->position);
    m->particles.cell = frame->cell;
    if (m->mode == LITHIA_SHELLS_FIXED) {
        for (size_t s = 0; s < m->n_shells; s++)
            for (size_t k = 0; k < 3; k++)
                m->relax.d[3 * s + k] = frame->shell ? frame->shell[m->core[s]][k] : 0.0;
        put_shells(m);
        LITHIA_TRY(sum_particles(m));
        for (size_t s = 0; s < m->n_shells; s++) /* their displacements are not strained with the rest */
            for (size_t a = 0; a < 3; a++)
                for (size_t b = 0; b < 3; b++)
                    m->now.virial[a][b] -= shell_virial(m, s, a, b);
        return LITHIA_OK;
    }
    shell_relax_end end;
    bool knew = m->relax.n_past > 0;
    lithia_status status = shell_relax_run(&m->relax, gradient, m, &end);
    if (knew && (status == LITHIA_DIVERGED || (status == LITHIA_OK && !end.converged))) {
        shell_relax_reset(&m->relax); /* what was learnt elsewhere misled: from the cores again */
        status = shell_relax_run(&m->relax, gradient, m, &end);
    }
    if (status == LITHIA_OK && !end.converged)
        status = lithia_fail(m->ctx, LITHIA_DIVERGED,
                             "shells: not relaxed: the force on the shell of atom %d (%s) is still %.3g eV/angstrom, wanted %.3g; a "
                             "larger tolerance may be all that the Coulomb sum allows, or the ions polarise without end",
                             m->core[end.worst] + 1, label_of(m, (size_t)m->core[end.worst]), end.force, m->relax.tolerance);
    if (status != LITHIA_OK)
        shell_relax_reset(&m->relax); /* nothing is learnt from a failure */
    return status;
}

static lithia_status same_kinds(const shell_model *m, const lithia_frame *frame, size_t n)
{
    if (frame->n_atoms == n && memcmp(frame->kind, m->ions->kind, n * sizeof *frame->kind) == 0)
        return LITHIA_OK;
    return lithia_fail(m->ctx, LITHIA_INVALID,
                       "the potential was made for %zu atoms in another order or of other kinds; make one for this frame of %zu atoms",
                       m->n_atoms, frame->n_atoms);
}

static lithia_status evaluate_particles(shell_model *m, const lithia_frame *frame)
{
    memcpy(m->particles.position, frame->position, frame->n_atoms * sizeof *frame->position);
    m->particles.cell = frame->cell;
    return sum_particles(m);
}

/* Shares of the particles where they are: once more, because they are slow and a relaxation does not need them. */
static lithia_status sum_shares(shell_model *m, const lithia_evaluation *want)
{
    size_t all = m->n_atoms + m->n_shells;
    if (want->atom_energy && !m->atom_energy)
        m->atom_energy = lithia_calloc(m->ctx, all, sizeof *m->atom_energy);
    if (want->atom_virial && !m->atom_virial)
        m->atom_virial = lithia_calloc(m->ctx, all, sizeof *m->atom_virial);
    if ((want->atom_energy && !m->atom_energy) || (want->atom_virial && !m->atom_virial))
        return LITHIA_NOMEM;
    m->now.atom_energy = want->atom_energy ? m->atom_energy : NULL;
    m->now.atom_virial = want->atom_virial ? m->atom_virial : NULL;
    lithia_status status = rigid_ions_evaluate(m->ions, &m->particles, &m->now);
    m->now.atom_energy = NULL;
    m->now.atom_virial = NULL;
    static const size_t row[6] = {0, 1, 2, 1, 0, 0}, column[6] = {0, 1, 2, 2, 2, 1};
    for (size_t s = 0; s < m->n_shells && m->mode == LITHIA_SHELLS_FIXED && status == LITHIA_OK; s++)
        for (size_t v = 0; v < 6; v++) {
            double w = shell_virial(m, s, row[v], column[v]);
            m->now.virial[row[v]][column[v]] -= w;
            m->now.virial[column[v]][row[v]] -= v < 3 ? 0.0 : w;
            if (want->atom_virial)
                m->atom_virial[m->core[s]][v] -= w;
        }
    return status;
}

static lithia_status evaluate(void *self, const lithia_frame *frame, lithia_evaluation *out)
{
    shell_model *m = self;
    size_t n = m->n_atoms, all = n + m->n_shells;
    bool particles = m->mode == LITHIA_SHELLS_ADIABATIC && frame->n_atoms == all;
    LITHIA_TRY(same_kinds(m, frame, particles ? all : n));
    m->now.no_energy = out->no_energy;
    LITHIA_TRY(particles ? evaluate_particles(m, frame) : evaluate_atoms(m, frame));
    if (out->atom_energy || out->atom_virial)
        LITHIA_TRY(sum_shares(m, out));
    out->energy = m->now.energy;
    out->short_range = m->now.short_range;
    out->coulomb = m->now.coulomb;
    out->springs = m->now.springs;
    out->many_body = m->now.many_body;
    memcpy(out->virial, m->now.virial, sizeof out->virial);
    size_t rows = particles ? all : n;
    if (out->force)
        memcpy(out->force, m->now.force, rows * sizeof *out->force);
    if (out->atom_energy)
        memcpy(out->atom_energy, m->atom_energy, rows * sizeof *out->atom_energy);
    if (out->atom_virial)
        memcpy(out->atom_virial, m->atom_virial, rows * sizeof *out->atom_virial);
    if (out->shell)
        memset(out->shell, 0, rows * sizeof *out->shell);
    for (size_t s = 0; s < m->n_shells; s++) {
        size_t core = (size_t)m->core[s];
        for (int k = 0; k < 3; k++) {
            if (out->force && !particles) /* the shell moves with its core: what is left on it belongs to the ion */
                out->force[core][k] += m->now.force[n + s][k];
            if (out->shell)
                out->shell[core][k] = m->particles.position[n + s][k] - m->particles.position[core][k];
        }
        if (out->atom_energy && !particles)
            out->atom_energy[core] += m->atom_energy[n + s];
        for (int v = 0; out->atom_virial && !particles && v < 6; v++)
            out->atom_virial[core][v] += m->atom_virial[n + s][v];
    }
    return LITHIA_OK;
}

static void reset(void *self)
{
    shell_model *m = self;
    rigid_ions_reset(m->ions);
    shell_relax_reset(&m->relax);
}

static const lithia_shells *shells(const void *self)
{
    const shell_model *m = self;
    return m->mode == LITHIA_SHELLS_ADIABATIC ? &m->view : NULL;
}

static double mass_fraction(const shell_model *m, size_t shell)
{
    return m->shell_mass > 0.0 ? m->shell_mass : m->ions->own[shell].mass;
}

/* Species of particles: the frame's with the masses of cores, then a species of shells for each. */
static lithia_status unfold_species(shell_model *m, const lithia_species_list *from, lithia_species_list *to)
{
    lithia_context *ctx = m->ctx;
    LITHIA_TRY(lithia_species_list_copy(ctx, from, to));
    size_t kinds = from->n;
    LITHIA_TRY(lithia_reserve(ctx, (void **)&to->item, &to->room, 2 * kinds, sizeof *to->item));
    to->n = 2 * kinds;
    for (size_t k = 0; k < kinds; k++)
        to->item[kinds + k] = (lithia_species){.mass = from->item[k].mass, .oxidation = NAN};
    for (size_t s = 0; s < m->n_shells; s++) {
        size_t k = (size_t)m->ions->kind[m->core[s]];
        double part = mass_fraction(m, s);
        memcpy(to->item[kinds + k].label, m->ions->label[kinds + k], sizeof to->item[k].label);
        to->item[kinds + k].z = from->item[k].z;
        to->item[kinds + k].mass = part * from->item[k].mass;
        to->item[k].mass = from->item[k].mass - to->item[kinds + k].mass;
    }
    return LITHIA_OK;
}

static lithia_status unfold(void *self, const lithia_frame *atoms, lithia_frame *particles)
{
    shell_model *m = self;
    lithia_context *ctx = m->ctx;
    size_t n = m->n_atoms, all = n + m->n_shells;
    LITHIA_TRY(same_kinds(m, atoms, n));
    LITHIA_TRY(evaluate_atoms(m, atoms));
    lithia_frame_free(particles);
    lithia_frame_init(particles);
    unsigned arrays = lithia_frame_arrays(atoms) & LITHIA_VELOCITY;
    LITHIA_TRY(lithia_frame_resize(ctx, particles, all, arrays));
    LITHIA_TRY(unfold_species(m, &atoms->species, &particles->species));
    memcpy(particles->kind, m->ions->kind, all * sizeof *particles->kind);
    memcpy(particles->position, m->particles.position, all * sizeof *particles->position);
    for (size_t i = 0; particles->velocity && i < all; i++)
        memcpy(particles->velocity[i], atoms->velocity[i < n ? i : (size_t)m->core[i - n]], sizeof *particles->velocity);
    particles->cell = atoms->cell;
    particles->time = atoms->time;
    particles->step = atoms->step;
    particles->unwrapped = atoms->unwrapped;
    return LITHIA_OK;
}

static lithia_status describe(const void *self, lithia_result *group)
{
    const shell_model *m = self;
    LITHIA_TRY(rigid_ions_describe(m->ions, group));
    lithia_result *shells = lithia_result_group(group, "shells");
    lithia_result_text(shells, "mode", lithia_shell_mode_name(m->mode));
    lithia_result_integer(shells, "number", (int64_t)m->n_shells);
    if (m->mode != LITHIA_SHELLS_FIXED)
        lithia_result_describe(lithia_result_real(shells, "tolerance", "eV/A", m->relax.tolerance),
                               "largest force on a relaxed shell, unless a pair at a cutoff, where forces jump, is in the way");
    if (m->mode == LITHIA_SHELLS_ADIABATIC) {
        lithia_result *masses = lithia_result_list(shells, "masses");
        for (size_t k = 0; k < m->ions->n_kinds; k++)
            for (size_t s = 0; s < m->n_shells; s++)
                if ((size_t)m->ions->kind[m->core[s]] == k) {
                    lithia_result *one = lithia_result_append(masses);
                    lithia_result_text(one, "species", m->ions->label[k]);
                    lithia_result_describe(lithia_result_real(one, "part", "", mass_fraction(m, s)), "of the ion's mass, on its shell");
                    break;
                }
    }
    return LITHIA_OK;
}

static const lithia_potential_class class_of_shell_models = {
    .name = "core-shell model", .evaluate = evaluate, .reset = reset, .describe = describe, .free = shell_model_free, .shells = shells,
    .unfold = unfold};

const rigid_ions *shell_model_ions(const lithia_potential *potential)
{
    return potential->class_view == &class_of_shell_models ? ((const shell_model *)potential->self)->ions : NULL;
}

/* The largest jump of a force where a pair passes a cutoff: a shell may then have no place without a force of that size. */
static double force_jump(const rigid_ions *ions)
{
    double q2 = 0.0, jump = 0.0;
    for (size_t i = 0; i < ions->n_atoms; i++)
        q2 = fmax(q2, ions->charge[i] * ions->charge[i]);
    if (ions->charged && ions->coulomb.method != LITHIA_COULOMB_DSF)
        jump = ions->constant * q2 * ions->coulomb.slope;
    bool cut = ions->smoothing.kind == LITHIA_SMOOTHING_NONE || ions->smoothing.kind == LITHIA_SMOOTHING_SHIFT;
    for (size_t p = 0; cut && p < ions->n_kinds * ions->n_kinds; p++) {
        double u, du;
        pair_terms_value(&ions->pair[p], ions->smoothing.cutoff, &u, &du);
        jump = fmax(jump, fabs(du));
    }
    return jump;
}

static lithia_status make(shell_model *m, const lithia_forcefield_options *want, const lithia_frame *frame)
{
    lithia_context *ctx = m->ctx;
    size_t all = m->n_atoms + m->n_shells;
    double tolerance = want->shell_tolerance != 0.0 ? want->shell_tolerance
                       : m->ions->precision == LITHIA_PRECISION_MIXED ? 1e-4 : 1e-6; /* above the noise of the forces */
    if (!(tolerance >= 1e-10 && tolerance <= 1.0))
        return lithia_fail(ctx, LITHIA_INVALID, "the force tolerance of shells is %g eV/angstrom; it must lie within 1e-10 and 1",
                           tolerance);
    if (!(m->shell_mass >= 0.0 && m->shell_mass < 1.0))
        return lithia_fail(ctx, LITHIA_INVALID, "the mass of shells is %g of their ions'; it must be above 0 and below 1",
                           m->shell_mass);
    m->core = lithia_calloc(ctx, m->n_shells, sizeof *m->core);
    m->spring = lithia_calloc(ctx, m->n_shells, sizeof *m->spring);
    m->now.force = lithia_calloc(ctx, all, sizeof *m->now.force);
    if (!m->core || !m->spring || !m->now.force)
        return LITHIA_NOMEM;
    LITHIA_TRY(lithia_frame_resize(ctx, &m->particles, all, 0));
    memcpy(m->particles.kind, m->ions->kind, all * sizeof *m->particles.kind);
    m->particles.cell = frame->cell;
    for (size_t s = 0; s < m->n_shells; s++) {
        m->core[s] = m->ions->own[s].core;
        m->spring[s] = m->ions->own[s].k2;
    }
    m->view = (lithia_shells){m->n_atoms, m->n_shells, m->core, m->spring};
    LITHIA_TRY(shell_relax_new(ctx, m->n_shells, m->spring, tolerance, &m->relax));
    m->relax.floor = 2.0 * force_jump(m->ions);
    return LITHIA_OK;
}

lithia_status shell_model_new(rigid_ions *model, const lithia_forcefield_options *want, const lithia_frame *frame,
                              lithia_potential *out)
{
    lithia_context *ctx = model->ctx;
    shell_model *m = lithia_calloc(ctx, 1, sizeof *m);
    if (!m) {
        rigid_ions_free(model);
        return LITHIA_NOMEM;
    }
    *m = (shell_model){.ctx = ctx, .ions = model, .mode = want->shells ? want->shells : LITHIA_SHELLS_RELAXED,
                       .n_atoms = frame->n_atoms, .n_shells = model->n_own, .shell_mass = want->shell_mass};
    lithia_frame_init(&m->particles);
    lithia_status status = make(m, want, frame);
    if (status != LITHIA_OK) {
        shell_model_free(m);
        return status;
    }
    *out = (lithia_potential){&class_of_shell_models, m, ctx};
    return LITHIA_OK;
}
