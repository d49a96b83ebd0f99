#include "cli/status_public.h"

#include "base/num.h"
#include "cli/case_data.h"
#include "cli/page_file.h"
#include "cli/survey_view.h"
#include "report/numbers.h"

#include <stdio.h>
#include <string.h>

const struct public_of public_of[PUBLIC_COUNTS] = {
    { "verified", -1 }, { "exposed", 0 }, { "patched", 0 }, { "back-doored", 0 }, { "patched and still back-doored", 3 }, { "notified", 0 }, { "hunted", 0 }, { "clean", 0 },
    { "ever back-doored", 0 }, { "re-entered", 8 }, { "moved on to other hosts", 8 }, { "mail stolen", 8 }, { "answered", 5 },
};

enum { LABEL = 32, COLUMNS = 80 };

void public_cell_text(struct public_cell c, char ret[STATUS_PUBLIC_TEXT])
{
    char low[WORDS_TEXT], high[WORDS_TEXT];

    words_count((uint64_t)c.low, low);
    words_count((uint64_t)c.low + PUBLIC_FIVE - 1, high);
    if (!c.told)
        snprintf(ret, STATUS_PUBLIC_TEXT, "withheld");
    else if (c.low == 0)
        snprintf(ret, STATUS_PUBLIC_TEXT, "fewer than %d", PUBLIC_FIVE);
    else
        snprintf(ret, STATUS_PUBLIC_TEXT, "%.16s to %.16s", low, high);
}

void public_share_text(struct public_share s, char ret[STATUS_PUBLIC_TEXT])
{
    if (!s.known)
        snprintf(ret, STATUS_PUBLIC_TEXT, "-");
    else if (s.high - s.low < 0.0005)
        snprintf(ret, STATUS_PUBLIC_TEXT, "%.1f %%", s.low * 100);
    else
        snprintf(ret, STATUS_PUBLIC_TEXT, "%.1f to %.1f %%", s.low * 100, s.high * 100);
}

/* Hours up to two days, days up to two weeks, then weeks; both ends of an interval in one unit where they can be. */
struct ending { int n; char unit; };

static struct ending ending(int32_t hours, int32_t other)
{
    int32_t most = hours > other ? hours : other;

    if (most <= 48 || hours < 48)
        return (struct ending){ hours, 'h' };
    return hours < 14 * 24 || most <= 14 * 24 ? (struct ending){ hours / 24, 'd' } : (struct ending){ hours / (7 * 24), 'w' };
}

void public_wait_text(const struct public_wait *w, char ret[STATUS_PUBLIC_TEXT])
{
    struct ending low = ending(w->low, w->high), high = ending(w->high, w->low);

    if (!w->told)
        snprintf(ret, STATUS_PUBLIC_TEXT, "-");
    else if (!w->high)
        snprintf(ret, STATUS_PUBLIC_TEXT, "%d %c or more", low.n, low.unit);
    else if (!w->low)
        snprintf(ret, STATUS_PUBLIC_TEXT, "under %d %c", high.n, high.unit);
    else if (low.unit == high.unit)
        snprintf(ret, STATUS_PUBLIC_TEXT, "%d to %d %c", low.n, high.n, high.unit);
    else
        snprintf(ret, STATUS_PUBLIC_TEXT, "%d %c to %d %c", low.n, low.unit, high.n, high.unit);
}

const struct public_wait *public_wait_of(const struct public_figures *f, int from, int to)
{
    int i = 0;

    while (i + 1 < WAIT_PAIRS && (wait_pairs[i].from != from || wait_pairs[i].to != to))
        i++;
    return &f->wait[i];
}

const char *public_wave_text(const struct public_wave *w)
{
    static const char *const text[WAVE_WHATS] = { "first back-doored", "first used", "first entered" };

    return text[w->what];
}

struct public_share public_share_of(const struct public_cell *n, int k)
{
    return public_of[k].whole < 0 ? (struct public_share){ 0 } : public_share(n[k], n[public_of[k].whole]);
}

struct str public_value(struct str v) { return v.n ? v : STR("unknown"); }

/* --- a screen --- */

/* A list that goes on in the next line where it must. */
struct list { struct out *o; size_t used; bool any; };

static struct list list_begin(struct out *o, const char *head)
{
    out_c(o, head);
    return (struct list){ o, strlen(head), false };
}

static void list_item(struct list *l, const char *text)
{
    size_t more = strlen(text) + 2;
    bool   fits = l->used + more < COLUMNS;                /* a comma may follow */

    out_fmt(l->o, "%s%s%s", l->any ? "," : "", fits ? " " : "\n  ", text);
    l->used = fits ? l->used + more : more;
    l->any = true;
}

static void waits(struct cli *c, const struct public_figures *f)
{
    struct list l = list_begin(c->out, "half of them, since verified:");

    for (int i = 1; i < WAIT_STEPS; i++) {
        const struct public_wait *w = public_wait_of(f, 0, i);
        char                      text[STATUS_PUBLIC_TEXT], item[2 * STATUS_PUBLIC_TEXT];

        if (!w->told)
            continue;
        public_wait_text(w, text);
        snprintf(item, sizeof item, "%s %s", wait_step_name(i), text);
        list_item(&l, item);
    }
    out_c(c->out, l.any ? "\n" : " too few to tell\n");
}

static void phases(struct cli *c, const struct public_wave *w)
{
    static const char *const brief[] = { "unreported", "to fix", "to code", "after" };
    char                     n[WORDS_TEXT], item[WORDS_TEXT + 16];

    snprintf(item, sizeof item, "%s:", public_wave_text(w));
    struct list l = list_begin(c->out, item);
    for (int i = 0; i < WAVE_PHASES; i++) {
        if (!w->phase[i].known || !w->phase[i].least)
            continue;
        words_count((uint64_t)w->phase[i].least, n);
        snprintf(item, sizeof item, "%s+ %s", n, brief[i]);
        list_item(&l, item);
    }
    out_c(c->out, l.any ? "\n" : " the weeks are in the files\n");
}

static void wave(struct cli *c, const struct public_wave *w)
{
    char   day[SURVEY_DAY_TEXT];
    size_t spikes = 0;

    if (!w->told) {
        out_c(c->out, "the wave: too few to tell\n");
        return;
    }
    phases(c, w);
    if (w->widespread) {
        survey_day_text(w->from, day);
        out_fmt(c->out, "  widespread from %s (%.0f+ a week, before %.0f at most)", day, w->after_least, w->before_most);
    } else {
        out_c(c->out, "  no turn from targeted to widespread");
    }
    for (size_t i = 0; i < w->n; i++)
        spikes += w->bar[i].spike && (i == 0 || !w->bar[i - 1].spike);
    if (spikes)
        out_fmt(c->out, "; %zu spike%s", spikes, spikes > 1 ? "s" : "");
    out_c(c->out, spikes ? "\n" : "; no spike\n");
}

static void screen(struct cli *c, const struct status_public *p)
{
    char day[SURVEY_DAY_TEXT], a[STATUS_PUBLIC_TEXT], s[STATUS_PUBLIC_TEXT], b[STATUS_PUBLIC_TEXT];

    survey_day_text(p->day, day);
    out_fmt(c->out, STATUS_PUBLIC_TLP "  as of %s; each number is told as the five in which it lies\n", day);
    for (size_t i = 0; i < p->campaign_n; i++) {
        const struct public_figures *f = &p->campaign[i].f;

        out_term(c->out, p->campaign[i].slug, 30);
        out_fmt(c->out, "\n%-*s %18s %10s %s\n", LABEL - 2, "", "organisations", "", "   servers, by week");
        for (int k = 0; k < PUBLIC_COUNTS; k++) {
            public_cell_text(f->organisations[k], a);
            public_share_text(public_share_of(f->organisations, k), s);
            public_cell_text(f->servers[k], b);
            out_fmt(c->out, "%-*s %18s %-13s %s\n", LABEL - 2, public_of[k].label, a, public_of[k].whole < 0 ? "" : s, b);
        }
        for (int t = 0; t < 3; t++) {
            if (!f->table[t].n)
                continue;
            out_fmt(c->out, "by %s, verified:", case_by_name(f->table[t].by));
            size_t used = 34, r = 0;
            for (; r < f->table[t].n; r++) {
                const struct public_row *row = &f->table[t].row[r];
                struct str               name = public_value(row->value);
                public_cell_text(row->n[0], a);
                used += name.n + strlen(a) + 3;
                if (!row->n[0].told || used > 80)
                    break;
                out_c(c->out, r ? ", " : " ");
                out_term(c->out, name, 24);
                out_fmt(c->out, " %s", a);
            }
            out_c(c->out, r < f->table[t].n ? ", ...\n" : "\n");
        }
        waits(c, f);
        wave(c, &f->wave);
    }
}

/* --- what is read, and with what it goes on --- */

/* The campaigns with their figures, each in a store that holds nothing else; the team's store is closed when this returns. */
static bool figures_only(struct cli *c, const struct status_public_ask *ask, struct status_public *p, struct store **s, struct err *e)
{
    struct case_data            d = { 0 };
    const struct case_campaign *only = NULL;
    bool                        ok = case_read(&d, c, ask->store, e) && case_board(&d, e) && (!ask->campaign.n || case_campaign_named(&d, ask->campaign, &only, e));

    if (ok && ask->day > d.day)
        ok = err_set(e, ERR_USAGE, "the figures do not reach that day") || err_hint(e, "afterpatch case update brings them up to date");
    p->day = ask->day ? ask->day : d.day;
    p->campaign = ok ? NEW(&c->keep, struct status_public_campaign, STATUS_PUBLIC_CAMPAIGNS) : NULL;
    if (ok && !p->campaign)
        ok = err_set(e, ERR_MEMORY, "no room for the campaigns");
    for (size_t i = 0; ok && i < d.campaign_n && p->campaign_n < STATUS_PUBLIC_CAMPAIGNS; i++) {
        const struct case_campaign *k = &d.campaign[i];
        if (only && only != k)
            continue;
        p->campaign[p->campaign_n] = (struct status_public_campaign){ .slug = k->slug, .id = k->id, .begun_us = k->begun_us, .report_us = k->report_us, .patch_us = k->patch_us, .code_us = k->code_us };
        ok = public_store(d.store, k->id, p->day, c->scratch, &s[p->campaign_n], e);
        p->campaign_n += ok;
    }
    case_close(&d);
    return ok;
}

bool status_public(struct cli *c, const struct status_public_ask *ask, struct err *e)
{
    struct store        *s[STATUS_PUBLIC_CAMPAIGNS] = { NULL };
    struct status_public p = { 0 };
    bool                 ok = figures_only(c, ask, &p, s, e);

    for (size_t i = 0; ok && i < p.campaign_n; i++) {
        struct status_public_campaign *k = &p.campaign[i];
        const struct wave_dates        dates = { wave_day_of(k->begun_us), wave_day_of(k->report_us), wave_day_of(k->patch_us), wave_day_of(k->code_us) };
        ok = public_figures_read(s[i], k->id, p.day, &dates, &c->keep, &k->f, e);
    }
    for (size_t i = 0; i < STATUS_PUBLIC_CAMPAIGNS; i++)
        store_close(s[i]);
    if (!ok)
        return false;
    if (ask->csv)
        status_public_csv(c->out, &p);
    else if (ask->json)
        status_public_json(c->out, &p);
    else if (ask->html)
        return page_file(c, ask->page, status_public_page, &p, e);
    else
        screen(c, &p);
    return true;
}
