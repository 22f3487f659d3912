/* The report as the one JSON object that the page's program reads; its shape is described in docs/report/report.md. */
#pragma once
#include "report/text.h"
#include <lithia/report/report.h>

void report_put_json(text_page *out, const lithia_report *report);
