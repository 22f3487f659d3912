/* For writers whose library opens the file itself: they write to the temporary name, and commit moves it. */
#pragma once
#include <lithia/io/output_file.h>

const char *output_temporary_view(const lithia_output_file *output); /* NULL: there is none (a pipe, an appended file) */
bool output_is_compressed(const lithia_output_file *output);
