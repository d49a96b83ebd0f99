#include "cli/page_file.h"

struct to { struct os *os; struct os_file f; };

static bool put(void *ctx, struct str s, struct err *e)
{
    struct to *to = ctx;
    return to->os->write(to->os, to->f, s, e);
}

bool page_file(struct cli *c, struct str path, page_writer *write, const void *what, struct err *e)
{
    struct to   to = { c->os, OS_FILE_NONE };
    struct out *o;
    int64_t     now = c->os->now_us(c->os);

    if (str_eq(path, STR("-")))
        return write(c->out, what, c->scratch, now, e);
    o = NEW(&c->keep, struct out, 1);
    if (!o)
        return err_set(e, ERR_MEMORY, "no room for the page");
    if (!c->os->create(c->os, path, &to.f, e))
        return false;
    out_open(o, put, &to);
    bool ok = write(o, what, c->scratch, now, e) && out_done(o, e) && c->os->commit(c->os, &to.f, e);
    if (!ok)
        c->os->close(c->os, &to.f);
    return ok;
}
