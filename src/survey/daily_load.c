/* Reads what the store knows but for the observations: see daily_inner.h. Everything is sorted by its number, so no order of arrival shows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/time.h"
#include "survey/daily_inner.h"

/* ---- places ---- */

bool places_make(struct places *p, struct arena *a, size_t n)
{
    for (p->cap = 16; p->cap < n * 2; )
        p->cap *= 2;
    p->slot = TAKE(a, struct place, p->cap);
    for (size_t i = 0; p->slot && i < p->cap; i++)
        p->slot[i].at = NOBODY;
    return p->slot != NULL;
}

/* Numbers are hashes already. */
static size_t begin_at(const struct places *p, int64_t id) { return (size_t)((uint64_t)id * 0x9E3779B97F4A7C15u >> 20) & (p->cap - 1); }

void places_soon(const struct places *p, int64_t id) { __builtin_prefetch(&p->slot[begin_at(p, id)]); }

static struct place *place(const struct places *p, int64_t id)
{
    size_t i = begin_at(p, id);

    while (p->slot[i].at != NOBODY && p->slot[i].id != id)
        i = (i + 1) & (p->cap - 1);
    return &p->slot[i];
}

void places_put(struct places *p, int64_t id, uint32_t at) { *place(p, id) = (struct place){ id, at }; }
uint32_t places_get(const struct places *p, int64_t id) { return place(p, id)->at; }

/* ---- tables ---- */

/*
 * A writer may add rows between two tables. What points to something that was not read is newer than the last observation that counts, and is left
 * out; where it is not, because the store is damaged, that observation tells it (daily_read).
 */
struct load { struct daily *d; struct places words, nodes, identities; size_t n, cap; };

static bool broken_store(struct err *e, const char *what)
{
    err_set(e, ERR_FORMAT, "the store's tables do not fit together: %s", what);
    return err_hint(e, "its file is damaged: restore it, or import into a new one");
}

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for what the store knows"); }

static uint32_t word_at(struct load *l, int64_t id) { return id ? places_get(&l->words, id) : NOBODY; }
static struct str word_text(const struct daily *d, uint32_t at) { return at == NOBODY ? STR_EMPTY : d->word[at].text; }

static bool take_word(void *ctx, const struct store_value *v, struct err *e)
{
    struct load *l = ctx;
    struct d_word w = { v[0].i, str_dup(&l->d->a, v[1].s) };

    if (l->n == l->cap || (v[1].s.n && !w.text.p))
        return no_room(e);
    places_put(&l->words, w.id, (uint32_t)l->n);
    l->d->word[l->n++] = w;
    return true;
}

static bool take_node(void *ctx, const struct store_value *v, struct err *e)
{
    struct load *l = ctx;
    struct d_node n = { .id = v[0].i, .port = (uint16_t)v[2].i, .has_ip = !v[1].null, .named = v[3].i != 0, .word = word_at(l, v[4].i) };

    if (l->n == l->cap)
        return no_room(e);
    if (n.has_ip && v[1].s.n != 16)
        return broken_store(e, "an address");
    if (n.has_ip)
        memcpy(n.ip, v[1].s.p, 16);
    places_put(&l->nodes, n.id, (uint32_t)l->n);
    l->d->node[l->n++] = n;
    return true;
}

static bool take_identity(void *ctx, const struct store_value *v, struct err *e)
{
    struct load *l = ctx;
    struct d_identity i = { .id = v[0].i, .has_cert = !v[1].null, .org = word_at(l, v[2].i), .cert_name = word_at(l, v[3].i),
                            .domain = word_at(l, v[4].i) };

    if (l->n == l->cap)
        return no_room(e);
    if (i.has_cert && v[1].s.n != 32)
        return broken_store(e, "a certificate");
    for (int k = 0; k < 8 && i.has_cert; k++)
        i.cert = i.cert << 8 | v[1].s.p[k];
    i.wild = str_starts(word_text(l->d, i.cert_name), STR("*."));
    places_put(&l->identities, i.id, (uint32_t)l->n);
    l->d->identity[l->n++] = i;
    return true;
}

/* Sorted by identity, as these are. */
static bool take_name(void *ctx, const struct store_value *v, struct err *e)
{
    struct load *l = ctx;
    uint32_t i = places_get(&l->identities, v[0].i), w = word_at(l, v[1].i);

    if (l->n == l->cap || (!l->d->name_from && !(l->d->name_from = TAKE(&l->d->a, uint8_t, l->cap))))
        return no_room(e);
    if (i == NOBODY || w == NOBODY)
        return true;
    struct d_identity *x = &l->d->identity[i];
    if (x->name_n++ == 0)
        x->name_first = (uint32_t)l->n;
    x->wild |= str_starts(l->d->word[w].text, STR("*."));
    l->d->name_from[l->n] = (uint8_t)v[2].i;
    l->d->name[l->n++] = w;
    return true;
}

static bool take_target(void *ctx, const struct store_value *v, struct err *e)
{
    struct load *l = ctx;
    struct d_target t = { .id = v[0].i, .node = places_get(&l->nodes, v[1].i), .identity = places_get(&l->identities, v[2].i),
                          .server = NOBODY, .online = v[3].i != 0 };

    if (l->n == l->cap)
        return no_room(e);
    if (t.node == NOBODY || t.identity == NOBODY)
        return true;
    t.nobody = !l->d->node[t.node].has_ip && l->d->node[t.node].word == NOBODY;
    places_put(&l->d->by_target, t.id, (uint32_t)l->n);
    l->d->target[l->n++] = t;
    return true;
}

/* What precedes within a day: sheet, section 10. A claim does not bring a build of its own rank: three numbers beside it rise to it. */
static uint8_t precedence(const struct d_state *s, int64_t means, bool claims)
{
    if (s->parts == 4)
        return s->source == OBS_PROBE ? 7 : s->source == OBS_RECEIVED || means == OBS_MAIL_HOP ? 6 : 5;
    return s->parts == 3 ? (claims ? 4 : 3) : s->parts == 2 ? 2 : 0;
}

static bool take_state(void *ctx, const struct store_value *v, struct err *e)
{
    struct load *l = ctx;
    struct d_state s = { .id = v[0].i, .source = (uint8_t)v[1].i, .asn = (uint32_t)v[7].i };
    uint64_t build = (uint64_t)v[4].i;
    uint32_t flags = (uint32_t)v[6].i;
    int64_t reach = v[5].i;
    struct str country = word_text(l->d, word_at(l, v[10].i));

    if (l->n == l->cap)
        return no_room(e);
    if (v[3].i == 2 || v[3].i == 3 || v[3].i == 4)
        s.parts = (uint8_t)v[3].i;
    for (int i = 0; i < 4; i++)
        s.build[i] = (uint16_t)(build >> (48 - 16 * i));
    s.precedence = precedence(&s, v[2].i, false);
    s.exchange = flags & OBS_EXCHANGE || s.parts;
    s.hidden = flags & OBS_VERSION_HIDDEN && s.parts < 3;
    s.other = flags & OBS_NOT_EXCHANGE && !s.exchange;
    s.two = flags & OBS_TWO_BUILDS;
    s.odd = flags & OBS_ODD;
    s.answered = reach == OBS_ANSWERED || s.exchange || s.hidden || s.other;
    s.fails = !s.answered && reach != OBS_REACH_UNKNOWN;
    s.detector = (uint16_t)word_at(l, v[8].i);             /* a word yet: see sorted_words */
    if (country.n == 2)
        memcpy(s.country, country.p, 2);
    places_put(&l->d->by_state, s.id, (uint32_t)l->n);
    l->d->state[l->n++] = s;
    return true;
}

static bool take_claim(void *ctx, const struct store_value *v, struct err *e)
{
    struct load *l = ctx;
    uint32_t at = places_get(&l->d->by_state, v[0].i);
    struct str about = word_text(l->d, word_at(l, v[2].i));
    int group = about.n ? builds_group(l->d->o.builds, about) : -1;
    uint32_t bit = group >= 0 ? 1u << group : 0;

    (void)e;
    if (at == NOBODY)
        return true;
    struct d_state *s = &l->d->state[at];
    s->answered = true;
    s->exchange |= bit != 0;                               /* who says that a server of Exchange has no fix says that it is one */
    s->other &= !s->exchange;
    s->fails = false;
    switch ((enum claim_kind)v[1].i) {
    case CLAIM_UNPATCHED:   s->unpatched |= bit; break;
    case CLAIM_PATCHED:     s->patched |= bit; break;
    case CLAIM_MITIGATED:   s->mitigated |= bit; break;
    /* A web shell is one, whichever flaw let it in. */
    case CLAIM_COMPROMISED: s->compromised |= bit ? bit : UINT32_MAX; break;
    }
    if (s->parts == 3 && (s->unpatched | s->patched))
        s->precedence = precedence(s, 0, true);
    return true;
}

static bool take_batch(void *ctx, const struct store_value *v, struct err *e)
{
    struct load *l = ctx;

    if (l->n == l->cap)
        return no_room(e);
    l->d->batch[l->n++] = (struct d_batch){ v[0].i, v[1].i, v[2].i, v[3].i != 0 };
    return true;
}

/* ---- words of states: detectors and sectors, sorted ---- */

static int by_text(const void *x, const void *y, void *ctx)
{
    const struct daily *d = ctx;

    return str_cmp(word_text(d, *(const uint32_t *)x), word_text(d, *(const uint32_t *)y));
}

struct list { struct load *l; uint32_t *word; size_t n, cap; };

static bool take_listed(void *ctx, const struct store_value *v, struct err *e)
{
    struct list *x = ctx;

    if (x->n == x->cap)
        return err_set(e, ERR_LIMIT, "more than %zu detectors or sectors", x->cap - 1);
    uint32_t w = word_at(x->l, v[0].i);
    if (w != NOBODY)
        x->word[x->n++] = w;
    return true;
}

/* "" stands first. */
static bool sorted_words(struct load *l, const char *sql, uint32_t **ret, size_t *ret_n, struct err *e)
{
    struct list x = { .l = l, .cap = UINT16_MAX };

    x.word = TAKE(&l->d->a, uint32_t, x.cap);
    if (!x.word)
        return no_room(e);
    x.word[x.n++] = NOBODY;
    if (!store_scan(l->d->s, sql, 1, take_listed, &x, e))
        return false;
    qsort_r(x.word + 1, x.n - 1, sizeof *x.word, by_text, l->d);
    *ret = x.word;
    *ret_n = x.n;
    return true;
}

static uint16_t listed(const struct daily *d, const uint32_t *list, size_t n, uint32_t word)
{
    size_t from = 0, to = n;

    while (word != NOBODY && from < to) {
        size_t mid = from + (to - from) / 2;
        int c = list[mid] == word ? 0 : str_cmp(word_text(d, list[mid]), word_text(d, word));

        if (c == 0)
            return (uint16_t)mid;
        if (c < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return 0;
}

static bool take_words_of_state(void *ctx, const struct store_value *v, struct err *e)
{
    struct load *l = ctx;
    struct daily *d = l->d;
    uint32_t at = places_get(&d->by_state, v[0].i);

    if (at == NOBODY)
        return true;
    (void)e;
    d->state[at].detector = listed(d, d->detector, d->detector_n, word_at(l, v[1].i));
    d->state[at].sector = listed(d, d->sector, d->sector_n, word_at(l, v[2].i));
    return true;
}

/* ---- all of it ---- */

static bool count_rows(struct daily *d, const char *table, size_t *ret, struct err *e)
{
    struct store_stmt *st;
    char sql[96];

    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", table);
    if (!store_prepare(d->s, sql, &st, e))
        return false;
    bool ok = store_step(st, e) == STORE_ROW;
    int64_t n = ok ? store_int(st, 0) : 0;
    store_finish(st);
    /* Places are 32 bits, and a writer may add a few rows while we read. */
    if (ok && n > (int64_t)UINT32_MAX / 4)
        return err_set(e, ERR_LIMIT, "%lld rows of %s", (long long)n, table);
    *ret = (size_t)n;
    return ok;
}

#define LOAD(list, type, table, columns, n_columns, order, taker, places) \
    (count_rows(d, table, &l.cap, e) && (l.cap += l.cap / 4 + 1000, l.n = 0, (d->list = TAKE(&d->a, type, l.cap)) || no_room(e)) && \
     (!(places) || places_make((places), &d->a, l.cap) || no_room(e)) && \
     store_scan(d->s, "SELECT " columns " FROM " table " ORDER BY " order, n_columns, taker, &l, e) && (d->list##_n = l.n, true))

static bool last_observation(struct daily *d, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(d->s, "SELECT coalesce(max(id), 0) FROM survey_observation", &st, e))
        return false;
    bool ok = store_step(st, e) == STORE_ROW;
    d->last_observation = ok ? store_int(st, 0) : 0;
    store_finish(st);
    return ok;
}

bool daily_load(struct daily *d, struct err *e)
{
    struct load l = { .d = d };
    struct places *none = NULL;

    /* The last observation first: what it points to is in the tables that are read after it. */
    return last_observation(d, e) &&
        LOAD(word, struct d_word, "survey_word", "id, text", 2, "id", take_word, &l.words) &&
        LOAD(node, struct d_node, "survey_node", "id, ip, port, named, name", 5, "id", take_node, &l.nodes) &&
        LOAD(identity, struct d_identity, "survey_identity", "id, cert, cert_org, cert_name, ad_domain", 5, "id", take_identity, &l.identities) &&
        LOAD(name, uint32_t, "survey_name", "identity, name, known_from", 3, "identity, at", take_name, none) &&
        LOAD(target, struct d_target, "survey_target", "id, node, identity, online", 4, "id", take_target, &d->by_target) &&
        LOAD(state, struct d_state, "survey_state", "id, source, means, parts, build, reach, flags, asn, detector, sector, country", 11, "id", take_state,
             &d->by_state) &&
        store_scan(d->s, "SELECT state, kind, about FROM survey_claim", 3, take_claim, &l, e) &&
        LOAD(batch, struct d_batch, "survey_batch", "first_observation, last_observation, recorded_us, "
             "CASE WHEN file IN (SELECT file FROM survey_void) THEN CAST(1 AS {int}) ELSE CAST(0 AS {int}) END", 4, "first_observation, id", take_batch, none) &&
        sorted_words(&l, "SELECT DISTINCT detector FROM survey_state", &d->detector, &d->detector_n, e) &&
        sorted_words(&l, "SELECT DISTINCT sector FROM survey_state", &d->sector, &d->sector_n, e) &&
        store_scan(d->s, "SELECT id, detector, sector FROM survey_state", 3, take_words_of_state, &l, e);
}
