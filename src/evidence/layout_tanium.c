/*
 * layout_tanium: a live response package of Tanium.
 *
 *   <time>-<host>/
 *     file/C/Windows/...     drives, letter without colon; nothing is encoded
 *     collector/             texts: results of commands: no files of the server
 *
 * Streams  "$Extend\$UsnJrnl_$J", "$Secure_$SDS": fact sheet, section 1 rule 8.
 * Source   fact sheet on interchange formats, section 2.6.
 */
#include "evidence/layout_inner.h"

#include "base/num.h"

static const struct { struct str saved, real; } stream_name[] = {
    { STR_INIT("$Extend/$UsnJrnl_$J"),   STR_INIT("$Extend/$UsnJrnl:$J") },
    { STR_INIT("$Extend/$UsnJrnl_$Max"), STR_INIT("$Extend/$UsnJrnl:$Max") },
    { STR_INIT("$Secure_$SDS"),          STR_INIT("$Secure:$SDS") },
};

static uint8_t letter_of(struct str name) { return name.n == 1 ? layout_drive(name) : 0; }

static int probe(const struct layout *l, struct str archive_name, const struct os_entry *top, size_t top_n, struct arena scratch)
{
    const struct os_entry *file = layout_entry(top, top_n, STR("file"), OS_DIR);
    struct os_entry       *list, *extend;
    size_t                 n, extend_n;
    bool                   drive = false, journal = false;

    (void)archive_name;
    if (!file || !layout_list(l, file->name, &scratch, &list, &n))
        return 0;
    for (size_t i = 0; i < n; i++) {
        if (list[i].st.kind != OS_DIR || !letter_of(list[i].name))
            continue;
        struct arena here = scratch;
        struct str   at = layout_join(&here, layout_join(&here, file->name, '/', list[i].name), '/', STR("$Extend"));
        drive   = true;
        journal = journal || (at.p && layout_list(l, at, &here, &extend, &extend_n) && layout_entry(extend, extend_n, STR("$UsnJrnl_$J"), OS_FILE));
    }
    if (!drive)
        return 0;
    return layout_entry(top, top_n, STR("collector"), OS_DIR) ? 95 : journal ? 90 : 0;
}

/* What could be a part of a time: "2021", "12T10", "20210312T100000Z", "10_00". */
static bool is_of_time(struct str part, size_t *io_digits)
{
    size_t digits = 0;

    for (size_t i = 0; i < part.n; i++) {
        if (!ch_digit(part.p[i]) && part.p[i] != 'T' && part.p[i] != 'Z' && part.p[i] != '_' && part.p[i] != '.' && part.p[i] != ':')
            return false;
        digits += ch_digit(part.p[i]);
    }
    *io_digits += digits;
    return digits > 0;
}

/* "2021-03-12T10-00-00Z-EXCH-01": what follows the time. Empty: no time, or nothing behind it. */
static struct str host_of_name(struct str name)
{
    struct str rest = layout_stem(name), part;
    size_t     digits = 0;

    for (struct str left = rest; str_cut(&left, '-', &part) && is_of_time(part, &digits);)
        rest = left;
    return digits >= 8 ? rest : STR_EMPTY;
}

static bool open_tanium(struct layout *l, struct str archive_name, struct arena scratch, struct err *e)
{
    size_t     slash = str_rchr(l->top, '/');
    struct str inner = slash == STR_NONE ? l->top : str_from(l->top, slash + 1), host = host_of_name(inner);

    (void)scratch;
    (void)e;
    l->selective   = true;
    l->server.name = layout_host_take(host.n ? host : host_of_name(archive_name), l->keep);
    if (l->server.name.n) {
        l->server.stated_by    = host.n ? "name of the folder" : "name of the archive";
        l->server.by_name_only = true;
    }
    return true;
}

static void map(const struct layout *l, struct str below, bool is_dir, struct arena *a, struct layout_place *ret)
{
    struct str rest = below, first, letter;

    (void)l;
    *ret = layout_place_none();
    if (!str_cut(&rest, '/', &first)) {
        ret->what = LAYOUT_ENTER;
    } else if (str_ieq(first, STR("collector")) && (rest.n || is_dir)) {
        ret->what = LAYOUT_SKIP;
    } else if (str_ieq(first, STR("file")) && !rest.n) {
        ret->what = is_dir ? LAYOUT_ENTER : LAYOUT_PLAIN;
    } else if (str_ieq(first, STR("file")) && str_cut(&rest, '/', &letter) && letter_of(letter) && (rest.n || is_dir)) {
        for (size_t i = 0; !is_dir && i < COUNT_OF(stream_name); i++)
            if (str_ieq(rest, stream_name[i].saved))
                rest = stream_name[i].real;
        layout_place_native(ret, layout_volume(letter_of(letter)), rest, a);
    }
}

const struct layout_kind layout_tanium = {
    .name = "tanium", .about = "Tanium live response: drives below file", .probe = probe, .open = open_tanium, .map = map,
};
