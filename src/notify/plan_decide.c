/* plan_decide: a batch of notices: gathered, rendered and signed by several threads, and decided, each whole in one transaction. See plan.h. */
#include "notify/plan_inner.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "os/pool.h"
#include "store/bind.h"

#define KEEP_US (90 * TIME_DAY)    /* bytes of a message: sheet, 10 */

/* How long it is tried, from its release on: sheet, 7. A back door is not waited for. */
static int64_t give_up(enum contact_channel channel, enum notice_finding f)
{
    bool door = f != FINDING_VULNERABLE && f != FINDING_CLEAN;

    return channel != CONTACT_EMAIL ? 30 * TIME_DAY : door ? TIME_DAY : 5 * TIME_DAY;
}

/* The languages that a country is written to, when nobody said which: others are English. */
static struct str language_of(struct str country)
{
    static const char *const german[] = { "AT", "CH", "DE", "LI" };

    for (size_t i = 0; i < COUNT_OF(german); i++)
        if (str_eq(country, str_c(german[i])))
            return STR("de");
    return STR("en");
}

static struct str domain_of(struct str address)
{
    for (size_t i = address.n; i > 0; i--)
        if (address.p[i - 1] == '@')
            return str_sub(address, i, address.n);
    return STR_EMPTY;
}

struct notice plan_notice(const struct plan *p, const struct plan_case *c, const struct contact *to)
{
    struct str domain = domain_of(to->address);

    return (struct notice){ .campaign = p->o->campaign->id, .case_ = c->id, .org = c->org, .contact_id = to->id, .channel = to->channel == CONTACT_CSIRT && domain.n ? CONTACT_EMAIL : to->channel,
                            .contact = to->address, .language = to->language.n ? to->language : language_of(c->country), .bucket = to->mx_bucket.n ? to->mx_bucket : domain, .domain = domain,
                            .date_us = p->o->now_us, .rev = 1 };
}

/* --- gathering --- */

static bool wave(struct plan *p, struct plan_job *j, struct err *e)
{
    int64_t *w = &p->wave[j->n.stage];

    if (*w == 0 && !outbox_wave(p->l, p->o->campaign->id, j->n.stage, str_c(notice_stage_name(j->n.stage)), w, e))
        return false;
    j->n.wave = *w;
    return true;
}

/* What its hunt must carry to prove anything; on a path that nobody else reads only. */
static bool nonce(struct plan *p, const struct plan_job *j, struct str *ret, struct err *e)
{
    char *text;

    *ret = STR_EMPTY;
    if (j->n.minimal || j->n.audience > AUDIENCE_MANAGEMENT || j->n.channel == CONTACT_PHONE || j->n.finding == FINDING_CLEAN)
        return true;
    if (!(text = NEW(&p->batch, char, NONCE_TEXT)))
        return plan_no_room(e);
    if (!ledger_nonce(p->l, j->n.case_, TIME_NONE, text, e))
        return false;
    *ret = str_c(text);
    return true;
}

struct merged { struct told_server *all; size_t n, cap; };

/* Servers of one of its cases, each said to be its case's. */
static bool one_of(struct plan *p, struct plan_job *j, const struct plan_tell *tell, const struct told_set *set, struct merged *m, struct err *e)
{
    struct notice one = j->n;
    struct told   t = { 0 };

    one.case_ = tell->c->id;
    one.org = tell->c->org;
    one.finding = tell->finding;
    one.stage = tell->stage;
    if (!p->pen->facts(p->ctx, set, &one, STR_EMPTY, &p->batch, &t, e))
        return false;
    if (tell == j->tell)
        j->t = t;
    for (size_t k = 0; k < t.server_n; k++) {
        struct told_server *v = GROW(&p->batch, m->all, m->n, &m->cap);

        if (!v)
            return plan_no_room(e);
        *v = t.server[k];
        if (!v->case_name.n && j->tell_n > 1)
            v->case_name = t.case_name;
        if (!v->organisation.n && j->tell_n > 1)
            v->organisation = t.organisation;
        m->n++;
    }
    return true;
}

static bool merged(struct plan *p, struct plan_job *j, struct err *e)
{
    struct merged m = { 0 };

    for (size_t at = 0; at < j->tell_n && m.n < PLAN_ROWS_MAX; at += TOLD_SET) {
        const struct told_set *set;
        int64_t                id[TOLD_SET];
        struct told_ask        ask = { .case_ = id, .contact = &j->n.contact_id, .contact_n = 1 };

        for (size_t i = at; i < j->tell_n && ask.case_n < TOLD_SET; i++)
            id[ask.case_n++] = j->tell[i].c->id;
        if (!p->pen->read(p->ctx, &ask, &p->batch, &set, e))
            return false;
        for (size_t i = 0; i < ask.case_n && m.n < PLAN_ROWS_MAX; i++)
            if (!one_of(p, j, &j->tell[at + i], set, &m, e))
                return false;
    }
    j->t.server = m.all;
    j->t.server_n = m.n;
    j->t.nonce = STR_EMPTY;
    j->t.notice = &j->n;
    j->t.tlp = told_label(&j->t);
    return true;
}

static bool gather(struct plan *p, struct plan_job *j, const struct told_set *set, struct err *e)
{
    struct str code;

    if (!wave(p, j, e) || !outbox_name(p->l, &j->n, p->o->settings->from.domain, e))
        return false;
    if (j->tell_n) {
        if (!merged(p, j, e))
            return false;
    } else if (!nonce(p, j, &code, e) || !p->pen->facts(p->ctx, set, &j->n, code, &p->batch, &j->t, e))
        return false;
    j->t.notice = &j->n;
    for (size_t i = 0; i < p->o->settings->legal_n && j->n.audience == AUDIENCE_MANAGEMENT; i++)
        if (str_eq(p->o->settings->legal[i].country, j->c->country))
            j->t.legal = p->o->settings->legal[i].text;
    return true;
}

static bool gather_all(struct plan *p, struct err *e)
{
    int64_t                case_[PLAN_BATCH], contact[PLAN_BATCH];
    struct told_ask        ask = { .case_ = case_, .contact = contact };
    const struct told_set *set = NULL;

    for (size_t i = 0; i < p->job_n; i++)
        if (!p->job[i].tell_n) {
            case_[ask.case_n++] = p->job[i].n.case_;
            contact[ask.contact_n++] = p->job[i].n.contact_id;
        }
    if (ask.case_n && !p->pen->read(p->ctx, &ask, &p->batch, &set, e))
        return false;
    for (size_t i = 0; i < p->job_n; i++)
        if (!gather(p, &p->job[i], set, e))
            return err_where(e, "case %lld", (long long)p->job[i].c->id);
    return true;
}

/* --- rendering --- */

/* What it wrote is moved to the beginning of its memory, so that only that stays. */
static bool render(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct plan     *p = ctx;
    struct plan_job *j = &p->job[i];
    struct arena    *keep = &p->worker[worker], a = *keep;
    struct str       bytes = STR_EMPTY, subject = STR_EMPTY;

    (void)turn;
    (void)e;
    if (!j->n.minimal && j->t.server_n == 0)
        return true;
    if (!p->pen->write(p->ctx, &j->t, &a, &bytes, &subject, &j->why))
        return true;
    uint8_t *to = keep->beg, line[LEDGER_TEXT_MAX];
    subject = str_sub(subject, 0, sizeof line);
    if (subject.n)
        memcpy(line, subject.p, subject.n);
    memmove(to, bytes.p, bytes.n);
    if (subject.n > (size_t)(keep->end - to) - bytes.n)
        return !err_set(&j->why, ERR_MEMORY, "no room for a subject");
    if (subject.n)
        memcpy(to + bytes.n, line, subject.n);
    keep->beg += bytes.n + subject.n;
    j->bytes = (struct str){ to, bytes.n };
    j->n.subject = j->subject = (struct str){ to + bytes.n, subject.n };
    j->written = true;
    return true;
}

/* --- deciding --- */

static bool tells(struct plan *p, const struct plan_job *j, struct err *e)
{
    for (size_t i = 0; i < j->tell_n; i++)
        if (!bind_run(ledger_store(p->l), "INSERT INTO notify_also (notice, case_id, stage, content_rev) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                      BOUND(B_INT(j->n.id), B_INT(j->tell[i].c->id), B_INT(j->tell[i].stage), B_BYTES(((struct str){ j->tell[i].rev, 32 }))), e))
            return false;
    return true;
}

static bool found(struct plan *p, struct plan_case *c, struct err *e)
{
    uint64_t n;

    if (!c->told && !ladder_record(p->l, p->o->campaign->id, c->id, c->contact, c->contact_n, &n, e))
        return false;
    c->told = true;
    return true;
}

/* Nobody is told: why not, of each of its cases. */
static void not_told(const struct plan_job *j, enum unplanned why)
{
    j->c->why = why;
    for (size_t i = 0; i < j->tell_n; i++)
        j->tell[i].c->why = why;
}

static bool unwritten(struct plan *p, const struct plan_job *j, struct err *e)
{
    if (j->why.kind == ERR_MEMORY) {
        *e = j->why;
        return false;
    }
    if (j->why.kind != ERR_NONE && p->ret->unwritten++ == 0)
        p->ret->unwritten_why = j->why;
    not_told(j, j->why.kind != ERR_NONE ? UNPLANNED_HUMAN : UNPLANNED_SOURCE);
    return true;
}

static bool decide(struct plan *p, struct plan_job *j, struct err *e)
{
    enum decided d;
    bool         missing = false;

    if (!j->written)
        return unwritten(p, j, e);
    j->n.give_up_us = j->n.not_before_us + give_up(j->n.channel, j->n.finding);
    if (!outbox_decide(p->l, &j->n, p->o->settings->from.domain, &d, e))
        return false;
    if (d != DECIDED_NEW) {
        p->ret->known += d == DECIDED_KNOWN;
        not_told(j, d == DECIDED_KNOWN ? UNPLANNED_WAITING : d == DECIDED_TAKEN ? UNPLANNED_TAKEN : UNPLANNED_SUPPRESSED);
        return true;
    }
    if (!outbox_bytes_put(p->l, j->n.id, j->bytes, p->o->now_us + KEEP_US, e) || !tells(p, j, e) || !found(p, j->c, e))
        return false;
    for (size_t i = 0; i < j->tell_n; i++)
        if (!found(p, j->tell[i].c, e))
            return false;
    p->ret->decided++;
    p->ret->channel[j->n.channel]++;
    p->ret->minimal += j->n.minimal;
    p->ret->unsigned_ += j->n.channel == CONTACT_EMAIL && !p->o->settings->has_key;
    if (p->o->pack)
        compose_language(p->o->pack, j->n.language, &missing);
    p->ret->in_english += missing;
    p->ret->bytes += j->bytes.n;
    return true;
}

static bool batch(struct plan *p, struct err *e)
{
    if (!gather_all(p, e))
        return false;
    uint64_t from = p->o->os->tick_us(p->o->os);
    if (!pool_run(p->threads, p->job_n, render, p, e))
        return false;
    p->ret->rendered_us += (int64_t)(p->o->os->tick_us(p->o->os) - from);
    for (size_t i = 0; i < p->job_n; i++)
        if (!decide(p, &p->job[i], e))
            return err_where(e, "case %lld", (long long)p->job[i].c->id);
    return true;
}

bool plan_batch(struct plan *p, struct err *e)
{
    struct arena before = p->batch, worker[COUNT_OF(p->worker)];
    bool         ok = p->job_n == 0 || p->o->dry_run || ledger_begin(p->l, e);

    memcpy(worker, p->worker, sizeof worker);
    ok = ok && (p->job_n == 0 || batch(p, e));
    if (ok && p->job_n && !p->o->dry_run)
        ok = ledger_commit(p->l, e);
    if (!ok)
        ledger_rollback(p->l);
    memcpy(p->worker, worker, sizeof worker);
    p->batch = before;
    p->job_n = 0;
    return ok;
}

bool plan_job_push(struct plan *p, const struct plan_job *j, struct err *e)
{
    p->job[p->job_n++] = *j;
    return p->job_n < (p->o->batch && p->o->batch < PLAN_BATCH ? p->o->batch : PLAN_BATCH) || plan_batch(p, e);
}
