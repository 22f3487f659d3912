/* The state of an open file. */
#pragma once
#include "inflate.h"
#include <lithia/io/file.h>
#include <lithia/io/sha256.h>

struct lithia_file {
    lithia_context *ctx;
    char *name;
    int descriptor;
    bool owns_descriptor, regular;
    const unsigned char *memory; /* instead of a descriptor */
    size_t memory_left;
    unsigned char head[6]; /* read to look for a compression, not yet handed on */
    size_t n_head;
    inflate_stream *inflate; /* NULL: not compressed */
    char *buffer;            /* unread bytes are [begin, end); room is at least end + 1 */
    size_t room, begin, end, line;
    bool ended;
    double done, total;
    lithia_sha256 sha;
};
