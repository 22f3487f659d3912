#include "analysis/xrd_frames.h"
#include "analysis/xrd_options.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double degree = 180.0 / LITHIA_PI;
static const double fwhm_in_sigma = 2.3548200450309493; /* 2 sqrt(2 ln 2) */

static double two_theta_of(double q, double wavelength)
{
    return 2.0 * asin(fmin(1.0, q * wavelength / (4.0 * LITHIA_PI))) * degree;
}

static lithia_cell mean_cell(const lithia_xrd_frames *x)
{
    lithia_cell cell = x->first.cell;
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++)
            cell.h[i][k] = x->sum_h[i][k] / (double)x->n_frames;
    return cell;
}

/* What N atoms placed at random reach by chance among n points: |F|^2/N is exponentially distributed, its largest of n
 * values lies near ln n and passes ln n + 3 once in twenty times. */
static double chance_bound(double n_points, double n_atoms)
{
    return fmin(0.5, fmax(0.05, (log(fmax(1.0, n_points)) + 3.0) / n_atoms));
}

lithia_status lithia_xrd_frames_summarise(const lithia_xrd_frames *x, lithia_xrd_frames_summary *summary)
{
    *summary = (lithia_xrd_frames_summary){0};
    if (x->n_frames == 0)
        return lithia_fail(x->ctx, LITHIA_INVALID, "xrd: no frame was given");
    lithia_cell cell = mean_cell(x);
    double reciprocal[3][3], largest[2] = {0.0, 0.0};
    LITHIA_TRY(fourier_reciprocal(x->ctx, &cell, reciprocal));
    size_t n = 0;
    for (size_t r = 0; r < x->sums.n; r++) {
        if (fourier_q(reciprocal, x->sums.hkl[r]) > x->q_max)
            continue;
        n++;
        for (int i = 0; i < 2; i++)
            largest[i] = fmax(largest[i], x->side_power[i][r]);
    }
    double value[2], bound[2];
    bool bragg = false;
    for (int i = 0; i < 2; i++) {
        value[i] = x->n_side[i] > 0.0 ? largest[i] / (double)x->n_frames / (x->n_side[i] * x->n_side[i]) : NAN;
        bound[i] = x->n_side[i] > 0.0 ? chance_bound((double)n, x->n_side[i]) : NAN;
        bragg = bragg || value[i] > bound[i];
    }
    *summary = (lithia_xrd_frames_summary){
        .n_frames = x->n_frames, .cell = cell, .n_atoms = x->n_atoms,
        .q_resolution = 2.0 * LITHIA_PI / cbrt(fabs(lithia_cell_volume(&cell))), .q_max = x->q_max, .n_reflections = n,
        .bragg = x->want.q_width > 0.0 ? false : bragg, .anion_max = value[0], .cation_max = value[1],
        .anion_bound = bound[0], .cation_bound = bound[1]};
    return LITHIA_OK;
}

static lithia_status pattern_new(lithia_context *ctx, double two_theta_max, double step, double wavelength,
                                 lithia_xrd_pattern *pattern)
{
    double points = floor(two_theta_max / step);
    if (!(points >= 1.0 && points < 2e6))
        return lithia_fail(ctx, LITHIA_INVALID, "xrd: a pattern to %g degree in steps of %g degree has %.3g points; 1 to 2 million are possible",
                           two_theta_max, step, points);
    pattern->n = (size_t)points;
    pattern->two_theta = lithia_calloc(ctx, pattern->n, sizeof(double));
    pattern->q = lithia_calloc(ctx, pattern->n, sizeof(double));
    pattern->intensity = lithia_calloc(ctx, pattern->n, sizeof(double));
    if (!pattern->two_theta || !pattern->q || !pattern->intensity)
        return LITHIA_NOMEM;
    for (size_t i = 0; i < pattern->n; i++) {
        pattern->two_theta[i] = (double)(i + 1) * step;
        pattern->q[i] = 4.0 * LITHIA_PI / wavelength * sin(0.5 * pattern->two_theta[i] / degree);
    }
    return LITHIA_OK;
}

static double polarisation(double two_theta, bool neutron)
{
    double c = cos(two_theta / degree);
    return neutron ? 1.0 : 0.5 * (1.0 + c * c);
}

/* Every bin of Q as a Gaussian line. */
static lithia_status draw_lines(const lithia_xrd_frames *x, lithia_xrd_pattern *pattern)
{
    double *area = lithia_calloc(x->ctx, XRD_BINS + 1, sizeof *area);
    double *at = lithia_calloc(x->ctx, XRD_BINS + 1, sizeof *at);
    lithia_status status = area && at ? LITHIA_OK : LITHIA_NOMEM;
    bool neutron = x->want.xrd.scattering.table == LITHIA_NEUTRON;
    size_t n = 0;
    for (size_t b = 1; status == LITHIA_OK && b <= XRD_BINS; b++) {
        if (x->power[b] == 0.0)
            continue;
        double q = (double)b / XRD_BINS * x->q_max, l = x->want.xrd.wavelength;
        at[n] = two_theta_of(q, l);
        /* area over Q is 2 pi^2/Q^2 |F|^2/(N V); d(2 theta)/dQ = lambda/(2 pi cos theta) */
        area[n] = 2.0 * LITHIA_PI * LITHIA_PI / (q * q) * x->power[b] / (double)x->n_frames * l /
                    (2.0 * LITHIA_PI * cos(0.5 * at[n] / degree)) * degree * polarisation(at[n], neutron);
        n++;
    }
    if (status == LITHIA_OK)
        lithia_xrd_draw(n, at, area, pattern->fwhm, pattern->n, pattern->two_theta, pattern->intensity);
    lithia_free(area);
    lithia_free(at);
    return status;
}

/* Mean of |F|^2/N over the points near each Q. Bins are gathered into coarse ones first: a hundredth of the width. */
static lithia_status smooth(const lithia_xrd_frames *x, lithia_xrd_pattern *pattern)
{
    double sigma = pattern->q_width / fwhm_in_sigma, fine = x->q_max / XRD_BINS;
    size_t together = (size_t)fmax(1.0, floor(0.02 * sigma / fine)), n = XRD_BINS / together + 1;
    double *power = lithia_calloc(x->ctx, n, sizeof *power), *count = lithia_calloc(x->ctx, n, sizeof *count);
    lithia_status status = power && count ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK)
        for (size_t b = 1; b <= XRD_BINS; b++) {
            power[b / together] += x->power[b];
            count[b / together] += x->count[b];
        }
    bool neutron = x->want.xrd.scattering.table == LITHIA_NEUTRON;
    for (size_t i = 0; status == LITHIA_OK && i < pattern->n; i++) {
        double sum = 0.0, weight = 0.0, reach = 5.0 * sigma;
        while (weight == 0.0 && reach < 4.0 * x->q_max) { /* beyond the points: the nearest ones */
            size_t low = (size_t)(fmax(0.0, pattern->q[i] - reach) / (fine * (double)together));
            size_t high = (size_t)fmin((double)n - 1.0, (pattern->q[i] + reach) / (fine * (double)together));
            for (size_t b = low; b <= high; b++) {
                double d = (((double)b + 0.5) * (double)together - 0.5) * fine - pattern->q[i];
                double w = exp(-0.5 * d * d / (sigma * sigma));
                sum += w * power[b];
                weight += w * count[b];
            }
            reach *= 2.0;
        }
        pattern->intensity[i] = weight > 0.0 ? sum / weight * polarisation(pattern->two_theta[i], neutron) : 0.0;
    }
    lithia_free(power);
    lithia_free(count);
    return status;
}

lithia_status lithia_xrd_frames_pattern(const lithia_xrd_frames *x, lithia_xrd_pattern *pattern)
{
    *pattern = (lithia_xrd_pattern){0};
    lithia_xrd_frames_summary summary;
    LITHIA_TRY(lithia_xrd_frames_summarise(x, &summary));
    double l = x->want.xrd.wavelength;
    lithia_status status = pattern_new(x->ctx, two_theta_of(x->q_max, l), x->want.step, l, pattern);
    if (status == LITHIA_OK && summary.bragg) {
        pattern->fwhm = x->want.fwhm;
        status = draw_lines(x, pattern);
    } else if (status == LITHIA_OK) {
        pattern->q_width = x->want.q_width > 0.0 ? x->want.q_width : summary.q_resolution;
        status = smooth(x, pattern);
    }
    if (status != LITHIA_OK)
        lithia_xrd_pattern_free(pattern);
    return status;
}

lithia_status lithia_xrd_lines_pattern(lithia_context *ctx, const lithia_xrd_lines *lines, double wavelength, double fwhm,
                                       double step, lithia_xrd_pattern *pattern)
{
    *pattern = (lithia_xrd_pattern){0};
    if (!(fwhm > 0.0) || !(step > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "xrd: fwhm (%g degree) and step (%g degree) must be above 0", fwhm, step);
    double *area = lithia_calloc(ctx, lines->n, sizeof *area), *at = lithia_calloc(ctx, lines->n, sizeof *at);
    lithia_status status = area && at ? pattern_new(ctx, lines->two_theta_max, step, wavelength, pattern) : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        for (size_t i = 0; i < lines->n; i++) {
            area[i] = lines->line[i].area;
            at[i] = lines->line[i].two_theta;
        }
        pattern->fwhm = fwhm;
        lithia_xrd_draw(lines->n, at, area, fwhm, pattern->n, pattern->two_theta, pattern->intensity);
    }
    lithia_free(area);
    lithia_free(at);
    if (status != LITHIA_OK)
        lithia_xrd_pattern_free(pattern);
    return status;
}

void lithia_xrd_pattern_free(lithia_xrd_pattern *pattern)
{
    lithia_free(pattern->two_theta);
    lithia_free(pattern->q);
    lithia_free(pattern->intensity);
    *pattern = (lithia_xrd_pattern){0};
}

/* A point of the mean cell's lattice, for the search for maxima. */
typedef struct {
    double two_theta, q, power, area;
    const int *hkl;
    bool taken;
} point;

static int by_angle(const void *a, const void *b)
{
    const point *x = a, *y = b;
    return x->two_theta < y->two_theta ? -1 : x->two_theta > y->two_theta;
}

static int by_area(const void *a, const void *b)
{
    const point *x = *(point *const *)a, *y = *(point *const *)b;
    return x->area > y->area ? -1 : x->area < y->area;
}

static int by_rising_angle(const void *a, const void *b)
{
    const lithia_xrd_line *x = a, *y = b;
    return x->two_theta < y->two_theta ? -1 : x->two_theta > y->two_theta;
}

/* The points around `seed` as one line. */
static lithia_xrd_line gather_line(const point *all, size_t n, point *seed, double reach)
{
    point *low = seed, *high = seed;
    while (low > all && low[-1].two_theta > seed->two_theta - reach)
        low--;
    while (high + 1 < all + n && high[1].two_theta < seed->two_theta + reach)
        high++;
    double area = 0.0, centre = 0.0, power = 0.0, q = 0.0;
    int members = 0;
    for (point *p = low; p <= high; p++) {
        if (p->taken)
            continue;
        p->taken = true;
        area += p->area;
        centre += p->area * p->two_theta;
        q += p->area * p->q;
        power += p->power;
        members++;
    }
    return (lithia_xrd_line){.hkl = {seed->hkl[0], seed->hkl[1], seed->hkl[2]}, .multiplicity = 2 * members,
                             .d = 2.0 * LITHIA_PI * area / q, .two_theta = centre / area, .f2 = power / members, .area = area};
}

lithia_status lithia_xrd_frames_peaks(const lithia_xrd_frames *x, size_t most, double least, lithia_xrd_lines *peaks)
{
    *peaks = (lithia_xrd_lines){0};
    lithia_xrd_frames_summary summary;
    LITHIA_TRY(lithia_xrd_frames_summarise(x, &summary));
    double reciprocal[3][3], l = x->want.xrd.wavelength, volume = fabs(lithia_cell_volume(&summary.cell));
    LITHIA_TRY(fourier_reciprocal(x->ctx, &summary.cell, reciprocal));
    bool neutron = x->want.xrd.scattering.table == LITHIA_NEUTRON;
    point *all = lithia_calloc(x->ctx, x->sums.n, sizeof *all);
    point **order = lithia_calloc(x->ctx, x->sums.n, sizeof *order);
    lithia_xrd_line *line = lithia_calloc(x->ctx, most, sizeof *line);
    lithia_status status = all && order && line ? LITHIA_OK : LITHIA_NOMEM;
    size_t n = 0, found = 0;
    for (size_t r = 0; status == LITHIA_OK && r < x->sums.n; r++) {
        double q = fourier_q(reciprocal, x->sums.hkl[r]);
        if (q > x->q_max)
            continue;
        double two_theta = two_theta_of(q, l), power = x->line_power[r] / (double)x->n_frames;
        double area = l * l * l / (16.0 * LITHIA_PI * volume * x->n_atoms) * degree * 2.0 * power * (neutron ? 1.0 : 0.5) *
                      lithia_xrd_lorentz_polarisation(two_theta, neutron);
        all[n++] = (point){two_theta, q, power, area, x->sums.hkl[r], false};
    }
    if (status == LITHIA_OK && n) {
        qsort(all, n, sizeof *all, by_angle);
        for (size_t i = 0; i < n; i++)
            order[i] = &all[i];
        qsort(order, n, sizeof *order, by_area);
        double strongest = 0.0;
        for (size_t i = 0; i < n && found < most; i++) {
            if (order[i]->taken || order[i]->area <= 0.0)
                continue;
            line[found] = gather_line(all, n, order[i], 0.5 * x->want.fwhm);
            strongest = fmax(strongest, line[found].area);
            found++;
        }
        size_t kept = 0;
        for (size_t i = 0; i < found; i++) {
            line[i].intensity = 100.0 * line[i].area / strongest;
            if (line[i].intensity >= least)
                line[kept++] = line[i];
        }
        qsort(line, kept, sizeof *line, by_rising_angle);
        *peaks = (lithia_xrd_lines){.n = kept, .line = line, .q_max = x->q_max, .two_theta_max = two_theta_of(x->q_max, l)};
        line = NULL;
    }
    lithia_free(all);
    lithia_free(order);
    lithia_free(line);
    return status;
}

/* All permutations and signs of the parent's indices, one of each Friedel pair, in indices of the frames' cell. */
void xrd_family_of_cubic(const int parent[3], const int times[3], xrd_family *family)
{
    static const int order[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    *family = (xrd_family){.n = 0};
    for (int p = 0; p < 6; p++)
        for (int signs = 0; signs < 8; signs++) {
            int h[3], leading = 0;
            for (int i = 0; i < 3; i++)
                h[i] = parent[order[p][i]] * (signs >> i & 1 ? -1 : 1);
            for (int i = 2; i >= 0; i--)
                leading = h[i] ? h[i] : leading;
            bool known = leading <= 0;
            for (size_t m = 0; m < family->n && !known; m++)
                known = memcmp(family->hkl[m], h, sizeof h) == 0;
            if (!known)
                memcpy(family->hkl[family->n++], h, sizeof h);
        }
    for (size_t m = 0; m < family->n; m++)
        for (int i = 0; i < 3; i++)
            family->hkl[m][i] *= times[i];
}

lithia_status lithia_xrd_frames_splitting(const lithia_xrd_frames *x, size_t i, lithia_xrd_splitting *splitting)
{
    *splitting = (lithia_xrd_splitting){0};
    if (i >= x->want.n_lines)
        return lithia_fail(x->ctx, LITHIA_INVALID, "xrd: line %zu of %zu", i, x->want.n_lines);
    lithia_xrd_frames_summary summary;
    LITHIA_TRY(lithia_xrd_frames_summarise(x, &summary));
    double reciprocal[3][3];
    LITHIA_TRY(fourier_reciprocal(x->ctx, &summary.cell, reciprocal));
    const xrd_family *family = &x->family[i];
    memcpy(splitting->hkl, x->want.line[i], sizeof splitting->hkl);
    splitting->n = family->n;
    size_t low = 0, high = 0;
    double mean = 0.0, n = (double)x->n_frames;
    for (size_t m = 0; m < family->n; m++) {
        memcpy(splitting->member[m], family->hkl[m], sizeof family->hkl[m]);
        splitting->d[m] = 2.0 * LITHIA_PI / fourier_q(reciprocal, family->hkl[m]);
        splitting->two_theta[m] = two_theta_of(2.0 * LITHIA_PI / splitting->d[m], x->want.xrd.wavelength);
        double offset = family->sum_offset[m] / n, variance = family->sum_squares[m] / n - offset * offset;
        splitting->d_err[m] = x->n_frames > 1 ? sqrt(fmax(0.0, variance) / (n - 1.0)) : NAN;
        mean += splitting->d[m] / (double)family->n;
        low = splitting->d[m] < splitting->d[low] ? m : low;
        high = splitting->d[m] > splitting->d[high] ? m : high;
    }
    if (family->n) {
        splitting->spread = (splitting->d[high] - splitting->d[low]) / mean;
        splitting->spread_err = low == high ? splitting->d_err[low] / mean : hypot(splitting->d_err[low], splitting->d_err[high]) / mean;
        splitting->two_theta_spread = splitting->two_theta[low] - splitting->two_theta[high];
    }
    return LITHIA_OK;
}
