/* Sites: atoms of a frame grouped by the place they share. */
#pragma once
#include <lithia/structure/frame.h>

/* Members of site s are the atoms member[first[s]] to member[first[s + 1] - 1], in order of species. Sites are in the
 * order of their first atoms. */
typedef struct {
    size_t n;
    size_t *first, *member;
    size_t *site_of; /* of each atom */
} sites;

lithia_status sites_new(lithia_context *ctx, const lithia_frame *frame, sites *s);
void sites_free(sites *s);
/* Whether two sites hold the same species with the same occupancies, to 1e-4. */
bool sites_same_mixture(const lithia_frame *frame, const sites *s, size_t a, size_t b);
/* Whether a site holds several species or is partly empty. */
bool sites_is_mixed(const lithia_frame *frame, const sites *s, size_t site);

static inline double sites_occupancy(const lithia_frame *frame, size_t atom)
{
    return frame->occupancy ? frame->occupancy[atom] : 1.0;
}
