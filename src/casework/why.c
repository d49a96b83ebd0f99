/* See why.h. */
#include "casework/why_inner.h"

#include "base/net.h"
#include "base/num.h"

#include <stdlib.h>
#include <string.h>

/* ---- why is this server theirs ---- */

struct reading { struct store *s; struct arena *a; int64_t asset; };
static const int64_t no_key[1];

/* Keys by which it was joined. */
static bool joined_by(const struct reading *r, const int64_t **ret, size_t *ret_n, struct err *e)
{
    struct store_stmt *st;
    int64_t *key = NULL;
    size_t   n = 0, cap = 0;
    enum store_got got;

    if (!bind_open(r->s, "SELECT DISTINCT key, also FROM case_tie WHERE asset = ?1 ORDER BY key, also LIMIT 2000", BOUND(B_INT(r->asset)), &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW)
        for (int c = 0; c < 2; c++) {
            int64_t *slot = GROW(r->a, key, n, &cap);
            if (!slot) {
                store_finish(st);
                return why_no_room(e);
            }
            key[n++] = store_int(st, c);
        }
    store_finish(st);
    *ret = n ? key : no_key;
    *ret_n = n;
    return got != STORE_FAILED;
}

static bool keys_of(const struct reading *r, struct why_asset *w, struct err *e)
{
    struct store_stmt *st;
    size_t cap = 0, by_n = 0;
    const int64_t *by = no_key;
    enum store_got got = STORE_DONE;
    bool ok = true;

    if (!joined_by(r, &by, &by_n, e) ||
        !bind_open(r->s, "SELECT " WHY_KEY_COLUMNS ", " WHY_EDGE_COLUMNS ", d.weight, d.confidence FROM case_edge d JOIN case_key k ON k.id = d.key" WHY_EDGE_JOINS
                         " WHERE d.asset = ?1 ORDER BY d.weight DESC, d.confidence DESC, k.class, k.value LIMIT 1001", BOUND(B_INT(r->asset)), &st, e))
        return false;
    while (ok && (got = store_step(st, e)) == STORE_ROW) {
        if (w->has_n == WHY_KEYS_MAX) {
            w->more = true;
            break;
        }
        struct why_has *h = GROW(r->a, w->has, w->has_n, &cap);
        if (!h) {
            ok = why_no_room(e);
            break;
        }
        *h = (struct why_has){ .weight = (uint8_t)store_int(st, 7 + WHY_EDGE_WIDTH), .confidence = (uint8_t)store_int(st, 8 + WHY_EDGE_WIDTH) };
        ok = why_take_key(st, 0, r->a, &h->key, e) && why_take_given(st, 7, r->a, &h->given, e);
        if (ok && !(h->why = why_given_words(&h->key, &h->given, r->a)).p)
            ok = why_no_room(e);
        for (size_t i = 0; i < by_n; i++)
            h->joins |= by[i] == h->key.id;
        w->has_n++;
    }
    store_finish(st);
    return ok && got != STORE_FAILED;
}

/* Links that were taken back stand last: they counted once. */
static bool revoked_of(const struct reading *r, struct why_asset *w, struct err *e)
{
    struct store_stmt *st;
    size_t cap = w->has_n;
    enum store_got got = STORE_DONE;
    bool ok = true;

    if (!bind_open(r->s, "SELECT l.kind, l.value, l.country, 0, l.kind, l.confidence, l.id, '', q.name, f.name, l.line, l.observed_us FROM case_asset c JOIN case_link l ON l.subject = c.subject"
                         " JOIN case_revoked v ON v.link = l.id LEFT JOIN case_source q ON q.id = l.source LEFT JOIN case_file f ON f.id = l.file WHERE c.asset = ?1 ORDER BY l.id LIMIT 64",
                   BOUND(B_INT(r->asset)), &st, e))
        return false;
    while (ok && (got = store_step(st, e)) == STORE_ROW) {
        enum org_key kind = (enum org_key)store_int(st, 0);
        struct str   country = store_text(st, 2);

        if (kind >= ORG_KEYS)
            continue;
        struct why_has *h = GROW(r->a, w->has, w->has_n, &cap);
        if (!h) {
            ok = why_no_room(e);
            break;
        }
        *h = (struct why_has){ .key = { .is = org_kinds[kind].is, .value = str_dup(r->a, store_text(st, 1)), .state = GROUP_KEY_WEAK, .why = STR("a person took this link back") } };
        if (country.n == 2)
            memcpy(h->key.country, country.p, 2);
        ok = h->key.value.p ? why_take_given(st, 3, r->a, &h->given, e) : why_no_room(e);
        h->given.revoked = true;
        if (ok && !(h->why = why_given_words(&h->key, &h->given, r->a)).p)
            ok = why_no_room(e);
        w->has_n++;
    }
    store_finish(st);
    return ok && got != STORE_FAILED;
}

static bool about_server(const struct reading *r, struct why_asset *w, struct err *e)
{
    struct store_stmt *st;
    struct arena *a = r->a;

    e->kind = ERR_NONE;
    if (!bind_open(r->s, "SELECT m.org, o.name, o.name_from, o.servers, coalesce(j.confidence, 0), coalesce((SELECT max(c.shared) FROM case_server c WHERE c.asset = m.asset), 0)"
                         " FROM case_member m LEFT JOIN case_org o ON o.org = m.org LEFT JOIN case_join j ON j.asset = m.asset WHERE m.asset = ?1", BOUND(B_INT(r->asset)), &st, e))
        return false;
    bool ok = store_step(st, e) == STORE_ROW;
    if (ok) {
        struct str name = store_text(st, 1);
        *w = (struct why_asset){ .asset = r->asset, .org = store_int(st, 0), .org_name = str_dup(a, name), .name_from = (enum group_naming)store_int(st, 2),
                                 .servers = (uint32_t)store_int(st, 3), .confidence = (uint8_t)store_int(st, 4), .shared = store_int(st, 5) != 0 };
        if (name.n && !w->org_name.p)
            ok = why_no_room(e);
    }
    store_finish(st);
    return ok && why_name(r->s, r->asset, a, &w->name, e);
}

static struct str asset_words(const struct why_asset *w, struct arena *a)
{
    const struct why_has *best = NULL;

    for (size_t i = 0; i < w->has_n; i++)
        if (w->has[i].joins && (!best || w->has[i].confidence > best->confidence))
            best = &w->has[i];
    if (best)
        return str_fmt(a, "joined with others by %s %.*s", org_class_name(best->key.is), STR_ARG(best->key.value));
    if (w->shared)
        return STR("a shared server (hosting, a smart host): its domains say nothing of its owner");
    if (!w->has_n)
        return STR("nothing ties it to anybody: it stands alone");
    return STR("nothing joins it to another server: it stands alone");
}

bool why_asset(struct store *s, int64_t asset, struct arena *a, struct why_asset *ret, struct err *e)
{
    struct reading r = { s, a, asset };
    struct why_asset w;

    if (!about_server(&r, &w, e) || !keys_of(&r, &w, e) || !revoked_of(&r, &w, e))
        return false;
    w.why = asset_words(&w, a);
    if (!w.why.p)
        return why_no_room(e);
    *ret = w;
    return true;
}

/* ---- why are two one ---- */

struct tie { int64_t from, to, key, also; uint8_t weight, confidence; };

static int by_from(const void *p, const void *q)
{
    const struct tie *a = p, *b = q;

    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return a->to < b->to ? -1 : a->to > b->to;
}

static bool org_of(struct store *s, int64_t asset, int64_t *ret, struct err *e)
{
    e->kind = ERR_NONE;
    return bind_ask(s, "SELECT org FROM case_member WHERE asset = ?1", BOUND(B_INT(asset)), ret, 1, e);
}

static bool ties_of(struct store *s, int64_t org, struct arena *a, struct tie **ret, size_t *ret_n, struct err *e)
{
    struct store_stmt *st;
    struct tie *tie = NULL;
    size_t n = 0, cap = 0;
    enum store_got got = STORE_DONE;

    if (!bind_open(s, "SELECT t.asset, t.other, t.key, t.also, t.weight, t.confidence FROM case_member m JOIN case_tie t ON t.asset = m.asset WHERE m.org = ?1", BOUND(B_INT(org)), &st, e))
        return false;
    while (n < 2 * WHY_STEPS_MAX && (got = store_step(st, e)) == STORE_ROW) {
        struct tie *t = GROW(a, tie, n, &cap);
        if (!t) {
            store_finish(st);
            return why_no_room(e);
        }
        *t = (struct tie){ store_int(st, 0), store_int(st, 1), store_int(st, 2), store_int(st, 3), (uint8_t)store_int(st, 4), (uint8_t)store_int(st, 5) };
        n++;
    }
    store_finish(st);
    if (n)
        qsort(tie, n, sizeof *tie, by_from);
    *ret = tie;
    *ret_n = n;
    return got != STORE_FAILED;
}

static size_t first_of(const struct tie *t, size_t n, int64_t asset)
{
    size_t from = 0, to = n;

    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if (t[mid].from < asset)
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

/* From the far end, so that walking back gives the chain in order. came[i]: the tie by which ties[i].from was reached, or i itself. The ties of one asset share the first's place. */
static bool chain(const struct tie *t, size_t n, int64_t one, int64_t other, struct arena *a, struct why_step **ret, size_t *ret_n, struct err *e)
{
    size_t *came = TAKE(a, size_t, n + 1), *queue = TAKE(a, size_t, n + 1), head = 0, tail = 0, at;
    struct why_step *step = NULL;
    size_t steps = 0, cap = 0;

    if (!came || !queue)
        return why_no_room(e);
    for (size_t i = 0; i < n; i++)
        came[i] = SIZE_MAX;
    at = first_of(t, n, other);
    if (at == n || t[at].from != other)
        return false;
    came[at] = at;
    queue[tail++] = at;
    while (head < tail)
        for (size_t i = queue[head], self = queue[head++]; i < n && t[i].from == t[self].from; i++) {
            size_t to = first_of(t, n, t[i].to);
            if (to < n && t[to].from == t[i].to && came[to] == SIZE_MAX) {
                came[to] = i;
                queue[tail++] = to;
            }
        }
    at = first_of(t, n, one);
    if (at == n || t[at].from != one || came[at] == SIZE_MAX)
        return false;
    while (t[at].from != other) {
        const struct tie *x = &t[came[at]];
        struct why_step *last = steps ? &step[steps - 1] : NULL;

        /* Two steps by one key are one: both ends have it. */
        if (last && last->key.id == x->key && last->also.id == x->also) {
            last->to = x->from;
            last->weight = x->weight < last->weight ? x->weight : last->weight;
            last->confidence = x->confidence < last->confidence ? x->confidence : last->confidence;
        } else {
            struct why_step *s = GROW(a, step, steps, &cap);
            if (!s)
                return why_no_room(e);
            *s = (struct why_step){ .from = x->to, .to = x->from, .key = { .id = x->key }, .also = { .id = x->also }, .weight = x->weight, .confidence = x->confidence };
            steps++;
        }
        at = first_of(t, n, x->from);
    }
    *ret = step;
    *ret_n = steps;
    return true;
}

static bool shared_keys(struct store *s, int64_t one, int64_t other, struct arena *a, struct why_step **ret, size_t *ret_n, struct err *e)
{
    struct store_stmt *st;
    struct why_step *step = NULL;
    size_t n = 0, cap = 0;
    enum store_got got = STORE_DONE;

    if (!bind_open(s, "SELECT d.key, d.weight, f.weight, d.confidence, f.confidence FROM case_edge d JOIN case_edge f ON f.asset = ?2 AND f.key = d.key WHERE d.asset = ?1"
                      " ORDER BY d.weight DESC, d.key LIMIT 1000", BOUND(B_INT(one), B_INT(other)), &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW) {
        struct why_step *x = GROW(a, step, n, &cap);
        if (!x) {
            store_finish(st);
            return why_no_room(e);
        }
        uint8_t w1 = (uint8_t)store_int(st, 1), w2 = (uint8_t)store_int(st, 2), c1 = (uint8_t)store_int(st, 3), c2 = (uint8_t)store_int(st, 4);
        *x = (struct why_step){ .from = one, .to = other, .key = { .id = store_int(st, 0) }, .weight = w1 < w2 ? w1 : w2, .confidence = c1 < c2 ? c1 : c2 };
        n++;
    }
    store_finish(st);
    *ret = step;
    *ret_n = n;
    return got != STORE_FAILED;
}

static bool fill(struct store *s, struct why_step *x, bool joined, struct arena *a, struct err *e)
{
    if (!why_key_read(s, x->key.id, a, &x->key, e) || (x->also.id && !why_key_read(s, x->also.id, a, &x->also, e)))
        return e->kind == ERR_NONE ? err_set(e, ERR_FORMAT, "a join by a key that is not there") : false;
    if (!why_name(s, x->from, a, &x->from_name, e) || !why_name(s, x->to, a, &x->to_name, e) || !why_given_read(s, x->from, x->key.id, a, &x->from_given, e) ||
        !why_given_read(s, x->to, x->key.id, a, &x->to_given, e))
        return false;
    if (x->also.id && (!why_given_read(s, x->from, x->also.id, a, &x->from_also, e) || !why_given_read(s, x->to, x->also.id, a, &x->to_also, e)))
        return false;
    x->why = why_step_words(x, joined, a);
    return x->why.p ? true : why_no_room(e);
}

bool why_two(struct store *s, int64_t one, int64_t other, struct arena *a, struct why_two *ret, struct err *e)
{
    struct why_two w = { .confidence = 100 };
    struct tie *tie = NULL;
    size_t n = 0;
    bool ok;

    if (!org_of(s, one, &w.org_one, e) || !org_of(s, other, &w.org_other, e))
        return false;
    w.joined = w.org_one == w.org_other;
    if (!w.joined)
        ok = shared_keys(s, one, other, a, &w.step, &w.step_n, e);
    else
        ok = one == other || (ties_of(s, w.org_one, a, &tie, &n, e) && chain(tie, n, one, other, a, &w.step, &w.step_n, e));
    if (!ok)
        return e->kind == ERR_NONE ? err_set(e, ERR_FORMAT, "the board has no way between two servers of one organisation") : false;
    for (size_t i = 0; i < w.step_n && ok; i++) {
        ok = fill(s, &w.step[i], w.joined, a, e);
        w.confidence = w.step[i].confidence < w.confidence ? w.step[i].confidence : w.confidence;
    }
    if (!ok)
        return false;
    if (!w.joined)
        w.confidence = 0;
    w.why = w.joined ? one == other ? STR("it is one server") : str_fmt(a, "one organisation, by %zu %s", w.step_n, w.step_n == 1 ? "join" : "joins one after the other")
          : w.step_n ? STR("two organisations: what both have joins nothing") : STR("two organisations: they have nothing in common");
    *ret = w;
    return w.why.p ? true : why_no_room(e);
}
