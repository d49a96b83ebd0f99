/*
 * compose: the text, the message and the letter of a notice, from facts and from the pack's words.
 *
 * Shape    what is said is a struct of facts; the pack's templates (packs/NAME/notices/LANG) hold sentences and {{placeholders}} only. Nothing is evaluated in a template, and what is put in
 *          is never read again as one. Language: the contact's, with English below a rule line; one that is missing falls back to English, and is told.
 * Message  5.1, 5.2 of the sheet: one recipient; text quoted-printable, CSV and JSON base64; multipart/signed by os/openpgp.h when a key is given; bytes are final.
 * Letter   PDF, one page for management and the sheet for technicians (letter.c); phone sheet: plain text.
 * Test     test: the subject begins with "[TEST]", and the text says so in its first line.
 * Never    payloads of shells, credentials, other victims, HTML, pictures, links but the official page.
 * Bounds   COMPOSE_BYTES_MAX a message; longer tables are cut, told, and stand in the portal's file.
 * Source   notification sheet, 4 and 5; RFC 5322, 2045, 3156, 3834.
 */
#ifndef NOTIFY_COMPOSE_H
#define NOTIFY_COMPOSE_H

#include "notify/mime.h"
#include "notify/outbox.h"
#include "pack/pack.h"

enum { COMPOSE_BYTES_MAX = 1 << 20, COMPOSE_ROWS_MAX = 500 };

struct told_server {               /* a row of the evidence table */
    struct str host, ip, product, build, finding, detector, cve, path, sha256;
    uint16_t   port;
    int64_t    seen_us;
};
struct told {
    const struct notice *notice;
    struct str case_name, nonce, organisation, campaign_title;
    int64_t    since_us;
    const struct told_server *server; size_t server_n;
    struct str steps;              /* the hunt's own next steps, or the pack's for this finding */
    bool       second_group;
    struct str contact_source; int64_t contact_source_us;          /* whence its address, in words, and when */
    struct str in_reply_to;        /* Message-ID of the case's first notice to this contact; empty: none */
    struct str legal;              /* a duty in one sentence, the team's own words; empty: none */
    size_t     more;               /* servers that did not fit */
    struct str tlp;                /* "TLP:AMBER" */
};
/* The team that writes: from a settings file (notify.yaml) that the operator owns. */
struct sender {
    struct str name, address, domain, bounce_domain, reply_domain, phone_page, site, privacy_page, fingerprint, postal, prefix /* "CERT-EX" */, country_language;
    bool test;                     /* of a test instance */
};
/* All of them: a minimal notice says that there is urgent security information, the official switchboard and the case's name, and nothing else. */
bool compose_text(const struct told *t, const struct sender *from, const struct pack *p, struct arena *a, struct str *ret, struct err *e);
bool compose_csv(const struct told *t, struct arena *a, struct str *ret, struct err *e);
bool compose_idf(const struct told *t, const struct sender *from, struct arena *a, struct str *ret, struct err *e);      /* lines of JSON */
bool compose_xarf(const struct told *t, const struct sender *from, struct arena *a, struct str *ret, struct err *e);
bool compose_mail(const struct told *t, const struct sender *from, const struct pack *p, const struct signer *key, struct arena *a, struct str *ret, struct err *e);
bool compose_letter(const struct told *t, const struct sender *from, const struct pack *p, struct arena *a, struct str *ret_pdf, struct err *e);
bool compose_phone(const struct told *t, const struct sender *from, const struct pack *p, struct arena *a, struct str *ret, struct err *e);

/* Sets of placeholders equal across languages, each known; which language lacks what. For `pack check`. */
bool compose_lint(const struct pack *p, struct arena *a, struct str **ret_wrong, size_t *ret_n, struct err *e);

#endif
