/** @file
 * Writers and a reader of results: JSON, CSV, a table for people.
 *
 * JSON: keys with units, 17 significant digits, NaN and infinity as null (a warning says so), 2-D and
 * ragged arrays as arrays of arrays.
 */
#pragma once
#include <lithia/result/result.h>

/** Where a result came from: the envelope of the design's section 4. Views, not owned. */
typedef struct {
    const char *command;
    size_t n_inputs;
    const char *const *input_path, *const *input_sha256;
    const lithia_result *options; /**< a group: every option with its value, defaults written out */
    size_t n_files;
    const char *const *file; /**< files written */
} lithia_provenance;

/** @param[out] text  new string, the caller's, one JSON object without a final newline: the bare tree */
LITHIA_API lithia_status lithia_result_write_json(lithia_context *ctx, const lithia_result *tree, int indent,
                                                  char **text) LITHIA_MUST_USE;
/** The whole envelope: version, command, inputs, options, results or error, files, warnings of ctx.
 *  @param[in] tree  NULL with a status other than OK: "error" is written instead of "results" */
LITHIA_API lithia_status lithia_result_write_envelope(lithia_context *ctx, const lithia_provenance *provenance,
                                                      const lithia_result *tree, lithia_status status, int indent,
                                                      char **text) LITHIA_MUST_USE;
/** One table: the arrays of the most common length as columns, scalars before them as "# key value" lines. */
LITHIA_API lithia_status lithia_result_write_csv(lithia_context *ctx, const lithia_result *tree, char **text)
    LITHIA_MUST_USE;
/** What a person reads: aligned lines with units and errors "3.14(2) GPa"; long arrays as their size and range. */
LITHIA_API lithia_status lithia_result_write_table(lithia_context *ctx, const lithia_result *tree, char **text)
    LITHIA_MUST_USE;
/** Read a tree back from the text of lithia_result_write_json(), or the results of an envelope. Units are found from the keys' suffixes, errors from the
 *  `_err` keys. @return PARSE with the place, naming `file` */
LITHIA_API lithia_status lithia_result_read_json(lithia_context *ctx, const char *file, const char *text, size_t n,
                                                 lithia_result **tree) LITHIA_MUST_USE;
