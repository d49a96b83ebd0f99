#include "base/search_hs.h"

#ifdef AP_HS
#include <hs.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { SPARE = 1 << 20, ALIGN = 64 };

struct search_hs_room {
    const hs_database_t *db;
    hs_scratch_t        *scratch;
};
struct search_hs {
    const hs_database_t  *bare;
    _Atomic uint32_t      free;                         /* bit per room */
    struct search_hs_room room[HS_ROOMS];
};
_Static_assert(HS_ROOMS == 32, "a bit of `free` for each room");

/* A platform without what the library needs is asked once per database: cpuid is cheap. */
bool search_hs_able(void) { return hs_valid_platform() == HS_SUCCESS; }

/*
 * The library takes an allocator but passes it no context. So the arena that a scratch is to lie in is told by the thread that builds; it is
 * set for the length of one call and means nothing to other threads. Dropping is the arena's business.
 */
static _Thread_local struct arena *building;

static void *take(size_t n) { return building ? arena_push(building, n, 1, ALIGN) : NULL; }
static void  drop(void *p) { (void)p; }

/* The library compiles into memory of its own. Serialised, the database moves into the arena. */
static bool move(const hs_database_t **ret, struct arena *a, const hs_database_t *from)
{
    char  *bytes = NULL;
    size_t n = 0, room = 0;
    bool   ok = true;

    *ret = NULL;
    if (hs_serialize_database(from, &bytes, &n) == HS_SUCCESS && hs_serialized_database_size(bytes, n, &room) == HS_SUCCESS &&
        arena_room(a) > room + SPARE) {
        hs_database_t *to = arena_push(a, room, 1, ALIGN);
        ok = to != NULL;
        if (ok && hs_deserialize_database_at(bytes, n, to) == HS_SUCCESS)
            *ret = to;
    }
    free(bytes);
    return ok;
}

static bool compile(const hs_database_t **ret, struct arena *a, const struct str *text, size_t n)
{
    struct arena scratch = *a;                          /* by value: these lists are gone after compiling */
    const char **p = NEW(&scratch, const char *, n);
    size_t      *len = NEW(&scratch, size_t, n);
    unsigned    *id = NEW(&scratch, unsigned, n), *flags = NEW(&scratch, unsigned, n);
    hs_database_t      *made = NULL;
    hs_compile_error_t *why = NULL;

    *ret = NULL;
    if (!p || !len || !id || !flags)
        return false;
    for (size_t i = 0; i < n; i++) {
        p[i]     = (const char *)text[i].p;
        len[i]   = text[i].n;
        id[i]    = (unsigned)i;
        flags[i] = HS_FLAG_CASELESS;                    /* without HS_FLAG_UTF8: letters of ASCII only, as str_ieq has it */
    }
    bool ok = hs_compile_lit_multi(p, flags, id, len, (unsigned)n, HS_MODE_BLOCK, NULL, &made, &why) != HS_SUCCESS || move(ret, a, made);
    hs_free_database(made);
    hs_free_compile_error(why);
    return ok;
}

/* Rooms lie in the arena like the database. */
static bool make_rooms(struct search_hs *h, struct arena *a, const hs_database_t *db)
{
    hs_error_t e = hs_set_scratch_allocator(take, drop);

    building = a;
    for (size_t i = 0; i < HS_ROOMS && e == HS_SUCCESS; i++) {
        h->room[i].db = db;
        e = i ? hs_clone_scratch(h->room[0].scratch, &h->room[i].scratch) : hs_alloc_scratch(db, &h->room[i].scratch);
    }
    building = NULL;
    atomic_init(&h->free, UINT32_MAX);
    return e == HS_SUCCESS;
}

bool search_hs_build(struct search_hs **ret, struct arena *a, const struct str *text, size_t n)
{
    const hs_database_t *db;

    *ret = NULL;
    if (!n || n > HS_TEXTS_MAX || arena_room(a) < SPARE || !search_hs_able())
        return true;
    struct search_hs *h = NEW(a, struct search_hs, 1);
    if (!h || !compile(&db, a, text, n) || (db && !make_rooms(h, a, db)))
        return false;
    *ret = db ? h : NULL;
    return true;
}

bool search_hs_build_bare(struct search_hs **ret, struct arena *a, const struct str *text, size_t n)
{
    *ret = NULL;
    if (!n || n > HS_BARE_MAX || arena_room(a) < SPARE || !search_hs_able())
        return true;
    struct search_hs *h = NEW(a, struct search_hs, 1);
    if (!h || !compile(&h->bare, a, text, n))
        return false;
    /* Here, before there are threads: rooms are made by each. */
    *ret = h->bare && hs_set_scratch_allocator(take, drop) == HS_SUCCESS ? h : NULL;
    return true;
}

struct search_hs_room *search_hs_room_for(struct arena *a, struct search_hs *const *h, size_t n)
{
    struct search_hs_room *r = NEW(a, struct search_hs_room, 1);
    hs_error_t             e = HS_SUCCESS;

    building = a;
    for (size_t i = 0; r && i < n && e == HS_SUCCESS; i++)
        e = hs_alloc_scratch(h[i]->bare, &r->scratch);
    building = NULL;
    return e == HS_SUCCESS ? r : NULL;
}

struct search_hs_room *search_hs_open(struct search_hs *h)
{
    uint32_t free = atomic_load(&h->free);

    while (free && !atomic_compare_exchange_weak(&h->free, &free, free & (free - 1)))
        ;
    return free ? &h->room[__builtin_ctz(free)] : NULL;
}

void search_hs_close(struct search_hs *h, struct search_hs_room *r) { atomic_fetch_or(&h->free, UINT32_C(1) << (r - h->room)); }

struct pass { search_hs_hit *on_hit; void *ctx; };

static int HS_CDECL on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *ctx)
{
    const struct pass *p = ctx;

    (void)from, (void)flags;
    p->on_hit(p->ctx, (int32_t)id, (size_t)to);
    return 0;
}

bool search_hs_run(struct search_hs_room *r, struct str in, search_hs_hit *on_hit, void *ctx)
{
    struct pass p = { on_hit, ctx };

    return in.n <= UINT_MAX && hs_scan(r->db, (const char *)in.p, (unsigned)in.n, 0, r->scratch, on_match, &p) == HS_SUCCESS;
}

bool search_hs_run_bare(const struct search_hs *h, struct search_hs_room *r, struct str in, search_hs_hit *on_hit, void *ctx)
{
    struct pass p = { on_hit, ctx };

    return in.n <= UINT_MAX && hs_scan(h->bare, (const char *)in.p, (unsigned)in.n, 0, r->scratch, on_match, &p) == HS_SUCCESS;
}
#else
/* Built without the library: search.c uses its own matcher alone. */
bool search_hs_able(void) { return false; }

bool search_hs_build(struct search_hs **ret, struct arena *a, const struct str *text, size_t n)
{
    (void)a, (void)text, (void)n;
    *ret = NULL;
    return true;
}

struct search_hs_room *search_hs_open(struct search_hs *h) { return (void)h, NULL; }
void search_hs_close(struct search_hs *h, struct search_hs_room *r) { (void)h, (void)r; }

bool search_hs_run(struct search_hs_room *r, struct str in, search_hs_hit *on_hit, void *ctx)
{
    return (void)r, (void)in, (void)on_hit, (void)ctx, false;
}

bool search_hs_build_bare(struct search_hs **ret, struct arena *a, const struct str *text, size_t n) { return search_hs_build(ret, a, text, n); }
struct search_hs_room *search_hs_room_for(struct arena *a, struct search_hs *const *h, size_t n) { return (void)a, (void)h, (void)n, NULL; }

bool search_hs_run_bare(const struct search_hs *h, struct search_hs_room *r, struct str in, search_hs_hit *on_hit, void *ctx)
{
    return (void)h, (void)r, (void)in, (void)on_hit, (void)ctx, false;
}
#endif
