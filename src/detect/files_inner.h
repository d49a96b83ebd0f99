/*
 * files_inner: what the file detectors share and nobody else needs.
 *
 * Order    look is called in node order, one node at a time; done after all, in the order of the table. So facts come out the same
 *          whatever the number of threads.
 * Memory   `scratch` of the work is for done; look has the scratch of its node. Lists that wait for done grow in `pile`, facts and their
 *          texts go to c->keep.
 * Errors   ERR_MEMORY and ERR_LIMIT of the whole hunt only. A node that cannot be read or parsed is damage of its family.
 */
#ifndef DETECT_FILES_INNER_H
#define DETECT_FILES_INNER_H

#include "base/num.h"
#include "base/winpath.h"
#include "detect/files.h"
#include "webshell/analyse.h"

/* A page of the compile cache: what leftovers keep until every page was seen. */
struct left_page { struct str url, assembly, folder; uint32_t node; bool handled; };
struct left_dll  { struct str assembly, folder, url; uint32_t node; struct str why; bool told; };

/* A run of setup or of an update, from any setup log. */
struct setup_run {
    int64_t start_us, end_us; bool services, after_patch, completed, install, unsure; struct str version, raw; uint32_t node; uint64_t line, offset;
    uint8_t line_sha256[32]; bool whole_line;         /* of its first line; the log grows, the line does not change */
};

/* A file that a baseline may speak of, seen by files_baseline. */
struct base_file { uint32_t node, first; enum baseline_root root; enum baseline_kind kind; struct str rest; bool known, script; };

enum { FILES_PATTERNS_MAX = 256, FILES_JOBS_MAX = 4 };
struct pattern;
struct config_memory;
struct reg_memory;
struct programs_memory;
struct config_past;
/* Kinds of things of which a hostile server may hold any number: FILES_TOLD_MAX of each are told, the rest is counted. */
enum files_told { TOLD_SECRET, TOLD_LOOT, TOLD_HIDDEN, TOLD_RANSOM, TOLD_REMOTE, TOLD_RAN, TOLD_WMI, TOLD_BITS, TOLD_DEFENDER, TOLD_TYPED, TOLD_KINDS };
enum { FILES_TOLD_MAX = 500 };
struct files_work {
    uint32_t          told[TOLD_KINDS];
    struct arena      scratch;            /* free for the taking, by value */
    struct arena      pile;               /* what detectors gather until done */
    size_t            fact_cap;
    struct left_page *left;  size_t left_n, left_cap;
    struct left_dll  *dll;   size_t dll_n, dll_cap;
    struct setup_run *run;   size_t run_n, run_cap;
    struct pattern   *name_pattern[FILES_PATTERNS_MAX];          /* of the indicators of file names, and which each is */
    const struct ioc *name_ioc[FILES_PATTERNS_MAX];
    size_t            name_n;
    bool              has_zone;
    int               zone_minutes;
    uint32_t         *changed; size_t changed_n, changed_cap;   /* nodes of known pages with unknown content */
    size_t            unchanged_n;        /* known pages with known content */
    struct base_file *base; size_t base_n, base_cap;
    bool              exsetup;            /* an ExSetup.exe with a version was read */
    uint32_t          crypt_n, crypt_node;
    bool              app_host;           /* the live applicationHost.config was read */
    struct reg_memory *reg;               /* what hives say that others decide (reg.h); NULL: no hive yet */
    struct config_past *past;             /* versions of applicationHost.config; NULL: none yet */
    struct config_memory *config;         /* what configurations say that other files decide (config.h); NULL: nothing yet */
    struct programs_memory *programs;     /* programs of Windows that may stand in each other's place; NULL: none yet */
    struct yara_scanner *scanner[FILES_JOBS_MAX];                /* one per reading thread, opened when first needed */
};

enum { FILES_TEXT_MAX = 800, FILES_LEFT_MAX = 100000 };

/* A fact about a node: cite, path, name, url, hash and times of the file filled in. NULL: no room (not an error: counted). */
struct file_fact *files_fact_at(struct files_context *c, const struct ev_node *n, enum file_fact_kind kind, const char *detector, enum severity severity,
                                double confidence);
/* Something of a kind of ways back is there now, hostile or not: every one, from the detector that reads them all. No room: counted. */
void files_there(struct files_context *c, const char *what, struct str name, struct str path);
/* printf into keep, cut at FILES_TEXT_MAX. */
struct str files_text(struct files_context *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Evidence text for a fact: a copy in keep without script, cut. */
struct str files_quote(struct files_context *c, struct str s);
/* A host name that the server's own configuration gives it. What is none, a name without a dot and a wildcard are left out. */
void files_own_name(struct files_context *c, struct str name);
void files_attack(struct file_fact *f, const char *technique);
void files_cve(struct file_fact *f, const char *cve);
bool files_damage(struct files_context *c, enum family family, const struct ev_node *n, const char *what, uint64_t kept, struct err *e);

/* Indicators. NULL: none. The hash of a body in any of the three kinds; the path by suffix or part. */
const struct ioc *files_ioc_hash(const struct files_context *c, const struct files_node *n);
const struct ioc *files_ioc_path(const struct files_context *c, struct str path, enum ioc_kind kind);

/* By a pattern of a file's name; only for web folders, and only patterns that support something. */
const struct ioc *files_ioc_pattern(const struct files_context *c, struct arena scratch, struct str path);
/* Compiles the patterns of names. One that is none is left out: pack check names it. */
bool files_patterns_open(struct files_context *c, struct err *e);
void files_patterns_close(struct files_context *c);
void files_yara_close(struct files_context *c);

/* What the baselines say of a file; BASE_NAMED: the path is known, but this content is not. */
enum base_says { BASE_SILENT, BASE_NAMED, BASE_KNOWN };
enum base_says files_baseline_says(const struct files_context *c, const struct ev_node *n);
/* Sets n->page, in the reading thread. NULL stays where there is no room at all. */
void files_analyse(const struct files_context *c, struct files_node *n, struct arena *room);
struct str files_analysis_way(struct files_context *c, const struct analysis *a);
/* The extension is one of classic ASP. */
bool files_classic(struct str path);

/* A page's address in a folder that has only the product's pages on a clean server, and this is none of them. */
bool files_foreign_page(const struct files_context *c, struct arena scratch, struct str url);

/* May one more of that kind be told? False counts it as left out. */
bool files_may_tell(struct files_context *c, enum files_told kind);

/* A node of any size in windows that overlap, in order; what fits into the body is one window. False only as the window's own function says. */
typedef bool files_window(void *ctx, struct str window, uint64_t off, bool last, struct arena scratch, struct err *e);
bool files_windows(struct files_context *c, struct files_node *n, size_t overlap, files_window *look, void *ctx, struct err *e);

/* Places. */
bool files_served(const struct files_context *c, struct arena *a, struct str path, struct str *ret_url);
bool files_in_aspnet_client(struct str path);
/* What follows "\FrontEnd\HttpProxy\" in the path, or empty. */
struct str files_proxy_rest(struct str path);
/* Where nobody installs programs and where intruders like to put them: ProgramData itself, Users\Public, Temp, PerfLogs, recycle bin, web folders. */
bool files_odd_place(struct str path);
/* Does the pack know a page of this path below FrontEnd\HttpProxy? hash NULL: by name only. */
bool files_clean_page(const struct pack *p, struct str rest, const uint8_t hash[32]);
struct iis_item;
bool files_odd_handler(const struct iis_item *it);
/* A clean page of the same folder whose name is 1 to 3 edits away; empty: none. */
struct str files_masquerade(const struct pack *p, struct str rest);

extern const struct files_detector files_pages, files_webconfig, files_loot, files_tools, files_leftovers, files_config, files_agents, files_exposure,
    files_avlogs, files_tasks, files_baseline, files_iocs, files_states, files_ntfs, files_registry, files_yara,
    files_powershell, files_wmi, files_bits, files_prefetch, files_defender, files_remote, files_programs, files_policy, files_fetched, files_ual;

#endif
