/*
 * layout_cylr: the zip of CyLR.
 *
 *   EXCH01.zip           the name of the machine
 *   C/Windows/System32/winevt/Logs/Security.evtx      Windows paths without ':', nothing encoded, no file of CyLR's own
 *
 * A zip of a drive that anybody made looks much the same, and loses nothing when it is read as one. So this kind is sure only when the top holds
 * drive folders and nothing else, and one of them holds "$MFT" or "$LogFile": no copying of files brings those along. The name of the machine is
 * taken from a zip only: a folder may be called anything.
 *
 * Source   fact sheet on interchange formats, section 2.3.
 */
#include "evidence/layout_inner.h"

#include "base/num.h"

static uint8_t letter_of(struct str name) { return name.n == 1 ? layout_drive(name) : 0; }

static int probe(const struct layout *l, struct str archive_name, const struct os_entry *top, size_t top_n, struct arena scratch)
{
    int score = 0;

    (void)archive_name;
    if (top_n == 0 || top_n > 26)
        return 0;
    for (size_t i = 0; i < top_n; i++)
        if (top[i].st.kind != OS_DIR || !letter_of(top[i].name))
            return 0;
    for (size_t i = 0; i < top_n && !score; i++) {
        struct arena     here = scratch;
        struct os_entry *list;
        size_t           n;
        if (layout_list(l, top[i].name, &here, &list, &n) &&
            (layout_entry(list, n, STR("$MFT"), OS_FILE) || layout_entry(list, n, STR("$LogFile"), OS_FILE)))
            score = 70;
    }
    return score;
}

static bool open_cylr(struct layout *l, struct str archive_name, struct arena scratch, struct err *e)
{
    (void)scratch;
    (void)e;
    l->selective = true;
    if (!str_iends(archive_name, STR(".zip")))
        return true;
    struct str host = layout_host_take(layout_stem(archive_name), l->keep);
    if (host.n && !letter_of(host)) {
        l->server.name         = host;
        l->server.stated_by    = "name of the archive";
        l->server.by_name_only = true;
    }
    return true;
}

/* Streams lose their ':' as well: "$Extend\$UsnJrnl:$J" becomes "$UsnJrnl$J". */
static const struct { struct str saved, real; } stream_name[] = {
    { STR_INIT("$Extend/$UsnJrnl$J"), STR_INIT("$Extend/$UsnJrnl:$J") },
    { STR_INIT("$Secure$SDS"),        STR_INIT("$Secure:$SDS") },
};

static void map(const struct layout *l, struct str below, bool is_dir, struct arena *a, struct layout_place *ret)
{
    size_t     slash = str_chr(below, '/');
    struct str first = str_sub(below, 0, slash), rest = slash == STR_NONE ? STR_EMPTY : str_from(below, slash + 1);

    (void)l;
    *ret = layout_place_none();
    if (!letter_of(first) || (slash == STR_NONE && !is_dir))
        return;
    for (size_t i = 0; !is_dir && i < COUNT_OF(stream_name); i++)
        if (str_ieq(rest, stream_name[i].saved))
            rest = stream_name[i].real;
    layout_place_native(ret, layout_volume(letter_of(first)), rest, a);
}

const struct layout_kind layout_cylr = {
    .name = "cylr", .about = "CyLR: a zip of drive folders, named after the machine", .probe = probe, .open = open_cylr, .map = map,
};
