/* Builds of a pack: reading them, and judging one for the pack's own campaign. The rules are build_decide.h's. */
#include "pack/build_decide.h"
#include "pack/parts.h"
#include "pack/table.h"

#include "base/num.h"

#include <stdlib.h>

bool build_parse(struct str text, uint16_t ret_v[4], int *ret_parts)
{
    uint16_t   v[4] = { 0 };
    int        n = 0;
    struct str part;

    text = str_trim(text);
    if (!text.n || text.p[text.n - 1] == '.')
        return false;
    while (str_cut(&text, '.', &part)) {
        uint32_t x;
        if (n == 4 || part.n > 10 || !num_u32(part, &x) || x > 65535)
            return false;
        v[n++] = (uint16_t)x;
    }
    if (n < 2)
        return false;
    for (int i = 0; i < 4; i++)
        ret_v[i] = v[i];
    *ret_parts = n;
    return true;
}

bool build_judge(const struct pack *p, struct arena *a, const uint16_t v[4], int parts, int64_t at_us, int um_role,
                 struct build_answer *ret, struct err *e)
{
    enum build_product      product = build_product_of(v);
    struct str              token = product == BUILD_2010 ? p->fix_token_2010 : p->fix_token;
    enum build_how          how = product <= BUILD_2007 ? BUILD_NEVER_AFFECTED : product == BUILD_2010 ? BUILD_BY_TOKEN_UM : BUILD_BY_TOKEN;
    const struct build_row *first = NULL, *fixed = NULL, *newest = NULL;
    struct build_decision   d;

    for (size_t i = 0; i < p->build_n; i++) {
        const struct build_row *r = &p->build[i];
        if (build_cmp(r->v, v, 2) == 0)
            newest = r;                            /* rows are sorted */
        if (parts < build_key_parts(v) || build_cmp(r->v, v, build_key_parts(v)) != 0)
            continue;
        if (!first)
            first = r;
        if (!fixed && build_has_token(r->fixes, token))
            fixed = r;
    }
    if (!build_decide_foreign(v, &d)) {
        struct build_fix fix = { .kind = !fixed ? FIX_NEVER : fixed == first && product != BUILD_2010 ? FIX_BORN : FIX_LATER };

        if (fixed) {
            fix.from_us = fixed->released_us;
            fix.v[0] = fixed->v[2];
            fix.v[1] = fixed->v[3];
        }
        d = build_decide(how, BUILD_RULE_BUILD, first ? &fix : NULL, newest, v, parts, at_us, um_role);
    }
    struct build_answer out = { .verdict = d.verdict, .fixed_by = fixed, .product = first ? first->product : str_c(build_product_name(product)),
                                .why = build_words(a, d, v, parts, product, first, fixed) };
    if (!out.why.p)
        return err_set(e, ERR_MEMORY, "no room for a sentence");
    *ret = out;
    return true;
}

const char *build_verdict_name(enum build_verdict v)
{
    static const char *const name[] = { "patched", "unpatched", "cannot_tell", "not_affected", "not_self_hosted", "not_exchange", "unreachable" };
    return (size_t)v < COUNT_OF(name) ? name[v] : "cannot_tell";
}

/* --- builds.csv --- */

static int by_build(const void *x, const void *y)
{
    const struct build_row *a = x, *b = y;
    int c = build_cmp(a->v, b->v, 4);
    return c ? c : (a->fixes.p > b->fixes.p) - (a->fixes.p < b->fixes.p);      /* equal builds stay in the order of the file */
}

bool pack_builds_read(struct pack_building *b, struct str text, struct err *e)
{
    static const char *const need[] = { "product", "cumulative_update", "security_update", "release_date", "build_short", "kb", "fixes" };
    struct pack *p = b->p;
    struct table t;
    struct err   mine = { 0 };

    if (!table_open(&t, b->a, text, e))
        return false;
    for (size_t i = 0; i < COUNT_OF(need); i++)
        if (!table_has(&t, need[i]))
            return err_set(e, ERR_FORMAT, "line 1: the header lacks %s", need[i]);
    while (table_next(&t, &mine)) {
        struct build_row r = { .product = table_cell(&t, "product"), .cumulative = table_cell(&t, "cumulative_update"),
                               .security = table_cell(&t, "security_update"), .kb = table_cell(&t, "kb"), .fixes = table_cell(&t, "fixes") };
        int parts;
        if (!build_parse(table_cell(&t, "build_short"), r.v, &parts) || parts != 4)
            return err_set(e, ERR_FORMAT, "line %u: build_short is not four numbers", t.line);
        struct str from = table_cell(&t, "available_from");       /* updates for old lines came in waves: who knows better, says so */
        if (!time_parse(from.n ? from : table_cell(&t, "release_date"), &r.released_us))
            return err_set(e, ERR_FORMAT, "line %u: release_date is no date", t.line);
        if (p->build_n >= PACK_ROWS_MAX)
            return err_set(e, ERR_LIMIT, "more than %d builds", PACK_ROWS_MAX);
        struct build_row *at = GROW(b->a, p->build, p->build_n, &b->build_cap);
        if (!at)
            return err_set(e, ERR_MEMORY, "no room for builds");
        *at = r;
        p->build_n++;
    }
    if (mine.kind != ERR_NONE) {
        *e = mine;
        return false;
    }
    if (p->build_n)
        qsort(p->build, p->build_n, sizeof *p->build, by_build);
    return true;
}

/* --- groups.csv --- */

/* "no", "unknown", a token of the build table, or "TOKEN:um". */
static void how_read(struct build_group *g, size_t product, struct str cell)
{
    g->on[product].how = str_eq(cell, STR("no")) ? BUILD_NEVER_AFFECTED : str_eq(cell, STR("unknown")) ? BUILD_NEVER_ASSESSED :
                         str_ends(cell, STR(":um")) ? BUILD_BY_TOKEN_UM : BUILD_BY_TOKEN;
    if (g->on[product].how <= BUILD_BY_TOKEN_UM)
        g->on[product].token = str_sub(cell, 0, g->on[product].how == BUILD_BY_TOKEN_UM ? cell.n - STR(":um").n : cell.n);
}

bool pack_groups_read(struct pack_building *b, struct str text, struct err *e)
{
    static const char *const product[BUILD_PRODUCTS] = { "exchange_2003", "exchange_2007", "exchange_2010", "exchange_2013", "exchange_2016",
                                                         "exchange_2019", "exchange_se" };
    static const char *const rule[] = { "build", "configuration", "more" };
    struct pack *p = b->p;
    struct table t;
    struct err   mine = { 0 };

    if (!table_open(&t, b->a, text, e))
        return false;
    if (!table_has(&t, "group"))
        return err_set(e, ERR_FORMAT, "line 1: the header lacks group");
    while (table_next(&t, &mine)) {
        struct build_group  g = { .name = table_cell(&t, "group"), .title = table_cell(&t, "title"), .also = table_cell(&t, "also") };
        struct build_group *at;
        size_t              k = 0;

        while (k < COUNT_OF(rule) && !str_eq(table_cell(&t, "rule"), str_c(rule[k])))
            k++;
        if (!g.name.n || k == COUNT_OF(rule))
            return err_set(e, ERR_FORMAT, "line %u: a group has a name, and a rule that is build, configuration or more", t.line);
        g.rule = (enum build_rule)k;
        for (size_t i = 0; i < BUILD_PRODUCTS; i++)
            how_read(&g, i, table_cell(&t, product[i]));
        if (p->group_n >= PACK_ROWS_MAX || !(at = GROW(b->a, p->group, p->group_n, &b->group_cap)))
            return err_set(e, ERR_MEMORY, "no room for groups");
        *at = g;
        p->group_n++;
    }
    if (mine.kind != ERR_NONE)
        *e = mine;
    return mine.kind == ERR_NONE;
}
