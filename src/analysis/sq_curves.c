/* What is read off total-scattering curves, computed or measured. */
#include <lithia/analysis/sq.h>
#include <lithia/core/units.h>
#include <math.h>

static double lorch(lithia_window window, double q, double q_max)
{
    double t = LITHIA_PI * q / q_max;
    return window == LITHIA_WINDOW_NONE || t == 0.0 ? 1.0 : sin(t) / t;
}

void lithia_sq_transform(size_t n, const double q[], const double s[], double q_max, lithia_window window, size_t n_r,
                         const double r[], double d[])
{
    double limit = q_max > 0.0 && n > 0 ? fmin(q_max, q[n - 1]) : n > 0 ? q[n - 1] : 0.0;
    for (size_t i = 0; i < n_r; i++) {
        double sum = 0.0, last_q = 0.0, last = 0.0;
        for (size_t k = 0; k < n; k++) {
            double at = fmin(q[k], limit), value = s[k];
            if (q[k] > limit && k > 0) /* the limit lies within this step */
                value = s[k - 1] + (s[k] - s[k - 1]) * (limit - q[k - 1]) / (q[k] - q[k - 1]);
            double y = at * (value - 1.0) * lorch(window, at, limit) * sin(at * r[i]);
            if (k == 0) { /* S - 1 as at the first point, down to 0: int Q sin(Qr) = sin(Qr)/r^2 - Q cos(Qr)/r */
                double x = at * r[i];
                sum = r[i] > 0.0 ? (value - 1.0) * (sin(x) - x * cos(x)) / (r[i] * r[i]) : 0.0;
            } else {
                sum += 0.5 * (y + last) * (at - last_q);
            }
            last = y;
            last_q = at;
            if (q[k] >= limit)
                break;
        }
        d[i] = 2.0 / LITHIA_PI * sum;
    }
}

/* Least squares of y = c0 + c1 x + c2 x^2 by Cramer's rule; x are small and centred. */
static bool parabola(size_t n, const double x[], const double y[], double c[3])
{
    double m[5] = {0.0}, v[3] = {0.0};
    for (size_t i = 0; i < n; i++) {
        double power = 1.0;
        for (int k = 0; k < 5; k++, power *= x[i]) {
            m[k] += power;
            if (k < 3)
                v[k] += power * y[i];
        }
    }
    double det = m[0] * (m[2] * m[4] - m[3] * m[3]) - m[1] * (m[1] * m[4] - m[3] * m[2]) + m[2] * (m[1] * m[3] - m[2] * m[2]);
    if (n < 3 || !(fabs(det) > 0.0))
        return false;
    c[0] = (v[0] * (m[2] * m[4] - m[3] * m[3]) - m[1] * (v[1] * m[4] - m[3] * v[2]) + m[2] * (v[1] * m[3] - m[2] * v[2])) / det;
    c[1] = (m[0] * (v[1] * m[4] - m[3] * v[2]) - v[0] * (m[1] * m[4] - m[3] * m[2]) + m[2] * (m[1] * v[2] - v[1] * m[2])) / det;
    c[2] = (m[0] * (m[2] * v[2] - v[1] * m[3]) - m[1] * (m[1] * v[2] - v[1] * m[2]) + v[0] * (m[1] * m[3] - m[2] * m[2])) / det;
    return isfinite(c[0]) && isfinite(c[1]) && isfinite(c[2]);
}

enum { MOST_NEAR = 64 };

/* Where S first falls to `level` going from `from` by `step`. */
static double crossing(size_t n, const double q[], const double s[], size_t from, int step, double level)
{
    for (size_t k = from; step < 0 ? k > 0 : k + 1 < n; k += (size_t)step) {
        size_t next = k + (size_t)step;
        if (s[next] <= level)
            return q[k] + (q[next] - q[k]) * (s[k] - level) / (s[k] - s[next]);
    }
    return NAN;
}

void lithia_sq_first_peak(size_t n, const double q[], const double s[], double low, double high, lithia_first_peak *peak)
{
    *peak = (lithia_first_peak){NAN, NAN, NAN};
    size_t top = n, first = n, last = 0;
    for (size_t k = 0; k < n; k++) {
        if (q[k] < low || q[k] > high)
            continue;
        first = first == n ? k : first;
        last = k;
        top = top == n || s[k] > s[top] ? k : top;
    }
    if (top == n || top == first || top == last)
        return;
    double x[MOST_NEAR], y[MOST_NEAR], c[3];
    size_t near = 0;
    for (size_t k = first; k <= last && near < MOST_NEAR; k++)
        if (fabs(q[k] - q[top]) <= 0.15) {
            x[near] = q[k] - q[top];
            y[near++] = s[k];
        }
    peak->q = q[top];
    peak->height = s[top];
    if (parabola(near, x, y, c) && c[2] < 0.0 && fabs(c[1] / (2.0 * c[2])) <= 0.15) {
        peak->q = q[top] - c[1] / (2.0 * c[2]);
        peak->height = c[0] - c[1] * c[1] / (4.0 * c[2]);
    }
    double left = s[top], right = s[top];
    for (size_t k = top; k-- > 0;) /* the minima beside it, within the whole curve on the left, the limit on the right */
        left = fmin(left, s[k]);
    for (size_t k = top; k <= last; k++)
        right = fmin(right, s[k]);
    double level = 0.5 * (peak->height + fmin(left, right));
    double below = crossing(n, q, s, top, -1, level), above = crossing(n, q, s, top, 1, level);
    peak->fwhm = above - below;
}

lithia_status lithia_sq_agreement(lithia_context *ctx, size_t n, const double x[], const double measured[], const double model[],
                                  double low, double high, lithia_agreement *out)
{
    *out = (lithia_agreement){0, NAN, NAN, NAN};
    double mm = 0.0, mc = 0.0, cc = 0.0, dd = 0.0;
    for (size_t i = 0; i < n; i++) {
        if (!(x[i] >= low && x[i] <= high) || !isfinite(measured[i]) || !isfinite(model[i]))
            continue;
        out->n++;
        mm += measured[i] * measured[i];
        mc += measured[i] * model[i];
        cc += model[i] * model[i];
        dd += (measured[i] - model[i]) * (measured[i] - model[i]);
    }
    if (out->n < 2 || mm == 0.0)
        return lithia_fail(ctx, LITHIA_INVALID, "R_chi: %zu measured points that are not all zero lie between %g and %g; 2 at least are needed",
                           out->n, low, high);
    out->r_chi = sqrt(dd / mm);
    out->scale = cc > 0.0 ? mc / cc : (double)NAN;
    out->r_chi_scaled = cc > 0.0 ? sqrt(fmax(0.0, mm - mc * mc / cc) / mm) : (double)NAN;
    return LITHIA_OK;
}
