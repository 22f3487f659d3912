/* lithia build: glass-ceramics. */
#include "task/frame/build_steps.h"
#include "task/frame/structure_option.h"
#include <lithia/core/memory.h>
#include <lithia/explore/minimise.h>
#include <lithia/generate/charges.h>
#include <lithia/generate/composite.h>
#include <math.h>
#include <string.h>

/* Formal charges by atomic number, from the species of both structures; what neither knows is deduced where it can be. */
static lithia_status charges_by_element(lithia_task_run *run, const lithia_frame *const frames[2], double charge[128])
{
    for (int z = 0; z < 128; z++)
        charge[z] = NAN;
    for (int f = 0; f < 2; f++) {
        double *of = NULL;
        LITHIA_TRY(build_charges_neutral(run, frames[f], &of));
        for (size_t k = 0; k < frames[f]->species.n; k++) {
            int z = frames[f]->species.item[k].z;
            if (z > 0 && z < 128 && isnan(charge[z]))
                charge[z] = of[k];
            else if (z > 0 && z < 128 && fabs(charge[z] - of[k]) > 1e-6)
                lithia_warn(run->ctx, "build: %s has a formal charge of %g e in one structure and %g e in the other; the first is used",
                            lithia_element_symbol(z), charge[z], of[k]);
        }
        lithia_free(of);
    }
    return LITHIA_OK;
}

static lithia_status set_rotation(lithia_task_run *run, const lithia_frame *crystal, lithia_composite_options *want)
{
    const lithia_options *o = run->options;
    size_t n_direction, n_euler;
    const int64_t *direction = lithia_options_integers(o, "grain-direction", &n_direction);
    const double *euler = lithia_options_reals(o, "grain-euler", &n_euler);
    bool random = lithia_options_flag(o, "grain-random");
    if ((n_direction > 0) + (n_euler > 0) + random > 1)
        return lithia_fail(run->ctx, LITHIA_INVALID, "build: give only one of --grain-direction, --grain-euler and --grain-random");
    if ((n_direction > 0 && n_direction != 3) || (n_euler > 0 && n_euler != 3))
        return lithia_fail(run->ctx, LITHIA_INVALID, "build: a direction has three indices, a turn three angles");
    if (random)
        lithia_rotation_random((uint64_t)lithia_options_integer(o, "seed"), want->rotation);
    if (n_euler > 0)
        lithia_rotation_euler(euler, want->rotation);
    if (n_direction == 0)
        return LITHIA_OK;
    const int uvw[3] = {(int)direction[0], (int)direction[1], (int)direction[2]};
    return lithia_rotation_direction(run->ctx, &crystal->cell, uvw, want->rotation);
}

static lithia_status read_options(lithia_task_run *run, const lithia_frame *crystal, lithia_composite_options *want)
{
    const lithia_options *o = run->options;
    const char *shape = lithia_options_text(o, "grain");
    size_t n_axes, n_offset;
    const double *axes = lithia_options_reals(o, "grain-axes", &n_axes), *offset = lithia_options_reals(o, "grain-offset", &n_offset);
    double overlap = lithia_options_real(o, "grain-overlap");
    *want = (lithia_composite_options){
        .shape = strcmp(shape, "sphere") == 0 ? LITHIA_GRAIN_SPHERE : strcmp(shape, "slab") == 0 ? LITHIA_GRAIN_SLAB : LITHIA_GRAIN_ELLIPSOID,
        .fraction = lithia_options_real(o, "grain-fraction"),
        .across = lithia_options_text(o, "grain-across")[0] - 'a',
        .overlap = isnan(overlap) ? 0.0 : overlap,
        .interface = lithia_options_real(o, "interface"),
        .seed = (uint64_t)lithia_options_integer(o, "seed")};
    if (!lithia_options_given(o, "grain-fraction"))
        return lithia_fail(run->ctx, LITHIA_INVALID, "build: --grain needs --grain-fraction");
    if ((want->shape == LITHIA_GRAIN_ELLIPSOID) != (n_axes > 0) || (n_axes > 0 && n_axes != 3))
        return lithia_fail(run->ctx, LITHIA_INVALID, "build: an ellipsoid, and only it, needs --grain-axes X,Y,Z");
    if (n_offset > 0 && n_offset != 3)
        return lithia_fail(run->ctx, LITHIA_INVALID, "build: --grain-offset has three numbers");
    for (int k = 0; k < 3; k++) {
        want->axes[k] = n_axes ? axes[k] : 0.0;
        want->offset[k] = n_offset ? offset[k] : 0.0;
    }
    return set_rotation(run, crystal, want);
}

static lithia_status put_formula(lithia_task_run *run, lithia_result *r, const char *name, const lithia_frame *frame)
{
    char *formula;
    LITHIA_TRY(lithia_frame_formula(run->ctx, frame, &formula));
    lithia_result_text(r, name, formula);
    lithia_free(formula);
    return LITHIA_OK;
}

static lithia_status report(lithia_task_run *run, const lithia_composite_options *want, const lithia_frame *glass,
                            const lithia_frame *crystal, const lithia_frame *frame, const lithia_composite_outcome *out)
{
    lithia_result *r = lithia_result_group(run->result, "composite");
    LITHIA_TRY(put_formula(run, r, "glass", glass));
    LITHIA_TRY(put_formula(run, r, "crystal", crystal));
    lithia_result_text(r, "shape", lithia_options_text(run->options, "grain"));
    lithia_result_describe(lithia_result_reals(r, "size", "A", want->shape == LITHIA_GRAIN_SLAB ? 1 : 3, out->size),
                           "semi-axes, or thickness of a slab");
    const double identity[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, *rotation = &want->rotation[0][0];
    bool turned = false;
    for (int k = 0; k < 9; k++)
        turned = turned || rotation[k] != 0.0;
    lithia_result_describe(lithia_result_matrix(r, "rotation", NULL, 3, 3, turned ? rotation : identity), "R of the crystal, x -> x R");
    lithia_result_integer(r, "n_grain", (int64_t)out->n_grain);
    lithia_result_integer(r, "n_glass", (int64_t)out->n_glass);
    lithia_result_describe(lithia_result_real(r, "grain_atoms_percent", "%", 100.0 * (double)out->n_grain / (double)frame->n_atoms),
                           "of all atoms");
    lithia_result *regions = lithia_result_group(r, "regions");
    for (int k = LITHIA_REGION_GRAIN; k <= LITHIA_REGION_GLASS; k++)
        lithia_result_integer(regions, lithia_region_name(k), (int64_t)out->n_region[k]);
    lithia_result *removed = lithia_result_list(r, "removed");
    lithia_result_describe(removed, "atoms of the glass inside the shape, too near to the grain, and gone for neutrality; of a slab grain those "
                                    "that met themselves");
    for (size_t k = 0; k < out->n_species; k++) {
        lithia_result *one = lithia_result_append(removed);
        lithia_result_text(one, "species", frame->species.item[k].label);
        lithia_result_integer(one, "inside", (int64_t)out->inside[k]);
        lithia_result_integer(one, "overlap", (int64_t)out->overlap[k]);
        lithia_result_integer(one, "neutrality", (int64_t)out->balance[k]);
        lithia_result_integer(one, "seam", (int64_t)out->seam[k]);
        lithia_result_integer(one, "in_grain", (int64_t)out->from_grain[k]);
    }
    lithia_result_describe(lithia_result_real(r, "grain_charge", "e", out->grain_charge), "formal charge of the grain as carved: balanced in the glass");
    lithia_result_describe(lithia_result_real(r, "furthest", "A", out->furthest), "from the surface, of an ion gone for neutrality");
    if (want->shape == LITHIA_GRAIN_SLAB)
        lithia_warn(run->ctx, "build: the slab grain goes on through the model, where its sides meet without fitting; a grain boundary is there");
    return LITHIA_OK;
}

/* Atoms of the composite to their nearest minimum, and what became of the grain. */
static lithia_status relax(lithia_task_run *run, lithia_frame *frame)
{
    const lithia_options *o = run->options;
    lithia_result *r = lithia_result_group(lithia_result_group(run->result, "composite"), "relaxed");
    lithia_potential potential;
    lithia_frame before;
    lithia_minimum minimum;
    lithia_grain_core core;
    const lithia_minimise_options want = {
        .cell = lithia_options_given(o, "relax-cell") ? build_cell_freedom(o) : LITHIA_CELL_NONE,
        .force_tolerance = lithia_options_given(o, "relax-tolerance") ? lithia_options_real(o, "relax-tolerance") : 0.1,
        .stress_tolerance = 0.1 / LITHIA_EV_A3_IN_GPA, .optimiser = LITHIA_FIRE, .max_steps = 3000};
    lithia_frame_init(&before);
    LITHIA_TRY(lithia_frame_copy(run->ctx, frame, &before));
    lithia_status status = lithia_model_open(run, frame, &potential);
    if (status == LITHIA_OK) {
        status = lithia_minimise(run->ctx, &potential, frame, &want, &minimum);
        lithia_potential_free(&potential);
        if (status == LITHIA_DIVERGED && minimum.steps >= want.max_steps) {
            lithia_warn(run->ctx, "build: the composite is not relaxed to the end: %s", lithia_message_view(run->ctx));
            status = LITHIA_OK;
        }
    }
    if (status == LITHIA_OK) {
        lithia_result_real(r, "energy", "eV", minimum.energy);
        lithia_result_real(r, "max_force", "eV/A", minimum.max_force);
        lithia_result_integer(r, "steps", (int64_t)minimum.steps);
        lithia_result_real(r, "pressure", "GPa", -(minimum.stress[0] + minimum.stress[1] + minimum.stress[2]) / 3.0 * LITHIA_EV_A3_IN_GPA);
        if (lithia_grain_core_compare(run->ctx, &before, frame, &core) == LITHIA_OK) {
            double lindemann = core.rms / core.spacing;
            lithia_result_integer(r, "core_atoms", (int64_t)core.n);
            lithia_result_describe(lithia_result_real(r, "core_rms", "A", core.rms), "displacement in the grain's core beside an affine one");
            lithia_result_real(r, "core_largest", "A", core.largest);
            lithia_result_describe(lithia_result_reals(r, "core_strain", NULL, 6, core.strain), "of the core: xx yy zz yz xz xy");
            lithia_result_describe(lithia_result_real(r, "core_lindemann", NULL, lindemann), "rms over the distance of nearest neighbours; above "
                                                                                             "0.15 the lattice is lost");
            lithia_result_finding(run->result, lindemann < 0.15 ? "note" : "caution",
                                  lindemann < 0.15 ? "the grain's core keeps its lattice on relaxation: rms %.2f A, %.2f of the nearest distance"
                                                   : "the grain's core loses its lattice on relaxation: rms %.2f A, %.2f of the nearest distance",
                                  core.rms, lindemann);
        } else
            lithia_warn(run->ctx, "build: %s", lithia_message_view(run->ctx));
    }
    lithia_frame_free(&before);
    return status;
}

/* @param[out] glass  what the model was before */
static lithia_status carve(lithia_task_run *run, build_state *b, const lithia_frame *crystal, lithia_frame *glass)
{
    const lithia_frame *const both[2] = {&b->frame, crystal};
    lithia_composite_options want;
    lithia_composite_outcome outcome = {0};
    double charge[128];
    LITHIA_TRY(read_options(run, crystal, &want));
    LITHIA_TRY(charges_by_element(run, both, charge));
    LITHIA_TRY(lithia_frame_copy(run->ctx, &b->frame, glass));
    lithia_status status = lithia_composite(run->ctx, &want, crystal, charge, &b->frame, &outcome);
    if (status == LITHIA_OK)
        status = report(run, &want, glass, crystal, &b->frame, &outcome);
    lithia_composite_outcome_free(&outcome);
    return status;
}

lithia_status build_composite(lithia_task_run *run, build_state *b)
{
    static const char *const needs[] = {"crystal", "grain-fraction", "grain-axes", "grain-across", "grain-direction", "grain-euler", "grain-random",
                                        "grain-offset", "grain-overlap", "interface"};
    bool asked = lithia_options_given(run->options, "grain");
    for (size_t i = 0; !asked && i < sizeof needs / sizeof needs[0]; i++)
        if (lithia_options_given(run->options, needs[i]))
            return lithia_fail(run->ctx, LITHIA_INVALID, "build: --%s only makes sense with --grain", needs[i]);
    if (!asked)
        return LITHIA_OK;
    lithia_frame glass, crystal;
    bool found;
    lithia_frame_init(&glass);
    lithia_frame_init(&crystal);
    lithia_status status = structure_option(run->ctx, run->options, "build", "crystal", &crystal, &found);
    if (status == LITHIA_OK && !found)
        status = lithia_fail(run->ctx, LITHIA_INVALID, "build: --grain needs the crystal it is made of: --crystal FILE");
    if (status == LITHIA_OK)
        status = carve(run, b, &crystal, &glass);
    lithia_frame_free(&glass);
    lithia_frame_free(&crystal);
    LITHIA_TRY(status);
    return lithia_options_given(run->options, "potential") ? relax(run, &b->frame) : LITHIA_OK;
}
