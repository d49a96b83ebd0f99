/*
 * summary: several servers in one hunt, one line each.
 *
 * Shape    rows in the order of names; written as summary.json, summary.html, summary.csv and to the terminal, beside one folder per server.
 * Worst    the first row by the contract's Precedence; the exit code of the hunt is its.
 * Links    a server that forged requests of another one named. `hunted`: it is among the rows, so its own report answers for it.
 * Bounds   SUMMARY_ROWS_MAX rows (more: ERR_LIMIT), SUMMARY_LINKS_MAX links (more are counted), SUMMARY_CLIENTS addresses a row (the same).
 * Owner    texts belong to the caller; a row keeps no pointer into the report it was made from (it is copied into `a`).
 * Source   docs/report-contract.md ("One report speaks of one server"); docs/summary.schema.json states summary.json formally.
 */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "emit/out.h"
#include "verdict/report.h"

enum { SUMMARY_CLIENTS = 32, SUMMARY_ROWS_MAX = 4096, SUMMARY_LINKS_MAX = 8192, SUMMARY_FOLDER_MAX = 64 };

struct summary_row {
    struct str name;                    /* "EXCH01"; "unnamed-1" where the evidence does not say */
    struct str folder;                  /* below the output folder */
    struct str sources;                 /* what was given for it, shortened */
    bool       failed;                  /* no report: `error` says why; counts as not_covered among the words */
    struct str error;
    enum verdict_word verdict;
    enum open_state   open;
    enum exposure_state exposure;
    int64_t    first_us, last_us;       /* of exploitation; TIME_NONE */
    uint64_t   findings, back_doors_present, back_doors_removed, back_doors_unknown, back_doors_omitted, ways_back, sessions, intruders, refused;
    struct str_list clients;            /* addresses of intruders: at most SUMMARY_CLIENTS, sorted */
    uint64_t   clients_omitted;
};
struct summary_link { uint32_t from; struct str to; bool hunted; uint32_t to_row; struct str why; };   /* to_row: UINT32_MAX where there is none */

struct summary {
    struct str tool_version, tlp, organisation, case_id;
    const char *sandbox;
    int64_t    started_us;
    struct summary_row  *row;  size_t row_n, row_cap;
    struct summary_link *link; size_t link_n, link_cap;
    uint64_t   links_omitted;
};

/* A row from a report, and its links (appended to *link). */
bool summary_add(struct summary *s, const struct report *r, struct str folder, struct arena *a, struct err *e);
bool summary_fail(struct summary *s, struct str name, struct str folder, const struct err *why, struct arena *a, struct err *e);
/* After the last: rows sorted by name, links joined to rows (by computer name or the first label of a full name, without case) and sorted. */
bool summary_settle(struct summary *s, struct arena *a, struct err *e);
/* Without rows, not_covered: nothing was answered. */
enum verdict_word summary_worst(const struct summary *s);

/* Do both name one computer? By computer name or the first label of a full name, without case; addresses only as a whole. Empty names nobody. */
bool summary_same(struct str one, struct str other);

/*
 * A folder for the server `name`: letters, digits, '.', '_' and '-' only, at most SUMMARY_FOLDER_MAX bytes, no name that Windows reserves or
 * that one of our own files has, no dot or '-' in front, no dot at the end, and unlike each of taken[], whatever the case. Empty: "unnamed-1".
 */
bool summary_folder(struct str name, const struct str *taken, size_t taken_n, struct arena *a, struct str *ret, struct err *e);
/* Is it such a name? Links on the page are made of nothing else. */
bool summary_folder_safe(struct str folder);

/* Addresses that got into more than one of the servers, sorted; the indices of their rows, rising. After summary_settle. */
struct summary_shared { struct str client; const uint32_t *row; size_t row_n; };
bool summary_shared(const struct summary *s, struct arena *a, struct summary_shared **ret, size_t *ret_n, struct err *e);

bool summary_json(struct out *o, const struct summary *s, struct arena scratch, struct err *e);
bool summary_html(struct out *o, const struct summary *s, struct arena scratch, struct err *e);
bool summary_csv(struct out *o, const struct summary *s, struct arena scratch, struct err *e);
bool summary_terminal(struct out *o, const struct summary *s, struct arena scratch, bool colour, uint32_t width, struct err *e);

#endif
