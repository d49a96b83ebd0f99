#include "verdict/work.h"

#include <string.h>

/* --- the word ----------------------------------------------------------------------------------------------- */

/* Contract, Precedence, and the two definitions it leans on: no_trace and not_covered. */
static enum verdict_word word_of(const struct campaign *c)
{
    if (c->use.state == USE_BEYOND_SERVER)
        return V_BEYOND_SERVER;
    if (c->use.state == USE_USED)
        return V_BACK_DOOR_USED;
    if (c->back_door.state != DOOR_NONE_SEEN)
        return V_BACK_DOOR;
    if (c->exploitation.state == EXPL_SUCCEEDED)
        return V_EXPLOITED;
    if (c->exploitation.covered != COVERED_FULL)
        return V_NOT_COVERED;
    return c->exploitation.state == EXPL_ATTEMPTED ? V_ATTEMPTED : V_NO_TRACE;
}

/* --- why: sentences, most important first ------------------------------------------------------------------- */

enum { WHY_EACH = 5 };       /* at most so many things of one kind are named; the rest is counted */

static void put_time(struct text *t, int64_t us)
{
    char buf[TIME_TEXT];

    time_text(us, buf);
    text_c(t, us == TIME_NONE ? "an unknown time" : buf);
}

static void put_span(struct text *t, int64_t from, int64_t to)
{
    if (from == TIME_NONE)
        return;
    text_c(t, from == to ? " at " : " between ");
    put_time(t, from);
    if (from != to) {
        text_c(t, " and ");
        put_time(t, to);
    }
}

static void put_count(struct text *t, uint64_t n, const char *one, const char *many)
{
    text_u64(t, n);
    text_c(t, n == 1 ? one : many);
}

static bool say(struct work *w, struct text *t)
{
    if (t->bad)
        return work_full(w);
    return strs_push(w, &w->r->campaign.why, text_done(t));
}

static bool say_c(struct work *w, const char *c)
{
    struct text t = { .a = w->a };
    text_c(&t, c);
    return say(w, &t);
}

static struct str page_name(const struct back_door *b) { return b->path.n ? b->path : b->url; }

static bool why_use(struct work *w)
{
    const struct report   *r = w->r;
    const struct campaign *c = &r->campaign;
    size_t told = 0, more = 0;

    if (c->use.state == USE_BEYOND_SERVER && !say_c(w, "An action of the intruder on another machine was recorded."))
        return false;
    for (size_t i = 0; i < r->back_door_n; i++) {
        const struct back_door *b = &r->back_door[i];
        struct text t = { .a = w->a };
        if (b->use.state != USED_USED)
            continue;
        if (told++ >= WHY_EACH) {
            more++;
            continue;
        }
        text_c(&t, "The back door ");
        text_clean(&t, page_name(b), 260);
        text_c(&t, " was used: ");
        put_count(&t, b->use.requests, " request was answered", " requests were answered");
        put_span(&t, b->use.first_us, b->use.last_us);
        text_c(&t, ", from ");
        put_count(&t, b->use.clients.n, " address.", " addresses.");
        if (!say(w, &t))
            return false;
    }
    if (more) {
        struct text t = { .a = w->a };
        text_u64(&t, more);
        text_c(&t, " further back doors were used.");
        if (!say(w, &t))
            return false;
    }
    return !c->use.re_entered || say_c(w, "Somebody came back through a back door in a later visit than the one that placed it.");
}

static bool why_doors(struct work *w)
{
    const struct report *r = w->r;
    size_t told = 0;

    for (size_t i = 0; i < r->back_door_n && told < WHY_EACH; i++, told++) {
        const struct back_door *b = &r->back_door[i];
        struct text t = { .a = w->a };
        text_c(&t, b->state == THING_PRESENT ? "A back door is present: " : b->state == THING_REMOVED ? "A back door was there and is gone: "
                                                                                                       : "A back door answered, but its folder was not collected: ");
        text_clean(&t, page_name(b), 260);
        text_c(&t, b->use.state == USED_NO_EVIDENCE ? ". The logs do not tell whether it was used." : b->use.state == USED_NOT_SEEN ? ". No use of it was seen in logs that cover its time." : ".");
        if (!say(w, &t))
            return false;
    }
    for (size_t i = 0; i < r->way_back_n && told < 2 * WHY_EACH; i++, told++) {
        const struct way_back *b = &r->way_back[i];
        struct text t = { .a = w->a };
        text_c(&t, "A way back in (");
        text_clean(&t, b->kind, 40);
        text_c(&t, ") is ");
        text_add(&t, b->state);
        text_c(&t, ": ");
        text_clean(&t, b->name.n ? b->name : b->path, 260);
        text_c(&t, ".");
        if (!say(w, &t))
            return false;
    }
    if (r->back_door_n + r->way_back_n <= told)
        return true;
    struct text t = { .a = w->a };
    text_u64(&t, r->back_door_n + r->way_back_n - told);
    text_c(&t, " further back doors and ways back are listed in the report.");
    return say(w, &t);
}

static bool why_entry(struct work *w)
{
    const struct campaign *c = &w->r->campaign;
    struct text t = { .a = w->a };

    if (c->exploitation.state == EXPL_NONE_SEEN)
        return true;
    text_c(&t, c->exploitation.state == EXPL_SUCCEEDED ? "The flaws were exploited with success" : "The flaws were tried without a sign of success");
    put_span(&t, c->exploitation.first_us, c->exploitation.last_us);
    for (size_t i = 0; i < c->exploitation.cve.n; i++) {
        text_c(&t, i ? ", " : " (");
        text_clean(&t, c->exploitation.cve.item[i], 20);
    }
    text_c(&t, c->exploitation.cve.n ? ")." : ".");
    return say(w, &t);
}

static bool why_theft(struct work *w)
{
    const struct campaign *c = &w->r->campaign;
    struct text t = { .a = w->a };
    uint64_t bytes = 0;

    if (c->theft.state == THEFT_NONE_SEEN)
        return true;
    for (size_t i = 0; i < c->theft.item_n; i++)
        bytes = num_add_sat(bytes, c->theft.item[i].bytes);
    text_c(&t, c->theft.state == THEFT_SEEN ? "Data was taken: " : "Data may have been taken: ");
    put_count(&t, c->theft.item_n, " item", " items");
    text_c(&t, ", ");
    text_u64(&t, bytes);
    text_c(&t, " bytes in all.");
    return say(w, &t);
}

static bool why_facts(struct work *w)
{
    uint64_t ransom = 0, tool = 0;
    struct text t = { .a = w->a };

    for (size_t i = 0; i < w->thing_n; i++) {
        ransom += w->thing[i].f->kind == FACT_RANSOM;
        tool   += w->thing[i].f->kind == FACT_TOOL;
    }
    if (ransom && !say_c(w, "Traces of ransomware are on the server."))
        return false;
    if (!tool)
        return true;
    put_count(&t, tool, " tool", " tools");
    text_c(&t, " that intruders of this campaign left elsewhere lie on the server.");
    return say(w, &t);
}

static void put_missing(struct work *w, struct text *t, enum family f, bool *first)
{
    enum covered c = w->r->cover[f - 1].covers_window;

    if (c == COVERED_FULL)
        return;
    text_c(t, *first ? " " : ", ");
    text_c(t, family_table[f].title ? family_table[f].title : "a family");
    text_c(t, c == COVERED_PARTLY ? " (partly there)" : " (missing)");
    *first = false;
}

static bool why_cover(struct work *w)
{
    const struct campaign *c = &w->r->campaign;
    struct text t = { .a = w->a };
    bool first = true;

    if (c->window_empty && c->exposure.state != EXP_NOT_AFFECTED && c->patched_us == TIME_NONE)
        return say_c(w, "The newest record is older than the campaign: this evidence says nothing of later.");
    if (c->exploitation.covered == COVERED_FULL)
        return c->window_empty || say_c(w, "The logs that would show an entry cover the whole time in which the server could be entered.");
    text_c(&t, "The evidence does not cover the time in which the server could be entered, ");
    put_time(&t, c->window_from_us);
    text_c(&t, " to ");
    put_time(&t, c->window_to_us);
    text_c(&t, ":");
    if (w->is_2010) {
        put_missing(w, &t, FAM_EVTX_APPLICATION, &first);
    } else {
        put_missing(w, &t, FAM_HTTPPROXY, &first);
        put_missing(w, &t, FAM_IIS_FRONT, &first);
        put_missing(w, &t, FAM_IIS_BACK, &first);
    }
    put_missing(w, &t, FAM_WEB_ROOTS, &first);
    text_c(&t, ".");
    return say(w, &t);
}

static bool why_exposure(struct work *w)
{
    const struct campaign *c = &w->r->campaign;
    static const char *const sentence[] = {
        [EXP_NOT_AFFECTED] = "This server is not affected by these flaws.",
        [EXP_PATCHED]      = "The server is patched; that says nothing of the time before.",
        [EXP_MITIGATED]    = "The server is not patched; a mitigation stands in front of one of the flaws.",
        [EXP_UNPATCHED]    = "The server is not patched and can be entered today.",
        [EXP_CANNOT_TELL]  = "The evidence does not tell whether the server is patched.",
    };
    struct text t = { .a = w->a };

    text_c(&t, sentence[c->exposure.state]);
    if (c->exposure.state == EXP_PATCHED && c->patched_us != TIME_NONE) {
        text_c(&t, " Patched at ");
        put_time(&t, c->patched_us);
        text_c(&t, ".");
    }
    if (w->has_build && w->build.why.n) {
        text_c(&t, " ");
        text_clean(&t, w->build.why, 300);
    }
    return say(w, &t);
}

static bool why_make(struct work *w)
{
    bool ok = why_use(w) && why_doors(w) && why_theft(w) && why_facts(w);

    /* Contract, Precedence: not_covered beside seen attempts says both, the reason for the word first. */
    if (ok && w->r->campaign.verdict == V_NOT_COVERED)
        ok = why_cover(w) && why_entry(w);
    else if (ok)
        ok = why_entry(w) && why_cover(w);
    return ok && why_exposure(w);
}

/* --- other servers ------------------------------------------------------------------------------------------ */

/* "a]@exch02.example.com:444" names exch02.example.com; empty when it is no name at all. */
static struct str host_of(struct str raw)
{
    size_t at = str_rchr(raw, '@');
    struct str h = at == STR_NONE ? raw : str_from(raw, at + 1);
    size_t colon = str_chr(h, ':');
    bool   letter = false;

    if (colon != STR_NONE)
        h = str_sub(h, 0, colon);
    if (!h.n || h.n > 253 || h.p[0] == '.' || h.p[0] == '-')
        return STR_EMPTY;
    for (size_t i = 0; i < h.n; i++) {
        if (!ch_alnum(h.p[i]) && h.p[i] != '.' && h.p[i] != '-' && h.p[i] != '_')
            return STR_EMPTY;
        letter |= ch_alnum(h.p[i]);
    }
    return letter ? h : STR_EMPTY;
}

static struct str short_name(struct str host)
{
    size_t dot = str_chr(host, '.');
    return dot == STR_NONE ? host : str_sub(host, 0, dot);
}

static bool is_this(const struct server *s, const struct hit *h, struct str host)
{
    if (host_is_local(host) || (s->name.n && str_ieq(short_name(host), s->name)) || (h->server.n && str_ieq(short_name(host), short_name(h->server))))
        return true;
    for (size_t i = 0; i < s->fqdn_n && i < COUNT_OF(s->fqdn); i++)
        if (str_ieq(host, s->fqdn[i]))
            return true;
    for (size_t i = 0; i < s->address_n && i < COUNT_OF(s->address); i++)
        if (str_ieq(host, s->address[i]))
            return true;
    return !s->name.n && !s->fqdn_n && !h->server.n;      /* who this server is, is not known: then nobody is another */
}

static bool others_make(struct work *w)
{
    struct report *r = w->r;
    struct str_list names = { 0 };

    for (size_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        struct str host = ev->outcome == EXPL_NONE_SEEN ? STR_EMPTY : host_of(ev->h->target_host);
        if (!host.n || is_this(&w->d->server, ev->h, host))
            continue;
        struct str low = str_lower(w->a, host);
        if (!low.p)
            return work_full(w);
        if (!strs_push(w, &names, low))
            return false;
    }
    strs_finish(&names);
    r->other = NEW(w->a, struct other_server, names.n);
    if (!r->other)
        return work_full(w);
    for (r->other_n = 0; r->other_n < names.n; r->other_n++)
        r->other[r->other_n] = (struct other_server){ .name = names.item[r->other_n], .why = STR("named in a forged request") };
    for (size_t i = 0; i < w->event_n; i++) {
        const struct event *ev = &w->event[i];
        struct str host = ev->outcome == EXPL_NONE_SEEN ? STR_EMPTY : host_of(ev->h->target_host);
        for (size_t lo = 0, hi = host.n ? names.n : 0; lo < hi;) {
            size_t mid = lo + (hi - lo) / 2;
            struct arena scratch = *w->a;
            struct str low = str_lower(&scratch, host);
            if (!low.p)
                return work_full(w);
            int c = str_cmp(names.item[mid], low);
            if (c == 0 && !ids_push(w, &r->other[mid].findings, ev->rank))
                return false;
            if (c == 0)
                break;
            if (c < 0)
                lo = mid + 1;
            else
                hi = mid;
        }
    }
    for (size_t i = 0; i < r->other_n; i++)
        ids_finish(&r->other[i].findings);
    return true;
}

/* --- front door --------------------------------------------------------------------------------------------- */

static void report_clear(struct report *r, const struct detected *found)
{
    /* What was known before the verdict, and the run part, stay the caller's. */
    r->found = found;
    memset(&r->campaign, 0, sizeof r->campaign);
    r->campaign.window_from_us = r->campaign.window_to_us = r->campaign.patched_us = TIME_NONE;
    r->back_door = NULL; r->back_door_n = 0;
    r->way_back  = NULL; r->way_back_n  = 0;
    r->session   = NULL; r->session_n   = 0;
    r->intruder  = NULL; r->intruder_n  = 0;
    r->other     = NULL; r->other_n     = 0;
    r->finding   = NULL; r->finding_n   = 0;
    r->cover     = NULL; r->cover_n     = 0;
    r->timeline  = NULL; r->timeline_n  = 0;
    memset(&r->omitted, 0, sizeof r->omitted);
    if (found->ev)
        r->omitted.refused = found->ev->refused_more;
    if (found->pack) {
        r->campaign.id    = found->pack->id;
        r->campaign.title = found->pack->title;
    }
}

bool verdict_make(struct report *r, const struct detected *found, struct arena *a, struct err *e)
{
    struct work w = { .r = r, .d = found, .a = a, .e = e };

    report_clear(r, found);
    if (!events_make(&w) || !exposure_judge(&w))
        return false;
    window_make(&w);
    if (!cover_make(&w) || !pages_make(&w) || !probes_mark(&w) || !intruders_make(&w) || !sessions_make(&w) || !pages_use(&w) || !ways_make(&w) ||
        !axes_make(&w) || !door_make(&w))
        return false;
    r->campaign.verdict = word_of(&r->campaign);
    return why_make(&w) && others_make(&w) && guidance_make(&w) && findings_make(&w);
}

/* Contract, intruders: only proven hits, and what joins them, are pivoted on; whether an address is shared is known only after the pivot. */
bool verdict_pivot(const struct detected *found, struct arena *a, struct pivot *ret, struct err *e)
{
    struct report r    = { 0 };
    struct arena  work = *a;           /* all but the answer is scratch: the verdict needs as much again */
    struct work   w    = { .r = &r, .d = found, .a = &work, .e = e };
    struct pivot  out  = { 0 };

    report_clear(&r, found);
    if (!events_make(&w) || !pages_make(&w) || !probes_mark(&w) || !intruders_make(&w))
        return false;
    for (size_t i = 0; i < w.event_n; i++) {
        const struct event *ev = &w.event[i];
        if (ev->intruder == NONE)          /* whoever goes on where a proven one stopped is looked at as well: it may be a balancer */
            continue;
        if (!strs_push(&w, &out.clients, ev->client) || !strs_push(&w, &out.canaries, ev->h->canary))
            return false;
    }
    strs_finish(&out.clients);
    strs_finish(&out.canaries);
    if (out.clients.n > CAP_PIVOT)
        out.clients.n = CAP_PIVOT;
    if (out.canaries.n > CAP_PIVOT)
        out.canaries.n = CAP_PIVOT;

    /* The texts belong to the hits; only the two lists move to where the scratch began. */
    struct str  list[2 * CAP_PIVOT];
    struct str_list *from[] = { &out.clients, &out.canaries };
    size_t       at = 0;
    for (size_t k = 0; k < 2; k++)
        for (size_t i = 0; i < from[k]->n; i++)
            list[at++] = from[k]->item[i];
    struct str *kept = NEW(a, struct str, at ? at : 1);
    if (!kept)
        return work_full(&w);
    for (size_t i = 0; i < at; i++)
        kept[i] = list[i];
    out.clients.item  = kept;
    out.canaries.item = kept + out.clients.n;
    *ret = out;
    return true;
}
