/*
 * summary: several servers in one hunt, one line each.
 *
 * Shape    rows in the order of names; written as summary.json, summary.html, summary.csv and to the terminal, beside one folder per server.
 * Worst    the first row by the contract's Precedence; the exit code of the hunt is its.
 * Links    a server that forged requests of another one named. `hunted`: it is among the rows, so its own report answers for it.
 * Owner    texts belong to the caller; a row keeps no pointer into the report it was made from (it is copied into `a`).
 */
#ifndef REPORT_SUMMARY_H
#define REPORT_SUMMARY_H

#include "emit/out.h"
#include "verdict/report.h"

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
    uint64_t   findings, back_doors_present, back_doors_removed, back_doors_unknown, ways_back, sessions, intruders, refused;
    struct str_list clients;            /* addresses of intruders: at most SUMMARY_CLIENTS, sorted */
};
enum { SUMMARY_CLIENTS = 32, SUMMARY_ROWS_MAX = 4096 };
struct summary_link { uint32_t from; struct str to; bool hunted; uint32_t to_row; struct str why; };

struct summary {
    struct str tool_version, tlp, organisation, case_id;
    const char *sandbox;
    int64_t    started_us;
    struct summary_row  *row;  size_t row_n;
    struct summary_link *link; size_t link_n;
};

/* A row from a report, and its links (appended to *link). */
bool summary_add(struct summary *s, const struct report *r, struct str folder, struct arena *a, struct err *e);
bool summary_fail(struct summary *s, struct str name, struct str folder, const struct err *why, struct arena *a, struct err *e);
/* After the last: rows sorted by name, links joined to rows (by computer name or the first label of a full name, without case) and sorted. */
bool summary_settle(struct summary *s, struct arena *a, struct err *e);
enum verdict_word summary_worst(const struct summary *s);
/* Addresses that got into more than one of the servers: same sorting as in the rows. For the page and the JSON ("shared_clients"). */

bool summary_json(struct out *o, const struct summary *s, struct arena scratch, struct err *e);
bool summary_html(struct out *o, const struct summary *s, struct arena scratch, struct err *e);
bool summary_csv(struct out *o, const struct summary *s, struct arena scratch, struct err *e);
bool summary_terminal(struct out *o, const struct summary *s, struct arena scratch, bool colour, uint32_t width, struct err *e);

#endif
