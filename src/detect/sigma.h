/*
 * sigma: Sigma rules over text records.
 *
 * Shape    rules compiled once, immutable, matched from any thread. One YAML document is one rule (or one correlation rule).
 * Subset   named in docs/sigma.md; a rule outside it is refused with its reason, never dropped in silence.
 * Values   fields come from a callback, which may give several candidates for one field (URL aliasing): one that fits is enough.
 * Bounds   SIGMA_* below. Regular expressions run under match limits of PCRE2; a limit reached counts as "no match" and is counted.
 * Source   SigmaHQ specification 2.0, "sigma-rules-specification"; interchange sheet, section 4.
 */
#ifndef DETECT_SIGMA_H
#define DETECT_SIGMA_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/search.h"
#include "base/str.h"

enum { SIGMA_RULES_MAX = 20000, SIGMA_VALUES_MAX = 8, SIGMA_LIST_MAX = 32, SIGMA_FIELDS_MAX = 4096, SIGMA_ALL_NODES_MAX = 1000000, SIGMA_WHY_MAX = 150 };

enum severity { SEV_INFO, SEV_LOW, SEV_MEDIUM, SEV_HIGH, SEV_CRITICAL };
const char *severity_name(enum severity s);

enum axis { AXIS_NONE, AXIS_EXPOSURE, AXIS_EXPLOITATION, AXIS_BACK_DOOR, AXIS_USE, AXIS_THEFT };
const char *axis_name(enum axis a);              /* "exploitation"; NULL for AXIS_NONE */

/* What a match means to the verdict; the custom field `afterpatch: {sign: ...}` of a rule. */
enum sign {
    SIGN_REVIEW,          /* shown, moves nothing: the default, and all that a user's rule may do unless it says more */
    SIGN_FORGED,          /* a forged request through the front end (the rule's state tells how far it came) */
    SIGN_MAIL_READ,       /* a forged request that read mail; response bytes count */
    SIGN_SESSION,         /* an administrator session was obtained (241) */
    SIGN_DROP,            /* script text written into a virtual directory's settings */
    SIGN_RESET,           /* the settings were written to a file */
    SIGN_CLEAN_UP,        /* the intruder put a planted setting back */
    SIGN_OAB_DOWNLOAD,    /* OAB download to a foreign path; field Path */
    SIGN_PAGE,            /* a request to a page that may be a back door */
    SIGN_LOOT,            /* a staged file was fetched from a web folder */
    SIGN_PROBE,           /* a third party or scanner looked */
    SIGN_ADMIN,           /* an administrator's own edit */
    SIGN_COEXIST,         /* product traffic that resembles an attack */
    SIGN_SUPPORT,         /* supports others, proves nothing alone */
    SIGN_HOST,            /* an act on the server itself, as its event logs tell: a child process of the web server, a logon from here elsewhere. Axis use says how far */
    SIGN_PIVOT            /* made by the engine: another request of a proven intruder */
};

/* What thing a matching record of an event log is about; the custom field `afterpatch: {thing: ...}`. */
enum sigma_about {
    ABOUT_NOTHING,        /* none: the match is a hit like any other */
    ABOUT_PLANTED,        /* a way back in was made (`way` says which kind): FILE_FACT_WAY_BACK, created then */
    ABOUT_REMOVED,        /* ... was deleted: FILE_FACT_WAY_BACK, removed then */
    ABOUT_SECRET,         /* a secret was laid open: FILE_FACT_SECRET */
    ABOUT_TOOL,           /* a tool was dropped or ran: FILE_FACT_TOOL */
    ABOUT_LOOT,           /* an archive or export was staged: FILE_FACT_LOOT */
    ABOUT_RANSOM,         /* FILE_FACT_RANSOM */
    ABOUT_PAGE,           /* a page was written: FILE_FACT_PAGE_LEFT, created then */
    ABOUT_PAGE_REMOVED,   /* ... was deleted */
    ABOUT_AV,             /* an antivirus named it: FILE_FACT_AV */
    ABOUT_AV_REMOVED,     /* ... and took it away */
    ABOUT_NOTE            /* worth a look: FILE_FACT_NOTE */
};

struct sigma_rule {
    struct str    id, name, title, description, author, status, reference, file;   /* name: of the document, else the file's own without .yml */
    enum severity level;
    struct str    category, product, service;
    struct str    attack[8];  size_t attack_n;     /* "T1190" */
    struct str    cve[8];     size_t cve_n;        /* "CVE-2021-26855" */
    struct str    falsepositives;
    enum sign     sign;
    enum axis     axis;                            /* AXIS_NONE: review only */
    struct str    state;                           /* "attempted", "succeeded", "used", "suspected", ... */
    double        confidence;
    struct str    why;                             /* afterpatch.why: template with {Field} placeholders */
    struct str    literal;                         /* afterpatch.literal: stands in the raw text of every match, the rule's author promises */
    enum sigma_about about;                        /* of event logs: what the record says was made or found */
    struct str    way;                             /* ways_back[].kind, or what a page, secret or tool is: lower-case word */
    struct str    thing_name, thing_path;          /* a field, or a template with {Field} placeholders */
    bool          own;                             /* from a pack of ours (else a user's) */
    struct str    pack;                            /* its id; empty: the campaign's own pack, or none */
    /* Correlation (type temporal_ordered): ids or names of the rules, in order; the window; the fields that must agree. */
    bool          correlation;
    struct str    of[8];      size_t of_n;
    int64_t       within_us;
    struct str    group_by[8]; size_t group_by_n;
    const struct sigma_code *code;                 /* private: NULL for correlations */
};

struct sigma {
    struct sigma_rule *rule;
    size_t             rule_n;
    struct sigma_refused { struct str file, title, why; bool elsewhere; } *refused;   /* elsewhere: a good rule for a log source that is not ours */
    size_t             refused_n;
    /* Are rules of this log source of no use here, and why? Asked before a rule is compiled. NULL: all are taken. */
    bool             (*unfit)(const struct sigma_rule *r, char why[SIGMA_WHY_MAX]);
    struct str        *field;                      /* all field names that rules ask for, distinct (case kept, compared without) */
    size_t             field_n;
    struct map         field_at;                   /* private, as what follows */
    size_t             nodes;
    size_t             cap[3];
};

/* Adds every document of `text`. False only for ERR_MEMORY or ERR_LIMIT; a bad rule goes to `refused`. */
bool sigma_add(struct sigma *s, struct arena *a, struct str file, struct str text, bool own, struct err *e);

/* Tells of a rule that is not used. Texts must live as long as `s`, but for `why`, which is copied. */
bool sigma_refuse(struct sigma *s, struct arena *a, struct str file, struct str title, const char *why, bool elsewhere, struct err *e);

/*
 * Literals for the prefilter: a record can match rule i only if its raw text contains one of them (without regard to case).
 * A rule without any usable literal gives `always` = true: every record of its log source must be tried.
 * A rule that names its own literal gives that one.
 */
struct sigma_raw {                   /* how the raw text of a record differs from the values that fields give */
    struct str         cut;          /* bytes that the raw text may spell in another way (quotes, blanks, percent signs ...): no literal crosses them */
    const char *const *derived;      /* fields whose values the raw text does not contain: they give no literals. NULL-ended, compared without case */
    const char *const *decoded;      /* fields whose values are joined and decoded: their literals hold letters, digits and "-_./" only. Likewise */
    bool               escaped;      /* ... and the raw text spells any other byte of theirs as it is, as a percent escape, or a blank as '+' */
    bool               ascii;        /* literals hold ASCII only: the raw text is in another encoding */
    /*
     * What it costs to search for a literal of this field, as far as it was measured: the cheapest set is taken, of equal ones that which looks rarest.
     * Asked about each that could be taken. NULL: not measured.
     */
    uint64_t         (*cost)(void *ctx, struct str lit, uint32_t field);
    void              *cost_ctx;
    const char *const *frequent;     /* what many records hold, for want of our own list for text logs. NULL-ended */
};
struct sigma_literals {
    struct str *lit;  size_t n;      /* one of these ... */
    struct str *also; size_t also_n; /* ... and, when there are any, one of these stand in the same record */
    uint32_t   *lit_of, *also_of;    /* the field each is of (index in sigma.field; SIGMA_KEYWORD: the record as it stands). NULL: a literal of the author's own */
    bool        always;
};
#define SIGMA_KEYWORD UINT32_MAX
/* The same, of as many parts as must hold together: of each set, one literal stands in the raw text of every match. Best first; n == 0: always. */
enum { SIGMA_SETS_MAX = 6 };
struct sigma_set { struct str *lit; uint32_t *of; size_t n; bool rare; };      /* of: as lit_of. rare: none of them is known to be frequent */
struct sigma_sets { struct sigma_set at[SIGMA_SETS_MAX]; size_t n; };
bool sigma_literal_sets(const struct sigma *s, const struct sigma_rule *r, struct arena *a, const struct sigma_raw *raw, struct sigma_sets *ret, struct err *e);
bool sigma_literals(const struct sigma *s, const struct sigma_rule *r, struct arena *a, const struct sigma_raw *raw, struct sigma_literals *ret,
                    struct err *e);

/* Candidates for `field` (index in sigma.field); at most SIGMA_VALUES_MAX into ret. 0: the record has no such field. */
typedef size_t sigma_field(void *ctx, uint32_t field, struct str *ret);
/* raw: what keyless keywords search. scratch by value: the space returns by itself. */
bool sigma_match(const struct sigma *s, const struct sigma_rule *r, sigma_field *get, void *ctx, struct str raw, struct arena scratch);
/* plus: the raw text has '+' or "%20" for blanks, as IIS logs have: keywords of users' rules that hold a blank are looked for in either text. */
bool sigma_match_plus(const struct sigma *s, const struct sigma_rule *r, sigma_field *get, void *ctx, struct str raw, bool plus, struct arena scratch);

/*
 * May the rule fit a record of which only some fields are known? `get` gives SIGMA_UNKNOWN for the others; the raw text is not known either. False: no
 * record with these values fits.
 */
#define SIGMA_UNKNOWN SIZE_MAX
bool sigma_may_match(const struct sigma_rule *r, sigma_field *get, void *ctx, struct arena scratch);

/* Does the rule look at this field (index in sigma.field)? */
bool sigma_asks(const struct sigma_rule *r, uint32_t field);

/* How often a match was given up at a limit (it then counted as "no match"). */
uint64_t sigma_limits(const struct sigma_rule *r);
/* Gives back what PCRE2 made outside the arena (machine code of expressions). The rules are unusable afterwards. */
void sigma_close(const struct sigma *s);

/*
 * Does the rule speak of this log source? Empty parts of the rule fit everything. Category webserver fits service iis and httperr, proxy fits iis and
 * exchange-httpproxy; products windows, microsoft, exchange and iis are ours.
 */
bool sigma_fits(const struct sigma_rule *r, struct str category, struct str product, struct str service);

#endif
