/* lithia forcefields: what ships, for which elements, and what it is good and bad for. */
#include <lithia/core/data.h>
#include <lithia/core/memory.h>
#include <lithia/potential/forcefield.h>
#include <lithia/task/task.h>
#include <string.h>

static lithia_status run(lithia_task_run *run)
{
    static const char folder[] = "forcefields/";
    lithia_result *list = lithia_result_list(run->result, "forcefields");
    const char *data;
    for (size_t i = 0; (data = lithia_data_name(i)); i++) {
        const char *dot = strrchr(data, '.');
        if (strncmp(data, folder, sizeof folder - 1) != 0 || !dot || strcmp(dot, ".yaml") != 0)
            continue;
        char *stem = lithia_format(run->ctx, "%.*s", (int)(dot - data) - (int)(sizeof folder - 1), data + sizeof folder - 1);
        if (!stem)
            return LITHIA_NOMEM;
        lithia_forcefield *ff;
        lithia_status status = lithia_forcefield_shipped(run->ctx, stem, &ff);
        if (status == LITHIA_OK) {
            lithia_result *one = lithia_result_append(list);
            lithia_result_text(one, "stem", stem);
            lithia_forcefield_describe(ff, one);
        }
        lithia_forcefield_free(ff);
        lithia_free(stem);
        LITHIA_TRY(status);
    }
    return LITHIA_OK;
}

const lithia_task lithia_task_forcefields = {
    .name = "forcefields",
    .section = "simulation",
    .summary = "force fields that ship: form, elements, source, what each is good and bad for",
    .description = "Each is a file below data/forcefields that --potential takes by its stem; a file of your own in the "
                   "same format works alike. The electrostatics and cutoffs that a set recommends are used unless others "
                   "are given.",
    .example = "lithia forcefields",
    .takes = LITHIA_TAKES_NOTHING,
    .run = run,
};
