#include "test.h"
#include <lithia/core/data.h>
#include <lithia/core/memory.h>
#include <lithia/io/trajectory.h>
#include <lithia/potential/softbv.h>
#include <lithia/task/task.h>

/* What a run of lithia softbv gave. */
typedef struct {
    lithia_context *ctx;
    lithia_result *result;
    lithia_frame structure;
    size_t n_frames;
} done;

static lithia_status keep(void *self, const lithia_frame *frame)
{
    done *d = self;
    return lithia_frame_copy(d->ctx, frame, &d->structure);
}

static lithia_status count(void *self, const lithia_frame *frame)
{
    done *d = self;
    d->n_frames += isfinite(frame->energy);
    return LITHIA_OK;
}

static lithia_status softbv(lithia_context *ctx, const lithia_frame *frame, const char *const set[], done *d)
{
    const lithia_task *task = lithia_task_find("softbv");
    lithia_options *options;
    size_t n;
    const char *table = lithia_data_view("bondvalence/softbv.csv", &n);
    *d = (done){.ctx = ctx, .result = lithia_result_new(ctx)};
    lithia_frame_init(&d->structure);
    CHECK_OK(lithia_options_new(ctx, task->n_options, task->option, &options));
    CHECK_OK(lithia_options_set_data(options, "parameters", "softbv", table, n));
    lithia_status status = LITHIA_OK;
    for (size_t i = 0; set[i] && status == LITHIA_OK; i += 2)
        status = lithia_options_set(options, set[i], set[i + 1]);
    const lithia_input input = {.name = "crystal", .frame = frame};
    lithia_task_run run = {.ctx = ctx, .options = options, .n_inputs = 1, .input = &input, .result = d->result,
                           .structure = {keep, d}, .trajectory = {count, d}};
    if (status == LITHIA_OK)
        status = lithia_task_execute(task, &run);
    if (status == LITHIA_OK)
        status = lithia_result_status(d->result);
    lithia_options_free(options);
    return status;
}

static void done_free(done *d)
{
    lithia_result_free(d->result);
    lithia_frame_free(&d->structure);
}

static double value(const done *d, const char *path)
{
    return lithia_result_value(lithia_result_find(d->result, path));
}

TEST(olivine_is_one_dimensional)
{
    lithia_frame crystal;
    done d;
    lithia_frame_init(&crystal);
    CHECK_OK(lithia_read_structure(ctx, TEST_SOURCE_DIR "/tests/golden/structures/LiFePO4.cif", NULL, &crystal));
    const char *const set[] = {"spacing", "0.2", NULL};
    CHECK_OK(softbv(ctx, &crystal, set, &d));
    CHECK_CLOSE(value(&d, "formal_charges.Fe_e"), 2.0, 0.0, "deduced from neutrality");
    CHECK(lithia_n_warnings(ctx) > 0);
    CHECK_CLOSE(value(&d, "barrier_1d_eV"), 0.4375, 0.05, "BVlain 0.25.1 at 0.1 angstrom; the grids");
    CHECK(value(&d, "barrier_2d_eV") > 2.0);
    CHECK(lithia_result_error_value(lithia_result_find(d.result, "barrier_1d")) > 0.0);
    CHECK_CLOSE(value(&d, "bond_valence.gii_e"), 0.026018843749788675, 1e-5, "independent program: see test_softbv.c");
    CHECK_CLOSE(value(&d, "sites[0].to_ion_A"), 0.0, 0.11, "the lowest site is lithium's own: half a spacing");
    CHECK_EQUAL(lithia_result_n(lithia_result_find(d.result, "bond_valence.sum")), crystal.n_atoms);
    const lithia_result *way = lithia_result_find(d.result, "ways.1d.energy");
    double highest = 0.0;
    for (size_t i = 0; i < lithia_result_n(way); i++)
        highest = fmax(highest, lithia_result_reals_view(way)[i]);
    CHECK_CLOSE(highest, value(&d, "percolation[0].barrier_global_eV"), 1e-6, "the way peaks at the threshold");
    /* points of the slice lie where the energy is that of their level: the crystal's axes are x, y, z */
    lithia_bond_valence table;
    lithia_softbv *energy;
    double charge[8];
    size_t n_table;
    const char *text = lithia_data_view("bondvalence/softbv.csv", &n_table);
    CHECK_OK(lithia_bond_valence_read(ctx, "softbv.csv", text, n_table, &table));
    for (size_t k = 0; k < crystal.species.n; k++)
        charge[k] = crystal.species.item[k].z == 26 ? 2.0 : lithia_element_oxidation(crystal.species.item[k].z);
    CHECK_OK(lithia_softbv_new(ctx, &table, &crystal, charge, &(lithia_softbv_options){.mobile = lithia_species_find(&crystal.species, "Li")}, &energy));
    int across = lithia_result_text_view(lithia_result_find(d.result, "slice.across"))[0] - 'a';
    const lithia_result *dots = lithia_result_find(d.result, "slice.level_3.x");
    const double *dx = lithia_result_reals_view(dots), *dy = lithia_result_reals_view(lithia_result_find(d.result, "slice.level_3.y"));
    CHECK(lithia_result_n(dots) > 20 && across != 1);
    for (size_t i = 0; i < lithia_result_n(dots); i++) {
        double x[3];
        x[across] = value(&d, "slice.at_fraction") * crystal.cell.h[across][across];
        x[(across + 1) % 3] = dx[i];
        x[(across + 2) % 3] = dy[i];
        CHECK_CLOSE(lithia_softbv_energy(energy, x) - value(&d, "lowest_energy_eV"), value(&d, "slice.level_3.level_eV"), 0.2,
                    "linear between points 0.2 angstrom apart: a curvature of some 30 eV/A2 over 8 makes 0.15");
    }
    lithia_softbv_free(energy);
    lithia_bond_valence_free(&table);
    /* 24 framework atoms, and beads; as many frames as beads of the first way */
    CHECK(d.structure.n_atoms > 24 + 10 && d.n_frames > 10);
    done_free(&d);
    const char *const host[] = {"spacing", "0.3", "species", "Na", "formal-charge", "Fe=2", NULL};
    CHECK_OK(softbv(ctx, &crystal, host, &d)); /* a foreign ion through the crystal as it stands */
    CHECK_TEXT(lithia_result_text_view(lithia_result_find(d.result, "mobile")), "Na");
    done_free(&d);
    static const struct {
        const char *set[5], *says;
    } wrong[] = {{{"species", "Qq"}, "Qq"},          {{"species", "O"}, "cation"},      {{"spacing", "0"}, "spacing"},
                 {{"spacing", "0.02"}, "most-points"}, {{"formal-charge", "Fe=2,O=-1"}, "parameters"},
                 {{"formal-charge", "Fe=x"}, "Fe"},  {{"cutoff", "1"}, "cutoff"},       {{"ceiling", "-1"}, "ceiling"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_FAILS(softbv(ctx, &crystal, wrong[i].set, &d), LITHIA_INVALID);
        CHECK_CONTAINS(lithia_message_view(ctx), wrong[i].says);
        done_free(&d);
    }
    lithia_frame_free(&crystal);
}
