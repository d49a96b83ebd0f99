#include "cli/survey_data.h"

#include "cli/survey.h"

#include <stdio.h>
#include <string.h>

#define ROOM_BYTES ((size_t)16 << 30)             /* address space: what is not written costs nothing */

bool survey_where(struct where **ret, struct arena *room, const struct pack *pack, struct cli *c, struct str list, struct err *e)
{
    struct str    one;
    struct where *w;

    if (!where_open(&w, room, pack, e))
        return false;
    *ret = w;                                     /* the caller closes it, whatever becomes of its files */
    while (str_cut(&list, ',', &one)) {
        enum where_kind kind;
        uint64_t        rows, bad;
        char            text[96];

        one = str_trim(one);
        if (!one.n)
            continue;
        if (!where_add(w, c->os, one, &kind, &rows, &bad, e))
            return false;
        if (bad) {
            snprintf(text, sizeof text, "%s: %llu rows taken, %llu cannot be used", where_kind_name(kind), (unsigned long long)rows, (unsigned long long)bad);
            cli_note(c, text, one);
        }
    }
    return where_ready(w, e);
}

static bool make(struct survey_data *d, struct cli *c, struct str store, struct str builds, struct str where, int32_t last_day, struct err *e)
{
    struct daily_options how = { .builds = &d->builds, .os = c->os, .where = store, .last_day = last_day };

    if (!builds_load(&d->builds, &d->room, c->os, builds, e) || !pack_load_embedded(&d->pack, &d->room, STR("survey"), e) || !survey_where(&d->where, &d->room, &d->pack, c, where, e))
        return false;
    if (where.n) {
        how.locate = where_locate;
        how.locate_ctx = d->where;
    }
    if (!store_open(&d->store, store, STORE_READ, e))
        return e->hint[0] ? false : err_hint(e, "--store says where it lies; `afterpatch survey import FILE...` makes one");
    return daily_open(&d->daily, d->store, &how, e);
}

bool survey_data_open(struct survey_data *ret, struct cli *c, struct str store, struct str builds, struct str where, int32_t last_day, struct err *e)
{
    *ret = (struct survey_data){ .sector_n = 1 };
    if (!os_arena_map(&ret->whole, ROOM_BYTES, e))
        return false;
    ret->room = ret->whole;
    if (make(ret, c, store.n ? store : SURVEY_STORE, builds, where, last_day, e))
        return true;
    survey_data_close(ret);
    return false;
}

void survey_data_close(struct survey_data *d)
{
    daily_close(d->daily);
    store_close(d->store);
    where_close(d->where);
    if (d->whole.beg)
        os_arena_unmap(&d->whole);
    *d = (struct survey_data){ 0 };
}

/* --- spans with their sector --- */

struct judged {
    struct survey_data     *d;
    const struct span_sink *sink;
    uint64_t                server;        /* the last one, and what came of it */
    uint16_t                from, sector;
    uint32_t                asn;
    bool                    any;
};

static bool sector_number(struct survey_data *d, struct str name, uint16_t *ret, struct err *e)
{
    for (size_t i = 1; i < d->sector_n; i++)
        if (str_eq(d->sector[i], name)) {
            *ret = (uint16_t)i;
            return true;
        }
    *ret = 0;
    if (!name.n || d->sector_n == SURVEY_SECTORS_MAX)            /* a register with that many: the rest is unknown */
        return true;
    if (!(d->sector[d->sector_n] = str_dup(&d->room, name)).p)
        return err_set(e, ERR_MEMORY, "no room for sectors");
    *ret = (uint16_t)d->sector_n++;
    return true;
}

static bool take(void *ctx, const struct server_span *s, struct err *e)
{
    struct judged     *j = ctx;
    struct server_span mine = *s;

    if (!j->any || s->server != j->server || s->sector != j->from || s->asn != j->asn) {
        struct arena        scratch = j->d->room;
        struct daily_server who = { 0 };
        struct whose        w;
        struct err          none = { 0 };

        if (!daily_server(j->d->daily, s->server, &scratch, &who, &none) && none.kind != ERR_NONE) {
            *e = none;
            return false;
        }
        if (!survey_whose(j->d, &scratch, &who, daily_sector(j->d->daily, s->sector), s->asn, &w, e) || !sector_number(j->d, w.sector, &j->sector, e))
            return false;
        j->any = true;
        j->server = s->server;
        j->from = s->sector;
        j->asn = s->asn;
    }
    mine.sector = j->sector;
    return j->sink->take(j->sink->ctx, &mine, e);
}

bool survey_data_spans(struct survey_data *d, const struct span_sink *sink, struct err *e)
{
    struct judged    j = { .d = d, .sink = sink };
    struct span_sink mine = { &j, take };

    return daily_spans(d->daily, &mine, &d->counts, e);
}

struct str survey_sector(const struct survey_data *d, size_t i)
{
    return i < d->sector_n ? d->sector[i] : STR_EMPTY;
}

bool survey_whose(const struct survey_data *d, struct arena *a, const struct daily_server *s, struct str sector, uint32_t asn, struct whose *ret, struct err *e)
{
    struct whose_facts f = { .ip = s->ip, .ip_n = s->ip_n, .name = s->name, .name_n = s->name_n, .domain = s->domain, .domain_n = s->domain_n, .org = s->org, .org_n = s->org_n,
                             .asn = asn, .sector = sector };

    return where_whose(d->where, a, &f, ret, e);
}
