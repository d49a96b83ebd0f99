/*
 * update_traits: what each server is like: its names, by where they are known from, its addresses, and where these lie.
 *
 * Names    the survey says of each whether a certificate has it, somebody asked for it or it is a reverse name (observation.h). Of the ledger's, those of a hunt's report of grade B or better
 *          and those that Exchange servers have (mail., owa., autodiscover. ...) are its own; all others count as reverse names, since nobody says that they are
 *          better: anybody can write any name into a report. What a provider made up from the address is left out, and a name in a row that the survey knows at
 *          another server: the address was mistyped, or the row is forged.
 * Country  of the address: the operator's databases, else what most sources say, else (update_server_seen) what the survey saw last.
 */
#include "casework/update_assets.h"

#include "base/num.h"
#include "pack/builds.h"
#include "survey/observation.h"

_Static_assert(OBS_ANSWERED == 1, "last_seen has its number");

#include <stdlib.h>
#include <string.h>

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for what servers are like"); }

struct shown { int64_t record, last_us; uint32_t server; bool survey; uint16_t port; uint8_t ip[16]; };       /* last_us: when it last answered there; TIME_NONE */
struct lies { uint32_t server, asn; char country[3]; };
struct reported { int64_t subject; bool proven; };
struct traits {
    struct assets *x;
    struct update *u;
    size_t trait_n, trait_cap;
    struct shown *shown; size_t shown_n;
    struct lies *lies; size_t lies_n, lies_cap;
    struct reported *reported; size_t reported_n, reported_cap;
};

/* ---- names ---- */

static const char *const own_names[] = {
    "mail", "owa", "webmail", "exchange", "autodiscover", "remote", "outlook", "ews", "activesync", "oma", "legacy", "mx", "smtp", "email", "mailserver", "exch", "hybrid",
};

/* "mail.bakery.local" lies under no domain that anybody owns. */
static struct str owned(struct str name) { return same_name_tells(name) ? where_registrable(name) : STR_EMPTY; }

/* How good a first label is for a name of the server; COUNT_OF(own_names): none of Exchange's. "mail2" is one as well. */
static size_t own_rank(struct str name)
{
    struct str label = str_sub(name, 0, str_chr(name, '.'));

    while (label.n && ch_digit(label.p[label.n - 1]))
        label.n--;
    for (size_t i = 0; i < COUNT_OF(own_names); i++)
        if (str_ieq_c(label, own_names[i]))
            return i;
    return COUNT_OF(own_names);
}

static bool trait(struct traits *t, uint32_t server, enum update_kind kind, bool survey, struct str text, struct str domain, struct err *e)
{
    struct update *u = t->u;

    if (t->trait_n == t->trait_cap)
        return no_room(e);
    u->trait[t->trait_n++] = (struct update_trait){ server, (uint8_t)kind, survey, text, domain };
    return true;
}

/* NULL: no report speaks of it. */
static const struct reported *reported(const struct traits *t, uint64_t subject)
{
    size_t from = 0, to = t->reported_n;

    while (from < to) {
        size_t mid = from + (to - from) / 2;
        if ((uint64_t)t->reported[mid].subject < subject)
            from = mid + 1;
        else
            to = mid;
    }
    return from < t->reported_n && (uint64_t)t->reported[from].subject == subject ? &t->reported[from] : NULL;
}

/* What the survey says of its names stands; of others the first label tells. */
static enum update_kind kind_of(const struct asset_more *m, uint32_t k, struct str name, const struct reported *report)
{
    if (report)
        return report->proven ? TRAIT_OWN_NAME : TRAIT_REVERSE;
    if (str_starts(name, STR("*.")) || (m->name_from && m->name_from[k] == OBS_NAME_OF_CERT))
        return TRAIT_CERT_NAME;
    if (m->name_from)
        return m->name_from[k] == OBS_NAME_SAID ? TRAIT_OWN_NAME : TRAIT_REVERSE;
    return own_rank(name) < COUNT_OF(own_names) ? TRAIT_OWN_NAME : TRAIT_REVERSE;
}

static bool names_of(struct traits *t, const struct same_item *i, const struct asset_more *m, uint32_t server, struct err *e)
{
    const struct reported *report = m->survey ? NULL : reported(t, i->id);

    for (uint32_t k = 0; k < i->name_n; k++) {
        struct str name = i->name[k];
        enum update_kind kind = kind_of(m, k, name, report);

        if (kind != TRAIT_CERT_NAME && !(report && report->proven) && i->has_ip && org_ptr_default(name, i->ip))
            continue;
        if (!trait(t, server, kind, m->survey, name, owned(str_starts(name, STR("*.")) ? str_from(name, 2) : name), e))
            return false;
    }
    return true;
}

static bool traits_of(struct traits *t, const struct same_pair *p, struct err *e)
{
    const struct same_item *i = &t->x->item[p->item];
    const struct asset_more *m = &t->x->more[p->item];
    uint32_t server = t->x->at_of[p->server];

    if (!names_of(t, i, m, server, e))
        return false;
    if (m->org.n && !trait(t, server, TRAIT_CERT_ORG, m->survey, m->org, STR_EMPTY, e))
        return false;
    if (i->domain.n && !trait(t, server, TRAIT_DIRECTORY, m->survey, i->domain, owned(i->domain), e))
        return false;
    if (i->computer.n && !trait(t, server, TRAIT_COMPUTER, m->survey, i->computer, STR_EMPTY, e))
        return false;
    if (i->has_ip) {
        struct shown *s = &t->shown[t->shown_n++];
        *s = (struct shown){ .record = (int64_t)i->id, .last_us = TIME_NONE, .server = server, .survey = m->survey, .port = i->port };
        memcpy(s->ip, i->ip, sizeof s->ip);
    }
    return true;
}

static int by_trait(const void *p, const void *q)
{
    const struct update_trait *a = p, *b = q;

    if (a->server != b->server)
        return a->server < b->server ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int c = str_cmp(a->text, b->text);
    return c ? c : (int)b->survey - (int)a->survey;
}

static bool same_trait(const struct update_trait *a, const struct update_trait *b) { return a->server == b->server && a->kind == b->kind && str_eq(a->text, b->text); }

/* ---- names of others ---- */

struct known { struct str name; uint32_t server; };

static int by_known(const void *p, const void *q)
{
    const struct known *a = p, *b = q;
    int c = str_cmp(a->name, b->name);

    return c ? c : a->server < b->server ? -1 : a->server > b->server;
}

/* Traits are sorted; what is left stays so. */
static bool leave_out_others(struct update *u, struct err *e)
{
    struct arena  a = u->scratch;
    struct known *known = TAKE(&a, struct known, (size_t)u->trait_n + 1);
    size_t        known_n = 0;
    uint32_t      n = 0;

    if (!known)
        return no_room(e);
    for (uint32_t i = 0; i < u->trait_n; i++)
        if (u->trait[i].survey && u->trait[i].kind <= TRAIT_OWN_NAME)
            known[known_n++] = (struct known){ u->trait[i].text, u->trait[i].server };
    if (known_n)
        qsort(known, known_n, sizeof *known, by_known);
    for (uint32_t i = 0; i < u->trait_n; i++) {
        const struct update_trait *t = &u->trait[i];
        size_t from = 0, to = known_n;
        bool   others = false, own = false;

        while (!t->survey && t->kind <= TRAIT_REVERSE && from < to) {
            size_t mid = from + (to - from) / 2;
            if (str_cmp(known[mid].name, t->text) < 0)
                from = mid + 1;
            else
                to = mid;
        }
        for (; !t->survey && t->kind <= TRAIT_REVERSE && from < known_n && str_eq(known[from].name, t->text); from++) {
            own |= known[from].server == t->server;
            others |= known[from].server != t->server;
        }
        if (own || !others)
            u->trait[n++] = *t;
    }
    u->trait_n = n;
    return true;
}

/* ---- addresses ---- */

/* The survey's first, then where it answered last, then that of the web, then by bytes. */
static int by_shown(const void *p, const void *q)
{
    const struct shown *a = p, *b = q;

    if (a->server != b->server)
        return a->server < b->server ? -1 : 1;
    if (a->survey != b->survey)
        return a->survey ? -1 : 1;
    if (a->last_us != b->last_us)
        return a->last_us > b->last_us ? -1 : 1;
    if ((a->port == 443) != (b->port == 443))
        return a->port == 443 ? -1 : 1;
    int c = memcmp(a->ip, b->ip, sizeof a->ip);
    return c ? c : a->port < b->port ? -1 : a->port > b->port;
}

static int by_ip(const void *p, const void *q) { return memcmp(p, q, 16); }

/* ---- which address is the present one ---- */

struct last { int64_t record, us; };
struct lasts { struct last *last; size_t n; };

static int by_last(const void *p, const void *q)
{
    const struct last *a = p, *b = q;

    return a->record < b->record ? -1 : a->record > b->record;
}

static bool take_last(void *ctx, const struct store_value *v, struct err *e)
{
    struct lasts *x = ctx;
    struct last key = { .record = v[0].i }, *hit = bsearch(&key, x->last, x->n, sizeof *x->last, by_last);

    (void)e;
    if (hit && !v[1].null && v[1].i > hit->us)
        hit->us = v[1].i;
    return true;
}

/* Only of servers with several addresses: then all observations are read once. Those in which nobody answered say nothing. */
static bool last_seen(struct traits *t, struct err *e)
{
    struct update *u = t->u;
    struct arena   a = u->scratch;
    struct lasts   x = { .last = TAKE(&a, struct last, t->shown_n + 1) };
    bool           survey = false, ledger = false;

    if (!x.last)
        return no_room(e);
    for (size_t from = 0, to; from < t->shown_n; from = to) {
        bool several = false;

        for (to = from; to < t->shown_n && t->shown[to].server == t->shown[from].server; to++)
            several |= memcmp(t->shown[to].ip, t->shown[from].ip, sizeof t->shown->ip) != 0;
        for (size_t i = from; several && i < to; i++) {
            x.last[x.n++] = (struct last){ t->shown[i].record, TIME_NONE };
            survey |= t->shown[i].survey;
            ledger |= !t->shown[i].survey;
        }
    }
    if (!x.n)
        return true;
    qsort(x.last, x.n, sizeof *x.last, by_last);
    if (survey && !store_scan(u->s, "SELECT o.target, o.observed_us FROM survey_observation o JOIN survey_state s ON s.id = o.state WHERE s.reach = 1 OR s.parts > 0", 2, take_last, &x, e))
        return false;
    if (ledger && !store_scan(u->s, "SELECT subject, max(observed_us) FROM case_fact WHERE of_case = 0 GROUP BY subject", 2, take_last, &x, e))
        return false;
    for (size_t i = 0; i < t->shown_n; i++) {
        struct last key = { .record = t->shown[i].record };
        const struct last *hit = bsearch(&key, x.last, x.n, sizeof *x.last, by_last);
        t->shown[i].last_us = hit ? hit->us : TIME_NONE;
    }
    qsort(t->shown, t->shown_n, sizeof *t->shown, by_shown);
    return true;
}

static bool addresses(struct traits *t, struct err *e)
{
    struct update *u = t->u;

    if (t->shown_n)
        qsort(t->shown, t->shown_n, sizeof *t->shown, by_shown);
    if (!last_seen(t, e))
        return false;
    for (size_t from = 0, to; from < t->shown_n; from = to) {
        struct update_server *s = &u->server[t->shown[from].server];
        uint32_t n = 0;

        for (to = from; to < t->shown_n && t->shown[to].server == t->shown[from].server; )
            to++;
        uint8_t (*ip)[16] = arena_take(&u->keep, sizeof *ip, to - from, 1);
        if (!ip)
            return no_room(e);
        for (size_t i = from; i < to; i++)
            memcpy(ip[i - from], t->shown[i].ip, sizeof *ip);
        qsort(ip, to - from, sizeof *ip, by_ip);
        for (size_t i = 0; i < to - from; i++)
            if (!n || memcmp(ip[n - 1], ip[i], sizeof *ip) != 0)
                memmove(ip[n++], ip[i], sizeof *ip);
        s->ips = (const uint8_t (*)[16])ip;
        s->ip_n = n;
        memcpy(s->ip, t->shown[from].ip, sizeof s->ip);
        s->has_ip = true;
        s->port = t->shown[from].port;
        if (u->o->places && where_locate((void *)(uintptr_t)u->o->places, s->ip, s->country, &s->asn) && !s->country[0])
            memset(s->country, 0, sizeof s->country);
    }
    return true;
}

/* ---- names and domains of a server ---- */

static bool better_name(const struct update_trait *a, const struct update_trait *b)
{
    size_t x = own_rank(a->text), y = own_rank(b->text);

    if ((a->domain.n != 0) != (b->domain.n != 0))
        return a->domain.n != 0;
    if (a->kind != b->kind)
        return a->kind < b->kind;
    if (x != y)
        return x < y;
    return a->text.n != b->text.n ? a->text.n < b->text.n : str_cmp(a->text, b->text) < 0;
}

static int by_text(const void *p, const void *q) { return str_cmp(*(const struct str *)p, *(const struct str *)q); }

static bool sum_up(struct traits *t, uint32_t from, uint32_t to, struct err *e)
{
    struct update *u = t->u;
    struct update_server *s = &u->server[u->trait[from].server];
    const struct update_trait *best = NULL, *computer = NULL, *directory = NULL;
    struct str *domain = TAKE(&u->keep, struct str, to - from);
    uint32_t n = 0, k = 0;

    if (!domain)
        return no_room(e);
    for (uint32_t i = from; i < to; i++) {
        const struct update_trait *x = &u->trait[i];

        if (x->kind == TRAIT_COMPUTER && !computer)
            computer = x;
        if (x->kind == TRAIT_DIRECTORY && !directory)
            directory = x;
        if (x->kind <= TRAIT_REVERSE && x->domain.n)
            domain[n++] = x->domain;
        if (x->kind <= TRAIT_REVERSE && !str_starts(x->text, STR("*")) && (!best || better_name(x, best)))
            best = x;
    }
    qsort(domain, n, sizeof *domain, by_text);
    for (uint32_t i = 0; i < n; i++)
        if (!k || !str_eq(domain[k - 1], domain[i]))
            domain[k++] = domain[i];
    s->domain = domain;
    s->domain_n = k;
    if (best)
        s->name = best->text;
    else if (computer && directory && str_chr(computer->text, '.') == STR_NONE)
        s->name = str_fmt(&u->keep, "%.*s.%.*s", STR_ARG(computer->text), STR_ARG(directory->text));
    else if (computer)
        s->name = computer->text;
    return true;
}

/* ---- where an address lies, in somebody's words ---- */

static bool take_place(void *ctx, const struct store_value *v, struct err *e)
{
    struct traits *t = ctx;
    const struct update_subject *s = update_subject_find(t->u, v[0].i);

    for (; s && s < t->u->subject + t->u->subject_n && s->id == v[0].i; s++) {
        struct lies *l = GROW(&t->u->scratch, t->lies, t->lies_n, &t->lies_cap);
        if (!l)
            return no_room(e);
        *l = (struct lies){ .server = s->server, .asn = (uint32_t)v[2].i };
        if (v[1].s.n == 2)
            memcpy(l->country, v[1].s.p, 2);
        t->lies_n++;
    }
    return true;
}

static int by_lies(const void *p, const void *q)
{
    const struct lies *a = p, *b = q;

    if (a->server != b->server)
        return a->server < b->server ? -1 : 1;
    int c = memcmp(a->country, b->country, sizeof a->country);
    return c ? c : a->asn < b->asn ? -1 : a->asn > b->asn;
}

static bool places(struct traits *t, struct err *e)
{
    struct arena was = t->u->scratch;
    bool ok = store_scan(t->u->s, "SELECT subject, country, asn FROM case_place", 3, take_place, t, e);

    if (t->lies_n)
        qsort(t->lies, t->lies_n, sizeof *t->lies, by_lies);
    for (size_t from = 0, to; ok && from < t->lies_n; from = to) {
        struct update_server *s = &t->u->server[t->lies[from].server];
        size_t best = from, best_n = 0;

        for (to = from; to < t->lies_n && t->lies[to].server == t->lies[from].server; ) {
            size_t i = to;
            while (to < t->lies_n && by_lies(&t->lies[i], &t->lies[to]) == 0)
                to++;
            if (to - i > best_n && t->lies[i].country[0]) {
                best_n = to - i;
                best = i;
            }
        }
        if (!s->country[0])
            memcpy(s->country, t->lies[best].country, sizeof s->country);
        if (!s->asn)
            s->asn = t->lies[best].asn;
    }
    t->u->scratch = was;
    return ok;
}

static bool take_reported(void *ctx, const struct store_value *v, struct err *e)
{
    struct traits *t = ctx;
    struct reported *slot = GROW(&t->u->keep, t->reported, t->reported_n, &t->reported_cap);

    if (!slot)
        return no_room(e);
    *slot = (struct reported){ v[0].i, v[1].i >= GRADE_B };
    t->reported_n++;
    return true;
}

bool update_traits(struct assets *x, struct err *e)
{
    struct update *u = x->u;
    struct traits  t = { .x = x, .u = u };
    uint32_t       n = 0;

    if (!store_scan(u->s, "SELECT subject, max(grade) FROM case_report GROUP BY subject ORDER BY subject", 2, take_reported, &t, e))
        return false;
    for (size_t i = 0; i < x->same.pair_n; i++)
        t.trait_cap += x->item[x->same.pair[i].item].name_n + 3;
    t.shown = TAKE(&u->keep, struct shown, x->same.pair_n + 1);
    u->trait = TAKE(&u->keep, struct update_trait, t.trait_cap + 1);
    if (!t.shown || !u->trait)
        return no_room(e);
    for (size_t i = 0; i < x->same.pair_n; i++)
        if (!traits_of(&t, &x->same.pair[i], e))
            return false;
    if (t.trait_n)
        qsort(u->trait, t.trait_n, sizeof *u->trait, by_trait);
    for (size_t i = 0; i < t.trait_n; i++)
        if (!n || !same_trait(&u->trait[n - 1], &u->trait[i]))
            u->trait[n++] = u->trait[i];
    u->trait_n = n;
    if (!leave_out_others(u, e))
        return false;
    n = u->trait_n;
    for (uint32_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && u->trait[to].server == u->trait[from].server; )
            to++;
        if (!sum_up(&t, from, to, e))
            return false;
    }
    return addresses(&t, e) && places(&t, e);
}

/* ---- what the survey saw ---- */

void update_server_seen(struct update *u, const struct server_span *s)
{
    uint32_t n = 0;
    const struct update_survey *x = s->group == 0 ? update_survey_find(u, s->server, &n) : NULL;

    for (uint32_t i = 0; i < n; i++) {
        struct update_server *to = &u->server[x[i].server];

        if (s->parts) {
            memcpy(to->build, s->build, sizeof to->build);
            to->parts = s->parts;
            to->product = u->o->builds ? builds_product(u->o->builds, to->build, to->parts) : STR_EMPTY;
        }
        if (s->country[0] && !(u->o->places && to->country[0])) {
            memcpy(to->country, s->country, 2);
            to->country[2] = 0;
        }
        if (s->asn && !(u->o->places && to->asn))
            to->asn = s->asn;
    }
}
