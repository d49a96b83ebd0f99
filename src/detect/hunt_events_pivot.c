/*
 * The pivot over event logs: where else the addresses of intruders stand, and what became of accounts that were planted.
 *
 * Address  one that carries ordinary authenticated traffic in the text logs is left out. So is one from which SHARED_ACCOUNTS ordinary accounts signed in: a
 *          proxy, balancer or NAT; then it counts as shared for the verdict as well. It has to stand where the record names the other side, not in some text.
 * Account  one that a fact accuses (FILE_FACT_WAY_BACK "account"). What lets somebody in says when it was used last, and becomes a fact of its own beside it.
 * Order    pieces in order: what comes out does not hang on threads.
 * Not done accounts whose names are not ASCII, or of one letter.
 */
#include "detect/hunt_inner.h"

#include "base/num.h"
#include "detect/files_inner.h"
#include "detect/hits.h"
#include "os/guard.h"
#include "os/pool.h"
#include "pack/ioc_read.h"

#include <string.h>

enum { PLANTED_MAX = 200, WORD_LEAST = 2, SHARED_ACCOUNTS = 5, USES_MAX = 400, HITS_KEPT = 4096 };

/* Of one address: ordinary accounts that signed in from it. */
struct from { struct str account[SHARED_ACCOUNTS]; size_t account_n; uint64_t logons; };
/* One planted account, used from one address. */
struct use { uint32_t fact; struct str client, what; struct cite cite; int64_t first_us, last_us; uint64_t count; };

struct pivot {
    struct hunt       *h;
    struct evt_plan    plan;
    struct sigma       none;
    struct map         client;                   /* -> index of found->client */
    uint32_t           planted[PLANTED_MAX]; size_t planted_n;      /* of found->fact */
    struct from       *from;
    struct hits        hits;
    struct use        *use; size_t use_n;
};

/* "BAKERY\\mallory", "mallory@bakery.example": mallory */
static struct str bare(struct str account)
{
    size_t slash = str_rchr(account, '\\');
    struct str s = slash == STR_NONE ? account : str_from(account, slash + 1);
    return str_sub(s, 0, str_chr(s, '@'));
}

static bool is_planted(const struct file_fact *f) { return f->kind == FILE_FACT_WAY_BACK && str_eq(f->what, STR("account")) && bare(f->name).n >= WORD_LEAST; }

/* The fact that accuses this account; UINT32_MAX: none. */
static uint32_t planted_of(const struct pivot *p, struct str account)
{
    for (size_t i = 0; i < p->planted_n; i++)
        if (str_ieq(bare(p->h->found->fact[p->planted[i]].name), bare(account)))
            return p->planted[i];
    return UINT32_MAX;
}

/* --- what is searched for --- */

static bool word(struct iocs *to, struct arena *a, size_t *cap, enum ioc_kind kind, struct str value, struct err *e)
{
    struct user_ioc *x = GROW(a, to->item, to->n, cap);

    if (!x)
        return err_set(e, ERR_MEMORY, "no room to follow the intruders");
    *x = (struct user_ioc){ .value = str_lower(a, value), .kind = kind, .until_us = TIME_NONE };
    to->n++;
    return x->value.p || err_set(e, ERR_MEMORY, "no room to follow the intruders");
}

static bool words_make(struct pivot *p, const struct str *client, size_t client_n, struct iocs **ret, struct err *e)
{
    struct hunt *h = p->h;
    struct iocs *words = NEW(h->keep, struct iocs, 1);
    size_t       cap = 0;

    if (!words)
        return err_set(e, ERR_MEMORY, "no room to follow the intruders");
    for (size_t i = 0; i < client_n; i++) {
        bool carries = i < h->found->client_n && h->found->client[i].authenticated;
        if (!carries && (!word(words, h->keep, &cap, IOC_IP, client[i], e) || !map_put(&p->client, h->keep, client[i], (uint32_t)i)))
            return e->kind != ERR_NONE ? false : err_set(e, ERR_MEMORY, "no room to follow the intruders");
    }
    for (uint32_t i = 0; i < h->found->fact_n && p->planted_n < PLANTED_MAX; i++) {
        const struct file_fact *f = &h->found->fact[i];
        if (!is_planted(f) || planted_of(p, f->name) != UINT32_MAX)
            continue;
        p->planted[p->planted_n++] = i;
        if (!word(words, h->keep, &cap, IOC_FILE_NAME, bare(f->name), e))
            return false;
    }
    *ret = words;
    return true;
}

/* --- what is found --- */

static bool is_ordinary(struct str account)
{
    static const char *const not[] = { "", "-", "anonymous logon", "system", "local service", "network service" };

    for (size_t i = 0; i < COUNT_OF(not); i++)
        if (str_ieq(account, str_c(not[i])))
            return false;
    return !str_ends(account, STR("$")) && !str_istarts(account, STR("healthmailbox"));
}

static bool signed_in(struct pivot *p, uint32_t who, const struct hit *h, struct err *e)
{
    struct from *f = &p->from[who];
    struct str   account = bare(h->account);
    bool         ordinary = h->active && is_ordinary(account) && planted_of(p, account) == UINT32_MAX;

    for (size_t i = 0; ordinary && i < f->account_n; i++)
        if (str_ieq(f->account[i], account))
            ordinary = false;
    f->logons += h->active ? h->count : 0;
    if (!ordinary || f->account_n == SHARED_ACCOUNTS)
        return true;
    f->account[f->account_n] = str_dup(p->h->keep, str_sub(account, 0, 128));
    return f->account[f->account_n++].p || err_set(e, ERR_MEMORY, "no room to follow the intruders");
}

static bool used(struct pivot *p, uint32_t fact, const struct hit *h, struct err *e)
{
    size_t i = 0;

    while (i < p->use_n && (p->use[i].fact != fact || !str_eq(p->use[i].client, h->client)))
        i++;
    if (i == USES_MAX)
        return true;
    struct use *u = &p->use[i];
    if (i == p->use_n) {
        *u = (struct use){ .fact = fact, .last_us = TIME_NONE };
        u->client = h->client.n ? str_dup(p->h->keep, h->client) : STR_EMPTY;
        if (h->client.n && !u->client.p)
            return err_set(e, ERR_MEMORY, "no room to follow the intruders");
        p->use_n++;
    }
    if (!u->count || h->first_us < u->first_us) {                /* the hit itself goes with its piece */
        u->first_us     = h->first_us;
        u->cite         = h->first;
        u->cite.excerpt = str_dup(p->h->keep, h->first.excerpt);
        u->what         = str_dup(p->h->keep, h->method);
        if (!u->cite.excerpt.p || !u->what.p)
            return err_set(e, ERR_MEMORY, "no room to follow the intruders");
    }
    u->count += h->count;
    u->last_us = h->last_us > u->last_us ? h->last_us : u->last_us;
    return true;
}

static bool take(struct pivot *p, const struct evt_outcome *o, struct err *e)
{
    for (size_t i = 0; i < o->hits.n; i++) {
        const struct hit *h = &o->hits.item[i];
        uint32_t who  = h->client.n ? map_get(&p->client, h->client) : MAP_NONE;
        uint32_t fact = h->active ? planted_of(p, h->account) : UINT32_MAX;
        if (fact != UINT32_MAX && !used(p, fact, h, e))
            return false;
        if (who != MAP_NONE && (!signed_in(p, who, h, e) || !hits_push(&p->hits, h, e)))
            return false;
    }
    return true;
}

/* --- one piece --- */

struct task { struct pivot *p; size_t i; uint32_t worker; uint64_t key; struct ev_node *node; struct pool_turn *turn; };

static void wait_turn(struct task *t)
{
    guard_leave(t->p->h->opt.guard, t->worker);
    pool_wait(t->turn, t->i);
}

static bool on_flush(void *ctx, struct evt_outcome *o, struct err *e)
{
    struct task *t = ctx;

    wait_turn(t);
    bool ok = take(t->p, o, e);
    guard_enter(t->p->h->opt.guard, t->worker, t->key, t->node->path);
    return ok;
}

static bool scan_one(void *ctx, size_t i, uint32_t worker, struct pool_turn *turn, struct err *e)
{
    struct pivot           *p = ctx;
    struct hunt            *h = p->h;
    const struct evt_piece *piece = &h->events.item[i];
    struct task             task = { p, i, worker, 0, &h->ev->node[piece->node], turn };
    struct arena            work = h->scratch[worker], room;
    struct evt_sink         sink = { &task, on_flush, NULL, NULL };
    struct evt_outcome     *o    = NEW(&work, struct evt_outcome, 1);
    struct evt_scan        *scan = NULL;
    struct evt_read         got  = { 0 };

    task.key = h->opt.guard ? ev_node_key(h->ev, task.node) ^ (piece->from + 1) * UINT64_C(0x9E3779B97F4A7C15) : 0;
    if (guard_barred(h->opt.guard, task.key) || task.node->stopped)
        return true;
    if (!o)
        return err_set(e, ERR_MEMORY, "no room to read an event log");
    if (!evt_read_room(&work, &room, e) || !evt_scan_open(&scan, &p->plan, h->ev->system_drive, h->opt.since_us, h->opt.until_us, &work, e))
        return false;
    o->hits.max = HITS_MAX;
    evt_scan_begin(scan, o, &sink);
    guard_enter(h->opt.guard, worker, task.key, task.node->path);
    bool ok = evt_piece_read(h, piece, worker, scan, &room, true, &got, e);
    wait_turn(&task);
    ok = ok && take(p, o, e);
    pool_next(turn, i);
    return ok;
}

/* --- what it comes to --- */

static bool keep_hits(struct pivot *p, struct err *e)
{
    struct hunt *h = p->h;

    for (size_t i = 0; i < h->found->client_n; i++) {
        if (p->from[i].account_n < SHARED_ACCOUNTS)
            continue;
        h->found->client[i].authenticated += p->from[i].logons;
        if (!h->found->client[i].some_user.n)
            h->found->client[i].some_user = p->from[i].account[0];
    }
    for (size_t i = 0; i < p->hits.n; i++) {
        const struct hit *one = &p->hits.item[i];
        uint32_t          who = map_get(&p->client, one->client);
        if (p->from[who].account_n < SHARED_ACCOUNTS && !hits_push(&h->hits, one, e))
            return false;
    }
    h->hits.more += p->hits.more;
    h->found->hit   = h->hits.item;
    h->found->hit_n = h->hits.n;
    return true;
}

static bool keep_uses(struct pivot *p, struct err *e)
{
    struct hunt *h = p->h;
    struct files_context c = { .ev = h->ev, .pack = h->pack, .opt = &h->opt, .keep = h->keep, .found = h->found, .bytes_read = &h->bytes_read };

    for (size_t i = 0; i < p->use_n; i++) {
        const struct use *u = &p->use[i];
        struct file_fact *f = files_fact(&c), *of = &h->found->fact[u->fact];
        if (u->last_us != TIME_NONE && (of->used_us == TIME_NONE || u->last_us > of->used_us))
            of->used_us = u->last_us;
        if (!f)
            continue;
        *f = (struct file_fact){ .kind = FILE_FACT_WAY_BACK, .detector = STR("events/planted-account"), .title = STR("An account that was planted came in"), .severity = SEV_HIGH,
                                 .confidence = of->confidence, .what = of->what, .name = of->name, .path = of->path, .time_us = u->first_us, .created_us = TIME_NONE,
                                 .removed_us = TIME_NONE, .used_us = u->last_us, .cite = u->cite };
        f->why = str_fmt(h->keep, "%.*s %.*s%s%.*s, %llu time%s: what was planted was used.", STR_ARG(str_sub(bare(of->name), 0, 80)), STR_ARG(u->what),
                         u->client.n ? " from " : "", STR_ARG(u->client), (unsigned long long)u->count, u->count == 1 ? "" : "s");
        f->attack[f->attack_n++] = STR("T1078");
        if (!f->why.p)
            return err_set(e, ERR_MEMORY, "no room to follow the intruders");
    }
    return true;
}

bool hunt_events_pivot(struct hunt *h, const struct str *client, size_t client_n, struct err *e)
{
    struct pivot *p = NEW(h->keep, struct pivot, 1);
    struct iocs  *words = NULL;

    if (!p || !(p->from = NEW(h->keep, struct from, client_n + 1)) || !(p->use = NEW(h->keep, struct use, USES_MAX)))
        return err_set(e, ERR_MEMORY, "no room to follow the intruders");
    p->h    = h;
    p->hits = (struct hits){ .keep = h->keep, .max = HITS_KEPT };
    if (h->events.n == 0)
        return true;
    if (!words_make(p, client, client_n, &words, e))
        return false;
    if (words->n == 0)
        return true;
    if (!evt_plan_make(&p->plan, &p->none, h->keep, e))
        return false;
    p->plan.pivot = true;
    return evt_plan_listed(&p->plan, words, WORD_LEAST, h->keep, e) && guard_mark(h->opt.guard, e) && pool_run(h->jobs, h->events.n, scan_one, p, e) &&
           keep_hits(p, e) && keep_uses(p, e);
}
