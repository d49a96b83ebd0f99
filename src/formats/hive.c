#include "formats/hive_inner.h"

#include "base/utf.h"

#include <string.h>

enum { NK_FIXED = 76, VK_FIXED = 20, NIL = -1, DB_SEGMENT = 16344 };

bool hive_base_read(struct hive_base *ret, const uint8_t head[HIVE_HEAD])
{
    uint32_t sum = 0;

    if (memcmp(head, "regf", 4) != 0)
        return false;
    for (size_t i = 0; i < HIVE_HEAD - 4; i += 4)
        sum ^= hive_u32(head + i);
    sum = sum == 0 ? 1 : sum == UINT32_MAX ? UINT32_MAX - 1 : sum;
    *ret = (struct hive_base){ .primary = hive_u32(head + 4), .secondary = hive_u32(head + 8), .written = hive_u64(head + 12), .minor = hive_u32(head + 24),
                               .type = hive_u32(head + 28), .root = hive_u32(head + 36), .bins = hive_u32(head + 40), .sum_ok = sum == hive_u32(head + 508) };
    return true;
}

bool hive_is(struct str head)
{
    return head.n >= HIVE_HEAD && memcmp(head.p, "regf", 4) == 0 && hive_u32(head.p + 28) == HIVE_TYPE_PRIMARY;
}

/* ---- bytes: blocks of the file with the pages of the logs laid over them ---- */

static bool broken(const struct hive *h) { return h->why.kind != ERR_NONE; }

void hive_bad(struct hive *h, const char *what)
{
    if (!h->deleted && h->bad++ == 0)
        h->bad_what = what;
}

static bool load(struct hive *h, uint64_t block, uint32_t slot)
{
    uint8_t *to = h->cache + (size_t)slot * HIVE_BLOCK;
    uint64_t at = block * HIVE_BLOCK;
    size_t   got = 0;

    h->slot[slot] = 0;
    if (++h->loads > HIVE_LOADS_MAX)
        return err_set(&h->why, ERR_LIMIT, "more than %d blocks to read of one hive", HIVE_LOADS_MAX);
    if (at < h->in.size_bytes && !h->in.read(h->in.ctx, at, to, HIVE_BLOCK, &got, &h->why))
        return false;
    memset(to + got, 0, HIVE_BLOCK - got);
    size_t low = 0, high = h->pages;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if ((uint64_t)h->page[mid].page * HIVE_PAGE < at)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < h->pages && (uint64_t)h->page[low].page * HIVE_PAGE < at + HIVE_BLOCK; low++) {
        const struct hive_page   *p = &h->page[low];
        const struct hive_source *l = &h->log[p->log];
        size_t in_block = (size_t)((uint64_t)p->page * HIVE_PAGE - at), n = 0;
        if (!l->read(l->ctx, p->log_off, to + in_block, HIVE_PAGE, &n, &h->why))
            return false;
        got = got > in_block + n ? got : in_block + n;
    }
    h->slot[slot]   = block + 1;
    h->slot_n[slot] = (uint32_t)got;
    return true;
}

/* False: beyond the end, or not readable. */
bool hive_bytes(struct hive *h, uint64_t at, uint8_t *buf, size_t n)
{
    while (n && !broken(h)) {
        uint64_t block = at / HIVE_BLOCK;
        uint32_t slot = (uint32_t)(block % HIVE_SLOTS), in = (uint32_t)(at % HIVE_BLOCK);
        if (h->slot[slot] != block + 1 && !load(h, block, slot))
            return false;
        if (in >= h->slot_n[slot])
            return false;
        size_t part = h->slot_n[slot] - in < n ? h->slot_n[slot] - in : n;
        memcpy(buf, h->cache + (size_t)slot * HIVE_BLOCK + in, part);
        if (part < n && in + part < HIVE_BLOCK)
            return false;
        buf += part;
        at  += part;
        n   -= part;
    }
    return !broken(h);
}

/* ---- cells ---- */

struct cell { uint64_t at; uint32_t n; };

bool hive_step(struct hive *h)
{
    if (broken(h))
        return false;
    return ++h->steps <= HIVE_STEPS_MAX || err_set(&h->why, ERR_LIMIT, "more than %d cells to read in one hive", HIVE_STEPS_MAX);
}

static bool cell(struct hive *h, uint32_t off, uint32_t least, struct cell *ret)
{
    uint8_t  head[4];
    uint64_t at = HIVE_BASE_BYTES + (uint64_t)off;

    if (!hive_step(h))
        return false;
    if (off % 8 || at + 8 > h->end || !hive_bytes(h, at, head, 4)) {
        hive_bad(h, "a cell lies outside of the hive");
        return false;
    }
    uint32_t raw = hive_u32(head), size = raw >> 31 ? 0 - raw : raw;
    if (!(raw >> 31) && h->deleted)
        size = raw;
    else if (!(raw >> 31)) {
        hive_bad(h, "a cell in use is marked as free");
        return false;
    }
    if (size < 8 || at + size > h->end || size - 4 < least) {
        hive_bad(h, "a cell is larger than its place, or too small for what it holds");
        return false;
    }
    *ret = (struct cell){ at + 4, size - 4 };
    return true;
}

/* The bytes of a cell, at least `least`; all of it when `max` allows. */
static bool take(struct hive *h, uint32_t off, uint32_t least, uint8_t *buf, uint32_t max, uint32_t *ret_n)
{
    struct cell c;

    if (!cell(h, off, least, &c))
        return false;
    uint32_t n = c.n < max ? c.n : max;
    if (!hive_bytes(h, c.at, buf, n)) {
        if (!broken(h))
            hive_bad(h, "a cell is cut off");
        return false;
    }
    *ret_n = n;
    return true;
}

bool hive_no_room(struct hive *h) { return err_set(&h->why, ERR_MEMORY, "no room for what is read of a hive"); }

/* Latin-1 or UTF-16LE. */
static bool name_of(struct hive *h, struct arena *a, const uint8_t *p, size_t n, bool narrow, struct str *ret)
{
    if (n == 0) {
        *ret = STR("");
        return true;
    }
    if (!narrow) {
        *ret = utf_to8(a, (struct str){ p, n }, UTF_16LE);
        return ret->p || hive_no_room(h);
    }
    uint8_t *to = TAKE(a, uint8_t, 2 * n);
    size_t   k = 0;
    if (!to)
        return hive_no_room(h);
    for (size_t i = 0; i < n; i++)
        k += utf8_put(p[i], to + k);
    *ret = (struct str){ to, k };
    return true;
}

bool hive_key_at(struct hive *h, struct arena *a, uint32_t at, struct hive_key *ret)
{
    uint8_t  buf[NK_FIXED + HIVE_KEY_NAME_MAX];
    uint32_t n;

    if (!take(h, at, NK_FIXED, buf, sizeof buf, &n))
        return false;
    if (memcmp(buf, "nk", 2) != 0) {
        hive_bad(h, "a key is none");
        return false;
    }
    uint32_t name = hive_u16(buf + 72);
    if (name > n - NK_FIXED) {
        hive_bad(h, "the name of a key is longer than its place");
        name = n - NK_FIXED;
    }
    struct hive_key k = { .at = at, .parent = hive_u32(buf + 16), .written = hive_u64(buf + 4), .subkey_n = hive_u32(buf + 20), .subkeys = hive_u32(buf + 28),
                          .value_n = hive_u32(buf + 36), .values = hive_u32(buf + 40) };
    if (!name_of(h, a, buf + NK_FIXED, name, hive_u16(buf + 2) & 0x20, &k.name))
        return false;
    *ret = k;
    return true;
}

bool hive_root(struct hive *h, struct arena *a, struct hive_key *ret) { return hive_key_at(h, a, h->root, ret); }

struct offsets { uint32_t *item; size_t n, cap; };

static bool list(struct hive *h, struct arena *a, uint32_t off, int depth, struct offsets *o)
{
    uint8_t     head[4], part[512];
    struct cell c;

    if (!cell(h, off, 4, &c) || !hive_bytes(h, c.at, head, 4))
        return !broken(h);
    bool     wide = memcmp(head, "lf", 2) == 0 || memcmp(head, "lh", 2) == 0, lists = memcmp(head, "ri", 2) == 0;
    uint32_t n = hive_u16(head + 2), each = wide ? 8 : 4;
    if (!wide && !lists && memcmp(head, "li", 2) != 0) {
        hive_bad(h, "a list of subkeys is none");
        return true;
    }
    if (n > (c.n - 4) / each) {
        hive_bad(h, "a list of subkeys is longer than its place");
        n = (c.n - 4) / each;
    }
    if (lists && depth >= HIVE_LIST_DEPTH) {
        hive_bad(h, "lists of subkeys lie in each other without end");
        return true;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t in = i * each % sizeof part;
        if (in == 0 && !hive_bytes(h, c.at + 4 + (uint64_t)i * each, part, (n - i) * each < sizeof part ? (n - i) * each : sizeof part)) {
            if (!broken(h))
                hive_bad(h, "a list of subkeys is cut off");
            return !broken(h);
        }
        if (lists) {
            if (!list(h, a, hive_u32(part + in), depth + 1, o))
                return false;
            continue;
        }
        if (o->n >= HIVE_SUBKEYS_MAX)
            return err_set(&h->why, ERR_LIMIT, "more than %d subkeys below one key", HIVE_SUBKEYS_MAX);
        uint32_t *slot = GROW(a, o->item, o->n, &o->cap);
        if (!slot)
            return hive_no_room(h);
        *slot = hive_u32(part + in);
        o->n++;
    }
    return true;
}

bool hive_subkeys(struct hive *h, struct arena *a, const struct hive_key *k, uint32_t **ret, size_t *ret_n)
{
    struct offsets o = { 0 };

    *ret   = NULL;
    *ret_n = 0;
    if (k->subkey_n == 0 || k->subkeys == (uint32_t)NIL)
        return !broken(h);
    if (!list(h, a, k->subkeys, 0, &o))
        return false;
    if (o.n != k->subkey_n)
        hive_bad(h, "a key has not as many subkeys as it says");
    *ret   = o.item;
    *ret_n = o.n;
    return true;
}

bool hive_find(struct hive *h, struct arena *a, const struct hive_key *from, struct str path, struct hive_key *ret)
{
    struct hive_key at = *from;
    struct str      part;

    while (str_cut(&path, '\\', &part)) {
        struct arena scratch = *a;
        uint32_t    *sub, found = (uint32_t)NIL;
        size_t       n;
        if (part.n == 0)
            continue;
        if (!hive_subkeys(h, &scratch, &at, &sub, &n))
            return false;
        for (size_t i = 0; i < n && found == (uint32_t)NIL; i++) {
            struct arena    name = scratch;
            struct hive_key k;
            if (hive_key_at(h, &name, sub[i], &k) && str_ieq(k.name, part))
                found = sub[i];
            if (broken(h))
                return false;
        }
        if (found == (uint32_t)NIL || !hive_key_at(h, a, found, &at))
            return false;
    }
    *ret = at;
    return true;
}

/* ---- values ---- */

static bool value_at(struct hive *h, struct arena *a, uint32_t at, struct hive_value *ret)
{
    struct arena scratch;
    uint8_t      head[VK_FIXED];
    struct cell  c;

    if (!cell(h, at, VK_FIXED, &c))
        return false;
    if (!hive_bytes(h, c.at, head, sizeof head)) {
        hive_bad(h, "a value is cut off");
        return false;
    }
    if (memcmp(head, "vk", 2) != 0) {
        hive_bad(h, "a value is none");
        return false;
    }
    uint32_t n = hive_u16(head + 2);
    if (n > c.n - VK_FIXED || n > HIVE_NAME_MAX) {
        hive_bad(h, "the name of a value is longer than its place");
        n = c.n - VK_FIXED < HIVE_NAME_MAX ? c.n - VK_FIXED : HIVE_NAME_MAX;
    }
    struct hive_value v = { .at = at, .type = hive_u32(head + 12), .size = hive_u32(head + 4), .data = hive_u32(head + 8) };
    bool narrow = hive_u16(head + 16) & 1;
    /* The raw name stands behind the room that its text may need, so that it goes with the scratch. */
    scratch = *a;
    if (!TAKE(&scratch, uint8_t, 3 * (size_t)n + 64))
        return hive_no_room(h);
    uint8_t *raw = TAKE(&scratch, uint8_t, n + 1);
    if (!raw)
        return hive_no_room(h);
    if (!hive_bytes(h, c.at + VK_FIXED, raw, n)) {
        if (!broken(h))
            hive_bad(h, "the name of a value is cut off");
        return false;
    }
    if (!name_of(h, a, raw, n, narrow, &v.name))
        return false;
    *ret = v;
    return true;
}

bool hive_values(struct hive *h, struct arena *a, const struct hive_key *k, struct hive_value **ret, size_t *ret_n)
{
    struct cell c;
    uint32_t    n = k->value_n;
    size_t      got = 0;

    *ret   = NULL;
    *ret_n = 0;
    if (n == 0 || k->values == (uint32_t)NIL)
        return !broken(h);
    if (!cell(h, k->values, 4, &c))
        return !broken(h);
    if (n > c.n / 4) {
        hive_bad(h, "a list of values is longer than its place");
        n = c.n / 4;
    }
    if (n > HIVE_VALUES_MAX) {
        hive_bad(h, "a key has more values than this build reads");
        n = HIVE_VALUES_MAX;
    }
    struct hive_value *v = NEW(a, struct hive_value, n);
    if (!v)
        return hive_no_room(h);
    for (uint32_t i = 0; i < n; i++) {
        uint8_t at[4];
        if (!hive_bytes(h, c.at + 4 * (uint64_t)i, at, 4)) {
            if (!broken(h))
                hive_bad(h, "a list of values is cut off");
            break;
        }
        got += value_at(h, a, hive_u32(at), &v[got]);
        if (broken(h))
            return false;
    }
    *ret   = v;
    *ret_n = got;
    return !broken(h);
}

bool hive_value(struct hive *h, struct arena *a, const struct hive_key *k, struct str name, struct hive_value *ret)
{
    struct arena       scratch = *a;
    struct hive_value *v;
    size_t             n;

    if (!hive_values(h, &scratch, k, &v, &n))
        return false;
    for (size_t i = 0; i < n; i++)
        if (str_ieq(v[i].name, name)) {
            *ret = v[i];
            /* The caller asked by this name: its own view of it lives long enough. */
            ret->name = name;
            return true;
        }
    return false;
}

/* Segments of a large value. */
static bool segments(struct hive *h, uint32_t off, uint8_t *to, uint32_t size)
{
    struct cell c, list_cell, seg;
    uint8_t     head[8], at[4];
    uint32_t    done = 0;

    if (!cell(h, off, 8, &c) || !hive_bytes(h, c.at, head, 8) || memcmp(head, "db", 2) != 0)
        return false;
    uint32_t n = hive_u16(head + 2);
    if (!cell(h, hive_u32(head + 4), 4, &list_cell))
        return false;
    for (uint32_t i = 0; i < n && i < list_cell.n / 4 && done < size; i++) {
        if (!hive_bytes(h, list_cell.at + 4 * (uint64_t)i, at, 4) || !cell(h, hive_u32(at), 4, &seg))
            return false;
        uint32_t part = size - done < DB_SEGMENT ? size - done : DB_SEGMENT;
        if (part > seg.n || !hive_bytes(h, seg.at, to + done, part))
            return false;
        done += part;
    }
    return done == size;
}

bool hive_data(struct hive *h, struct arena *a, const struct hive_value *v, struct str *ret)
{
    uint32_t    size = v->size & 0x7fffffff;
    struct cell c;
    uint8_t     head[2];

    if (broken(h))
        return false;
    if (v->size >> 31) {
        uint8_t *p = TAKE(a, uint8_t, 4);
        if (!p)
            return hive_no_room(h);
        for (int i = 0; i < 4; i++)
            p[i] = (uint8_t)(v->data >> 8 * i);
        if (size > 4)
            hive_bad(h, "a value in its own place is larger than it");
        *ret = (struct str){ p, size < 4 ? size : 4 };
        return true;
    }
    if (size == 0) {
        *ret = STR("");
        return true;
    }
    if (size > HIVE_DATA_MAX) {
        hive_bad(h, "a value is larger than this build reads");
        return false;
    }
    if (!cell(h, v->data, 4, &c))
        return false;
    bool large = size > DB_SEGMENT && h->minor > 3 && hive_bytes(h, c.at, head, 2) && memcmp(head, "db", 2) == 0;
    if (!large && size > c.n) {
        hive_bad(h, "the data of a value is longer than its place");
        size = c.n;
    }
    struct arena before = *a;
    uint8_t     *p = TAKE(a, uint8_t, size);
    if (!p)
        return hive_no_room(h);
    if (large ? !segments(h, v->data, p, size) : !hive_bytes(h, c.at, p, size)) {
        *a = before;
        if (!broken(h))
            hive_bad(h, "the data of a value is cut off");
        return false;
    }
    *ret = (struct str){ p, size };
    return true;
}

struct str hive_text(struct arena *a, uint32_t type, struct str data)
{
    size_t n = 0, last = 0;

    if (type != HIVE_SZ && type != HIVE_EXPAND_SZ && type != HIVE_MULTI_SZ && type != HIVE_LINK)
        return STR_EMPTY;
    if (type == HIVE_LINK)
        n = data.n / 2;
    for (; type != HIVE_LINK && 2 * n + 1 < data.n; n++) {
        bool end = data.p[2 * n] == 0 && data.p[2 * n + 1] == 0;
        if (end && (type != HIVE_MULTI_SZ || n == last))
            break;
        last = end ? n + 1 : last;
    }
    struct str s = utf_to8(a, str_sub(data, 0, 2 * n), UTF_16LE);
    if (n == 0)
        return STR("");
    if (type != HIVE_MULTI_SZ || !s.p)
        return s;
    uint8_t *p = TAKE(a, uint8_t, s.n + 1);
    if (!p)
        return STR_EMPTY;
    for (size_t i = 0; i < s.n; i++)
        p[i] = s.p[i] ? s.p[i] : '\n';
    while (s.n && p[s.n - 1] == '\n')
        s.n--;
    return (struct str){ p, s.n };
}

bool hive_number(uint32_t type, struct str data, uint64_t *ret)
{
    if ((type == HIVE_DWORD && data.n >= 4) || (type == HIVE_BINARY && data.n == 4))
        *ret = hive_u32(data.p);
    else if (type == HIVE_DWORD_BE && data.n >= 4)
        *ret = (uint64_t)data.p[0] << 24 | (uint64_t)data.p[1] << 16 | (uint64_t)data.p[2] << 8 | data.p[3];
    else if (type == HIVE_QWORD && data.n >= 8)
        *ret = hive_u64(data.p);
    else
        return false;
    return true;
}

const char *hive_type_name(uint32_t type)
{
    static const char *const name[] = { "REG_NONE", "REG_SZ", "REG_EXPAND_SZ", "REG_BINARY", "REG_DWORD", "REG_DWORD_BIG_ENDIAN", "REG_LINK", "REG_MULTI_SZ",
                                        "REG_RESOURCE_LIST", "REG_FULL_RESOURCE_DESCRIPTOR", "REG_RESOURCE_REQUIREMENTS_LIST", "REG_QWORD" };
    return type < sizeof name / sizeof *name ? name[type] : NULL;
}

/* ---- opening ---- */

bool hive_open(struct hive *ret, struct arena *a, const struct hive_source *in, const struct hive_source *logs, size_t log_n, struct err *e)
{
    uint8_t          head[HIVE_HEAD];
    size_t           got = 0;
    struct hive_base b;
    struct hive      h = { .in = *in, .a = a };

    if (!in->read(in->ctx, 0, head, sizeof head, &got, e))
        return false;
    if (!hive_is((struct str){ head, got }))
        return err_set(e, ERR_FORMAT, "this is no registry hive");
    (void)hive_base_read(&b, head);
    h.primary    = b.primary;
    h.secondary  = b.secondary;
    h.minor      = b.minor;
    h.root       = b.root;
    h.written    = b.written;
    h.header_bad = !b.sum_ok;
    h.dirty      = b.primary != b.secondary || h.header_bad;
    h.end        = HIVE_BASE_BYTES + (uint64_t)b.bins;
    /* A damaged base block does not know its size. */
    if (h.header_bad || b.bins == 0 || b.bins > HIVE_SIZE_MAX)
        h.end = in->size_bytes < HIVE_SIZE_MAX ? in->size_bytes : HIVE_SIZE_MAX;
    h.name = utf_to8(a, (struct str){ head + 48, 64 }, UTF_16LE);
    if (h.name.n)
        h.name = str_sub(h.name, 0, str_chr(h.name, 0));
    h.cache = TAKE(a, uint8_t, HIVE_CACHE);
    if (!h.name.p || !h.cache)
        return err_set(e, ERR_MEMORY, "no room to open a registry hive");
    for (size_t i = 0; i < log_n && i < 2; i++)
        h.log[i] = logs[i];
    if (h.dirty && !hive_replay(&h)) {
        *e = h.why;
        return false;
    }
    /* What is not there cannot be read: cells beyond it are outside. */
    uint64_t last = h.pages ? ((uint64_t)h.page[h.pages - 1].page + 1) * HIVE_PAGE : 0, there = in->size_bytes > last ? in->size_bytes : last;
    h.cut = there < h.end;
    if (h.cut)
        h.end = there > HIVE_BASE_BYTES ? there : HIVE_BASE_BYTES;
    *ret = h;
    return true;
}

bool hive_stale(const struct hive *h) { return h->dirty && h->pages == 0; }
