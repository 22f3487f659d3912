/* Steps of a quench as text: "3000 K at 500 K/ps", "20 ps in nvt", "300 K at 10 K/ps in npt under 2 GPa". */
#pragma once
#include <lithia/explore/quench.h>
#include <lithia/task/task.h>

/* The steps of the option `schedule`; what a step leaves out it has from the options ensemble and pressure, a pressure from the step before.
 * @param[out] steps  the caller's, n of them; NULL without the option
 * @return INVALID, with the step, for what is none */
lithia_status quench_steps(lithia_task_run *run, lithia_ensemble ensemble, double pressure, lithia_quench_step **steps, size_t *n);
