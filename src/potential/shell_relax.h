/* The minimum of an energy over the displacements of shells: L-BFGS, with the springs as first guess of the curvature. Its
 * pairs are kept from one relaxation to the next, because the curvature changes little while atoms move; where the
 * search starts is extrapolated from the minima before. */
#pragma once
#include <lithia/core/context.h>

enum { RELAX_PAIRS = 12, RELAX_HISTORY = 4 };

typedef struct {
    lithia_context *ctx;
    size_t n;                 /* 3 x shells */
    const double *stiffness_view; /* n/3, eV/angstrom^2 */
    double tolerance;         /* largest force on a shell, eV/angstrom */
    double floor;             /* forces jump by about this: below it, a search that gets no further has arrived. 0: they do not */
    double *d, *g;            /* displacements and gradient: the present point */
    double *direction, *before, *g_before;
    double *dy, *dg;          /* RELAX_PAIRS x n, rings */
    double rho[RELAX_PAIRS];
    size_t n_pairs, newest;
    double *past[RELAX_HISTORY]; /* minima, the latest first */
    size_t n_past, order;     /* order: how many of them the next guess uses */
    size_t evaluations, relaxations; /* so far */
} shell_relax;

/* The gradient at d into g; may fail. */
typedef lithia_status shell_gradient_fn(void *arg);

lithia_status shell_relax_new(lithia_context *ctx, size_t n_shells, const double *stiffness, double tolerance,
                              shell_relax *relax);
void shell_relax_free(shell_relax *relax);
/* Forget all: the next search starts at zero and knows nothing. */
void shell_relax_reset(shell_relax *relax);
typedef struct {
    bool converged;
    size_t worst;  /* the shell with the largest force */
    double force;
} shell_relax_end;

/* Moves d to the minimum, or gives up. The last point at which gradient() was called is d. Returns what gradient() does. */
lithia_status shell_relax_run(shell_relax *relax, shell_gradient_fn *gradient, void *arg, shell_relax_end *end);
