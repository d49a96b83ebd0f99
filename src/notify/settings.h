/*
 * settings: who the team is, and how it sends: one YAML file that the operator owns (notify.yaml).
 *
 * Shape    team:   name, address, domain, bounce, reply, prefix, official (site), phone_page, privacy, postal (list of lines), language, country (two letters: victims elsewhere are also handed to their CSIRT); case_year is the campaign's
 *          key:    home, id            (left out: unsigned, and each plan says so)
 *          mta:    host, hello, tls, log (list), log_zone (seconds east of UTC)
 *          desk:   recipients_a_day (a wave's size), hours ("08-18"), zone (seconds east of UTC)
 *          rates:  all, provider, domain (messages in 1000 s)
 *          inbox:  maildir
 *          test:   recipient           (a test instance: see below)
 *          legal:  COUNTRY: sentence   (a duty that a letter names in one sentence; the team's own words)
 * Strict   an unknown word, a missing one that is needed, or an address that is none is refused with file and line: a mistake here would go to 20,000 people.
 * Test     a test instance is a property of the store: it is laid down at the first plan and never changes. settings_bind refuses a file that says otherwise. Then every recipient
 *          is the test address, and every subject begins with "[TEST]".
 * Owner    strings in the arena.
 * Errors   ERR_FORMAT or ERR_USAGE with file, line and what to do.
 */
#ifndef NOTIFY_SETTINGS_H
#define NOTIFY_SETTINGS_H

#include "casework/ledger.h"
#include "notify/compose.h"
#include "notify/smtp.h"

enum { SETTINGS_LOGS_MAX = 16, SETTINGS_LEGAL_MAX = 300 };
struct legal { struct str country, text; };
struct settings {
    struct sender from;
    struct str country;                                /* the team's: "AT"; empty: nobody counts as abroad */
    struct signer key; bool has_key;
    struct str mta_host, mta_hello; bool mta_tls;      /* "127.0.0.1:25" */
    struct str log[SETTINGS_LOGS_MAX]; size_t log_n; int32_t log_zone_s;
    uint32_t desk_a_day;                               /* recipients that the reply desk can take in a day; default 500 */
    uint8_t  from_hour, to_hour; int32_t zone_s;       /* office hours of reminders: 8 to 18, UTC */
    struct outbox_rates rates;                         /* all 0: outbox_rates */
    struct str maildir, test_recipient;
    struct legal legal[SETTINGS_LEGAL_MAX]; size_t legal_n;
};
bool settings_load(struct os *os, struct str path, struct arena *a, struct settings *ret, struct err *e);
/* The store and the settings must mean the same instance; the first time lays it down (in a transaction of its own). */
bool settings_bind(struct ledger *l, const struct settings *s, struct err *e);
/* Asks, changes nothing: has it been laid down, and is it a test instance? *ret_test: its address in the arena, or empty. */
bool settings_instance(struct store *s, struct arena *a, bool *ret_there, struct str *ret_test, struct err *e);

#endif
