/** @file
 * Typed options of a task: the table that describes them and the values that were given. The command
 * line, run files, Python and the reference pages are all made from the table.
 */
#pragma once
#include <lithia/core/units.h>
#include <lithia/result/result.h>

typedef enum {
    LITHIA_OPTION_FLAG,    /**< true or false; given on the command line without a value */
    LITHIA_OPTION_INTEGER, /**< whole number within [min, max] */
    LITHIA_OPTION_REAL,    /**< number with the unit of `dimension`, within [min, max] (in `unit`) */
    LITHIA_OPTION_TEXT,
    LITHIA_OPTION_CHOICE,  /**< one of `choices`, "nve|nvt|npt" */
    LITHIA_OPTION_DATA     /**< a file, or the name of one that ships in data/<folder>; its bytes are loaded */
} lithia_option_type;

/** One row of a task's option table. Fields left at zero mean: no letter, no list, not required, no limits. */
typedef struct {
    const char *name;         /**< "r-max"; run files may also write r_max */
    char letter;              /**< 'r' for -r, or 0 */
    lithia_option_type type;
    bool list;                /**< several values: "a,b,c" or repeated; [a, b, c] (or {k: v} for "k=v") in a run file */
    bool required;
    lithia_dimension dimension; /**< of a REAL */
    const char *unit;         /**< of a bare number, of the limits and of the echo: "GPa", "fs" */
    const char *initial;      /**< the default as a user would type it, "8 A"; NULL: none */
    double min, max;          /**< limits of a number in `unit`; both 0: none */
    bool above_min;           /**< min itself is not allowed */
    const char *choices;      /**< of a CHOICE */
    const char *folder;       /**< of DATA: where shipped files live, "forcefields" */
    const char *metavar;      /**< "LENGTH", "A-B" in the usage line */
    const char *help;         /**< one line */
} lithia_option;

/** Values for one table of options. Opaque. */
typedef struct lithia_options lithia_options;

/** All options at their defaults. @param[in] table  outlives *options */
LITHIA_API lithia_status lithia_options_new(lithia_context *ctx, size_t n, const lithia_option table[],
                                            lithia_options **options) LITHIA_MUST_USE;
LITHIA_API void lithia_options_free(lithia_options *options);

/** Give one option a value as a user types it; a list is split at commas, and a second call adds to it.
 *  Names are matched with - and _ alike; the error names the nearest option.
 *  @return INVALID with the value, the limit and the way out; NOMEM */
LITHIA_API lithia_status lithia_options_set(lithia_options *options, const char *name, const char *value)
    LITHIA_MUST_USE;
/** As lithia_options_set() for exactly one value of a list, which may hold commas. */
LITHIA_API lithia_status lithia_options_add(lithia_options *options, const char *name, const char *value)
    LITHIA_MUST_USE;
/** Hand over the bytes of a DATA option (`name_of_data` is its path or shipped name). Copied. */
LITHIA_API lithia_status lithia_options_set_data(lithia_options *options, const char *name, const char *name_of_data,
                                                 const char *bytes, size_t n) LITHIA_MUST_USE;
/** Take an option back to its default. */
LITHIA_API lithia_status lithia_options_unset(lithia_options *options, const char *name) LITHIA_MUST_USE;
/** The option will have a value before the task runs: until then it has none, and counts as given. */
LITHIA_API lithia_status lithia_options_promise(lithia_options *options, const char *name) LITHIA_MUST_USE;
/** Messages go to another context from here on (options are set by one thread and used by another). @return the one before */
LITHIA_API lithia_context *lithia_options_tell(lithia_options *options, lithia_context *ctx);
/** Whether all required options have values. @return INVALID naming the first that has none */
LITHIA_API lithia_status lithia_options_check(const lithia_options *options) LITHIA_MUST_USE;
/** Every option with the value it has now (numbers in `unit`), as children of group. */
LITHIA_API void lithia_options_echo(const lithia_options *options, lithia_result *group);
LITHIA_API const lithia_option *lithia_options_table(const lithia_options *options, size_t *n);
/** The table's row for a name (- and _ alike), or NULL. */
LITHIA_API const lithia_option *lithia_option_find(size_t n, const lithia_option table[], const char *name);

/* Read, in internal units. Asking for a name or type that the table does not have is a bug and aborts in tests;
 * otherwise it gives zero. A number without a value is NAN, a text NULL. */
LITHIA_API bool lithia_options_given(const lithia_options *options, const char *name); /**< by the user, not default */
LITHIA_API bool lithia_options_flag(const lithia_options *options, const char *name);
LITHIA_API int64_t lithia_options_integer(const lithia_options *options, const char *name);
LITHIA_API double lithia_options_real(const lithia_options *options, const char *name);
LITHIA_API const char *lithia_options_text(const lithia_options *options, const char *name); /**< CHOICE too */
LITHIA_API const double *lithia_options_reals(const lithia_options *options, const char *name, size_t *n);
LITHIA_API const int64_t *lithia_options_integers(const lithia_options *options, const char *name, size_t *n);
LITHIA_API const char *const *lithia_options_texts(const lithia_options *options, const char *name, size_t *n);
/** The bytes of a DATA option. @param[out] label  path or shipped name; NULL when not given */
LITHIA_API const char *lithia_options_data(const lithia_options *options, const char *name, const char **label,
                                           size_t *n);
