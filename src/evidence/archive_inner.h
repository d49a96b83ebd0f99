/*
 * archive_inner: what archive.c and its adapters (zip.c over zipdir.c, sequence.c) share and nobody else needs.
 *
 * Rule 1   no adapter keeps a file position, a thread or a clock: every read goes to reach_read with an offset of our own. So a process may go
 *          on from a snapshot, and a container may lie inside a container.
 * Rule 2   member.where is the adapter's index of its own table; one trouble is told for each, the first that was met.
 */
#ifndef EVIDENCE_ARCHIVE_INNER_H
#define EVIDENCE_ARCHIVE_INNER_H

#include "evidence/archive.h"

#include <pthread.h>

enum { RATIO_FROM = 64 << 20 };      /* below it a ratio says little: a log of blanks */

/* What an adapter was given, and where its bytes are. */
struct reach {
    struct archive_from from;
    struct ev_limits    limits;
    struct spool       *spool;       /* NULL: none */
    archive_want       *want;        /* NULL: everything */
    archive_tell       *tell;        /* NULL: nobody listens */
    void               *ctx;
    struct arena       *keep;
    struct os_file      file;
    uint64_t            size_bytes;
    bool                random;      /* an offset may be read at little more than the cost of its bytes */
    bool                copied;      /* else: the bytes are those of `body` in the spool */
    uint32_t            body;
    struct members     *members;
    uint8_t            *told;        /* one bit for each `where`, once all are known */
    size_t              told_n;
    pthread_mutex_t     lock;        /* of told, and while telling */
};

bool reach_read(struct reach *r, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);
/* n bytes or, *ret_all false, none that count. */
bool reach_whole(struct reach *r, uint64_t off, uint8_t *buf, size_t n, bool *ret_all, struct err *e);
/* raw empty: of the archive as a whole. */
void reach_tell(struct reach *r, struct str raw, const char *what, const char *hint);
void reach_tell_once(struct reach *r, uint64_t where, struct str raw, const char *what, const char *hint);
/* More than the limit ratio allows? */
bool reach_bomb(const struct reach *r, uint64_t unpacked, uint64_t packed);

/* ---- zip ---- */

struct zipfile;
struct zip_stream;
struct zip_place { bool direct; uint64_t off, packed_bytes, size_bytes; uint32_t crc; bool clipped; };

/* Fills r->members and settles it. *ret_broken: no directory that can be read; nothing was listed then, and false is returned. */
bool zipfile_open(struct zipfile **ret, struct reach *r, bool *ret_broken, struct err *e);
void zipfile_close(struct zipfile *z);                    /* accepts NULL */
/* Where its bytes are. ERR_FORMAT, and told, for what cannot be opened. direct: stored, plain bytes of the container. */
bool zipfile_place(struct zipfile *z, const struct member *m, struct zip_place *ret, struct err *e);
/* A stream that stands at or before `off`: from the stock, or a new one. */
bool zipfile_take(struct zipfile *z, const struct member *m, uint64_t off, struct zip_stream **ret, struct err *e);
uint64_t zipfile_at(const struct zip_stream *s);
bool zipfile_read(struct zip_stream *s, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);
void zipfile_give(struct zip_stream *s);                  /* back to the stock; accepts NULL */

/* ---- sequence ---- */

/* archive_probe.c. The next place from `from` on, in steps of a block of tar, that holds a header of an entry. cap: of block, whole blocks of tar. */
bool tar_next(struct reach *r, uint64_t from, uint8_t *block, size_t cap, uint64_t *ret, bool *ret_found, struct err *e);

enum body_kind { BODY_EMPTY, BODY_RANGE, BODY_SPOOL, BODY_NONE };
struct body {
    enum body_kind kind;
    uint64_t    off, size_bytes;     /* BODY_RANGE */
    uint32_t    spooled;             /* BODY_SPOOL */
    const char *why, *hint;          /* BODY_NONE */
    enum err_kind err;
    bool        told;                /* already, while the archive was read */
};
struct sequence {
    struct body *body;
    size_t       n, cap;
    const char  *form;
};
/* zip: a zip without its directory. Fills r->members and settles it. */
bool sequence_open(struct sequence *ret, struct reach *r, bool zip, struct err *e);

#endif
