#include "detect/logscan_inner.h"
#include "base/hash.h"
#include "base/winpath.h"
#include "detect/iocs.h"

enum { HITS_ROOM = 1 << 20, HITS_MANY = 256 };       /* with less room for hits, or from so many on where no more fit, they are handed over */

static struct str or_dash(struct str s) { return s.n ? s : STR("-"); }

/* The decisive fields of one record in a line for people. Script text never passes excerpt_of. */
static struct str excerpt(const struct event *ev, struct arena *a)
{
    struct str s;

    switch (ev->family) {
    case FAM_HTTPPROXY:
        s = str_fmt(a, "%.*s %.*s -> %.*s%.*s%s%.*s, status %u, %llu bytes, client %.*s, agent %.*s", STR_ARG(or_dash(ev->method)), STR_ARG(ev->stem),
                    STR_ARG(or_dash(ev->target_host)), STR_ARG(ev->target_path), ev->target_query.n ? "?" : "", STR_ARG(ev->target_query),
                    (unsigned)ev->status, (unsigned long long)ev->sent_bytes, STR_ARG(or_dash(ev->client)), STR_ARG(or_dash(ev->user_agent)));
        break;
    case FAM_ECP_SERVER:
    case FAM_ECP_ACTIVITY:
        s = str_fmt(a, "%.*s", STR_ARG(ev->command.n ? ev->command : ev->stem));
        break;
    case FAM_OAB_GENERATOR:
        s = str_fmt(a, "download failed, temporary file %.*s", STR_ARG(ev->path));
        break;
    default:
        s = str_fmt(a, "%.*s %.*s%s%.*s, status %u, client %.*s, agent %.*s", STR_ARG(or_dash(ev->method)), STR_ARG(or_dash(ev->stem)),
                    ev->query.n ? "?" : "", STR_ARG(ev->query), (unsigned)ev->status, STR_ARG(or_dash(ev->client)),
                    STR_ARG(or_dash(ev->user_agent)));
    }
    return excerpt_of(a, s);
}

static bool flush(struct scan *s)
{
    if (!s->sink->flush(s->sink->ctx, &s->ret->hits, s->e))
        return false;
    *s->work = s->work_mark;
    s->ret->hits = (struct hits){ .keep = s->work, .max = s->ret->hits.max };
    return true;
}

static bool push_hit(struct scan *s, const struct event *ev, const struct record *r, uint32_t rule, enum sign sign, struct arena *a)
{
    struct hit h = {
        .rule = rule, .sign = sign, .family = ev->family, .first_us = r->time_us, .last_us = r->time_us, .count = 1,
        .response_bytes = ev->sent_bytes, .response_max = ev->sent_bytes, .status = ev->status, .active = ev->active,
        .no_referer = ev->no_referer, .client = ev->client, .user_agent = str_sub(ev->user_agent, 0, EXCERPT_MAX),
        .method = str_sub(ev->method, 0, 64), .url = str_sub(ev->url, 0, EXCERPT_MAX), .query = excerpt_of(a, ev->query),
        .account = str_sub(ev->account, 0, EXCERPT_MAX), .canary = str_sub(ev->canary, 0, EXCERPT_MAX),
        .request_id = str_sub(ev->request_id, 0, 64), .target_host = str_sub(ev->target_host, 0, 256),
        .target_path = str_sub(ev->target_path, 0, EXCERPT_MAX), .mailbox = str_sub(ev->mailbox, 0, 256),
        .peer = ev->forwarded.n ? ev->peer : STR_EMPTY, .forwarded = str_sub(ev->forwarded, 0, 256),
        .path = str_sub(ev->path, 0, 1024), .key = ev->key, .server = str_sub(ev->server, 0, 64), .ioc = s->ioc,
    };
    h.first = (struct cite){ .node = s->node->id, .line = r->line, .offset = r->offset, .time_us = r->time_us, .excerpt = excerpt(ev, a),
                             .has_raw = true };
    hash_sha256(r->raw, h.first.raw_sha256);
    h.last = h.first;
    if (s->sink->met)
        s->sink->met(s->sink->ctx, rule, r->line);
    if (hits_push(&s->ret->hits, &h, s->e)) {
        s->failed = arena_room(s->work) < HITS_ROOM && !flush(s);
    } else {
        /* The list wanted to double and could not. Empty, there is room for HITS_MANY; with fewer than that, memory itself is missing. */
        bool many = s->ret->hits.n >= HITS_MANY;
        if (many)
            *s->e = (struct err){ 0 };
        s->failed = !many || !flush(s) || !hits_push(&s->ret->hits, &h, s->e);
    }
    return !s->failed;
}

bool logscan_in_scope(const struct plan *p, int64_t t)
{
    return t == TIME_NONE || ((p->since_us == TIME_NONE || t >= p->since_us) && (p->until_us == TIME_NONE || t <= p->until_us));
}

static bool rule_matches(struct scan *s, uint32_t index, const struct event *ev, const struct record *r, struct arena a)
{
    struct event_view v = { ev, r, &s->binding, s->plan->sigma, &a };
    struct arena      scratch;

    /* Half for the values that fields derive, half for the matcher. */
    uint8_t *middle = a.beg + arena_room(&a) / 2;
    scratch = (struct arena){ middle, a.end, a.fault };
    a.end   = middle;
    return sigma_match_plus(s->plan->sigma, &s->plan->sigma->rule[index], event_field, &v, r->raw, s->state.kind == &log_w3c, scratch);
}

/* A script asked with the key of a planted one in its query: perhaps another copy, under a name that nobody knows. */
static struct str key_used(const struct plan *p, const struct event *ev)
{
    for (size_t i = 0; ev->query.n && winpath_is_page(ev->url) && i < p->key_n; i++)
        if (event_query_value(ev->query, p->key[i]).p)
            return p->key[i];
    return STR_EMPTY;
}

/* Would this indicator have been met without any rule's help? Else what is told would hang on which rows were looked at. */
static bool searched(const struct scan *s)
{
    const struct user_ioc *x = &s->plan->user->item[s->ioc - 1];
    return iocs_literal(s->plan->user, x).n && (s->listed || x->kind == IOC_URI);
}

void logscan_judge_rules(struct scan *s, const struct event *ev, const struct record *r, struct arena *a)
{
    const struct plan_family *pf = s->pf;
    uint32_t   sign  = ev->family == FAM_IIS_FRONT && ev->url.n ? map_get(&s->plan->page, ev->url) : MAP_NONE;
    struct str key   = ev->family == FAM_IIS_FRONT ? key_used(s->plan, ev) : STR_EMPTY;
    bool       learnt = sign != MAP_NONE || key.n, told = learnt;
    struct event known = *ev;

    if (key.n)
        known.key = key;
    if (learnt && !push_hit(s, &known, r, RULE_LEARNT, sign != MAP_NONE ? (enum sign)sign : SIGN_PAGE, a))
        return;
    for (size_t w = 0; w < (pf->rule_n + 63) / 64; w++)
        for (uint64_t bits = s->want[w]; bits; bits &= bits - 1) {
            uint32_t index = pf->rule[w * 64 + (size_t)__builtin_ctzll(bits)];
            const struct sigma_rule *rule = &s->plan->sigma->rule[index];
            if (learnt && (rule->sign == SIGN_PAGE || rule->sign == (enum sign)sign))
                continue;                                  /* said already, and better */
            if (!s->sure && !rule_matches(s, index, ev, r, *a))
                continue;
            told = true;
            if (!push_hit(s, ev, r, index, rule->sign, a))
                return;
        }
    if (!told && s->ioc && searched(s))
        push_hit(s, ev, r, RULE_IOC, SIGN_REVIEW, a);
}

/* Was this record told by a rule already, and did that say more than a hint? */
enum told { TOLD_NOT, TOLD_HINT, TOLD_WELL };
static enum told told_before(struct scan *s, const struct event *ev, const struct record *r, struct arena *a)
{
    enum told best = TOLD_NOT;

    for (size_t i = 0; i < s->pf->rule_n && best < TOLD_WELL; i++) {
        enum sign sign = s->plan->sigma->rule[s->pf->rule[i]].sign;
        enum told here = sign == SIGN_SUPPORT || sign == SIGN_REVIEW ? TOLD_HINT : TOLD_WELL;
        if (here > best && rule_matches(s, s->pf->rule[i], ev, r, *a))
            best = here;
    }
    return best;
}

void logscan_judge_pivot(struct scan *s, const struct event *ev, const struct record *r, struct arena *a)
{
    uint32_t who = ev->client.n ? map_get(&s->plan->client, ev->client) : MAP_NONE;
    bool canary  = ev->canary.n && map_get(&s->plan->canary, ev->canary) != MAP_NONE;

    if (who == MAP_NONE && !canary)
        return;
    enum told told = told_before(s, ev, r, a);
    if (who != MAP_NONE) {
        struct client_seen *c = &s->ret->client[who];
        c->requests++;
        if (ev->authenticated && told != TOLD_WELL) {
            c->authenticated++;
            if (!c->some_user.n)
                c->some_user = str_dup(&s->notes, str_sub(ev->account, 0, 128));
        }
    }
    if (told == TOLD_NOT)
        push_hit(s, ev, r, RULE_PIVOT, SIGN_PIVOT, a);
}
