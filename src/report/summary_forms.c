/* summary.json, summary.csv and the table of the terminal. */
#include "report/summary.h"

#include "base/num.h"
#include "emit/csv.h"
#include "emit/json.h"
#include "emit/visible.h"
#include "report/words.h"

#include <stdio.h>

enum { WIDTH_MIN = 40, WIDTH_MAX = 120, TABLE_MAX = 200, LINES_MAX = 8 };

/* ---- JSON ---- */

static void key_str(struct js *j, const char *key, struct str s)  { js_key(j, key); js_str_or_null(j, s); }
static void key_text(struct js *j, const char *key, struct str s) { js_key(j, key); js_str(j, s); }
static void key_c(struct js *j, const char *key, const char *c)   { js_key(j, key); js_c(j, c); }
static void key_time(struct js *j, const char *key, int64_t us)   { js_key(j, key); js_time(j, us); }
static void key_u64(struct js *j, const char *key, uint64_t v)    { js_key(j, key); js_u64(j, v); }
static void key_bool(struct js *j, const char *key, bool v)       { js_key(j, key); js_bool(j, v); }

/* One line a thing, so that summary.json can be read and searched by eye as well. */
static void flat_object(struct js *j)
{
    js_object(j);
    j->flat = true;
}

static void flat_end(struct js *j)
{
    js_end(j);
    j->flat = false;
}

static void json_row(struct js *j, const struct summary_row *r)
{
    flat_object(j);
    key_text(j, "server", r->name);
    key_c(j, "verdict", verdict_name(r->failed ? V_NOT_COVERED : r->verdict));
    key_c(j, "door_open", open_name(r->open));
    key_c(j, "exposure", exposure_name(r->exposure));
    key_time(j, "first", r->first_us);
    key_time(j, "last", r->last_us);
    js_key(j, "counts");
    js_object(j);
    key_u64(j, "findings", r->findings);
    key_u64(j, "back_doors_present", r->back_doors_present);
    key_u64(j, "back_doors_removed", r->back_doors_removed);
    key_u64(j, "back_doors_unknown", r->back_doors_unknown);
    key_u64(j, "back_doors_omitted", r->back_doors_omitted);
    key_u64(j, "ways_back", r->ways_back);
    key_u64(j, "sessions", r->sessions);
    key_u64(j, "intruders", r->intruders);
    key_u64(j, "refused", r->refused);
    js_end(j);
    js_key(j, "clients");
    js_array(j);
    for (size_t i = 0; i < r->clients.n; i++)
        js_str(j, r->clients.item[i]);
    js_end(j);
    key_u64(j, "clients_omitted", r->clients_omitted);
    key_str(j, "folder", r->folder);
    key_text(j, "sources", r->sources);
    key_bool(j, "failed", r->failed);
    key_str(j, "error", r->error);
    flat_end(j);
}

static void json_head(struct js *j, const struct summary *s)
{
    enum verdict_word worst = summary_worst(s);

    key_c(j, "schema", "afterpatch-summary/1");
    js_key(j, "tool");
    flat_object(j);
    key_c(j, "name", "afterpatch");
    key_text(j, "version", s->tool_version);
    flat_end(j);
    js_key(j, "run");
    flat_object(j);
    key_time(j, "started", s->started_us);
    key_c(j, "sandbox", s->sandbox ? s->sandbox : "none");
    flat_end(j);
    js_key(j, "case");
    flat_object(j);
    key_str(j, "id", s->case_id);
    key_str(j, "organisation", s->organisation);
    key_text(j, "tlp", s->tlp.n ? s->tlp : STR("TLP:AMBER"));
    flat_end(j);
    js_key(j, "worst");
    flat_object(j);
    key_c(j, "verdict", verdict_name(worst));
    js_key(j, "exit_code");
    js_i64(j, verdict_exit_code(worst));
    flat_end(j);
}

bool summary_json(struct out *o, const struct summary *s, struct arena scratch, struct err *e)
{
    struct summary_shared *shared;
    size_t                 shared_n;
    struct js              j;

    if (!summary_shared(s, &scratch, &shared, &shared_n, e))
        return false;
    js_open(&j, o, false);
    js_object(&j);
    json_head(&j, s);
    js_key(&j, "servers");
    js_array(&j);
    for (size_t i = 0; i < s->row_n; i++)
        json_row(&j, &s->row[i]);
    js_end(&j);

    js_key(&j, "links");
    js_array(&j);
    for (size_t i = 0; i < s->link_n; i++) {
        const struct summary_link *l = &s->link[i];
        if (l->from >= s->row_n)
            continue;
        flat_object(&j);
        key_text(&j, "from", s->row[l->from].name);
        key_text(&j, "to", l->to);
        key_bool(&j, "hunted", l->hunted);
        key_str(&j, "server", l->to_row < s->row_n ? s->row[l->to_row].name : STR_EMPTY);
        key_text(&j, "why", l->why);
        flat_end(&j);
    }
    js_end(&j);

    js_key(&j, "shared_clients");
    js_array(&j);
    for (size_t i = 0; i < shared_n; i++) {
        flat_object(&j);
        key_text(&j, "client", shared[i].client);
        js_key(&j, "servers");
        js_array(&j);
        for (size_t k = 0; k < shared[i].row_n; k++)
            js_str(&j, s->row[shared[i].row[k]].name);
        js_end(&j);
        flat_end(&j);
    }
    js_end(&j);

    js_key(&j, "omitted");
    flat_object(&j);
    key_u64(&j, "links", s->links_omitted);
    flat_end(&j);
    js_end(&j);
    return out_done(o, e);
}

/* ---- CSV ---- */

static void csv_time(struct csv *c, int64_t us)
{
    char text[TIME_TEXT] = "";

    if (us != TIME_NONE)
        time_text(us, text);
    csv_cell(c, str_c(text));
}

bool summary_csv(struct out *o, const struct summary *s, struct arena scratch, struct err *e)
{
    struct csv c;

    csv_open(&c, o, true);
    out_c(o, "server,verdict,door_open,exposure,first,last,findings,back_doors_present,back_doors_removed,back_doors_unknown,ways_back,sessions,intruders,refused,"
             "clients,folder,sources,error\r\n");
    for (size_t i = 0; i < s->row_n; i++) {
        const struct summary_row *r = &s->row[i];
        struct arena              a = scratch;
        struct str                clients = r->clients.n ? r->clients.item[0] : STR_EMPTY;

        for (size_t k = 1; k < r->clients.n; k++) {
            struct str gap = str_cat(&a, clients, STR(" "));
            if (!gap.p || !(clients = str_cat(&a, gap, r->clients.item[k])).p)
                return err_set(e, ERR_MEMORY, "no room for the summary");
        }
        csv_cell(&c, r->name);
        csv_cell(&c, str_c(verdict_name(r->failed ? V_NOT_COVERED : r->verdict)));
        csv_cell(&c, str_c(open_name(r->open)));
        csv_cell(&c, str_c(exposure_name(r->exposure)));
        csv_time(&c, r->first_us);
        csv_time(&c, r->last_us);
        const uint64_t number[] = { r->findings, r->back_doors_present, r->back_doors_removed, r->back_doors_unknown, r->ways_back, r->sessions, r->intruders, r->refused };
        for (size_t k = 0; k < COUNT_OF(number); k++)
            csv_u64(&c, number[k]);
        csv_cell(&c, clients);
        csv_cell(&c, r->folder);
        csv_cell(&c, r->sources);
        csv_cell(&c, r->error);
        csv_end(&c);
    }
    return out_done(o, e);
}

/* ---- terminal ---- */

struct table {
    struct out *o;
    uint32_t    width;
    bool        colour;
    size_t      name_columns;
};

static void paint(const struct table *t, enum tone tone, bool bold)
{
    static const char *const code[] = { "", "32", "33", "33", "31" };

    if (t->colour && code[tone][0])
        out_fmt(t->o, "\x1B[%s%sm", bold ? "1;" : "", code[tone]);
    else if (t->colour && bold)
        out_c(t->o, "\x1B[1m");
}

static void plain(const struct table *t) { out_c(t->o, t->colour ? "\x1B[0m" : ""); }

/* Text in `columns`, with blanks to fill unless it is the last of its line. */
static void cell(const struct table *t, struct str text, enum tone tone, size_t columns, bool last)
{
    size_t n = visible_columns(text);

    if (tone != TONE_PLAIN)
        paint(t, tone, false);
    out_term(t->o, text, columns);
    if (tone != TONE_PLAIN)
        plain(t);
    for (; !last && n < columns; n++)
        out_c(t->o, " ");
}

static const char *open_short(enum open_state s)
{
    static const char *const text[] = { [OPEN_UNPROVEN] = "not proven", [OPEN_NO] = "closed", [OPEN_YES] = "open" };
    return (size_t)s < COUNT_OF(text) ? text[s] : "unknown";
}

static void doors_text(const struct summary_row *r, char *text, size_t n)
{
    if (r->back_doors_present)
        snprintf(text, n, "%llu present", (unsigned long long)r->back_doors_present);
    else if (r->back_doors_unknown)
        snprintf(text, n, "%llu unknown", (unsigned long long)r->back_doors_unknown);
    else if (r->back_doors_removed)
        snprintf(text, n, "%llu removed", (unsigned long long)r->back_doors_removed);
    else
        snprintf(text, n, "-");
}

/* Server, verdict, way in today; from 64 columns on back doors, from 78 on the first day. Columns are 2 apart. */
static void line(const struct table *t, const struct summary_row *r)
{
    struct word v = word_verdict(r->verdict);
    char        doors[WORDS_TEXT], day[WORDS_TEXT];
    bool        wide = t->width >= 64, dated = t->width >= 78;

    cell(t, r->name, TONE_PLAIN, t->name_columns, false);
    out_c(t->o, "  ");
    if (r->failed) {
        size_t room = t->width - t->name_columns - 2;
        cell(t, STR("no report: "), TONE_UNSURE, room, true);
        if (room > 14)
            cell(t, r->error, TONE_PLAIN, room - 11, true);
        out_c(t->o, "\n");
        return;
    }
    cell(t, str_c(v.title), v.tone, 18, !wide && t->width < 52);
    if (t->width >= 52) {
        out_c(t->o, "  ");
        cell(t, str_c(open_short(r->open)), word_open(r->open).tone, 10, !wide);
    }
    if (wide) {
        doors_text(r, doors, sizeof doors);
        words_day(r->first_us, day);
        out_c(t->o, "  ");
        cell(t, str_c(doors), r->back_doors_present ? TONE_BAD : TONE_PLAIN, 10, !dated || !day[0]);
        if (dated && day[0]) {
            out_c(t->o, "  ");
            cell(t, str_c(day), TONE_PLAIN, 11, true);
        }
    }
    out_c(t->o, "\n");
}

static void heading(const struct table *t)
{
    paint(t, TONE_PLAIN, true);
    cell(t, STR("Server"), TONE_PLAIN, t->name_columns, false);
    out_c(t->o, "  ");
    cell(t, STR("Verdict"), TONE_PLAIN, 18, t->width < 52);
    if (t->width >= 52) {
        out_c(t->o, "  ");
        cell(t, STR("Way in"), TONE_PLAIN, 10, t->width < 64);
    }
    if (t->width >= 64) {
        out_c(t->o, "  ");
        cell(t, STR("Back doors"), TONE_PLAIN, 10, t->width < 78);
    }
    out_c(t->o, t->width >= 78 ? "  First seen" : "");
    plain(t);
    out_c(t->o, "\n");
}

static void left_out(const struct table *t, size_t n)
{
    if (n)
        out_fmt(t->o, "  and %zu more in the summary\n", n);
}

/* "  198.51.100.23 got into EXCH01, EXCH02 ..." in one line each. */
static void shared_lines(const struct table *t, const struct summary *s, const struct summary_shared *shared, size_t n)
{
    for (size_t i = 0; i < n && i < LINES_MAX; i++) {
        size_t room = t->width - 2, at = visible_columns(shared[i].client);
        if (i == 0)
            out_c(t->o, "\nThe same address got into several:\n");
        out_c(t->o, "  ");
        at = at < room / 2 ? at : room / 2;
        out_term(t->o, shared[i].client, room / 2);
        room -= at;
        for (size_t k = 0; k < shared[i].row_n; k++) {
            struct str name = s->row[shared[i].row[k]].name;
            size_t     need = visible_columns(name) + 2, tail = k + 1 < shared[i].row_n ? 4 : 0;
            if (need + tail > room) {
                out_c(t->o, room >= 4 ? " ..." : "");
                break;
            }
            out_c(t->o, k ? ", " : "  ");
            out_term(t->o, name, 0);
            room -= need;
        }
        out_c(t->o, "\n");
    }
    left_out(t, n > LINES_MAX ? n - LINES_MAX : 0);
}

static void link_lines(const struct table *t, const struct summary *s)
{
    size_t shown = 0, all = 0;

    for (size_t i = 0; i < s->link_n; i++) {
        const struct summary_link *l = &s->link[i];
        if (l->hunted || l->from >= s->row_n)
            continue;
        if (all++ == 0)
            out_c(t->o, "\nNamed, and not in this evidence:\n");
        if (shown == LINES_MAX)
            continue;
        size_t room = t->width - 2 - 9;            /* "  TO  (from FROM)" */
        shown++;
        out_c(t->o, "  ");
        out_term(t->o, l->to, room / 2);
        out_c(t->o, "  (from ");
        out_term(t->o, s->row[l->from].name, room / 2);
        out_c(t->o, ")\n");
    }
    left_out(t, all - shown);
}

bool summary_terminal(struct out *o, const struct summary *s, struct arena scratch, bool colour, uint32_t width, struct err *e)
{
    struct table           t = { .o = o, .colour = colour };
    struct summary_shared *shared;
    size_t                 shared_n, longest = 6;

    if (!summary_shared(s, &scratch, &shared, &shared_n, e))
        return false;
    t.width = width < WIDTH_MIN ? WIDTH_MIN : width > WIDTH_MAX ? WIDTH_MAX : width;
    size_t others = t.width >= 78 ? 57 : t.width >= 64 ? 44 : t.width >= 52 ? 32 : 20, most = t.width - others;
    for (size_t i = 0; i < s->row_n; i++) {
        size_t n = visible_columns(s->row[i].name);
        longest = n > longest ? n : longest;
    }
    t.name_columns = longest < most ? longest : most;

    out_fmt(o, "%zu server%s\n", s->row_n, s->row_n == 1 ? "" : "s");
    for (int v = V_BEYOND_SERVER; v >= V_NO_TRACE; v--) {
        size_t n = 0;
        for (size_t i = 0; i < s->row_n; i++)
            n += !s->row[i].failed && s->row[i].verdict == (enum verdict_word)v;
        if (n == 0)
            continue;
        out_fmt(o, "%6zu  ", n);
        cell(&t, str_c(word_verdict((enum verdict_word)v).title), word_verdict((enum verdict_word)v).tone, 18, true);
        out_c(o, "\n");
    }
    size_t failed = 0;
    for (size_t i = 0; i < s->row_n; i++)
        failed += s->row[i].failed;
    if (failed)
        out_fmt(o, "%6zu  no report\n", failed);
    out_c(o, "\n");
    heading(&t);
    for (size_t i = 0; i < s->row_n && i < TABLE_MAX; i++)
        line(&t, &s->row[i]);
    left_out(&t, s->row_n > TABLE_MAX ? s->row_n - TABLE_MAX : 0);
    shared_lines(&t, s, shared, shared_n);
    link_lines(&t, s);
    return out_done(o, e);
}
