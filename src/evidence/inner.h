/*
 * inner: what the files of this folder share and nobody else needs.
 *
 * Flow     a kind's walk reports each folder and file to the sink; the rules (rules.c) say which are candidates; roots.c finds out
 *          which folders are served; then ev_open keeps the candidates that fit and sorts them.
 */
#ifndef EVIDENCE_INNER_H
#define EVIDENCE_INNER_H

#include "evidence/ev.h"

#include "base/map.h"

struct ev_sink;
/* volume.c: walks one source, by its layout or by the rules of a volume. */
bool ev_walk(struct ev *v, uint16_t source, struct ev_sink *k, struct err *e);
/* "C", "c:", "C%3A", "C_", "C$" (an administrative share): the letter in capitals, or 0. */
uint8_t ev_drive_letter(struct str name);
/* What stands behind the last separator of a native path; separators at its end do not count. */
struct str ev_last_name(struct str native);
/* Do these entries stand at the root of a drive and hardly anywhere else? */
bool ev_holds_drive(const struct os_entry *entry, size_t n);

/* ---- rules: what is kept ---- */

enum ev_need {
    EV_DROP,
    EV_KEEP,            /* whatever the roots are */
    EV_IF_SERVED,       /* only below a folder that IIS serves or that Exchange owns */
    EV_SNIFF,           /* a text file that its path does not explain: its first bytes decide */
    EV_MAGIC,           /* any file of a staging place: kept when its first bytes are those of a dump, a hive, an archive, a mailbox or a program */
};
struct ev_fit {
    enum ev_need need;
    enum family  family;
    bool         by_port;      /* an IIS log whose folder does not name its site: the port in its first row tells front from back end */
    bool         or_served;    /* EV_SNIFF: when it is no log, it counts as EV_IF_SERVED. EV_MAGIC: then it is EV_IF_SERVED */
    uint8_t      rule;         /* its index */
};

enum { EV_RULES_MAX = 64, EV_SNIFF_MAX = 20000, EV_DIRS_MAX = 500000, EV_CANDIDATES_MAX = EV_NODES_MAX,
       EV_MAGIC_MAX = 10000, EV_MAGIC_HEAD = 64, EV_MAGIC_SIZE_MIN = 64 };

/* Which rules speak of files in this folder (a bit each); computed once a folder. `loose`: the volume is not known. */
uint64_t ev_rules_of_dir(struct str dir, struct arena scratch);
/* The first of those rules that fits the file. */
struct ev_fit ev_rules_fit(uint64_t rules, struct str dir, struct str name, uint64_t size_bytes, struct arena scratch);

/* ---- sniffing ---- */

/* By the first bytes: a family of text logs, or FAM_NONE. False: it could not be read. */
bool ev_sniff(struct ev *v, const struct ev_node *n, struct arena scratch, enum family *ret, struct err *e);
/* Are these the first bytes of a memory dump, registry hive, ESE database, mailbox file or archive? */
bool ev_is_magic(struct str head);
/* ... or of a program whose name does not say so, in a place where that is odd? */
bool ev_is_hidden_program(struct str path, struct str head);
/* Does the first row of this W3C log name a back-end port (444 or 81)? False also when it cannot be told. */
bool ev_is_back_end(struct ev *v, const struct ev_node *n, struct arena scratch);

/* ---- the walk ---- */

struct ev_candidate {
    struct ev_node node;
    enum ev_need   need;
};
struct ev_sink {
    struct ev           *v;
    struct arena        *pile;        /* lives until ev_open ends */
    struct arena         stack;       /* listings of the folders that are open now; by value on the way down */
    struct ev_candidate *candidate;   size_t candidate_n, candidate_cap;
    struct str          *dir;         size_t dir_n, dir_cap;
    struct ev_alias     *link;        size_t link_n, link_cap;      /* .to: native text of the link; resolved after the walk */
    struct map           walked;      /* 16 bytes of device and inode -> source that walked it */
    bool                 by_itself;   /* the file that comes now was given by its own path: it is kept whatever it is */
    const struct os_stat *alone;      /* files given by themselves ... */
    bool                *alone_met;   /* ... and met again inside a folder */
    size_t               alone_n;
    uint32_t             sniffed;
    uint16_t             heads[EV_RULES_MAX];   /* heads read for each rule, so that a large folder does not use up what another needs */
    bool                 full;        /* a bound was met: said once */
};

/* Pages and leftovers, which an intruder may have written by the hundred thousand: they get three quarters of any list. */
static inline bool ev_is_cheap(const struct ev_node *n) { return n->family == FAM_NONE || n->family == FAM_WEB_ROOTS; }

/* Each returns false only when memory is spent. `rules` of the folder that holds the file. */
bool ev_sink_dir(struct ev_sink *k, struct str path, struct err *e);
struct ev_met {
    struct str     dir, name;    /* Windows path: folder and name */
    struct str     below, entry; /* native, below the root; as the container stores it, or empty */
    struct os_stat st;           /* times and size as they count for the node */
    const struct layout_sparse *sparse;
    uint8_t        shadow;
    bool           partial;
};
bool ev_sink_file(struct ev_sink *k, uint16_t source, uint64_t rules, const struct ev_met *m, struct arena scratch, struct err *e);
/* First to walk this folder? False: another source has it already. */
bool ev_sink_claim(struct ev_sink *k, uint16_t source, const struct os_stat *st);

/* ---- after the walk ---- */

bool ev_dirs_settle(struct ev *v, struct ev_sink *k, struct err *e);     /* sorted, distinct, in keep; links resolved */
bool ev_roots_find(struct ev *v, struct ev_sink *k, struct arena scratch, struct err *e);
bool ev_is_served(const struct ev *v, struct str path);                  /* below a served root or an Exchange web tree */
/* Lower bound of `path` among the sorted folders, without case. */
size_t ev_dir_at(const struct ev *v, struct str path);
int ev_fold_cmp(struct str a, struct str b);                             /* folded only: names that differ in case are equal */
bool ev_is_back_site(const struct ev *v, uint32_t id);
/* Id of the site from a "W3SVC<id>" folder in the path; 0: none. */
uint32_t ev_site_of_log(struct str path);

/* trees_drives.c. Letters of the drives of all images, and whose disk is whose. */
bool trees_name_drives(struct trees *t, struct arena scratch, struct err *e);

#endif
