#include "evidence/layout_orc.h"

#include "base/num.h"

static bool is_7z(struct str name) { return str_iends(name, STR(".7z")); }

/* Tables, logs and settings that the tools wrote about themselves. */
static bool is_own(struct str name)
{
    static const struct str tail[] = { STR_INIT(".csv"), STR_INIT(".log"), STR_INIT(".txt"), STR_INIT(".xml"), STR_INIT(".json"), STR_INIT(".sql") };

    for (size_t i = 0; i < COUNT_OF(tail); i++)
        if (str_iends(name, tail[i]))
            return true;
    return false;
}

/* "DFIR-ORC_Server_EXCH01.example.test_General.7z" (older: "ORC_..."): what stands between type and purpose; empty: no such name. */
static struct str host_of_name(struct str name)
{
    struct str stem = layout_stem(name);

    if (str_istarts(stem, STR("DFIR-")))
        stem = str_from(stem, 5);
    if (!str_istarts(stem, STR("ORC_")))
        return STR_EMPTY;
    stem = str_from(stem, 4);
    size_t type = str_chr(stem, '_'), what = str_rchr(stem, '_');
    return type == STR_NONE || what <= type + 1 ? STR_EMPTY : str_sub(stem, type + 1, what);
}

static int probe(const struct layout *l, struct str archive_name, const struct os_entry *top, size_t top_n, struct arena scratch)
{
    enum { LOOK = 8 };
    bool   inner = false;
    size_t looked = 0;

    if (layout_entry(top, top_n, STR("GetThis.csv"), OS_FILE))
        return 95;
    for (size_t i = 0; i < top_n && !inner; i++)
        inner = top[i].st.kind == OS_FILE && is_7z(top[i].name);
    if (inner && host_of_name(archive_name).n)
        return 100;
    for (size_t i = 0; i < top_n && looked < LOOK; i++) {
        struct arena here = scratch;
        if (top[i].st.kind != OS_FILE || !str_iends(top[i].name, STR(".csv")))
            continue;
        looked++;
        if (orc_is_table(orc_head(l, top[i].name, &here)))
            return 80;
    }
    return 0;
}

/* A tree of tables alone (NTFSInfo, USNInfo) holds no file of the server, but says whose it is. */
static bool read_name(struct layout *l, const struct os_entry *top, size_t n, struct arena scratch, struct err *e)
{
    for (size_t i = 0; i < n && !l->server.name.n; i++) {
        struct arena      here = scratch;
        struct layout_csv csv;
        if (top[i].st.kind != OS_FILE || !str_iends(top[i].name, STR(".csv")))
            continue;
        struct str head = orc_head(l, top[i].name, &here);
        size_t     end  = str_chr(head, '\n'), second = end == STR_NONE ? STR_NONE : str_chr(str_from(head, end + 1), '\n');
        if (!orc_is_table(head) || second == STR_NONE)
            continue;
        if (!layout_csv_open(&csv, top[i].name, str_sub(head, 0, end + 1 + second + 1), &here, e))
            return false;
        if (layout_csv_next(l, &csv, &here, e))
            orc_server(l, layout_csv_get(&csv, STR("ComputerName")), "tables of DFIR-ORC");
        else if (e->kind != ERR_NONE)
            return false;
    }
    return true;
}

static bool open_orc(struct layout *l, struct str archive_name, struct arena scratch, struct err *e)
{
    struct os_entry *top = NULL;
    size_t           n = 0;

    l->selective = true;
    l->work = NEW(l->keep, struct layout_work, 1);
    if (!l->work)
        return err_set(e, ERR_MEMORY, "no room for the tables of this collection");
    l->work->rows.fold = true;
    if (!layout_list(l, STR_EMPTY, &scratch, &top, &n))
        n = 0;
    const struct os_entry *volumes = layout_entry(top, n, STR("volstats.csv"), OS_FILE), *samples = layout_entry(top, n, STR("GetThis.csv"), OS_FILE);
    if (volumes && !orc_volumes_read(l, volumes->name, scratch, e))
        return false;
    if (samples && !orc_samples_read(l, samples->name, scratch, e))
        return false;
    if (!read_name(l, top, n, scratch, e) || !orc_settle(l, e))
        return false;
    if (!l->server.name.n) {
        orc_server(l, host_of_name(archive_name), "name of the archive");
        l->server.by_name_only = l->server.name.n > 0;
    }
    return true;
}

static void map(const struct layout *l, struct str below, bool is_dir, struct arena *a, struct layout_place *ret)
{
    const struct layout_work *w = l->work;
    const struct layout_row  *row = NULL;

    *ret = layout_place_none();
    if (below.n == 0) {
        ret->what = LAYOUT_ENTER;
    } else if (str_chr(below, '/') == STR_NONE && !is_dir && is_7z(below)) {
        ret->what = LAYOUT_INNER;
    } else if (str_chr(below, '/') == STR_NONE && !is_dir && is_own(below) && !(row = layout_rows_get(&w->rows, below))) {
        ret->what = LAYOUT_SKIP;
    } else if (is_dir) {
        ret->what = w->rows.n ? LAYOUT_ENTER : LAYOUT_PLAIN;
    } else if (row || (row = layout_rows_get(&w->rows, below)) != NULL) {
        struct str volume = row->volume < w->volume_n ? w->volume[row->volume].text : STR("?:"), path = str_cat(a, volume, row->path);
        if (!path.p) {
            layout_place_refuse(ret, "no room for the path", "Hunt this archive by itself.");
            return;
        }
        layout_rows_apply(row, ret);
        ret->what = LAYOUT_PLACE;
        ret->path = path;
    }
}

const struct layout_kind layout_orc = {
    .name = "orc", .about = "DFIR-ORC: archives of samples named in GetThis.csv", .probe = probe, .open = open_orc, .map = map,
    .share = orc_share,
};
