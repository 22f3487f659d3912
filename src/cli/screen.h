/* Standard output, where a failed write is an error. */
#pragma once
#include <lithia/core/context.h>

/* Write and bring out everything. @return IO: a full disk, a closed descriptor */
lithia_status screen_write(lithia_context *ctx, const char *bytes, size_t n) LITHIA_MUST_USE;
