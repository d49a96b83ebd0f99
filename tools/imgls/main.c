/* imgls: lists what evidence/image reads of a disk image, for tests and oracles: "kind earlier size mtime btime sha256 path", a line each. Not for users. */
#include "base/hash.h"
#include "base/num.h"
#include "base/time.h"
#include "evidence/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct walk { struct os *os; uint8_t *block; };
enum { BLOCK = 1 << 20 };

static void tell(void *ctx, struct str path, const char *what, const char *hint)
{
    (void)ctx, (void)hint;
    fprintf(stderr, "told %.*s: %s\n", STR_ARG(path), what);
}

static void sum_of(struct walk *w, struct str below, char hex[65])
{
    struct os_file f = OS_FILE_NONE;
    struct err     e = { 0 };
    uint64_t       size, at = 0;
    size_t         got = BLOCK;
    uint8_t        sum[32];
    struct hash   *h = hash_open(HASH_SHA256);

    strcpy(hex, "-");
    if (h && w->os->open(w->os, STR_EMPTY, below, &f, &size, &e)) {
        while (got == BLOCK && w->os->read_at(w->os, f, at, w->block, BLOCK, &got, &e)) {
            hash_push(h, (struct str){ w->block, got });
            at += got;
        }
        w->os->close(w->os, &f);
        hash_done(h, sum);
        if (e.kind == ERR_NONE)
            num_tohex(sum, 32, hex);
    }
    if (e.kind != ERR_NONE)
        snprintf(hex, 65, "!%.50s", e.what);
    for (char *c = hex; *c; c++)
        *c = *c == ' ' ? '_' : *c;
    hash_close(h);
}

static void walk(struct walk *w, struct str below, struct str path, struct arena a, int depth)
{
    struct os_entry *x;
    size_t           n;
    struct err       e = { 0 };

    if (depth > 128 || !w->os->list(w->os, STR_EMPTY, below, &a, &x, &n, &e)) {
        fprintf(stderr, "list %.*s: %s\n", STR_ARG(path), e.what);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct arena here = a;
        char         m[TIME_TEXT], b[TIME_TEXT], hex[65] = "-";
        struct str   key = str_fmt(&here, "%.*s%s%.*s", STR_ARG(below), below.n ? "/" : "", STR_ARG(x[i].key)), name = str_fmt(&here, "%.*s/%.*s", STR_ARG(path), STR_ARG(x[i].name));
        time_text(x[i].st.mtime_us, m), time_text(x[i].st.btime_us, b);
        if (x[i].st.kind == OS_FILE)
            sum_of(w, key, hex);
        printf("%c %u %llu %s %s %s %.*s\n", x[i].st.kind == OS_DIR ? 'd' : x[i].st.kind == OS_LINK ? 'l' : 'f', x[i].st.earlier, (unsigned long long)x[i].st.size_bytes,
               m[0] ? m : "-", b[0] ? b : "-", hex, STR_ARG(name));
        if (x[i].st.kind == OS_DIR)
            walk(w, key, name, here, depth + 1);
    }
}

int main(int argc, char **argv)
{
    struct os       os = os_posix();
    struct arena    keep, stack;
    struct err      e = { 0 };
    struct image   *m;
    struct os_file  f = OS_FILE_NONE;
    uint8_t         head[IMAGE_HEAD];
    uint64_t        size;
    size_t          got = 0;
    const char     *what, *hint;

    if (argc != 2 || !os_arena_map(&keep, (size_t)256 << 20, &e) || !os_arena_map(&stack, (size_t)512 << 20, &e)) {
        fprintf(stderr, "usage: imgls IMAGE\n");
        return 64;
    }
    struct str path = str_c(argv[1]);
    size_t     slash = str_rchr(path, '/');
    struct str root = slash == STR_NONE ? STR(".") : str_sub(path, 0, slash + 1), below = slash == STR_NONE ? path : str_from(path, slash + 1);
    if (!os.open(&os, root, below, &f, &size, &e) || !os.read_at(&os, f, 0, head, sizeof head, &got, &e)) {
        fprintf(stderr, "imgls: %s\n", e.what);
        return 1;
    }
    os.close(&os, &f);
    enum image_kind kind = image_probe((struct str){ head, got }, below, size, &what, &hint);
    struct image_from from = { &os, root, below, path };
    if (!image_open(&m, &from, kind, tell, NULL, &keep, &e)) {
        fprintf(stderr, "imgls: %s %s\n", e.what, e.hint);
        return 1;
    }
    struct walk w = { image_os(m), malloc(BLOCK) };
    if (!w.block)
        return 1;
    printf("form %s, %llu bytes\n", image_form(m), (unsigned long long)image_bytes(m));
    walk(&w, STR_EMPTY, STR_EMPTY, stack, 0);
    image_close(m);
    free(w.block);
    return 0;
}
