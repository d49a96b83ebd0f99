/*
 * case_fixture: a store with casework, filled as an update would leave it. Only tests include it.
 *
 * Shape    fixture_open makes a store in a folder of its own, or takes an address (PostgreSQL); fixture_sql runs statements, with %S standing for a hostile text.
 *          fixture_small is the campaign of the golden screens; fixture_large N organisations with three servers each.
 */
#ifndef CLI_CASE_FIXTURE_H
#define CLI_CASE_FIXTURE_H

#include "cli/cli_fake.h"

#include "casework/ledger.h"
#include "casework/tables.h"
#include "emit/visible.h"

#include <stdlib.h>
#include <string.h>

struct fixture { char dir[40], where[200]; struct store *s; };

/* What a victim's administrator, or an intruder, may have named things: it must be inert everywhere. */
#define HOSTILE "\x1b]0;x\x07<b onload=x>&\"'`$(id)\\=cmd|' /C calc'!A0\r\nBcc: x\xe2\x80\xae\xff,;"

static inline void fixture_exec(struct fixture *f, const char *sql)
{
    struct err e = { 0 };

    if (!store_exec(f->s, sql, &e))
        fail_msg("%s: %.300s", e.what, sql);
}

/* where: of a server, or NULL for a file. */
static inline void fixture_open(struct fixture *f, const char *where)
{
    struct err e = { 0 };

    *f = (struct fixture){ .dir = "/tmp/case-XXXXXX" };
    CHECK(mkdtemp(f->dir) != NULL);
    if (where)
        snprintf(f->where, sizeof f->where, "%s", where);
    else
        snprintf(f->where, sizeof f->where, "%s/s.db", f->dir);
    if (!store_open(&f->s, str_c(f->where), STORE_WRITE, &e) || !store_migrate(f->s, &casework_layer, &e))
        fail_msg("%s", e.what);
    CHECK(store_begin(f->s, &e));
}

/* What was filled in is there for readers. */
static inline void fixture_done(struct fixture *f)
{
    struct err e = { 0 };

    CHECK(store_commit(f->s, &e));
    store_close(f->s);
    f->s = NULL;
}

static inline void fixture_clear(struct fixture *f)
{
    char command[64];

    store_close(f->s);
    snprintf(command, sizeof command, "rm -r %s", f->dir);
    CHECK(system(command) == 0);
}

/* 2021-03-02T00:00:00Z and n days after. */
static inline int64_t fixture_day(int n) { return (INT64_C(18688) + n) * TIME_DAY; }

struct fixture_row { struct fixture *f; struct store_stmt *st; int at; };
static inline struct fixture_row fixture_row(struct fixture *f, const char *sql)
{
    struct fixture_row r = { f, NULL, 0 };
    struct err         e = { 0 };

    if (!store_prepare(f->s, sql, &r.st, &e))
        fail_msg("%s: %.300s", e.what, sql);
    return r;
}
static inline void put_int(struct fixture_row *r, int64_t v) { v == TIME_NONE ? store_bind_null(r->st, ++r->at) : store_bind_int(r->st, ++r->at, v); }
static inline void put_text(struct fixture_row *r, const char *v) { store_bind_text(r->st, ++r->at, str_c(v)); }
static inline void put_bytes(struct fixture_row *r, const void *p, size_t n) { store_bind_bytes(r->st, ++r->at, (struct str){ p, n }); }
static inline void put_row(struct fixture_row *r)
{
    struct err e = { 0 };

    if (!store_run(r->st, &e))
        fail_msg("%s", e.what);
    r->at = 0;
}

static inline void fixture_campaign(struct fixture *f, int64_t id, const char *slug, const char *title)
{
    struct fixture_row r = fixture_row(f, "INSERT INTO case_campaign (id, slug, title, build_group, begun_us, report_us, patch_us, code_us) VALUES (?1, ?2, ?3, 'ProxyLogon', ?4, ?5, ?6, ?7)");

    put_int(&r, id);
    put_text(&r, slug);
    put_text(&r, title);
    put_int(&r, fixture_day(-58));
    put_int(&r, fixture_day(0));
    put_int(&r, fixture_day(0));
    put_int(&r, fixture_day(8));
    put_row(&r);
    store_finish(r.st);
}

static inline void fixture_board(struct fixture *f, int day)
{
    struct fixture_row r = fixture_row(f, "INSERT INTO case_board (id, made_us, known_us, survey_id, day, generation) VALUES (1, ?1, NULL, 0, ?2, 1)");

    put_int(&r, fixture_day(day) + 6 * TIME_HOUR);
    put_int(&r, fixture_day(day) / TIME_DAY);
    put_row(&r);
    store_finish(r.st);
}

struct fixture_org { int64_t org; const char *name, *sector, *size, *country, *address; int64_t sector_source, provider; };
static inline void fixture_org(struct fixture *f, const struct fixture_org *o)
{
    struct fixture_row r = fixture_row(f, "INSERT INTO case_org (org, name, name_from, sector, sector_source, size, country, confidence, servers, provider) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, 95, 1, ?7)");

    put_int(&r, o->org);
    put_text(&r, o->name);
    put_text(&r, o->sector);
    put_int(&r, o->sector_source);
    put_text(&r, o->size);
    put_text(&r, o->country);
    put_int(&r, o->provider);
    put_row(&r);
    store_finish(r.st);
    r = fixture_row(f, "INSERT INTO case_org_country (org, country) VALUES (?1, ?2)");
    put_int(&r, o->org);
    put_text(&r, o->address);
    put_row(&r);
    store_finish(r.st);
}

struct fixture_case {
    int64_t id, campaign, org; enum case_stage stage; int forced; uint32_t needs; int servers, vulnerable, patched, backdoored, both, hunted, clean; int64_t urgency; const char *why, *reason;
};
static inline void fixture_case(struct fixture *f, const struct fixture_case *c)
{
    struct fixture_row r = fixture_row(f, "INSERT INTO case_case (id, campaign, org, opened_us) VALUES (?1, ?2, ?3, ?4)");

    put_int(&r, c->id);
    put_int(&r, c->campaign);
    put_int(&r, c->org);
    put_int(&r, fixture_day(1));
    put_row(&r);
    store_finish(r.st);
    r = fixture_row(f, "INSERT INTO case_state (case_id, campaign, org, stage, derived, forced, contradicted, reason, who, forced_us, needs, servers, vulnerable, patched, backdoored,"
                       " patched_backdoored, hunted, clean, relapsed, missed, re_entered, beyond, stolen, suspicion, verified_us, notified_us, delivered_us, acknowledged_us, patched_us,"
                       " hunted_us, clean_us, changed_us, urgency, why) VALUES (?1, ?2, ?3, ?4, ?4, ?5, 0, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 0, 0, 0, 0, 0, 0, ?17, NULL,"
                       " NULL, NULL, NULL, NULL, NULL, ?18, ?19, ?20)");
    put_int(&r, c->id);
    put_int(&r, c->campaign);
    put_int(&r, c->org);
    put_int(&r, c->stage);
    put_int(&r, c->forced);
    put_text(&r, c->reason ? c->reason : "");
    put_text(&r, c->forced ? "berta" : "");
    put_int(&r, c->forced ? fixture_day(20) : TIME_NONE);
    put_int(&r, c->needs);
    const int n[] = { c->servers, c->vulnerable, c->patched, c->backdoored, c->both, c->hunted, c->clean };
    for (size_t i = 0; i < sizeof n / sizeof *n; i++)
        put_int(&r, n[i]);
    put_int(&r, fixture_day(5));
    put_int(&r, fixture_day(9));
    put_int(&r, c->urgency);
    put_text(&r, c->why);
    put_row(&r);
    store_finish(r.st);
}

struct fixture_server { int64_t campaign, asset, org, case_; const char *name; uint8_t ip[4]; const char *country; enum exposure exposure; enum compromise compromise; int clean, flags; };
static inline void fixture_server(struct fixture *f, const struct fixture_server *v)
{
    struct fixture_row r = fixture_row(f, "INSERT INTO case_server (campaign, asset, org, case_id, name, ip, port, country, asn, product, build, exposure, exposure_grade, exposure_us,"
                                          " compromise, compromise_grade, compromise_us, clean, was_clean, suspicion, hunted, re_entered, not_mine, still_there, backdoored_ever, beyond, theft,"
                                          " clean_us, hunted_us, relapses, missed, first_seen_us, last_seen_us, confidence, shared) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 443, ?7, 64500,"
                                          " 'Exchange Server 2016', '15.1.2176.2', ?8, 3, ?9, ?10, 4, ?11, ?12, 0, 0, 0, ?13, 0, 0, 0, 0, 0, NULL, NULL, 0, 0, ?9, ?11, 80, 0)");
    uint8_t ip[16] = { [10] = 0xff, [11] = 0xff, v->ip[0], v->ip[1], v->ip[2], v->ip[3] };

    put_int(&r, v->campaign);
    put_int(&r, v->asset);
    put_int(&r, v->org);
    put_int(&r, v->case_);
    put_text(&r, v->name);
    put_bytes(&r, ip, sizeof ip);
    put_text(&r, v->country);
    put_int(&r, v->exposure);
    put_int(&r, fixture_day(3));
    put_int(&r, v->compromise);
    put_int(&r, fixture_day(9));
    put_int(&r, v->clean);
    put_int(&r, v->flags & 1);
    put_row(&r);
    store_finish(r.st);
    r = fixture_row(f, "INSERT INTO case_server_name (asset, name) VALUES (?1, ?2)");
    put_int(&r, v->asset);
    put_text(&r, v->name);
    put_row(&r);
    store_finish(r.st);
}

static inline void fixture_audit(struct fixture *f, int day, const char *who, const char *what, const char *about, const char *detail)
{
    struct fixture_row r = fixture_row(f, "INSERT INTO case_audit (at_us, who, what, about, detail) VALUES (?1, ?2, ?3, ?4, ?5)");

    put_int(&r, fixture_day(day) + 9 * TIME_HOUR);
    put_text(&r, who);
    put_text(&r, what);
    put_text(&r, about);
    put_text(&r, detail);
    put_row(&r);
    store_finish(r.st);
}

enum { PROXYLOGON = 7 };

static inline void fixture_file(struct fixture *f, int64_t id, const char *name, const char *kind, int64_t source)
{
    struct fixture_row r = fixture_row(f, "INSERT INTO case_file (id, sha256, name, kind, size_bytes, campaign, source, recorded_us, whole, rows_n, taken, known, refused)"
                                          " VALUES (?1, ?2, ?3, ?4, 100, ?5, ?6, ?7, 1, 1, 1, 0, 0)");
    uint8_t hash[32] = { 0xab, (uint8_t)id };

    put_int(&r, id);
    put_bytes(&r, hash, sizeof hash);
    put_text(&r, name);
    put_text(&r, kind);
    put_int(&r, PROXYLOGON);
    put_int(&r, source);
    put_int(&r, fixture_day(10));
    put_row(&r);
    store_finish(r.st);
}

static inline void fixture_report(struct fixture *f, int64_t file, int64_t subject, int day, const char *verdict, enum grade grade, const char *why)
{
    struct fixture_row r = fixture_row(f, "INSERT INTO case_report (file, campaign, subject, verdict, door_open, theft, tool, packs, grade, why, hunted_us, from_us, to_us, patched_us,"
                                          " newest_us, placed_us, used_us, last_us, entered_us, re_entered, beyond, nonce_ok, back_doors, ways_back, mail_bytes, recorded_us)"
                                          " VALUES (?1, ?2, ?3, ?4, 'unproven', 'suspected', 'afterpatch 0.1.0', 'proxylogon 1', ?5, ?6, ?7, ?8, ?7, NULL, ?7, ?9, ?9, ?7, ?9, 1, 0, 0, 2, 1, 31500000, ?7)");
    put_int(&r, file);
    put_int(&r, PROXYLOGON);
    put_int(&r, subject);
    put_text(&r, verdict);
    put_int(&r, grade);
    put_text(&r, why);
    put_int(&r, fixture_day(day));
    put_int(&r, fixture_day(-58));
    put_int(&r, fixture_day(1));
    put_row(&r);
    store_finish(r.st);
}

static inline void fixture_door(struct fixture *f, int64_t file, int at, int way, const char *path, const char *state, const char *kind)
{
    struct fixture_row r = fixture_row(f, "INSERT INTO case_door (file, campaign, way, at, finding, path, state, kind, used, sha256, shell_key, intruder, created_us, removed_us, first_us, last_us, requests)"
                                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'used', '', '', 'I1', ?9, NULL, ?9, ?10, 14)");
    put_int(&r, file);
    put_int(&r, PROXYLOGON);
    put_int(&r, way);
    put_int(&r, at);
    put_int(&r, 1000 + at + way * 10);
    put_text(&r, path);
    put_text(&r, state);
    put_text(&r, kind);
    put_int(&r, fixture_day(1));
    put_int(&r, fixture_day(8));
    put_row(&r);
    store_finish(r.st);
}

static inline void fixture_notice(struct fixture *f, int64_t id, int64_t case_, int64_t notice, enum notice_step step, int day)
{
    struct fixture_row r = fixture_row(f, "INSERT INTO case_fact (id, campaign, of_case, case_id, subject, kind, grade, value, flags, attempt, source, finding, observed_us, recorded_us, own_us,"
                                          " reason, who, file, line) VALUES (?1, ?2, 1, ?3, ?4, ?5, 0, ?6, 0, 1, 0, 0, ?7, ?7, NULL, '', 'berta', 0, 0)");
    put_int(&r, id);
    put_int(&r, PROXYLOGON);
    put_int(&r, case_);
    put_int(&r, notice);
    put_int(&r, FACT_NOTICE);
    put_int(&r, step);
    put_int(&r, fixture_day(day));
    put_row(&r);
    store_finish(r.st);
}

/* Reports, back doors, two groups, notices, one of them inherited; then the same with names that must be inert. */
static inline void fixture_rest(struct fixture *f)
{
    fixture_exec(f, "INSERT INTO case_source (id, name, organisation, tlp, releasable) VALUES (40, 'bakers register', 'chamber', 'GREEN', 1), (41, 'victim', 'victim', 'AMBER', 1);"
                    "UPDATE case_org SET sector_source = 40 WHERE org = 1;"
                    "INSERT INTO case_asset (subject, asset) VALUES (101, 11), (102, 12), (103, 13), (104, 14), (105, 15), (106, 16);"
                    "INSERT INTO case_intruder (id, campaign, sessions, servers, first_us, last_us) VALUES (1, 7, 60, 41, 0, 0), (2, 7, 9, 1, 0, 0);"
                    "INSERT INTO case_visit (campaign, asset, file, session, intruder, first_us) VALUES (7, 11, 300, 1, 1, 1614650000000000), (7, 11, 300, 2, 2, 1614900000000000);"
                    "INSERT INTO case_mark (intruder, at, kind, value, sessions, servers, all_sessions) VALUES (1, 0, 2, 'orange', 58, 40, 58), (2, 0, 5, '203.0.113.66', 9, 1, 9);"
                    "INSERT INTO case_feature (id, file, campaign, subject, session, kind, value, first_us) VALUES (1, 300, 7, 101, 1, 2, 'orange', 0), (2, 300, 7, 101, 2, 5, '203.0.113.66', 0);"
                    "INSERT INTO case_heir (case_id, from_case) VALUES (123, 125)");
    fixture_file(f, 300, "report.json", "report", 41);
    fixture_file(f, 301, "later.json", "report", 41);
    fixture_file(f, 302, HOSTILE, "report", 0);
    fixture_report(f, 300, 101, 8, "backdoor_used", GRADE_B, "no known responder signed the report");
    fixture_report(f, 301, 101, 10, "backdoor_used", GRADE_C, "the report does not carry the case's nonce");
    fixture_report(f, 302, 106, 10, HOSTILE, GRADE_NONE, HOSTILE);
    fixture_door(f, 300, 0, 0, "C:\\inetpub\\wwwroot\\aspnet_client\\discover.aspx", "present", "evaluator");
    fixture_door(f, 300, 1, 0, "C:\\inetpub\\wwwroot\\aspnet_client\\b.aspx", "present", "uploader");
    fixture_door(f, 301, 0, 0, "C:\\inetpub\\wwwroot\\aspnet_client\\discover.aspx", "removed", "evaluator");
    fixture_door(f, 301, 0, 1, "Winnet", "present", "scheduled_task");
    fixture_door(f, 302, 0, 0, HOSTILE, HOSTILE, HOSTILE);
    fixture_notice(f, 501, 123, 9001, NOTICE_ACCEPTED, 6);
    fixture_notice(f, 502, 123, 9001, NOTICE_DELIVERED, 7);
    fixture_notice(f, 503, 125, 9002, NOTICE_BOUNCED_HARD, 0);
}

static inline void fixture_small(struct fixture *f)
{
    static const struct fixture_org org[] = {
        { 1, "Example Bakery Cooperative", "retail", "small", "AT", "AT", 0, 0 },
        { 2, "Sample Credit Union", "financial-services", "medium", "US", "US", 0, 0 },
        { 3, "Town of Somewhere", "government-local", "", "US", "DE", 0, 0 },
        { 4, "", "", "", "", "FR", 0, 0 },
        { 5, HOSTILE, HOSTILE, HOSTILE, "ZZ", "ZZ", 0, 1 },
    };
    static const struct fixture_case c[] = {
        { 123, PROXYLOGON, 1, CASE_BACKDOORED, 0, NEED_REMOVAL | NEED_PATCH, 2, 1, 1, 1, 1, 1, 0, 900, "a back door is there and nobody was told: call them today, not by mail to this server", NULL },
        { 124, PROXYLOGON, 2, CASE_VERIFIED, 0, NEED_PATCH | NEED_HUNT, 1, 1, 0, 0, 0, 0, 0, 600, "vulnerable, and no contact is known: look for one", NULL },
        { 125, PROXYLOGON, 3, CASE_CLEAN, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0, "", NULL },
        { 126, PROXYLOGON, 4, CASE_DISMISSED, 1, NEED_HUNT, 1, 0, 1, 0, 0, 0, 0, 200, "forced: look again before the campaign ends", "they say it is a honeypot" },
        { 127, PROXYLOGON, 5, CASE_NOTIFIED, 0, NEED_SUSPICION_SETTLED, 1, 1, 0, 0, 0, 0, 0, 500, HOSTILE, HOSTILE },
    };
    static const struct fixture_server v[] = {
        { PROXYLOGON, 11, 1, 123, "mail.bakery.example", { 192, 0, 2, 7 }, "AT", EXPOSURE_PATCHED, COMPROMISE_BACKDOORED, 0, 1 },
        { PROXYLOGON, 12, 1, 123, "old.bakery.example", { 192, 0, 2, 8 }, "AT", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN, 0, 0 },
        { PROXYLOGON, 13, 2, 124, "mail.union.example", { 198, 51, 100, 3 }, "US", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN, 0, 0 },
        { PROXYLOGON, 14, 3, 125, "owa.somewhere.example", { 198, 51, 100, 9 }, "DE", EXPOSURE_PATCHED, COMPROMISE_NEGATIVE, 1, 0 },
        { PROXYLOGON, 15, 4, 126, "", { 203, 0, 113, 4 }, "FR", EXPOSURE_PATCHED, COMPROMISE_UNKNOWN, 0, 0 },
        { PROXYLOGON, 16, 5, 127, HOSTILE, { 203, 0, 113, 5 }, "ZZ", EXPOSURE_VULNERABLE, COMPROMISE_SUSPECTED, 0, 0 },
    };

    fixture_campaign(f, PROXYLOGON, "proxylogon", "ProxyLogon");
    for (size_t i = 0; i < sizeof org / sizeof *org; i++)
        fixture_org(f, &org[i]);
    for (size_t i = 0; i < sizeof c / sizeof *c; i++)
        fixture_case(f, &c[i]);
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        fixture_server(f, &v[i]);
    /* A provider operates one server of the bakery and the credit union's. */
    fixture_exec(f, "INSERT INTO case_key (id, class, value, country, state, assets, domains) VALUES (900, 3, 'msp.example', '', 3, 40, 30);"
                    "INSERT INTO case_provider (key, org, how, name) VALUES (900, 5, 0, 'MSP Example');"
                    "INSERT INTO case_operates (key, asset, org) VALUES (900, 12, 1), (900, 13, 2)");
    fixture_rest(f);
    fixture_audit(f, 20, "berta", "force", "case 126", "dismissed: they say it is a honeypot");
    fixture_audit(f, 21, HOSTILE, HOSTILE, HOSTILE, HOSTILE);
    fixture_board(f, 29);
}

/* No byte that a terminal would obey, no line wider than the screen, at most 24 of them. */
static inline void fixture_inert(const char *why, struct str said, size_t columns, size_t lines)
{
    struct str rest = said, line;
    size_t     n = 0;

    for (size_t i = 0; i < said.n; i++)
        if ((said.p[i] < ' ' && said.p[i] != '\n') || said.p[i] == 0x7f)
            fail_msg("%s: byte %02x at %zu", why, said.p[i], i);
    CHECK_WHY(!str_has(said, STR("\xe2\x80\xae")) && !str_has(said, STR("\xff")), why);
    while (str_cut(&rest, '\n', &line)) {
        if (columns && visible_columns(line) > columns)
            fail_msg("%s: %zu columns: %.*s", why, visible_columns(line), STR_ARG(line));
        n++;
    }
    if (lines && n > lines)
        fail_msg("%s: %zu lines", why, n);
}

static inline void fixture_says(const char *why, struct str said, const char *what)
{
    if (!str_has(said, str_c(what)))
        fail_msg("%s: \"%s\" is not in:\n%.*s", why, what, STR_ARG(said));
}

#endif
