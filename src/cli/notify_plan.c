/*
 * notify plan: decides whom to tell now, renders and signs it, and lays it into waves that wait for a second person. Nothing is sent.
 */
#include "cli/notify.h"

#include "base/num.h"
#include "casework/ladder.h"
#include "cli/case_screen.h"
#include "cli/notify_data.h"
#include "cli/notify_wave.h"
#include "emit/json.h"
#include "notify/plan.h"

enum { STORE, CAMPAIGN, SETTINGS, PACK, CASE, MOST, DRY_RUN, JOBS, WHO, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [SETTINGS] = NOTIFY_OPT_SETTINGS,
    [PACK]     = { "pack", "DIR", "the campaign's pack with the texts (the program's own)", NULL },
    [CASE]     = { "case", "CASE", "of this case only", NULL },
    [MOST]     = { "most", "N", "so many recipients at most (what the desk takes in a day, less today's)", NULL },
    [DRY_RUN]  = { "dry-run", NULL, "the same, rolled back: counts only", NULL },
    [JOBS]     = { "jobs", "N", "threads that write and sign (one per core)", NULL },
    [WHO]      = CASE_OPT_WHO,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

enum { PLAN_BYTES = 2 << 20, PLAN_ROOM_SHIFT = 31, JOBS_MAX = 64 };
struct planning { struct case_data d; const struct args *args; struct settings set; struct pack pack; struct plan_options o; struct case_found of; };

static bool pack(struct planning *x, struct str slug, struct err *e)
{
    struct arena *keep = &x->d.c->keep;

    if (x->args->given[PACK])
        return pack_load_dir(&x->pack, keep, x->d.c->os, x->args->value[PACK], e);
    for (size_t i = 0; pack_embedded_ids[i]; i++)
        if (str_eq(slug, str_c(pack_embedded_ids[i])))
            return pack_load_embedded(&x->pack, keep, slug, e);
    err_set(e, ERR_USAGE, "this program has no texts for the campaign \"%.*s\"", STR_ARG(str_sub(slug, 0, 60)));
    return err_hint(e, "--pack DIR: a pack with notices/en");
}

static bool asked(struct planning *x, struct err *e)
{
    const struct args          *a = x->args;
    const struct case_campaign *of;
    uint64_t                    jobs = os_cores();

    if ((a->given[MOST] && (!num_u64(a->value[MOST], &x->o.most) || !x->o.most)) || (a->given[JOBS] && (!num_u64(a->value[JOBS], &jobs) || !jobs || jobs > JOBS_MAX)))
        return err_set(e, ERR_USAGE, "a number of 1 or more is needed (--jobs: at most %d)", JOBS_MAX);
    if (!notify_write(&x->d, x->d.c, a->value[STORE], a->value[WHO], e) || !notify_settings(&x->d, a->value[SETTINGS], &x->set, e) || !case_campaign_named(&x->d, a->value[CAMPAIGN], &of, e) ||
        !case_board(&x->d, e) || !pack(x, of->slug, e))
        return false;
    if (a->given[CASE] && !case_find(&x->d, a->value[CASE], of->slug, &x->of, e))
        return false;
    x->o.os = x->d.c->os;
    x->o.settings = &x->set;
    x->o.pack = &x->pack;
    x->o.campaign = of;
    x->o.now_us = x->d.c->os->now_us(x->d.c->os);
    x->o.dry_run = a->given[DRY_RUN];
    x->o.threads = (uint32_t)jobs;
    x->o.only_case = x->of.case_;
    return true;
}

/* --- what came of it --- */

static void as_json(struct planning *x, const struct plan_result *r)
{
    struct out *o = x->d.c->out;
    struct js   j;

    js_open(&j, o, false);
    js_object(&j);
    js_key(&j, "view");      js_c(&j, "plan");
    js_key(&j, "campaign");  js_str(&j, x->o.campaign->slug);
    js_key(&j, "dry_run");   js_bool(&j, x->o.dry_run);
    js_key(&j, "test_to");   js_str_or_null(&j, x->set.test_recipient);
    js_key(&j, "cases");     js_u64(&j, r->cases);
    js_key(&j, "told");      js_u64(&j, r->told);
    js_key(&j, "reasons");
    js_object(&j);
    for (int i = 0; i < UNPLANNED_REASONS; i++)
        if (r->reason[i]) {
            js_key(&j, unplanned_word((enum unplanned)i));
            js_u64(&j, r->reason[i]);
        }
    js_end(&j);
    js_key(&j, "notices");   js_u64(&j, r->decided);
    js_key(&j, "known");     js_u64(&j, r->known);
    js_key(&j, "channels");
    js_object(&j);
    for (int i = 0; i < CONTACT_CHANNELS; i++) {
        js_key(&j, contact_channel_name((enum contact_channel)i));
        js_u64(&j, r->channel[i]);
    }
    js_end(&j);
    js_key(&j, "minimal");   js_u64(&j, r->minimal);
    js_key(&j, "unsigned");  js_u64(&j, r->unsigned_);
    js_key(&j, "in_english"); js_u64(&j, r->in_english);
    js_key(&j, "unwritten"); js_u64(&j, r->unwritten);
    js_key(&j, "unwritten_why"); js_c(&j, r->unwritten ? r->unwritten_why.what : NULL);
    js_key(&j, "bytes");     js_u64(&j, r->bytes);
    js_key(&j, "waves");
    js_array(&j);
    for (size_t i = 0; i < r->wave_n; i++) {
        js_object(&j);
        js_key(&j, "wave");    js_i64(&j, r->wave[i].wave);
        js_key(&j, "stage");   js_c(&j, notice_stage_name(r->wave[i].stage));
        js_key(&j, "notices"); js_u64(&j, r->wave[i].notices);
        js_key(&j, "hash");    js_hex(&j, r->wave[i].hash, sizeof r->wave[i].hash);
        js_end(&j);
    }
    js_end(&j);
    js_end(&j);
    out_c(o, "\n");
}

static void line(struct out *o, uint64_t n, const char *what)
{
    char text[CASE_TIME_TEXT];

    if (!n)
        return;
    case_count_text(n, text);
    out_fmt(o, "%9s  %s\n", text, what);
}

/* What a person has to do stands first. */
static void as_text(struct planning *x, const struct plan_result *r)
{
    static const enum unplanned person[] = { UNPLANNED_NO_CONTACT, UNPLANNED_SAID, UNPLANNED_HUMAN, UNPLANNED_SOURCE, UNPLANNED_SUPPRESSED };
    struct out *o = x->d.c->out;
    bool        mine[UNPLANNED_REASONS] = { false };
    char        n[2][CASE_TIME_TEXT];

    if (x->set.test_recipient.n) {
        out_c(o, "test instance: everything goes to ");
        out_term(o, x->set.test_recipient, 60);
        out_c(o, "\n");
    }
    if (r->unwritten) {
        line(o, r->unwritten, "could not be written; the first because of:");
        out_c(o, "           ");
        out_term(o, str_c(r->unwritten_why.what), 68);
        out_c(o, "\n");
    }
    for (size_t i = 0; i < COUNT_OF(person); i++) {
        line(o, r->reason[person[i]], unplanned_name(person[i]));
        mine[person[i]] = true;
    }
    case_count_text(r->told, n[0]);
    case_count_text(r->cases, n[1]);
    out_fmt(o, "%s%s of %s cases %s told now\n", x->o.dry_run ? "dry run: " : "", n[0], n[1], r->told == 1 ? "is" : "are");
    line(o, r->channel[CONTACT_EMAIL], "by mail");
    line(o, r->minimal, "of these without any detail: their mail may be read by others");
    line(o, r->unsigned_, "of these unsigned: the settings name no key");
    line(o, r->in_english, "in English: the pack lacks the language that they were to have");
    line(o, r->channel[CONTACT_PHONE], "by telephone: a call sheet each");
    line(o, r->channel[CONTACT_POST], "by letter");
    for (int i = 1; i < UNPLANNED_REASONS; i++)
        if (!mine[i])
            line(o, r->reason[i], unplanned_name((enum unplanned)i));
    for (size_t i = 0; i < r->wave_n; i++)
        if (x->o.dry_run)
            out_fmt(o, "would be a wave: %s, %llu notices\n", notice_stage_name(r->wave[i].stage), (unsigned long long)r->wave[i].notices);
        else
            out_fmt(o, "wave %lld, %s: %llu wait for another person: afterpatch notify approve %lld\n", (long long)r->wave[i].wave, notice_stage_name(r->wave[i].stage),
                    (unsigned long long)r->wave[i].notices, (long long)r->wave[i].wave);
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct planning    x = { .d = { .c = c }, .args = a };
    struct plan_result r;
    struct arena       room = { 0 };
    struct err         e = { 0 };
    bool               ok = a->operand_n == 0 || err_set(&e, ERR_USAGE, "a case is named by --case");

    ok = ok && asked(&x, &e) && os_arena_map(&room, (size_t)1 << PLAN_ROOM_SHIFT, &e);
    if (ok) {
        struct arena whole = room;
        ok = notify_plan_make(x.d.ledger, &x.o, &whole, &r, &e);
    }
    if (ok)
        (a->given[JSON] ? as_json : as_text)(&x, &r);
    if (ok && x.d.stale && !c->silent)
        cli_note(c, "newer records wait: `afterpatch case update`, then plan again", STR_EMPTY);
    os_arena_unmap(&room);
    case_close(&x.d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch notify plan --dry-run", "What would be told to whom, and why others are not" },
    { "afterpatch notify plan --most 50", "A first, small wave" },
    { NULL, NULL },
};

const struct verb verb_notify_plan = {
    .name = "notify plan", .about = "decides whom to tell now, in waves that a second person approves", .usage = "[OPTION]...",
    .text = "Every open case of the campaign gets its next notices by the schedule, the most urgent first, or a reason why it gets none: the numbers add up. Back doors are told by mail, telephone and "
            "provider at once; where the mail may be read by the intruder, it says nothing but that there is something, and a call and a letter go out, too. Made again at once it decides nothing new. "
            "Nothing is sent: waves wait for `afterpatch notify approve` by another person.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
