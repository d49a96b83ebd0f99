#include "base/search_few.h"

#include <string.h>

void search_few_add(struct search_few *f, int32_t text, struct str s, size_t off)
{
    uint8_t bucket = (uint8_t)(f->n % FEW_BUCKETS), bit = (uint8_t)(1u << bucket);

    f->at[f->n].text   = text;
    f->at[f->n].bucket = bucket;
    f->at[f->n].off    = (uint8_t)off;
    f->n++;
    for (size_t i = 0; i < FEW_WINDOW; i++) {
        if (off + i >= s.n) {                    /* the text has no such byte: anything fits */
            for (size_t k = 0; k < 16; k++) {
                f->lo[i][k] |= bit;
                f->hi[i][k] |= bit;
            }
            continue;
        }
        uint8_t c = s.p[off + i];
        f->lo[i][c & 15] |= bit;
        f->hi[i][c >> 4] |= bit;
        if (ch_alpha(c))
            f->hi[i][(c ^ 0x20) >> 4] |= bit;    /* the other case has the same low nibble */
    }
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

bool search_few_able(void) { return __builtin_cpu_supports("avx2"); }

enum { STEP = 32, REACH = STEP + FEW_WINDOW - 1 };

__attribute__((target("avx2"))) static inline __m256i fits(__m256i x, __m256i lo, __m256i hi)
{
    const __m256i nibble = _mm256_set1_epi8(15);
    return _mm256_and_si256(_mm256_shuffle_epi8(lo, _mm256_and_si256(x, nibble)),
                            _mm256_shuffle_epi8(hi, _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble)));
}

__attribute__((target("avx2"))) static inline __m256i table(const uint8_t t[16])
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)t));
}

__attribute__((target("avx2"))) static inline __m256i load(const uint8_t *p) { return _mm256_loadu_si256((const __m256i *)(const void *)p); }

__attribute__((target("avx2")))
void search_few_run(const struct search_few *f, struct str in, size_t from, size_t to, search_few_maybe *maybe, void *ctx)
{
    const __m256i lo0 = table(f->lo[0]), lo1 = table(f->lo[1]), lo2 = table(f->lo[2]);
    const __m256i hi0 = table(f->hi[0]), hi1 = table(f->hi[1]), hi2 = table(f->hi[2]);

    for (size_t i = from; i < to; i += STEP) {
        const uint8_t *p = in.p + i;
        uint8_t        tail[REACH];
        if (in.n - i < REACH) {                  /* the end of the input: what is missing are zeros */
            memset(tail, 0, sizeof tail);
            memcpy(tail, p, in.n - i);
            p = tail;
        }
        __m256i  r = _mm256_and_si256(_mm256_and_si256(fits(load(p), lo0, hi0), fits(load(p + 1), lo1, hi1)), fits(load(p + 2), lo2, hi2));
        uint32_t none = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(r, _mm256_setzero_si256()));
        if (__builtin_expect(none == UINT32_MAX, 1))
            continue;
        uint8_t  buckets[STEP];
        _mm256_storeu_si256((__m256i *)(void *)buckets, r);
        for (uint32_t some = ~none; some; some &= some - 1) {
            unsigned k = (unsigned)__builtin_ctz(some);
            if (i + k < in.n)
                maybe(ctx, i + k, buckets[k]);
        }
    }
}
#else
/* No shuffles here: search.c then never calls search_few_run. */
bool search_few_able(void) { return false; }

void search_few_run(const struct search_few *f, struct str in, size_t from, size_t to, search_few_maybe *maybe, void *ctx)
{
    (void)f, (void)in, (void)from, (void)to, (void)maybe, (void)ctx;
}
#endif
