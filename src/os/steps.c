#include "os/steps.h"

struct steps {
    struct os     os;
    struct os    *real;
    struct guard *guard;
};

/* Every function is handed on; one that is added to struct os must be added here as well. */
_Static_assert(sizeof(struct os) == 17 * sizeof(void *), "steps.c hands on every function of struct os");

static struct os *real_of(struct os *os) { return ((struct steps *)os->ctx)->real; }

static struct os *step(struct os *os)
{
    struct steps *s = os->ctx;

    guard_beat(s->guard, GUARD_SLOTS);
    return s->real;
}

static bool steps_stat(struct os *os, struct str path, struct os_stat *ret, struct err *e) { return real_of(os)->stat(real_of(os), path, ret, e); }

static bool steps_list(struct os *os, struct str root, struct str below, struct arena *a, struct os_entry **ret, size_t *ret_n, struct err *e)
{
    struct os *real = step(os);
    return real->list(real, root, below, a, ret, ret_n, e);
}

static bool steps_link(struct os *os, struct str root, struct str below, struct arena *a, struct str *ret, struct err *e)
{
    return real_of(os)->link(real_of(os), root, below, a, ret, e);
}

static bool steps_open(struct os *os, struct str root, struct str below, struct os_file *ret, uint64_t *ret_size, struct err *e)
{
    return real_of(os)->open(real_of(os), root, below, ret, ret_size, e);
}

static bool steps_read_at(struct os *os, struct os_file f, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    struct os *real = step(os);
    return real->read_at(real, f, off, buf, cap, ret_got, e);
}

static void steps_close(struct os *os, struct os_file *f) { real_of(os)->close(real_of(os), f); }
static bool steps_mkdir(struct os *os, struct str path, struct err *e) { return real_of(os)->mkdir(real_of(os), path, e); }
static bool steps_rmdir(struct os *os, struct str path, struct err *e) { return real_of(os)->rmdir(real_of(os), path, e); }
static bool steps_create(struct os *os, struct str path, struct os_file *ret, struct err *e) { return real_of(os)->create(real_of(os), path, ret, e); }

static bool steps_write(struct os *os, struct os_file f, struct str s, struct err *e)
{
    struct os *real = step(os);
    return real->write(real, f, s, e);
}

static bool steps_commit(struct os *os, struct os_file *f, struct err *e) { return real_of(os)->commit(real_of(os), f, e); }
static bool steps_spool(struct os *os, struct str dir, struct os_file *ret, struct err *e) { return real_of(os)->spool(real_of(os), dir, ret, e); }

static bool steps_write_at(struct os *os, struct os_file f, uint64_t off, struct str s, struct err *e)
{
    struct os *real = step(os);
    return real->write_at(real, f, off, s, e);
}

static int64_t  steps_now_us(struct os *os) { return real_of(os)->now_us(real_of(os)); }
static uint64_t steps_tick_us(struct os *os) { return real_of(os)->tick_us(real_of(os)); }
static uint64_t steps_next_data(struct os *os, struct os_file f, uint64_t off) { return real_of(os)->next_data ? real_of(os)->next_data(real_of(os), f, off) : off; }

struct os *os_steps(struct os *real, struct guard *g, struct arena *keep)
{
    if (!g)
        return real;
    struct steps *s = NEW(keep, struct steps, 1);
    if (!s)
        return NULL;
    *s = (struct steps){ .real = real, .guard = g, .os = {
        .ctx = s, .stat = steps_stat, .list = steps_list, .link = steps_link, .open = steps_open, .read_at = steps_read_at, .close = steps_close,
        .mkdir = steps_mkdir, .rmdir = steps_rmdir, .create = steps_create, .write = steps_write, .commit = steps_commit, .spool = steps_spool,
        .write_at = steps_write_at, .now_us = steps_now_us, .tick_us = steps_tick_us, .next_data = steps_next_data } };
    return &s->os;
}
