/* g(r), coordination numbers and first shells from pair counts. */
#include "analysis/rdf_counts.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <string.h>

enum { FEWEST_BLOCKS = 4 };

size_t lithia_rdf_n_frames(const lithia_rdf *rdf)
{
    return (size_t)rdf->n_frames;
}

size_t lithia_rdf_n_species(const lithia_rdf *rdf)
{
    return rdf->n_species;
}

const char *lithia_rdf_species_view(const lithia_rdf *rdf, size_t species)
{
    return species < rdf->n_species ? rdf->label[species].text : "all";
}

double lithia_rdf_r_max(const lithia_rdf *rdf)
{
    return rdf->want.r_max;
}

double lithia_rdf_r_near(const lithia_rdf *rdf)
{
    return (double)rdf->n_near / rdf->bins_per_angstrom;
}

size_t lithia_rdf_n_bins(const lithia_rdf *rdf)
{
    return rdf->want.n_bins;
}

double lithia_rdf_density(const lithia_rdf *rdf, size_t species)
{
    return rdf->number_density[species].high / (double)rdf->n_frames;
}

double lithia_rdf_n_atoms(const lithia_rdf *rdf, size_t species)
{
    int64_t sum = 0;
    for (size_t b = 0; b < rdf->n_blocks; b++)
        sum += rdf->block[b].atoms[species];
    return (double)sum / (double)rdf->n_frames;
}

/* Volume of the shell of a bin, angstrom^3. */
static double shell(const lithia_rdf *rdf, size_t bin)
{
    double dr = rdf->want.r_max / (double)rdf->want.n_bins, k = (double)bin;
    return 4.0 / 3.0 * LITHIA_PI * (3.0 * k * k + 3.0 * k + 1.0) * dr * dr * dr;
}

/* Sums over the pairs that (a, b) stands for, of one block: ordered counts in a bin, the norm, and a atoms. */
typedef struct {
    double norm;
    int64_t atoms;
} pair_norm;

static pair_norm norm_of(const lithia_rdf *rdf, const rdf_block *block, size_t a, size_t b)
{
    size_t n = rdf->n_species;
    pair_norm sum = {0.0, 0};
    for (size_t i = a == n ? 0 : a; i < (a == n ? n : a + 1); i++) {
        sum.atoms += block->atoms[i];
        for (size_t j = b == n ? 0 : b; j < (b == n ? n : b + 1); j++)
            sum.norm += block->norm[rdf_pair(i, j)].high;
    }
    return sum;
}

/* The norm over all blocks, to the last digit the same however the frames were cut into blocks. */
static double whole_norm(const lithia_rdf *rdf, size_t a, size_t b)
{
    size_t n = rdf->n_species;
    double sum = 0.0;
    for (size_t i = a == n ? 0 : a; i < (a == n ? n : a + 1); i++)
        for (size_t j = b == n ? 0 : b; j < (b == n ? n : b + 1); j++) {
            rdf_sum one = {0.0, 0.0};
            for (size_t k = 0; k < rdf->n_blocks; k++) {
                rdf_sum_add(&one, rdf->block[k].norm[rdf_pair(i, j)].high);
                rdf_sum_add(&one, rdf->block[k].norm[rdf_pair(i, j)].low);
            }
            sum += one.high;
        }
    return sum;
}

static int64_t count_of(const lithia_rdf *rdf, const rdf_block *block, size_t a, size_t b, size_t bin)
{
    size_t n = rdf->n_species;
    int64_t sum = 0;
    for (size_t i = a == n ? 0 : a; i < (a == n ? n : a + 1); i++)
        for (size_t j = b == n ? 0 : b; j < (b == n ? n : b + 1); j++)
            sum += (i == j ? 2 : 1) * block->count[rdf_pair(i, j) * rdf->want.n_bins + bin];
    return sum;
}

static lithia_status check_pair(const lithia_rdf *rdf, size_t a, size_t b)
{
    if (rdf->n_frames == 0 || a > rdf->n_species || b > rdf->n_species)
        return lithia_fail(rdf->ctx, LITHIA_INVALID, "rdf: no frame with such a pair was added");
    return LITHIA_OK;
}

/* Mean of ratios x_k / w_k over blocks weighted by w_k, and its standard error. */
typedef struct {
    double x[RDF_BLOCKS], w[RDF_BLOCKS];
} ratio_blocks;

static double ratio_error(const ratio_blocks *r, size_t n)
{
    if (n < FEWEST_BLOCKS)
        return (double)NAN;
    double x = 0.0, w = 0.0, squares = 0.0;
    for (size_t k = 0; k < n; k++) {
        x += r->x[k];
        w += r->w[k];
    }
    for (size_t k = 0; k < n; k++) {
        double off = r->x[k] - x / w * r->w[k];
        squares += off * off;
    }
    return sqrt(squares * (double)n / ((double)n - 1.0)) / w;
}

lithia_status lithia_rdf_partial(const lithia_rdf *rdf, size_t a, size_t b, double g[], double g_error[], double n[],
                                 double n_error[])
{
    LITHIA_TRY(check_pair(rdf, a, b));
    ratio_blocks pairs = {0}, around = {0};
    double norm = whole_norm(rdf, a, b);
    int64_t atoms = 0, running = 0;
    for (size_t k = 0; k < rdf->n_blocks; k++) {
        pair_norm p = norm_of(rdf, &rdf->block[k], a, b);
        pairs.w[k] = p.norm;
        around.w[k] = (double)p.atoms;
        atoms += p.atoms;
    }
    for (size_t bin = 0; bin < rdf->want.n_bins; bin++) {
        int64_t count = 0;
        for (size_t k = 0; k < rdf->n_blocks; k++) {
            int64_t c = count_of(rdf, &rdf->block[k], a, b, bin);
            count += c;
            pairs.x[k] = (double)c;
            around.x[k] += (double)c;
        }
        running += count;
        if (g) /* one atom of a kind has no pairs of that kind: 0, not 0/0 */
            g[bin] = norm > 0.0 ? (double)count / (norm * shell(rdf, bin)) : 0.0;
        if (g_error)
            g_error[bin] = norm > 0.0 ? ratio_error(&pairs, rdf->n_blocks) / shell(rdf, bin) : (double)NAN;
        if (n)
            n[bin] = (double)running / (double)atoms;
        if (n_error)
            n_error[bin] = ratio_error(&around, rdf->n_blocks);
    }
    return LITHIA_OK;
}

/* g smoothed by a Gaussian of standard deviation 0.1 angstrom: noise makes no peak, and the split bonds of one shell of a
 * cold or small model are one. */
static void smooth(const lithia_rdf *rdf, const double g[], double out[])
{
    double width = 0.1 * rdf->bins_per_angstrom;
    long n = (long)rdf->want.n_bins, reach = (long)ceil(4.0 * width);
    for (long i = 0; i < n; i++) {
        double sum = 0.0, weights = 0.0;
        for (long j = i - reach < 0 ? 0 : i - reach; j <= i + reach && j < n; j++) {
            double t = (double)(j - i) / width, w = exp(-0.5 * t * t);
            sum += w * g[j];
            weights += w;
        }
        out[i] = sum / weights;
    }
}

/* The bins of the first peak of smoothed g and of the minimum behind it: a dip below three quarters of the peak, ended by a
 * rise of a fifth of its depth; or, for a dip below one half, of one half, since behind the high narrow first peak of a network former
 * (P-O, B-O) nothing rises by a fifth of it. @return false if there is none */
static bool find_shell(size_t n, const double g[], size_t *peak, size_t *minimum)
{
    double highest = 0.0;
    for (size_t i = 0; i < n; i++)
        highest = fmax(highest, g[i]);
    size_t p = 0;
    while (p < n && !(g[p] > 1.0 && g[p] > 0.1 * highest)) /* where the first shell rises */
        p++;
    *peak = *minimum = p;
    for (size_t i = p; i < n; i++) {
        bool dipped = g[*minimum] < 0.75 * g[*peak];
        if (!dipped && g[i] > g[*peak])
            *peak = *minimum = i;
        else if (g[i] < g[*minimum])
            *minimum = i;
        else if (dipped && (g[i] > g[*minimum] + 0.2 * (g[*peak] - g[*minimum]) || (g[*minimum] < 0.5 && g[i] > g[*minimum] + 0.5)))
            return true;
    }
    return false;
}

/* If no pair was counted at the minimum, move it to the middle of the empty bins. @return whether it is such a gap */
static bool centre_in_gap(size_t n, const double g[], size_t *minimum)
{
    size_t first = *minimum, last = *minimum;
    if (g[*minimum] > 0.0)
        return false;
    while (first > 0 && g[first - 1] == 0.0)
        first--;
    while (last + 1 < n && g[last + 1] == 0.0)
        last++;
    *minimum = (first + last) / 2;
    return true;
}

lithia_status lithia_rdf_first_shell(const lithia_rdf *rdf, size_t a, size_t b, double cutoff, lithia_rdf_shell *shell_out)
{
    const double none = (double)NAN;
    *shell_out = (lithia_rdf_shell){none, none, none, none, none, none, false};
    LITHIA_TRY(check_pair(rdf, a, b));
    size_t n = rdf->want.n_bins;
    double *row = lithia_calloc(rdf->ctx, 4 * n, sizeof *row);
    if (!row)
        return LITHIA_NOMEM;
    double *g = row, *even = row + n, *around = row + 2 * n, *error = row + 3 * n;
    lithia_status status = lithia_rdf_partial(rdf, a, b, g, NULL, around, error);
    if (status == LITHIA_OK) {
        smooth(rdf, g, even);
        size_t peak = 0, minimum = 0;
        bool found = find_shell(n, even, &peak, &minimum), gap = false;
        if (found && cutoff == 0.0)
            gap = centre_in_gap(n, g, &minimum);
        double dr = 1.0 / rdf->bins_per_angstrom;
        if (found) {
            shell_out->r_peak = ((double)peak + 0.5) * dr;
            shell_out->g_peak = even[peak];
        }
        if (cutoff > 0.0) {
            double edge = fmin(fmax(nearbyint(cutoff / dr), 1.0), (double)n);
            minimum = (size_t)edge - 1;
            gap = g[minimum] == 0.0;
        }
        if (found || cutoff > 0.0) {
            shell_out->r_min = ((double)minimum + 1.0) * dr;
            shell_out->g_min = even[minimum];
            shell_out->n = around[minimum];
            shell_out->n_error = error[minimum];
            shell_out->gap = gap;
        }
    }
    lithia_free(row);
    return status;
}

lithia_status lithia_rdf_coordination(const lithia_rdf *rdf, size_t a, size_t b, double r, double fraction[LITHIA_RDF_MOST])
{
    LITHIA_TRY(check_pair(rdf, a, b));
    if (a == rdf->n_species || b == rdf->n_species)
        return lithia_fail(rdf->ctx, LITHIA_INVALID, "rdf: coordination is counted per pair of species, not of all atoms");
    double edge = nearbyint(r * rdf->bins_per_angstrom);
    if (!(edge >= 0.0 && edge <= (double)rdf->n_near))
        return lithia_fail(rdf->ctx, LITHIA_INVALID,
                           "rdf: coordination within %g angstrom was not counted; r_near is %g: raise it", r,
                           lithia_rdf_r_near(rdf));
    int64_t atoms = 0, at_least[RDF_KTH + 2];
    for (size_t k = 0; k < rdf->n_blocks; k++)
        atoms += rdf->block[k].atoms[a];
    at_least[0] = atoms;
    for (size_t k = 0; k < RDF_KTH; k++) {
        const int64_t *row = rdf->near + ((a * rdf->n_species + b) * RDF_KTH + k) * rdf->n_near;
        at_least[k + 1] = 0;
        for (size_t bin = 0; bin < (size_t)edge; bin++)
            at_least[k + 1] += row[bin];
    }
    at_least[RDF_KTH + 1] = 0;
    for (size_t k = 0; k < LITHIA_RDF_MOST; k++)
        fraction[k] = (double)(at_least[k] - at_least[k + 1]) / (double)atoms;
    return LITHIA_OK;
}
