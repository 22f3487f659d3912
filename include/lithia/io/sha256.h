/** @file
 * SHA-256, the checksum that names an input in every result: the same 64 letters that `sha256sum` prints.
 *
 * Source: FIPS 180-4, Secure Hash Standard (2015), sections 5.1.1, 5.3.3 and 6.2.
 */
#pragma once
#include <lithia/core/status.h>

/** The state: a plain value, to be started with lithia_sha256_start(). */
typedef struct {
    uint32_t h[8];
    uint64_t n;              /**< bytes taken so far */
    unsigned char block[64]; /**< the bytes that do not fill a block yet: n % 64 of them */
} lithia_sha256;

LITHIA_API void lithia_sha256_start(lithia_sha256 *sha);
LITHIA_API void lithia_sha256_add(lithia_sha256 *sha, const void *bytes, size_t n);
/** The digest of what was added so far in lower-case hexadecimal and a final zero; more may be added after. */
LITHIA_API void lithia_sha256_text(const lithia_sha256 *sha, char text[65]);
