/** @file
 * Equation of state: the pressure P(V) of a solid at one temperature, and its fit to measured or computed points.
 * With x = V0/V, Eulerian strain f = (x^(2/3) - 1)/2, natural strain e = ln(x)/3 and K' = dK/dP at P = 0:
 *
 *     bm2, bm3, bm4   P = 3 K0 f (1+2f)^(5/2) [1 + 3/2 (K'-4) f + 3/2 (K0 K'' + (K'-4)(K'-3) + 35/9) f^2]
 *                     bm2 stops after 1 (K' = 4), bm3 after the term in f
 *     vinet           P = 3 K0 (1-y)/y^2 exp(3/2 (K'-1)(1-y)),  y = x^(-1/3)
 *     murnaghan       P = K0/K' (x^K' - 1)
 *     pt3             P = 3 K0 x e [1 + 3/2 (K'-2) e]
 *
 * A form with fewer parameters implies the next one: K' = 4 in bm2, K'' in the others (lithia_eos_implied()).
 * Compressibility at P = 0 is 1/K0.
 *
 * Units: any pressure and any volume unit; K0 has the pressure's, V0 the volume's, K'' its inverse.
 * Limits: V > 0; f above -1/2. Points far outside the strain of the data mean little: forms differ there.
 * Sources: Birch, Phys. Rev. 71 (1947) 809; Vinet et al., J. Phys. C 19 (1986) L467; Murnaghan, PNAS 30 (1944) 244;
 * Poirier and Tarantola, Phys. Earth Planet. Inter. 109 (1998) 1; practice: Angel, Rev. Mineral. Geochem. 41 (2000) 35.
 */
#pragma once
#include <lithia/math/curve_fit.h>

typedef enum {
    LITHIA_EOS_BM2, LITHIA_EOS_BM3, LITHIA_EOS_BM4, LITHIA_EOS_VINET, LITHIA_EOS_MURNAGHAN, LITHIA_EOS_PT3
} lithia_eos_model;

/** Places of the parameters in every array of four below. */
enum { LITHIA_EOS_V0, LITHIA_EOS_K0, LITHIA_EOS_K0_PRIME, LITHIA_EOS_K0_DOUBLE_PRIME, LITHIA_EOS_MOST };

/** @param[out] model  of "bm2", "bm3", "bm4", "vinet", "murnaghan", "pt3". @return whether there is such a one */
LITHIA_API bool lithia_eos_model_find(const char *name, lithia_eos_model *model);
LITHIA_API const char *lithia_eos_model_name(lithia_eos_model model);
/** How many of V0, K0, K0', K0'' the form has of its own: 2, 3 or 4. */
LITHIA_API size_t lithia_eos_n_parameters(lithia_eos_model model);
/** Fill in the parameters that the form does not have of its own. @param[in,out] b  shape (4) */
LITHIA_API void lithia_eos_implied(lithia_eos_model model, double b[LITHIA_EOS_MOST]);

/** @param[in]  b         V0, K0, K0', K0''
 *  @param[out] pressure  at volume v
 *  @param[out] slope     dP/dV; the bulk modulus at v is -v dP/dV. May be NULL
 *  @return DIVERGED, without a message, if v or V0 is not above 0 or the result is not finite */
LITHIA_API lithia_status lithia_eos_pressure(lithia_eos_model model, const double b[LITHIA_EOS_MOST], double v,
                                             double *pressure, double *slope) LITHIA_MUST_USE;

/** The volume at a pressure, on the branch that is stable (dP/dV < 0) and connected to P = 0.
 *  @return DIVERGED if the form has no such volume */
LITHIA_API lithia_status lithia_eos_volume(lithia_context *ctx, lithia_eos_model model, const double b[LITHIA_EOS_MOST],
                                           double pressure, double *v) LITHIA_MUST_USE;

/** What to fit. */
typedef struct {
    lithia_eos_model model;
    size_t n;
    const double *p, *v;   /**< pressures and volumes, shape (n), in any order */
    const double *sp, *sv; /**< their standard errors, shape (n), or NULL */
    lithia_weighting weighting; /**< y is P and x is V here */
    bool fixed[LITHIA_EOS_MOST];
    double value[LITHIA_EOS_MOST]; /**< of the fixed ones */
} lithia_eos_problem;

/** A fitted equation of state. `fit` has as many parameters as the form, in the order V0, K0, K0', K0''. */
typedef struct {
    lithia_eos_model model;
    lithia_fit fit;
    double b[LITHIA_EOS_MOST];   /**< with the implied ones filled in */
    double err[LITHIA_EOS_MOST]; /**< scaled standard errors; implied parameters: propagated */
} lithia_eos;

/** Fit the form to the points; start values are found from the points themselves.
 *  @param[out] eos  {0} to begin with or an earlier one, released first; end with lithia_eos_free()
 *  @return INVALID for fewer points than free parameters, a volume not above 0, or errors that the weighting needs and
 *          are not there; DIVERGED if no fit was found */
LITHIA_API lithia_status lithia_eos_fit(lithia_context *ctx, const lithia_eos_problem *problem,
                                        lithia_eos *eos) LITHIA_MUST_USE;
LITHIA_API void lithia_eos_free(lithia_eos *eos); /**< leaves it {0}; NULL is fine */

/** The points as normalised pressure F = P / (3 f (1+2f)^(5/2)) against f, with errors from those of P, V and V0
 *  (Angel 2000): a straight line of slope 3 K0 (K'-4)/2 through K0 is bm3, a flat one bm2. F is NAN where f is 0.
 *  The error of V0 is common to all points.
 *  @param[in]  sp, sv  or NULL
 *  @param[out] f, f_err, F, F_err  shape (n) */
LITHIA_API void lithia_eos_ff(const lithia_eos *eos, size_t n, const double p[], const double v[], const double sp[],
                              const double sv[], double f[], double f_err[], double F[], double F_err[]);
