/* status on a screen: 24 lines of 80 columns for one campaign; what needs a person stands first. */
#include "cli/status_view.h"

#include "base/num.h"
#include "cli/case_screen.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const struct status_row status_rows[] = {
    { "verified", COUNT_VERIFIED, false, 0, 0, -1 },
    { "exposed / verified", COUNT_EXPOSED, true, COUNT_EXPOSED, COUNT_VERIFIED, -1 },
    { "patched / verified", COUNT_PATCHED, true, COUNT_PATCHED, COUNT_VERIFIED, STEP_PATCHED },
    { "back-doored / verified", COUNT_BACKDOORED, true, COUNT_BACKDOORED, COUNT_VERIFIED, -1 },
    { "and patched / back-doored", COUNT_PATCHED_BACKDOORED, true, COUNT_PATCHED_BACKDOORED, COUNT_BACKDOORED, -1 },
    { "re-entered / ever back-doored", COUNT_REENTERED, true, COUNT_REENTERED_OF_BACKDOORED, COUNT_BACKDOORED_EVER, -1 },
    { "moved on to other hosts", COUNT_MOVED_ON, false, 0, 0, -1 },
    { "mail stolen", COUNT_MAIL_STOLEN, false, 0, 0, -1 },
    { "notified / verified", COUNT_NOTIFIED, true, COUNT_NOTIFIED, COUNT_VERIFIED, STEP_NOTIFIED },
    { "answered / notified", COUNT_ANSWERED, true, COUNT_ANSWERED_OF_NOTIFIED, COUNT_NOTIFIED, STEP_ACKNOWLEDGED },
    { "hunted / notified", COUNT_HUNTED, true, COUNT_HUNTED_OF_NOTIFIED, COUNT_NOTIFIED, STEP_HUNTED },
    { "clean / verified", COUNT_CLEAN, true, COUNT_CLEAN, COUNT_VERIFIED, STEP_CLEAN },
    { "relapsed / ever clean", COUNT_RELAPSED, true, COUNT_RELAPSED_OF_CLEAN, COUNT_EVER_CLEAN, -1 },
    { "missed / hunted", COUNT_MISSED, true, COUNT_MISSED_OF_HUNTED, COUNT_HUNTED, -1 },
    { NULL, COUNT_VERIFIED, false, 0, 0, -1 }
};

enum { LABEL = 29, VALUE = 19, VALUE_WIDE = 32, SCREEN_LINES = 24 };

void status_share_text(int64_t part, int64_t whole, char ret[STATUS_TEXT])
{
    double p = whole > 0 ? (double)part / (double)whole * 100 : 0;

    if (whole <= 0)
        snprintf(ret, STATUS_TEXT, "-");
    else if (p >= 99.95 && part < whole)
        snprintf(ret, STATUS_TEXT, "99.9 %%");             /* all is all */
    else if (p > 0 && p < 0.05)
        snprintf(ret, STATUS_TEXT, "<0.1 %%");
    else
        snprintf(ret, STATUS_TEXT, part == whole ? "100 %%" : "%.1f %%", p);
}

void status_wait_text(const struct product_limit *w, char ret[STATUS_TEXT])
{
    bool        days = w->median > 99.5;
    double      unit = days ? 24 : 1, m = w->median / unit;
    const char *name = days ? "d" : "h";
    int         after = days && m < 9.95;          /* digits after the point */

    if (!w->n)
        snprintf(ret, STATUS_TEXT, "-");
    else if (!w->known)
        snprintf(ret, STATUS_TEXT, "not half yet");
    else if (!w->interval)
        snprintf(ret, STATUS_TEXT, "%.*f %s", after, m, name);
    else if (isinf(w->high))
        snprintf(ret, STATUS_TEXT, "%.*f %s (from %.*f)", after, m, name, after, w->low / unit);
    else
        snprintf(ret, STATUS_TEXT, "%.*f %s (%.*f-%.*f)", after, m, name, after, w->low / unit, after, w->high / unit);
}

struct str status_value(struct str v) { return v.n ? v : STR("unknown"); }

enum wave_what status_wave(const struct picture_campaign *c)
{
    return c->wave[WAVE_USED].servers ? WAVE_USED : c->wave[WAVE_ENTERED].servers ? WAVE_ENTERED : WAVE_PLACED;
}

void status_day_text(int32_t day, char ret[STATUS_TEXT])
{
    char text[SURVEY_DAY_TEXT] = "-";

    if (day != WAVE_DAY_NONE)
        survey_day_text(day, text);
    snprintf(ret, STATUS_TEXT, "%s", text);
}

/* --- one campaign --- */

static void title(struct cli *c, const struct picture *p, const struct picture_campaign *k, bool stale)
{
    char day[STATUS_TEXT], made[CASE_TIME_TEXT];

    status_day_text(p->day, day);
    case_minute_text(p->made_us, made);
    out_term(c->out, k->c.slug, 24);
    out_fmt(c->out, " as of %s, %s", day, stale ? "records came since: case update. " STATUS_TLP : "worked out ");
    if (!stale)
        out_fmt(c->out, "%s UTC. " STATUS_TLP, made);
    out_c(c->out, "\n");
}

static void case_line(struct cli *c, const struct picture_campaign *k, const struct picture_case *x)
{
    char name[CASE_NAME_TEXT];

    case_name(x->id, k->year, name);
    out_c(c->out, "  ");
    case_cell_c(c->out, name, 11);
    case_cell_c(c->out, case_stage_name(x->stage), 11);
    case_cell(c->out, x->org.n ? x->org : STR("(no name)"), case_columns(c) > CASE_COLUMNS ? 40 : 22);
    out_term(c->out, x->why, case_columns(c) - (case_columns(c) > CASE_COLUMNS ? 67 : 49));
    out_c(c->out, "\n");
}

static void people(struct cli *c, const struct picture *p, const struct picture_campaign *k)
{
    const int64_t *n = k->now[UNIT_ORGANISATIONS].n;
    char           urgent[WORDS_TEXT], all[WORDS_TEXT];

    words_count((uint64_t)k->urgent_all, urgent);
    words_count((uint64_t)n[COUNT_VERIFIED], all);
    if (p->day == p->board_day)
        out_fmt(c->out, "needs a person: %s of %s organisations", urgent, all);
    else
        out_fmt(c->out, "%s organisations on that day", all);
    words_count((uint64_t)n[COUNT_CANDIDATES], all);
    out_fmt(c->out, "; %s candidates, %lld dormant\n", all, (long long)n[COUNT_DORMANT]);
    for (size_t i = 0; i < k->urgent_n && i < (k->forced_all ? STATUS_URGENT - 1 : STATUS_URGENT); i++)
        case_line(c, k, &k->urgent[i]);
    if (!k->forced_all)
        return;
    char   text[160], name[CASE_NAME_TEXT];
    size_t used = (size_t)snprintf(text, sizeof text, "forced by a person: %lld", (long long)k->forced_all);

    if (k->contradicted)
        used += (size_t)snprintf(text + used, sizeof text - used, " (%lld against the facts)", (long long)k->contradicted);
    out_c(c->out, text);
    if (k->forced_n) {
        const struct picture_case *f = &k->forced[0];
        case_name(f->id, k->year, name);
        used += (size_t)snprintf(text, sizeof text, "; %s %s: ", name, case_stage_name(f->stage));
        out_c(c->out, text);
        if (used + 4 < case_columns(c))
            out_term(c->out, f->reason, case_columns(c) - used);
    }
    out_c(c->out, "\n");
}

static void counts(struct cli *c, const struct picture_campaign *k)
{
    const int64_t *o = k->now[UNIT_ORGANISATIONS].n, *s = k->now[UNIT_SERVERS].n, *n = k->now[UNIT_NOTICES].n;
    bool           wide = c->width >= STATUS_WIDE;
    char           a[STATUS_TEXT], b[STATUS_TEXT], w[STATUS_TEXT];

    out_fmt(c->out, "%-*s %14s  %14s  %s\n", LABEL, "", "organisations", "servers", wide ? "median from verified    from the step before" : "median (95 %)");
    for (const struct status_row *r = status_rows; r->label; r++) {
        status_share_text(o[r->part], o[r->whole], a);
        status_share_text(s[r->part], s[r->whole], b);
        out_fmt(c->out, "%-*s", LABEL, r->label);
        case_number(c->out, o[r->n], 7, false);
        out_fmt(c->out, " %6s ", r->shared ? a : "");
        case_number(c->out, s[r->n], 7, false);
        if (r->shared)
            out_fmt(c->out, " %6s", b);
        if (r->step >= 0) {
            status_wait_text(&k->wait[r->step].since_verified, w);
            out_fmt(c->out, wide ? "  %-23s" : "  %s", w);
        }
        if (r->step >= 0 && wide) {
            status_wait_text(&k->wait[r->step].since_last, w);
            out_fmt(c->out, " %s", w);
        }
        out_c(c->out, "\n");
    }
    static const struct { const char *word; enum case_count n; } notice[] = { { "", COUNT_VERIFIED }, { "out", COUNT_NOTIFIED }, { "delivered", COUNT_DELIVERED }, { "bounced", COUNT_BOUNCED }, { "answered", COUNT_ANSWERED } };
    out_c(c->out, "notices:");
    for (size_t i = 0; i < COUNT_OF(notice); i++) {
        words_count((uint64_t)n[notice[i].n], a);
        out_fmt(c->out, "%s %s%s%s", i > 1 ? "," : "", a, i ? " " : "; ", notice[i].word);
    }
    out_c(c->out, "\n");
}

static void wave(struct cli *c, const struct picture_campaign *k)
{
    enum wave_what     what = status_wave(k);
    const struct wave *w = &k->wave[what];
    char               from[STATUS_TEXT];
    static const char *const brief[] = { "unreported", "to fix", "to code", "after" }, *const did[] = { "first back-doored", "first used", "first entered" };

    out_fmt(c->out, "%s, hunted servers: %lld", did[what], (long long)w->servers);
    for (int i = 0, told = 0; i < WAVE_PHASES && w->servers; i++)
        if (w->phase_known[i])
            out_fmt(c->out, "%s %lld %s", told++ ? "," : ";", (long long)w->phase[i], brief[i]);
    out_c(c->out, "\n");
    if (w->few) {
        out_c(c->out, "  too few to tell targeted from widespread, or a spike\n");
        return;
    }
    if (w->widespread) {
        status_day_text(w->from, from);
        out_fmt(c->out, "  widespread from %s (%.1f a day, before %.1f)", from, w->after, w->before);
    } else
        out_c(c->out, "  no turn from targeted to widespread");
    if (!w->spike_n)
        out_c(c->out, "; no spike");
    for (size_t i = 0, shown = case_columns(c) > CASE_COLUMNS ? 3 : 1; i < w->spike_n && i < shown; i++) {
        char to[STATUS_TEXT];
        status_day_text(w->spike[i].from, from);
        status_day_text(w->spike[i].to, to);
        out_fmt(c->out, "%s %s", i ? "," : w->spike_n > 1 ? "; spikes" : "; spike", from + 5);
        if (w->spike[i].to > w->spike[i].from)
            out_fmt(c->out, "..%s", to + 5);
    }
    if (w->spike_n > 1 && case_columns(c) <= CASE_COLUMNS)
        out_fmt(c->out, " +%zu", w->spike_n - 1);
    out_c(c->out, "\n");
}

static void seen_by(struct cli *c, const struct picture_campaign *k)
{
    size_t room = case_columns(c) - 9, used = 0;

    out_c(c->out, "seen by:");
    for (size_t i = 0; i < k->detector_n; i++) {
        char   n[WORDS_TEXT];
        size_t size = k->detector[i].name.n > 24 ? 24 : k->detector[i].name.n;

        words_count((uint64_t)k->detector[i].servers, n);
        if (used + size + strlen(n) + 12 > room) {
            out_fmt(c->out, ", +%zu", k->detector_n - i);
            break;
        }
        out_c(c->out, i ? ", " : " ");
        out_term(c->out, status_value(k->detector[i].name), 24);
        out_fmt(c->out, " (%s)", n);
        used += size + strlen(n) + 5;
    }
    if (k->tool_n && used + 30 < room) {
        out_c(c->out, "; hunts: ");
        out_term(c->out, k->tool[0].tool, room - used - 20 > 24 ? 24 : room - used - 20);
        if (k->tool_n > 1)
            out_fmt(c->out, " +%zu", k->tool_n - 1);
    }
    out_c(c->out, "\n");
}

static void one(struct cli *c, const struct picture *p, const struct picture_campaign *k, bool stale)
{
    title(c, p, k, stale);
    people(c, p, k);
    counts(c, k);
    wave(c, k);
    seen_by(c, k);
}

/* --- several campaigns --- */

static const struct { const char *head; enum case_count n; } columns[] = {
    { "verified", COUNT_VERIFIED }, { "exposed", COUNT_EXPOSED }, { "patched", COUNT_PATCHED }, { "back-d.", COUNT_BACKDOORED }, { "both", COUNT_PATCHED_BACKDOORED }, { "told", COUNT_NOTIFIED },
    { "hunted", COUNT_HUNTED }, { "clean", COUNT_CLEAN },
};

static void head(struct cli *c, const char *first)
{
    out_fmt(c->out, "%-*s", c->width >= STATUS_WIDE ? VALUE_WIDE : VALUE, first);
    for (size_t i = 0; i < COUNT_OF(columns); i++)
        out_fmt(c->out, " %*s", i ? 6 : 8, columns[i].head);
    if (c->width >= STATUS_WIDE)
        out_fmt(c->out, " %8s %8s %8s", "relapsed", "missed", "servers");
    out_c(c->out, "\n");
}

static void line(struct cli *c, struct str name, const int64_t *n, int64_t servers)
{
    case_cell(c->out, name, (c->width >= STATUS_WIDE ? VALUE_WIDE : VALUE) - 1);
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        char text[WORDS_TEXT];
        words_count((uint64_t)n[columns[i].n], text);
        out_fmt(c->out, " %*s", i ? (int)strlen(columns[i].head) > 6 ? 7 : 6 : 8, text);
    }
    if (c->width >= STATUS_WIDE) {
        out_fmt(c->out, " %8lld %8lld", (long long)n[COUNT_RELAPSED], (long long)n[COUNT_MISSED]);
        if (servers >= 0)
            out_fmt(c->out, " %8lld", (long long)servers);
    }
    out_c(c->out, "\n");
}

static void campaign_lines(struct cli *c, const struct picture_campaign *k)
{
    char n[WORDS_TEXT];

    words_count((uint64_t)k->urgent_all, n);
    out_term(c->out, k->c.slug, 24);
    out_fmt(c->out, ": %s need a person; forced by a person: %lld (%lld against the facts)\n", n, (long long)k->forced_all, (long long)k->contradicted);
    for (size_t u = 0; u < k->urgent_n && u < 2; u++)
        case_line(c, k, &k->urgent[u]);
    out_c(c->out, "  ");
    wave(c, k);
}

/* Side by side; with few of them also what needs a person, and the waves. */
static void several(struct cli *c, const struct picture *p, bool stale)
{
    size_t shown = p->campaign_n < SCREEN_LINES - 5 ? p->campaign_n : SCREEN_LINES - 5;
    char   day[STATUS_TEXT];

    status_day_text(p->day, day);
    out_fmt(c->out, "%zu campaigns as of %s%s. " STATUS_TLP "\nunit: organisations\n", p->campaign_n, day, stale ? ", records came since: case update" : "");
    head(c, "campaign");
    for (size_t i = 0; i < shown; i++)
        line(c, p->campaign[i].c.slug, p->campaign[i].now[UNIT_ORGANISATIONS].n, p->campaign[i].now[UNIT_SERVERS].n[COUNT_VERIFIED]);
    if (p->campaign_n > shown)
        out_fmt(c->out, "and %zu more: --json has them all\n", p->campaign_n - shown);
    for (size_t i = 0; i < p->campaign_n && p->campaign_n <= 3; i++)
        campaign_lines(c, &p->campaign[i]);
    out_c(c->out, "--campaign NAME shows one of them\n");
}

void status_screen(struct cli *c, const struct picture *p, bool stale)
{
    if (p->campaign_n == 1)
        one(c, p, &p->campaign[0], stale);
    else
        several(c, p, stale);
}

/* --- one stratum, or days --- */

void status_table(struct cli *c, const struct picture *p, enum case_by by)
{
    char day[STATUS_TEXT];

    status_day_text(p->day, day);
    for (size_t i = 0; i < p->campaign_n; i++) {
        const struct picture_campaign *k = &p->campaign[i];
        size_t n = k->value_n[by][UNIT_ORGANISATIONS], shown = n < STATUS_VALUES ? n : STATUS_VALUES;

        out_term(c->out, k->c.slug, 24);
        out_fmt(c->out, " as of %s; unit: organisations%s\n", day, by == CASE_BY_ADDRESS_COUNTRY || by == CASE_BY_DETECTOR ? " (each in every value that one of its servers has)" : "");
        head(c, case_by_name(by));
        for (size_t v = 0; v < shown; v++) {
            const struct case_stratum *x = &k->value[by][UNIT_ORGANISATIONS][v];
            int64_t servers = -1;
            for (size_t s = 0; s < k->value_n[by][UNIT_SERVERS]; s++)
                if (str_eq(k->value[by][UNIT_SERVERS][s].value, x->value))
                    servers = k->value[by][UNIT_SERVERS][s].now.n[COUNT_VERIFIED];
            line(c, status_value(x->value), x->now.n, servers);
        }
        if (n > shown)
            out_fmt(c->out, "and %zu more: --csv has them all\n", n - shown);
        if (!n)
            out_c(c->out, "nobody on that day\n");
    }
}

/* Days on which nothing changes any more are one line. */
bool status_days(struct cli *c, const struct picture *p)
{
    for (size_t i = 0; i < p->campaign_n; i++) {
        const struct picture_campaign *k = &p->campaign[i];
        int32_t to = k->last_day < p->day - STATUS_QUIET ? k->last_day + STATUS_QUIET : p->day, from = to - STATUS_DAYS + 1;
        char    text[STATUS_TEXT];

        out_term(c->out, k->c.slug, 24);
        out_c(c->out, "; unit: organisations\n");
        if (k->first_day > k->last_day) {
            out_c(c->out, "nobody on these days\n");
            continue;
        }
        head(c, "day");
        for (int32_t d = from < k->first_day ? k->first_day : from; d <= to; d++) {
            struct case_figure f = case_figures_on(k->series[UNIT_ORGANISATIONS], k->series_n[UNIT_ORGANISATIONS], d);
            struct case_figure s = case_figures_on(k->series[UNIT_SERVERS], k->series_n[UNIT_SERVERS], d);

            status_day_text(d, text);
            for (size_t x = 0; x < k->detector_n; x++)
                if (k->detector[x].since == d && d > k->first_day)
                    snprintf(text + 10, STATUS_TEXT - 10, " new test");
            line(c, str_c(text), f.n, s.n[COUNT_VERIFIED]);
        }
        status_day_text(p->day, text);
        if (to < p->day)
            out_fmt(c->out, "the same until %s\n", text);
    }
    return true;
}
