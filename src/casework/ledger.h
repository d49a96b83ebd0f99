/*
 * ledger: what the team was told, for good: of which server, what, by whom, when it was true and when it was learned. Nothing in it is changed;
 * what follows from it (servers, organisations, cases, figures) is worked out anew by update.h.
 *
 * Shape    a row is known by what it says: its number is the first 63 bits of the SHA-256 of its content, without the time of recording and the file. So a
 *          file that is read twice, or half and then whole, changes nothing, in any order.
 * Subject  a server as one record speaks of it. Which subjects are one server is not decided here.
 * Commits  ledger_begin and ledger_commit around what must be true together; a file in batches is safe too.
 * Audit    what a person does goes through ledger_audit in the same transaction, with his name.
 * Erasure  the only exception to "nothing is changed": casework/privacy.h removes what the law says, and leaves a line of audit.
 * Text     as it came, cut at LEDGER_TEXT_MAX; hostile. Host names in lower case.
 * Units    UTC microseconds.
 * Errors   of the store. ERR_USAGE with the reason for a fact that fact_check refuses.
 * Threads  as the store's.
 */
#ifndef CASEWORK_LEDGER_H
#define CASEWORK_LEDGER_H

#include "casework/intruders.h"
#include "casework/key.h"
#include "casework/state.h"
#include "os/os.h"
#include "store/store.h"

enum { LEDGER_TEXT_MAX = 1024, LEDGER_NAMES_MAX = 64, LEDGER_BYTES_MAX = 64 << 20 };

struct ledger;
/* s: open for writing; tables are made or brought up to date. who: the person at work, for the audit. */
bool ledger_open(struct ledger **ret, struct store *s, struct os *os, struct str who, struct err *e);
void ledger_close(struct ledger *l);                   /* NULL is allowed; what was not committed is undone */
struct store *ledger_store(struct ledger *l);
int64_t ledger_now(const struct ledger *l);            /* the time of recording */
struct str ledger_who(const struct ledger *l);
bool ledger_begin(struct ledger *l, struct err *e);
bool ledger_commit(struct ledger *l, struct err *e);
void ledger_rollback(struct ledger *l);

/* 63 bits of SHA-256 over parts with their lengths; never 0. */
int64_t ledger_number(const struct str *part, size_t n);

/* --- campaigns --- */
struct case_campaign {
    int64_t    id;
    struct str slug, title, group;                     /* group: of the build table; empty: exposure comes from files only */
    int64_t    begun_us, report_us, patch_us, code_us; /* first known use; first public report; fix; public code. TIME_NONE: unknown */
};
/* Known by its slug; the same slug again brings title and times up to date. */
bool ledger_campaign(struct ledger *l, const struct case_campaign *c, int64_t *ret, struct err *e);
/* False with ERR_NONE: no such campaign. slug empty: the only one there is. Strings in the arena. */
bool ledger_campaign_find(struct store *s, struct str slug, struct arena *a, struct case_campaign *ret, struct err *e);

/* --- who says so --- */
struct case_source { struct str name, organisation, tlp; bool releasable; };       /* organisation empty: its name. releasable: what it says may be told to victims */
bool ledger_source(struct ledger *l, const struct case_source *s, int64_t *ret, struct err *e);

/* --- files --- */
enum ledger_state { LEDGER_NEW, LEDGER_AGAIN /* begun before, not whole */, LEDGER_WHOLE };
struct ledger_file {
    struct str name, kind;         /* without folders; "report", "idf", "register", "tips", "mx", ... */
    uint8_t    sha256[32];
    uint64_t   size_bytes;
    int64_t    campaign, source;   /* 0: none */
    struct str bytes;              /* kept (deflated) where it is evidence, empty: not kept; at most LEDGER_BYTES_MAX */
};
struct ledger_counts { uint64_t rows, taken, known, refused; };    /* known: said before */
bool ledger_file_begin(struct ledger *l, const struct ledger_file *f, enum ledger_state *ret, int64_t *ret_file, struct err *e);
/* A row that cannot be used, in words; raw is cut at 4096 bytes. */
bool ledger_refuse(struct ledger *l, int64_t file, uint64_t line, const char *why, struct str raw, struct err *e);
bool ledger_file_end(struct ledger *l, int64_t file, const struct ledger_counts *c, struct err *e);
/* Rows given since ledger_file_begin, and how many of these had been said before; right after ledger_commit or ledger_file_end only. */
void ledger_said(struct ledger *l, uint64_t *ret_rows, uint64_t *ret_known);
/* The bytes that were kept, in the arena. False with ERR_NONE: none were. */
bool ledger_file_bytes(struct store *s, int64_t file, struct arena *a, struct str *ret, struct err *e);
struct ledger_from { int64_t file, source; uint64_t line; };       /* of a row; file 0: a person's hand */

/* --- servers --- */
struct subject {
    uint8_t    ip[16]; bool has_ip;
    uint16_t   port;               /* 0: not said */
    uint8_t    tls[32]; bool has_tls;                  /* SHA-256 of its certificate or key */
    struct str node, domain;       /* computer name, AD domain; kept in lower case */
    const struct str *name; size_t name_n;             /* host names; order is nothing */
};
/* ERR_USAGE: nothing tells which server is meant. */
bool ledger_subject(struct ledger *l, const struct subject *s, int64_t *ret, struct err *e);
/* Where its address lies, in somebody's words. */
bool ledger_place(struct ledger *l, int64_t subject, const char country[3], uint32_t asn, const struct ledger_from *from, struct err *e);

/* --- what ties it to an owner --- */
struct case_link {
    int64_t      subject;
    enum org_key kind;
    struct str   value;            /* registrable domain, number, ...: key.h */
    char         country[3];       /* of the organisation */
    uint8_t      confidence;
    struct str   name, sector, size;
    int64_t      observed_us;
};
bool ledger_link(struct ledger *l, const struct case_link *k, const struct ledger_from *from, int64_t *ret, struct err *e);
/* A person takes a link back, or the wrong number; also a row of a register or list, or an MX row, by its number. Needs a reason. */
bool ledger_revoke(struct ledger *l, int64_t link, struct str why, struct err *e);
/* A person says what a key is: GROUP_OWNER or GROUP_PROVIDER (group.h). */
bool ledger_rule(struct ledger *l, enum org_key kind, struct str value, const char *country, int what, struct str why, struct err *e);

/* A row of a register or a constituency list: it ties servers by their domain or network, whenever such appear. */
struct case_entry {
    struct str list, number;       /* "vat:", "lei:" ... or the list's name; the number or entry */
    bool       registered;         /* a register of businesses; else a constituency's list */
    struct str name, sector, size, domain;             /* domain empty: by network only */
    uint8_t    first[16], last[16]; bool has_network;
    uint32_t   asn;                /* 0: not said */
    char       country[3];
    int64_t    since_us, until_us; /* TIME_NONE: not said */
};
bool ledger_entry(struct ledger *l, const struct case_entry *x, const struct ledger_from *from, struct err *e);
/* MX of `domain` is this host or address: it ties every server of that name or address. host ".": a null MX (RFC 7505), the domain takes no mail, and nothing is tied. */
struct case_mx { struct str domain, host; uint8_t ip[16]; bool has_ip; int64_t observed_us; uint8_t tls[32]; bool has_tls; /* SHA-256 of the certificate or key that the host shows */ };
bool ledger_mx(struct ledger *l, const struct case_mx *x, const struct ledger_from *from, struct err *e);

/* A contact point as somebody states it. What it is good for, and whose it is, notify works out. */
enum contact_channel { CONTACT_EMAIL, CONTACT_PHONE, CONTACT_POST, CONTACT_PORTAL, CONTACT_CSIRT, CONTACT_CHANNELS };
enum contact_about { ABOUT_DOMAIN, ABOUT_NETWORK, ABOUT_ENTRY /* "list:number" */, ABOUT_ASN, ABOUT_COUNTRY, ABOUT_ORG /* its number */, CONTACT_ABOUTS };
struct case_contact {
    enum contact_channel channel;
    struct str address;            /* normalised; of CONTACT_POST the lines of the address */
    enum contact_about about; struct str about_value;  /* a network: "first-last" */
    uint8_t    rung;               /* notification sheet, 3: 1..13 */
    struct str role, name, language, pgp;              /* empty: not said */
    int64_t    observed_us, until_us;                  /* last proof of life; when it ends */
    bool       manual;             /* by hand: wins over what machines found */
};
bool ledger_contact(struct ledger *l, const struct case_contact *x, const struct ledger_from *from, int64_t *ret, struct err *e);

/* --- facts --- */
/* What a fact speaks of: fact.subject is a subject's number with OF_SERVER, else a notice's or contact point's, or 0, and case_ the case's. */
enum fact_of { FACT_OF_SERVER, FACT_OF_CASE };
/* hash, recorded_us, source and who are filled here. *ret_new, when given: it was not known. */
bool ledger_fact(struct ledger *l, int64_t campaign, enum fact_of of, int64_t case_, const struct fact *f, const struct ledger_from *from, bool *ret_new, struct err *e);

/* --- what a hunt's report says --- */
struct case_report {
    int64_t    file, campaign, subject;
    struct str verdict, door_open, theft, tool, packs; /* words of the contract */
    enum grade grade; struct str why;                  /* what the report is worth, and why not more */
    int64_t    hunted_us, from_us, to_us, patched_us;  /* run; window; TIME_NONE */
    int64_t    newest_us;                              /* newest evidence */
    int64_t    placed_us, used_us, last_us;            /* oldest back door made; first and last use */
    int64_t    entered_us;                             /* first success of the exploit */
    bool       re_entered, beyond, nonce_ok;
    uint32_t   back_doors, ways_back;
    uint64_t   mail_bytes;                             /* stolen, as far as seen */
};
bool ledger_report(struct ledger *l, const struct case_report *r, struct err *e);
/* A back door or way back of it: at: 0..; finding: its number in facts. */
struct case_door { uint32_t at; uint64_t finding; bool way; struct str path, state, kind, used, sha256, key, intruder; int64_t created_us, removed_us, first_us, last_us; uint64_t requests; };
bool ledger_door(struct ledger *l, int64_t file, int64_t campaign, const struct case_door *d, struct err *e);
/* A feature of a visit (intruders.h). session: of the report, from 1. first_us with any feature of the session. */
bool ledger_feature(struct ledger *l, int64_t file, int64_t campaign, int64_t subject, uint32_t session, enum intruder_feature kind, struct str value, int64_t first_us, struct err *e);

/* --- people --- */
bool ledger_audit(struct ledger *l, const char *what, struct str about, struct str detail, struct err *e);
/* What a case's hunt must carry. Only its SHA-256 is kept. nonce: 26 letters, of 128 random bits; until_us TIME_NONE: 90 days. */
enum { NONCE_TEXT = 27 };
bool ledger_nonce(struct ledger *l, int64_t case_, int64_t until_us, char ret[NONCE_TEXT], struct err *e);
/* Takes back all of a case that still hold; *ret_n: how many. Needs a reason. */
bool ledger_nonce_revoke(struct ledger *l, int64_t case_, struct str why, uint64_t *ret_n, struct err *e);
/* Is it one that was given to this case, not revoked, and valid at `at_us`? */
bool ledger_nonce_check(struct store *s, int64_t case_, struct str nonce, int64_t at_us, bool *ret, struct err *e);

/* "2021-000123": the year in which its campaign began, and its number; and back. */
enum { CASE_NAME_TEXT = 32 };
void case_name(int64_t case_, int32_t year, char ret[CASE_NAME_TEXT]);
int32_t case_year(const struct case_campaign *c);       /* that year; of its first known date, 1970 without any */
bool case_name_parse(struct str s, int64_t *ret_case);  /* also a bare number */

#endif
