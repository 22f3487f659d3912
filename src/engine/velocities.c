#include <lithia/core/units.h>
#include <lithia/engine/velocities.h>
#include <math.h>

size_t lithia_velocities_freedom(size_t n_atoms)
{
    return n_atoms > 1 ? 3 * n_atoms - 3 : 3 * n_atoms;
}

double lithia_velocities_kinetic(const lithia_frame *frame)
{
    double sum = 0.0;
    for (size_t i = 0; frame->velocity && i < frame->n_atoms; i++) {
        const double *v = frame->velocity[i];
        sum += frame->species.item[frame->kind[i]].mass * (v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
    }
    return 0.5 * LITHIA_U_A2_PS2_IN_EV * sum;
}

static void stop_centre_of_mass(lithia_frame *frame)
{
    double p[3] = {0}, mass = 0.0;
    for (size_t i = 0; i < frame->n_atoms; i++) {
        double m = frame->species.item[frame->kind[i]].mass;
        mass += m;
        for (int k = 0; k < 3; k++)
            p[k] += m * frame->velocity[i][k];
    }
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int k = 0; k < 3; k++)
            frame->velocity[i][k] -= p[k] / mass;
}

lithia_status lithia_velocities_draw(lithia_context *ctx, lithia_frame *frame, double temperature, bool exact,
                                     lithia_random *random)
{
    if (!(temperature >= 0.0 && temperature < 1e6))
        return lithia_fail(ctx, LITHIA_INVALID, "velocities: temperature is %g K; it must lie within 0 and 1e6", temperature);
    for (size_t s = 0; s < frame->species.n; s++)
        if (!(frame->species.item[s].mass > 0.0))
            return lithia_fail(ctx, LITHIA_INVALID, "velocities: species %s has a mass of %g u; it must be above 0",
                               frame->species.item[s].label, frame->species.item[s].mass);
    LITHIA_TRY(lithia_frame_resize(ctx, frame, frame->n_atoms, lithia_frame_arrays(frame) | LITHIA_VELOCITY));
    for (size_t i = 0; i < frame->n_atoms; i++) {
        double m = frame->species.item[frame->kind[i]].mass;
        double width = sqrt(LITHIA_BOLTZMANN_EV_K * temperature / (m * LITHIA_U_A2_PS2_IN_EV));
        for (int k = 0; k < 3; k++)
            frame->velocity[i][k] = width * lithia_random_normal(random);
    }
    if (frame->n_atoms > 1)
        stop_centre_of_mass(frame);
    double kinetic = lithia_velocities_kinetic(frame);
    if (exact && kinetic > 0.0) {
        double want = 0.5 * (double)lithia_velocities_freedom(frame->n_atoms) * LITHIA_BOLTZMANN_EV_K * temperature;
        double scale = sqrt(want / kinetic);
        for (size_t i = 0; i < frame->n_atoms; i++)
            for (int k = 0; k < 3; k++)
                frame->velocity[i][k] *= scale;
    }
    return LITHIA_OK;
}
