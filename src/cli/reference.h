/* Reference pages (markdown), made from the table of tasks. */
#pragma once
#include "core/text.h"
#include <lithia/task/task.h>

void reference_all(text_page *t);                           /* every command, one section each */
void reference_task(text_page *t, const lithia_task *task);
