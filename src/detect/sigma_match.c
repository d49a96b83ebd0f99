/* A record against a rule. Recursion is bounded: selections are three levels, conditions SIGMA_DEPTH_MAX. */
#include "detect/sigma_code.h"

#include "base/num.h"

#include <stdatomic.h>

struct match {
    sigma_field *get;
    void        *ctx;
    struct str   raw;
    bool         plus;           /* the raw text spells blanks in other ways */
    struct str   plain;          /* ... and with blanks again; .p == NULL: not made yet */
    struct arena scratch;
    uint64_t     limits;
};

static bool has_blank(const struct sigma_test *t)
{
    for (size_t i = 0; i < t->glob_n; i++)
        if (t->glob[i] == ' ')
            return true;
    return str_chr(t->text, ' ') != STR_NONE;
}

/* The record's text, with a blank for '+' and "%20". */
static struct str with_blanks(struct match *m)
{
    uint8_t *p = m->plain.p ? NULL : NEW(&m->scratch, uint8_t, m->raw.n + 1);
    size_t   n = 0;

    for (size_t i = 0; p && i < m->raw.n; i++) {
        bool escape = m->raw.p[i] == '%' && i + 2 < m->raw.n && m->raw.p[i + 1] == '2' && m->raw.p[i + 2] == '0';
        p[n++] = escape || m->raw.p[i] == '+' ? ' ' : m->raw.p[i];
        i += escape ? 2 : 0;
    }
    if (p)
        m->plain = (struct str){ p, n };
    return m->plain.p ? m->plain : m->raw;
}

/* A keyword that holds a blank is looked for in the text as it was sent, too. */
static bool keyword_fits(struct match *m, const struct sigma_test *t)
{
    if (sigma_test_value(t, m->raw, m->scratch, &m->limits))
        return true;
    return m->plus && has_blank(t) && sigma_test_value(t, with_blanks(m), m->scratch, &m->limits);
}

/* One of the field's candidates with one of the other's. */
static bool fields_fit(struct match *m, const struct sigma_test *t, const struct str *v, size_t n)
{
    struct str        w[SIGMA_VALUES_MAX];
    struct sigma_test one = { .op = t->shape, .cased = t->cased };
    size_t            k = m->get(m->ctx, t->other, w);

    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < n; j++) {
            one.text = w[i];
            if (sigma_test_value(&one, v[j], m->scratch, &m->limits))
                return true;
        }
    return false;
}

static bool test_fits(struct match *m, const struct sigma_test *t)
{
    struct str v[SIGMA_VALUES_MAX];

    if (t->field == SIGMA_RAW)
        return keyword_fits(m, t);
    size_t n = m->get(m->ctx, t->field, v);
    if (t->op == OP_ABSENT)
        return n == 0;
    if (t->op == OP_NONE) {                        /* a log with fixed columns writes "nothing" as an empty one */
        while (n && v[n - 1].n == 0)
            n--;
        return n == 0;
    }
    if (t->op == OP_FIELD)
        return fields_fit(m, t, v, n);
    for (size_t i = 0; i < n; i++)
        if (sigma_test_value(t, v[i], m->scratch, &m->limits))
            return true;
    return false;
}

static bool node_fits(struct match *m, const struct sigma_node *n)
{
    switch (n->kind) {
    case NODE_TEST: return test_fits(m, &n->test);
    case NODE_REF:  return node_fits(m, n->kid);
    case NODE_NOT:  return !node_fits(m, n->kid);
    case NODE_AND:
        for (const struct sigma_node *k = n->kid; k; k = k->next)
            if (!node_fits(m, k))
                return false;
        return true;
    case NODE_OR:
        for (const struct sigma_node *k = n->kid; k; k = k->next)
            if (node_fits(m, k))
                return true;
        return false;
    }
    return false;
}

bool sigma_match(const struct sigma *s, const struct sigma_rule *r, sigma_field *get, void *ctx, struct str raw, struct arena scratch)
{
    return sigma_match_plus(s, r, get, ctx, raw, false, scratch);
}

bool sigma_match_plus(const struct sigma *s, const struct sigma_rule *r, sigma_field *get, void *ctx, struct str raw, bool plus, struct arena scratch)
{
    struct match m = { .get = get, .ctx = ctx, .raw = raw, .plus = plus && !r->own, .scratch = scratch };

    (void)s;
    if (!r->code)
        return false;
    bool fits = node_fits(&m, r->code->root);
    if (m.limits)
        atomic_fetch_add_explicit(r->code->limits, m.limits, memory_order_relaxed);
    return fits;
}

/* Three answers, in an order that makes "and" the least and "or" the greatest. */
enum may { MAY_NOT, MAY, MUST };

static enum may test_may(struct match *m, const struct sigma_test *t)
{
    struct str v[SIGMA_VALUES_MAX];

    /* An expression is not tried twice: it takes long, and its limits are counted. */
    if (t->field == SIGMA_RAW || t->op == OP_PATTERN || m->get(m->ctx, t->field, v) == SIGMA_UNKNOWN ||
        (t->op == OP_FIELD && m->get(m->ctx, t->other, v) == SIGMA_UNKNOWN))
        return MAY;
    return test_fits(m, t) ? MUST : MAY_NOT;
}

static enum may node_may(struct match *m, const struct sigma_node *n)
{
    enum may all = MUST, some = MAY_NOT;

    if (n->kind == NODE_TEST)
        return test_may(m, &n->test);
    if (n->kind == NODE_REF)
        return node_may(m, n->kid);
    if (n->kind == NODE_NOT)
        return (enum may)(MUST - node_may(m, n->kid));
    for (const struct sigma_node *k = n->kid; k; k = k->next) {
        enum may one = node_may(m, k);
        all  = one < all ? one : all;
        some = one > some ? one : some;
        if ((n->kind == NODE_AND && all == MAY_NOT) || (n->kind == NODE_OR && some == MUST))
            break;
    }
    return n->kind == NODE_AND ? all : some;
}

bool sigma_may_match(const struct sigma_rule *r, sigma_field *get, void *ctx, struct arena scratch)
{
    struct match m = { .get = get, .ctx = ctx, .scratch = scratch };

    return r->code && node_may(&m, r->code->root) != MAY_NOT;
}

static bool node_asks(const struct sigma_node *n, uint32_t field)
{
    if (n->kind == NODE_TEST)
        return n->test.field == field || (n->test.op == OP_FIELD && n->test.other == field);
    if (n->kind == NODE_REF)
        return node_asks(n->kid, field);
    for (const struct sigma_node *k = n->kid; k; k = k->next)
        if (node_asks(k, field))
            return true;
    return false;
}

bool sigma_asks(const struct sigma_rule *r, uint32_t field) { return r->code && node_asks(r->code->root, field); }

uint64_t sigma_limits(const struct sigma_rule *r)
{
    return r->code ? atomic_load_explicit(r->code->limits, memory_order_relaxed) : 0;
}

void sigma_close(const struct sigma *s)
{
    for (size_t i = 0; i < s->rule_n; i++)
        if (s->rule[i].code)
            for (const struct sigma_node *n = s->rule[i].code->tests_with_pattern; n; n = n->next)
                pattern_close(n->test.pattern);
}

static bool category_fits(struct str rule, struct str category, struct str service)
{
    bool iis = str_ieq(service, STR("iis")) || str_ieq(service, STR("httperr"));

    return !rule.n || str_ieq(rule, category) || (str_ieq(rule, STR("webserver")) && iis) ||
           (str_ieq(rule, STR("proxy")) && (iis || str_ieq(service, STR("exchange-httpproxy"))));
}

static bool product_fits(struct str rule, struct str product, struct str service)
{
    if (!rule.n || str_ieq(rule, product))
        return true;
    if (product.n)
        return false;
    if (str_ieq(rule, STR("iis")))
        return str_ieq(service, STR("iis")) || str_ieq(service, STR("httperr"));
    return str_ieq(rule, STR("windows")) || str_ieq(rule, STR("microsoft")) || str_ieq(rule, STR("exchange"));
}

bool sigma_fits(const struct sigma_rule *r, struct str category, struct str product, struct str service)
{
    /* Of Windows and of nothing more: every channel of its event logs (evtsource.h), no text log. */
    if (!r->category.n && !r->service.n && str_ieq(r->product, STR("windows")))
        return false;
    return category_fits(r->category, category, service) && product_fits(r->product, product, service) &&
           (!r->service.n || str_ieq(r->service, service));
}

static const char *const severity_names[] = { "info", "low", "medium", "high", "critical" };
static const char *const axis_names[] = { NULL, "exposure", "exploitation", "back_door", "use", "theft" };

const char *severity_name(enum severity s) { return (size_t)s < COUNT_OF(severity_names) ? severity_names[s] : "info"; }
const char *axis_name(enum axis a) { return (size_t)a < COUNT_OF(axis_names) ? axis_names[a] : NULL; }
