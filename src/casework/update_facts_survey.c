/*
 * The survey's facts: what daily.h says of a server and day is a fact of each source whose own word that is, and of that grade which the word is worth; a claim of a
 * back door is a finding. Only what was seen counts: a verdict that nobody said on its day is told once, when it begins, as a banner's.
 *
 * Grades   four numbers of the build, read by a probe of ours: B. What others read in banners, what a reporter claims: C. The operator's own word: D.
 * Kept     of a server of which nothing else is known: of looks that say the same, one after the other, each source's first and last, and of our own the one that
 *          dismisses a candidate; between them nothing could change a state. Of others each, so that rescans can be counted.
 * Never Exchange  what never said that it is Exchange says nothing here, unless somebody else accused the server: then it is a negative check.
 */
#include "casework/update_facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "pack/builds.h"
#include "survey/observation.h"

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for the survey's facts"); }

struct reader {
    struct gather *g;
    uint8_t  campaigns[BUILDS_GROUPS_MAX][GATHER_CAMPAIGNS_MAX], campaign_n[BUILDS_GROUPS_MAX];    /* of a build group */
    uint32_t groups, lowest;                        /* bits: those of campaigns; the lowest of them */
    /* The series under way: one server of the survey, one group. */
    uint64_t id;
    uint32_t group;
    const struct update_survey *to; uint32_t to_n;  /* which servers that is */
    bool     open, other, has_last, accused;        /* accused: since negative_us */
    uint32_t detector;                              /* of its newest span; UINT32_MAX: none */
    /* Looks that say the same, one after the other: whose first one was told, and the last of each, which waits. By source; of those who read four numbers 16 behind. */
    enum exposure value;
    enum build_verdict verdict;
    uint32_t first, waits;
    int64_t  last_us[32];
    int64_t  negative_us;                           /* the first check of our own that found nothing, since anything accused it; TIME_NONE: none, or a second one was told */
    size_t   detector_cap;
};

/*
 * The number of a page by the path under which it is served; the host is left out, for a server has many names. 0: the words name no page, and nobody can tell which is
 * meant.
 */
static bool finding_of(struct str served, struct arena scratch, uint64_t *ret)
{
    size_t     host = str_find(served, STR("://"));
    struct str path = host != STR_NONE ? str_from(served, host + 3) : served;

    if (host != STR_NONE)
        path = str_from(path, str_chr(path, '/'));
    path = str_sub(path, 0, str_chr(path, '?'));
    path = str_sub(path, 0, str_chr(path, '#'));
    *ret = 0;
    if (path.n < 2 || path.p[0] != '/')
        return true;
    const struct str part[] = { STR("served"), str_lower(&scratch, path) };
    if (!part[1].p)
        return false;
    *ret = (uint64_t)ledger_number(part, COUNT_OF(part));
    return true;
}

/* ---- claims of a back door ---- */

struct claim { int64_t state; uint64_t finding; uint32_t groups; uint8_t source; };
struct claims { struct reader *r; struct claim *c; size_t n, cap; };

static bool take_claim(void *ctx, const struct store_value *v, struct err *e)
{
    struct claims *x = ctx;
    struct update *u = x->r->g->u;
    int            group = v[2].s.n ? builds_group(u->o->builds, v[2].s) : -1;
    struct claim  *p = GROW(&x->r->g->a, x->c, x->n, &x->cap);

    uint64_t       finding;

    if (!p || !finding_of(v[3].s, x->r->g->a, &finding))
        return no_room(e);
    /* A web shell is one, whichever flaw let it in. Its path tells it from others. */
    *p = (struct claim){ v[0].i, finding, group >= 0 ? 1u << group : UINT32_MAX, (uint8_t)v[1].i };
    x->n++;
    return true;
}

static bool take_claimed(void *ctx, const struct store_value *v, struct err *e)
{
    struct claims *x = ctx;
    struct gather *g = x->r->g;
    uint64_t       id;
    int64_t        us, recorded_us;
    uint32_t       to_n;
    size_t         lo = 0, hi = x->n;

    if (!daily_observation(g->u->daily, v[0].i, v[1].i, v[2].null ? TIME_NONE : v[2].i, &id, &us, &recorded_us))
        return true;
    const struct update_survey *to = update_survey_find(g->u, id, &to_n);
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (x->c[mid].state < v[3].i)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (; lo < x->n && x->c[lo].state == v[3].i; lo++) {
        const struct claim *c = &x->c[lo];
        struct fact f = { .kind = FACT_FINDING, .grade = c->source == OBS_STATEMENT ? GRADE_D : GRADE_C, .flags = c->source == OBS_PROBE ? FACT_ACTIVE : 0, .finding = c->finding,
                          .source = gather_survey_source(c->source), .observed_us = us, .recorded_us = recorded_us > us ? recorded_us : us, .own_us = TIME_NONE };
        /* Known by what it says, so that the same row of two files is one. */
        uint64_t said = (uint64_t)us * UINT64_C(0x9e3779b97f4a7c15) ^ c->finding * UINT64_C(0xd6e8feb86659fd93) ^ (uint64_t)c->source << 56;
        for (uint32_t k = 0; k < BUILDS_GROUPS_MAX; k++)
            for (uint32_t n = 0; c->groups & 1u << k && n < x->r->campaign_n[k]; n++)
                for (uint32_t i = 0; i < to_n; i++)
                    if (!gather_server_fact(g, x->r->campaigns[k][n], to[i].server, f, said, e))
                        return false;
    }
    return true;
}

static bool claims(struct reader *r, struct err *e)
{
    struct claims x = { .r = r };
    char          sql[256];

    snprintf(sql, sizeof sql, "SELECT c.state, s.source, coalesce(a.text, ''), coalesce(d.text, '') FROM survey_claim c JOIN survey_state s ON s.id = c.state "
             "LEFT JOIN survey_word a ON a.id = c.about LEFT JOIN survey_word d ON d.id = c.detail WHERE c.kind = %d ORDER BY c.state, c.at", CLAIM_COMPROMISED);
    if (!store_scan(r->g->u->s, sql, 4, take_claim, &x, e))
        return false;
    snprintf(sql, sizeof sql, "SELECT id, target, observed_us, state FROM survey_observation WHERE state IN (SELECT state FROM survey_claim WHERE kind = %d)", CLAIM_COMPROMISED);
    return !x.n || store_scan(r->g->u->s, sql, 4, take_claimed, &x, e);
}

/* ---- looks ---- */

static enum exposure exposure_of(const struct server_span *s)
{
    if (!s->reached)
        return EXPOSURE_UNKNOWN;
    if (s->state != SPAN_SEEN)
        return s->state == SPAN_GONE ? EXPOSURE_OFFLINE : EXPOSURE_RETIRED;
    switch (s->verdict) {
    case BUILD_UNPATCHED:       return EXPOSURE_VULNERABLE;
    case BUILD_PATCHED:         return EXPOSURE_PATCHED;
    case BUILD_NOT_AFFECTED:
    case BUILD_NOT_EXCHANGE:    return EXPOSURE_NOT_AFFECTED;
    case BUILD_NOT_SELF_HOSTED: return EXPOSURE_RETIRED;
    default:                    return EXPOSURE_UNKNOWN;
    }
}

static enum grade grade_of(unsigned source, bool four, enum build_verdict v)
{
    return source == OBS_STATEMENT ? exposure_grade(EXPOSURE_BY_WORD)
         : source == OBS_PROBE && four && v != BUILD_NOT_EXCHANGE ? exposure_grade(EXPOSURE_BY_OWN_PROBE4) : exposure_grade(EXPOSURE_BY_BANNER);
}

static bool put(struct reader *r, enum exposure x, int64_t us, unsigned source, enum grade grade, bool active, struct err *e)
{
    struct gather *g = r->g;

    for (uint32_t n = 0; n < r->campaign_n[r->group]; n++)
        for (uint32_t i = 0; i < r->to_n; i++) {
            struct gather_look *p = GROW(&g->a, g->look, g->look_n, &g->look_cap);
            if (!p)
                return no_room(e);
            *p = (struct gather_look){ us, r->to[i].server, r->campaigns[r->group][n], (uint8_t)x, (uint8_t)grade, (uint8_t)source, active };
            g->look_n++;
        }
    return true;
}

static bool put_word(struct reader *r, unsigned source, bool four, int64_t us, struct err *e)
{
    return put(r, r->value, us, source, grade_of(source, four, r->verdict), source == OBS_PROBE, e);
}

/* What waited: the last of the looks that said the same. */
static bool flush(struct reader *r, struct err *e)
{
    uint32_t waits = r->waits;

    r->first = r->waits = 0;
    for (unsigned i = 0; i < 32; i++)
        if (waits & 1u << i && !put_word(r, i % 16, i >= 16, r->last_us[i], e))
            return false;
    return true;
}

/* The second of two negative checks (state.h): at its own time, so that the days are right. Called once for each look that may be held back or not. */
static bool dismisses(struct reader *r, unsigned source, int64_t us)
{
    if (source != OBS_PROBE || r->negative_us == TIME_NONE || us - r->negative_us < CASE_RECHECK_US)
        return false;
    r->negative_us = TIME_NONE;
    return true;
}

static bool put_span(struct reader *r, const struct server_span *s, struct err *e)
{
    if (!s->told && !s->told_mitigated)
        return put(r, r->value, (int64_t)s->from * TIME_DAY, s->by < OBS_SOURCES ? s->by : OBS_CSV, grade_of(s->by, false, s->verdict), false, e);
    for (unsigned i = 0; i < OBS_SOURCES; i++) {
        bool     four = s->told_by_four & 1u << i, mitigated = s->told_mitigated & 1u << i && r->value == EXPOSURE_VULNERABLE;
        unsigned at = i + (four ? 16 : 0);

        /* Who says himself that it is mitigated does not say besides that it is open; another's look at the build has the last word, for nobody saw the mitigation. */
        if (mitigated && !put(r, EXPOSURE_MITIGATED, s->seen_us - 1, i, grade_of(i, false, s->verdict), false, e))
            return false;
        if (mitigated || !(s->told & 1u << i))
            continue;
        if (!r->other && r->first & 1u << at && !dismisses(r, i, s->seen_us)) {
            r->last_us[at] = s->seen_us;
            r->waits |= 1u << at;
        } else if (!put_word(r, i, four, s->seen_us, e))
            return false;
        r->first |= 1u << at;
    }
    return true;
}

/* What else a span tells of its servers: where they are and what runs there, whether they are odd, and which detector knows it. Of several groups once. */
static bool describe(struct reader *r, const struct server_span *s, struct err *e)
{
    struct update     *u = r->g->u;
    struct server_span first = *s;

    if (s->group != r->lowest)
        return true;
    first.group = 0;                               /* as if nothing but it had been asked for */
    update_server_seen(u, &first);
    for (uint32_t i = 0; i < r->to_n; i++) {
        uint32_t at = r->to[i].server;

        if (s->flags & SPAN_ODD && r->g->odd_us[at] == TIME_NONE)
            r->g->odd_us[at] = (int64_t)s->from * TIME_DAY;
        if (!s->reached || r->detector == s->detector)
            continue;
        struct update_detector *p = arena_grow(&u->keep, (void **)&u->detector, u->detector_n, &r->detector_cap, sizeof *p, _Alignof(struct update_detector));
        if (!p)
            return no_room(e);
        *p = (struct update_detector){ at, s->from, s->detector };
        u->detector_n++;
    }
    if (s->reached)
        r->detector = s->detector;
    return true;
}

static bool begin(struct reader *r, const struct server_span *s, struct err *e)
{
    if (!flush(r, e))
        return false;
    r->open     = true;
    r->id       = s->server;
    r->group    = s->group;
    r->has_last = r->other = false;
    r->accused  = true;                             /* the first negative check counts, whatever was before */
    r->negative_us = TIME_NONE;
    r->detector = UINT32_MAX;
    r->to       = update_survey_find(r->g->u, s->server, &r->to_n);
    for (uint32_t i = 0; i < r->to_n; i++)
        r->other |= r->g->other[r->to[i].server];
    return true;
}

/* Is this what was said before, or a look at which nobody said anything? Then it tells nothing. What ended the answers is told though nobody said it. */
static bool silent(const struct reader *r, const struct server_span *s, enum exposure x)
{
    if (s->told || s->told_mitigated)
        return false;
    if (r->has_last && r->value == x)
        return true;
    return s->state == SPAN_SEEN && s->flags & SPAN_BY_CLAIM;
}

static bool take_span(void *ctx, const struct server_span *s, struct err *e)
{
    struct reader *r = ctx;
    enum exposure  x = exposure_of(s);

    if ((!r->open || s->server != r->id || s->group != r->group) && !begin(r, s, e))
        return false;
    if (!r->to_n || !(r->groups & 1u << s->group))
        return true;
    if (!describe(r, s, e))
        return false;
    if (x == EXPOSURE_UNKNOWN || (!(s->flags & SPAN_EXCHANGE) && !r->other) || silent(r, s, x))
        return true;
    /* A mitigation stands between two looks that say the same, so these are told. */
    if ((!r->has_last || r->value != x || r->verdict != s->verdict || s->told_mitigated) && !flush(r, e))
        return false;
    if (s->told & 1u << OBS_PROBE && (x == EXPOSURE_PATCHED || x == EXPOSURE_NOT_AFFECTED) && r->accused) {
        r->negative_us = s->seen_us;
        r->accused = false;
    }
    r->accused |= x == EXPOSURE_VULNERABLE;
    r->has_last = true;
    r->value    = x;
    r->verdict  = s->verdict;
    return put_span(r, s, e);
}

static int by_server(const void *x, const void *y)
{
    const struct update_detector *p = x, *q = y;

    return p->server != q->server ? (p->server > q->server) - (p->server < q->server) : p->day != q->day ? (p->day > q->day) - (p->day < q->day)
                                                                                       : (p->detector > q->detector) - (p->detector < q->detector);
}

bool gather_survey(struct gather *g, struct err *e)
{
    struct update *u = g->u;
    struct reader  r = { .g = g, .lowest = UINT32_MAX };

    if (!u->daily || !u->o->builds)
        return true;
    for (uint32_t c = 0; c < u->campaign_n; c++) {
        int k = u->campaign[c].group.n ? builds_group(u->o->builds, u->campaign[c].group) : -1;
        if (k < 0)
            continue;
        r.groups |= 1u << k;
        r.lowest = (uint32_t)k < r.lowest ? (uint32_t)k : r.lowest;
        r.campaigns[k][r.campaign_n[k]++] = (uint8_t)c;
    }
    if (!r.groups)
        return true;
    /* What several servers of the survey make up is told by all of them together, so nothing may be left out between. */
    uint32_t *n = NEW(&g->a, uint32_t, (size_t)u->server_n + 1);
    if (!n)
        return no_room(e);
    for (uint32_t i = 0; i < u->survey_n; i++)
        g->other[u->survey[i].server] |= n[u->survey[i].server]++ > 0;
    if (!claims(&r, e))
        return false;
    struct span_sink sink = { &r, take_span };
    daily_looks(u->daily, r.groups);
    if (!daily_spans(u->daily, &sink, NULL, e) || !flush(&r, e))
        return false;
    if (u->detector_n)
        qsort(u->detector, u->detector_n, sizeof *u->detector, by_server);
    return true;
}
