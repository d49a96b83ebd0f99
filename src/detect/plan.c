#include "detect/logscan.h"
#include "base/num.h"
#include "base/winpath.h"

/*
 * Bytes that the raw text may spell in another way than the value a rule sees: quotes are doubled by CSV and by ECP's own layer, blanks are
 * '+' or doubled, a query may be percent-encoded. No literal crosses them.
 */
static const struct str cut_bytes = STR_INIT(" \t\"',+%;&<>");

/*
 * A percent-encoded letter is how a query hides a word from a literal search ("%77hoami"). Ordinary traffic encodes
 * punctuation, not letters and digits: these 62 escapes make a row a candidate whatever else it holds.
 */
static size_t evasion(struct search_lit *lit, struct arena *a)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t n = 0;

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

static bool add_literals(struct plan_family *pf, struct lits *l, struct arena *a, enum family f, uint32_t rule, const struct str *lit,
                         size_t n, bool also, size_t *cap)
{
    for (size_t k = 0; k < n; k++) {
        if (f == FAM_HTTPPROXY && str_ieq(lit[k], STR("Server~"))) {
            if (!add(l, a, lit[k], PLAN_ID_COOKIE))
                return false;
            continue;
        }
        struct plan_owner *owner = GROW(a, pf->owner, pf->owner_n, cap);
        if (!owner || !add(l, a, lit[k], PLAN_ID_RULE + (uint32_t)pf->owner_n))
            return false;
        *owner = (struct plan_owner){ rule, also };
        pf->owner_n++;
    }
    return true;
}

static bool add_rules(struct plan *p, struct plan_family *pf, struct lits *l, struct arena *a, enum family f, struct err *e)
{
    struct str service = str_c(family_table[f].service), category = iis(f) ? STR("webserver") : STR("");

    pf->rule   = NEW(a, uint32_t, p->sigma->rule_n ? p->sigma->rule_n : 1);
    pf->always = NEW(a, uint32_t, p->sigma->rule_n ? p->sigma->rule_n : 1);
    pf->single = NEW(a, uint64_t, PLAN_RULES_MAX / 64);
    if (!pf->rule || !pf->always || !pf->single)
        return err_set(e, ERR_MEMORY, "no room for %zu rules", p->sigma->rule_n);
    size_t cap = 0;
    for (size_t i = 0; i < p->sigma->rule_n && pf->rule_n < PLAN_RULES_MAX; i++) {
        const struct sigma_rule *r = &p->sigma->rule[i];
        struct sigma_literals    lit = { 0 };
        if (r->correlation || !sigma_fits(r, category, STR(""), service))
            continue;
        if (!sigma_literals(p->sigma, r, a, cut_bytes, event_derived_names, &lit, e))
            return false;
        uint32_t at = (uint32_t)pf->rule_n;
        pf->rule[pf->rule_n++] = (uint32_t)i;
        if (lit.always)
            pf->always[pf->always_n++] = at;
        if (!lit.also_n)
            pf->single[at / 64] |= UINT64_C(1) << (at % 64);
        if (!add_literals(pf, l, a, f, at, lit.lit, lit.always ? 0 : lit.n, false, &cap) ||
            !add_literals(pf, l, a, f, at, lit.also, lit.always ? 0 : lit.also_n, true, &cap))
            return err_set(e, ERR_MEMORY, "no room for the literals of %zu rules", p->sigma->rule_n);
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

bool plan_make(struct plan *ret, const struct ev *ev, const struct sigma *sigma, const struct str *page, size_t page_n,
               struct arena *keep, struct err *e)
{
    struct plan p = { .ev = ev, .sigma = sigma, .since_us = TIME_NONE, .until_us = TIME_NONE };
    struct search_lit escape[62];
    size_t escape_n = evasion(escape, keep);

    for (size_t i = 0; i < page_n; i++)
        if (!map_put(&p.page, keep, page[i], 0))
            return err_set(e, ERR_MEMORY, "no room for %zu learnt pages", page_n);
    for (enum family f = 0; f < FAM_COUNT; f++) {
        struct lits l = { 0 };
        if (!family_table[f].log || !family_table[f].service)
            continue;
        if (!add_headers(&l, keep, f) || !add_rules(&p, &p.family[f], &l, keep, f, e))
            return e->kind != ERR_NONE ? false : err_set(e, ERR_MEMORY, "no room for the search terms");
        for (size_t i = 0; i < page_n && f == FAM_IIS_FRONT; i++) {
            struct str lit = page_literal(page[i]);
            if (lit.n > 1 && !add(&l, keep, lit, PLAN_ID_LEARNT))
                return err_set(e, ERR_MEMORY, "no room for %zu learnt pages", page_n);
        }
        for (size_t i = 0; i < escape_n && iis(f) && p.family[f].rule_n; i++)
            if (!add(&l, keep, escape[i].s, escape[i].id))
                return err_set(e, ERR_MEMORY, "no room for the search terms");
        if (!search_build(&p.family[f].search, keep, l.item, l.n, e))
            return false;
    }
    *ret = p;
    return true;
}

bool plan_make_pivot(struct plan *ret, const struct ev *ev, const struct sigma *sigma, const struct str *client, size_t client_n,
                     const struct str *canary, size_t canary_n, struct arena *keep, struct err *e)
{
    struct plan p = { .ev = ev, .sigma = sigma, .pivot = true, .client_n = client_n, .since_us = TIME_NONE, .until_us = TIME_NONE };

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
        bool ok = add_headers(&l, keep, f) && add_rules(&p, &p.family[f], &l, keep, f, e);
        l.n = 0;                                          /* rules are asked about candidates, but make none in this pass */
        ok  = ok && add_headers(&l, keep, f);
        for (size_t i = 0; ok && i < client_n; i++)
            ok = add(&l, keep, str_sub(client[i], 0, SEARCH_LIT_MAX), PLAN_ID_LEARNT);
        for (size_t i = 0; ok && i < canary_n; i++)
            ok = add(&l, keep, str_sub(canary[i], 0, SEARCH_LIT_MAX), PLAN_ID_LEARNT);
        if (!ok)
            return e->kind != ERR_NONE ? false : err_set(e, ERR_MEMORY, "no room for the search terms");
        if (!search_build(&p.family[f].search, keep, l.item, l.n, e))
            return false;
    }
    *ret = p;
    return true;
}
