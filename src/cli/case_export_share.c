/* Victims, or intruder groups, as objects. See case_export.h and case_share.h. */
#include "cli/case_share.h"

#include "base/utf.h"
#include "cli/case_screen.h"
#include "report/outs_fit.h"
#include "store/bind.h"

#include <stdio.h>
#include <string.h>

#define SHARE_ROOM ((size_t)2 << 30)               /* address space */

/* --- values --- */

struct str share_id(struct share *s, const uint8_t *space, const char *type, struct str name)
{
    uint8_t      u[UUID_BYTES];
    char         text[UUID_TEXT];
    struct arena a = s->a;
    struct err   e = { 0 };
    struct str   whole = str_cat(&a, str_cat(&a, str_c(type ? type : "misp"), STR("|")), name);

    if (!whole.p || !uuid5(space ? space : s->space, whole, u, &e)) {
        s->bad = true;
        return STR_EMPTY;
    }
    uuid_text(u, text);
    struct str ret = type ? str_fmt(&s->a, "%s--%s", type, text) : str_dup(&s->a, str_c(text));
    s->bad |= !ret.p;
    return ret;
}

struct str share_text(struct share *s, struct str text)
{
    struct str clean = str_trim(utf8_clean(&s->a, str_sub(text, 0, SHARE_TEXT_MAX)));
    uint8_t   *p = arena_push(&s->a, 1, clean.n + 1, 1);

    if (!p) {
        s->bad = true;
        return STR_EMPTY;
    }
    for (size_t i = 0; i < clean.n; i++)
        p[i] = clean.p[i] < ' ' || clean.p[i] == 0x7f ? ' ' : clean.p[i];
    return (struct str){ p, clean.n };
}

struct str share_weakness(const struct share *s)
{
    const struct case_campaign *c = s->x->campaign;

    return s->x->cve.n ? s->x->cve : c->title.n ? c->title : c->slug;
}

bool share_address(struct str text)
{
    uint8_t ip[16];

    return net_ip_parse(text, ip);
}

bool share_who(const struct export_server *v, struct share_who *ret)
{
    *ret = (struct share_who){ .name = outs_host(v->name) && str_chr(v->name, '.') != STR_NONE && !share_address(v->name) ? v->name : STR_EMPTY };
    if (v->has_ip) {
        net_ip_text(v->ip, ret->buf);
        ret->ip   = str_c(ret->buf);
        ret->four = net_is4(v->ip);
    }
    return ret->name.n || ret->ip.n;
}

int64_t share_seen(const struct export_server *v, bool door)
{
    int64_t own = door ? v->compromise_us : v->exposure_us;

    return own != TIME_NONE ? own : v->seen_us;
}

bool share_exposed(const struct export_server *v) { return v->exposure == EXPOSURE_VULNERABLE || v->exposure == EXPOSURE_MITIGATED; }

/* --- the export --- */

/* A namespace that no other store has: when, and by whom, its first work was done. */
static bool namespace(struct share *s, struct err *e)
{
    struct store_stmt *st;
    struct str         name = STR("casework");

    if (!store_prepare(s->x->d->store, "SELECT at_us, who FROM case_audit ORDER BY id LIMIT 1", &st, e))
        return false;
    if (store_step(st, e) == STORE_ROW)
        name = str_cat(&s->a, str_fmt(&s->a, "casework|%lld|", (long long)store_int(st, 0)), store_text(st, 1));
    store_finish(st);
    return e->kind == ERR_NONE && uuid5(uuid_ours, name, s->space, e);
}

bool share_open(struct share **ret, const struct export_ask *x, struct out *o, bool misp, struct err *e)
{
    struct arena room;

    if (!os_arena_map(&room, SHARE_ROOM, e))
        return false;
    struct arena  a = room;
    struct share *s = NEW(&a, struct share, 1);

    *s = (struct share){ .x = x, .o = o, .room = room, .a = a, .misp = misp, .begun_us = x->made_us };
    const int64_t times[] = { x->campaign->begun_us, x->campaign->report_us, x->campaign->patch_us, x->campaign->code_us };
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        if (times[i] != TIME_NONE && times[i] < s->begun_us)
            s->begun_us = times[i];
    if (!namespace(s, e)) {
        os_arena_unmap(&room);
        return false;
    }
    js_open(&s->j, o, false);
    if (misp)
        misp_share_open(s);
    else
        stix_share_open(s);
    *ret = s;
    return true;
}

static bool fine(const struct share *s, struct err *e) { return !s->bad || err_set(e, ERR_MEMORY, "no room for what is exported"); }

bool share_victim(struct share *s, const struct export_server *v, struct err *e)
{
    struct share_who w;

    if (!share_who(v, &w))
        s->without++;
    else if (s->misp)
        misp_share_victim(s, v);
    else
        stix_share_victim(s, v, &w);
    return fine(s, e);
}

bool share_intruders(struct share *s, struct err *e)
{
    struct case_cards    cards;
    struct store_stmt   *st;
    struct intruder_card k;
    uint32_t             left_out;
    bool                 told, ok = true;

    if (!case_cards_open(&cards, s->x->d, e))
        return false;
    if (!bind_open(s->x->d->store, "SELECT id FROM case_intruder WHERE campaign = ?1 ORDER BY id", BOUND(B_INT(s->x->campaign->id)), &st, e)) {
        case_cards_close(&cards);
        return false;
    }
    while (ok && case_row(&st, e)) {
        struct arena keep  = s->x->d->c->keep;
        int64_t      group = store_int(st, 0);

        ok = case_card(&cards, group, &k, &left_out, &told, e);
        if (ok && told && s->misp)
            misp_share_group(s, group, &k);
        else if (ok && told)
            stix_share_group(s, group, &k);
        ok = ok && fine(s, e);
        s->x->d->c->keep = keep;
    }
    if (!ok)
        store_finish(st);
    case_cards_close(&cards);
    return ok && e->kind == ERR_NONE;
}

bool share_end(struct share *s, struct err *e)
{
    struct arena room = s->room;
    char         text[96];

    if (s->misp)
        misp_share_end(s);
    else
        stix_share_end(s);
    out_c(s->o, "\n");
    if (s->without) {
        snprintf(text, sizeof text, "%llu servers left out: neither an address nor a host name tells which they are", (unsigned long long)s->without);
        cli_note(s->x->d->c, text, STR_EMPTY);
    }
    bool ok = fine(s, e);
    os_arena_unmap(&room);
    return ok;
}
