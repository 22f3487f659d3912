#include <lithia/core/units.h>
#include <lithia/engine/averages.h>
#include <lithia/result/result.h>
#include <math.h>

void lithia_averages_add(lithia_averages *a, const lithia_sample *s)
{
    lithia_blocks_add(&a->temperature, s->temperature);
    lithia_blocks_add(&a->pressure, s->pressure);
    for (int k = 0; k < 6; k++)
        lithia_blocks_add(&a->stress[k], s->stress[k]);
    lithia_blocks_add(&a->volume, s->volume);
    lithia_blocks_add(&a->density, s->density);
    for (int k = 0; k < 3; k++) {
        lithia_blocks_add(&a->lengths[k], s->lengths[k]);
        lithia_blocks_add(&a->angles[k], s->angles[k]);
    }
    lithia_blocks_add(&a->potential, s->potential);
    lithia_blocks_add(&a->energy, s->kinetic + s->potential);
    lithia_blocks_add(&a->enthalpy, s->enthalpy);
    if (a->n == 0) {
        a->first_time = s->time;
        a->first_conserved = s->conserved;
    }
    double t = s->time - a->first_time, c = s->conserved - a->first_conserved;
    if (!isnan(s->shell_temperature))
        lithia_blocks_add(&a->shell_temperature, s->shell_temperature);
    a->last_time = s->time;
    a->n++;
    for (int k = 0; k < 9; k++)
        a->h[k / 3][k % 3] += (s->h[k / 3][k % 3] - a->h[k / 3][k % 3]) / (double)a->n;
    a->t += t;
    a->tt += t * t;
    a->c += c;
    a->ct += c * t;
    a->cc += c * c;
    lithia_blocks_add(&a->conserved, c);
}

void lithia_averages_drift(const lithia_averages *a, double *slope, double *error, double *rms)
{
    double n = (double)a->n;
    *slope = *error = *rms = NAN;
    if (a->n < 3)
        return;
    double stt = a->tt - a->t * a->t / n, stc = a->ct - a->t * a->c / n, scc = a->cc - a->c * a->c / n;
    if (!(stt > 0.0))
        return;
    *slope = stc / stt;
    double rest = fmax(scc - *slope * stc, 0.0);
    double g = lithia_blocks_result(&a->conserved).inefficiency;
    *rms = sqrt(rest / n);
    *error = sqrt(rest / (n - 2.0) / stt * (isfinite(g) && g > 1.0 ? g : 1.0));
}

static const char HOW[] = "block averages (Flyvbjerg and Petersen 1989)";
static const char SHORT[] = "block averages without a plateau: the run is short against the correlation time, this is a lower bound";

static lithia_result *put(lithia_result *group, const char *name, const char *unit, const lithia_blocks *blocks, double factor,
                          const char *text)
{
    lithia_block_estimate e = lithia_blocks_result(blocks);
    double error = e.error * fabs(factor);
    lithia_result *node = lithia_result_real(group, name, unit, e.mean * factor);
    if (isfinite(error))
        lithia_result_error(node, 1, &error, e.plateau ? HOW : SHORT);
    return lithia_result_describe(node, text);
}

static void put_cell(const lithia_averages *a, lithia_result *group)
{
    static const char *const length[3] = {"a", "b", "c"}, *const angle[3] = {"alpha", "beta", "gamma"};
    lithia_result *cell = lithia_result_group(group, "cell");
    for (int k = 0; k < 3; k++)
        put(cell, length[k], "A", &a->lengths[k], 1.0, "mean length of a cell vector");
    for (int k = 0; k < 3; k++)
        put(cell, angle[k], "deg", &a->angles[k], 1.0, "mean angle");
    put(cell, "volume", "A3", &a->volume, 1.0, "mean volume of the cell");
}

static void put_stress(const lithia_averages *a, lithia_result *group)
{
    double mean[6], error[6];
    bool plateau = true, finite = true;
    for (int k = 0; k < 6; k++) {
        lithia_block_estimate e = lithia_blocks_result(&a->stress[k]);
        mean[k] = e.mean * LITHIA_EV_A3_IN_GPA;
        error[k] = e.error * LITHIA_EV_A3_IN_GPA;
        plateau = plateau && e.plateau;
        finite = finite && isfinite(error[k]);
    }
    lithia_result *node = lithia_result_reals(group, "stress", "GPa", 6, mean);
    if (finite)
        lithia_result_error(node, 6, error, plateau ? HOW : SHORT);
    lithia_result_describe(node, "mean stress xx yy zz yz xz xy, positive in tension, with the kinetic part");
}

void lithia_averages_result(const lithia_averages *a, size_t n_atoms, double freedom, lithia_result *group)
{
    double per_atom = 1.0 / (double)n_atoms;
    lithia_result_headline(put(group, "temperature", "K", &a->temperature, 1.0, "mean of 2 K/(degrees of freedom k_B)"));
    lithia_result_headline(put(group, "pressure", "GPa", &a->pressure, LITHIA_EV_A3_IN_GPA, "mean pressure, with the kinetic part"));
    lithia_result_headline(put(group, "density", "g/cm3", &a->density, LITHIA_U_A3_IN_G_CM3, "mean density"));
    if (a->shell_temperature.level[0].n > 0)
        put(group, "shell_temperature", "K", &a->shell_temperature, 1.0, "mean of 2 K/(3 k_B) per shell, of shells against their cores");
    put(group, "volume", "A3", &a->volume, 1.0, "mean volume of the cell");
    put(group, "volume_per_atom", "A3", &a->volume, per_atom, "mean volume");
    put_cell(a, group);
    put_stress(a, group);
    put(group, "potential_energy_per_atom", "eV", &a->potential, per_atom, "mean potential energy");
    put(group, "energy_per_atom", "eV", &a->energy, per_atom, "mean of kinetic and potential energy");
    put(group, "enthalpy_per_atom", "eV", &a->enthalpy, per_atom,
        "mean of kinetic and potential energy and P V (P the target in NPT, else the mean)");
    lithia_result_integer(group, "samples", a->n);
    lithia_result_real(group, "averaged_over", "ps", a->n > 1 ? a->last_time - a->first_time : 0.0);

    double slope, error, rms, kT = LITHIA_BOLTZMANN_EV_K * lithia_blocks_result(&a->temperature).mean;
    lithia_averages_drift(a, &slope, &error, &rms);
    double unit = 1000.0 / (kT * freedom); /* eV/ps to kT/ns a degree of freedom */
    double drift_error = error * unit;
    lithia_result *node = lithia_result_real(group, "drift_kT_per_ns_per_freedom", NULL, slope * unit);
    if (isfinite(drift_error))
        lithia_result_error(node, 1, &drift_error, "least squares, scaled by the statistical inefficiency");
    lithia_result_describe(node, "slope of the conserved quantity, in kT per ns and degree of freedom");
    lithia_result_describe(lithia_result_real(group, "conserved_rms_kT_per_freedom", NULL, rms / (kT * freedom)),
                           "rms deviation of the conserved quantity from its straight line");
}
