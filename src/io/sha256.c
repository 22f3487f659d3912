#include "sha256.h"
#include <lithia/io/sha256.h>
#include <string.h>

/* FIPS 180-4, section 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const uint32_t sha256_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, int n)
{
    return x >> n | x << (32 - n);
}

void sha256_blocks_scalar(uint32_t h[8], const unsigned char *bytes, size_t n_blocks)
{
    for (; n_blocks; n_blocks--, bytes += 64) {
        uint32_t w[64], s[8];
        for (int t = 0; t < 16; t++)
            w[t] = (uint32_t)bytes[4 * t] << 24 | (uint32_t)bytes[4 * t + 1] << 16 | (uint32_t)bytes[4 * t + 2] << 8 |
                   bytes[4 * t + 3];
        for (int t = 16; t < 64; t++)
            w[t] = (rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10) + w[t - 7] +
                   (rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3) + w[t - 16];
        memcpy(s, h, sizeof s); /* a b c d e f g h of section 6.2.2 */
        for (int t = 0; t < 64; t++) {
            uint32_t t1 = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
                          ((s[4] & s[5]) ^ (~s[4] & s[6])) + sha256_k[t] + w[t];
            uint32_t t2 = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) +
                          ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
            memmove(s + 1, s, 7 * sizeof s[0]);
            s[4] += t1;
            s[0] = t1 + t2;
        }
        for (int i = 0; i < 8; i++)
            h[i] += s[i];
    }
}

void lithia_sha256_start(lithia_sha256 *sha)
{
    *sha = (lithia_sha256){.h = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
                                 0x5be0cd19}};
}

void lithia_sha256_add(lithia_sha256 *sha, const void *bytes, size_t n)
{
    sha256_blocks_fn *blocks = sha256_blocks_best();
    const unsigned char *p = bytes;
    size_t held = (size_t)(sha->n % 64);
    sha->n += n;
    if (held) {
        size_t take = n < 64 - held ? n : 64 - held;
        memcpy(sha->block + held, p, take);
        p += take;
        n -= take;
        if (held + take < 64)
            return;
        blocks(sha->h, sha->block, 1);
    }
    blocks(sha->h, p, n / 64);
    if (n % 64)
        memcpy(sha->block, p + n / 64 * 64, n % 64);
}

void lithia_sha256_text(const lithia_sha256 *sha, char text[65])
{
    uint32_t h[8];
    unsigned char end[128] = {0};
    size_t held = (size_t)(sha->n % 64), n_blocks = held < 56 ? 1 : 2;
    memcpy(h, sha->h, sizeof h);
    memcpy(end, sha->block, held);
    end[held] = 0x80;
    for (int i = 0; i < 8; i++) /* the length in bits, big-endian */
        end[64 * n_blocks - 1 - (size_t)i] = (unsigned char)(sha->n * 8 >> 8 * i);
    sha256_blocks_scalar(h, end, n_blocks);
    for (int i = 0; i < 64; i++)
        text[i] = "0123456789abcdef"[h[i / 8] >> (28 - 4 * (i % 8)) & 15];
    text[64] = 0;
}
