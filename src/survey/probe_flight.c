/*
 * probe_flight: one exchange, from the name or the connection to its observation.
 *
 * Texts of the observation are copied into the flight's own room after each answer: the second answer takes the place of the first.
 */
#include "survey/probe_inner.h"

#include "formats/x509.h"
#include "survey/announce.h"

#include <string.h>

static struct flight *flight_of(struct probe *p, uint32_t slot) { return &p->flight[slot]; }

/* ---- what is looked at on the way ---- */

static bool may(void *ctx, uint32_t slot, const uint8_t ip[16], uint16_t port)
{
    struct probe  *p = ctx;
    struct flight *f = flight_of(p, slot);

    if (f->state != FLIGHT_ASKS || memcmp(ip, f->t.ip, 16) != 0 || port != p->s->port || !probe_may(p, ip, f->t.name, true, false))
        return false;
    probe_pace_went(&p->pace, f->t.ip, f->t.asn, probe_tick(p));
    return true;
}

static void keep(struct flight *f, struct str *s)
{
    if (s->n) {
        *s = str_dup(&f->room, *s);
        if (!s->p)
            f->o.flags |= OBS_MORE;
    }
}

static void read_cert(struct flight *f, struct str der, struct x509 *x)
{
    struct err bad = { 0 };

    (void)x509_read(x, &f->room, der, &bad);            /* what was read before the damage stands */
    f->cert_read = true;
    f->o.has_cert = hash_sha256(der, f->o.cert);
    f->o.cert_org = x->own_issuer ? STR_EMPTY : x->org;
    f->o.flags |= x->own_issuer ? OBS_SELF_SIGNED : 0;
    f->o.cert_name = x->name;
    keep(f, &f->o.cert_org);
    keep(f, &f->o.cert_name);
    if (x->more)
        f->o.flags |= OBS_MORE;
    f->o.naming = OBS_NAME_OF_CERT;
    announce_name(&f->o, &f->room, x->name);
    for (size_t i = 0; i < x->dns_n; i++)
        announce_name(&f->o, &f->room, x->dns[i]);
    f->o.naming = OBS_NAME_SAID;
}

/* TLS stands, nothing has been asked. Names of the certificate may tell that this is somebody who does not want it. */
static bool may_ask(void *ctx, uint32_t slot, struct str cert)
{
    struct probe  *p = ctx;
    struct flight *f = flight_of(p, slot);
    struct x509    x = { .more = false };

    if (cert.n && !f->cert_read) {
        read_cert(f, cert, &x);
        f->opted_out = probe_optout_name(p->optout, x.name);
        for (size_t i = 0; i < x.dns_n; i++)
            f->opted_out |= probe_optout_name(p->optout, x.dns[i]);
    }
    return !f->opted_out && probe_may(p, f->t.ip, f->t.name, true, false);
}

static bool last(void *ctx, uint32_t slot, int status, struct str head)
{
    return flight_of(ctx, slot)->second || probe_plan_last(status, head);
}

void flight_rules(struct probe *p, struct fetch_rules *ret)
{
    *ret = (struct fetch_rules){
        .user_agent = p->s->user_agent, .from = p->s->from, .connect_ms = PROBE_CONNECT_MS, .tls_ms = PROBE_TLS_MS, .whole_ms = PROBE_WHOLE_MS,
        .body_max = PROBE_BODY_MAX, .slots = p->s->slots, .may = may, .may_ask = may_ask, .last = last, .ctx = p,
    };
}

/* ---- beginning ---- */

static struct flight *board(struct probe *p, const struct target *t, enum flight_state state, uint32_t *ret_slot)
{
    uint32_t       slot = p->free[--p->free_n];
    struct flight *f = flight_of(p, slot);

    if (!f->whole.beg) {
        uint8_t *room = TAKE(p->a, uint8_t, FLIGHT_ROOM);
        if (!room) {
            p->free_n++;
            err_set(p->e, ERR_MEMORY, "no room for one more connection");
            return NULL;
        }
        f->whole = (struct arena){ .beg = room, .end = room + FLIGHT_ROOM };
    }
    struct arena whole = f->whole;
    observation_clear(&f->o);
    f->state = state;
    f->t = *t;
    f->room = f->whole = whole;
    f->end = FETCH_OURS;
    f->sent = 0;
    f->until_us = 0;
    f->second = f->opted_out = f->busy = f->cert_read = false;
    struct str name = probe_name_of(p, t->name);
    if (name.n) {
        memcpy(f->host, name.p, name.n);
        f->host[name.n] = 0;
    } else {
        net_ip_text(t->ip, f->host);
    }
    f->o.source = OBS_PROBE;
    f->o.source_name = STR("probe");
    f->o.detector = str_c(p->s->detector);
    f->o.observed_us = probe_now(p);
    f->o.port = p->s->port;
    if (name.n)
        announce_name(&f->o, &f->room, name);
    if (state == FLIGHT_ASKS) {
        memcpy(f->o.ip, t->ip, 16);
        f->o.has_ip = true;
    }
    p->flying++;
    p->resolving += state == FLIGHT_RESOLVES;
    *ret_slot = slot;
    return f;
}

static void leave(struct probe *p, uint32_t slot)
{
    struct flight *f = flight_of(p, slot);

    p->fetch.end(&p->fetch, slot);
    p->resolving -= f->state == FLIGHT_RESOLVES;
    p->flying--;
    f->state = FLIGHT_FREE;
    p->free[p->free_n++] = slot;
}

bool flight_resolve(struct probe *p, const struct target *t)
{
    uint32_t       slot;
    struct flight *f = board(p, t, FLIGHT_RESOLVES, &slot);

    return f && p->fetch.resolve(&p->fetch, slot, f->host, p->s->port, p->e);
}

static bool ask(struct probe *p, uint32_t slot)
{
    struct flight   *f = flight_of(p, slot);
    struct fetch_ask a = { .host = f->host, .is_name = f->t.name != NO_NAME, .port = p->s->port, .path = f->path };

    memcpy(a.ip, f->t.ip, 16);
    return p->fetch.ask(&p->fetch, slot, &a, p->e);
}

bool flight_ask(struct probe *p, const struct target *t)
{
    uint32_t       slot;
    struct flight *f = board(p, t, FLIGHT_ASKS, &slot);

    if (!f)
        return false;
    memcpy(f->path, probe_plan_first(), strlen(probe_plan_first()) + 1);
    p->n.asked += !t->again;
    p->n.retries += t->again;
    return ask(p, slot);
}

/* ---- what comes of it ---- */

static enum obs_reach reach_of(enum fetch_end end)
{
    switch (end) {
    case FETCH_ANSWERED: return OBS_ANSWERED;
    case FETCH_REFUSED: return OBS_REFUSED;
    case FETCH_NO_CONNECT: case FETCH_NO_TLS: case FETCH_NO_ANSWER: return OBS_TIMED_OUT;
    case FETCH_TLS_FAILED: return OBS_TLS_FAILED;
    case FETCH_BROKEN: return OBS_BROKEN_ANSWER;
    case FETCH_NO_NAME: return OBS_NO_NAME;
    default: return OBS_REACH_UNKNOWN;
    }
}

static const char *verdict_of(const struct flight *f)
{
    if (f->opted_out)
        return "opted out";
    if (f->o.reach != OBS_ANSWERED)
        return "";
    return f->o.parts == 4 ? "build" : f->o.parts ? "part of a build" : f->o.flags & OBS_VERSION_HIDDEN ? "version hidden" :
           f->o.flags & OBS_NOT_EXCHANGE ? "not Exchange" : "nothing known";
}

static void log_line(struct probe *p, struct flight *f, const struct fetch_answer *a)
{
    struct probe_line x = {
        .time_us = probe_now(p), .ip = f->t.ip, .port = p->s->port, .name = probe_name_of(p, f->t.name), .path = a->sent ? f->path : NULL,
        .status = a->status, .bytes = a->bytes, .came = fetch_end_name(a->end), .verdict = verdict_of(f), .o = &f->o,
    };

    p->w->log(p->w->ctx, &x);
}

static bool emit(struct probe *p, struct observation *o)
{
    switch (o->reach) {
    case OBS_ANSWERED: p->n.answered++; break;
    case OBS_REFUSED: p->n.refused++; break;
    case OBS_TIMED_OUT: p->n.timed_out++; break;
    case OBS_TLS_FAILED: p->n.tls_failed++; break;
    case OBS_BROKEN_ANSWER: p->n.broken++; break;
    case OBS_NO_NAME: p->n.no_name++; break;
    case OBS_REACH_UNKNOWN: break;
    }
    return p->w->sink.take(p->w->sink.ctx, o, p->e);
}

static void read_answer(struct flight *f, const struct fetch_answer *a)
{
    struct http_header h[ANNOUNCE_HEADERS_MAX];
    struct announced   x = { .status = a->status, .h = h, .body = a->body, .host = str_c(f->host), .path = str_c(f->path), .hash_body = a->body.n != 0 };
    struct str         rest = a->head, line;

    (void)str_cut(&rest, '\n', &line);
    while (x.n < ANNOUNCE_HEADERS_MAX && str_cut(&rest, '\n', &line)) {
        size_t colon = str_chr(line, ':');
        if (colon != STR_NONE) {
            h[x.n].name = str_trim(str_sub(line, 0, colon));
            h[x.n++].value = str_trim(str_from(line, colon + 1));
        }
    }
    announce_read(&f->o, &f->room, &x);
    keep(f, &f->o.node);
    keep(f, &f->o.ad_domain);
    keep(f, &f->o.server_header);
    for (size_t i = 0; i < f->o.name_n; i++)
        if (!(f->o.name[i].p >= f->whole.beg && f->o.name[i].p < f->whole.end))
            keep(f, &f->o.name[i]);
}

static bool timed_out(enum fetch_end end) { return end == FETCH_NO_CONNECT || end == FETCH_NO_TLS || end == FETCH_NO_ANSWER; }

static bool finish(struct probe *p, uint32_t slot, const struct fetch_answer *a)
{
    struct flight *f = flight_of(p, slot);
    char           line[JOURNAL_LINE_MAX];
    int64_t        now = probe_now(p);
    uint32_t       requests = f->t.requests + f->sent;
    uint8_t        end = f->busy ? JOURNAL_BUSY : (uint8_t)f->end;
    bool           ok = probe_journal_line(p, line, probe_journal_got(line, now, f->t.ip, end, requests, f->until_us), false) &&
                        probe_book_put(&p->j->book, f->t.ip, now, f->until_us, end, p->e);

    if (f->end == FETCH_OURS) {
        p->n.ours++;
        p->ours++;
    } else if (f->end == FETCH_FORBIDDEN) {
        p->n.opted_out++;
    } else if (ok) {
        p->ours = 0;
        (void)probe_pace_told(&p->pace, f->t.ip, f->t.asn, probe_tick(p), f->end == FETCH_REFUSED || f->busy);
        if (timed_out(f->end) && !f->t.again && requests < PLAN_REQUESTS_MAX && !p->stopping) {
            f->t.requests = (uint8_t)requests;
            ok = probe_retry(p, &f->t);
        } else {
            f->o.reach = reach_of(f->end);
            if (p->w->sample && f->o.reach == OBS_ANSWERED && f->o.parts < 3 && !(f->o.flags & OBS_NOT_EXCHANGE) && f->o.has_body && a->body.n && a->end == FETCH_ANSWERED)
                p->w->sample(p->w->ctx, f->o.body, a->body);
            ok = emit(p, &f->o);
        }
    }
    leave(p, slot);
    return ok;
}

static bool asked(struct probe *p, const struct fetch_answer *a)
{
    struct flight *f = flight_of(p, a->slot);
    int64_t        wait;

    p->n.requests += a->sent;
    f->sent += a->sent;
    if (!f->second)
        f->end = a->end;
    if (a->end == FETCH_ANSWERED) {
        f->o.reach = OBS_ANSWERED;
        read_answer(f, a);
        if (probe_plan_busy(a->status, a->head, probe_now(p), &wait)) {
            p->n.busy++;
            f->busy = true;
            f->until_us = wait ? probe_now(p) + wait : 0;
        }
    } else if (a->cert.n && !f->cert_read) {
        struct x509 x;
        read_cert(f, a->cert, &x);
    }
    if (f->second && a->end == FETCH_FORBIDDEN && !f->opted_out)
        return finish(p, a->slot, a);                  /* the connection was gone: nothing was sent, nothing is to be logged */
    log_line(p, f, a);
    if (a->end == FETCH_ANSWERED && !f->second && a->open && f->t.requests + f->sent < PLAN_REQUESTS_MAX && !f->busy &&
        probe_plan_second(&f->o, a->status, a->head, f->host, f->path)) {
        f->second = true;
        return ask(p, a->slot);
    }
    return finish(p, a->slot, a);
}

static bool resolved(struct probe *p, const struct fetch_answer *a)
{
    struct flight *f = flight_of(p, a->slot);
    uint32_t       name = f->t.name, before = p->heap_n;
    uint8_t        ip[PROBE_ADDRESSES_MAX][16];
    size_t         n = a->ip_n < PROBE_ADDRESSES_MAX ? a->ip_n : PROBE_ADDRESSES_MAX;
    char           line[JOURNAL_LINE_MAX];
    bool           ok = true;

    if (n)
        memcpy(ip, a->ip, n * sizeof *ip);
    if (!n) {
        f->o.reach = OBS_NO_NAME;
        ok = emit(p, &f->o);
    }
    leave(p, a->slot);
    for (size_t i = 0; i < n && ok; i++) {
        size_t seen = 0;
        while (seen < i && memcmp(ip[seen], ip[i], 16) != 0)
            seen++;
        ok = seen < i || probe_take(p, ip[i], name);
    }
    /* A name that leads to somebody who is to be asked is looked up again after a crash; else it is done. */
    if (ok && p->heap_n == before)
        ok = probe_journal_line(p, line, probe_journal_name(line, name), false);
    return ok;
}

bool flight_answer(struct probe *p, const struct fetch_answer *a)
{
    return flight_of(p, a->slot)->state == FLIGHT_RESOLVES ? resolved(p, a) : asked(p, a);
}

bool flight_give_up(struct probe *p, const struct target *t)
{
    struct observation o;
    struct str         name = probe_name_of(p, t->name);

    observation_clear(&o);
    o.source = OBS_PROBE;
    o.source_name = STR("probe");
    o.detector = str_c(p->s->detector);
    const struct probe_asked *x = probe_book_find(&p->j->book, t->ip);
    o.observed_us = x ? x->at_us : probe_now(p);
    o.port = p->s->port;
    o.reach = OBS_TIMED_OUT;
    memcpy(o.ip, t->ip, 16);
    o.has_ip = true;
    if (name.n)
        o.name[o.name_n++] = name;
    return emit(p, &o);
}
