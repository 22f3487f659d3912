#include "analysis/free_diffusion.h"

void free_diffusion_covariance(size_t n, size_t i, size_t j, double pqr[3])
{
    if (i > j) {
        size_t swap = i;
        i = j;
        j = swap;
    }
    double a = (double)i, b = (double)j, kj = (double)(n + 1 - j), ki = (double)(n + 1 - i);
    /* Window i lies inside window j in j - i + 1 ways, n + 1 - j pairs each; shifted out by d on either side, the overlap is
     * i - d in n + 1 - j - d pairs: sum over d = 1 .. m of (i - d)^2 (kj - d). */
    size_t most = i - 1 < n - j ? i - 1 : n - j;
    double m = (double)most, s1 = m * (m + 1) / 2, s2 = m * (m + 1) * (2 * m + 1) / 6, s3 = s1 * s1;
    double shifted = a * a * kj * m - (a * a + 2 * a * kj) * s1 + (2 * a + kj) * s2 - s3;
    double apart = (double)(n + 1 > i + j ? n + 1 - i - j : 0); /* pairs where one window ends as the other begins */
    pqr[0] = 2 * ((b - a + 1) * a * a * kj + 2 * shifted) / (ki * kj);
    pqr[1] = 8 * a * kj / (ki * kj); /* both ends of i on those of j, overlap i: twice 2 a2 s2 i */
    pqr[2] = 2 * ((i == j ? 4.0 : 2.0) * kj + 2 * apart) / (ki * kj);
}

double free_diffusion_windows(size_t n, size_t i)
{
    double pqr[3];
    free_diffusion_covariance(n, i, i, pqr);
    return 2.0 * (double)i * (double)i / pqr[0];
}
