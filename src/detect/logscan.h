/*
 * logscan: one text log, once: prefilter, rules, learnt pages, coverage.
 *
 * The prefilter looks at raw blocks; only rows that hold a literal of a rule, a learnt term or a header are looked at further. Of an IIS row with a
 * rule's literal, and of every row when a rule has no literal, only the columns that rules name are found, and what a rule asks for is derived
 * when it asks; a row is taken apart when a rule fits, or where a learnt term or an odd spelling makes it a candidate for more than its rules.
 * Literals  the cheapest set of each rule, as measured (sample.h). One that speaks of the page counts in the stem alone, not in a referer; and not where
 *          the gate knows that no row with this stem fits the rule.
 * Memory   rules whose literals find no room in the search are tried on every row.
 * Order    rows are processed in file order, so headers that change mid-file bind to the rows below them.
 * Threads  a plan is read-only; one logscan per thread.
 */
#ifndef DETECT_LOGSCAN_H
#define DETECT_LOGSCAN_H

#include "detect/event.h"
#include "detect/hits.h"
#include "formats/columns.h"
#include "formats/lines.h"

enum { PLAN_RULES_MAX = (SIGMA_RULES_MAX + 63) / 64 * 64 };

/* What to look for in the logs of one family. */
struct plan_family {
    const struct search *search;
    uint32_t *rule;  size_t rule_n;      /* indices of sigma.rule that fit this family */
    uint32_t *always; size_t always_n;   /* indices into `rule`: no literal, every row is tried */
    uint32_t *owner; size_t owner_n;     /* literal id - PLAN_ID_RULE -> index into `rule`; with PLAN_OF_STEM */
};
/* On an owner: the literal is of a field that the stem of an IIS row alone tells. Elsewhere in the row, in a referer say, it means nothing. */
#define PLAN_OF_STEM (UINT32_C(1) << 31)

/*
 * COOKIE: "Server~" stands in every ordinary HttpProxy row; it makes a row a candidate only when a '/' comes before the next '~',
 * which no ordinary back-end cookie has (evidence sheet 3.1, rule B).
 */
/* LEARNT_STEM: as LEARNT, of a page: it counts in the stem alone. */
enum { PLAN_ID_HEADER, PLAN_ID_LEARNT, PLAN_ID_LEARNT_STEM, PLAN_ID_EVASION, PLAN_ID_COOKIE, PLAN_ID_IOC, PLAN_ID_RULE };

struct plan {
    const struct ev    *ev;
    const struct sigma *sigma;
    struct plan_family  family[FAM_COUNT];
    uint8_t            *derived;         /* of binding.derived */
    struct map          page;            /* learnt pages and staged files: canonical url -> enum sign */
    const struct str   *key; size_t key_n;   /* request items that planted scripts read */
    bool                pivot;           /* second pass: clients and canaries instead of rules */
    struct map          client, canary;  /* pivot only -> index */
    size_t              client_n;
    int64_t             since_us, until_us;
    const struct iocs *user;             /* indicators of the operator's; NULL: none */
    const struct proxies *proxies;       /* known before the pass; NULL: none */
    bool                whole;           /* every candidate is taken apart: the slow gear alone. For tests */
};

/* What the files taught: canonical URLs of pages and of staged files to watch on the front end, and keys of planted scripts. */
struct learnt { struct str *page, *loot, *key; size_t page_n, loot_n, key_n, page_cap, loot_cap, key_cap; const struct iocs *user; };

/* Builds the databases. What literals cost in the logs of IIS is measured first, on their beginnings. */
bool plan_make(struct plan *ret, struct ev *ev, const struct sigma *sigma, const struct learnt *learnt, struct arena *keep, struct err *e);
/* The same with somebody else's word for the costs. For tests: whatever it says, the same rows are found. */
bool plan_make_costs(struct plan *ret, const struct ev *ev, const struct sigma *sigma, const struct learnt *learnt, uint64_t (*cost)(void *, struct str, uint32_t),
                     void *ctx, struct arena *keep, struct err *e);
bool plan_make_pivot(struct plan *ret, const struct ev *ev, const struct sigma *sigma, const struct str *client, size_t client_n,
                     const struct str *canary, size_t canary_n, struct arena *keep, struct err *e);

enum { LOGSCAN_SPANS = 512, LOGSCAN_NAMES = 8, LOGSCAN_VERSIONS = 16 };
struct logscan_version { uint16_t v[4]; int64_t first_us, last_us; struct cite first; };
struct logscan_name { struct str name; uint64_t rows; };

/* The outcome for one file. Texts live in the `work` given to logscan_run; hits.max is set by the caller. */
struct logscan_result {
    struct hits  hits;
    uint64_t     bytes, records, headerless;
    uint64_t     candidates, split;      /* rows with a literal; rows that were taken apart for a rule. For measuring: no result hangs on them */
    struct span  span[LOGSCAN_SPANS]; size_t span_n;
    int64_t      oldest_us, newest_us;
    struct lines_damage damage;
    uint64_t     damaged_rows;
    struct err   stopped;                /* kind != ERR_NONE: the file could not be read to its end */
    struct logscan_name server[LOGSCAN_NAMES], host[LOGSCAN_NAMES], address[LOGSCAN_NAMES];
    size_t       server_n, host_n, address_n;
    struct logscan_version version[LOGSCAN_VERSIONS]; size_t version_n;
    struct proxies proxies;              /* peers of forwarded requests that this file showed */
    struct client_seen *client;          /* pivot: client_n of the plan, counts only */
};

/* What a thread remembers from one log to the next of a pass: headers, and how they answer. Only time hangs on it. */
enum { LOGSCAN_MEMORY = 512 << 10 };
struct logscan_memory {
    struct columns_kept columns;
    struct binding      binding[COLUMNS_KEPT];      /* by `names` */
    const struct str   *names[COLUMNS_KEPT];
    size_t              binding_n;
};
/* NULL: no room, or work without. */
struct logscan_memory *logscan_memory(struct arena *keep);

/* Where a scan reports to while it runs. */
struct logscan_sink {
    void *ctx;
    void (*step)(void *ctx, uint64_t bytes);                               /* progress */
    bool (*flush)(void *ctx, struct hits *hits, struct err *e);            /* take over all hits so far, in order; they are dropped after */
    void (*met)(void *ctx, uint32_t rule, uint64_t line);                  /* a rule or RULE_LEARNT fits this line; NULL: nobody waits */
    struct logscan_memory *memory;                                         /* of this thread; NULL: none */
};

/* Fails only when memory for the file's own work is missing or a flush failed; a file that cannot be read is ret->stopped. */
bool logscan_run(const struct plan *plan, struct ev *ev, struct ev_node *node, bool hash, struct arena *work,
                 const struct logscan_sink *sink, struct logscan_result *ret, struct err *e);

#endif
