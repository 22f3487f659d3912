/* Finding a format. */
#pragma once
#include "formats.h"

lithia_status io_format_named(lithia_context *ctx, const char *name, const io_format **format) LITHIA_MUST_USE;
const io_format *io_format_by_path(const char *path);                                /* NULL: the name tells nothing */
const io_format *io_format_by_content(const char *path, const char *head, size_t n); /* NULL: nothing fits */
