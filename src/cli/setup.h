/*
 * setup: what the operator asked of a hunt, from words to values.
 *
 * Times    RFC 3339, or a date. A date begins the interval at its first microsecond and ends it at its last.
 * Bounds   SETUP_JOBS_MAX threads; organisation SETUP_NAME_MAX bytes of UTF-8 without control characters;
 *          case id and nonce SETUP_ID_MAX printable ASCII characters without blanks.
 * Errors   ERR_USAGE, with the value that was refused.
 * Owner    texts point into argv, the mark lives in the arena.
 */
#ifndef CLI_SETUP_H
#define CLI_SETUP_H

#include "cli/args.h"
#include "evidence/limits.h"

enum { SETUP_JOBS_MAX = 256, SETUP_NAME_MAX = 200, SETUP_ID_MAX = 64 };

/* Indices in hunt_opts. */
enum hunt_opt { HUNT_OUT, HUNT_ORGANISATION, HUNT_CASE, HUNT_JOBS, HUNT_SINCE, HUNT_UNTIL, HUNT_TLP, HUNT_PACK, HUNT_SERVER, HUNT_LIMITS,
                HUNT_PASSWORD, HUNT_SANDBOX, HUNT_JSON, HUNT_QUIET, HUNT_BASELINE, HUNT_RULES, HUNT_IOCS, HUNT_NO_CACHE, HUNT_OPTS };
extern const struct opt hunt_opts[HUNT_OPTS + 1];

struct setup {
    struct str out;                   /* empty: no files */
    struct str organisation, case_id, case_nonce;
    struct str tlp;                   /* "TLP:AMBER" */
    struct str pack_dir;              /* empty: the embedded pack */
    struct str baseline;              /* folders parted by ','; empty: none */
    struct str rules;                 /* folders of Sigma and YARA rules, likewise */
    struct str iocs;                  /* files and folders of indicators, parted by ','; empty: none */
    uint32_t   jobs;
    int64_t    since_us, until_us;    /* TIME_NONE: open */
    struct str server;                /* computer name that all paths belong to; empty: found out */
    struct str password_file;         /* of encrypted archives; empty: none */
    struct ev_limits limits;
    bool       quiet, json, no_sandbox, no_rule_cache;
};

/* What a worker's memory may come to, mapped: our own maps, each thread's, what is kept in place of a folder, and what unpackers may take. */
uint64_t setup_memory_bytes(uint32_t jobs, const struct ev_limits *limits);

/* cores: what --jobs is without the option. */
bool setup_make(const struct args *args, uint32_t cores, struct arena *a, struct setup *ret, struct err *e);

#endif
