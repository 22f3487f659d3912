/* lithia forcefields: what ships, for which elements, and what it is good and bad for. */
#include <lithia/core/data.h>
#include <lithia/core/memory.h>
#include <lithia/potential/forcefield.h>
#include <lithia/structure/species.h>
#include <lithia/task/task.h>
#include <string.h>

/* Whether a described force field has every element asked for. */
static bool covers(const lithia_result *one, size_t n, const char *const elements[])
{
    const lithia_result *list = lithia_result_find(one, "species");
    for (size_t e = 0; e < n; e++) {
        bool found = false;
        for (size_t i = 0; list && i < lithia_result_n(list); i++) {
            const lithia_result *element = lithia_result_find(lithia_result_child(list, i), "element");
            found = found || (element && strcmp(lithia_result_text_view(element), elements[e]) == 0);
        }
        if (!found)
            return false;
    }
    return true;
}

/* One in full: a file is read as --potential would read it. */
static lithia_status run_one(lithia_task_run *run)
{
    const char *label;
    size_t n;
    const char *text = lithia_options_data(run->options, "potential", &label, &n);
    lithia_forcefield *ff;
    LITHIA_TRY(text ? lithia_forcefield_read(run->ctx, label, text, n, &ff) : lithia_forcefield_shipped(run->ctx, label, &ff));
    lithia_result_text(run->result, "stem", label);
    lithia_forcefield_describe(ff, run->result);
    lithia_forcefield_free(ff);
    return LITHIA_OK;
}

static lithia_status run(lithia_task_run *run)
{
    static const char folder[] = "forcefields/";
    if (lithia_options_given(run->options, "potential"))
        return run_one(run);
    size_t n_elements;
    const char *const *elements = lithia_options_texts(run->options, "covers", &n_elements);
    for (size_t e = 0; e < n_elements; e++)
        if (lithia_element_number(elements[e]) == 0)
            return lithia_fail(run->ctx, LITHIA_INVALID, "covers: there is no element \"%s\"", elements[e]);
    lithia_result *list = lithia_result_list(run->result, "forcefields");
    const char *data;
    for (size_t i = 0; (data = lithia_data_name(i)); i++) {
        const char *dot = strrchr(data, '.');
        if (strncmp(data, folder, sizeof folder - 1) != 0 || !dot || strcmp(dot, ".yaml") != 0)
            continue;
        char *stem = lithia_format(run->ctx, "%.*s", (int)(dot - data) - (int)(sizeof folder - 1), data + sizeof folder - 1);
        lithia_result *trial = stem ? lithia_result_new(run->ctx) : NULL;
        lithia_status status = trial ? LITHIA_OK : LITHIA_NOMEM;
        lithia_forcefield *ff = NULL;
        if (status == LITHIA_OK)
            status = lithia_forcefield_shipped(run->ctx, stem, &ff);
        if (status == LITHIA_OK) {
            lithia_forcefield_describe(ff, trial);
            status = lithia_result_status(trial);
        }
        if (status == LITHIA_OK && covers(trial, n_elements, elements)) {
            lithia_result *one = lithia_result_append(list);
            lithia_result_text(one, "stem", stem);
            lithia_forcefield_describe(ff, one);
        }
        lithia_forcefield_free(ff);
        lithia_result_free(trial);
        lithia_free(stem);
        LITHIA_TRY(status);
    }
    return LITHIA_OK;
}

static const lithia_option options[] = {
    {.name = "covers", .type = LITHIA_OPTION_TEXT, .list = true, .metavar = "Li,P,O", .help = "only those that have all of these elements"},
    {.name = "potential", .letter = 'p', .type = LITHIA_OPTION_DATA, .folder = "forcefields", .metavar = "NAME|FILE",
     .help = "this one in full; a file of your own is read and checked"},
};

const lithia_task lithia_task_forcefields = {
    .name = "forcefields",
    .section = "simulation",
    .summary = "force fields that ship: form, elements, source, what each is good and bad for",
    .description = "Each is a file below data/forcefields that --potential takes by its stem; a file of your own in the "
                   "same format works alike. The electrostatics and cutoffs that a set recommends are used unless others "
                   "are given. \"checked\" has the errors of lattice constants at 0 K against measured ones.",
    .example = "lithia forcefields --covers Li,B,P,O",
    LITHIA_OPTIONS(options),
    .takes = LITHIA_TAKES_NOTHING,
    .run = run,
};
