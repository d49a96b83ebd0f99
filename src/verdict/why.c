/*
 * why: the reasoning in plain sentences, most important first. Each names the findings it rests on, "(F0003, F0009)", so that a reader can
 * look them up and the page can link them. Runs after findings_make: before it findings have no ids.
 */
#include "verdict/work.h"

#include <string.h>

enum { WHY_EACH = 5, WHY_CITED = 3 };   /* at most so many things of one kind are named, and findings of one sentence; the rest is counted */

/* The findings of one sentence: the gravest, then the earliest. */
struct cites { uint32_t id[WHY_CITED]; size_t n; uint64_t more; };

static bool graver(const struct report *r, uint32_t x, uint32_t y)
{
    const struct finding *a = &r->finding[x], *b = &r->finding[y];
    return a->severity != b->severity ? a->severity > b->severity : x < y;
}

static void cite(const struct report *r, struct cites *c, uint32_t id)
{
    if (id >= r->finding_n)
        return;
    for (size_t i = 0; i < c->n; i++)
        if (c->id[i] == id)
            return;
    size_t at = c->n;
    while (at > 0 && graver(r, id, c->id[at - 1]))
        at--;
    c->more += c->n == WHY_CITED;
    if (at == WHY_CITED)
        return;
    c->n += c->n < WHY_CITED;
    for (size_t i = c->n - 1; i > at; i--)
        c->id[i] = c->id[i - 1];
    c->id[at] = id;
}

/* All of a list, or those on one axis. */
static void cite_list(const struct report *r, struct cites *c, const struct id_list *l, enum axis axis)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->item[i] < r->finding_n && (axis == AXIS_NONE || r->finding[l->item[i]].axis == axis))
            cite(r, c, l->item[i]);
}

static void put_cites(const struct report *r, struct text *t, const struct cites *c)
{
    uint32_t left[WHY_CITED];
    size_t   n = c->n;

    memcpy(left, c->id, sizeof left);
    for (bool first = true; n; first = false) {          /* told in their own order */
        size_t next = 0;
        for (size_t i = 1; i < n; i++)
            next = left[i] < left[next] ? i : next;
        text_c(t, first ? " (" : ", ");
        text_c(t, r->finding[left[next]].id);
        left[next] = left[--n];
    }
    if (c->more) {
        text_c(t, " and ");
        text_u64(t, c->more);
        text_c(t, " more");
    }
    text_c(t, c->n ? ")" : "");
}

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

/* One sentence, its findings, its full stop. */
static bool say_cited(struct work *w, const char *sentence, const struct cites *c)
{
    struct text t = { .a = w->a };

    text_c(&t, sentence);
    put_cites(w->r, &t, c);
    text_c(&t, ".");
    return say(w, &t);
}

static struct str page_name(const struct back_door *b) { return b->path.n ? b->path : b->url; }

/* "virtual directory Default Web Site, C:\\ProgramData\\x": the kind is a word of the report, so its '_' stand for blanks. */
static void put_way(struct text *t, const struct way_back *b)
{
    for (size_t i = 0; i < b->kind.n && i < 40; i++)
        text_clean(t, b->kind.p[i] == '_' ? STR(" ") : str_sub(b->kind, i, i + 1), 1);
    if (b->name.n) {
        text_c(t, " ");
        text_clean(t, b->name, 260);
    }
    if (b->path.n && !str_ieq(b->path, b->name)) {
        text_c(t, b->name.n ? ", " : " ");
        text_clean(t, b->path, 260);
    }
}

static bool why_beyond(struct work *w)
{
    const struct report *r = w->r;
    struct cites c = { 0 };

    if (r->campaign.use.state != USE_BEYOND_SERVER)
        return true;
    for (size_t i = 0; i < r->campaign.use.findings.n; i++) {
        uint32_t id = r->campaign.use.findings.item[i];
        if (id < r->finding_n && str_eq(r->finding[id].axis_state, STR("beyond_server")))
            cite(r, &c, id);
    }
    return say_cited(w, "An action of the intruder on another machine was recorded", &c);
}

static bool why_came_back(struct work *w)
{
    struct cites c = { 0 };

    if (!w->r->campaign.use.re_entered)
        return true;
    for (size_t i = 0; i < w->came_back.n; i++)
        cite(w->r, &c, w->finding_of[w->came_back.item[i]]);
    return say_cited(w, "Somebody came back through a back door in a later visit than the one that placed it", &c);
}

static bool why_use(struct work *w)
{
    const struct report *r = w->r;
    size_t told = 0, more = 0;

    if (!why_beyond(w))
        return false;
    for (size_t i = 0; i < r->back_door_n; i++) {
        const struct back_door *b = &r->back_door[i];
        struct text  t = { .a = w->a };
        struct cites c = { 0 };
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
        put_count(&t, b->use.clients.n, " address", " addresses");
        cite_list(r, &c, &b->findings, AXIS_USE);
        put_cites(r, &t, &c);
        text_c(&t, ".");
        if (!say(w, &t))
            return false;
    }
    for (size_t i = 0; i < r->way_back_n; i++) {
        const struct way_back *b = &r->way_back[i];
        struct text  t = { .a = w->a };
        struct cites c = { 0 };
        if (b->used != USED_USED)
            continue;
        if (told++ >= WHY_EACH) {
            more++;
            continue;
        }
        text_c(&t, "A way back in was used: ");
        put_way(&t, b);
        cite_list(r, &c, &b->findings, AXIS_USE);
        put_cites(r, &t, &c);
        text_c(&t, ".");
        if (!say(w, &t))
            return false;
    }
    if (more) {
        struct text t = { .a = w->a };
        text_u64(&t, more);
        text_c(&t, " further back doors and ways back were used.");
        if (!say(w, &t))
            return false;
    }
    return why_came_back(w);
}

static bool why_doors(struct work *w)
{
    const struct report *r = w->r;
    size_t told = 0;

    for (size_t i = 0; i < r->back_door_n && told < WHY_EACH; i++, told++) {
        const struct back_door *b = &r->back_door[i];
        struct text  t = { .a = w->a };
        struct cites c = { 0 };
        text_c(&t, b->state == THING_PRESENT ? "A back door is present: " : b->state == THING_REMOVED ? "A back door was there and is gone: "
                                                                                                       : "A back door answered, but its folder was not collected: ");
        text_clean(&t, page_name(b), 260);
        cite_list(r, &c, &b->findings, AXIS_BACK_DOOR);
        if (!c.n)                            /* known by its use alone */
            cite_list(r, &c, &b->findings, AXIS_NONE);
        put_cites(r, &t, &c);
        text_c(&t, b->use.state == USED_NO_EVIDENCE ? ". The logs do not tell whether it was used." : b->use.state == USED_NOT_SEEN ? ". No use of it was seen in logs that cover its time." : ".");
        if (!say(w, &t))
            return false;
    }
    for (size_t i = 0; i < r->way_back_n && told < 2 * WHY_EACH; i++, told++) {
        const struct way_back *b = &r->way_back[i];
        struct text  t = { .a = w->a };
        struct cites c = { 0 };
        text_c(&t, "A way back in is ");
        text_add(&t, b->state);
        text_c(&t, ": ");
        put_way(&t, b);
        cite_list(r, &c, &b->findings, AXIS_BACK_DOOR);
        if (!c.n)                            /* an unproven secret stands on no axis */
            cite_list(r, &c, &b->findings, AXIS_NONE);
        put_cites(r, &t, &c);
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
    struct text  t = { .a = w->a };
    struct cites by = { 0 };

    if (c->exploitation.state == EXPL_NONE_SEEN)
        return true;
    text_c(&t, c->exploitation.state == EXPL_SUCCEEDED ? "The flaws were exploited with success" : "The flaws were tried without a sign of success");
    put_span(&t, c->exploitation.first_us, c->exploitation.last_us);
    for (size_t i = 0; i < c->exploitation.cve.n; i++) {
        text_c(&t, i ? ", " : " through ");
        text_clean(&t, c->exploitation.cve.item[i], 20);
    }
    cite_list(w->r, &by, &c->exploitation.findings, AXIS_NONE);
    put_cites(w->r, &t, &by);
    text_c(&t, ".");
    return say(w, &t);
}

static bool why_theft(struct work *w)
{
    const struct campaign *c = &w->r->campaign;
    struct text  t = { .a = w->a };
    struct cites by = { 0 };
    uint64_t bytes = 0;

    if (c->theft.state == THEFT_NONE_SEEN)
        return true;
    for (size_t i = 0; i < c->theft.item_n; i++)
        bytes = num_add_sat(bytes, c->theft.item[i].bytes);
    text_c(&t, c->theft.state == THEFT_SEEN ? "Data was taken: " : "Data may have been taken: ");
    put_count(&t, c->theft.item_n, " item", " items");
    text_c(&t, ", ");
    text_u64(&t, bytes);
    text_c(&t, " bytes in all");
    cite_list(w->r, &by, &c->theft.findings, AXIS_NONE);
    put_cites(w->r, &t, &by);
    text_c(&t, ".");
    return say(w, &t);
}

static bool why_facts(struct work *w)
{
    struct cites ransom = { 0 }, tool = { 0 };

    for (size_t i = 0; i < w->thing_n; i++) {
        uint32_t id = w->finding_of[w->thing[i].rank];
        if (w->thing[i].f->kind == FILE_FACT_RANSOM)
            cite(w->r, &ransom, id);
        else if (w->thing[i].f->kind == FILE_FACT_TOOL)
            cite(w->r, &tool, id);
    }
    if (ransom.n && !say_cited(w, "Traces of ransomware are on the server", &ransom))
        return false;
    return !tool.n || say_cited(w, "Tools that intruders of this campaign left elsewhere lie on the server", &tool);
}

static bool missing(const struct work *w, enum family f) { return w->r->cover[f - 1].covers_window != COVERED_FULL; }

static void put_missing(struct work *w, struct text *t, enum family f, const char *before)
{
    text_c(t, before);
    text_c(t, family_table[f].title ? family_table[f].title : "a family");
    text_c(t, w->r->cover[f - 1].covers_window == COVERED_PARTLY ? " (partly there)" : " (missing)");
}

/* Contract, no_trace: HttpProxy or both IIS logs, and the web roots. What stands in no need of anything is not called missing. */
static void put_all_missing(struct work *w, struct text *t)
{
    bool entry = w->is_2010 ? missing(w, FAM_EVTX_APPLICATION)
                            : missing(w, FAM_HTTPPROXY) && (missing(w, FAM_IIS_FRONT) || missing(w, FAM_IIS_BACK));

    if (entry && w->is_2010) {
        put_missing(w, t, FAM_EVTX_APPLICATION, " ");
    } else if (entry) {
        put_missing(w, t, FAM_HTTPPROXY, " ");
        text_c(t, ", and what could stand in for it,");
        if (missing(w, FAM_IIS_FRONT))
            put_missing(w, t, FAM_IIS_FRONT, " ");
        if (missing(w, FAM_IIS_BACK))
            put_missing(w, t, FAM_IIS_BACK, missing(w, FAM_IIS_FRONT) ? " and " : " ");
    }
    if (missing(w, FAM_WEB_ROOTS))
        put_missing(w, t, FAM_WEB_ROOTS, entry ? "; " : " ");
}

static bool why_cover(struct work *w)
{
    const struct campaign *c = &w->r->campaign;
    struct text t = { .a = w->a };

    if (c->window_empty && c->exposure.state != EXP_NOT_AFFECTED && c->patched_us == TIME_NONE) {
        text_c(&t, "The newest record is older than the campaign: this evidence says nothing of later.");
        return say(w, &t);
    }
    if (c->exploitation.covered == COVERED_FULL) {
        text_c(&t, "The logs that would show an entry cover the whole time in which the server could be entered.");
        return c->window_empty || say(w, &t);
    }
    text_c(&t, "The evidence does not cover the time in which the server could be entered, ");
    put_time(&t, c->window_from_us);
    text_c(&t, " to ");
    put_time(&t, c->window_to_us);
    text_c(&t, ":");
    put_all_missing(w, &t);
    text_c(&t, ".");
    if (w->r->since_us != TIME_NONE || w->r->until_us != TIME_NONE)
        text_c(&t, " Records outside --since and --until were not looked at.");
    return say(w, &t);
}

static bool why_exposure(struct work *w)
{
    const struct campaign *c = &w->r->campaign;
    static const char *const sentence[] = {
        [EXP_NOT_AFFECTED] = "This server is not affected by these flaws",
        [EXP_PATCHED]      = "The server is patched; that says nothing of the time before",
        [EXP_MITIGATED]    = "The server is not patched; a mitigation stands in front of one of the flaws",
        [EXP_UNPATCHED]    = "The server is not patched and can be entered today",
        [EXP_CANNOT_TELL]  = "The evidence does not tell whether the server is patched",
    };
    struct text  t = { .a = w->a };
    struct cites by = { 0 };

    text_c(&t, sentence[c->exposure.state]);
    cite_list(w->r, &by, &c->exposure.findings, AXIS_NONE);
    put_cites(w->r, &t, &by);
    text_c(&t, ".");
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

bool why_make(struct work *w)
{
    bool ok = why_use(w) && why_doors(w) && why_theft(w) && why_facts(w);

    /* Contract, Precedence: not_covered beside seen attempts says both, the reason for the word first. */
    if (ok && w->r->campaign.verdict == V_NOT_COVERED)
        ok = why_cover(w) && why_entry(w);
    else if (ok)
        ok = why_entry(w) && why_cover(w);
    return ok && why_exposure(w);
}
