/*
 * layout_uac: UAC, the collector for Unix: mail gateways and reverse proxies that stand before an Exchange server.
 *
 *   uac.log              time, level, text: the machine, its system, its zone, where its root was mounted
 *   [root]/var/log/...   files, by their own path
 *   bodyfile/bodyfile.txt    a line for every file of the machine, with its times
 *   live_response/, hash_list.*, ...     results of commands: no files of the machine
 *
 * Places   "?:\var\log\..." : there are no drives, but where a server's volumes were mounted by their letters: "[root]/C/...", "[root]/mnt/c/..."
 *          and "[root]/cygdrive/c/..." are "C:\...". A name that no Windows path can hold (with a '\' in it) is refused and told.
 * Not done what live_response says.
 * Source   fact sheet on interchange formats, sections 2.6 and 2.8; tclahr/uac: uac (log lines, uac-%hostname%-%os%-%timestamp%), lib/log_msg.sh.
 */
#include "evidence/layout_rows.h"

#include "base/num.h"

enum { LOG_HEAD = 64 << 10 };

struct layout_work { struct layout_rows rows; };      /* "[root]/var/log/x" */

/* "bodyfile" or "[bodyfile]": both are found. */
static bool is_named(struct str name, const char *bare)
{
    if (name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']')
        name = str_sub(name, 1, name.n - 1);
    return str_eq(name, str_c(bare));
}

static int probe(const struct layout *l, struct str archive_name, const struct os_entry *top, size_t top_n, struct arena scratch)
{
    bool root = false, more = false;

    (void)l, (void)scratch;
    for (size_t i = 0; i < top_n; i++) {
        if (top[i].st.kind == OS_DIR) {
            root = root || str_eq(top[i].name, STR("[root]"));
            more = more || is_named(top[i].name, "bodyfile") || is_named(top[i].name, "live_response");
        } else {
            more = more || str_eq(top[i].name, STR("uac.log"));
        }
    }
    if (!root)
        return 0;
    return more ? 100 : str_istarts(archive_name, STR("uac-")) ? 90 : 70;
}

/* "uac-mx01-linux-20210312100000": the host may hold hyphens, what follows does not. */
static struct str host_of_name(struct str name)
{
    struct str stem = layout_stem(name);

    if (!str_istarts(stem, STR("uac-")))
        return STR_EMPTY;
    stem = str_from(stem, 4);
    size_t time = str_rchr(stem, '-');
    if (time == STR_NONE || stem.n - time - 1 != 14 || !layout_pattern(str_from(stem, time + 1), "dddddddddddddd"))
        return STR_EMPTY;
    size_t os = str_rchr(str_sub(stem, 0, time), '-');
    return os == STR_NONE ? STR_EMPTY : str_sub(stem, 0, os);
}

/* "2021-03-12 10:00:00 +0000 INF Hostname: mx01": what follows the label, up to the end of the line. */
static struct str said(struct str log, struct str label)
{
    size_t at = str_find(log, label);

    if (at == STR_NONE)
        return STR_EMPTY;
    struct str rest = str_from(log, at + label.n);
    return str_trim(str_sub(rest, 0, str_chr(rest, '\n')));
}

static struct str plain_text(struct str s, struct arena *keep)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] < 0x20 || s.p[i] > 0x7e)
            return STR_EMPTY;
    return s.n && s.n <= 64 ? str_dup(keep, s) : STR_EMPTY;
}

static bool log_read(struct layout *l, struct arena scratch, struct str *ret_mount, struct err *e)
{
    struct str text;

    if (!layout_slurp(l, STR("uac.log"), &scratch, &text, e))
        return false;
    text = str_sub(text, 0, LOG_HEAD);
    struct str full = layout_host_take(said(text, STR("Hostname: ")), l->keep), mount = said(text, STR("Mount point: "));
    size_t     dot  = str_chr(full, '.');
    if (full.n) {
        l->server.name      = str_sub(full, 0, dot);
        l->server.fqdn      = dot == STR_NONE ? STR_EMPTY : full;
        l->server.stated_by = "uac.log";
    }
    l->server.os        = plain_text(said(text, STR("Operating system: ")), l->keep);
    l->server.time_zone = plain_text(said(text, STR("Time zone: ")), l->keep);
    while (mount.n > 1 && mount.p[mount.n - 1] == '/')
        mount.n--;
    *ret_mount = mount.n > 1 && mount.p[0] == '/' ? str_dup(l->keep, mount) : STR_EMPTY;
    return true;
}

/* The last `n` fields of a line, from its end; what stands before them stays in *io. False: there are not that many. */
static bool fields_from_end(struct str *io, struct str *field, size_t n)
{
    while (n--) {
        size_t at = str_rchr(*io, '|');
        if (at == STR_NONE)
            return false;
        field[n] = str_from(*io, at + 1);
        *io      = str_sub(*io, 0, at);
    }
    return true;
}

static int64_t unix_seconds(struct str s)
{
    uint64_t n;

    s = str_sub(s, 0, str_chr(s, '.'));
    return num_u64(str_trim(s), &n) && n > 0 && n < UINT64_C(250000000000) ? (int64_t)n * TIME_SECOND : TIME_NONE;
}

/* MD5|name|inode|mode|UID|GID|size|atime|mtime|ctime|crtime; a name may hold '|'. */
static bool body_row(struct layout *l, struct str line, struct str mount, struct arena row, struct err *e)
{
    struct str        f[9] = { { NULL, 0 } };
    struct layout_row one = { 0 };
    size_t            bar = str_chr(line, '|');

    if (bar == STR_NONE || !fields_from_end(&line, f, COUNT_OF(f)) || line.n <= bar + 1)
        return true;
    struct str name = str_from(line, bar + 1), mode = f[1];
    if (!mode.n || (mode.p[0] != '-' && mode.p[0] != 'r'))                 /* plain files: "-rw-r--r--", "r/rrw-r--r--" */
        return true;
    if (mount.n && str_starts(name, mount) && name.n > mount.n && name.p[mount.n] == '/')
        name = str_from(name, mount.n);
    while (name.n && name.p[0] == '/')
        name = str_from(name, 1);
    one.mtime_us = unix_seconds(f[6]);
    one.btime_us = unix_seconds(f[8]);
    if (!name.n || name.n > LAYOUT_PATH_MAX || (one.mtime_us == TIME_NONE && one.btime_us == TIME_NONE))
        return true;
    name = layout_join(&row, STR("[root]"), '/', name);
    return name.p ? layout_rows_add(&l->work->rows, l->keep, name, &one, e) : err_set(e, ERR_MEMORY, "no room for a line of the bodyfile");
}

static bool body_read(struct layout *l, struct str folder, struct str mount, struct arena scratch, struct err *e)
{
    static const struct str name[] = { STR_INIT("bodyfile.txt"), STR_INIT("bodyfile") };
    struct str text = STR_EMPTY, file = STR_EMPTY, line;

    for (size_t i = 0; i < COUNT_OF(name) && !text.p; i++) {
        file = layout_join(&scratch, folder, '/', name[i]);
        if (!file.p)
            return err_set(e, ERR_MEMORY, "no room for the name of the bodyfile");
        if (!layout_slurp(l, file, &scratch, &text, e))
            return false;
    }
    while (str_cut(&text, '\n', &line)) {
        if (!line.n)
            continue;
        if (!layout_row_more(l, file))
            break;
        if (!body_row(l, line, mount, scratch, e))
            return false;
    }
    layout_rows_settle(&l->work->rows);
    return true;
}

static bool open_uac(struct layout *l, struct str archive_name, struct arena scratch, struct err *e)
{
    struct os_entry *top = NULL;
    struct str       mount;
    size_t           n = 0;

    l->selective = true;
    l->work = NEW(l->keep, struct layout_work, 1);
    if (!l->work)
        return err_set(e, ERR_MEMORY, "no room for the lists of this collection");
    if (!log_read(l, scratch, &mount, e))
        return false;
    if (!layout_list(l, STR_EMPTY, &scratch, &top, &n))
        n = 0;
    for (size_t i = 0; i < n; i++)
        if (top[i].st.kind == OS_DIR && is_named(top[i].name, "bodyfile")) {
            if (!body_read(l, top[i].name, mount, scratch, e))
                return false;
            break;
        }
    if (l->server.name.n)
        return true;
    l->server.name = layout_host_take(host_of_name(archive_name), l->keep);
    if (l->server.name.n) {
        l->server.stated_by    = "name of the archive";
        l->server.by_name_only = true;
    }
    return true;
}

/* "C/inetpub/x", "mnt/c/inetpub/x": the letter, and what lies below it; 0: no drive. */
static uint8_t drive_of(struct str rest, bool is_dir, struct str *ret_below)
{
    struct str left = rest, one;

    if (!str_cut(&left, '/', &one))
        return 0;
    if ((str_eq(one, STR("mnt")) || str_eq(one, STR("cygdrive"))) && !str_cut(&left, '/', &one))
        return 0;
    *ret_below = left;
    return left.n || is_dir ? layout_drive(one) : 0;
}

static void map(const struct layout *l, struct str below, bool is_dir, struct arena *a, struct layout_place *ret)
{
    size_t     slash = str_chr(below, '/');
    struct str first = str_sub(below, 0, slash), rest = slash == STR_NONE ? STR_EMPTY : str_from(below, slash + 1);

    *ret = layout_place_none();
    if (below.n == 0) {
        ret->what = LAYOUT_ENTER;
    } else if (!str_eq(first, STR("[root]"))) {
        ret->what = LAYOUT_SKIP;
    } else if (slash == STR_NONE) {
        ret->what = is_dir ? LAYOUT_ENTER : LAYOUT_SKIP;
    } else {
        struct str on_drive = STR_EMPTY;
        uint8_t    letter   = drive_of(rest, is_dir, &on_drive);
        layout_place_native(ret, layout_volume(letter), letter ? on_drive : rest, a);
        if (ret->what == LAYOUT_PLACE && !is_dir)
            layout_rows_apply(layout_rows_get(&l->work->rows, below), ret);
    }
}

const struct layout_kind layout_uac = {
    .name = "uac", .about = "UAC: files of a Unix machine below [root]", .probe = probe, .open = open_uac, .map = map,
};
