/*
 * Streams go through libarchive (as sequence.c: one filter that the first bytes name, never an external program), zips through archive.h.
 */
#include "evidence/packed.h"

#include "base/hash.h"
#include "evidence/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <string.h>

enum { BLOCK = 256 << 10, HEAD = ARCHIVE_HEAD, MEMBERS_MAX = 10000 };
enum form { FORM_PLAIN, FORM_GZ, FORM_ZST, FORM_XZ, FORM_BZ2, FORM_ZIP, FORM_TAR /* and 7z */ };

struct packed {
    struct os       *os;
    struct str       dir, base, path;
    struct os_file   file;
    struct ev_limits limits;
    enum form        form;
    uint64_t         at, size, out;       /* in the file, its size; bytes given */
    struct archive  *lib;                 /* libarchive's, of a stream */
    uint8_t         *block;
    bool             ended;
    struct err       io;
    /* a zip */
    struct archive  *zip;                 /* ours: see open_zip */
    const char      *damage;              /* of the zip as a whole; NULL: none */
    struct spool    *spool;               /* in memory: only a zip that lost its directory is read into it */
    const struct member **member;
    size_t           n, here;
    struct os_file   inner;
    uint64_t         inner_at, inner_size;
};

static const struct { const char *name; uint8_t magic[6]; size_t n; } forms[] = {
    [FORM_PLAIN] = { "plain", { 0 }, 0 },
    [FORM_GZ]    = { "gz", { 0x1F, 0x8B }, 2 },
    [FORM_ZST]   = { "zst", { 0x28, 0xB5, 0x2F, 0xFD }, 4 },
    [FORM_XZ]    = { "xz", { 0xFD, '7', 'z', 'X', 'Z', 0 }, 6 },
    [FORM_BZ2]   = { "bz2", { 'B', 'Z', 'h' }, 3 },
    [FORM_ZIP]   = { "zip", { 'P', 'K', 3, 4 }, 4 },
    [FORM_TAR]   = { "tar", { 0 }, 0 },
};

static bool many(const struct packed *p) { return p->form == FORM_ZIP || p->form == FORM_TAR; }

const char *packed_form(const struct packed *p) { return forms[p->form].name; }
size_t packed_n(const struct packed *p)         { return many(p) ? p->n : 1; }

/* ---- streams ---- */

static la_ssize_t on_read(struct archive *lib, void *ctx, const void **ret)
{
    struct packed *p = ctx;
    size_t         got = 0;

    if (!p->os->read_at(p->os, p->file, p->at, p->block, BLOCK, &got, &p->io)) {
        archive_set_error(lib, EIO, "the file cannot be read");
        return ARCHIVE_FATAL;
    }
    p->at += got;
    *ret = p->block;
    return (la_ssize_t)got;
}

static bool lib_open(struct packed *p, struct err *e)
{
    struct archive_entry *entry;

    if (p->lib)
        archive_read_free(p->lib);
    p->at    = p->out = 0;
    p->ended = false;
    p->io    = (struct err){ 0 };
    p->lib   = archive_read_new();
    if (!p->lib)
        return err_set(e, ERR_MEMORY, "no room to unpack");
    int ok = p->form == FORM_ZST ? archive_read_support_filter_zstd(p->lib) : p->form == FORM_XZ ? archive_read_support_filter_xz(p->lib) : archive_read_support_filter_bzip2(p->lib);
    /* ARCHIVE_WARN: the library would call a program for it. */
    if (ok != ARCHIVE_OK)
        return err_set(e, ERR_FORMAT, "this library cannot unpack %s", packed_form(p));
    archive_read_support_format_raw(p->lib);
    archive_read_support_format_empty(p->lib);
    if (archive_read_open(p->lib, p, NULL, on_read, NULL) != ARCHIVE_OK || archive_read_next_header(p->lib, &entry) != ARCHIVE_OK) {
        if (p->io.kind != ERR_NONE)
            *e = p->io;
        else
            err_set(e, ERR_FORMAT, "the %s stream is damaged at its beginning", packed_form(p));
        return false;
    }
    return true;
}

static bool lib_fill(struct packed *p, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    *ret_got = 0;
    if (p->ended)
        return true;
    la_ssize_t n = archive_read_data(p->lib, buf, cap);
    if (n < 0) {
        p->ended = true;
        if (p->io.kind != ERR_NONE) {
            *e = p->io;
            return false;
        }
        return err_set(e, ERR_FORMAT, "the %s stream is damaged or cut", packed_form(p));
    }
    p->ended = n == 0;
    p->out += (uint64_t)n;
    if (p->out > (UINT64_C(64) << 20) && p->out / p->limits.ratio > p->at) {
        p->ended = true;
        return err_set(e, ERR_LIMIT, "%s: %llu bytes became more than %llu times as many", packed_form(p), (unsigned long long)p->at, (unsigned long long)p->limits.ratio);
    }
    *ret_got = (size_t)n;
    return true;
}

/* ---- archives ---- */

static void on_trouble(void *ctx, struct str raw, const char *what, const char *hint)
{
    struct packed *p = ctx;

    (void)hint;
    if (!raw.n && !p->damage)
        p->damage = what;
}

const char *packed_damage(const struct packed *p) { return p->damage; }

static bool open_archive(struct packed *p, struct arena *keep, struct err *e)
{
    struct archive_from from = { .os = p->os, .root = p->dir, .below = p->base, .name = p->path };

    if (!spool_open(&p->spool, p->os, STR_EMPTY, &p->limits, keep, e) || !archive_open(&p->zip, &from, p->form == FORM_ZIP ? ARCHIVE_ZIP : ARCHIVE_SEQUENCE, &p->limits, p->spool, NULL, on_trouble, p, keep, e))
        return false;
    const struct members *all = archive_members(p->zip);
    size_t                n = members_n(all);
    p->member = NEW(keep, const struct member *, n);
    if (n && !p->member)
        return err_set(e, ERR_MEMORY, "no room for %zu members", n);
    for (size_t i = 0; i < n && p->n < MEMBERS_MAX; i++) {
        const struct member *m = members_at(all, i);
        if (m->kind == MEMBER_FILE && m->size_bytes && !str_starts(m->name, STR("__MACOSX/")))
            p->member[p->n++] = m;
    }
    return p->n ? true : err_set(e, ERR_FORMAT, "no file in the %s", packed_form(p));
}

static bool member_open(struct packed *p, struct err *e)
{
    struct os *os = archive_os(p->zip);

    os->close(os, &p->inner);
    p->inner_at = 0;
    if (os->open(os, STR(""), p->member[p->here]->name, &p->inner, &p->inner_size, e))
        return true;
    if (p->form == FORM_TAR && e->kind == ERR_LIMIT) {      /* of a packed tar only so much is kept: one member, and not the end of all */
        err_set(e, ERR_FORMAT, "no room to unpack this member in memory");
        err_hint(e, "unpack the archive and name the files in it");
    }
    return false;
}

static bool member_fill(struct packed *p, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct os *os = archive_os(p->zip);

    *ret_got = 0;
    if (p->inner_at >= p->inner_size)
        return true;
    if (!os->read_at(os, p->inner, p->inner_at, buf, cap, ret_got, e))
        return false;
    if (*ret_got == 0)
        return err_set(e, ERR_FORMAT, "the %s breaks off within this member", packed_form(p));
    p->inner_at += *ret_got;
    return true;
}

/* ---- the promises of the header ---- */

bool packed_open(struct packed **ret, struct os *os, struct str path, const struct ev_limits *limits, struct arena *keep, struct err *e)
{
    struct packed *p = NEW(keep, struct packed, 1);
    size_t         slash = str_rchr(path, '/'), got = 0;
    const char    *what = NULL, *hint = NULL;

    if (!p || !(p->block = TAKE(keep, uint8_t, BLOCK)))
        return err_set(e, ERR_MEMORY, "no room to read a file");
    p->os     = os;
    p->path   = path;
    p->dir    = slash == STR_NONE ? STR(".") : slash ? str_sub(path, 0, slash) : STR("/");
    p->base   = slash == STR_NONE ? path : str_from(path, slash + 1);
    p->limits = *limits;
    p->file   = p->inner = OS_FILE_NONE;
    if (!os->open(os, p->dir, p->base, &p->file, &p->size, e))
        return false;
    bool ok = os->read_at(os, p->file, 0, p->block, HEAD, &got, e);
    for (size_t i = 1; ok && i < sizeof forms / sizeof *forms; i++)
        if (forms[i].n && got >= forms[i].n && memcmp(p->block, forms[i].magic, forms[i].n) == 0)
            p->form = (enum form)i;
    enum archive_kind kind = ok ? archive_probe((struct str){ p->block, got }, p->base, &what, &hint) : ARCHIVE_NONE;
    if (kind == ARCHIVE_SEQUENCE)
        p->form = FORM_TAR;
    if (ok && p->form == FORM_PLAIN && kind != ARCHIVE_NONE) {
        ok = err_set(e, ERR_FORMAT, "%s: not unpacked here", what ? what : "an archive");
        err_hint(e, "unpack it and name the files in it");
    }
    if (ok && many(p))
        ok = open_archive(p, keep, e);
    if (!ok) {
        packed_close(p);
        return false;
    }
    *ret = p;
    return true;
}

bool packed_member(struct packed *p, size_t i, struct str *ret_name, struct err *e)
{
    *ret_name = STR_EMPTY;
    p->here = i;
    p->at   = 0;
    if (many(p)) {
        *ret_name = p->member[i]->name;
        return member_open(p, e);
    }
    return p->form == FORM_PLAIN || p->form == FORM_GZ ? true : lib_open(p, e);
}

bool packed_fill(void *packed, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct packed *p = packed;

    if (many(p))
        return member_fill(p, buf, cap, ret_got, e);
    if (p->form != FORM_PLAIN && p->form != FORM_GZ)
        return lib_fill(p, buf, cap, ret_got, e);
    if (!p->os->read_at(p->os, p->file, p->at, buf, cap, ret_got, e))
        return false;
    p->at += *ret_got;
    return true;
}

bool packed_hash(struct packed *p, uint8_t ret[32], uint64_t *ret_size, struct err *e)
{
    struct hash *h = hash_open(HASH_SHA256);
    uint64_t     at = 0;
    size_t       got = 0;
    bool         ok = h || err_set(e, ERR_MEMORY, "no SHA-256");

    if (ok && many(p))
        ok = member_open(p, e);
    while (ok) {
        ok = many(p) ? member_fill(p, p->block, BLOCK, &got, e) : p->os->read_at(p->os, p->file, at, p->block, BLOCK, &got, e);
        if (!ok && many(p) && e->kind == ERR_FORMAT) {     /* damaged: what can be read of it tells it from others */
            *e  = (struct err){ 0 };
            ok  = true;
            got = 0;
        }
        if (!ok || got == 0)
            break;
        hash_push(h, (struct str){ p->block, got });
        at += got;
    }
    if (ok && many(p))
        ok = member_open(p, e);
    if (ok)
        hash_done(h, ret);
    *ret_size = at;
    hash_close(h);
    return ok;
}

void packed_close(struct packed *p)
{
    if (!p)
        return;
    if (p->zip) {
        struct os *os = archive_os(p->zip);
        os->close(os, &p->inner);
        archive_close(p->zip);
        p->zip = NULL;
    }
    spool_close(p->spool);
    p->spool = NULL;
    if (p->lib)
        archive_read_free(p->lib);
    p->lib = NULL;
    p->os->close(p->os, &p->file);
}
