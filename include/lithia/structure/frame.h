/** @file
 * A frame: one model of a solid at one moment: a cell and its atoms. Crystals with partly filled sites,
 * snapshots of a trajectory and configurations of an engine are all frames; what a frame does not have
 * (velocities, charges, ...) is NULL.
 *
 * Units: angstrom, angstrom/ps, eV/angstrom, e, ps, eV, eV/angstrom^3.
 */
#pragma once
#include <lithia/structure/cell.h>
#include <lithia/structure/species.h>

/** A plain struct; its arrays have n_atoms rows and belong to it. Start from {0} or lithia_frame_init(). */
typedef struct {
    lithia_cell cell;
    lithia_species_list species;
    size_t n_atoms;
    int *kind;                /**< index into species */
    double (*position)[3];    /**< Cartesian, angstrom; as read, not wrapped into the cell */
    bool unwrapped;           /**< known to be continuous over the frames of a trajectory: never wrapped (engines) */
    double (*velocity)[3];    /**< angstrom/ps, or NULL */
    double (*force)[3];       /**< eV/angstrom, or NULL */
    double *charge;           /**< e, or NULL */
    int (*image)[3];          /**< cell crossings: the unwrapped position is position + image h; or NULL */
    int64_t *id;              /**< identity across frames, or NULL: the order in the frame is the identity */
    double *occupancy;        /**< 0 < occupancy <= 1, or NULL: every site is full */
    int *site;                /**< atoms that share one partly filled site have equal numbers; NULL with occupancy */
    double *u_iso;            /**< mean-square displacement U, angstrom^2, or NULL */
    int *region;               /**< which part of a composite (lithia_region), or NULL: there are no parts */
    double (*shell)[3];       /**< core-shell models: from each atom (the core) to its shell, angstrom, zero for atoms
                                   without one; or NULL: not known (potential/shells.h) */
    char *title;              /**< or NULL */
    double time;              /**< ps; NAN when unknown */
    int64_t step;             /**< -1 when unknown */
    double energy;            /**< eV of this cell; NAN when unknown */
    double stress[6];         /**< eV/angstrom^3, tension positive, xx yy zz yz xz xy; NAN when unknown */
} lithia_frame;

/** Which optional arrays, as bits. */
enum {
    LITHIA_VELOCITY = 1, LITHIA_FORCE = 2, LITHIA_CHARGE = 4, LITHIA_IMAGE = 8,
    LITHIA_ID = 16, LITHIA_OCCUPANCY = 32, LITHIA_U_ISO = 64, LITHIA_REGION = 128,
    LITHIA_SHELL = 256
};

/** The parts of a glass-ceramic. Files say them in words: "none", "grain", "interface", "glass". */
typedef enum {
    LITHIA_REGION_NONE,      /**< not told */
    LITHIA_REGION_GRAIN,     /**< crystal, away from the glass */
    LITHIA_REGION_INTERFACE, /**< either, near the other */
    LITHIA_REGION_GLASS
} lithia_region;
LITHIA_API const char *lithia_region_name(int region);               /**< its word; "none" out of range */
LITHIA_API int lithia_region_named(const char *word, size_t n);     /**< of a word of n bytes; -1 if there is none */

/** An empty frame: no atoms, no cell, NAN where unknown. */
LITHIA_API void lithia_frame_init(lithia_frame *frame);
/** Give the frame n_atoms rows and the arrays that `arrays` names (LITHIA_OCCUPANCY brings `site`), zeroed;
 *  arrays not named are released, those kept keep their values; occupancy starts at 1 and each atom on a site of its
 *  own. @return NOMEM */
LITHIA_API lithia_status lithia_frame_resize(lithia_context *ctx, lithia_frame *frame, size_t n_atoms,
                                             unsigned arrays) LITHIA_MUST_USE;
LITHIA_API unsigned lithia_frame_arrays(const lithia_frame *frame); /**< the bits of the arrays that are there */
/** What `to` (from lithia_frame_init()) held is replaced, its memory reused. On failure `to` is empty. @return NOMEM */
LITHIA_API lithia_status lithia_frame_copy(lithia_context *ctx, const lithia_frame *from, lithia_frame *to)
    LITHIA_MUST_USE;
/** Keep only the n atoms listed, in that order. @return NOMEM, INVALID for an index out of range */
LITHIA_API lithia_status lithia_frame_select(lithia_context *ctx, const lithia_frame *from, size_t n,
                                             const size_t atoms[], lithia_frame *to) LITHIA_MUST_USE;
LITHIA_API void lithia_frame_free(lithia_frame *frame); /**< releases what it holds and leaves it empty */

/** Move every atom into the cell along its periodic directions and count the crossings in `image` if it is there.
 *  @return INVALID if the cell has no volume */
LITHIA_API lithia_status lithia_frame_wrap(lithia_context *ctx, lithia_frame *frame) LITHIA_MUST_USE;

/** Reduced formula in the order alkali, metals by Pauling electronegativity, anions last: "Li4Ti5O12"; amounts are
 *  weighted by occupancy. @param[out] formula  new string, the caller's. @return NOMEM */
LITHIA_API lithia_status lithia_frame_formula(lithia_context *ctx, const lithia_frame *frame, char **formula)
    LITHIA_MUST_USE;
LITHIA_API double lithia_frame_mass(const lithia_frame *frame);            /**< u, weighted by occupancy */
LITHIA_API double lithia_frame_density_g_cm3(const lithia_frame *frame);   /**< NAN without a cell */
/** The shortest distance between two atoms (periodic images too), sites shared by several species counted once.
 *  @param[out] shortest  angstrom; infinity for a lone atom without images. @return NOMEM, INVALID */
LITHIA_API lithia_status lithia_frame_shortest(lithia_context *ctx, const lithia_frame *frame, double *shortest)
    LITHIA_MUST_USE;

/** Whatever takes frames: a file writer, a streaming estimator. The frame is borrowed for the call. */
typedef struct {
    lithia_status (*add)(void *self, const lithia_frame *frame);
    void *self;
} lithia_frame_sink;

/** Whatever gives frames one after another: a file reader, a stored list. */
typedef struct {
    /** Fill `frame` (reusing its memory) with the next one. @param[out] end  true, and no frame, past the last */
    lithia_status (*next)(void *self, lithia_frame *frame, bool *end);
    void *self;
} lithia_frame_source;
