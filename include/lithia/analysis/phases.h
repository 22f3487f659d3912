/** @file
 * Names the phase of a set of frames (one relaxed structure, or a hold of dynamics), with the numbers that decided.
 *
 * What is measured:
 *   - Bragg components |F|^2/N^2 of every sublattice (structure_factor.h);
 *   - coordination of every cation species by anions: neighbours nearer than a cutoff, which is the first minimum of
 *     the frames' own distances unless it is given; over all frames, and in the time-averaged structure;
 *   - space group of the time-averaged structure at several tolerances: as it is, with all cations alike, cations only
 *     (alike), anions only;
 *   - packing of the anions of the averaged structure: the part whose 12 nearest anions are arranged as in a
 *     face-centred cubic or hexagonal close packing (adaptive common neighbour analysis);
 *   - volume per atom; energy and enthalpy per atom when frames have energies;
 *   - against a reference with the same atoms in the same order: displacements that are left when the cell's homogeneous
 *     strain and the drift are taken away, and the part of the atoms that is still nearest to its own site.
 *
 * The verdict, the first rule that applies:
 *   liquid               no Bragg component, and anions moved by more than half their nearest distance during the frames
 *   amorphous            cations, anions and every species that the cell can decide have |F|^2/N^2 < 0.05 at every Q
 *   undecided            anions and cations are both above 0.05 somewhere or one is, but below twice what chance alone reaches in this
 *                        cell (twice: a glass's own first peak): take a larger cell
 *   disordered rocksalt  anions keep |F|^2/N^2 >= 0.3, at least half of them close packed (more cubic than hexagonal), at least
 *                        80 % of the cations have six anions and at most 10 % four; for lithium at least 60 % and at most 10 %
 *   spinel               anions cubic close packed (at least half), 25 to 42 % of the cations with four anions and at least 50 % with six; with a
 *                        reference also: 95 % of the atoms on their own sites, off them by less than 0.25 angstrom (root mean square)
 *   distorted spinel     the same coordination, but displaced further; or near a reference spinel as below, with anions less well packed
 *   reference crystal    no spinel, but 95 % on the reference's sites, off them by less than 0.25 angstrom, and coordination as in the
 *                        reference: four-fold cations to 15 %, six-fold to 25 %
 *   distorted reference  likewise, 90 % on the sites
 *   other crystal        a Bragg component is there, and none of the rules holds
 *
 * Limits: a phase in one small periodic cell is that cell's: no grains, no coexistence, no texture; an amorphous verdict needs a
 *         larger cell to be believed, and the criteria are for close-packed oxides and sulfides.
 * Units:  angstrom, angstrom^3, eV, 1/angstrom.
 * Source: adaptive common neighbour analysis: A. Stukowski, Modelling Simul. Mater. Sci. Eng. 20, 045021 (2012).
 */
#pragma once
#include <lithia/analysis/structure_factor.h>

/** Opaque; from lithia_phases_new(). */
typedef struct lithia_phases lithia_phases;

/** What is wanted. A field left at zero takes the value in brackets. */
typedef struct {
    double q_max;              /**< 1/angstrom [8] */
    const lithia_frame *reference; /**< copied; NULL: none. Its energy and stress, if it has them, are used too */
    size_t n_cutoffs;          /**< cutoffs that are given */
    struct {
        char cation[16];       /**< species label */
        double cutoff;         /**< angstrom, at most 3.6 */
    } cutoff[16];
    double tolerance[4];       /**< of the space groups, angstrom [0.05, 0.1, 0.2, 0.4] */
    bool pressure_given;       /**< take `pressure` for the enthalpy, else minus a third of the mean stress's trace */
    double pressure;           /**< eV/angstrom^3 */
    bool enthalpy_given;       /**< compare with `reference_enthalpy` rather than the reference's own (which
                                is used for a single frame within 0.5 GPa of the reference's pressure only) */
    double reference_enthalpy; /**< eV per atom, in the same force field */
} lithia_phases_options;

LITHIA_API lithia_status lithia_phases_new(lithia_context *ctx, const lithia_phases_options *options,
                                           lithia_phases **phases) LITHIA_MUST_USE;
/** @return INVALID for other atoms than before or than the reference's, or no cell; NOMEM */
LITHIA_API lithia_status lithia_phases_add(lithia_phases *phases, const lithia_frame *frame) LITHIA_MUST_USE;
LITHIA_API void lithia_phases_free(lithia_phases *phases); /**< NULL is fine */

typedef enum {
    LITHIA_PHASE_UNDECIDED = 0, LITHIA_PHASE_SPINEL, LITHIA_PHASE_DISTORTED_SPINEL, LITHIA_PHASE_DISORDERED_ROCKSALT,
    LITHIA_PHASE_REFERENCE, LITHIA_PHASE_DISTORTED_REFERENCE, LITHIA_PHASE_OTHER_CRYSTAL, LITHIA_PHASE_AMORPHOUS,
    LITHIA_PHASE_LIQUID
} lithia_phase;
/** "disordered rocksalt" */
LITHIA_API const char *lithia_phase_name(lithia_phase phase);

enum { LITHIA_PHASES_NUMBERS = 13 }; /**< coordination numbers 0 to 11, and 12 or more */

/** Coordination of one cation species by anions. */
typedef struct {
    char label[16];
    size_t n;                /**< atoms */
    double cutoff;           /**< angstrom */
    double number;           /**< mean over frames */
    double fraction[LITHIA_PHASES_NUMBERS];      /**< over all frames */
    double mean_fraction[LITHIA_PHASES_NUMBERS]; /**< in the time-averaged structure */
} lithia_phases_coordination;

/** Space groups at one tolerance; 0 where none was found or the model is too large. */
typedef struct {
    double tolerance; /**< angstrom */
    int all, cations_alike, cations, anions;
    char all_symbol[16], cations_alike_symbol[16], cations_symbol[16], anions_symbol[16];
} lithia_phases_symmetry;

/** Displacements of one species. */
typedef struct {
    char label[16];
    double net;    /**< root mean square from first to last frame, angstrom */
    double u;      /**< root mean square about the mean, all three axes, angstrom */
    double off;    /**< root mean square off the reference's sites, angstrom; NAN without one */
} lithia_phases_motion;

/** Everything that was found. End with lithia_phases_result_free(). */
typedef struct {
    lithia_phase phase;
    char *reason;  /**< the numbers that decided, in words */
    char *caveat;  /**< about the cell's size; never empty */
    size_t n_frames, n_atoms;
    lithia_cell cell;                 /**< mean */
    double volume_per_atom;           /**< angstrom^3 */
    size_t n_maxima;
    lithia_structure_factor_maximum *maximum;
    size_t n_coordination;
    lithia_phases_coordination *coordination;
    size_t n_motion;
    lithia_phases_motion *motion;
    lithia_phases_symmetry symmetry[4];
    double fcc, hcp;                  /**< fraction of the anions; NAN without anions */
    double four, six;                 /**< fraction of all cations with 4 and 6 anions, averaged structure */
    bool reference;                   /**< whether there was one; the following are NAN otherwise */
    double off;                       /**< root mean square off the reference's sites, all atoms, angstrom */
    double off_largest;
    double on_site;                   /**< fraction of the atoms nearest to their own site */
    double volume_ratio;              /**< to the reference's */
    double strain[6];                 /**< Lagrangian strain of the cell against the reference, xx yy zz yz xz xy */
    double reference_four, reference_six; /**< the same fractions of the reference */
    double energy, energy_err;        /**< eV per atom, mean of the frames; NAN without energies */
    double pressure;                  /**< eV/angstrom^3, as used; NAN when unknown */
    double enthalpy, enthalpy_err;    /**< eV per atom: <E> + p <V>; NAN when unknown */
    double enthalpy_difference;       /**< eV per atom, against the reference; NAN when unknown or when like is not
                                       compared with like */
    bool error_is_bound;              /**< frames too few for their correlation: errors are lower bounds */
} lithia_phases_result;

/** @return INVALID when no frame was added; NOMEM */
LITHIA_API lithia_status lithia_phases_find(const lithia_phases *phases, lithia_phases_result *result) LITHIA_MUST_USE;
LITHIA_API void lithia_phases_result_free(lithia_phases_result *result);
LITHIA_API const lithia_structure_factor *lithia_phases_structure_factor_view(const lithia_phases *phases);

LITHIA_API lithia_status lithia_phases_save(const lithia_phases *phases, lithia_blob *blob) LITHIA_MUST_USE;
LITHIA_API lithia_status lithia_phases_restore(lithia_phases *phases, lithia_blob *blob) LITHIA_MUST_USE;
LITHIA_API lithia_status lithia_phases_merge(lithia_phases *phases, const lithia_phases *later) LITHIA_MUST_USE;
