/* state_asset: exposure and compromise of one server. Rules 1 to 5. */
#include "casework/state_inner.h"

struct walk {
    struct asset_state *s;
    struct arena        a;         /* of the findings */
    uint64_t *known;   size_t known_n, known_cap;       /* every finding that was ever told, but 0 */
    uint64_t *present; size_t present_n, present_cap;   /* those that nobody said are gone */
    bool      unnamed;             /* one is present that nobody can tell from others */
    int64_t   cleared_us;          /* of the last removal or negative hunt */
    enum grade removal_grade;
    int64_t   rescan_us;           /* the last that counted */
    bool      full;
};

static bool good(enum exposure x) { return x == EXPOSURE_PATCHED || x == EXPOSURE_NOT_AFFECTED || x == EXPOSURE_RETIRED; }

static size_t find(const uint64_t *list, size_t n, uint64_t v)
{
    for (size_t i = 0; i < n; i++)
        if (list[i] == v)
            return i;
    return SIZE_MAX;
}

static void become(struct walk *w, enum compromise c, enum grade g, int64_t t)
{
    w->s->compromise       = c;
    w->s->compromise_grade = g;
    w->s->compromise_us    = t;
}

static void exposure(struct walk *w, const struct fact *f, int64_t t)
{
    struct asset_state *s = w->s;
    enum exposure       x = (enum exposure)f->value;

    if (x == EXPOSURE_UNKNOWN || f->grade == GRADE_NONE)
        return;
    if (x == s->exposure) {
        if (f->grade > s->exposure_grade)
            s->exposure_grade = f->grade;
    } else if (f->grade > GRADE_D || s->exposure_grade <= GRADE_D) {
        s->exposure       = x;
        s->exposure_grade = f->grade;
        s->exposure_us    = t;
    } else
        return;
    if (s->exposure == EXPOSURE_VULNERABLE)
        s->vulnerable_us = later(s->vulnerable_us, t);
    if (s->clean && good(x) && f->grade >= GRADE_B && t > s->clean_us && (w->rescan_us == TIME_NONE || t - w->rescan_us >= CASE_RESCAN_GAP_US)) {
        w->rescan_us = t;
        if (++s->rescans == 2)
            s->rescan2_us = t;
    }
}

static void removed(struct walk *w, const struct fact *f, int64_t t)
{
    struct asset_state *s = w->s;
    size_t              at;

    if (f->grade == GRADE_NONE)
        return;
    if (f->grade >= GRADE_C)
        s->backdoored_ever = true;         /* what was taken away was there */
    if (!f->finding) {
        w->present_n = 0;
        w->unnamed   = false;
    } else if ((at = find(w->present, w->present_n, f->finding)) != SIZE_MAX)
        w->present[at] = w->present[--w->present_n];
    if (w->present_n || w->unnamed || s->compromise == COMPROMISE_NEGATIVE || s->compromise == COMPROMISE_REMOVED)
        return;
    /* "There was one, it is gone" from somebody whose word is no finding is a suspicion that came late. */
    if (f->grade < GRADE_C && s->compromise != COMPROMISE_BACKDOORED && s->compromise != COMPROMISE_RELAPSED)
        return;
    become(w, COMPROMISE_REMOVED, f->grade, t);
    w->cleared_us    = t;
    w->removal_grade = f->grade;
}

static void hunt(struct walk *w, const struct fact *f, int64_t t)
{
    struct asset_state *s = w->s;

    if (f->grade >= GRADE_C && f->flags & FACT_RE_ENTERED)
        s->re_entered = true;
    if (f->grade < GRADE_B || !(f->flags & FACT_COMPLETE))
        return;
    s->hunted    = true;
    s->hunted_us = later(s->hunted_us, t);
    if (f->flags & FACT_PRESENT || f->value != DOOR_NO)
        return;
    if (s->compromise == COMPROMISE_NEGATIVE) {
        s->compromise_grade = f->grade > s->compromise_grade ? f->grade : s->compromise_grade;
    } else
        become(w, COMPROMISE_NEGATIVE, f->grade, t);
    w->cleared_us = t;
    w->present_n  = 0;
    w->unnamed    = false;
    s->suspicion  = s->still_there = false;
}

static bool remember(struct walk *w, uint64_t **list, size_t *n, size_t *cap, uint64_t v)
{
    if (find(*list, *n, v) != SIZE_MAX)
        return true;
    uint64_t *p = arena_grow(&w->a, (void **)list, *n, cap, sizeof **list, _Alignof(uint64_t));
    if (!p)
        return false;
    *p = v;
    ++*n;
    return true;
}

static void finding(struct walk *w, const struct fact *f, int64_t t)
{
    struct asset_state *s = w->s;
    bool known = f->finding && find(w->known, w->known_n, f->finding) != SIZE_MAX;
    bool cleared = s->compromise == COMPROMISE_REMOVED || s->compromise == COMPROMISE_NEGATIVE;

    if (f->grade < GRADE_C) {
        if (f->grade == GRADE_NONE)
            return;
        s->suspicion = true;
        if (s->compromise == COMPROMISE_UNKNOWN)
            become(w, COMPROMISE_SUSPECTED, f->grade, t);
        return;
    }
    if (cleared) {
        bool by_word = s->compromise == COMPROMISE_REMOVED;
        bool old = f->own_us != TIME_NONE ? f->own_us <= w->cleared_us : t <= w->cleared_us || (known && by_word && w->removal_grade < GRADE_B);
        if (!old) {
            s->relapses++;
            become(w, COMPROMISE_RELAPSED, f->grade, t);
        } else {
            if (known && by_word)
                s->still_there = true;
            else
                s->missed++;
            become(w, COMPROMISE_BACKDOORED, f->grade, t);
        }
    } else if (s->compromise != COMPROMISE_BACKDOORED && s->compromise != COMPROMISE_RELAPSED)
        become(w, COMPROMISE_BACKDOORED, f->grade, t);
    else if (f->grade > s->compromise_grade)
        s->compromise_grade = f->grade;
    s->backdoored_ever = true;
    if (!f->finding)
        w->unnamed = true;
    else
        w->full |= !remember(w, &w->known, &w->known_n, &w->known_cap, f->finding) || !remember(w, &w->present, &w->present_n, &w->present_cap, f->finding);
}

/* Rule 3. */
static void judge_clean(struct walk *w, int64_t t)
{
    struct asset_state *s = w->s;
    bool clean = good(s->exposure) && s->exposure_grade >= GRADE_B && s->compromise == COMPROMISE_NEGATIVE && s->compromise_grade >= GRADE_B &&
                 (s->vulnerable_us == TIME_NONE || w->cleared_us >= s->vulnerable_us);

    if (clean == s->clean)
        return;
    s->clean      = clean;
    s->was_clean |= clean;
    s->clean_us   = clean ? t : TIME_NONE;
    s->rescans    = 0;
    s->rescan2_us = w->rescan_us = TIME_NONE;
}

static bool same(const struct asset_state *x, const struct asset_state *y)
{
    return x->exposure == y->exposure && x->exposure_grade == y->exposure_grade && x->compromise == y->compromise && x->compromise_grade == y->compromise_grade &&
           x->clean == y->clean && x->suspicion == y->suspicion && x->hunted == y->hunted && x->not_mine == y->not_mine && x->relapses == y->relapses && x->missed == y->missed;
}

void asset_walk(const struct fact *const *f, size_t n, struct arena scratch, struct asset_state *ret, bool *ret_full)
{
    struct asset_state s = { .exposure_us = TIME_NONE, .compromise_us = TIME_NONE, .clean_us = TIME_NONE, .hunted_us = TIME_NONE, .vulnerable_us = TIME_NONE,
                             .rescan2_us = TIME_NONE, .changed_us = TIME_NONE };
    struct walk        w = { .s = &s, .a = scratch, .cleared_us = TIME_NONE, .rescan_us = TIME_NONE };

    for (size_t i = 0; i < n && !w.full; i++) {
        struct asset_state before = s;
        int64_t            t = fact_us(f[i]);

        s.asset = f[i]->subject;
        switch (f[i]->kind) {
        case FACT_EXPOSURE: exposure(&w, f[i], t); break;
        case FACT_REMOVED:  removed(&w, f[i], t); break;
        case FACT_HUNT:     hunt(&w, f[i], t); break;
        case FACT_FINDING:  finding(&w, f[i], t); break;
        case FACT_NOT_MINE: s.not_mine = true; break;
        default: continue;
        }
        judge_clean(&w, t);
        if (!same(&before, &s))
            s.changed_us = t;
    }
    *ret_full = w.full;
    *ret = s;
}

bool asset_fold(const struct fact *f, size_t n, uint64_t asset, struct fold_at at, struct arena scratch, struct asset_state *ret, struct err *e)
{
    const struct fact **p;
    struct asset_state  out;
    size_t              k, m = 0;
    int64_t             now;
    bool                full;

    if (!facts_sorted(f, n, &asset, at, false, &scratch, &p, &k, &now, e))
        return false;
    for (size_t i = 0; i < k; i++)
        if (is_asset_fact(p[i]))
            p[m++] = p[i];
    asset_walk(p, m, scratch, &out, &full);
    if (full)
        return err_set(e, ERR_MEMORY, "no room for the findings of a server");
    out.asset = asset;
    *ret = out;
    return true;
}
