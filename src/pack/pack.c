/* A pack from its files: the same for a folder and for the program's own. */
#include "pack/parts.h"

#include "base/hash.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>

static bool below(struct str name, struct str dir, struct str ext)
{
    struct str rest = str_from(name, dir.n);
    return str_starts(name, dir) && rest.n > ext.n && str_ends(rest, ext) && str_chr(rest, '/') == STR_NONE;
}

/* notices/LANG/NAME.txt */
static bool is_notice(struct str name)
{
    struct str rest = str_from(name, 8), language;

    return str_starts(name, STR("notices/")) && str_cut(&rest, '/', &language) && language.n && below(rest, STR(""), STR(".txt"));
}

static bool unread(struct pack_building *b, struct str text, struct err *e)
{
    (void)b, (void)text, (void)e;                  /* rules and YARA files: detect reads them; words of sectors: survey does; common.csv: casework does; texts of notices: notify does */
    return true;
}

/* Every kind of file that a pack may have. */
static const struct part {
    struct str dir, ext;          /* ext empty: `dir` is the whole name */
    bool (*read)(struct pack_building *b, struct str text, struct err *e);
} parts[] = {
    { STR_INIT("pack.yaml"),  STR_INIT(""),      pack_head_read },
    { STR_INIT("builds.csv"), STR_INIT(""),      pack_builds_read },
    { STR_INIT("groups.csv"), STR_INIT(""),      pack_groups_read },
    { STR_INIT("sectors.csv"), STR_INIT(""),     unread },
    { STR_INIT("common.csv"), STR_INIT(""),      unread },
    { STR_INIT("iocs.csv"),   STR_INIT(""),      pack_iocs_read },
    { STR_INIT("clean/"),     STR_INIT(".csv"),  pack_clean_read },
    { STR_INIT("guidance/en.md"), STR_INIT(""),  pack_guidance_read },
    { STR_INIT("guidance/"),  STR_INIT(".md"),   unread },
    { STR_INIT("rules/"),     STR_INIT(".yml"),  unread },
    { STR_INIT("yara/"),      STR_INIT(".yar"),  unread },
};

static const struct part *part_of(struct str name)
{
    static const struct part notice = { .read = unread };

    if (is_notice(name))
        return &notice;
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (parts[i].ext.n ? below(name, parts[i].dir, parts[i].ext) : str_eq(name, parts[i].dir))
            return &parts[i];
    return NULL;
}

static int by_name(const void *x, const void *y)
{
    const struct pack_file *a = x, *b = y;
    return str_cmp(a->name, b->name);
}

/* Each name and text is followed by a NUL, so that no two packs have the same bytes in another order. */
static bool digest(struct pack *p, struct err *e)
{
    struct hash *h = hash_open(HASH_SHA256);

    if (!h)
        return err_set(e, ERR_MEMORY, "no SHA-256");
    for (size_t i = 0; i < p->file_n; i++) {
        hash_push(h, p->file[i].name);
        hash_push(h, (struct str){ (const uint8_t *)"", 1 });
        hash_push(h, p->file[i].text);
        hash_push(h, (struct str){ (const uint8_t *)"", 1 });
    }
    hash_done(h, p->sha256);
    hash_close(h);
    return true;
}

/* A campaign that brings no builds of its own takes those that all campaigns share, of the embedded pack `survey`. */
static bool builds_shared(struct pack *p, struct arena *a, struct err *e)
{
    struct pack_building b = { .p = p, .a = a };
    struct pack_file    *file;
    size_t               n;

    for (const struct pack_blob *blob = pack_blobs; blob->id; blob++) {
        if (strcmp(blob->id, "survey") != 0)
            continue;
        if (!pack_blob_files(blob, a, &file, &n, e))
            return false;
        for (size_t i = 0; i < n; i++)
            if (str_eq(file[i].name, STR("builds.csv")) && !pack_builds_read(&b, file[i].text, e))
                return false;
    }
    return true;
}

struct problems { struct pack_problem **list; size_t *n; size_t cap; };

/* With a list, a bad file is noted and the next one read; without, it ends the load. */
static bool problem(struct problems *to, struct arena *a, struct str file, struct err *why, struct err *e)
{
    if (!to || why->kind == ERR_MEMORY) {
        err_where(why, "%.*s", STR_ARG(file));
        *e = *why;
        return false;
    }
    struct pack_problem *at   = GROW(a, *to->list, *to->n, &to->cap);
    struct str           text = at ? str_dup(a, str_c(why->what)) : STR_EMPTY;
    if (!text.p)
        return err_set(e, ERR_MEMORY, "no room for the list of problems");
    *at = (struct pack_problem){ file, text };
    ++*to->n;
    return true;
}

static bool files_read(struct pack *ret, struct arena *a, struct pack_file *file, size_t n, struct problems *to, struct err *e)
{
    struct pack          p = { .file = file, .file_n = n, .exploited_from_us = TIME_NONE, .disclosed_us = TIME_NONE, .patched_us = TIME_NONE,
                               .mass_from_us = TIME_NONE, .public_code_us = TIME_NONE };
    struct pack_building b = { .p = &p, .a = a };
    bool                 headed = false;

    if (n)
        qsort(file, n, sizeof *file, by_name);
    for (size_t i = 0; i < n; i++) {
        const struct part *k = part_of(file[i].name);
        struct err         why = { 0 };
        headed |= k && k->read == pack_head_read;
        if (k ? k->read(&b, file[i].text, &why) : !to)
            continue;
        if (!k)
            err_set(&why, ERR_FORMAT, "a pack has no such file");
        if (!problem(to, a, file[i].name, &why, e))
            return false;
    }
    if (!headed) {
        struct err why = { 0 };
        err_set(&why, ERR_FORMAT, "the file is missing");
        err_hint(&why, "A pack is a folder with a pack.yaml.");
        if (!problem(to, a, STR("pack.yaml"), &why, e))
            return false;
    }
    if (!digest(&p, e) || (headed && !p.build_n && !p.rules_only && !p.survey_only && !builds_shared(&p, a, e)))
        return false;
    *ret = p;
    return true;
}

struct str pack_text(const struct pack *p, struct str name)
{
    size_t lo = 0, hi = p->file_n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int    c = str_cmp(p->file[mid].name, name);
        if (c == 0)
            return p->file[mid].text;
        *(c < 0 ? &lo : &hi) = c < 0 ? mid + 1 : mid;
    }
    return STR_EMPTY;
}

const struct pack_file *pack_below(const struct pack *p, struct str prefix, size_t *ret_n)
{
    size_t i = 0, n = 0;

    while (i < p->file_n && !str_starts(p->file[i].name, prefix))
        i++;
    while (i + n < p->file_n && str_starts(p->file[i + n].name, prefix))
        n++;
    *ret_n = n;
    return p->file + i;
}

/* --- from a folder --- */

struct listing { struct pack_file *file; size_t n, cap; };

static bool folder_read(struct listing *l, struct arena *a, struct os *os, struct str dir, struct str sub, struct err *e)
{
    struct os_entry *entry;
    size_t           n;

    if (!os->list(os, dir, sub, a, &entry, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (str_starts(entry[i].name, STR(".")))
            continue;
        struct str name = sub.n ? str_fmt(a, "%.*s/%.*s", STR_ARG(sub), STR_ARG(entry[i].name)) : entry[i].name;
        if (!name.p)
            return err_set(e, ERR_MEMORY, "no room for the pack");
        if (entry[i].st.kind == OS_DIR) {
            /* Two levels: a pack has no deeper folders. */
            if (str_chr(sub, '/') == STR_NONE && !folder_read(l, a, os, dir, name, e))
                return false;
            continue;
        }
        if (entry[i].st.kind != OS_FILE)
            continue;
        if (l->n >= PACK_FILES_MAX)
            return err_set(e, ERR_LIMIT, "more than %d files", PACK_FILES_MAX);
        struct pack_file *at = GROW(a, l->file, l->n, &l->cap);
        if (!at)
            return err_set(e, ERR_MEMORY, "no room for the pack");
        at->name = name;
        if (!os_slurp(os, dir, name, PACK_FILE_MAX, a, &at->text, e))
            return err_where(e, "%.*s", STR_ARG(name));
        l->n++;
    }
    return true;
}

bool pack_load_dir(struct pack *ret, struct arena *a, struct os *os, struct str dir, struct err *e)
{
    struct listing l = { NULL, 0, 0 };
    return folder_read(&l, a, os, dir, STR(""), e) && files_read(ret, a, l.file, l.n, NULL, e);
}

bool pack_check_dir(struct pack *ret, struct arena *a, struct os *os, struct str dir, struct pack_problem **ret_list, size_t *ret_n,
                    struct err *e)
{
    struct listing       l    = { NULL, 0, 0 };
    struct pack_problem *list = NULL;
    size_t               n    = 0;
    struct problems      to   = { &list, &n, 0 };

    if (!folder_read(&l, a, os, dir, STR(""), e) || !files_read(ret, a, l.file, l.n, &to, e))
        return false;
    *ret_list = list;
    *ret_n    = n;
    return true;
}

/* --- from the program --- */

bool pack_load_embedded(struct pack *ret, struct arena *a, struct str id, struct err *e)
{
    for (const struct pack_blob *b = pack_blobs; b->id; b++) {
        struct pack_file *file;
        size_t            n;
        if (str_eq(id, str_c(b->id)))
            return pack_blob_files(b, a, &file, &n, e) && files_read(ret, a, file, n, NULL, e);
    }
    return err_set(e, ERR_USAGE, "no pack \"%.*s\" in this program", STR_ARG(str_sub(id, 0, 60)));
}
