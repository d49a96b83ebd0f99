/*
 * layout_kape: the target folder of KAPE, as a folder or in a zip.
 *
 *   C/ D/ ...            drives, letter without colon; nothing is encoded ("%4" in the name of an event log is "%4")
 *   VSS1/ VSS2/ ...      shadow copies: the state of earlier days
 *   LongFileNames/       paths of more than 255 characters, each with a .txt that holds the original path
 *   <time>_CopyLog.csv   <time>_SkipLog.csv   <time>_ConsoleLog.txt
 *
 * A tree without any of KAPE's own files is left to others, unless a drive holds a stream under the name that only KAPE gives it.
 */
#include "evidence/layout_kape.h"

#include "base/num.h"

static bool ends(struct str name, const char *tail) { return str_iends(name, str_c(tail)); }

bool kape_is_copylog(struct str name) { return ends(name, "copylog.csv") || ends(name, "copylog.csv.csv"); }
bool kape_is_skiplog(struct str name) { return ends(name, "skiplog.csv") || ends(name, "skiplog.csv.csv"); }
bool kape_is_console(struct str name) { return ends(name, "_consolelog.txt"); }
bool kape_is_long(struct str name) { return str_ieq(name, STR("LongFileNames")) || str_ieq(name, STR("LongFileName")); }

uint8_t kape_shadow(struct str name)
{
    uint32_t n;

    return str_istarts(name, STR("VSS")) && name.n <= 6 && num_u32(str_from(name, 3), &n) && n >= 1 && n <= 255 ? (uint8_t)n : 0;
}

uint8_t kape_letter(struct str name) { return name.n == 1 && ch_alpha(name.p[0]) ? (uint8_t)(name.p[0] & ~0x20) : 0; }

/* "2021-03-12T100000_" or "2021-03-12T10_00_00_1234567_": the bytes of the time and its underscore; 0: no name that KAPE gives. */
static size_t time_of_name(struct str name)
{
    static const char *const shape[] = { "dddd-dd-ddTdddddd_", "dddd-dd-ddTdd_dd_dd_ddddddd_" };

    for (size_t i = 0; i < COUNT_OF(shape); i++) {
        size_t n = layout_pattern(name, shape[i]);
        if (n)
            return n;
    }
    return 0;
}

static bool is_image(struct str name) { return ends(name, ".vhdx") || ends(name, ".vhd"); }
static bool is_container(struct str name) { return ends(name, ".zip") && time_of_name(name); }

/* NTFS streams under the names of KAPE's targets (SaveAsFileName). Source: fact sheet, section 1 rule 8. */
static const struct { struct str saved, real; } stream_name[] = {
    { STR_INIT("$Extend/$J"),   STR_INIT("$Extend/$UsnJrnl:$J") },
    { STR_INIT("$Extend/$Max"), STR_INIT("$Extend/$UsnJrnl:$Max") },
    { STR_INIT("$Secure_$SDS"), STR_INIT("$Secure:$SDS") },
};

static struct str real_stream(struct str rest)
{
    for (size_t i = 0; i < COUNT_OF(stream_name); i++)
        if (str_ieq(rest, stream_name[i].saved))
            return stream_name[i].real;
    return rest;
}

static bool holds_saved_stream(const struct layout *l, struct str drive, struct arena scratch)
{
    struct os_entry *list;
    size_t           n;

    if (!layout_list(l, drive, &scratch, &list, &n))
        return false;
    if (layout_entry(list, n, STR("$Secure_$SDS"), OS_FILE))
        return true;
    const struct os_entry *extend = layout_entry(list, n, STR("$Extend"), OS_DIR);
    struct str at = extend ? layout_join(&scratch, drive, '/', extend->name) : STR_EMPTY;
    return at.p && layout_list(l, at, &scratch, &list, &n) && layout_entry(list, n, STR("$J"), OS_FILE);
}

static int probe(const struct layout *l, struct str archive_name, const struct os_entry *top, size_t top_n, struct arena scratch)
{
    bool lists = false, console = false, drive = false, shadow = false, longs = false, image = false;

    for (size_t i = 0; i < top_n; i++) {
        struct str name = top[i].name;
        if (top[i].st.kind == OS_DIR) {
            drive  = drive || kape_letter(name);
            shadow = shadow || kape_shadow(name);
            longs  = longs || kape_is_long(name);
        } else if (top[i].st.kind == OS_FILE) {
            lists   = lists || kape_is_copylog(name) || kape_is_skiplog(name);
            console = console || kape_is_console(name);
            image   = image || ((is_image(name) || is_container(name)) && time_of_name(name));
        }
    }
    if (lists && (drive || shadow || longs))
        return 100;
    if (console && (drive || shadow || longs || image))
        return 95;
    if (lists || (shadow && drive) || (longs && drive) || (drive && time_of_name(archive_name)))
        return 90;
    for (size_t i = 0, looked = 0; i < top_n && looked < 26; i++) {
        if (top[i].st.kind != OS_DIR || !kape_letter(top[i].name))
            continue;
        looked++;
        if (holds_saved_stream(l, top[i].name, scratch))
            return 85;
    }
    return 0;
}

/* "2021-03-12T100000_Exchange_EXCH01.zip": whoever packed it gave the last part a name, mostly the machine's. */
static void name_from_container(struct layout *l, struct str archive_name)
{
    struct str stem = layout_stem(archive_name);
    size_t     from = time_of_name(stem);
    struct str tail = str_from(stem, from);
    size_t     at   = str_rchr(tail, '_');

    if (l->server.name.n || !from || at == STR_NONE)
        return;
    l->server.name = layout_host_take(str_from(tail, at + 1), l->keep);
    if (l->server.name.n) {
        l->server.stated_by    = "name of the archive";
        l->server.by_name_only = true;
    }
}

static bool open_kape(struct layout *l, struct str archive_name, struct arena scratch, struct err *e)
{
    static bool (*const read[])(struct layout *, struct str, struct arena, struct err *) = { kape_skiplog_read, kape_copylog_read, kape_console_read };
    static bool (*const is[])(struct str) = { kape_is_skiplog, kape_is_copylog, kape_is_console };
    struct os_entry *top = NULL;
    size_t           n = 0;

    l->selective = true;
    l->work = NEW(l->keep, struct layout_work, 1);
    if (!l->work)
        return err_set(e, ERR_MEMORY, "no room for the lists of this collection");
    l->work->rows.fold = l->work->longs.fold = l->work->aside.fold = true;
    if (!layout_list(l, STR_EMPTY, &scratch, &top, &n))
        n = 0;
    /* Skip logs first: the copy logs then find the copy that stands for a file that was left out. */
    for (size_t k = 0; k < COUNT_OF(read); k++) {
        size_t taken = 0;
        for (size_t i = 0; i < n; i++) {
            if (top[i].st.kind != OS_FILE || !is[k](top[i].name))
                continue;
            if (taken++ == KAPE_LISTS_MAX) {
                layout_note_add(l, top[i].name, "not read: too many lists of one kind", "The files themselves are hunted. Remove lists of other collections and hunt again.");
                break;
            }
            if (!read[k](l, top[i].name, scratch, e))
                return false;
        }
        if (k == 0 && !kape_same_settle(l, e))
            return false;
    }
    for (size_t i = 0; i < n; i++)
        if (top[i].st.kind == OS_DIR && kape_is_long(top[i].name) && !kape_long_read(l, top[i].name, scratch, e))
            return false;
    layout_rows_settle(&l->work->rows);
    layout_rows_settle(&l->work->longs);
    layout_rows_settle(&l->work->aside);
    kape_notes(l);
    name_from_container(l, archive_name);
    return true;
}

static void map(const struct layout *l, struct str below, bool is_dir, struct arena *a, struct layout_place *ret)
{
    size_t     slash = str_chr(below, '/');
    struct str first = slash == STR_NONE ? below : str_sub(below, 0, slash), rest = slash == STR_NONE ? STR_EMPTY : str_from(below, slash + 1);
    bool       top   = slash == STR_NONE;
    const struct layout_work *w = l->work;

    *ret = layout_place_none();
    if (below.n == 0) {
        ret->what = LAYOUT_ENTER;
    } else if (top && !is_dir) {
        if (kape_is_copylog(first) || kape_is_skiplog(first) || kape_is_console(first)) {
            ret->what = LAYOUT_SKIP;
        } else if (is_container(first) || is_image(first)) {
            ret->what = LAYOUT_INNER;
        }
    } else if (kape_letter(first)) {
        layout_place_native(ret, layout_volume(kape_letter(first)), is_dir ? rest : real_stream(rest), a);
    } else if (kape_shadow(first)) {
        uint8_t n = kape_shadow(first), letter = w->shadow_letter[n] ? w->shadow_letter[n] : 'C';
        layout_place_native(ret, layout_volume(letter), is_dir ? rest : real_stream(rest), a);
        ret->shadow = n;
    } else if (kape_is_long(first)) {
        if (top)
            ret->what = LAYOUT_ENTER;
        else if (layout_rows_get(&w->aside, below))
            ret->what = LAYOUT_SKIP;
        else
            layout_place_native(ret, layout_volume(0), below, a);
    }
    if (ret->what != LAYOUT_PLACE || is_dir)
        return;
    const struct layout_row *row = layout_rows_get(&w->rows, below);
    layout_rows_apply(row ? row : layout_rows_get(&w->longs, below), ret);
    uint32_t g = map_get(&w->group_of, below);
    if (g != MAP_NONE) {
        ret->also   = w->same_path + w->group[g].from;
        ret->also_n = w->group[g].to - w->group[g].from;
    }
}

const struct layout_kind layout_kape = {
    .name = "kape", .about = "KAPE targets: drive folders with copy and skip logs", .probe = probe, .open = open_kape, .map = map,
};
