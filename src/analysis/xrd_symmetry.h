/* The rotations of a crystal's point group, as they act on reflection indices. */
#pragma once
#include <lithia/structure/frame.h>

typedef struct {
    size_t n;
    int rotation[192][3][3]; /* h' = h W, each W once; -1 is among them (the Laue class) */
    int space_group;         /* 0: not found, only the identity and -1 */
    char symbol[16];
} xrd_symmetry;

/* Sites are told apart by what fills them (species and occupancies). NOMEM; a failed search is no error. */
lithia_status xrd_symmetry_find(lithia_context *ctx, const lithia_frame *frame, double tolerance, xrd_symmetry *symmetry);
