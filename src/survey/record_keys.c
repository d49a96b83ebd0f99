/* See record_keys.h. */
#include "survey/record_keys.h"

#include <stdlib.h>
#include <string.h>

/* States that passed lately, by their bytes: there are few, said again and again. */
enum { LATELY = 1 << 12, LATELY_BYTES = 240 };
struct lately { int64_t id; uint32_t n; uint8_t p[LATELY_BYTES]; };

struct keys {
    struct hash   *hash;
    struct lately *lately;
    int64_t       *known;                /* a set by open addressing; 0: free */
    size_t         known_n, cap, cap_max;         /* powers of two; it grows, for a small one stays in the processor's cache */
};

void key_begin(struct key *k, enum key_kind kind)
{
    k->n = 0;
    k->cut = false;
    k->p[k->n++] = (uint8_t)kind;
}

void key_u64(struct key *k, uint64_t v)
{
    if (KEY_MAX - k->n < 10) {
        k->cut = true;
        return;
    }
    for (; v >= 0x80; v >>= 7)
        k->p[k->n++] = (uint8_t)(v | 0x80);
    k->p[k->n++] = (uint8_t)v;
}

void key_str(struct key *k, struct str s)
{
    s = key_word(s);
    if (KEY_MAX - k->n < s.n + 10) {
        k->cut = true;
        return;
    }
    key_u64(k, s.n);
    if (s.n)
        memcpy(k->p + k->n, s.p, s.n);
    k->n += s.n;
}

bool keys_open(struct keys **ret, size_t bytes, struct err *e)
{
    struct keys *c = calloc(1, sizeof *c);

    if (c) {
        for (c->cap_max = c->cap = 1024; c->cap_max * 2 * sizeof *c->known <= bytes; )
            c->cap_max *= 2;
        c->known = calloc(c->cap, sizeof *c->known);
        c->lately = calloc(LATELY, sizeof *c->lately);
        c->hash = hash_open(HASH_SHA256);
    }
    if (!c || !c->known || !c->lately || !c->hash) {
        keys_close(c);
        return err_set(e, ERR_MEMORY, "no room for the keys of what is recorded");
    }
    *ret = c;
    return true;
}

void keys_close(struct keys *c)
{
    if (!c)
        return;
    hash_close(c->hash);
    free(c->known);
    free(c->lately);
    free(c);
}

/* Only for finding: two of one mark take each other's place, no more. */
static uint64_t mark_of(struct str s)
{
    uint64_t h = s.n * 0x9E3779B97F4A7C15u, w;

    for (; s.n >= 8; s = str_from(s, 8)) {
        memcpy(&w, s.p, 8);
        h = (h ^ w) * 0xD6E8FEB86659FD93u;
        h ^= h >> 32;
    }
    w = 0;
    if (s.n)
        memcpy(&w, s.p, s.n);
    h = (h ^ w) * 0xD6E8FEB86659FD93u;
    return h ^ h >> 32;
}

int64_t keys_id(struct keys *c, const struct key *k)
{
    uint8_t d[HASH_SHA256_BYTES];
    uint64_t v = 0;

    hash_push(c->hash, (struct str){ k->p, k->n });
    hash_done(c->hash, d);
    for (int i = 0; i < 8; i++)
        v = v << 8 | d[i];
    return (int64_t)(v >> 1 ? v >> 1 : 1);         /* 0 is nobody's */
}

static size_t free_at(const int64_t *set, size_t cap, int64_t id)
{
    size_t i = (size_t)id & (cap - 1);

    while (set[i] && set[i] != id)
        i = (i + 1) & (cap - 1);
    return i;
}

/* Twice as large; where that cannot be, empty. */
static void more_room(struct keys *c)
{
    int64_t *grown = c->cap < c->cap_max ? calloc(c->cap * 2, sizeof *grown) : NULL;

    if (!grown) {
        memset(c->known, 0, c->cap * sizeof *c->known);
        c->known_n = 0;
        return;
    }
    for (size_t i = 0; i < c->cap; i++)
        if (c->known[i])
            grown[free_at(grown, c->cap * 2, c->known[i])] = c->known[i];
    free(c->known);
    c->known = grown;
    c->cap *= 2;
}

static bool known(struct keys *c, int64_t id)
{
    size_t i = free_at(c->known, c->cap, id);

    if (c->known[i])
        return true;
    if (c->known_n >= c->cap / 4 * 3) {
        more_room(c);
        i = free_at(c->known, c->cap, id);
    }
    c->known[i] = id;
    c->known_n++;
    return false;
}

bool keys_find(struct keys *c, const struct key *k, int64_t *ret_id)
{
    struct lately *l = NULL;

    if (k->p[0] == KEY_STATE && k->n <= LATELY_BYTES) {
        l = &c->lately[mark_of((struct str){ k->p, k->n }) & (LATELY - 1)];
        if (k->n == l->n && !memcmp(l->p, k->p, k->n)) {
            *ret_id = l->id;
            return true;
        }
    }
    *ret_id = keys_id(c, k);
    if (l) {
        l->id = *ret_id;
        l->n = (uint32_t)k->n;
        memcpy(l->p, k->p, k->n);
    }
    return known(c, *ret_id);
}
