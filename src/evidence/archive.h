/*
 * archive: a zip, 7z or tar (plain, gz, bz2, xz, zst), read in place as a small world of its own: an `os` whose list, link, open and read_at
 * go to the archive. Nothing is unpacked to disk, but for what the spool takes.
 *
 * zip      the directory is read by ourselves (zipdir.h), the members through libzip: at random and in parallel, each open one by a stream of its own; a
 *          few closed ones stay open in a stock, so reading a member piece by piece, opening it each time, does not begin anew. Bytes come through
 *          from.os->read_at, so a zip may lie inside another container, and a process may go on from a snapshot. bzip2, lzma, xz and zstd as far as
 *          libzip has them; Deflate64 by a reader of our own; a method that is not there is listed, and refused by its number when it is opened. Encrypted members are listed, and
 *          refused when they are opened unless the password opens them.
 *          A zip without its directory (a copy that broke off) is read in sequence by libarchive instead, from its local headers, and that is told.
 * Inside   a zip or 7z that lies packed in another archive is copied to the spool first; without room there a zip is read in sequence.
 * 7z, tar  libarchive, once, front to back: members go to the spool on the way. `want` says which (asked with the harmless name): the rest is
 *          listed but cannot be opened (ERR_LIMIT, told as "not spooled"). A plain tar needs no spool: its members are ranges of from.
 * Damage   an archive that breaks off keeps what came before; the member at the break is kept as far as it goes and told ("truncated"). A
 *          member whose checksum or size is not what was stated is kept and told ("lying size", "checksum"). Told once, when first met.
 *          Of a packed tar that breaks off the last 64 KiB before the break are lost, for libarchive gives up the block it was unpacking.
 *          How far a damaged stream can be read may depend, by less than one read, on the size of the reads.
 * Limits   members, ratio, unpacked, spool. A member beyond one is refused with its name; reading never goes beyond the stated size, nor
 *          beyond the ratio, whatever the stream holds.
 * Errors   archive_open fails when nothing can be listed at all: ERR_FORMAT, or ERR_LIMIT. "encrypted" archives (7z with hidden names) too.
 * Threads  after archive_open the world may be used by any thread.
 * Owner    `keep` for the index; archive_close frees what the libraries hold.
 * Not done multi-volume archives, RAR, CAB: refused by name, with a hint.
 */
#ifndef EVIDENCE_ARCHIVE_H
#define EVIDENCE_ARCHIVE_H

#include "evidence/limits.h"
#include "evidence/members.h"
#include "evidence/spool.h"

enum archive_kind { ARCHIVE_NONE, ARCHIVE_ZIP, ARCHIVE_SEQUENCE /* 7z, tar and compressed tar */, ARCHIVE_OTHER /* known and not readable here: rar, cab ... */ };
enum { ARCHIVE_HEAD = 512 };

/* By its first ARCHIVE_HEAD bytes and its name. *ret_why for ARCHIVE_OTHER: what it is and what to do ("RAR archive", hint). */
enum archive_kind archive_probe(struct str head, struct str name, const char **ret_what, const char **ret_hint);

struct archive_from {
    struct os *os;                       /* where its bytes are: the disk, or the world of the container around it */
    struct str root, below;
    struct str name;                     /* for messages: "evidence.zip!/inner.7z" */
    struct str password;                 /* empty: none */
    struct archive_stock *stock;         /* of streams that wait to be read on, shared by all archives of a hunt; NULL: one of its own */
};
/* Closed after the last archive that was given it. */
bool archive_stock_open(struct archive_stock **ret, struct err *e);
void archive_stock_close(struct archive_stock *k);      /* accepts NULL */
/* Trouble of one member, told when it is met; may come from any thread, under the archive's own lock. */
typedef void archive_tell(void *ctx, struct str raw, const char *what, const char *hint);
/* Is this member worth its place in the spool? name: harmless, '/' between. */
typedef bool archive_want(void *ctx, const struct member *m);

struct archive;
bool archive_open(struct archive **ret, const struct archive_from *from, enum archive_kind kind, const struct ev_limits *limits, struct spool *spool,
                  archive_want *want, archive_tell *tell, void *ctx, struct arena *keep, struct err *e);
/* The world: stat, list, link, open, read_at, close, tick_us and now_us work; what would write fails. root: a folder inside, empty for the top; stat("") is the top. */
struct os *archive_os(struct archive *a);
const struct members *archive_members(const struct archive *a);
const char *archive_form(const struct archive *a);      /* "zip", "7z", "tar", "tar.gz" ... */
void archive_close(struct archive *a);                  /* accepts NULL */

#endif
