/* The report as the one JSON object that the page's program reads; its shape is described in docs/report/report.md. */
#pragma once
#include "report/text.h"
#include <lithia/report/report.h>

void report_put_json(report_text *out, const lithia_report *report);
