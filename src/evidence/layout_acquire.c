/*
 * acquire: dissect's tar, zip or folder. Nothing is encoded: "%4" in the name of an event log is part of it.
 *
 * Names    fs/C:/..., fs/$fs$/fs0/... for volumes without a letter, fs/$metadata$ and $metadata$ for its own; before 3.12 sysvol/... for the drive of
 *          Windows, taken as C:; each with or without "fs/". Case as its patterns wrote it.
 * Not done its ".enc" (layout_sealed names it); reports lie beside the archive, not in it.
 * Source   fact sheet on interchange formats, 2.4.
 */
#include "evidence/layout_inner.h"
#include "evidence/layout_rows.h"

/* "C:" and "c:"; "C_" as an unpacker writes it where ':' is not allowed. `bare`: "C" too, which only below fs/ can be meant. */
static uint8_t letter_of(struct str c, bool bare)
{
    if (c.n == 2 && (c.p[1] == ':' || c.p[1] == '_') && ch_alpha(c.p[0]))
        return (uint8_t)(c.p[0] & ~0x20);
    return bare && c.n == 1 ? layout_drive(c) : 0;
}

static bool is_volume(struct str c, bool bare) { return letter_of(c, bare) || str_ieq(c, STR("sysvol")) || str_ieq(c, STR("$fs$")); }

/* Does a folder of this listing hold what only the root of a drive holds? "sysvol" alone is also a share of every domain controller. */
static bool is_drive(const struct layout *l, struct str dir, struct arena scratch)
{
    struct os_entry *list = NULL;
    size_t           n    = 0;

    if (!layout_list(l, dir, &scratch, &list, &n))
        return false;
    return layout_entry(list, n, STR("Windows"), OS_DIR) || layout_entry(list, n, STR("inetpub"), OS_DIR) ||
           layout_entry(list, n, STR("Program Files"), OS_DIR) || layout_entry(list, n, STR("ProgramData"), OS_DIR) ||
           layout_entry(list, n, STR("Users"), OS_DIR) || layout_entry(list, n, STR("$MFT"), OS_FILE);
}

/* "EXCH01_20210312100000": the host before the last '_'. Empty: another name. */
static struct str host_of(struct str stem)
{
    size_t at = str_rchr(stem, '_');

    return at != STR_NONE && at && stem.n - at == 15 && layout_pattern(str_from(stem, at + 1), "dddddddddddddd") ? str_sub(stem, 0, at) : STR_EMPTY;
}

static struct str last(struct str path)
{
    size_t at = str_rchr(path, '/');

    return at == STR_NONE ? path : str_from(path, at + 1);
}

static int probe(const struct layout *l, struct str archive_name, const struct os_entry *top, size_t n, struct arena scratch)
{
    const struct os_entry *fs = layout_entry(top, n, STR("fs"), OS_DIR);
    struct os_entry       *list = NULL;
    size_t                 m = 0;
    bool                   named = host_of(layout_stem(archive_name)).n || host_of(last(l->top)).n;

    if (fs && layout_list(l, fs->name, &scratch, &list, &m))
        for (size_t i = 0; i < m; i++)
            if (list[i].st.kind == OS_DIR && is_volume(list[i].name, named))
                return 100;
    if (layout_entry(top, n, STR("$metadata$"), OS_DIR) && layout_entry(top, n, STR("$fs$"), OS_DIR))
        return 100;
    for (size_t i = 0; i < n; i++) {
        if (top[i].st.kind != OS_DIR)
            continue;
        if (str_ieq(top[i].name, STR("sysvol")) && (named || is_drive(l, top[i].name, scratch)))
            return 90;
        if (letter_of(top[i].name, false) && top[i].name.p[1] == ':')
            return named ? 90 : LAYOUT_SURE;
    }
    return 0;
}

static bool open_it(struct layout *l, struct str archive_name, struct arena scratch, struct err *e)
{
    struct str host = host_of(layout_stem(archive_name));

    (void)scratch;
    (void)e;
    if (!host.n)
        host = host_of(last(l->top));
    l->selective   = true;
    l->server.name = layout_host_take(host, l->keep);
    if (str_chr(l->server.name, '.') != STR_NONE) {
        l->server.fqdn = l->server.name;
        l->server.name = str_sub(l->server.name, 0, str_chr(l->server.name, '.'));
    }
    if (l->server.name.n) {
        l->server.stated_by    = "name of the archive";
        l->server.by_name_only = true;
    }
    return true;
}

static void map(const struct layout *l, struct str below, bool is_dir, struct arena *a, struct layout_place *ret)
{
    struct str rest = below, first;
    bool       in_fs = false;

    (void)l;
    str_cut(&rest, '/', &first);
    if (str_ieq(first, STR("fs")) && (is_dir || rest.n)) {
        if (rest.n == 0) {
            ret->what = LAYOUT_ENTER;
            return;
        }
        in_fs = true;
        str_cut(&rest, '/', &first);
    }
    if (str_ieq(first, STR("$metadata$"))) {
        ret->what = LAYOUT_SKIP;
        return;
    }
    uint8_t letter = letter_of(first, in_fs);
    if (!is_dir && rest.n == 0)
        letter = 0;                          /* a file that is named like a drive */
    if (letter) {
        layout_place_native(ret, layout_volume(letter), rest, a);
    } else if (str_ieq(first, STR("sysvol")) && (is_dir || rest.n)) {
        layout_place_native(ret, STR("C:"), rest, a);
    } else if (str_ieq(first, STR("$fs$")) && (is_dir || rest.n)) {
        struct str volume;
        if (rest.n == 0 || (str_chr(rest, '/') == STR_NONE && is_dir))
            ret->what = LAYOUT_ENTER;
        else if (str_cut(&rest, '/', &volume) && rest.n)
            layout_place_native(ret, STR("?:"), rest, a);
        else
            ret->what = LAYOUT_SKIP;
    }
}

const struct layout_kind layout_acquire = {
    .name = "acquire", .about = "a collection of dissect acquire (fs/C:/..., older sysvol/...)",
    .probe = probe, .open = open_it, .map = map,
};
