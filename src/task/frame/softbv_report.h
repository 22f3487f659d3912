/* What lithia softbv found, put into results and structures. */
#pragma once
#include <lithia/explore/landscape.h>
#include <lithia/potential/softbv.h>
#include <lithia/task/task.h>

typedef struct {
    int n[3];
    size_t n_points;
    float *energy;
    lithia_landscape_ways ways;
} softbv_grid;

typedef struct {
    lithia_frame own;          /* the input, with the mobile species if it had none */
    const lithia_frame *frame; /* that */
    double *charge;            /* by species */
    int mobile;
    lithia_bond_valence table;
    lithia_softbv *energy;
    softbv_grid fine, coarse;
} softbv_study;

lithia_status softbv_report(lithia_task_run *run, const softbv_study *s) LITHIA_MUST_USE;
lithia_status softbv_slice(lithia_task_run *run, const softbv_study *s) LITHIA_MUST_USE; /* contours across the first way */
lithia_status softbv_give(lithia_task_run *run, const softbv_study *s) LITHIA_MUST_USE;
