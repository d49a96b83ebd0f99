/*
 * findings: the statements as the report shows them: ids in order of time, stable keys, filled sentences, the timeline.
 * Contract, findings[], key, count, omitted. Runs last: it turns the ranks in every list into indices of findings.
 */
#include "base/hash.h"
#include "verdict/work.h"

#include <stdio.h>
#include <string.h>

struct from { const struct event *ev; const struct thing *t; };      /* one of both */

/* --- texts -------------------------------------------------------------------------------------------------- */

static void put_field(struct text *t, struct str name, const struct event *ev)
{
    const struct hit *h = ev->h;
    const struct { const char *name; struct str value; const char *none; } field[] = {
        { "client", h->client, "an address that is not logged" },  { "user_agent", h->user_agent, "no user agent" },
        { "url", h->url, "an unnamed page" },                      { "target_path", h->target_path, "an unknown path" },
        { "target_host", h->target_host, "an unknown host" },      { "canary", h->canary, "none" },
        { "account", h->account, "no account" },                   { "mailbox", h->mailbox, "an unnamed mailbox" },
        { "path", h->path, "an unnamed path" },                    { "key", h->key, "unknown" },
        { "server", h->server, "this server" },                    { "method", h->method, "unknown" },
    };

    if (str_ieq(name, STR("status")) && h->status)
        text_u64(t, h->status);
    else if (str_ieq(name, STR("status")))
        text_c(t, "not logged");
    else if (str_ieq(name, STR("count")))
        text_u64(t, ev->count);
    else if (str_ieq(name, STR("bytes")))
        text_u64(t, ev->bytes);
    else {
        for (size_t i = 0; i < COUNT_OF(field); i++)
            if (str_ieq(name, str_c(field[i].name))) {
                if (field[i].value.n)
                    text_clean(t, field[i].value, 200);
                else
                    text_c(t, field[i].none);
                return;
            }
        text_c(t, "{");                      /* not ours: the rule's own braces */
        text_add(t, name);
        text_c(t, "}");
    }
}

static void fill(struct text *t, struct str tmpl, const struct event *ev)
{
    while (tmpl.n) {
        size_t open = str_chr(tmpl, '{'), close = open == STR_NONE ? STR_NONE : str_chr(str_from(tmpl, open), '}');
        if (close == STR_NONE || close > 32) {
            size_t upto = close == STR_NONE ? tmpl.n : open + 1;
            text_add(t, str_sub(tmpl, 0, upto));
            tmpl = str_from(tmpl, upto);
            continue;
        }
        text_add(t, str_sub(tmpl, 0, open));
        put_field(t, str_sub(tmpl, open + 1, open + close), ev);
        tmpl = str_from(tmpl, open + close + 1);
    }
}

static const char *learnt_why(const struct event *ev)
{
    if (ev->axis == AXIS_USE)
        return "{client} sent {method} to {url} and was answered {status}, {count} times: the page ran with what was sent to it.";
    if (is_2xx(ev->h))
        return "{client} asked for {url} and was answered {status}, {count} times: the page was there; nothing was sent to it that the log shows.";
    if (ev->h->status >= 500)
        return "{url} answered {status} to {client}, {count} times: the page was there and failed.";
    return "{client} asked for {url} and was answered {status}, {count} times: that is no use of it.";
}

/* A rule of the operator's own: whose it is, and where to read on. */
static void by_whom(struct text *t, const struct sigma_rule *rule)
{
    if (rule->author.n) {
        text_c(t, " Rule by ");
        text_clean(t, rule->author, 160);
        text_c(t, ".");
    }
    if (rule->reference.n) {
        text_c(t, " See ");
        text_clean(t, rule->reference, 300);
        text_c(t, ".");
    }
}

static bool event_why(struct work *w, const struct event *ev, struct str *ret)
{
    const struct sigma_rule *rule = rule_of(w, ev->h);
    struct text t = { .a = w->a };

    if (!rule && ev->h->rule == RULE_IOC && family_is_event_log(ev->h->family))
        fill(&t, STR("Records of an event log, {count} of them; the first and the last are cited."), ev);
    else if (!rule && ev->h->rule == RULE_IOC && ev->door == NONE)
        fill(&t, ev->h->client.n && ev->h->url.n && ev->h->method.n ? STR("{client} sent {method} to {url}, answered {status}, {count} times.")
                 : ev->h->client.n || ev->h->url.n || ev->h->target_host.n ? STR("Records of {client}, {count} of them.")
                 : STR("{count} more requests; the first and the last are cited."), ev);
    else if (!rule && ev->h->sign == SIGN_PIVOT && family_is_event_log(ev->h->family))
        fill(&t, STR("Of {client}, whose requests got in, an event log says: {account} {method}, {count} times."), ev);
    else if (!rule)
        fill(&t, str_c(ev->h->sign == SIGN_PIVOT && ev->door == NONE ? "Another request of {client}, whose other requests got in: {method} {url}, answered {status}, {count} times."
                                                                     : learnt_why(ev)), ev);
    else if (ev->h->why.n)
        fill(&t, ev->h->why, ev);                  /* of an event log: its own fields are in it already */
    else if (rule->why.n)
        fill(&t, rule->why, ev);
    else
        text_add(&t, or_text(rule->description, "The rule matched."));
    if (rule && !rule->own)
        by_whom(&t, rule);
    listed_tell(w, &t, ev->h);
    *ret = text_done(&t);
    return !t.bad || work_full(w);
}

static bool event_names(struct work *w, const struct event *ev, struct finding *f)
{
    const struct sigma_rule *rule = rule_of(w, ev->h);
    struct text d = { .a = w->a };

    if (!rule && ev->h->rule == RULE_IOC && ev->door == NONE)
        return listed_names(w, ev->h, &f->detector, &f->title);
    if (!rule) {
        bool pivot  = ev->h->rule == RULE_PIVOT;
        f->detector = pivot && family_is_event_log(ev->h->family) ? STR("events/pivot") : pivot ? STR("log/pivot") : STR("log/known-page");
        f->title    = ev->axis == AXIS_USE ? STR("A back door was used") : ev->door != NONE && ev->axis != AXIS_NONE ? STR("A back door answered")
                    : pivot && family_is_event_log(ev->h->family) ? (ev->h->active ? STR("An intruder came in with an account") : STR("An intruder's address in an event log"))
                    : pivot ? STR("Another request of the same intruder") : STR("A request to a page under suspicion");
        return true;
    }
    text_c(&d, "sigma:");
    text_add(&d, rule->own && rule->pack.n ? rule->pack : rule->own && w->d->pack && w->d->pack->id.n ? w->d->pack->id : STR("user"));
    text_c(&d, "/");
    text_add(&d, rule->name.n ? rule->name : rule->id);
    f->detector = text_done(&d);
    f->title    = or_text(rule->title, "A rule matched");
    return !d.bad || work_full(w);
}

/* --- one finding -------------------------------------------------------------------------------------------- */

static enum severity event_severity(const struct work *w, const struct event *ev)
{
    const struct sigma_rule *rule = rule_of(w, ev->h);
    bool page = ev->h->sign == SIGN_PAGE || ev->h->sign == SIGN_PIVOT;

    if (ev->axis == AXIS_USE)
        return SEV_CRITICAL;
    if ((page && ev->axis == AXIS_BACK_DOOR) || (ev->h->rule == RULE_PIVOT && ev->h->active && family_is_event_log(ev->h->family)))
        return SEV_HIGH;
    enum severity s = rule ? rule->level : ev->h->rule == RULE_IOC && listed_heavy(w, ev->h) ? SEV_MEDIUM : SEV_LOW;
    /* Who only looked, and pages that were not there, alarm nobody. */
    return (ev->probe || (page && ev->axis == AXIS_NONE && ev->h->status >= 300 && ev->h->status < 500)) && s > SEV_LOW ? SEV_LOW : s;
}

/* Contract, findings[].key: hash of detector, path and first raw_sha256, so that two hunts can be compared. Letter case of paths is no difference. */
static bool make_key(struct work *w, struct finding *f)
{
    struct arena scratch = *w->a;
    struct text  t = { .a = &scratch };
    uint8_t      digest[HASH_SHA256_BYTES];
    const struct cite *c = &f->evidence[0];
    struct str   path = w->d->ev && c->node < w->d->ev->node_n ? str_lower(&scratch, w->d->ev->node[c->node].path) : STR_EMPTY;
    static const uint8_t nul = 0;

    text_add(&t, f->detector);
    text_add(&t, (struct str){ &nul, 1 });
    text_add(&t, path);
    text_add(&t, (struct str){ &nul, 1 });
    if (c->has_raw)
        text_add(&t, (struct str){ c->raw_sha256, sizeof c->raw_sha256 });
    if (!path.p && w->d->ev && c->node < w->d->ev->node_n)
        return work_full(w);
    if (t.bad || !hash_sha256(text_done(&t), digest))
        return work_full(w);
    memcpy(f->key, digest, sizeof f->key);
    return true;
}

static bool copy_strs(struct work *w, struct str_list *ret, const struct str *v, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strs_push(w, ret, v[i]))
            return false;
    strs_finish(ret);
    return true;
}

static bool from_event(struct work *w, struct finding *f, const struct event *ev)
{
    const struct sigma_rule *rule = rule_of(w, ev->h);
    static const struct str web_shell = STR_INIT("T1505.003");

    f->severity   = event_severity(w, ev);
    f->confidence = rule ? rule->confidence : ev->door != NONE ? 0.9 : ev->h->rule == RULE_IOC ? 0.3 : 0.6;
    f->time_us    = ev->h->first_us;
    f->last_us    = ev->last_us;
    f->axis       = ev->axis;
    f->axis_state = ev->state;
    f->count      = ev->count;
    f->session    = ev->session;
    f->probe      = ev->probe;
    f->evidence[f->evidence_n++] = ev->h->first;
    /* First and last are cited; a chain of rules has two ends though it is one statement. */
    if (ev->count > 1 || ev->last->node != ev->h->first.node || ev->last->offset != ev->h->first.offset)
        f->evidence[f->evidence_n++] = *ev->last;
    if (!event_names(w, ev, f) || !event_why(w, ev, &f->why))
        return false;
    if (!rule)
        return ev->axis == AXIS_NONE || copy_strs(w, &f->attack, &web_shell, 1);
    return copy_strs(w, &f->cve, rule->cve, rule->cve_n < COUNT_OF(rule->cve) ? rule->cve_n : COUNT_OF(rule->cve)) &&
           copy_strs(w, &f->attack, rule->attack, rule->attack_n < COUNT_OF(rule->attack) ? rule->attack_n : COUNT_OF(rule->attack));
}

static bool from_thing(struct work *w, struct finding *f, const struct thing *t)
{
    const struct file_fact *x = t->f;

    f->detector   = x->detector;
    f->title      = x->title;
    f->why        = x->why;
    f->severity   = x->severity;
    f->confidence = x->confidence;
    f->time_us    = f->last_us = x->time_us;
    f->axis       = t->axis;
    f->axis_state = t->state;
    f->count      = t->count;
    f->session    = NONE;
    f->evidence[f->evidence_n++] = x->cite;
    if (t->count > 1)
        f->evidence[f->evidence_n++] = *t->last;
    return copy_strs(w, &f->cve, x->cve, x->cve_n < COUNT_OF(x->cve) ? x->cve_n : COUNT_OF(x->cve)) &&
           copy_strs(w, &f->attack, x->attack, x->attack_n < COUNT_OF(x->attack) ? x->attack_n : COUNT_OF(x->attack));
}

/* --- all of them -------------------------------------------------------------------------------------------- */

struct weigh { const struct work *w; const struct from *by_rank; };

static int weight(const struct weigh *c, uint32_t rank)
{
    const struct from *f = &c->by_rank[rank];
    enum axis     axis = f->ev ? f->ev->axis : f->t->axis;
    enum severity s    = f->ev ? event_severity(c->w, f->ev) : f->t->f->severity;

    return (axis != AXIS_NONE) * 16 + (f->t != NULL) * 8 + (int)s;
}

static int cmp_weight(const void *ctx, uint32_t i, uint32_t j)
{
    int x = weight(ctx, i), y = weight(ctx, j);
    return x != y ? (x > y ? -1 : 1) : i < j ? -1 : i > j;
}

static int cmp_number(const void *ctx, uint32_t i, uint32_t j)
{
    (void)ctx;
    return i < j ? -1 : i > j;
}

static void renumber(struct id_list *l, const uint32_t *of_rank)
{
    size_t n = 0;

    for (size_t i = 0; i < l->n; i++)
        if (of_rank[l->item[i]] != NONE)
            l->item[n++] = of_rank[l->item[i]];
    l->n = n;
}

static void renumber_all(struct report *r, const uint32_t *of_rank)
{
    struct campaign *c = &r->campaign;

    renumber(&c->open_because, of_rank);
    renumber(&c->exposure.findings, of_rank);
    renumber(&c->exploitation.findings, of_rank);
    renumber(&c->back_door.findings, of_rank);
    renumber(&c->use.findings, of_rank);
    renumber(&c->theft.findings, of_rank);
    for (size_t i = 0; i < c->step_n; i++)
        renumber(&c->step[i].because, of_rank);
    for (size_t i = 0; i < r->back_door_n; i++)
        renumber(&r->back_door[i].findings, of_rank);
    for (size_t i = 0; i < r->way_back_n; i++)
        renumber(&r->way_back[i].findings, of_rank);
    for (size_t i = 0; i < r->session_n; i++)
        renumber(&r->session[i].findings, of_rank);
    for (size_t i = 0; i < r->other_n; i++)
        renumber(&r->other[i].findings, of_rank);
}

/* --- timeline ----------------------------------------------------------------------------------------------- */

static int cmp_row(const void *ctx, uint32_t i, uint32_t j)
{
    const struct time_row *x = &((const struct time_row *)ctx)[i], *y = &((const struct time_row *)ctx)[j];
    int c = time_cmp(x->time_us, y->time_us);

    if (c || (c = (x->finding > y->finding) - (x->finding < y->finding)))
        return c;
    return i < j ? -1 : i > j;
}

struct row_weigh { const struct report *r; const struct time_row *row; };

/* Rows of a page's life weigh most, then what stands on an axis, then the rest by severity. */
static int cmp_row_weight(const void *ctx, uint32_t i, uint32_t j)
{
    const struct row_weigh *c = ctx;
    const struct finding *x = &c->r->finding[c->row[i].finding], *y = &c->r->finding[c->row[j].finding];
    int a = (x->axis != AXIS_NONE) * 8 + (int)x->severity, b = (y->axis != AXIS_NONE) * 8 + (int)y->severity;

    return a != b ? (a > b ? -1 : 1) : cmp_row(c->row, i, j);
}

static struct str row_text(struct work *w, const struct finding *f, const struct from *from)
{
    struct text t = { .a = w->a };

    text_add(&t, f->title);
    if (from->ev && from->ev->h->url.n) {
        text_c(&t, ": ");
        text_clean(&t, from->ev->h->url, 160);
    } else if (from->t && from->t->f->path.n) {
        text_c(&t, ": ");
        text_clean(&t, from->t->f->path, 260);
    }
    if (from->ev && from->ev->h->client.n) {
        text_c(&t, " from ");
        text_clean(&t, from->ev->h->client, 64);
    }
    return t.bad ? STR_EMPTY : text_done(&t);
}

static bool life_row(struct work *w, struct time_row *row, size_t *n, int64_t at, const struct back_door *b, const char *what)
{
    struct text t = { .a = w->a };

    if (at == TIME_NONE || !b->findings.n)
        return true;
    text_clean(&t, b->path.n ? b->path : b->url, 260);
    text_c(&t, what);
    row[(*n)++] = (struct time_row){ .time_us = at, .finding = b->findings.item[0], .session = NONE, .text = text_done(&t) };
    return !t.bad || work_full(w);
}

static bool timeline_make(struct work *w, const struct from *by_rank, const uint32_t *kept)
{
    struct report   *r   = w->r;
    size_t           max = r->finding_n + r->back_door_n * 2, n = 0;
    struct time_row *row = NEW(w->a, struct time_row, max);
    uint32_t        *order = NEW(w->a, uint32_t, max);

    if (!row || !order)
        return work_full(w);
    for (size_t i = 0; i < r->finding_n; i++) {
        if (r->finding[i].time_us == TIME_NONE)
            continue;
        row[n] = (struct time_row){ .time_us = r->finding[i].time_us, .finding = (uint32_t)i, .session = r->finding[i].session,
                                    .text = row_text(w, &r->finding[i], &by_rank[kept[i]]) };
        if (!row[n++].text.p)
            return work_full(w);
    }
    for (size_t i = 0; i < r->back_door_n; i++)
        if (!life_row(w, row, &n, r->back_door[i].created_us, &r->back_door[i], ": created") ||
            !life_row(w, row, &n, r->back_door[i].removed_us, &r->back_door[i], ": gone since then"))
            return false;
    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    r->timeline_n = n;
    if (n > CAP_TIMELINE) {
        struct row_weigh c = { r, row };
        sort_u32(order, n, cmp_row_weight, &c);
        r->omitted.timeline = n - CAP_TIMELINE;
        r->timeline_n       = CAP_TIMELINE;
    }
    sort_u32(order, r->timeline_n, cmp_row, row);
    r->timeline = NEW(w->a, struct time_row, r->timeline_n);
    if (!r->timeline)
        return work_full(w);
    for (size_t i = 0; i < r->timeline_n; i++)
        r->timeline[i] = row[order[i]];
    return true;
}

bool findings_make(struct work *w)
{
    struct report *r     = w->r;
    size_t         total = w->event_n + w->thing_n;
    struct from   *by_rank = NEW(w->a, struct from, total);
    uint32_t      *kept = NEW(w->a, uint32_t, total), *of_rank = NEW(w->a, uint32_t, total);

    if (!by_rank || !kept || !of_rank)
        return work_full(w);
    for (size_t i = 0; i < w->event_n; i++)
        by_rank[w->event[i].rank].ev = &w->event[i];
    for (size_t i = 0; i < w->thing_n; i++)
        by_rank[w->thing[i].rank].t = &w->thing[i];
    for (size_t i = 0; i < total; i++) {
        kept[i]    = (uint32_t)i;
        of_rank[i] = NONE;
    }
    r->finding_n = total;
    if (total > CAP_FINDINGS) {
        struct weigh c = { w, by_rank };
        sort_u32(kept, total, cmp_weight, &c);
        r->finding_n = CAP_FINDINGS;
        sort_u32(kept, r->finding_n, cmp_number, NULL);
    }
    r->omitted.findings = num_add_sat(num_add_sat(total - r->finding_n, w->d->hit_more), w->d->fact_more);
    r->finding = NEW(w->a, struct finding, r->finding_n);
    if (!r->finding)
        return work_full(w);
    for (size_t i = 0; i < r->finding_n; i++) {
        const struct from *from = &by_rank[kept[i]];
        struct finding    *f    = &r->finding[i];

        of_rank[kept[i]] = (uint32_t)i;
        snprintf(f->id, sizeof f->id, "F%04u", (unsigned)(i + 1) % 1000000);
        if (!(from->ev ? from_event(w, f, from->ev) : from_thing(w, f, from->t)) || !make_key(w, f))
            return false;
    }
    renumber_all(r, of_rank);
    w->finding_of = of_rank;
    return timeline_make(w, by_rank, kept);
}
