/* The embedded files of data/, written at build time by cmake/embed.c. */
#pragma once
#include <stddef.h>

typedef struct {
    const char *name;
    const unsigned char *bytes;
    size_t n;
} lithia_data_entry;

extern const lithia_data_entry lithia_data_table[]; /* ends with a NULL name */
