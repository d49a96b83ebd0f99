/*
 * arena: memory of one unit of work, and its budget.
 *
 * Shape    a range [beg, end). Pushing moves beg up; nothing is freed singly.
 *          Pass it by value for scratch: the space returns by itself.
 * Errors   NULL when the budget is spent. The caller reports ERR_MEMORY or
 *          ERR_LIMIT for this unit of work and goes on with the next.
 * Owner    whoever made the range (os_arena maps one, a test uses a static block).
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A fault to inject: the left-th step fails, and only that one. Tests only. */
struct fault {
    uint32_t left;
    bool     fired;
};
bool fault_now(struct fault *f);

struct arena {
    uint8_t      *beg, *end;   /* what is still free   */
    struct fault *fault;       /* NULL outside tests   */
};

void *arena_push(struct arena *a, size_t size, size_t count, size_t align);
static inline size_t arena_room(const struct arena *a) { return (size_t)(a->end - a->beg); }

/* The same without zeros: for buffers that are filled before they are read. Zeroing megabytes for each small file costs more than reading it. */
void *arena_take(struct arena *a, size_t size, size_t count, size_t align);

#define NEW(a, T, count) ((T *)arena_push((a), sizeof(T), (count), _Alignof(T)))

#define TAKE(a, T, count) ((T *)arena_take((a), sizeof(T), (count), _Alignof(T)))

/*
 * An array that grows by doubling inside an arena. `*list` and `*cap` belong to
 * the caller. Returns room for one more item at index n, or NULL.
 */
void *arena_grow(struct arena *a, void **list, size_t n, size_t *cap, size_t size, size_t align);
#define GROW(a, list, n, cap) \
    ((__typeof__(list))arena_grow((a), (void **)&(list), (n), (cap), sizeof *(list), _Alignof(__typeof__(*(list)))))

#endif
