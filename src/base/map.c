#include "base/map.h"

#include <string.h>

/* Eight bytes at a step: keys are long (paths, statements), and no map gives its keys out in the order of their places. */
static uint64_t hash_bytes(struct str s)
{
    uint64_t h = s.n, w;

    for (; s.n >= sizeof w; s.p += sizeof w, s.n -= sizeof w) {
        memcpy(&w, s.p, sizeof w);
        h  = (h ^ w) * 0x9E3779B97F4A7C15u;
        h ^= h >> 32;
    }
    for (w = 0; s.n; s.n--)
        w = w << 8 | s.p[s.n - 1];
    h = (h ^ w) * 0x9E3779B97F4A7C15u;
    return h ^ h >> 29;
}

static struct map_slot *slot_of(const struct map *m, struct str key, uint64_t hash)
{
    for (size_t i = hash & (m->cap - 1);; i = (i + 1) & (m->cap - 1)) {
        struct map_slot *s = &m->slot[i];
        if (!s->used || (s->hash == hash && (m->fold ? str_ieq(s->key, key) : str_eq(s->key, key))))
            return s;
    }
}

static uint64_t hash_of(const struct map *m, struct str key) { return m->fold ? str_ihash(key) : hash_bytes(key); }

static bool grow(struct map *m, struct arena *a)
{
    struct map bigger = { .cap = m->cap ? m->cap * 2 : 64, .fold = m->fold };

    bigger.slot = NEW(a, struct map_slot, bigger.cap);
    if (!bigger.slot)
        return false;
    for (size_t i = 0; i < m->cap; i++)
        if (m->slot[i].used)
            *slot_of(&bigger, m->slot[i].key, m->slot[i].hash) = m->slot[i];
    m->slot = bigger.slot;
    m->cap  = bigger.cap;
    return true;
}

uint32_t map_get(const struct map *m, struct str key)
{
    if (!m->cap)
        return MAP_NONE;
    const struct map_slot *s = slot_of(m, key, hash_of(m, key));
    return s->used ? s->value : MAP_NONE;
}

bool map_put(struct map *m, struct arena *a, struct str key, uint32_t value)
{
    if (m->n >= m->cap / 10 * 7 && !grow(m, a))
        return false;
    uint64_t         h = hash_of(m, key);
    struct map_slot *s = slot_of(m, key, h);
    if (!s->used) {
        *s = (struct map_slot){ .key = key, .hash = h, .used = true };
        m->n++;
    }
    s->value = value;
    return true;
}

struct str map_intern(struct map *m, struct arena *a, struct str s)
{
    if (m->cap) {
        const struct map_slot *at = slot_of(m, s, hash_of(m, s));
        if (at->used)
            return at->key;
    }
    struct str copy = str_dup(a, s);
    if (!copy.p || !map_put(m, a, copy, 0))
        return STR_EMPTY;
    return copy;
}
