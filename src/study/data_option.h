/* Options whose value is a file's content (LITHIA_OPTION_DATA): a path, or the name of a file that ships. Loading is
 * done here, for the command line and run files alike, because tasks open no files. */
#pragma once
#include <lithia/task/options.h>

/* Give a DATA option its bytes. A file of that path comes first, then data/<folder>/<value>.yaml.
 *  @param folder  what a relative path starts from; NULL for the current one
 *  @return INVALID with the shipped names and the nearest; IO, NOMEM */
lithia_status data_option_set(lithia_context *ctx, lithia_options *options, const lithia_option *row, const char *folder,
                              const char *value) LITHIA_MUST_USE;
/* Load the files that an option table names as defaults, where the user gave none. */
lithia_status data_option_defaults(lithia_context *ctx, lithia_options *options) LITHIA_MUST_USE;
