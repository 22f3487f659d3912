#include <lithia/core/units.h>
#include <lithia/explore/fracture.h>
#include <lithia/structure/neighbours.h>
#include <math.h>

lithia_status lithia_fracture_read(lithia_context *ctx, const lithia_pull_curve *curve, const lithia_fracture_crack *crack,
                                   lithia_fracture_result *out)
{
    *out = (lithia_fracture_result){.K_Ic = {NAN, NAN}, .E_plane = {NAN, NAN}};
    if (!(crack->ligament > 0.0) || !(crack->thickness > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "fracture: the crack's ligament is %g A and its thickness %g A; both must be above 0",
                           crack->ligament, crack->thickness);
    lithia_pull_reading reading = {.failure = crack->separated > 0.0 ? crack->separated : 0.05};
    lithia_pull_result r;
    LITHIA_TRY(lithia_pull_read(ctx, curve, &reading, &r));
    double length = curve->volume / (crack->ligament * crack->thickness);
    out->area = crack->ligament * crack->thickness;
    out->work_density = r.toughness;
    out->G_c = (lithia_estimate){r.toughness.value * length, r.toughness.error * length};
    out->separated = r.failed;
    out->separation_strain = r.toughness_strain;
    size_t end = curve->n_points - 1;
    for (size_t k = 0; k < curve->n_points; k++)
        if (curve->point[k].strain == r.toughness_strain)
            end = k;
    out->residual = curve->point[end].nominal.value / r.strength.value;
    out->stored = (curve->point[end].end_energy - curve->energy) / out->area;
    double E = crack->E.value, nu = crack->poisson.value;
    if (!(E > 0.0) || !(nu > -1.0 && nu < 0.5) || !(out->G_c.value > 0.0))
        return LITHIA_OK;
    double plane = E / (1.0 - nu * nu), by_E = crack->E.error / E, by_nu = 2.0 * nu * crack->poisson.error / (1.0 - nu * nu);
    bool known = isfinite(by_E) || isfinite(by_nu);
    by_E = isfinite(by_E) ? by_E : 0.0;
    by_nu = isfinite(by_nu) ? by_nu : 0.0;
    double relative = sqrt(by_E * by_E + by_nu * by_nu), by_G = isfinite(out->G_c.error) ? out->G_c.error / out->G_c.value : 0.0;
    out->E_plane = (lithia_estimate){plane, known ? plane * relative : NAN};
    out->K_Ic.value = sqrt(plane * out->G_c.value);
    out->K_Ic.error = 0.5 * out->K_Ic.value * sqrt(relative * relative + by_G * by_G);
    return LITHIA_OK;
}

lithia_status lithia_local_stress(lithia_context *ctx, const lithia_frame *frame, const double virial[][6], double radius,
                                  double stress[][6])
{
    if (!(radius > 0.0 && isfinite(radius)))
        return lithia_fail(ctx, LITHIA_INVALID, "local stress: the radius is %g A; it must be above 0", radius);
    lithia_neighbours list = {0};
    LITHIA_TRY(lithia_neighbours_new(ctx, frame, radius, &list));
    double volume = 4.0 / 3.0 * LITHIA_PI * radius * radius * radius;
    for (size_t i = 0; i < frame->n_atoms; i++)
        for (int c = 0; c < 6; c++) {
            double sum = virial[i][c];
            for (size_t k = list.start[i]; k < list.start[i + 1]; k++)
                sum += virial[list.atom[k]][c];
            stress[i][c] = -sum / volume;
        }
    lithia_neighbours_free(&list);
    return LITHIA_OK;
}
