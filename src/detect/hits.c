#include "detect/hits.h"
#include "base/hash.h"
#include "base/num.h"

#include <string.h>

struct str excerpt_of(struct arena *a, struct str s)
{
    size_t lt  = str_chr(s, '<');
    bool   cut = lt != STR_NONE && !str_istarts(str_from(s, lt), STR("<empty>")) && !str_istarts(str_from(s, lt), STR("<null>"));
    struct str kept = cut ? str_sub(s, 0, lt) : s;

    if (kept.n > EXCERPT_MAX) {
        kept = str_sub(kept, 0, EXCERPT_MAX);
        cut  = true;
    }
    return cut ? str_cat(a, kept, STR("...")) : str_dup(a, kept);
}

static bool in_vain(const struct hit *h)
{
    return h->status >= 300 && h->status < 500 && (h->sign == SIGN_PAGE || h->sign == SIGN_PROBE || h->sign == SIGN_SUPPORT || h->sign == SIGN_LOOT);
}

/* What makes two records one statement, as bytes. Parts are length-prefixed, so that no text can imitate another. */
static struct str key_of(struct arena *a, const struct hit *h)
{
    const struct str part[] = { h->client, h->peer, h->forwarded, h->user_agent, h->method, h->url, h->account, h->canary, h->target_host, h->target_path,
                                h->mailbox, h->path, h->key, h->server, h->command };
    const uint32_t number[] = { h->rule, (uint32_t)h->family, h->status, h->active, h->ioc };
    size_t n = sizeof number;

    for (size_t i = 0; i < COUNT_OF(part); i++)
        n += part[i].n + sizeof(uint32_t);
    uint8_t *p = NEW(a, uint8_t, n);
    if (!p)
        return STR_EMPTY;
    memcpy(p, number, sizeof number);
    size_t at = sizeof number;
    for (size_t i = 0; i < COUNT_OF(part); i++) {
        uint32_t len = (uint32_t)part[i].n;
        memcpy(p + at, &len, sizeof len);
        at += sizeof len;
        if (part[i].n)
            memcpy(p + at, part[i].p, part[i].n);
        at += part[i].n;
    }
    return (struct str){ p, n };
}

static bool near_enough(const struct hit *a, const struct hit *b)
{
    if (a->first_us == TIME_NONE || b->first_us == TIME_NONE)
        return a->first_us == b->first_us;
    if (a->rule == RULE_IOC)                               /* no visits are told apart by it */
        return true;
    return b->first_us < a->last_us + HIT_GAP && a->first_us < b->last_us + HIT_GAP;
}

static bool keep_text(struct hits *h, struct str *s)
{
    if (!s->n) {
        *s = STR_EMPTY;
        return true;
    }
    *s = map_intern(&h->text, h->keep, *s);
    return s->p != NULL;
}

static void fold(struct hit *into, const struct hit *one)
{
    into->count += one->count;
    into->response_bytes = num_add_sat(into->response_bytes, one->response_bytes);
    if (one->response_max > into->response_max)
        into->response_max = one->response_max;
    if (one->first_us < into->first_us) {
        into->first_us = one->first_us;
        into->first    = one->first;
    }
    if (one->last_us >= into->last_us) {
        into->last_us = one->last_us;
        into->last    = one->last;
    }
    if (!into->query.n)
        into->query = one->query;
    if (!into->request_id.n)
        into->request_id = one->request_id;
    into->no_referer = into->no_referer && one->no_referer;
}

/* What the next doubling of a map takes; 0 when it has room for `more` keys. */
static size_t map_step(const struct map *m, size_t more)
{
    return m->n + more < m->cap / 10 * 7 ? 0 : (m->cap ? m->cap * 2 : 64) * sizeof(struct map_slot);
}

/* What anybody can cause by asking for pages. The last quarter of the list is kept for what takes more than that. */
static bool is_cheap(const struct hit *h)
{
    switch (h->sign) {
    case SIGN_PAGE: case SIGN_PROBE: case SIGN_SUPPORT: case SIGN_REVIEW: case SIGN_LOOT: case SIGN_ADMIN: case SIGN_COEXIST: case SIGN_PIVOT:
        return true;
    default:
        return false;
    }
}

/* Would one more statement eat into the reserve? Texts of one hit are bounded by EXCERPT_MAX and its kin. */
static bool over_reserve(const struct hits *h, bool cheap)
{
    enum { TEXTS = 22, TEXT_BYTES = 8 << 10 };
    size_t step = TEXT_BYTES + map_step(&h->text, TEXTS) + map_step(&h->open, 1) + map_step(&h->pages, 1);

    if (h->n == h->cap)
        step += (h->cap ? h->cap * 2 : 16) * sizeof(struct hit);
    return h->reserve && arena_room(h->keep) < num_add_sat(h->reserve + (cheap ? h->reserve / 4 : 0), step);
}

/* Rule 4. How many statements there are of this indicator; *ret_key lives in `a`. */
static uint32_t of_indicator(const struct hits *h, struct arena *a, const struct hit *n, struct str *ret_key)
{
    *ret_key = str_fmt(a, "indicator %u", n->ioc);
    return ret_key->p ? map_get(&h->pages, *ret_key) : MAP_NONE;
}

static bool is_open(const struct hits *h, struct arena scratch, const struct hit *n)
{
    uint8_t    digest[HASH_SHA256_BYTES];
    struct str key = key_of(&scratch, n);
    return key.p && hash_sha256(key, digest) && map_get(&h->open, (struct str){ digest, sizeof digest }) != MAP_NONE;
}

static void anonymous(const struct hits *h, struct arena scratch, struct hit *n)
{
    struct str key;
    uint32_t   told = of_indicator(h, &scratch, n, &key);

    if (told == MAP_NONE || told < HITS_PAGES_MAX || is_open(h, scratch, n))
        return;
    n->client = n->peer = n->forwarded = n->url = n->query = n->user_agent = n->method = n->account = n->path = n->request_id = n->mailbox = STR_EMPTY;
    n->canary = n->target_host = n->target_path = STR_EMPTY;
    n->status = 0;
    n->active = false;
}

bool hits_push(struct hits *h, const struct hit *one, struct err *e)
{
    struct hit   n       = *one;
    struct arena mark    = *h->keep;

    if (in_vain(&n) && n.client.n && n.url.n) {
        uint32_t asked = map_get(&h->pages, n.client);
        if (asked != MAP_NONE && asked >= HITS_PAGES_MAX)
            n.url = n.query = STR_EMPTY;
    }
    if (n.rule == RULE_IOC)
        anonymous(h, *h->keep, &n);
    uint8_t    digest[HASH_SHA256_BYTES];
    struct str key = key_of(h->keep, &n);
    *h->keep = mark;                                       /* the spelled-out key was only for hashing */
    if (!key.p || !hash_sha256(key, digest))
        goto full;
    key = (struct str){ digest, sizeof digest };
    uint32_t at = map_get(&h->open, key);
    if (at != MAP_NONE && near_enough(&h->item[at], &n)) {
        if (n.last_us >= h->item[at].last_us || n.first_us < h->item[at].first_us)
            if (!keep_text(h, &n.first.excerpt) || !keep_text(h, &n.last.excerpt))
                goto full;
        if ((!h->item[at].query.n && !keep_text(h, &n.query)) || (!h->item[at].request_id.n && !keep_text(h, &n.request_id)))
            goto full;
        fold(&h->item[at], &n);
        return true;
    }
    if (h->n >= h->max - (is_cheap(&n) ? h->max / 4 : 0) || over_reserve(h, is_cheap(&n))) {
        h->more += n.count;
        return true;
    }
    if (in_vain(&n) && n.client.n && n.url.n) {
        uint32_t   asked = map_get(&h->pages, n.client);
        struct str who   = n.client;
        if (!keep_text(h, &who) || !map_put(&h->pages, h->keep, who, asked == MAP_NONE ? 1 : asked + 1))
            goto full;
    }
    if (n.rule == RULE_IOC) {
        struct str name;
        uint32_t   told = of_indicator(h, h->keep, &n, &name);
        if (!name.p || !map_put(&h->pages, h->keep, name, told == MAP_NONE ? 1 : told + 1))
            goto full;
    }
    struct str *text[] = { &n.client, &n.peer, &n.forwarded, &n.user_agent, &n.method, &n.url, &n.query, &n.account, &n.canary, &n.request_id, &n.target_host,
                           &n.target_path, &n.mailbox, &n.path, &n.key, &n.server, &n.command, &n.why, &n.first.excerpt, &n.last.excerpt };
    for (size_t i = 0; i < COUNT_OF(text); i++)
        if (!keep_text(h, text[i]))
            goto full;
    struct hit *slot = GROW(h->keep, h->item, h->n, &h->cap);
    key = str_dup(h->keep, key);
    if (!slot || !key.p || !map_put(&h->open, h->keep, key, (uint32_t)h->n))
        goto full;
    *slot = n;
    h->n++;
    return true;
full:
    return err_set(e, ERR_MEMORY, "no room for more than %zu statements about log records", h->n);
}
