/* case_list_provider: the servers that a provider operates, for `afterpatch case list --provider`. */
#include "cli/case_list.h"

#include "base/net.h"
#include "base/num.h"
#include "casework/group.h"

#include <stdio.h>

struct operated { char name[CASE_NAME_TEXT]; struct str organisation, server; char address[NET_TEXT]; enum exposure exposure; enum compromise compromise; bool clean; struct str country; };

static void operated_json(struct js *j, const struct operated *x)
{
    js_object(j);
    js_key(j, "case");         js_c(j, x->name);
    js_key(j, "organisation"); js_str_or_null(j, x->organisation);
    js_key(j, "server");       js_str_or_null(j, x->server);
    js_key(j, "address");      js_str_or_null(j, str_c(x->address));
    js_key(j, "country");      js_str_or_null(j, x->country);
    js_key(j, "exposure");     js_c(j, server_exposure_name(x->exposure));
    js_key(j, "compromise");   js_c(j, compromise_name(x->compromise));
    js_key(j, "clean");        js_bool(j, x->clean);
    js_end(j);
}

static void operated_text(struct case_list *l, const struct operated *x)
{
    struct out *o = l->d.c->out;

    case_cell_c(o, x->name, LIST_NAME_COLUMNS);
    case_cell(o, x->server.n ? x->server : str_c(x->address), l->wide ? 44 : 24);
    case_cell_c(o, x->clean ? "clean" : server_exposure_name(x->exposure), 12);
    case_cell_c(o, compromise_name(x->compromise), 15);
    out_term(o, x->organisation, l->wide ? 40 : 14);
    out_c(o, "\n");
}

/* The numbers of its keys, parted by commas; few. Then the servers under them are found by key, and no other is looked at. */
enum { PROVIDER_KEYS_MAX = 40 };
static bool provider_keys(struct case_list *l, struct str who, char *ret, size_t cap, struct err *e)
{
    struct store_stmt *st = NULL;
    uint64_t           org = 0;
    bool               by_org = str_istarts(who, STR("org:")) && num_u64(str_from(who, 4), &org);
    size_t             n = 0;

    ret[0] = 0;
    if (!store_prepare(l->d.store, by_org ? "SELECT key FROM case_provider WHERE how = ?2 AND org = ?1 ORDER BY key"
                                          : "SELECT k.key FROM case_provider k JOIN case_key y ON y.id = k.key WHERE k.how = ?2 AND (lower(k.name) = ?1 OR y.value = ?1) ORDER BY k.key", &st, e))
        return false;
    if (by_org)
        store_bind_int(st, 1, (int64_t)org);
    else
        store_bind_text(st, 1, str_lower(&l->d.c->keep, who));
    store_bind_int(st, 2, GROUP_OPERATES);
    for (size_t i = 0; case_row(&st, e); i++)
        if (i < PROVIDER_KEYS_MAX && n + 24 < cap)
            n += (size_t)snprintf(ret + n, cap - n, "%s%lld", i ? ", " : "", (long long)store_int(st, 0));
    return e->kind == ERR_NONE;
}

bool case_list_provider(struct case_list *l, struct err *e)
{
    /* A plus keeps SQLite from walking all servers of the campaign. */
    static const char  from[] = "case_operates p JOIN case_server s ON s.asset = p.asset";
    struct str         who = str_trim(l->args->value[LIST_PROVIDER]);
    struct store_stmt *st = NULL;
    bool               json = l->args->given[LIST_JSON], row = false;
    uint64_t           shown = 0;
    char               sql[LIST_SQL_MAX], keys[PROVIDER_KEYS_MAX * 24];
    struct js          j;

    if (!provider_keys(l, who, keys, sizeof keys, e))
        return false;
    snprintf(l->where, sizeof l->where, "p.key IN (%s) AND %ss.campaign = ?1", keys, store_is_postgresql(l->d.store) ? "" : "+");
    l->bind[0].i = l->campaign->id;
    l->bind_n = 1;
    if (keys[0]) {
        snprintf(sql, sizeof sql, "SELECT s.case_id, s.campaign, o.name, s.name, s.ip, s.exposure, s.compromise, s.clean, s.country, count(*) OVER () FROM %s LEFT JOIN case_org o ON"
                 " o.org = s.org WHERE %s ORDER BY CASE WHEN s.compromise IN (%d, %d) THEN 0 WHEN s.exposure = %d THEN 1 WHEN s.compromise = %d THEN 2 WHEN s.clean = 0 THEN 3 ELSE 4 END,"
                 " s.asset LIMIT ?2 OFFSET ?3", from, l->where, COMPROMISE_BACKDOORED, COMPROMISE_RELAPSED, EXPOSURE_VULNERABLE, COMPROMISE_SUSPECTED);
        if (!case_list_prepare(l, sql, &st, e))
            return false;
        store_bind_int(st, 2, (int64_t)l->page.n);
        store_bind_int(st, 3, (int64_t)l->page.first);
        if ((row = case_row(&st, e)))
            l->total = (uint64_t)store_int(st, 9);
        else if (e->kind != ERR_NONE || (l->page.first && !case_list_count(l, from, e)))              /* past the end */
            return false;
    }
    if (!l->total) {
        err_set(e, ERR_USAGE, "no provider \"%.*s\" operates a server in this campaign", STR_ARG(str_sub(who, 0, 60)));
        return err_hint(e, "org:NUMBER, its name, or the domain that stands on the servers; `afterpatch case review` asks about doubtful ones");
    }
    if (json) {
        case_list_json_begin(l, &j, "provider");
        js_key(&j, "servers");
        js_array(&j);
    } else
        case_list_about(l, "server", " operated by it");
    for (; row; row = case_row(&st, e)) {
        struct arena    keep = l->d.c->keep;
        struct operated x = { .organisation = case_text(&l->d, st, 2), .server = case_text(&l->d, st, 3), .exposure = (enum exposure)store_int(st, 5),
                              .compromise = (enum compromise)store_int(st, 6), .clean = store_int(st, 7) != 0, .country = case_text(&l->d, st, 8) };
        struct str      ip = store_bytes(st, 4);

        if (ip.n == 16)
            net_ip_text(ip.p, x.address);
        case_name_of(&l->d, store_int(st, 0), store_int(st, 1), x.name);
        if (json)
            operated_json(&j, &x);
        else
            operated_text(l, &x);
        l->d.c->keep = keep;
        shown++;
    }
    if (e->kind != ERR_NONE)
        return false;
    if (json)
        case_list_json_end(l, &j);
    else
        case_page_more(l->d.c->out, &l->page, shown, l->total);
    return true;
}
