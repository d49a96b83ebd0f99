/*
 * image_shadow: volume shadow copies, through libvshadow, which reads our blocks by callbacks and nothing else.
 *
 * The library keeps a list of every block that changed since: SHADOW_STORE_MAX bytes of changes a copy, beyond it the copy is left out and told. One call at a time.
 * Built without the library, copies are told and not read.
 * Source: libyal, "Volume Shadow Snapshot (VSS) format"; libvshadow.h, libbfio.h.
 */
#include "evidence/image_inner.h"

#include "base/num.h"

#include <stdlib.h>
#include <string.h>

/* The identifier that begins every structure of theirs; the first stands at 0x1E00 of the volume. */
static const uint8_t vss_guid[16] = { 0x6B, 0x87, 0x08, 0x38, 0x76, 0xC1, 0x48, 0x4E, 0xB7, 0xAE, 0x04, 0x04, 0x6E, 0x6C, 0xC7, 0x52 };

bool image_has_shadows(const struct blocks *volume)
{
    uint8_t    head[128];
    struct err none = { 0 };
    uint64_t   catalog = 0;

    if (!block_whole(volume, 0x1E00, head, sizeof head, &none) || memcmp(head, vss_guid, 16) != 0)
        return false;
    for (int i = 8; i-- > 0;)
        catalog = catalog << 8 | head[48 + i];
    return catalog != 0;                       /* 0: there were copies once */
}

#ifdef AP_VSHADOW

#include <fcntl.h>
#include <libbfio.h>
#include <libvshadow.h>
#include <pthread.h>
#include <stdio.h>

enum { SHADOW_STORES_MAX = 512 };

struct place { struct blocks b; uint64_t at; bool open; };
struct store { struct image_shadows *of; libvshadow_store_t *store; };
struct image_shadows {
    libbfio_handle_t    *io;
    libvshadow_volume_t *volume;
    struct store         store[IMAGE_SHADOWS_MAX]; size_t n;
    pthread_mutex_t      lock;
    uint64_t             size_bytes;
};

/* ---- libbfio's table, over a block ---- */

static int io_free(intptr_t **io, libbfio_error_t **e)
{
    (void)e;
    free(*io);
    *io = NULL;
    return 1;
}
static int io_clone(intptr_t **to, intptr_t *from, libbfio_error_t **e)
{
    struct place *p = malloc(sizeof *p);

    (void)e;
    if (!p)
        return -1;
    memcpy(p, from, sizeof *p);
    *to = (intptr_t *)p;
    return 1;
}
static int io_open(intptr_t *io, int flags, libbfio_error_t **e)
{
    (void)e;
    ((struct place *)io)->open = true;
    return flags & LIBBFIO_ACCESS_FLAG_WRITE ? -1 : 1;
}
static int io_close(intptr_t *io, libbfio_error_t **e)
{
    (void)e;
    ((struct place *)io)->open = false;
    return 0;
}
static ssize_t io_read(intptr_t *io, uint8_t *buf, size_t n, libbfio_error_t **e)
{
    struct place *p = (struct place *)io;
    struct err    why = { 0 };
    size_t        got = 0;

    (void)e;
    if (p->at >= p->b.size_bytes)
        return 0;
    if (n > p->b.size_bytes - p->at)
        n = (size_t)(p->b.size_bytes - p->at);
    if (n > (1u << 30) || !p->b.read(p->b.ctx, p->at, buf, n, &got, &why))
        return -1;
    p->at += got;
    return (ssize_t)got;
}
static ssize_t io_write(intptr_t *io, const uint8_t *buf, size_t n, libbfio_error_t **e) { return (void)io, (void)buf, (void)n, (void)e, -1; }
static off64_t io_seek(intptr_t *io, off64_t off, int whence, libbfio_error_t **e)
{
    struct place *p = (struct place *)io;
    int64_t       base = whence == SEEK_CUR ? (int64_t)p->at : whence == SEEK_END ? (int64_t)p->b.size_bytes : 0, to;

    (void)e;
    if (__builtin_add_overflow(base, off, &to) || to < 0)
        return -1;
    p->at = (uint64_t)to;
    return to;
}
static int io_exists(intptr_t *io, libbfio_error_t **e) { return (void)io, (void)e, 1; }
static int io_is_open(intptr_t *io, libbfio_error_t **e) { return (void)e, ((struct place *)io)->open; }
static int io_size(intptr_t *io, size64_t *size, libbfio_error_t **e)
{
    (void)e;
    *size = ((struct place *)io)->b.size_bytes;
    return 1;
}

/* ---- stores ---- */

static bool store_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct store *s = ctx;
    size_t        all = 0;

    cap = off >= s->of->size_bytes ? 0 : s->of->size_bytes - off < cap ? (size_t)(s->of->size_bytes - off) : cap;
    pthread_mutex_lock(&s->of->lock);
    while (all < cap) {
        ssize_t n = libvshadow_store_read_buffer_at_offset(s->store, buf + all, cap - all, (off64_t)(off + all), NULL);
        if (n <= 0)
            break;
        all += (size_t)n;
    }
    pthread_mutex_unlock(&s->of->lock);
    *ret_got = all;
    return all == cap || err_set(e, ERR_FORMAT, "the shadow copy is damaged at %llu", (unsigned long long)(off + all));
}

void image_shadows_close(struct image_shadows *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->n; i++)
        (void)libvshadow_store_free(&s->store[i].store, NULL);
    if (s->volume)
        (void)libvshadow_volume_free(&s->volume, NULL);
    if (s->io)
        (void)libbfio_handle_free(&s->io, NULL);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

bool image_shadows_open(struct image_shadows **ret, struct blocks volume, size_t *ret_n, size_t *ret_more, struct err *e)
{
    struct image_shadows *s = calloc(1, sizeof *s);
    struct place         *p = calloc(1, sizeof *p);
    int                   n = 0;

    *ret_n = *ret_more = 0;
    if (!s || !p) {
        free(s);
        free(p);
        return err_set(e, ERR_MEMORY, "no room for shadow copies");
    }
    pthread_mutex_init(&s->lock, NULL);
    s->size_bytes = volume.size_bytes;
    *p = (struct place){ .b = volume };
    if (libbfio_handle_initialize(&s->io, (intptr_t *)p, io_free, io_clone, io_open, io_close, io_read, io_write, io_seek, io_exists, io_is_open, io_size,
                                  LIBBFIO_FLAG_IO_HANDLE_MANAGED | LIBBFIO_FLAG_IO_HANDLE_CLONE_BY_FUNCTION, NULL) != 1) {
        free(p);
        image_shadows_close(s);
        return err_set(e, ERR_MEMORY, "no room for shadow copies");
    }
    if (libvshadow_volume_initialize(&s->volume, NULL) != 1 || libvshadow_volume_open_file_io_handle(s->volume, s->io, LIBVSHADOW_OPEN_READ, NULL) != 1 ||
        libvshadow_volume_get_number_of_stores(s->volume, &n, NULL) != 1 || n < 0 || n > SHADOW_STORES_MAX) {
        image_shadows_close(s);
        return err_set(e, ERR_FORMAT, "its list of shadow copies is damaged");
    }
    /* The library counts from the oldest on. */
    for (int i = n - 1; i >= 0; i--) {
        if (s->n == IMAGE_SHADOWS_MAX) {
            ++*ret_more;
            continue;
        }
        if (libvshadow_volume_get_store(s->volume, i, &s->store[s->n].store, NULL) != 1) {
            ++*ret_more;
            continue;
        }
        /* Its changes may be kept on another volume. */
        if (libvshadow_store_has_in_volume_data(s->store[s->n].store, NULL) != 1) {
            (void)libvshadow_store_free(&s->store[s->n].store, NULL);
            ++*ret_more;
            continue;
        }
        s->store[s->n++].of = s;
    }
    *ret   = s;
    *ret_n = s->n;
    return true;
}

struct blocks image_shadow_block(struct image_shadows *s, size_t i) { return (struct blocks){ store_read, &s->store[i], s->size_bytes }; }

#else

void image_shadows_close(struct image_shadows *s) { (void)s; }
bool image_shadows_open(struct image_shadows **ret, struct blocks volume, size_t *ret_n, size_t *ret_more, struct err *e)
{
    (void)ret, (void)volume, (void)ret_n, (void)ret_more;
    return err_set(e, ERR_FORMAT, "this build reads no shadow copies");
}
struct blocks image_shadow_block(struct image_shadows *s, size_t i) { return (void)s, (void)i, (struct blocks){ 0 }; }

#endif
