/*
 * What the planner of PostgreSQL is told of what this session wrote. See store_pg_inner.h.
 *
 * Plans    the server keeps the plan of a statement that is used often. One that was made when its table was small is a bad one when it is large: each time that the rows of this session have doubled, all are
 *          made anew.
 * Tables   the server looks at a table by itself (autovacuum) up to a minute after it was filled, and not at all within the transaction. Who reads sooner would read with plans for an unknown table. So
 *          what got TABLE_ROWS rows, or as many as it had from this session, is looked at when they are committed, if they are a tenth of what the server knows of (autovacuum's own measure).
 * Mild     a look that fails, or that this user may not have, costs nothing but time later.
 */
#include "store/store_pg_inner.h"

#include <stdio.h>
#include <string.h>

enum { PLANS_ROWS = 1000, TABLE_ROWS = 500 };

struct pg_table *pg_table(struct pg *g, const char *name, size_t n)
{
    struct pg_plans *p = &g->plans;
    struct pg_table *t = p->table;

    while (t < p->table + p->n && (strncmp(t->name, name, n) != 0 || t->name[n]))
        t++;
    if (t < p->table + p->n)
        return t;
    if (p->n == TABLES_MAX || n >= sizeof t->name)
        return NULL;
    *t = (struct pg_table){ .due = TABLE_ROWS };
    memcpy(t->name, name, n);
    p->n++;
    return t;
}

struct pg_table *pg_table_of(struct pg *g, const char *sql)
{
    static const char insert[] = "INSERT INTO ";

    if (strncmp(sql, insert, sizeof insert - 1) != 0)
        return NULL;
    sql += sizeof insert - 1;
    return pg_table(g, sql, strcspn(sql, " ("));
}

void pg_wrote(struct pg *g, struct pg_table *t, uint64_t n)
{
    struct pg_plans *p = &g->plans;

    if (!t || !n)
        return;
    t->rows += n;
    p->rows += n;
    if (p->rows < PLANS_ROWS || p->rows < p->due)
        return;
    p->due = p->rows * 2;
    PQclear(PQexec(g->c, "DISCARD PLANS"));
}

static bool few_beside(struct pg *g, const struct pg_table *t)
{
    char      sql[160];
    PGresult *r;

    snprintf(sql, sizeof sql, "SELECT 1 FROM pg_class WHERE oid = to_regclass('%s') AND reltuples > %llu", t->name, (unsigned long long)t->rows * 10);
    r = PQexec(g->c, sql);
    bool few = PQntuples(r) == 1;
    PQclear(r);
    return few;
}

void pg_committed(struct store *s)
{
    struct pg       *g = pg_of(s);
    struct pg_plans *p = &g->plans;

    for (size_t i = 0; i < p->n; i++) {
        struct pg_table *t = &p->table[i];
        char             sql[96];

        if (t->rows < t->due)
            continue;
        t->due = t->rows * 2;
        if (few_beside(g, t))
            continue;
        snprintf(sql, sizeof sql, "ANALYZE %s", t->name);
        PQclear(PQexec(g->c, sql));
    }
}
