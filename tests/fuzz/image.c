/*
 * image: any bytes as a disk image, in the form that they say they have, and as a volume of NTFS: everything that is listed can be asked for, nothing is read beyond
 * its size, and it ends. Shadow copies are not asked for: they are a library's.
 */
#include "evidence/image.h"
#include "os/mem.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { DISK = 2 << 20, KEEP = 24 << 20, STACK = 8 << 20, FILES_MAX = 400 };

static size_t files;

static void walk(struct os *os, struct str below, struct arena a, int depth)
{
    static uint8_t   block[65536];
    struct os_entry *x;
    size_t           n;
    struct err       e = { 0 };

    if (depth > 16 || !os->list(os, STR_EMPTY, below, &a, &x, &n, &e))
        return;
    for (size_t i = 0; i < n && files < FILES_MAX; i++, files++) {
        struct arena   here = a;
        struct str     path = str_fmt(&here, "%.*s%s%.*s", STR_ARG(below), below.n ? "/" : "", STR_ARG(x[i].key)), text;
        struct os_file f = OS_FILE_NONE;
        struct os_stat st;
        struct err     why = { 0 };
        uint64_t       size;
        size_t         got;
        if (!path.p)
            return;
        MUST(os->stat(os, path, &st, &why) && st.kind == x[i].st.kind);
        if (x[i].st.kind == OS_DIR) {
            walk(os, path, here, depth + 1);
        } else if (x[i].st.kind == OS_LINK) {
            (void)os->link(os, STR_EMPTY, path, &here, &text, &why);
        } else if (os->open(os, STR_EMPTY, path, &f, &size, &why)) {
            uint64_t at = 0;
            for (int k = 0; k < 4 && os->read_at(os, f, at, block, sizeof block, &got, &why); k++) {
                MUST(at + got <= size && (got == sizeof block || at + got == size));
                at += got;
                if (got < sizeof block)
                    break;
            }
            if (size > sizeof block)
                (void)os->read_at(os, f, size - 7, block, sizeof block, &got, &why);
            MUST(os->next_data(os, f, 0) <= size || size == 0);
            os->close(os, &f);
        } else {
            MUST(why.kind != ERR_NONE && why.what[0]);
        }
    }
}

struct bytes { const uint8_t *p; size_t n; };
static bool bytes_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    const struct bytes *b = ctx;

    (void)e;
    *got = off >= b->n ? 0 : b->n - off < cap ? b->n - (size_t)off : cap;
    if (*got)
        memcpy(buf, b->p + off, *got);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t disk[DISK], keep[KEEP], stack[STACK];
    struct arena   d = { disk, disk + sizeof disk, NULL }, k = { keep, keep + sizeof keep, NULL }, s = { stack, stack + sizeof stack, NULL };
    struct err     e = { 0 };
    struct image  *m;
    const char    *what, *hint;

    if (n > 1 << 20)
        return 0;
    struct os_mem *os = os_mem_open(&d, 0);
    MUST(os && os_mem_add(os, "/x.E01", (struct str){ data, n }));
    enum image_kind   kind = image_probe((struct str){ data, n < IMAGE_HEAD ? n : IMAGE_HEAD }, STR("x.E01"), n, &what, &hint);
    struct image_from from = { &os->os, STR("/"), STR("x.E01"), STR("x.E01") };
    files = 0;
    if (kind != IMAGE_NONE && kind != IMAGE_OTHER && kind != IMAGE_PIECE) {
        if (image_open(&m, &from, kind, NULL, NULL, &k, &e)) {
            walk(image_os(m), STR_EMPTY, s, 0);
            image_close(m);
        } else {
            MUST(e.kind != ERR_NONE && e.what[0]);
        }
    }
    struct bytes  b = { data, n };
    struct blocks whole = { bytes_read, &b, n };
    k = (struct arena){ keep, keep + sizeof keep, NULL };
    e = (struct err){ 0 };
    if (image_open_block(&m, whole, "raw", &os->os, NULL, NULL, &k, &e)) {
        walk(image_os(m), STR_EMPTY, s, 0);
        image_close(m);
    } else {
        MUST(e.kind != ERR_NONE && e.what[0]);
    }
    MUST(os->open_now == 0);
    return 0;
}
