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
    r->of = r->of ? r->of : s->of;
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

static int by_identity(const void *x, const void *y, void *ctx)
{
    const struct same_root *root = ctx, *a = &root[*(const uint32_t *)x], *b = &root[*(const uint32_t *)y];

    if (a->computer != b->computer)
        return a->computer < b->computer ? -1 : 1;
    if (a->domain != b->domain)
        return a->domain < b->domain ? -1 : 1;
    if (a->of != b->of)
        return a->of < b->of ? -1 : 1;
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

/* May all of these be one server: one computer, of one domain, and one server of the survey? What does not say is all of them. */
static bool may_be_one(const struct same_work *w, const uint32_t *list, uint32_t n)
{
    struct same_root one = { 0 };

    for (uint32_t i = 0; i < n; i++) {
        const struct same_root *r = &w->root[list[i]];

        if ((r->computer && one.computer && r->computer != one.computer) || (r->domain && one.domain && r->domain != one.domain) || (r->of && one.of && r->of != one.of))
            return false;
        one.computer = r->computer ? r->computer : one.computer;
        one.domain = r->domain ? r->domain : one.domain;
        one.of = r->of ? r->of : one.of;
    }
    return true;
}

/* Those of equal identity become one; the list shrinks to them. It is sorted by identity. */
static uint32_t unite_equal(struct same_work *w, uint32_t *list, uint32_t n)
{
    uint32_t k = 0;

    for (uint32_t i = 0, to; i < n; i = to) {
        const struct same_root first = w->root[list[i]];

        for (to = i; to < n && w->root[list[to]].computer == first.computer && w->root[list[to]].domain == first.domain && w->root[list[to]].of == first.of; )
            to++;
        list[k++] = unite_all(w, list + i, to - i);
    }
    return k;
}

/* One computer's roots, of which some say less than others: all of them, or each with the only one that says the same and more. */
static uint32_t one_computer(struct same_work *w, uint32_t *list, uint32_t n)
{
    if (may_be_one(w, list, n)) {
        list[0] = unite_all(w, list, n);
        return 1;
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct same_root *r = &w->root[list[i]];
        uint32_t only = SAME_NONE, fits = 0;

        for (uint32_t k = 0; k < n && !(r->domain && r->of) && k < SAME_CLASSES; k++) {
            const struct same_root *q = &w->root[list[k]];
            if (k == i || list[k] == SAME_NONE || !((!r->domain && q->domain) || (!r->of && q->of)) || (r->domain && q->domain != r->domain) || (r->of && q->of != r->of))
                continue;
            only = list[k];
            fits++;
        }
        w->only[i] = fits == 1 ? only : SAME_NONE;
    }
    for (uint32_t i = 0; i < n; i++)
        if (w->only[i] != SAME_NONE) {
            uint32_t pair[2] = { root_of(w->parent, list[i]), root_of(w->parent, w->only[i]) };
            if (pair[0] != pair[1] && may_be_one(w, pair, 2))
                unite_all(w, pair, 2);
        }
    return n;
}

/*
 * Rules 1, 2 and 6, for one key. Roots are plain (neither computer nor survey), the survey's without a computer's name, or computers.
 */
static void join_key(struct same_work *w, size_t from, size_t to)
{
    enum same_rank rank = (enum same_rank)w->key[from].rank;
    uint32_t  n = roots(w, from, to), plain = 0, bare, computers, surveyed;

    if (n < 2)
        return;
    if (may_be_one(w, w->list, n)) {
        unite_all(w, w->list, n);
        return;
    }
    w->ret->refused++;
    qsort_r(w->list, n, sizeof *w->list, by_identity, w->root);
    while (plain < n && !w->root[w->list[plain]].computer && !w->root[w->list[plain]].of)
        plain++;
    n = plain + unite_equal(w, w->list + plain, n - plain);
    for (bare = plain; bare < n && !w->root[w->list[bare]].computer; )
        bare++;
    surveyed = bare - plain;
    for (uint32_t i = bare, k; i < n; i = k) {
        for (k = i; k < n && w->root[w->list[k]].computer == w->root[w->list[i]].computer; )
            k++;
        one_computer(w, w->list + i, k - i);
    }
    computers = n - bare;
    for (uint32_t i = plain; i < bare; i++) {
        struct same_root *r = &w->root[w->list[i]];
        uint32_t mine = 0, free_ = 0, one = SAME_NONE;

        for (uint32_t k = bare; k < n; k++) {
            uint32_t c = root_of(w->parent, w->list[k]);
            if (w->root[c].of == r->of && c != one) {
                mine++;
                one = c;
            }
            free_ += !w->root[c].of;
        }
        if (mine == 1)
            unite(w, w->list[i], one);
        else if ((mine > 1 || (free_ > 1 && surveyed == 1)) && from < r->unclear)
            r->unclear = (uint32_t)from;
    }
    if (!plain || !(computers + surveyed))
        return;
    /* What one end or the survey says is one thing; and of very many nobody will be able to tell any apart. */
    uint32_t rest = rank == RANK_END || rank == RANK_SURVEY || plain > SAME_CLASSES ? 1 : plain;
    if (rest == 1)
        w->list[0] = unite_all(w, w->list, plain);
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

/* The servers that an unclear root may be, into w->list: computers, else those of the survey. 0: it stays by itself. */
static uint32_t candidates(struct same_work *w, uint32_t root)
{
    const struct same_root *r = &w->root[root];
    size_t   from = r->unclear, to;
    uint32_t n, k = 0;
    bool     computers = false;

    if (r->computer || r->unclear == SAME_NONE)
        return 0;
    for (to = from; to < w->key_n && w->key[to].rank == w->key[from].rank && w->key[to].value == w->key[from].value; )
        to++;
    n = roots(w, from, to);
    for (uint32_t i = 0; i < n; i++)
        computers |= w->root[w->list[i]].computer != 0;
    for (uint32_t i = 0; i < n; i++) {
        const struct same_root *q = &w->root[w->list[i]];
        bool fits = w->list[i] != root && (computers ? q->computer && (!r->of || !q->of || q->of == r->of) : q->of && !r->of);
        if (fits)
            w->list[k++] = w->list[i];
    }
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
