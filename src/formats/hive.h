/*
 * hive: Windows registry hives, read by offset, with their transaction logs replayed in memory.
 *
 * Shape    a hive is a base block and bins of cells; keys (nk) name lists of subkeys and of values (vk). Keys and values are views that carry the
 *          offsets to go on with. Names come as UTF-8; data comes as the bytes that are stored, hive_text makes text of them.
 * Logs     old ones (bitmap of dirty sectors) and new ones (entries with checksums and sequence numbers), by the rules of Windows: entries older
 *          than the hive, out of sequence or with a wrong checksum are not applied. Their pages lie over the hive's own; nothing is written.
 * Damage   what is whole is given: a bad cell costs the key or value that it holds. `bad` counts them, `bad_what` names the first.
 * Errors   as in rd: functions give false for what is not there or is damaged, and `why` sticks when reading, memory or a limit failed.
 * Bounds   the values of the enum below; HIVE_STEPS_MAX cells a hive, HIVE_LOADS_MAX blocks read into the cache. Memory: the cache of HIVE_CACHE bytes, and what the caller's arena gets.
 * Owner    everything lives in the arenas given.
 * Threads  a hive belongs to one thread.
 * Deleted  hive_deleted finds keys in cells that are free: their values and data are read as far as nobody wrote over them. What is found may be a part of anything.
 * Not done deleted values of keys that live, security descriptors, volatile keys, hives of Windows NT 3.x, writing.
 * Source   M. Suhanov, "Windows registry file format specification"; checked against libregf, hivex and the hives of two readers in Python
 *          (tests/oracle/hive.py).
 */
#ifndef FORMATS_HIVE_H
#define FORMATS_HIVE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum {
    HIVE_BASE_BYTES = 4096, HIVE_DEPTH_MAX = 512, HIVE_KEY_NAME_MAX = 512, HIVE_NAME_MAX = 32767, HIVE_SUBKEYS_MAX = 1 << 20, HIVE_VALUES_MAX = 1 << 16,
    HIVE_DATA_MAX = 16 << 20, HIVE_LIST_DEPTH = 4, HIVE_STEPS_MAX = 30000000, HIVE_LOADS_MAX = 500000, HIVE_BLOCK = 32768, HIVE_SLOTS = 128, HIVE_CACHE = HIVE_BLOCK * HIVE_SLOTS,
    HIVE_LOG_MAX = 256 << 20, HIVE_ENTRY_MAX = 32 << 20, HIVE_PAGES_MAX = 1 << 19, HIVE_PAGE = 512,
};
#define HIVE_SIZE_MAX (UINT64_C(2) << 30)

/* Fills buf as far as possible; *ret_got < cap only at the end. */
typedef bool hive_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);
struct hive_source { hive_read *read; void *ctx; uint64_t size_bytes; };

struct hive_page { uint32_t page, order, log_off; uint8_t log; };       /* page, log_off: in units of HIVE_PAGE and bytes */
struct hive_log_said { bool given, valid, applied; uint32_t entries, first, last; const char *what; };

struct hive {
    struct hive_source in, log[2];
    struct arena      *a;
    uint32_t           primary, secondary, root, minor;
    uint64_t           written;             /* FILETIME of the base block */
    uint64_t           end;                 /* of the bins, as an offset in the file */
    struct str         name;                /* path that the base block remembers, UTF-8; often cut at its beginning */
    bool               header_bad;          /* its checksum does not hold */
    bool               dirty;               /* it was not closed: changes are in the logs */
    bool               cut;                 /* the file ends before its bins do */
    uint32_t           pages;               /* taken from logs */
    struct hive_log_said said[2];
    uint32_t           bad;
    const char        *bad_what;
    uint64_t           steps, loads;
    bool               deleted;             /* cells may be free, and damage of them is none: while hive_deleted calls */
    struct err         why;
    /* Inner. */
    struct hive_page  *page;
    uint8_t           *cache;
    uint64_t           slot[HIVE_SLOTS];    /* block number + 1 */
    uint32_t           slot_n[HIVE_SLOTS];  /* bytes of it that exist */
};

/* Is this the beginning of a hive (not of a log)? */
bool hive_is(struct str head);
/* False with ERR_FORMAT: no hive. `logs`: at most two, any order; used only when the hive needs them. A source without `read` is none. */
bool hive_open(struct hive *ret, struct arena *a, const struct hive_source *in, const struct hive_source *logs, size_t log_n, struct err *e);
/* Does the view lack changes that Windows had? True for a hive that was not closed and whose logs are missing or do not fit. */
bool hive_stale(const struct hive *h);

struct hive_key {
    uint32_t   at, parent;
    uint64_t   written;                     /* FILETIME */
    uint32_t   subkey_n, subkeys, value_n, values;
    struct str name;
};
enum hive_type { HIVE_NONE, HIVE_SZ, HIVE_EXPAND_SZ, HIVE_BINARY, HIVE_DWORD, HIVE_DWORD_BE, HIVE_LINK, HIVE_MULTI_SZ, HIVE_QWORD = 11 };
struct hive_value { uint32_t at, type, size, data; struct str name; };

bool hive_root(struct hive *h, struct arena *a, struct hive_key *ret);
bool hive_key_at(struct hive *h, struct arena *a, uint32_t at, struct hive_key *ret);
/* Offsets of all subkeys, in the order of the lists. */
bool hive_subkeys(struct hive *h, struct arena *a, const struct hive_key *k, uint32_t **ret, size_t *ret_n);
/* "Microsoft\\Windows\\CurrentVersion", without case (ASCII). False: no such key. */
bool hive_find(struct hive *h, struct arena *a, const struct hive_key *from, struct str path, struct hive_key *ret);
bool hive_values(struct hive *h, struct arena *a, const struct hive_key *k, struct hive_value **ret, size_t *ret_n);
/* Without case. The value without a name is "". */
bool hive_value(struct hive *h, struct arena *a, const struct hive_key *k, struct str name, struct hive_value *ret);
bool hive_data(struct hive *h, struct arena *a, const struct hive_value *v, struct str *ret);

/* Text of SZ and EXPAND_SZ up to its NUL; items of MULTI_SZ with '\n' between. .p == NULL: of another type, or memory. */
struct str hive_text(struct arena *a, uint32_t type, struct str data);
/* DWORD, DWORD_BE, QWORD, or a BINARY of 4 bytes. */
bool hive_number(uint32_t type, struct str data, uint64_t *ret);
/* "REG_SZ"; NULL for numbers that have no name. */
const char *hive_type_name(uint32_t type);

/*
 * Keys in free cells, in the order of the file, at most HIVE_DELETED_MAX. `path` is that of its parents as far as they can be followed to the root ("?\\x" else), in scratch.
 * hive_values, hive_value and hive_data work on `k` inside of the call. False: the visitor ended it, or `why` is set.
 */
enum { HIVE_DELETED_MAX = 20000, HIVE_DELETED_DEPTH = 64 };
typedef bool hive_visit(void *ctx, struct hive *h, struct arena scratch, const struct hive_key *k, struct str path);
bool hive_deleted(struct hive *h, struct arena scratch, hive_visit *visit, void *ctx);

/* ---- the whole tree ---- */

/* Every key once, parents before children, in the order of the lists. false ends the walk. */
/* path of `from` is `base`. False: the visitor ended it, or `why` is set. */
bool hive_walk(struct hive *h, struct arena scratch, const struct hive_key *from, struct str base, hive_visit *visit, void *ctx);

#endif
