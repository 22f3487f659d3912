/** @file
 * Files of data/ that are built into the library: force fields, scattering tables, the report's page.
 */
#pragma once
#include <lithia/core/context.h>

/** @param[in]  name  path below data/, "forcefields/pmmcs_pedone2006.yaml"
 *  @param[out] n     its size in bytes; a zero byte follows
 *  @return its bytes, not owned; NULL if there is none */
LITHIA_API const char *lithia_data_view(const char *name, size_t *n);
/** The i-th name, or NULL past the last; names are sorted. */
LITHIA_API const char *lithia_data_name(size_t i);
