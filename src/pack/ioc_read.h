/*
 * ioc_read: indicators that the operator brings, from the files that responders pass around.
 *
 * Shape    CSV (a header with type and value: ours, and the export of MISP), STIX 2.1 bundles, MISP events, plain lists. What a file is says
 *          its content, never its name. Values are brought to one form (defanged, lower case, addresses and paths as logs and trees have them),
 *          then sorted: looking one up takes a binary search, whatever their number.
 * Weight   only a CSV row may say "accuses", and only of a hash. Without a weight: hashes, paths and URLs support; names, domains, user agents
 *          and addresses are context. Neither makes more than a finding to review.
 * Bounds   IOCS_MAX indicators, files of at most IOCS_FILE_MAX bytes, IOCS_FILES_MAX files. Of what was refused IOCS_TOLD_MAX are told, the
 *          rest is counted. The memory that the values need is the caller's arena.
 * Errors   a line or object that cannot be used is told with its reason, and the next one is read. False: ERR_FORMAT for a file that is none of
 *          these, ERR_LIMIT and ERR_MEMORY for all of them.
 * Owner    texts point into the arena and into the text given, which lives as long.
 * Not done OpenIOC, YARA and Sigma (those are rules), STIX 1, patterns over time.
 * Source   interchange sheet, 3.4, 3.5 and 5; STIX 2.1, section 9 (patterning); MISP core format.
 */
#ifndef PACK_IOC_READ_H
#define PACK_IOC_READ_H

#include "pack/pack.h"

enum { IOCS_MAX = 1000000, IOCS_FILES_MAX = 200, IOCS_FILE_MAX = 64 << 20, IOCS_TOLD_MAX = 500, IOCS_VALUE_MAX = 1024, IOCS_ALSO_MAX = 8 };

struct ioc_term { enum ioc_kind kind; struct str value; };

/* One indicator of the operator's. */
struct user_ioc {
    struct str      value;                /* lower case */
    struct str      name, id;             /* what its file calls it; may be empty */
    int64_t         until_us;             /* log records after that do not count; TIME_NONE: open */
    enum ioc_kind   kind;
    enum ioc_weight weight;
    uint32_t        file, line;           /* line, or number of the object; 1-based */
    uint32_t        also, also_n;         /* what must be true as well: in iocs.term */
};
struct user_file { struct str name, publisher; const char *format; };
struct ioc_refusal { uint32_t file, line; struct str id, why; };

struct iocs {
    struct user_ioc    *item;    size_t n;           /* sorted by kind, then value */
    struct ioc_term    *term;    size_t term_n;
    struct user_file   *file;    size_t file_n;
    struct ioc_refusal *refused; size_t refused_n;   /* in the order of files and lines */
    uint64_t            refused_more, twice;
    size_t              first[IOC_KINDS + 1];        /* where each kind begins in `item` */
    size_t              cap[4];                      /* private */
    uint32_t            prefix4[2], prefix6[5];      /* private: lengths of the networks there are */
};

/* Reads one file. */
bool iocs_add(struct iocs *s, struct arena *a, struct str name, struct str text, struct err *e);
/* After the last file: sorts, and drops what was said twice. */
void iocs_settle(struct iocs *s);

/* The first indicator of this kind with this value (lower case); SIZE_MAX: none. Equal ones follow it. */
size_t iocs_find(const struct iocs *s, enum ioc_kind kind, struct str value);
/* By an address as text: itself, or the network it is in. SIZE_MAX: none. */
size_t iocs_find_ip(const struct iocs *s, struct str address);
static inline size_t iocs_count(const struct iocs *s, enum ioc_kind k) { return s->first[k + 1] - s->first[k]; }
/* Where it comes from, for people: "feed.json, Example CERT, indicator--..."; .p == NULL: no room. */
struct str iocs_source(const struct iocs *s, const struct user_ioc *i, struct arena *a);
/* As user agents are compared: lower case, blanks for '+', no commas, no doubled blanks. .p == NULL: no room. */
struct str ioc_agent_fold(struct arena *a, struct str s);
const char *ioc_kind_title(enum ioc_kind k);         /* "file hash (SHA-256)" */

#endif
