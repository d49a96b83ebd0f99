/*
 * notify approve: a second person lets a wave go, for just what was shown: its hash is over every recipient and every byte.
 */
#include "cli/notify.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "cli/notify_data.h"
#include "cli/notify_wave.h"

enum { STORE, YES, WHO, JSON };
static const struct opt opts[] = {
    [STORE] = CASE_OPT_STORE,
    [YES]   = { "yes", "HASH", "the wave as it was shown: 12 or more digits of its hash", NULL },
    [WHO]   = CASE_OPT_WHO,
    [JSON]  = CASE_OPT_JSON,
    { NULL, NULL, NULL, NULL }
};

static bool same_hash(struct str given, const uint8_t hash[32])
{
    char text[65];

    for (int i = 0; i < 32; i++)
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
    return given.n >= WAVE_HASH_LEAST && given.n <= 64 && str_ieq(given, (struct str){ (const uint8_t *)text, given.n });
}

/* Without --yes: the sample and the counts, and how it is approved. */
static bool shown(struct case_data *d, const struct wave_view *w, bool json, struct err *e)
{
    struct out *o = d->c->out;
    struct js   j;

    if (json) {
        js_open(&j, o, false);
        js_object(&j);
        js_key(&j, "view");     js_c(&j, "wave");
        js_key(&j, "done");     js_bool(&j, false);
    } else if (!wave_sample(d, w, NULL, e))
        return false;
    wave_head(d, w, json ? &j : NULL);
    if (!wave_counts(d, w, json ? &j : NULL, e) || (json && !wave_sample(d, w, &j, e)))
        return false;
    if (json) {
        js_end(&j);
        out_c(o, "\n");
        return true;
    }
    out_fmt(o, "%llu wait. Nothing was approved. To let them go, as another person than who made them:\n  afterpatch notify approve %lld --yes ", (unsigned long long)w->waiting, (long long)w->id);
    for (int i = 0; i < WAVE_HASH_LEAST / 2 + 2; i++)
        out_fmt(o, "%02x", w->hash[i]);
    out_c(o, " --who NAME\n");
    return true;
}

static bool approve(struct case_data *d, const struct args *a, const struct wave_view *w, struct err *e)
{
    struct out *o = d->c->out;
    struct js   j;
    uint64_t    n = 0;

    if (!same_hash(str_trim(a->value[YES]), w->hash)) {
        err_set(e, ERR_USAGE, "wave %lld is not what this hash was shown for", (long long)w->id);
        return err_hint(e, "look at it again: afterpatch notify approve %lld", (long long)w->id);
    }
    if (!ledger_begin(d->ledger, e) || !outbox_approve(d->ledger, w->id, w->hash, d->who, &n, e) || !ledger_commit(d->ledger, e)) {
        ledger_rollback(d->ledger);
        return false;
    }
    if (a->given[JSON]) {
        js_open(&j, o, false);
        js_object(&j);
        js_key(&j, "view");     js_c(&j, "approved");
        js_key(&j, "done");     js_bool(&j, true);
        js_key(&j, "wave");     js_i64(&j, w->id);
        js_key(&j, "notices");  js_u64(&j, n);
        js_key(&j, "who");      js_str(&j, d->who);
        js_key(&j, "hash");     js_hex(&j, w->hash, sizeof w->hash);
        js_end(&j);
        out_c(o, "\n");
    } else
        out_fmt(o, "wave %lld is approved: %llu notices may go: afterpatch notify send\n", (long long)w->id, (unsigned long long)n);
    return true;
}

static bool act(struct case_data *d, const struct args *a, struct err *e)
{
    struct wave_view w;
    uint64_t         n = 0;

    if (!num_u64(str_trim(a->operand[0]), &n) || n > INT64_MAX || !wave_view(d, (int64_t)n, &w, e)) {
        if (e->kind != ERR_NONE)
            return false;
        err_set(e, ERR_USAGE, "no wave has the number %.*s", STR_ARG(str_sub(a->operand[0], 0, 30)));
        return err_hint(e, "`afterpatch notify show` lists those that wait");
    }
    return a->given[YES] ? approve(d, a, &w, e) : shown(d, &w, a->given[JSON], e);
}

static int run(struct cli *c, const struct verb *v, const struct args *a)
{
    struct case_data d = { .c = c };
    struct err       e = { 0 };
    bool             ok = a->operand_n == 1 || err_set(&e, ERR_USAGE, "which wave?");

    if (!ok)
        err_hint(&e, "`afterpatch notify show` lists those that wait");
    ok = ok && (a->given[YES] ? notify_share(&d, c, a->value[STORE], a->value[WHO], &e) : notify_read(&d, c, a->value[STORE], &e)) && act(&d, a, &e);
    case_close(&d);
    return ok ? CLI_DONE : cli_fail(c, v->name, &e);
}

static const struct example examples[] = {
    { "afterpatch notify approve 3", "20 of its texts, counts, and its hash" },
    { "afterpatch notify approve 3 --yes 9f31c2a05b77d8e1 --who grace", "What was shown may go" },
    { NULL, NULL },
};

const struct verb verb_notify_approve = {
    .name = "notify approve", .about = "a second person lets a wave go, for just what was shown", .usage = "WAVE [OPTION]...",
    .text = "Shows 20 of its notices as they will be read, and counts by country, language, channel and mail provider. With --yes and the hash that was shown it is set free; not by who made it, and "
            "not when anything in it has changed since.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
