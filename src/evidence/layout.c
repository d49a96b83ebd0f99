#include "evidence/layout_inner.h"

#include "base/num.h"

const struct layout_kind *const layout_table[] = {
    &layout_velociraptor, &layout_acquire, &layout_uac, &layout_tanium, &layout_orc, &layout_kape, &layout_cylr, NULL,
};

/* ---- notes and places ---- */

void layout_note_add(struct layout *l, struct str path, const char *what, const char *hint)
{
    if (l->note_n == LAYOUT_NOTES_MAX)
        return;
    struct layout_note *at = &l->note[l->note_n++];
    bool native = path.n < 2 || path.p[1] != ':';                /* else a path of the server */
    *at = (struct layout_note){ .path = native ? layout_join(l->keep, l->top, '/', path) : str_dup(l->keep, path), .what = what, .hint = hint };
    if (l->note_n == LAYOUT_NOTES_MAX)
        *at = (struct layout_note){ .what = "more notes than are kept", .hint = "The collection says more about itself than this list holds. Read its own logs." };
}

struct layout_place layout_place_none(void)
{
    return (struct layout_place){ .what = LAYOUT_PLAIN, .mtime_us = TIME_NONE, .btime_us = TIME_NONE };
}

void layout_place_refuse(struct layout_place *ret, const char *what, const char *hint)
{
    *ret         = layout_place_none();
    ret->what    = LAYOUT_REFUSE;
    ret->refused = what;
    ret->hint    = hint;
}

void layout_place_native(struct layout_place *ret, struct str volume, struct str rest, struct arena *a)
{
    struct layout_place place = layout_place_none();
    const char         *wrong = layout_native_wrong(rest);
    struct str          tail;

    if (!wrong && layout_path_rest(rest, a, &tail, &wrong)) {
        place.what = LAYOUT_PLACE;
        place.path = str_cat(a, volume, tail);
        if (!place.path.p)
            wrong = "no room for the path";
    }
    if (wrong)
        layout_place_refuse(ret, wrong, "The entry's name is not one a Windows file can have. Look at it by hand.");
    else
        *ret = place;
}

/* ---- the tree ---- */

const struct os_entry *layout_entry(const struct os_entry *list, size_t n, struct str name, enum os_kind kind)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].st.kind == kind && str_ieq(list[i].name, name))
            return &list[i];
    return NULL;
}

struct str layout_join(struct arena *a, struct str dir, uint8_t sep, struct str name)
{
    uint8_t *p = TAKE(a, uint8_t, dir.n + name.n + 1);
    size_t   n = 0;

    if (!p)
        return STR_EMPTY;
    for (size_t i = 0; i < dir.n; i++)
        p[n++] = dir.p[i];
    if (dir.n && name.n)
        p[n++] = sep;
    for (size_t i = 0; i < name.n; i++)
        p[n++] = name.p[i];
    return (struct str){ p, n };
}

bool layout_list(const struct layout *l, struct str below, struct arena *a, struct os_entry **ret, size_t *ret_n)
{
    struct err why    = { 0 };
    struct str native = layout_join(a, l->top, '/', below);

    return native.p && l->os->list(l->os, l->root, native, a, ret, ret_n, &why);
}

/* ---- opening ---- */

/* The only folder of a listing that holds nothing else: what somebody packed together with the folder around it. */
static const struct os_entry *only_folder(const struct os_entry *list, size_t n)
{
    const struct os_entry *only = NULL;

    for (size_t i = 0; i < n; i++) {
        if (str_eq(list[i].name, STR("__MACOSX")) || str_eq(list[i].name, STR(".DS_Store")))
            continue;
        if (only || list[i].st.kind != OS_DIR)
            return NULL;
        only = &list[i];
    }
    return only && !layout_drive(only->name) ? only : NULL;
}

static const struct layout_kind *kind_of(const struct layout *l, struct str archive_name, const struct os_entry *list, size_t n, struct arena scratch)
{
    const struct layout_kind *best = NULL;
    int                       high = LAYOUT_SURE - 1;

    for (size_t i = 0; layout_table[i]; i++) {
        int score = layout_table[i]->probe(l, archive_name, list, n, scratch);
        if (score > high) {
            high = score;
            best = layout_table[i];
        }
        if (score >= 100)
            break;
    }
    return best;
}

bool layout_open(struct layout **ret, struct os *os, struct str root, struct str archive_name, const struct ev_limits *limits,
                 struct arena *keep, struct arena scratch, struct err *e)
{
    struct layout look = { .os = os, .root = root, .limits = limits, .keep = keep, .floor_bytes = arena_room(keep) / 2 };

    for (int depth = 0; depth <= LAYOUT_TOP_DEPTH; depth++) {
        struct os_entry *list = NULL;
        size_t           n    = 0;
        if (!layout_list(&look, STR_EMPTY, &scratch, &list, &n))
            break;                                   /* the walk will say what is wrong with it */
        look.kind = kind_of(&look, archive_name, list, n, scratch);
        if (look.kind)
            break;
        const struct os_entry *only = only_folder(list, n);
        if (!only)
            break;
        look.top = layout_join(&scratch, look.top, '/', only->key.n ? only->key : only->name);
        if (!look.top.p)
            return err_set(e, ERR_MEMORY, "no room for a layout's folder");
    }
    if (!look.kind) {
        *ret = NULL;
        return true;
    }
    struct layout *l = NEW(keep, struct layout, 1);
    if (!l)
        return err_set(e, ERR_MEMORY, "no room for a layout");
    *l     = look;
    l->top = str_dup(keep, look.top);
    if (!l->top.p)
        return err_set(e, ERR_MEMORY, "no room for a layout's folder");
    if (!l->kind->open(l, archive_name, scratch, e))
        return false;
    *ret = l;
    return true;
}

/* Entries that share a name have keys, "name NUL number" (members.h): here they are one name. */
static struct str names_of(struct str keys, struct arena *a)
{
    uint8_t *p = TAKE(a, uint8_t, keys.n + 1);
    size_t   n = 0;

    if (!p)
        return STR_EMPTY;
    for (size_t i = 0; i < keys.n; i++) {
        if (keys.p[i] == 0)
            while (i < keys.n && keys.p[i] != '/')
                i++;
        if (i < keys.n)
            p[n++] = keys.p[i];
    }
    return (struct str){ p, n };
}

void layout_map(const struct layout *l, struct str below, bool is_dir, struct arena *a, struct layout_place *ret)
{
    *ret = layout_place_none();
    if (str_chr(below, 0) != STR_NONE) {
        below = names_of(below, a);
        if (!below.p) {
            layout_place_refuse(ret, "no room for the path", "Hunt this part of the evidence by itself.");
            return;
        }
    }
    struct str rest = below;
    if (l->top.n) {
        bool inside = str_starts(below, l->top) && (below.n == l->top.n || below.p[l->top.n] == '/');
        bool above  = below.n < l->top.n && str_starts(l->top, below) && (below.n == 0 || l->top.p[below.n] == '/');
        if (!inside) {
            ret->what = above && is_dir ? LAYOUT_ENTER : LAYOUT_PLAIN;
            return;
        }
        rest = str_from(below, below.n == l->top.n ? below.n : l->top.n + 1);
    }
    if (rest.n == 0) {
        ret->what = LAYOUT_ENTER;
        return;
    }
    l->kind->map(l, rest, is_dir, a, ret);
}

bool layout_share(struct layout *const *all, size_t n, struct err *e)
{
    for (size_t i = 0; layout_table[i]; i++)
        if (layout_table[i]->share && !layout_table[i]->share(all, n, e))
            return false;
    return true;
}

/* ---- by name only, and sparse ---- */

/* "EXCH01_20210312100000": a host and a time of 14 digits. */
static bool is_acquire_name(struct str stem)
{
    size_t at = str_rchr(stem, '_');

    if (at == STR_NONE || at == 0 || stem.n - at - 1 != 14)
        return false;
    for (size_t i = at + 1; i < stem.n; i++)
        if (!ch_digit(stem.p[i]))
            return false;
    return true;
}

bool layout_sealed(struct str name, const char **ret_what, const char **ret_hint)
{
    if (str_iends(name, STR(".enc")) && is_acquire_name(layout_stem(str_sub(name, 0, name.n - 4)))) {
        *ret_what = "encrypted by acquire";
        *ret_hint = "Its content is sealed with the key of whoever made the collection. Decrypt it with acquire-decrypt and hunt the result.";
        return true;
    }
    if (str_iends(name, STR(".p7b")) && str_istarts(name, STR("DFIR-ORC"))) {
        *ret_what = "encrypted by DFIR-ORC";
        *ret_hint = "A CMS envelope: decrypt it with the private key it was made for (orc-decrypt, or openssl cms) and hunt the result.";
        return true;
    }
    return false;
}

uint64_t layout_sparse_at(const struct layout_sparse *s, uint64_t off, bool *ret_hole, uint64_t *ret_file_off)
{
    size_t lo = 0, hi = s->n;

    *ret_hole     = true;
    *ret_file_off = 0;
    if (off >= s->size_bytes)
        return 0;
    while (lo < hi) {                      /* the first range that ends behind off */
        size_t mid = lo + (hi - lo) / 2;
        if (s->range[mid].original_off + s->range[mid].bytes <= off)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == s->n || s->range[lo].original_off >= s->size_bytes)
        return s->size_bytes - off;
    const struct layout_range *r = &s->range[lo];
    if (off < r->original_off)
        return r->original_off - off;
    *ret_hole     = false;
    *ret_file_off = r->file_off + (off - r->original_off);
    uint64_t left = r->bytes - (off - r->original_off);
    return left < s->size_bytes - off ? left : s->size_bytes - off;
}
