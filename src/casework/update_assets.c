/*
 * update_assets: the subjects of the ledger and the survey's places become servers (same.h), which keep their numbers (follow.h). What they are like: update_traits.c.
 *
 * Rule     a server's number goes with most of its records. case_asset has a row for each subject and for each place of the survey (daily_part.target); one that fits
 *          several computers is kept with the first.
 */
#include "casework/update_assets.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

/* ---- what there is ---- */

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the servers"); }

static bool put_item(struct assets *x, const struct same_item *i, bool survey, struct str org, const uint8_t *name_from, struct err *e)
{
    if (x->n == x->cap)
        return err_set(e, ERR_LIMIT, "records were added while they were read");
    x->item[x->n] = *i;
    x->more[x->n++] = (struct asset_more){ org, name_from, survey };
    return true;
}

static bool take_subject(void *ctx, const struct store_value *v, struct err *e)
{
    struct assets *x = ctx;
    struct same_item i = { .id = (uint64_t)v[0].i, .port = (uint16_t)v[2].i };

    if (!v[1].null && v[1].s.n == sizeof i.ip) {
        memcpy(i.ip, v[1].s.p, sizeof i.ip);
        i.has_ip = true;
    }
    if (!v[3].null && v[3].s.n == 32) {
        i.has_tls = true;
        for (size_t k = 0; k < 8; k++)
            i.tls = i.tls << 8 | v[3].s.p[k];
    }
    if (!update_keep(&x->u->keep, v[4].s, &i.computer) || !update_keep(&x->u->keep, v[5].s, &i.domain))
        return no_room(e);
    return put_item(x, &i, false, STR_EMPTY, NULL, e);
}

/* Names come by subject, as the subjects do. */
static bool take_name(void *ctx, const struct store_value *v, struct err *e)
{
    struct assets *x = ctx;

    while (x->at < x->n && x->item[x->at].id < (uint64_t)v[0].i)
        x->at++;
    if (x->at == x->n || x->item[x->at].id != (uint64_t)v[0].i)
        return true;
    struct same_item *i = &x->item[x->at];
    struct str *slot = GROW(&x->u->keep, x->name, x->name_n, &x->name_cap);
    if (!slot || !(*slot = str_dup(&x->u->keep, v[1].s)).p)
        return no_room(e);
    if (!i->name_n++)
        x->first[x->at] = (uint32_t)x->name_n;
    x->wild[x->at] |= str_starts(v[1].s, STR("*."));
    x->name_n++;
    return true;
}

static bool take_part(void *ctx, const struct daily_part *p, struct err *e)
{
    struct assets *x = ctx;
    struct same_item i = {
        .id = (uint64_t)p->target, .of = p->server, .has_ip = p->has_ip, .port = p->port, .has_tls = p->has_cert, .wild = p->wild, .tls = p->cert,
        .computer = p->computer, .domain = p->domain, .name_n = (uint32_t)p->name_n,
    };
    struct str *name = TAKE(&x->u->keep, struct str, p->name_n ? p->name_n : 1);

    if (!name)
        return no_room(e);
    memcpy(i.ip, p->ip, sizeof i.ip);
    if (p->name_n)
        memcpy(name, p->name, p->name_n * sizeof *name);
    i.name = name;
    return put_item(x, &i, true, p->has_cert ? p->org : STR_EMPTY, p->name_from, e);
}

static bool load(struct assets *x, struct err *e)
{
    struct update *u = x->u;
    int64_t        n = 0;

    if (!store_one_int(u->s, "SELECT count(*) FROM case_subject", &n, e))
        return false;
    x->cap = (size_t)n + (u->daily ? daily_parts_count(u->daily) : 0);
    if (x->cap > SAME_MAX)
        return err_set(e, ERR_LIMIT, "%zu records of servers, at most %d", x->cap, SAME_MAX);
    x->item = TAKE(&u->keep, struct same_item, x->cap + 1);
    x->more = TAKE(&u->keep, struct asset_more, x->cap + 1);
    x->first = NEW(&u->keep, uint32_t, (size_t)n + 1);
    x->wild = NEW(&u->keep, bool, (size_t)n + 1);
    if (!x->item || !x->more || !x->first || !x->wild)
        return no_room(e);
    if (!store_scan(u->s, "SELECT id, ip, port, tls, node, domain FROM case_subject ORDER BY id", 6, take_subject, x, e) ||
        !store_scan(u->s, "SELECT subject, name FROM case_subject_name ORDER BY subject, name", 2, take_name, x, e))
        return false;
    u->n->subjects = x->n;
    for (size_t i = 0; i < x->n; i++) {
        x->item[i].name = x->item[i].name_n ? x->name + x->first[i] : NULL;
        x->item[i].wild = x->wild[i];
    }
    return !u->daily || daily_parts(u->daily, take_part, x, e);
}

/* ---- numbers ---- */

struct was { int64_t record, asset, org; };
struct before { struct arena *a; struct was *was; size_t n, cap; };

static bool take_was(void *ctx, const struct store_value *v, struct err *e)
{
    struct before *b = ctx;
    struct was *w = GROW(b->a, b->was, b->n, &b->cap);

    if (!w)
        return no_room(e);
    *w = (struct was){ v[0].i, v[1].i, v[2].null ? 0 : v[2].i };
    b->n++;
    return true;
}

static const struct was *was_of(const struct before *b, uint64_t record)
{
    size_t from = 0, to = b->n;

    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if ((uint64_t)b->was[mid].record < record)
            from = mid + 1;
        else
            to = mid;
    }
    return from < b->n && (uint64_t)b->was[from].record == record ? &b->was[from] : NULL;
}

bool update_next(struct update *u, const char *what, int64_t *next, bool put, struct err *e)
{
    struct store_stmt *st;
    bool ok;

    if (!store_prepare(u->s, put ? "INSERT INTO case_next (what, next) VALUES (?1, ?2) ON CONFLICT (what) DO UPDATE SET next = excluded.next"
                                 : "SELECT next FROM case_next WHERE what = ?1", &st, e))
        return false;
    store_bind_text(st, 1, str_c(what));
    if (put) {
        store_bind_int(st, 2, *next);
        ok = store_run(st, e);
    } else {
        enum store_got got = store_step(st, e);
        *next = got == STORE_ROW ? store_int(st, 0) : 1;
        ok = got != STORE_FAILED;
    }
    store_finish(st);
    return ok;
}

static bool number(struct assets *x, struct err *e)
{
    struct update *u = x->u;
    struct arena   a = u->scratch;
    struct before  b = { .a = &a };
    int64_t        next;

    if (!update_next(u, "asset", &next, false, e) ||
        !store_scan(u->s, "SELECT a.subject, a.asset, m.org FROM case_asset a LEFT JOIN case_member m ON m.asset = a.asset ORDER BY a.subject", 3, take_was, &b, e))
        return false;
    struct follow_item *item = TAKE(&a, struct follow_item, x->same.pair_n + 1);
    struct follow f;
    if (!item)
        return no_room(e);
    u->was = NEW(&u->keep, struct update_was, x->same.pair_n + 1);
    if (!u->was)
        return no_room(e);
    for (size_t i = 0; i < x->same.pair_n; i++) {
        const struct same_pair *p = &x->same.pair[i];
        const struct was *w = was_of(&b, x->item[p->item].id);
        /* Of a record that fits several servers only the first carries the number on. */
        bool first = i == 0 || x->same.pair[i - 1].item != p->item;

        item[i] = (struct follow_item){ w && first ? (uint64_t)w->asset : 0, p->server };
        if (w && w->org && first)
            u->was[u->was_n++] = (struct update_was){ p->server, w->org };      /* a number of `same` until it has its place */
    }
    if (!follow(item, x->same.pair_n, x->same.server_n, (uint64_t)next, &a, &f, e))
        return false;
    x->number = TAKE(&u->keep, int64_t, (size_t)x->same.server_n + 1);
    if (!x->number)
        return no_room(e);
    for (uint32_t i = 0; i < x->same.server_n; i++)
        x->number[i] = (int64_t)f.number[i];
    next = (int64_t)f.next;
    return update_next(u, "asset", &next, true, e);
}

struct kept { int64_t record; uint32_t server; };

static int by_record(const void *p, const void *q)
{
    const struct kept *a = p, *b = q;

    return a->record < b->record ? -1 : a->record > b->record;
}

/* By number, so that the table is filled in the order of its key. */
static bool keep_numbers(struct assets *x, struct err *e)
{
    struct update *u = x->u;
    struct arena   a = u->scratch;
    struct kept   *k = TAKE(&a, struct kept, x->n + 1);
    struct store_bulk *b;
    size_t n = 0;

    if (!k)
        return no_room(e);
    for (size_t i = 0; i < x->same.pair_n; i++)
        if (i == 0 || x->same.pair[i - 1].item != x->same.pair[i].item)
            k[n++] = (struct kept){ (int64_t)x->item[x->same.pair[i].item].id, x->same.pair[i].server };
    if (n)
        qsort(k, n, sizeof *k, by_record);
    if (!store_exec(u->s, "DELETE FROM case_asset", e) || !store_bulk_begin(u->s, "case_asset", "subject, asset", STORE_KEEP_OLD, &b, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        store_bulk_int(b, k[i].record);
        store_bulk_int(b, x->number[k[i].server]);
        if (!store_bulk_row(b, e)) {
            struct err more = { 0 };
            (void)store_bulk_end(b, NULL, &more);
            return false;
        }
    }
    return store_bulk_end(b, NULL, e);
}

/* ---- servers ---- */

struct numbered { int64_t asset; uint32_t server; };

static int by_asset(const void *p, const void *q)
{
    const struct numbered *a = p, *b = q;

    return a->asset < b->asset ? -1 : a->asset > b->asset;
}

static int by_subject(const void *p, const void *q)
{
    const struct update_subject *a = p, *b = q;

    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return a->server < b->server ? -1 : a->server > b->server;
}

static int by_survey(const void *p, const void *q)
{
    const struct update_survey *a = p, *b = q;

    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    return a->server < b->server ? -1 : a->server > b->server;
}

static int by_was(const void *p, const void *q)
{
    const struct update_was *a = p, *b = q;

    if (a->server != b->server)
        return a->server < b->server ? -1 : 1;
    return a->org < b->org ? -1 : a->org > b->org;
}

static bool place(struct assets *x, struct err *e)
{
    struct update *u = x->u;
    struct arena   a = u->scratch;
    uint32_t       n = x->same.server_n;
    struct numbered *by = TAKE(&a, struct numbered, (size_t)n + 1);
    size_t          survey = 0;

    x->at_of = TAKE(&u->keep, uint32_t, (size_t)n + 1);
    u->server = NEW(&u->keep, struct update_server, (size_t)n + 1);
    u->subject = TAKE(&u->keep, struct update_subject, x->same.pair_n + 1);
    u->survey = TAKE(&u->keep, struct update_survey, x->same.pair_n + 1);
    if (!by || !x->at_of || !u->server || !u->subject || !u->survey)
        return no_room(e);
    for (uint32_t i = 0; i < n; i++)
        by[i] = (struct numbered){ x->number[i], i };
    if (n)
        qsort(by, n, sizeof *by, by_asset);
    for (uint32_t i = 0; i < n; i++) {
        x->at_of[by[i].server] = i;
        u->server[i].asset = by[i].asset;
        u->server[i].group = GROUP_NONE;
        u->server[i].content = x->same.lowest[by[i].server];
    }
    u->server_n = n;
    for (size_t i = 0; i < x->same.pair_n; i++) {
        const struct same_pair *p = &x->same.pair[i];
        uint32_t at = x->at_of[p->server];
        struct update_server *s = &u->server[at];
        uint64_t of = x->item[p->item].of;

        if (!of) {
            u->subject[u->subject_n++] = (struct update_subject){ (int64_t)x->item[p->item].id, at };
            continue;
        }
        u->survey[survey++] = (struct update_survey){ of, at };
        if (!s->survey || of < s->survey)
            s->survey = of;
    }
    qsort(u->subject, u->subject_n, sizeof *u->subject, by_subject);
    qsort(u->survey, survey, sizeof *u->survey, by_survey);
    for (size_t i = 0; i < survey; i++)
        if (!u->survey_n || by_survey(&u->survey[u->survey_n - 1], &u->survey[i]) != 0)
            u->survey[u->survey_n++] = u->survey[i];
    for (size_t i = 0; i < u->was_n; i++)
        u->was[i].server = x->at_of[u->was[i].server];
    qsort(u->was, u->was_n, sizeof *u->was, by_was);
    n = 0;
    for (size_t i = 0; i < u->was_n; i++)
        if (!n || by_was(&u->was[n - 1], &u->was[i]) != 0)
            u->was[n++] = u->was[i];
    u->was_n = n;
    u->n->servers = u->server_n;
    return true;
}

const struct update_survey *update_survey_find(const struct update *u, uint64_t id, uint32_t *ret_n)
{
    uint32_t lo = 0, hi = u->survey_n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (u->survey[mid].id < id)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (*ret_n = 0; lo + *ret_n < u->survey_n && u->survey[lo + *ret_n].id == id; )
        ++*ret_n;
    return *ret_n ? &u->survey[lo] : NULL;
}

bool update_assets(struct update *u, struct err *e)
{
    struct assets x = { .u = u };

    return load(&x, e) && same_make(x.item, x.n, NULL, &u->keep, u->scratch, &x.same, e) && number(&x, e) && keep_numbers(&x, e) && place(&x, e) && update_traits(&x, e);
}
