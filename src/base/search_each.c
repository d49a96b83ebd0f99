#include "base/search_each.h"

#include "base/search_hs.h"

struct search_each {
    struct search_hs    *hs;          /* NULL: the library is not there, or will not */
    const struct search *own;
    size_t               n;
};
struct search_each_room { struct search_hs_room *hs; };

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for a set of literals"); }

bool search_each_build(const struct search_each **ret, struct arena *a, const struct str *literal, size_t n, struct err *e)
{
    struct search_each *s = NEW(a, struct search_each, 1);

    if (!s)
        return no_room(e);
    s->n = n;
    if (!search_hs_build_bare(&s->hs, a, literal, n))
        return no_room(e);
    if (!s->hs && n) {
        struct search_lit *lit = NEW(a, struct search_lit, n);
        if (!lit)
            return no_room(e);
        for (size_t i = 0; i < n; i++)
            lit[i] = (struct search_lit){ literal[i], (uint32_t)i };
        if (!search_build_small(&s->own, a, lit, n, e))
            return false;
    }
    *ret = s;
    return true;
}

bool search_each_room(struct search_each_room **ret, struct arena *a, const struct search_each *const *set, size_t n, struct err *e)
{
    struct search_each_room *r = NEW(a, struct search_each_room, 1);
    struct search_hs       **hs = NEW(a, struct search_hs *, n + 1);
    size_t                   k = 0;

    if (!r || !hs)
        return no_room(e);
    for (size_t i = 0; i < n; i++)
        if (set[i]->hs)
            hs[k++] = set[i]->hs;
    if (k && !(r->hs = search_hs_room_for(a, hs, k)))
        return no_room(e);
    *ret = r;
    return true;
}

struct pass { search_each_hit *on_hit; void *ctx; };

static void by_library(void *ctx, int32_t text, size_t end)
{
    const struct pass *p = ctx;

    (void)end;
    p->on_hit(p->ctx, (uint32_t)text);
}

static bool by_us(void *ctx, uint32_t id, size_t end)
{
    const struct pass *p = ctx;

    (void)end;
    p->on_hit(p->ctx, id);
    return true;
}

/* The library gives up only for want of memory of its own or an argument that is none: then every literal is told, which is true enough for a prefilter. */
void search_each_run(const struct search_each *s, struct search_each_room *room, struct str in, search_each_hit *on_hit, void *ctx)
{
    struct pass p = { on_hit, ctx };

    if (!s->n)
        return;
    if (!s->hs)
        (void)search_scan(s->own, in, by_us, &p);
    else if (!room || !room->hs || !search_hs_run_bare(s->hs, room->hs, in, by_library, &p))
        for (size_t i = 0; i < s->n; i++)
            on_hit(ctx, (uint32_t)i);
}
