/* What an ordering has to place: mixed sites, their sublattices, and how many of each species. */
#pragma once
#include "structure/sites.h"

enum { PLAN_CHOICES = 16, PLAN_VACANCY = -1 };

/* All sites of one mixture. */
typedef struct {
    size_t n_sites, n_choices;
    size_t example;                   /* one of its sites */
    int kind[PLAN_CHOICES];           /* species of each choice, PLAN_VACANCY last where there are vacancies */
    double occupancy[PLAN_CHOICES];
    size_t count[PLAN_CHOICES];       /* how many sites take it */
} sublattice;

typedef struct {
    sites of;
    size_t n_mixed, n_sublattices;
    size_t *mixed;         /* site of each mixed site */
    size_t *sublattice_of; /* of each mixed site */
    sublattice *part;
} ordering_plan;

/* Sublattices without counts. */
lithia_status ordering_plan_new(lithia_context *ctx, const lithia_frame *frame, ordering_plan *plan);
void ordering_plan_free(ordering_plan *plan);
/* Counts that are the composition times `cells`, if they are whole. @return false if not */
bool ordering_plan_count(ordering_plan *plan, size_t cells);
/* Counts nearest to the composition that are neutral (charge NULL: counts nearest to it).
 * @return INVALID if none within one or two atoms of each species is neutral */
lithia_status ordering_plan_count_nearest(lithia_context *ctx, const lithia_frame *frame, const double charge[],
                                          ordering_plan *plan);
/* The largest difference between a count and what the occupancies ask for, atoms. */
double ordering_plan_change(const ordering_plan *plan);
/* Net charge of the frame with these counts; NAN if a charge is not known. */
double ordering_plan_charge(const lithia_frame *frame, const double charge[], const ordering_plan *plan);
/* "16 sites of Li0.1667Ti0.8333" into text. */
void ordering_plan_describe(const lithia_frame *frame, const sublattice *part, size_t room, char text[]);
