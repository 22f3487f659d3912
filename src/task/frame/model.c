#include "task/frame/model.h"
#include <lithia/core/memory.h>
#include <lithia/potential/lammps.h>
#include <math.h>
#include <string.h>

static lithia_status read_charges(lithia_task_run *run, lithia_charge **charges, size_t *n)
{
    *charges = NULL;
    const char *const *texts = lithia_options_texts(run->options, "charge", n);
    if (*n == 0)
        return LITHIA_OK;
    *charges = lithia_calloc(run->ctx, *n, sizeof **charges);
    if (!*charges)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < *n; i++) {
        const char *equals = strchr(texts[i], '=');
        size_t length = equals ? (size_t)(equals - texts[i]) : 0;
        lithia_charge *charge = &(*charges)[i];
        if (!equals || length == 0 || length >= sizeof charge->label ||
            !lithia_number_read(equals + 1, &charge->charge) || !isfinite(charge->charge)) {
            return lithia_fail(run->ctx, LITHIA_INVALID, "charge: \"%s\" must be a species and a number of e, as in Li=1",
                               texts[i]);
        }
        memcpy(charge->label, texts[i], length);
    }
    return LITHIA_OK;
}

static double real_or_zero(const lithia_options *options, const char *name)
{
    double value = lithia_options_real(options, name);
    return isnan(value) ? 0.0 : value;
}

/* 1-based place of a choice in a list of names, 0 for none given. */
static int choice(const char *text, const char *const names[], int n)
{
    for (int i = 0; text && i < n; i++)
        if (strcmp(text, names[i]) == 0)
            return i + 1;
    return 0;
}

enum { EXACT_UP_TO = 2000 }; /* atoms: an Ewald sum to 1e-12 takes some seconds then */

/* Let LAMMPS evaluate what was bound, if that is asked for. */
static lithia_status choose_engine(lithia_task_run *run, const lithia_frame *frame, lithia_potential *potential)
{
    bool lammps = strcmp(lithia_options_text(run->options, "engine"), "lammps") == 0;
    if (!lammps && lithia_options_given(run->options, "ranks"))
        return lithia_fail(run->ctx, LITHIA_INVALID, "ranks: only LAMMPS runs on several; add --engine lammps (the embedded engine "
                           "takes --threads)");
    if (!lammps)
        return LITHIA_OK;
    lithia_lammps_options want = {.ranks = (size_t)lithia_options_integer(run->options, "ranks")};
    lithia_potential embedded = *potential;
    lithia_status status = lithia_lammps_potential(run->ctx, &embedded, frame, &want, potential);
    lithia_potential_free(&embedded);
    return status;
}

static lithia_status open_model(lithia_task_run *run, const lithia_frame *frame, bool exact, lithia_potential *potential)
{
    static const char *const coulombs[] = {"ewald", "pme", "dsf", "wolf", "tapered"},
                             *const smoothings[] = {"none", "shift", "switch", "taper"},
                             *const shells[] = {"relaxed", "fixed", "adiabatic"};
    const lithia_options *options = run->options;
    *potential = (lithia_potential){0};
    const char *label;
    size_t n;
    const char *text = lithia_options_data(options, "potential", &label, &n);
    if (!label)
        return lithia_fail(run->ctx, LITHIA_INVALID, "potential: none is given; \"lithia forcefields\" lists those that ship");
    lithia_charge *charges = NULL;
    lithia_forcefield *ff = NULL;
    lithia_forcefield_options want = {
        .coulomb = (lithia_coulomb_method)choice(lithia_options_text(options, "coulomb"), coulombs, 5),
        .coulomb_cutoff = real_or_zero(options, "coulomb-cutoff"),
        .damping = real_or_zero(options, "damping"),
        .accuracy = real_or_zero(options, "accuracy"),
        .short_cutoff = real_or_zero(options, "short-cutoff"),
        .smoothing = (lithia_smoothing)choice(lithia_options_text(options, "smoothing"), smoothings, 4),
        .slab = lithia_options_flag(options, "slab-correction"),
        .precision = strcmp(lithia_options_text(options, "precision"), "mixed") == 0 ? LITHIA_PRECISION_MIXED : LITHIA_PRECISION_DOUBLE,
        .shells = (lithia_shell_mode)choice(lithia_options_text(options, "shells"), shells, 3),
        .shell_tolerance = real_or_zero(options, "shell-tolerance"),
        .shell_mass = real_or_zero(options, "shell-mass"),
    };
    want.mesh = !exact || frame->n_atoms > EXACT_UP_TO;
    if (exact && want.mesh && want.coulomb == LITHIA_COULOMB_DEFAULT && want.accuracy == 0.0)
        want.accuracy = 1e-7;
    if (lithia_options_given(options, "damping") && want.damping == 0.0)
        want.damping = LITHIA_UNDAMPED;
    lithia_status status = read_charges(run, &charges, &want.n_charges);
    want.charge_view = charges;
    if (status == LITHIA_OK)
        status = text ? lithia_forcefield_read(run->ctx, label, text, n, &ff)
                      : lithia_forcefield_shipped(run->ctx, label, &ff);
    if (status == LITHIA_OK)
        status = lithia_forcefield_potential(run->ctx, ff, &want, frame, potential);
    if (status == LITHIA_OK)
        status = choose_engine(run, frame, potential);
    if (status == LITHIA_OK)
        status = lithia_potential_describe(potential, lithia_result_group(run->result, "potential"));
    lithia_free(charges);
    lithia_forcefield_free(ff);
    return status;
}

lithia_status lithia_model_open(lithia_task_run *run, const lithia_frame *frame, lithia_potential *potential)
{
    return open_model(run, frame, false, potential);
}

lithia_status lithia_model_open_exact(lithia_task_run *run, const lithia_frame *frame, lithia_potential *potential)
{
    return open_model(run, frame, true, potential);
}
