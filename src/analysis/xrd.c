#include <lithia/analysis/xrd.h>
#include "analysis/fourier_sums.h"
#include "analysis/xrd_options.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <lithia/structure/symmetry.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static double radian(double degree)
{
    return degree * (LITHIA_PI / 180.0);
}

double lithia_xrd_lorentz_polarisation(double two_theta_degrees, bool neutron)
{
    double theta = 0.5 * radian(two_theta_degrees), sine = sin(theta), cosine_2 = cos(2.0 * theta);
    return (neutron ? 1.0 : 1.0 + cosine_2 * cosine_2) / (sine * sine * cos(theta));
}

lithia_status xrd_options_resolve(lithia_context *ctx, const lithia_xrd_options *options, lithia_xrd_options *want,
                                  double *q_max)
{
    *want = options ? *options : (lithia_xrd_options){0};
    want->wavelength = want->wavelength == 0.0 ? LITHIA_CU_KA1 : want->wavelength;
    want->tolerance = want->tolerance == 0.0 ? 1e-3 : want->tolerance;
    want->smallest = want->smallest == 0.0 ? 1e-6 : want->smallest;
    want->scattering.wavelength = want->wavelength;
    if (!(want->wavelength > 0.0) || !isfinite(want->wavelength))
        return lithia_fail(ctx, LITHIA_INVALID, "xrd: the wavelength is %g angstrom; it must be above 0", want->wavelength);
    if (!(want->two_theta_max >= 0.0 && want->two_theta_max < 180.0))
        return lithia_fail(ctx, LITHIA_INVALID, "xrd: two_theta_max is %g degree; it must lie between 0 and 180",
                           want->two_theta_max);
    if (!(want->d_min >= 0.0) || !(want->b_iso >= 0.0) || !(want->tolerance > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "xrd: d_min %g angstrom, B %g angstrom^2 and tolerance %g angstrom must not be negative",
                           want->d_min, want->b_iso, want->tolerance);
    if (want->d_min == 0.0 && want->two_theta_max == 0.0)
        want->d_min = 1.0;
    /* Q = 4 pi sin(theta)/lambda; the factor keeps 2 theta = 180 degree, where the Lorentz factor diverges, out */
    *q_max = 4.0 * LITHIA_PI / want->wavelength * (1.0 - 1e-9);
    if (want->two_theta_max > 0.0)
        *q_max = fmin(*q_max, 4.0 * LITHIA_PI * sin(0.5 * radian(want->two_theta_max)) / want->wavelength);
    if (want->d_min > 0.0)
        *q_max = fmin(*q_max, 2.0 * LITHIA_PI / want->d_min);
    return LITHIA_OK;
}

lithia_status xrd_check_table(lithia_context *ctx, const lithia_scattering *scattering, double q_max)
{
    double s_max = lithia_scattering_s_max(scattering);
    if (q_max / (4.0 * LITHIA_PI) > s_max * (1.0 + 1e-12))
        return lithia_fail(ctx, LITHIA_INVALID,
                           "xrd: the form factors hold for d above %g angstrom, the limit asked for is %g; raise d_min, or take the "
                           "Waasmaier-Kirfel table (d above %.4f)",
                           0.5 / s_max, 2.0 * LITHIA_PI / q_max, 0.5 / 6.0);
    return LITHIA_OK;
}

/* Atoms with one species and one displacement factor scatter alike: they are one group of the Fourier sums. */
typedef struct {
    size_t n;
    int *kind;
    double *b;
    int *of_atom;
} alike;

static void alike_free(alike *groups)
{
    lithia_free(groups->kind);
    lithia_free(groups->b);
    lithia_free(groups->of_atom);
    *groups = (alike){.n = 0};
}

static lithia_status find_alike(lithia_context *ctx, const lithia_frame *frame, const lithia_xrd_options *want, alike *groups)
{
    *groups = (alike){.n = 0};
    groups->kind = lithia_calloc(ctx, frame->n_atoms, sizeof *groups->kind);
    groups->b = lithia_calloc(ctx, frame->n_atoms, sizeof *groups->b);
    groups->of_atom = lithia_calloc(ctx, frame->n_atoms, sizeof *groups->of_atom);
    if (!groups->kind || !groups->b || !groups->of_atom) {
        alike_free(groups);
        return LITHIA_NOMEM;
    }
    for (size_t i = 0; i < frame->n_atoms; i++) {
        double b = want->displacement ? 8.0 * LITHIA_PI * LITHIA_PI * frame->u_iso[i] : want->b_iso;
        size_t g = 0;
        while (g < groups->n && (groups->kind[g] != frame->kind[i] || groups->b[g] != b))
            g++;
        if (g == groups->n) {
            groups->kind[g] = frame->kind[i];
            groups->b[g] = b;
            groups->n++;
        }
        groups->of_atom[i] = (int)g;
    }
    return LITHIA_OK;
}

/* |F|^2 averaged over the two Friedel mates of every reflection. */
static void friedel_mean(const fourier_sums *sums, const alike *groups, const lithia_scattering *scattering, const double q[],
                         const double *f, double f2[])
{
    for (size_t r = 0; r < sums->n; r++) {
        double up[2] = {0.0, 0.0}, down[2] = {0.0, 0.0}, s = q[r] / (4.0 * LITHIA_PI);
        for (size_t g = 0; g < groups->n; g++) {
            double factor[2];
            const double *x = f + 2 * (g * sums->n + r);
            lithia_scattering_factor(scattering, (size_t)groups->kind[g], s, factor);
            double damp = exp(-groups->b[g] * s * s);
            double re = damp * factor[0], im = damp * factor[1];
            up[0] += re * x[0] - im * x[1], up[1] += re * x[1] + im * x[0];
            down[0] += re * x[0] + im * x[1], down[1] += -re * x[1] + im * x[0];
        }
        f2[r] = 0.5 * (up[0] * up[0] + up[1] * up[1] + down[0] * down[0] + down[1] * down[1]);
    }
}

/* Fewest minus signs first, then the larger h, k, l. */
static bool stands_before(const int a[3], const int b[3])
{
    int minus_a = (a[0] < 0) + (a[1] < 0) + (a[2] < 0), minus_b = (b[0] < 0) + (b[1] < 0) + (b[2] < 0);
    if (minus_a != minus_b)
        return minus_a < minus_b;
    for (int i = 0; i < 3; i++)
        if (a[i] != b[i])
            return a[i] > b[i];
    return false;
}

/* From indices to the position of a reflection (or of its Friedel mate) in the sums; -1 when it is not there. */
typedef struct {
    int limit[3];
    int *at;
} finder;

static int find_index(const finder *find, const int hkl[3])
{
    int v[3] = {hkl[0], hkl[1], hkl[2]};
    for (int i = 0; i < 3; i++)
        if (abs(v[i]) > find->limit[i])
            return -1;
    size_t n1 = 2 * (size_t)find->limit[1] + 1, n2 = 2 * (size_t)find->limit[2] + 1;
    if (v[0] < 0)
        for (int i = 0; i < 3; i++)
            v[i] = -v[i];
    size_t direct = ((size_t)v[0] * n1 + (size_t)(v[1] + find->limit[1])) * n2 + (size_t)(v[2] + find->limit[2]);
    if (find->at[direct] || v[0] > 0)
        return find->at[direct] - 1;
    size_t mate = (size_t)(find->limit[1] - v[1]) * n2 + (size_t)(find->limit[2] - v[2]);
    return find->at[mate] - 1;
}

static int by_falling_d(const void *a, const void *b)
{
    const lithia_xrd_line *x = a, *y = b;
    if (fabs(x->d - y->d) > 1e-9 * x->d) /* families with equal d: by indices, not by rounding */
        return x->d > y->d ? -1 : 1;
    return stands_before(x->hkl, y->hkl) ? -1 : 1;
}

/* The rotations of the Laue class as they act on indices, h' = h R; -1 among them. */
typedef struct {
    size_t n;
    int rotation[96][3][3];
} laue_class;

static void add_rotation(laue_class *laue, int r[3][3], int sign)
{
    int signed_r[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            signed_r[i][j] = sign * r[i][j];
    for (size_t i = 0; i < laue->n; i++)
        if (memcmp(laue->rotation[i], signed_r, sizeof signed_r) == 0)
            return;
    if (laue->n < sizeof laue->rotation / sizeof laue->rotation[0])
        memcpy(laue->rotation[laue->n++], signed_r, sizeof signed_r);
}

/* Lines need no symmetry to be right: where none is found, Friedel mates alone are one family, and a warning says so. */
static lithia_status find_laue_class(lithia_context *ctx, const lithia_frame *frame, double tolerance, laue_class *laue,
                                     lithia_xrd_lines *lines)
{
    *laue = (laue_class){.n = 0};
    lithia_symmetry symmetry = {0};
    lithia_symmetry_tolerance how = {.distance = tolerance, .angle = -1.0};
    lithia_status status = lithia_symmetry_find(ctx, frame, &how, &symmetry);
    if (status == LITHIA_NOMEM || status == LITHIA_CANCELLED)
        return status;
    if (status == LITHIA_OK) {
        lines->space_group = symmetry.number;
        memcpy(lines->symbol, symmetry.symbol, sizeof lines->symbol);
        for (size_t o = 0; o < symmetry.n_operations; o++)
            for (int sign = 1; sign >= -1; sign -= 2)
                add_rotation(laue, symmetry.rotation[o], sign);
    } else {
        lithia_warn(ctx, "xrd: no space group was found (%s); only Friedel mates are merged into one line", lithia_message_view(ctx));
    }
    int one[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    add_rotation(laue, one, 1);
    add_rotation(laue, one, -1);
    lithia_symmetry_free(&symmetry);
    return LITHIA_OK;
}

/* Gather reflections into families, each with the mean |F|^2 of its members. */
static lithia_status gather(lithia_context *ctx, const fourier_sums *sums, const laue_class *laue, const double q[],
                            const double f2[], double q_max, lithia_xrd_lines *lines)
{
    finder find = {.limit = {sums->limit[0], sums->limit[1], sums->limit[2]}};
    find.at = lithia_calloc(ctx, (size_t)(find.limit[0] + 1) * (2 * (size_t)find.limit[1] + 1) * (2 * (size_t)find.limit[2] + 1),
                            sizeof *find.at);
    bool *seen = lithia_calloc(ctx, sums->n, sizeof *seen);
    size_t room = 0;
    lithia_status status = find.at && seen ? LITHIA_OK : LITHIA_NOMEM;
    for (size_t r = 0; status == LITHIA_OK && r < sums->n; r++) {
        const int *h = sums->hkl[r];
        find.at[((size_t)h[0] * (2 * (size_t)find.limit[1] + 1) + (size_t)(h[1] + find.limit[1])) *
                    (2 * (size_t)find.limit[2] + 1) + (size_t)(h[2] + find.limit[2])] = (int)r + 1;
    }
    for (size_t r = 0; status == LITHIA_OK && r < sums->n; r++) {
        if (seen[r] || q[r] > q_max * (1.0 + 1e-9))
            continue;
        int member[96][3], n_members = 0, n_found = 0;
        double sum = 0.0;
        lithia_xrd_line line = {.hkl = {sums->hkl[r][0], sums->hkl[r][1], sums->hkl[r][2]}};
        for (size_t o = 0; o < laue->n; o++) {
            int h[3];
            for (int i = 0; i < 3; i++)
                h[i] = sums->hkl[r][0] * laue->rotation[o][0][i] + sums->hkl[r][1] * laue->rotation[o][1][i] +
                       sums->hkl[r][2] * laue->rotation[o][2][i];
            bool known = false;
            for (int m = 0; m < n_members && !known; m++)
                known = memcmp(member[m], h, sizeof h) == 0;
            if (known)
                continue;
            memcpy(member[n_members++], h, sizeof h);
            if (stands_before(h, line.hkl))
                memcpy(line.hkl, h, sizeof h);
            int at = find_index(&find, h);
            if (at >= 0) {
                seen[at] = true;
                sum += f2[at];
                n_found++;
            }
        }
        line.multiplicity = n_members;
        line.f2 = sum / n_found;
        line.d = 2.0 * LITHIA_PI / q[r];
        status = lithia_reserve(ctx, (void **)&lines->line, &room, lines->n + 1, sizeof *lines->line);
        if (status == LITHIA_OK)
            lines->line[lines->n++] = line;
    }
    lithia_free(find.at);
    lithia_free(seen);
    return status;
}

/* Angles, intensities and areas; weak lines go. */
static void finish(const lithia_xrd_options *want, double volume, double n_atoms, lithia_xrd_lines *lines)
{
    double largest = 0.0, strongest = 0.0;
    bool neutron = want->scattering.table == LITHIA_NEUTRON;
    for (size_t i = 0; i < lines->n; i++)
        largest = fmax(largest, lines->line[i].f2);
    size_t kept = 0;
    for (size_t i = 0; i < lines->n; i++)
        if (lines->line[i].f2 > want->smallest * largest)
            lines->line[kept++] = lines->line[i];
    lines->n = kept;
    if (kept)
        qsort(lines->line, kept, sizeof *lines->line, by_falling_d);
    double l = want->wavelength, scale = l * l * l / (16.0 * LITHIA_PI * volume * n_atoms) * (180.0 / LITHIA_PI);
    for (size_t i = 0; i < kept; i++) {
        lithia_xrd_line *line = &lines->line[i];
        line->two_theta = 2.0 * asin(fmin(1.0, l / (2.0 * line->d))) * (180.0 / LITHIA_PI);
        line->intensity = line->multiplicity * line->f2 * lithia_xrd_lorentz_polarisation(line->two_theta, neutron);
        line->area = scale * (neutron ? 1.0 : 0.5) * line->intensity;
        strongest = fmax(strongest, line->intensity);
    }
    for (size_t i = 0; i < kept; i++)
        lines->line[i].intensity *= 100.0 / strongest;
}

static lithia_status all_lines(lithia_context *ctx, const lithia_frame *frame, const lithia_xrd_options *want,
                               const lithia_scattering *scattering, const alike *groups, fourier_sums *sums,
                               lithia_xrd_lines *lines)
{
    double reciprocal[3][3], inverse[3][3], n_atoms = 0.0;
    LITHIA_TRY(fourier_reciprocal(ctx, &frame->cell, reciprocal));
    LITHIA_TRY(lithia_cell_inverse(ctx, &frame->cell, inverse));
    laue_class laue;
    LITHIA_TRY(find_laue_class(ctx, frame, want->tolerance, &laue, lines));
    double *s = lithia_calloc(ctx, 3 * frame->n_atoms, sizeof *s);
    double *f = lithia_calloc(ctx, 2 * groups->n * sums->n, sizeof *f);
    double *q = lithia_calloc(ctx, sums->n, sizeof *q), *f2 = lithia_calloc(ctx, sums->n, sizeof *f2);
    lithia_status status = s && f && q && f2 ? LITHIA_OK : LITHIA_NOMEM;
    if (status == LITHIA_OK) {
        for (size_t i = 0; i < frame->n_atoms; i++) {
            for (int k = 0; k < 3; k++)
                s[3 * i + (size_t)k] = frame->position[i][0] * inverse[0][k] + frame->position[i][1] * inverse[1][k] +
                                       frame->position[i][2] * inverse[2][k];
            n_atoms += frame->occupancy ? frame->occupancy[i] : 1.0;
        }
        for (size_t r = 0; r < sums->n; r++)
            q[r] = fourier_q(reciprocal, sums->hkl[r]);
        status = fourier_sums_compute(sums, frame->n_atoms, s, frame->occupancy, groups->n, groups->of_atom, f);
    }
    if (status == LITHIA_OK) {
        friedel_mean(sums, groups, scattering, q, f, f2);
        status = gather(ctx, sums, &laue, q, f2, lines->q_max, lines);
    }
    if (status == LITHIA_OK)
        finish(want, fabs(lithia_cell_volume(&frame->cell)), n_atoms, lines);
    lithia_free(s);
    lithia_free(f);
    lithia_free(q);
    lithia_free(f2);
    return status;
}

lithia_status lithia_xrd(lithia_context *ctx, const lithia_frame *frame, const lithia_xrd_options *options,
                         lithia_xrd_lines *lines)
{
    *lines = (lithia_xrd_lines){0};
    lithia_xrd_options want;
    LITHIA_TRY(xrd_options_resolve(ctx, options, &want, &lines->q_max));
    lines->two_theta_max = 2.0 * asin(fmin(1.0, lines->q_max * want.wavelength / (4.0 * LITHIA_PI))) * (180.0 / LITHIA_PI);
    if (frame->n_atoms == 0)
        return lithia_fail(ctx, LITHIA_INVALID, "xrd: the structure has no atoms");
    if (!(fabs(lithia_cell_volume(&frame->cell)) > 0.0))
        return lithia_fail(ctx, LITHIA_INVALID, "xrd: the structure has no cell; a pattern needs a crystal, periodic in all directions");
    if (want.displacement && !frame->u_iso)
        return lithia_fail(ctx, LITHIA_INVALID,
                           "xrd: the structure states no displacement parameters; give one B for all atoms, or leave displacement out");
    lithia_scattering *scattering;
    LITHIA_TRY(lithia_scattering_new(ctx, &frame->species, &want.scattering, &scattering));
    alike groups = {.n = 0};
    fourier_sums sums = {.n = 0};
    lithia_status status = xrd_check_table(ctx, scattering, lines->q_max);
    if (status == LITHIA_OK)
        status = find_alike(ctx, frame, &want, &groups);
    if (status == LITHIA_OK)
        status = fourier_sums_new(ctx, &frame->cell, lines->q_max, &sums);
    if (status == LITHIA_OK)
        status = all_lines(ctx, frame, &want, scattering, &groups, &sums, lines);
    if (status == LITHIA_OK && lines->n == 0)
        status = lithia_fail(ctx, LITHIA_INVALID,
                             "xrd: no reflection of this cell lies below 2 theta = %g degree (d above %g angstrom); raise the limit or "
                             "shorten the wavelength",
                             lines->two_theta_max, 2.0 * LITHIA_PI / lines->q_max);
    fourier_sums_free(&sums);
    alike_free(&groups);
    lithia_scattering_free(scattering);
    if (status != LITHIA_OK)
        lithia_xrd_lines_free(lines);
    return status;
}

void lithia_xrd_lines_free(lithia_xrd_lines *lines)
{
    lithia_free(lines->line);
    *lines = (lithia_xrd_lines){0};
}

void lithia_xrd_draw(size_t n, const double position[], const double area[], double fwhm, size_t n_points,
                     const double two_theta[], double intensity[])
{
    const double sigma = fwhm / (2.0 * sqrt(2.0 * log(2.0)));
    const double step = n_points > 1 ? (two_theta[n_points - 1] - two_theta[0]) / (double)(n_points - 1) : 1.0;
    memset(intensity, 0, n_points * sizeof *intensity);
    for (size_t i = 0; i < n; i++) {
        double low = ceil((position[i] - 6.0 * sigma - two_theta[0]) / step);
        double high = floor((position[i] + 6.0 * sigma - two_theta[0]) / step);
        for (double at = fmax(low, 0.0); at <= fmin(high, (double)n_points - 1.0); at += 1.0) {
            double x = (two_theta[(size_t)at] - position[i]) / sigma;
            intensity[(size_t)at] += area[i] * exp(-0.5 * x * x) / (sigma * sqrt(2.0 * LITHIA_PI));
        }
    }
}
