/** @file
 * The formats of structures and trajectories that lithia reads and writes: one table. A format is chosen by name where
 * one is given, else by what the file holds (reading) and by its name (both).
 *
 * What a file cannot hold is lost on writing; a warning says what. See docs/io/formats.md.
 */
#pragma once
#include <lithia/structure/frame.h>

/** What a format can hold, as bits: those of lithia_frame_arrays() and these. */
enum {
    LITHIA_HOLDS_CELL = 1 << 10,     /**< any triclinic cell */
    LITHIA_HOLDS_ENERGY = 1 << 11,   /**< energy and stress of a frame */
    LITHIA_HOLDS_TIME = 1 << 12,     /**< time and step */
    LITHIA_HOLDS_LABELS = 1 << 13,   /**< labels that are not element symbols */
    LITHIA_HOLDS_ORDER = 1 << 14,    /**< atoms in any order (else they are grouped by species) */
    LITHIA_HOLDS_BOUNDARY = 1 << 15, /**< which directions repeat */
    LITHIA_HOLDS_TITLE = 1 << 16
};

/** One row of the table. */
typedef struct {
    const char *name;       /**< "extxyz": what --format takes */
    const char *summary;    /**< "extended XYZ" */
    const char *extensions; /**< ".extxyz .xyz", most usual first */
    bool reads, writes;
    bool many;      /**< several frames in one file */
    bool appends;   /**< long runs may be cut and taken up again */
    unsigned holds; /**< what survives writing, as bits */
} lithia_file_format;

LITHIA_API const lithia_file_format *lithia_file_format_at(size_t i);           /**< the i-th format, NULL past the last */
LITHIA_API const lithia_file_format *lithia_file_format_named(const char *name); /**< NULL if there is none */
/** The format a file of that name is written in (compression endings are passed over).
 *  @param[in]  name    a format's name that overrides, or NULL
 *  @return INVALID if there is none, with the names there are */
LITHIA_API lithia_status lithia_file_format_of_path(lithia_context *ctx, const char *path, const char *name,
                                               const lithia_file_format **format) LITHIA_MUST_USE;
