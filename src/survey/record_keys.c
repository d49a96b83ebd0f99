/* See record_keys.h. */
#include "survey/record_keys.h"

#include <stdlib.h>
#include <string.h>

struct slot { uint64_t mark; int64_t id; size_t at; uint32_t n; bool used; };

struct keys {
    struct hash *hash;
    struct slot *slot;
    size_t slot_n, used;                 /* slot_n: a power of two */
    uint8_t *bytes;
    size_t byte_n, byte_cap;
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

int64_t key_id(struct hash *h, struct str bytes)
{
    uint8_t d[HASH_SHA256_BYTES];
    uint64_t v = 0;

    hash_push(h, bytes);
    hash_done(h, d);
    for (int i = 0; i < 8; i++)
        v = v << 8 | d[i];
    return (int64_t)(v >> 1);
}

bool keys_open(struct keys **ret, size_t bytes, struct err *e)
{
    struct keys *c = calloc(1, sizeof *c);

    if (c) {
        c->byte_cap = bytes / 2;
        for (c->slot_n = 1024; c->slot_n * 2 * sizeof *c->slot <= bytes / 2; )
            c->slot_n *= 2;
        c->slot = calloc(c->slot_n, sizeof *c->slot);
        c->bytes = malloc(c->byte_cap);
        c->hash = hash_open(HASH_SHA256);
    }
    if (!c || !c->slot || !c->bytes || !c->hash) {
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
    free(c->slot);
    free(c->bytes);
    free(c);
}

/* Only for finding; who makes many keys of one mark makes the cache forget sooner, no more: see PROBES. */
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

enum { PROBES = 16 };

bool keys_find(struct keys *c, const struct key *k, int64_t *ret_id)
{
    struct str s = { k->p, k->n };
    uint64_t mark = mark_of(s);
    struct slot *slot = NULL;

    for (size_t i = 0; i < PROBES; i++) {
        slot = &c->slot[(mark + i) & (c->slot_n - 1)];
        if (!slot->used)
            break;
        if (slot->mark == mark && slot->n == s.n && !memcmp(c->bytes + slot->at, s.p, s.n)) {
            *ret_id = slot->id;
            return true;
        }
    }
    *ret_id = key_id(c->hash, s);
    if (slot->used || c->byte_cap - c->byte_n < s.n || c->used > c->slot_n / 4 * 3) {
        memset(c->slot, 0, c->slot_n * sizeof *c->slot);
        c->used = c->byte_n = 0;
        slot = &c->slot[mark & (c->slot_n - 1)];
    }
    if (c->byte_cap - c->byte_n < s.n)
        return false;
    memcpy(c->bytes + c->byte_n, s.p, s.n);
    *slot = (struct slot){ .mark = mark, .id = *ret_id, .at = c->byte_n, .n = (uint32_t)s.n, .used = true };
    c->byte_n += s.n;
    c->used++;
    return false;
}
