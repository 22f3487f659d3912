/** @file
 * Tables of numbers that are read: CSV, columns parted by blanks or tabs, EosFit's .dat.
 *
 * - A column's name and unit come from a line of names, commented out or not: "P(GPa)", "P (GPa)", "V/A3", "V [A^3]",
 *   "P_GPa", "# P V sP sV". A unit that is not known stays part of the name. Without names the columns are c1, c2, ...
 * - EosFit: `TITLE`, `FORMAT 1 T P SIGP V SIGV`, `PSCALE`, `TSCALE`, ... `SIGP` becomes sP.
 * - The parting character is found from the first lines: semicolon, tab, comma, blanks. Decimal commas are understood
 *   where the comma is not the parting character: "1,5;2,5".
 * - `#`, `%` and `!` begin comments. An empty field, NaN, NA or - is NAN. "1.234(5)" gives 1.234 and, in a further
 *   column sNAME, its uncertainty 0.005.
 */
#pragma once
#include <lithia/io/file.h>
#include <lithia/measurement/table.h>

/** How to read. A field left at zero takes the value in brackets. */
typedef struct {
    const char *columns; /**< names and units instead of the file's: "P(GPa) V(A3)", parted by blanks or commas
                              [from the file] */
} lithia_table_options;

/** @param[in]  path     a file, or "-"; may be compressed
 *  @param[in]  options  NULL for every default
 *  @param[out] table    empty or to be replaced; empty on failure
 *  @param[out] sha256   checksum of the file as it lies on disk; NULL if not wanted
 *  @return PARSE with line and column (no numbers, a field that is none, rows of different length), IO, NOMEM */
LITHIA_API lithia_status lithia_table_read(lithia_context *ctx, const char *path, const lithia_table_options *options,
                                           lithia_table *table, char sha256[65]) LITHIA_MUST_USE;
/** As lithia_table_read() from an open file, which stays the caller's. */
LITHIA_API lithia_status lithia_table_read_from(lithia_context *ctx, lithia_file *file,
                                                const lithia_table_options *options, lithia_table *table)
    LITHIA_MUST_USE;
