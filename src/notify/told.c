/* See told.h. */
#include "notify/told.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/net.h"
#include "base/num.h"
#include "base/time.h"
#include "casework/intake_ledger.h"
#include "casework/second_group.h"
#include "formats/jsontree.h"
#include "notify/inbox.h"
#include "store/bind.h"
#include "survey/observation.h"

enum { TOLD_SERVERS_MAX = 100000, TOLD_REPORT_MAX = 8 << 20, STEPS_MAX = 5 };

enum ask { ASK_SERVERS, ASK_CASE, ASK_LOOK, ASK_FACTS, ASK_CASE_FACTS, ASK_DOOR, ASK_CONTACT, ASK_FIRST, ASK_REPORT, ASKS };
static const char *const sql[ASKS] = {
    [ASK_SERVERS] = "SELECT asset, name, ip, port, country, asn, product, build, exposure, exposure_grade, exposure_us, compromise, compromise_grade, compromise_us, clean, clean_us, last_seen_us, hunted"
                    " FROM case_server WHERE case_id = ?1 AND campaign = ?2 AND not_mine = 0 ORDER BY asset",
    [ASK_CASE] = "SELECT o.name FROM case_case c JOIN case_org o ON o.org = c.org WHERE c.id = ?1",
    [ASK_LOOK] = "SELECT at_us, source, grade, active FROM case_look WHERE campaign = ?1 AND asset = ?2 AND value = ?3 ORDER BY at_us DESC LIMIT 1",
    [ASK_FACTS] = "SELECT f.kind, f.grade, f.observed_us, s.tlp, s.releasable, f.source FROM case_asset a JOIN case_fact f ON f.subject = a.subject LEFT JOIN case_source s ON s.id = f.source"
                  " WHERE a.asset = ?1 AND f.of_case = 0 AND (f.campaign = 0 OR f.campaign = ?2) AND (f.kind = ?3 OR (f.kind = ?4 AND f.value = ?5)) ORDER BY f.observed_us DESC",
    [ASK_CASE_FACTS] = "SELECT f.kind, f.grade, f.observed_us, s.tlp, s.releasable, f.source FROM case_fact f LEFT JOIN case_source s ON s.id = f.source"
                       " WHERE f.case_id = ?1 AND f.of_case = 1 AND (f.kind = ?2 OR (f.kind = ?3 AND f.value = ?4)) ORDER BY f.observed_us DESC",
    [ASK_DOOR] = "SELECT d.path, d.sha256, r.tool, s.tlp, s.releasable, f.source FROM case_asset a JOIN case_report r ON r.subject = a.subject JOIN case_door d ON d.file = r.file AND d.campaign = r.campaign"
                 " JOIN case_file f ON f.id = r.file LEFT JOIN case_source s ON s.id = f.source WHERE a.asset = ?1 AND r.campaign = ?2 AND d.way = 0 AND d.state <> 'removed'"
                 " ORDER BY r.hunted_us DESC, d.state, d.at LIMIT 1",
    [ASK_CONTACT] = "SELECT s.name, c.observed_us, c.recorded_us, c.name, c.role FROM case_contact c LEFT JOIN case_source s ON s.id = c.source WHERE c.id = ?1",
    [ASK_FIRST] = "SELECT message_id FROM notify_notice WHERE case_id = ?1 AND contact = ?2 AND message_id <> ?3 AND state >= ?4 AND state < ?5 ORDER BY date_us, id LIMIT 1",
    [ASK_REPORT] = "SELECT r.file, b.size_bytes FROM case_asset a JOIN case_report r ON r.subject = a.subject JOIN case_bytes b ON b.file = r.file WHERE a.asset = ?1 AND r.campaign = ?2"
                   " ORDER BY r.hunted_us DESC LIMIT 1",
};

struct told_run {
    struct store              *s;
    struct case_campaign       campaign;
    const struct pack         *p;
    int32_t                    year;
    bool                       whole_cases;    /* is anything said of whole cases? */
    struct store_stmt         *ask[ASKS];
};

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for a notice's facts"); }

bool told_begin(struct told_run **ret, struct store *s, const struct case_campaign *campaign, const struct pack *p, struct arena *a, struct err *e)
{
    struct told_run *r = NEW(a, struct told_run, 1);

    if (!r)
        return no_room(e);
    *r = (struct told_run){ .s = s, .campaign = *campaign, .p = p, .year = case_year(campaign) };
    for (int i = 0; i < ASKS; i++)
        if (!store_prepare(s, sql[i], &r->ask[i], e)) {
            told_end(r);
            return false;
        }
    int64_t n;
    if (!bind_ask(s, "SELECT count(*) FROM case_fact WHERE of_case = 1 AND kind IN (?1, ?2)", BOUND(B_INT(FACT_FINDING), B_INT(FACT_EXPOSURE)), &n, 1, e)) {
        told_end(r);
        return false;
    }
    r->whole_cases = n > 0;
    *ret = r;
    return true;
}

void told_end(struct told_run *r)
{
    for (int i = 0; r && i < ASKS; i++) {
        store_finish(r->ask[i]);
        r->ask[i] = NULL;
    }
}

static struct store_stmt *ask(struct told_run *r, enum ask which, const struct bound *v, size_t n)
{
    store_reset(r->ask[which]);
    bind_values(r->ask[which], v, n);
    return r->ask[which];
}

/* No statement keeps a row open between two notices. */
static bool rest(struct told_run *r, bool ok)
{
    for (int i = 0; i < ASKS; i++)
        store_reset(r->ask[i]);
    return ok;
}

static bool copy(struct arena *a, struct str s, struct str *ret, struct err *e)
{
    *ret = s.n ? str_dup(a, s) : STR_EMPTY;
    return !s.n || ret->p || no_room(e);
}

/* --- who may be told --- */

/* "TLP:AMBER", or empty where it may not be told. A word without a source is a person's of the team. */
static const char *label_of(struct str tlp, bool releasable, int64_t source)
{
    static const char *const name[] = { "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED" };
    int                      rank = intake_tlp_rank(tlp);

    if (!source)
        return name[2];
    if (rank < 0)
        rank = 4;                              /* no label means ask */
    return rank <= 2 || releasable ? name[rank] : NULL;
}

static int rank_of(struct str label)
{
    int rank = intake_tlp_rank(str_istarts(label, STR("TLP:")) ? str_from(label, 4) : label);
    return rank < 0 ? 4 : rank;
}

struct str told_label(const struct told *t)
{
    struct str worst = rank_of(t->tlp) > 2 && t->tlp.n ? t->tlp : STR("TLP:AMBER");

    for (size_t i = 0; i < t->server_n; i++)
        if (t->server[i].tlp.n && rank_of(t->server[i].tlp) > rank_of(worst))
            worst = t->server[i].tlp;
    return worst;
}

/* --- one server --- */

struct row {
    int64_t asset, exposure_us, compromise_us, clean_us, seen_us;
    struct str name, ip, country, build, product;
    uint32_t asn; uint16_t port;
    enum exposure exposure; enum compromise compromise; enum grade exposure_grade, compromise_grade;
    bool clean, hunted;
};
/* What may be told, and on what grounds. */
struct ground { const char *label; int64_t us; enum grade grade; struct str detector; bool own; };

static bool fixed(enum exposure x) { return x == EXPOSURE_PATCHED || x == EXPOSURE_NOT_AFFECTED || x == EXPOSURE_RETIRED; }
static uint8_t sure(enum grade g) { return g == GRADE_A ? 99 : g == GRADE_B ? 95 : g == GRADE_C ? 75 : g == GRADE_D ? 40 : 0; }

/* The newest row of the statement that may be told. *ret_any: there was one at all. */
static bool first_free(struct store_stmt *st, enum fact_kind kind, struct ground *ret, bool *ret_any, struct err *e)
{
    enum store_got got;

    while ((got = store_step(st, e)) == STORE_ROW) {
        const char *label;

        if (store_int(st, 0) != (int64_t)kind)
            continue;
        *ret_any = true;
        label = label_of(store_text(st, 3), store_int(st, 4) != 0, store_int(st, 5));
        if (label && !ret->label) {
            *ret = (struct ground){ .label = label, .us = store_time(st, 2), .grade = (enum grade)store_int(st, 1), .detector = store_int(st, 5) ? STR("partner") : STR("team") };
        }
    }
    return got == STORE_DONE;
}

static bool facts(struct told_run *r, int64_t case_, int64_t asset, enum fact_kind kind, struct ground *ret, bool *ret_any, struct err *e)
{
    struct store_stmt *st = ask(r, ASK_FACTS, BOUND(B_INT(asset), B_INT(r->campaign.id), B_INT(FACT_FINDING), B_INT(FACT_EXPOSURE), B_INT(EXPOSURE_VULNERABLE)));

    if (!first_free(st, kind, ret, ret_any, e))
        return false;
    if (ret->label || !r->whole_cases)
        return true;
    st = ask(r, ASK_CASE_FACTS, BOUND(B_INT(case_), B_INT(FACT_FINDING), B_INT(FACT_EXPOSURE), B_INT(EXPOSURE_VULNERABLE)));
    return first_free(st, kind, ret, ret_any, e);
}

/* The open flaw: by the survey, or by somebody's word. */
static bool flaw(struct told_run *r, int64_t case_, const struct row *x, struct arena *a, struct ground *ret, struct err *e)
{
    struct store_stmt *st = ask(r, ASK_LOOK, BOUND(B_INT(r->campaign.id), B_INT(x->asset), B_INT(EXPOSURE_VULNERABLE)));
    enum store_got     got = store_step(st, e);
    bool               any = false;

    *ret = (struct ground){ 0 };
    if (got == STORE_FAILED)
        return false;
    if (got == STORE_ROW) {
        int64_t source = store_int(st, 1);
        *ret = (struct ground){ .label = "TLP:AMBER", .us = store_int(st, 0), .grade = (enum grade)store_int(st, 2), .own = store_int(st, 3) != 0 || source == OBS_PROBE,
                                .detector = str_fmt(a, "survey/%s", source >= 0 && source < OBS_SOURCES ? obs_source_name((enum obs_source)source) : "other") };
        return ret->detector.p || no_room(e);
    }
    if (!facts(r, case_, x->asset, FACT_EXPOSURE, ret, &any, e))
        return false;
    if (!any)
        *ret = (struct ground){ .label = "TLP:AMBER", .us = x->exposure_us, .grade = x->exposure_grade, .detector = STR("survey") };
    return true;
}

/* The back door: by a report or a tip; what only the survey claims is its own. */
static bool door(struct told_run *r, int64_t case_, const struct row *x, struct ground *ret, struct err *e)
{
    bool any = false;

    *ret = (struct ground){ 0 };
    if (!facts(r, case_, x->asset, FACT_FINDING, ret, &any, e))
        return false;
    if (!any)
        *ret = (struct ground){ .label = "TLP:AMBER", .us = x->compromise_us, .grade = x->compromise_grade, .detector = STR("survey") };
    return true;
}

static bool present(enum compromise c) { return c == COMPROMISE_BACKDOORED || c == COMPROMISE_RELAPSED; }

/* False in *ret_tell: nothing of it may be told, or nothing is to tell. */
static bool judge(struct told_run *r, int64_t case_, const struct row *x, struct arena *a, enum notice_finding *ret, struct ground *g, bool *ret_tell, struct err *e)
{
    *ret_tell = false;
    if (present(x->compromise)) {
        if (!door(r, case_, x, g, e))
            return false;
        if (g->label) {
            *ret = x->compromise == COMPROMISE_RELAPSED ? FINDING_RELAPSED : fixed(x->exposure) ? FINDING_PATCHED_BACKDOORED : FINDING_BACKDOORED;
            *ret_tell = true;
            return true;
        }
    }
    if (x->exposure == EXPOSURE_VULNERABLE) {
        *ret = FINDING_VULNERABLE;
        if (!flaw(r, case_, x, a, g, e))
            return false;
        *ret_tell = g->label != NULL;
    } else if (x->clean) {
        *ret = FINDING_CLEAN;
        *g = (struct ground){ .label = "TLP:AMBER", .us = x->clean_us, .grade = x->compromise_grade, .detector = STR("hunt") };
        *ret_tell = true;
    }
    return true;
}

static struct row numbers(struct store_stmt *st)
{
    return (struct row){ .asset = store_int(st, 0), .port = (uint16_t)store_int(st, 3), .asn = (uint32_t)store_int(st, 5), .exposure = (enum exposure)store_int(st, 8),
                         .exposure_grade = (enum grade)store_int(st, 9), .exposure_us = store_time(st, 10), .compromise = (enum compromise)store_int(st, 11),
                         .compromise_grade = (enum grade)store_int(st, 12), .compromise_us = store_time(st, 13), .clean = store_int(st, 14) != 0, .clean_us = store_time(st, 15),
                         .seen_us = store_time(st, 16), .hunted = store_int(st, 17) != 0 };
}

static bool read_row(struct store_stmt *st, struct arena *a, struct row *ret, struct err *e)
{
    struct str ip = store_bytes(st, 2);
    char       text[NET_TEXT] = "";

    if (!store_null(st, 2) && ip.n == 16)
        net_ip_text(ip.p, text);
    *ret = numbers(st);
    return copy(a, store_text(st, 1), &ret->name, e) && copy(a, str_c(text), &ret->ip, e) && copy(a, store_text(st, 4), &ret->country, e) && copy(a, store_text(st, 6), &ret->product, e) &&
           copy(a, store_text(st, 7), &ret->build, e);
}

static bool rows(struct told_run *r, int64_t case_, struct arena *a, struct row **ret, size_t *ret_n, struct err *e)
{
    struct store_stmt *st = ask(r, ASK_SERVERS, BOUND(B_INT(case_), B_INT(r->campaign.id)));
    struct row        *list = NULL, *p;
    size_t             n = 0, cap = 0;
    enum store_got     got;

    while ((got = store_step(st, e)) == STORE_ROW && n < TOLD_SERVERS_MAX) {
        if (!(p = GROW(a, list, n, &cap)))
            return no_room(e);
        if (!read_row(st, a, p, e))
            return false;
        n++;
    }
    *ret = list;
    *ret_n = n;
    return got != STORE_FAILED;
}

/* Where the file lies, by the newest hunt of it that may be told. */
static bool where(struct told_run *r, struct arena *a, struct told_server *s, struct err *e)
{
    struct store_stmt *st = ask(r, ASK_DOOR, BOUND(B_INT(s->asset), B_INT(r->campaign.id)));
    enum store_got     got = store_step(st, e);

    if (got == STORE_FAILED)
        return false;
    if (got == STORE_DONE || !label_of(store_text(st, 3), store_int(st, 4) != 0, store_int(st, 5)))
        return true;
    if (!copy(a, store_text(st, 0), &s->path, e) || !copy(a, store_text(st, 1), &s->sha256, e))
        return false;
    s->detector = STR("hunt");
    return true;
}

static bool server(struct told_run *r, const struct notice *n, const struct row *x, enum notice_finding f, const struct ground *g, struct arena *a, struct told_server *ret, struct err *e)
{
    *ret = (struct told_server){ .asset = x->asset, .host = x->name, .ip = x->ip, .product = x->product, .build = x->build, .finding = str_c(notice_finding_name(f)), .detector = g->detector,
                                 .port = x->port, .seen_us = g->us != TIME_NONE ? g->us : x->seen_us, .asn = x->asn, .confidence = sure(g->grade), .own_check = g->own, .tlp = str_c(g->label) };
    if (x->country.n == 2)
        memcpy(ret->country, x->country.p, 2);
    if (f == FINDING_VULNERABLE && r->p->cve_n)
        ret->cve = r->p->cve[0];
    return f == FINDING_VULNERABLE || f == FINDING_CLEAN || n->audience == AUDIENCE_PROVIDER || !n->contact.n || where(r, a, ret, e);
}

/* --- the notice --- */

static int severity(struct str finding)
{
    static const enum notice_finding order[] = { FINDING_RELAPSED, FINDING_PATCHED_BACKDOORED, FINDING_BACKDOORED, FINDING_VULNERABLE, FINDING_CLEAN };

    for (int i = 0; i < (int)COUNT_OF(order); i++)
        if (str_eq(finding, str_c(notice_finding_name(order[i]))))
            return i;
    return (int)COUNT_OF(order);
}

static int worst_first(const void *x, const void *y)
{
    const struct told_server *a = x, *b = y;
    int                       p = severity(a->finding), q = severity(b->finding);

    if (p != q)
        return p - q;
    return a->seen_us != b->seen_us ? (a->seen_us < b->seen_us) - (a->seen_us > b->seen_us) : (a->asset > b->asset) - (a->asset < b->asset);
}

static bool servers(struct told_run *r, const struct notice *n, struct arena *a, struct told *t, struct err *e)
{
    struct row         *list = NULL;
    struct told_server *s;
    size_t              count = 0, out = 0;

    if (!rows(r, n->case_, a, &list, &count, e))
        return false;
    if (!(s = NEW(a, struct told_server, count + 1)))
        return no_room(e);
    for (size_t i = 0; i < count; i++) {
        enum notice_finding f;
        struct ground       g;
        bool                tell;

        if (!judge(r, n->case_, &list[i], a, &f, &g, &tell, e))
            return false;
        if (!tell || (f == FINDING_CLEAN) != (n->finding == FINDING_CLEAN))
            continue;
        if (!server(r, n, &list[i], f, &g, a, &s[out], e))
            return false;
        out++;
    }
    if (out)
        qsort(s, out, sizeof *s, worst_first);
    t->server = s;
    t->server_n = out;
    for (size_t i = 0; i < out; i++)
        if (t->since_us == TIME_NONE || (i && n->audience >= AUDIENCE_PROVIDER && s[i].seen_us != TIME_NONE && s[i].seen_us < t->since_us))
            t->since_us = s[i].seen_us;
    return true;
}

/* A report that is not kept, or is too large for this, only means that its steps are not named. */
static bool later(struct err *e)
{
    bool mild = e->kind == ERR_NONE || e->kind == ERR_MEMORY || e->kind == ERR_LIMIT;

    if (mild)
        *e = (struct err){ 0 };
    return mild;
}

/* Titles of the report's next steps, as the pack words them: of the report only their names are taken. */
static bool steps(struct told_run *r, int64_t asset, struct arena *a, struct str *ret, struct err *e)
{
    struct store_stmt *st = ask(r, ASK_REPORT, BOUND(B_INT(asset), B_INT(r->campaign.id)));
    enum store_got     got = store_step(st, e);
    struct arena       scratch = *a;
    struct str         bytes, all = STR_EMPTY;
    struct jt          j;
    const char        *why;
    size_t             n = 0;

    *ret = STR_EMPTY;
    if (got != STORE_ROW)
        return got == STORE_DONE;
    int64_t file = store_int(st, 0);
    if (store_int(st, 1) > TOLD_REPORT_MAX)
        return true;
    store_reset(st);
    const struct guidance *found[STEPS_MAX];
    if (!ledger_file_bytes(r->s, file, &scratch, &bytes, e))
        return later(e);
    if (!jt_parse(&j, &scratch, bytes, &why))
        return true;
    for (const struct jt_node *c = jt_child(&j, jt_get(&j, jt_root(&j), "campaigns")); c; c = jt_next(&j, c)) {
        if (!str_eq(jt_str(jt_get(&j, c, "id"), &scratch), r->p->id))
            continue;
        for (const struct jt_node *x = jt_child(&j, jt_get(&j, c, "next_steps")); x && n < STEPS_MAX; x = jt_next(&j, x)) {
            const struct guidance *g = pack_guidance(r->p, jt_str(jt_get(&j, x, "id"), &scratch));
            if (g)
                found[n++] = g;
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct str line = str_fmt(a, "%.*s- %.*s\n", STR_ARG(all), STR_ARG(str_sub(found[i]->title, 0, 66)));
        if (!line.p)
            return no_room(e);
        all = line;
    }
    *ret = all;
    return true;
}

static bool contact(struct told_run *r, const struct notice *n, struct arena *a, struct told *t, struct err *e)
{
    struct store_stmt *st = ask(r, ASK_CONTACT, BOUND(B_INT(n->contact_id)));
    enum store_got     got = store_step(st, e);

    if (got == STORE_FAILED)
        return false;
    if (got == STORE_ROW) {
        t->contact_source_us = store_null(st, 1) ? store_time(st, 2) : store_time(st, 1);
        if (!copy(a, store_text(st, 0), &t->contact_source, e) || !copy(a, store_text(st, 3), &t->contact_name, e) || !copy(a, store_text(st, 4), &t->contact_role, e))
            return false;
    }
    st = ask(r, ASK_FIRST, BOUND(B_INT(n->case_), B_TEXT(n->contact), B_TEXT(str_c(n->message_id)), B_INT(NOTICE_ACCEPTED), B_INT(NOTICE_SUPPRESSED)));
    got = store_step(st, e);
    if (got == STORE_FAILED || (got == STORE_ROW && !copy(a, store_text(st, 0), &t->in_reply_to, e)))
        return false;
    return !t->in_reply_to.n || n->minimal || inbox_ticket(r->s, n->case_, n->contact, a, &t->ticket, e);
}

static bool gather(struct told_run *r, const struct notice *n, struct str nonce, struct arena *a, struct told *ret, struct err *e)
{
    struct told t = { .notice = n, .nonce = n->minimal ? STR_EMPTY : nonce, .campaign = r->campaign.slug, .since_us = TIME_NONE, .contact_source_us = TIME_NONE, .tlp = STR("TLP:AMBER") };
    char       *name = NEW(a, char, CASE_NAME_TEXT);
    struct store_stmt *st;

    if (!name)
        return no_room(e);
    case_name(n->case_, r->year, name);
    t.case_name = str_c(name);
    if (n->minimal) {
        if (!contact(r, n, a, &t, e))
            return false;
        t.contact_source = STR_EMPTY;
        *ret = t;
        return true;
    }
    t.campaign_title = r->campaign.title;
    st = ask(r, ASK_CASE, BOUND(B_INT(n->case_)));
    enum store_got got = store_step(st, e);
    if (got == STORE_FAILED || (got == STORE_ROW && !copy(a, store_text(st, 0), &t.organisation, e)))
        return false;
    if (!servers(r, n, a, &t, e) || (n->contact.n && !contact(r, n, a, &t, e)))
        return false;
    if (n->audience == AUDIENCE_TECHNICAL && n->finding != FINDING_CLEAN && t.server_n && str_eq(t.server[0].detector, STR("hunt")) && !steps(r, t.server[0].asset, a, &t.steps, e))
        return false;
    if (t.steps.n) {
        struct second_group g;
        struct arena        scratch = *a;

        if (!second_group_read(r->s, n->case_, &scratch, &g, e))
            return false;
        t.second_group = g.suspected;
    }
    t.tlp = told_label(&t);
    *ret = t;
    return true;
}

bool told_gather(struct told_run *r, const struct notice *n, struct str nonce, struct arena *a, struct told *ret, struct err *e)
{
    return rest(r, gather(r, n, nonce, a, ret, e));
}

static bool finding(struct told_run *r, int64_t case_, enum notice_finding *ret, struct err *e)
{
    static uint8_t const  order[NOTICE_FINDINGS] = { [FINDING_CLEAN] = 1, [FINDING_VULNERABLE] = 2, [FINDING_BACKDOORED] = 3, [FINDING_PATCHED_BACKDOORED] = 4, [FINDING_RELAPSED] = 5 };
    struct store_stmt    *st = ask(r, ASK_SERVERS, BOUND(B_INT(case_), B_INT(r->campaign.id)));
    enum notice_finding   worst = FINDING_VULNERABLE;
    bool                  any = false;
    enum store_got        got;

    while ((got = store_step(st, e)) == STORE_ROW) {
        uint8_t             room[4096];
        struct arena        scratch = { .beg = room, .end = room + sizeof room };
        struct row          x = numbers(st);
        enum notice_finding f;
        struct ground       g;
        bool                tell;

        if (!judge(r, case_, &x, &scratch, &f, &g, &tell, e))
            return false;
        if (tell && (!any || order[f] > order[worst])) {
            worst = f;
            any = true;
        }
    }
    *ret = worst;
    return got == STORE_DONE;
}

bool told_finding(struct told_run *r, int64_t case_, enum notice_finding *ret, struct err *e) { return rest(r, finding(r, case_, ret, e)); }

/* --- what makes it new --- */

struct mark { uint8_t h[HASH_SHA256_BYTES]; };
static int by_mark(const void *x, const void *y) { return memcmp(x, y, sizeof(struct mark)); }

void told_rev(const struct told *t, struct arena scratch, uint8_t ret[32])
{
    struct mark *m = NEW(&scratch, struct mark, t->server_n + 1);
    size_t       n = 0, out = 0;

    memset(ret, 0, 32);
    for (size_t i = 0; m && i < t->server_n; i++) {
        const struct told_server *s = &t->server[i];
        struct arena              a = scratch;
        struct str                text = s->asset ? str_fmt(&a, "%lld/%.*s", (long long)s->asset, STR_ARG(s->finding))
                                                  : str_fmt(&a, "%.*s/%u/%.*s/%.*s", STR_ARG(s->ip), (unsigned)s->port, STR_ARG(s->host), STR_ARG(s->finding));
        if (!hash_sha256(text, m[n++].h))
            return;
    }
    if (n)
        qsort(m, n, sizeof *m, by_mark);
    for (size_t i = 0; i < n; i++)             /* one server may stand in several rows */
        if (!i || memcmp(&m[i], &m[out - 1], sizeof *m) != 0)
            m[out++] = m[i];
    (void)hash_sha256((struct str){ (const uint8_t *)m, m ? out * sizeof *m : 0 }, ret);
}
