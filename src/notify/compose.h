/*
 * compose: the text, the message and the letter of a notice, from facts and from the pack's words.
 *
 * Shape    what is said is a struct of facts; the pack's blocks (packs/NAME/notices/LANG/BLOCK.txt, template.h) hold sentences and {{placeholders}} only. Nothing is evaluated in a
 *          template, and what is put in is never read again as one. Language: the notice's, with English below a rule line; one that is missing falls back to English, and
 *          compose_language tells so.
 * Order    of the text: 4.2 of the sheet. Label, who may have it, why again, what was found, three actions, evidence, own check, reply, duties, who we are, how to verify.
 * Message  5.1, 5.2 of the sheet: one recipient; text quoted-printable, CSV and JSON base64; multipart/signed by os/openpgp.h when a key is given; bytes are final.
 * Letter   PDF, one page for management and the sheet for technicians (letter.c); phone sheet: plain text.
 * Test     test: the subject begins with "[TEST]", and the text says so in its first line.
 * Hostile  names of organisations, paths and the like come from evidence: control and direction characters go, host names are A-labels, "://" is broken so that nothing becomes a link.
 * Never    payloads of shells, credentials, other victims, HTML, pictures, links but the official page.
 * Bounds   COMPOSE_BYTES_MAX a message; longer tables are cut, told, and stand in the portal's file. COMPOSE_TEXT_ROWS servers in the text.
 * Threads  nothing is kept: any number at once.
 * Source   notification sheet, 4, 5 and 11; RFC 5322, 2045, 3156, 3834, 4180.
 */
#ifndef NOTIFY_COMPOSE_H
#define NOTIFY_COMPOSE_H

#include "notify/mime.h"
#include "notify/outbox.h"
#include "pack/pack.h"

enum { COMPOSE_BYTES_MAX = 1 << 20, COMPOSE_ROWS_MAX = 500, COMPOSE_TEXT_ROWS = 3, COMPOSE_XARF_MAX = 5 };

struct told_server {               /* a row of the evidence table */
    int64_t    asset;              /* its number on the board; 0: none */
    struct str host, ip, product, build, finding /* notice_finding_name */, detector, cve, path, sha256;
    uint16_t   port;
    int64_t    seen_us;
    struct str case_name, organisation;                /* whose it is, where the notice speaks of several; empty: the notice's */
    char       country[3];
    uint32_t   asn;                /* 0: not known */
    uint8_t    confidence;         /* 0..100 of the finding; 0: not said */
    bool       own_check;          /* seen by the team's own survey */
    struct str tlp;                /* of what says so: "TLP:AMBER" */
};
struct told {
    const struct notice *notice;
    struct str case_name, nonce, organisation, campaign_title, campaign /* slug */;
    int64_t    since_us;
    const struct told_server *server; size_t server_n;
    struct str steps;              /* titles of the hunt's own next steps, a line each; empty: no hunt was handed in */
    bool       second_group;
    struct str contact_source; int64_t contact_source_us;          /* whence its address, in words, and when */
    struct str contact_name, contact_role;                         /* whom it belongs to, as somebody stated it; only for the team's own sheets */
    struct str in_reply_to;        /* Message-ID of the case's first notice to this contact; empty: none */
    struct str ticket;             /* the number that their robot gave the case: ends the subject; empty: none */
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
/* One line, in the notice's language: "[TEST] [CERT-EX 2021-000123] Back door found on mail.bakery.example". */
bool compose_subject(const struct told *t, const struct sender *from, const struct pack *p, struct arena *a, struct str *ret, struct err *e);
/* One block of the pack, for letters and phone sheets: form "letter" or "phone", block "letter". columns 0: each paragraph one line. Empty: the pack has nothing to say there. */
bool compose_block(const struct told *t, const struct sender *from, const struct pack *p, struct str language, const char *form, const char *block, size_t columns, struct arena *a,
                   struct str *ret, struct err *e);
/* The rows of the evidence, as the text has them. */
bool compose_evidence(const struct told *t, const struct pack *p, struct str language, size_t rows, size_t columns, struct arena *a, struct str *ret, struct err *e);
/*
 * Which of the pack's languages is meant. wanted: "de", "de-AT", or several as security.txt names them ("fr, de"), best first. Empty: the pack has no texts at all.
 * *ret_missing (may be NULL): something was wanted, the pack does not have it, and English it is.
 */
struct str compose_language(const struct pack *p, struct str wanted, bool *ret_missing);

bool compose_csv(const struct told *t, struct arena *a, struct str *ret, struct err *e);
bool compose_idf(const struct told *t, const struct sender *from, struct arena *a, struct str *ret, struct err *e);      /* lines of JSON */
/* One report: of server `at`. */
bool compose_xarf(const struct told *t, const struct sender *from, const struct pack *p, size_t at, struct arena *a, struct str *ret, struct err *e);
/* key NULL: unsigned. Rows that would make it too long are left out, and the text tells how many. */
bool compose_mail(const struct told *t, const struct sender *from, const struct pack *p, const struct signer *key, struct arena *a, struct str *ret, struct err *e);
bool compose_letter(const struct told *t, const struct sender *from, const struct pack *p, struct arena *a, struct str *ret_pdf, struct err *e);
bool compose_phone(const struct told *t, const struct sender *from, const struct pack *p, struct arena *a, struct str *ret, struct err *e);

/* Sets of placeholders equal across languages, each known; which language lacks what. For `pack check`. Nothing is wrong with a pack without texts. */
bool compose_lint(const struct pack *p, struct arena *a, struct str **ret_wrong, size_t *ret_n, struct err *e);

#endif
