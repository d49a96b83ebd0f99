/* What why.h says in sentences. */
#include "casework/why_inner.h"

#include "base/num.h"
#include "casework/ledger.h"

#include <string.h>

const char *why_by_name(enum why_by by)
{
    static const char *const name[WHY_BYS] = { "link", "entry", "mx", "certificate", "name", "reverse_name", "directory", "place" };

    return by < WHY_BYS ? name[by] : "";
}

int64_t why_key_number(enum org_class is, struct str clean)
{
    uint8_t class = (uint8_t)is;
    struct str part[] = { STR("key"), { &class, 1 }, clean };

    return ledger_number(part, COUNT_OF(part));
}

struct str why_key_value(enum org_class is, struct str clean, char ret_country[3])
{
    size_t at = is == ORG_IS_NAME ? str_chr(clean, 0) : STR_NONE;

    memset(ret_country, 0, 3);
    if (at == STR_NONE)
        return clean;
    for (size_t i = 0; i < 2 && at + 1 + i < clean.n; i++) {
        uint8_t c = clean.p[at + 1 + i];
        ret_country[i] = (char)(c >= 'a' && c <= 'z' ? c - 32 : c);
    }
    return str_sub(clean, 0, at);
}

struct str why_key_words(enum org_class is, struct str clean, struct arena *a)
{
    static const char *const what[ORG_CLASSES] = { "the number", "the entry", "the organisation", "the domain", "the network of", "the carrier", "the inner name" };
    char country[3];
    struct str v = why_key_value(is, clean, country);

    return country[0] ? str_fmt(a, "%s %.*s (%s)", what[is], STR_ARG(v), country) : str_fmt(a, "%s %.*s", is < ORG_CLASSES ? what[is] : "", STR_ARG(v));
}

struct str why_state_words(const struct why_key *k, struct arena *a)
{
    switch (k->state) {
    case GROUP_KEY_LONE:     return STR("one server has it, so it joins nothing");
    case GROUP_KEY_WEAK:     return str_fmt(a, "%u servers have it, but it is too weak to join them by itself", k->assets);
    case GROUP_KEY_JOINS:    return str_fmt(a, "joins the %u servers that have it, as far as they have it surely enough", k->assets);
    case GROUP_KEY_PROVIDER:
        return k->domains ? str_fmt(a, "touches %u domains that nothing else relates: a provider's, so it joins nobody's servers but its own", k->domains)
                          : STR("ruled to be a provider's, so it joins nobody's servers but its own");
    case GROUP_KEY_DOUBT:    return str_fmt(a, "touches %u domains that nothing else relates: a provider's or one owner's? Until somebody rules, it joins nothing", k->domains);
    case GROUP_KEY_REFUSED:  return STR("would make one organisation of two numbers, or join two larger organisations by one server, so it joins nothing there: see the review list");
    }
    return STR("");
}

static struct str from_where(const struct why_given *g, struct arena *a)
{
    if (g->file.n && g->line)
        return str_fmt(a, "%.*s, %.*s line %llu", STR_ARG(g->source), STR_ARG(g->file), (unsigned long long)g->line);
    return g->file.n ? str_fmt(a, "%.*s, %.*s", STR_ARG(g->source), STR_ARG(g->file)) : g->source;
}

struct str why_given_words(const struct why_key *k, const struct why_given *g, struct arena *a)
{
    struct str from = from_where(g, a), v = k->value, d = g->detail;
    struct str s = STR_EMPTY;

    if (!from.p)
        return s;
    switch (g->by) {
    case WHY_LINK:         s = str_fmt(a, "%.*s: stated as %s (%.*s)", STR_ARG(v), g->kind < ORG_KEYS ? org_kinds[g->kind].about : "a key", STR_ARG(from)); break;
    case WHY_ENTRY:
        s = d.n ? str_fmt(a, "%.*s: a register or list has its domain, %.*s (%.*s)", STR_ARG(v), STR_ARG(d), STR_ARG(from))
                : str_fmt(a, "%.*s: a register or list has its network (%.*s)", STR_ARG(v), STR_ARG(from));
        break;
    case WHY_MX:           s = str_fmt(a, "%.*s: its mail comes here%s%.*s (%.*s)", STR_ARG(v), d.n ? ", to " : "", STR_ARG(d), STR_ARG(from)); break;
    case WHY_CERTIFICATE:
        s = k->is == ORG_IS_NAME ? str_fmt(a, "%.*s: the organisation in its certificate (%.*s)", STR_ARG(v), STR_ARG(from))
                                 : str_fmt(a, "%.*s: %.*s is in its certificate (%.*s)", STR_ARG(v), STR_ARG(d), STR_ARG(from));
        break;
    case WHY_NAME:         s = str_fmt(a, "%.*s: %.*s is its own name (%.*s)", STR_ARG(v), STR_ARG(d), STR_ARG(from)); break;
    case WHY_REVERSE_NAME: s = str_fmt(a, "%.*s: %.*s is the reverse name of its address, or a name nobody vouches for (%.*s)", STR_ARG(v), STR_ARG(d), STR_ARG(from)); break;
    case WHY_DIRECTORY:    s = str_fmt(a, "%.*s: its AD domain (%.*s)", STR_ARG(v), STR_ARG(from)); break;
    case WHY_PLACE:
        s = k->is == ORG_IS_HOLDER ? str_fmt(a, "%.*s: carries its address", STR_ARG(v)) : str_fmt(a, "%.*s: its address lies in their network (the operator's files)", STR_ARG(v));
        break;
    default: break;
    }
    if (!s.p || !g->revoked)
        return s;
    return str_fmt(a, "%.*s; revoked, so it counts no more", STR_ARG(s));
}

static struct str named(struct str name, int64_t asset, struct arena *a) { return name.n ? name : str_fmt(a, "server %lld", (long long)asset); }

struct str why_step_words(const struct why_step *s, bool joined, struct arena *a)
{
    struct str from = named(s->from_name, s->from, a), to = named(s->to_name, s->to, a);

    if (!from.p || !to.p)
        return STR_EMPTY;
    if (!joined)
        return str_fmt(a, "both have %s %.*s: %.*s", org_class_name(s->key.is), STR_ARG(s->key.value), STR_ARG(s->key.why));
    if (s->also.id)
        return str_fmt(a, "%.*s and %.*s have both %s %.*s and %s %.*s: together that is enough", STR_ARG(from), STR_ARG(to), org_class_name(s->key.is), STR_ARG(s->key.value),
                       org_class_name(s->also.is), STR_ARG(s->also.value));
    return str_fmt(a, "%.*s and %.*s have %s %.*s", STR_ARG(from), STR_ARG(to), org_class_name(s->key.is), STR_ARG(s->key.value));
}
