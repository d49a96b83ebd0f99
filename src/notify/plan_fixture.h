/*
 * plan_fixture: a campaign of N organisations, of which every plan has to make something else. Only tests include it.
 *
 * Cases    1..N. Case i is organisation 1000 + i with the server mail.oI.example, whose mail a provider takes; every fourth has a back door. Each has security@, a telephone, an address.
 *            2  its mail goes through its own server          6  abroad, with a CSIRT                11  opted out
 *            3 4 5  share an operator's mailbox                7  no contact at all                   12  its source may not be told
 *            8  clean      9  a candidate      10  answered   13  its text cannot be made
 * Pen      facts are the server's name; a message is a line of text.
 */
#ifndef NOTIFY_PLAN_FIXTURE_H
#define NOTIFY_PLAN_FIXTURE_H

#include "casework/ladder_fixture.h"

#include <stdatomic.h>
#include <unistd.h>

#include "notify/plan.h"
#include "notify/tables.h"

static inline void pf_state(struct lf *f, int64_t case_, int64_t org, enum case_stage stage, int vulnerable, int backdoored, int64_t acknowledged_us)
{
    lf_run(f, "INSERT INTO case_state (case_id, campaign, org, stage, derived, forced, contradicted, reason, who, forced_us, needs, servers, vulnerable, patched, backdoored, patched_backdoored, hunted,"
              " clean, relapsed, missed, re_entered, beyond, stolen, suspicion, verified_us, notified_us, delivered_us, acknowledged_us, patched_us, hunted_us, clean_us, changed_us, urgency, why)"
              " VALUES (?1, ?2, ?3, ?4, ?4, 0, 0, '', '', NULL, 0, 1, ?5, 0, ?6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NULL, NULL, ?7, NULL, NULL, NULL, 0, ?8, '')",
           BOUND(B_INT(case_), B_INT(f->campaign), B_INT(org), B_INT(stage), B_INT(vulnerable), B_INT(backdoored), B_TIME(acknowledged_us), B_INT(backdoored * 1000 + 500 - case_ % 500)));
}

static inline void pf_contact(struct lf *f, enum contact_channel channel, const char *address, enum contact_about about, const char *value, int rung)
{
    struct ledger_from  from = { .source = f->file_source };
    struct case_contact c = { .channel = channel, .address = str_c(address), .about = about, .about_value = str_c(value), .rung = (uint8_t)rung, .observed_us = LF_NOW - TIME_DAY, .until_us = TIME_NONE };
    struct err e = { 0 };
    int64_t    id;

    if (!ledger_contact(f->l, &c, &from, &id, &e))
        fail_msg("%s", e.what);
}

static inline void pf_case(struct lf *f, int i)
{
    char    domain[40], host[60], ip[20], text[80];
    bool    door = i % 4 == 0 || i == 2;
    int64_t org = 1000 + i;
    struct ledger_from from = { 0 };
    struct err e = { 0 };

    snprintf(domain, sizeof domain, "o%d.example", i);
    snprintf(host, sizeof host, "mail.%s", domain);
    snprintf(ip, sizeof ip, "192.0.%d.%d", i / 250, i % 250 + 1);
    lf_case(f, i, org, i == 6 ? "ZZ" : "AT");
    lf_run(f, "UPDATE case_org SET name = ?2 WHERE org = ?1", BOUND(B_INT(org), B_TEXT(str_c(host))));
    lf_server(f, 10000 + i, i, host, ip, EXPOSURE_VULNERABLE, door ? COMPROMISE_BACKDOORED : COMPROMISE_UNKNOWN);
    lf_key(f, 10000 + i, i, 3, domain, 0, 80, 90);
    pf_state(f, i, org, i == 8 ? CASE_CLEAN : i == 9 ? CASE_CANDIDATE : i == 10 ? CASE_ACKNOWLEDGED : door ? CASE_BACKDOORED : CASE_VERIFIED, 1, door, i == 10 ? LF_NOW - TIME_DAY : TIME_NONE);
    struct case_mx m = { .domain = str_c(domain), .host = i == 2 ? str_c(host) : STR("mx.provider.example"), .observed_us = LF_NOW - TIME_DAY, .has_ip = true };
    CHECK(net_ip_parse(i == 2 ? str_c(ip) : STR("198.51.100.25"), m.ip) && ledger_mx(f->l, &m, &from, &e));
    if (i == 7)
        return;
    snprintf(text, sizeof text, "security@%s", domain);
    pf_contact(f, CONTACT_EMAIL, text, ABOUT_DOMAIN, domain, 3);
    if (i == 11) {
        CHECK(suppress_add(f->l, str_c(domain), STR("all"), STR("asked for it"), NULL, &e));
        return;
    }
    snprintf(text, sizeof text, "+43155%05d", i);
    pf_contact(f, CONTACT_PHONE, text, ABOUT_DOMAIN, domain, 5);
    snprintf(text, sizeof text, "%d Sample Road\nSampletown", i);
    pf_contact(f, CONTACT_POST, text, ABOUT_DOMAIN, domain, 7);
    if (i >= 3 && i <= 5)
        pf_contact(f, CONTACT_EMAIL, "noc@msp.example", ABOUT_DOMAIN, domain, 2);
}

/* where NULL: in memory. */
static inline struct lf pf_open(const char *where, int n)
{
    struct lf          f = lf_open(where);
    struct ledger_from from = { 0 };
    struct case_mx     m = { .domain = STR("msp.example"), .host = STR("mx.msp.example"), .observed_us = LF_NOW - TIME_DAY, .has_ip = true };
    struct err         e = { 0 };

    if (!store_migrate(f.s, &notify_layer, &e) || !ledger_begin(f.l, &e))
        fail_msg("%s", e.what);
    CHECK(net_ip_parse(STR("198.51.100.26"), m.ip) && ledger_mx(f.l, &m, &from, &e));
    pf_contact(&f, CONTACT_CSIRT, "cert@gov.example", ABOUT_COUNTRY, "ZZ", 12);
    for (int i = 1; i <= n; i++)
        pf_case(&f, i);
    lf_run(&f, "INSERT INTO case_board (id, made_us, known_us, survey_id, day, generation) VALUES (1, ?1, NULL, 0, 18698, 1)", BOUND(B_INT(LF_NOW)));
    if (!ledger_commit(f.l, &e))
        fail_msg("%s", e.what);
    return f;
}

static inline void pf_close(struct lf *f)
{
    ledger_close(f->l);
    store_close(f->s);
    free(f->room);
}

/* --- a pen --- */

struct pf_pen { struct store *s; atomic_int writes, fails_at, dies_at; };
static struct pf_pen pf_pen;       /* what it is told to do: 0, nothing */

static inline bool pf_pen_open(void **ret, struct ledger *l, const struct plan_options *o, struct arena *a, struct err *e)
{
    (void)o, (void)a, (void)e;
    pf_pen.s = ledger_store(l);
    pf_pen.writes = 0;
    *ret = &pf_pen;
    return true;
}
static inline void pf_pen_close(void *pen) { (void)pen; }
static inline bool pf_pen_read(void *pen, const struct told_ask *ask, struct arena *a, const struct told_set **ret, struct err *e)
{
    (void)pen, (void)ask, (void)a, (void)e;
    *ret = NULL;
    return true;
}
static inline bool pf_pen_finding(void *pen, const struct told_set *set, int64_t case_, enum notice_finding *ret, struct err *e)
{
    int64_t n = 0;

    (void)pen, (void)set;
    if (!bind_ask(pf_pen.s, "SELECT max(compromise) FROM case_server WHERE case_id = ?1", BOUND(B_INT(case_)), &n, 1, e))
        return false;
    *ret = n == COMPROMISE_RELAPSED ? FINDING_RELAPSED : n == COMPROMISE_BACKDOORED ? FINDING_BACKDOORED : FINDING_VULNERABLE;
    return true;
}
static inline bool pf_pen_facts(void *pen, const struct told_set *set, const struct notice *n, struct str nonce, struct arena *a, struct told *ret, struct err *e)
{
    struct told_server *s = NEW(a, struct told_server, 1);

    (void)pen, (void)set;
    if (!s)
        return err_set(e, ERR_MEMORY, "no room");
    *s = (struct told_server){ .asset = 10000 + n->case_, .host = str_fmt(a, "mail.o%lld.example", (long long)n->case_), .finding = str_c(notice_finding_name(n->finding)) };
    *ret = (struct told){ .notice = n, .nonce = nonce, .case_name = str_fmt(a, "2021-%06lld", (long long)n->case_), .server = s, .server_n = n->minimal || n->case_ == 12 ? 0 : 1 };
    return true;
}
static inline bool pf_pen_write(void *pen, const struct told *t, struct arena *a, struct str *ret_bytes, struct str *ret_subject, struct err *e)
{
    int n = ++pf_pen.writes;

    (void)pen;
    if (n == pf_pen.dies_at)
        _exit(0);
    if (n == pf_pen.fails_at)
        return err_set(e, ERR_MEMORY, "no room, on purpose");
    if (t->notice->case_ == 13)
        return err_set(e, ERR_FORMAT, "a text that cannot be made");
    *ret_subject = str_fmt(a, "[%.*s]", STR_ARG(t->case_name));
    *ret_bytes = str_fmt(a, "To: %.*s\r\nMessage-ID: %s\r\n\r\n%zu servers, nonce %zu\r\n", STR_ARG(t->notice->contact), t->notice->message_id, t->server_n, t->nonce.n);
    for (size_t i = 0; i < t->server_n; i++)
        *ret_bytes = str_fmt(a, "%.*s%.*s %.*s\r\n", STR_ARG(*ret_bytes), STR_ARG(t->server[i].host), STR_ARG(t->server[i].case_name));
    return ret_bytes->p || err_set(e, ERR_MEMORY, "no room");
}
static const struct plan_pen pf_pen_table = { pf_pen_open, pf_pen_close, pf_pen_read, pf_pen_finding, pf_pen_facts, told_rev, pf_pen_write };

static inline struct settings pf_settings(void)
{
    return (struct settings){ .from = { .name = STR("CERT Example"), .address = STR("notify@cert.example"), .domain = STR("cert.example"), .bounce_domain = STR("bounce.cert.example"),
                                        .reply_domain = STR("reply.cert.example"), .prefix = STR("CERT-EX") },
                              .country = STR("AT"), .desk_a_day = 100000, .from_hour = 8, .to_hour = 18 };
}

struct pf_plan { uint64_t most; uint32_t threads; bool dry_run; int64_t at_us /* after LF_NOW */, only_case; uint32_t batch; };
static inline bool pf_make(struct lf *f, const struct settings *t, struct pf_plan x, struct plan_result *ret, struct err *e)
{
    struct arena         room;
    struct case_campaign c = { .id = f->campaign, .slug = STR("proxylogon"), .begun_us = TIME_NONE, .report_us = TIME_NONE, .patch_us = TIME_NONE, .code_us = TIME_NONE };
    struct plan_options  o = { .pen = &pf_pen_table, .os = &f->m->os, .settings = t, .campaign = &c, .now_us = LF_NOW + x.at_us, .dry_run = x.dry_run, .most = x.most, .threads = x.threads, .only_case = x.only_case, .batch = x.batch };

    if (!os_arena_map(&room, 1u << 30, e))
        return false;
    struct arena a = room;
    bool ok = notify_plan_make(f->l, &o, &a, ret, e);
    os_arena_unmap(&room);
    return ok;
}

#endif
