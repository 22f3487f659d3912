/** @file
 * Structures and trajectories that are written: every format behind one type.
 *
 * Numbers have 17 significant digits, which bring back the same double, unless fewer are asked for. What the format
 * cannot hold is named in a warning when the first frame comes.
 */
#pragma once
#include <lithia/io/file_format.h>

/** A file of frames being written. Opaque. */
typedef struct lithia_frame_writer lithia_frame_writer;

/** How to write. A field left at zero takes the value in brackets. */
typedef struct {
    const char *format; /**< a format's name [by the path's extension] */
    const char *types;  /**< LAMMPS: species of types 1, 2, ... "Li,O,Ti" [in order of appearance] */
    int digits;         /**< significant digits of coordinates and the like, 1 to 17 [17] */
    const char *units;  /**< LAMMPS: "metal" or "real" [metal] */
    const char *style;  /**< LAMMPS data: "atomic", "charge" or "full" [charge if there are charges, else atomic] */
    bool cartesian;     /**< POSCAR and XDATCAR: Cartesian instead of fractional coordinates */
} lithia_write_options;

/** A file that appears under its name when lithia_frame_writer_commit() has succeeded.
 *  @param[in] options  copied, its texts too; NULL for every default
 *  @return INVALID (no such format), IO, NOMEM */
LITHIA_API lithia_status lithia_frame_writer_open(lithia_context *ctx, const char *path,
                                                  const lithia_write_options *options, lithia_frame_writer **writer)
    LITHIA_MUST_USE;
/** A trajectory that grows under its own name and can be taken up again (output.h).
 *  @param[in] position  0 to begin; else what lithia_frame_writer_checkpoint() gave
 *  @return as lithia_frame_writer_open(); UNSUPPORTED if the format cannot be appended to */
LITHIA_API lithia_status lithia_frame_writer_append(lithia_context *ctx, const char *path, int64_t position,
                                                    const lithia_write_options *options, lithia_frame_writer **writer)
    LITHIA_MUST_USE;
/** @return INVALID if the frame does not fit (a second one into a one-frame format, other atoms than before, no
 *          cell where one is needed); IO; NOMEM */
LITHIA_API lithia_status lithia_frame_writer_add(lithia_frame_writer *writer, const lithia_frame *frame)
    LITHIA_MUST_USE;
/** The same as a sink; it holds until lithia_frame_writer_free(). */
LITHIA_API lithia_frame_sink lithia_frame_writer_sink(lithia_frame_writer *writer);
/** Only after lithia_frame_writer_append(): all frames so far are on the disk when this returns.
 *  @param[out] position  for lithia_frame_writer_append() */
LITHIA_API lithia_status lithia_frame_writer_checkpoint(lithia_frame_writer *writer, int64_t *position)
    LITHIA_MUST_USE;
/** Finish the file. lithia_frame_writer_free() is still to be called. @return IO; nothing appears then */
LITHIA_API lithia_status lithia_frame_writer_commit(lithia_frame_writer *writer) LITHIA_MUST_USE;
LITHIA_API size_t lithia_frame_writer_n_frames(const lithia_frame_writer *writer); /**< added so far */
LITHIA_API const lithia_file_format *lithia_frame_writer_format(const lithia_frame_writer *writer);
LITHIA_API void lithia_frame_writer_free(lithia_frame_writer *writer); /**< NULL is fine */

/** One structure into one file: open, add, commit. */
LITHIA_API lithia_status lithia_write_structure(lithia_context *ctx, const char *path,
                                                const lithia_write_options *options, const lithia_frame *frame)
    LITHIA_MUST_USE;
