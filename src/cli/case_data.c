#include "cli/case_data.h"

#include "base/net.h"
#include "base/num.h"
#include "casework/tables.h"
#include "casework/why.h"
#include "cli/case_screen.h"
#include "cli/survey.h"
#include "emit/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHO_MAX = 120, FOUND_MAX = 4 };

/* --- open and close --- */

static bool campaigns(struct case_data *d, struct err *e)
{
    struct store_stmt *st = NULL;
    size_t             cap = 0;

    if (!store_prepare(d->store, "SELECT id, slug, title, build_group, begun_us, report_us, patch_us, code_us FROM case_campaign ORDER BY slug LIMIT 1000", &st, e))
        return false;
    while (case_row(&st, e)) {
        struct case_campaign *c = GROW(&d->c->keep, d->campaign, d->campaign_n, &cap);

        if (!c) {
            store_finish(st);
            return err_set(e, ERR_MEMORY, "no room for the campaigns");
        }
        *c = (struct case_campaign){ store_int(st, 0), case_text(d, st, 1), case_text(d, st, 2), case_text(d, st, 3),
                                     case_time(st, 4), case_time(st, 5), case_time(st, 6), case_time(st, 7) };
        d->campaign_n++;
    }
    return e->kind == ERR_NONE;
}

bool case_read(struct case_data *d, struct cli *c, struct str store, struct err *e)
{
    *d = (struct case_data){ .c = c, .made_us = TIME_NONE };
    if (!store_open(&d->store, store.n ? store : SURVEY_STORE, STORE_READ, e))
        return e->hint[0] ? false : err_hint(e, "--store says where it lies; `afterpatch case import FILE...` makes one");
    /* One state from beginning to end: an update that ends meanwhile is not half seen. */
    return tables_there(d->store, e) && store_begin(d->store, e) && campaigns(d, e);
}

static bool who_is(struct str given, struct str *ret, struct err *e)
{
    struct str who = str_trim(given);

    if (!who.n)
        who = str_trim(str_c(getenv("USER")));
    if (!who.n)
        who = str_trim(str_c(getenv("LOGNAME")));
    if (!who.n) {
        err_set(e, ERR_USAGE, "nobody is known to do this");
        return err_hint(e, "--who NAME: the audit names a person for each decision");
    }
    if (who.n > WHO_MAX)
        return err_set(e, ERR_USAGE, "a name of %zu bytes, at most %d", who.n, WHO_MAX);
    *ret = who;
    return true;
}

static bool work(struct case_data *d, struct cli *c, struct str store, enum store_mode mode, struct str who, struct err *e)
{
    *d = (struct case_data){ .c = c, .made_us = TIME_NONE };
    return who_is(who, &d->who, e) && store_open(&d->store, store.n ? store : SURVEY_STORE, mode, e) &&
           ledger_open(&d->ledger, d->store, c->os, d->who, e) && campaigns(d, e);
}

bool case_write(struct case_data *d, struct cli *c, struct str store, struct str who, struct err *e) { return work(d, c, store, STORE_WRITE, who, e); }
bool case_share(struct case_data *d, struct cli *c, struct str store, struct str who, struct err *e) { return work(d, c, store, STORE_SHARE, who, e); }

void case_close(struct case_data *d)
{
    ledger_close(d->ledger);
    store_close(d->store);
    *d = (struct case_data){ 0 };
}

/* --- statements --- */

bool case_row(struct store_stmt **st, struct err *e)
{
    if (store_step(*st, e) == STORE_ROW)
        return true;
    store_finish(*st);
    *st = NULL;
    return false;
}

struct str case_text(struct case_data *d, struct store_stmt *st, int column)
{
    return str_dup(&d->c->keep, str_sub(store_text(st, column), 0, LEDGER_TEXT_MAX));
}

int64_t case_time(struct store_stmt *st, int column)
{
    return store_null(st, column) ? TIME_NONE : store_int(st, column);
}

/* --- campaigns and the board --- */

const struct case_campaign *case_campaign_at(const struct case_data *d, int64_t id)
{
    for (size_t i = 0; i < d->campaign_n; i++)
        if (d->campaign[i].id == id)
            return &d->campaign[i];
    return NULL;
}

bool case_campaign_named(const struct case_data *d, struct str slug, const struct case_campaign **ret, struct err *e)
{
    char   all[160] = "";
    size_t n = 0;

    for (size_t i = 0; i < d->campaign_n; i++) {
        if (slug.n ? str_eq(d->campaign[i].slug, slug) : d->campaign_n == 1) {
            *ret = &d->campaign[i];
            return true;
        }
        if (n < sizeof all)
            n += (size_t)snprintf(all + n, sizeof all - n, "%s%.*s", n ? ", " : "", STR_ARG(str_sub(d->campaign[i].slug, 0, 40)));
    }
    if (slug.n)
        err_set(e, ERR_USAGE, "no campaign \"%.*s\"", STR_ARG(str_sub(slug, 0, 60)));
    else
        err_set(e, ERR_USAGE, d->campaign_n ? "there are several campaigns" : "there is no campaign");
    return err_hint(e, d->campaign_n ? "--campaign NAME: %s" : "`afterpatch case campaign proxylogon` adds one%s", d->campaign_n ? all : "");
}

void case_name_of(const struct case_data *d, int64_t case_, int64_t campaign, char ret[CASE_NAME_TEXT])
{
    const struct case_campaign *c = case_campaign_at(d, campaign);

    case_name(case_, c ? case_year(c) : 0, ret);
}

/* The newest of what came in by files and of what people did. Facts have no index by time; each comes with one of the two. */
static bool newest(struct store *s, int64_t *ret, struct err *e)
{
    static const char *const sql[] = { "SELECT COALESCE(max(recorded_us), 0) FROM case_file", "SELECT COALESCE(max(at_us), 0) FROM case_audit WHERE what <> 'update'" };

    *ret = 0;
    for (size_t i = 0; i < COUNT_OF(sql); i++) {
        int64_t us;

        if (!store_one_int(s, sql[i], &us, e))
            return false;
        *ret = us > *ret ? us : *ret;
    }
    return true;
}

bool case_board(struct case_data *d, struct err *e)
{
    struct store_stmt *st = NULL;
    int64_t            last;

    if (!store_prepare(d->store, "SELECT made_us, day FROM case_board WHERE id = 1", &st, e))
        return false;
    if (!case_row(&st, e)) {
        if (e->kind == ERR_NONE) {
            err_set(e, ERR_FORMAT, "nothing was worked out yet");
            err_hint(e, "`afterpatch case update` makes cases of the records");
        }
        return false;
    }
    d->made_us = store_int(st, 0);
    d->day = (int32_t)store_int(st, 1);
    store_finish(st);
    if (!newest(d->store, &last, e))
        return false;
    d->stale = last > d->made_us;
    return true;
}

/* --- what a person names --- */

/* A statement with one value whose rows are case, campaign, organisation and server. */
struct ask { struct case_found found[FOUND_MAX]; size_t n; };

static bool ask(struct case_data *d, const char *sql, int64_t number, struct str text, bool bytes, const struct case_campaign *of, struct ask *ret, struct err *e)
{
    struct store_stmt *st = NULL;

    if (!store_prepare(d->store, sql, &st, e))
        return false;
    if (bytes)
        store_bind_bytes(st, 1, text);
    else if (text.p)
        store_bind_text(st, 1, text);
    else
        store_bind_int(st, 1, number);
    while (case_row(&st, e)) {
        struct case_found f = { store_int(st, 0), store_int(st, 1), store_int(st, 2), store_int(st, 3), "" };

        if (of && f.campaign != of->id)
            continue;
        case_name_of(d, f.case_, f.campaign, f.name);
        if (ret->n < FOUND_MAX)
            ret->found[ret->n++] = f;
    }
    return e->kind == ERR_NONE;
}

static const char by_case[] = "SELECT id, campaign, org, 0 FROM case_case WHERE id = ?1";
static const char by_org[]  = "SELECT id, campaign, org, 0 FROM case_case WHERE org = ?1 ORDER BY id";
static const char by_ip[]   = "SELECT DISTINCT case_id, campaign, org, asset FROM case_server WHERE ip = ?1 ORDER BY case_id, asset";
static const char by_name[] = "SELECT v.case_id, v.campaign, v.org, v.asset FROM case_server_name n JOIN case_server v ON v.asset = n.asset WHERE n.name = ?1 ORDER BY v.case_id, v.asset";

static bool one_of(const struct ask *a, struct str word, struct case_found *ret, struct err *e)
{
    char   all[160] = "";
    size_t n = 0;

    for (size_t i = 1; i < a->n; i++)
        if (a->found[i].case_ != a->found[0].case_) {
            for (size_t k = 0; k < a->n && n < sizeof all; k++)
                n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", k ? ", " : "", a->found[k].name);
            err_set(e, ERR_USAGE, "\"%.*s\" is in more than one case", STR_ARG(str_sub(word, 0, 80)));
            return err_hint(e, "name the case, or --campaign NAME: %s", all);
        }
    *ret = a->found[0];
    return true;
}

bool case_find(struct case_data *d, struct str word, struct str campaign, struct case_found *ret, struct err *e)
{
    const struct case_campaign *of = NULL;
    struct ask a = { 0 };
    uint8_t    ip[16];
    int64_t    number;
    uint64_t   org;

    word = str_trim(word);
    if (campaign.n && !case_campaign_named(d, campaign, &of, e))
        return false;
    if (str_istarts(word, STR("org:")) && num_u64(str_from(word, 4), &org)) {
        if (!ask(d, by_org, (int64_t)org, STR_EMPTY, false, of, &a, e))
            return false;
    } else if (case_name_parse(word, &number)) {
        if (!ask(d, by_case, number, STR_EMPTY, false, of, &a, e))
            return false;
        /* A number of another year is a slip of the pen, and one case may not be taken for another. */
        if (a.n && str_chr(word, '-') != STR_NONE && !str_eq(word, str_c(a.found[0].name))) {
            err_set(e, ERR_USAGE, "no case %.*s", STR_ARG(str_sub(word, 0, 40)));
            return err_hint(e, "%s has this number", a.found[0].name);
        }
    } else if (net_ip_parse(word, ip)) {
        if (!ask(d, by_ip, 0, (struct str){ ip, sizeof ip }, true, of, &a, e))
            return false;
    } else {
        struct str host = str_lower(&d->c->keep, str_sub(word, 0, LEDGER_TEXT_MAX));

        while (str_ends(host, STR(".")))
            host.n--;
        if (host.n && !ask(d, by_name, 0, host, false, of, &a, e))
            return false;
    }
    if (a.n)
        return one_of(&a, word, ret, e);
    err_set(e, ERR_USAGE, "no case and no server is \"%.*s\"", STR_ARG(str_sub(word, 0, 80)));
    return err_hint(e, "a case (2021-000123), a host name, an address or org:NUMBER; `afterpatch case list --find TEXT` searches names");
}

/* --- what a person records --- */

bool case_moment(struct str s, int64_t *ret, struct err *e)
{
    if (time_parse(s, ret))
        return true;
    err_set(e, ERR_USAGE, "\"%.*s\" is no time", STR_ARG(str_sub(s, 0, 60)));
    return err_hint(e, "write 2021-03-14 or 2021-03-14T02:11:30Z");
}

bool case_subject(struct case_data *d, int64_t asset, int64_t *ret, struct err *e)
{
    struct store_stmt *st = NULL;
    struct subject     s = { 0 };
    struct str         name;

    if (!store_prepare(d->store, "SELECT min(a.subject) FROM case_asset a JOIN case_subject s ON s.id = a.subject WHERE a.asset = ?1", &st, e))
        return false;
    store_bind_int(st, 1, asset);
    if (!case_row(&st, e))
        return false;
    bool known = !store_null(st, 0);
    *ret = store_int(st, 0);
    store_finish(st);
    if (known)
        return true;
    if (!store_prepare(d->store, "SELECT name, ip, port FROM case_server WHERE asset = ?1 ORDER BY campaign LIMIT 1", &st, e))
        return false;
    store_bind_int(st, 1, asset);
    if (!case_row(&st, e))
        return e->kind == ERR_NONE ? err_set(e, ERR_USAGE, "the server is gone from the last update") : false;
    struct str ip = store_bytes(st, 1);
    name = case_text(d, st, 0);
    if ((s.has_ip = ip.n == 16))
        for (int i = 0; i < 16; i++)
            s.ip[i] = ip.p[i];
    s.port = (uint16_t)store_int(st, 2);
    store_finish(st);
    s.name = &name;
    s.name_n = name.n ? 1 : 0;
    return ledger_subject(d->ledger, &s, ret, e);
}

bool case_reason(struct str given, const char *for_what, struct err *e)
{
    if (str_trim(given).n)
        return true;
    err_set(e, ERR_USAGE, "%s needs a reason", for_what);
    return err_hint(e, "--reason TEXT: it is kept with your name, and shown wherever this decision is");
}

bool case_server(struct case_data *d, struct str word, int64_t *ret, struct err *e)
{
    size_t n;

    word = str_trim(word);
    if (why_find(d->store, word, &d->c->keep, ret, &n, e)) {
        if (n == 1)
            return true;
        err_set(e, ERR_USAGE, "\"%.*s\" is %zu servers", STR_ARG(str_sub(word, 0, 80)), n);
        return err_hint(e, "name one by a host name or address that only it has");
    }
    if (e->kind != ERR_NONE)
        return false;
    err_set(e, ERR_USAGE, "no server is \"%.*s\"", STR_ARG(str_sub(word, 0, 80)));
    return err_hint(e, "a host name or an address; `afterpatch case list --find TEXT` searches names");
}

struct str case_server_word(struct case_data *d, int64_t asset)
{
    struct store_stmt *st = NULL;
    struct err         none = { 0 };
    struct str         word = STR_EMPTY;
    char               ip[NET_TEXT];

    if (store_prepare(d->store, "SELECT name, ip FROM case_server WHERE asset = ?1 ORDER BY campaign LIMIT 1", &st, &none)) {
        store_bind_int(st, 1, asset);
        if (case_row(&st, &none)) {
            word = case_text(d, st, 0);
            if (!word.n && store_bytes(st, 1).n == 16) {
                net_ip_text(store_bytes(st, 1).p, ip);
                word = str_dup(&d->c->keep, str_c(ip));
            }
            store_finish(st);
        }
    }
    return word.n ? word : str_fmt(&d->c->keep, "%lld", (long long)asset);
}

void case_recorded_json(struct js *j, struct case_data *d, struct str what, const char *about, uint64_t n)
{
    js_key(j, "view");  js_c(j, "recorded");
    js_key(j, "what");  js_str(j, what);
    js_key(j, "about"); js_str_or_null(j, str_c(about));
    js_key(j, "rows");  js_u64(j, n);
    js_key(j, "who");   js_str(j, d->who);
}

void case_recorded_line(struct case_data *d, struct str what, const char *about)
{
    case_wrap(d->c->out, str_fmt(&d->c->keep, "recorded: %.*s%s%s%s", STR_ARG(what), about[0] ? " (" : "", about, about[0] ? ")" : ""), 0, 2, case_columns(d->c), 0);
}

void case_recorded(struct case_data *d, bool json, struct str what, const char *about, uint64_t n)
{
    struct js j;

    if (json) {
        js_open(&j, d->c->out, false);
        js_object(&j);
        case_recorded_json(&j, d, what, about, n);
        js_end(&j);
        out_c(d->c->out, "\n");
        return;
    }
    case_recorded_line(d, what, about);
    out_c(d->c->out, "`afterpatch case update` makes it count\n");
}
