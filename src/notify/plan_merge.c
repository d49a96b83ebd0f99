/*
 * plan_merge: one notice for many cases: a provider's, that of an operator whose mailbox several organisations gave, a CSIRT's bulk.
 *
 * Who      each contact gets one a day, whichever stages its cases are at; what is over COMPOSE_ROWS_MAX servers goes in further ones. What came too late for today waits for tomorrow.
 * Once     notify_also says which facts of which case it told, at which stage of that case: so the schedule sees each case's own history.
 */
#include "notify/plan_inner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "store/bind.h"

static struct plan_group *group_of(const struct plan *p, const struct contact *to)
{
    for (size_t i = 0; i < p->group_n; i++)
        if (str_ieq(p->group[i].to->address, to->address))
            return &p->group[i];
    return NULL;
}

bool plan_merged(const struct plan *p, const struct contact *to) { return group_of(p, to) != NULL; }

bool plan_merge(struct plan *p, struct plan_case *c, const struct due *d, enum notice_finding finding, const uint8_t rev[32], struct err *e)
{
    struct plan_group *g = group_of(p, d->to);

    if (!g) {
        if (!(g = GROW(p->a, p->group, p->group_n, &p->group_cap)))
            return plan_no_room(e);
        p->group_n++;
        *g = (struct plan_group){ .to = (struct contact *)d->to, .audience = d->audience, .stage = d->stage, .finding = finding, .minimal = d->minimal, .not_before_us = d->not_before_us,
                                  .priority = d->priority, .why = d->why };
    }
    if (d->priority > g->priority) {                 /* the most pressing of its cases speaks for it */
        g->priority = d->priority;
        g->stage = d->stage;
        g->finding = finding;
        g->why = d->why;
    }
    g->not_before_us = d->not_before_us < g->not_before_us ? d->not_before_us : g->not_before_us;
    g->minimal |= d->minimal;
    struct plan_tell *t = GROW(p->a, g->tell, g->tell_n, &g->tell_cap);
    if (!t)
        return plan_no_room(e);
    *t = (struct plan_tell){ .c = c, .stage = d->stage, .finding = finding };
    memcpy(t->rev, rev, sizeof t->rev);
    g->tell_n++;
    return true;
}

/* Of its cases and what is true of each: another case or another fact makes another notice. */
static bool rev_of(const struct plan_tell *t, size_t n, uint8_t ret[HASH_SHA256_BYTES], struct err *e)
{
    struct hash *h = hash_open(HASH_SHA256);

    if (!h)
        return err_set(e, ERR_MEMORY, "no SHA-256");
    for (size_t i = 0; i < n; i++) {
        char text[48];
        int  k = snprintf(text, sizeof text, "%lld %d ", (long long)t[i].c->id, (int)t[i].stage);

        hash_push(h, (struct str){ (const uint8_t *)text, (size_t)k });
        hash_push(h, (struct str){ t[i].rev, sizeof t[i].rev });
    }
    hash_done(h, ret);
    hash_close(h);
    return true;
}

static int64_t day_of(const struct plan *p)
{
    int64_t zone = p->o->settings->zone_s * TIME_SECOND, local = p->o->now_us + zone;

    return local - (local % TIME_DAY + TIME_DAY) % TIME_DAY - zone;
}

/* Did it get one today? */
static bool had_today(struct plan *p, const struct plan_group *g, bool *ret, struct err *e)
{
    uint8_t    low[LEDGER_TEXT_MAX];
    struct str s = str_sub(str_trim(g->to->address), 0, sizeof low);
    int64_t    n = 0;

    for (size_t i = 0; i < s.n; i++)
        low[i] = ch_lower(s.p[i]);
    if (!bind_ask(ledger_store(p->l), "SELECT count(*) FROM notify_notice WHERE contact = ?1 AND audience >= ?2 AND date_us >= ?3 AND state NOT IN (?4, ?5)",
                  BOUND(B_TEXT(((struct str){ low, s.n })), B_INT(AUDIENCE_PROVIDER), B_INT(day_of(p)), B_INT(NOTICE_SUPPRESSED), B_INT(NOTICE_CANCELLED)), &n, 1, e))
        return false;
    *ret = n > 0;
    return true;
}

static bool part(struct plan *p, const struct plan_group *g, size_t from, size_t n, struct err *e)
{
    const struct plan_tell *t = g->tell + from;
    struct plan_job         j = { .c = t->c, .to = g->to, .tell = t, .tell_n = n };

    j.n = plan_notice(p, t->c, g->to);
    j.n.stage = g->stage;
    j.n.audience = g->audience;
    j.n.finding = g->finding;
    j.n.minimal = g->minimal;
    j.n.priority = g->priority;
    j.n.not_before_us = g->not_before_us;
    j.n.override_ = true;          /* its guard is the day, not the stage: other cases came since */
    return rev_of(t, n, j.n.content_rev, e) && plan_job_push(p, &j, e);
}

static int by_priority(const void *x, const void *y)
{
    const struct plan_group *a = x, *b = y;

    return a->priority != b->priority ? (a->priority > b->priority ? -1 : 1) : str_cmp(a->to->address, b->to->address);
}

static bool group(struct plan *p, struct plan_group *g, struct err *e)
{
    bool   had;
    size_t from = 0, rows = 0;

    if (!had_today(p, g, &had, e))
        return false;
    for (size_t i = 0; i < g->tell_n && had; i++) {
        g->tell[i].c->why = UNPLANNED_TAKEN;
        g->tell[i].c->next_us = day_of(p) + TIME_DAY;
    }
    for (size_t i = 0; i < g->tell_n && !had; i++) {
        size_t servers = g->tell[i].c->backdoored + g->tell[i].c->vulnerable + 1;

        if (i > from && rows + servers > COMPOSE_ROWS_MAX) {
            if (!part(p, g, from, i - from, e))
                return false;
            from = i;
            rows = 0;
        }
        rows += servers;
    }
    return had || part(p, g, from, g->tell_n - from, e);
}

bool plan_groups(struct plan *p, struct err *e)
{
    if (p->group_n)
        qsort(p->group, p->group_n, sizeof *p->group, by_priority);
    for (size_t i = 0; i < p->group_n; i++)
        if (!group(p, &p->group[i], e))
            return false;
    return plan_batch(p, e);
}
