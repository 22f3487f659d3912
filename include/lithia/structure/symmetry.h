/** @file
 * Space group symmetry of a crystal: its group, operations, Wyckoff positions, and standard cells; spglib does the
 * search.
 *
 * A site is what must map onto an equal site: a full site is its species; a partly filled or mixed site counts once, with
 * all its species and occupancies (to 1e-4) as one composite kind. Two labels of one element are two species.
 *
 * Settings: of a group's settings, the one that the cell is already written in, so that Wyckoff letters are those of the
 * file; where the cell is in none of them (or has over 2000 sites), spglib's standard setting.
 *
 * Units: angstrom, degree; operations are fractional, x' = R x + t.
 * Limits: needs a cell that repeats in all three directions; the search takes seconds beyond some thousand sites.
 * Source: A. Togo, K. Shinohara, I. Tanaka, Spglib: a software library for crystal symmetry search, Sci. Technol. Adv.
 *         Mater. Meth. 4, 2384822 (2024).
 */
#pragma once
#include <lithia/structure/frame.h>

/** How far from exact a symmetric place may be. Zeros take the values in brackets. */
typedef struct {
    double distance; /**< angstrom [1e-3] */
    double angle;    /**< deg; negative: derived from `distance` and the lengths (spglib's way) [-1] */
    size_t most_sites; /**< refuse larger models rather than search for minutes [20000] */
} lithia_symmetry_tolerance;

/** What was found. A plain struct; arrays belong to it. Start from {0}; end with lithia_symmetry_free(). */
typedef struct {
    int number;              /**< 1 to 230 */
    char symbol[16];         /**< international (Hermann-Mauguin) short symbol, "Fd-3m" */
    char hall[24];           /**< Hall symbol of the setting, "-F 4vw 2vw 3" */
    int hall_number;         /**< 1 to 530, spglib's numbering */
    char setting[8];         /**< "1", "2", "H", "b1", ... of the setting; "" where there is but one */
    char point_group[8];     /**< "m-3m" */
    double tolerance;        /**< angstrom, the one that was used */
    size_t n_operations;     /**< of the cell as given, its centring translations included */
    int (*rotation)[3][3];   /**< R, on fractional coordinates of the cell as given */
    double (*translation)[3]; /**< t */
    size_t n_atoms;
    char *wyckoff;           /**< per atom: 'a', 'b', ... of the standard setting */
    int *multiplicity;       /**< per atom: of its Wyckoff position in the standard cell (16 of "16d") */
    char (*site_symmetry)[8]; /**< per atom: ".-3m" */
    int *equivalent;         /**< per atom: the first atom that symmetry makes it equal to; atoms of one mixed site are
                                  equal to those of the same species on the first such site */
    double origin_shift[3];          /**< x_standard = transformation x + origin_shift */
    double transformation[3][3];
} lithia_symmetry;

/** Find the symmetry of a frame.
 *  @param[in]  tolerance  NULL for every default
 *  @param[out] symmetry   empty on failure
 *  @return INVALID without a cell that repeats in three directions, without atoms, with atoms closer than the tolerance
 *          or too many sites; DIVERGED if no group was found at this tolerance; NOMEM */
LITHIA_API lithia_status lithia_symmetry_find(lithia_context *ctx, const lithia_frame *frame,
                                              const lithia_symmetry_tolerance *tolerance,
                                              lithia_symmetry *symmetry) LITHIA_MUST_USE;
LITHIA_API void lithia_symmetry_free(lithia_symmetry *symmetry);

typedef enum {
    LITHIA_CONVENTIONAL, /**< the standard cell of International Tables */
    LITHIA_PRIMITIVE     /**< the smallest */
} lithia_standard_cell;

/** The crystal in a standard cell, exactly symmetric: lattice and positions are idealised and the crystal turned so that
 *  a lies along x. Species, occupancies, charges and u_iso are taken over; velocities, forces, images and identities are not.
 *  @param[out] standard  from lithia_frame_init()
 *  @return as lithia_symmetry_find() */
LITHIA_API lithia_status lithia_symmetry_standardise(lithia_context *ctx, const lithia_frame *frame,
                                                     const lithia_symmetry_tolerance *tolerance,
                                                     lithia_standard_cell which, lithia_frame *standard) LITHIA_MUST_USE;

/** Which atom each operation takes each atom to.
 *  @param[out] image  n_operations rows of n_atoms: image[o n_atoms + i] is the atom (of the same species) at the place
 *                     where operation o puts atom i
 *  @return INVALID if the frame is not the one the symmetry was found for */
LITHIA_API lithia_status lithia_symmetry_permutations(lithia_context *ctx, const lithia_symmetry *symmetry,
                                                      const lithia_frame *frame, int image[]) LITHIA_MUST_USE;
