/* Atoms in clusters of 4 near each other, and the lists of cluster pairs within a cutoff: for any cell, any cutoff,
 * any set of periodic directions, and right as long as it is used. Two lists: the outer one is found by a tree of
 * boxes and holds for many steps, the inner one is picked from it by exact distances.
 *
 * A list made at radius R from positions x0 in cell h0 finds every pair within rc at positions x in cell h as long as
 *     s R - 2 u >= rc,    s = 1 - |h0^-1 h - 1| (a bound of how far the strain can shorten a vector),
 *                         u = largest distance of an atom from its strained old place,
 * which is checked before every use. */
#pragma once
#include "potential/pair_kernel.h"

/* The part of the lists that one chunk of i clusters has. Working memory for its forces too. */
typedef struct {
    size_t first, last;                  /* its i clusters */
    pair_group *outer, *inner;
    size_t n_outer, n_inner, room_outer, room_inner;
    int32_t *outer_entry, *inner_entry;
    size_t n_entries, room_entries, room_inner_entries;
    int32_t *scratch;                    /* far entries of a group while it is pruned; nodes near a run of clusters */
    size_t room_scratch;
    double *force;                       /* 3 x n_slots */
    unsigned char *touched;              /* by block of clusters: whether its forces are used */
    double (*shift_force)[3];
    size_t room_shift_force;
    double coulomb, short_range;
} list_chunk;

typedef struct {
    double low[3], high[3];
    int32_t first, last, right; /* its clusters; the left child is the next node, right is 0 for a leaf */
} list_node;

enum { BLOCK = 32 }; /* clusters in a block of the force reduction */

typedef struct {
    size_t n_atoms, n_clusters, n_slots, n_blocks, n_chunks, n_nodes;
    int32_t padded;         /* the last cluster if it has padding, else -1 */
    int32_t *atom;          /* slot to atom, -1 for padding */
    int32_t *slot;          /* atom to slot */
    const int32_t *partner_view; /* by atom: the one atom whose pair with it is left out, or -1; both ways. NULL: none.
                                    The two must stay within an angstrom or two of each other */
    pair_masks *masks;      /* by cluster */
    double overhang[3];     /* how far, in cells, places may lie outside [0, 1): an atom goes with its partner */
    double (*home)[3];      /* atom: fractional, wrapped, when the outer list was made */
    double (*pruned)[3];    /* atom: fractional place when the inner list was made */
    double (*place)[3];     /* atom: fractional now, continuous with home */
    double *x, *y, *z, *q;  /* by slot */
    int64_t *type;
    list_node *node;
    box_leaf *leaf;        /* by node; of leaves only */
    int32_t *order;         /* scratch of the ordering */
    int (*shift_index)[3];
    double (*shift)[3];
    size_t n_shifts, room_shift_index, room_shift;
    list_chunk *chunk;
    double *atom_energy;    /* by slot, for the scalar kernel */
    fixed_point fixed;      /* the same places in single precision; unit, type and q of the outer list */
    double fixed_origin[3], fixed_padding[CLUSTER][3]; /* A */
    size_t room_fixed_shift;
    bool have_outer, have_inner;
    double outer_h[3][3], inner_h[3][3]; /* cells they were made in */
    double radius_outer, radius_inner, radius_near; /* near: short-range terms too */
    size_t n_builds, n_prunes;
    pair_prune_fn *prune;
    pair_boxes_fn *boxes;
} cluster_list;

lithia_status cluster_list_new(lithia_context *ctx, size_t n_atoms, cluster_list *list);
void cluster_list_free(cluster_list *list);

/* Bring the slots' coordinates up to date with a frame and the lists with them: made anew only where the bound above
 * says so, or after `have_outer` was set to false.
 * @param[in] type    by atom; charge: by atom, e sqrt(K)
 * @param[in] cutoff, near   pairs within `cutoff`, those within `near` apart; buffers are added */
lithia_status cluster_list_update(lithia_context *ctx, cluster_list *list, const lithia_cell *cell,
                                  const double inverse[3][3], const double (*position)[3], const int *type,
                                  const double *charge, double cutoff, double near, double buffer_outer,
                                  double buffer_inner);
