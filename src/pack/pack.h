/*
 * pack: what teaches the engine a campaign. Standard formats only; the design's section 4 is the layout.
 *
 * Shape    pack.yaml, builds.csv, groups.csv, rules (*.yml Sigma), yara (*.yar), iocs.csv, clean (*.csv), guidance (LANG.md), notices (LANG/BLOCK.txt). A pack is a set of named
 *          texts: embedded in the program (deflated and masked, so that antivirus leaves the tool alone), or read from a folder.
 * Builds   a campaign without a builds.csv takes those of the embedded pack `survey`, which all campaigns share.
 * Errors   ERR_FORMAT with the file and line. Rules are not compiled here: detect does, and tells which it cannot use.
 * Owner    everything lives in the arena given.
 */
#ifndef PACK_PACK_H
#define PACK_PACK_H

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "base/time.h"
#include "os/os.h"

struct pack_file { struct str name, text; };       /* "rules/httpproxy-setobject.yml" */

enum ioc_kind {
    IOC_SHA256, IOC_SHA1, IOC_MD5, IOC_IP, IOC_DOMAIN, IOC_USER_AGENT, IOC_URI, IOC_URI_POST, IOC_PATH_SUFFIX, IOC_PATH_PART,
    IOC_FILE_NAME, IOC_FILE_NAME_REGEX, IOC_EXTENSION, IOC_FILE_MARKER, IOC_CHOPPER_KEY, IOC_TASK_NAME, IOC_SERVICE_NAME,
    IOC_NETWORK, IOC_URL,             /* of the operator's indicators only: "198.51.100.0/24", "host/path" */
    IOC_KINDS
};
/* How much an indicator proves alone. ACCUSES: enough for a verdict; SUPPORTS: raises confidence; CONTEXT: shown, never counted. */
enum ioc_weight { IOC_CONTEXT, IOC_SUPPORTS, IOC_ACCUSES };
struct ioc {
    enum ioc_kind   kind;
    enum ioc_weight weight;
    struct str      value, description, source;
};

struct clean_page { struct str path /* below FrontEnd\HttpProxy, "*\global.asax" for all protocols */; uint8_t sha256[32]; struct str builds; };

struct iocs;
struct guidance { struct str id /* "preserve-logs" */, title, text; };   /* text: Markdown with {placeholders} */

/* One line of groups.csv: a campaign that servers are judged for, and how each product stands to it. */
enum build_product { BUILD_2003, BUILD_2007, BUILD_2010, BUILD_2013, BUILD_2016, BUILD_2019, BUILD_SE, BUILD_PRODUCTS };
enum build_how {
    BUILD_BY_TOKEN,               /* the build table says where the fix came */
    BUILD_BY_TOKEN_UM,            /* the same, and only the Unified Messaging role is affected */
    BUILD_NEVER_AFFECTED,
    BUILD_NEVER_ASSESSED          /* out of support when it was published: nobody said */
};
enum build_rule {
    BUILD_RULE_BUILD,             /* the build decides */
    BUILD_RULE_CONFIGURATION,     /* the fix is a setting that newer builds switch on: an older one may have it */
    BUILD_RULE_MORE               /* the build is needed, and does not suffice */
};
struct build_group {
    struct str name, title, also; /* also: other names, parted by ';' */
    enum build_rule rule;
    struct { enum build_how how; struct str token; } on[BUILD_PRODUCTS];
};

struct build_row {
    uint16_t v[4];                /* 15.1.2106.13 */
    struct str product, cumulative, security, kb;
    int64_t  released_us;         /* midnight UTC of the release date; column available_from, where there is one, wins */
    struct str fixes;             /* tokens separated by ';' */
};

enum { PACK_WITH_MAX = 4 };
struct pack {
    struct str id, version, title;
    bool       rules_only;                          /* kind: rules. Rules that every hunt takes, whatever its campaign */
    bool       survey_only;                         /* kind: survey. Builds and groups that all campaigns share */
    const struct pack *with[PACK_WITH_MAX]; size_t with_n;   /* such packs, taken beside this campaign */
    struct str cve[16];       size_t cve_n;
    int64_t    exploited_from_us, disclosed_us, patched_us, mass_from_us, public_code_us;
    struct str fix_token, fix_token_2010;           /* "ProxyLogon", "CVE-2021-26857" */
    struct str expected[32];  size_t expected_n;    /* family names that a hunt of this campaign wants */
    uint8_t    sha256[32];                          /* over all names and texts in order */
    struct pack_file  *file;  size_t file_n;        /* sorted by name */
    struct ioc        *ioc;   size_t ioc_n;         /* as in the file */
    struct map         ioc_hash;                    /* lower-case hex of any of the three kinds -> index in ioc */
    struct clean_page *clean; size_t clean_n;
    struct str        *clean_config; size_t clean_config_n;   /* lower-case hex sha256 of known harmless web.config files */
    struct build_row  *build; size_t build_n;       /* sorted by v */
    struct build_group *group; size_t group_n;      /* as in the file */
    struct guidance   *guide; size_t guide_n;
    const struct iocs *user;                        /* indicators that the operator brought (ioc_read.h); NULL: none */
};

bool pack_load_embedded(struct pack *ret, struct arena *a, struct str id, struct err *e);
bool pack_load_dir(struct pack *ret, struct arena *a, struct os *os, struct str dir, struct err *e);
/*
 * Like pack_load_dir, but a file that cannot be used becomes a problem of the list and the next one is read. Sorted by file.
 * False: the folder cannot be read, or no memory. Rules are compiled by detect/packcheck.h.
 */
struct pack_problem { struct str file, why; };
bool pack_check_dir(struct pack *ret, struct arena *a, struct os *os, struct str dir, struct pack_problem **ret_list, size_t *ret_n,
                    struct err *e);
/* Ids of the embedded packs, NULL-ended. */
extern const char *const pack_embedded_ids[];

/*
 * Is this canonical URL (winpath.h, urlpath_canon) the published place of a web shell? Rows of kind uri, and page paths below the web root
 * or FrontEnd\HttpProxy. Published names were also probed on clean servers: it says something only when the page answers.
 */
bool pack_page_published(const struct pack *p, struct str url);

/* The text of one file; empty: it is not there. */
struct str pack_text(const struct pack *p, struct str name);
/* All files whose names begin so: they stand together. */
const struct pack_file *pack_below(const struct pack *p, struct str prefix, size_t *ret_n);

const struct guidance *pack_guidance(const struct pack *p, struct str id);   /* NULL: not there */

/* Builds: survey sheet, sections 1 to 3. builds.h judges for any group, and fast. BUILD_UNREACHABLE is no build's: who asked says it. */
enum build_verdict {
    BUILD_PATCHED, BUILD_UNPATCHED, BUILD_CANNOT_TELL, BUILD_NOT_AFFECTED, BUILD_NOT_SELF_HOSTED, BUILD_NOT_EXCHANGE, BUILD_UNREACHABLE
};
enum { BUILD_VERDICTS = BUILD_UNREACHABLE + 1 };
struct build_answer {
    enum build_verdict verdict;
    struct str         why;                 /* a sentence */
    struct str         product;             /* "Exchange Server 2016" or empty */
    const struct build_row *fixed_by;       /* first build of the line with the fix, or NULL */
};
/* "15.1.2106.2", "15.01.2106.002", 2 to 4 parts. *ret_parts: how many there were. */
bool build_parse(struct str text, uint16_t ret_v[4], int *ret_parts);
/* For the pack's own campaign. at_us: when the build was observed, TIME_NONE: unknown. um_role: 1 yes, 0 no, -1 unknown (Exchange 2010 only). */
bool build_judge(const struct pack *p, struct arena *a, const uint16_t v[4], int parts, int64_t at_us, int um_role,
                 struct build_answer *ret, struct err *e);
const char *build_verdict_name(enum build_verdict v);

#endif
