#include "cli/screen.h"
#include <errno.h>
#include <stdio.h>

lithia_status screen_write(lithia_context *ctx, const char *bytes, size_t n)
{
    errno = 0;
    if (fwrite(bytes, 1, n, stdout) != n || fflush(stdout) != 0)
        return lithia_fail_errno(ctx, "cannot write to standard output");
    return LITHIA_OK;
}
