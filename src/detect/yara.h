/*
 * yara: YARA rules through libyara. The one file that knows the library; nothing of its types goes further.
 *
 * Shape    yara_compile takes rule texts from memory and makes one set of all files that compile; yara_scan looks at one buffer.
 *          Each file is a namespace of its own: names may repeat between files, and a file cannot refer to another.
 * Names    external variables of the common rule sets are defined: filename, filepath (the folder, without the name), extension (with its dot),
 *          filetype (yara_type), md5 (lower-case hex), owner. What is not known is the empty string.
 * Refused  what does not compile, as "line N: why", and the other files go on; `include`; the modules `magic` (reads a data base of the
 *          machine) and `time` (the answer would depend on the day); files beyond the bounds. A rule whose `axis` and `state` are none that a YARA
 *          rule can move is told as well; its hits are for review.
 * Order    hits come in the order of the files given, then of the rules in each.
 * Sets     what has many strings is built in up to eight parts, because the library takes the square of the time for one; hits are the same.
 * Threads  a set may be shared once compiled; one scanner per thread. yara_compile and yara_close: one at a time in a process.
 * Bounds   YARA_* below. YARA_SECONDS is the library's own limit and counts time: what is cut by it may differ between runs, and is told.
 *          A string is looked for up to a million places (the library's limit, told as well).
 * Memory   the library allocates by itself: bounded by the size of texts, by YARA_ATOMS_MAX and by YARA_COMPILED_MAX. Matched bytes are not kept.
 * Errors   yara_compile false: memory only. yara_scan false: memory only; a limit that was reached is `limit`, and hits found before it are kept.
 * Owner    lists and reasons live in the arena; texts of hits point into the set and live until yara_close.
 * Not done compiled rule files (their code could do anything); module data of sandboxes (`cuckoo` answers "undefined").
 * Source   libyara's C API, YARA 4.2 and 4.5 documentation; external variables as signature-base and its scanners use them.
 */
#ifndef DETECT_YARA_H
#define DETECT_YARA_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { YARA_FILES_MAX = 20000, YARA_FILE_BYTES_MAX = 4 << 20, YARA_BYTES_MAX = 64 << 20, YARA_ATOMS_MAX = 384 << 10, YARA_COMPILED_MAX = 256 << 20,
       YARA_SECONDS = 10, YARA_HITS_MAX = 16, YARA_PLACES_MAX = 4, YARA_TAGS_MAX = 120 };

struct yara_file { struct str name, text; bool pack; };       /* pack: a rule of the campaign, not of the user */
struct yara_refused { struct str file, why; bool told_only; uint32_t at; };  /* told_only: the file is used all the same. at: its place among the files given */

struct yara_code;
struct yara {
    struct yara_code    *code;          /* NULL: no usable rule */
    size_t               file_n, rule_n, own_n;   /* usable ones; own_n: rules of the pack among rule_n */
    struct yara_refused *refused;
    size_t               refused_n;
    uint64_t             compiled_bytes;
    size_t               cap;           /* private */
};

/* A zeroed set is empty and may be closed. */
bool yara_compile(struct yara *ret, struct arena *a, const struct yara_file *file, size_t n, struct err *e);

/*
 * The same for whoever may have to end it: `step` hears that of the files given those from .. to - 1 are at work now. Where alone[i] is set, file i
 * is first compiled by itself to its end, which takes longer, and tells the file that is too much from those that were made into one set with it.
 */
struct yara_watch {
    void        (*step)(void *ctx, uint32_t from, uint32_t to);
    void         *ctx;
    const uint8_t *alone;              /* a byte per file; NULL: none */
};
bool yara_compile_watched(struct yara *ret, struct arena *a, const struct yara_file *file, size_t n, const struct yara_watch *w, struct err *e);

/*
 * Kept: a compiled set as bytes, for a cache or another process of this program. yara_stored checks all but what the library's own loader reads, and
 * does not call the library; ERR_FORMAT: these are no such bytes. The set can be counted then, and scans after yara_wake, which loads it. Only
 * where hostile files are read anyway (a sandbox): compiled rules are code. `bytes` must stay until yara_wake; `file` are the same files as then.
 */
typedef bool yara_put(void *ctx, struct str s, struct err *e);
bool yara_save(const struct yara *y, size_t n, yara_put *put, void *ctx, struct err *e);      /* n: files given to yara_compile */
bool yara_stored(struct yara *ret, struct arena *a, struct str bytes, const struct yara_file *file, size_t n, struct err *e);
/* Every file of the set becomes refused for this reason, and the set empty: it cannot be woken. */
bool yara_none(struct yara *y, struct arena *a, struct str why, struct err *e);
bool yara_wake(struct yara *y, struct err *e);             /* nothing to do for an empty set, or one that is awake */
void yara_version(struct str *ret);                       /* of the library's headers */
const void *yara_code_address(void);                      /* somewhere in the library, as it was loaded */
void yara_close(struct yara *y);
/* What the set and its scanners may take in a process of so many threads: for whoever limits its memory. */
uint64_t yara_memory_bytes(const struct yara *y, uint32_t threads);

/* What rules may ask about the file around the bytes. */
struct yara_about { struct str filename, filepath, extension, filetype, md5, owner; };

/* What a hit of the rule moves. REVIEW: nothing. */
enum yara_moves { YARA_REVIEW, YARA_BACK_DOOR /* back_door present */, YARA_LOOT /* theft suspected */ };

struct yara_hit {
    struct str rule, file;
    bool       pack;
    struct str author, description, reference, kind;      /* of its meta; empty: none */
    struct str tags;                                      /* parted by blanks, cut at YARA_TAGS_MAX */
    enum yara_moves moves;
    double     confidence;                                /* meta `confidence`, 1 to 100; 0: none */
    int        score;                                     /* meta `score`, 0 to 100; -1: none */
    struct { struct str name; uint64_t offset; } place[YARA_PLACES_MAX];   /* first place of the first strings found */
    size_t     place_n;
};
struct yara_result {
    struct yara_hit *hit;
    size_t           hit_n, hit_more;   /* hit_more: beyond YARA_HITS_MAX */
    struct str       limit;             /* empty: looked at to its end */
};

struct yara_scanner;
/* seconds: for one scan; YARA_SECONDS in a hunt. */
bool yara_scanner_open(struct yara_scanner **ret, const struct yara *y, int seconds, struct err *e);
void yara_scanner_close(struct yara_scanner *s);          /* accepts NULL */
bool yara_scan(struct yara_scanner *s, struct arena *a, struct str body, const struct yara_about *about, struct yara_result *ret, struct err *e);

/* What the first bytes say, in the words that rules compare `filetype` with: "EXE", "ZIP", ...; empty: none of them. */
struct str yara_type(struct str body);

#endif
