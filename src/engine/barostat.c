#include "engine/barostat.h"
#include "math/matrix3.h"

static const int voigt[6][2] = {{0, 0}, {1, 1}, {2, 2}, {1, 2}, {0, 2}, {0, 1}};

static bool is_free(const cell_freedom *freedom, int component)
{
    if (freedom->kind == LITHIA_CELL_NONE || (freedom->kind == LITHIA_CELL_ANISO && component > 2))
        return false;
    return !freedom->held[component];
}

int cell_freedom_count(cell_freedom freedom)
{
    int n = 0;
    for (int c = 0; c < 6; c++)
        n += is_free(&freedom, c);
    return freedom.kind == LITHIA_CELL_ISO ? 1 : n;
}

void cell_freedom_project(cell_freedom freedom, double a[3][3])
{
    double third = matrix3_trace(M3(a)) / 3.0;
    for (int c = 0; c < 6; c++) {
        int i = voigt[c][0], j = voigt[c][1];
        double keep = 0.5 * (a[i][j] + a[j][i]);
        if (freedom.kind == LITHIA_CELL_ISO)
            keep = i == j ? third : 0.0;
        else if (!is_free(&freedom, c))
            keep = 0.0;
        a[i][j] = a[j][i] = keep;
    }
}

void cell_freedom_noise(cell_freedom freedom, lithia_random *random, double out[3][3])
{
    memset(out, 0, 9 * sizeof(double));
    if (freedom.kind == LITHIA_CELL_ISO) {
        double r = lithia_random_normal(random) / sqrt(3.0);
        for (int i = 0; i < 3; i++)
            out[i][i] = r;
        return;
    }
    static const int order[6] = {0, 1, 2, 5, 4, 3}; /* the shears as they stand in the upper triangle, row by row */
    for (int k = 0; k < 6; k++)
        if (is_free(&freedom, order[k])) {
            int i = voigt[order[k]][0], j = voigt[order[k]][1];
            out[i][j] = out[j][i] = i == j ? lithia_random_normal(random) : sqrt(0.5) * lithia_random_normal(random);
        }
}

/* Stochastic cell rescaling as a diffusion of the strain. With h -> exp(strain) h, the density of the flexible ensemble
 * relative to the invariant (Haar) measure dh/V^3 is V exp(-(H + P V)/kT), the diffusion coefficient is D = mobility kT/V,
 * and the reversible drift D d(ln density) + dD along each free direction is
 *     mobility (P_int - P_ext)      [the two kT/V cancel]
 * In increments of h itself (Ito) this is the equation of Del Tatto et al. 2022, the extra kT/V there being half the square of
 * the strain's noise; for the isotropic cell, with ln V = trace(strain), it is that of Bernetti and Bussi 2020.
 *
 * Discretised with D at the volume half way, V exp(trace(strain)/2), which forward and reversed step share (as the square
 * root of the volume as variable does for the isotropic cell in Bernetti and Bussi 2020, sec. II E). That choice shifts the
 * mean of the trace by -D dt/2 on each diagonal element, which the drift makes up for. */
static double scr_drift(cell_freedom freedom, const double excess[3][3], double mobility, double half_way, double kT,
                        double dt, double drift[3][3])
{
    memcpy(drift, excess, 9 * sizeof(double));
    cell_freedom_project(freedom, drift);
    double diffusion = mobility * kT / half_way;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            drift[i][j] = mobility * dt * drift[i][j] + (i == j && is_free(&freedom, i) ? 0.5 * diffusion * dt : 0.0);
    return sqrt(2.0 * diffusion * dt);
}

/* -|noise|^2/2 and ln of the Jacobian d(noise)/d(strain), which depends on the strain through the volume half way. */
static double scr_log_density(const double strain[3][3], const double drift[3][3], double width)
{
    double square = 0.0, trace = matrix3_trace(strain) - matrix3_trace(drift);
    for (int k = 0; k < 9; k++) {
        double noise = (strain[k / 3][k % 3] - drift[k / 3][k % 3]) / width;
        square += noise * noise;
    }
    return log1p(0.25 * trace) - 0.5 * square;
}

double scr_strain(lithia_random *random, cell_freedom freedom, const double excess[3][3], double mobility,
                  double volume, double kT, double dt, double strain[3][3])
{
    double noise[3][3], drift[3][3], width = 0.0, half_way = volume;
    cell_freedom_noise(freedom, random, noise);
    for (int turn = 0; turn < 8; turn++) { /* the strain is some 1e-3: each turn gains three digits */
        width = scr_drift(freedom, excess, mobility, half_way, kT, dt, drift);
        for (int i = 0; i < 3; i++)
            for (int j = 0; j < 3; j++)
                strain[i][j] = drift[i][j] + width * noise[i][j];
        half_way = volume * exp(0.5 * matrix3_trace(M3(strain)));
    }
    return scr_log_density(M3(strain), M3(drift), width);
}

double scr_reversal(cell_freedom freedom, const double excess[3][3], double mobility, double volume, double kT,
                    double dt, const double strain[3][3])
{
    double drift[3][3], back[3][3], half_way = volume * exp(0.5 * matrix3_trace(strain));
    double width = scr_drift(freedom, excess, mobility, half_way, kT, dt, drift);
    for (int k = 0; k < 9; k++)
        back[k / 3][k % 3] = -strain[k / 3][k % 3];
    return scr_log_density(M3(back), M3(drift), width);
}

void cell_deform(double h[3][3], const double orientation[3][3], double m[3][3], double rotation[3][3])
{
    double transposed[3][3], lower[3][3], turned[3][3], back[3][3];
    matrix3_transpose(M3(m), transposed);
    matrix3_multiply(M3(h), M3(transposed), h);
    matrix3_lower_rotation(M3(h), lower, turned);
    matrix3_multiply(M3(lower), orientation, h);
    /* rows turn by turned^T orientation; columns by its transpose */
    matrix3_transpose(orientation, back);
    matrix3_multiply(M3(back), M3(turned), rotation);
    matrix3_multiply(M3(rotation), M3(m), m);
}
