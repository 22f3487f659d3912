/* Pushing bodies apart: single atoms and rigid groups as soft spheres, until no pair is nearer than its distance. */
#pragma once
#include <lithia/generate/pack.h>

/* A rigid group: atoms first to first + n of the frame. A single atom is a group of one. */
typedef struct {
    size_t first, n;
    double centre[3];
    double turn[4]; /* quaternion, scalar first */
    double arm;     /* root mean square distance of its atoms from the centre: turns its rotation into a length */
} pack_body;

/* @param[in,out] frame    positions are set from the bodies throughout
 * @param[in]     local    per atom, place within its body, unturned
 * @param[in]     least    per pair of kinds (n_kinds x n_kinds), 0: none; kind[i] of atom i
 * @return DIVERGED if pairs stay too close; CANCELLED; NOMEM */
lithia_status pack_push_apart(lithia_context *ctx, lithia_frame *frame, size_t n_bodies, pack_body body[],
                              double (*local)[3], size_t n_kinds, const int kind[], const double least[],
                              lithia_pack_outcome *outcome) LITHIA_MUST_USE;

/* The rows of the turn, r[k] the image of axis k: x = sum_k local[k] r[k]. */
void pack_turn_matrix(const double turn[4], double r[3][3]);
