/* See report_in.h. */
#include "casework/report_in_inner.h"

#include "base/hash.h"
#include "base/net.h"
#include "base/num.h"
#include "casework/report_features.h"
#include "casework/report_nonce.h"
#include "casework/report_proof.h"
#include "casework/same.h"
#include "formats/idna.h"
#include "survey/where.h"

#include <stdio.h>
#include <string.h>

enum { NAMES_LOOKED_AT = 1000 };

/* --- words ------------------------------------------------------------------------------------------------------- */

/* Text of a report in our own messages: printable ASCII, cut. */
static void plain(struct str s, char *ret, size_t room)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n && n + 1 < room; i++)
        ret[n++] = s.p[i] > 0x20 && s.p[i] < 0x7f && !strchr("<>\"'&\\", s.p[i]) ? (char)s.p[i] : '?';
    ret[n] = 0;
}

static bool contains(struct str head, const char *word) { return str_has(head, str_c(word)); }

bool report_recognise(struct str head)
{
    struct str s = str_trim(str_sub(head, 0, 4096)), at;
    size_t     key;

    if (!s.n || s.p[0] != '{' || (key = str_find(s, STR("\"schema\""))) == STR_NONE)
        return false;
    at = str_trim(str_from(s, key + 8));
    if (!at.n || at.p[0] != ':')
        return false;
    return str_starts(str_trim(str_from(at, 1)), STR("\"afterpatch-report/")) && !contains(str_sub(s, 0, key), "\"summary\"");
}

/* --- the server ------------------------------------------------------------------------------------------------------ */

bool report_subject(struct intake *x, struct subject *ret, struct str name[LEDGER_NAMES_MAX])
{
    const struct hunt_report *r = x->r;
    struct str     low;
    struct subject s = { .node = str_sub(r->server.name, 0, 255), .domain = str_sub(r->server.domain, 0, 255), .name = name };
    uint8_t        key[32];

    for (uint32_t i = 0; i < r->server.fqdns.n && i < NAMES_LOOKED_AT && s.name_n < LEDGER_NAMES_MAX; i++)
        if (idna_host(r->server.fqdns.item[i], x->a, &low))
            name[s.name_n++] = low;
    for (uint32_t i = 0; i < r->server.addresses.n && i < NAMES_LOOKED_AT && !s.has_ip; i++)
        s.has_ip = report_address(r->server.addresses.item[i], s.ip);
    /* Scans tell certificates; a report of an earlier version may have the key alone. */
    const struct rp_list tls = r->server.certificates.n ? r->server.certificates : r->server.keys;
    for (uint32_t i = 0; i < tls.n && !s.has_tls; i++)
        if ((s.has_tls = num_unhex(tls.item[i], key, sizeof key)))
            memcpy(s.tls, key, sizeof key);
    if (x->told) {
        struct str best = s.name_n ? name[0] : s.node;
        char       ip[NET_TEXT] = "";
        if (!best.n && s.has_ip)
            net_ip_text(s.ip, ip);
        plain(best.n ? best : str_c(ip), x->told->server, sizeof x->told->server);
    }
    *ret = s;
    return s.has_ip || s.has_tls || s.name_n || s.node.n;
}

/* Names of its own tell whose it is; the AD domain tells only which servers stand side by side. */
static bool put_links(struct intake *x, enum grade grade)
{
    const struct hunt_report *r = x->r;
    struct case_link k = { .subject = x->subject, .confidence = grade >= GRADE_B ? 100 : 60, .observed_us = x->observed_us };
    struct str       host, given[LEDGER_NAMES_MAX];
    size_t           given_n = 0;

    for (uint32_t i = 0; i < r->server.fqdns.n && i < NAMES_LOOKED_AT && given_n < LEDGER_NAMES_MAX; i++) {
        bool have = false;
        if (!idna_domain(r->server.fqdns.item[i], x->a, &host) || !same_name_tells(host))
            continue;
        k.value = where_registrable(host);
        for (size_t j = 0; j < given_n; j++)
            have |= str_eq(given[j], k.value);
        if (have || !k.value.n)
            continue;
        given[given_n++] = k.value;
        k.kind           = ORG_EXCHANGE_NAME;
        if (!ledger_link(x->l, &k, &x->from, NULL, x->e))
            return false;
    }
    if (!idna_domain(r->server.domain, x->a, &host))
        return true;
    k.kind  = ORG_INTERNAL;
    k.value = host;
    return ledger_link(x->l, &k, &x->from, NULL, x->e);
}

/* --- facts ------------------------------------------------------------------------------------------------------------ */

static bool put_fact(struct intake *x, int64_t campaign, struct fact f, struct report_told_campaign *t)
{
    bool fresh = false;

    f.subject = (uint64_t)x->subject;
    if (f.observed_us == TIME_NONE)
        f.observed_us = x->observed_us;
    if (!ledger_fact(x->l, campaign, FACT_OF_SERVER, 0, &f, &x->from, &fresh, x->e))
        return false;
    x->n.rows++;
    *(fresh ? &x->n.taken : &x->n.known) += 1;
    *(fresh ? &t->facts : &t->known) += 1;
    return true;
}

/* The same place is the same finding, in whatever letters and whatever is in it now. */
static uint64_t door_number(struct arena *a, const struct rp_door *d)
{
    struct arena scratch = *a;
    struct str   low = str_lower(&scratch, d->path);
    struct str   part[] = { STR("page"), low.p ? low : d->path };

    return (uint64_t)ledger_number(part, COUNT_OF(part));
}

static uint64_t way_number(struct arena *a, const struct rp_way *w)
{
    struct arena scratch = *a;
    struct str   name = str_lower(&scratch, w->name), path = str_lower(&scratch, w->path);
    struct str   part[] = { STR("way"), w->kind, name.p ? name : w->name, path.p ? path : w->path };

    return (uint64_t)ledger_number(part, COUNT_OF(part));
}

/* A time in the evidence that lies behind the newest of it tells of a wrong clock, or of a hand. */
static int64_t sane(const struct intake *x, int64_t us) { return us != TIME_NONE && us <= x->observed_us + REPORT_CLOCK_US ? us : TIME_NONE; }

/* A back door or way back: a row, and what it says of the server. */
static bool put_door(struct intake *x, int64_t campaign, struct case_door *d, enum door_state state, enum grade grade, struct report_told_campaign *t)
{
    struct fact f = { .grade = grade, .finding = d->finding, .own_us = TIME_NONE, .observed_us = TIME_NONE };

    if (!ledger_door(x->l, x->from.file, campaign, d, x->e))
        return false;
    if (state == DOOR_PRESENT || state == DOOR_UNKNOWN) {
        f.kind   = FACT_FINDING;
        f.own_us = sane(x, d->created_us);
    } else if (state == DOOR_REMOVED) {
        f.kind        = FACT_REMOVED;
        f.observed_us = sane(x, d->removed_us);
    } else
        return true;                           /* a secret of which nothing is proven */
    return put_fact(x, campaign, f, t);
}

static bool put_doors(struct intake *x, uint32_t i, int64_t campaign, enum grade grade, struct case_report *row, struct report_told_campaign *t)
{
    const struct hunt_report *r = x->r;

    for (uint32_t k = 0; k < r->door_n; k++) {
        const struct rp_door *d = &r->door[k];
        char             who[16] = "";
        struct case_door out = { .at = k, .finding = door_number(x->a, d), .path = d->path, .state = str_c(door_name(d->state)), .kind = d->kind, .used = str_c(use_word_name(d->used)),
                                 .sha256 = d->sha256, .key = d->key, .created_us = d->created_us, .removed_us = d->removed_us, .first_us = d->first_us, .last_us = d->last_us,
                                 .requests = d->requests };
        if (!(d->of >> i & 1))
            continue;
        if (d->intruder != REPORT_NOBODY)
            snprintf(who, sizeof who, "I%u", d->intruder + 1);
        out.intruder = str_c(who);
        row->back_doors++;
        if (d->created_us != TIME_NONE && (row->placed_us == TIME_NONE || d->created_us < row->placed_us))
            row->placed_us = d->created_us;
        if (!put_door(x, campaign, &out, d->state, grade, t))
            return false;
    }
    for (uint32_t k = 0; k < r->way_n; k++) {
        const struct rp_way *w = &r->way[k];
        struct case_door out = { .at = k, .way = true, .finding = way_number(x->a, w), .path = w->path.n ? w->path : w->name, .state = w->word, .kind = w->kind,
                                 .used = str_c(use_word_name(w->used)), .created_us = TIME_NONE, .removed_us = TIME_NONE, .first_us = TIME_NONE, .last_us = TIME_NONE };
        if (!(w->of >> i & 1))
            continue;
        row->ways_back++;
        if (!put_door(x, campaign, &out, w->state, grade, t))
            return false;
    }
    return true;
}

struct features { struct intake *x; int64_t campaign; struct report_told_campaign *t; };

static bool put_feature(void *ctx, uint32_t session, enum intruder_feature kind, struct str value, int64_t first_us, struct err *e)
{
    struct features *f = ctx;

    f->t->features++;
    return ledger_feature(f->x->l, f->x->from.file, f->campaign, f->x->subject, session, kind, value, first_us, e);
}

/* --- one campaign ------------------------------------------------------------------------------------------------------- */

static enum exposure exposure_of(enum exposure_state s)
{
    switch (s) {
    case EXP_NOT_AFFECTED: return EXPOSURE_NOT_AFFECTED;
    case EXP_PATCHED:      return EXPOSURE_PATCHED;
    case EXP_MITIGATED:    return EXPOSURE_MITIGATED;
    case EXP_UNPATCHED:    return EXPOSURE_VULNERABLE;
    case EXP_CANNOT_TELL:  break;
    }
    return EXPOSURE_UNKNOWN;
}

static enum grade judge(const struct intake *x, bool covers, const char **ret_why)
{
    const struct hunt_proof p = { .validates = true, .nonce = x->case_ != 0, .covers_window = covers, .known_signature = x->ask->signature.known, .on_site = x->ask->on_site };

    return hunt_grade(&p, ret_why);
}

void report_weigh(struct intake *x, uint32_t i, const struct case_campaign *c, struct report_covered *ret, struct report_told_campaign *t)
{
    const char *why = "";

    report_covers(x->r, i, c->begun_us, ret);
    t->grade = judge(x, ret->full, &why);
    if (!x->ask->on_site && !x->case_)
        why = x->no_nonce;
    else if (!x->ask->on_site && !ret->full)
        why = ret->why;
    else if (t->grade == GRADE_B && x->ask->signature.given)
        why = x->ask->signature.why;
    plain(c->slug, t->slug, sizeof t->slug);
    snprintf(t->verdict, sizeof t->verdict, "%s", verdict_name(x->r->campaign[i].verdict));
    snprintf(t->door_open, sizeof t->door_open, "%s", open_name(ret->open));
    snprintf(t->why, sizeof t->why, "%s", why);
}

bool report_known_grade(struct intake *x, int64_t campaign, int64_t *ret)
{
    struct store_stmt *st;

    if (!store_prepare(x->s, "SELECT grade FROM case_report WHERE file = ?1 AND campaign = ?2", &st, x->e))
        return false;
    store_bind_int(st, 1, x->from.file);
    store_bind_int(st, 2, campaign);
    enum store_got got = store_step(st, x->e);
    *ret = got == STORE_ROW ? store_int(st, 0) : -1;
    store_finish(st);
    return got != STORE_FAILED;
}

/* A better proof of the same bytes came later: the row tells of it, and so does the audit. */
static bool raise_grade(struct intake *x, int64_t campaign, const struct case_report *row)
{
    struct store_stmt *st;
    char               detail[REPORT_WHY_TEXT];

    if (!store_prepare(x->s, "UPDATE case_report SET grade = ?3, why = ?4, nonce_ok = ?5, door_open = ?6 WHERE file = ?1 AND campaign = ?2", &st, x->e))
        return false;
    store_bind_int(st, 1, x->from.file);
    store_bind_int(st, 2, campaign);
    store_bind_int(st, 3, row->grade);
    store_bind_text(st, 4, row->why);
    store_bind_int(st, 5, row->nonce_ok);
    store_bind_text(st, 6, row->door_open);
    bool ok = store_run(st, x->e);
    store_finish(st);
    snprintf(detail, sizeof detail, "grade %s now", grade_name(row->grade));
    return ok && ledger_audit(x->l, "report proven", x->ask->name, str_c(detail), x->e);
}

static bool put_campaign(struct intake *x, uint32_t i, const struct case_campaign *c)
{
    const struct hunt_report *r  = x->r;
    const struct rp_campaign *rc = &r->campaign[i];
    struct report_told_campaign spare = { 0 }, *t = x->told ? &x->told->campaign[x->told->campaign_n] : &spare;
    struct report_covered cover;
    int64_t before;

    report_weigh(x, i, c, &cover, t);
    const enum grade grade = t->grade, exposed = judge(x, cover.exposure == COVERED_FULL, NULL);
    if (x->told)
        x->told->campaign_n++;

    if (!report_known_grade(x, c->id, &before))
        return false;
    if (before >= (int64_t)grade) {            /* read before, and nothing more is proven */
        t->grade = (enum grade)before;
        return true;
    }

    bool present = rc->back_door.state >= DOOR_UNKNOWN;
    struct case_report row = {
        .file = x->from.file, .campaign = c->id, .subject = x->subject, .verdict = str_c(verdict_name(rc->verdict)), .door_open = str_c(open_name(cover.open)),
        .theft = str_c(theft_name(rc->theft.state)), .tool = r->tool, .packs = r->packs, .grade = grade, .why = str_c(t->why), .hunted_us = r->started_us, .from_us = rc->from_us,
        .to_us = rc->to_us, .patched_us = rc->patched_us, .newest_us = r->newest_us, .placed_us = TIME_NONE, .used_us = rc->use.first_us, .last_us = rc->use.last_us,
        .entered_us = rc->exploitation.state == EXPL_SUCCEEDED ? rc->exploitation.first_us : TIME_NONE, .re_entered = rc->use.re_entered,
        .beyond = rc->use.state == USE_BEYOND_SERVER, .nonce_ok = x->case_ != 0, .mail_bytes = rc->theft.state == THEFT_NONE_SEEN ? 0 : rc->theft.bytes,
    };
    struct fact exposure = { .kind = FACT_EXPOSURE, .grade = exposed, .value = (int32_t)exposure_of(rc->exposure.state), .observed_us = TIME_NONE, .own_us = TIME_NONE };
    struct fact hunt     = { .kind = FACT_HUNT, .grade = grade, .observed_us = TIME_NONE, .own_us = TIME_NONE,
                             .value = cover.open == OPEN_NO ? DOOR_NO : cover.open == OPEN_YES ? DOOR_YES : DOOR_UNPROVEN,
                             .flags = (uint32_t)((cover.full ? FACT_COMPLETE : 0) | (present ? FACT_PRESENT : 0) | (rc->use.re_entered ? FACT_RE_ENTERED : 0)) };
    struct features f = { x, c->id, t };
    uint64_t        more = 0;

    if ((exposure.value != EXPOSURE_UNKNOWN && !put_fact(x, c->id, exposure, t)) || !put_fact(x, c->id, hunt, t) || !put_doors(x, i, c->id, grade, &row, t))
        return false;
    /* Somebody acted from within, and by what was not found. */
    if (present && !row.back_doors && !row.ways_back &&
        !put_fact(x, c->id, (struct fact){ .kind = FACT_FINDING, .grade = grade, .observed_us = TIME_NONE, .own_us = TIME_NONE }, t))
        return false;
    if (before >= 0)
        return raise_grade(x, c->id, &row);
    if (!ledger_report(x->l, &row, x->e) || !report_features(r, i, *x->a, put_feature, &f, &more, x->e))
        return false;
    if (more && x->told)
        snprintf(x->told->note, sizeof x->told->note, "%llu features of its intruders were left out: at most %d are kept", (unsigned long long)more, REPORT_FEATURES_MAX);
    return true;
}

/* --- the whole ------------------------------------------------------------------------------------------------------------- */

static bool file_row(struct intake *x, struct str bytes, const char *kind, bool keep, enum ledger_state *ret, int64_t *ret_file)
{
    struct ledger_file f = { .name = x->ask->name, .kind = str_c(kind), .size_bytes = bytes.n, .source = x->ask->source, .bytes = keep ? bytes : STR_EMPTY };

    return (hash_sha256(bytes, f.sha256) || err_set(x->e, ERR_MEMORY, "no SHA-256")) && ledger_file_begin(x->l, &f, ret, ret_file, x->e);
}

/* What is wrong, and where: "campaigns[0].verdict: not one of ...". All of it are our words. */
void report_reason(const struct err *e, char *ret) { snprintf(ret, REPORT_WHY_TEXT, "%.150s%s%.159s", e->where, e->where[0] ? ": " : "", e->what); }

/* A refused file is a file of another kind, so that it is read again when it may be good: a campaign that is known by then. Its bytes are nobody's evidence. */
static bool refuse(struct intake *x, struct str bytes, const char *why)
{
    enum ledger_state state;
    int64_t           file;
    struct ledger_counts n = { .rows = 1, .refused = 1 };

    if (x->told) {
        memset(x->told, 0, sizeof *x->told);
        snprintf(x->told->refused, sizeof x->told->refused, "%s", why);
    }
    x->n = n;
    *x->e = (struct err){ 0 };
    if (!ledger_begin(x->l, x->e))
        return false;
    if (file_row(x, bytes, "report refused", false, &state, &file) && (state == LEDGER_WHOLE || (ledger_refuse(x->l, file, 1, why, str_sub(bytes, 0, 4096), x->e) &&
        ledger_file_end(x->l, file, &n, x->e))) && ledger_commit(x->l, x->e))
        return true;
    ledger_rollback(x->l);
    return false;
}

/* The campaigns of the report that are to be taken. Others are told. */
bool report_choose(struct intake *x, struct report_chosen *ret, uint32_t *ret_n)
{
    uint32_t n = 0;
    char     slug[64];

    for (uint32_t i = 0; i < x->r->campaign_n; i++) {
        struct str id = x->r->campaign[i].id;
        bool found = id.n && id.n <= 255 && x->s && ledger_campaign_find(x->s, id, x->a, &ret[n].c, x->e);
        if (!found && x->e->kind != ERR_NONE)
            return false;
        if (!found && x->fresh && str_eq(id, x->fresh->slug)) {
            ret[n].c = *x->fresh;
            found = true;
        }
        if (found && (!x->ask->campaign || ret[n].c.id == x->ask->campaign)) {
            ret[n++].at = i;
            continue;
        }
        plain(id, slug, sizeof slug);
        if (x->told)
            snprintf(x->told->note, sizeof x->told->note, found ? "the campaign %s was not asked for" : "the campaign %s is not known here", slug);
    }
    *ret_n = n;
    return true;
}

static bool take(struct intake *x, struct str bytes, const struct report_chosen *c, uint32_t n, bool *ret_nameless)
{
    enum ledger_state state;
    enum grade        best = GRADE_NONE;
    struct subject    server;
    struct str        name[LEDGER_NAMES_MAX];

    if (!file_row(x, bytes, "report", true, &state, &x->from.file))
        return false;
    x->from.source = x->ask->source;
    *ret_nameless = !report_subject(x, &server, name);
    if (*ret_nameless || !ledger_subject(x->l, &server, &x->subject, x->e))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct report_covered cover;
        report_covers(x->r, c[i].at, c[i].c.begun_us, &cover);
        enum grade g = judge(x, cover.full, NULL);
        best = g > best ? g : best;
    }
    if (state != LEDGER_WHOLE && !put_links(x, best))
        return false;
    for (uint32_t i = 0; i < n; i++)
        if (!put_campaign(x, c[i].at, &c[i].c))
            return false;
    if (x->told) {
        x->told->again   = state == LEDGER_WHOLE && !x->n.taken;
        x->told->subject = x->subject;
    }
    return state == LEDGER_WHOLE || ledger_file_end(x->l, x->from.file, &x->n, x->e);
}

static bool import(struct intake *x, struct str bytes)
{
    struct hunt_report r;
    struct report_chosen chosen[REPORT_CAMPAIGNS_MAX];
    uint32_t           n = 0;
    char               why[REPORT_WHY_TEXT];
    bool               nameless = false;

    if (!report_read(&r, x->a, bytes, x->e) || !report_sound(&r, x->now, *x->a, x->e)) {
        if (x->e->kind == ERR_MEMORY || x->e->kind == ERR_IO)
            return false;
        report_reason(x->e, why);
        return refuse(x, bytes, why);
    }
    x->r = &r;
    /* True of the moment whose evidence it read, not of the one in which it ran. */
    x->observed_us = r.newest_us == TIME_NONE || (r.started_us != TIME_NONE && r.started_us < r.newest_us) ? r.started_us : r.newest_us;
    if (x->observed_us == TIME_NONE || x->observed_us > x->now)
        x->observed_us = x->now;
    if (!report_choose(x, chosen, &n))
        return false;
    if (!n) {
        snprintf(why, sizeof why, REPORT_NO_CAMPAIGN, x->told && x->told->note[0] ? x->told->note : "no campaign that is known here");
        return refuse(x, bytes, why);
    }
    if (!ledger_begin(x->l, x->e))
        return false;
    if (report_nonce(x->s, &r, x->ask->case_, x->now, *x->a, &x->case_, &x->no_nonce, x->e) && take(x, bytes, chosen, n, &nameless) && ledger_commit(x->l, x->e))
        return true;
    ledger_rollback(x->l);
    return nameless ? refuse(x, bytes, REPORT_NAMELESS) : false;
}

bool report_import(struct ledger *l, struct arena *a, const struct report_ask *ask, struct str bytes, struct ledger_counts *ret, struct report_told *told, struct err *e)
{
    struct arena  scratch = *a;
    struct intake x = { .l = l, .s = ledger_store(l), .a = &scratch, .ask = ask, .now = ledger_now(l), .told = told, .e = e, .no_nonce = "" };

    *e = (struct err){ 0 };
    if (told)
        memset(told, 0, sizeof *told);
    if (!import(&x, bytes))
        return false;
    *ret = x.n;
    return true;
}
