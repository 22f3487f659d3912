/** @file
 * The version of the library that is running.
 */
#pragma once
#include <lithia/core/status.h>
LITHIA_API const char *lithia_version(void); /**< "0.1.0" */
LITHIA_API const char *lithia_build(void);   /**< compiler, instruction sets built in, sanitizers: one line */
