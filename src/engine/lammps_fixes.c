/* What a drive is in LAMMPS's words: its fixes. */
#include "engine/lammps_engine.h"
#include "math/matrix3.h"
#include <lithia/core/units.h>
#include <lithia/engine/lammps.h>
#include <stdio.h>

lithia_cell_freedom lammps_cell(const lammps_engine *d, const lithia_drive *drive)
{
    return drive->cell != LITHIA_CELL_NONE ? drive->cell : d->want.cell;
}

/* Thermostat and barostat: what LAMMPS has. */
static lithia_status choose_fixes(lammps_engine *d, const lithia_drive *drive)
{
    d->heat = d->csvr || d->want.thermostat == LITHIA_LANGEVIN;
    if (drive->ensemble != LITHIA_NVE && d->want.thermostat == LITHIA_SVR && !d->csvr) {
        LITHIA_TRY(lammps_worker_has(d->p->worker, "fix temp/csvr", &d->csvr));
        if (!d->csvr && !(d->substitute & LITHIA_LAMMPS_ANY_THERMOSTAT))
            return lithia_fail(d->ctx, LITHIA_UNSUPPORTED, "this LAMMPS (%d) has no stochastic velocity rescaling (fix temp/csvr): use "
                               "--thermostat nose-hoover", lammps_worker_ready(d->p->worker)->lammps);
        d->heat = d->csvr;
        if (!d->csvr)
            lithia_warn(d->ctx, "this LAMMPS has no stochastic velocity rescaling: a Nose-Hoover chain of 3 with the same tau-t takes its place");
    }
    if (drive->ensemble == LITHIA_NPT && d->want.barostat == LITHIA_SCR) {
        if (!(d->substitute & LITHIA_LAMMPS_ANY_BAROSTAT))
            return lithia_fail(d->ctx, LITHIA_UNSUPPORTED, "LAMMPS has no stochastic cell rescaling: use --barostat mtk");
        lithia_warn(d->ctx, "LAMMPS has no stochastic cell rescaling: the barostat of Martyna, Tobias and Klein with the same tau-p takes its place");
    }
    return LITHIA_OK;
}

static const int voigt_row[6] = {0, 1, 2, 1, 0, 0}, voigt_column[6] = {0, 1, 2, 2, 2, 1};

/* Whether a component of strain, xx yy zz yz xz xy, is not free though the cell's freedom has it. */
static bool held(const lithia_drive *drive, int c)
{
    return drive->held[c] || drive->stretch[voigt_row[c]][voigt_column[c]] != 0.0 || drive->stretch[voigt_column[c]][voigt_row[c]] != 0.0;
}

static bool any_held(const lithia_drive *drive)
{
    bool any = false;
    for (int c = 0; c < 6; c++)
        any = any || held(drive, c);
    return any;
}

static bool turned(const lammps_engine *d)
{
    double away = 0.0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            away = fmax(away, fabs(d->s.rotation[i][j] - (i == j ? 1.0 : 0.0)));
    return away > 1e-9;
}

static lithia_status check_stretch(lammps_engine *d, const lithia_drive *drive)
{
    const char *way_out = "use --engine embedded";
    if (drive->ensemble == LITHIA_NVE)
        return lithia_fail(d->ctx, LITHIA_UNSUPPORTED, "LAMMPS: a strain in NVE: its fix deform moves the atoms with the cell and leaves their "
                           "velocities, so that no heat of compression comes; take NVT, or %s", way_out);
    if (turned(d))
        return lithia_fail(d->ctx, LITHIA_UNSUPPORTED, "LAMMPS: a cell is strained only if a is along x and b in the xy plane; turn the "
                           "structure, or %s", way_out);
    if (drive->stretch[1][0] != 0.0 || drive->stretch[2][0] != 0.0 || drive->stretch[2][1] != 0.0)
        return lithia_fail(d->ctx, LITHIA_UNSUPPORTED, "LAMMPS: this shear turns the cell, which fix deform cannot; %s", way_out);
    bool tilted = d->p->triclinic && lammps_cell(d, drive) != LITHIA_CELL_FULL;
    if (drive->ensemble == LITHIA_NPT && tilted)
        return lithia_fail(d->ctx, LITHIA_UNSUPPORTED, "LAMMPS: a tilted cell that is strained along one axis and free along others needs "
                           "--cell full; or %s", way_out);
    if (drive->n_steps < 1)
        return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: a strain needs steps to be spread over; %lld are given",
                           (long long)drive->n_steps);
    return LITHIA_OK;
}

lithia_status lammps_fixes_check(lammps_engine *d, const lithia_drive *drive)
{
    LITHIA_TRY(choose_fixes(d, drive));
    if (embedded_driven(drive))
        LITHIA_TRY(check_stretch(d, drive));
    if (drive->ensemble != LITHIA_NPT)
        return LITHIA_OK;
    const rigid_ions *ions = d->p->model.ions;
    lithia_cell_freedom free = lammps_cell(d, drive);
    if (free == LITHIA_CELL_NONE)
        return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: NPT with a cell that is not free; choose iso, aniso or full, or NVT");
    if (d->p->model.kspace && fabs(ions->q_total) > 1e-6)
        return lithia_fail(d->ctx, LITHIA_UNSUPPORTED, "LAMMPS: NPT of a cell with a charge of %+.6g e: its pressure lacks that of the "
                           "neutralising background; use --engine embedded, NVT, or --coulomb dsf", ions->q_total);
    if (free == LITHIA_CELL_ISO && any_held(drive))
        return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: where some strains are driven or held and the others free, the cell must be free "
                           "along its axes (aniso) or in all strains (full), not in size only");
    if (free != LITHIA_CELL_ISO && turned(d))
        return lithia_fail(d->ctx, LITHIA_UNSUPPORTED, "LAMMPS: the cell may change along axes only if a is along x and b in the xy "
                           "plane, which is not so here; use --cell iso, or turn the structure");
    for (int k = 0; k < 2; k++) {
        const double *s = drive->deviator[k];
        bool shear = s[3] != 0.0 || s[4] != 0.0 || s[5] != 0.0, axial = s[0] != 0.0 || s[1] != 0.0 || s[2] != 0.0;
        if ((shear && free != LITHIA_CELL_FULL) || (axial && free == LITHIA_CELL_ISO))
            return lithia_fail(d->ctx, LITHIA_INVALID, "dynamics: a stress target that is not hydrostatic needs a cell that is free "
                               "to follow it: aniso for axial, full for shear stress");
    }
    return LITHIA_OK;
}

bool lammps_fixes_conserve(const lammps_engine *d, const lithia_drive *drive)
{
    bool hydrostatic = !any_held(drive);
    for (int c = 0; c < 6; c++)
        hydrostatic = hydrostatic && drive->deviator[0][c] == 0.0 && drive->deviator[1][c] == 0.0;
    return drive->ensemble != LITHIA_NPT || hydrostatic || lammps_cell(d, drive) == LITHIA_CELL_NONE;
}

/* Targets from the beginning of the ramp to its end, in LAMMPS's units. */
static void barostat_words(const lammps_engine *d, const lithia_drive *drive, char *out, size_t room)
{
    static const char *const axis[6] = {"x", "y", "z", "yz", "xz", "xy"}, *const together[] = {"", "iso", "aniso", "tri"};
    double bar = lammps_worker_ready(d->p->worker)->nktv2p;
    lithia_cell_freedom free = lammps_cell(d, drive);
    if (lammps_fixes_conserve(d, drive)) {
        snprintf(out, room, " %s %.17g %.17g %.17g", together[free], drive->pressure[0] * bar, drive->pressure[1] * bar, d->want.tau_p);
        return;
    }
    int n = 0;
    for (int c = 0; c < (free == LITHIA_CELL_FULL ? 6 : 3) && n >= 0 && (size_t)n < room; c++) {
        if (held(drive, c))
            continue;
        double from = (c < 3 ? drive->pressure[0] : 0.0) - drive->deviator[0][c], to = (c < 3 ? drive->pressure[1] : 0.0) - drive->deviator[1][c];
        n += snprintf(out + n, room - (size_t)n, " %s %.17g %.17g %.17g", axis[c], from * bar, to * bar, d->want.tau_p);
    }
    if (n >= 0 && (size_t)n < room) /* the stress is Cauchy's: its reference is the present cell */
        snprintf(out + n, room - (size_t)n, " nreset 1");
}

void lammps_fixes_strained(const double cell[6], const lithia_drive *drive, double out[6])
{
    double h[3][3] = {{cell[0], 0.0, 0.0}, {cell[3], cell[1], 0.0}, {cell[4], cell[5], cell[2]}}, m[3][3], end[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            m[j][i] = drive->stretch[i][j] + (i == j ? 1.0 : 0.0); /* transposed: cell vectors are rows */
    matrix3_multiply(M3(h), M3(m), end);
    const double all[6] = {end[0][0], end[1][1], end[2][2], end[1][0], end[2][0], end[2][1]};
    memcpy(out, all, sizeof all);
}

/* fix deform: the cell goes linearly to its end. What is free in NPT is not named; in NVT all of the cell is. */
static lithia_status set_strain(lammps_engine *d, const lithia_drive *drive)
{
    static const char *const axis[3] = {"x", "y", "z"}, *const tilt[3] = {"xy", "xz", "yz"};
    static const int voigt_of_tilt[3] = {5, 4, 3};
    bool npt = drive->ensemble == LITHIA_NPT;
    const double *end = d->s.strained;
    char words[512];
    int n = snprintf(words, sizeof words, "fix strain all deform 1");
    for (int k = 0; k < 3; k++)
        if (npt ? drive->stretch[k][k] != 0.0 : true)
            n += snprintf(words + n, sizeof words - (size_t)n, " %s final 0 %.17g", axis[k], end[k]);
    for (int k = 0; k < 3 && d->p->triclinic; k++)
        if (npt ? drive->stretch[voigt_row[voigt_of_tilt[k]]][voigt_column[voigt_of_tilt[k]]] != 0.0 : true)
            n += snprintf(words + n, sizeof words - (size_t)n, " %s final %.17g", tilt[k], end[3 + k]);
    return lammps_worker_command(d->p->worker, "%s remap x flip no units box", words);
}

/* LAMMPS counts the cell's thermostat, when the cell is free in size only, with the energy of three where it has that of one; its own
 * vector says how much that is. */
static lithia_status correct_conserved(lammps_engine *d, const lithia_drive *drive)
{
    if (drive->ensemble != LITHIA_NPT || lammps_cell(d, drive) != LITHIA_CELL_ISO)
        return LITHIA_OK;
    return lammps_worker_command(d->p->worker, "variable correction equal -2*f_move[%d]", d->heat ? 11 : 23);
}

/* A thermostat beside the integrator's own: temp/csvr or langevin. */
static lithia_status set_heat(lammps_engine *d, double from, double to)
{
    if (!d->heat)
        return LITHIA_OK;
    return lammps_worker_command(d->p->worker, "fix heat all %s %.17g %.17g %.17g %llu%s", d->csvr ? "temp/csvr" : "langevin", from, to,
                                 d->want.tau_t, (unsigned long long)(d->want.seed % 900000000 + 1), d->csvr ? "" : " zero yes tally yes");
}

/* The fixes of a drive. They keep their names, by which LAMMPS finds their state in a restart file. */
lithia_status lammps_fixes_set(lammps_engine *d, const lithia_drive *drive)
{
    lammps_worker *w = d->p->worker;
    double kelvin = LITHIA_BOLTZMANN_EV_K / lammps_worker_ready(w)->boltz;
    double from = drive->temperature[0] * kelvin, to = drive->temperature[1] * kelvin;
    char barostat[768] = "";
    d->prepare = true;
    if (drive->ensemble == LITHIA_NVE)
        return lammps_worker_commands(w, "fix move all nve");
    bool npt = drive->ensemble == LITHIA_NPT;
    if (npt)
        barostat_words(d, drive, barostat, sizeof barostat);
    const char *still = npt ? " pchain 3 flip no fixedpoint 0 0 0" : "";
    if (d->heat)
        LITHIA_TRY(lammps_worker_command(w, "fix move all %s%s%s", npt ? "nph" : "nve", barostat, still));
    else
        LITHIA_TRY(lammps_worker_command(w, "fix move all %s temp %.17g %.17g %.17g%s tchain 3%s", npt ? "npt" : "nvt", from, to, d->want.tau_t,
                                         barostat, still));
    LITHIA_TRY(set_heat(d, from, to));
    LITHIA_TRY(correct_conserved(d, drive));
    if (embedded_driven(drive))
        LITHIA_TRY(set_strain(d, drive));
    /* forces of a mesh do not sum to zero to the last bit */
    return d->p->n > 1 ? lammps_worker_commands(w, "fix still all momentum 1000 linear 1 1 1") : LITHIA_OK;
}

lithia_status lammps_fixes_clear(lammps_engine *d)
{
    const lithia_drive *old = &d->s.drive;
    bool thermal = old->ensemble != LITHIA_NVE;
    bool iso = old->ensemble == LITHIA_NPT && lammps_cell(d, old) == LITHIA_CELL_ISO;
    return lammps_worker_command(d->p->worker, "%sunfix move%s%s%s", iso ? "variable correction delete\n" : "",
                                 thermal && d->p->n > 1 ? "\nunfix still" : "", thermal && d->heat ? "\nunfix heat" : "",
                                 thermal && embedded_driven(old) ? "\nunfix strain" : "");
}

