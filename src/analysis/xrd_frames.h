/* What lithia_xrd_frames holds: filled by xrd_frames.c, read out by xrd_pattern.c. */
#pragma once
#include <lithia/analysis/xrd_frames.h>
#include "analysis/fourier_sums.h"

enum { XRD_BINS = 16384, XRD_SPECIES = 64 };

/* A family of a cubic parent, in indices of the frames' cell. */
typedef struct {
    size_t n;
    int hkl[24][3];
    double sum_offset[24], sum_squares[24]; /* of d - origin, and of its square */
    double origin; /* near d, so that the squares keep their digits */
} xrd_family;

struct lithia_xrd_frames {
    lithia_context *ctx;
    lithia_xrd_frames_options want;
    double q_max;
    lithia_frame first;
    fourier_sums sums;
    int side[XRD_SPECIES]; /* by species: -1 anion, 1 cation */
    double n_atoms, n_side[2];
    double *factor;        /* (species, TABLE + 2, 2) */
    double *f, *s;         /* working memory: sums and fractional coordinates of one frame */
    /* Counted so far. */
    size_t n_frames;
    double sum_h[3][3];
    double *power, *count; /* over Q, XRD_BINS + 1 points from 0 to q_max: sum of 2|F|^2/(N V) and of 2/V */
    double *line_power;    /* by reflection: sum of |F|^2 */
    double *side_power[2]; /* likewise with unit weights: anions, cations */
    xrd_family family[16];
};

void xrd_family_of_cubic(const int parent[3], const int times[3], xrd_family *family);
