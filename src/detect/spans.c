#include "detect/spans.h"

#include <string.h>

bool spans_add(struct seen *s, struct arena *keep, struct span one, struct err *e)
{
    size_t at = 0;

    if (one.from_us == TIME_NONE || one.to_us == TIME_NONE)
        return true;
    if (!s->span) {
        s->span = NEW(keep, struct span, SEEN_SPANS_MAX + 1);
        if (!s->span)
            return err_set(e, ERR_MEMORY, "no room for the covered intervals of a log family");
    }
    /* Files come in order of name, mostly of time: look from the end. */
    for (at = s->span_n; at > 0 && s->span[at - 1].from_us > one.from_us; at--)
        ;
    memmove(&s->span[at + 1], &s->span[at], (s->span_n - at) * sizeof *s->span);
    s->span[at] = one;
    s->span_n++;
    size_t w = at ? at - 1 : 0;
    for (size_t r = w + 1; r < s->span_n; r++) {
        if (s->span[r].from_us <= s->span[w].to_us + SPAN_JOIN) {
            if (s->span[r].to_us > s->span[w].to_us)
                s->span[w].to_us = s->span[r].to_us;
        } else {
            s->span[++w] = s->span[r];
        }
    }
    s->span_n = w + 1;
    if (s->span_n > SEEN_SPANS_MAX) {
        s->span[SEEN_SPANS_MAX - 1].to_us = s->span[SEEN_SPANS_MAX].to_us;
        s->span_n = SEEN_SPANS_MAX;
    }
    return true;
}

bool seen_damaged(struct seen *s, struct arena *keep, uint32_t node, struct str what, uint64_t kept, struct err *e)
{
    if (s->damage_n == SEEN_DAMAGE_MAX) {
        s->damage_more++;
        return true;
    }
    if (!s->damage)
        s->damage = NEW(keep, struct seen_damage, SEEN_DAMAGE_MAX);
    if (!s->damage || !what.p)
        return err_set(e, ERR_MEMORY, "no room to note what is damaged");
    s->damage[s->damage_n++] = (struct seen_damage){ node, what, kept };
    return true;
}
