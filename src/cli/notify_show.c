/*
 * notify show: what needs a person first, then how it stands; or one wave, one notice, one case.
 */
#include "cli/notify.h"

#include <stdio.h>

#include "base/num.h"
#include "cli/case_screen.h"
#include "cli/notify_data.h"
#include "cli/notify_wave.h"
#include "store/bind.h"

enum { STORE, CAMPAIGN, TEXT, SAMPLE, LETTER, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = { "campaign", "NAME", "of this campaign (all)", NULL },
    [TEXT]     = { "text", NULL, "of a notice or case: what was written, in full", NULL },
    [LETTER]   = { "letter", "FILE", "of a letter: its pages into this file, to be looked at before they are approved; not for posting", NULL },
    [SAMPLE]   = { "sample", NULL, "of a wave: 20 of its notices as they would be read", NULL },
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

/* --- what needs a person, most pressing first --- */

#define OF "(?1 = 0 OR n.campaign = ?1)"
static const struct { const char *key, *what, *does, *sql; } person[] = {
    { "unknown", "may have gone or not", "notify settle", "SELECT count(*) FROM notify_notice n WHERE " OF " AND n.state = 4" },
    { "waves", "waves wait for another person", "notify approve WAVE", "SELECT count(*) FROM notify_wave n WHERE " OF " AND n.approved_us IS NULL AND EXISTS (SELECT 1 FROM notify_notice x WHERE x.wave = n.id AND x.state = 0)" },
    { "replies", "messages that nobody has read", "notify read", "SELECT count(*) FROM notify_inbox i WHERE i.state = 1 AND (?1 = 0 OR i.case_id = 0 OR i.case_id IN (SELECT c.id FROM case_case c WHERE c.campaign = ?1))" },
    { "tried", "cases whose every contact was tried", "contact look CASE",
      "SELECT count(*) FROM notify_plan n WHERE " OF " AND n.why = 10" },
    { "no_contact", "cases with nobody to tell", "contact look CASE", "SELECT count(*) FROM notify_plan n WHERE " OF " AND n.why = 1" },
    { "decide", "cases where a person decides what comes next", "case show CASE", "SELECT count(*) FROM notify_plan n WHERE " OF " AND n.why = 8" },
    { "paper", "letters and calls on the desk", "notify settle NOTICE WORD", "SELECT count(*) FROM notify_notice n WHERE " OF " AND n.channel IN (1, 2) AND n.state IN (2, 3)" },
    { "stops", "stops are on", "notify stop --go", "SELECT count(*) FROM notify_stop n LEFT JOIN case_campaign c ON c.slug = n.scope WHERE n.ended_us IS NULL AND (?1 = 0 OR n.scope = '' OR c.id = ?1)" },
};
_Static_assert(NOTICE_UNKNOWN == 4 && NOTICE_PLANNED == 0 && UNPLANNED_SAID == 10 && UNPLANNED_NO_CONTACT == 1 && UNPLANNED_HUMAN == 8 && NOTICE_CLAIMED == 2 && NOTICE_HANDING_OVER == 3, "numbers within the statements");
enum { LISTED = 5 };

static bool waves(struct case_data *d, int64_t campaign, struct js *j, struct err *e)
{
    struct out        *o = d->c->out;
    struct store_stmt *st;
    char               when[CASE_TIME_TEXT];

    if (!bind_open(d->store, "SELECT w.id, w.stage, w.made_us, w.made_by, (SELECT count(*) FROM notify_notice x WHERE x.wave = w.id AND x.state = 0) FROM notify_wave w WHERE (?1 = 0 OR w.campaign = ?1)"
                             " AND w.approved_us IS NULL AND EXISTS (SELECT 1 FROM notify_notice x WHERE x.wave = w.id AND x.state = 0) ORDER BY w.stage = 4 DESC, w.id LIMIT 200", BOUND(B_INT(campaign)), &st, e))
        return false;
    for (int i = 0; case_row(&st, e); i++) {
        if (j) {
            js_object(j);
            js_key(j, "wave");    js_i64(j, store_int(st, 0));
            js_key(j, "stage");   js_c(j, notice_stage_name((enum notice_stage)store_int(st, 1)));
            js_key(j, "made");    js_time(j, store_int(st, 2));
            js_key(j, "made_by"); js_str(j, store_text(st, 3));
            js_key(j, "waiting"); js_i64(j, store_int(st, 4));
            js_end(j);
            continue;
        }
        if (i >= LISTED)
            continue;
        case_minute_text(store_int(st, 2), when);
        out_fmt(o, "           wave %lld: %s, %lld notices, %s, ", (long long)store_int(st, 0), notice_stage_name((enum notice_stage)store_int(st, 1)), (long long)store_int(st, 4), when);
        out_term(o, store_text(st, 3), 16);
        out_c(o, "\n");
    }
    return e->kind == ERR_NONE;
}

static bool by_state(struct case_data *d, int64_t campaign, struct js *j, struct err *e)
{
    struct out        *o = d->c->out;
    struct store_stmt *st;
    int                n = 0;

    if (!bind_open(d->store, "SELECT n.state, count(*) FROM notify_notice n WHERE " OF " GROUP BY n.state ORDER BY n.state", BOUND(B_INT(campaign)), &st, e))
        return false;
    while (case_row(&st, e)) {
        const char *name = notice_step_name((enum notice_step)store_int(st, 0));

        if (j) {
            js_key(j, name);
            js_i64(j, store_int(st, 1));
        } else
            out_fmt(o, "%s%s %lld", n % 4 ? ", " : n ? ",\n         " : "notices  ", name, (long long)store_int(st, 1));
        n++;
    }
    if (!j)
        out_c(o, n ? "\n" : "no notices\n");
    return e->kind == ERR_NONE;
}

static bool by_reason(struct case_data *d, int64_t campaign, struct js *j, struct err *e)
{
    struct out        *o = d->c->out;
    struct store_stmt *st;
    char               n[CASE_TIME_TEXT];
    bool               any = false;

    if (!bind_open(d->store, "SELECT n.why, count(*) FROM notify_plan n WHERE " OF " GROUP BY n.why ORDER BY n.why", BOUND(B_INT(campaign)), &st, e))
        return false;
    while (case_row(&st, e)) {
        enum unplanned why = (enum unplanned)store_int(st, 0);

        if (j) {
            js_key(j, unplanned_word(why));
            js_i64(j, store_int(st, 1));
            continue;
        }
        if (!any)
            out_c(o, "cases, at the last plan\n");
        any = true;
        case_count_text((uint64_t)store_int(st, 1), n);
        out_fmt(o, "%9s  %s\n", n, unplanned_name(why));
    }
    return e->kind == ERR_NONE;
}

static bool overview(struct case_data *d, int64_t campaign, bool json, struct err *e)
{
    struct out *o = d->c->out;
    struct js   j;
    struct str  test = STR_EMPTY;
    bool        there, any = false;
    char        text[CASE_TIME_TEXT];

    if (!settings_instance(d->store, &d->c->keep, &there, &test, e))
        return false;
    if (json) {
        js_open(&j, o, false);
        js_object(&j);
        js_key(&j, "view");    js_c(&j, "notices");
        js_key(&j, "test_to"); js_str_or_null(&j, test);
        js_key(&j, "needs_person");
        js_object(&j);
    } else if (test.n) {
        out_c(o, "test instance: everything goes to ");
        out_term(o, test, 60);
        out_c(o, "\n");
    }
    for (size_t i = 0; i < COUNT_OF(person); i++) {
        int64_t n = 0;

        if (!bind_ask(d->store, person[i].sql, BOUND(B_INT(campaign)), &n, 1, e))
            return false;
        if (json) {
            js_key(&j, person[i].key);
            js_i64(&j, n);
        } else if (n) {
            case_count_text((uint64_t)n, text);
            out_fmt(o, "%9s  %s: afterpatch %s\n", text, person[i].what, person[i].does);
            if (i == 1 && !waves(d, campaign, NULL, e))
                return false;
        }
        any |= n > 0;
    }
    if (!json && !any)
        out_c(o, "nothing waits for a person\n");
    if (json) {
        js_end(&j);
        js_key(&j, "waves");
        js_array(&j);
        if (!waves(d, campaign, &j, e))
            return false;
        js_end(&j);
        js_key(&j, "states");
        js_object(&j);
    }
    if (!by_state(d, campaign, json ? &j : NULL, e))
        return false;
    if (json) {
        js_end(&j);
        js_key(&j, "cases");
        js_object(&j);
    }
    if (!by_reason(d, campaign, json ? &j : NULL, e))
        return false;
    if (json) {
        js_end(&j);
        js_end(&j);
        out_c(o, "\n");
    }
    return true;
}

/* --- one of them --- */

static bool one_wave(struct case_data *d, const struct wave_view *w, bool sample, bool json, struct err *e)
{
    struct out *o = d->c->out;
    struct js   j;

    if (json) {
        js_open(&j, o, false);
        js_object(&j);
        js_key(&j, "view"); js_c(&j, "wave");
    }
    wave_head(d, w, json ? &j : NULL);
    if (!wave_counts(d, w, json ? &j : NULL, e) || (sample && !wave_sample(d, w, json ? &j : NULL, e)))
        return false;
    if (json) {
        js_end(&j);
        out_c(o, "\n");
    } else if (w->waiting && w->approved_us == TIME_NONE)
        out_fmt(o, "%llu wait for another person: afterpatch notify approve %lld\n", (unsigned long long)w->waiting, (long long)w->id);
    return true;
}

static bool relayed(struct case_data *d, int64_t case_, struct js *j, struct err *e)
{
    int64_t v[3] = { TIME_NONE, 0, TIME_NONE };
    char    when[CASE_TIME_TEXT];

    if (!bind_ask(d->store, "SELECT (SELECT min(f.observed_us) FROM case_fact f WHERE f.of_case = 1 AND f.case_id = ?1 AND f.kind = ?2 AND f.value = ?3 AND f.flags = ?4), 0, NULL", BOUND(B_INT(case_), B_INT(FACT_NOTICE), B_INT(NOTICE_ACCEPTED), B_INT(FACT_RELAYED)), v, 3, e))
        return false;
    if (j) {
        js_key(j, "relayed");
        js_time(j, v[0]);
    } else if (v[0] != TIME_NONE) {
        case_minute_text(v[0], when);
        out_fmt(d->c->out, "relayed: handed to a CSIRT %s; that does not count as notified\n", when);
    }
    return true;
}

static bool one_case(struct case_data *d, const struct case_found *f, bool text, bool json, struct err *e)
{
    struct out *o = d->c->out;
    struct js   j;
    int64_t     v[2] = { -1, TIME_NONE };
    char        when[CASE_TIME_TEXT];

    if (!bind_ask(d->store, "SELECT why, next_us FROM notify_plan WHERE case_id = ?1", BOUND(B_INT(f->case_)), v, 2, e) && e->kind != ERR_NONE)
        return false;
    if (json) {
        js_open(&j, o, false);
        js_object(&j);
        js_key(&j, "view");   js_c(&j, "case_notices");
        js_key(&j, "case");   js_c(&j, f->name);
        js_key(&j, "why");    js_c(&j, v[0] < 0 ? NULL : unplanned_word((enum unplanned)v[0]));
        js_key(&j, "next");   js_time(&j, v[1]);
        if (!relayed(d, f->case_, &j, e))
            return false;
        js_key(&j, "notices");
        js_array(&j);
    } else {
        out_fmt(o, "%s  %s", f->name, v[0] < 0 ? "no plan has looked at it yet" : unplanned_name((enum unplanned)v[0]));
        if (v[1] != TIME_NONE) {
            case_minute_text(v[1], when);
            out_fmt(o, "; next %s", when);
        }
        out_c(o, "\n");
        if (!relayed(d, f->case_, NULL, e))
            return false;
    }
    if (!case_notices(d, f->case_, text, json ? &j : NULL, e))
        return false;
    if (json) {
        js_end(&j);
        js_end(&j);
        out_c(o, "\n");
    }
    return true;
}

/* A look at the pages: nothing is recorded, and no outbox knows of it. */
static bool letter(struct case_data *d, const struct args *a, struct err *e)
{
    struct os     *os = d->c->os;
    struct str     path = a->value[LETTER], bytes;
    struct os_file f = OS_FILE_NONE;
    struct os_stat there;
    struct err     none = { 0 };
    uint64_t       n = 0;

    if (a->operand_n != 1 || !num_u64(str_trim(a->operand[0]), &n) || n > INT64_MAX)
        return err_set(e, ERR_USAGE, "--letter needs the number of a notice");
    if (!outbox_bytes(d->store, (int64_t)n, &d->c->keep, &bytes, e))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_USAGE, "no letter is kept with the number %llu", (unsigned long long)n);
    if (!str_starts(bytes, STR("%PDF-"))) {
        err_set(e, ERR_USAGE, "notice %llu is no letter", (unsigned long long)n);
        return err_hint(e, "its text: afterpatch notify show %llu --text", (unsigned long long)n);
    }
    if (os->stat(os, path, &there, &none)) {
        err_set(e, ERR_USAGE, "this file is there already");
        return err_where(e, "%.*s", STR_ARG(path));
    }
    bool ok = os->create(os, path, &f, e) && os->write(os, f, bytes, e) && os->commit(os, &f, e);
    os->close(os, &f);
    if (ok) {
        out_term(d->c->out, path, 0);
        out_fmt(d->c->out, ": %zu bytes, to be looked at; `afterpatch notify send --channel post` gives the desk what is approved\n", bytes.n);
    }
    return ok;
}

/* A number is a wave's, else a notice's; anything else names a case. */
static bool named(struct case_data *d, const struct args *a, struct err *e)
{
    struct str        word = str_trim(a->operand[0]);
    bool              json = a->given[JSON];
    uint64_t          n = 0;
    struct wave_view  w;
    struct case_found f;
    struct js         j;

    if (num_u64(word, &n) && n <= INT64_MAX) {
        if (wave_view(d, (int64_t)n, &w, e))
            return one_wave(d, &w, a->given[SAMPLE], json, e);
        if (e->kind != ERR_NONE)
            return false;
        js_open(&j, d->c->out, false);
        if (notice_view(d, (int64_t)n, a->given[TEXT], json ? &j : NULL, e)) {
            if (json)
                out_c(d->c->out, "\n");
            return true;
        }
        if (e->kind != ERR_NONE)
            return false;
    }
    return case_find(d, word, a->value[CAMPAIGN], &f, e) && one_case(d, &f, a->given[TEXT], json, e);
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct case_data            d = { .c = c };
    const struct case_campaign *of = NULL;
    struct err                  e = { 0 };
    bool                        ok = a->operand_n <= 1 || err_set(&e, ERR_USAGE, "one wave, one notice or one case");

    ok = ok && notify_read(&d, c, a->value[STORE], &e) && (!a->given[CAMPAIGN] || case_campaign_named(&d, a->value[CAMPAIGN], &of, &e)) &&
         (a->given[LETTER] ? letter(&d, a, &e) : a->operand_n ? named(&d, a, &e) : overview(&d, of ? of->id : 0, a->given[JSON], &e));
    case_close(&d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch notify show", "What waits for a person" },
    { "afterpatch notify show 3 --sample", "Wave 3: how many where, and 20 of its texts" },
    { "afterpatch notify show mail.bakery.example", "What was said in this case, and what comes next" },
    { NULL, NULL },
};

const struct verb verb_notify_show = {
    .name = "notify show", .about = "what needs a person, and how notices stand", .usage = "[OPTION]... [WAVE|NOTICE|CASE]",
    .text = "Without operand: notices of which nobody knows whether they went, waves that wait for another person, unread answers, cases with nobody left to tell, letters and calls on the desk, "
            "stops; then counts. A number is a wave or a notice; anything else names a case.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
