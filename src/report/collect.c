#include "report/collect.h"

const struct collect_kind *const collect_kinds[] = { &collect_batch, &collect_kape, &collect_velociraptor, &collect_acquire, NULL };

const struct gather_row *collect_next(const struct collect *c, size_t *at)
{
    while (*at < gather_n) {
        const struct gather_row *row = &gather_table[(*at)++];
        if (row->families & c->families)
            return row;
    }
    return NULL;
}

/* A pack comes from a folder that somebody made: its words may not begin a line, end a comment or run. */
static struct str plain(struct str s, struct arena *a)
{
    uint8_t *p = NEW(a, uint8_t, s.n + 1);

    if (!p)
        return STR_EMPTY;
    for (size_t i = 0; i < s.n; i++)
        p[i] = ch_alnum(s.p[i]) || s.p[i] == '.' || s.p[i] == '-' || s.p[i] == '_' ? s.p[i] : '_';
    return (struct str){ p, s.n };
}

struct str collect_title(const struct collect *c, struct arena *a)
{
    struct str campaign = plain(str_sub(c->campaign, 0, 64), a), version = plain(str_sub(c->version, 0, 32), a);

    if (!campaign.p || !version.p)
        return STR_EMPTY;
    return str_fmt(a, "Afterpatch %s, campaign %.*s (%.*s)", AP_VERSION, STR_ARG(campaign), STR_ARG(version));
}
