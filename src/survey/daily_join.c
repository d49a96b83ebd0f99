/*
 * Which targets are one server: see daily.h. Union-find over keys that two targets share.
 *
 * Rule 1   one end (address and port) is one server, unless it is a hub, with more than hub_identities certificates or nodes: then each X-FEServer,
 *          certificate or first name behind it is one.
 * Rule 2   a certificate, a host name, X-FEServer with AD domain join ends, unless more than hub_addresses addresses, or four times as many
 *          ends, have it. They join no more than SERVER_NODES_MAX nodes: chains of what is shared end somewhere.
 * Rule 3   a wildcard certificate joins only beside its node's X-FEServer; names of no domain ("ex01", "mail.local") join nothing.
 * Rule 4   Exchange Online joins nothing: it is nobody's server. Its targets say of the server of their name that it moved.
 * Rule 5   everything is sorted by content before it is numbered: no order of arrival shows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "survey/daily_inner.h"

enum { SERVER_NODES_MAX = 1024, ENDS_AN_ADDRESS = 4 };
enum { KEY_END = 1, KEY_NODE, KEY_CERT, KEY_WILD, KEY_DOMAIN, KEY_NAME };

struct pair { uint64_t key; uint32_t address, target; uint16_t port; bool limited; };

struct join {
    struct daily *d;
    struct arena  scratch;             /* behind everything that stays */
    struct pair  *pair; size_t n, cap;
    uint32_t     *parent, *weight;     /* weight: nodes of a root */
    uint64_t     *unit;                /* of a target: its node, or itself at a hub */
    bool         *hub;                 /* of a target: its end is one */
};

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room to join nodes"); }

/* Exchange Online is nobody's server, and what has neither address nor name is nobody at all. */
static bool joins(const struct d_target *t) { return !t->online && !t->nobody; }

static uint64_t mix(uint64_t kind, uint64_t a, uint64_t b)
{
    uint64_t h = kind * 0x9E3779B97F4A7C15u;

    h = (h ^ a) * 0xBF58476D1CE4E5B9u;
    h = (h ^ h >> 29 ^ b) * 0x94D049BB133111EBu;
    return h ^ h >> 32;
}

/* No port said is taken for that of the web. */
static uint64_t end_key(const struct d_node *n) { return mix(KEY_END, n->address, n->port ? n->port : 443); }

static uint64_t word_id(const struct daily *d, uint32_t word) { return word == NOBODY ? 0 : (uint64_t)d->word[word].id; }

static bool joinable(struct str name)
{
    static const struct str inside[] = {
        STR_INIT(".local"), STR_INIT(".lan"), STR_INIT(".internal"), STR_INIT(".intern"), STR_INIT(".localdomain"), STR_INIT(".localhost"),
        STR_INIT(".home"), STR_INIT(".corp"), STR_INIT(".invalid"), STR_INIT(".test"), STR_INIT(".arpa"),
    };

    if (str_starts(name, STR("*")) || str_chr(name, '.') == STR_NONE)
        return false;
    for (size_t i = 0; i < COUNT_OF(inside); i++)
        if (str_iends(name, inside[i]))
            return false;
    return true;
}

/* ---- addresses ---- */

static int by_ip(const void *x, const void *y, void *ctx)
{
    const struct d_node *n = ctx;

    return memcmp(n[*(const uint32_t *)x].ip, n[*(const uint32_t *)y].ip, 16);
}

static bool number_addresses(struct join *j, struct err *e)
{
    struct daily *d = j->d;
    struct arena a = j->scratch;
    uint32_t *at = TAKE(&a, uint32_t, d->node_n + 1);
    size_t n = 0;

    if (!at)
        return no_room(e);
    for (size_t i = 0; i < d->node_n; i++) {
        d->node[i].address = NOBODY;
        if (d->node[i].has_ip)
            at[n++] = (uint32_t)i;
    }
    qsort_r(at, n, sizeof *at, by_ip, d->node);
    for (size_t i = 0; i < n; i++) {
        d->address_n += i == 0 || memcmp(d->node[at[i]].ip, d->node[at[i - 1]].ip, 16) != 0;
        d->node[at[i]].address = (uint32_t)d->address_n - 1;
    }
    return true;
}

/* ---- hubs at an end ---- */

static int by_key(const void *x, const void *y)
{
    const struct pair *a = x, *b = y;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    if (a->port != b->port)
        return a->port < b->port ? -1 : 1;
    return a->target < b->target ? -1 : a->target > b->target;
}

static int by_u64(const void *x, const void *y)
{
    uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

    return a < b ? -1 : a > b;
}

static size_t distinct(uint64_t *v, size_t n)
{
    size_t d = 0;

    qsort(v, n, sizeof *v, by_u64);
    for (size_t i = 0; i < n; i++)
        d += i == 0 || v[i] != v[i - 1];
    return d;
}

/* Does one end show more certificates, or more nodes, than one server has? */
static bool is_hub(const struct join *j, const struct pair *p, size_t n, uint64_t *room)
{
    const struct daily *d = j->d;
    size_t most = d->o.rules.hub_identities, k = 0;

    if (n <= most)
        return false;
    for (size_t i = 0; i < n; i++) {
        const struct d_identity *x = &d->identity[d->target[p[i].target].identity];

        if (x->has_cert)
            room[k++] = x->cert;
    }
    if (distinct(room, k) > most)
        return true;
    for (size_t i = k = 0; i < n; i++) {
        const struct d_node *x = &d->node[d->target[p[i].target].node];

        if (x->named)
            room[k++] = word_id(d, x->word);
    }
    return distinct(room, k) > most;
}

static bool find_hubs(struct join *j, struct err *e)
{
    struct daily *d = j->d;
    struct arena a = j->scratch;
    struct pair *p = TAKE(&a, struct pair, d->target_n + 1);
    uint64_t *room = TAKE(&a, uint64_t, d->target_n + 1);
    size_t n = 0;

    if (!p || !room)
        return no_room(e);
    for (size_t i = 0; i < d->target_n; i++)
        if (joins(&d->target[i]) && d->node[d->target[i].node].has_ip)
            p[n++] = (struct pair){ .key = end_key(&d->node[d->target[i].node]), .target = (uint32_t)i };
    qsort(p, n, sizeof *p, by_key);
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && p[to].key == p[from].key; )
            to++;
        bool hub = is_hub(j, p + from, to - from, room);

        d->hubs += hub;
        for (size_t i = from; i < to; i++)
            j->hub[p[i].target] = hub;
    }
    return true;
}

/* ---- keys ---- */

static bool put(struct join *j, uint64_t key, uint32_t target, bool limited, struct err *e)
{
    const struct d_node *n = &j->d->node[j->d->target[target].node];

    if (j->n == j->cap)
        return no_room(e);
    j->pair[j->n++] = (struct pair){ key, n->address, target, n->port, limited };
    return true;
}

static bool put_target(struct join *j, uint32_t at, struct err *e)
{
    struct daily *d = j->d;
    const struct d_target *t = &d->target[at];
    const struct d_node *n = &d->node[t->node];
    const struct d_identity *x = &d->identity[t->identity];
    uint64_t name = n->named ? word_id(d, n->word) : 0;
    bool ok;

    if (!n->has_ip)
        ok = put(j, mix(KEY_NODE, (uint64_t)n->id, 0), at, false, e);
    else if (!j->hub[at])
        ok = put(j, end_key(n), at, false, e);
    else
        ok = put(j, mix(KEY_END, end_key(n), n->named ? name : x->has_cert ? x->cert : x->name_n ? word_id(d, d->name[x->name_first]) : 0), at, false, e);
    j->unit[at] = (uint64_t)(j->hub[at] ? t->id : n->id);
    if (x->has_cert && !x->wild)
        ok = ok && put(j, mix(KEY_CERT, x->cert, 0), at, true, e);
    if (x->has_cert && x->wild && n->named)
        ok = ok && put(j, mix(KEY_WILD, x->cert, name), at, true, e);
    if (n->named && x->domain != NOBODY)
        ok = ok && put(j, mix(KEY_DOMAIN, name, word_id(d, x->domain)), at, true, e);
    for (uint32_t i = 0; i < x->name_n && ok; i++)
        if (joinable(d->word[d->name[x->name_first + i]].text))
            ok = put(j, mix(KEY_NAME, word_id(d, d->name[x->name_first + i]), 0), at, true, e);
    return ok;
}

static uint32_t root(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* The smaller becomes the root: the outcome is the set's, not the order's. False: they would be too many. */
static bool unite(struct join *j, uint32_t a, uint32_t b, bool limited)
{
    a = root(j->parent, a);
    b = root(j->parent, b);
    if (a == b)
        return true;
    if (limited && j->weight[a] + j->weight[b] > SERVER_NODES_MAX)
        return false;
    uint32_t to = a < b ? a : b, from = a < b ? b : a;
    j->parent[from] = to;
    j->weight[to] += j->weight[from];
    return true;
}

/* Ends and nodes first, then what they share. */
static void join_keys(struct join *j, bool limited)
{
    for (size_t from = 0, to; from < j->n; from = to) {
        uint32_t addresses = 0, ends = 0;
        const struct d_node *last = NULL;

        for (to = from; to < j->n && j->pair[to].key == j->pair[from].key; to++) {
            const struct d_node *n = &j->d->node[j->d->target[j->pair[to].target].node];

            if (!n->has_ip)
                continue;
            addresses += !last || last->address != n->address;
            ends += !last || last->address != n->address || last->port != n->port;
            last = n;
        }
        if (j->pair[from].limited != limited)
            continue;
        if (limited && (addresses > j->d->o.rules.hub_addresses || ends > j->d->o.rules.hub_addresses * ENDS_AN_ADDRESS)) {
            j->d->hubs++;
            continue;
        }
        bool all = true;
        for (const struct pair *p = j->pair + from, *end = j->pair + to; p != end; p++)
            all &= unite(j, j->pair[from].target, p->target, limited);
        j->d->hubs += !all;
    }
}

/* A node weighs once, whatever identities it showed. */
static bool weigh(struct join *j, struct err *e)
{
    struct daily *d = j->d;
    struct arena a = j->scratch;
    bool *counted = NEW(&a, bool, d->node_n + 1);

    if (!counted)
        return no_room(e);
    for (size_t i = 0; i < d->target_n; i++) {
        j->parent[i] = (uint32_t)i;
        j->weight[i] = joins(&d->target[i]) && !counted[d->target[i].node];
        counted[d->target[i].node] |= joins(&d->target[i]);
    }
    return true;
}

/* ---- servers ---- */

struct numbered { uint64_t id; uint32_t root; };

static int by_id(const void *x, const void *y)
{
    const struct numbered *a = x, *b = y;

    return a->id != b->id ? (a->id < b->id ? -1 : 1) : a->root < b->root ? -1 : a->root > b->root;
}

static bool number_servers(struct join *j, struct err *e)
{
    struct daily *d = j->d;
    struct arena a = j->scratch;
    uint64_t *lowest = TAKE(&a, uint64_t, d->target_n + 1);
    struct numbered *s = TAKE(&a, struct numbered, d->target_n + 1);
    uint32_t *of_root = TAKE(&a, uint32_t, d->target_n + 1);
    size_t n = 0;

    if (!lowest || !s || !of_root)
        return no_room(e);
    memset(lowest, 0xff, (d->target_n + 1) * sizeof *lowest);
    for (size_t i = 0; i < d->target_n; i++) {
        uint32_t r = root(j->parent, (uint32_t)i);

        if (joins(&d->target[i]) && j->unit[i] < lowest[r])
            lowest[r] = j->unit[i];
    }
    for (size_t i = 0; i < d->target_n; i++)
        if (joins(&d->target[i]) && j->parent[i] == i)
            s[n++] = (struct numbered){ lowest[i], (uint32_t)i };
    qsort(s, n, sizeof *s, by_id);
    for (size_t i = 0; i < n; i++) {
        d->server[i] = (struct d_server){ .id = s[i].id };
        of_root[s[i].root] = (uint32_t)i;
    }
    d->server_n = n;
    for (size_t i = 0; i < d->target_n; i++)
        if (joins(&d->target[i]))
            d->target[i].server = of_root[root(j->parent, (uint32_t)i)];
    return true;
}

/* The server that has one of the names that Exchange Online serves now: the first, where several have. */
static void place_online(struct join *j)
{
    struct daily *d = j->d;

    for (size_t i = 0; i < d->target_n; i++) {
        const struct d_identity *x = &d->identity[d->target[i].identity];

        for (uint32_t k = 0; d->target[i].online && k < x->name_n; k++) {
            struct pair want = { .key = mix(KEY_NAME, word_id(d, d->name[x->name_first + k]), 0) };
            size_t from = 0, to = j->n;

            while (from < to) {
                size_t mid = from + (to - from) / 2;

                if (j->pair[mid].key < want.key)
                    from = mid + 1;
                else
                    to = mid;
            }
            for (; from < j->n && j->pair[from].key == want.key; from++)
                if (d->target[j->pair[from].target].server < d->target[i].server)
                    d->target[i].server = d->target[j->pair[from].target].server;
        }
    }
}

/* ---- slots and ends of each server ---- */

/* Named nodes by name, then ends, then what has no address. */
struct placed { uint32_t server, kind; uint64_t key; uint32_t target; };

static int by_place(const void *x, const void *y)
{
    const struct placed *a = x, *b = y;

    if (a->server != b->server)
        return a->server < b->server ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->target < b->target ? -1 : a->target > b->target;
}

static void number_places(struct daily *d, struct placed *p, size_t n, bool slots)
{
    qsort(p, n, sizeof *p, by_place);
    for (size_t i = 0; i < n; i++) {
        struct d_server *s = &d->server[p[i].server];
        uint32_t *count = slots ? &s->slot_n : &s->end_n;
        bool same = i && p[i].server == p[i - 1].server && p[i].kind == p[i - 1].kind && p[i].key == p[i - 1].key;

        *count += !same;
        if (slots)
            d->target[p[i].target].slot = *count - 1;
        else
            d->target[p[i].target].end = *count - 1;
    }
}

static bool number_slots(struct join *j, struct err *e)
{
    struct daily *d = j->d;
    struct arena a = j->scratch;
    struct placed *p = TAKE(&a, struct placed, d->target_n + 1);
    size_t n = 0;

    if (!p)
        return no_room(e);
    for (size_t i = 0; i < d->target_n; i++) {
        const struct d_node *x = &d->node[d->target[i].node];

        if (!joins(&d->target[i]))
            continue;
        p[n++] = (struct placed){ d->target[i].server, x->named ? 0 : x->has_ip ? 1 : 2, x->named ? word_id(d, x->word) : x->has_ip ? end_key(x) : 0, (uint32_t)i };
    }
    number_places(d, p, n, true);
    n = 0;
    for (size_t i = 0; i < d->target_n; i++) {
        const struct d_node *x = &d->node[d->target[i].node];

        d->target[i].end = NOBODY;
        if (joins(&d->target[i]) && x->has_ip)
            p[n++] = (struct placed){ d->target[i].server, 0, end_key(x), (uint32_t)i };
    }
    number_places(d, p, n, false);
    for (size_t i = 0; i < d->server_n; i++)
        d->slot_max = d->server[i].slot_n > d->slot_max ? d->server[i].slot_n : d->slot_max;
    return true;
}

static void list_targets(struct daily *d)
{
    uint32_t at = 0;

    for (size_t i = 0; i < d->target_n; i++)
        if (d->target[i].server != NOBODY)
            d->server[d->target[i].server].target_n++;
    for (size_t i = 0; i < d->server_n; i++) {
        d->target_max = d->server[i].target_n > d->target_max ? d->server[i].target_n : d->target_max;
        d->server[i].target_first = at;
        at += d->server[i].target_n;
        d->server[i].target_n = 0;
    }
    for (size_t i = 0; i < d->target_n; i++)
        d->server_of[i] = d->target[i].server | (d->target[i].online ? PLACED_ONLINE : 0);
    for (size_t i = 0; i < d->target_n; i++) {
        struct d_server *s = d->target[i].server == NOBODY ? NULL : &d->server[d->target[i].server];

        if (s)
            d->of_server[s->target_first + s->target_n++] = (uint32_t)i;
    }
}

bool daily_join(struct daily *d, struct err *e)
{
    struct join j = { .d = d };

    d->server = NEW(&d->a, struct d_server, d->target_n + 1);
    d->of_server = TAKE(&d->a, uint32_t, d->target_n + 1);
    d->server_of = TAKE(&d->a, uint32_t, d->target_n + 1);
    if (!d->server || !d->of_server || !d->server_of)
        return no_room(e);
    struct arena a = d->a;                                  /* what follows is given back */
    j.parent = TAKE(&a, uint32_t, d->target_n + 1);
    j.weight = TAKE(&a, uint32_t, d->target_n + 1);
    j.unit = NEW(&a, uint64_t, d->target_n + 1);
    j.hub = NEW(&a, bool, d->target_n + 1);
    for (size_t i = 0; i < d->target_n; i++)
        j.cap += 4 + d->identity[d->target[i].identity].name_n;
    j.pair = TAKE(&a, struct pair, j.cap + 1);
    if (!j.parent || !j.weight || !j.unit || !j.hub || !j.pair)
        return no_room(e);
    j.scratch = a;
    if (!weigh(&j, e) || !number_addresses(&j, e) || !find_hubs(&j, e))
        return false;
    for (size_t i = 0; i < d->target_n; i++)
        if (joins(&d->target[i]) && !put_target(&j, (uint32_t)i, e))
            return false;
    qsort(j.pair, j.n, sizeof *j.pair, by_key);
    join_keys(&j, false);
    join_keys(&j, true);
    if (!number_servers(&j, e))
        return false;
    place_online(&j);
    if (!number_slots(&j, e))
        return false;
    list_targets(d);
    return true;
}
