#include "evidence/layout_kape.h"

#include "base/winpath.h"

#include <stdlib.h>

/* SHA-1 of no bytes: files without content equal one another and say nothing. */
#define EMPTY_SHA1 "da39a3ee5e6b4b0d3255bfef95601890afd80709"
/* Below this KAPE mounts shadow copies while it works. Source: general knowledge; labelled so until a real list shows it. */
#define SHADOW_MOUNT "\\___vssMount\\"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the lists of this collection"); }

/* ---- skip log ---- */

static bool same_add(struct layout *l, struct str stated, struct str sha1, struct arena scratch, struct err *e)
{
    struct layout_work *w = l->work;
    const char *wrong;
    struct str  path;

    /* Nothing is hidden where an empty file is left out, nor where a shadow copy holds what another copy holds. */
    if (str_ieq(sha1, STR(EMPTY_SHA1)) || str_ihas(stated, STR(SHADOW_MOUNT)) || str_ihas(stated, STR("HarddiskVolumeShadowCopy")))
        return true;
    if (w->same_n == KAPE_SAME_MAX || !layout_path_take(stated, &scratch, &path, &wrong)) {
        w->unkept++;
        return true;
    }
    struct kape_same *at = GROW(l->keep, w->same, w->same_n, &w->same_cap);
    if (!at)
        return no_room(e);
    *at = (struct kape_same){ str_lower(l->keep, str_sub(sha1, 0, 40)), str_dup(l->keep, path) };
    if (!at->path.p || (sha1.n && !at->sha1.p))
        return no_room(e);
    w->same_n++;
    return true;
}

static int by_sha1(const void *x, const void *y)
{
    const struct kape_same *a = x, *b = y;
    int c = str_cmp(a->sha1, b->sha1);
    return c ? c : str_cmp(a->path, b->path);
}

bool kape_same_settle(struct layout *l, struct err *e)
{
    struct layout_work *w = l->work;

    if (!w->same_n)
        return true;
    qsort(w->same, w->same_n, sizeof *w->same, by_sha1);
    w->same_path = NEW(l->keep, struct str, w->same_n);
    w->group     = NEW(l->keep, struct kape_group, w->same_n);
    if (!w->same_path || !w->group)
        return no_room(e);
    w->group_of.fold = true;
    for (uint32_t i = 0; i < w->same_n; i++) {
        w->same_path[i] = w->same[i].path;
        if (i == 0 || !str_eq(w->same[i].sha1, w->same[i - 1].sha1))
            w->group[w->group_n++] = (struct kape_group){ .from = i, .to = i };
        struct kape_group *g = &w->group[w->group_n - 1];
        if (g->to - g->from < KAPE_GROUP_MAX)
            g->to++;
        else
            w->unkept++;
    }
    return true;
}

static bool skip_row(struct layout *l, const struct layout_csv *csv, struct arena row, struct err *e)
{
    struct str why = layout_csv_get(csv, STR("Reason")), from = layout_csv_get(csv, STR("SourceFile"));

    if (!from.n)
        return true;
    if (str_ieq(why, STR("Deduped")))
        return same_add(l, from, layout_csv_get(csv, STR("SourceFileSha1")), row, e);
    *(str_ieq(why, STR("Excluded")) ? &l->work->excluded : &l->work->skipped) += 1;
    return true;
}

bool kape_skiplog_read(struct layout *l, struct str file, struct arena scratch, struct err *e)
{
    return layout_csv_each(l, file, scratch, skip_row, e);
}

/* ---- copy log ---- */

static struct str up_to_name(struct str path)          /* with its last separator */
{
    size_t at = str_rchr(path, '\\');

    return at == STR_NONE ? STR_EMPTY : str_sub(path, 0, at + 1);
}

/* Does `dest` end in "\C" + tail? The position of the letter. */
static bool ends_in(struct str dest, uint8_t letter, struct str tail, size_t *ret)
{
    if (dest.n < tail.n + 2 || !str_iends(dest, tail))
        return false;
    size_t at = dest.n - tail.n - 1;
    *ret = at;
    return ch_lower(dest.p[at]) == ch_lower(letter) && dest.p[at - 1] == '\\';
}

/*
 * Where below the target folder did KAPE put it? `path` is the source, canonical. KAPE keeps the folder and may change the name, so the folder
 * has to agree. *io_path is changed to what is believed. False: the row does not fit any place.
 */
static bool place_of_row(struct str dest, struct str *io_path, struct str *ret_key, uint8_t *ret_shadow)
{
    enum { TRIES = 8 };
    struct str path = *io_path, tail = str_from(path, 2), dir = up_to_name(tail), name = winpath_name(dest);
    size_t     at, tries = 0;

    *ret_shadow = 0;
    if (ends_in(str_sub(dest, 0, dest.n - name.n), path.p[0], dir, &at)) {
        *ret_key = str_from(dest, at);
        return true;
    }
    struct str folder = str_sub(dest, 0, dest.n - name.n);
    if (folder.n && kape_is_long(winpath_name(str_sub(folder, 0, folder.n - 1)))) {
        struct str last = winpath_name(str_sub(folder, 0, folder.n - 1));
        *ret_key = str_from(dest, folder.n - 1 - last.n);
        return true;
    }
    /* "...\VSS1\Windows\x": the source is where the shadow copy was mounted; what follows it, and the drive, are the file's own. */
    for (struct str left = dest, part; tries < TRIES && str_cut(&left, '\\', &part);) {
        if (!kape_shadow(part) || !left.p)
            continue;
        tries++;
        struct str below = str_sub(left, 0, left.n - name.n);       /* "Windows\" */
        if (dir.n > below.n && str_iends(dir, below) && dir.p[dir.n - below.n - 1] == '\\') {
            *ret_key    = str_from(dest, dest.n - left.n - 1 - part.n);
            *ret_shadow = kape_shadow(part);
            *io_path    = STR_EMPTY;
            return true;
        }
    }
    return false;
}

/* The file at `key` has this content: does it stand for files that were left out? */
static bool stand_for(struct layout *l, struct str sha1, struct str key, struct arena scratch, struct err *e)
{
    struct layout_work *w  = l->work;
    size_t              lo = 0, hi = w->group_n;
    struct str          lower = str_lower(&scratch, str_sub(sha1, 0, 40));

    while (lower.n && lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (str_cmp(w->same[w->group[mid].from].sha1, lower) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (!lower.n || lo == w->group_n || w->group[lo].stood_for || !str_eq(w->same[w->group[lo].from].sha1, lower))
        return true;
    key = str_dup(l->keep, key);
    if (!key.p || !map_put(&w->group_of, l->keep, key, (uint32_t)lo))
        return no_room(e);
    w->group[lo].stood_for = true;
    return true;
}

static bool copy_row(struct layout *l, const struct layout_csv *csv, struct arena row, struct err *e)
{
    struct layout_work *w    = l->work;
    struct str          from = layout_csv_get(csv, STR("SourceFile")), dest = layout_csv_get(csv, STR("DestinationFile")), path, key;
    struct layout_row   one  = { .mtime_us = TIME_NONE, .btime_us = TIME_NONE };
    const char         *wrong;

    if (!from.n || !dest.n)
        return true;
    if (!layout_path_take(from, &row, &path, &wrong)) {
        if (!w->wrong++)
            w->wrong_first = str_dup(l->keep, str_sub(from, 0, 300));
        return true;
    }
    uint8_t letter = path.p[0];
    if (!place_of_row(dest, &path, &key, &one.shadow)) {
        w->elsewhere++;
        return true;
    }
    if (one.shadow && !w->shadow_letter[one.shadow])
        w->shadow_letter[one.shadow] = letter;
    one.path     = path;
    one.btime_us = layout_time_take(layout_csv_get(csv, STR("CreatedOnUtc")));
    one.mtime_us = layout_time_take(layout_csv_get(csv, STR("ModifiedOnUtc")));
    key = layout_native(&row, key);
    return key.p ? layout_rows_add(&w->rows, l->keep, key, &one, e) && stand_for(l, layout_csv_get(csv, STR("SourceFileSha1")), key, row, e) : no_room(e);
}

bool kape_copylog_read(struct layout *l, struct str file, struct arena scratch, struct err *e)
{
    return layout_csv_each(l, file, scratch, copy_row, e);
}

/* ---- console log ---- */

/* What follows `label`, up to the end of the line. */
static struct str said(struct str text, struct str label)
{
    size_t at = str_ifind(text, label);

    if (at == STR_NONE)
        return STR_EMPTY;
    struct str rest = str_from(text, at + label.n);
    size_t     end  = str_chr(rest, '\n');
    return str_trim(str_sub(rest, 0, end));
}

/*
 * The log names the machine KAPE ran on. That is the server only when KAPE read the drive Windows lives on ("--tsource C:"), and
 * not an image that an analyst had mounted under another letter.
 */
bool kape_console_read(struct layout *l, struct str file, struct arena scratch, struct err *e)
{
    struct str text;

    if (l->server.name.n)
        return true;
    if (!layout_slurp(l, file, &scratch, &text, e))
        return false;
    text = str_sub(text, 0, KAPE_CONSOLE_HEAD);
    struct str source = said(text, STR("--tsource")), machine = said(text, STR("System info: Machine name:"));
    size_t     comma = str_chr(machine, ','), os = str_find(machine, STR(" OS: "));
    bool       live = source.n && ch_lower(source.p[0]) == 'c' && (source.n == 1 || source.p[1] == ':' || source.p[1] == ' ');
    if (!live || comma == STR_NONE)
        return true;
    l->server.name = layout_host_take(str_trim(str_sub(machine, 0, comma)), l->keep);
    if (l->server.name.n)
        l->server.stated_by = "ConsoleLog.txt";
    if (l->server.name.n && os != STR_NONE)
        l->server.os = str_dup(l->keep, str_sub(str_from(machine, os + 5), 0, 120));
    return true;
}

/* ---- paths that were too long ---- */

static int by_name(const void *x, const void *y) { return str_icmp(((const struct os_entry *)x)->name, ((const struct os_entry *)y)->name); }

/* "x.log.txt" belongs to "x.log"; where there is none, "x.txt" belongs to the first of "x.*". `list` is sorted by by_name. */
static const struct os_entry *companion_of(const struct os_entry *list, size_t n, struct str text_name)
{
    struct str stem = str_sub(text_name, 0, text_name.n - 4);
    size_t     from = 0, to = n;

    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (str_icmp(list[mid].name, stem) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    if (from && str_ieq(list[from - 1].name, stem))         /* equal but for case */
        return &list[from - 1];
    for (; from < n && str_istarts(list[from].name, stem); from++) {
        struct str tail = str_from(list[from].name, stem.n);
        if (tail.n == 0)
            return &list[from];
        if (tail.p[0] > '.')
            break;
        if (tail.p[0] == '.' && !str_ieq(list[from].name, text_name))
            return str_chr(str_from(tail, 1), '.') == STR_NONE ? &list[from] : NULL;
    }
    return NULL;
}

bool kape_long_read(struct layout *l, struct str folder, struct arena scratch, struct err *e)
{
    struct os_entry *list;
    size_t           n, read = 0;

    if (!layout_list(l, folder, &scratch, &list, &n))
        return true;
    if (n)
        qsort(list, n, sizeof *list, by_name);
    for (size_t i = 0; i < n; i++) {
        struct arena      here = scratch;
        struct layout_row one  = { .mtime_us = TIME_NONE, .btime_us = TIME_NONE };
        struct str        text, line, path;
        const char       *wrong;
        if (list[i].st.kind != OS_FILE || !str_iends(list[i].name, STR(".txt")) || list[i].st.size_bytes > 4 * LAYOUT_PATH_MAX)
            continue;
        const struct os_entry *of = companion_of(list, n, list[i].name);
        if (!of || of->st.kind != OS_FILE)
            continue;
        struct str below = layout_join(&here, folder, '/', list[i].name), key = layout_join(&here, folder, '/', of->name);
        if (!below.p || !key.p)
            return no_room(e);
        if (read++ == KAPE_LONG_MAX) {
            layout_note_add(l, below, "not read: too many paths that were too long", "The files are hunted as \"?:\\LongFileNames\\...\".");
            break;
        }
        if (!layout_slurp(l, below, &here, &text, e))
            return false;
        if (!str_cut(&text, '\n', &line) || !layout_path_take(str_trim(line), &here, &path, &wrong))
            continue;                        /* a file of the server, or a companion that lies: it is hunted as what it is */
        one.path = path;
        if (!layout_rows_add(&l->work->longs, l->keep, key, &one, e) || !layout_rows_add(&l->work->aside, l->keep, below, &one, e))
            return false;
    }
    return true;
}

/* ---- what it amounts to ---- */

static void note_count(struct layout *l, uint64_t count, struct str path, const char *what, const char *hint)
{
    struct str text = count ? str_fmt(l->keep, "%llu %s", (unsigned long long)count, what) : STR_EMPTY;

    if (count)
        layout_note_add(l, path, text.p ? (const char *)text.p : what, hint);
}

void kape_notes(struct layout *l)
{
    struct layout_work *w = l->work;
    struct str skip = STR("*_SkipLog.csv"), copy = STR("*_CopyLog.csv");
    uint64_t   more = w->unkept, noted = 0;

    /* Their content is nowhere in this collection: they are missing. Pages first. */
    for (int pages = 1; pages >= 0; pages--)
        for (size_t g = 0; g < w->group_n; g++)
            for (uint32_t i = w->group[g].from; !w->group[g].stood_for && i < w->group[g].to; i++) {
                if (winpath_is_page(w->same[i].path) != (pages == 1))
                    continue;
                if (noted++ < KAPE_NOTED_MAX)
                    layout_note_add(l, w->same[i].path, "not copied: the same content as another file, which is not in this collection either",
                                    "It was there. Collect with --tdd false to have every copy.");
                else
                    more++;
            }
    note_count(l, more, skip, "more not copied: the same content as other files",
               "Their paths are in the skip log. Collect with --tdd false to have every copy.");
    note_count(l, w->excluded, skip, "not copied: their hashes were on a list of exclusions", "Their paths are in the skip log. Find out whose list it was.");
    note_count(l, w->skipped, skip, "not copied", "Paths and reasons are in the skip log.");
    note_count(l, w->wrong, w->wrong_first.n ? w->wrong_first : copy, "rows of the copy log state no usable path", "The files are placed by where they lie.");
    note_count(l, w->elsewhere + w->rows.again, copy, "rows of the copy log do not fit this folder",
               "The files are placed by where they lie. Was a list of another collection put here?");
}
