/* notify stop: nothing more goes out, at once; and on again, with a reason. What was handed over cannot be called back. */
#include "cli/notify.h"

#include "cli/notify_data.h"
#include "notify/outbox.h"
#include "store/bind.h"

enum { STORE, CAMPAIGN, GO, WHO, REASON, JSON };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = { "campaign", "NAME", "of this campaign only (everything)", NULL },
    [GO]       = { "go", NULL, "take the stop back", NULL },
    [WHO]      = CASE_OPT_WHO,
    [REASON]   = CASE_OPT_REASON,
    [JSON]     = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

/* Ready or under way: what the stop holds back, and what it cannot. */
static bool count(struct case_data *d, const struct case_campaign *of, int64_t ret[2], struct err *e)
{
    return bind_ask(d->store, "SELECT count(CASE WHEN state IN (?1, ?2) THEN 1 END), count(CASE WHEN state = ?3 THEN 1 END) FROM notify_notice WHERE campaign = ?4 OR ?4 = 0",
                    BOUND(B_INT(NOTICE_QUEUED), B_INT(NOTICE_CLAIMED), B_INT(NOTICE_HANDING_OVER), B_INT(of ? of->id : 0)), ret, 2, e);
}

static bool act(struct case_data *d, const struct args *a, struct err *e)
{
    const struct case_campaign *of = NULL;
    struct arena               *keep = &d->c->keep;
    struct str                  scope = STR_EMPTY, what = a->given[CAMPAIGN] ? a->value[CAMPAIGN] : STR("everything");
    int64_t                     n[2] = { 0 };

    if (a->given[CAMPAIGN]) {
        if (!case_campaign_named(d, a->value[CAMPAIGN], &of, e))
            return false;
        scope = of->slug;
    }
    if (!ledger_begin(d->ledger, e) || !(a->given[GO] ? outbox_go : outbox_stop)(d->ledger, scope, a->value[REASON], e) || !count(d, of, n, e) || !ledger_commit(d->ledger, e)) {
        ledger_rollback(d->ledger);
        return false;
    }
    struct str late = n[1] ? str_fmt(keep, "; %lld being handed over cannot be called back", (long long)n[1]) : STR_EMPTY;
    struct str told = a->given[GO] ? str_fmt(keep, "%.*s goes on: %lld ready to be sent", STR_ARG(what), (long long)n[0])
                                   : str_fmt(keep, "stopped: %.*s; %lld held back%.*s", STR_ARG(what), (long long)n[0], STR_ARG(late));
    case_recorded(d, a->given[JSON], told, "", (uint64_t)n[0]);
    return true;
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct case_data d = { .c = c };
    struct err       e = { 0 };
    bool             ok = a->operand_n == 0 || err_set(&e, ERR_USAGE, "a campaign is named by --campaign");

    ok = ok && case_reason(a->value[REASON], a->given[GO] ? "going on" : "a stop", &e) && notify_share(&d, c, a->value[STORE], a->value[WHO], &e) && act(&d, a, &e);
    case_close(&d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch notify stop --reason 'the text names a wrong telephone'", "Every sender stops before its next notice" },
    { "afterpatch notify stop --go --reason 'corrected, and approved again'", "They go on" },
    { NULL, NULL },
};

const struct verb verb_notify_stop = {
    .name = "notify stop", .about = "stops all sending at once, or lets it go on", .usage = "[OPTION]...",
    .text = "Senders ask before each notice. It works beside a running import or update. A campaign can be stopped alone; what is stopped as a whole stays so until that stop is taken back.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
