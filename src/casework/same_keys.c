/* By which keys items meet: see same_inner.h. */
#include "casework/same_inner.h"

enum { COMPUTER_LETTERS = 15 };

bool same_no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room to tell which records are one server"); }

bool same_name_tells(struct str name)
{
    static const struct str inside[] = {
        STR_INIT(".local"), STR_INIT(".lan"), STR_INIT(".internal"), STR_INIT(".intern"), STR_INIT(".localdomain"), STR_INIT(".localhost"),
        STR_INIT(".home"), STR_INIT(".corp"), STR_INIT(".invalid"), STR_INIT(".test"), STR_INIT(".arpa"),
    };

    if (!name.n || str_starts(name, STR("*")) || str_chr(name, '.') == STR_NONE)
        return false;
    for (size_t i = 0; i < COUNT_OF(inside); i++)
        if (str_iends(name, inside[i]))
            return false;
    return true;
}

/* ---- numbers of words: of their content, so that no order of arrival shows, and too long for anybody to find two alike ---- */

static bool word(struct same_work *w, struct str s, uint64_t *ret, struct err *e)
{
    uint8_t  digest[HASH_SHA256_BYTES];
    uint32_t at = map_get(&w->words, s);

    if (at == MAP_NONE) {
        uint64_t *slot = &w->word[w->word_n];

        at = (uint32_t)w->word_n;
        if (w->word_n == w->word_cap || !map_put(&w->words, &w->a, s, at))
            return same_no_room(e);
        hash_push(w->hash, s);
        hash_done(w->hash, digest);
        *slot = 0;
        for (size_t i = 0; i < 8; i++)
            *slot = *slot << 8 | digest[i];
        *slot |= *slot == 0;
        w->word_n++;
    }
    *ret = w->word[at];
    return true;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t h = a * 0x9E3779B97F4A7C15u;

    h = (h ^ h >> 29 ^ b) * 0x94D049BB133111EBu;
    return h ^ h >> 32;
}

/* ---- items, sorted; their addresses ---- */

static int by_id(const void *x, const void *y, void *ctx)
{
    const struct same_item *item = ctx, *a = &item[*(const uint32_t *)x], *b = &item[*(const uint32_t *)y];

    return a->id < b->id ? -1 : a->id > b->id;
}

static int by_ip(const void *x, const void *y, void *ctx)
{
    const struct same_work *w = ctx;

    return memcmp(w->item[w->sorted[*(const uint32_t *)x]].ip, w->item[w->sorted[*(const uint32_t *)y]].ip, 16);
}

static bool addresses(struct same_work *w, struct err *e)
{
    struct arena a = w->a;
    uint32_t *at = TAKE(&a, uint32_t, w->n + 1), n = 0, k = 0;

    if (!at)
        return same_no_room(e);
    for (uint32_t i = 0; i < w->n; i++) {
        w->address[i] = SAME_NONE;
        if (w->item[w->sorted[i]].has_ip)
            at[n++] = i;
    }
    if (n)
        qsort_r(at, n, sizeof *at, by_ip, w);
    for (uint32_t i = 0; i < n; i++) {
        k += i && by_ip(&at[i], &at[i - 1], w) != 0;
        w->address[at[i]] = k;
    }
    return true;
}

/* "ex01.corp.example" is "ex01" of "corp.example". A domain of one label may be anybody's. */
static bool computers(struct same_work *w, struct err *e)
{
    for (uint32_t i = 0; i < w->n; i++) {
        const struct same_item *x = &w->item[w->sorted[i]];
        size_t     dot = str_chr(x->computer, '.');
        struct str name = str_sub(dot == STR_NONE ? x->computer : str_sub(x->computer, 0, dot), 0, COMPUTER_LETTERS);
        struct str domain = x->domain.n || dot == STR_NONE ? x->domain : str_from(x->computer, dot + 1);

        if (name.n && !word(w, name, &w->computer[i], e))
            return false;
        if (name.n && str_chr(domain, '.') != STR_NONE && !word(w, domain, &w->domain[i], e))
            return false;
    }
    return true;
}

/* ---- keys ---- */

static bool put(struct same_work *w, enum same_rank rank, uint64_t value, uint32_t at, struct err *e)
{
    if (w->key_n == w->key_cap)
        return same_no_room(e);
    w->key[w->key_n++] = (struct same_key){ value, at, w->address[at], (uint8_t)rank };
    return true;
}

static int by_key(const void *x, const void *y)
{
    const struct same_key *a = x, *b = y;

    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

static uint64_t end_of(const struct same_work *w, uint32_t at)
{
    const struct same_item *x = &w->item[w->sorted[at]];

    return (uint64_t)w->address[at] << 16 | (x->port == 0 || x->port == 80 ? 443 : x->port);
}

/* The number of an address depends on who else is there; what is put into a key is its bytes. */
static uint64_t end_value(const struct same_work *w, uint32_t at, bool with_port)
{
    const struct same_item *x = &w->item[w->sorted[at]];
    uint64_t high = 0, low = 0;

    for (int i = 0; i < 8; i++) {
        high = high << 8 | x->ip[i];
        low = low << 8 | x->ip[8 + i];
    }
    return mix(mix(mix(1, high), low), with_port ? end_of(w, at) & 0xffff : 0);
}

static int by_u64(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

    return a < b ? -1 : a > b;
}

size_t same_distinct(uint64_t *v, size_t n)
{
    size_t d = 0;

    if (n)
        qsort(v, n, sizeof *v, by_u64);
    for (size_t i = 0; i < n; i++)
        d += i == 0 || v[i] != v[i - 1];
    return d;
}

struct at_end { uint64_t end; uint32_t at; };

static int by_end(const void *x, const void *y)
{
    const struct at_end *a = x, *b = y;

    return a->end != b->end ? (a->end < b->end ? -1 : 1) : a->at < b->at ? -1 : a->at > b->at;
}

/* Rule 3, of ends. hub[at]: its end is one. */
static bool find_hubs(struct same_work *w, bool *hub, struct err *e)
{
    struct arena   a = w->a;
    struct at_end *p = TAKE(&a, struct at_end, w->n + 1);
    uint64_t      *room = TAKE(&a, uint64_t, w->n + 1);
    size_t         n = 0;

    if (!p || !room)
        return same_no_room(e);
    for (uint32_t i = 0; i < w->n; i++)
        if (w->address[i] != SAME_NONE)
            p[n++] = (struct at_end){ end_of(w, i), i };
    if (n)
        qsort(p, n, sizeof *p, by_end);
    for (size_t from = 0, to; from < n; from = to) {
        size_t tls = 0, computer;
        bool   is = false;

        for (to = from; to < n && p[to].end == p[from].end; to++)
            if (w->item[w->sorted[p[to].at]].has_tls)
                room[tls++] = w->item[w->sorted[p[to].at]].tls;
        if (to - from > w->rules.hub_identities) {
            is = same_distinct(room, tls) > w->rules.hub_identities;
            computer = 0;
            for (size_t i = from; i < to && !is; i++)
                if (w->computer[p[i].at])
                    room[computer++] = mix(w->computer[p[i].at], w->domain[p[i].at]);
            is = is || same_distinct(room, computer) > w->rules.hub_identities;
        }
        w->ret->hubs += is;
        for (size_t i = from; i < to; i++)
            hub[p[i].at] = is;
    }
    return true;
}

static bool keys_of(struct same_work *w, uint32_t at, bool hub, struct err *e)
{
    const struct same_item *x = &w->item[w->sorted[at]];
    uint64_t first = 0, v;
    bool     ok = true;

    if (x->of)
        ok = put(w, RANK_SURVEY, x->of, at, e);
    if (w->computer[at] && w->domain[at])
        ok = ok && put(w, RANK_COMPUTER, mix(w->computer[at], w->domain[at]), at, e);
    bool wild = x->has_tls && w->wild_n && bsearch(&x->tls, w->wild, w->wild_n, sizeof x->tls, by_u64);

    if (x->has_tls && !wild)
        ok = ok && put(w, RANK_TLS, x->tls, at, e);
    if (wild && w->computer[at])
        ok = ok && put(w, RANK_TLS, mix(mix(2, x->tls), w->computer[at]), at, e);
    for (uint32_t i = 0; i < x->name_n && ok; i++) {
        if (!same_name_tells(x->name[i]))
            continue;
        ok = word(w, x->name[i], &v, e) && put(w, RANK_NAME, v, at, e);
        first = ok && (!first || v < first) ? v : first;
    }
    if (ok && x->has_ip)
        ok = put(w, RANK_END, hub ? mix(mix(3, end_value(w, at, true)), x->has_tls ? x->tls : first) : end_value(w, at, true), at, e) &&
             (hub || put(w, RANK_ADDRESS, end_value(w, at, false), at, e));
    return ok;
}

static bool prepare(struct same_work *w, struct err *e)
{
    size_t n = (size_t)w->n + 1;

    w->sorted = TAKE(&w->a, uint32_t, n);
    w->address = TAKE(&w->a, uint32_t, n);
    w->parent = TAKE(&w->a, uint32_t, n);
    w->list = TAKE(&w->a, uint32_t, n);
    w->only = TAKE(&w->a, uint32_t, n);
    w->stamp = NEW(&w->a, uint32_t, n);
    w->computer = NEW(&w->a, uint64_t, n);
    w->domain = NEW(&w->a, uint64_t, n);
    w->root = TAKE(&w->a, struct same_root, n);
    w->wild = TAKE(&w->a, uint64_t, n);
    /* One key of the survey, the computer and the certificate each, two of the address, and one a name. */
    for (size_t i = 0; i + 1 < n; i++)
        w->word_cap += 2 + w->item[i].name_n;
    w->key_cap = w->word_cap + 3 * n;
    w->word = TAKE(&w->a, uint64_t, w->word_cap + 1);
    w->key = TAKE(&w->a, struct same_key, w->key_cap);
    if (!w->sorted || !w->address || !w->parent || !w->list || !w->only || !w->stamp || !w->computer || !w->domain || !w->root || !w->wild || !w->word || !w->key)
        return same_no_room(e);
    for (uint32_t i = 0; i < w->n; i++)
        w->sorted[i] = i;
    if (w->n)
        qsort_r(w->sorted, w->n, sizeof *w->sorted, by_id, (void *)(uintptr_t)w->item);
    if (!addresses(w, e) || !computers(w, e))
        return false;
    for (uint32_t i = 0; i < w->n; i++) {
        const struct same_item *x = &w->item[w->sorted[i]];
        w->parent[i] = i;
        w->root[i] = (struct same_root){ w->computer[i], w->domain[i], x->of, 1, SAME_NONE, x->of || w->computer[i] || x->has_tls };
        if (x->has_tls && x->wild)
            w->wild[w->wild_n++] = x->tls;
    }
    if (w->wild_n)
        qsort(w->wild, w->wild_n, sizeof *w->wild, by_u64);
    return true;
}


bool same_keys(struct same_work *w, struct err *e)
{
    bool *hub;

    if (!prepare(w, e))
        return false;
    if (!(hub = NEW(&w->a, bool, (size_t)w->n + 1)))
        return same_no_room(e);
    if (!find_hubs(w, hub, e))
        return false;
    for (uint32_t i = 0; i < w->n; i++)
        if (!keys_of(w, i, hub[i], e))
            return false;
    if (!(w->room = TAKE(&w->a, uint64_t, w->key_n + 1)))
        return same_no_room(e);
    if (w->key_n)
        qsort(w->key, w->key_n, sizeof *w->key, by_key);
    return true;
}
