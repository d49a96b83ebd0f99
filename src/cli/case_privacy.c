/* case privacy: what the store holds of one organisation, its erasure, legal hold, retention, and whom not to write to. See casework/privacy.h. */
#include "cli/case.h"

#include "base/net.h"
#include "base/num.h"
#include "casework/privacy.h"
#include "casework/suppress.h"
#include "cli/case_data.h"
#include "emit/json.h"
#include "notify/paper_erase.h"
#include "notify/privacy.h"
#include "notify/tables.h"
#include "store/bind.h"
#include "survey/record.h"

#include <stdio.h>
#include <string.h>

enum { STORE, CAMPAIGN, REASON, SCOPE, DRY, WHO };
static const struct opt opts[] = {
    [STORE]    = CASE_OPT_STORE,
    [CAMPAIGN] = CASE_OPT_CAMPAIGN,
    [REASON]   = CASE_OPT_REASON,
    [SCOPE]    = { "scope", "WORD", "with opt-out: what it declines: a campaign's name, reminders (all)", NULL },
    [DRY]      = { "dry-run", NULL, "with retain: tells what would go, and changes nothing", NULL },
    [WHO]      = CASE_OPT_WHO,
    { NULL, NULL, NULL, NULL }
};

#define PRIVACY_ROOM ((size_t)1 << 30)             /* address space */

struct view { struct case_data d; const struct args *args; struct arena room; bool waits; };      /* waits: a file of an erased organisation lies there still */

/* --- export --- */

#define ASSETS   "(SELECT asset FROM case_member WHERE org = ?1)"
#define SUBJECTS "(SELECT subject FROM case_asset WHERE asset IN " ASSETS ")"
#define CASES    "(SELECT id FROM case_case WHERE org = ?1)"
#define FILES    "(SELECT file FROM case_report WHERE subject IN " SUBJECTS ")"

/* Columns: i number, t text, u time, b bytes as hex, a address. */
static const struct { const char *name, *columns, *from, *form; } parts[] = {
    { "organisation", "name sector size country confidence servers", "case_org WHERE org = ?1", "ttttii" },
    { "cases", "id campaign opened_us", "case_case WHERE org = ?1 ORDER BY id", "iiu" },
    { "states", "case_id stage forced reason who servers vulnerable patched backdoored clean verified_us notified_us clean_us why", "case_state WHERE org = ?1 ORDER BY case_id", "iiittiiiiiuuut" },
    { "servers", "campaign asset name ip port country asn product build exposure exposure_us compromise compromise_us first_seen_us last_seen_us", "case_server WHERE org = ?1 ORDER BY campaign, asset", "iitaitittiuiuuu" },
    { "names", "subject name", "case_subject_name WHERE subject IN " SUBJECTS " ORDER BY subject, name", "it" },
    { "records", "id ip port tls node domain", "case_subject WHERE id IN " SUBJECTS " ORDER BY id", "iaibtt" },
    { "links", "id kind value country confidence name sector size source observed_us recorded_us", "case_link WHERE subject IN " SUBJECTS " ORDER BY id", "iittitttiuu" },
    { "keys", "asset key by_what confidence source detail", "case_edge WHERE asset IN " ASSETS " ORDER BY asset, key", "iiiiit" },
    { "entries", "id list number name sector size domain country since_us until_us", "case_entry WHERE id IN (SELECT row_id FROM case_edge WHERE by_what = 1 AND asset IN " ASSETS ") ORDER BY id", "itttttttuu" },
    { "contacts", "id channel address about about_value rung role name language observed_us until_us recorded_us",
      "case_contact WHERE (about = 5 AND about_value = ?2) OR (about = 0 AND about_value IN (SELECT k.value FROM case_key k JOIN case_edge x ON x.key = k.id WHERE k.class = 3 AND x.asset IN " ASSETS "))"
      " ORDER BY id", "iititittt" "uuu" },
    { "facts", "id campaign of_case case_id subject kind grade value source observed_us recorded_us own_us reason who", "case_fact WHERE (of_case = 0 AND subject IN " SUBJECTS ") OR (of_case = 1 AND case_id IN " CASES
      ") ORDER BY id", "iiiiiiiiiuuutt" },
    { "reports", "file campaign subject verdict door_open theft tool packs grade why hunted_us from_us to_us mail_bytes", "case_report WHERE subject IN " SUBJECTS " ORDER BY file", "iiittttti" "tuuui" },
    { "back_doors", "file at way path state kind used sha256 shell_key created_us removed_us first_us last_us requests", "case_door WHERE file IN " FILES " ORDER BY file, way, at", "iiitttttt" "uuuui" },
    { "files", "id name kind sha256 size_bytes recorded_us", "case_file WHERE id IN " FILES " ORDER BY id", "ittbiu" },
    { "observations", "id observed_us recorded_us source_name detector ip port node build means reach cert_name ad_domain", "survey_fact WHERE id IN (SELECT o.id FROM survey_observation o WHERE o.target IN "
      SUBJECTS ") ORDER BY id", "iuuttaitiiitt" },
    { "notices", "id case_id stage channel contact audience finding language minimal state date_us subject answer changed_us", "notify_notice WHERE case_id IN " CASES " ORDER BY id", "iiiitiitiiuttu" },
    { "notice_events", "notice at_us who step attempt code detail", "notify_event WHERE notice IN (SELECT id FROM notify_notice WHERE case_id IN " CASES ") ORDER BY id", "iutiiit" },
    { "desk_files", "notice folder name sha256 at_us gone_us", "notify_file WHERE notice IN (SELECT id FROM notify_notice WHERE case_id IN " CASES ") ORDER BY folder, name", "ittbuu" },
    { "mail", "id received_us kind notice sender subject excerpt ticket state", "notify_inbox WHERE case_id IN " CASES " ORDER BY id", "iuiitttti" },
    { "holds", "at_us who why ended_us", "case_hold WHERE org = ?1 ORDER BY at_us", "uttu" },
    { "erasures", "at_us who why rows_n", "case_erased WHERE org = ?1 ORDER BY at_us", "utti" },
    { "audit", "id at_us who what about detail", "case_audit WHERE about = ?2 OR about IN (SELECT 'case ' || CAST(id AS TEXT) FROM case_case WHERE org = ?1 UNION SELECT 'link ' || CAST(id AS TEXT) FROM case_link WHERE subject IN " SUBJECTS ") ORDER BY id", "iutttt" },
};

static void cell(struct js *j, struct store_stmt *st, int at, char form)
{
    char     text[NET_TEXT];
    struct str s;

    if (store_null(st, at)) {
        js_null(j);
        return;
    }
    switch (form) {
    case 'i': js_i64(j, store_int(st, at)); break;
    case 'u': js_time(j, store_int(st, at)); break;
    case 'a':
        s = store_bytes(st, at);
        if (s.n == 16) {
            net_ip_text(s.p, text);
            js_c(j, text);
        } else
            js_null(j);
        break;
    case 'b':
        s = store_bytes(st, at);
        js_hex(j, s.p, s.n > 64 ? 64 : s.n);
        break;
    default: js_str(j, store_text(st, at)); break;
    }
}

static bool part(struct view *v, struct js *j, size_t p, int64_t org, struct err *e)
{
    char               sql[1600], columns[400], number[24], about[40];
    const char        *name[16];
    int                n = 0;
    struct store_stmt *st;

    snprintf(columns, sizeof columns, "%s", parts[p].columns);
    for (char *save = NULL, *w = strtok_r(columns, " ", &save); w && n < 16; w = strtok_r(NULL, " ", &save))
        name[n++] = w;
    int at = snprintf(sql, sizeof sql, "SELECT ");
    for (int i = 0; i < n; i++)
        at += snprintf(sql + at, sizeof sql - (size_t)at, "%s%s", i ? ", " : "", name[i]);
    snprintf(sql + at, sizeof sql - (size_t)at, " FROM %s", parts[p].from);
    snprintf(number, sizeof number, "%lld", (long long)org);
    snprintf(about, sizeof about, "org %lld", (long long)org);
    if (!store_prepare(v->d.store, sql, &st, e))
        return false;
    store_bind_int(st, 1, org);
    if (strstr(sql, "?2"))
        store_bind_text(st, 2, str_c(strstr(sql, "case_audit") ? about : number));
    js_key(j, parts[p].name);
    js_array(j);
    while (case_row(&st, e)) {
        js_object(j);
        for (int i = 0; i < n; i++) {
            js_key(j, name[i]);
            cell(j, st, i, parts[p].form[i]);
        }
        js_end(j);
    }
    js_end(j);
    return e->kind == ERR_NONE;
}

static bool export(struct view *v, int64_t org, struct err *e)
{
    struct js j;
    char      about[40];

    snprintf(about, sizeof about, "org %lld", (long long)org);
    if (!ledger_begin(v->d.ledger, e) || !ledger_audit(v->d.ledger, "privacy export", str_c(about), v->args->value[REASON], e) || !ledger_commit(v->d.ledger, e))
        return false;
    js_open(&j, v->d.c->out, false);
    js_object(&j);
    js_key(&j, "view"); js_c(&j, "privacy_export");
    js_key(&j, "org");  js_i64(&j, org);
    js_key(&j, "made"); js_time(&j, ledger_now(v->d.ledger));
    for (size_t p = 0; p < COUNT_OF(parts); p++)
        if (!part(v, &j, p, org, e))
            return false;
    js_end(&j);
    out_c(v->d.c->out, "\n");
    return true;
}

/* --- the verb --- */

static bool find_org(struct view *v, int64_t *ret, struct err *e)
{
    struct str        word = v->args->operand[1];
    struct case_found found;
    uint64_t          n;

    if (str_starts(word, STR("org:")) && num_u64(str_from(word, 4), &n) && n > 0 && n <= INT64_MAX) {      /* also of one that is in no case */
        *ret = (int64_t)n;
        return true;
    }
    if (!case_find(&v->d, word, v->args->value[CAMPAIGN], &found, e))
        return false;
    *ret = found.org;
    return found.org || err_set(e, ERR_USAGE, "this server is in no case: nobody has said whose it is");
}

/* What the desk's folders have of erased organisations, after the commit. */
static bool desk(struct view *v, struct err *e)
{
    enum { TOLD = 40 };
    struct out         *o = v->d.c->out;
    struct paper_erased n;

    if (!paper_erase(v->d.ledger, v->d.c->os, &v->d.c->keep, &n, e))
        return false;
    v->waits = n.waiting > 0;
    if (n.removed + n.gone)
        out_fmt(o, "letters and call sheets in the desk's folders: %llu removed, %llu were not there any more\n", (unsigned long long)n.removed, (unsigned long long)n.gone);
    if (n.left_n)
        out_c(o, "a person has to look at these, and remove them:\n");
    for (size_t i = 0; i < n.left_n && i < TOLD; i++) {
        out_c(o, "  ");
        out_term(o, n.left[i].folder, 0);
        out_c(o, "/");
        out_term(o, n.left[i].name, 0);
        out_c(o, ": ");
        out_term(o, n.left[i].why, 0);
        out_c(o, "\n");
    }
    if (n.left_n > TOLD || n.left_more)
        out_fmt(o, "  and %llu more\n", (unsigned long long)(n.left_n - TOLD + n.left_more));
    if (n.waiting)
        out_fmt(o, "%llu of them are looked for again by the next erasure or retention\n", (unsigned long long)n.waiting);
    return true;
}

static bool elsewhere(struct view *v, int64_t org, struct err *e)
{
    struct privacy_elsewhere n;

    if (!notify_privacy_elsewhere(v->d.store, org, &n, e))
        return false;
    out_fmt(v->d.c->out, "out of reach, for a person: %llu mails in the mail server's queue, archive and log; %llu letters and %llu call sheets on paper; %llu mails of theirs in the team's mailbox;\n"
                         "files that were imported or exported, backups of the store\n",
            (unsigned long long)n.mails, (unsigned long long)n.letters, (unsigned long long)n.calls, (unsigned long long)n.answers);
    return true;
}

static bool erase(struct view *v, int64_t org, struct err *e)
{
    struct privacy_erased n;

    if (!privacy_erase(v->d.ledger, org, v->args->value[REASON], &notify_privacy, v->room, &n, e))
        return false;
    out_fmt(v->d.c->out, "organisation %lld erased: %llu rows; %llu links, %llu contacts, bytes of %llu files, %llu texts that named it\n", (long long)org, (unsigned long long)n.rows,
            (unsigned long long)n.links, (unsigned long long)n.contacts, (unsigned long long)n.bytes, (unsigned long long)n.mentions);
    out_fmt(v->d.c->out, "kept without a name, for the figures: %llu servers in %llu cases\n", (unsigned long long)n.servers, (unsigned long long)n.cases);
    if (!desk(v, e) || !elsewhere(v, org, e))
        return false;
    out_c(v->d.c->out, "`afterpatch case update` works the rest out anew\n");
    return true;
}

static bool retain(struct view *v, struct err *e)
{
    struct privacy_retained r;
    const char             *gone = v->args->given[DRY] ? "would go" : "went";

    if (!privacy_retain(v->d.ledger, v->args->given[DRY], &notify_privacy, v->room, &r, e))
        return false;
    out_fmt(v->d.c->out, "contacts without proof of life for %d days: %llu %s\norganisations whose cases closed %d days ago: %llu %s, %llu held\n", PRIVACY_CONTACT_DAYS, (unsigned long long)r.contacts, gone,
            PRIVACY_CLOSED_DAYS, (unsigned long long)r.organisations, gone, (unsigned long long)r.held);
    out_fmt(v->d.c->out, "refused rows older than %d days: %llu %s\nfiles whose bytes are older than %d days: %llu %s, the hash stays\n", PRIVACY_RAW_DAYS, (unsigned long long)r.raw, gone, PRIVACY_BYTES_DAYS,
            (unsigned long long)r.bytes, gone);
    out_fmt(v->d.c->out, "bytes of notices, words of mail, look-ups past their date: %llu %s\n", (unsigned long long)r.also, gone);
    return v->args->given[DRY] || desk(v, e);
}

static bool opt_out(struct view *v, struct err *e)
{
    struct ledger *l = v->d.ledger;
    bool           fresh = false;

    if (!ledger_begin(l, e))
        return false;
    if (!suppress_add(l, v->args->operand[1], v->args->value[SCOPE], v->args->value[REASON], &fresh, e) || !ledger_commit(l, e)) {
        ledger_rollback(l);
        return false;
    }
    out_c(v->d.c->out, fresh ? "recorded: nothing is sent there any more; only a hash of it is kept\n" : "known already\n");
    return true;
}

enum { EXPORT, ERASE, HOLD, RELEASE, RETAIN, OPT_OUT, WORDS };
static const struct { const char *word; bool operand, reason; const char *what; } words[WORDS] = {
    [EXPORT] = { "export", true, false, "" }, [ERASE] = { "erase", true, true, "an erasure" }, [HOLD] = { "hold", true, true, "a legal hold" }, [RELEASE] = { "release", true, true, "the end of a hold" },
    [RETAIN] = { "retain", false, false, "" }, [OPT_OUT] = { "opt-out", true, true, "an opt-out" },
};

static bool make(struct view *v, struct cli *c, struct err *e)
{
    const struct args *a = v->args;
    int                w = 0;
    int64_t            org = 0;

    while (a->operand_n && w < WORDS && !str_eq(a->operand[0], str_c(words[w].word)))
        w++;
    if (!a->operand_n || w == WORDS) {
        err_set(e, ERR_USAGE, "what is to be done?");
        return err_hint(e, "export, erase, hold, release, retain or opt-out");
    }
    if (a->operand_n != (words[w].operand ? 2 : 1)) {
        err_set(e, ERR_USAGE, words[w].operand ? "%s is about one" : "%s takes no operand", words[w].word);
        return err_hint(e, w == OPT_OUT ? "a mail address or a domain" : words[w].operand ? "a case, a server, or org:17" : "it is about all of the store");
    }
    if ((a->given[SCOPE] && w != OPT_OUT) || (a->given[DRY] && w != RETAIN))
        return err_set(e, ERR_USAGE, a->given[SCOPE] ? "--scope goes with opt-out" : "--dry-run goes with retain");
    if ((words[w].reason && !case_reason(a->value[REASON], words[w].what, e)) || !case_write(&v->d, c, a->value[STORE], a->value[WHO], e) || !os_arena_map(&v->room, PRIVACY_ROOM, e))
        return false;
    if ((w == EXPORT || w == ERASE || w == RETAIN) && (!store_migrate(v->d.store, &record_layer, e) || !store_migrate(v->d.store, &notify_layer, e)))
        return false;
    if (w != RETAIN && w != OPT_OUT && !find_org(v, &org, e))
        return false;
    switch (w) {
    case EXPORT:  return export(v, org, e);
    case ERASE:   return erase(v, org, e);
    case HOLD:    return privacy_hold(v->d.ledger, org, a->value[REASON], e) && (out_fmt(c->out, "organisation %lld is under legal hold: neither erased nor retained away\n", (long long)org), true);
    case RELEASE: return privacy_release(v->d.ledger, org, a->value[REASON], e) && (out_fmt(c->out, "the hold on organisation %lld has ended\n", (long long)org), true);
    case RETAIN:  return retain(v, e);
    default:      return opt_out(v, e);
    }
}

static int run(struct cli *c, const struct verb *verb, const struct args *args)
{
    struct view v = { .args = args };
    struct err  e = { 0 };
    bool        ok = make(&v, c, &e);

    os_arena_unmap(&v.room);
    case_close(&v.d);
    return !ok ? cli_fail(c, verb->name, &e) : v.waits ? CLI_FAILED : CLI_DONE;
}

static const struct example examples[] = {
    { "afterpatch case privacy export 2021-000123 > all.json", "All that is held of this case's organisation" },
    { "afterpatch case privacy erase org:17 --reason 'their request of 2 June'", "Its names go; what was counted stays, without them" },
    { "afterpatch case privacy retain --dry-run", "What is older than it may be" },
    { "afterpatch case privacy opt-out it@bakery.example --reason 'they declined' --scope reminders", "Whom not to write to" },
    { NULL, NULL },
};

const struct verb verb_case_privacy = {
    .name = "case privacy", .about = "one organisation's data: export, erasure, legal hold; retention; opt-out", .usage = "[OPTION]... export|erase|hold|release|retain|opt-out [OPERAND]",
    .text = "export ORG writes all that the store holds of an organisation as JSON. erase ORG takes its names, addresses, links, contacts and reports out, and keeps numbers alone, so that figures stay true; "
            "the survey's words that nobody else has go with them, and its letters and call sheets from the desk's folders; what could not be taken there, and what lies out of reach, is listed. hold "
            "ORG forbids both that and retention, release ORG ends it. retain takes away what is older than it may be: contacts and closed cases 12 months, refused rows 180 days, bytes of evidence "
            "and of notices 90 days, words of mail 12 months. opt-out ADDRESS or DOMAIN: kept as a hash only.\n\n"
            "ORG is a case, one of its servers, or org:17. Each is done whole or not at all, and stands in the audit with your name and reason. Files go after that; the next erasure or retention "
            "takes what one could not.\n\n"
            "Exit code 1: a file of an erased organisation lies in a folder still.",
    .opt = opts, .example = examples, .words = "", .run = run,
};
