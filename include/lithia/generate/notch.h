/** @file
 * Notches: a pre-crack of given shape cut through a model, neutral in charge. What fracture starts from.
 *
 * The notch runs through the whole model along one cell vector, goes in along the normal n of the face that the vector
 * `across` and that one span, and opens to both sides of its mid plane. With u the distance from the mouth (of a central
 * notch: from its centre, to both sides), D the depth and W the width, atoms go whose distance from the mid plane is below
 *
 *     V        W/2 (1 - u/D)
 *     U        W/2, ending in a half circle of radius W/2
 *     ellipse  W/2 sqrt(1 - (u/D)^2)          radius of curvature at the tip (W/2)^2 / D
 *     slit     W/2, ending flat
 *
 * The mouth is where the atoms begin: behind the widest gap along n if one of more than 4 angstrom (a vacuum) is there, else
 * the cell's face. Without a gap the notch of a periodic model faces the far side of its own image; cut a central one, or
 * put a vacuum first.
 *
 * Units:  angstrom, e.
 * Limits: neutral as lithia_cut_neutral() makes it; sharper than the atoms are no notch is.
 * Source: the shapes are geometry; radius of the ellipse: C. E. Inglis, Trans. Inst. Naval Architects 55, 219 (1913).
 */
#pragma once
#include <lithia/generate/cut.h>

typedef enum { LITHIA_NOTCH_V, LITHIA_NOTCH_U, LITHIA_NOTCH_ELLIPSE, LITHIA_NOTCH_SLIT } lithia_notch_shape;

/** What to cut. A field left at zero takes the value in brackets. */
typedef struct {
    lithia_notch_shape shape;
    int into;            /**< 0, 1 or 2: the notch goes in from the low face across this cell vector */
    int across;          /**< the cell vector its faces are pulled apart along; not `into` */
    bool central;        /**< not from an edge but in the middle, with tips at both ends */
    double depth;        /**< angstrom; of a central one half of its length */
    double width;        /**< full opening at the mouth (centre), angstrom */
    double offset;       /**< of the mid plane from the middle of the cell along `across`, fraction of it, -0.5 to 0.5 */
    double reach;        /**< how far from the notch atoms may be taken or spared for neutrality, angstrom [4] */
} lithia_notch_options;

/** What was cut. Arrays belong to it; end with lithia_notch_outcome_free(). */
typedef struct {
    lithia_cut_outcome cut;
    size_t n_species;
    size_t *removed;         /**< by species of the frame, shape (n_species) */
    double tip_radius;       /**< radius of curvature of the shape at its tip, angstrom; 0: sharp; infinity: flat */
    double tip[2][3];        /**< tips, Cartesian, half way through the model; of an edge notch tip[1] equals tip[0] */
    double ligament;         /**< material left ahead of the tip along n, angstrom: of a periodic model up to the next image */
    double thickness;        /**< along the direction it runs through, angstrom */
    bool from_surface;       /**< the mouth is at a gap */
} lithia_notch_outcome;

/** Cut a notch.
 *  @param[in]     charge   formal charge by species, shape (species.n), e
 *  @param[in,out] frame    atoms go, the others keep their order and places; energy and stress are forgotten.
 *                          Unchanged on failure.
 *  @param[out]    outcome  empty on failure
 *  @return INVALID for directions, depth or width that the model cannot hold, no atom in the notch, or what
 *          lithia_cut_neutral() refuses; NOMEM */
LITHIA_API lithia_status lithia_notch(lithia_context *ctx, const lithia_notch_options *options, const double charge[],
                                      lithia_frame *frame, lithia_notch_outcome *outcome) LITHIA_MUST_USE;
LITHIA_API void lithia_notch_outcome_free(lithia_notch_outcome *outcome); /**< leaves it empty */
