/* See mailbox.h. */
#include "notify/mailbox.h"

#include "os/rename.h"

bool mbox_is(struct str head) { return str_starts(head, STR("From ")); }

bool mailbox_open(struct os *os, struct str path, struct mailbox *ret, struct err *e)
{
    struct os_stat st, in;
    uint8_t        room[2 * 4096];

    if (!os->stat(os, path, &st, e))
        return false;
    *ret = (struct mailbox){ .os = os, .path = path, .kind = MAILBOX_FILE };
    if (st.kind == OS_DIR) {
        struct arena a = { .beg = room, .end = room + sizeof room };
        struct str   fresh = str_fmt(&a, "%.*s/new", STR_ARG(str_sub(path, 0, 4000))), cur = str_fmt(&a, "%.*s/cur", STR_ARG(str_sub(path, 0, 4000)));
        struct err   none = { 0 };

        ret->kind = MAILBOX_DIR;
        if (os->stat(os, fresh, &in, &none) && in.kind == OS_DIR && os->stat(os, cur, &in, &none) && in.kind == OS_DIR)
            return true;
        err_set(e, ERR_USAGE, "this folder is no Maildir: it has no new and cur");
        return err_where(e, "%.*s", STR_ARG(path));
    }
    if (st.kind != OS_FILE) {
        err_set(e, ERR_USAGE, "neither a Maildir nor a file");
        return err_where(e, "%.*s", STR_ARG(path));
    }
    return true;
}

bool mailbox_list(const struct mailbox *m, struct arena *a, struct str **ret, size_t *ret_n, uint64_t *ret_left, struct err *e)
{
    struct os_entry *entry;
    size_t           n, k = 0;

    *ret_left = 0;
    if (!m->os->list(m->os, m->path, STR("new"), a, &entry, &n, e))
        return false;
    struct str *name = NEW(a, struct str, n + 1);
    if (!name)
        return err_set(e, ERR_MEMORY, "no room for the names of %zu messages", n);
    for (size_t i = 0; i < n; i++)
        if (entry[i].st.kind == OS_FILE && k < MAILBOX_NAMES_MAX)
            name[k++] = entry[i].name;
        else
            ++*ret_left;
    *ret = name;
    *ret_n = k;
    return true;
}

bool mailbox_take(const struct mailbox *m, struct str name, struct arena *a, struct str *ret, struct err *e)
{
    struct arena scratch = *a;
    struct str   below = str_fmt(&scratch, "new/%.*s", STR_ARG(name));

    if (!below.p)
        return err_set(e, ERR_MEMORY, "no room for a message");
    *a = scratch;
    return os_slurp(m->os, m->path, below, MAIL_BYTES_MAX, a, ret, e);
}

bool mailbox_seen(const struct mailbox *m, struct str name, bool open, struct err *e)
{
    uint8_t      room[512];
    struct arena a = { .beg = room, .end = room + sizeof room };
    struct str   to = str_has(name, STR(":2,")) ? name : str_fmt(&a, "%.*s:2,%s", STR_ARG(str_sub(name, 0, 400)), open ? "" : "S");

    return os_move(m->path, STR("new"), name, STR("cur"), to, e);
}

bool mailbox_bytes(const struct mailbox *m, struct arena *a, struct str *ret, struct err *e)
{
    return os_slurp_path(m->os, m->path, MAILBOX_BYTES_MAX, a, ret, e);
}

/* Where the next "From " line begins, at or after `from`. */
static size_t separator(struct str s, size_t from)
{
    for (size_t at = from; at < s.n; ) {
        size_t hit = str_find(str_from(s, at), STR("\nFrom "));

        if (hit == STR_NONE)
            return s.n;
        hit += at;
        if (hit == 0 || (s.p[hit - 1] == '\n' || (hit > 1 && s.p[hit - 1] == '\r' && s.p[hit - 2] == '\n')))
            return hit + 1;
        at = hit + 1;
    }
    return s.n;
}

bool mbox_next(struct str *rest, struct str *ret)
{
    while (rest->n && (rest->p[0] == '\n' || rest->p[0] == '\r'))
        *rest = str_from(*rest, 1);
    if (!rest->n)
        return false;
    if (mbox_is(*rest)) {
        size_t end = str_chr(*rest, '\n');
        *rest = end == STR_NONE ? STR_EMPTY : str_from(*rest, end + 1);
    }
    size_t end = mbox_is(*rest) ? 0 : separator(*rest, 0);
    *ret = str_sub(*rest, 0, end);
    *rest = str_from(*rest, end);
    return true;
}
