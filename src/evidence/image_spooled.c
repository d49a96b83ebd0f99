/*
 * image_spooled: an image that lies packed in an archive: its files are copied to the spool when they are opened, since an image is read everywhere at once and a packed member
 * only from its beginning.
 *
 * A world of its own with nothing but open, read and close. Copying happens while the image is opened, by one thread; afterwards it is only read.
 */
#include "evidence/image_inner.h"

#include <stdlib.h>

struct copied { struct str below; uint32_t body; uint64_t size_bytes; };
struct image_spooled {
    struct os         os, *from;
    struct spool     *spool;
    struct arena     *keep;
    struct copied     file[IMAGE_PIECES_MAX]; size_t n;
};

static struct image_spooled *spooled_of(struct os *os) { return os->ctx; }

static bool copy_down(struct image_spooled *s, struct str root, struct str below, struct copied *ret, struct err *e)
{
    struct os_file f = OS_FILE_NONE;
    uint8_t       *buf = malloc(SPOOL_CHUNK);
    uint64_t       off = 0, size;
    size_t         got = 0;
    bool           ok = buf ? s->from->open(s->from, root, below, &f, &size, e) : err_set(e, ERR_MEMORY, "no room to copy an image out of its archive");

    if (ok && (ok = spool_begin(s->spool, e))) {
        do {
            ok = s->from->read_at(s->from, f, off, buf, SPOOL_CHUNK, &got, e) && spool_write(s->spool, (struct str){ buf, got }, e);
            off += got;
        } while (ok && got == SPOOL_CHUNK);
        ok = ok && spool_end(s->spool, &ret->body, &ret->size_bytes, e);
        if (!ok) {
            spool_drop(s->spool);
            if (e->kind == ERR_LIMIT && spool_in_memory(s->spool))
                err_hint(e, "Give --out FOLDER: the image is then kept there while the hunt runs. Or unpack it elsewhere, and hunt the image.");
            else if (e->kind == ERR_LIMIT)
                err_hint(e, "Raise --limits spool, or unpack it elsewhere, and hunt the image.");
        }
    }
    s->from->close(s->from, &f);
    free(buf);
    return ok;
}

static bool spooled_open(struct os *os, struct str root, struct str below, struct os_file *ret, uint64_t *ret_size, struct err *e)
{
    struct image_spooled *s = spooled_of(os);
    size_t                i = 0;

    while (i < s->n && !str_eq(s->file[i].below, below))
        i++;
    if (i == IMAGE_PIECES_MAX)
        return err_set(e, ERR_LIMIT, "an image of more than %d files", IMAGE_PIECES_MAX);
    if (i == s->n) {
        struct copied x = { .below = str_dup(s->keep, below) };
        if (!x.below.p)
            return err_set(e, ERR_MEMORY, "no room to copy an image out of its archive");
        if (!copy_down(s, root, below, &x, e))
            return false;
        s->file[s->n++] = x;
    }
    ret->h    = (intptr_t)i + 1;
    *ret_size = s->file[i].size_bytes;
    return true;
}

static bool spooled_read_at(struct os *os, struct os_file f, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct image_spooled *s = spooled_of(os);

    if (f.h < 1 || (size_t)f.h > s->n)
        return err_set(e, ERR_IO, "read: the file is not open for reading");
    return spool_read(s->spool, s->file[f.h - 1].body, off, buf, cap, ret_got, e);
}

static void spooled_close(struct os *os, struct os_file *f) { (void)os, *f = OS_FILE_NONE; }
static int64_t spooled_now_us(struct os *os) { struct os *o = spooled_of(os)->from; return o->now_us(o); }
static uint64_t spooled_tick_us(struct os *os) { struct os *o = spooled_of(os)->from; return o->tick_us(o); }

bool image_spool(struct image_from *io, struct spool *spool, struct arena *keep, struct err *e)
{
    struct image_spooled *s = NEW(keep, struct image_spooled, 1);

    if (!s)
        return err_set(e, ERR_MEMORY, "no room to copy an image out of its archive");
    *s = (struct image_spooled){ .from = io->os, .spool = spool, .keep = keep };
    s->os = (struct os){ .ctx = s, .open = spooled_open, .read_at = spooled_read_at, .close = spooled_close, .now_us = spooled_now_us, .tick_us = spooled_tick_us };
    io->os = &s->os;
    return true;
}
