/*
 * sequence: 7z, tar and packed tar, and a zip that lost its directory, through libarchive, once and front to back. The only file that knows it.
 *
 * Rule 1   only the format and the one filter that the first bytes name are switched on: no filter in a filter, and never an external program.
 * Rule 2   nothing is skipped blindly: what must be unpacked to get past a member counts against the limits like what is kept.
 * Rule 3   names are read in a UTF-8 locale of this thread's own, whatever the environment says: the same archive lists the same.
 */
#include "evidence/archive_inner.h"
#include "evidence/dictionary.h"

#include "base/map.h"
#include "base/num.h"
#include "base/rd.h"
#include "base/time.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 256 << 10, NAME_ROOM = 1 << 20, PASSWORD_MAX = 1024, RESUMES_MAX = 4096, TAR_BLOCK = 512 };

struct work {
    struct reach    *r;
    struct sequence *to;
    struct archive  *lib;            /* libarchive's, not ours */
    bool             zip, seven, packed, opened;
    uint64_t         at;             /* libarchive's position in the container */
    uint64_t         base;           /* where this libarchive began */
    uint64_t         next;           /* of a plain tar: where the next header should be; 0: not known */
    uint32_t         resumed;
    uint8_t         *block, *name_room, *zeros;
    struct err       io;             /* of the container */
    uint64_t         sum;            /* unpacked bytes so far, kept or passed */
    bool             spool_failed;
    bool             linked;         /* by_name is kept: a hard link was met */
    struct map       by_name;        /* harmless name -> index in members */
};

/* ---- the container, as libarchive sees it ---- */

static la_ssize_t on_read(struct archive *lib, void *ctx, const void **ret)
{
    struct work *w = ctx;
    size_t       got = 0;

    if (!reach_read(w->r, w->at, w->block, BLOCK, &got, &w->io)) {
        archive_set_error(lib, EIO, "the container cannot be read");
        return ARCHIVE_FATAL;
    }
    w->at += got;
    *ret = w->block;
    return (la_ssize_t)got;
}

static la_int64_t on_skip(struct archive *lib, void *ctx, la_int64_t n)
{
    struct work *w = ctx;
    uint64_t     left = w->at < w->r->size_bytes ? w->r->size_bytes - w->at : 0;

    (void)lib;
    if (n <= 0)
        return 0;
    if ((uint64_t)n > left)
        n = (la_int64_t)left;
    w->at += (uint64_t)n;
    return n;
}

static la_int64_t on_seek(struct archive *lib, void *ctx, la_int64_t off, int whence)
{
    struct work *w = ctx;
    int64_t      base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? (int64_t)w->at : (int64_t)w->r->size_bytes, to;

    (void)lib;
    if (__builtin_add_overflow(base, off, &to) || to < 0 || (uint64_t)to > w->r->size_bytes)
        return ARCHIVE_FATAL;
    w->at = (uint64_t)to;
    return to;
}

/* ---- limits ---- */

/* Bytes of the container that were used so far; a 7z is asked as a whole. */
static uint64_t used(const struct work *w)
{
    la_int64_t n = w->seven ? 0 : archive_filter_bytes(w->lib, -1);
    return w->seven || n < 0 ? w->r->size_bytes : (uint64_t)n;
}

static const char left_out[]       = "damaged: entries that cannot be read were left out";
static const char decrypt[]        = "Decrypt the archive with the collector's own tool, or give --password-file, and hunt again.";
static const char decrypt_seven[]  = "Decrypt the archive with the collector's own tool, unpack it, and hunt the folder.";
static const char raise_ratio[]    = "Raise --limits ratio if this archive is yours, and hunt again.";
static const char raise_unpacked[] = "Raise --limits unpacked if this archive is yours, and hunt again.";

/* The library was refused what its unpacker wants (os_memory_limit). */
static const char hungry[]      = "too large: unpacking it takes more memory than this hunt may have";
static const char hungry_hint[] = "Raise --limits dictionary if this archive is yours and the machine has that much memory, or unpack it elsewhere and hunt the folder.";

static bool starved(const struct work *w)
{
    const char *text = archive_error_string(w->lib);
    return archive_errno(w->lib) == ENOMEM || (text && strstr(text, "llocate"));
}

/* Unpacked bytes of a member and all before it: too many? */
static bool beyond(const struct work *w, uint64_t member, const char **ret_what, const char **ret_hint)
{
    if (w->packed && reach_bomb(w->r, num_add_sat(w->sum, member), used(w))) {
        *ret_what = "too large: beyond the limit ratio";
        *ret_hint = raise_ratio;
        return true;
    }
    if (w->sum > w->r->limits.unpacked || member > w->r->limits.unpacked - w->sum) {
        *ret_what = "too large: beyond the limit unpacked";
        *ret_hint = raise_unpacked;
        return true;
    }
    return false;
}

/* ---- bodies ---- */

static void none(struct body *b, enum err_kind kind, const char *why, const char *hint)
{
    *b = (struct body){ .kind = BODY_NONE, .err = kind, .why = why, .hint = hint };
}

static bool spool_zeros(struct work *w, uint64_t n, struct err *e)
{
    while (n) {
        size_t part = n < BLOCK ? (size_t)n : BLOCK;
        if (!spool_write(w->r->spool, (struct str){ w->zeros, part }, e))
            return false;
        n -= part;
    }
    return true;
}

/* The data of this entry, kept or only passed. *ret_broken: nothing follows it. False: memory. */
static bool pass_data(struct work *w, const struct member *m, bool sized, bool keep, struct body *ret, uint64_t *ret_size, bool *ret_broken, struct err *e)
{
    uint64_t    at = 0, max = sized ? m->size_bytes : UINT64_MAX;
    struct err  why = { 0 };
    const char *what = NULL, *hint = NULL;
    bool        over = false;

    if (keep && !spool_begin(w->r->spool, &why))
        keep = false;
    for (;;) {
        const void *p = NULL;
        size_t      n = 0;
        la_int64_t  off = 0;
        int         code = archive_read_data_block(w->lib, &p, &n, &off);
        if (code == ARCHIVE_EOF)
            break;
        if (code == ARCHIVE_RETRY)
            continue;
        if (code != ARCHIVE_OK && code != ARCHIVE_WARN) {
            const char *text = archive_error_string(w->lib);
            bool crypt = text && (strstr(text, "ncrypt") || strstr(text, "assphrase"));
            bool room = starved(w);
            what = w->io.kind != ERR_NONE ? "unreadable: the archive could not be read further" : room ? hungry : crypt ? "encrypted" : code == ARCHIVE_FATAL
                 ? "truncated: the archive breaks off within it, or is damaged there" : "damaged: it can be unpacked in part only";
            hint = room ? hungry_hint : crypt ? decrypt : "What came before was read. Copy the archive again.";
            *ret_broken = code == ARCHIVE_FATAL;
            break;
        }
        if (code == ARCHIVE_WARN) {
            what = "checksum: its bytes are not those that were packed";
            hint = "It was read all the same. Copy the archive again, and compare.";
        }
        if (off < 0 || (uint64_t)off < at || (uint64_t)off > max) {
            what = "damaged: its parts are in disorder";
            hint = "What came before was read. Copy the archive again.";
            break;
        }
        uint64_t hole = (uint64_t)off - at;
        if (n > max - (uint64_t)off) {
            n    = (size_t)(max - (uint64_t)off);
            what = "lying size: it is longer than stated";
            hint = "It was read up to the stated size. Look at this archive by hand.";
        }
        if (beyond(w, num_add_sat((uint64_t)off, n), &what, &hint)) {
            over = *ret_broken = true;
            break;
        }
        if (keep && (!spool_zeros(w, hole, &why) || !spool_write(w->r->spool, (struct str){ p, n }, &why))) {
            keep = false;
            spool_drop(w->r->spool);
        }
        at = (uint64_t)off + n;
    }
    if (keep && !over && sized && at < max && !*ret_broken && !what && !spool_zeros(w, max - at, &why))
        keep = false;               /* a hole at the end of a sparse file */
    else if (keep && sized && at < max && !what)
        at = max;
    w->sum = num_add_sat(w->sum, at);
    if (what)
        reach_tell(w->r, m->raw, what, hint);
    if (over) {
        spool_drop(w->r->spool);
        none(ret, ERR_LIMIT, what, hint);
        ret->told = true;
        return true;
    }
    uint64_t size = 0;
    if (keep && spool_end(w->r->spool, &ret->spooled, &size, &why)) {
        ret->kind       = size ? BODY_SPOOL : BODY_EMPTY;
        ret->size_bytes = size;
        *ret_size       = size;
        return true;
    }
    if (why.kind == ERR_MEMORY)
        return *e = why, false;
    if (why.kind != ERR_NONE) {
        w->spool_failed = w->spool_failed || why.kind == ERR_IO;
        none(ret, why.kind, why.kind == ERR_LIMIT ? "not spooled: beyond the limit of the spool" : "not spooled: the output folder cannot be written", 
             w->r->spool && spool_in_memory(w->r->spool) ? "Give --out FOLDER: members are then kept there while the hunt runs." : "Raise --limits spool, or unpack the archive elsewhere and hunt the folder.");
        reach_tell(w->r, m->raw, ret->why, ret->hint);
        ret->told = true;
    } else {
        none(ret, ERR_LIMIT, "not spooled", "It is of no kind that a hunt reads. Unpack the archive elsewhere and hunt the folder to see it.");
    }
    *ret_size = sized ? m->size_bytes : at;
    return true;
}

static bool file_body(struct work *w, struct archive_entry *entry, struct member *m, struct body *ret, bool *ret_broken, struct err *e)
{
    struct reach *r = w->r;
    bool          sized = archive_entry_size_is_set(entry);

    /* libarchive has no key for 7z at all. */
    if (archive_entry_is_encrypted(entry) && (w->seven || !r->from.password.n)) {
        none(ret, ERR_FORMAT, "encrypted", w->seven ? decrypt_seven : decrypt);
        return true;
    }
    if (sized && m->size_bytes == 0)
        return true;
    if (!w->zip && !w->seven && !w->packed && (r->random || r->copied) && archive_entry_sparse_count(entry) == 0) {
        la_int64_t past = archive_filter_bytes(w->lib, 0);
        uint64_t   from = num_add_sat(w->base, past > 0 ? (uint64_t)past : 0), room = past >= 0 && from < r->size_bytes ? r->size_bytes - from : 0;
        if (m->size_bytes > room) {
            reach_tell(r, m->raw, "truncated: the archive ends within it", "What is there was read. Copy the archive again.");
            m->size_bytes = room;
            *ret_broken   = true;
        }
        *ret   = (struct body){ .kind = m->size_bytes ? BODY_RANGE : BODY_EMPTY, .off = from, .size_bytes = m->size_bytes };
        w->sum = num_add_sat(w->sum, m->size_bytes);
        return true;
    }
    uint64_t stored = 0;
    la_int64_t off, n;
    if (archive_entry_sparse_reset(entry) > 0)
        while (archive_entry_sparse_next(entry, &off, &n) == ARCHIVE_OK && n > 0)
            stored = num_add_sat(stored, (uint64_t)n);
    if (archive_entry_sparse_count(entry) > 0 && reach_bomb(r, m->size_bytes, stored)) {
        none(ret, ERR_LIMIT, "too large: beyond the limit ratio, for most of it is a hole", raise_ratio);
        ret->told = true;
        reach_tell(r, m->raw, ret->why, ret->hint);
        return true;
    }
    bool keep = m->name.n && r->spool && !w->spool_failed && (!r->want || r->want(r->ctx, m));
    if (!keep && !w->packed) {
        /* A plain tar that is not random: libarchive passes it. */
        none(ret, ERR_LIMIT, "not spooled", "It is of no kind that a hunt reads. Unpack the archive elsewhere and hunt the folder to see it.");
        return true;
    }
    return pass_data(w, m, sized, keep, ret, &m->size_bytes, ret_broken, e);
}

/* ---- entries ---- */

static struct str harmless(struct work *w, struct str raw, const char **ret_why, struct err *e)
{
    struct arena a = { w->name_room, w->name_room + NAME_ROOM, NULL };
    struct str   name = STR_EMPTY;
    bool         device;

    if (!members_name(&a, raw, w->zip, false, &name, &device, ret_why))
        err_set(e, ERR_MEMORY, "no room for a name of %zu bytes", raw.n);
    return *ret_why ? STR_EMPTY : name;
}

static bool note_name(struct work *w, size_t i, struct err *e)
{
    const struct member *m = members_at(w->r->members, i);
    return m->kind != MEMBER_FILE || map_put(&w->by_name, w->r->keep, m->name, (uint32_t)i) || err_set(e, ERR_MEMORY, "no room for the names of an archive");
}

/* A hard link is the earlier member once more. *ret false: refused, and told. */
static bool follow(struct work *w, struct member *m, const char *target, struct body *ret, bool *ret_fine, struct err *e)
{
    const char *why = NULL;

    if (!w->linked) {
        w->linked = true;
        for (size_t i = 0; i < members_n(w->r->members); i++)
            if (!note_name(w, i, e))
                return false;
    }
    struct str name = harmless(w, str_c(target), &why, e);
    if (e->kind != ERR_NONE)
        return false;
    uint32_t i = why ? MAP_NONE : map_get(&w->by_name, name);
    *ret_fine = i != MAP_NONE;
    if (!*ret_fine) {
        reach_tell(w->r, m->raw, why ? "link: leads out of the archive" : "link: its target is not in the archive", "Nothing is lost: a link has no bytes of its own.");
        return true;
    }
    const struct member *to = members_at(w->r->members, i);
    *ret = w->to->body[to->where];
    m->size_bytes   = to->size_bytes;
    m->packed_bytes = to->packed_bytes;
    return true;
}

static int64_t time_of(struct archive_entry *entry)
{
    int64_t us;

    if (!archive_entry_mtime_is_set(entry) || __builtin_mul_overflow((int64_t)archive_entry_mtime(entry), TIME_SECOND, &us))
        return TIME_NONE;
    us += archive_entry_mtime_nsec(entry) / 1000;
    /* Years 1601 to 9999, as everywhere. */
    return us < INT64_C(-11644473600) * TIME_SECOND || us >= INT64_C(253402300800) * TIME_SECOND ? TIME_NONE : us;
}

/* One entry. *ret_broken: nothing can follow it. False: no memory. */
static bool take(struct work *w, struct archive_entry *entry, bool *ret_broken, struct err *e)
{
    struct reach  *r = w->r;
    const char    *path = archive_entry_pathname(entry), *link = archive_entry_hardlink(entry), *why = NULL, *hint;
    struct member  m = { .kind = MEMBER_FILE, .where = w->to->n, .mtime_us = time_of(entry) };
    struct body    body = { .kind = BODY_EMPTY };
    la_int64_t     size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;
    bool           fine = true;

    if (!path)
        path = archive_entry_pathname_utf8(entry);
    if (!path) {
        reach_tell(r, STR_EMPTY, "unsafe name: an entry whose name cannot be read", "Look at this archive by hand.");
        return true;
    }
    /* libarchive's text goes with its next call. */
    char *copy = strdup(path);
    if (!copy)
        return err_set(e, ERR_MEMORY, "no room for a name");
    m.raw = str_c(copy);
    m.size_bytes = size > 0 ? (uint64_t)size : 0;
    bool ok = false;
    switch (archive_entry_filetype(entry)) {
    case AE_IFDIR: m.kind = MEMBER_DIR; break;
    case AE_IFLNK: m.kind = MEMBER_LINK; m.link = str_c(archive_entry_symlink(entry)); break;
    case AE_IFREG: case 0: break;
    default:
        reach_tell(r, m.raw, "not a plain file: not opened", "A pipe, device or socket does not come from Windows. Look at how this archive was made.");
        ok = true;
        goto out;
    }
    if (m.kind == MEMBER_FILE && link && m.size_bytes == 0) {
        if (!follow(w, &m, link, &body, &fine, e))
            goto out;
    } else if (m.kind == MEMBER_FILE) {
        m.name = harmless(w, m.raw, &why, e);
        if (e->kind != ERR_NONE)
            goto out;
        if (beyond(w, m.size_bytes, &why, &hint) || (w->packed && reach_bomb(r, m.size_bytes, r->size_bytes) && (why = "too large: beyond the limit ratio", hint = raise_ratio))) {
            reach_tell(r, m.raw, why, hint);
            *ret_broken = w->packed;
            if (w->packed)
                reach_tell(r, STR_EMPTY, "too large: what follows that member was not read", hint);
            ok = true;
            goto out;
        }
        if (!file_body(w, entry, &m, &body, ret_broken, e))
            goto out;
    } else {
        m.size_bytes = 0;
    }
    m.name = STR_EMPTY;
    size_t n = members_n(r->members);
    if (fine && !members_add(r->members, &m, false, e))
        goto out;
    if (members_n(r->members) > n) {
        struct body *at = GROW(r->keep, w->to->body, w->to->n, &w->to->cap);
        if (!at) {
            err_set(e, ERR_MEMORY, "no room for the list of an archive after %zu entries", w->to->n);
            goto out;
        }
        *at = body;
        w->to->n++;
        if (w->linked && !note_name(w, n, e))
            goto out;
    }
    ok = true;
out:
    free(copy);
    return ok;
}

/* ---- opening ---- */

struct filter {
    struct str  head;
    const char *form;
    int       (*on)(struct archive *);
};
static const struct filter filters[] = {
    { STR_INIT("\x1f\x8b"),             "tar.gz",  archive_read_support_filter_gzip  },
    { STR_INIT("BZh"),                  "tar.bz2", archive_read_support_filter_bzip2 },
    { STR_INIT("\xfd" "7zXZ\0"),        "tar.xz",  archive_read_support_filter_xz    },
    { STR_INIT("\x28\xb5\x2f\xfd"),     "tar.zst", archive_read_support_filter_zstd  },
};

static void call_back(struct work *w)
{
    archive_read_set_callback_data(w->lib, w);
    archive_read_set_read_callback(w->lib, on_read);
    archive_read_set_skip_callback(w->lib, on_skip);
    if (w->seven)
        archive_read_set_seek_callback(w->lib, on_seek);
}

/* What unpacking takes in memory is known before it begins, or the kernel's limit for this process tells. */
static bool bounded(struct work *w, struct err *e)
{
    uint8_t  head[DICTIONARY_XZ_HEAD];
    size_t   got = 0;
    uint64_t bytes = 0;

    if (w->seven && !dictionary_of_seven(w->r, &bytes, e))
        return false;
    if (!w->seven && str_eq(str_c(w->to->form), STR("tar.xz"))) {
        if (!reach_read(w->r, 0, head, sizeof head, &got, e))
            return false;
        bytes = dictionary_of_xz((struct str){ head, got });
    }
    return dictionary_fits(w->r, bytes, e);
}

static bool set_up(struct work *w, struct err *e)
{
    struct reach *r = w->r;
    uint8_t       head[8];
    size_t        got = 0;
    int           code = ARCHIVE_OK;

    if (!reach_read(r, 0, head, sizeof head, &got, e))
        return false;
    struct str h = { head, got };
    w->seven  = !w->zip && str_starts(h, STR("7z\xbc\xaf\x27\x1c"));
    w->packed = w->zip || w->seven;
    w->to->form = w->zip ? "zip" : w->seven ? "7z" : "tar";
    if (w->zip)
        code = archive_read_support_format_zip_streamable(w->lib);
    else if (w->seven)
        code = archive_read_support_format_7zip(w->lib);
    else
        code = archive_read_support_format_tar(w->lib);
    for (size_t i = 0; i < COUNT_OF(filters) && !w->packed; i++)
        if (str_starts(h, filters[i].head)) {
            w->packed   = true;
            w->to->form = filters[i].form;
            int on = filters[i].on(w->lib);
            code = code == ARCHIVE_OK ? on : code;      /* ARCHIVE_WARN: it would start a program */
            break;
        }
    if (code != ARCHIVE_OK) {
        err_set(e, ERR_FORMAT, "%s: not read by this build", w->to->form);
        return err_hint(e, "Unpack it elsewhere and hunt the folder.");
    }
    if (r->from.password.n && r->from.password.n < PASSWORD_MAX && str_chr(r->from.password, 0) == STR_NONE) {
        char word[PASSWORD_MAX] = { 0 };
        memcpy(word, r->from.password.p, r->from.password.n);
        (void)archive_read_add_passphrase(w->lib, word);
    }
    if (!bounded(w, e))
        return false;
    call_back(w);
    return true;
}

/* The list of a 7z stands at its end; the first 32 bytes say where. */
static bool cut_seven(struct work *w)
{
    uint8_t    head[32];
    size_t     got = 0;
    struct err no = { 0 };

    if (!w->seven || !reach_read(w->r, 0, head, sizeof head, &got, &no))
        return false;
    struct rd d = { .s = { head, got } };
    rd_skip(&d, 12);
    uint64_t off = rd_u64le(&d), n = rd_u64le(&d);
    return d.bad || num_add_sat(num_add_sat(off, n), 32) > w->r->size_bytes;
}

static bool no_listing(struct work *w, struct err *e)
{
    const char *text = archive_error_string(w->lib);

    if (w->io.kind != ERR_NONE)
        return *e = w->io, false;
    /* libarchive 3.6 crashes when it is asked before a format was found. */
    if (w->opened && !w->resumed && archive_read_has_encrypted_entries(w->lib) > 0) {
        err_set(e, ERR_FORMAT, "encrypted, names and all");
        return err_hint(e, "%s", decrypt_seven);
    }
    if (cut_seven(w)) {
        err_set(e, ERR_FORMAT, "truncated: the list of a 7z stands at its end, which is missing");
        return err_hint(e, "Copy the archive again.");
    }
    if (starved(w)) {
        err_set(e, ERR_LIMIT, "%s", hungry);
        return err_hint(e, "%s", hungry_hint);
    }
    err_set(e, ERR_FORMAT, "%s", text && text[0] ? text : "not an archive");
    return err_hint(e, "Copy it again, or unpack it elsewhere and hunt the folder.");
}

/*
 * libarchive gives up a tar at some headers that lie. A plain tar has the next header at a block of its own: begin there anew, with the first one
 * behind that which cannot be read (for it may have read on before it gave up). *ret_more: it did. False: no memory.
 */
static bool resume(struct work *w, bool *ret_more, struct err *e)
{
    la_int64_t past = archive_filter_bytes(w->lib, 0);
    uint64_t   from = num_add_sat(w->base, past > 0 ? (uint64_t)past : 0), next = 0;
    bool       found = false;

    *ret_more = false;
    if (w->zip || w->seven || w->packed || w->io.kind != ERR_NONE || w->resumed == RESUMES_MAX || from > INT64_MAX)
        return true;
    from = w->next && w->next < INT64_MAX ? w->next + TAR_BLOCK : (from + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
    from = from > w->base ? from : w->base + TAR_BLOCK;
    if (!tar_next(w->r, from, w->block, BLOCK, &next, &found, &w->io) || !found)
        return true;
    archive_read_free(w->lib);
    w->lib = archive_read_new();
    if (!w->lib || archive_read_support_format_tar(w->lib) != ARCHIVE_OK)
        return err_set(e, ERR_MEMORY, "no room to read an archive");
    call_back(w);
    w->at = w->base = w->next = next;
    w->resumed++;
    *ret_more = archive_read_open1(w->lib) == ARCHIVE_OK;
    return true;
}

static bool read_all(struct work *w, struct err *e)
{
    struct reach *r = w->r;
    bool          broken = false;
    uint64_t      bad = 0;

    w->opened = archive_read_open1(w->lib) == ARCHIVE_OK;
    if (!w->opened)
        return no_listing(w, e);
    while (!broken) {
        struct archive_entry *entry = NULL;
        int code = archive_read_next_header(w->lib, &entry);
        if (code == ARCHIVE_EOF)
            break;
        if (code == ARCHIVE_RETRY || code == ARCHIVE_FAILED) {
            if (bad++ == 0)
                reach_tell(r, STR_EMPTY, left_out, "Copy the archive again.");
            if (bad > r->limits.members)
                break;
            continue;
        }
        bool more = false;
        if (code != ARCHIVE_OK && code != ARCHIVE_WARN && !resume(w, &more, e))
            return false;
        if (more) {
            if (bad++ == 0)
                reach_tell(r, STR_EMPTY, left_out, "Copy the archive again.");
            continue;
        }
        if (code != ARCHIVE_OK && code != ARCHIVE_WARN) {
            if (w->to->n == 0 && members_n(r->members) == 0)
                return no_listing(w, e);
            if (w->io.kind == ERR_NONE && !w->resumed && archive_read_has_encrypted_entries(w->lib) > 0)
                reach_tell(r, STR_EMPTY, "encrypted: some of its entries cannot even be listed", w->seven ? decrypt_seven : decrypt);
            else if (w->io.kind == ERR_NONE && starved(w))
                reach_tell(r, STR_EMPTY, hungry, hungry_hint);
            else
                reach_tell(r, STR_EMPTY, w->io.kind != ERR_NONE ? "unreadable: the archive could not be read further" : "truncated: the archive breaks off, or is damaged, after its last entry here",
                           "What came before was read. Copy the archive again.");
            break;
        }
        if (!members_room(r->members)) {
            char text[100];
            snprintf(text, sizeof text, "too many: entries beyond the limit members of %llu", (unsigned long long)r->limits.members);
            reach_tell(r, STR_EMPTY, text, "Raise --limits members, or hunt the parts one by one.");
            break;
        }
        la_int64_t past = archive_filter_bytes(w->lib, 0), size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;
        w->next = past < 0 || size < 0 || archive_entry_sparse_count(entry) > 0 ? 0
                : num_add_sat(num_add_sat(w->base, (uint64_t)past), ((uint64_t)size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK);
        if (!take(w, entry, &broken, e))
            return false;
    }
    return true;
}

bool sequence_open(struct sequence *ret, struct reach *r, bool zip, struct err *e)
{
    struct sequence out = { 0 };
    struct work     w = { .r = r, .to = &out, .zip = zip, .lib = archive_read_new(), .block = malloc(BLOCK), .name_room = malloc(NAME_ROOM), .zeros = calloc(1, BLOCK) };
    locale_t        utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0), was = (locale_t)0;
    bool            ok = false;

    if (utf8 != (locale_t)0)
        was = uselocale(utf8);
    if (!w.lib || !w.block || !w.name_room || !w.zeros) {
        err_set(e, ERR_MEMORY, "no room to read an archive");
        goto out;
    }
    if (zip)
        reach_tell(r, STR_EMPTY, "truncated: a zip without its directory, read in sequence", "What came before the break was read. Copy the archive again.");
    if (!members_open(&r->members, &r->limits, zip, r->tell, r->ctx, r->keep, e) || !set_up(&w, e) || !read_all(&w, e) || !members_settle(r->members, e))
        goto out;
    r->told   = NEW(r->keep, uint8_t, out.n / 8 + 1);
    r->told_n = out.n;
    if (!r->told) {
        err_set(e, ERR_MEMORY, "no room for the list of an archive");
        goto out;
    }
    for (size_t i = 0; i < out.n; i++)
        r->told[i / 8] |= (uint8_t)(out.body[i].told << (i % 8));
    *ret = out;
    ok = true;
out:
    if (w.lib)
        archive_read_free(w.lib);
    free(w.block);
    free(w.name_room);
    free(w.zeros);
    if (utf8 != (locale_t)0) {
        uselocale(was);
        freelocale(utf8);
    }
    return ok;
}
