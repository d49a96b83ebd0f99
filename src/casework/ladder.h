/*
 * ladder: whom to tell of a case, best first: every contact point that somebody stated, with its rung, its grade, and what speaks against it.
 *
 * Shape    ladder_climb reads case_contact for the case's organisation, domains, networks, entries, ASN and countries; nothing is looked up in the network here
 *          (notify/lookup.h does, and adds rows). All rungs are given, not only the first.
 * Rungs    notification sheet, 3. Grades A to D: by rung; down by one step where the source is stale (older than a year without proof of life), where security.txt
 *          redirects to another domain or has no Expires; none where it ended, was returned as dead, opted out or is suppressed.
 * Manual   what a person stated wins over what machines found; the most specific network over less specific ones; a registrar's abuse desk is rung 11, never 5.
 * Rung     what a row says is kept, but for two: the desk of a wider network than the smallest on record, and whatever hangs on a domain that is a provider's or that only a reverse name
 *          gives, are the route to the victim and not the victim: rung 10.
 * Against  a fact FACT_CONTACT with value 0 speaks by how its reason begins: LADDER_RESTS: for 30 days; LADDER_WRONG: not this organisation's; LADDER_SAYS: a note of ladder_record, nothing
 *          against it; any other: dead, of every organisation and campaign. A row by hand whose role begins with LADDER_DROPPED ends its address. What a person states by hand after
 *          either revives it.
 * Path     (3.6) of e-mail: where the recipient domain's MX hosts are, compared with every server of the campaign that is vulnerable, back-doored or unknown: by address, name
 *          and certificate; a server is trusted when it is clean, hunted with nothing found and no longer vulnerable, or never affected: patched alone is not enough. PATH_COMPROMISED: mail carries a minimal text only, and a second path is opened at once. Not known (no MX on record): PATH_UNKNOWN, which is treated
 *          as compromised until somebody looked.
 *          Rows of MX older than MX_FRESH_US, or without the address of a host, prove nobody safe. Portals are compared by the name in their address.
 * Bounds   LADDER_MAX contacts of a case; servers of a case beyond LADDER_SERVERS_MAX are not looked at.
 * Owner    results in the arena of the call; what a ladder remembers between calls (paths, desks of countries and networks) in that of ladder_open, which is not the same.
 * Source   notification sheet, 3 to 3.6, 10. The year, the 30 days and the 90 of MX rows, and what a server must be to be trusted, are ours.
 */
#ifndef CASEWORK_LADDER_H
#define CASEWORK_LADDER_H

#include "casework/ledger.h"

enum { LADDER_MAX = 256, LADDER_SERVERS_MAX = 5000 };
#define LADDER_STALE_US  (365 * TIME_DAY)
#define LADDER_REST_US   (30 * TIME_DAY)
#define MX_FRESH_US      (90 * TIME_DAY)
#define LADDER_RESTS   "rests:"
#define LADDER_WRONG   "wrong:"
#define LADDER_SAYS    "ladder:"
#define LADDER_DROPPED "dropped"       /* a role: "dropped: dead", "dropped: ended" */
enum mail_path { PATH_UNKNOWN, PATH_COMPROMISED, PATH_OWN, PATH_PROVIDER, PATH_NULL_MX /* takes no mail at all */, PATH_NONE /* not mail */ };
const char *mail_path_name(enum mail_path p);          /* "compromised" */
const char *contact_channel_name(enum contact_channel c);          /* "email" */
const char *ladder_rung_name(uint8_t rung);            /* "role address" */

enum {
    CONTACT_DEAD = 1 << 0,         /* a hard bounce, a returned letter, a wrong number: for all campaigns */
    CONTACT_SUPPRESSED = 1 << 1,   /* opted out, or complained; a letter for a proven back door stays possible */
    CONTACT_ENDED = 1 << 2, CONTACT_STALE = 1 << 3, CONTACT_WRONG = 1 << 4 /* "not ours", of this organisation */, CONTACT_RESTED = 1 << 5 /* full, or disabled: 30 days */,
    CONTACT_FORGED = 1 << 6        /* may be: its security.txt lay on what is a server of the campaign now */
};
struct contact {
    int64_t  id;                   /* of case_contact; of equal address the best one */
    enum contact_channel channel;
    struct str address, name, role, language, pgp;
    uint8_t  rung;
    bool     manual;               /* a person stated it */
    enum contact_about about; struct str about_value;  /* what it is a contact of */
    enum grade grade;              /* GRADE_NONE: not to be used */
    uint32_t flags;
    enum mail_path path; struct str path_why;          /* "192.0.2.7 is mail.bakery.example, vulnerable" */
    struct str source; int64_t source_us, proof_us;    /* who stated it, when; last proof of life; TIME_NONE */
    struct str mx_bucket;          /* registrable domain of the MX host; empty: not known */
};
/* Best first: grade, manual, rung, channel, address. Strings in the arena. */
bool ladder_climb(struct store *s, int64_t case_, int64_t now_us, struct arena *a, struct contact **ret, size_t *ret_n, struct err *e);
/*
 * The same for many cases of a campaign. ladder_ahead reads what is on record of LADDER_SET of them, or so, at once; what it read lives in the arena, until the next ladder_ahead (n 0: it only forgets).
 * ladder_next of a case that was not read ahead reads it alone.
 */
enum { LADDER_SET = 256 };
struct ladder;
bool ladder_open(struct ladder **ret, struct store *s, int64_t now_us, struct arena *a, struct err *e);
bool ladder_ahead(struct ladder *l, const int64_t *case_, size_t n, struct arena *a, struct err *e);
bool ladder_next(struct ladder *l, int64_t case_, struct arena *a, struct contact **ret, size_t *ret_n, struct err *e);
/* Of one mail domain in a campaign; why and bucket as in struct contact. */
bool ladder_path(struct ladder *l, int64_t campaign, struct str domain, struct arena *a, enum mail_path *ret, struct str *ret_why, struct str *ret_bucket, struct err *e);

/*
 * What a ladder found, as facts of its case, in a transaction of the ledger: FACT_CONTACT with value 1 for each of the best LADDER_RECORDED that may be used (FACT_MX_TESTED where its
 * path was judged: any but PATH_UNKNOWN), value 0 with LADDER_SAYS for one that was recorded and is not among them any more. What stands already is not said again. *ret_n: facts
 * that were written. Nobody is declared unreachable here: that is a person's word.
 */
enum { LADDER_RECORDED = 8 };
bool ladder_record(struct ledger *l, int64_t campaign, int64_t case_, const struct contact *c, size_t n, uint64_t *ret_n, struct err *e);
/* May it be used now, and by machine: a grade, and no rung 13. */
static inline bool contact_usable(const struct contact *c) { return c->grade >= GRADE_D && c->rung <= 12 && c->path != PATH_NULL_MX; }

#endif
