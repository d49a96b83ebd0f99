/*
 * velociraptor: the zip of an offline collector, the export of a flow, or either of them as a folder.
 *
 * Names    uploads/<accessor>/<volume>/..., each component percent-encoded by itself. Decoded once, to bytes. What no decoding can tell (padding
 *          that the writer adds, see twin) is looked up among the components that uploads.json states.
 * Sparse   "X.idx" beside "X" is a map of X (velociraptor_sparse.c) when uploads.json says so, or says nothing and X is there; else a file of the server.
 * Early    velociraptor_early.c: what collectors wrote before 0.6.7 (October 2022), the time of the campaign among it.
 * Source   fact sheet on interchange formats, 2.1; Velocidex/velociraptor, the functions that write and read names of the file store and of zips.
 */
#include "evidence/layout_velociraptor.h"

#include "base/num.h"
#include "evidence/ev.h"

#include <string.h>

static const struct str accessors[] = { STR_INIT("auto"), STR_INIT("file"), STR_INIT("ntfs"), STR_INIT("lazy_ntfs"), STR_INIT("mft"), STR_INIT("ntfs_vss") };

static bool is_accessor(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(accessors); i++)
        if (str_eq(name, accessors[i]))
            return true;
    return false;
}

/* ---- names ---- */

/* "%HH" to a byte; a '%' without two characters behind it goes; one that is no escape at all stays. */
static struct str decode(struct arena *a, struct str c)
{
    uint8_t *p = TAKE(a, uint8_t, c.n + 1);
    size_t   n = 0;

    if (!p)
        return STR_EMPTY;
    for (size_t i = 0; i < c.n; i++) {
        if (c.p[i] != '%') {
            p[n++] = c.p[i];
        } else if (c.n - i > 2) {
            int hi = ch_hex(c.p[i + 1]), lo = ch_hex(c.p[i + 2]);
            p[n++] = (uint8_t)(hi < 0 || lo < 0 ? '%' : hi << 4 | lo);
            i += hi < 0 || lo < 0 ? 0 : 2;
        }
    }
    return (struct str){ p, n };
}

/*
 * The other name that may be meant. On a server a name that ends in ".db" or "_" got one more "_"; in a zip a last dot or blank is written twice,
 * as it is and escaped.
 */
static struct str twin(struct str raw, struct str name, bool server)
{
    if (name.n < 2)
        return name;
    struct str less = str_sub(name, 0, name.n - 1);
    if (server && name.p[less.n] == '_' && (str_ends(less, STR("_")) || str_ends(less, STR(".db"))))
        return less;
    if (!server && (str_ends(raw, STR(".%2E")) || str_ends(raw, STR(" %20"))))
        return less;
    return name;
}

bool velociraptor_key(const struct layout *l, struct str native, bool as_twin, struct arena *a, struct str *ret, const char **ret_wrong)
{
    if (l->work->early) {
        *ret       = native;
        *ret_wrong = NULL;
        return true;
    }
    uint8_t *p = TAKE(a, uint8_t, native.n + 1);
    size_t   n = 0;

    *ret_wrong = p ? NULL : "no room for the path";
    for (struct str one; !*ret_wrong && str_cut(&native, '/', &one);) {
        struct arena here = *a;
        struct str   name = decode(&here, one);
        if (!name.p) {
            *ret_wrong = "no room for the path";
            break;
        }
        if (as_twin)
            name = twin(one, name, l->work->server);
        if (str_chr(name, '/') != STR_NONE || str_chr(name, 0) != STR_NONE) {
            *ret_wrong = "unsafe name: an escape hides a separator or NUL";
            break;
        }
        if (n)
            p[n++] = '/';
        if (name.n)                               /* decoding never makes it longer */
            memcpy(p + n, name.p, name.n);
        n += name.n;
    }
    *ret = (struct str){ p, n };
    return !*ret_wrong;
}

/* ---- volumes ---- */

/* "C:", "\\.\C:", "\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy3"; any other device is a volume nobody knows. False: no volume at all. */
static bool volume_of(struct str c, struct velociraptor_volume *ret)
{
    static const struct str copy = STR_INIT("HarddiskVolumeShadowCopy");
    struct velociraptor_volume v = { 0 };

    bool device = str_starts(c, STR("\\\\.\\")) || str_starts(c, STR("\\\\?\\"));
    if (device)
        c = str_from(c, 4);
    if (c.n == 2 && layout_drive(c)) {
        v.letter = layout_drive(c);
        *ret     = v;
        return true;
    }
    if (!device)
        return false;
    size_t   at = str_ifind(c, copy);
    uint32_t n;
    if (at != STR_NONE && num_u32(str_from(c, at + copy.n), &n))
        v.shadow = n > UINT8_MAX ? UINT8_MAX : (uint8_t)n;
    *ret = v;
    return true;
}

bool velociraptor_stated(struct str path, struct velociraptor_volume *ret, struct str *ret_rest)
{
    struct str head = path, tail = STR_EMPTY;
    size_t     from = str_starts(path, STR("\\\\.\\")) || str_starts(path, STR("\\\\?\\")) ? 4 : 0;

    if (str_istarts(str_from(path, from), STR("GLOBALROOT\\Device\\")))
        from += 18;
    for (size_t at = from; at < path.n; at++)
        if (path.p[at] == '\\' || path.p[at] == '/') {
            head = str_sub(path, 0, at);
            tail = str_from(path, at);
            break;
        }
    if (!volume_of(head, ret))
        return false;
    *ret_rest = tail;
    return true;
}

bool velociraptor_place_key(struct velociraptor_volume v, struct str rest, struct arena *a, struct str *ret)
{
    struct str volume = v.shadow ? str_fmt(a, "VSS%u", v.shadow) : layout_volume(v.letter);

    *ret = volume.p ? str_cat(a, volume, rest) : STR_EMPTY;
    return ret->p != NULL;
}

/* ---- one entry ---- */

static const char no_room[]     = "no room for the path";
static const char name_hint[]   = "The entry's name is not one a Windows file can have. Look at it by hand.";

/* `key`: decoded components from the accessor on. */
static void place(const struct layout *l, struct str key, bool is_dir, const struct layout_row *row, struct arena *a, struct layout_place *ret)
{
    const struct layout_work  *w = l->work;
    struct velociraptor_volume v = { 0 };
    struct layout_place        p = layout_place_none();
    const char                *wrong = NULL;
    struct str accessor, first, rest = key, tail = STR_EMPTY, place_key;

    str_cut(&rest, '/', &accessor);
    if (rest.n == 0) {
        ret->what = is_dir ? LAYOUT_ENTER : LAYOUT_SKIP;
        return;
    }
    struct str whole = rest;
    str_cut(&rest, '/', &first);
    bool known = volume_of(first, &v);
    if (!known && !is_accessor(accessor)) {
        ret->what = LAYOUT_SKIP;                  /* what an artifact made, not a file of the server */
        return;
    }
    bool stated = !known && row && row->path.n;
    if (stated) {
        p.path = str_dup(a, row->path);
    } else {
        tail  = known ? rest : whole;
        wrong = layout_native_wrong(tail);
        if (!wrong && layout_path_rest(tail, a, &tail, &wrong))
            p.path = str_cat(a, layout_volume(v.shadow ? w->only_letter : v.letter), tail);
    }
    if (wrong || !p.path.p) {
        layout_place_refuse(ret, wrong ? wrong : no_room, name_hint);
        return;
    }
    p.what   = LAYOUT_PLACE;
    p.shadow = v.shadow;
    if (!is_dir && known) {
        if (!velociraptor_place_key(v, tail, a, &place_key)) {
            layout_place_refuse(ret, no_room, name_hint);
            return;
        }
        const struct layout_row *times = layout_rows_get(&w->times, place_key);
        if (times) {
            p.mtime_us = times->mtime_us;
            p.btime_us = times->btime_us;
        }
        if (!row)
            row = layout_rows_get(&w->stated, place_key);
    }
    if (!is_dir) {
        const struct layout_row *sparse = layout_rows_get(&w->sparse, key);
        p.partial = sparse ? sparse->partial : row && row->partial;
        p.sparse  = sparse ? &w->map[sparse->turn] : NULL;
    }
    *ret = p;
}

static void map_upload(const struct layout *l, struct str native, bool is_dir, struct arena *a, struct layout_place *ret)
{
    const struct layout_row *row;
    const char              *wrong;
    struct str               key, other;

    if (!velociraptor_key(l, native, false, a, &key, &wrong) || !velociraptor_key(l, native, true, a, &other, &wrong)) {
        layout_place_refuse(ret, wrong, name_hint);
        return;
    }
    row = layout_rows_get(&l->work->up, key);
    if (!row && !str_eq(key, other)) {
        key = other;
        row = layout_rows_get(&l->work->up, key);
    }
    if (!is_dir && !row && str_ends(key, STR(".idx")) && layout_rows_get(&l->work->maps, key))
        ret->what = LAYOUT_SKIP;
    else
        place(l, key, is_dir, row, a, ret);
}

static void map(const struct layout *l, struct str below, bool is_dir, struct arena *a, struct layout_place *ret)
{
    static const struct str own[] = { STR_INIT("results"), STR_INIT("artifacts"), STR_INIT("logs"), STR_INIT("notebooks") };
    struct str rest = below, first;

    if (l->work->early) {
        velociraptor_early_map(l, below, is_dir, a, ret);
        return;
    }
    str_cut(&rest, '/', &first);
    if (str_eq(first, STR("uploads")) && (rest.n || is_dir)) {
        if (rest.n)
            map_upload(l, rest, is_dir, a, ret);
        else
            ret->what = LAYOUT_ENTER;
        return;
    }
    if (l->work->sealed) {
        ret->what = str_eq(below, STR("data.zip")) ? LAYOUT_INNER : LAYOUT_SKIP;
        return;
    }
    bool skip = rest.n == 0 && !is_dir && (str_ends(first, STR(".json")) || str_ends(first, STR(".json.index")) || str_ends(first, STR(".csv")));
    for (size_t i = 0; i < COUNT_OF(own); i++)
        skip = skip || (str_eq(first, own[i]) && (rest.n || is_dir));
    ret->what = skip ? LAYOUT_SKIP : LAYOUT_PLAIN;
}

/* ---- opening ---- */

/* uploads/<accessor>/<a volume>: what stays when uploads.json is lost. */
static bool holds_uploads(const struct layout *l, struct arena scratch)
{
    struct os_entry *list;
    size_t           n;

    for (size_t i = 0; i < COUNT_OF(accessors); i++) {
        struct arena here = scratch;
        struct str   dir  = str_fmt(&here, "uploads/%s", (const char *)accessors[i].p);
        if (!dir.p || !layout_list(l, dir, &here, &list, &n))
            continue;
        for (size_t k = 0; k < n; k++) {
            struct velociraptor_volume v;
            struct arena               one = here;
            if (list[k].st.kind == OS_DIR && volume_of(decode(&one, list[k].name), &v))
                return true;
        }
    }
    return false;
}

/* Can data.zip be read as it is? Either the outer zip holds it encrypted, or its own entries are; with the right password neither shows. */
static void look_at_data(const struct layout *l, struct arena scratch, bool *ret_locked, bool *ret_plain)
{
    struct os_file f   = OS_FILE_NONE;
    struct err     why = { 0 };
    uint8_t        head[8];
    size_t         got  = 0;
    uint64_t       size;
    struct str     name = layout_join(&scratch, l->top, '/', STR("data.zip"));
    bool ok = name.p && l->os->open(l->os, l->root, name, &f, &size, &why) && l->os->read_at(l->os, f, 0, head, sizeof head, &got, &why);
    bool local = ok && got == sizeof head && memcmp(head, "PK\3\4", 4) == 0;       /* APPNOTE 4.3.7: bit 0 of the flags at 6 */

    l->os->close(l->os, &f);
    *ret_locked = local ? (head[6] & 1) != 0 : str_ihas(str_c(why.what), STR("encrypted"));
    *ret_plain  = local && !(head[6] & 1);
}

/* An encrypted container: data.zip alone (a password), or with metadata.json that says how. */
static bool is_sealed(const struct layout *l, const struct os_entry *top, size_t n, struct arena scratch)
{
    bool locked, plain;

    if (n > 2 || !layout_entry(top, n, STR("data.zip"), OS_FILE))
        return false;
    if (n == 2)
        return layout_entry(top, n, STR("metadata.json"), OS_FILE) != NULL;
    look_at_data(l, scratch, &locked, &plain);
    return locked;
}

static int probe(const struct layout *l, struct str archive_name, const struct os_entry *top, size_t n, struct arena scratch)
{
    bool uploads = layout_entry(top, n, STR("uploads"), OS_DIR), list = layout_entry(top, n, STR("uploads.json"), OS_FILE);

    (void)archive_name;
    if (uploads && list)
        return 100;
    if (is_sealed(l, top, n, scratch))
        return l->top.n ? 0 : 100;            /* whoever opens data.zip looks for it at the top: the folder is a tree of its own */
    if (uploads && holds_uploads(l, scratch))
        return 90;
    if (!uploads && !list && velociraptor_early_probe(l, top, n, scratch))
        return 100;
    bool about = layout_entry(top, n, STR("client_info.json"), OS_FILE) && layout_entry(top, n, STR("collection_context.json"), OS_FILE);
    return about || (list && layout_entry(top, n, STR("results"), OS_DIR)) ? 80 : 0;
}

static bool open_it(struct layout *l, struct str archive_name, struct arena scratch, struct err *e)
{
    struct os_entry *top = NULL;
    size_t           n   = 0;

    l->work = NEW(l->keep, struct layout_work, 1);
    if (!l->work)
        return err_set(e, ERR_MEMORY, "no room for a layout");
    l->selective    = true;
    struct arena here = scratch;
    if (layout_list(l, STR_EMPTY, &here, &top, &n)) {
        l->work->sealed = is_sealed(l, top, n, here);
        l->work->early  = !layout_entry(top, n, STR("uploads"), OS_DIR) && !layout_entry(top, n, STR("uploads.json"), OS_FILE) &&
                         velociraptor_early_probe(l, top, n, here);
        l->work->server = layout_entry(top, n, STR("uploads.json.index"), OS_FILE) != NULL;
    }
    if (l->work->sealed) {
        bool locked, plain;
        look_at_data(l, scratch, &locked, &plain);
        l->encrypted = !plain;
        return velociraptor_sealed(l, archive_name, scratch, e);
    }
    if (l->work->early)
        return velociraptor_server(l, archive_name, scratch, e) && velociraptor_early(l, scratch, e) && velociraptor_maps(l, scratch, e);
    return velociraptor_server(l, archive_name, scratch, e) && velociraptor_uploads(l, scratch, e) && velociraptor_maps(l, scratch, e) &&
           velociraptor_times(l, scratch, e);
}

const struct layout_kind layout_velociraptor = {
    .name = "velociraptor", .about = "a Velociraptor offline collection or flow export (uploads.json, uploads/)",
    .probe = probe, .open = open_it, .map = map,
};
