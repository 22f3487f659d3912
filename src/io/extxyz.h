/* The second line of an XYZ frame. */
#pragma once
#include "formats.h"

typedef enum {
    XYZ_SKIP, XYZ_SPECIES, XYZ_LABEL, XYZ_NUMBER, XYZ_POSITION, XYZ_VELOCITY, XYZ_MOMENTUM, XYZ_FORCE, XYZ_CHARGE,
    XYZ_ID, XYZ_IMAGE, XYZ_OCCUPANCY, XYZ_SITE, XYZ_U_ISO, XYZ_REGION, XYZ_SHELL
} xyz_what;

/* One entry of Properties: what it is and how many words it takes. */
typedef struct {
    xyz_what what;
    int n;
    char name[24];
} xyz_column;

enum { XYZ_COLUMNS = 64 };

typedef struct {
    bool extended;
    size_t n_columns;
    xyz_column column[XYZ_COLUMNS];
    unsigned arrays;
    lithia_cell cell;
    double energy, stress[6], time;
    int64_t step;
    bool unwrapped;
    char *title; /* the caller's */
} xyz_comment;

/* Read the comment line. PARSE with line and column. */
lithia_status xyz_comment_read(lithia_context *ctx, const char *file, size_t line_number, const char *line,
                               xyz_comment *comment) LITHIA_MUST_USE;
