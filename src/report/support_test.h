/* What the tests of this folder share: a form of a fixture as text. */
#ifndef REPORT_SUPPORT_TEST_H
#define REPORT_SUPPORT_TEST_H

#include "base/utf.h"
#include "emit/out_mem.h"
#include "report/fixture.h"
#include "test.h"

typedef bool write_form(struct out *o, const struct report *r, struct arena scratch, struct err *e);

struct drawn { struct test_arena a; struct fixture *x; struct str text; };

/* Scratch and result share one arena of 96 MiB; only what is touched costs anything. */
static inline struct drawn draw(enum fixture_kind kind, write_form *write)
{
    struct drawn   d = { .a = test_arena(96u << 20) };
    struct out_mem m = { 0 };
    struct out    *o = malloc(sizeof *o);
    struct err     e = { 0 };

    d.x = fixture_make(&d.a.a, kind);
    struct arena scratch = { d.a.a.end - (16u << 20), d.a.a.end, NULL };
    d.a.a.end = scratch.beg;
    m.a = &d.a.a;
    out_open(o, out_mem_put, &m);
    if (!write(o, &d.x->r, scratch, &e))
        fail_msg("%s: %s", fixture_name[kind], e.what);
    d.text = out_mem_str(&m);
    free(o);
    return d;
}

static inline void drawn_free(struct drawn *d) { test_arena_free(&d->a); }

static inline bool swallow(void *ctx, struct str s, struct err *e)
{
    (void)ctx, (void)s, (void)e;
    return true;
}

/* Fails after so many bytes, as a full disk does. */
static inline bool full_disk(void *ctx, struct str s, struct err *e)
{
    size_t *left = ctx;

    if (s.n > *left)
        return err_set(e, ERR_IO, "no space left");
    *left -= s.n;
    return true;
}

static inline size_t count_of(struct str s, struct str part)
{
    size_t n = 0;

    for (size_t at; (at = str_find(s, part)) != STR_NONE; s = str_from(s, at + part.n))
        n++;
    return n;
}

/* Every mood is written, twice the same; and a sink that fails is told. */
static inline void every_mood(write_form *write)
{
    for (int k = 0; k < FIX_KINDS; k++) {
        struct drawn a = draw((enum fixture_kind)k, write), b = draw((enum fixture_kind)k, write);
        struct out  *o = malloc(sizeof *o);
        struct err   e = { 0 };
        size_t       left = 0;

        CHECK_WHY(a.text.n > 0 && str_eq(a.text, b.text), fixture_name[k]);
        CHECK_WHY(utf8_valid(a.text), fixture_name[k]);
        struct arena scratch = { b.a.a.beg, b.a.a.end, NULL };
        out_open(o, full_disk, &left);
        CHECK_WHY(!write(o, &a.x->r, scratch, &e) && e.kind == ERR_IO, fixture_name[k]);
        free(o);
        drawn_free(&a);
        drawn_free(&b);
    }
}

/* The full fixture through one form into nothing: what a fault sweep of memory runs. The fixture itself is not what is tested. */
static inline bool draw_into_nothing(write_form *write, struct arena *a, struct err *e)
{
    struct fault   *fault = a->fault;
    struct out     *o = malloc(sizeof *o);
    struct fixture *x;
    bool            ok;

    a->fault = NULL;
    x = fixture_make(a, FIX_FULL);
    a->fault = fault;
    out_open(o, swallow, NULL);
    ok = write(o, &x->r, *a, e);
    free(o);
    return ok;
}

#endif
