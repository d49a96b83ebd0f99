/* See notify_wave.h. */
#include "cli/notify_wave.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "casework/ladder.h"
#include "cli/case_screen.h"
#include "notify/mail_parts.h"
#include "store/bind.h"

const char *unplanned_word(enum unplanned u)
{
    static const char *const words[UNPLANNED_REASONS] = {
        [NOT_UNPLANNED] = "planned", [UNPLANNED_NO_CONTACT] = "no_contact", [UNPLANNED_ANSWERED] = "answered", [UNPLANNED_CLEAN] = "clean", [UNPLANNED_WAITING] = "waiting",
        [UNPLANNED_UNVERIFIED] = "unverified", [UNPLANNED_SUPPRESSED] = "opted_out", [UNPLANNED_STOPPED] = "stopped", [UNPLANNED_HUMAN] = "person", [UNPLANNED_DORMANT] = "dormant",
        [UNPLANNED_SAID] = "all_tried", [UNPLANNED_DESK] = "desk_full", [UNPLANNED_TAKEN] = "contact_taken", [UNPLANNED_SOURCE] = "source", [UNPLANNED_PATCHED] = "patched",
    };
    return (unsigned)u < UNPLANNED_REASONS ? words[u] : "unknown";
}

bool wave_view(struct case_data *d, int64_t wave, struct wave_view *ret, struct err *e)
{
    struct store_stmt *st;
    struct wave_view   w = { .id = wave };
    int64_t            n = 0;

    if (!bind_open(d->store, "SELECT campaign, stage, made_us, made_by, approved_us, approved_by FROM notify_wave WHERE id = ?1", BOUND(B_INT(wave)), &st, e))
        return false;
    if (!case_row(&st, e))
        return false;
    w.campaign = store_int(st, 0);
    w.stage = (enum notice_stage)store_int(st, 1);
    w.made_us = store_int(st, 2);
    w.made_by = case_text(d, st, 3);
    w.approved_us = store_time(st, 4);
    w.approved_by = case_text(d, st, 5);
    store_finish(st);
    if (!bind_ask(d->store, "SELECT count(*) FROM notify_notice WHERE wave = ?1", BOUND(B_INT(wave)), &n, 1, e) || !outbox_wave_hash(d->store, wave, &w.waiting, w.hash, e))
        return false;
    w.all = (uint64_t)n;
    *ret = w;
    return true;
}

void wave_head(struct case_data *d, const struct wave_view *w, struct js *j)
{
    const struct case_campaign *c = case_campaign_at(d, w->campaign);
    struct out *o = d->c->out;
    char        when[CASE_TIME_TEXT], n[CASE_TIME_TEXT];

    if (j) {
        js_key(j, "wave");        js_i64(j, w->id);
        js_key(j, "campaign");    js_str_or_null(j, c ? c->slug : STR_EMPTY);
        js_key(j, "stage");       js_c(j, notice_stage_name(w->stage));
        js_key(j, "made");        js_time(j, w->made_us);
        js_key(j, "made_by");     js_str(j, w->made_by);
        js_key(j, "approved");    js_time(j, w->approved_us);
        js_key(j, "approved_by"); js_str_or_null(j, w->approved_by);
        js_key(j, "notices");     js_u64(j, w->all);
        js_key(j, "waiting");     js_u64(j, w->waiting);
        js_key(j, "hash");        js_hex(j, w->hash, sizeof w->hash);
        return;
    }
    case_minute_text(w->made_us, when);
    case_count_text(w->all, n);
    out_fmt(o, "wave %lld, %s: %s notices, made %s by ", (long long)w->id, notice_stage_name(w->stage), n, when);
    out_term(o, w->made_by, 20);
    out_c(o, "\n");
    if (w->approved_us != TIME_NONE) {
        case_minute_text(w->approved_us, when);
        out_fmt(o, "approved %s by ", when);
        out_term(o, w->approved_by, 20);
        out_c(o, "\n");
    }
}

/* --- counts --- */

static const struct { const char *key, *title, *value; bool channel, stage, audience; } by[] = {
    { "countries", "country", "coalesce(o.country, '')", false, false, false },
    { "languages", "language", "n.language", false, false, false },
    { "channels", "channel", "CAST(n.channel AS TEXT)", true, false, false },
    { "mail_providers", "mail goes to", "CASE WHEN n.channel = 0 THEN n.bucket ELSE '-' END", false, false, false },
    { "stages", "stage", "CAST(n.stage AS TEXT)", false, true, false },
    { "audiences", "audience", "CAST(n.audience AS TEXT)", false, false, true },
    { "details", "details", "CASE WHEN n.minimal = 1 THEN 'none: mail may be read by others' ELSE 'all' END", false, false, false },
};

static struct str worded(struct case_data *d, size_t i, struct str v)
{
    uint64_t n = 0;

    if (by[i].channel && num_u64(v, &n))
        return str_c(contact_channel_name((enum contact_channel)n));
    if (by[i].stage && num_u64(v, &n))
        return str_c(notice_stage_name((enum notice_stage)n));
    if (by[i].audience && num_u64(v, &n))
        return str_c(notice_audience_name((enum notice_audience)n));
    return v.n ? str_dup(&d->c->keep, str_sub(v, 0, 200)) : STR("unknown");
}

static bool one_count(struct case_data *d, const struct wave_view *w, size_t i, struct js *j, struct err *e)
{
    struct out        *o = d->c->out;
    struct arena       before = d->c->keep;
    struct store_stmt *st;
    char               sql[400];
    int64_t            rest = 0, rows = 0;

    snprintf(sql, sizeof sql, "SELECT %s AS v, count(*) AS k FROM notify_notice n LEFT JOIN case_org o ON o.org = n.org WHERE n.wave = ?1 GROUP BY %s ORDER BY k DESC, v", by[i].value, by[i].value);
    if (!bind_open(d->store, sql, BOUND(B_INT(w->id)), &st, e))
        return false;
    if (j) {
        js_key(j, by[i].key);
        js_array(j);
    } else
        out_fmt(o, "%-12s ", by[i].title);
    while (case_row(&st, e)) {
        struct str v = worded(d, i, store_text(st, 0));
        int64_t    n = store_int(st, 1);

        if (j) {
            js_object(j);
            js_key(j, "value"); js_str(j, v);
            js_key(j, "n");     js_i64(j, n);
            js_end(j);
        } else if (rows < WAVE_ROWS_MAX / 3) {
            out_c(o, rows ? ", " : "");
            out_term(o, v, 24);
            out_fmt(o, " %lld", (long long)n);
        } else
            rest += n;
        rows++;
    }
    if (e->kind != ERR_NONE)
        return false;
    if (j)
        js_end(j);
    else if (rest)
        out_fmt(o, ", others %lld\n", (long long)rest);
    else
        out_c(o, "\n");
    d->c->keep = before;
    return true;
}

bool wave_counts(struct case_data *d, const struct wave_view *w, struct js *j, struct err *e)
{
    for (size_t i = 0; i < COUNT_OF(by); i++)
        if (!one_count(d, w, i, j, e))
            return false;
    return true;
}

/* --- one notice --- */

static void put_lines(struct out *o, struct str text)
{
    struct str line;

    while (text.n && str_cut(&text, '\n', &line)) {
        out_c(o, "  ");
        out_term(o, line.n && line.p[line.n - 1] == '\r' ? str_sub(line, 0, line.n - 1) : line, 0);
        out_c(o, "\n");
    }
}

/* What its reader reads first: the text of a mail, a call sheet; of a letter only that there is one. */
static bool text_of(struct case_data *d, int64_t notice, enum contact_channel channel, struct arena *a, struct str *ret, struct err *e)
{
    struct str  bytes = STR_EMPTY;
    struct mail m;

    *ret = STR_EMPTY;
    if (!outbox_bytes(d->store, notice, a, &bytes, e)) {
        if (e->kind == ERR_NONE)
            *ret = STR("its bytes are not kept any more\n");
        return e->kind == ERR_NONE;
    }
    if (channel == CONTACT_POST) {
        *ret = str_fmt(a, "a letter, %zu bytes of PDF; its pages: `afterpatch notify show %lld --letter FILE`\n", bytes.n, (long long)notice);
        return true;
    }
    *ret = bytes;
    if (channel != CONTACT_EMAIL)
        return true;
    if (!mail_read(bytes, a, &m, e))
        return false;
    for (size_t i = 0; i < m.part_n; i++)
        if (str_starts(m.part[i].type, STR("text/plain"))) {
            *ret = m.part[i].bytes;
            return true;
        }
    return true;
}

static bool steps(struct case_data *d, int64_t notice, struct js *j, struct err *e)
{
    struct out        *o = d->c->out;
    struct store_stmt *st;
    char               when[CASE_TIME_TEXT];

    if (!bind_open(d->store, "SELECT at_us, step, who, code, detail FROM notify_event WHERE notice = ?1 ORDER BY id LIMIT 200", BOUND(B_INT(notice)), &st, e))
        return false;
    if (j) {
        js_key(j, "steps");
        js_array(j);
    }
    while (case_row(&st, e)) {
        const char *step = notice_step_name((enum notice_step)store_int(st, 1));

        if (j) {
            js_object(j);
            js_key(j, "at");     js_time(j, store_int(st, 0));
            js_key(j, "step");   js_c(j, step);
            js_key(j, "who");    js_str(j, store_text(st, 2));
            js_key(j, "code");   js_i64(j, store_int(st, 3));
            js_key(j, "detail"); js_str_or_null(j, store_text(st, 4));
            js_end(j);
            continue;
        }
        case_minute_text(store_int(st, 0), when);
        out_fmt(o, "  %s  %-14s ", when, step);
        out_term(o, store_text(st, 4), 42);
        out_c(o, "\n");
    }
    if (j)
        js_end(j);
    return e->kind == ERR_NONE;
}

struct shown { int64_t id, case_, campaign, wave, not_before_us, date_us, changed_us; enum notice_stage stage; enum contact_channel channel; enum notice_audience audience; enum notice_finding finding;
               enum notice_step step; struct str contact, subject, language, message_id; bool minimal; };
#define SHOWN "n.id, n.case_id, n.campaign, n.wave, n.not_before_us, n.date_us, n.changed_us, n.stage, n.channel, n.audience, n.finding, n.state, n.contact, n.subject, n.language, n.message_id, n.minimal"

static struct shown shown(struct case_data *d, struct store_stmt *st)
{
    return (struct shown){ store_int(st, 0), store_int(st, 1), store_int(st, 2), store_int(st, 3), store_int(st, 4), store_int(st, 5), store_int(st, 6), (enum notice_stage)store_int(st, 7),
                           (enum contact_channel)store_int(st, 8), (enum notice_audience)store_int(st, 9), (enum notice_finding)store_int(st, 10), (enum notice_step)store_int(st, 11),
                           case_text(d, st, 12), case_text(d, st, 13), case_text(d, st, 14), case_text(d, st, 15), store_int(st, 16) != 0 };
}

static bool show_one(struct case_data *d, const struct shown *n, bool text, bool all_steps, struct js *j, struct err *e)
{
    struct out  *o = d->c->out;
    struct arena a = d->c->scratch;
    struct str   body = STR_EMPTY;
    char         name[CASE_NAME_TEXT];

    case_name_of(d, n->case_, n->campaign, name);
    if (text && !text_of(d, n->id, n->channel, &a, &body, e))
        return false;
    if (j) {
        js_object(j);
        js_key(j, "notice");     js_i64(j, n->id);
        js_key(j, "case");       js_c(j, name);
        js_key(j, "wave");       js_i64(j, n->wave);
        js_key(j, "stage");      js_c(j, notice_stage_name(n->stage));
        js_key(j, "state");      js_c(j, notice_step_name(n->step));
        js_key(j, "channel");    js_c(j, contact_channel_name(n->channel));
        js_key(j, "audience");   js_c(j, notice_audience_name(n->audience));
        js_key(j, "finding");    js_c(j, notice_finding_name(n->finding));
        js_key(j, "contact");    js_str(j, n->contact);
        js_key(j, "subject");    js_str_or_null(j, n->subject);
        js_key(j, "language");   js_str_or_null(j, n->language);
        js_key(j, "minimal");    js_bool(j, n->minimal);
        js_key(j, "decided");    js_time(j, n->date_us);
        js_key(j, "not_before"); js_time(j, n->not_before_us);
        js_key(j, "message_id"); js_str(j, n->message_id);
        if (text) {
            js_key(j, "text");
            js_str(j, body);
        }
        bool ok = !all_steps || steps(d, n->id, j, e);
        js_end(j);
        return ok;
    }
    out_fmt(o, "%s  %s, %s, %s to ", name, notice_stage_name(n->stage), notice_step_name(n->step), contact_channel_name(n->channel));
    out_term(o, n->contact, 34);
    out_c(o, n->minimal ? ", minimal\n" : "\n");
    if (n->subject.n && (text || all_steps)) {
        out_c(o, "  ");
        out_term(o, n->subject, 76);
        out_c(o, "\n");
    }
    if (all_steps && !steps(d, n->id, NULL, e))
        return false;
    if (text) {
        out_c(o, "\n");
        put_lines(o, body);
        out_c(o, "\n");
    }
    return true;
}

bool notice_view(struct case_data *d, int64_t notice, bool text, struct js *j, struct err *e)
{
    struct store_stmt *st;

    if (!bind_open(d->store, "SELECT " SHOWN " FROM notify_notice n WHERE n.id = ?1", BOUND(B_INT(notice)), &st, e) || !case_row(&st, e))
        return false;
    struct shown n = shown(d, st);
    store_finish(st);
    return show_one(d, &n, text, true, j, e);
}

static bool several(struct case_data *d, const char *sql, const struct bound *v, size_t vn, bool text, struct js *j, struct err *e)
{
    struct store_stmt *st;
    struct shown       some[WAVE_SAMPLE];
    size_t             n = 0;

    if (!bind_open(d->store, sql, v, vn, &st, e))
        return false;
    while (n < COUNT_OF(some) && case_row(&st, e))
        some[n++] = shown(d, st);
    if (n == COUNT_OF(some))
        store_finish(st);
    if (e->kind != ERR_NONE)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!show_one(d, &some[i], text, false, j, e))
            return false;
    return true;
}

/* Numbers of notices are hashes: the first by number are a sample, and always the same one. */
bool wave_sample(struct case_data *d, const struct wave_view *w, struct js *j, struct err *e)
{
    if (j) {
        js_key(j, "sample");
        js_array(j);
    }
    if (!several(d, "SELECT " SHOWN " FROM notify_notice n WHERE n.wave = ?1 ORDER BY n.id LIMIT 20", BOUND(B_INT(w->id)), true, j, e))
        return false;
    if (j)
        js_end(j);
    return true;
}
_Static_assert(WAVE_SAMPLE == 20, "stands within the statement");

bool case_notices(struct case_data *d, int64_t case_, bool text, struct js *j, struct err *e)
{
    return several(d, "SELECT " SHOWN " FROM notify_notice n WHERE n.case_id = ?1 OR n.id IN (SELECT notice FROM notify_also WHERE case_id = ?1) ORDER BY n.date_us DESC, n.id LIMIT 20", BOUND(B_INT(case_)), text, j, e);
}
