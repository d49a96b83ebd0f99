/*
 * report_in: what a hunt found (report.json) into the ledger.
 *
 * Shape    report_import: one file, whole. It is checked against docs/report.schema.json and against itself, graded (notification sheet, 8.4), and taken in one
 *          transaction, with its file row, bytes and refusals: nothing else is to be called around it. For each of its campaigns that the ledger knows: facts of the
 *          server, case_report, case_door, case_feature; besides, what says whose the server is.
 * Worth    hunt_grade (state.h): a report that validates is C, of this case's nonce and covering its window in full B, signed by a known responder A. What the report
 *          says of its own coverage is worked out anew from its parts. A report that contradicts itself is refused when no reading of it is right
 *          (a finding that is not there, a verdict above or below what its axes say), and graded C where only its claim to be complete falls.
 * Twice    the same bytes again change nothing and are told as known. A later hunt of the same server supersedes an earlier one by its time.
 * Refused  true, ret->refused 1, the reason in told->refused and in case_refused: not JSON, not by the schema (the path of what is wrong comes first), of no known
 *          campaign, contradictory, of a later time than now, of no server that anybody could tell.
 * Bounds   REPORT_BYTES_MAX; JT_DEPTH levels and JT_NODES_MAX values; doors, sessions, features: REPORT_*_MAX, beyond that it is told.
 * Memory   the arena holds the parsed report meanwhile: about 60 bytes a value. REPORT_ROOM is enough for any.
 * Hostile  every text is: it goes to the ledger through bound parameters, cut at LEDGER_TEXT_MAX, and to reasons with control bytes and anything but ASCII replaced.
 * Errors   of the ledger; ERR_MEMORY. Nothing is taken then.
 * Not done reports of several servers in one file (summary.json): each server's own report.json is handed in.
 */
#ifndef CASEWORK_REPORT_IN_H
#define CASEWORK_REPORT_IN_H

#include "casework/ledger.h"
#include "casework/report_read.h"

enum { REPORT_BYTES_MAX = LEDGER_BYTES_MAX, REPORT_WHY_TEXT = 320 };
#define REPORT_ROOM ((size_t)192 << 20)

/* Do these first bytes (4096 are enough) look like a report? A JSON object whose "schema" begins with "afterpatch-report/". */
bool report_recognise(struct str head);

/* A detached OpenPGP signature beside a report (report.json.asc, report.json.sig), and what it proves. */
struct report_signed {
    bool given, known;             /* there is one; it is good, and by a key of the operator's ring */
    char fingerprint[65], why[REPORT_WHY_TEXT];        /* why: it is not known, in words */
};
/* keys: file or folder of public keys that the operator trusts; empty: none. Starts gpg (os/openpgp.h), so outside of a sandbox. False only when no answer is possible. */
bool report_signature(struct str bytes, struct str signature, struct str keys, struct report_signed *ret, struct err *e);

struct report_ask {
    int64_t    campaign;           /* 0: all that the report speaks of and the ledger knows */
    int64_t    case_;              /* for which it was handed in; 0: the one that it names */
    int64_t    source;             /* ledger_source */
    struct str name;               /* of the file, without folders */
    struct report_signed signature;
    bool       on_site;            /* the operator says that a responder took it on site: grade A */
};
struct report_told_campaign { char slug[64], verdict[16], door_open[12]; enum grade grade; char why[REPORT_WHY_TEXT]; uint32_t facts, known, features; };
struct report_told {
    bool    again;                 /* read before, whole: nothing was done */
    char    refused[REPORT_WHY_TEXT];                  /* empty: taken */
    char    server[256];           /* the best name of it; printable ASCII */
    int64_t subject;
    struct report_told_campaign campaign[REPORT_CAMPAIGNS_MAX]; uint32_t campaign_n;
    char    note[REPORT_WHY_TEXT]; /* what else a person should know: a campaign that was left out, lists that were cut; empty: nothing */
};
/* ret: rows are facts; taken, known. told may be NULL. */
bool report_import(struct ledger *l, struct arena *a, const struct report_ask *ask, struct str bytes, struct ledger_counts *ret, struct report_told *told, struct err *e);

#endif
