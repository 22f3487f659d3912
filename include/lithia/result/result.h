/** @file
 * A result: an ordered tree of named quantities with units, uncertainties and provenance. Every task fills
 * one; JSON, CSV, the terminal's table, the HTML report and Python are writers of it.
 *
 * Names are given without the unit: the key in files is the name with the unit behind it ("D" in "cm2/s"
 * with an error becomes D_cm2_s and D_err_cm2_s). Units are spelt as on paper ("eV/A", "1/A", "A3", "g/cm3",
 * "deg", "%"); an unknown unit is a bug and becomes INTERNAL.
 *
 * Setters return the new node so that it can be described, and never NULL: when memory is out or a name is
 * used wrongly the tree remembers the first failure, later calls do nothing, and lithia_result_status()
 * at the end reports it. So code that fills a result reads as a list of what it says.
 */
#pragma once
#include <lithia/core/context.h>

/** A node of the tree. Opaque; the root is from lithia_result_new(). Children belong to their parent. */
typedef struct lithia_result lithia_result;

typedef enum {
    LITHIA_RESULT_NULL, LITHIA_RESULT_BOOLEAN, LITHIA_RESULT_INTEGER, LITHIA_RESULT_REAL, LITHIA_RESULT_TEXT,
    LITHIA_RESULT_ARRAY, /**< of reals, integers or texts; one or more dimensions, or ragged */
    LITHIA_RESULT_GROUP, LITHIA_RESULT_LIST /**< of groups */
} lithia_result_kind;

LITHIA_API lithia_result *lithia_result_new(lithia_context *ctx); /**< an empty group; NULL if out of memory */
LITHIA_API void lithia_result_free(lithia_result *root);          /**< NULL is fine */
LITHIA_API lithia_status lithia_result_status(const lithia_result *root) LITHIA_MUST_USE;

/* Fill. Setting a name again replaces it. `unit` NULL or "" means none. Arrays are copied. */
LITHIA_API lithia_result *lithia_result_null(lithia_result *group, const char *name, const char *unit);
LITHIA_API lithia_result *lithia_result_boolean(lithia_result *group, const char *name, bool value);
LITHIA_API lithia_result *lithia_result_integer(lithia_result *group, const char *name, int64_t value);
LITHIA_API lithia_result *lithia_result_real(lithia_result *group, const char *name, const char *unit, double value);
LITHIA_API lithia_result *lithia_result_text(lithia_result *group, const char *name, const char *value);
LITHIA_API lithia_result *lithia_result_reals(lithia_result *group, const char *name, const char *unit, size_t n,
                                              const double values[]);
LITHIA_API lithia_result *lithia_result_integers(lithia_result *group, const char *name, size_t n,
                                                 const int64_t values[]);
LITHIA_API lithia_result *lithia_result_texts(lithia_result *group, const char *name, size_t n,
                                              const char *const values[]);
/** Rows by columns, row-major. */
LITHIA_API lithia_result *lithia_result_matrix(lithia_result *group, const char *name, const char *unit, size_t rows,
                                               size_t columns, const double values[]);
/** Ragged: row i has lengths[i] values; all rows one after another. */
LITHIA_API lithia_result *lithia_result_ragged(lithia_result *group, const char *name, const char *unit, size_t rows,
                                               const size_t lengths[], const double values[]);
LITHIA_API lithia_result *lithia_result_group(lithia_result *group, const char *name); /**< made if not there */
LITHIA_API lithia_result *lithia_result_list(lithia_result *group, const char *name);  /**< made if not there */
LITHIA_API lithia_result *lithia_result_append(lithia_result *list); /**< a new empty group at the end of a list */

/** One standard error for a real (one value) or each element of an array (as many values), and how it was estimated. */
LITHIA_API lithia_result *lithia_result_error(lithia_result *node, size_t n, const double errors[], const char *how);
/** For fits: the errors before scaling by sqrt(chi2_reduced), key ..._err_unscaled_.... */
LITHIA_API lithia_result *lithia_result_error_unscaled(lithia_result *node, size_t n, const double errors[]);
/** What the quantity is, in words, for the table, the report and JSON's metadata. */
LITHIA_API lithia_result *lithia_result_describe(lithia_result *node, const char *text);

/** One of the few quantities (or groups or lists) that a person looks for first: a report shows it before others, in the order in which they
 *  were made, and a series of results leads its table and its picture with it. */
LITHIA_API lithia_result *lithia_result_headline(lithia_result *node);

/** A picture that the result suggests; paths are relative to the group it is put in. `*` through a group matches
 *  every child; `*` through a list gathers the items' numbers into one array ("peaks.*.intensity"). A matrix gives
 *  one curve a row, named by the values of the first vector beside it that has as many elements as it has rows. */
typedef struct {
    const char *title, *x, *x_label, *y_label; /**< x: path of an array, e.g. "r" */
    const char *y[12];                         /**< paths of arrays, `*` matches every child: "partials.*.g" */
    const char *y_name[12];                    /**< legend, or NULL: the path's last distinct part */
    bool x_log, y_log;
    bool points;  /**< marks with error bars instead of a line */
    const char *caption;
    const char *y_x[12]; /**< path of this curve's own x, or NULL: `x` */
    bool y_line[12];     /**< a line all the same in a figure of points: the fit through the data */
    bool stacked;        /**< the curves of a series one above another at first: diffraction patterns */
    bool sticks;         /**< a line from zero up to each point: peak lists, histograms of whole numbers */
} lithia_figure;
LITHIA_API void lithia_result_figure(lithia_result *group, const lithia_figure *figure);
LITHIA_API size_t lithia_result_n_figures(const lithia_result *group);
LITHIA_API const lithia_figure *lithia_result_figure_view(const lithia_result *group, size_t i);

/** A sentence of what was found, for the head of the report: appended to the list `findings` of the group.
 *  @param[in] verdict  "note", "agrees", "differs", "caution" (rests on something doubtful) or "open" (undecided) */
LITHIA_API void lithia_result_finding(lithia_result *group, const char *verdict, const char *format, ...)
    LITHIA_PRINTF(3, 4);
/** A value with its standard error as sentences and tables have it: 3.1416 and 0.0023 give "3.1416(23)", two digits of the error;
 *  without a usable error six digits. @param[out] text  room for 64 bytes. @return text */
LITHIA_API const char *lithia_format_value(char text[64], double value, double error);

/* Read. A path is names and indices: "cell.a", "stages[2].eos.K0"; a name may also carry its unit ("K0_GPa"). */
LITHIA_API const lithia_result *lithia_result_find(const lithia_result *from, const char *path); /**< NULL: not there */
LITHIA_API lithia_result_kind lithia_result_kind_of(const lithia_result *node);
LITHIA_API const char *lithia_result_name_view(const lithia_result *node); /**< "" for the root and list items */
LITHIA_API const char *lithia_result_unit_view(const lithia_result *node); /**< "" when none */
LITHIA_API const char *lithia_result_text_view(const lithia_result *node); /**< a text's value; NULL otherwise */
LITHIA_API const char *lithia_result_description_view(const lithia_result *node); /**< NULL when none */
LITHIA_API bool lithia_result_is_headline(const lithia_result *node);
LITHIA_API const char *lithia_result_error_how_view(const lithia_result *node);   /**< NULL when none */
LITHIA_API double lithia_result_value(const lithia_result *node); /**< real, integer or boolean as a double; else NAN */
LITHIA_API double lithia_result_error_value(const lithia_result *node); /**< of a real; NAN when none */
LITHIA_API size_t lithia_result_n(const lithia_result *node); /**< children of a group or list, elements of an array */
LITHIA_API const lithia_result *lithia_result_child(const lithia_result *node, size_t i);
/** The numbers of an array of reals (integers are converted on filling), NULL for other nodes. */
LITHIA_API const double *lithia_result_reals_view(const lithia_result *node);
LITHIA_API const double *lithia_result_errors_view(const lithia_result *node);
LITHIA_API const double *lithia_result_errors_unscaled_view(const lithia_result *node);
LITHIA_API const char *const *lithia_result_texts_view(const lithia_result *node); /**< NULL for other nodes */
/** 1 for a vector, 2 for a matrix; 0 if no array. `shape` receives rows and columns (columns 0: ragged). */
LITHIA_API int lithia_result_shape(const lithia_result *node, size_t shape[2]);
/** Lengths of a ragged array's rows, NULL otherwise. */
LITHIA_API const size_t *lithia_result_lengths_view(const lithia_result *node);
/** Whether an array was filled from integers. */
LITHIA_API bool lithia_result_is_integer(const lithia_result *node);
/** The key under which the node is written: name and unit suffix. @param[out] key  room for 128 bytes */
LITHIA_API void lithia_result_key(const lithia_result *node, char key[128]);
/** As lithia_result_key() with "err" or "err_unscaled" before the unit. */
LITHIA_API void lithia_result_error_key(const lithia_result *node, bool unscaled, char key[128]);
/** "cm2/s" to "cm2_s", "1/A" to "inv_A", "" to ""; NULL for a unit that is not in the table */
LITHIA_API const char *lithia_unit_suffix(const char *unit);
/** A deep copy of `from` as child `name` of group (the group's own children if name is NULL). */
LITHIA_API lithia_result *lithia_result_graft(lithia_result *group, const char *name, const lithia_result *from);
