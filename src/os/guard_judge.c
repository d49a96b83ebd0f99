#include "os/guard_inner.h"

#include <string.h>

static bool give_up(const struct judge *j, struct err *e, const char *why)
{
    err_set(e, ERR_LIMIT, "the worker that reads the evidence died %u times%s", j->deaths, why);
    if (j->text_n)
        err_where(e, "%.*s", (int)j->text_n, j->text);
    return err_hint(e, "hunt with less of the evidence at a time; please report the file that it stops at");
}

static struct strike *strike_of(struct judge *j, uint64_t key)
{
    for (size_t i = 0; i < j->n; i++)
        if (j->strike[i].key == key)
            return &j->strike[i];
    if (j->n == STRIKES_MAX)
        return NULL;
    j->strike[j->n] = (struct strike){ .key = key };
    return &j->strike[j->n++];
}

static bool bar(struct judge *j, uint64_t key)
{
    uint32_t at = 0;

    while (at < j->barred_n && j->barred[at] < key)
        at++;
    if (at < j->barred_n && j->barred[at] == key)
        return true;
    if (j->barred_n == GUARD_BARRED_MAX)
        return false;
    memmove(&j->barred[at + 1], &j->barred[at], (j->barred_n - at) * sizeof *j->barred);
    j->barred[at] = key;
    j->barred_n++;
    return true;
}

static void remember_text(struct judge *j, const struct guard_slot *s)
{
    uint32_t n = s->text_n;

    j->blamed = true;
    j->text_n = n > GUARD_KEY_TEXT ? GUARD_KEY_TEXT : n;
    memcpy(j->text, s->text, j->text_n);
}

static bool fault_of(struct judge *j, const struct guard_slot *s, struct err *e)
{
    struct strike *t = strike_of(j, s->key);

    remember_text(j, s);
    if (!t || (++t->faults >= 2 && !bar(j, t->key)))
        return give_up(j, e, ", by more files than it may leave out");
    j->what = t->faults >= 2 ? "a file brought its reader down again, and is left out" : "a file brought its reader down; it is tried once more";
    return true;
}

/*
 * Killed by somebody. Whoever ends processes at will ends them anywhere; an item that is under way each time, at the same step or with
 * the kernel out of memory, is taken for the cause. One that was not under way this time begins anew: there was progress in between.
 */
static bool killed(struct judge *j, const struct guard_shared *s, bool memory, struct err *e)
{
    bool under_way[STRIKES_MAX] = { false };

    for (size_t i = 0; i < GUARD_SLOTS; i++) {
        const struct guard_slot *slot = &s->slot[i];
        if (!slot->busy)
            continue;
        struct strike *t = strike_of(j, slot->key);
        if (!t)
            return give_up(j, e, ", by more files than it may leave out");
        under_way[t - j->strike] = true;
        t->kills = t->kills == 0 || memory || t->beats == slot->beats ? t->kills + 1 : 1;
        t->beats = slot->beats;
        if (t->kills < GUARD_KILLS_MAX)
            continue;
        remember_text(j, slot);
        if (!bar(j, t->key))
            return give_up(j, e, ", by more files than it may leave out");
        j->what = "a file is left out, for its readers were killed each time";
    }
    for (size_t i = 0; i < j->n; i++)
        if (!under_way[i])
            j->strike[i].kills = 0;
    return true;
}

bool judge_death(struct judge *j, const struct guard_shared *s, enum death how, bool memory, struct err *e)
{
    const struct guard_slot *only = NULL;
    int32_t                  noted = s->fault;
    size_t                   busy = 0;

    j->deaths++;
    j->blamed = false;
    j->what   = how == DEATH_KILLED ? "the worker was killed from outside; its work is taken up again" : "the worker died; its work is taken up again";
    if (j->deaths >= GUARD_EPOCH_MAX)
        return give_up(j, e, "");
    if (how == DEATH_FAULT && noted == FAULT_FOREIGN)
        how = DEATH_KILLED;                   /* a signal that somebody sent, though it looks like a crash */
    for (size_t i = 0; i < GUARD_SLOTS; i++)
        if (s->slot[i].busy) {
            only = &s->slot[i];
            busy++;
        }
    if (how == DEATH_KILLED)
        return ++j->killed > GUARD_RESTARTS_MAX ? give_up(j, e, ", ended from outside") : killed(j, s, memory, e);
    if (how == DEATH_HANG) {
        for (size_t i = 0; i < GUARD_SLOTS; i++)
            if (s->slot[i].busy && !fault_of(j, &s->slot[i], e))
                return false;
        return true;
    }
    if (noted >= 0 && noted < GUARD_SLOTS && s->slot[noted].busy)
        return fault_of(j, &s->slot[noted], e);
    /* Where no handler could run, one item alone is still told. */
    if (noted == FAULT_UNSEEN && busy == 1)
        return fault_of(j, only, e);
    return ++j->strange < STRANGE_MAX ? true : give_up(j, e, " while it read no file");
}
