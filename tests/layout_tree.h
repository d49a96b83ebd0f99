/*
 * layout_tree: a collection in memory, for the tests of layouts. Everything lies below "/c".
 */
#ifndef LAYOUT_TREE_H
#define LAYOUT_TREE_H

#include "test.h"

#include "base/time.h"
#include "evidence/layout.h"
#include "os/mem.h"

enum { TREE_KEEP = 64 << 20 };

struct tree {
    struct test_arena disk, keep, scratch;
    struct os_mem    *m;
    struct ev_limits  limits;
    struct layout    *l;
    struct err        e;
};

static inline struct tree *tree_new(void)
{
    struct tree *t = calloc(1, sizeof *t);

    assert_non_null(t);
    t->disk    = test_arena(TREE_KEEP);
    t->keep    = test_arena(TREE_KEEP);
    t->scratch = test_arena(TREE_KEEP);
    t->limits  = ev_limits_default();
    t->m       = os_mem_open(&t->disk.a, 0);
    assert_non_null(t->m);
    assert_non_null(os_mem_dir(t->m, "/c"));
    return t;
}

static inline void tree_free(struct tree *t)
{
    assert_int_equal(t->m->open_now, 0);
    test_arena_free(&t->disk);
    test_arena_free(&t->keep);
    test_arena_free(&t->scratch);
    free(t);
}

static inline void tree_put(struct tree *t, const char *below, const char *body)
{
    struct str path = str_fmt(&t->disk.a, "/c/%s", below);

    assert_non_null(path.p);
    assert_non_null(os_mem_add(t->m, (const char *)path.p, str_c(body)));
}

/* NULL: no layout. */
static inline struct layout *tree_open(struct tree *t, const char *archive_name)
{
    t->l = NULL;
    if (!layout_open(&t->l, &t->m->os, STR("/c"), str_c(archive_name), &t->limits, &t->keep.a, t->scratch.a, &t->e))
        fail_msg("layout_open: %s", t->e.what);
    return t->l;
}

static inline void tree_is(struct tree *t, const char *archive_name, const char *kind)
{
    const struct layout *l = tree_open(t, archive_name);
    const char          *got = l ? l->kind->name : "none";

    if (strcmp(got, kind) != 0)
        fail_msg("%s: layout %s, want %s", archive_name, got, kind);
}

static inline struct layout_place tree_map(struct tree *t, const char *below, bool is_dir)
{
    struct layout_place p;

    layout_map(t->l, str_c(below), is_dir, &t->keep.a, &p);
    return p;
}

/* path NULL: only `what` is asked. */
static inline void tree_at(struct tree *t, const char *below, bool is_dir, enum layout_what what, const char *path)
{
    struct layout_place p = tree_map(t, below, is_dir);

    if (p.what != what || (path && !str_eq(p.path, str_c(path))))
        fail_msg("%s: %d \"%.*s\", want %d \"%s\"", below, (int)p.what, STR_ARG(p.path), (int)what, path ? path : "");
}

static inline const struct layout_note *tree_note(const struct tree *t, const char *part)
{
    for (size_t i = 0; i < t->l->note_n; i++)
        if (strstr(t->l->note[i].what, part))
            return &t->l->note[i];
    return NULL;
}

/*
 * For fault sweeps: `a` parted into keep and scratch, then layout_open of "/c". Where memory was short for a listing there is no layout, or less of
 * it, which is fine to survive (the walk meets the same trouble and says so): such a run counts as failed.
 */
static inline bool tree_sweep(struct os_mem *m, struct arena *a, struct err *e)
{
    size_t           half = arena_room(a) / 2;
    struct arena     keep = { a->beg, a->beg + half, a->fault }, scratch = { a->beg + half, a->end, a->fault };
    struct ev_limits limits = ev_limits_default();
    struct layout   *l = NULL;
    bool             ok = layout_open(&l, &m->os, STR("/c"), STR("x"), &limits, &keep, scratch, e);

    return ok && a->fault && a->fault->fired ? err_set(e, ERR_MEMORY, "read with less") : ok;
}

static inline int64_t tree_time(const char *text)
{
    int64_t us = TIME_NONE;

    assert_true(time_parse(str_c(text), &us));
    return us;
}

#endif
