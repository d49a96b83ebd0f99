#include "detect/logscan.h"
#include "base/num.h"
#include "base/winpath.h"
#include "detect/iocs.h"
#include "detect/sample.h"

/*
 * Bytes that the raw text may spell in another way than the value a rule sees: quotes are doubled by CSV and by ECP's own layer, blanks are
 * '+' or doubled, a query may be percent-encoded. No literal crosses them.
 */
static const struct str cut_bytes = STR_INIT(" \t\"',+%;&<>");
static const struct sigma_raw raw = { .cut = STR_INIT(" \t\"',+%;&<>"), .derived = event_derived_names, .decoded = event_decoded_names };
static const struct sigma_raw raw_iis = { .cut = STR_INIT(" \t\"',+%;&<>"), .derived = event_derived_names, .decoded = event_decoded_names, .escaped = true };

enum { ESCAPES = 62, NAME_LONG = 4 };
static const char *const odd_paths[] = { "%2e", "%2d", "%5f", "/./", "/../", ".%2f", ".%5c", ".\\", "/%2f", "/%5c", "/\\", "\\/", "))/", "))\\", "))%2f", "))%5c" };

/*
 * A percent-encoded letter is how a query hides a word from a literal search ("%77hoami"). Ordinary traffic encodes
 * punctuation, not letters and digits: these 62 escapes make a row a candidate whatever else it holds. So do the spellings of a path that
 * fold away: dot segments, cookieless segments, separators that are none.
 */
static size_t evasion(struct search_lit *lit, struct arena *a)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = 0;

    for (size_t i = 0; i < COUNT_OF(odd_paths); i++)
        lit[n++] = (struct search_lit){ str_c(odd_paths[i]), PLAN_ID_EVASION };

    for (unsigned c = 0; c < 128; c++)
        if (ch_alnum((uint8_t)c)) {
            struct str s = str_fmt(a, "%%%c%c", hex[c >> 4], hex[c & 15]);
            if (!s.p)
                return 0;
            lit[n++] = (struct search_lit){ s, PLAN_ID_EVASION };
        }
    return n;
}

struct lits { struct search_lit *item; size_t n, cap; };

static bool add(struct lits *l, struct arena *a, struct str s, uint32_t id)
{
    struct search_lit *one = GROW(a, l->item, l->n, &l->cap);
    if (!one)
        return false;
    *one = (struct search_lit){ s, id };
    l->n++;
    return true;
}

static bool iis(enum family f) { return f == FAM_IIS_FRONT || f == FAM_IIS_BACK || f == FAM_HTTPERR; }

static bool add_headers(struct lits *l, struct arena *a, enum family f)
{
    const struct log_kind *k = family_table[f].log;

    for (size_t i = 0; k->header_literal && k->header_literal[i]; i++)
        if (!add(l, a, str_c(k->header_literal[i]), PLAN_ID_HEADER))
            return false;
    return true;
}

/*
 * A literal with separators, "/owa/auth/", as it may be written where each folds into one: doubled, turned round, percent-encoded. What follows the
 * last separator that is not plain stands as it is, so each spelling goes on to the literal's end: "%2fowa/auth/" is rare, but links back to a page
 * ("url=https%3a%2f%2fmail%2fowa%2f") are in every tenth row. The rest of odd_paths covers what stands alone. A separator between two names is looked
 * for beside the longer one alone, which is the rarer.
 */
static bool add_spelling(struct lits *l, struct arena *a, struct str x, struct str y, struct str z, uint32_t id)
{
    struct str half = str_cat(a, x, y), s = half.p ? str_cat(a, half, z) : half;
    return s.p && add(l, a, str_sub(s, 0, SEARCH_LIT_MAX), id);
}

static bool add_spellings(struct lits *l, struct arena *a, struct str lit, uint32_t id)
{
    static const char *const other[] = { "\\", "%2f", "%5c" };

    for (size_t at = 0, last_n = 0, next_n, end; at < lit.n; at = end + 1) {
        next_n = 0;
        for (end = at; end < lit.n && lit.p[end] != '/';)
            end++;
        while (end < lit.n && end + 1 + next_n < lit.n && lit.p[end + 1 + next_n] != '/')
            next_n++;
        struct str name = str_sub(lit, at, end);
        bool       left = at && name.n > last_n, right = end < lit.n && name.n >= next_n;
        last_n = name.n;
        for (size_t i = 0; name.n && i < COUNT_OF(other); i++)
            if ((left && !add_spelling(l, a, STR(""), str_c(other[i]), str_from(lit, at), id)) ||
                (right && !add_spelling(l, a, name, str_c(other[i]), str_from(lit, end + 1), id)))
                return false;
        /* At either end a second slash does no harm to the literal. */
        if (name.n && at && end + 1 < lit.n && !add_spelling(l, a, name, STR("//"), STR(""), id))
            return false;
    }
    return true;
}

/*
 * Can these be spelled in one way only? A '~' is of a value that is matched as it stands: literals of decoded fields hold none, paths neither.
 * Then a row with nothing but the rule's second set, such as "/mapi/", cannot fit the rule.
 */
static bool is_firm(const struct str *lit, size_t n)
{
    bool firm = n > 0;

    for (size_t i = 0; i < n; i++)
        firm = firm && str_chr(lit[i], '~') != STR_NONE;
    return firm;
}

/* Of HttpProxy rows: see PLAN_ID_COOKIE. It is not met wherever it stands. */
static const struct str cookie = STR_INIT("Server~");

static bool of_stem(const struct plan *p, uint32_t field) { return field != SIGMA_KEYWORD && event_of_stem(p->derived[field]); }

/* Is another of these always met where this one is? Of "/x.asp" and "/x.aspx" both, of "a" and "ab" the first stays. */
static bool is_covered(const struct plan *p, const struct str *lit, const uint32_t *of, size_t n, size_t k, enum family f)
{
    bool stem = iis(f) && of && of_stem(p, of[k]);

    for (size_t i = 0; i < n; i++) {
        bool here = iis(f) && of && of_stem(p, of[i]);     /* one that counts in the stem alone stands for no other */
        if (i != k && (!here || stem) && !(f == FAM_HTTPPROXY && str_ieq(lit[i], cookie)) && str_ihas(lit[k], lit[i]) &&
            (lit[i].n < lit[k].n || i < k || (stem && !here)))
            return true;
    }
    return false;
}

/* of: the field of each; NULL: of the author's own. */
static bool add_literals(const struct plan *p, struct plan_family *pf, struct lits *l, struct arena *keep, struct arena *tmp, enum family f, uint32_t rule,
                         const struct str *lit, const uint32_t *of, size_t n, size_t *cap)
{
    for (size_t k = 0; k < n; k++) {
        if (f == FAM_HTTPPROXY && str_ieq(lit[k], cookie)) {
            if (!add(l, tmp, lit[k], PLAN_ID_COOKIE))
                return false;
            continue;
        }
        bool stem = iis(f) && of && of_stem(p, of[k]);
        if (is_covered(p, lit, of, n, k, f))
            continue;
        uint32_t *owner = GROW(keep, pf->owner, pf->owner_n, cap);
        if (!owner || !add(l, tmp, lit[k], PLAN_ID_RULE + (uint32_t)pf->owner_n))
            return false;
        *owner = rule | (stem ? PLAN_OF_STEM : 0);
        pf->owner_n++;
        if (iis(f) && !add_spellings(l, tmp, lit[k], PLAN_ID_RULE + (uint32_t)pf->owner_n - 1))
            return false;
    }
    return true;
}

static bool is_ours(const struct sigma_rule *r, enum family f)
{
    return !r->correlation && sigma_fits(r, iis(f) ? STR("webserver") : STR(""), STR(""), str_c(family_table[f].service));
}

/*
 * The literals of one rule. False: there is no room for them, and what was added is taken back. With the spellings of a literal there may be ten of it.
 *
 * The second set makes no candidates: what a rule asks beside its first literal, the row's columns tell at less cost. But outside IIS logs, where
 * all rules are asked about a candidate, its second set may be what is left of a row that spells the first in an odd way.
 */
static bool add_rule(struct plan *p, struct plan_family *pf, struct lits *l, struct arena *keep, struct arena *tmp, enum family f, uint32_t at,
                     const struct sigma_literals *lit, size_t *cap)
{
    bool   second = !iis(f) && !is_firm(lit->lit, lit->n);
    size_t before = l->n, owners = pf->owner_n;

    if (l->n + (lit->n + lit->also_n) * 10 <= SEARCH_LITS_MAX / 4 * 3 &&
        add_literals(p, pf, l, keep, tmp, f, at, lit->lit, lit->lit_of, lit->n, cap) &&
        (!second || add_literals(p, pf, l, keep, tmp, f, at, lit->also, lit->also_of, lit->also_n, cap)))
        return true;
    l->n        = before;
    pf->owner_n = owners;
    return false;
}

/* Literals live in `tmp`: the search has its own copies. A rule that finds no room there is tried on every row instead. */
static bool add_rules(struct plan *p, struct plan_family *pf, struct lits *l, struct arena *keep, struct arena *tmp, enum family f,
                      const struct sigma_raw *spelled, struct err *e)
{
    pf->rule   = NEW(keep, uint32_t, p->sigma->rule_n ? p->sigma->rule_n : 1);
    pf->always = NEW(keep, uint32_t, p->sigma->rule_n ? p->sigma->rule_n : 1);
    if (!pf->rule || !pf->always)
        return err_set(e, ERR_MEMORY, "no room for %zu rules", p->sigma->rule_n);
    size_t cap = 0;
    for (size_t i = 0; i < p->sigma->rule_n; i++) {
        const struct sigma_rule *r = &p->sigma->rule[i];
        struct sigma_literals    lit = { 0 };
        struct arena             mark = *tmp;
        struct err               why = { 0 };
        if (!is_ours(r, f))
            continue;
        if (!sigma_literals(p->sigma, r, tmp, spelled, &lit, &why)) {
            if (why.kind != ERR_MEMORY) {
                *e = why;
                return false;
            }
            *tmp = mark;
            lit = (struct sigma_literals){ .always = true };
        }
        uint32_t at = (uint32_t)pf->rule_n;
        pf->rule[pf->rule_n++] = (uint32_t)i;
        if (lit.always || !add_rule(p, pf, l, keep, tmp, f, at, &lit, &cap))
            pf->always[pf->always_n++] = at;
    }
    return true;
}

/* The page's own name, as it stands in a stem: last component, no folder, so that any letter case and any prefix is found. */
static struct str page_literal(struct str url)
{
    size_t slash = str_rchr(url, '/');
    struct str name = slash == STR_NONE ? url : str_from(url, slash);
    size_t odd = 0;

    while (odd < name.n && str_chr(cut_bytes, name.p[odd]) == STR_NONE && name.p[odd] < 0x80)
        odd++;
    return str_sub(name, 0, odd > SEARCH_LIT_MAX ? SEARCH_LIT_MAX : odd);
}

static bool learn(struct plan *p, struct arena *keep, const struct str *url, size_t n, enum sign sign)
{
    for (size_t i = 0; i < n; i++)
        if (map_get(&p->page, url[i]) == MAP_NONE && !map_put(&p->page, keep, url[i], (uint32_t)sign))
            return false;
    return true;
}

static bool add_learnt(struct lits *l, struct arena *keep, const struct learnt *t)
{
    bool ok = true;

    for (size_t i = 0; ok && i < t->page_n + t->loot_n; i++) {
        struct str lit = page_literal(i < t->page_n ? t->page[i] : t->loot[i - t->page_n]);
        size_t dot = str_rchr(lit, '.');
        if (dot != STR_NONE && dot > NAME_LONG)            /* rare enough without what stands before it; and ".aspx" at its end, which is everywhere, slows the search */
            ok = add(l, keep, str_sub(lit, 1, dot + 1), PLAN_ID_LEARNT_STEM);
        else
            ok = lit.n <= 1 || (add(l, keep, lit, PLAN_ID_LEARNT_STEM) && add_spellings(l, keep, lit, PLAN_ID_LEARNT_STEM));
    }
    for (size_t i = 0; ok && i < t->key_n; i++) {
        struct str lit = str_cat(keep, t->key[i], STR("="));
        ok = lit.p && add(l, keep, lit, PLAN_ID_LEARNT);
    }
    return ok;
}

/* What the operator's indicators look like in a row. Many share one literal: a host with many URLs, a network's beginning. */
static bool add_user(struct lits *l, struct arena *keep, const struct iocs *s)
{
    struct str last = STR_EMPTY;

    for (size_t i = 0; s && i < s->n; i++) {
        struct str lit = iocs_literal(s, &s->item[i]);
        if (lit.n > SEARCH_LIT_MAX)
            lit = str_sub(lit, 0, SEARCH_LIT_MAX);
        if (lit.n && !str_eq(lit, last) && !add(l, keep, lit, PLAN_ID_IOC))
            return false;
        last = lit;
    }
    return true;
}

static bool derive(struct plan *p, struct arena *keep)
{
    p->derived = NEW(keep, uint8_t, p->sigma->field_n + 1);
    if (p->derived)
        binding_derive(p->derived, p->sigma);
    return p->derived != NULL;
}

/* Who says what a literal costs: measured on the logs' beginnings, or somebody else's word. */
struct costs { const struct plan *plan; struct sample sample; struct arena scratch; };

static uint64_t cost_of(void *ctx, struct str lit, uint32_t field)
{
    struct costs *c = ctx;
    struct arena  a = c->scratch;
    struct lits   l = { 0 };
    bool          stem = of_stem(c->plan, field);
    uint64_t      cost = sample_cost(&c->sample, lit, stem);

    if (add_spellings(&l, &a, lit, 0))
        for (size_t i = 0; i < l.n; i++)
            cost = num_add_sat(cost, sample_cost(&c->sample, l.item[i].s, stem));
    return cost;
}

/* All literals that rules of this family could be searched by, counted. False: not measured. `room` is for that alone. */
static bool measure(struct costs *c, struct ev *ev, enum family f, struct arena *room)
{
    struct sigma_raw ask = raw_iis;
    struct err       e = { 0 };

    if (!sample_open(&c->sample, ev, f, room))
        return false;
    c->scratch = (struct arena){ room->end - arena_room(room) / 4, room->end, room->fault };
    room->end  = c->scratch.beg;
    ask.cost     = cost_of;
    ask.cost_ctx = c;
    for (size_t i = 0; i < c->plan->sigma->rule_n; i++) {
        const struct sigma_rule *r = &c->plan->sigma->rule[i];
        struct arena          scratch = { room->beg + arena_room(room) / 2, room->end, room->fault };
        struct sigma_literals ignored;
        if (is_ours(r, f) && !sigma_literals(c->plan->sigma, r, &scratch, &ask, &ignored, &e))
            return false;
    }
    sample_count(&c->sample);
    return c->sample.met != NULL;
}

/* Where there is no room for a search with the rules' literals, every rule is tried on every row. before: literals that are of no rule. */
static bool build(struct plan_family *pf, struct arena *keep, const struct search_lit *lit, size_t n, size_t before, struct err *e)
{
    struct arena mark = *keep;

    if (search_build(&pf->search, keep, lit, n, e))
        return true;
    if (e->kind != ERR_MEMORY || !pf->owner_n)
        return false;
    *e    = (struct err){ 0 };
    *keep = mark;
    for (pf->always_n = 0; pf->always_n < pf->rule_n; pf->always_n++)
        pf->always[pf->always_n] = (uint32_t)pf->always_n;
    return search_build(&pf->search, keep, lit, before, e);
}

static bool make(struct plan *ret, const struct ev *ev, struct ev *logs, const struct sigma *sigma, const struct learnt *learnt,
                 uint64_t (*cost)(void *, struct str, uint32_t), void *ctx, struct arena *keep, struct err *e)
{
    struct plan p = { .ev = ev, .sigma = sigma, .key = learnt->key, .key_n = learnt->key_n, .user = learnt->user, .since_us = TIME_NONE, .until_us = TIME_NONE };
    struct search_lit escape[ESCAPES + COUNT_OF(odd_paths)];
    size_t escape_n = evasion(escape, keep);

    if (!escape_n)
        return err_set(e, ERR_MEMORY, "no room for the search terms");
    if (!derive(&p, keep) || !learn(&p, keep, learnt->page, learnt->page_n, SIGN_PAGE) || !learn(&p, keep, learnt->loot, learnt->loot_n, SIGN_LOOT))
        return err_set(e, ERR_MEMORY, "no room for %zu learnt pages", learnt->page_n + learnt->loot_n);
    for (enum family f = 0; f < FAM_COUNT; f++) {
        struct lits      l = { 0 };
        struct costs     costs = { .plan = &p };
        struct sigma_raw spelled = iis(f) ? raw_iis : raw;
        /* Of what is left, an eighth for measuring and a quarter for literals: both are gone when the search is built. */
        uint8_t         *from = keep->beg, *till = keep->end;
        size_t           room = arena_room(keep) / 8;
        struct arena     low = { from, till - 3 * room, keep->fault }, mid = { till - 3 * room, till - 2 * room, keep->fault }, tmp = { till - 2 * room, till, keep->fault };
        if (!family_table[f].log || !family_table[f].service)
            continue;
        if (iis(f) && logs && measure(&costs, logs, f, &mid)) {
            spelled.cost     = cost_of;
            spelled.cost_ctx = &costs;
        } else if (iis(f) && cost) {
            spelled.cost     = cost;
            spelled.cost_ctx = ctx;
        }
        bool ok = add_headers(&l, &tmp, f) && add_user(&l, &tmp, learnt->user) && (f != FAM_IIS_FRONT || add_learnt(&l, &tmp, learnt));
        for (size_t i = 0; ok && i < escape_n && iis(f); i++)
            ok = add(&l, &tmp, escape[i].s, escape[i].id);
        if (!ok)
            return err_set(e, ERR_MEMORY, "no room for the search terms");
        size_t before = l.n;
        if (!add_rules(&p, &p.family[f], &l, &low, &tmp, f, &spelled, e) || !build(&p.family[f], &low, l.item, l.n, before, e))
            return false;
        keep->beg = low.beg;
    }
    *ret = p;
    return true;
}

bool plan_make(struct plan *ret, struct ev *ev, const struct sigma *sigma, const struct learnt *learnt, struct arena *keep, struct err *e)
{
    return make(ret, ev, ev, sigma, learnt, NULL, NULL, keep, e);
}

bool plan_make_costs(struct plan *ret, const struct ev *ev, const struct sigma *sigma, const struct learnt *learnt, uint64_t (*cost)(void *, struct str, uint32_t),
                     void *ctx, struct arena *keep, struct err *e)
{
    return make(ret, ev, NULL, sigma, learnt, cost, ctx, keep, e);
}

bool plan_make_pivot(struct plan *ret, const struct ev *ev, const struct sigma *sigma, const struct str *client, size_t client_n,
                     const struct str *canary, size_t canary_n, struct arena *keep, struct err *e)
{
    struct plan p = { .ev = ev, .sigma = sigma, .pivot = true, .client_n = client_n, .since_us = TIME_NONE, .until_us = TIME_NONE };

    if (!derive(&p, keep))
        return err_set(e, ERR_MEMORY, "no room for the fields of %zu rules", sigma->rule_n);
    for (size_t i = 0; i < client_n; i++)
        if (!map_put(&p.client, keep, client[i], (uint32_t)i))
            return err_set(e, ERR_MEMORY, "no room for %zu clients", client_n);
    for (size_t i = 0; i < canary_n; i++)
        if (!map_put(&p.canary, keep, canary[i], (uint32_t)i))
            return err_set(e, ERR_MEMORY, "no room for %zu canaries", canary_n);
    for (enum family f = 0; f < FAM_COUNT; f++) {
        struct lits l = { 0 };
        if (!family_table[f].log || !family_table[f].service)
            continue;
        struct plan_family *pf = &p.family[f];            /* rules are asked about candidates, but make none in this pass */
        pf->rule = NEW(keep, uint32_t, sigma->rule_n ? sigma->rule_n : 1);
        bool ok = pf->rule && add_headers(&l, keep, f);
        for (size_t i = 0; ok && i < sigma->rule_n; i++)
            if (is_ours(&sigma->rule[i], f))
                pf->rule[pf->rule_n++] = (uint32_t)i;
        for (size_t i = 0; ok && i < client_n; i++)
            ok = add(&l, keep, str_sub(client[i], 0, SEARCH_LIT_MAX), PLAN_ID_LEARNT);
        for (size_t i = 0; ok && i < canary_n; i++)
            ok = add(&l, keep, str_sub(canary[i], 0, SEARCH_LIT_MAX), PLAN_ID_LEARNT);
        if (!ok)
            return err_set(e, ERR_MEMORY, "no room for the search terms");
        if (!search_build(&p.family[f].search, keep, l.item, l.n, e))
            return false;
    }
    *ret = p;
    return true;
}
