/* Who lives, and what a slot knows: see daily_fold.h, and the rules in daily_fold.c. */
#include "survey/daily_fold.h"

/* ---- who lives ---- */

/* Where the links of an end, or of a slot at an end, begin. Links are sorted. */
size_t fold_link_from(const struct fold *f, uint32_t end, uint32_t slot)
{
    size_t from = 0, to = f->link_n;

    while (from < to) {
        size_t mid = from + (to - from) / 2;
        const struct link *l = &f->link[mid];

        if (l->end < end || (l->end == end && l->slot < slot))
            from = mid + 1;
        else
            to = mid;
    }
    return from;
}

/* Living named nodes of an end; *ret_last: one of them. older: those not seen since that day. */
size_t fold_nodes_at(const struct fold *f, uint32_t end, int32_t day, int32_t since, uint32_t *ret_last, size_t *ret_older)
{
    size_t n = 0;

    *ret_older = 0;
    for (size_t i = fold_link_from(f, end, 0); i < f->link_n && f->link[i].end == end; i++) {
        const struct slot *s = &f->slot[f->link[i].slot];

        if (f->link[i].day == NEVER || !s->named || !slot_lives(f, s, day))
            continue;
        n++;
        *ret_last = f->link[i].slot;
        *ret_older += s->answered_day < since;
    }
    return n;
}

/* Rule 4: an anonymous slot that has nothing to add. */
bool fold_superseded(const struct fold *f, uint32_t at, int32_t day)
{
    const struct slot *s = &f->slot[at];
    uint32_t end, last;
    size_t older;

    if (s->named)
        return false;
    end = s->end;
    if (end != NOBODY)
        return fold_nodes_at(f, end, day, s->answered_day, &last, &older) && !older;
    size_t others = 0;
    for (uint32_t i = 0; i < f->server->slot_n; i++) {
        if (i == at || !slot_lives(f, &f->slot[i], day))
            continue;
        others++;
        if (f->slot[i].answered_day < s->answered_day)
            return false;
    }
    return others != 0;
}

/* ---- what a slot knows ---- */

int build_compare(const uint16_t *a, const uint16_t *b, int parts)
{
    for (int i = 0; i < parts; i++)
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    return 0;
}

static void take(struct slot *s, const struct known *k)
{
    if (s->known.parts < 3 || k->parts < 3 || build_compare(s->known.build, k->build, 3))
        s->unpatched = s->patched = 0;                  /* rule 2 */
    s->known = *k;
}

void slot_learn(const struct fold *f, struct slot *s, const struct known *k)
{
    int32_t hold = k->day + f->d->o.rules.mixed_days;
    int parts = k->parts < s->known.parts ? k->parts : s->known.parts, c = parts ? build_compare(k->build, s->known.build, parts) : 1;

    if (c < 0) {                                        /* rule 3 */
        if (k->day > s->mixed_until || !s->has_next) {
            s->next = s->known;
            s->has_next = true;
        }
        s->mixed_until = hold;
        take(s, k);
    } else if (c == 0 && k->parts >= s->known.parts) {
        uint16_t detector = s->known.detector;

        if (k->day <= s->mixed_until)
            s->mixed_until = hold;
        if (k->parts > s->known.parts)
            detector = k->detector;
        s->known = *k;
        s->known.detector = detector;
    } else if (c == 0) {                                /* rule 1 */
        if (k->parts == 3 && k->day > s->mixed_until)
            s->known.day = k->day;
    } else if (parts && k->day <= s->mixed_until) {
        s->next = *k;
        s->has_next = true;
    } else
        take(s, k);
}

/* When the lower build was not seen for long enough, what was seen since is true again. */
void slot_settle(struct slot *s, int32_t day)
{
    if (!s->has_next || day <= s->mixed_until)
        return;
    s->has_next = false;
    if (s->next.day > s->known.day)
        take(s, &s->next);
}

int slot_parts(const struct fold *f, const struct slot *s, int32_t day)
{
    bool lapsed = s->hidden_day > s->known.day && day - s->known.day > f->d->o.rules.hidden_days;

    return lapsed ? 0 : s->known.parts;
}
