/*
 * zip: the members of a zip through libzip. It and zip_frame.c are the only files that know it.
 *
 * One each  libzip never sees the whole archive: for every stream it is shown a zip of one member, made of a directory record of ours, a local header
 *           of ours, the member's bytes where they lie, a gap, and an end record. So a stream costs the same in an archive of 500,000 members
 *           as in one of two, and any number may be open at once. The gap is as large as the end that libzip searches, so that it reads nothing for it.
 * Stock     a stream that was closed before its end stays open for a while: whoever reads a member piece by piece, opening it each time, goes on where
 *           it stood. All archives of a hunt share one stock: thousands of them with a few streams each would fill the memory.
 * Deflate64 is read by inflate64, for libzip does not have it.
 * Damage    libzip gives up a whole block when something in it is wrong: the last block is asked for once more in small steps.
 */
#include "evidence/dictionary.h"
#include "evidence/zip_inner.h"

#include "base/num.h"
#include "formats/inflate64.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { STOCK = 64, HEAVY = 4, STEP = 64 << 10, STEP_SMALL = 32 };

struct archive_stock {
    pthread_mutex_t    lock;
    struct zip_stream *stream[STOCK];
    uint64_t           clock;
};

static void stream_shut(struct zip_stream *s)
{
    if (s->file)
        zip_fclose(s->file);
    if (s->archive)
        zip_discard(s->archive);
    s->file    = NULL;
    s->archive = NULL;
}

static void stream_free(struct zip_stream *s)
{
    if (!s)
        return;
    stream_shut(s);
    free(s->wide);
    zip_error_fini(&s->error);
    free(s->ahead);
    free(s);
}

static bool cannot(struct zipfile *z, const struct member *m, struct err *e, const char *what, const char *hint)
{
    reach_tell_once(z->r, m->where, m->raw, what, hint);
    err_set(e, ERR_FORMAT, "%s", what);
    return err_hint(e, "%s", hint);
}

static int method_of(const struct zip_entry *z) { return z->method == ZIP_AES ? z->aes[5] | z->aes[6] << 8 : z->method; }

/* Megabytes each (bzip2, lzma, xz, zstd): few of them wait. */
static bool is_heavy(const struct zip_entry *z)
{
    int m = method_of(z);
    return m != ZIP_CM_STORE && m != ZIP_CM_DEFLATE && m != ZIP_CM_DEFLATE64;
}

/* Its unpacker was refused what it wants (os_memory_limit). */
static const char hungry[]      = "too large: unpacking it takes more memory than this hunt may have";
static const char hungry_hint[] = "Raise --limits dictionary if this archive is yours and the machine has that much memory, or unpack it elsewhere and hunt the folder.";

static const char password_hint[] = "Decrypt the archive with the collector's own tool, or give --password-file, and hunt again.";

static bool not_opened(struct zip_stream *s, int code, struct err *e)
{
    struct zipfile *z = s->of;

    if (s->io.kind != ERR_NONE)
        return *e = s->io, false;
    switch (code) {
    case ZIP_ER_MEMORY:
        if (is_heavy(s->entry))
            return cannot(z, s->member, e, hungry, hungry_hint);
        return err_set(e, ERR_MEMORY, "no room to unpack a member");
    case ZIP_ER_NOPASSWD:    return cannot(z, s->member, e, "encrypted", password_hint);
    case ZIP_ER_WRONGPASSWD: return cannot(z, s->member, e, "encrypted: the password does not open it", password_hint);
    case ZIP_ER_ENCRNOTSUPP: return cannot(z, s->member, e, "encrypted: by a method that is not read here", "Decrypt the archive with the tool that made it.");
    default:                 return cannot(z, s->member, e, "damaged: it cannot be unpacked", "Copy the archive again.");
    }
}

/* Packed bytes for inflate64; s->at counts from the member's first. */
static bool wide_more(void *ctx, struct str *ret, struct err *e)
{
    struct zip_stream *s = ctx;
    uint64_t           left = s->place.packed_bytes - s->at;
    size_t             got = 0;

    if (left && !reach_read(s->of->r, s->place.off + s->at, s->ahead, left < ZIP_AHEAD ? (size_t)left : ZIP_AHEAD, &got, e))
        return false;
    s->at += got;
    *ret = (struct str){ s->ahead, got };
    return true;
}

static zip_int64_t wide_read(struct zip_stream *s, uint8_t *buf, size_t n, int *ret_code)
{
    size_t got = 0;

    *ret_code = ZIP_ER_READ;
    if (!inflate64_read(s->wide, buf, n, &got, &s->io))
        return -1;
    s->crc    = (uint32_t)crc32_z(s->crc, buf, got);
    *ret_code = got ? ZIP_ER_OK : s->wide->bad ? ZIP_ER_COMPRESSED_DATA : s->pos == s->member->size_bytes && s->crc != s->entry->crc ? ZIP_ER_CRC : ZIP_ER_OK;
    return got == 0 && *ret_code != ZIP_ER_OK ? -1 : (zip_int64_t)got;
}

/* As zip_fread, with its error. */
static zip_int64_t unpack(struct zip_stream *s, uint8_t *buf, size_t n, int *ret_code)
{
    if (s->wide)
        return wide_read(s, buf, n, ret_code);
    zip_int64_t got = zip_fread(s->file, buf, n);
    *ret_code = got < 0 ? zip_error_code_zip(zip_file_get_error(s->file)) : ZIP_ER_OK;
    return got;
}

/* From the first byte on. */
static bool stream_start(struct zip_stream *s, struct err *e)
{
    zip_error_t  why;
    int          code = ZIP_ER_MEMORY;

    stream_shut(s);
    if (s->wide) {
        inflate64_start(s->wide, wide_more, s);
        s->crc = 0;
        s->pos = s->at = 0;
        s->ended   = false;
        return true;
    }
    zip_error_init(&why);
    zip_source_t *src = zip_source_function_create(zip_frame_source, s, &why);
    if (src) {
        s->archive = zip_open_from_source(src, ZIP_RDONLY, &why);
        if (!s->archive)
            zip_source_free(src);
    }
    if (s->archive) {
        s->file = zip_fopen_index_encrypted(s->archive, 0, 0, s->entry->flags & ZIP_FLAG_CRYPT ? s->of->password : NULL);
        if (!s->file)
            code = zip_error_code_zip(zip_get_error(s->archive));
    } else {
        code = zip_error_code_zip(&why);
    }
    zip_error_fini(&why);
    s->pos   = 0;
    s->ended = false;
    return s->file ? true : not_opened(s, code, e);
}

static bool is_wide(const struct zip_entry *z) { return z->method == ZIP_CM_DEFLATE64 && !(z->flags & ZIP_FLAG_CRYPT); }

bool zipfile_place(struct zipfile *z, const struct member *m, struct zip_place *ret, struct err *e)
{
    struct zip_entry *x = &z->entry[m->where];
    struct zip_place  p = { .size_bytes = x->size_bytes, .crc = x->crc, .clipped = x->clipped };
    uint8_t           h[ZIP_LOCAL];
    size_t            got = 0;
    char              text[80];

    if (x->flags & ZIP_FLAG_CRYPT && !z->password)
        return cannot(z, m, e, "encrypted", password_hint);
    /* libzip would take strong encryption for the old kind, and loses memory over a member without room for its 12 bytes of header. */
    if (x->flags & ZIP_FLAG_CRYPT && (x->flags & ZIP_FLAG_STRONG || x->packed_bytes < ZIP_CRYPT_HEAD))
        return cannot(z, m, e, "encrypted in a way that is not read here", "Unpack the archive elsewhere and hunt the folder.");
    if (method_of(x) != ZIP_CM_STORE && !is_wide(x) && !zip_compression_method_supported(method_of(x), 0)) {
        snprintf(text, sizeof text, "packed by method %d, which is not read here", method_of(x));
        return cannot(z, m, e, text, "Unpack the archive elsewhere and hunt the folder.");
    }
    if (!reach_read(z->r, x->local_off, h, sizeof h, &got, e))
        return false;
    if (got < sizeof h || memcmp(h, "PK\3\4", 4) != 0)
        return cannot(z, m, e, "damaged: no member begins where the directory says", "Copy the archive again.");
    p.off = x->local_off + ZIP_LOCAL + (uint64_t)(h[26] | h[27] << 8) + (uint64_t)(h[28] | h[29] << 8);
    p.packed_bytes = x->packed_bytes;
    uint64_t room = p.off < z->r->size_bytes ? z->r->size_bytes - p.off : 0;
    if (p.packed_bytes > room) {
        p.packed_bytes = room;
        p.clipped      = true;
    }
    p.direct = x->method == ZIP_CM_STORE && !(x->flags & ZIP_FLAG_CRYPT);
    *ret = p;
    return true;
}

/* What its unpacker wants in memory. Encrypted bytes do not tell. */
static bool bounded(struct zipfile *z, const struct member *m, const struct zip_place *p, struct err *e)
{
    const struct zip_entry *x = &z->entry[m->where];
    struct err              why = { 0 };
    uint8_t                 head[DICTIONARY_XZ_HEAD];
    size_t                  got = 0;

    if (x->flags & ZIP_FLAG_CRYPT || (x->method != ZIP_CM_LZMA && x->method != ZIP_CM_XZ))
        return true;
    if (!reach_read(z->r, p->off, head, sizeof head < p->packed_bytes ? sizeof head : (size_t)p->packed_bytes, &got, e))
        return false;
    struct str h = { head, got };
    if (dictionary_fits(z->r, x->method == ZIP_CM_XZ ? dictionary_of_xz(h) : dictionary_of_zip_lzma(h), &why))
        return true;
    reach_tell_once(z->r, m->where, m->raw, why.what, why.hint);
    return *e = why, false;
}

bool zipfile_take(struct zipfile *z, const struct member *m, uint64_t off, struct zip_stream **ret, struct err *e)
{
    struct zip_stream *s = NULL;
    size_t             best = STOCK;

    struct archive_stock *k = z->stock;
    pthread_mutex_lock(&k->lock);
    for (size_t i = 0; i < STOCK; i++)
        if (k->stream[i] && k->stream[i]->of == z && k->stream[i]->member == m && k->stream[i]->pos <= off && (best == STOCK || k->stream[i]->pos > k->stream[best]->pos))
            best = i;
    if (best < STOCK) {
        s = k->stream[best];
        k->stream[best] = NULL;
    }
    pthread_mutex_unlock(&k->lock);
    if (s) {
        *ret = s;
        return true;
    }
    struct zip_place place;
    if (!zipfile_place(z, m, &place, e) || !bounded(z, m, &place, e))
        return false;
    s = calloc(1, sizeof *s);
    if (!s || !(s->ahead = malloc(ZIP_AHEAD))) {
        free(s);
        return err_set(e, ERR_MEMORY, "no room to unpack a member");
    }
    s->of     = z;
    s->member = m;
    s->entry  = &z->entry[m->where];
    s->place  = place;
    if (is_wide(s->entry) && !(s->wide = malloc(sizeof *s->wide))) {
        stream_free(s);
        return err_set(e, ERR_MEMORY, "no room to unpack a member");
    }
    zip_error_init(&s->error);
    zip_frame_make(s);
    if (!stream_start(s, e)) {
        stream_free(s);
        return false;
    }
    *ret = s;
    return true;
}

uint64_t zipfile_at(const struct zip_stream *s) { return s->pos; }

void zipfile_give(struct zip_stream *s)
{
    size_t at = 0;

    if (!s)
        return;
    if (s->pos == UINT64_MAX || s->ended) {            /* nobody goes on from there */
        stream_free(s);
        return;
    }
    struct archive_stock *k = s->of->stock;
    pthread_mutex_lock(&k->lock);
    size_t heavy = 0, oldest = STOCK;
    for (size_t i = 0; i < STOCK; i++)
        if (k->stream[i] && is_heavy(k->stream[i]->entry)) {
            heavy++;
            if (oldest == STOCK || k->stream[i]->used < k->stream[oldest]->used)
                oldest = i;
        }
    for (size_t i = 0; i < STOCK && k->stream[at]; i++)
        if (!k->stream[i] || k->stream[i]->used < k->stream[at]->used)
            at = i;
    if (is_heavy(s->entry) && heavy >= HEAVY)
        at = oldest;
    struct zip_stream *out = k->stream[at];
    s->used = ++k->clock;
    k->stream[at] = s;
    pthread_mutex_unlock(&k->lock);
    stream_free(out);
}

static void told(struct zip_stream *s, const char *what, const char *hint) { reach_tell_once(s->of->r, s->member->where, s->member->raw, what, hint); }

/* The stream came to its end, or broke, at s->pos. */
static void ended(struct zip_stream *s, int code)
{
    /* AE-2 has a seal of its own in place of the checksum, which is 0. Source: WinZip, "AES encryption information", II.A; Go's writers keep to it. */
    bool sealed = s->entry->method == ZIP_AES && s->entry->aes[0] == 2 && s->entry->crc == 0;

    s->ended = true;
    if (s->pos >= s->member->size_bytes && code == ZIP_ER_CRC && !sealed)
        told(s, "checksum: its bytes are not those that were packed", "It was read all the same. Copy the archive again, and compare.");
    else if (s->place.clipped)
        told(s, "truncated: the archive ends within it", "What is there was read. Copy the archive again.");
    else if (s->pos < s->member->size_bytes && (code == ZIP_ER_OK || code == ZIP_ER_INCONS || code == ZIP_ER_EOF))
        told(s, "lying size: it is shorter than stated", "What is there was read. Look at this archive by hand.");
    else if (code != ZIP_ER_OK && !(sealed && code == ZIP_ER_CRC && s->pos >= s->member->size_bytes))
        told(s, "damaged: it can be unpacked in part only", "What came before the damage was read. Copy the archive again.");
}

/* At most n bytes on from s->pos. False: the disk or memory failed; *ret_got == 0: the end. */
static bool more(struct zip_stream *s, uint8_t *buf, size_t n, size_t *ret_got, struct err *e)
{
    uint64_t left = s->member->size_bytes - s->pos;
    size_t   step = s->careful ? STEP_SMALL : STEP;

    *ret_got = 0;
    if (s->ended)
        return true;
    if (left == 0) {
        /* One byte beyond: libzip then compares the checksum, and we see whether there is more than was stated. */
        uint8_t     one;
        int         code;
        zip_int64_t got = unpack(s, &one, 1, &code);
        if (got < 0 && s->io.kind != ERR_NONE)
            return *e = s->io, false;
        if (got > 0)
            told(s, "lying size: it is longer than stated", "It was read up to the stated size. Look at this archive by hand.");
        ended(s, code);
        return true;
    }
    if (n > left)
        n = (size_t)left;
    if (n > step)
        n = step;
    int         code;
    zip_int64_t got = unpack(s, buf, n, &code);
    if (got > 0) {
        s->pos  += (uint64_t)got;
        *ret_got = (size_t)got;
        return true;
    }
    if (s->io.kind != ERR_NONE)
        return *e = s->io, false;
    if (code == ZIP_ER_MEMORY && is_heavy(s->entry)) {
        told(s, hungry, hungry_hint);
        s->ended = true;
        return true;
    }
    if (code == ZIP_ER_MEMORY)
        return err_set(e, ERR_MEMORY, "no room to unpack a member");
    if (code == ZIP_ER_OK || code == ZIP_ER_CRC || code == ZIP_ER_INCONS || s->careful || s->wide) {
        ended(s, code);
        return true;
    }
    /* The block that held the damage was lost as a whole: once more from the beginning, with small blocks behind this point. */
    uint64_t back = s->pos;
    if (!stream_start(s, e))
        return false;
    while (s->pos < back) {
        uint8_t skip[4096];
        got = zip_fread(s->file, skip, back - s->pos < sizeof skip ? back - s->pos : sizeof skip);
        if (got <= 0)
            break;
        s->pos += (uint64_t)got;
    }
    if (s->io.kind != ERR_NONE)
        return *e = s->io, false;
    s->careful = true;
    if (s->pos < back) {
        s->pos = back;
        ended(s, code);
        return true;
    }
    return more(s, buf, n, ret_got, e);
}

bool zipfile_read(struct zip_stream *s, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    size_t n = 0, got;

    s->io = (struct err){ 0 };
    if (off > s->member->size_bytes)
        off = s->member->size_bytes;
    while (s->pos < off && !s->ended) {
        uint8_t skip[16 << 10];
        if (!more(s, skip, off - s->pos < sizeof skip ? (size_t)(off - s->pos) : sizeof skip, &got, e))
            goto broken;
    }
    /* The last byte was given, or the caller asks beyond it: then its checksum is due. */
    while (!s->ended && (n < cap || s->pos == s->member->size_bytes)) {
        if (!more(s, buf + n, cap - n, &got, e))
            goto broken;
        n += got;
    }
    *ret_got = n;
    return true;
broken:
    /* A stream that met an error of the disk is of no further use; whoever asks again gets a new one. */
    s->ended = true;
    s->pos   = UINT64_MAX;
    return false;
}

/* ---- opening ---- */

static bool link_text(void *ctx, size_t i, struct arena *a, struct str *ret)
{
    struct zipfile    *z = ctx;
    struct member      m = { .where = i, .size_bytes = z->entry[i].size_bytes };
    struct zip_stream *s = NULL;
    struct err         e = { 0 };
    size_t             got = 0;
    uint8_t           *p = TAKE(a, uint8_t, (size_t)m.size_bytes + 1);
    bool               ok = p && zipfile_take(z, &m, 0, &s, &e) && zipfile_read(s, 0, p, (size_t)m.size_bytes, &got, &e);

    stream_free(s);                 /* never into the stock: its member is ours, and goes */
    *ret = (struct str){ p, got };
    return ok && got == m.size_bytes;
}

bool archive_stock_open(struct archive_stock **ret, struct err *e)
{
    struct archive_stock *k = calloc(1, sizeof *k);

    if (!k)
        return err_set(e, ERR_MEMORY, "no room for streams of archives");
    pthread_mutex_init(&k->lock, NULL);
    *ret = k;
    return true;
}

void archive_stock_close(struct archive_stock *k)
{
    if (k)
        pthread_mutex_destroy(&k->lock);
    free(k);
}

bool zipfile_open(struct zipfile **ret, struct reach *r, bool *ret_broken, struct err *e)
{
    struct zipfile *z = calloc(1, sizeof *z);
    uint64_t        dir[2] = { 0, 0 };

    *ret_broken = false;
    if (!z)
        return err_set(e, ERR_MEMORY, "no room to read a zip");
    z->r     = r;
    z->stock = r->from.stock;
    if (!z->stock && !archive_stock_open(&z->own, e))
        goto fail;
    z->stock = z->stock ? z->stock : z->own;
    if (r->from.password.n) {
        z->password = malloc(r->from.password.n + 1);
        if (!z->password) {
            err_set(e, ERR_MEMORY, "no room for a password");
            goto fail;
        }
        memcpy(z->password, r->from.password.p, r->from.password.n);
        z->password[r->from.password.n] = 0;
    }
    if (!zipdir_scan(r, &z->entry, &z->n, dir, ret_broken, e))
        goto fail;
    r->told_n = z->n;
    r->told   = NEW(r->keep, uint8_t, z->n / 8 + 1);
    if (!r->told) {
        err_set(e, ERR_MEMORY, "no room for %zu entries of a zip", z->n);
        goto fail;
    }
    if (!members_open(&r->members, &r->limits, true, r->tell, r->ctx, r->keep, e) ||
        !zipdir_list(r, z->entry, z->n, dir, link_text, z, e) || !members_settle(r->members, e))
        goto fail;
    *ret = z;
    return true;
fail:
    zipfile_close(z);
    return false;
}

void zipfile_close(struct zipfile *z)
{
    if (!z)
        return;
    for (size_t i = 0; z->stock && i < STOCK; i++)
        if (z->stock->stream[i] && z->stock->stream[i]->of == z) {
            stream_free(z->stock->stream[i]);
            z->stock->stream[i] = NULL;
        }
    archive_stock_close(z->own);
    free(z->entry);
    free(z->password);
    free(z);
}
