/* lithia build: substitution, vacancies, strain, displacements. */
#include "task/frame/build_steps.h"
#include <lithia/generate/distort.h>
#include <lithia/generate/substitute.h>
#include <math.h>

/* Streams of the seed: draws of an ordering count up from 0, edits have their own far above. */
enum { STREAM_SUBSTITUTE = 1, STREAM_VACANCY = 2, STREAM_RATTLE = 3 };

static void seed(const lithia_task_run *run, uint64_t what, uint64_t index, lithia_random *random)
{
    lithia_random_seed(random, (uint64_t)lithia_options_integer(run->options, "seed"), (what << 48) + index);
}

typedef lithia_status edit_fn(lithia_context *, lithia_frame *, const char *, lithia_random *, lithia_edit_outcome *);

static lithia_status edit_all(lithia_task_run *run, build_state *b, const char *option, const char *result_name,
                              uint64_t stream, edit_fn *edit)
{
    size_t n;
    const char *const *texts = lithia_options_texts(run->options, option, &n);
    if (n == 0)
        return LITHIA_OK;
    lithia_result *list = lithia_result_list(run->result, result_name);
    for (size_t i = 0; i < n; i++) {
        lithia_random random;
        lithia_edit_outcome outcome;
        seed(run, stream, i, &random);
        LITHIA_TRY(edit(run->ctx, &b->frame, texts[i], &random, &outcome));
        lithia_result *one = lithia_result_append(list);
        lithia_result_text(one, "asked", texts[i]);
        lithia_result_integer(one, "n_before", (int64_t)outcome.n_before);
        lithia_result_integer(one, "n_changed", (int64_t)outcome.n_changed);
        if (fabs(outcome.n_asked - (double)outcome.n_changed) > 1e-6)
            lithia_warn(run->ctx, "build: \"%s\" asks for %g atoms; %zu were taken", texts[i], outcome.n_asked,
                        outcome.n_changed);
    }
    return LITHIA_OK;
}

lithia_status build_substitute(lithia_task_run *run, build_state *b)
{
    return edit_all(run, b, "substitute", "substituted", STREAM_SUBSTITUTE, lithia_substitute);
}

lithia_status build_vacancies(lithia_task_run *run, build_state *b)
{
    return edit_all(run, b, "vacancy", "vacancies", STREAM_VACANCY, lithia_vacancies);
}

lithia_status build_distort(lithia_task_run *run, build_state *b)
{
    size_t n;
    const double *given = lithia_options_reals(run->options, "strain", &n);
    if (n > 0) {
        if (n != 1 && n != 3 && n != 6)
            return lithia_fail(run->ctx, LITHIA_INVALID, "strain: %zu components; give 1, 3 or 6 (xx yy zz yz xz xy)", n);
        double strain[6] = {0};
        for (size_t k = 0; k < (n == 6 ? 6u : 3u); k++)
            strain[k] = given[n == 1 ? 0 : k];
        LITHIA_TRY(lithia_strain(run->ctx, &b->frame, strain));
    }
    double sigma = lithia_options_real(run->options, "rattle");
    if (sigma > 0.0) {
        lithia_random random;
        seed(run, STREAM_RATTLE, 0, &random);
        lithia_rattle(&b->frame, sigma, &random);
    }
    return LITHIA_OK;
}
