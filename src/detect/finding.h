/*
 * finding: what detectors hand to the verdict.
 *
 * Two kinds of statement, and both cite what they rest on:
 *   hit    a rule matched records of a text log. Repeats of one statement are folded: same rule, client, page, outcome ...,
 *          with less than HIT_GAP between neighbours. first and last stay cited.
 *   fact   something a file, a folder or a configuration says by itself: struct file_fact.
 * Beside them `seen` (coverage) and `server` (who this is).
 *
 * Text is raw evidence (any bytes); each way out escapes it. Everything lives in the hunt's arena.
 * Order    hits and facts are in the order of nodes, then offset: it does not depend on the number of threads.
 */
#ifndef DETECT_FINDING_H
#define DETECT_FINDING_H

#include "base/str.h"
#include "base/time.h"
#include "detect/sigma.h"
#include "evidence/ev.h"
#include "pack/baseline.h"
#include "pack/pack.h"

#define HIT_GAP TIME_HOUR
enum { HITS_MAX = 50000, FILE_FACTS_MAX = 24000, EXCERPT_MAX = 400 };

struct cite {
    uint32_t   node;             /* index in ev.node; UINT32_MAX: none */
    uint64_t   line;             /* 1-based; 0: the file as a whole */
    uint64_t   record;           /* EventRecordID of an event log; 0: none */
    uint64_t   offset;
    int64_t    time_us;
    struct str excerpt;          /* the decisive fields, at most EXCERPT_MAX bytes; never the body of a script */
    uint8_t    raw_sha256[32];   /* of the record without its line end (whole file: of the file) */
    bool       has_raw;
};

struct hit {
    uint32_t    rule;            /* index in sigma.rule; RULE_LEARNT, RULE_PIVOT for the engine's own */
    enum sign   sign;
    enum family family;
    struct cite first, last;
    int64_t     first_us, last_us;
    uint32_t    count;
    uint64_t    response_bytes;  /* sum over the folded records */
    uint64_t    response_max;    /* the largest of them */
    uint16_t    status;          /* HTTP; 0 unknown */
    bool        active;          /* a POST, or a query left after what Exchange appends: "used" when answered 2xx. Of a pivot in event logs: it let somebody in */
    bool        no_referer;
    struct str  client;          /* by the contract's definition; empty: none */
    struct str  peer, forwarded; /* what it was made of, where X-Forwarded-For is logged; else empty */
    struct str  user_agent;      /* commas and doubled blanks folded, '+' as blank */
    struct str  method;
    struct str  url;             /* urlpath_canon of the stem */
    struct str  query;           /* of the first record, what Exchange appends removed; shortened */
    struct str  account;         /* authenticated user, as logged */
    struct str  canary, request_id;
    struct str  target_host, target_path;   /* of a forged request: who and what it was aimed at; path canonical */
    struct str  mailbox;
    struct str  path;            /* a Windows path that the record names (OAB download, export) */
    struct str  key;             /* the shell's parameter name, when the record shows it */
    struct str  server;          /* the server's own name in the record */
    struct str  command;         /* of event logs: command line, or parameters of a cmdlet; shortened as excerpts are */
    struct str  why;             /* of event logs: the rule's sentence, filled from the record */
    uint32_t    event;           /* of event logs: its id, of the first record */
    uint32_t    ioc;             /* which of the operator's indicators fits, index in pack.user + 1; 0: none */
};
#define RULE_LEARNT (UINT32_MAX - 1)     /* a request to a page that the files taught us */
#define RULE_PIVOT  (UINT32_MAX - 2)
#define RULE_IOC    (UINT32_MAX - 3)     /* nothing but an indicator of the operator's fits */

enum file_fact_kind {
    FILE_FACT_PAGE,          /* a page proven by shape, indicator or analyser: a back door, here and now */
    FILE_FACT_PAGE_REVIEW,   /* an unknown or changed page where the product has none: proof needs use, or a person */
    FILE_FACT_PAGE_LEFT,     /* a compiled leftover or other trace says a page existed (path, url); state: removed or present or unknown */
    FILE_FACT_AV,            /* an antivirus log names it */
    FILE_FACT_WAY_BACK,      /* module, agent, task, virtual directory, handler, account ... (`what` = ways_back[].kind) */
    FILE_FACT_SECRET,        /* a credential dump or key file lies there: exposed_secret */
    FILE_FACT_LOOT,          /* an archive or mailbox export staged in a served folder or a known staging place */
    FILE_FACT_TOOL,          /* a dropped tool, by hash or published path */
    FILE_FACT_RANSOM,        /* ransom note or encrypted file */
    FILE_FACT_MITIGATION,    /* EOMT or rewrite rules */
    FILE_FACT_EXPOSURE,      /* build or patch evidence, shown on the exposure axis */
    FILE_FACT_NOTE           /* worth a look, moves nothing */
};
enum thing_state { THING_UNKNOWN, THING_REMOVED, THING_PRESENT };
enum reach { REACH_UNKNOWN, REACH_NO, REACH_YES };

struct file_fact {
    enum file_fact_kind kind;
    struct str          detector;        /* "files/oab-export", "files/extra-page", "config/module" ... */
    struct str          title, why;
    enum severity       severity;
    double              confidence;
    int64_t             time_us;         /* when it happened, TIME_NONE when the evidence does not say */
    struct str          what;            /* pages: evaluator|command|uploader|file_manager|tunnel|secret_dump|unknown; ways back: kind */
    struct str          name, path, url; /* path: Windows; url: canonical, when served */
    enum thing_state    state;
    enum reach          reachable;
    struct str          key;
    struct str          hash_hex;        /* sha256 of the thing, when its bytes were read or named */
    int64_t             created_us, removed_us;   /* only from sources that deserve it; TIME_NONE otherwise */
    int64_t             used_us;         /* ways back: when it last ran or was logged on with, as its source says; TIME_NONE: it does not */
    uint64_t            bytes;
    bool                alone;           /* compiled leftover: its assembly holds this page only, so the page itself was requested */
    bool                earlier;         /* its bytes are those of an earlier day (a shadow copy): they do not say that it is still there */
    bool                product_page;    /* the product has a page of this name here: that people ask for it proves nothing */
    struct str          attack[4]; size_t attack_n;
    struct str          cve[4];    size_t cve_n;
    struct cite         cite;
};

/*
 * What is there now, hostile or not, of a kind of ways back that was read in full: so that what a log says was made can be told to be still there,
 * or gone. `what` and `name` as a fact has them; a second name of one thing (a service's display name) is a row of its own.
 */
struct there { struct str what, name, path; };
enum { THERE_MAX = 40000 };

struct seen_damage { uint32_t node; struct str what; uint64_t kept; };
struct span { int64_t from_us, to_us; };
enum { SEEN_SPANS_MAX = 4096, SEEN_DAMAGE_MAX = 200 };
#define SPAN_JOIN (36 * TIME_HOUR)             /* records closer than this belong to one span: the contract's hole */

struct seen {                                  /* what was read of one family */
    uint32_t    files;
    uint64_t    bytes, records;
    int64_t     oldest_us, newest_us;
    struct span *span; size_t span_n;          /* covered intervals, sorted, disjoint, joined by SPAN_JOIN */
    struct seen_damage *damage; size_t damage_n; uint64_t damage_more;
    bool        roots_missing;                 /* the server has a root whose folder is not in the evidence, or a file or folder of the family was refused */
    struct str  missing;                       /* ... which, for people */
};

struct client_seen {                           /* of a client that the pivot looked at */
    struct str client;
    uint64_t   requests, authenticated;        /* lines in all; ordinary authenticated ones among them (not hits themselves) */
    struct str some_user;                      /* one such account */
};

struct server {
    struct str name, domain, os, time_zone;    /* "EXCH01" upper case; empty: unknown */
    struct str fqdn[8];     size_t fqdn_n;     /* sorted, distinct, lower case */
    struct str address[8];  size_t address_n;
    struct tls { uint8_t certificate[32], key[32]; } tls[4]; size_t tls_n;   /* SHA-256 of the certificates on port 443 and of their keys (SubjectPublicKeyInfo); sorted */
    struct str own_name[8]; size_t own_name_n; /* host names in them and in the bindings of the web server; sorted, distinct, lower case */
    struct product { struct str product, build, install_path; uint16_t v[4]; int parts; struct cite cite; } product[4];
    size_t     product_n;
    int64_t    installed_us, patched_us;       /* TIME_NONE: unknown */
    struct cite patched_cite, installed_cite;
    int64_t    build_at_us;                    /* newest record time that shows the build still was so; TIME_NONE */
    int        um_role;                        /* 1, 0, -1 unknown */
    bool       mitigated;                      /* rewrite rules found in a web.config of the site root */
};

struct filetimes;
struct detected {
    const struct ev    *ev;
    const struct pack  *pack;
    const struct sigma *sigma;
    const struct baseline *baseline;           /* what files were compared with; NULL: nothing */
    struct server       server;
    struct hit  *hit;   size_t hit_n;   uint64_t hit_more;    /* beyond HITS_MAX */
    struct file_fact *fact;  size_t fact_n;  uint64_t fact_more;
    struct client_seen *client; size_t client_n;
    struct there *there; size_t there_n; uint64_t there_more;
    struct seen  seen[FAM_COUNT];
    const struct filetimes *times;              /* what the file system wrote down (filetimes.h); NULL: nothing was there to say it */
    int64_t      newest_us;                    /* newest log record of all families; TIME_NONE: none */
};

/* Keeps `s` short and free of script text: cut at EXCERPT_MAX, and everything after a '<' goes. */
struct str excerpt_of(struct arena *a, struct str s);

#endif
