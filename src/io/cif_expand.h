/* From the list of sites and the symmetry to all atoms of the cell. */
#pragma once
#include "cif_sites.h"
#include "cif_symmetry.h"

/* Images of a site nearer than `tolerance` (angstrom) are one atom, put where the average of the site over the
 * operations that keep it lies: exactly on its special position. Sites of different rows at one place share a `site`
 * number; more than one whole atom there is an error, the same atom listed twice a warning. */
lithia_status cif_expand(const cif_document *document, const cif_block *block, const lithia_cell *cell,
                         const cif_site_list *sites, double tolerance, lithia_frame *frame) LITHIA_MUST_USE;
