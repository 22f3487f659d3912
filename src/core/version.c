#include <lithia/core/version.h>
#include <lithia_version.h>

const char *lithia_version(void)
{
    return LITHIA_VERSION;
}

const char *lithia_build(void)
{
    return LITHIA_BUILD;
}
