#include "cli/iocs_load.h"

#include "base/num.h"
#include "detect/iocs.h"

enum { ROOM_TIMES = 16 };

struct found { struct str root, below; uint64_t bytes; bool alone; };
struct walk { struct os *os; struct arena *a; struct found *item; size_t n, cap; };

static bool put(struct walk *w, struct str root, struct str below, uint64_t bytes, bool alone, struct err *e)
{
    if (w->n >= IOCS_FILES_MAX)
        return err_set(e, ERR_LIMIT, "more than %d files of indicators", IOCS_FILES_MAX);
    struct found *f = GROW(w->a, w->item, w->n, &w->cap);
    if (!f)
        return err_set(e, ERR_MEMORY, "no room for the list of files");
    *f = (struct found){ root, below, bytes, alone };
    w->n++;
    return true;
}

static bool folder(struct walk *w, struct str root, struct str below, int depth, struct err *e)
{
    struct os_entry *list;
    size_t           n;

    if (depth == IOCS_DEPTH)
        return err_set(e, ERR_LIMIT, "folders deeper than %d", IOCS_DEPTH);
    if (!w->os->list(w->os, root, below, w->a, &list, &n, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (str_starts(list[i].name, STR(".")))
            continue;
        struct str path = below.n ? str_fmt(w->a, "%.*s/%.*s", STR_ARG(below), STR_ARG(list[i].name)) : list[i].name;
        if (!path.p)
            return err_set(e, ERR_MEMORY, "no room for the list of files");
        if (list[i].st.kind == OS_DIR && !folder(w, root, path, depth + 1, e))
            return false;
        if (list[i].st.kind == OS_FILE && !put(w, root, path, list[i].st.size_bytes, false, e))
            return false;
    }
    return true;
}

static bool walk(struct walk *w, struct str list, struct err *e)
{
    struct str one;

    while (str_cut(&list, ',', &one)) {
        struct os_stat st;
        size_t         slash = str_rchr(one, '/');
        if (!one.n)
            continue;
        if (!w->os->stat(w->os, one, &st, e))
            return err_hint(e, "--iocs takes files and folders, parted by ','.");
        if (st.kind == OS_DIR) {
            if (!folder(w, one, STR(""), 0, e))
                return false;
        } else if (!put(w, slash == STR_NONE ? STR(".") : slash ? str_sub(one, 0, slash) : STR("/"), slash == STR_NONE ? one : str_from(one, slash + 1),
                        st.size_bytes, true, e)) {
            return false;
        }
    }
    return w->n ? true : err_set(e, ERR_USAGE, "no file of indicators there");
}

/* In a folder may lie a README. */
static bool pass_over(struct iocs *s, struct arena *a, struct str name, const struct err *why, struct err *e)
{
    if (s->refused_n >= IOCS_TOLD_MAX || s->file_n >= IOCS_FILES_MAX) {
        s->refused_more++;
        return true;
    }
    struct ioc_refusal *x = GROW(a, s->refused, s->refused_n, &s->cap[2]);
    struct user_file   *f = GROW(a, s->file, s->file_n, &s->cap[1]);
    struct str          copy = str_dup(a, name), text = str_dup(a, str_c(why->what));
    if (!x || !f || !copy.p || !text.p)
        return err_set(e, ERR_MEMORY, "no room for indicators");
    *f = (struct user_file){ .name = copy, .format = "none", .publisher = STR("") };
    *x = (struct ioc_refusal){ .file = (uint32_t)s->file_n, .id = STR(""), .why = text };
    s->file_n++;
    s->refused_n++;
    return true;
}

static bool read_one(struct os *os, const struct found *f, struct iocs *s, struct arena *a, struct err *e)
{
    struct str text = STR_EMPTY;
    struct err mine = { 0 };

    if (!os_slurp(os, f->root, f->below, IOCS_FILE_MAX, a, &text, e))
        return err_where(e, "%.*s/%.*s", STR_ARG(f->root), STR_ARG(f->below));
    if (iocs_add(s, a, f->below, text, &mine))
        return true;
    if (!f->alone && mine.kind == ERR_FORMAT)
        return pass_over(s, a, f->below, &mine, e);
    *e = mine;
    return err_where(e, "%.*s/%.*s", STR_ARG(f->root), STR_ARG(f->below));
}

bool iocs_load(struct os *os, struct str list, struct arena scratch, struct iocs *ret, struct arena *ret_room, struct err *e)
{
    struct walk  w = { .os = os, .a = &scratch };
    struct iocs  s = { .n = 0 };
    struct arena room = { 0 };
    uint64_t     bytes = 0;

    if (!walk(&w, list, e))
        return false;
    for (size_t i = 0; i < w.n; i++)
        bytes = num_add_sat(bytes, w.item[i].bytes);
    bytes = bytes > IOCS_ROOM_MAX / ROOM_TIMES ? IOCS_ROOM_MAX : bytes * ROOM_TIMES;
    if (!os_arena_map(&room, bytes < IOCS_ROOM_MIN ? IOCS_ROOM_MIN : (size_t)bytes, e))
        return false;
    struct arena whole = room;
    for (size_t i = 0; i < w.n; i++)
        if (!read_one(os, &w.item[i], &s, &room, e))
            goto fail;
    iocs_settle(&s);
    if (!iocs_fit(&s, e))
        goto fail;
    *ret = s;
    *ret_room = whole;
    return true;
fail:
    if (e->kind == ERR_MEMORY && !e->hint[0])
        err_hint(e, "Hunt with a part of the indicators at a time.");
    os_arena_unmap(&whole);
    return false;
}
