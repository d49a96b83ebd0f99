#include "formats/ese.h"

#include "base/utf.h"

#include <string.h>

enum { SIGNATURE = (int)0x89ABCDEF, HEAD = 240, STATE_CLEAN = 3, CATALOGUE = 4, PAGE_HEAD = 40, PAGE_HEAD_LARGE = 80, LARGE = 16384, NEW_TAGS = 0x11,
       PAGE_ROOT = 1, PAGE_LEAF = 2, PAGE_PARENT = 4, PAGE_EMPTY = 8, PAGE_SPACE = 0x20, PAGE_INDEX = 0x40, PAGE_LONG = 0x80,
       TAG_DELETED = 2, TAG_COMMON = 4, TYPE_TABLE = 1, TYPE_COLUMN = 2 };

static uint16_t u16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }
static uint32_t u32(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }

bool ese_is(struct str head) { return head.n >= 8 && u32(head.p + 4) == (uint32_t)SIGNATURE; }

bool ese_open(struct ese *ret, const struct blocks *b, struct err *e)
{
    uint8_t head[HEAD];

    if (!block_whole(b, 0, head, sizeof head, e))
        return false;
    if (!ese_is((struct str){ head, sizeof head }) || u32(head + 12) != 0)
        return err_set(e, ERR_FORMAT, "this is no ESE database");
    struct ese d = { .b = *b, .revision = u32(head + 232), .page_bytes = u32(head + 236), .dirty = u32(head + 52) != STATE_CLEAN };
    if (d.page_bytes == 0)
        d.page_bytes = 4096;                     /* as the oldest ones have it */
    if (d.page_bytes < 2048 || d.page_bytes > ESE_PAGE_MAX || (d.page_bytes & (d.page_bytes - 1)))
        return err_set(e, ERR_FORMAT, "pages of %u bytes", d.page_bytes);
    *ret = d;
    return true;
}

/* ---- pages ---- */

struct page { const uint8_t *p; uint32_t n, head, tags, flags; bool wide; };

/* False with ERR_NONE: it makes no sense, and is counted. */
static bool page_read(struct ese *d, uint32_t number, uint8_t *buf, struct page *ret, struct err *e)
{
    struct err why = { 0 };

    /* The catalogue is read twice and a table once: a tree that asks for more leads in circles. */
    uint64_t most = 4 * (d->b.size_bytes / d->page_bytes) + 64;
    if (++d->pages > (most < ESE_PAGES_MAX ? most : ESE_PAGES_MAX))
        return err_set(e, ERR_LIMIT, "more pages to read than a database of its size can have");
    if (!block_whole(&d->b, ((uint64_t)number + 1) * d->page_bytes, buf, d->page_bytes, &why)) {
        d->bad++;
        return why.kind == ERR_FORMAT ? false : (*e = why, false);
    }
    bool large = d->revision >= NEW_TAGS && d->page_bytes >= LARGE;
    *ret = (struct page){ .p = buf, .n = d->page_bytes, .head = large ? PAGE_HEAD_LARGE : PAGE_HEAD, .tags = u16(buf + 34), .flags = u32(buf + 36), .wide = large };
    if (ret->head + 4 * ret->tags > ret->n) {
        d->bad++;
        return false;
    }
    return true;
}

struct tag { struct str bytes; uint32_t flags; };

static bool tag_get(const struct page *g, uint32_t i, struct tag *ret)
{
    const uint8_t *t = g->p + g->n - 4 * (i + 1);
    uint32_t       mask = g->wide ? 0x7FFF : 0x1FFF, size = u16(t) & mask, at = g->head + (u16(t + 2) & mask);

    if (at > g->n - 4 * g->tags || size > g->n - 4 * g->tags - at)
        return false;
    *ret = (struct tag){ { g->p + at, size }, g->wide ? (size >= 2 ? u16(g->p + at) >> 13 : 0) : (uint32_t)u16(t + 2) >> 13 };
    return true;
}

/* What stands behind the key of an entry. */
static bool behind_key(const struct page *g, const struct tag *t, struct str *ret)
{
    struct str s = t->bytes;
    size_t     at = t->flags & TAG_COMMON ? 2 : 0;

    if (at + 2 > s.n)
        return false;
    size_t key = u16(s.p + at) & (g->wide && at == 0 ? 0x1FFF : 0xFFFF);
    if (key > s.n - at - 2)
        return false;
    *ret = str_from(s, at + 2 + key);
    return true;
}

struct walk { struct ese *d; uint8_t *room; const struct ese_table *t; ese_visit *visit; void *ctx; bool ended; };

/* False with ERR_NONE: nothing of it. */
static bool tree(struct walk *w, uint32_t number, int depth, struct err *e)
{
    struct page g = { 0 };
    struct tag  t;
    struct str  rest;
    uint8_t    *buf = w->room + (size_t)depth * w->d->page_bytes;

    if (!page_read(w->d, number, buf, &g, e))
        return e->kind == ERR_NONE;
    if (g.flags & (PAGE_EMPTY | PAGE_SPACE | PAGE_INDEX | PAGE_LONG))
        return true;
    for (uint32_t i = 1; i < g.tags && !w->ended; i++) {
        if (!tag_get(&g, i, &t) || !behind_key(&g, &t, &rest)) {
            w->d->bad++;
            continue;
        }
        if (t.flags & TAG_DELETED)
            continue;
        if (g.flags & PAGE_LEAF) {
            struct ese_record r = { w->t, rest, g.wide };
            w->ended = !w->visit(w->ctx, &r);
        } else if (rest.n < 4 || depth + 1 == ESE_DEPTH_MAX || u32(rest.p) == number) {
            w->d->bad++;
        } else if (!tree(w, u32(rest.p), depth + 1, e)) {
            return false;
        }
    }
    return true;
}

bool ese_rows(struct ese *d, struct arena a, const struct ese_table *t, ese_visit *visit, void *ctx, struct err *e)
{
    struct walk w = { d, TAKE(&a, uint8_t, (size_t)ESE_DEPTH_MAX * d->page_bytes), t, visit, ctx, false };

    if (!w.room)
        return err_set(e, ERR_MEMORY, "no room for the pages of a database");
    return tree(&w, t->root, 0, e);
}

/* ---- records ---- */

static uint32_t fixed_size(uint32_t type)
{
    static const uint8_t size[] = { [1] = 1, [2] = 1, [3] = 2, [4] = 4, [5] = 8, [6] = 4, [7] = 8, [8] = 8, [14] = 4, [15] = 8, [16] = 16, [17] = 2 };
    return type < sizeof size ? size[type] : 0;
}

/* Fixed ones stand in the order of their numbers, and in front of a map of those that have no value. */
static bool fixed(const struct ese_record *r, const struct ese_column *c, struct str *ret)
{
    uint32_t last = r->bytes.p[0], at = 4, n = 0, end = u16(r->bytes.p + 2), map = (last + 7) / 8;

    if (c->id == 0 || c->id > last || end > r->bytes.n || end < 4 + map)
        return false;
    for (uint32_t id = 1; id <= c->id; id++) {
        const struct ese_column *x = NULL;
        for (size_t i = 0; i < r->t->column_n && !x; i++)
            x = r->t->column[i].id == id ? &r->t->column[i] : NULL;
        at += n;
        n = x ? fixed_size(x->type) : 0;
        if (n == 0)
            return false;                       /* behind it no place is known */
    }
    if (n > end - map - 4 || at > end - map - n || r->bytes.p[end - map + (c->id - 1) / 8] >> ((c->id - 1) % 8) & 1)
        return false;
    *ret = str_sub(r->bytes, at, at + n);
    return true;
}

/* Ends of variable ones stand in a list, in front of their bytes. *ret_end: of all of them, in the record. */
static bool variable(const struct ese_record *r, uint32_t id, struct str *ret, uint32_t *ret_end)
{
    uint32_t last = r->bytes.p[1], list = u16(r->bytes.p + 2), n = last > 127 ? last - 127 : 0, from = 0;

    if (list > r->bytes.n || 2 * n > r->bytes.n - list)
        return false;
    uint32_t bytes = list + 2 * n, end = n ? u16(r->bytes.p + list + 2 * (n - 1)) & 0x7FFF : 0;
    if (end > r->bytes.n - bytes)
        return false;
    *ret_end = bytes + end;
    if (id == 0)
        return true;
    if (id > last)
        return false;
    uint32_t i = id - 128, to = u16(r->bytes.p + list + 2 * i);
    from = i ? u16(r->bytes.p + list + 2 * (i - 1)) & 0x7FFF : 0;
    if (to & 0x8000 || to < from || to > end)
        return false;
    *ret = str_sub(r->bytes, bytes + from, bytes + to);
    return true;
}

/* Seven bits a character, from the lowest on. The first byte: what it is, and how many bits of the last byte count. */
static bool unpack(struct str in, struct arena *a, struct str *ret)
{
    uint32_t kind = in.n ? in.p[0] >> 3 : 0;

    if ((kind != 1 && kind != 2) || in.n < 2)
        return false;
    size_t   bits = 8 * (in.n - 2) + (size_t)(in.p[0] & 7) + 1, n = bits / 7, each = kind == 2 ? 2 : 1;
    uint8_t *p = NEW(a, uint8_t, n * each + 1);
    if (!p)
        return false;
    for (size_t i = 0; i < n; i++) {
        size_t   at = 1 + 7 * i / 8;
        uint32_t two = in.p[at] | (at + 1 < in.n ? (uint32_t)in.p[at + 1] << 8 : 0);
        p[i * each] = two >> (7 * i % 8) & 0x7F;
    }
    *ret = (struct str){ p, n * each };
    return true;
}

static bool tagged(const struct ese_record *r, uint32_t id, struct arena *a, struct str *ret)
{
    enum { HAS_FLAGS = 0x4000, PACKED = 2, APART = 4, SEVERAL = 8 };
    struct str none;
    uint32_t   from, mask = r->wide ? 0x7FFF : 0x3FFF;

    if (!variable(r, 0, &none, &from))
        return false;
    struct str list = str_from(r->bytes, from);
    size_t     n = list.n >= 4 ? (u16(list.p + 2) & mask) / 4 : 0;
    for (size_t i = 0; i < n && 4 * (i + 1) <= list.n; i++) {
        if (u16(list.p + 4 * i) != id)
            continue;
        uint32_t raw = u16(list.p + 4 * i + 2), at = raw & mask, to = i + 1 < n && 4 * (i + 2) <= list.n ? u16(list.p + 4 * (i + 1) + 2) & mask : (uint32_t)list.n;
        if (at > to || to > list.n)
            return false;
        struct str s = str_sub(list, at, to);
        if (raw & HAS_FLAGS || r->wide) {
            uint32_t flags = s.n ? s.p[0] : APART;
            s = str_from(s, 1);
            if (flags & (APART | SEVERAL))
                return false;
            if (flags & PACKED)
                return unpack(s, a, ret);
        }
        *ret = s;
        return true;
    }
    return false;
}

bool ese_get(const struct ese_record *r, const struct ese_column *c, struct arena *a, struct str *ret)
{
    uint32_t end;

    if (!c || r->bytes.n < 4)
        return false;
    return c->id < 128 ? fixed(r, c, ret) : c->id < 256 ? variable(r, c->id, ret, &end) : tagged(r, c->id, a, ret);
}

struct str ese_text(const struct ese_record *r, const struct ese_column *c, struct arena *a)
{
    struct str s;

    if (!ese_get(r, c, a, &s))
        return STR_EMPTY;
    s = utf_to8(a, s, c->codepage == 1200 ? UTF_16LE : UTF_1252);
    return str_sub(s, 0, str_chr(s, 0));
}

uint64_t ese_number(const struct ese_record *r, const struct ese_column *c, struct arena a)
{
    struct str s;
    uint64_t   v = 0;

    if (!ese_get(r, c, &a, &s) || s.n > 8)
        return 0;
    for (size_t i = s.n; i-- > 0;)
        v = v << 8 | s.p[i];
    return v;
}

/* ---- the catalogue: a table like any other, of a shape that is known ---- */

static const struct ese_column catalogue_column[] = {
    { 1, 4, 0, STR_INIT("ObjidTable") }, { 2, 3, 0, STR_INIT("Type") }, { 3, 4, 0, STR_INIT("Id") }, { 4, 4, 0, STR_INIT("ColtypOrPgnoFDP") }, { 5, 4, 0, STR_INIT("SpaceUsage") },
    { 6, 4, 0, STR_INIT("Flags") }, { 7, 4, 0, STR_INIT("PagesOrLocale") }, { 128, 10, 1252, STR_INIT("Name") },
};
static const struct ese_table catalogue = { CATALOGUE, (struct ese_column *)(uintptr_t)catalogue_column, sizeof catalogue_column / sizeof *catalogue_column };

struct search { struct arena *a; struct str name; struct ese_table *t; size_t cap; uint32_t object; bool found, columns, full; };

static bool entry(void *ctx, const struct ese_record *r)
{
    struct search *s = ctx;
    struct arena   scratch = *s->a;
    uint32_t       object = (uint32_t)ese_number(r, &catalogue_column[0], scratch), type = (uint32_t)ese_number(r, &catalogue_column[1], scratch), what = (uint32_t)ese_number(r, &catalogue_column[3], scratch);

    if (!s->columns && type == TYPE_TABLE && str_ieq(ese_text(r, &catalogue_column[7], &scratch), s->name)) {
        s->object  = object;
        s->t->root = what;
        s->found   = true;
        return false;
    }
    if (!s->columns || type != TYPE_COLUMN || object != s->object || s->t->column_n == ESE_COLUMNS_MAX)
        return true;
    struct str         name = ese_text(r, &catalogue_column[7], s->a);
    struct ese_column *c = GROW(s->a, s->t->column, s->t->column_n, &s->cap);
    if (!c || (!name.p && name.n))
        return !(s->full = true);
    *c = (struct ese_column){ (uint32_t)ese_number(r, &catalogue_column[2], *s->a), what, (uint32_t)ese_number(r, &catalogue_column[6], *s->a), name };
    s->t->column_n++;
    return true;
}

bool ese_table_find(struct ese *d, struct arena *a, struct str name, struct ese_table *ret, struct err *e)
{
    struct ese_table t = { 0 };
    struct search    s = { .a = a, .name = name, .t = &t };
    uint8_t         *room = TAKE(a, uint8_t, (size_t)ESE_DEPTH_MAX * d->page_bytes);      /* for both walks; the columns gather behind it */

    if (!room)
        return err_set(e, ERR_MEMORY, "no room for the catalogue of a database");
    for (int i = 0; i < 2; i++) {
        struct walk w = { d, room, &catalogue, entry, &s, false };
        s.columns = i == 1;
        if (!tree(&w, CATALOGUE, 0, e))
            return false;
        if (!s.found)
            return err_set(e, ERR_FORMAT, "it has no table %.*s", STR_ARG(name));
    }
    if (s.full)
        return err_set(e, ERR_MEMORY, "no room for the columns of a table");
    *ret = t;
    return true;
}

const struct ese_column *ese_column_find(const struct ese_table *t, struct str name)
{
    for (size_t i = 0; i < t->column_n; i++)
        if (str_ieq(t->column[i].name, name))
            return &t->column[i];
    return NULL;
}
