/** @file
 * Force fields from data files: pair terms (Morse, inverse powers, Buckingham, exponential, ZBL, tables),
 * angles, bonds and Coulomb's law, bound to the atoms of a frame as a lithia_potential. What the terms are is written in the file;
 * its format is described in docs/potential/forcefield.md, and examples are data/forcefields/.
 *
 *     U = sum over pairs i < j and images of  [ sum of terms u(r) ] S(r)  +  K q_i q_j c(r)  +  self terms
 *         +  angle and bond terms
 *
 * with S the smoothing at the short-range cutoff and c(r) as the Coulomb method has it (coulomb.h).
 *
 * Units:  eV, angstrom, e.
 * Limits: Ewald sums need a cell that repeats in all three
 *         directions. Cutoffs beyond the cell are fine.
 */
#pragma once
#include <lithia/potential/coulomb.h>
#include <lithia/potential/potential.h>

/** A force field as read. Opaque; from lithia_forcefield_read(). Not changed by use. */
typedef struct lithia_forcefield lithia_forcefield;

/** How a short-range energy u(r) meets its cutoff rc. */
typedef enum {
    LITHIA_SMOOTHING_DEFAULT = 0, /**< what the file recommends */
    LITHIA_SMOOTHING_NONE,        /**< cut: u jumps to zero at rc, and so do angle terms at theirs */
    LITHIA_SMOOTHING_SHIFT,       /**< u(r) - u(rc): energy continuous, force jumps; angle terms are cut */
    LITHIA_SMOOTHING_SWITCH,      /**< u(r) S(t), S = 1 - 10 t^3 + 15 t^4 - 6 t^5, t = (r - rc + w)/w on the last w:
                                       energy, force and its slope continuous */
    LITHIA_SMOOTHING_TAPER        /**< (u(r) - u(rc)) exp(-g^2/(r - rc)^2): all derivatives continuous (SHIK) */
} lithia_smoothing;

/** Which code computes the pair sum. All give the same numbers within rounding; tests compare them. */
typedef enum {
    LITHIA_KERNEL_AUTO = 0,  /**< the fastest this machine has */
    LITHIA_KERNEL_REFERENCE, /**< every pair in turn, library functions: the definition; cost ~ N^2 */
    LITHIA_KERNEL_SCALAR,    /**< cluster lists, one pair at a time */
    LITHIA_KERNEL_AVX2,
    LITHIA_KERNEL_AVX512
} lithia_kernel;

/** How exact the pair forces of the vector kernels are. */
typedef enum {
    LITHIA_PRECISION_DOUBLE = 0, /**< 1e-10 of a converged sum */
    LITHIA_PRECISION_MIXED       /**< coordinates in units of some 1e-8 angstrom, pair forces in single precision, sums in double:
                                      1e-5 of the rms force, twice as fast. Energies, where wanted, stay in double precision (and
                                      cost as much as there); the virial follows from the forces. Needs a vector kernel */
} lithia_precision;

/** Charge of one species, in place of the file's. */
typedef struct {
    char label[16]; /**< label or element symbol */
    double charge;  /**< e */
} lithia_charge;

/** Choices. A field left at zero takes what the file recommends, then the value in brackets. */
typedef struct {
    lithia_coulomb_method coulomb;
    double coulomb_cutoff;     /**< real-space cutoff, angstrom */
    double damping;            /**< alpha of DSF and Wolf, 1/angstrom; LITHIA_UNDAMPED for none. Ewald and PME choose
                                    alpha from the accuracy unless it is given here */
    double accuracy;           /**< rms error of the Coulomb forces over the force between two unit charges 1 angstrom
                                    apart (14.4 eV/angstrom) [Ewald 1e-12, PME 1e-5] */
    double short_cutoff;       /**< angstrom */
    lithia_smoothing smoothing;
    double smoothing_width;    /**< w of the switch or g of the taper, angstrom [0.5; 0.2] */
    size_t n_charges;
    const lithia_charge *charge_view; /**< n_charges replacements, borrowed for the call */
    lithia_kernel kernel;
    bool mesh;                 /**< where Ewald is only recommended, not asked for: sum on a grid (PME), much faster */
    lithia_shell_mode shells;  /**< of ions that have one [relaxed] */
    double shell_tolerance;    /**< largest force on a relaxed shell, eV/angstrom [1e-6; mixed precision 1e-4]. Where a pair
                                    is at a cutoff at which its force jumps, no more than that jump is asked for */
    double shell_mass;         /**< of an adiabatic shell, as part of its ion's [the file's, 0.05] */
    double buffer;             /**< added to the cutoff of the neighbour list, angstrom [chosen by cost] */
    lithia_precision precision;
    bool slab;                 /**< Ewald and PME: take away the images along the third cell vector, for a neutral slab with vacuum
                                    around it (Yeh and Berkowitz 1999) */
} lithia_forcefield_options;

/** Read a force-field file.
 *  @param[in]  name  for messages and results: the path or the shipped name
 *  @param[in]  text  n bytes of YAML; not kept
 *  @param[out] ff    the caller's; NULL on failure
 *  @return PARSE with file:line:column and the nearest right key; NOMEM */
LITHIA_API lithia_status lithia_forcefield_read(lithia_context *ctx, const char *name, const char *text, size_t n,
                                                lithia_forcefield **ff) LITHIA_MUST_USE;
/** A force field of charges only, called "coulomb": charges are, in this order, those of the options, of the frame,
 *  the species' oxidation states, the elements' usual oxidation states (with a warning). */
LITHIA_API lithia_status lithia_forcefield_coulomb(lithia_context *ctx, lithia_forcefield **ff) LITHIA_MUST_USE;
/** Read one that ships, by its stem ("pmmcs_pedone2006"), or make "coulomb".
 *  @return INVALID with the nearest name */
LITHIA_API lithia_status lithia_forcefield_shipped(lithia_context *ctx, const char *name, lithia_forcefield **ff)
    LITHIA_MUST_USE;
LITHIA_API void lithia_forcefield_free(lithia_forcefield *ff); /**< NULL is fine */

/** Bind a force field to the atoms of a frame. Cutoffs, Ewald splitting and grids are chosen here, from this frame
 *  and the options alone, and stay: bind to the same frame to have the same choices.
 *  @param[in]  options  NULL for the file's own choices
 *  @param[in]  frame    its species, number of atoms, cell; read and not kept
 *  @param[out] out      content to be ended with lithia_potential_free(); independent of ff
 *  @return INVALID naming the species without parameters and those that have them, an impossible cutoff, a cell that
 *          does not repeat with Ewald; UNSUPPORTED for a kernel this machine lacks; NOMEM */
LITHIA_API lithia_status lithia_forcefield_potential(lithia_context *ctx, const lithia_forcefield *ff,
                                                     const lithia_forcefield_options *options,
                                                     const lithia_frame *frame, lithia_potential *out) LITHIA_MUST_USE;

/** Write what it is (form, species and charges, source, what it is good and bad for, recommendations). */
LITHIA_API void lithia_forcefield_describe(const lithia_forcefield *ff, struct lithia_result *group);
