/*
 * told_read: what is on record of many cases, in few statements. See told.h.
 *
 * Order    servers of all cases; then of those that have something to tell, READ_SERVERS at a time, looks, words of sources and back doors; then words about whole cases. At the end each server is judged.
 * Newest   of equal times the fact with the lower number speaks, of two looks the source that stands first: both engines say the same.
 */
#include "notify/told_inner.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/net.h"
#include "base/num.h"
#include "store/bind.h"
#include "survey/observation.h"

enum { SERVERS_MAX = 100000 /* of a case */, READ_SERVERS = 512 };

struct reading {
    struct told_run *r;
    struct told_set *set;
    struct arena    *a;
    int64_t         *id; size_t id_n;          /* of the cases; then of servers */
    struct told_row *row; size_t row_n, row_cap;
    struct told_row **by_asset;                /* those that have something to tell, by number */
};

typedef bool take(struct reading *x, struct store_stmt *st, struct err *e);

static bool each(struct reading *x, const char *sql, const struct bound *v, size_t n, take *one, struct err *e)
{
    struct store_stmt *st;
    enum store_got     got = STORE_DONE;
    bool               ok = true;

    if (!bind_open(x->r->s, sql, v, n, &st, e))
        return false;
    while (ok && (got = store_step(st, e)) == STORE_ROW)
        ok = one(x, st, e);
    store_finish(st);
    return ok && got == STORE_DONE;
}

static int by_number(const void *p, const void *q)
{
    int64_t a = *(const int64_t *)p, b = *(const int64_t *)q;

    return a < b ? -1 : a > b;
}

/* Cases, contacts: their number stands first. */
_Static_assert(offsetof(struct told_case, id) == 0 && offsetof(struct told_contact, id) == 0 && offsetof(struct told_row, asset) == 0, "by_number");

static struct told_case *case_of(const struct told_set *set, int64_t case_)
{
    return bsearch(&case_, set->c, set->n, sizeof *set->c, by_number);
}

const struct told_case *told_case_of(const struct told_set *set, int64_t case_)
{
    const struct told_case *c = case_of(set, case_);

    assert(c);
    return c;
}

const struct told_contact *told_contact_of(const struct told_set *set, int64_t contact)
{
    return set->contact_n ? bsearch(&contact, set->contact, set->contact_n, sizeof *set->contact, by_number) : NULL;
}

static int by_asset(const void *p, const void *q) { return by_number(*(struct told_row *const *)p, *(struct told_row *const *)q); }

static struct told_row *row_of(const struct reading *x, int64_t asset)
{
    const struct told_row want = { .asset = asset }, *key = &want;
    struct told_row     **at = bsearch(&key, x->by_asset, x->id_n, sizeof *x->by_asset, by_asset);

    return at ? *at : NULL;
}

/* ---- servers ---- */

static bool take_row(struct reading *x, struct store_stmt *st, struct err *e)
{
    struct told_case *c = case_of(x->set, store_int(st, 0));
    struct str        ip = store_bytes(st, 3);
    char              text[NET_TEXT] = "";

    if (c->row_n == SERVERS_MAX)
        return true;
    struct told_row *to = GROW(x->a, x->row, x->row_n, &x->row_cap);
    if (!to)
        return told_no_room(e);
    *to = (struct told_row){ .asset = store_int(st, 1), .port = (uint16_t)store_int(st, 4), .asn = (uint32_t)store_int(st, 6), .exposure = (enum exposure)store_int(st, 9),
                             .exposure_grade = (enum grade)store_int(st, 10), .exposure_us = store_time(st, 11), .compromise = (enum compromise)store_int(st, 12),
                             .compromise_grade = (enum grade)store_int(st, 13), .compromise_us = store_time(st, 14), .clean = store_int(st, 15) != 0, .clean_us = store_time(st, 16),
                             .seen_us = store_time(st, 17) };
    c->row_n++;
    x->row_n++;
    if (ip.n == 16)
        net_ip_text(ip.p, text);
    return told_copy(x->a, store_text(st, 2), &to->name, e) && told_copy(x->a, str_c(text), &to->ip, e) && told_copy(x->a, store_text(st, 5), &to->country, e) &&
           told_copy(x->a, store_text(st, 7), &to->product, e) && told_copy(x->a, store_text(st, 8), &to->build, e);
}

/* They come case by case, as the cases stand in the set. A plus keeps the engines from walking all servers of the campaign. */
static bool servers(struct reading *x, struct err *e)
{
    size_t at = 0;

    if (!each(x, "SELECT case_id, asset, name, ip, port, country, asn, product, build, exposure, exposure_grade, exposure_us, compromise, compromise_grade, compromise_us, clean, clean_us, last_seen_us"
                 " FROM case_server WHERE case_id {in ?1} AND +campaign = ?2 AND not_mine = 0 ORDER BY case_id, asset", BOUND(B_INTS(x->id, x->id_n), B_INT(x->r->campaign.id)), take_row, e))
        return false;
    for (size_t i = 0; x->row_n && i < x->set->n; at += x->set->c[i++].row_n)
        x->set->c[i].row = x->row + at;
    return true;
}

static bool tells(const struct told_row *w) { return told_present(w->compromise) || w->exposure == EXPOSURE_VULNERABLE; }

static bool choose(struct reading *x, struct err *e)
{
    size_t n = 0;

    for (size_t i = 0; i < x->row_n; i++)
        n += tells(&x->row[i]);
    x->by_asset = TAKE(x->a, struct told_row *, n + 1);
    x->id = TAKE(x->a, int64_t, n + 1);
    if (!x->by_asset || !x->id)
        return told_no_room(e);
    x->id_n = 0;
    for (size_t i = 0; i < x->row_n; i++)
        if (tells(&x->row[i]))
            x->by_asset[x->id_n++] = &x->row[i];
    if (x->id_n)
        qsort(x->by_asset, x->id_n, sizeof *x->by_asset, by_asset);
    for (size_t i = 0; i < x->id_n; i++)
        x->id[i] = x->by_asset[i]->asset;
    return true;
}

/* ---- what is said of them ---- */

static bool take_look(struct reading *x, struct store_stmt *st, struct err *e)
{
    struct told_row *w = row_of(x, store_int(st, 0));
    int64_t          source = store_int(st, 2);

    if (!w)
        return true;
    w->look = (struct told_ground){ .label = "TLP:AMBER", .us = store_int(st, 1), .grade = (enum grade)store_int(st, 3), .own = store_int(st, 4) != 0 || source == OBS_PROBE,
                                    .detector = str_fmt(x->a, "survey/%s", source >= 0 && source < OBS_SOURCES ? obs_source_name((enum obs_source)source) : "other") };
    return w->look.detector.p || told_no_room(e);
}

/* Columns: whose; kind, grade, observed, label, releasable, source, number of the fact. */
#define FACT_COLUMNS "f.kind, f.grade, f.observed_us, s.tlp, s.releasable, f.source, f.id"
static void hear(struct told_word word[WORDS], struct store_stmt *st)
{
    struct told_word *w = &word[store_int(st, 1) == FACT_FINDING ? WORD_DOOR : WORD_FLAW];
    const char       *label = told_label_of(store_text(st, 4), store_int(st, 5) != 0, store_int(st, 6));
    int64_t           us = store_time(st, 3), id = store_int(st, 7);

    w->any = true;
    if (!label || (w->free.label && (us < w->free.us || (us == w->free.us && id > w->id))))
        return;
    w->id = id;
    w->free = (struct told_ground){ .label = label, .us = us, .grade = (enum grade)store_int(st, 2), .detector = store_int(st, 6) ? STR("partner") : STR("team") };
}

static bool take_word(struct reading *x, struct store_stmt *st, struct err *e)
{
    struct told_row *w = row_of(x, store_int(st, 0));

    (void)e;
    if (w)
        hear(w->word, st);
    return true;
}

static bool take_whole(struct reading *x, struct store_stmt *st, struct err *e)
{
    (void)e;
    hear(case_of(x->set, store_int(st, 0))->word, st);
    return true;
}

static bool take_door(struct reading *x, struct store_stmt *st, struct err *e)
{
    struct told_row *w = row_of(x, store_int(st, 0));

    if (!w || !told_present(w->compromise) || !told_label_of(store_text(st, 3), store_int(st, 4) != 0, store_int(st, 5)))
        return true;
    w->traced = true;
    return told_copy(x->a, store_text(st, 1), &w->path, e) && told_copy(x->a, store_text(st, 2), &w->sha256, e);
}

static bool looks(struct reading *x, const struct bound *some, struct err *e)
{
    return each(x, "SELECT asset, at_us, source, grade, active FROM (SELECT asset, at_us, source, grade, active, row_number() OVER (PARTITION BY asset ORDER BY at_us DESC, source) AS nth FROM case_look"
                   " WHERE campaign = ?1 AND asset {in ?2} AND value = ?3) q WHERE nth = 1",
                BOUND(B_INT(x->r->campaign.id), *some, B_INT(EXPOSURE_VULNERABLE)), take_look, e);
}

static bool words(struct reading *x, const struct bound *some, struct err *e)
{
    return each(x, "SELECT a.asset, " FACT_COLUMNS " FROM case_asset a JOIN case_fact f ON f.subject = a.subject LEFT JOIN case_source s ON s.id = f.source"
                   " WHERE a.asset {in ?1} AND f.of_case = 0 AND (f.campaign = 0 OR f.campaign = ?2) AND (f.kind = ?3 OR (f.kind = ?4 AND f.value = ?5))",
                BOUND(*some, B_INT(x->r->campaign.id), B_INT(FACT_FINDING), B_INT(FACT_EXPOSURE), B_INT(EXPOSURE_VULNERABLE)), take_word, e);
}

/* By the newest hunt of each. */
static bool doors(struct reading *x, const struct bound *some, struct err *e)
{
    return each(x, "SELECT asset, path, sha256, tlp, releasable, source FROM (SELECT a.asset, d.path, d.sha256, s.tlp, s.releasable, f.source, row_number() OVER"
                   " (PARTITION BY a.asset ORDER BY coalesce(r.hunted_us, 0) DESC, d.state, d.at, r.file) AS nth FROM case_asset a JOIN case_report r ON r.subject = a.subject"
                   " JOIN case_door d ON d.file = r.file AND d.campaign = r.campaign JOIN case_file f ON f.id = r.file LEFT JOIN case_source s ON s.id = f.source"
                   " WHERE a.asset {in ?1} AND r.campaign = ?2 AND d.way = 0 AND d.state <> 'removed') q WHERE nth = 1", BOUND(*some, B_INT(x->r->campaign.id)), take_door, e);
}

static bool whole(struct reading *x, struct err *e)
{
    return !x->r->whole_cases ||
           each(x, "SELECT f.case_id, " FACT_COLUMNS " FROM case_fact f LEFT JOIN case_source s ON s.id = f.source WHERE f.case_id {in ?1} AND f.of_case = 1"
                   " AND (f.kind = ?2 OR (f.kind = ?3 AND f.value = ?4))",
                BOUND(B_INTS(x->id, x->id_n), B_INT(FACT_FINDING), B_INT(FACT_EXPOSURE), B_INT(EXPOSURE_VULNERABLE)), take_whole, e);
}

/* ---- what a notice says besides ---- */

static bool take_name(struct reading *x, struct store_stmt *st, struct err *e) { return told_copy(x->a, store_text(st, 1), &case_of(x->set, store_int(st, 0))->organisation, e); }

static bool take_said(struct reading *x, struct store_stmt *st, struct err *e)
{
    struct told_case *c = case_of(x->set, store_int(st, 0));
    struct told_said *to = GROW(x->a, c->said, c->said_n, &c->said_cap);

    if (!to)
        return told_no_room(e);
    c->said_n++;
    return told_copy(x->a, store_text(st, 1), &to->contact, e) && told_copy(x->a, store_text(st, 2), &to->message_id, e);
}

static bool take_contact(struct reading *x, struct store_stmt *st, struct err *e)
{
    struct told_contact *to = &x->set->contact[x->set->contact_n++];

    *to = (struct told_contact){ .id = store_int(st, 0), .us = store_null(st, 2) ? store_time(st, 3) : store_time(st, 2) };
    return told_copy(x->a, store_text(st, 1), &to->source, e) && told_copy(x->a, store_text(st, 4), &to->name, e) && told_copy(x->a, store_text(st, 5), &to->role, e);
}

static bool people(struct reading *x, int64_t *contact, size_t n, struct err *e)
{
    return (x->set->contact = TAKE(x->a, struct told_contact, n)) != NULL
               ? each(x, "SELECT case_id, contact, message_id FROM notify_notice WHERE case_id {in ?1} AND state >= ?2 AND state < ?3 ORDER BY date_us, id",
                      BOUND(B_INTS(x->id, x->id_n), B_INT(NOTICE_ACCEPTED), B_INT(NOTICE_SUPPRESSED)), take_said, e) &&
                     each(x, "SELECT c.id, s.name, c.observed_us, c.recorded_us, c.name, c.role FROM case_contact c LEFT JOIN case_source s ON s.id = c.source WHERE c.id {in ?1} ORDER BY c.id",
                          BOUND(B_INTS(contact, n)), take_contact, e)
               : told_no_room(e);
}

/* ---- all of it ---- */

/* Sorted, each once. */
static bool numbers(struct arena *a, const int64_t *v, size_t n, int64_t **ret, size_t *ret_n, struct err *e)
{
    int64_t *id = TAKE(a, int64_t, n + 1);
    size_t   kept = 0;

    if (!id)
        return told_no_room(e);
    if (n) {
        memcpy(id, v, n * sizeof *id);
        qsort(id, n, sizeof *id, by_number);
    }
    for (size_t i = 0; i < n; i++)
        if (!i || id[i] != id[kept - 1])
            id[kept++] = id[i];
    *ret = id;
    *ret_n = kept;
    return true;
}

static bool cases(struct reading *x, const struct told_ask *ask, struct err *e)
{
    int64_t *contact;
    size_t   n;

    if (!numbers(x->a, ask->case_, ask->case_n, &x->id, &x->id_n, e) || !numbers(x->a, ask->contact, ask->contact_n, &contact, &n, e))
        return false;
    if (!(x->set->c = NEW(x->a, struct told_case, x->id_n + 1)))
        return told_no_room(e);
    for (x->set->n = 0; x->set->n < x->id_n; x->set->n++)
        x->set->c[x->set->n].id = x->id[x->set->n];
    return servers(x, e) && whole(x, e) && (!n || people(x, contact, n, e)) &&
           each(x, "SELECT c.id, o.name FROM case_case c JOIN case_org o ON o.org = c.org WHERE c.id {in ?1}", BOUND(B_INTS(x->id, x->id_n)), take_name, e);
}

bool told_read(struct told_run *r, const struct told_ask *ask, struct arena *a, const struct told_set **ret, struct err *e)
{
    struct told_set *set = NEW(a, struct told_set, 1);
    struct reading   x = { .r = r, .set = set, .a = a };

    if (!set)
        return told_no_room(e);
    if (!cases(&x, ask, e) || !choose(&x, e))
        return false;
    for (size_t at = 0; at < x.id_n; at += READ_SERVERS) {
        struct bound some = B_INTS(x.id + at, x.id_n - at < READ_SERVERS ? x.id_n - at : READ_SERVERS);
        if (!looks(&x, &some, e) || !words(&x, &some, e) || (ask->contact_n && !doors(&x, &some, e)))
            return false;
    }
    for (size_t i = 0; i < set->n; i++)
        for (size_t k = 0; k < set->c[i].row_n; k++)
            told_judge(&set->c[i], &set->c[i].row[k]);
    *ret = set;
    return true;
}
