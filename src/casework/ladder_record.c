/* See ladder.h: ladder_record. */
#include "casework/ladder_inner.h"

#include "base/num.h"

#include <stdio.h>
#include <stdlib.h>

/* The last word about each contact of the case; own: the case's, and not of one that it came from. */
struct word { int64_t subject; int32_t value; enum grade grade; uint32_t flags; bool own; };

static bool words(struct store *s, int64_t case_, struct word *ret, size_t cap, size_t *ret_n, struct err *e)
{
    struct store_stmt *st;
    size_t n = 0;
    enum store_got got;

    if (!bind_open(s, "SELECT subject, value, grade, flags, case_id FROM case_fact WHERE case_id IN (SELECT ?1 UNION ALL SELECT from_case FROM case_heir WHERE case_id = ?1) AND of_case = 1 AND kind = ?2"
                      " ORDER BY recorded_us DESC, id DESC", BOUND(B_INT(case_), B_INT(FACT_CONTACT)), &st, e))
        return false;
    while ((got = store_step(st, e)) == STORE_ROW) {
        struct word w = { store_int(st, 0), (int32_t)store_int(st, 1), (enum grade)store_int(st, 2), (uint32_t)store_int(st, 3), store_int(st, 4) == case_ };
        size_t      i = 0;

        while (i < n && ret[i].subject != w.subject)
            i++;
        if (i == n && n < cap)
            ret[n++] = w;
    }
    store_finish(st);
    *ret_n = n;
    return got != STORE_FAILED;
}

static const struct word *word_of(const struct word *w, size_t n, int64_t subject)
{
    for (size_t i = 0; i < n; i++)
        if (w[i].subject == subject)
            return &w[i];
    return NULL;
}

static bool say(struct ledger *l, int64_t campaign, int64_t case_, int64_t subject, int32_t value, enum grade grade, uint32_t flags, struct str reason, struct err *e)
{
    const struct ledger_from hand = { 0 };
    struct fact f = { .kind = FACT_CONTACT, .value = value, .grade = grade, .flags = flags, .subject = (uint64_t)subject, .observed_us = ledger_now(l), .own_us = TIME_NONE, .reason = reason };

    return ledger_fact(l, campaign, FACT_OF_CASE, case_, &f, &hand, NULL, e);
}

bool ladder_record(struct ledger *l, int64_t campaign, int64_t case_, const struct contact *c, size_t n, uint64_t *ret_n, struct err *e)
{
    enum { WORDS_MAX = 1024 };
    struct word w[WORDS_MAX];
    int64_t     taken[LADDER_RECORDED];
    size_t      word_n, taken_n = 0;

    *ret_n = 0;
    if (!words(ledger_store(l), case_, w, WORDS_MAX, &word_n, e))
        return false;
    for (size_t i = 0; i < n && taken_n < LADDER_RECORDED; i++) {
        uint32_t flags = c[i].path == PATH_UNKNOWN ? 0 : FACT_MX_TESTED;

        if (!contact_usable(&c[i]))
            continue;
        taken[taken_n++] = c[i].id;
        const struct word *was = word_of(w, word_n, c[i].id);
        if (was && was->own && was->value == 1 && was->grade == c[i].grade && was->flags == flags)
            continue;
        if (!say(l, campaign, case_, c[i].id, 1, c[i].grade, flags, STR_EMPTY, e))
            return false;
        ++*ret_n;
    }
    for (size_t i = 0; i < word_n; i++) {
        size_t k = 0;

        while (k < taken_n && taken[k] != w[i].subject)
            k++;
        if (k < taken_n || w[i].value != 1)
            continue;
        if (!say(l, campaign, case_, w[i].subject, 0, GRADE_NONE, 0, STR(LADDER_SAYS " no longer among the best that may be used"), e))
            return false;
        ++*ret_n;
    }
    return true;
}
