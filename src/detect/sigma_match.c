/* A record against a rule. Recursion is bounded: selections are three levels, conditions SIGMA_DEPTH_MAX. */
#include "detect/sigma_code.h"

#include "base/num.h"

#include <stdatomic.h>

struct match {
    sigma_field *get;
    void        *ctx;
    struct str   raw;
    struct arena scratch;
    uint64_t     limits;
};

static bool test_fits(struct match *m, const struct sigma_test *t)
{
    struct str v[SIGMA_VALUES_MAX];

    if (t->field == SIGMA_RAW)
        return sigma_test_value(t, m->raw, m->scratch, &m->limits);
    size_t n = m->get(m->ctx, t->field, v);
    if (t->op == OP_ABSENT)
        return n == 0;
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
    struct match m = { .get = get, .ctx = ctx, .raw = raw, .scratch = scratch };

    (void)s;
    if (!r->code)
        return false;
    bool fits = node_fits(&m, r->code->root);
    if (m.limits)
        atomic_fetch_add_explicit(r->code->limits, m.limits, memory_order_relaxed);
    return fits;
}

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

bool sigma_fits(const struct sigma_rule *r, struct str category, struct str product, struct str service)
{
    bool web = str_ieq(r->category, STR("webserver")) && str_ieq(service, STR("iis"));

    return (!r->category.n || web || str_ieq(r->category, category)) && (!r->product.n || str_ieq(r->product, product)) &&
           (!r->service.n || str_ieq(r->service, service));
}

static const char *const severity_names[] = { "info", "low", "medium", "high", "critical" };
static const char *const axis_names[] = { NULL, "exposure", "exploitation", "back_door", "use", "theft" };

const char *severity_name(enum severity s) { return (size_t)s < COUNT_OF(severity_names) ? severity_names[s] : "info"; }
const char *axis_name(enum axis a) { return (size_t)a < COUNT_OF(axis_names) ? axis_names[a] : NULL; }
