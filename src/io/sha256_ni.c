/* SHA-256 with the x86 SHA extensions: two rounds an instruction. Intel SHA Extensions, 319433-023 (2013). */
#include "sha256.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

__attribute__((target("sha,sse4.1,ssse3"))) void sha256_blocks_ni(uint32_t h[8], const unsigned char *bytes,
                                                                 size_t n_blocks)
{
    const __m128i swap = _mm_set_epi64x(0x0c0d0e0f08090a0bll, 0x0405060700010203ll);
    /* The instructions want the state as (f e b a) and (h g d c), lowest first. */
    __m128i abcd = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)h), 0xb1);
    __m128i efgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)(const void *)(h + 4)), 0x1b);
    __m128i abef = _mm_alignr_epi8(abcd, efgh, 8), cdgh = _mm_blend_epi16(efgh, abcd, 0xf0);
    for (; n_blocks; n_blocks--, bytes += 64) {
        const __m128i abef_before = abef, cdgh_before = cdgh;
        __m128i w[4];
        for (int i = 0; i < 4; i++)
            w[i] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i)), swap);
#pragma GCC unroll 16
        for (int t = 0; t < 16; t++) { /* four rounds each */
            __m128i now = w[t % 4];
            __m128i wk = _mm_add_epi32(now, _mm_loadu_si128((const __m128i *)(const void *)(sha256_k + 4 * t)));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0x0e));
            if (t < 12) { /* w[t+16] from w[t], w[t+1], w[t+9], w[t+14] */
                __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(now, w[(t + 1) % 4]),
                                            _mm_alignr_epi8(w[(t + 3) % 4], w[(t + 2) % 4], 4));
                w[t % 4] = _mm_sha256msg2_epu32(sum, w[(t + 3) % 4]);
            }
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)(void *)h, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(void *)(h + 4), _mm_alignr_epi8(dchg, feba, 8));
}

sha256_blocks_fn *sha256_blocks_best(void)
{
    unsigned a, b, c, d;
    static _Atomic(sha256_blocks_fn *) best; /* a constant of the machine, found once */
    sha256_blocks_fn *found = best;
    if (!found) {
        found = sha256_blocks_scalar;
        if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && (b >> 29 & 1) && __builtin_cpu_supports("sse4.1"))
            found = sha256_blocks_ni;
        best = found;
    }
    return found;
}
#else
void sha256_blocks_ni(uint32_t h[8], const unsigned char *bytes, size_t n_blocks)
{
    sha256_blocks_scalar(h, bytes, n_blocks);
}

sha256_blocks_fn *sha256_blocks_best(void)
{
    return sha256_blocks_scalar;
}
#endif
