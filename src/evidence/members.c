/*
 * members: how the tree is kept.
 *
 * Rule 1   there is no tree: `order` sorts all names with '/' as the lowest byte of all (NUL is refused), so what lies below a folder is one
 *          run of it, and a listing leaps from child to child by binary search. 500,000 names in one folder, or 128 deep, cost the same.
 * Rule 2   a key is the name, NUL, and the number of the copy: no name holds a NUL, so a key is never another entry's name.
 */
#include "evidence/members.h"

#include "base/num.h"
#include "base/time.h"
#include "base/utf.h"
#include "evidence/ev.h"

#include <stdlib.h>
#include <string.h>

enum { LINK_TEXT_MAX = 4096, BLOCK = 1024 };

struct members {
    struct member **block;       /* BLOCK members each: a list that doubled would cost as much again */
    size_t         n, block_n, block_cap;
    uint32_t      *order;        /* settled: indices, sorted by name, then position */
    bool           zip;
    uint64_t       max;
    member_refuse *refuse;
    void          *ctx;
    struct arena  *keep;
};

bool members_open(struct members **ret, const struct ev_limits *limits, bool zip, member_refuse *refuse, void *ctx, struct arena *keep, struct err *e)
{
    struct members *m = NEW(keep, struct members, 1);
    if (!m)
        return err_set(e, ERR_MEMORY, "no room for the list of an archive");
    *m = (struct members){ .zip = zip, .max = limits->members < UINT32_MAX - 1 ? limits->members : UINT32_MAX - 1, .refuse = refuse, .ctx = ctx, .keep = keep };
    *ret = m;
    return true;
}

static struct member *nth(const struct members *m, size_t i) { return &m->block[i / BLOCK][i % BLOCK]; }
static const struct member *sorted(const struct members *m, size_t i) { return nth(m, m->order[i]); }

/* ---- names ---- */

/* CP437, upper half, as IBM's table has it. */
static const uint16_t cp437[128] = {
    0x00c7, 0x00fc, 0x00e9, 0x00e2, 0x00e4, 0x00e0, 0x00e5, 0x00e7, 0x00ea, 0x00eb, 0x00e8, 0x00ef, 0x00ee, 0x00ec, 0x00c4, 0x00c5,
    0x00c9, 0x00e6, 0x00c6, 0x00f4, 0x00f6, 0x00f2, 0x00fb, 0x00f9, 0x00ff, 0x00d6, 0x00dc, 0x00a2, 0x00a3, 0x00a5, 0x20a7, 0x0192,
    0x00e1, 0x00ed, 0x00f3, 0x00fa, 0x00f1, 0x00d1, 0x00aa, 0x00ba, 0x00bf, 0x2310, 0x00ac, 0x00bd, 0x00bc, 0x00a1, 0x00ab, 0x00bb,
    0x2591, 0x2592, 0x2593, 0x2502, 0x2524, 0x2561, 0x2562, 0x2556, 0x2555, 0x2563, 0x2551, 0x2557, 0x255d, 0x255c, 0x255b, 0x2510,
    0x2514, 0x2534, 0x252c, 0x251c, 0x2500, 0x253c, 0x255e, 0x255f, 0x255a, 0x2554, 0x2569, 0x2566, 0x2560, 0x2550, 0x256c, 0x2567,
    0x2568, 0x2564, 0x2565, 0x2559, 0x2558, 0x2552, 0x2553, 0x256b, 0x256a, 0x2518, 0x250c, 0x2588, 0x2584, 0x258c, 0x2590, 0x2580,
    0x03b1, 0x00df, 0x0393, 0x03c0, 0x03a3, 0x03c3, 0x00b5, 0x03c4, 0x03a6, 0x0398, 0x03a9, 0x03b4, 0x221e, 0x03c6, 0x03b5, 0x2229,
    0x2261, 0x00b1, 0x2265, 0x2264, 0x2320, 0x2321, 0x00f7, 0x2248, 0x00b0, 0x2219, 0x00b7, 0x221a, 0x207f, 0x00b2, 0x25a0, 0x00a0,
};

static struct str from_cp437(struct arena *a, struct str s)
{
    uint8_t *p = NEW(a, uint8_t, s.n * 3 + 1);
    size_t   n = 0;

    for (size_t i = 0; p && i < s.n; i++)
        if (s.p[i] < 0x80)
            p[n++] = s.p[i];
        else
            n += utf8_put(cp437[s.p[i] - 0x80], p + n);
    return (struct str){ p, n };
}

/* Names that Windows gives to devices, whatever the extension: no file there can have them. */
static bool is_device(struct str part)
{
    static const struct str name[] = { STR_INIT("CON"), STR_INIT("PRN"), STR_INIT("AUX"), STR_INIT("NUL"), STR_INIT("CONIN$"), STR_INIT("CONOUT$") };
    size_t     dot  = str_chr(part, '.');
    struct str stem = dot == STR_NONE ? part : str_sub(part, 0, dot);

    while (stem.n && stem.p[stem.n - 1] == ' ')
        stem.n--;
    if (stem.n < 3 || stem.n > 7)
        return false;
    for (size_t i = 0; i < COUNT_OF(name); i++)
        if (str_ieq(stem, name[i]))
            return true;
    return stem.n == 4 && (str_istarts(stem, STR("COM")) || str_istarts(stem, STR("LPT"))) && stem.p[3] >= '1' && stem.p[3] <= '9';
}

static const char *bad_part(struct str part)
{
    if (str_eq(part, STR("..")))
        return "unsafe name: \"..\" in it";
    if (part.n >= EV_NAME_MAX)
        return "name too long";
    return part.n > 2 && part.p[1] == ':' && ch_alpha(part.p[0]) ? "unsafe name: below the working folder of a drive" : NULL;
}

bool members_name(struct arena *a, struct str raw, bool zip, bool utf8, struct str *ret, bool *ret_device, const char **ret_why)
{
    struct str s = raw, part;
    size_t     depth = 0, n = 0;

    *ret_why    = NULL;
    *ret_device = false;
    if (str_chr(s, 0) != STR_NONE) {
        *ret_why = "unsafe name: NUL in it";
        return true;
    }
    if (s.n > 2 * (size_t)UINT16_MAX) {
        *ret_why = "path too long";
        return true;
    }
    if (!utf8_valid(s))
        s = zip && !utf8 ? from_cp437(a, s) : utf8_clean(a, s);
    uint8_t *p = s.p || !raw.n ? TAKE(a, uint8_t, s.n + 1) : NULL;
    if (!p)
        return false;
    for (size_t i = 0; i < s.n; i++)
        p[i] = zip && s.p[i] == '\\' ? '/' : s.p[i];
    s = (struct str){ p, s.n };
    /* "\\server", "\\?\", "\\.\": in a tar a backslash is a letter like any other, but nobody's file begins with two of them. */
    if (str_starts(s, STR("//")) || str_starts(s, STR("\\\\"))) {
        *ret_why = "unsafe name: a network or device path";
        return true;
    }
    /* In place: what is written never overtakes what is read. */
    while (str_cut(&s, '/', &part)) {
        if (part.n == 0 || str_eq(part, STR(".")))
            continue;
        *ret_why = bad_part(part);
        if (!*ret_why && ++depth > EV_DEPTH_MAX)
            *ret_why = "too deep";
        if (*ret_why)
            return true;
        *ret_device = *ret_device || is_device(part);
        if (n)
            p[n++] = '/';
        memmove(p + n, part.p, part.n);
        n += part.n;
    }
    *ret = (struct str){ p, n };
    return true;
}

/* Where a link leads, as far as names can tell: out of the archive, or not. */
static bool leads_out(struct str name, struct str link, bool zip)
{
    size_t depth = 0;

    for (size_t i = 0; i < name.n; i++)
        depth += name.p[i] == '/';
    if (link.n && (link.p[0] == '/' || link.p[0] == '\\' || (link.n > 1 && link.p[1] == ':' && ch_alpha(link.p[0]))))
        return true;
    for (size_t at = 0; at < link.n;) {
        size_t end = at;
        while (end < link.n && link.p[end] != '/' && !(zip && link.p[end] == '\\'))
            end++;
        struct str part = str_sub(link, at, end);
        at = end + 1;
        if (str_eq(part, STR(".."))) {
            if (depth == 0)
                return true;
            depth--;
        } else if (part.n && !str_eq(part, STR("."))) {
            depth++;
        }
    }
    return false;
}

/* ---- adding ---- */

bool members_room(const struct members *m) { return m->n < m->max; }

static bool refused(struct members *m, struct str raw, const char *what, const char *hint)
{
    if (m->refuse)
        m->refuse(m->ctx, raw, what, hint);
    return true;
}

bool members_add(struct members *m, const struct member *one, bool utf8, struct err *e)
{
    struct arena  was = *m->keep;
    struct member in  = *one;
    const char   *why;
    bool          device;

    if (!members_room(m))
        return refused(m, one->raw, "too many: beyond the limit members", "Raise --limits members, or hunt the parts one by one.");
    in.name = STR_EMPTY;
    if (!members_name(m->keep, one->raw, m->zip, utf8, &in.name, &device, &why))
        goto full;
    if (!why && in.kind == MEMBER_LINK && (str_chr(in.link, 0) != STR_NONE || in.link.n > LINK_TEXT_MAX))
        why = "link: its target is no path";
    if (!why && in.kind == MEMBER_LINK && leads_out(in.name, in.link, m->zip))
        why = "link: leads out of the archive";
    if (!why && in.name.n == 0) {
        if (in.kind == MEMBER_DIR) {
            *m->keep = was;                             /* "./": the top itself */
            return true;
        }
        why = "unsafe name: empty";
    }
    if (why) {
        *m->keep = was;
        return refused(m, one->raw, why, "Nothing is ever written by such a name. Look at this entry by hand.");
    }
    /* Nearly always the harmless name is the stored one. */
    in.raw  = str_eq(in.name, one->raw) ? in.name : str_dup(m->keep, one->raw);
    in.link = in.kind == MEMBER_LINK ? str_dup(m->keep, one->link) : STR_EMPTY;
    in.copy = 0;
    if (!in.raw.p || (!in.link.p && in.kind == MEMBER_LINK))
        goto full;
    if (m->n == m->block_n * BLOCK) {
        struct member **at = GROW(m->keep, m->block, m->block_n, &m->block_cap);
        if (!at || !(*at = TAKE(m->keep, struct member, BLOCK)))
            goto full;
        m->block_n++;
    }
    *nth(m, m->n++) = in;
    if (device)
        refused(m, one->raw, "name of a device: no file on Windows can have it", "It was read all the same. Whoever made this archive made up the name.");
    return true;
full:
    *m->keep = was;
    return err_set(e, ERR_MEMORY, "no room for the list of an archive after %zu entries", m->n);
}

size_t members_n(const struct members *m) { return m->n; }

const struct member *members_at(const struct members *m, size_t i) { return nth(m, i); }

/* ---- the tree ---- */

static int rank_of(uint8_t c) { return c == '/' ? 0 : c + 1; }

static int path_cmp(struct str a, struct str b)
{
    size_t n = a.n < b.n ? a.n : b.n, i = 0;

    while (i < n && a.p[i] == b.p[i])
        i++;
    if (i < n)
        return rank_of(a.p[i]) - rank_of(b.p[i]);
    return a.n < b.n ? -1 : a.n > b.n;
}

static int by_path(const void *a, const void *b, void *members)
{
    const struct members *m = members;
    uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
    int      c = path_cmp(nth(m, i)->name, nth(m, k)->name);

    return c ? c : i < k ? -1 : i > k;
}

bool members_settle(struct members *m, struct err *e)
{
    m->order = TAKE(m->keep, uint32_t, m->n + 1);
    if (!m->order)
        return err_set(e, ERR_MEMORY, "no room to sort %zu entries of an archive", m->n);
    for (size_t i = 0; i < m->n; i++)
        m->order[i] = (uint32_t)i;
    qsort_r(m->order, m->n, sizeof *m->order, by_path, m);
    uint32_t copy = 0;
    for (size_t i = 0; i < m->n; i++) {
        struct member *at = nth(m, m->order[i]);
        if (i == 0 || !str_eq(at->name, sorted(m, i - 1)->name))
            copy = 0;
        if (at->kind != MEMBER_DIR)
            at->copy = copy++;
    }
    return true;
}

/* The first place in the order whose name is not below `s` in it; `past`: nor inside the folder s. */
static size_t lower(const struct members *m, size_t from, struct str s, bool past)
{
    size_t lo = from, hi = m->n;

    while (lo < hi) {
        size_t     mid  = lo + (hi - lo) / 2;
        struct str name = sorted(m, mid)->name;
        bool       in   = name.n >= s.n && memcmp(name.p, s.p, s.n) == 0 && (name.n == s.n || name.p[s.n] == '/');
        if (in ? past : path_cmp(name, s) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Components by themselves: "./a//b/" is "a/b". A key keeps its number. */
static struct str tidy(struct arena *a, struct str below, bool *ret_up)
{
    uint8_t   *p = TAKE(a, uint8_t, below.n + 1);
    struct str part;
    size_t     n = 0;

    *ret_up = false;
    while (p && str_cut(&below, '/', &part)) {
        if (part.n == 0 || str_eq(part, STR(".")))
            continue;
        *ret_up = *ret_up || str_eq(part, STR(".."));
        if (n)
            p[n++] = '/';
        memcpy(p + n, part.p, part.n);
        n += part.n;
    }
    return (struct str){ p, n };
}

static bool no_folder(struct str below, struct err *e)
{
    err_set(e, ERR_IO, "open folder: no such folder in the archive");
    return err_where(e, "%.*s", STR_ARG(below));
}

/* In place of an inode: where it stands in the order, and how deep (a folder without an entry begins where its first child does). */
static uint64_t number_of(size_t place, struct str whole, bool dir)
{
    uint64_t depth = 1;

    for (size_t i = 0; i < whole.n; i++)
        depth += whole.p[i] == '/';
    return ((uint64_t)place << 9) + (dir ? depth : 0) + 1;
}

static bool one_entry(const struct members *m, struct arena *a, struct os_entry *at, struct str name, const struct member *x, struct str whole, size_t place)
{
    bool dir = !x || x->kind == MEMBER_DIR;

    *at = (struct os_entry){ .name = name, .raw = x ? x->raw : whole };
    at->st = (struct os_stat){ .kind = dir ? OS_DIR : x->kind == MEMBER_LINK ? OS_LINK : OS_FILE, .size_bytes = x && x->kind == MEMBER_FILE ? x->size_bytes : 0,
                               .mtime_us = x ? x->mtime_us : TIME_NONE, .btime_us = TIME_NONE, .dev = (uint64_t)(uintptr_t)m,
                               .ino = number_of(place, whole, dir) };
    if (!dir && x->copy) {
        at->key = str_fmt(a, "%.*s%c%u", STR_ARG(name), 0, x->copy);
        return at->key.p;
    }
    return true;
}

bool members_list(const struct members *m, struct str below, struct arena *a, struct os_entry **ret, size_t *ret_n, struct err *e)
{
    struct os_entry *list = NULL;
    size_t           n = 0, cap = 0;
    bool             up;
    struct str       dir = tidy(a, below, &up);

    if (!dir.p)
        return err_set(e, ERR_MEMORY, "no room for the name of a folder");
    if (up)
        return no_folder(below, e);
    size_t at = dir.n ? lower(m, 0, dir, false) : 0, end = dir.n ? lower(m, at, dir, true) : m->n;
    bool   is_dir = dir.n == 0;
    for (; at < end && sorted(m, at)->name.n == dir.n; at++)
        is_dir = is_dir || sorted(m, at)->kind == MEMBER_DIR;
    if (!is_dir && at == end)
        return no_folder(below, e);
    while (at < end) {
        const struct member *x = sorted(m, at);
        size_t     from  = dir.n ? dir.n + 1 : 0, slash = str_chr(str_from(x->name, from), '/');
        struct str name  = slash == STR_NONE ? str_from(x->name, from) : str_sub(x->name, from, from + slash);
        struct str whole = str_sub(x->name, 0, from + name.n);
        const struct member *folder = NULL;
        size_t next = lower(m, at, whole, true), first = at;
        bool   deeper = false;
        for (; at < next; at++) {
            x = sorted(m, at);
            if (x->name.n > whole.n) {
                deeper = true;
                break;
            }
            if (x->kind == MEMBER_DIR) {
                folder = folder ? folder : x;
                continue;
            }
            struct os_entry *to = GROW(a, list, n, &cap);
            if (!to || !one_entry(m, a, to, name, x, whole, at))
                return err_set(e, ERR_MEMORY, "no room for the names of a folder after %zu", n);
            n++;
        }
        if (deeper || folder) {
            struct os_entry *to = GROW(a, list, n, &cap);
            if (!to || !one_entry(m, a, to, name, folder, whole, first))
                return err_set(e, ERR_MEMORY, "no room for the names of a folder after %zu", n);
            n++;
        }
        at = next;
    }
    *ret   = list;
    *ret_n = n;
    return true;
}

const struct member *members_find(const struct members *m, struct str below)
{
    uint8_t      block[EV_NAME_MAX * 16];
    struct arena a = { block, block + sizeof block, NULL };
    bool         up;
    uint8_t     *large = below.n + 1 > sizeof block ? malloc(below.n + 1) : NULL;
    if (large)
        a = (struct arena){ large, large + below.n + 1, NULL };
    struct str   s = tidy(&a, below, &up);
    const struct member *ret = NULL;

    if (s.p && !up && s.n) {
        uint64_t copy = 0;
        size_t   nul = str_chr(s, 0);
        bool     fine = nul == STR_NONE || (nul + 1 < s.n && num_u64(str_from(s, nul + 1), &copy) && copy > 0);
        s = str_sub(s, 0, nul);
        for (size_t i = fine ? lower(m, 0, s, false) : m->n; !ret && i < m->n && str_eq(sorted(m, i)->name, s); i++)
            if (sorted(m, i)->kind != MEMBER_DIR && sorted(m, i)->copy == copy)
                ret = sorted(m, i);
    }
    free(large);
    return ret;
}
