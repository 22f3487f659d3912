/* Manual pages (roff, man macros), made from the table of tasks. */
#pragma once
#include "core/text.h"
#include <lithia/task/task.h>

void manual_all(text_page *t);                           /* lithia(1) */
void manual_task(text_page *t, const lithia_task *task); /* lithia-rdf(1) */
