/* The report as static HTML: headings, sentences and tables. The whole page of a build without the page's program, and
 * what readers without JavaScript see. */
#pragma once
#include "report/text.h"
#include <lithia/report/report.h>

void report_put_plain(text_page *out, const lithia_report *report);
