/** @file
 * The report: one self-contained HTML file made from results. It opens from disk without a network, has
 * interactive figures, structures that turn, sortable tables with units and errors, and where every number
 * came from; it prints on paper with the figures as vectors.
 *
 * The model below is a plain description of what the report says: the caller fills it with views (strings,
 * results and frames stay its own and are only read during lithia_report_write()), so that the same results
 * always give the same bytes. A field left at zero is left out of the page.
 *
 * Figures are not listed here: a result suggests its own (lithia_result_figure()), and the page shows every
 * figure of every result it is given. A series shows each figure once with one curve a member, coloured by
 * the series' variable.
 *
 * Numbers: tables show 1.234(5), the error in brackets on the last digits, and the full 17 digits at a switch.
 * Curves are stored with nine significant digits; the stages' own JSON and CSV files hold all of them.
 * Limits:  a page grows by some 10 bytes a number; above about 20 million numbers a browser becomes slow.
 */
#pragma once
#include <lithia/result/result.h>
#include <lithia/structure/frame.h>

/** How something came out: the mark beside a sentence, never colour alone. */
typedef enum {
    LITHIA_VERDICT_NOTE = 0, /**< a fact without judgement */
    LITHIA_VERDICT_AGREES,   /**< agrees with what it is compared with, within the stated error */
    LITHIA_VERDICT_DIFFERS,  /**< does not */
    LITHIA_VERDICT_CAUTION,  /**< rests on something doubtful, which the sentence names */
    LITHIA_VERDICT_OPEN      /**< could not be decided with these data */
} lithia_verdict;

/** One sentence of what the study found. */
typedef struct {
    lithia_verdict verdict;
    const char *text;
    const char *section; /**< stage that it comes from: becomes a link; or NULL */
} lithia_report_finding;

/** Whether a value is a number or a bound on one. */
typedef enum {
    LITHIA_RELATION_EQUAL = 0,
    LITHIA_RELATION_BELOW, /**< the number is an upper limit */
    LITHIA_RELATION_ABOVE  /**< the number is a lower limit */
} lithia_relation;

/** One row of "published against computed". Both numbers are in `unit`. The page shows the deviation
 *      computed - published,   100 (computed - published) / published   in per cent,
 *      (computed - published) / sqrt(published_error^2 + computed_error^2)   in standard errors,
 *  the last over the errors that are known, and says so when one of the two is not. Against a bound only
 *  whether it is kept is shown. */
typedef struct {
    const char *quantity;
    const char *unit;           /**< as in results: "GPa", "cm2/s"; NULL: none */
    double published;           /**< NAN: nothing published */
    double published_error;     /**< one standard error; NAN: not stated */
    lithia_relation published_is;
    const char *source;         /**< citation */
    const char *conditions;     /**< under which it was measured or computed */
    double computed;            /**< NAN: not obtained, `comment` says why */
    double computed_error;      /**< one standard error; NAN: unknown */
    lithia_relation computed_is;
    const char *comment;        /**< the likely reason of a deviation */
    const char *section;        /**< stage that computed it: becomes a link; or NULL */
} lithia_report_comparison;

/** A structure to look at. */
typedef struct {
    const lithia_frame *frame;
    const char *caption;
    const char *centres; /**< species with a coordination polyhedron at first, "Ti,Li"; "": none; NULL:
                          *   cations with a formal charge of 3 or more */
    const char *ligand;  /**< species at the polyhedra's corners; NULL: those of negative charge, "O" above all */
} lithia_report_structure;

/** One result of a stage: the only one, or a member of a series. */
typedef struct {
    const lithia_result *result; /**< NULL: this member failed, `note` says why */
    double value;                /**< of the series' variable in its unit; NAN if it has no number */
    const char *label;           /**< what the member is called when the value is not enough, "decompression, 10 GPa"; or NULL */
    const char *note;            /**< shown with the member; or NULL */
} lithia_report_member;

/** One stage of a study. */
typedef struct {
    const char *stage;   /**< its name in the run file; also the anchor of links */
    const char *title;   /**< heading; NULL: the stage's name */
    const char *task;    /**< name of the task, "xrd" */
    const char *summary; /**< the task's one line, or NULL */
    size_t n_paragraphs;
    const char *const *paragraph;        /**< what a reader should know before the figures */
    const lithia_result *options;        /**< every option with its value; a group, or NULL */
    const char *variable, *unit;         /**< of a series: "pressure", "GPa"; NULL: no series */
    size_t n_members;                    /**< 1 when there is no series */
    const lithia_report_member *member;
    const lithia_result *collected;      /**< the series as one table: arrays with one element a member; or NULL */
    size_t n_structures;
    const lithia_report_structure *structure;
    size_t n_warnings;
    const char *const *warning;
    const char *command; /**< the command line that repeats this stage alone, or NULL */
    double wall_s;       /**< time it took, s; 0 or NAN: not shown */
    bool folded;         /**< closed when the page opens; the reader unfolds it */
} lithia_report_section;

/** Where everything came from. */
typedef struct {
    size_t n_commands;
    const char *const *command;          /**< exact command lines, one text each */
    const char *seed;                    /**< as text, "20181011"; or NULL */
    size_t n_inputs;
    const char *const *input_path, *const *input_sha256;
    const char *study;                   /**< the resolved run file, whole; or NULL */
    const lithia_result *choices;        /**< what was chosen at start-up (kernel, grid, cutoffs); or NULL */
} lithia_report_provenance;

/** A report. The version and build of the library that writes it are added by the writer. */
typedef struct {
    const char *title;
    size_t n_paragraphs;
    const char *const *paragraph; /**< introduction */
    size_t n_findings;
    const lithia_report_finding *finding;
    size_t n_comparisons;
    const lithia_report_comparison *comparison;
    size_t n_sections;
    const lithia_report_section *section;
    size_t n_warnings;
    const char *const *warning; /**< of the whole run */
    lithia_report_provenance provenance;
} lithia_report;

/** Write the page. All text is data: markup in it is shown, never obeyed. Bytes that are not UTF-8 become U+FFFD.
 *  Without the page's program in this build (LITHIA_REPORT=OFF) the same model becomes static tables.
 *  @param[out] html  the page, n bytes and a zero byte; the caller's, released with lithia_free()
 *  A figure that names an array which is not in its result, or has another length than its x, loses that curve and
 *  says so in its section.
 *  @return INVALID if the report has no title, a section no stage name, or two sections the same; NOMEM */
LITHIA_API lithia_status lithia_report_write(lithia_context *ctx, const lithia_report *report, char **html,
                                             size_t *n) LITHIA_MUST_USE;

/** The same model as static HTML with tables only, whatever the build. @return as lithia_report_write() */
LITHIA_API lithia_status lithia_report_write_plain(lithia_context *ctx, const lithia_report *report, char **html,
                                                   size_t *n) LITHIA_MUST_USE;
