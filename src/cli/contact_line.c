#include "cli/contact_line.h"

#include "base/num.h"

#include <stdio.h>

const char *const contact_lack_words[CONTACT_LACKS] = { "nothing", "nobody", "spent", "route", "compromised", "unknown" };

static const struct { uint32_t flag; const char *word; } flags[] = {
    { CONTACT_DEAD, "dead" }, { CONTACT_SUPPRESSED, "opted out" }, { CONTACT_ENDED, "ended" }, { CONTACT_WRONG, "not theirs" }, { CONTACT_RESTED, "full or disabled, rests for 30 days" },
    { CONTACT_FORGED, "its security.txt lay on a server of this campaign" }, { CONTACT_STALE, "a year without proof of life" },
};

size_t contact_usable_n(const struct contact *c, size_t n)
{
    size_t k = 0;

    for (size_t i = 0; i < n; i++)
        k += contact_usable(&c[i]);
    return k;
}

static const struct contact *best(const struct contact *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (contact_usable(&c[i]))
            return &c[i];
    return NULL;
}

enum contact_lack contact_lack_of(const struct contact *c, size_t n)
{
    const struct contact *b = best(c, n);

    if (!b)
        return n ? LACK_SPENT : LACK_NOBODY;
    if (b->rung >= 10)
        return LACK_ROUTE;
    return b->path == PATH_COMPROMISED ? LACK_COMPROMISED : b->path == PATH_UNKNOWN ? LACK_UNKNOWN : LACK_NOTHING;
}

/* A path that the intruder does not own, beside the best. */
static const struct contact *beside(const struct contact *c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (contact_usable(&c[i]) && c[i].rung < 10 && c[i].path != PATH_COMPROMISED && c[i].path != PATH_UNKNOWN)
            return &c[i];
    return NULL;
}

struct str contact_lack_text(enum contact_lack k, const struct contact *c, size_t n, struct arena *a)
{
    const struct contact *b = best(c, n), *other = beside(c, n);
    struct str            also = STR(": find a telephone number or a postal address");

    if (other && other->channel == CONTACT_POST)
        also = STR("; a postal address is known");
    else if (other)
        also = str_fmt(a, "; %.*s is another path", STR_ARG(str_sub(other->address, 0, 120)));
    switch (k) {
    case LACK_NOBODY:      return STR("nobody is known: look, and add whom you find");
    case LACK_SPENT:       return str_fmt(a, "%zu known, and none may be used: find another", n);
    case LACK_ROUTE:       return str_fmt(a, "only the way around is known (%s): find somebody of theirs", ladder_rung_name(b->rung));
    case LACK_COMPROMISED: return str_fmt(a, "%.*s%.*s", STR_ARG(b->path_why), STR_ARG(also));
    case LACK_UNKNOWN:     return str_fmt(a, "%.*s: look the domain up%.*s", STR_ARG(b->path_why), STR_ARG(other ? also : STR_EMPTY));
    default:               return STR_EMPTY;
    }
}

struct str contact_against(const struct contact *c, struct arena *a)
{
    struct str all = STR_EMPTY;

    for (size_t i = 0; i < COUNT_OF(flags); i++)
        if (c->flags & flags[i].flag)
            all = str_fmt(a, "%.*s%s%s", STR_ARG(all), all.n ? ", " : "", flags[i].word);
    if (c->path == PATH_NULL_MX)
        all = str_fmt(a, "%.*s%stakes no mail", STR_ARG(all), all.n ? ", " : "");
    return all;
}

void contact_json(struct js *j, const struct contact *c)
{
    static const char *const about[CONTACT_ABOUTS] = { "domain", "network", "entry", "asn", "country", "organisation" };

    js_object(j);
    js_key(j, "contact");  js_i64(j, c->id);
    js_key(j, "channel");  js_c(j, contact_channel_name(c->channel));
    js_key(j, "address");  js_str(j, c->address);
    js_key(j, "rung");     js_u64(j, c->rung);
    js_key(j, "rung_name"); js_c(j, ladder_rung_name(c->rung));
    js_key(j, "grade");    js_c(j, c->grade ? grade_name(c->grade) : NULL);
    js_key(j, "usable");   js_bool(j, contact_usable(c));
    js_key(j, "manual");   js_bool(j, c->manual);
    js_key(j, "against");
    js_array(j);
    for (size_t i = 0; i < COUNT_OF(flags); i++)
        if (c->flags & flags[i].flag)
            js_c(j, flags[i].word);
    js_end(j);
    js_key(j, "path");     js_c(j, mail_path_name(c->path));
    js_key(j, "path_why"); js_str_or_null(j, c->path_why);
    js_key(j, "provider"); js_str_or_null(j, c->mx_bucket);
    js_key(j, "about");
    js_object(j);
    js_key(j, "what");  js_c(j, (size_t)c->about < CONTACT_ABOUTS ? about[c->about] : NULL);
    js_key(j, "value"); js_str(j, c->about_value);
    js_end(j);
    js_key(j, "name");     js_str_or_null(j, c->name);
    js_key(j, "role");     js_str_or_null(j, c->role);
    js_key(j, "language"); js_str_or_null(j, c->language);
    js_key(j, "pgp");      js_str_or_null(j, c->pgp);
    js_key(j, "source");   js_str_or_null(j, c->source);
    js_key(j, "stated");   js_time(j, c->source_us);
    js_key(j, "proof_of_life"); js_time(j, c->proof_us);
    js_end(j);
}
