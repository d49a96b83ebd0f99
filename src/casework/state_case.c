/* state_case: the case is derived from its servers and notices, and from what people decided. Rules 6 to 8. */
#include "casework/state_inner.h"

struct work {
    const struct fact **seen, **decided;      /* by observation; by recording */
    size_t   seen_n, decided_n;
    int64_t  now;
    struct arena *a;
    struct case_state s;
    int64_t  dismissed_us, last_us, escalated_us;
    int64_t  next_us;              /* when time alone changes something */
    uint32_t contacts;             /* alive, their MX tested */
    bool     ladder_empty, trap, grouped, confirmed /* a CSIRT says that it told them */;
};

/* Time changes nothing at `us` when that has passed already. */
static void wakes(struct work *w, int64_t us)
{
    if (us > w->now)
        w->next_us = earlier(w->next_us, us);
}

/* Walks the runs of one subject; counts them when ret is NULL. */
static size_t subjects(const struct fact *const *f, size_t n, bool assets)
{
    size_t   k = 0;
    uint64_t last = 0;

    for (size_t i = 0; i < n; i++)
        if (assets ? is_asset_fact(f[i]) : f[i]->kind == FACT_NOTICE) {
            k += !k || f[i]->subject != last;
            last = f[i]->subject;
        }
    return k;
}

static bool fold_assets(struct work *w, struct err *e)
{
    struct case_state  *s = &w->s;
    const struct fact **run;
    size_t              most = subjects(w->seen, w->seen_n, true);
    struct asset_state *out = NEW(w->a, struct asset_state, most ? most : 1);
    struct arena        scratch = *w->a;

    run = TAKE(&scratch, const struct fact *, w->seen_n ? w->seen_n : 1);
    if (!out || !run)
        return err_set(e, ERR_MEMORY, "no room for %zu servers of a case", most);
    for (size_t i = 0, k = 0; i <= w->seen_n; i++) {
        if (i < w->seen_n && !is_asset_fact(w->seen[i]))
            continue;
        if (k && (i == w->seen_n || w->seen[i]->subject != run[0]->subject)) {
            bool full;
            asset_walk(run, k, scratch, &out[s->asset_n], &full);
            if (full)
                return err_set(e, ERR_MEMORY, "no room for the findings of a server");
            s->asset_n++;
            k = 0;
        }
        if (i < w->seen_n)
            run[k++] = w->seen[i];
    }
    s->asset = out;
    return true;
}

/* What was given to others to pass on. True: it tells nothing of the case but that. */
static bool passed_on(struct work *w, const struct fact *const *f, size_t n, struct notice_state *x)
{
    struct case_state *s = &w->s;
    uint32_t           flags = 0;

    for (size_t i = 0; i < n; i++)
        flags |= f[i]->flags;
    if (flags & FACT_RELAYED) {
        s->relayed_us = earlier(s->relayed_us, x->accepted_us);
        if (x->step == NOTICE_ACKNOWLEDGED) {
            s->notified_us = earlier(s->notified_us, x->answered_us);
            w->confirmed = true;
        }
    } else if (flags & FACT_FORWARD && x->step == NOTICE_ACKNOWLEDGED) {
        x->step = NOTICE_DELIVERED;
        x->delivered_us = earlier(x->delivered_us, x->answered_us);
    }
    return flags & FACT_RELAYED;
}

static bool fold_notices(struct work *w, struct err *e)
{
    struct case_state   *s = &w->s;
    const struct fact  **run;
    size_t               most = subjects(w->decided, w->decided_n, false);
    struct notice_state *out = NEW(w->a, struct notice_state, most ? most : 1);
    struct arena         scratch = *w->a;

    run = TAKE(&scratch, const struct fact *, w->decided_n ? w->decided_n : 1);
    if (!out || !run)
        return err_set(e, ERR_MEMORY, "no room for %zu notices of a case", most);
    for (size_t i = 0, k = 0; i <= w->decided_n; i++) {
        if (i < w->decided_n && w->decided[i]->kind != FACT_NOTICE)
            continue;
        if (k && (i == w->decided_n || w->decided[i]->subject != run[0]->subject)) {
            notice_walk(run, k, &out[s->notice_n]);
            s->notice_n += !passed_on(w, run, k, &out[s->notice_n]);
            k = 0;
        }
        if (i < w->decided_n)
            run[k++] = w->decided[i];
    }
    s->notice = out;
    return true;
}

/* A word that the server is affected: only such words open a case. */
static bool affected(const struct fact *f) { return f->grade != GRADE_NONE && (f->kind == FACT_FINDING || (f->kind == FACT_EXPOSURE && f->value == EXPOSURE_VULNERABLE)); }
static bool cleared(const struct fact *f)
{
    return f->kind == FACT_EXPOSURE && f->flags & FACT_ACTIVE && f->grade >= GRADE_C && (f->value == EXPOSURE_PATCHED || f->value == EXPOSURE_NOT_AFFECTED);
}

/*
 * Verified: a second independent source, an authorised survey's own check, or a hunt of grade A. Dismissed: two own checks a day apart that find nothing,
 * after the last word that it is affected. Facts are walked server by server, so times are gathered as extremes.
 */
static void verify(struct work *w)
{
    int64_t  sure = TIME_NONE, first[2] = { TIME_NONE, TIME_NONE };
    uint64_t who = 0;
    bool     any = false;

    for (size_t i = 0; i < w->seen_n; i++) {
        const struct fact *f = w->seen[i];
        int64_t            t = fact_us(f);
        if (!affected(f) && !(f->kind == FACT_HUNT && f->grade == GRADE_A))
            continue;
        if (f->flags & FACT_ACTIVE || f->kind == FACT_HUNT)
            sure = earlier(sure, t);
        if (!affected(f))
            continue;
        w->last_us = later(w->last_us, t);
        /* The source that spoke first; of several at once the lowest number. */
        if (!any || t < first[0] || (t == first[0] && f->source < who)) {
            first[0] = t;
            who = f->source;
        }
        any = true;
    }
    for (size_t i = 0; i < w->seen_n; i++)
        if (affected(w->seen[i]) && w->seen[i]->source != who)
            first[1] = earlier(first[1], fact_us(w->seen[i]));
    w->s.verified_us = w->trap ? TIME_NONE : earlier(sure, first[1]);

    int64_t lo = TIME_NONE, hi = TIME_NONE;
    for (size_t i = 0; i < w->seen_n; i++)
        if (cleared(w->seen[i]) && fact_us(w->seen[i]) > w->last_us) {
            lo = earlier(lo, fact_us(w->seen[i]));
            hi = later(hi, fact_us(w->seen[i]));
        }
    w->dismissed_us = lo != TIME_NONE && hi - lo >= CASE_RECHECK_US ? hi : TIME_NONE;
}

/* What people decided, in the order in which it was recorded. Contacts first: a contact's last word is its newest. */
static void decide(struct work *w)
{
    struct case_state *s = &w->s;
    int64_t found_us = TIME_NONE, empty_us = TIME_NONE, forced_us = TIME_NONE, released_us = TIME_NONE;
    const struct fact *force = NULL;

    for (size_t i = 0; i < w->decided_n; i++) {
        const struct fact *f = w->decided[i];
        switch (f->kind) {
        case FACT_GROUPED:
            w->grouped |= f->value >= 50;
            break;
        case FACT_TRAP: w->trap = true; break;
        case FACT_CONTACT: {
            /* The last of this contact point: others of it follow at once, if any. */
            size_t k = i + 1;
            while (k < w->decided_n && w->decided[k]->subject == f->subject && w->decided[k]->kind != FACT_CONTACT)
                k++;
            if (k < w->decided_n && w->decided[k]->subject == f->subject)
                break;
            if (f->value && f->grade >= GRADE_D && f->flags & FACT_MX_TESTED) {
                w->contacts++;
                found_us = later(found_us, f->recorded_us);
            }
            break;
        }
        case FACT_LADDER_EMPTY: empty_us = later(empty_us, f->recorded_us); break;
        case FACT_PORTAL:
            if (f->value)
                s->acknowledged_us = earlier(s->acknowledged_us, fact_us(f));
            else
                s->delivered_us = earlier(s->delivered_us, fact_us(f));
            break;
        case FACT_REPLY:
            if (f->value >= 1)
                s->acknowledged_us = earlier(s->acknowledged_us, fact_us(f));
            break;
        case FACT_ESCALATED: w->escalated_us = later(w->escalated_us, fact_us(f)); break;
        case FACT_FORCE:
            if (!force || f->recorded_us > forced_us || (f->recorded_us == forced_us && memcmp(f->hash, force->hash, sizeof f->hash) > 0)) {
                force = f;
                forced_us = f->recorded_us;
            }
            break;
        case FACT_RELEASE: released_us = later(released_us, f->recorded_us); break;
        default: break;
        }
    }
    w->ladder_empty = empty_us != TIME_NONE && empty_us >= found_us && !w->contacts;
    if (!force || released_us >= forced_us)
        return;
    s->forced    = true;
    s->stage     = (enum case_stage)force->value;
    s->reason    = force->reason;
    s->who       = force->who;
    s->forced_us = forced_us;
    for (size_t i = 0; i < w->seen_n; i++)
        if (w->seen[i]->kind == FACT_FINDING && w->seen[i]->grade >= GRADE_C && w->seen[i]->recorded_us > forced_us)
            s->contradicted = true;
}

/* "Not mine" holds until the server is grouped to this case again. */
static void settle_owner(struct work *w, struct asset_state *x)
{
    int64_t no = TIME_NONE, yes = TIME_NONE;

    for (size_t i = 0; i < w->decided_n; i++) {
        const struct fact *f = w->decided[i];
        if (f->kind == FACT_NOT_MINE && f->subject == x->asset)
            no = later(no, f->recorded_us);
        if (f->kind == FACT_GROUPED && f->value >= 50 && (f->subject == x->asset || !f->subject))
            yes = later(yes, f->recorded_us);
    }
    x->not_mine = no >= yes;
}

static bool good(const struct asset_state *x)
{
    return x->exposure == EXPOSURE_PATCHED || x->exposure == EXPOSURE_NOT_AFFECTED || x->exposure == EXPOSURE_RETIRED;
}

static void count(struct work *w)
{
    struct case_state *s = &w->s;
    int64_t            patched = TIME_NONE, hunted = TIME_NONE, clean = TIME_NONE;
    bool               all_patched = true, all_hunted = true, all_clean = true;

    for (uint32_t i = 0; i < s->asset_n; i++) {
        const struct asset_state *x = &s->asset[i];
        bool door = x->compromise == COMPROMISE_BACKDOORED || x->compromise == COMPROMISE_RELAPSED;
        bool proven = good(x) && x->exposure_grade >= GRADE_B;
        if (x->not_mine)
            continue;
        s->assets++;
        s->vulnerable         += x->exposure == EXPOSURE_VULNERABLE;
        s->patched            += x->exposure == EXPOSURE_PATCHED;
        s->backdoored         += door;
        s->patched_backdoored += door && x->exposure == EXPOSURE_PATCHED;
        s->hunted             += x->hunted;
        s->clean              += x->clean;
        s->relapsed           += x->relapses > 0;
        s->missed             += x->missed > 0;
        s->re_entered         += x->re_entered;
        s->suspicion          |= x->suspicion;
        w->last_us = later(w->last_us, x->changed_us);
        s->needs |= !good(x) ? NEED_PATCH : !proven ? NEED_PATCH_PROOF : 0;
        s->needs |= !x->hunted ? NEED_HUNT : door ? 0 : x->compromise != COMPROMISE_NEGATIVE || x->compromise_grade < GRADE_B ? NEED_HUNT_PROOF : 0;
        s->needs |= door ? NEED_REMOVAL : 0;
        s->needs |= x->compromise == COMPROMISE_NEGATIVE && proven && !x->clean ? NEED_HUNT_AGAIN : 0;
        s->needs |= x->suspicion ? NEED_SUSPICION_SETTLED : 0;
        s->needs |= x->clean && w->now - x->clean_us < CASE_CLEAN_US ? NEED_TIME : 0;
        s->needs |= x->clean && x->rescans < 2 ? NEED_RESCANS : 0;
        all_patched &= proven;
        all_hunted  &= x->hunted;
        all_clean   &= x->clean && x->rescans >= 2 && !x->suspicion;
        patched = later(patched, x->exposure_us);
        hunted  = later(hunted, x->hunted_us);
        if (x->clean) {
            clean = later(clean, later(x->clean_us + CASE_CLEAN_US, x->rescan2_us));
            wakes(w, x->clean_us + CASE_CLEAN_US);
        }
    }
    if (s->assets && all_clean)
        wakes(w, clean);
    s->patched_us = s->assets && all_patched ? patched : TIME_NONE;
    s->hunted_us  = s->assets && all_hunted ? hunted : TIME_NONE;
    s->clean_us   = s->assets && all_clean && clean <= w->now ? clean : TIME_NONE;
}

static enum case_stage derive(struct work *w)
{
    struct case_state *s = &w->s;
    bool sent = w->confirmed, delivered = s->delivered_us != TIME_NONE;
    int64_t last = later(w->last_us, later(s->notified_us, later(s->delivered_us, s->acknowledged_us)));

    for (uint32_t i = 0; i < s->notice_n; i++) {
        enum notice_step k = s->notice[i].step;
        sent      |= k == NOTICE_ACCEPTED || k == NOTICE_DELIVERED || k == NOTICE_AUTO_REPLIED || k == NOTICE_BOUNCED_SOFT || k == NOTICE_ACKNOWLEDGED;
        delivered |= k == NOTICE_DELIVERED || k == NOTICE_AUTO_REPLIED;
    }
    if (s->clean_us != TIME_NONE)
        wakes(w, s->clean_us + CASE_CLOSED_US);
    if (w->escalated_us != TIME_NONE)
        wakes(w, later(w->escalated_us, last) + CASE_DORMANT_US);
    if (!w->grouped && !s->asset_n)
        return CASE_NONE;
    if (s->asset_n && !s->assets)
        return CASE_CANDIDATE;              /* "not mine": to be grouped anew */
    if (s->verified_us == TIME_NONE)
        return w->dismissed_us != TIME_NONE ? CASE_DISMISSED : CASE_CANDIDATE;
    for (uint32_t i = 0; i < s->asset_n; i++)
        if (!s->asset[i].not_mine && s->asset[i].compromise == COMPROMISE_RELAPSED)
            return CASE_RELAPSED;
    if (s->backdoored)
        return CASE_BACKDOORED;
    if (s->clean_us != TIME_NONE)
        return w->now - s->clean_us >= CASE_CLOSED_US ? CASE_CLOSED : CASE_CLEAN;
    if (w->escalated_us != TIME_NONE && w->now - later(w->escalated_us, last) >= CASE_DORMANT_US)
        return CASE_DORMANT;
    if (s->hunted_us != TIME_NONE)
        return CASE_HUNTED;
    if (s->patched_us != TIME_NONE)
        return CASE_PATCHED;
    if (s->acknowledged_us != TIME_NONE)
        return CASE_ACKNOWLEDGED;
    if (delivered)
        return CASE_DELIVERED;
    if (sent)
        return CASE_NOTIFIED;
    if (w->contacts)
        return CASE_CONTACT_FOUND;
    return w->ladder_empty ? CASE_UNREACHABLE : CASE_VERIFIED;
}

static struct work begin(struct arena *a)
{
    return (struct work){
        .a = a, .dismissed_us = TIME_NONE, .last_us = TIME_NONE, .escalated_us = TIME_NONE, .next_us = TIME_NONE,
        .s = { .forced_us = TIME_NONE, .verified_us = TIME_NONE, .notified_us = TIME_NONE, .delivered_us = TIME_NONE, .acknowledged_us = TIME_NONE, .relayed_us = TIME_NONE,
               .patched_us = TIME_NONE, .hunted_us = TIME_NONE, .clean_us = TIME_NONE },
    };
}

/* The servers are folded already. */
static bool fold_case(struct work *w, struct err *e)
{
    if (!fold_notices(w, e))
        return false;
    decide(w);
    verify(w);
    for (uint32_t i = 0; i < w->s.asset_n; i++)
        if (w->s.asset[i].not_mine)
            settle_owner(w, &w->s.asset[i]);
    for (uint32_t i = 0; i < w->s.notice_n; i++) {
        const struct notice_state *x = &w->s.notice[i];
        /* A call that reached somebody was never merely accepted. */
        w->s.notified_us = earlier(w->s.notified_us, x->accepted_us != TIME_NONE ? x->accepted_us : earlier(x->delivered_us, x->answered_us));
        w->s.delivered_us = earlier(w->s.delivered_us, x->delivered_us);
        if (x->step == NOTICE_ACKNOWLEDGED)
            w->s.acknowledged_us = earlier(w->s.acknowledged_us, x->answered_us);
    }
    count(w);
    w->s.derived = derive(w);
    if (!w->s.forced || w->s.contradicted)
        w->s.stage = w->s.derived;
    return true;
}

bool case_fold(const struct fact *f, size_t n, struct fold_at at, struct arena *a, struct case_state *ret, struct err *e)
{
    struct arena whole = *a;
    struct work  w = begin(&whole);

    if (!facts_sorted(f, n, NULL, at, false, &whole, &w.seen, &w.seen_n, &w.now, e) || !facts_sorted(f, n, NULL, at, true, &whole, &w.decided, &w.decided_n, &w.now, e) ||
        !fold_assets(&w, e) || !fold_case(&w, e))
        return false;
    *a   = whole;
    *ret = w.s;
    return true;
}

/* ---- one case at several instants ---- */

/* Facts of one subject are sorted by time, so those that are known at an instant stand in front. */
struct series_subject { size_t first, n, told /* at the last instant */; bool asset; struct asset_state state; };
struct case_series {
    const struct fact **seen, **decided, **now_seen, **now_decided, **run;
    size_t   seen_n, decided_n, subject_n;
    struct series_subject *subject;
};

bool case_series_open(struct case_series **ret, const struct fact *f, size_t n, int64_t known_us, struct arena *a, struct err *e)
{
    struct arena        whole = *a;
    struct case_series *c = NEW(&whole, struct case_series, 1);
    struct fold_at      at = { TIME_NONE, known_us };
    int64_t             now;

    if (!c)
        return err_set(e, ERR_MEMORY, "no room for a case");
    if (!facts_sorted(f, n, NULL, at, false, &whole, &c->seen, &c->seen_n, &now, e) || !facts_sorted(f, n, NULL, at, true, &whole, &c->decided, &c->decided_n, &now, e))
        return false;
    for (size_t i = 0; i < c->seen_n; i++)
        c->subject_n += !i || c->seen[i]->subject != c->seen[i - 1]->subject;
    c->subject     = NEW(&whole, struct series_subject, c->subject_n + 1);
    c->now_seen    = TAKE(&whole, const struct fact *, c->seen_n + 1);
    c->now_decided = TAKE(&whole, const struct fact *, c->decided_n + 1);
    c->run         = TAKE(&whole, const struct fact *, c->seen_n + 1);
    if (!c->subject || !c->now_seen || !c->now_decided || !c->run)
        return err_set(e, ERR_MEMORY, "no room for %zu facts of a case", n);
    for (size_t i = 0, k = 0; i < c->seen_n; i++) {
        if (!i || c->seen[i]->subject != c->seen[i - 1]->subject)
            c->subject[k++].first = i;
        c->subject[k - 1].n++;
    }
    *a   = whole;
    *ret = c;
    return true;
}

static bool subject_at(struct case_series *c, struct series_subject *x, struct arena scratch, struct err *e)
{
    size_t k = 0;
    bool   full;

    for (size_t i = x->first; i < x->first + x->told; i++)
        if (is_asset_fact(c->seen[i]))
            c->run[k++] = c->seen[i];
    x->asset = k > 0;
    asset_walk(c->run, k, scratch, &x->state, &full);
    return !full || err_set(e, ERR_MEMORY, "no room for the findings of a server");
}

bool case_series_at(struct case_series *c, int64_t now_us, struct arena *a, struct case_state *ret, int64_t *ret_next_us, struct err *e)
{
    struct arena whole = *a;
    struct work  w = begin(&whole);

    w.now     = now_us;
    w.seen    = c->now_seen;
    w.decided = c->now_decided;
    w.s.asset = NEW(&whole, struct asset_state, c->subject_n + 1);
    if (!w.s.asset)
        return err_set(e, ERR_MEMORY, "no room for %zu servers of a case", c->subject_n);
    for (size_t i = 0; i < c->subject_n; i++) {
        struct series_subject *x = &c->subject[i];
        size_t                 before = x->told;

        while (x->told < x->n && fact_us(c->seen[x->first + x->told]) <= now_us)
            x->told++;
        if (x->told != before && !subject_at(c, x, whole, e))
            return false;
        memcpy(w.seen + w.seen_n, c->seen + x->first, x->told * sizeof *w.seen);
        w.seen_n += x->told;
        if (x->asset)
            w.s.asset[w.s.asset_n++] = x->state;
    }
    for (size_t i = 0; i < c->decided_n; i++)
        if (fact_us(c->decided[i]) <= now_us)
            w.decided[w.decided_n++] = c->decided[i];
    if (!fold_case(&w, e))
        return false;
    *a           = whole;
    *ret         = w.s;
    *ret_next_us = w.next_us;
    return true;
}
