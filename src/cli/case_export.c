/* case export: what may be told to others, in the forms they read. See case_export.h. */
#include "cli/case_export.h"

#include "base/num.h"
#include "cli/case.h"
#include "store/bind.h"

#include <stdio.h>
#include <string.h>

enum { STORE, CAMPAIGN, AS, VICTIMS, INTRUDERS, COUNTRY, ASN, TO, FEED, TLP, WHO };
static const struct opt opts[] = {
    [STORE]     = CASE_OPT_STORE,
    [CAMPAIGN]  = CASE_OPT_CAMPAIGN,
    [AS]        = { "as", "WORD", "idf: lines of JSON for IntelMQ; shadowserver, csv: tables; stix, misp (idf)", "idf shadowserver csv stix misp" },
    [VICTIMS]   = { "victims", NULL, "with stix and misp: servers and whose they are; without it they hold nothing of any victim", NULL },
    [INTRUDERS] = { "intruders", NULL, "with stix and misp: what may be told of the intruder groups (the default of these)", NULL },
    [COUNTRY]   = { "country", "CC", "servers with addresses in this country", NULL },
    [ASN]       = { "asn", "NUMBER", "servers with addresses of this AS", NULL },
    [TO]        = { "to", "NAME", "who gets it; needed where victims are named, and kept in the audit", NULL },
    [FEED]      = { "feed", "NAME", "feed.name of each event (campaign-NAME)", NULL },
    [TLP]       = { "tlp", "LABEL", "TLP of the whole export (TLP:AMBER)", "TLP:CLEAR TLP:GREEN TLP:AMBER TLP:AMBER+STRICT TLP:RED" },
    [WHO]       = CASE_OPT_WHO,
    { NULL, NULL, NULL, NULL }
};

static const struct { const char *name; export_row *row; bool objects; } forms[] = {
    { "idf", export_idf, false }, { "shadowserver", export_shadowserver, false }, { "csv", export_csv, false }, { "stix", NULL, true }, { "misp", NULL, true },
};

struct str export_tlp1(struct str tlp)
{
    if (str_eq(tlp, STR("TLP:CLEAR")))
        return STR("WHITE");
    if (str_eq(tlp, STR("TLP:GREEN")))
        return STR("GREEN");
    return str_starts(tlp, STR("TLP:AMBER")) ? STR("AMBER") : STR("RED");
}

/* ?1 campaign, ?2 country or '', ?3 AS or 0. The last condition is what may be told. */
static const char servers[] =
    "SELECT s.asset, s.case_id, s.org, s.name, s.product, s.build, s.ip, s.port, s.country, s.asn, s.exposure, s.compromise, s.suspicion, s.last_seen_us, s.exposure_us, s.compromise_us,"
    " o.name, o.sector, o.country, EXISTS (SELECT 1 FROM case_fact f JOIN case_asset a ON a.subject = f.subject JOIN case_source q ON q.id = f.source"
    "   WHERE a.asset = s.asset AND f.campaign = s.campaign AND f.kind IN (2, 3) AND (q.releasable = 1 OR q.tlp NOT IN ('TLP:RED', 'TLP:AMBER+STRICT')))"
    " FROM case_server s JOIN case_state c ON c.case_id = s.case_id LEFT JOIN case_org o ON o.org = s.org"
    " WHERE s.campaign = ?1 AND c.verified_us IS NOT NULL AND s.not_mine = 0 AND (?2 = '' OR s.country = ?2) AND (?3 = 0 OR s.asn = ?3) AND (s.exposure IN (1, 2) OR s.compromise IN (2, 5))"
    " AND (EXISTS (SELECT 1 FROM case_look k WHERE k.asset = s.asset AND k.campaign = s.campaign) OR EXISTS (SELECT 1 FROM case_fact f JOIN case_asset a ON a.subject = f.subject"
    "   JOIN case_source q ON q.id = f.source WHERE a.asset = s.asset AND f.campaign = s.campaign AND (q.releasable = 1 OR q.tlp NOT IN ('TLP:RED', 'TLP:AMBER+STRICT'))))"
    " ORDER BY s.asn, s.ip, s.asset";

struct work { struct cli *c; const struct args *args; struct case_data d; struct export_ask ask; struct share *share; export_row *row; uint64_t n, held; };

static struct export_server server_of(struct work *w, struct store_stmt *st, struct arena *a)
{
    struct export_server s = { .asset = store_int(st, 0), .case_ = store_int(st, 1), .org = store_int(st, 2), .port = (uint16_t)store_int(st, 7), .asn = (uint32_t)store_int(st, 9),
                               .exposure = (enum exposure)store_int(st, 10), .seen_us = store_time(st, 13), .exposure_us = store_time(st, 14), .compromise_us = store_time(st, 15) };
    const struct { struct str *to; int column; } text[] = { { &s.name, 3 }, { &s.product, 4 }, { &s.build, 5 }, { &s.country, 8 }, { &s.organisation, 16 }, { &s.sector, 17 }, { &s.cert_country, 18 } };

    for (size_t i = 0; i < COUNT_OF(text); i++)
        *text[i].to = str_dup(a, str_sub(store_text(st, text[i].column), 0, LEDGER_TEXT_MAX));
    s.has_ip = store_bytes(st, 6).n == 16;
    if (s.has_ip)
        memcpy(s.ip, store_bytes(st, 6).p, 16);
    /* A back door that only a source under embargo knows of is not told. */
    int64_t what = store_int(st, 11);
    s.backdoored = (what == COMPROMISE_BACKDOORED || what == COMPROMISE_RELAPSED) && store_int(st, 19) != 0;
    case_name_of(&w->d, s.case_, w->ask.campaign->id, s.case_name);
    return s;
}

static bool rows(struct work *w, struct err *e)
{
    struct store_stmt *st;
    uint64_t           asn = 0;

    (void)num_u64(w->args->value[ASN], &asn);
    if (!bind_open(w->d.store, servers, BOUND(B_INT(w->ask.campaign->id), B_TEXT(w->args->value[COUNTRY]), B_INT(asn)), &st, e))
        return false;
    enum store_got got;
    bool           ok = true;
    while (ok && (got = store_step(st, e)) == STORE_ROW) {
        struct arena         a = w->c->scratch;
        struct export_server s = server_of(w, st, &a);

        if (!s.backdoored && s.exposure != EXPOSURE_VULNERABLE && s.exposure != EXPOSURE_MITIGATED) {
            w->held++;
            continue;
        }
        if (w->row)
            w->row(&w->ask, w->c->out, &s, w->n);
        else
            ok = share_victim(w->share, &s, e);
        w->n++;
    }
    store_finish(st);
    return ok && e->kind == ERR_NONE;
}

/* Who looked, with version; of the newest that did. */
static bool detector(struct work *w, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(w->d.store, "SELECT DISTINCT tool FROM case_report ORDER BY tool DESC LIMIT 1", &st, e))
        return false;
    w->ask.detector = store_step(st, e) == STORE_ROW ? str_dup(&w->c->keep, str_sub(store_text(st, 0), 0, 100)) : STR("afterpatch");
    store_finish(st);
    return e->kind == ERR_NONE;
}

static bool audit(struct work *w, const char *what, struct str detail, struct err *e)
{
    return ledger_begin(w->d.ledger, e) && ledger_audit(w->d.ledger, what, w->ask.to, detail, e) && ledger_commit(w->d.ledger, e);
}

static bool make(struct work *w, struct err *e)
{
    const struct args *a = w->args;
    size_t             form = 0;

    while (a->given[AS] && form < COUNT_OF(forms) && !str_eq(a->value[AS], str_c(forms[form].name)))
        form++;
    if (a->operand_n || form == COUNT_OF(forms))
        return err_set(e, ERR_USAGE, "%s", a->operand_n ? "export takes no operand" : "no such form");
    bool objects = forms[form].objects, victims = !objects || a->given[VICTIMS];
    if (a->given[VICTIMS] && a->given[INTRUDERS])
        return err_set(e, ERR_USAGE, "victims and intruders never stand in one export");
    if (!objects && (a->given[VICTIMS] || a->given[INTRUDERS]))
        return err_set(e, ERR_USAGE, "--victims and --intruders go with --as stix and --as misp");
    uint64_t asn;
    if (a->given[ASN] && (!num_u64(a->value[ASN], &asn) || asn == 0 || asn > UINT32_MAX))
        return err_set(e, ERR_USAGE, "--asn takes the number of an AS");
    if (victims && str_trim(a->value[TO]).n == 0) {
        err_set(e, ERR_USAGE, "this export names victims: who gets it?");
        return err_hint(e, "--to \"CERT Example\"; it is kept in the audit");
    }
    if (!case_write(&w->d, w->c, a->value[STORE], a->value[WHO], e) || !case_board(&w->d, e) || !case_campaign_named(&w->d, a->value[CAMPAIGN], &w->ask.campaign, e))
        return false;
    w->row = forms[form].row;
    w->ask.d = &w->d;
    w->ask.to = str_trim(a->value[TO]);
    w->ask.tlp = a->given[TLP] ? a->value[TLP] : STR("TLP:AMBER");
    w->ask.feed = a->given[FEED] ? a->value[FEED] : str_fmt(&w->c->keep, "campaign-%.*s", STR_ARG(w->ask.campaign->slug));
    w->ask.made_us = w->d.made_us;
    if (str_eq(w->ask.campaign->group, STR("ProxyLogon")))      /* the way in; a server that lacks the fix of one lacks those of all four */
        w->ask.cve = STR("CVE-2021-26855");
    /* Before the first name leaves: an export that breaks off was one, too. */
    if (victims && !audit(w, "export", str_fmt(&w->c->keep, "%s, %.*s", forms[form].name, STR_ARG(w->ask.tlp)), e))
        return false;
    if (!detector(w, e) || (objects && !share_open(&w->share, &w->ask, w->c->out, str_eq(a->value[AS], STR("misp")), e)))
        return false;
    if (!(victims ? rows(w, e) : share_intruders(w->share, e)) || (objects && !share_end(w->share, e)))
        return false;
    return !victims || audit(w, "exported", str_fmt(&w->c->keep, "%s, %.*s, %llu servers", forms[form].name, STR_ARG(w->ask.tlp), (unsigned long long)w->n), e);
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct work w = { .c = c, .args = args };
    struct err  e = { 0 };
    bool        ok = make(&w, &e);

    case_close(&w.d);
    if (!ok)
        return cli_fail(c, verb->name, &e);
    if (w.held) {
        char text[96];
        snprintf(text, sizeof text, "%llu servers left out: what is known of them may not be told on", (unsigned long long)w.held);
        cli_note(c, text, STR_EMPTY);
    }
    return CLI_DONE;
}

static const struct example examples[] = {
    { "afterpatch case export --as idf --country AT --to \"CERT.at\" > at.jsonl", "For a national team's IntelMQ" },
    { "afterpatch case export --as csv --asn 64500 --to \"Example Telecom\"", "For the network operator who can reach the line's holder" },
    { "afterpatch case export --as misp > intruders.json", "What may be told of the intruder groups: no victim is in it" },
    { NULL, NULL },
};

const struct verb verb_case_export = {
    .name = "case export", .about = "servers or intruders in the forms that other teams and tools read", .usage = "[OPTION]...",
    .text = "Servers of verified cases that are exposed or hold a back door, with their case's number; or, as STIX and MISP, what may be told of the intruder groups. The two never stand in one "
            "export. What a source allows nobody else to see (TLP:RED, TLP:AMBER+STRICT, and not marked as releasable) opens cases here, and is in no export.\n\n"
            "Where victims are named, --to says who gets it, and the audit keeps that.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
