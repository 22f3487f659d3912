/** @file
 * Structures and trajectories that are read: every format behind one type, frame by frame, in bounded memory.
 *
 * Internal units come out whatever the file has: angstrom, angstrom/ps, eV, eV/angstrom, e, ps; stress positive in
 * tension. What the reader noticed (choices it made, data it passed over) are warnings of the context; what cannot be
 * right is an error with file, line and column. Atoms that have an id are sorted by it. All frames must have the same
 * atoms in the same order unless `varying` is set.
 */
#pragma once
#include <lithia/io/file_format.h>

/** An open trajectory. Opaque; one thread at a time. */
typedef struct lithia_trajectory lithia_trajectory;

/** How to read. A field left at zero takes the value in brackets. */
typedef struct {
    const char *format;  /**< a format's name [by content and extension] */
    const char *types;   /**< species of the numeric types 1, 2, ... of LAMMPS and of nameless POSCARs, "Li,O,Ti"
                              [from the file: its labels, else its masses] */
    const char *block;   /**< data block of a CIF [the first with a structure] */
    double tolerance;    /**< CIF: images of a site nearer than this are one atom, angstrom [0.05] */
    const char *units;   /**< LAMMPS: "metal" or "real" [metal] */
    const char *style;   /**< LAMMPS data: atom style "atomic", "charge" or "full" [from the file's comment] */
    double frame_time;   /**< time between frames of the file, ps, for files that do not tell [unknown] */
    double timestep;     /**< time of one step, ps, for files that only count steps [unknown] */
    size_t first;        /**< first frame wanted, from 0 [0] */
    size_t last;         /**< frame to stop before; 0: none [0] */
    size_t every;        /**< take each every-th frame [1] */
    bool varying;        /**< frames may differ in their atoms */
} lithia_read_options;

/** @param[in] path     a file, or "-" for standard input; may be compressed
 *  @param[in] options  copied, its texts too; NULL for every default
 *  @return IO, PARSE, INVALID (no such format, impossible options), UNSUPPORTED, NOMEM */
LITHIA_API lithia_status lithia_trajectory_open(lithia_context *ctx, const char *path,
                                                const lithia_read_options *options, lithia_trajectory **trajectory)
    LITHIA_MUST_USE;
/** As lithia_trajectory_open() for bytes in memory, borrowed until it is closed. */
LITHIA_API lithia_status lithia_trajectory_open_memory(lithia_context *ctx, const char *name, const void *bytes,
                                                       size_t n, const lithia_read_options *options,
                                                       lithia_trajectory **trajectory) LITHIA_MUST_USE;
/** The next frame that was asked for.
 *  @param[in,out] frame  filled, its memory reused; start from lithia_frame_init()
 *  @param[out]    end    true when there is none left (the frame is then untouched)
 *  @return PARSE with the place, IO, NOMEM, CANCELLED; after a failure only closing makes sense */
LITHIA_API lithia_status lithia_trajectory_next(lithia_trajectory *trajectory, lithia_frame *frame, bool *end)
    LITHIA_MUST_USE;
/** The same as a source, for those who do not know of files; it holds until lithia_trajectory_close(). */
LITHIA_API lithia_frame_source lithia_trajectory_source(lithia_trajectory *trajectory);
LITHIA_API size_t lithia_trajectory_index(const lithia_trajectory *trajectory); /**< of the last frame, in the file */
LITHIA_API const lithia_file_format *lithia_trajectory_format(const lithia_trajectory *trajectory);
/** Checksum of the whole file as it lies on disk; ends the reading. */
LITHIA_API lithia_status lithia_trajectory_sha256(lithia_trajectory *trajectory, char text[65]) LITHIA_MUST_USE;
LITHIA_API void lithia_trajectory_close(lithia_trajectory *trajectory); /**< NULL is fine */

/** One structure: the file's last frame (of those that options ask for).
 *  @param[out] frame   an empty frame (lithia_frame_init()) or one to be replaced; empty on failure
 *  @return as lithia_trajectory_open(); PARSE if the file holds no frame */
LITHIA_API lithia_status lithia_read_structure(lithia_context *ctx, const char *path,
                                               const lithia_read_options *options, lithia_frame *frame)
    LITHIA_MUST_USE;

/** What lithia_read_structure_noted() tells of the file beside its frame. */
typedef struct {
    const lithia_file_format *format;
    size_t n_frames; /**< frames of the file that were wanted */
    char sha256[65];
} lithia_read_note;
/** As lithia_read_structure(). @param[out] note  or NULL */
LITHIA_API lithia_status lithia_read_structure_noted(lithia_context *ctx, const char *path,
                                                     const lithia_read_options *options, lithia_frame *frame,
                                                     lithia_read_note *note) LITHIA_MUST_USE;

/** Put the "A:B:STEP" of --frames into options: from A up to B (not included), every STEP-th; each may be left out.
 *  @return INVALID for anything else, and for negative numbers, since a stream has no known end */
LITHIA_API lithia_status lithia_frames_read(lithia_context *ctx, const char *text, lithia_read_options *options)
    LITHIA_MUST_USE;
