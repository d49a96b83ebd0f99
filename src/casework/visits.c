/* See visits.h. */
#include "casework/visits.h"

#include <stdlib.h>

struct known {                     /* a visit so far */
    uint32_t first, best;          /* the session it began with; the one that stands for it */
    uint32_t last;                 /* of its sessions, chained through next[] */
};

static int by_time(const void *x, const void *y)
{
    const struct visit_session *p = x, *q = y;

    if (p->first_us != q->first_us) {
        if (p->first_us == TIME_NONE || q->first_us == TIME_NONE)
            return p->first_us == TIME_NONE ? 1 : -1;
        return p->first_us > q->first_us ? 1 : -1;
    }
    if (p->feature_n != q->feature_n)
        return p->feature_n < q->feature_n ? 1 : -1;
    if (p->file != q->file)
        return p->file > q->file ? 1 : -1;
    return (p->session > q->session) - (p->session < q->session);
}

static uint32_t in_common(const struct visit_session *x, const struct visit_session *y)
{
    uint32_t n = 0;

    for (uint32_t i = 0, k = 0; i < x->feature_n && k < y->feature_n;) {
        n += x->feature[i] == y->feature[k];
        if (x->feature[i] <= y->feature[k])
            i++;
        else
            k++;
    }
    return n;
}

/* Does the report of `of` tell of another session that begins after it and before `upto`? Sessions are in the order of time; of too many nobody can say. */
static bool another_between(const struct visit_session *s, uint32_t of, uint32_t upto)
{
    if (upto - of > VISIT_BETWEEN_MAX)
        return true;
    for (uint32_t i = upto; i-- > of + 1;)
        if (s[i].file == s[of].file && s[i].first_us > s[of].first_us)
            return true;
    return false;
}

/* How well session i fits to a visit: 0 not at all. Same beginnings come before parts. */
static uint64_t fits(const struct visit_session *s, uint32_t i, const struct known *v, const uint32_t *next)
{
    const struct visit_session *x = &s[i], *y = &s[v->best];
    uint64_t                    most = 0;

    for (uint32_t k = v->first;; k = next[k]) {
        if (s[k].file == x->file)
            return 0;
        if (x->first_us != TIME_NONE && s[k].first_us == x->first_us)
            most = UINT64_C(1) << 32;
        if (k == v->last)
            break;
    }
    uint32_t common = in_common(x, y);
    if (most)
        return most + common;
    if (!common || common < x->feature_n)
        return 0;
    if (x->first_us == TIME_NONE)
        return common;
    /* first_us of the visit's first session is its earliest. */
    const struct visit_session *begin = &s[v->first];
    if (begin->first_us == TIME_NONE || x->first_us - begin->first_us > VISIT_PART_US || another_between(s, v->best, i))
        return 0;
    return common;
}

bool visits_join(struct visit_session *s, uint32_t n, struct arena scratch, uint32_t *ret_n, struct err *e)
{
    struct known *v = TAKE(&scratch, struct known, n ? n : 1);
    uint32_t     *next = TAKE(&scratch, uint32_t, n ? n : 1), m = 0;

    if (!v || !next)
        return err_set(e, ERR_MEMORY, "no room for the visits of one server");
    if (n)
        qsort(s, n, sizeof *s, by_time);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t best = 0;
        uint32_t to = 0;
        for (uint32_t k = m; k-- > 0 && m - k <= VISIT_LOOK_BACK;) {
            uint64_t fit = fits(s, i, &v[k], next);
            if (fit && fit >= best) {              /* the earlier of two that fit equally well */
                best = fit;
                to   = k;
            }
        }
        s[i].stands = false;
        next[i] = i;
        if (!best) {
            v[m] = (struct known){ i, i, i };
            s[i].visit = m++;
            continue;
        }
        s[i].visit = to;
        next[v[to].last] = i;
        v[to].last = i;
        const struct visit_session *x = &s[i], *y = &s[v[to].best];
        if (x->feature_n != y->feature_n ? x->feature_n > y->feature_n : x->file != y->file ? x->file < y->file : x->session < y->session)
            v[to].best = i;
    }
    for (uint32_t k = 0; k < m; k++)
        s[v[k].best].stands = true;
    *ret_n = m;
    return true;
}
