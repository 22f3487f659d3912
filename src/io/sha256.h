/* The SHA-256 compression function, in plain C and with the x86 instructions for it. */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef void sha256_blocks_fn(uint32_t h[8], const unsigned char *bytes, size_t n_blocks);
sha256_blocks_fn sha256_blocks_scalar, sha256_blocks_ni; /* _scalar defines; the same bits from both */
sha256_blocks_fn *sha256_blocks_best(void);              /* what this processor has */
extern const uint32_t sha256_k[64];
