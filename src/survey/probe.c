#include "survey/probe_inner.h"

#include "base/net_special.h"

#include <string.h>

enum { SKIPS_MAX = 20000 };             /* addresses passed over in one go, so that a stop is seen in time */
static const uint64_t second_us = 1000000, dns_again_us = 50000;

bool probe_journal_line(struct probe *p, const char *text, size_t n, bool sync)
{
    return p->w->journal(p->w->ctx, (struct str){ (const uint8_t *)text, n }, sync, p->e);
}

/* ---- who waits: a heap by time ---- */

static void heap_push(struct probe *p, const struct target *t)
{
    uint32_t i = p->heap_n++;

    while (i && p->heap[(i - 1) / 2].at > t->at) {
        p->heap[i] = p->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    p->heap[i] = *t;
}

static struct target heap_pop(struct probe *p)
{
    struct target top = p->heap[0], last = p->heap[--p->heap_n];
    uint32_t      i = 0;

    for (;;) {
        uint32_t k = 2 * i + 1;
        if (k >= p->heap_n)
            break;
        k += k + 1 < p->heap_n && p->heap[k + 1].at < p->heap[k].at;
        if (p->heap[k].at >= last.at)
            break;
        p->heap[i] = p->heap[k];
        i = k;
    }
    p->heap[i] = last;
    return top;
}

/* ---- who may be asked ---- */

bool probe_may(struct probe *p, const uint8_t ip[16], uint32_t name, bool again, bool count)
{
    const char *why;
    uint64_t   *no = NULL;
    bool        special = net_special_find(ip) != NULL;

    if (probe_optout_ip(p->optout, ip) || (name != NO_NAME && probe_optout_name(p->optout, probe_name_of(p, name))))
        no = &p->n.opted_out;
    else if (!probe_scope_special(p->s->scope, ip, &why) || (p->s->port != PROBE_PORT && !special) || (name == NO_NAME && !probe_scope_has(p->s->scope, ip)))
        no = &p->n.special;
    else if (!again) {
        const struct probe_asked *x = probe_book_find(&p->j->book, ip);
        int64_t                   now = probe_now(p);
        if (x && x->at_us >= p->began_us)
            no = &p->n.known;
        else if (x && (now - x->at_us < p->s->again_us || now < x->until_us))
            no = &p->n.too_soon;
    }
    if (no && count)
        ++*no;
    return !no;
}

static uint32_t asn_of(const struct probe *p, const uint8_t ip[16])
{
    const struct net_entry *x = p->s->asn ? net_set_find(p->s->asn, ip) : NULL;

    return x ? x->value : 0;
}

bool probe_take(struct probe *p, const uint8_t ip[16], uint32_t name)
{
    struct target t = { .name = name, .asn = asn_of(p, ip) };

    if (!probe_may(p, ip, name, false, true))
        return true;
    memcpy(t.ip, ip, sizeof t.ip);
    if (!probe_pace_reserve(&p->pace, ip, t.asn, probe_tick(p), &t.at, p->e))
        return false;
    heap_push(p, &t);
    return true;
}

bool probe_retry(struct probe *p, const struct target *t)
{
    if (p->later_from && p->later_from == p->later_n)
        p->later_from = p->later_n = 0;
    struct target *to = GROW(p->a, p->later, p->later_n, &p->later_cap);
    if (!to)
        return err_set(p->e, ERR_MEMORY, "no room for retries");
    *to = *t;
    to->again = true;
    to->at = probe_tick(p) + (uint64_t)PROBE_RETRY_US;
    p->later_n++;
    return true;
}

static bool name_done(const struct probe *p, uint32_t i) { return p->name_done[i / 8] >> i % 8 & 1; }

/* Takes the next of the order, as long as there is room to wait. A name may bring PROBE_ADDRESSES_MAX addresses for each that resolves. */
static bool fill(struct probe *p)
{
    uint32_t room = PROBE_WAITING_MAX - PROBE_RESOLVING_MAX * PROBE_ADDRESSES_MAX;

    for (uint32_t i = 0; i < SKIPS_MAX && p->cursor < p->total && p->heap_n < room; i++) {
        uint64_t at = probe_order_at(&p->order, p->cursor++);
        uint8_t  ip[16];
        p->n.considered++;
        if (at < p->s->scope->addresses) {
            probe_scope_at(p->s->scope, at, ip);
            if (!probe_take(p, ip, NO_NAME))
                return false;
            continue;
        }
        struct target t = { .at = probe_tick(p), .name = (uint32_t)(at - p->s->scope->addresses), .resolve = true };
        if (name_done(p, t.name))
            p->n.known++;
        else if (probe_optout_name(p->optout, probe_name_of(p, t.name)))
            p->n.opted_out++;
        else
            heap_push(p, &t);
    }
    return true;
}

static bool retries(struct probe *p, uint64_t now)
{
    while (p->later_from < p->later_n && p->later[p->later_from].at <= now && p->heap_n < PROBE_WAITING_MAX - PROBE_RESOLVING_MAX * PROBE_ADDRESSES_MAX) {
        struct target t = p->later[p->later_from++];
        if (!probe_pace_reserve(&p->pace, t.ip, t.asn, now, &t.at, p->e))
            return false;
        heap_push(p, &t);
    }
    return true;
}

/* ---- whose turn it is ---- */

static bool one(struct probe *p, struct target t, uint64_t now)
{
    uint64_t again = 0;

    if (t.resolve) {
        if (p->resolving >= PROBE_RESOLVING_MAX || now < p->dns_next) {
            t.at = p->dns_next > now ? p->dns_next : now + dns_again_us;
            heap_push(p, &t);
            return true;
        }
        p->dns_next = now + p->pace.all_us;
        return flight_resolve(p, &t);
    }
    if (!probe_may(p, t.ip, t.name, t.again, true))
        return !t.again || flight_give_up(p, &t);
    switch (probe_pace_take(&p->pace, t.ip, t.asn, now, &again)) {
    case PACE_WAIT:
        t.at = again;
        heap_push(p, &t);
        return true;
    case PACE_LEAVE:
        p->n.left++;
        return !t.again || flight_give_up(p, &t);
    case PACE_GO:
        break;
    }
    char    line[JOURNAL_LINE_MAX];
    int64_t wall = probe_now(p);
    if (!probe_book_put(&p->j->book, t.ip, wall, 0, JOURNAL_UNKNOWN, p->e) || !probe_journal_line(p, line, probe_journal_ask(line, wall, t.ip), true))
        return false;
    return flight_ask(p, &t);
}

/* One connection at most: it is opened when the network is next looked at, and only then the pace knows when the next may follow. */
static bool launch(struct probe *p)
{
    uint64_t before = p->n.asked + p->n.retries;

    /* Not more than those that wait now: who is put back does not come up again in this round. */
    for (uint32_t i = p->heap_n; i && p->heap_n && p->free_n && p->n.asked + p->n.retries == before; i--) {
        uint64_t now = probe_tick(p);
        if (p->heap[0].at > now || (!p->heap[0].resolve && p->pace.all_next > now))
            break;
        if (!one(p, heap_pop(p), now))
            return false;
    }
    return true;
}

/* ---- the run ---- */

static void stop(struct probe *p, enum probe_ended why)
{
    if (!p->stopping)
        p->ended = why;
    p->stopping = true;
}

static void look_around(struct probe *p)
{
    const struct probe_optout *list = p->w->optout(p->w->ctx);

    p->checked_at = probe_tick(p);
    if (list)
        p->optout = list;
    else
        stop(p, PROBE_NO_OPTOUT);
    if (p->w->stop(p->w->ctx))
        stop(p, PROBE_STOPPED);
    if (probe_now(p) >= p->s->scope->until_us)
        stop(p, PROBE_EXPIRED);
}

/* How long nothing needs to be done but wait for the network. */
static uint64_t pause_us(const struct probe *p)
{
    uint64_t now = probe_tick(p), until = p->checked_at + second_us;

    if (!p->stopping && p->heap_n && p->free_n) {
        uint64_t at = p->heap[0].at;
        if (!p->heap[0].resolve && p->pace.all_next > at)
            at = p->pace.all_next;
        until = at < until ? at : until;
    }
    if (!p->stopping && p->cursor < p->total && p->heap_n < PROBE_WAITING_MAX / 2)
        return 0;
    return until > now ? until - now : 0;
}

static bool over(const struct probe *p)
{
    return !p->flying && (p->stopping || (p->cursor == p->total && !p->heap_n && p->later_from == p->later_n));
}

static bool loop(struct probe *p)
{
    struct fetch_answer a;

    while (!over(p)) {
        if (probe_tick(p) - p->checked_at >= second_us)
            look_around(p);
        if (!p->stopping && (!retries(p, probe_tick(p)) || !fill(p) || !launch(p)))
            return false;
        if (over(p))
            break;
        uint64_t wait = pause_us(p), until = probe_tick(p) + wait;
        for (; p->fetch.next(&p->fetch, wait, &a); wait = until = 0)
            if (!flight_answer(p, &a))
                return false;
        if (probe_tick(p) < until)               /* woken before anything came: a signal */
            look_around(p);
        if (p->ours >= OURS_MAX)
            return err_set(p->e, ERR_IO, "%u connections in a row failed on our own side", p->ours);
    }
    /* Who had a time-out and will not get another try. */
    for (; p->later_from < p->later_n; p->later_from++)
        if (!flight_give_up(p, &p->later[p->later_from]))
            return false;
    for (; p->heap_n; p->heap_n--)
        if (p->heap[p->heap_n - 1].again && !flight_give_up(p, &p->heap[p->heap_n - 1]))
            return false;
    return true;
}

bool probe_resumes(const struct probe_setup *s, const struct probe_journal *j, int64_t now_us)
{
    return j->any && !j->ended && j->targets == s->scope->addresses + s->scope->name_n && memcmp(j->hash, s->scope->hash, sizeof j->hash) == 0 &&
           now_us >= j->began_us && now_us - j->began_us < PROBE_RESUME_DAYS * TIME_DAY;
}

/* What an earlier part of the run, or another run a moment ago, means for the pace: kill -9 and a new start are no way around a limit. */
static bool recall(struct probe *p, bool same_run)
{
    const struct probe_book *b = &p->j->book;
    uint64_t                 tick = probe_tick(p), step = p->pace.net_us > p->pace.asn_us ? p->pace.net_us : p->pace.asn_us;
    int64_t                  since = probe_now(p) - p->j->last_ask_us;

    if (p->j->last_ask_us && since < (int64_t)step)
        probe_pace_hold(&p->pace, tick + step - (uint64_t)(since > 0 ? since : 0));
    for (size_t i = 0; same_run && i < b->cap; i++) {
        const struct probe_asked *x = &b->slot[i];
        if (x->used && x->at_us >= p->began_us && x->end != JOURNAL_UNKNOWN &&
            !probe_pace_recall(&p->pace, x->ip, asn_of(p, x->ip), x->end == FETCH_REFUSED || x->end == JOURNAL_BUSY, p->e))
            return false;
    }
    probe_pace_settle(&p->pace, tick);
    return true;
}

static bool begin(struct probe *p)
{
    uint64_t seed = p->s->seed;
    char     line[JOURNAL_LINE_MAX];

    p->total = p->n.targets = p->s->scope->addresses + p->s->scope->name_n;
    p->heap = TAKE(p->a, struct target, PROBE_WAITING_MAX);
    p->flight = NEW(p->a, struct flight, p->s->slots);
    p->free = NEW(p->a, uint32_t, p->s->slots);
    p->name_done = NEW(p->a, uint8_t, p->s->scope->name_n / 8 + 1);
    if (!p->heap || !p->flight || !p->free || !p->name_done)
        return err_set(p->e, ERR_MEMORY, "no room for the probe");
    for (uint32_t i = 0; i < p->s->slots; i++)
        p->free[p->free_n++] = p->s->slots - 1 - i;
    p->began_us = p->s->begin_us;
    bool same_run = probe_resumes(p->s, p->j, probe_now(p));
    if (same_run) {
        seed = p->j->seed;
        p->began_us = p->j->began_us;
        for (size_t i = 0; i < p->j->name_n; i++)
            if (p->j->name[i] < p->s->scope->name_n)
                p->name_done[p->j->name[i] / 8] |= (uint8_t)(1 << p->j->name[i] % 8);
    } else if (!probe_journal_line(p, line, probe_journal_run(line, p->began_us, seed, p->s->scope->hash, p->total), true)) {
        return false;
    }
    probe_order_make(&p->order, p->total, seed);
    probe_pace_open(&p->pace, p->a, &p->s->rates);
    return recall(p, same_run);
}

bool probe_run(const struct probe_setup *s, const struct probe_world *w, struct probe_journal *j, struct arena *a, struct probe_counts *ret,
               enum probe_ended *ret_ended, struct err *e)
{
    struct probe       p = { .s = s, .w = w, .j = j, .a = a, .e = e };
    struct fetch_rules rules;
    char               line[JOURNAL_LINE_MAX];

    if (!probe_rates_check(&s->rates, e))
        return false;
    if (s->again_us < PROBE_AGAIN_HOURS_MIN * TIME_HOUR)
        return err_set(e, ERR_USAGE, "the same address again after less than %d hours", PROBE_AGAIN_HOURS_MIN);
    if (s->port != PROBE_PORT && !s->scope->lab)
        return err_set(e, ERR_USAGE, "port %u: without --lab only %d", s->port, PROBE_PORT);
    if (!(p.optout = w->optout(w->ctx)))
        return err_set(e, ERR_USAGE, "the opt-out list cannot be read");
    flight_rules(&p, &rules);
    if (!begin(&p) || !w->open(&p.fetch, &rules, w->wake_fd, e))
        return false;
    bool ok = loop(&p);
    p.fetch.close(&p.fetch);
    if (ok && !p.stopping)
        ok = probe_journal_line(&p, line, probe_journal_end(line, probe_now(&p)), true);
    *ret = p.n;
    *ret_ended = p.ended;
    return ok;
}
