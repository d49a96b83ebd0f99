/* See report_try.h. */
#include "casework/report_try.h"

#include "base/hash.h"
#include "base/num.h"
#include "casework/group.h"
#include "casework/report_in_inner.h"
#include "casework/report_nonce.h"
#include "casework/same.h"
#include "formats/idna.h"
#include "survey/where.h"

#include <stdio.h>
#include <string.h>

/* --- distinct numbers that a statement gives --- */

struct fits { int64_t id[REPORT_FITS_MAX]; uint32_t n; };

static void add(struct fits *f, int64_t id)
{
    for (uint32_t i = 0; i < f->n; i++)
        if (f->id[i] == id)
            return;
    if (f->n < REPORT_FITS_MAX)
        f->id[f->n++] = id;
}

/* one: bytes when `bytes`, else text; other: empty when the statement takes one. */
static bool fits_of(struct store *s, const char *sql, struct str one, bool bytes, struct str other, struct fits *f, struct err *e)
{
    struct store_stmt *st = NULL;
    enum store_got     got = STORE_FAILED;

    if (!store_prepare(s, sql, &st, e))
        return false;
    if (bytes)
        store_bind_bytes(st, 1, one);
    else
        store_bind_text(st, 1, one);
    if (other.n)
        store_bind_text(st, 2, other);
    while ((got = store_step(st, e)) == STORE_ROW)
        add(f, store_int(st, 0));
    store_finish(st);
    return got == STORE_DONE;
}

#define OF_SUBJECTS "SELECT DISTINCT a.asset FROM case_subject s JOIN case_asset a ON a.subject = s.id WHERE "

/* NetBIOS names have 15 letters. */
static bool by_computer(struct store *s, const struct subject *x, struct arena a, struct fits *f, struct err *e)
{
    struct str node = str_lower(&a, x->node), domain = str_lower(&a, x->domain);

    if (!x->node.n || !x->domain.n)
        return true;
    if (!node.p || !domain.p)
        return err_set(e, ERR_MEMORY, "no room for a computer's name");
    return fits_of(s, OF_SUBJECTS "substr(s.node, 1, 15) = substr(?1, 1, 15) AND s.domain = ?2 LIMIT 9", node, false, domain, f, e);
}

static bool by_certificate(struct store *s, const struct subject *x, struct arena a, struct fits *f, struct err *e)
{
    (void)a;
    return !x->has_tls || fits_of(s, OF_SUBJECTS "s.tls = ?1 LIMIT 9", (struct str){ x->tls, sizeof x->tls }, true, STR_EMPTY, f, e);
}

static bool by_address(struct store *s, const struct subject *x, struct arena a, struct fits *f, struct err *e)
{
    (void)a;
    return !x->has_ip || fits_of(s, "SELECT DISTINCT asset FROM case_server WHERE ip = ?1 LIMIT 9", (struct str){ x->ip, sizeof x->ip }, true, STR_EMPTY, f, e);
}

static bool by_name(struct store *s, const struct subject *x, struct arena a, struct fits *f, struct err *e)
{
    (void)a;
    for (size_t i = 0; i < x->name_n; i++)
        if (same_name_tells(x->name[i]) && !fits_of(s, "SELECT DISTINCT asset FROM case_server_name WHERE name = ?1 LIMIT 9", x->name[i], false, STR_EMPTY, f, e))
            return false;
    return true;
}

/* A server has one computer name (same.h, rule 1): what is known as another's is not this one. */
static bool without_others(struct store *s, const struct subject *x, struct fits *f, struct err *e)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < f->n && x->node.n && x->domain.n; i++) {
        char    sql[200];
        int64_t named = 0;
        snprintf(sql, sizeof sql, "SELECT count(*) FROM case_asset a JOIN case_subject s ON s.id = a.subject WHERE a.asset = %lld AND s.node <> '' AND s.domain <> ''", (long long)f->id[i]);
        if (!store_one_int(s, sql, &named, e))
            return false;
        if (!named)
            f->id[n++] = f->id[i];
    }
    if (x->node.n && x->domain.n)
        f->n = n;
    return true;
}

/* In the order of same.h. */
static const struct { const char *by; bool (*find)(struct store *s, const struct subject *x, struct arena a, struct fits *f, struct err *e); } keys[] = {
    { "its computer name", by_computer }, { "its certificate", by_certificate }, { "its address", by_address }, { "its host name", by_name },
};

/* --- whose --- */

static bool text(struct store_stmt *st, int column, struct arena *a, struct str *ret, struct err *e)
{
    struct str s = str_sub(store_text(st, column), 0, LEDGER_TEXT_MAX);

    *ret = s.n ? str_dup(a, s) : STR_EMPTY;
    return !s.n || ret->p || err_set(e, ERR_MEMORY, "no room for a name");
}

static bool of_server(struct store *s, int64_t campaign, struct arena *a, struct report_match *m, struct err *e)
{
    struct store_stmt *st = NULL;
    bool               ok = store_prepare(s, "SELECT s.name, s.org, s.case_id, o.name FROM case_server s LEFT JOIN case_org o ON o.org = s.org WHERE s.asset = ?1"
                                             " ORDER BY CASE WHEN s.campaign = ?2 THEN 0 ELSE 1 END, s.campaign LIMIT 1", &st, e);

    if (!ok)
        return false;
    store_bind_int(st, 1, m->asset);
    store_bind_int(st, 2, campaign);
    enum store_got got = store_step(st, e);
    if (got == STORE_ROW) {
        m->org = store_int(st, 1);
        m->case_ = store_int(st, 2);
        ok = text(st, 0, a, &m->server, e) && text(st, 3, a, &m->owner, e);
    }
    store_finish(st);
    return ok && got != STORE_FAILED;
}

static bool owner(struct store *s, struct arena *a, struct report_match *m, struct err *e)
{
    struct store_stmt *st = NULL;

    if (!store_prepare(s, "SELECT name FROM case_org WHERE org = ?1", &st, e))
        return false;
    store_bind_int(st, 1, m->org);
    enum store_got got = store_step(st, e);
    bool           ok = got != STORE_ROW || text(st, 0, a, &m->owner, e);
    store_finish(st);
    return ok && got != STORE_FAILED;
}

/* Of a server that nobody knows: the organisation of its own domains, where these join. */
static bool by_domain(struct store *s, const struct subject *x, struct arena *a, struct report_match *m, struct err *e)
{
    char        sql[320];
    struct fits f = { .n = 0 };

    snprintf(sql, sizeof sql, "SELECT DISTINCT m.org FROM case_key k JOIN case_edge e ON e.key = k.id JOIN case_member m ON m.asset = e.asset WHERE k.class = %d AND k.state IN (%d, %d) AND m.org <> 0 AND k.value = ?1 LIMIT 9",
             ORG_IS_DOMAIN, GROUP_KEY_LONE, GROUP_KEY_JOINS);
    for (size_t i = 0; i < x->name_n; i++) {
        struct arena scratch = *a;
        struct str   host;
        if (idna_domain(x->name[i], &scratch, &host) && same_name_tells(host) && where_registrable(host).n && !fits_of(s, sql, where_registrable(host), false, STR_EMPTY, &f, e))
            return false;
    }
    if (f.n != 1)
        return true;
    m->org = f.id[0];
    m->by = "its domain";
    return owner(s, a, m, e);
}

static bool match(struct store *s, const struct subject *x, int64_t campaign, struct arena *a, struct report_match *m, struct err *e)
{
    for (size_t i = 0; i < COUNT_OF(keys) && !m->servers; i++) {
        struct fits f = { .n = 0 };

        if (!keys[i].find(s, x, *a, &f, e) || (keys[i].find != by_computer && !without_others(s, x, &f, e)))
            return false;
        if (!f.n)
            continue;
        m->servers = f.n;
        m->by = keys[i].by;
        m->asset = f.n == 1 ? f.id[0] : 0;
    }
    return m->asset ? of_server(s, campaign, a, m, e) : m->servers || by_domain(s, x, a, m, e);
}

/* --- the whole --- */

static bool refused(struct intake *x, const char *why)
{
    memset(x->told, 0, sizeof *x->told);
    snprintf(x->told->refused, sizeof x->told->refused, "%s", why);
    *x->e = (struct err){ 0 };
    return true;
}

static bool nonce(struct intake *x, const struct hunt_report *r)
{
    if (x->s || !r->nonce.n)
        return report_nonce(x->s, r, x->ask->case_, x->now, *x->a, &x->case_, &x->no_nonce, x->e);
    x->no_nonce = "there is no store that could know its nonce";
    return true;
}

/* The same bytes, taken whole before. */
static bool seen(struct intake *x, struct str bytes)
{
    struct fits f = { .n = 0 };
    uint8_t     sha256[32];

    if (!hash_sha256(bytes, sha256))
        return err_set(x->e, ERR_MEMORY, "no SHA-256");
    if (!fits_of(x->s, "SELECT id FROM case_file WHERE sha256 = ?1 AND kind = 'report' AND whole = 1", (struct str){ sha256, sizeof sha256 }, true, STR_EMPTY, &f, x->e))
        return false;
    x->from.file = f.n ? f.id[0] : 0;
    x->told->again = f.n > 0;
    return true;
}

static bool weigh(struct intake *x, const struct report_chosen *c)
{
    struct report_told_campaign *t = &x->told->campaign[x->told->campaign_n++];
    struct report_covered        cover;
    int64_t                      before = -1;

    report_weigh(x, c->at, &c->c, &cover, t);
    if (x->from.file && !report_known_grade(x, c->c.id, &before))
        return false;
    x->told->again &= before >= (int64_t)t->grade;
    if (before > (int64_t)t->grade)            /* a worse proof takes nothing away */
        t->grade = (enum grade)before;
    return true;
}

bool report_try(struct store *s, const struct report_ask *ask, const struct case_campaign *fresh, int64_t now_us, struct arena *a, struct str bytes, struct report_told *told, struct report_match *ret, struct err *e)
{
    struct intake        x = { .s = s, .a = a, .ask = ask, .fresh = fresh, .now = now_us, .told = told, .e = e, .no_nonce = "" };
    struct report_chosen chosen[REPORT_CAMPAIGNS_MAX];
    struct hunt_report   r;
    struct subject       server;
    struct str           name[LEDGER_NAMES_MAX];
    uint32_t             n = 0;
    char                 why[REPORT_WHY_TEXT];

    *e = (struct err){ 0 };
    *ret = (struct report_match){ 0 };
    memset(told, 0, sizeof *told);
    if (!report_read(&r, a, bytes, e) || !report_sound(&r, now_us, *a, e)) {
        if (e->kind == ERR_MEMORY || e->kind == ERR_IO)
            return false;
        report_reason(e, why);
        return refused(&x, why);
    }
    x.r = &r;
    if (!report_choose(&x, chosen, &n))
        return false;
    if (!n) {
        snprintf(why, sizeof why, REPORT_NO_CAMPAIGN, told->note[0] ? told->note : "no campaign that is known here");
        return refused(&x, why);
    }
    if (!nonce(&x, &r))
        return false;
    if (!report_subject(&x, &server, name))
        return refused(&x, REPORT_NAMELESS);
    if (s && !seen(&x, bytes))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (!weigh(&x, &chosen[i]))
            return false;
    ret->nonce_case = x.case_;
    return !s || match(s, &server, chosen[0].c.id, a, ret, e);
}
