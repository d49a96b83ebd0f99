/*
 * layout_lists: a small collection as text. The first line names the archive; a line "@path" begins a file of the collection, what follows up to
 * the next one is its content. Whatever the side files say, each entry is placed on a drive, or refused with a reason, and twice the same.
 */
#include "evidence/layout.h"
#include "os/mem.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { ROOM = 4 << 20, FILES_MAX = 64, INPUT_MAX = 64 << 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool is_path(struct str s)
{
    struct str left = s, one;

    if (s.n == 0 || s.n > 600 || str_chr(s, 0) != STR_NONE || s.p[s.n - 1] == '/')
        return false;
    while (str_cut(&left, '/', &one))
        if (one.n == 0 || str_eq(one, STR(".")) || str_eq(one, STR("..")))
            return false;
    return true;
}

static struct os_mem *tree_of(struct str text, struct arena *a)
{
    struct os_mem *m = os_mem_open(a, 0);

    MUST(m && os_mem_dir(m, "/c"));
    for (size_t files = 0; text.n && files < FILES_MAX; files++) {
        struct str line;
        str_cut(&text, '\n', &line);
        size_t     end  = str_find(text, STR("\n@"));
        struct str body = str_sub(text, 0, end), name = str_from(line, 1);
        text = end == STR_NONE ? STR_EMPTY : str_from(text, end + 1);
        if (!is_path(name))
            continue;
        const char *path = (const char *)str_fmt(a, "/c/%.*s", STR_ARG(name)).p;
        MUST(path);
        /* A file in the place of a folder: no disk has that. */
        bool fits = true;
        for (struct str up = str_c(path); fits && up.n > 2; up = str_sub(up, 0, str_rchr(up, '/'))) {
            const struct os_mem_node *there = os_mem_find(m, up);
            fits = !there || (up.n < strlen(path) && there->kind == OS_DIR);
        }
        if (fits)
            MUST(os_mem_add(m, path, body));
    }
    return m;
}

static void check_place(const struct layout_place *p)
{
    struct str left = p->path, one;
    bool       first = true;

    switch (p->what) {
    case LAYOUT_REFUSE:
        MUST(p->refused && p->refused[0] && p->hint && p->hint[0]);
        return;
    case LAYOUT_PLACE:
        MUST(p->path.n >= 2 && p->path.p[1] == ':' && (p->path.p[0] == '?' || (p->path.p[0] >= 'A' && p->path.p[0] <= 'Z')));
        MUST(p->path.n == 2 || p->path.p[2] == '\\');
        MUST(str_chr(p->path, 0) == STR_NONE && str_chr(p->path, '/') == STR_NONE);
        for (; str_cut(&left, '\\', &one); first = false)
            MUST(one.n && !str_eq(one, STR("..")) && !str_eq(one, STR(".")) && (first || one.n < 2048));
        for (size_t i = 0; i < p->also_n; i++)
            MUST(p->also[i].n > 2 && p->also[i].p[1] == ':' && p->also[i].p[2] == '\\' && !str_has(p->also[i], STR("\\..\\")));
        return;
    case LAYOUT_SKIP: case LAYOUT_ENTER: case LAYOUT_PLAIN: case LAYOUT_INNER:
        return;
    }
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t         *mem = malloc(4 * (size_t)ROOM);
    struct arena     disk = { mem, mem + ROOM, NULL }, keep[2] = { { mem + ROOM, mem + 2 * (size_t)ROOM, NULL }, { mem + 2 * (size_t)ROOM, mem + 3 * (size_t)ROOM, NULL } };
    struct arena     scratch = { mem + 3 * (size_t)ROOM, mem + 4 * (size_t)ROOM, NULL };
    struct ev_limits limits = ev_limits_default();
    struct layout   *l[2] = { NULL, NULL };
    struct err       e = { 0 };
    struct str       text = { data, n < INPUT_MAX ? n : INPUT_MAX }, name;

    MUST(mem);
    limits.side = 16 << 10;
    if (!str_cut(&text, '\n', &name))
        name = STR_EMPTY;
    struct os_mem *m = tree_of(text, &disk);
    for (int i = 0; i < 2; i++)
        MUST(layout_open(&l[i], &m->os, STR("/c"), name, &limits, &keep[i], scratch, &e));
    /* To tell itself what it knows changes nothing. */
    MUST(layout_share(&l[1], l[1] != NULL, &e));
    MUST(m->open_now == 0 && !l[0] == !l[1]);
    if (l[0]) {
        MUST(l[0]->kind == l[1]->kind && l[0]->note_n == l[1]->note_n && l[0]->note_n <= LAYOUT_NOTES_MAX);
        MUST(str_eq(l[0]->server.name, l[1]->server.name) && l[0]->server.name.n <= 255 && (!l[0]->server.name.n || l[0]->server.stated_by));
        for (size_t i = 0; i < l[0]->note_n; i++)
            MUST(l[0]->note[i].what && l[0]->note[i].what[0] && l[0]->note[i].hint && str_eq(l[0]->note[i].path, l[1]->note[i].path) &&
                 strcmp(l[0]->note[i].what, l[1]->note[i].what) == 0);
        for (size_t i = 0; i < m->n; i++) {
            struct layout_place a, b;
            struct str          below = m->node[i].path;
            struct arena        room = scratch;
            if (below.n <= 3)
                continue;
            below = str_from(below, 3);
            layout_map(l[0], below, m->node[i].kind == OS_DIR, &room, &a);
            layout_map(l[1], below, m->node[i].kind == OS_DIR, &room, &b);
            check_place(&a);
            MUST(a.what == b.what && str_eq(a.path, b.path) && a.shadow == b.shadow && a.mtime_us == b.mtime_us && a.btime_us == b.btime_us && a.partial == b.partial);
        }
    }
    free(mem);
    return 0;
}
