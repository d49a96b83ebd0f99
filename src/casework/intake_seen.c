#include "casework/intake_seen.h"

#include <string.h>

struct slot { uint64_t hash; int64_t number; uint32_t at, n; };        /* n 0: free; no key is empty */
struct seen {
    struct slot *slot; size_t mask, used;
    uint8_t     *text; size_t cap, at;
};

bool seen_open(struct seen **ret, struct arena *a, size_t bytes)
{
    struct seen *s = NEW(a, struct seen, 1);
    size_t       slots = 1024;

    while (slots * 2 * (sizeof(struct slot) + 64) <= bytes)
        slots *= 2;
    if (!s || !(s->slot = NEW(a, struct slot, slots)) || !(s->text = TAKE(a, uint8_t, slots * 64)))
        return false;
    s->mask = slots - 1;
    s->cap  = slots * 64;
    *ret    = s;
    return true;
}

/* The key's slot, or the free one where it would go. */
static struct slot *find(struct seen *s, struct str key, uint64_t hash)
{
    size_t i = (size_t)(hash ^ hash >> 29) & s->mask;

    while (s->slot[i].n && !(s->slot[i].hash == hash && s->slot[i].n == key.n && !memcmp(s->text + s->slot[i].at, key.p, key.n)))
        i = (i + 1) & s->mask;
    return &s->slot[i];
}

bool seen_find(struct seen *s, struct str key, int64_t *ret_number)
{
    struct slot *x = key.n ? find(s, key, str_hash(key)) : NULL;

    if (!x || !x->n)
        return false;
    *ret_number = x->number;
    return true;
}

void seen_put(struct seen *s, struct str key, int64_t number)
{
    uint64_t hash = str_hash(key);

    if (!key.n || key.n > SEEN_KEY_MAX)
        return;
    if (s->used * 4 > s->mask * 3 || s->cap - s->at < key.n) {
        memset(s->slot, 0, (s->mask + 1) * sizeof *s->slot);
        s->used = s->at = 0;
        if (s->cap < key.n)
            return;
    }
    struct slot *x = find(s, key, hash);
    if (x->n)
        return;
    memcpy(s->text + s->at, key.p, key.n);
    *x = (struct slot){ hash, number, (uint32_t)s->at, (uint32_t)key.n };
    s->at += key.n;
    s->used++;
}
