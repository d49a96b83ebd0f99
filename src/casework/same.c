/* Items that meet become servers: see same.h for the rules, same_keys.c for the keys. */
#include "casework/same_inner.h"

const struct same_rules same_defaults = { 32, 64 };

/* ---- joining ---- */

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

static uint32_t unite(struct same_work *w, uint32_t x, uint32_t y)
{
    uint32_t lead = x < y ? x : y, rest = x < y ? y : x;
    struct same_root *r = &w->root[lead], *s = &w->root[rest];

    if (x == y)
        return x;
    w->parent[rest] = lead;
    r->weight += s->weight;
    r->computer = r->computer ? r->computer : s->computer;
    r->domain = r->domain ? r->domain : s->domain;
    r->unclear = r->unclear < s->unclear ? r->unclear : s->unclear;
    r->anchored |= s->anchored;
    return lead;
}

/* Distinct roots of a key into w->list, lowest first, since items are. */
static uint32_t roots(struct same_work *w, size_t from, size_t to)
{
    uint32_t n = 0;

    w->turn++;
    for (size_t i = from; i < to; i++) {
        uint32_t r = root_of(w->parent, w->key[i].at);
        if (w->stamp[r] != w->turn) {
            w->stamp[r] = w->turn;
            w->list[n++] = r;
        }
    }
    return n;
}

static int by_computer(const void *x, const void *y, void *ctx)
{
    const struct same_root *root = ctx, *a = &root[*(const uint32_t *)x], *b = &root[*(const uint32_t *)y];

    if (a->computer != b->computer)
        return a->computer < b->computer ? -1 : 1;
    if (a->domain != b->domain)
        return a->domain < b->domain ? -1 : 1;
    return *(const uint32_t *)x < *(const uint32_t *)y ? -1 : *(const uint32_t *)x > *(const uint32_t *)y;
}

static uint64_t weight(const struct same_work *w, const uint32_t *list, uint32_t n)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum += w->root[list[i]].weight;
    return sum;
}

static uint32_t unite_all(struct same_work *w, const uint32_t *list, uint32_t n)
{
    uint32_t r = n ? list[0] : SAME_NONE;

    if (n && weight(w, list, n) > SAME_ITEMS_MAX) {
        w->ret->hubs++;
        return r;
    }
    for (uint32_t i = 1; i < n; i++)
        r = unite(w, r, list[i]);
    return r;
}

/* One computer's roots, sorted by domain, those without one first. Returns how many computers they are: of two domains they are two. */
static uint32_t one_computer(struct same_work *w, uint32_t *list, uint32_t n, uint32_t *ret_root)
{
    uint32_t blank = 0, count = 0;

    while (blank < n && !w->root[list[blank]].domain)
        blank++;
    if (blank == n || w->root[list[blank]].domain == w->root[list[n - 1]].domain) {
        *ret_root = unite_all(w, list, n);
        return 1;
    }
    for (uint32_t i = blank, k; i < n; i = k, count++) {
        for (k = i; k < n && w->root[list[k]].domain == w->root[list[i]].domain; )
            k++;
        /* Domains are read from list[i] before its root changes. */
        *ret_root = unite_all(w, list + i, k - i);
    }
    return count;
}

/* Rules 1 and 2, for one key. */
static void join_key(struct same_work *w, size_t from, size_t to)
{
    enum same_rank rank = (enum same_rank)w->key[from].rank;
    uint32_t  n = roots(w, from, to), bare = 0, computers = 0, one = SAME_NONE;

    if (n < 2)
        return;
    qsort_r(w->list, n, sizeof *w->list, by_computer, w->root);
    while (bare < n && !w->root[w->list[bare]].computer)
        bare++;
    for (uint32_t i = bare, k; i < n; i = k) {
        for (k = i; k < n && w->root[w->list[k]].computer == w->root[w->list[i]].computer; )
            k++;
        computers += one_computer(w, w->list + i, k - i, &one);
    }
    if (computers <= 1) {
        if (computers)
            w->list[bare++] = one;
        unite_all(w, w->list, bare);
        return;
    }
    w->ret->refused++;
    uint32_t rest = rank == RANK_END || rank == RANK_SURVEY ? (bare ? 1 : 0) : bare;
    if (rest == 1)
        w->list[0] = unite_all(w, w->list, bare);
    for (uint32_t i = 0; i < rest; i++) {
        struct same_root *r = &w->root[root_of(w->parent, w->list[i])];
        if (from < r->unclear)
            r->unclear = (uint32_t)from;
    }
}

/* Rule 4: what has nothing but an address goes to the only server that is known there; where none is, they are one. */
static void join_address(struct same_work *w, size_t from, size_t to)
{
    uint32_t n = roots(w, from, to), loose = 0, anchored = 0, one = SAME_NONE;

    for (uint32_t i = 0; i < n; i++)
        if (w->root[w->list[i]].anchored) {
            anchored++;
            one = w->list[i];
        } else
            w->list[loose++] = w->list[i];
    if (anchored > 1 || !loose)
        return;
    if (anchored)
        w->list[loose++] = one;
    unite_all(w, w->list, loose);
}

/* Of one server's rows an address comes again and again, so they are counted only where there are many. */
static bool too_many(struct same_work *w, size_t from, size_t to)
{
    size_t n = 0;

    if (to - from <= w->rules.hub_addresses)
        return false;
    for (size_t i = from; i < to; i++)
        if (w->key[i].address != SAME_NONE)
            w->room[n++] = w->key[i].address;
    return same_distinct(w->room, n) > w->rules.hub_addresses;
}

static void join_all(struct same_work *w)
{
    for (size_t from = 0, to; from < w->key_n; from = to) {
        enum same_rank rank = (enum same_rank)w->key[from].rank;

        for (to = from; to < w->key_n && w->key[to].rank == w->key[from].rank && w->key[to].value == w->key[from].value; )
            to++;
        if (to - from < 2)
            continue;
        if ((rank == RANK_COMPUTER || rank == RANK_TLS || rank == RANK_NAME) && too_many(w, from, to)) {
            w->ret->hubs++;
            continue;
        }
        if (rank == RANK_ADDRESS)
            join_address(w, from, to);
        else
            join_key(w, from, to);
    }
}

/* ---- servers ---- */

/* The computers that an unclear root may be, into w->list; 0: it stays by itself. */
static uint32_t candidates(struct same_work *w, uint32_t root)
{
    size_t   from = w->root[root].unclear, to;
    uint32_t n, k = 0;

    if (w->root[root].computer || from == SAME_NONE)
        return 0;
    for (to = from; to < w->key_n && w->key[to].rank == w->key[from].rank && w->key[to].value == w->key[from].value; )
        to++;
    n = roots(w, from, to);
    for (uint32_t i = 0; i < n; i++)
        if (w->root[w->list[i]].computer)
            w->list[k++] = w->list[i];
    return k <= SAME_CANDIDATES ? k : 0;
}

struct several { uint32_t first, n; };

static bool tell(struct same_work *w, struct arena *a, struct err *e)
{
    uint32_t       *number = TAKE(&w->a, uint32_t, w->n + 1), *may = NULL;
    struct several *several = NEW(&w->a, struct several, w->n + 1);
    struct same    *r = w->ret;
    size_t          may_n = 0, may_cap = 0, pairs = 0;

    if (!number || !several)
        return same_no_room(e);
    for (uint32_t i = 0; i < w->n; i++) {
        number[i] = SAME_NONE;
        if (w->parent[i] != i)
            continue;
        uint32_t k = candidates(w, i);
        several[i] = (struct several){ (uint32_t)may_n, k };
        for (uint32_t c = 0; c < k; c++) {
            uint32_t *slot = GROW(&w->a, may, may_n, &may_cap);
            if (!slot)
                return same_no_room(e);
            *slot = w->list[c];
            may_n++;
        }
        if (!k)
            number[i] = r->server_n++;
    }
    for (uint32_t i = 0; i < w->n; i++) {
        uint32_t k = several[root_of(w->parent, i)].n;
        pairs += k ? k : 1;
    }
    r->pair = TAKE(a, struct same_pair, pairs + 1);
    r->lowest = TAKE(a, uint64_t, (size_t)r->server_n + 1);
    if (!r->pair || !r->lowest)
        return same_no_room(e);
    for (uint32_t i = 0; i < w->n; i++)
        if (number[i] != SAME_NONE)
            r->lowest[number[i]] = w->item[w->sorted[i]].id;
    for (uint32_t i = 0; i < w->n; i++) {
        uint32_t root = root_of(w->parent, i);
        const struct several *s = &several[root];

        r->unclear += s->n > 1;
        if (!s->n)
            r->pair[r->pair_n++] = (struct same_pair){ w->sorted[i], number[root] };
        for (uint32_t c = 0; c < s->n; c++)
            r->pair[r->pair_n++] = (struct same_pair){ w->sorted[i], number[may[s->first + c]] };
    }
    return true;
}

static int by_pair(const void *x, const void *y)
{
    const struct same_pair *a = x, *b = y;

    if (a->item != b->item)
        return a->item < b->item ? -1 : 1;
    return a->server < b->server ? -1 : a->server > b->server;
}

bool same_make(const struct same_item *item, size_t n, const struct same_rules *rules, struct arena *a, struct arena scratch, struct same *ret, struct err *e)
{
    struct same out = { 0 };
    struct same_work w = { .item = item, .n = (uint32_t)n, .rules = rules ? *rules : same_defaults, .a = scratch, .ret = &out };

    e->kind = ERR_NONE;
    if (n > SAME_MAX)
        return err_set(e, ERR_LIMIT, "%zu records of servers, at most %d", n, SAME_MAX);
    w.hash = hash_open(HASH_SHA256);
    if (!w.hash)
        return same_no_room(e);
    bool ok = same_keys(&w, e);
    if (ok) {
        join_all(&w);
        ok = tell(&w, a, e);
    }
    if (ok)
        qsort(out.pair, out.pair_n, sizeof *out.pair, by_pair);
    hash_close(w.hash);
    if (ok)
        *ret = out;
    return ok;
}
