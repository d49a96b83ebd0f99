/*
 * contact list: cases that a person has to find somebody for, most urgent first; and, with --record, what the ladders give as facts of all cases.
 *
 * Cases    verified ones that nobody has answered yet. With --record every case but those that are dismissed or over.
 * Walk     in the order of urgency, STEP at a time; it ends with the page, so that a large campaign answers at once. With --record it goes to the end.
 */
#include "cli/contact.h"

#include "base/num.h"
#include "cli/case_line.h"
#include "cli/case_screen.h"
#include "cli/contact_line.h"

#include <stdio.h>
#include <string.h>

enum { STORE, CAMPAIGN, LACKS, RECORD, WHO, LIMIT, PAGE, ALL, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [LACKS]    = { "lacks", "WORD", "only cases that lack this", "nobody spent route compromised unknown" },
    [RECORD]   = { "record", NULL, "write the best contacts of all cases down as facts", NULL },
    [WHO]      = CASE_OPT_WHO,
    [LIMIT]    = CASE_OPT_LIMIT,
    [PAGE]     = CASE_OPT_PAGE,
    [ALL]      = CASE_OPT_ALL,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { OTHER_LINES = 5, EACH_LINES = 2, STEP = 500, NAME_COLUMNS = 11, ORGANISATION_COLUMNS = 30 };

struct list {
    struct case_data   d;
    const struct args *args;
    const struct case_campaign *campaign;
    struct case_page   page;
    struct ladder     *ladder;
    enum contact_lack  only;
    bool               json, record, more;
    struct js          j;
    uint64_t           walked, reached, tested, facts, lack[CONTACT_LACKS], matched, shown;
};

static void line(struct list *l, const struct case_line *x, enum contact_lack k, const struct contact *c, size_t n)
{
    struct out  *o = l->d.c->out;
    struct arena a = l->d.c->scratch;
    char         stage[CASE_STAGE_TEXT];

    if (l->json) {
        js_object(&l->j);
        js_key(&l->j, "case");         js_c(&l->j, x->name);
        js_key(&l->j, "organisation"); js_str_or_null(&l->j, x->organisation);
        js_key(&l->j, "country");      js_str_or_null(&l->j, x->country);
        js_key(&l->j, "stage");        js_c(&l->j, case_stage_name(x->stage));
        js_key(&l->j, "urgency");      js_i64(&l->j, x->urgency);
        js_key(&l->j, "lacks");        js_c(&l->j, contact_lack_words[k]);
        js_key(&l->j, "why");          js_str(&l->j, contact_lack_text(k, c, n, &a));
        js_key(&l->j, "contacts");     js_u64(&l->j, n);
        js_key(&l->j, "usable");       js_u64(&l->j, contact_usable_n(c, n));
        js_key(&l->j, "best");
        if (contact_usable_n(c, n))
            contact_json(&l->j, &c[0]);
        else
            js_null(&l->j);
        js_end(&l->j);
        return;
    }
    case_stage_text(x, stage);
    case_cell_c(o, x->name, NAME_COLUMNS);
    case_cell(o, case_organisation(&l->d, x), ORGANISATION_COLUMNS);
    case_cell(o, x->country.n ? x->country : STR("-"), 2);
    case_cell_c(o, stage, 14);
    out_c(o, contact_lack_words[k]);
    out_c(o, "\n  ");
    case_wrap(o, contact_lack_text(k, c, n, &a), 2, 2, case_columns(l->d.c), 1);
}

/* Asks of every case that is walked; told of those that are open and lack something. */
static bool one(struct list *l, const struct case_line *x, struct arena a, struct err *e)
{
    struct contact *c;
    uint64_t        facts = 0;
    size_t          n;

    if (!ladder_next(l->ladder, x->case_, &a, &c, &n, e) || (l->record && !ladder_record(l->d.ledger, x->campaign, x->case_, c, n, &facts, e)))
        return false;
    enum contact_lack k = contact_lack_of(c, n);
    l->walked++;
    l->facts += facts;
    l->lack[k]++;
    l->reached += k != LACK_NOBODY && k != LACK_SPENT;
    if (k == LACK_NOTHING || (l->only && k != l->only) || x->acknowledged_us != TIME_NONE || x->stage < CASE_VERIFIED || x->stage == CASE_UNREACHABLE)
        return true;
    if (l->matched++ < l->page.first)
        return true;
    if (l->shown >= l->page.n) {
        l->more = true;
        return true;
    }
    l->shown++;
    struct arena was = l->d.c->scratch;
    l->d.c->scratch = a;                                   /* what the line needs goes behind the ladder */
    line(l, x, k, c, n);
    l->d.c->scratch = was;
    return true;
}

static bool walked(const struct case_line *x) { return x->stage != CASE_NONE && x->stage != CASE_DISMISSED && x->stage != CASE_CLEAN && x->stage != CASE_CLOSED; }

static bool some(struct list *l, const struct case_line *x, size_t n, struct arena a, struct err *e)
{
    int64_t case_[LADDER_SET];
    size_t  k = 0;

    for (size_t i = 0; i < n; i++)
        if (walked(&x[i]))
            case_[k++] = x[i].case_;
    if (!ladder_ahead(l->ladder, case_, k, &a, e))
        return false;
    for (size_t i = 0; i < n && (l->record || !l->more); i++)
        if (walked(&x[i]) && !one(l, &x[i], a, e))
            return false;
    return true;
}

/* at: urgency and number of the last case; moves on. */
static bool step(struct list *l, int64_t at[2], size_t *ret_n, struct err *e)
{
    struct store_stmt *st = NULL;
    struct arena      *keep = &l->d.c->keep, was = *keep;
    struct case_line  *x = TAKE(&l->d.c->scratch, struct case_line, STEP);
    char               sql[1600];

    *ret_n = 0;
    if (!x)
        return err_set(e, ERR_MEMORY, "no room for cases");
    snprintf(sql, sizeof sql, "SELECT %s FROM (SELECT case_id FROM case_state WHERE campaign = ?1 AND urgency <= ?2 AND (urgency < ?2 OR case_id > ?3) ORDER BY urgency DESC, case_id LIMIT %d) p JOIN case_state s ON s.case_id = p.case_id"
             " LEFT JOIN case_org o ON o.org = s.org ORDER BY s.urgency DESC, s.case_id", case_line_columns, STEP);
    if (!store_prepare(l->d.store, sql, &st, e))
        return false;
    store_bind_int(st, 1, l->campaign->id);
    store_bind_int(st, 2, at[0]);
    store_bind_int(st, 3, at[1]);
    *keep = l->d.c->scratch;                                /* texts of lines live for this step */
    while (*ret_n < STEP && case_row(&st, e))
        case_line_read(&l->d, st, &x[(*ret_n)++]);
    store_finish(st);
    l->d.c->scratch = *keep;
    *keep = was;
    if (*ret_n) {
        at[0] = x[*ret_n - 1].urgency;
        at[1] = x[*ret_n - 1].case_;
    }
    for (size_t i = 0; i < *ret_n && e->kind == ERR_NONE && (l->record || !l->more); i += LADDER_SET)
        if (!some(l, x + i, *ret_n - i < LADDER_SET ? *ret_n - i : LADDER_SET, l->d.c->scratch, e))
            return false;
    return e->kind == ERR_NONE;
}

static bool open_ladder(struct list *l, struct err *e)
{
    return ladder_open(&l->ladder, l->d.store, l->d.c->os->now_us(l->d.c->os), &l->d.c->keep, e);
}

/* What the ladder remembers helps, and is given up when it fills the run's memory. */
static bool walk(struct list *l, struct err *e)
{
    struct arena was = l->d.c->scratch, keep = l->d.c->keep;
    int64_t      at[2] = { INT64_MAX, 0 };
    size_t       n = STEP;

    if (!open_ladder(l, e))
        return false;
    while (n == STEP && (l->record || !l->more)) {
        l->d.c->scratch = was;
        if (arena_room(&l->d.c->keep) < arena_room(&keep) / 4) {
            l->d.c->keep = keep;
            if (!open_ladder(l, e))
                return false;
        }
        if (l->record && !ledger_begin(l->d.ledger, e))
            return false;
        if (!step(l, at, &n, e))
            return false;
        if (l->record && !ledger_commit(l->d.ledger, e))
            return false;
    }
    l->d.c->scratch = was;
    return true;
}

static void head(struct list *l)
{
    char when[CASE_TIME_TEXT];

    if (l->json) {
        js_open(&l->j, l->d.c->out, false);
        js_object(&l->j);
        js_key(&l->j, "view");     js_c(&l->j, "contact-list");
        js_key(&l->j, "campaign"); js_str(&l->j, l->campaign->slug);
        js_key(&l->j, "made");     js_time(&l->j, l->d.made_us);
        js_key(&l->j, "stale");    js_bool(&l->j, l->d.stale);
        js_key(&l->j, "first");    js_u64(&l->j, l->page.first);
        js_key(&l->j, "cases");
        js_array(&l->j);
        return;
    }
    case_minute_text(l->d.made_us, when);
    out_term(l->d.c->out, l->campaign->slug, 34);
    out_fmt(l->d.c->out, ": whom nobody can be told of yet, worked out %s UTC%s\n", when, l->d.stale ? "; newer records wait" : "");
    case_cell_c(l->d.c->out, "case", NAME_COLUMNS);
    case_cell_c(l->d.c->out, "organisation", ORGANISATION_COLUMNS);
    case_cell_c(l->d.c->out, "of", 2);
    case_cell_c(l->d.c->out, "stage", 14);
    out_c(l->d.c->out, "lacks\n");
}

static void tail(struct list *l)
{
    struct out *o = l->d.c->out;

    if (l->json) {
        js_end(&l->j);
        js_key(&l->j, "more"); js_bool(&l->j, l->more);
        js_key(&l->j, "recorded");
        if (l->record) {
            js_object(&l->j);
            js_key(&l->j, "cases");   js_u64(&l->j, l->walked);
            js_key(&l->j, "reached"); js_u64(&l->j, l->reached);
            js_key(&l->j, "facts");   js_u64(&l->j, l->facts);
            js_key(&l->j, "lacks");
            js_object(&l->j);
            for (size_t i = 1; i < CONTACT_LACKS; i++) {
                js_key(&l->j, contact_lack_words[i]);
                js_u64(&l->j, l->lack[i]);
            }
            js_end(&l->j);
            js_end(&l->j);
        } else
            js_null(&l->j);
        js_end(&l->j);
        out_c(o, "\n");
        return;
    }
    if (!l->matched)
        out_c(o, l->only ? "no case lacks that\n" : "every case has a contact by a path that was looked at\n");
    else if (!l->shown)
        out_fmt(o, "there are %llu: no page %llu\n", (unsigned long long)l->matched, (unsigned long long)(l->page.first / l->page.n + 1));
    if (l->more)
        out_fmt(o, "and more: --page %llu shows the next, --all shows all\n", (unsigned long long)(l->page.first / l->page.n + 2));
    if (l->record)
        out_fmt(o, "recorded: %llu facts of %llu cases, %llu with somebody to tell; `afterpatch case update` makes it count\n", (unsigned long long)l->facts, (unsigned long long)l->walked,
                (unsigned long long)l->reached);
}

static bool list(struct list *l, struct err *e)
{
    const struct args *a = l->args;

    l->json = a->given[JSON];
    for (size_t i = 1; i < CONTACT_LACKS && a->given[LACKS]; i++)
        if (str_eq(a->value[LACKS], str_c(contact_lack_words[i])))
            l->only = (enum contact_lack)i;
    if (!case_page_asked(a, LIMIT, PAGE, ALL, OTHER_LINES, EACH_LINES, &l->page, e) || !case_campaign_named(&l->d, a->value[CAMPAIGN], &l->campaign, e) || !case_board(&l->d, e))
        return false;
    head(l);
    if (!walk(l, e))
        return false;
    tail(l);
    return !l->record || (ledger_begin(l->d.ledger, e) && ledger_audit(l->d.ledger, "contact list", STR("ladder"), str_fmt(&l->d.c->scratch, "%llu facts of %llu cases", (unsigned long long)l->facts,
                          (unsigned long long)l->walked), e) && ledger_commit(l->d.ledger, e));
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct list l = { .args = a, .record = a->given[RECORD] };
    struct err  e = { 0 };
    bool        ok = a->operand_n == 0 || err_set(&e, ERR_USAGE, "a case is shown by `afterpatch contact show`");

    ok = ok && (l.record ? case_write(&l.d, c, a->value[STORE], a->value[WHO], &e) : case_read(&l.d, c, a->value[STORE], &e)) && list(&l, &e);
    case_close(&l.d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch contact list", "What a person has to look for, most urgent first" },
    { "afterpatch contact list --lacks compromised", "Cases whose mail the intruder may read: telephone, write a letter" },
    { "afterpatch contact list --record", "After an import or look-up: what was found counts for the stages of all cases" },
    { NULL, NULL },
};

const struct verb verb_contact_list = {
    .name = "contact list", .about = "cases that nobody can be told of yet, or only by the intruder's path; most urgent first", .usage = "[OPTION]...",
    .text = "nobody: no contact is known. spent: all that are known bounced, ended or opted out. route: only a provider, a registrar or a national CSIRT. compromised: the best contact's mail goes "
            "through a server of the campaign that nobody vouches for. unknown: where it goes nobody knows; it is treated as compromised until somebody looked.\n\n"
            "--record writes the best contacts of each case down as facts, so that `afterpatch case update` moves it to contact_found. It never says that a victim cannot be reached: "
            "`afterpatch case add CASE nobody-to-reach` is a person's word.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
