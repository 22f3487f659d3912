#include <lithia/core/memory.h>
#include <lithia/task/task.h>

static lithia_status check_inputs(const lithia_task *task, const lithia_task_run *run)
{
    if (run->n_inputs < task->min_inputs)
        return lithia_fail(run->ctx, LITHIA_INVALID, "%s: %zu input%s given; it needs %s%zu", task->name, run->n_inputs,
                           run->n_inputs == 1 ? "" : "s", task->max_inputs == task->min_inputs ? "" : "at least ",
                           task->min_inputs);
    if (task->max_inputs > 0 && run->n_inputs > task->max_inputs)
        return lithia_fail(run->ctx, LITHIA_INVALID, "%s: %zu inputs given; it takes at most %zu", task->name,
                           run->n_inputs, task->max_inputs);
    return LITHIA_OK;
}

/* All frames of all inputs, one after another, through the stream's add. */
static lithia_status feed(const lithia_task *task, lithia_task_run *run, void *state)
{
    lithia_frame frame;
    lithia_frame_init(&frame);
    lithia_status status = LITHIA_OK;
    double n_done = 0.0;
    for (size_t i = 0; i < run->n_inputs && status == LITHIA_OK; i++) {
        const lithia_input *input = &run->input[i];
        if (!input->source.next) { /* a single structure where frames are taken: a trajectory of one */
            status = task->stream->add(state, input->frame);
            continue;
        }
        for (bool end = false; status == LITHIA_OK;) {
            status = input->source.next(input->source.self, &frame, &end);
            if (status != LITHIA_OK || end)
                break;
            status = task->stream->add(state, &frame);
            if (status == LITHIA_OK)
                status = lithia_check_cancelled(run->ctx);
            lithia_progress(run->ctx, "frames", ++n_done, 0.0);
        }
    }
    lithia_frame_free(&frame);
    return status;
}

lithia_status lithia_task_execute(const lithia_task *task, lithia_task_run *run)
{
    LITHIA_TRY(check_inputs(task, run));
    LITHIA_TRY(lithia_options_check(run->options));
    if (task->run) {
        LITHIA_TRY(task->run(run));
        return lithia_result_status(run->result);
    }
    void *state = NULL;
    lithia_status status = task->stream->begin(run, &state);
    if (status == LITHIA_OK)
        status = feed(task, run, state);
    if (status == LITHIA_OK)
        status = task->stream->finish(state, run);
    task->stream->end(state);
    return status == LITHIA_OK ? lithia_result_status(run->result) : status;
}
