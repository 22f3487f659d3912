/* What the flooding of a landscape leaves: basins as a graph, and helpers on grids and whole vectors. */
#pragma once
#include <lithia/explore/landscape.h>

/* A local minimum and the points that run down to it. Basins are numbered by rising energy. */
typedef struct {
    uint32_t point;
    float energy;
    size_t n_points;
} flood_basin;

/* The first contact of basin a with the image of basin b that is `shift` cells away: point p runs down to a, its neighbour q,
 * `step` cells away, to b. Rising energy. */
typedef struct {
    int a, b;
    int shift[3], step[3];
    uint32_t p, q;
    float energy;
} flood_contact;

typedef struct {
    const lithia_landscape *land;
    size_t n_points;
    int *basin_of;              /* per point; -1: not flooded */
    int16_t (*down)[3];         /* per point: image of its basin's minimum that it runs down to, cells */
    size_t n_basins, basin_room, n_contacts, contact_room;
    flood_basin *basin;
    flood_contact *contact;
    uint32_t *table;            /* hash of contacts: index + 1, 0 empty */
    size_t table_size;
    lithia_landscape_percolation dimension[3];
    int lake[3];                /* a basin of the lake that reached the dimension: its lowest */
} flood;

/* Union-find over basins with shifts: `shift` is the image of the parent that a basin hangs on, cells. */
typedef struct {
    int parent; /* or -1: a lake of its own */
    int shift[3];
    int rank;         /* of a lake: independent vectors it runs along */
    int vector[3][3];
    int lowest;       /* of a lake: its lowest basin */
} flood_lake;

/* The lake of a basin. @param[out] shift  image of the lake's root that the basin belongs with, cells */
int flood_lake_of(flood_lake *lake, int basin, int shift[3]);
/* Join the lakes of a and of b, whose image `shift` cells away touches it. */
void flood_lake_join(flood_lake *lake, int a, int b, const int shift[3]);

/* Put the points up to `ceiling` into order of energy, ties by index. @param[out] order  new array */
lithia_status flood_order(lithia_context *ctx, const lithia_landscape *land, size_t n, float ceiling, uint32_t **order,
                          size_t *n_order) LITHIA_MUST_USE;
lithia_status flood_run(lithia_context *ctx, flood *f, float ceiling) LITHIA_MUST_USE;
void flood_free(flood *f);

/* The 26 neighbours of a point. @param[out] step  cells crossed on the way to each */
void flood_neighbours(const lithia_landscape *land, uint32_t point, uint32_t neighbour[26], int8_t step[26][3]);
/* The lowest of the neighbours that lie lower (by energy, then index). @return false at a minimum */
bool flood_step_down(const lithia_landscape *land, uint32_t point, uint32_t *next, int8_t step[3]);
/* Cartesian position of a point in the image `shift` of the cell. */
void flood_place(const lithia_landscape *land, uint32_t point, const int shift[3], double x[3]);
/* How many of n whole vectors are independent, n at most 4. */
int flood_rank(int n, const int vector[][3]);

/* Sites, saddles and ways from the graph of basins. */
lithia_status ways_sites(lithia_context *ctx, const flood *f, const lithia_landscape_options *want, lithia_landscape_ways *ways)
    LITHIA_MUST_USE;
lithia_status ways_through(lithia_context *ctx, const flood *f, lithia_landscape_ways *ways) LITHIA_MUST_USE;
