#include "base/arena.h"

#include <string.h>

bool fault_now(struct fault *f)
{
    if (!f || f->fired || f->left == 0)
        return false;
    f->fired = --f->left == 0;
    return f->fired;
}

void *arena_take(struct arena *a, size_t size, size_t count, size_t align)
{
    size_t pad  = -(uintptr_t)a->beg & (align - 1);
    size_t room = (size_t)(a->end - a->beg);
    size_t want;

    if (__builtin_mul_overflow(size, count, &want) || pad > room || want > room - pad || fault_now(a->fault))
        return NULL;
    if (!a->beg)
        return NULL;
    uint8_t *p = a->beg + pad;
    a->beg = p + want;
    return p;
}

void *arena_push(struct arena *a, size_t size, size_t count, size_t align)
{
    uint8_t *p = arena_take(a, size, count, align);
    return p ? memset(p, 0, size * count) : NULL;
}

void *arena_grow(struct arena *a, void **list, size_t n, size_t *cap, size_t size, size_t align)
{
    if (n == *cap) {
        size_t want;
        if (__builtin_mul_overflow(*cap ? *cap : 8, (size_t)2, &want))
            return NULL;
        /* The array at the top of the arena grows in place; most do. */
        uint8_t *old = *list;
        size_t   had = *cap * size;
        if (old && old + had == a->beg && want / 2 <= SIZE_MAX / size) {
            if (!arena_push(a, size, want - *cap, 1))
                return NULL;
        } else {
            void *p = arena_push(a, size, want, align);
            if (!p)
                return NULL;
            if (had)
                memcpy(p, old, had);
            *list = p;
        }
        *cap = want;
    }
    return (uint8_t *)*list + n * size;
}
