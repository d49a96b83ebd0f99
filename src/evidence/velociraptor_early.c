/*
 * Collections that Velociraptor wrote before 0.6.7: at the top lie the drives ("C/inetpub/...") beside folders of results
 * ("Windows.KapeFiles.Targets/All File Metadata.json"). An entry is its path without every ':' and '?', so "\\.\C:\$Extend\$UsnJrnl:$J" is
 * "C/$Extend/$UsnJrnl$J", and a shadow copy "GLOBALROOT/Device/HarddiskVolumeShadowCopy1/..."; where an artifact gave no name, the accessor stands
 * before it ("auto/C/..."). The results still know the whole path: it is taken where it gives this very entry, and only for streams is it needed.
 *
 * Source   Velocidex/velociraptor, reporting/container.go of 2021 (names, sparse maps) and the artifacts Windows.Collectors.File, Generic.Client.Info.
 */
#include "evidence/layout_velociraptor.h"

#include "base/num.h"

static const char name_hint[] = "The entry's name is not one a Windows file can have. Look at it by hand.";

bool velociraptor_early_root(struct str name, bool *ret_accessor)
{
    static const struct str accessor[] = { STR_INIT("auto"), STR_INIT("file"), STR_INIT("ntfs"), STR_INIT("lazy_ntfs"), STR_INIT("mft") };

    *ret_accessor = false;
    for (size_t i = 0; i < COUNT_OF(accessor) && !*ret_accessor; i++)
        *ret_accessor = str_eq(name, accessor[i]);
    return *ret_accessor || (name.n == 1 && layout_drive(name)) || str_ieq(name, STR("GLOBALROOT"));
}

/* "Windows.KapeFiles.Targets" */
static bool is_artifact(struct str name) { return str_chr(name, '.') != STR_NONE && name.n && ch_alpha(name.p[0]); }

static bool is_times(struct str name)
{
    return str_ieq(name, STR("All File Metadata.json")) || str_ieq(name, STR("All Matches Metadata.json")) || str_ieq(name, STR("Uploads.json"));
}

bool velociraptor_early_probe(const struct layout *l, const struct os_entry *top, size_t n, struct arena scratch)
{
    bool root = false, results = false, accessor;

    for (size_t i = 0; i < n; i++)
        root = root || (top[i].st.kind == OS_DIR && velociraptor_early_root(top[i].name, &accessor));
    for (size_t i = 0; root && !results && i < n && i < 1000; i++) {
        struct arena     here = scratch;
        struct os_entry *list = NULL;
        size_t           m    = 0;
        if (top[i].st.kind != OS_DIR || !is_artifact(top[i].name) || !layout_list(l, top[i].name, &here, &list, &m))
            continue;
        for (size_t k = 0; k < m && !results; k++)
            results = list[k].st.kind == OS_FILE && (is_times(list[k].name) || str_eq(list[k].name, STR("BasicInformation.json")));
    }
    return root && results;
}

/* Without ':' and '?', '/' between: the entry that a path became. */
static struct str squash(struct arena *a, struct str path)
{
    uint8_t *p = TAKE(a, uint8_t, path.n + 1);
    size_t   n = 0;

    for (size_t i = 0; p && i < path.n; i++)
        if (path.p[i] != ':' && path.p[i] != '?')
            p[n++] = path.p[i] == '\\' ? '/' : path.p[i];
    return (struct str){ p, n };
}

struct side { struct layout *l; struct arena scratch; uint64_t bad; };

static bool take_row(void *ctx, struct json_object *o, struct err *e)
{
    struct side               *s    = ctx;
    struct layout_work        *w    = s->l->work;
    struct arena               here = s->scratch;
    struct layout_row          row  = { .mtime_us = layout_json_time(o, "Modified"), .btime_us = layout_json_time(o, "Created") };
    struct velociraptor_volume v;
    struct str                 stated = STR_EMPTY, rest, key;
    const char                *wrong;

    layout_json_text(o, "SourceFile", &stated);
    if (!velociraptor_stated(stated, &v, &rest) || !layout_path_rest(rest, &here, &rest, &wrong)) {
        s->bad++;
        return true;
    }
    if (!velociraptor_place_key(v, rest, &here, &key))
        return err_set(e, ERR_MEMORY, "no room for a row of file times");
    if ((row.mtime_us != TIME_NONE || row.btime_us != TIME_NONE) && !layout_rows_add(&w->times, s->l->keep, key, &row, e))
        return false;
    if (str_chr(rest, ':') == STR_NONE)
        return true;
    row.path = rest;
    key      = squash(&here, key);
    if (!key.p)
        return err_set(e, ERR_MEMORY, "no room for a row of file times");
    return layout_rows_add(&w->up, s->l->keep, key, &row, e);
}

bool velociraptor_early(struct layout *l, struct arena scratch, struct err *e)
{
    struct os_entry *top = NULL, *list = NULL;
    size_t           n = 0, m = 0;
    uint32_t         seen = 0;
    bool             accessor;

    l->work->times.fold = l->work->up.fold = true;
    if (!layout_list(l, STR_EMPTY, &scratch, &top, &n))
        return true;
    for (size_t i = 0; i < n; i++) {
        struct arena dir = scratch;
        if (top[i].st.kind != OS_DIR)
            continue;
        if (velociraptor_early_root(top[i].name, &accessor) && !accessor && layout_drive(top[i].name))
            seen |= UINT32_C(1) << (layout_drive(top[i].name) - 'A');
        if (!is_artifact(top[i].name) || !layout_list(l, top[i].name, &dir, &list, &m))
            continue;
        for (size_t k = 0; k < m; k++) {
            struct arena here = dir;
            struct str   body, name = layout_join(&here, top[i].name, '/', list[k].name);
            if (list[k].st.kind != OS_FILE || !is_times(list[k].name))
                continue;
            if (!name.p)
                return err_set(e, ERR_MEMORY, "no room for a name of results");
            if (!layout_slurp(l, name, &here, &body, e))
                return false;
            struct side s = { .l = l, .scratch = here };
            if (!layout_json_rows(l, name, body, take_row, &s, NULL, e))
                return false;
            if (s.bad)
                layout_note_add(l, name, "rows of file times state no usable path", "The times of these files are those of the container, if any.");
        }
    }
    if (seen && (seen & (seen - 1)) == 0)
        l->work->only_letter = (uint8_t)('A' + __builtin_ctz(seen));
    layout_rows_settle(&l->work->times);
    layout_rows_settle(&l->work->up);
    return true;
}

/* `key`: the entry from the top on, for sparse maps. `rest`: from the drive on. */
static void place(const struct layout *l, struct str below, struct str rest, bool is_dir, struct arena *a, struct layout_place *ret)
{
    static const struct str copy = STR_INIT("GLOBALROOT/Device/HarddiskVolumeShadowCopy");
    const struct layout_work  *w = l->work;
    struct velociraptor_volume v = { 0 };
    struct layout_place        p = layout_place_none();
    struct str                 first, tail, key;
    uint32_t                   n;
    const char                *wrong = NULL;

    if (str_istarts(rest, copy)) {
        rest = str_from(rest, copy.n);
        str_cut(&rest, '/', &first);
        if (num_u32(first, &n))
            v.shadow = n >= OS_DELETED ? OS_DELETED - 1 : (uint8_t)n;
    } else {
        str_cut(&rest, '/', &first);
        v.letter = layout_drive(first);
        if (!v.letter || (!is_dir && rest.n == 0)) {
            ret->what = is_dir && str_istarts(copy, first) ? LAYOUT_ENTER : LAYOUT_PLAIN;
            return;
        }
    }
    wrong = layout_native_wrong(rest);
    if (!wrong && layout_path_rest(rest, a, &tail, &wrong) && velociraptor_place_key(v, tail, a, &key)) {
        struct str squashed = squash(a, key);
        const struct layout_row *whole = is_dir || !squashed.p ? NULL : layout_rows_get(&w->up, squashed);
        if (whole && velociraptor_place_key(v, whole->path, a, &key))
            tail = whole->path;
        p.path = str_cat(a, layout_volume(v.shadow ? w->only_letter : v.letter), tail);
    }
    if (wrong || !p.path.p) {
        layout_place_refuse(ret, wrong ? wrong : "no room for the path", name_hint);
        return;
    }
    p.what   = LAYOUT_PLACE;
    p.shadow = v.shadow;
    if (!is_dir) {
        const struct layout_row *times = layout_rows_get(&w->times, key), *sparse = layout_rows_get(&w->sparse, below);
        if (times) {
            p.mtime_us = times->mtime_us;
            p.btime_us = times->btime_us;
        }
        p.partial = sparse && sparse->partial;
        p.sparse  = sparse ? &w->map[sparse->turn] : NULL;
    }
    *ret = p;
}

void velociraptor_early_map(const struct layout *l, struct str below, bool is_dir, struct arena *a, struct layout_place *ret)
{
    struct str rest = below, first;
    bool       accessor;

    str_cut(&rest, '/', &first);
    if (velociraptor_early_root(first, &accessor)) {
        if (!is_dir && str_ends(below, STR(".idx")) && layout_rows_get(&l->work->maps, below))
            ret->what = LAYOUT_SKIP;
        else if (accessor && rest.n == 0)
            ret->what = is_dir ? LAYOUT_ENTER : LAYOUT_PLAIN;
        else
            place(l, below, accessor ? rest : below, is_dir, a, ret);
        return;
    }
    bool table = !is_dir && (str_ends(below, STR(".json")) || str_ends(below, STR(".csv")));
    ret->what = (is_artifact(first) && is_dir && rest.n == 0) ? LAYOUT_ENTER : table && (rest.n == 0 || is_artifact(first)) ? LAYOUT_SKIP : LAYOUT_PLAIN;
}
