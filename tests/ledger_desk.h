/*
 * ledger_desk: a store with a ledger and nothing in it, for the tests of what stands on one. Only tests include it.
 *
 * Engines  w of PG_GROUP(w) has the server of PostgreSQL, if there is one; what is in it goes at each opening. SQLite is in memory.
 * Owner    ld_close gives everything back, the arena too. The disk is in memory, with the time given; campaign and source are the test's to set.
 */
#ifndef LEDGER_DESK_H
#define LEDGER_DESK_H

#include "pg_server.h"
#include "test.h"

#include "casework/ledger.h"
#include "os/mem.h"

enum { ENGINES = 2 };
struct ld { struct store *s; struct os_mem *m; struct ledger *l; struct test_arena t; int64_t campaign, source; };

/* pg: the server's address; NULL: SQLite. */
static inline struct ld ld_open(const char *pg, const char *who, int64_t now_us, size_t room)
{
    struct ld  d = { .t = test_arena(room) };
    struct err e = { 0 };

    d.m = os_mem_open(&d.t.a, now_us);
    if (!store_open(&d.s, str_c(pg ? pg : ":memory:"), STORE_WRITE, &e) || (pg && !store_exec(d.s, "DROP SCHEMA public CASCADE; CREATE SCHEMA public", &e)) ||
        !ledger_open(&d.l, d.s, &d.m->os, str_c(who), &e))
        fail_msg("%s: %s", e.where, e.what);
    return d;
}

static inline void ld_close(struct ld *d)
{
    ledger_close(d->l);
    store_close(d->s);
    test_arena_free(&d->t);
}

static inline void ld_campaign(struct ld *d, const struct case_campaign *c)
{
    struct err e = { 0 };

    if (!ledger_begin(d->l, &e) || !ledger_campaign(d->l, c, &d->campaign, &e) || !ledger_commit(d->l, &e))
        fail_msg("%s: %s", e.where, e.what);
}

static inline void ld_exec(struct ld *d, const char *sql)
{
    struct err e = { 0 };

    if (!store_exec(d->s, sql, &e))
        fail_msg("%s: %.200s", e.what, sql);
}

/* The first number of the first row; -1 without any. */
static inline int64_t ld_one(struct ld *d, const char *sql)
{
    struct err e = { 0 };
    int64_t    n = -1;

    if (!store_one_int(d->s, sql, &n, &e) && e.kind != ERR_NONE)
        fail_msg("%s: %s", sql, e.what);
    return n;
}

#endif
