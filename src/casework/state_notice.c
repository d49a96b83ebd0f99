/*
 * state_notice: what became of one notice. Its own steps go by attempt; what comes back goes by truth: a person > a complaint > a failed delivery >
 * an automatic reply > a delivery > a delay > our own mail server's word. So a late failure overrides "accepted" and "delivered", and nothing overrides a person.
 * Source: notification sheet, 5.4 and 6.3.
 */
#include "casework/state_inner.h"

enum { TRUTH_PERSON = 6 };
uint8_t notice_truth(enum notice_step s)
{
    static const uint8_t truth[NOTICE_STEPS] = { [NOTICE_BOUNCED_SOFT] = 1, [NOTICE_AUTO_REPLIED] = 2, [NOTICE_DELIVERED] = 3, [NOTICE_BOUNCED_HARD] = 4, [NOTICE_COMPLAINT] = 5,
                                                 [NOTICE_ACKNOWLEDGED] = TRUTH_PERSON, [NOTICE_WRONG_RECIPIENT] = TRUTH_PERSON, [NOTICE_DECLINED] = TRUTH_PERSON };
    return (unsigned)s < NOTICE_STEPS ? truth[s] : 0;
}

static bool by_person(int32_t v) { return notice_truth((enum notice_step)v) == TRUTH_PERSON; }

void notice_walk(const struct fact *const *f, size_t n, struct notice_state *ret)
{
    struct notice_state s = { .step = NOTICE_PLANNED, .accepted_us = TIME_NONE, .delivered_us = TIME_NONE, .answered_us = TIME_NONE, .changed_us = TIME_NONE };
    int32_t             own = NOTICE_PLANNED, back = -1, person = -1, stopped = -1;
    uint32_t            own_attempt = 0;
    bool                accepted = false;

    /* By time of recording: of several persons' answers the last holds. */
    for (size_t i = 0; i < n; i++) {
        int32_t v = f[i]->value;

        if (f[i]->kind != FACT_NOTICE)
            continue;
        s.notice     = f[i]->subject;
        s.changed_us = f[i]->recorded_us;
        if (f[i]->attempt > s.attempts)
            s.attempts = f[i]->attempt;
        if (by_person(v)) {
            person = v;
            s.answered_us = earlier(s.answered_us, fact_us(f[i]));
        } else if (v == NOTICE_SUPPRESSED || v == NOTICE_CANCELLED)
            stopped = stopped > v ? stopped : v;
        else if (v > NOTICE_ACCEPTED) {
            back = back >= 0 && notice_truth((enum notice_step)back) > notice_truth((enum notice_step)v) ? back : v;
            if (v == NOTICE_DELIVERED || v == NOTICE_AUTO_REPLIED)
                s.delivered_us = earlier(s.delivered_us, fact_us(f[i]));
        } else {
            if (v == NOTICE_ACCEPTED) {
                accepted = true;
                s.accepted_us = earlier(s.accepted_us, fact_us(f[i]));
            }
            if (f[i]->attempt > own_attempt || (f[i]->attempt == own_attempt && v > own)) {
                own_attempt = f[i]->attempt;
                own = v;
            }
        }
    }
    /* Whatever came back proves that it went out. An attempt begins only when the one before it is settled, so the last one decides. */
    s.may_be_out = accepted || back >= 0 || person >= 0 || own == NOTICE_HANDING_OVER || own == NOTICE_UNKNOWN;
    if (person >= 0)
        s.step = (enum notice_step)person;
    else if (back >= 0)
        s.step = (enum notice_step)back;
    else if (accepted)
        s.step = NOTICE_ACCEPTED;
    else if (stopped >= 0 && !s.may_be_out)
        s.step = (enum notice_step)stopped;
    else
        s.step = (enum notice_step)own;
    *ret = s;
}

bool notice_fold(const struct fact *f, size_t n, uint64_t notice, struct fold_at at, struct arena scratch, struct notice_state *ret, struct err *e)
{
    const struct fact **p;
    struct notice_state out;
    size_t              k, m = 0;
    int64_t             now;

    if (!facts_sorted(f, n, &notice, at, true, &scratch, &p, &k, &now, e))
        return false;
    for (size_t i = 0; i < k; i++)
        if (p[i]->kind == FACT_NOTICE)
            p[m++] = p[i];
    notice_walk(p, m, &out);
    out.notice = notice;
    *ret = out;
    return true;
}
