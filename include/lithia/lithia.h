/** @file
 * Everything that lithia offers. Written by scripts/headers; a test says when it is out of date.
 */
#pragma once
#include <lithia/core/blob.h>
#include <lithia/core/context.h>
#include <lithia/core/data.h>
#include <lithia/core/memory.h>
#include <lithia/core/random.h>
#include <lithia/core/status.h>
#include <lithia/core/threads.h>
#include <lithia/core/units.h>
#include <lithia/core/version.h>
#include <lithia/result/result.h>
#include <lithia/result/write.h>
#include <lithia/structure/cell.h>
#include <lithia/structure/frame.h>
#include <lithia/structure/neighbours.h>
#include <lithia/structure/species.h>
#include <lithia/measurement/table.h>
#include <lithia/potential/potential.h>
#include <lithia/report/report.h>
#include <lithia/task/options.h>
#include <lithia/task/task.h>
