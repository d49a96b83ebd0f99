#include "pack/build_decide.h"

#include "base/num.h"

/* March 2021 updates that sources number in two ways (published, then published again): between the two nobody can tell. */
static const struct { uint16_t v[3], from, to; } disputed[] = {
    { { 15, 1, 1415 }, 8, 9 },
    { { 15, 1, 1466 }, 13, 15 },
};

/* Source: Microsoft Lifecycle; Exchange 2016 and 2019 ended together. Instants are midnight UTC after the last day. */
static const struct { const char *name; int64_t ends_us; } products[BUILD_PRODUCTS] = {
    [BUILD_2003] = { "Exchange Server 2003", 16169 * TIME_DAY },      /* 2014-04-08 */
    [BUILD_2007] = { "Exchange Server 2007", 17268 * TIME_DAY },      /* 2017-04-11 */
    [BUILD_2010] = { "Exchange Server 2010", 18549 * TIME_DAY },      /* 2020-10-13 */
    [BUILD_2013] = { "Exchange Server 2013", 19459 * TIME_DAY },      /* 2023-04-11 */
    [BUILD_2016] = { "Exchange Server 2016", 20376 * TIME_DAY },      /* 2025-10-14 */
    [BUILD_2019] = { "Exchange Server 2019", 20376 * TIME_DAY },
    [BUILD_SE]   = { "Exchange Server SE", TIME_NONE },
};

enum build_product build_product_of(const uint16_t v[4])
{
    switch (v[0]) {
    case 6:  return v[1] == 5 ? BUILD_2003 : BUILD_PRODUCTS;
    case 8:  return BUILD_2007;
    case 14: return BUILD_2010;
    case 15: return v[1] == 0 ? BUILD_2013 : v[1] == 1 ? BUILD_2016 : v[1] == 2 ? BUILD_2019 : BUILD_PRODUCTS;
    default: return BUILD_PRODUCTS;
    }
}

const char *build_product_name(enum build_product p) { return (size_t)p < BUILD_PRODUCTS ? products[p].name : ""; }
int64_t build_support_ends(enum build_product p) { return (size_t)p < BUILD_PRODUCTS ? products[p].ends_us : TIME_NONE; }

int build_cmp(const uint16_t *a, const uint16_t *b, int parts)
{
    for (int i = 0; i < parts; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

bool build_has_token(struct str fixes, struct str token)
{
    struct str one;
    while (str_cut(&fixes, ';', &one))
        if (token.n && str_eq(str_trim(one), token))
            return true;
    return false;
}

static bool is_disputed(const struct build_fix *fix, const uint16_t v[4])
{
    if (v[0] != 15 || v[1] != 1)
        return false;
    for (size_t i = 0; i < COUNT_OF(disputed); i++)
        if (v[2] == disputed[i].v[2] && v[3] >= disputed[i].from && v[3] <= disputed[i].to && fix->v[1] == disputed[i].to + 1)
            return true;
    return false;
}

static struct build_decision say(enum build_verdict v, enum build_why why) { return (struct build_decision){ v, why }; }

bool build_decide_foreign(const uint16_t v[4], struct build_decision *ret)
{
    if (v[0] == 15 && v[1] == 20)
        *ret = say(BUILD_NOT_SELF_HOSTED, WHY_ONLINE);
    else if (v[0] < 14 && build_product_of(v) == BUILD_PRODUCTS)
        *ret = say(BUILD_NOT_EXCHANGE, WHY_NOT_EXCHANGE);
    else
        return false;
    return true;
}

/* What the line of a build says, all its numbers after the key known or not. Rules 3 to 5. */
static struct build_decision by_line(const struct build_fix *fix, const uint16_t v[4], int parts, int64_t at_us)
{
    int  key = build_key_parts(v), order = 0;
    bool before = at_us != TIME_NONE && fix->kind != FIX_NEVER && at_us < fix->from_us;
    bool doubt = parts == 4 && is_disputed(fix, v);

    if (fix->kind == FIX_NEVER)
        return say(BUILD_UNPATCHED, WHY_NEVER_FIXED);
    if (fix->kind == FIX_BORN)
        return say(BUILD_PATCHED, WHY_BORN);
    for (int i = key; i < parts && !order; i++)
        order = v[i] < fix->v[i - 2] ? -1 : v[i] > fix->v[i - 2] ? 1 : 0;
    /* What is not known counts for nothing, but where it does not matter: 14.3.513 for .0. */
    bool whole = parts == 4 || order || (parts == 3 && key == 2 && fix->v[1] == 0);

    if (whole && order >= 0 && !doubt)
        return say(BUILD_PATCHED, WHY_ABOVE);
    if (before)
        return say(BUILD_UNPATCHED, WHY_BEFORE);
    if (doubt)
        return say(BUILD_CANNOT_TELL, WHY_DISPUTED);
    if (whole)
        return say(BUILD_UNPATCHED, WHY_BELOW);
    return say(BUILD_CANNOT_TELL, parts < 3 ? WHY_TWO_PARTS : WHY_THREE_PARTS);
}

struct build_decision build_decide(enum build_how how, enum build_rule rule, const struct build_fix *fix, const struct build_row *newest,
                                   const uint16_t v[4], int parts, int64_t at_us, int um_role)
{
    struct build_decision d;

    if (how == BUILD_NEVER_AFFECTED)
        return say(BUILD_NOT_AFFECTED, WHY_NOT_AFFECTED);
    if (how == BUILD_NEVER_ASSESSED)
        return say(BUILD_CANNOT_TELL, WHY_NOT_ASSESSED);
    if (parts < build_key_parts(v))
        return say(BUILD_CANNOT_TELL, WHY_FEW_PARTS);
    if (!fix) {
        bool newer = !newest || build_cmp(newest->v, v, parts < 4 ? 3 : 4) < 0;
        return say(BUILD_CANNOT_TELL, newer ? WHY_NEWER : WHY_UNKNOWN);
    }
    d = by_line(fix, v, parts, at_us);
    if (how == BUILD_BY_TOKEN_UM && d.verdict != BUILD_PATCHED && um_role <= 0)
        return um_role == 0 ? say(BUILD_NOT_AFFECTED, WHY_NO_UM) : say(BUILD_CANNOT_TELL, WHY_UM_UNKNOWN);
    if (rule == BUILD_RULE_CONFIGURATION && d.verdict == BUILD_UNPATCHED)
        return say(BUILD_CANNOT_TELL, WHY_SETTING);
    if (rule == BUILD_RULE_MORE && d.verdict == BUILD_PATCHED)
        return say(BUILD_CANNOT_TELL, WHY_MORE);
    return d;
}

static struct str text_of(struct arena *a, const uint16_t *v, int parts)
{
    switch (parts) {
    case 0:  return STR("that is not known");
    case 2:  return str_fmt(a, "%u.%u", v[0], v[1]);
    case 3:  return str_fmt(a, "%u.%u.%u", v[0], v[1], v[2]);
    default: return str_fmt(a, "%u.%u.%u.%u", v[0], v[1], v[2], v[3]);
    }
}

/* Exchange 2010 names its updates only; rows without a KB number name none. */
static struct str update_of(struct arena *a, const struct build_row *r)
{
    struct str name = r->security.n ? r->security : r->cumulative;
    return r->kb.n ? str_fmt(a, "%.*s (%.*s)", STR_ARG(name), STR_ARG(r->kb)) : str_dup(a, name);
}

struct str build_words(struct arena *a, struct build_decision d, const uint16_t v[4], int parts, enum build_product product,
                       const struct build_row *first, const struct build_row *fix)
{
    struct str b = text_of(a, v, parts), up = fix ? update_of(a, fix) : STR("the fix"), line = STR("");
    struct str name = first ? first->product : str_c(build_product_name(product));

    if (first && first->v[0] != 14)
        line = str_fmt(a, " (%.*s %.*s)", STR_ARG(first->product), STR_ARG(first->cumulative));
    if (!b.p || !up.p || !line.p)
        return STR_EMPTY;
    switch (d.why) {
    case WHY_ONLINE:       return str_fmt(a, "%.*s is Exchange Online, not a server of one's own.", STR_ARG(b));
    case WHY_NOT_EXCHANGE: return str_fmt(a, "%.*s is no version of Exchange.", STR_ARG(b));
    case WHY_NOT_AFFECTED: return str_fmt(a, "%.*s does not have these flaws%s.", STR_ARG(name),
                                          product <= BUILD_2007 ? "; it has been out of support for years" : "");
    case WHY_NOT_ASSESSED: return str_fmt(a, "%.*s was out of support when this was published; nobody said whether it has the flaw.", STR_ARG(name));
    case WHY_FEW_PARTS:    return str_fmt(a, "Version %.*s does not tell the cumulative update.", STR_ARG(b));
    case WHY_NEWER:        return str_fmt(a, "Build %.*s is newer than the build table.", STR_ARG(b));
    case WHY_UNKNOWN:      return str_fmt(a, "Build %.*s is not in the build table.", STR_ARG(b));
    case WHY_NEVER_FIXED:  return str_fmt(a, "Build %.*s%.*s never got the fix; it needs a later %s.", STR_ARG(b), STR_ARG(line),
                                          v[0] == 14 ? "service pack" : "cumulative update");
    case WHY_BORN:         return str_fmt(a, "Build %.*s%.*s contained the fix from the start.", STR_ARG(b), STR_ARG(line));
    case WHY_ABOVE:        return str_fmt(a, "Build %.*s contains %.*s, first in %u.%u.%u.%u.", STR_ARG(b), STR_ARG(up), fix->v[0], fix->v[1], fix->v[2], fix->v[3]);
    case WHY_BEFORE:       return str_fmt(a, "Build %.*s was seen before %.*s was released.", STR_ARG(b), STR_ARG(up));
    case WHY_DISPUTED:     return str_fmt(a, "Sources disagree on whether build %.*s contains %.*s.", STR_ARG(b), STR_ARG(up));
    case WHY_BELOW:        return str_fmt(a, "Build %.*s is below %u.%u.%u.%u, which brought the fix, %.*s.", STR_ARG(b), fix->v[0], fix->v[1], fix->v[2], fix->v[3],
                                          STR_ARG(up));
    case WHY_THREE_PARTS:
        return v[0] == 14 ? str_fmt(a, "Build %.*s has too few parts to tell the rollup.", STR_ARG(b)) :
               str_fmt(a, "Three parts (%.*s) tell the cumulative update only; the fourth tells whether %.*s is there.", STR_ARG(b), STR_ARG(up));
    case WHY_TWO_PARTS:    return str_fmt(a, "Build %.*s has too few parts to tell the rollup.", STR_ARG(b));
    case WHY_NO_UM:        return str_fmt(a, "%.*s without the Unified Messaging role is not affected.", STR_ARG(name));
    case WHY_UM_UNKNOWN:   return str_fmt(a, "Build %.*s lacks the fix or may lack it; only the Unified Messaging role is affected, and whether this server has it is unknown.", STR_ARG(b));
    case WHY_SETTING:      return str_fmt(a, "Build %.*s can have the protection, but its setting decides, and a build does not show that.", STR_ARG(b));
    case WHY_MORE:         return str_fmt(a, "Build %.*s has what the fix needs, but the fix is a change of the configuration as well, and a build does not show that.", STR_ARG(b));
    }
    return STR_EMPTY;
}
