/* archivefuzz: the properties of any archive that was opened, and its walk. */
#ifndef ARCHIVEFUZZ_H
#define ARCHIVEFUZZ_H

#include "evidence/archive.h"
#include "evidence/ev.h"
#include "os/mem.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { FUZZ_ROOM = 48 << 20, FUZZ_UNPACKED = 2 << 20, FUZZ_MEMBERS = 300 };

/* Only pages that are used cost anything. */
static inline struct arena fuzz_room(void)
{
    struct arena a;
    struct err   e = { 0 };
    MUST(os_arena_map(&a, FUZZ_ROOM, &e));
    return a;
}

static inline void fuzz_tell(void *ctx, struct str raw, const char *what, const char *hint)
{
    (void)raw;
    MUST(what && what[0] && hint && hint[0]);
    ++*(size_t *)ctx;
}

/* The whole of a member, in pieces: never more than stated, and never more than a piece. */
static inline size_t fuzz_body(struct os *os, struct str path, struct arena a, size_t step, uint8_t **ret)
{
    struct os_file f = OS_FILE_NONE;
    struct err     e = { 0 };
    uint64_t       size;
    size_t         n = 0, got;

    if (!os->open(os, STR(""), path, &f, &size, &e)) {
        MUST(e.kind != ERR_NONE && e.what[0]);
        return SIZE_MAX;
    }
    MUST(size <= FUZZ_UNPACKED);
    uint8_t *p = NEW(&a, uint8_t, (size_t)size + step);
    MUST(p);
    do {
        MUST(os->read_at(os, f, n, p + n, step, &got, &e) && got <= step);
        n += got;
        MUST(n <= size);
    } while (got == step);
    MUST(os->read_at(os, f, n, p + n, 1, &got, &e) && (n == size || got == 0));
    os->close(os, &f);
    *ret = p;
    return n;
}

static inline void fuzz_walk(struct os *os, struct str below, size_t depth, const size_t *told, struct arena a)
{
    struct os_entry *list;
    struct err       e = { 0 };
    size_t           n;

    MUST(depth <= EV_DEPTH_MAX && os->list(os, STR(""), below, &a, &list, &n, &e) && n <= FUZZ_MEMBERS);
    for (size_t i = 0; i < n; i++) {
        struct arena here = a;
        struct str   name = list[i].name, path = str_cat(&here, below.n ? str_cat(&here, below, STR("/")) : below, list[i].key.n ? list[i].key : name), text;
        MUST(name.n && name.n <= 3 * EV_NAME_MAX && str_chr(name, '/') == STR_NONE && str_chr(name, 0) == STR_NONE && !str_eq(name, STR(".")) && !str_eq(name, STR("..")));
        MUST(i == 0 || str_cmp(list[i - 1].name, name) <= 0);
        MUST(list[i].st.ino);
        if (list[i].st.kind == OS_DIR) {
            fuzz_walk(os, path, depth + 1, told, here);
        } else if (list[i].st.kind == OS_LINK) {
            MUST(os->link(os, STR(""), path, &here, &text, &e));
        } else {
            uint8_t *x = NULL, *y = NULL;
            size_t   nx = fuzz_body(os, path, here, 4096, &x);
            here.beg = nx == SIZE_MAX ? here.beg : x + nx;
            size_t   ny = fuzz_body(os, path, here, 61, &y);
            /* How far a damaged stream goes may depend on the size of the reads: by less than one of them, and it is told. */
            size_t   least = nx < ny ? nx : ny, most = nx < ny ? ny : nx;
            MUST(nx == ny || (*told && nx != SIZE_MAX && ny != SIZE_MAX && most - least < 4096));
            MUST(least == SIZE_MAX || least == 0 || memcmp(x, y, least) == 0);
        }
    }
}

static inline void fuzz_archive(const uint8_t *data, size_t n, enum archive_kind kind, struct str password)
{
    struct arena     a = fuzz_room(), whole = a;
    struct os_mem   *m = os_mem_open(&a, 0);
    struct ev_limits limits = ev_limits_default();
    struct spool    *spool = NULL;
    struct archive  *ar = NULL;
    struct err       e = { 0 };
    size_t           told = 0;

    MUST(m && os_mem_add(m, "/e/x", (struct str){ data, n }));
    limits.members      = FUZZ_MEMBERS;
    limits.unpacked     = FUZZ_UNPACKED;
    limits.spool_memory = FUZZ_UNPACKED;
    MUST(spool_open(&spool, &m->os, STR(""), &limits, &a, &e));
    struct archive_from from = { &m->os, STR("/e"), STR("x"), STR("x"), password, NULL };
    if (archive_open(&ar, &from, kind, &limits, spool, NULL, fuzz_tell, &told, &a, &e)) {
        MUST(members_n(archive_members(ar)) <= FUZZ_MEMBERS && archive_form(ar)[0]);
        fuzz_walk(archive_os(ar), STR(""), 0, &told, a);
    } else {
        MUST(e.kind != ERR_NONE && e.what[0] && e.where[0]);
    }
    archive_close(ar);
    spool_close(spool);
    MUST(m->open_now == 0);
    os_arena_unmap(&whole);
}

#endif
