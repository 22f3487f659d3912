#include "task/frame/dynamics.h"
#include <lithia/engine/lammps.h>
#include <lithia/engine/velocities.h>
#include <math.h>
#include <string.h>

enum { STREAM_VELOCITIES = 1, SAMPLE_EVERY = 5 };

static lithia_thermostat read_thermostat(const char *text)
{
    return strcmp(text, "svr") == 0 ? LITHIA_SVR : strcmp(text, "langevin") == 0 ? LITHIA_LANGEVIN : LITHIA_NHC;
}

lithia_status lithia_dynamics_open(lithia_task_run *run, lithia_potential *potential, const lithia_frame *frame,
                                   double temperature, lithia_engine *engine)
{
    const lithia_options *o = run->options;
    *engine = (lithia_engine){0};
    const char *cell = lithia_options_text(o, "cell");
    lithia_embedded_options want = {
        .timestep = lithia_options_real(o, "timestep"),
        .thermostat = read_thermostat(lithia_options_text(o, "thermostat")),
        .barostat = strcmp(lithia_options_text(o, "barostat"), "scr") == 0 ? LITHIA_SCR : LITHIA_MTK,
        .cell = strcmp(cell, "iso") == 0 ? LITHIA_CELL_ISO : strcmp(cell, "aniso") == 0 ? LITHIA_CELL_ANISO : LITHIA_CELL_FULL,
        .tau_t = lithia_options_real(o, "tau-t"),
        .tau_p = lithia_options_real(o, "tau-p"),
        .bulk_modulus = lithia_options_real(o, "bulk-modulus"),
        .seed = (uint64_t)lithia_options_integer(o, "seed"),
        .respa = (int)lithia_options_integer(o, "respa"),
        .shell_temperature = lithia_options_given(o, "shell-temperature") ? lithia_options_real(o, "shell-temperature") : 0.0,
        .any_timestep = lithia_options_flag(o, "any-timestep"),
    };
    lithia_frame start;
    lithia_frame_init(&start);
    lithia_status status = lithia_frame_copy(run->ctx, frame, &start);
    bool draw = !frame->velocity || lithia_options_flag(o, "new-velocities");
    if (status == LITHIA_OK && draw && isnan(temperature))
        status = lithia_fail(run->ctx, LITHIA_INVALID, "the structure has no velocities and no temperature is given to draw them from: "
                             "add --temperature");
    if (status == LITHIA_OK && draw) {
        lithia_random random;
        lithia_random_seed(&random, want.seed, STREAM_VELOCITIES);
        status = lithia_velocities_draw(run->ctx, &start, temperature, true, &random);
    }
    unsigned substitute = (lithia_options_given(o, "thermostat") ? 0u : LITHIA_LAMMPS_ANY_THERMOSTAT) |
                          (lithia_options_given(o, "barostat") ? 0u : LITHIA_LAMMPS_ANY_BAROSTAT);
    if (status == LITHIA_OK)
        status = lithia_lammps_is(potential) ? lithia_lammps_new(run->ctx, potential, &start, &want, substitute, engine)
                                             : lithia_embedded_new(run->ctx, potential, &start, &want, engine);
    lithia_frame_free(&start);
    return status;
}

int64_t lithia_dynamics_steps(const lithia_task_run *run, double time)
{
    double steps = time / lithia_options_real(run->options, "timestep");
    if (!(steps > 0.0))
        return 0;
    return steps < 1.0 ? 1 : (int64_t)llround(fmin(steps, 1e15));
}

lithia_schedule_options lithia_dynamics_output(const lithia_task_run *run, const char *label, size_t n_atoms,
                                               lithia_schedule_store *store)
{
    *store = (lithia_schedule_store){0};
    if (run->store)
        *store = (lithia_schedule_store){run->store->save, run->store->load, run->store->self};
    return (lithia_schedule_options){.label = label,
                                     .n_atoms = n_atoms,
                                     .frame_every = lithia_options_integer(run->options, "every"),
                                     .sample_every = SAMPLE_EVERY,
                                     .velocities = lithia_options_flag(run->options, "velocities"),
                                     .trajectory = run->trajectory,
                                     .structure = run->structure,
                                     .store = run->store ? store : NULL};
}
