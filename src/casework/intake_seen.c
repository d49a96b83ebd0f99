#include "casework/intake_seen.h"

#include <string.h>

struct slot { struct sip128 hash; int64_t number; };       /* hash 0: free */
struct seen {
    struct slot *slot; size_t mask, used;
    uint8_t      key[SIP_KEY_BYTES];
};

bool seen_open(struct seen **ret, struct arena *a, size_t bytes, const uint8_t key[SIP_KEY_BYTES])
{
    struct seen *s = NEW(a, struct seen, 1);
    size_t       slots = 1024;

    while (slots * 2 * sizeof(struct slot) <= bytes)
        slots *= 2;
    if (!s || !(s->slot = NEW(a, struct slot, slots)))
        return false;
    s->mask = slots - 1;
    memcpy(s->key, key, sizeof s->key);
    *ret = s;
    return true;
}

static struct sip128 hash_of(const struct seen *s, struct str key)
{
    struct sip128 h = sip128(s->key, key);

    h.hi += !h.lo && !h.hi;
    return h;
}

static bool is_free(const struct slot *x) { return !x->hash.lo && !x->hash.hi; }

/* The key's slot, or the free one where it would go. */
static struct slot *find(struct seen *s, struct sip128 h)
{
    size_t i = (size_t)h.lo & s->mask;

    while (!is_free(&s->slot[i]) && (s->slot[i].hash.lo != h.lo || s->slot[i].hash.hi != h.hi))
        i = (i + 1) & s->mask;
    return &s->slot[i];
}

bool seen_find(struct seen *s, struct str key, int64_t *ret_number)
{
    struct slot *x = key.n ? find(s, hash_of(s, key)) : NULL;

    if (!x || is_free(x))
        return false;
    *ret_number = x->number;
    return true;
}

void seen_put(struct seen *s, struct str key, int64_t number)
{
    if (!key.n || key.n > SEEN_KEY_MAX)
        return;
    if (s->used * 4 > s->mask * 3) {
        memset(s->slot, 0, (s->mask + 1) * sizeof *s->slot);
        s->used = 0;
    }
    struct sip128 h = hash_of(s, key);
    struct slot  *x = find(s, h);
    if (!is_free(x))
        return;
    *x = (struct slot){ h, number };
    s->used++;
}
