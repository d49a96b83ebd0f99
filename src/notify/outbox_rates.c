/* See outbox.h: how fast a provider, a domain and the world are written to (sheet, 7). */
#include "base/num.h"
#include "notify/outbox_inner.h"

const struct outbox_rates outbox_rates = { 20000, 1000, 100, OUTBOX_LEASE_US };

enum bucket_kind { BUCKET_ALL, BUCKET_PROVIDER, BUCKET_DOMAIN };
#define WINDOW_US (10 * TIME_MINUTE)
#define PAUSE_US  TIME_HOUR                /* and no longer: RESTING in outbox_claim.c */
#define REST_MAX_US (1000 * TIME_SECOND)   /* one message in 1000 s is the slowest there is */
enum { RATE_MIN = 1, POLICY_MAX = 3 };

struct bucket { int64_t rate, next, window, sent, soft, policy, paused; };

static bool load(struct store *s, enum bucket_kind kind, struct str name, int64_t rate, int64_t now_us, struct bucket *ret, struct err *e)
{
    int64_t v[7];

    *ret = (struct bucket){ .rate = rate, .window = now_us };
    if (!bind_ask(s, "SELECT rate_milli, next_us, window_us, sent, soft, policy, paused_until_us FROM notify_bucket WHERE kind = ?1 AND name = ?2", BOUND(B_INT(kind), B_TEXT(name)), v, 7, e))
        return e->kind == ERR_NONE;
    *ret = (struct bucket){ v[0], v[1], v[2], v[3], v[4], v[5], v[6] };
    return true;
}

static bool save(struct store *s, enum bucket_kind kind, struct str name, const struct bucket *b, struct err *e)
{
    return bind_run(s, "INSERT INTO notify_bucket (kind, name, rate_milli, next_us, window_us, sent, soft, policy, paused_until_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) "
                       "ON CONFLICT (kind, name) DO UPDATE SET rate_milli = ?3, next_us = ?4, window_us = ?5, sent = ?6, soft = ?7, policy = ?8, paused_until_us = ?9",
                    BOUND(B_INT(kind), B_TEXT(name), B_INT(b->rate), B_INT(b->next), B_INT(b->window), B_INT(b->sent), B_INT(b->soft), B_INT(b->policy), B_INT(b->paused)), e);
}

struct named { enum bucket_kind kind; struct str name; int64_t rate; };
static size_t buckets(const struct notice *n, const struct outbox_rates *r, struct named ret[3])
{
    size_t k = 0;

    ret[k++] = (struct named){ BUCKET_ALL, STR_EMPTY, r->all };
    if (n->bucket.n)
        ret[k++] = (struct named){ BUCKET_PROVIDER, n->bucket, r->provider };
    if (n->domain.n)
        ret[k++] = (struct named){ BUCKET_DOMAIN, n->domain, r->domain };
    return k;
}

bool outbox_spend(struct ledger *l, const struct notice *n, const struct outbox_rates *given, int64_t now_us, struct err *e)
{
    struct named  name[3];
    struct bucket b;
    size_t        k = buckets(n, given, name);

    for (size_t i = 0; i < k; i++) {
        if (!load(ledger_store(l), name[i].kind, name[i].name, name[i].rate, now_us, &b, e))
            return false;
        /* A clock that jumped back would make it wait for long. */
        if (b.next < now_us || b.next > now_us + REST_MAX_US)
            b.next = now_us;
        b.next += 1000 * TIME_SECOND / (b.rate > RATE_MIN ? b.rate : RATE_MIN);
        b.sent++;
        if (now_us - b.window >= WINDOW_US || now_us < b.window) {
            int64_t most = name[i].rate * 4;

            if (b.sent > 0 && b.soft * 100 < b.sent)
                b.rate = b.rate + b.rate / 10 + 1 > most ? most : b.rate + b.rate / 10 + 1;
            b.window = now_us;
            b.sent = b.soft = b.policy = 0;
        }
        if (!save(ledger_store(l), name[i].kind, name[i].name, &b, e))
            return false;
    }
    return true;
}

/* 4.7.x and 421: slower. 5.7.x is our own fault first: three, and nobody at that provider hears from us for an hour. */
bool outbox_learn(struct ledger *l, const struct notice *n, const struct handed *h, struct err *e)
{
    struct named  name[3];
    struct bucket b;
    size_t        k = buckets(n, &outbox_rates, name);
    bool          slow = h->what == HANDED_LATER && (h->code == 421 || str_find(h->answer, STR("4.7.")) != STR_NONE);
    bool          policy = h->what == HANDED_REFUSED && str_find(h->answer, STR("5.7.")) != STR_NONE;

    if (!slow && !policy && h->what != HANDED_LATER)
        return true;
    for (size_t i = 1; i < k; i++) {                 /* one provider's mood is not the world's */
        if (!load(ledger_store(l), name[i].kind, name[i].name, name[i].rate, h->at_us, &b, e))
            return false;
        b.soft += h->what == HANDED_LATER;
        if (slow)
            b.rate = b.rate / 2 > RATE_MIN ? b.rate / 2 : RATE_MIN;
        if (policy && ++b.policy >= POLICY_MAX)
            b.paused = h->at_us + PAUSE_US;
        if (!save(ledger_store(l), name[i].kind, name[i].name, &b, e))
            return false;
    }
    return true;
}

bool outbox_rest(struct ledger *l, const struct notice *n, int64_t now_us, struct err *e)
{
    struct named  name[3];
    struct bucket b;
    size_t        k = buckets(n, &outbox_rates, name);

    if (k < 2)
        return true;
    if (!load(ledger_store(l), name[1].kind, name[1].name, name[1].rate, now_us, &b, e))
        return false;
    if (b.paused < now_us + PAUSE_US)
        b.paused = now_us + PAUSE_US;
    return save(ledger_store(l), name[1].kind, name[1].name, &b, e);
}
