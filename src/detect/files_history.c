/*
 * history: applicationHost.config as it was: AppHostSvc keeps the last versions below inetpub\history, people keep backups, shadow copies hold more.
 *
 * Rule 1   versions are put in order of their own time; what one has and the one before it has not came between the two. Times are told only where both are
 *          known and rise.
 * Rule 2   what accuses and is there no more is a removed way back, with both times.
 * Rule 3   every other change of what the server runs, serves or logs is a note, one a version.
 * Bounds   VERSIONS_MAX versions, ENTRIES_MAX entries in all, GONE_MAX removed ways back: what is beyond is counted as damage of the family.
 * Source   ways back in, 2.1 and 2.3.
 */
#include "detect/config.h"

#include <stdlib.h>
#include <string.h>

enum { VERSIONS_MAX = 64, ENTRIES_MAX = 40000, SHOWN_MAX = 8, GONE_MAX = 100 };

struct entry { struct str key, shown; const struct config_says *accuses; uint32_t line; };
struct version {
    uint32_t      node;
    bool          live;
    int64_t       at_us;
    uint64_t      number;              /* of CFGHISTORY_0000000012; 0: none */
    struct entry *entry;
    size_t        n;
};
struct config_past { struct version version[VERSIONS_MAX]; size_t n, entries; uint64_t more; };

static struct config_past *past(struct files_context *c, struct err *e)
{
    if (!c->work->past && !(c->work->past = NEW(&c->work->pile, struct config_past, 1)))
        err_set(e, ERR_MEMORY, "no room for versions of a configuration");
    return c->work->past;
}

static uint64_t number_of(struct str path)
{
    static const struct str mark = STR_INIT("CFGHISTORY_");
    size_t   at = str_ifind(path, mark), end;
    uint64_t n = 0;

    if (at == STR_NONE)
        return 0;
    path = str_from(path, at + mark.n);
    for (end = 0; end < path.n && ch_digit(path.p[end]);)
        end++;
    return num_u64(str_sub(path, 0, end), &n) ? n : 0;
}

static const struct config_says *kept(struct arena *pile, const struct config_says *s)
{
    struct config_says *k = s->grade == CONFIG_ACCUSES ? NEW(pile, struct config_says, 1) : NULL;

    if (k) {
        *k = *s;
        k->name = str_dup(pile, s->name);
        k->path = str_dup(pile, s->path);
        k->url  = str_dup(pile, s->url);
    }
    return k;
}

struct take { struct files_context *c; struct arena *scratch; struct version *v; size_t cap; struct config_past *past; struct err *e; };

static bool put(struct take *t, struct str shown, const struct config_says *s, uint32_t line)
{
    struct arena *pile = &t->c->work->pile;

    if (t->past->entries >= ENTRIES_MAX) {
        t->past->more++;
        return true;
    }
    struct entry *x = GROW(pile, t->v->entry, t->v->n, &t->cap);
    struct str    text = str_dup(pile, str_sub(shown, 0, 300)), key = str_lower(pile, text);
    if (!x || !text.p || !key.p)
        return err_set(t->e, ERR_MEMORY, "no room for versions of a configuration");
    *x = (struct entry){ key, text, s ? kept(pile, s) : NULL, line };
    t->v->n++;
    t->past->entries++;
    return true;
}

static bool counts(enum iis_kind k)
{
    return k != IIS_REMOVED && k != IIS_ASSEMBLY && k != IIS_ELSEWHERE;
}

static bool take_all(struct take *t, const struct iis_config *w)
{
    struct config_file at = { .server = true };
    struct config_says s;
    struct arena      *a = t->scratch;
    bool               ok = true;

    for (size_t i = 0; ok && i < w->item_n; i++) {
        const struct iis_item *it = &w->item[i];
        if (!counts(it->kind))
            continue;
        config_judge(t->c, a, &at, it, &s);
        ok = put(t, str_fmt(a, "%s %.*s%s%.*s%s%.*s%s%.*s", iis_kind_name(it->kind), STR_ARG(str_sub(it->name, 0, 80)), it->target.n ? ": " : "", STR_ARG(str_sub(it->target, 0, 120)),
                            it->extra.n ? " for " : "", STR_ARG(str_sub(it->extra, 0, 60)), it->location.n ? " in " : "", STR_ARG(str_sub(it->location, 0, 60))), &s, it->line);
    }
    for (size_t i = 0; ok && i < w->vdir_n; i++) {
        config_judge_vdir(t->c, a, &w->vdir[i], &s);
        ok = put(t, str_fmt(a, "virtual directory %.*s, site %.*s: %.*s", STR_ARG(str_sub(s.url, 0, 80)), STR_ARG(str_sub(w->vdir[i].site_name, 0, 60)),
                            STR_ARG(str_sub(w->vdir[i].physical_path, 0, 140))), &s, w->vdir[i].line);
    }
    for (size_t i = 0; ok && i < w->pool_n; i++)
        ok = put(t, str_fmt(a, "application pool %.*s%s%.*s", STR_ARG(str_sub(w->pool[i].name, 0, 80)), w->pool[i].identity.n ? " as " : "", STR_ARG(str_sub(w->pool[i].identity, 0, 60))), NULL, w->pool[i].line);
    for (size_t i = 0; ok && i < w->site_n; i++) {
        const struct iis_site *site = &w->site[i];
        ok = put(t, str_fmt(a, "site %.*s%s", STR_ARG(str_sub(site->name, 0, 80)), site->log_off ? " without a log" : ""), NULL, site->line);
        for (size_t k = 0; ok && k < site->binding_n; k++)
            ok = put(t, str_fmt(a, "binding %.*s of site %.*s", STR_ARG(str_sub(site->binding[k], 0, 80)), STR_ARG(str_sub(site->name, 0, 80))), NULL, site->line);
    }
    return ok;
}

bool config_version(struct files_context *c, const struct ev_node *n, bool live, const struct iis_config *w, struct arena *scratch, struct err *e)
{
    struct config_past *p = past(c, e);

    if (!p || p->n == VERSIONS_MAX) {
        if (p)
            p->more++;
        return p != NULL;
    }
    struct version *v = &p->version[p->n];
    *v = (struct version){ .node = n->id, .live = live, .at_us = n->mtime_us, .number = number_of(n->path) };
    struct take t = { c, scratch, v, 0, p, e };
    if (!take_all(&t, w))
        return false;
    p->n++;
    return true;
}

/* ---- when all are there ---- */

static int cmp_entry(const void *x, const void *y)
{
    const struct entry *a = x, *b = y;
    int d = str_cmp(a->key, b->key);

    return d ? d : a->line < b->line ? -1 : a->line > b->line;
}

/* The living one last; numbers where both have them, else times, else the order of nodes. */
static int cmp_version(const void *x, const void *y)
{
    const struct version *a = x, *b = y;

    if (a->live != b->live)
        return a->live ? 1 : -1;
    if (a->number && b->number && a->number != b->number)
        return a->number < b->number ? -1 : 1;
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us ? -1 : 1;
    return a->node < b->node ? -1 : a->node > b->node;
}

static const struct entry *find(const struct version *v, struct str key)
{
    size_t lo = 0, hi = v->n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (str_cmp(v->entry[mid].key, key) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < v->n && str_eq(v->entry[lo].key, key) ? &v->entry[lo] : NULL;
}

/* When version k was written, if the one before it was written earlier: then its news came in between. */
static int64_t came(const struct config_past *p, size_t k)
{
    if (k == 0 || p->version[k].at_us == TIME_NONE || p->version[k - 1].at_us == TIME_NONE || p->version[k].at_us <= p->version[k - 1].at_us)
        return TIME_NONE;
    return p->version[k].at_us;
}

static bool says_so(struct files_context *c, const struct file_fact *f, const struct config_says *s)
{
    return f->kind == FILE_FACT_WAY_BACK && str_eq(f->what, str_c(s->what)) && str_eq(f->detector, str_c(s->detector)) && str_eq(f->name, excerpt_of(c->keep, str_sub(s->name, 0, EXCERPT_MAX))) &&
           (s->path.n == 0 || str_ieq(f->path, s->path));
}

static void date_living(struct files_context *c, const struct entry *x, int64_t at_us, int64_t before_us)
{
    char from[TIME_TEXT], to[TIME_TEXT];

    time_text(before_us, from);
    time_text(at_us, to);
    for (size_t i = 0; i < c->found->fact_n; i++) {
        struct file_fact *f = &c->found->fact[i];
        if (!says_so(c, f, x->accuses) || f->cite.line != x->line)
            continue;
        f->created_us = f->time_us = at_us;
        f->why = files_text(c, "%.*s It is not in the version of %s and is in that of %s.", STR_ARG(str_sub(f->why, 0, 500)), from, to);
    }
}

static void tell_gone(struct files_context *c, const struct config_past *p, const struct entry *x, size_t first, size_t last)
{
    const struct config_says *s = x->accuses;
    const struct ev_node *n = &c->ev->node[p->version[last].node];
    struct file_fact *f = config_tell(c, n, s, x->line);

    if (!f)
        return;
    bool known    = last + 1 < p->n;                  /* else the living file is not in the evidence: nobody knows */
    f->state      = known ? THING_REMOVED : THING_UNKNOWN;
    f->reachable  = known ? REACH_NO : REACH_UNKNOWN;
    f->hash_hex   = STR_EMPTY;
    f->bytes      = 0;
    f->created_us = f->time_us = came(p, first);
    f->removed_us = known ? came(p, last + 1) : TIME_NONE;
    f->why        = files_text(c, known ? "%.*s An older version of the configuration has it, a later one has not." : "%.*s The newest version kept has it; the living file is not in the evidence.",
                               STR_ARG(str_sub(f->why, 0, 500)));
    f->cite.excerpt = files_quote(c, x->shown);
}

/* Runs of versions that have an accusing entry: the last run reaches today, or has ended. */
static void follow(struct files_context *c, struct config_past *p)
{
    size_t gone = 0;

    for (size_t k = 0; k < p->n; k++)
        for (size_t i = 0; i < p->version[k].n; i++) {
            const struct entry *x = &p->version[k].entry[i];
            size_t last = k;
            if (!x->accuses || (k && find(&p->version[k - 1], x->key)) || (i && str_eq(p->version[k].entry[i - 1].key, x->key)))
                continue;
            while (last + 1 < p->n && find(&p->version[last + 1], x->key))
                last++;
            if (last + 1 < p->n) {
                bool back = false;
                for (size_t j = last + 1; j < p->n; j++)
                    back = back || find(&p->version[j], x->key);
                if (!back && gone++ < GONE_MAX)
                    tell_gone(c, p, x, k, last);
                p->more += !back && gone > GONE_MAX;
            } else if (!p->version[last].live) {
                if (gone++ < GONE_MAX)
                    tell_gone(c, p, x, k, last);
            } else if (came(p, k) != TIME_NONE) {
                date_living(c, find(&p->version[last], x->key), came(p, k), p->version[k - 1].at_us);
            }
        }
}

static size_t list(struct files_context *c, const struct version *from, const struct version *to, const char *sign, size_t n, struct str *text, bool *ret_weighty)
{
    for (size_t i = 0; i < to->n; i++) {
        if (find(from, to->entry[i].key))
            continue;
        *ret_weighty = *ret_weighty || to->entry[i].accuses || str_ihas(to->entry[i].key, STR("without a log")) || str_starts(to->entry[i].key, STR("logging switched off"));
        if (n++ >= SHOWN_MAX)
            continue;
        struct str more = files_text(c, "%s%s %.*s", text->n ? "; " : "", sign, STR_ARG(str_sub(files_quote(c, to->entry[i].shown), 0, 110)));
        struct str all = str_cat(c->keep, *text, more);
        *text = all.p ? all : *text;
    }
    return n;
}

static void tell_changes(struct files_context *c, const struct config_past *p, size_t k)
{
    struct str text = STR_EMPTY;
    bool       weighty = false, less = false;
    size_t     n = list(c, &p->version[k - 1], &p->version[k], "new", 0, &text, &weighty);

    n = list(c, &p->version[k], &p->version[k - 1], "gone", n, &text, &less);
    if (n == 0)
        return;
    struct file_fact *f = files_fact_at(c, &c->ev->node[p->version[k].node], FILE_FACT_NOTE, "config/history", weighty ? SEV_MEDIUM : SEV_INFO, 0.3);
    if (!f)
        return;
    f->title   = STR("The web server's configuration was changed");
    f->why     = n > SHOWN_MAX ? files_text(c, "Against the version before: %.*s; and %zu more.", STR_ARG(str_sub(text, 0, 700)), n - SHOWN_MAX) : files_text(c, "Against the version before: %.*s.", STR_ARG(str_sub(text, 0, 700)));
    f->time_us = came(p, k);
    f->url     = STR_EMPTY;
    f->created_us = TIME_NONE;
    f->cite.excerpt = str_sub(text, 0, EXCERPT_MAX);
}

bool config_history(struct files_context *c, struct err *e)
{
    struct config_past *p = c->work->past;

    if (!p || p->n == 0)
        return true;
    qsort(p->version, p->n, sizeof *p->version, cmp_version);
    for (size_t k = 0; k < p->n; k++)
        if (p->version[k].n)
            qsort(p->version[k].entry, p->version[k].n, sizeof *p->version[k].entry, cmp_entry);
    follow(c, p);
    for (size_t k = 1; k < p->n; k++)
        tell_changes(c, p, k);
    return p->more == 0 || files_damage(c, FAM_IIS_CONFIG, &c->ev->node[p->version[p->n - 1].node], "its history has more versions or entries than are followed", p->entries, e);
}
