/*
 * hive: any bytes as a hive and up to two logs. The first byte says where the input is cut. Walking ends, each key comes once, counts stay in bounds, and what is
 * given is the same when the hive is read again.
 */
#include "formats/hive.h"

#include <stdlib.h>
#include <string.h>

struct seen { uint64_t keys, sum; };

static bool from_mem(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    const struct str *s = ctx;
    size_t            n = off < s->n ? s->n - (size_t)off : 0;

    (void)e;
    n = n < cap ? n : cap;
    if (n)
        memcpy(buf, s->p + off, n);
    *ret_got = n;
    return true;
}

static bool visit(void *ctx, struct hive *h, struct arena a, const struct hive_key *k, struct str path)
{
    struct seen       *s = ctx;
    struct hive_value *v;
    size_t             n;

    s->keys++;
    s->sum = s->sum * 31 + str_hash(path) + k->at;
    if (!hive_values(h, &a, k, &v, &n))
        return false;
    if (n > HIVE_VALUES_MAX)
        abort();
    for (size_t i = 0; i < n; i++) {
        struct arena scratch = a;
        struct str   data = STR_EMPTY;
        if (hive_data(h, &scratch, &v[i], &data)) {
            struct str text = hive_text(&scratch, v[i].type, data);
            s->sum = s->sum * 31 + str_hash(v[i].name) + str_hash(data) + str_hash(text);
        }
    }
    return h->why.kind == ERR_NONE;
}

static struct seen once(struct str *part)
{
    enum { ROOM = 64 << 20 };
    static uint8_t    *room;               /* once: a new one each time would be all the work */
    room = room ? room : malloc(ROOM);
    struct arena       a = { room, room + ROOM, NULL };
    struct hive_source in[3];
    struct hive        h;
    struct hive_key    root;
    struct err         e = { 0 };
    struct seen        s = { 0 };

    for (int i = 0; i < 3; i++)
        in[i] = (struct hive_source){ part[i].n || i == 0 ? from_mem : NULL, &part[i], part[i].n };
    if (hive_open(&h, &a, &in[0], in + 1, 2, &e)) {
        if (hive_root(&h, &a, &root) && !hive_walk(&h, a, &root, STR(""), visit, &s) && h.why.kind == ERR_NONE)
            abort();
        uint32_t bad = h.bad;
        uint64_t keys = s.keys;
        if (h.why.kind == ERR_NONE && !hive_deleted(&h, a, visit, &s) && h.why.kind == ERR_NONE)
            abort();
        if (h.bad != bad || h.deleted || s.keys - keys > HIVE_DELETED_MAX)
            abort();
        s.keys = keys;
        if (s.keys > (h.end >> 3) || h.pages > HIVE_PAGES_MAX || h.steps > (uint64_t)HIVE_STEPS_MAX + 1 || (h.bad && !h.bad_what))
            abort();
    } else if (e.kind == ERR_NONE || !e.what[0]) {
        abort();
    }
    return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str part[3] = { { 0 } };

    if (n < 1)
        return 0;
    struct str rest = { data + 1, n - 1 };
    /* 0: a hive alone; else so many blocks of 4096 bytes are the hive, and the rest is shared by the logs. */
    size_t cut = data[0] ? (size_t)(data[0] & 0x7f) * 4096 : rest.n;
    part[0] = str_sub(rest, 0, cut);
    rest    = str_from(rest, cut);
    part[1] = data[0] & 0x80 ? str_sub(rest, 0, rest.n / 2 / 512 * 512) : rest;
    part[2] = data[0] & 0x80 ? str_from(rest, rest.n / 2 / 512 * 512) : STR_EMPTY;
    struct seen one = once(part), two = once(part);
    if (one.keys != two.keys || one.sum != two.sum)
        abort();
    return 0;
}
