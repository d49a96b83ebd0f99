/* See compose.h: what stands behind each placeholder. */
#include "notify/compose_inner.h"

#include <string.h>

#include "base/time.h"
#include "base/num.h"
#include "emit/visible.h"
#include "formats/idna.h"
#include "notify/told.h"

const struct compose_block_value compose_block_values[] = { { "actions", true }, { "duties", true }, { "contact", false }, { "sure", false }, { "finding", false }, { NULL, false } };

/* --- pieces --- */

struct str compose_host(struct str host, struct making *m)
{
    struct str     out, address = host;
    struct visible v;
    size_t         n = 0;

    if (!host.n)
        return STR_EMPTY;
    if (idna_host(host, m->a, &out))
        return out;
    uint8_t *p = TAKE(m->a, uint8_t, host.n);
    m->full |= !p || (m->a->fault && m->a->fault->fired);
    for (; p && visible_step(address, &v) && n < IDNA_NAME_MAX; address = str_from(address, v.take))
        p[n++] = ch_alnum(address.p[0]) || address.p[0] == '.' || address.p[0] == '-' || address.p[0] == '_' ? address.p[0] : '?';      /* no "://" */
    return (struct str){ p, p ? n : 0 };
}

struct str compose_address(const struct told_server *s, struct making *m)
{
    bool six = str_chr(s->ip, ':') != STR_NONE;

    if (!s->ip.n)
        return STR_EMPTY;
    if (!s->port)
        return s->ip;
    return made(m, str_fmt(m->a, six ? "[%.*s]:%u" : "%.*s:%u", STR_ARG(s->ip), (unsigned)s->port));
}

struct str compose_when(int64_t us, struct making *m)
{
    char text[TIME_TEXT];

    time_text(us, text);
    return us == TIME_NONE || strlen(text) < 16 ? STR_EMPTY : made(m, str_fmt(m->a, "%.10s %.5s UTC", text, text + 11));
}

static struct str day(int64_t us, struct making *m)
{
    char text[TIME_TEXT];

    time_text(us, text);
    return us == TIME_NONE ? STR_EMPTY : made(m, str_fmt(m->a, "%.10s", text));
}

static struct str server(const struct told_server *s, struct making *m)
{
    struct str host = compose_host(s->host, m), address = compose_address(s, m);

    if (host.n && address.n)
        return made(m, str_fmt(m->a, "%.*s (%.*s)", STR_ARG(host), STR_ARG(address)));
    return host.n ? host : address;
}

struct str compose_inert(struct str s, struct making *m)
{
    static const struct { struct str is, to; } part[] = { { STR_INIT("://"), STR_INIT("[:]//") }, { STR_INIT("www."), STR_INIT("www[.]") }, { STR_INIT("TLP:"), STR_INIT("TLP[:]") } };
    size_t at;

    for (size_t i = 0; i < COUNT_OF(part); i++)
        for (size_t from = 0; (at = str_ifind(str_from(s, from), part[i].is)) != STR_NONE; from += at + part[i].to.n)
            s = made(m, str_fmt(m->a, "%.*s%.*s%.*s", STR_ARG(str_sub(s, 0, from + at)), STR_ARG(part[i].to), STR_ARG(str_from(s, from + at + part[i].is.n))));
    return s;
}

static struct str number(uint64_t n, struct making *m) { return made(m, str_fmt(m->a, "%llu", (unsigned long long)n)); }

/* "ABCD EF01 ..." as people read it aloud. */
static struct str in_fours(struct str s, struct making *m)
{
    uint8_t *p = TAKE(m->a, uint8_t, s.n * 2 + 1);
    size_t   n = 0;

    m->full |= !p;
    for (size_t i = 0, k = 0; p && i < s.n; i++) {
        if (s.p[i] == ' ')
            continue;
        if (k && k % 4 == 0)
            p[n++] = ' ';
        p[n++] = s.p[i];
        k++;
    }
    return (struct str){ p, p ? n : 0 };
}

struct str compose_reply(const struct told *t, const struct sender *from, struct arena *a)
{
    return str_fmt(a, "case+%s@%.*s", t->notice->token, STR_ARG(from->reply_domain));
}

uint8_t compose_confidence(const struct told *t) { return t->server_n ? t->server[0].confidence : 0; }

/* Of several organisations: each row says whose it is. */
static bool several(const struct told *t)
{
    return t->notice->audience >= AUDIENCE_PROVIDER && t->server_n && t->server[0].organisation.n;
}

static bool any_path(const struct told *t)
{
    for (size_t i = 0; i < t->server_n && i < COMPOSE_TEXT_ROWS; i++)
        if (t->server[i].path.n)
            return true;
    return false;
}

/* --- the values --- */

enum value {
    V_TLP, V_CASE, V_CAMPAIGN, V_ORGANISATION, V_TEAM, V_DOMAIN, V_SITE, V_PHONE_PAGE, V_PRIVACY, V_FINGERPRINT, V_REPLY, V_HOST, V_SERVER, V_SINCE, V_COUNT, V_OTHERS, V_MORE, V_CVE,
    V_CONFIDENCE, V_PATHS, V_HUNT_CASE, V_CONTACT_SOURCE, V_CONTACT_SINCE, V_LEGAL, V_AGAIN, V_DATE, V_NOTICE, V_SECOND_GROUP, V_EVIDENCE, V_STEPS, VALUES
};
const char *const compose_names[] = {
    "tlp", "case", "campaign", "organisation", "team", "domain", "site", "phone_page", "privacy", "fingerprint", "reply", "host", "server", "since", "count", "others", "more", "cve",
    "confidence", "paths", "hunt_case", "contact_source", "contact_since", "legal", "again", "date", "notice", "second_group", "evidence", "steps", NULL
};
_Static_assert(COUNT_OF(compose_names) == VALUES + 1, "each value has its name");

enum row { ROW_TIME, ROW_SERVER, ROW_BUILD, ROW_DETECTOR, ROW_CVE, ROW_PATH, ROW_SHA256, ROW_ORGANISATION, ROW_CASE, ROWS };
const char *const compose_row_names[] = { "row_time", "row_server", "row_build", "row_detector", "row_cve", "row_path", "row_sha256", "row_organisation", "row_case", NULL };
_Static_assert(COUNT_OF(compose_row_names) == ROWS + 1, "each value has its name");

bool compose_rows(const struct compose *c, size_t rows, struct str *ret, struct err *e)
{
    struct str    all = STR_EMPTY, one;
    struct making m = { .a = c->a };

    for (size_t i = 0; i < c->t->server_n && i < rows; i++) {
        const struct told_server *s = &c->t->server[i];
        struct str                v[ROWS] = {
            [ROW_TIME] = compose_when(s->seen_us, &m), [ROW_SERVER] = server(s, &m), [ROW_BUILD] = compose_inert(s->build, &m), [ROW_DETECTOR] = compose_inert(s->detector, &m),
            [ROW_CVE] = s->cve, [ROW_PATH] = compose_inert(s->path, &m), [ROW_SHA256] = s->sha256, [ROW_ORGANISATION] = compose_inert(s->organisation, &m), [ROW_CASE] = s->case_name,
        };
        struct template_value tv[ROWS];
        const char           *finding = notice_finding_name(c->t->notice->finding);

        for (int k = 0; k < NOTICE_FINDINGS; k++)
            if (str_eq(s->finding, str_c(notice_finding_name((enum notice_finding)k))))
                finding = notice_finding_name((enum notice_finding)k);
        for (size_t k = 0; k < ROWS; k++)
            tv[k] = (struct template_value){ compose_row_names[k], v[k], false };
        if (!compose_one(c, "row", finding, tv, ROWS, &one, e))
            return false;
        all = all.n ? str_cat(c->a, all, one) : one;
        if (!all.p || m.full)
            return err_set(e, ERR_MEMORY, "no room for a text");
    }
    *ret = all;
    return true;
}

bool compose_values(struct compose *c, struct err *e)
{
    const struct told   *t = c->t;
    const struct sender *f = c->from;
    const struct notice *n = t->notice;
    struct arena        *a = c->a;
    struct making        m = { .a = a };
    struct str           host = STR_EMPTY, evidence = STR_EMPTY, id = str_c(n->message_id);
    int64_t              since_us = t->since_us;
    size_t               total = t->server_n + t->more, shown = t->server_n < COMPOSE_TEXT_ROWS ? t->server_n : COMPOSE_TEXT_ROWS;

    if (n->audience >= AUDIENCE_PROVIDER)
        for (size_t i = 0; i < t->server_n; i++)
            if (t->server[i].seen_us != TIME_NONE && (since_us == TIME_NONE || t->server[i].seen_us < since_us))
                since_us = t->server[i].seen_us;
    if (t->server_n)
        host = t->server[0].host.n ? compose_host(t->server[0].host, &m) : t->server[0].ip;
    if (!n->minimal && !compose_rows(c, COMPOSE_TEXT_ROWS, &evidence, e))
        return false;
    const struct str v[VALUES] = {
        [V_TLP] = told_label(t), [V_CASE] = t->case_name, [V_CAMPAIGN] = t->campaign_title, [V_ORGANISATION] = several(t) ? STR_EMPTY : compose_inert(t->organisation, &m), [V_TEAM] = f->name, [V_DOMAIN] = f->domain,
        [V_SITE] = f->site, [V_PHONE_PAGE] = f->phone_page.n ? f->phone_page : f->site, [V_PRIVACY] = f->privacy_page.n ? f->privacy_page : f->site,
        [V_FINGERPRINT] = in_fours(f->fingerprint, &m), [V_REPLY] = made(&m, compose_reply(t, f, a)), [V_HOST] = host, [V_SERVER] = t->server_n ? server(&t->server[0], &m) : STR_EMPTY,
        [V_SINCE] = compose_when(since_us, &m), [V_COUNT] = number(total, &m), [V_OTHERS] = total > 1 ? number(total - 1, &m) : STR_EMPTY,
        [V_MORE] = total > shown ? number(total - shown, &m) : STR_EMPTY, [V_CVE] = c->p->cve_n ? c->p->cve[0] : STR_EMPTY,
        [V_CONFIDENCE] = compose_confidence(t) ? number(compose_confidence(t), &m) : STR_EMPTY, [V_PATHS] = any_path(t) ? STR("yes") : STR_EMPTY,
        [V_HUNT_CASE] = t->nonce.n ? made(&m, str_fmt(a, "%.*s:%.*s", STR_ARG(t->case_name), STR_ARG(t->nonce))) : t->case_name,
        [V_CONTACT_SOURCE] = compose_inert(t->contact_source, &m), [V_CONTACT_SINCE] = day(t->contact_source_us, &m), [V_LEGAL] = t->legal,
        [V_AGAIN] = t->in_reply_to.n ? STR("yes") : STR_EMPTY, [V_DATE] = compose_when(n->date_us, &m), [V_NOTICE] = str_sub(id, 0, str_chr(id, '@')),
        [V_SECOND_GROUP] = t->second_group ? STR("yes") : STR_EMPTY, [V_EVIDENCE] = evidence, [V_STEPS] = compose_inert(t->steps, &m),
    };
    if (m.full)
        return err_set(e, ERR_MEMORY, "no room for a text");
    c->n = 0;
    for (size_t i = 0; i < VALUES; i++)
        c->v[c->n++] = (struct template_value){ compose_names[i], v[i], i == V_EVIDENCE || i == V_STEPS };
    /* A minimal notice can name nothing that is not in it. */
    for (size_t i = 0; n->minimal && i < VALUES; i++)
        if (i == V_HOST || i == V_SERVER || i == V_SINCE || i == V_COUNT || i == V_OTHERS || i == V_MORE || i == V_CVE || i == V_CONFIDENCE || i == V_PATHS || i == V_STEPS || i == V_HUNT_CASE ||
            i == V_CAMPAIGN || i == V_SECOND_GROUP)
            c->v[i].text = STR_EMPTY;
    for (const struct compose_block_value *b = compose_block_values; b->name; b++) {
        struct str text = STR_EMPTY;
        struct compose inner = *c;
        inner.columns = b->lines ? c->columns : 0;
        if (!n->minimal && !compose_one(&inner, b->name, notice_finding_name(n->finding), c->v, VALUES, &text, e))
            return false;
        c->v[c->n++] = (struct template_value){ b->name, b->lines ? text : str_trim(text), b->lines };
    }
    return true;
}
