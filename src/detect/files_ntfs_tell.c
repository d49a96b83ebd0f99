/* files_ntfs_tell: facts from what the file table and the journal said. Rules as in files_ntfs.c. Source: ways back in, 1.5, 1.6, 8, 9. */
#include "detect/files_ntfs.h"

#include <stdlib.h>

enum { TELL_MAX = 400 /* notes of one kind */ };

static uint32_t node_of(const struct filetime *x) { return x->usn_created_us != TIME_NONE || x->usn_removed_us != TIME_NONE || x->mft_node == UINT32_MAX ? x->usn_node : x->mft_node; }

/* A fact about a path that the file system names: the cite is the table or the journal, the path is not theirs. */
static struct file_fact *fact_of(struct ntfs_gather *g, const struct filetime *x, enum file_fact_kind kind, const char *detector, enum severity severity, double confidence)
{
    struct files_context *c = g->c;
    struct file_fact     *f = files_fact_at(c, &c->ev->node[node_of(x)], kind, detector, severity, confidence);
    char                  came[TIME_TEXT], si[TIME_TEXT], gone[TIME_TEXT];

    if (!f)
        return NULL;
    f->path       = x->path;
    f->name       = winpath_name(x->path);
    f->url        = STR_EMPTY;
    f->hash_hex   = STR_EMPTY;
    f->bytes      = x->size_bytes;
    f->created_us = filetime_came_us(x);
    f->removed_us = x->usn_last_gone ? x->usn_removed_us : TIME_NONE;
    f->time_us    = f->created_us != TIME_NONE ? f->created_us : f->removed_us;
    f->cite.time_us = f->time_us;
    f->cite.record  = x->record;
    f->cite.offset  = x->usn_first_us != TIME_NONE && node_of(x) == x->usn_node ? x->usn_offset : 0;
    bool gone_now = x->usn_last_gone || (x->in_mft && x->deleted);
    f->state      = gone_now ? THING_REMOVED : x->in_mft ? THING_PRESENT : THING_UNKNOWN;
    if (x->path.p[0] != '?' && files_served(c, c->keep, x->path, &f->url))
        f->reachable = f->state == THING_REMOVED ? REACH_NO : f->state == THING_PRESENT ? REACH_YES : REACH_UNKNOWN;
    else
        f->reachable = f->state == THING_REMOVED ? REACH_NO : REACH_UNKNOWN;
    time_text(filetime_came_us(x), came);
    time_text(x->si_created_us, si);
    time_text(x->usn_removed_us, gone);
    f->cite.excerpt = files_text(c, "record %llu%s%s%s%s%s%s%s", (unsigned long long)x->record, came[0] ? ", came " : "", came, si[0] ? ", says created " : "", si,
                                 gone[0] ? ", gone " : "", gone, x->in_mft && x->deleted ? ", entry is free again" : "");
    return f;
}

/* The file is in the evidence itself, and was judged there. */
static bool is_node(const struct files_context *c, struct str path)
{
    return path.p[0] != '?' && ev_find(c->ev, path) != NULL;
}

static void tell_page(struct ntfs_gather *g, const struct filetime *x, size_t *told)
{
    struct files_context *c = g->c;
    bool gone = x->usn_last_gone || (x->in_mft && x->deleted);

    if (!ntfs_extra_page(c, x->path) || is_node(c, x->path) || ++*told > TELL_MAX)
        return;
    const struct ioc *ioc = files_ioc_path(c, x->path, IOC_PATH_SUFFIX);
    struct file_fact *f = fact_of(g, x, gone ? FILE_FACT_PAGE_LEFT : FILE_FACT_PAGE_REVIEW, gone ? "ntfs/page-gone" : "ntfs/page", ioc ? SEV_HIGH : SEV_MEDIUM, ioc ? 0.8 : 0.6);
    if (!f)
        return;
    /* A name alone, though published, asks (files_pages, rule 2): only a compiled remainder or the page's bytes prove. */
    if (ioc)
        f->severity = SEV_MEDIUM;
    f->what  = STR("unknown");
    f->title = gone ? STR("A page was here that is no part of Exchange, and was taken away") : STR("A page that is no part of Exchange; its bytes are not in the evidence");
    f->why   = files_text(c, "The %s names it in a folder that has only the product's own pages.%s%s%.*s", x->usn_first_us != TIME_NONE ? "change journal" : "file table",
                          x->usn_renamed_in ? " It came under this name by renaming." : x->usn_renamed_out ? " It went by renaming." : "",
                          ioc ? " Its path was published: " : "", STR_ARG(ioc ? str_sub(ioc->description, 0, 80) : STR("")));
    files_attack(f, "T1505.003");
    if (gone)
        files_attack(f, "T1070.004");
}

static void tell_thing(struct ntfs_gather *g, const struct filetime *x, size_t *told)
{
    struct files_context *c = g->c;
    bool gone = x->usn_last_gone || (x->in_mft && x->deleted);

    /* What is there was read, and judged by its bytes. Programs come and go all day in odd places: only what is gone from a web folder is worth a word. */
    if (is_node(c, x->path) || (x->kind == FILETIME_PROGRAM && !(gone && ntfs_web_place(c, c->work->scratch, x->path))))
        return;
    if (x->kind == FILETIME_LOOT && !ntfs_web_place(c, c->work->scratch, x->path) && !gone)
        return;
    if (++*told > TELL_MAX)
        return;
    struct str name = winpath_name(x->path);
    bool lsass = x->kind == FILETIME_DUMP && (str_istarts(name, STR("lsass")) || str_ieq(name, STR("ntds.dit")));
    bool loot  = x->kind == FILETIME_LOOT && ntfs_web_place(c, c->work->scratch, x->path);
    struct file_fact *f = fact_of(g, x, lsass ? FILE_FACT_SECRET : loot ? FILE_FACT_LOOT : FILE_FACT_NOTE, lsass ? "ntfs/dump" : loot ? "ntfs/archive" : "ntfs/file",
                                  lsass ? SEV_HIGH : loot ? SEV_MEDIUM : SEV_LOW, lsass ? 0.7 : 0.6);
    if (!f)
        return;
    f->what  = lsass ? STR("exposed_secret") : STR_EMPTY;
    if (lsass)
        f->state = THING_UNKNOWN;                 /* a name proves no content: unproven */
    f->title = lsass ? (gone ? STR("A copy of credentials lay here by its name, and is gone") : STR("A copy of credentials by its name; its bytes are not in the evidence"))
             : x->kind == FILETIME_PROGRAM ? STR("A program lay in a web folder and is gone")
             : x->kind == FILETIME_LOOT    ? (gone ? STR("An archive lay here and is gone") : STR("An archive in a web folder; its bytes are not in the evidence"))
                                           : STR("A memory dump lay here");
    f->why   = files_text(c, "The %s names it, %llu bytes as far as it says. Only the name is known.", x->usn_first_us != TIME_NONE ? "change journal" : "file table",
                          (unsigned long long)x->size_bytes);
    files_attack(f, lsass ? "T1003" : loot ? "T1074.001" : "T1070.004");
}

static void tell_stream(struct ntfs_gather *g, const struct filetime *x, size_t *told)
{
    if (x->deleted || ++*told > TELL_MAX)
        return;
    struct file_fact *f = fact_of(g, x, FILE_FACT_NOTE, "ntfs/stream", SEV_MEDIUM, 0.5);
    if (!f)
        return;
    f->title = STR("An alternate stream of a file in a web folder");
    f->why   = files_text(g->c, "Files in web folders have none but Zone.Identifier; bytes can be hidden there, and some servers ran scripts from them. %llu bytes.", (unsigned long long)x->size_bytes);
    files_attack(f, "T1564.004");
}

static void tell_times(struct ntfs_gather *g, const struct filetime *x, size_t *told)
{
    struct files_context *c = g->c;
    bool worth = x->kind == FILETIME_PAGE ? ntfs_extra_page(c, x->path) || map_get(&g->named_path, x->path) != MAP_NONE : x->kind == FILETIME_PROGRAM || x->kind == FILETIME_NAMED;
    char si[TIME_TEXT], came[TIME_TEXT];

    if (x->deleted || !worth || !filetime_set_back(x) || ++*told > TELL_MAX)
        return;
    struct file_fact *f = fact_of(g, x, FILE_FACT_NOTE, "ntfs/times", SEV_MEDIUM, 0.6);
    if (!f)
        return;
    time_text(x->si_created_us, si);
    time_text(filetime_came_us(x), came);
    f->title = STR("The times of a file were probably set back");
    f->why   = files_text(c, "It says that it was created %s; by the kernel's own time it came to this folder %s%s%s. Copies of old files can look like this: it counts only beside other signs.", si, came,
                          x->whole_seconds ? ", all its times are whole seconds" : "", x->usn_stamped_us != TIME_NONE ? ", and the journal shows that its times or attributes were set" : "");
    files_attack(f, "T1070.006");
}

static void tell_gone(struct ntfs_gather *g)
{
    static const struct { const char *title, *why; enum severity severity; double confidence; } says[NTFS_LOGS] = {
        [NTFS_LOG_IIS]      = { "Web server logs were deleted", "Old logs are deleted by schedule on many servers, a few a day; one of the days in question is another matter.", SEV_LOW, 0.4 },
        [NTFS_LOG_EXCHANGE] = { "Exchange logs were deleted", "Exchange deletes its own logs when they are old or large.", SEV_INFO, 0.3 },
        [NTFS_LOG_EVENT]    = { "Event log files were deleted", "Windows clears and overwrites event logs, but never deletes their files by itself.", SEV_MEDIUM, 0.6 },
        [NTFS_LOG_HISTORY]  = { "A PowerShell history was deleted", "Nothing deletes it by itself.", SEV_MEDIUM, 0.6 },
    };
    for (size_t i = 1; i < NTFS_LOGS; i++) {
        const struct ntfs_gone *x = &g->gone[i];
        char first[TIME_TEXT], last[TIME_TEXT];
        struct file_fact *f = x->n ? files_fact_at(g->c, &g->c->ev->node[x->node], FILE_FACT_NOTE, "ntfs/log-deleted", says[i].severity, says[i].confidence) : NULL;
        if (!f)
            continue;
        time_text(x->first_us, first);
        time_text(x->last_us, last);
        f->path    = x->some;
        f->name    = winpath_name(x->some);
        f->url     = STR_EMPTY;
        f->state   = THING_REMOVED;
        f->bytes   = 0;
        f->created_us = TIME_NONE;
        f->time_us = f->removed_us = x->last_us;
        f->cite.time_us = x->first_us;
        f->cite.offset  = x->offset;
        f->title   = str_c(says[i].title);
        f->why     = files_text(g->c, "The change journal records %llu such deletions, from %s to %s; the first: %.*s. %s", (unsigned long long)x->n, first, last, STR_ARG(str_sub(x->some, 0, 200)), says[i].why);
        f->cite.excerpt = files_text(g->c, "%s: deleted %.*s", first, STR_ARG(str_sub(x->some, 0, 300)));
        files_attack(f, "T1070");
    }
}

/* What other detectors found gets the times that its own bytes do not have. Earlier states and logs' own words keep theirs. */
static void date_facts(struct ntfs_gather *g, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct file_fact      *f = &g->c->found->fact[i];
        const struct filetime *x;
        if (f->kind > FILE_FACT_RANSOM || f->kind == FILE_FACT_AV || f->earlier || f->path.n < 4 || !(x = filetimes_find(g->times, f->path)) || !x->path.n)
            continue;
        int64_t came = filetime_came_us(x);
        if (came != TIME_NONE && !x->deleted && (f->created_us == TIME_NONE || f->state == THING_PRESENT))
            f->created_us = came;
        if (f->removed_us == TIME_NONE && f->state == THING_REMOVED && x->usn_last_gone)
            f->removed_us = x->usn_removed_us;
        if (f->time_us == TIME_NONE)
            f->time_us = f->created_us;
    }
}

bool ntfs_tell(struct ntfs_gather *g, struct err *e)
{
    size_t page = 0, thing = 0, stream = 0, times = 0, before = g->c->found->fact_n;

    (void)e;
    filetimes_sort(g->times);
    date_facts(g, before);
    for (size_t i = 0; i < g->times->n; i++) {
        const struct filetime *x = &g->times->item[i];
        /* Of several entries of one path the first says it. */
        bool again = i > 0 && str_ieq(g->times->item[i - 1].path, x->path);
        switch (again ? FILETIME_DULL : x->kind) {
        case FILETIME_PAGE:    tell_page(g, x, &page); break;
        case FILETIME_DUMP:
        case FILETIME_LOOT:
        case FILETIME_PROGRAM: tell_thing(g, x, &thing); break;
        case FILETIME_STREAM:  tell_stream(g, x, &stream); break;
        default: break;
        }
        if (!again)
            tell_times(g, x, &times);
    }
    tell_gone(g);
    return true;
}
