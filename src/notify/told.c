/* See told.h. */
#include "notify/told_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "casework/second_group.h"
#include "notify/inbox.h"
#include "store/bind.h"

bool told_no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for a notice's facts"); }

bool told_copy(struct arena *a, struct str s, struct str *ret, struct err *e)
{
    *ret = s.n ? str_dup(a, s) : STR_EMPTY;
    return !s.n || ret->p || told_no_room(e);
}

bool told_begin(struct told_run **ret, struct store *s, const struct case_campaign *campaign, const struct pack *p, struct arena *a, struct err *e)
{
    struct told_run *r = NEW(a, struct told_run, 1);
    int64_t          n;

    if (!r)
        return told_no_room(e);
    if (!bind_ask(s, "SELECT count(*) FROM case_fact WHERE of_case = 1 AND kind IN (?1, ?2)", BOUND(B_INT(FACT_FINDING), B_INT(FACT_EXPOSURE)), &n, 1, e))
        return false;
    *r = (struct told_run){ .s = s, .campaign = *campaign, .p = p, .year = case_year(campaign), .whole_cases = n > 0 };
    *ret = r;
    return true;
}

/* --- servers --- */

static uint8_t sure(enum grade g) { return g == GRADE_A ? 99 : g == GRADE_B ? 95 : g == GRADE_C ? 75 : g == GRADE_D ? 40 : 0; }
static int64_t seen(const struct told_row *x) { return x->ground.us != TIME_NONE ? x->ground.us : x->seen_us; }

static struct told_server server(const struct told_run *r, const struct notice *n, const struct told_row *x)
{
    struct told_server s = { .asset = x->asset, .host = x->name, .ip = x->ip, .product = x->product, .build = x->build, .finding = str_c(notice_finding_name(x->finding)),
                             .detector = x->ground.detector, .port = x->port, .seen_us = seen(x), .asn = x->asn, .confidence = sure(x->ground.grade), .own_check = x->ground.own,
                             .tlp = str_c(x->ground.label) };
    bool door = x->finding != FINDING_VULNERABLE && x->finding != FINDING_CLEAN;

    if (x->country.n == 2)
        memcpy(s.country, x->country.p, 2);
    if (x->finding == FINDING_VULNERABLE && r->p->cve_n)
        s.cve = r->p->cve[0];
    if (door && x->traced && n->audience != AUDIENCE_PROVIDER && n->contact.n) {
        s.path = x->path;
        s.sha256 = x->sha256;
        s.detector = STR("hunt");
    }
    return s;
}

static int worst_first(const void *x, const void *y)
{
    const struct told_row *a = *(const struct told_row *const *)x, *b = *(const struct told_row *const *)y;
    int                    p = told_severity(a->finding), q = told_severity(b->finding);

    if (p != q)
        return p - q;
    return seen(a) != seen(b) ? (seen(a) < seen(b)) - (seen(a) > seen(b)) : (a->asset > b->asset) - (a->asset < b->asset);
}

static bool servers(const struct told_run *r, const struct told_case *c, const struct notice *n, struct arena *a, struct told *t, struct err *e)
{
    const struct told_row **row = TAKE(a, const struct told_row *, c->row_n + 1);
    size_t                  out = 0;

    for (size_t i = 0; row && i < c->row_n; i++)
        if (c->row[i].ground.label && (c->row[i].finding == FINDING_CLEAN) == (n->finding == FINDING_CLEAN))
            row[out++] = &c->row[i];
    struct told_server *s = NEW(a, struct told_server, out + 1);
    if (!row || !s)
        return told_no_room(e);
    if (out)
        qsort(row, out, sizeof *row, worst_first);
    for (size_t i = 0; i < out; i++)
        s[i] = server(r, n, row[i]);
    t->server = s;
    t->server_n = out;
    for (size_t i = 0; i < out; i++)
        if (t->since_us == TIME_NONE || (i && n->audience >= AUDIENCE_PROVIDER && s[i].seen_us != TIME_NONE && s[i].seen_us < t->since_us))
            t->since_us = s[i].seen_us;
    return true;
}

enum notice_finding told_finding(const struct told_set *set, int64_t case_)
{
    const struct told_case *c = told_case_of(set, case_);
    const struct told_row  *worst = NULL;

    for (size_t i = 0; i < c->row_n; i++)
        if (c->row[i].ground.label && (!worst || told_severity(c->row[i].finding) < told_severity(worst->finding)))
            worst = &c->row[i];
    return worst ? worst->finding : FINDING_VULNERABLE;
}

/* --- the notice --- */

static bool contact(struct told_run *r, const struct told_set *set, const struct notice *n, struct arena *a, struct told *t, struct err *e)
{
    const struct told_contact *to = told_contact_of(set, n->contact_id);
    const struct told_case    *c = told_case_of(set, n->case_);

    if (to) {
        t->contact_source_us = to->us;
        t->contact_source = to->source;
        t->contact_name = to->name;
        t->contact_role = to->role;
    }
    for (size_t i = 0; i < c->said_n && !t->in_reply_to.n; i++)
        if (str_eq(c->said[i].contact, n->contact) && !str_eq(c->said[i].message_id, str_c(n->message_id)))
            t->in_reply_to = c->said[i].message_id;
    return !t->in_reply_to.n || n->minimal || inbox_ticket(r->s, n->case_, n->contact, a, &t->ticket, e);
}

/* What its hunt advised, and whether another group was there: for technicians alone. */
static bool hunted(struct told_run *r, const struct notice *n, struct arena *a, struct told *t, struct err *e)
{
    struct second_group g;

    if (n->audience != AUDIENCE_TECHNICAL || n->finding == FINDING_CLEAN || !t->server_n || !str_eq(t->server[0].detector, STR("hunt")))
        return true;
    if (!told_steps(r, t->server[0].asset, a, &t->steps, e))
        return false;
    struct arena scratch = *a;
    if (t->steps.n && !second_group_read(r->s, n->case_, &scratch, &g, e))
        return false;
    t->second_group = t->steps.n && g.suspected;
    return true;
}

bool told_gather(struct told_run *r, const struct told_set *set, const struct notice *n, struct str nonce, struct arena *a, struct told *ret, struct err *e)
{
    struct told t = { .notice = n, .nonce = n->minimal ? STR_EMPTY : nonce, .campaign = r->campaign.slug, .since_us = TIME_NONE, .contact_source_us = TIME_NONE, .tlp = STR("TLP:AMBER") };
    char       *name = NEW(a, char, CASE_NAME_TEXT);

    if (!name)
        return told_no_room(e);
    case_name(n->case_, r->year, name);
    t.case_name = str_c(name);
    if ((n->minimal || n->contact.n) && !contact(r, set, n, a, &t, e))
        return false;
    if (n->minimal) {
        t.contact_source = STR_EMPTY;
        *ret = t;
        return true;
    }
    const struct told_case *c = told_case_of(set, n->case_);
    t.campaign_title = r->campaign.title;
    t.organisation = c->organisation;
    if (!servers(r, c, n, a, &t, e) || !hunted(r, n, a, &t, e))
        return false;
    t.tlp = told_label(&t);
    *ret = t;
    return true;
}

/* --- what makes it new --- */

struct mark { uint8_t h[HASH_SHA256_BYTES]; };
static int by_mark(const void *x, const void *y) { return memcmp(x, y, sizeof(struct mark)); }

void told_rev(const struct told *t, struct arena scratch, uint8_t ret[32])
{
    struct mark *m = NEW(&scratch, struct mark, t->server_n + 1);
    size_t       n = 0, out = 0;

    memset(ret, 0, 32);
    for (size_t i = 0; m && i < t->server_n; i++) {
        const struct told_server *s = &t->server[i];
        struct arena              a = scratch;
        struct str                text = s->asset ? str_fmt(&a, "%lld/%.*s", (long long)s->asset, STR_ARG(s->finding))
                                                  : str_fmt(&a, "%.*s/%u/%.*s/%.*s", STR_ARG(s->ip), (unsigned)s->port, STR_ARG(s->host), STR_ARG(s->finding));
        if (!hash_sha256(text, m[n++].h))
            return;
    }
    if (n)
        qsort(m, n, sizeof *m, by_mark);
    for (size_t i = 0; i < n; i++)             /* one server may stand in several rows */
        if (!i || memcmp(&m[i], &m[out - 1], sizeof *m) != 0)
            m[out++] = m[i];
    (void)hash_sha256((struct str){ (const uint8_t *)m, m ? out * sizeof *m : 0 }, ret);
}
