#include "task/frame/quench_steps.h"
#include <lithia/core/memory.h>
#include <lithia/core/units.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Cut `text` at a word that stands between spaces. @return what is behind it, or NULL */
static char *behind(char *text, const char *word)
{
    size_t n = strlen(word);
    for (char *at = text; (at = strstr(at, word)) != NULL; at++)
        if (at > text && at[-1] == ' ' && at[n] == ' ') {
            at[-1] = '\0';
            return at + n + 1;
        }
    return NULL;
}

static lithia_status read_step(lithia_task_run *run, const char *given, lithia_quench_step *step)
{
    char text[128];
    while (*given == ' ')
        given++;
    if (strlen(given) >= sizeof text)
        return lithia_fail(run->ctx, LITHIA_INVALID, "schedule: \"%.40s...\" is too long for a step", given);
    snprintf(text, sizeof text, "%s", given);
    /* from the end: each cut ends the text before it */
    char *under = behind(text, "under"), *in = behind(text, "in"), *at = behind(text, "at");
    lithia_status status = LITHIA_OK;
    if (under)
        status = lithia_quantity_read(run->ctx, under, LITHIA_PRESSURE, "GPa", &step->pressure);
    if (status == LITHIA_OK && in && strcmp(in, "nvt") != 0 && strcmp(in, "npt") != 0)
        status = lithia_fail(run->ctx, LITHIA_INVALID, "\"%s\" is neither nvt nor npt", in);
    if (status == LITHIA_OK && in)
        step->ensemble = strcmp(in, "nvt") == 0 ? LITHIA_NVT : LITHIA_NPT;
    step->to = NAN;
    if (status == LITHIA_OK && at) {
        status = lithia_quantity_read(run->ctx, text, LITHIA_TEMPERATURE, "K", &step->to);
        if (status == LITHIA_OK)
            status = lithia_quantity_read(run->ctx, at, LITHIA_TEMPERATURE_RATE, "K/ps", &step->rate);
    } else if (status == LITHIA_OK)
        status = lithia_quantity_read(run->ctx, text, LITHIA_TIME, "ps", &step->time);
    if (status != LITHIA_INVALID)
        return status;
    char why[256];
    snprintf(why, sizeof why, "%s", lithia_message_view(run->ctx));
    return lithia_fail(run->ctx, LITHIA_INVALID, "schedule: step \"%s\": %s; a step is \"3000 K at 500 K/ps\" or \"20 ps\", perhaps with \"in "
                       "nvt\" and \"under 2 GPa\" behind it", given, why);
}

lithia_status quench_steps(lithia_task_run *run, lithia_ensemble ensemble, double pressure, lithia_quench_step **steps, size_t *n)
{
    const char *const *texts = lithia_options_texts(run->options, "schedule", n);
    *steps = NULL;
    if (*n == 0)
        return LITHIA_OK;
    *steps = lithia_calloc(run->ctx, *n, sizeof **steps);
    if (!*steps)
        return LITHIA_NOMEM;
    for (size_t k = 0; k < *n; k++) {
        lithia_quench_step *step = &(*steps)[k];
        step->ensemble = ensemble;
        step->pressure = k > 0 ? step[-1].pressure : pressure;
        LITHIA_TRY(read_step(run, texts[k], step));
    }
    return LITHIA_OK;
}
