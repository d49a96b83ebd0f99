#include "notify/settings.h"

#include "base/num.h"
#include "formats/idna.h"
#include "formats/mailaddr.h"
#include "formats/yaml.h"
#include "store/bind.h"

#include <stddef.h>
#include <string.h>

enum { SETTINGS_BYTES_MAX = 1 << 20, LINE_MAX_ = 500, ZONE_MAX = 14 * 3600 };

struct reading { struct settings *to; struct arena *a; struct str path; struct err *e; };

static bool wrong(struct reading *r, const struct yaml_item *i, const char *why)
{
    return err_set(r->e, ERR_FORMAT, "%.*s, line %u: %.*s: %s", STR_ARG(r->path), i->line, STR_ARG(str_sub(i->key, 0, 60)), why);
}

/* --- kinds of values; each says why not --- */

typedef const char *take(struct reading *r, struct str s, void *to);

static const char *take_line(struct reading *r, struct str s, void *to)
{
    (void)r;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return "one line without control characters is wanted";
    if (!s.n || s.n > LINE_MAX_)
        return "a text of at most 500 bytes is wanted";
    *(struct str *)to = s;
    return NULL;
}

static const char *take_address(struct reading *r, struct str s, void *to)
{
    struct mailaddr m;
    const char     *why;

    if (!mailaddr_parse(s, r->a, &m, &why))
        return why;
    *(struct str *)to = m.all;
    return NULL;
}

static const char *take_domain(struct reading *r, struct str s, void *to)
{
    return idna_host(s, r->a, to) && memchr(s.p, '.', s.n) ? NULL : "a domain is wanted, such as cert.example";
}

/* "https://cert.example/": it stands in letters and mails, so it must be what it seems to be. */
static const char *take_page(struct reading *r, struct str s, void *to)
{
    const char *why = take_line(r, s, to);

    if (why)
        return why;
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] > '~' || strchr("<>\"\\^`{|}@", s.p[i]))
            return "an https address in ASCII is wanted, without blanks, quotes or a login";
    return str_starts(s, STR("https://")) && s.n > 12 ? NULL : "an https address is wanted";
}

static const char *take_country(struct reading *r, struct str s, void *to)
{
    (void)r;
    *(struct str *)to = s;
    return s.n == 2 && s.p[0] >= 'A' && s.p[0] <= 'Z' && s.p[1] >= 'A' && s.p[1] <= 'Z' ? NULL : "a country is two capital letters, such as AT";
}

static const char *take_bool(struct reading *r, struct str s, void *to)
{
    (void)r;
    *(bool *)to = str_eq(s, STR("true")) || str_eq(s, STR("yes"));
    return *(bool *)to || str_eq(s, STR("false")) || str_eq(s, STR("no")) ? NULL : "true or false is wanted";
}

static const char *take_count(struct reading *r, struct str s, void *to)
{
    (void)r;
    return num_u32(s, to) && *(uint32_t *)to >= 1 && *(uint32_t *)to <= 1000000 ? NULL : "a number from 1 to 1000000 is wanted";
}

/* Seconds east of UTC: "3600", "-18000". */
static const char *take_zone(struct reading *r, struct str s, void *to)
{
    uint32_t v;
    bool     west = str_starts(s, STR("-"));

    (void)r;
    if (!num_u32(west ? str_sub(s, 1, s.n) : s, &v) || v > ZONE_MAX)
        return "seconds east of UTC are wanted, such as 3600";
    *(int32_t *)to = west ? -(int32_t)v : (int32_t)v;
    return NULL;
}

static const char *take_hours(struct reading *r, struct str s, void *to)
{
    struct settings *t = to;
    uint32_t         from, until;
    size_t           at = 0;

    (void)r;
    while (at < s.n && s.p[at] != '-')
        at++;
    if (at == s.n || !num_u32(str_sub(s, 0, at), &from) || !num_u32(str_sub(s, at + 1, s.n), &until) || from >= until || until > 24)
        return "hours are wanted, such as 08-18";
    t->from_hour = (uint8_t)from;
    t->to_hour   = (uint8_t)until;
    return NULL;
}

static const char *take_language(struct reading *r, struct str s, void *to)
{
    (void)r;
    if (s.n != 2 || s.p[0] < 'a' || s.p[0] > 'z' || s.p[1] < 'a' || s.p[1] > 'z')
        return "a language of two letters is wanted, such as en";
    *(struct str *)to = s;
    return NULL;
}

/* Only what a tool prints is a fingerprint: 40 or 64 hex digits, blanks between them or not. */
static const char *take_fingerprint(struct reading *r, struct str s, void *to)
{
    size_t digits = 0;

    for (size_t i = 0; i < s.n; i++)
        if (strchr("0123456789abcdefABCDEF", s.p[i]) && s.p[i])
            digits++;
        else if (s.p[i] != ' ')
            return "a fingerprint is wanted: 40 or 64 hex digits";
    return digits == 40 || digits == 64 ? take_line(r, s, to) : "a fingerprint is wanted: 40 or 64 hex digits";
}

static const char *take_prefix(struct reading *r, struct str s, void *to)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] > '~' || s.p[i] == '[' || s.p[i] == ']')
            return "a short word in ASCII is wanted, such as CERT-EX";
    return s.n <= 24 ? take_line(r, s, to) : "at most 24 letters are wanted";
}

static const char *take_mta(struct reading *r, struct str s, void *to)
{
    size_t   at = s.n;
    uint32_t port;

    while (at > 0 && s.p[at - 1] != ':')
        at--;
    if (at < 2 || !num_u32(str_sub(s, at, s.n), &port) || !port || port > 65535)
        return "host and port of your own MTA are wanted, such as 127.0.0.1:25";
    return take_line(r, s, to);
}

/* --- the words of the file --- */

#define AT(x) offsetof(struct settings, x)
static const struct word { const char *section, *key; take *take; size_t at; bool needed; } words[] = {
    { "team", "name", take_line, AT(from.name), true },              { "team", "address", take_address, AT(from.address), true },
    { "team", "domain", take_domain, AT(from.domain), true },        { "team", "bounce", take_domain, AT(from.bounce_domain), true },
    { "team", "reply", take_domain, AT(from.reply_domain), true },   { "team", "prefix", take_prefix, AT(from.prefix), true },
    { "team", "official", take_page, AT(from.site), true },          { "team", "phone_page", take_page, AT(from.phone_page), true },
    { "team", "privacy", take_page, AT(from.privacy_page), true },   { "team", "language", take_language, AT(from.country_language), false },
    { "team", "country", take_country, AT(country), false },
    { "key", "home", take_line, AT(key.home), false },               { "key", "id", take_line, AT(key.key), true },
    { "key", "fingerprint", take_fingerprint, AT(from.fingerprint), true },
    { "mta", "host", take_mta, AT(mta_host), true },                 { "mta", "hello", take_domain, AT(mta_hello), true },
    { "mta", "tls", take_bool, AT(mta_tls), false },                 { "mta", "log_zone", take_zone, AT(log_zone_s), false },
    { "desk", "recipients_a_day", take_count, AT(desk_a_day), false }, { "desk", "hours", take_hours, 0, false },
    { "desk", "zone", take_zone, AT(zone_s), false },
    { "rates", "all", take_count, AT(rates.all), true },             { "rates", "provider", take_count, AT(rates.provider), true },
    { "rates", "domain", take_count, AT(rates.domain), true },
    { "inbox", "maildir", take_line, AT(maildir), true },
    { "test", "recipient", take_address, AT(test_recipient), true },
};
/* A list of lines: joined by LF (postal), or kept apart (log). */
enum { LISTS_POSTAL_MAX = 8 };

static bool texts(struct reading *r, const struct yaml_item *i, struct str *ret, size_t max, size_t *ret_n)
{
    if (i->kind == YAML_MAP)
        return wrong(r, i, "a text or a list of texts is wanted");
    for (const struct yaml_item *k = i->kind == YAML_LIST ? i->first : i; k; k = i->kind == YAML_LIST ? k->next : NULL) {
        const char *why = *ret_n == max ? "too many" : k->kind != YAML_TEXT ? "a text is wanted" : take_line(r, k->text, &ret[*ret_n]);
        if (why)
            return wrong(r, i, why);
        ++*ret_n;
    }
    return true;
}

static bool postal(struct reading *r, const struct yaml_item *i)
{
    struct str line[LISTS_POSTAL_MAX], *to = &r->to->from.postal;
    size_t     n = 0;

    if (!texts(r, i, line, LISTS_POSTAL_MAX, &n))
        return false;
    *to = n ? line[0] : STR_EMPTY;
    for (size_t k = 1; k < n; k++)
        *to = str_fmt(r->a, "%.*s\n%.*s", STR_ARG(*to), STR_ARG(line[k]));
    return true;
}

static bool legal(struct reading *r, const struct yaml_item *i)
{
    struct legal *to = &r->to->legal[r->to->legal_n];
    const char   *why = r->to->legal_n == SETTINGS_LEGAL_MAX ? "too many countries" : i->kind != YAML_TEXT ? "one sentence is wanted" : take_line(r, i->text, &to->text);

    if (!why && (i->key.n != 2 || !(i->key.p[0] >= 'A' && i->key.p[0] <= 'Z' && i->key.p[1] >= 'A' && i->key.p[1] <= 'Z')))
        why = "a country is two capital letters, such as AT";
    if (why)
        return wrong(r, i, why);
    to->country = i->key;
    r->to->legal_n++;
    return true;
}

static bool one(struct reading *r, struct str section, const struct yaml_item *i, bool *given)
{
    if (str_eq(section, STR("legal")))
        return legal(r, i);
    if (str_eq(section, STR("team")) && str_eq(i->key, STR("postal")))
        return postal(r, i);
    if (str_eq(section, STR("mta")) && str_eq(i->key, STR("log")))
        return texts(r, i, r->to->log, SETTINGS_LOGS_MAX, &r->to->log_n);
    for (size_t k = 0; k < COUNT_OF(words); k++) {
        const struct word *w = &words[k];
        if (!str_eq(section, str_c(w->section)) || !str_eq(i->key, str_c(w->key)))
            continue;
        const char *why = i->kind != YAML_TEXT ? "a text is wanted" : w->take(r, i->text, (char *)r->to + w->at);
        given[k] = true;
        return why ? wrong(r, i, why) : true;
    }
    return wrong(r, i, "no such setting (`man afterpatch` and docs/notices.md list them)");
}

static bool is_section(struct str s)
{
    for (size_t k = 0; k < COUNT_OF(words); k++)
        if (str_eq(s, str_c(words[k].section)))
            return true;
    return str_eq(s, STR("legal"));
}

static bool complete(struct reading *r, const struct yaml_item *doc, const bool *given)
{
    for (size_t k = 0; k < COUNT_OF(words); k++) {
        const struct word *w = &words[k];
        bool               wanted = str_eq(str_c(w->section), STR("team")) || str_eq(str_c(w->section), STR("mta")) || yaml_get(doc, str_c(w->section));
        if (w->needed && wanted && !given[k]) {
            err_set(r->e, ERR_FORMAT, "%.*s: %s: %s is missing", STR_ARG(r->path), w->section, w->key);
            return err_hint(r->e, "docs/notices.md has a file to begin with");
        }
    }
    return true;
}

/* The bounce domain below that of From: otherwise DMARC fails, and with it the notice. */
static bool sensible(struct reading *r)
{
    const struct sender *f = &r->to->from;
    struct str           at = f->address;

    while (at.n && *at.p != '@')
        at = str_sub(at, 1, at.n);
    if (!str_eq(str_sub(at, 1, at.n), f->domain)) {
        err_set(r->e, ERR_FORMAT, "%.*s: team: address is not in the team's domain %.*s", STR_ARG(r->path), STR_ARG(f->domain));
        return err_hint(r->e, "receivers compare them (DMARC)");
    }
    struct str below = str_fmt(r->a, ".%.*s", STR_ARG(f->domain));
    if (!str_eq(f->bounce_domain, f->domain) && !str_ends(f->bounce_domain, below)) {
        err_set(r->e, ERR_FORMAT, "%.*s: team: bounce: %.*s is not below %.*s", STR_ARG(r->path), STR_ARG(f->bounce_domain), STR_ARG(f->domain));
        return err_hint(r->e, "receivers compare them (SPF, DMARC)");
    }
    return true;
}

bool settings_load(struct os *os, struct str path, struct arena *a, struct settings *ret, struct err *e)
{
    struct reading   r = { ret, a, path, e };
    struct yaml_tree tree;
    struct str       text;
    bool             given[COUNT_OF(words)] = { 0 };

    *ret = (struct settings){ .desk_a_day = 500, .from_hour = 8, .to_hour = 18 };
    if (!os_slurp_path(os, path, SETTINGS_BYTES_MAX, a, &text, e))
        return e->hint[0] ? false : err_hint(e, "--settings names the team's file; docs/notices.md has one to begin with");
    if (!yaml_read(&tree, a, text, e))
        return false;
    if (tree.damaged) {
        *e = tree.why;
        return err_where(e, "%.*s", STR_ARG(path));
    }
    if (tree.count != 1 || tree.doc->kind != YAML_MAP)
        return err_set(e, ERR_FORMAT, "%.*s: no settings in it", STR_ARG(path));
    for (const struct yaml_item *s = tree.doc->first; s; s = s->next) {
        if (!is_section(s->key) || s->kind != YAML_MAP)
            return wrong(&r, s, is_section(s->key) ? "settings are wanted below it" : "no such setting (docs/notices.md lists them)");
        for (const struct yaml_item *i = s->first; i; i = i->next)
            if (!one(&r, s->key, i, given))
                return false;
    }
    if (!complete(&r, tree.doc, given) || !sensible(&r))
        return false;
    ret->has_key   = ret->key.key.n > 0;
    ret->from.test = ret->test_recipient.n > 0;
    return true;
}

/* --- what the store is for --- */

bool settings_instance(struct store *s, struct arena *a, bool *ret_there, struct str *ret_test, struct err *e)
{
    struct store_stmt *st;

    *ret_there = false;
    *ret_test  = STR_EMPTY;
    if (!bind_open(s, "SELECT test_to FROM notify_instance WHERE id = ?1", BOUND(B_INT(1)), &st, e))
        return false;
    enum store_got got = store_step(st, e);
    if (got == STORE_ROW) {
        *ret_there = true;
        *ret_test  = str_dup(a, store_text(st, 0));
    }
    store_finish(st);
    return got != STORE_FAILED;
}

bool settings_bind(struct ledger *l, const struct settings *t, struct err *e)
{
    uint8_t      room[1024];
    struct arena a = { .beg = room, .end = room + sizeof room };
    struct str   test;
    bool         there;

    if (!settings_instance(ledger_store(l), &a, &there, &test, e))
        return false;
    if (there) {
        if (str_eq(test, t->test_recipient))
            return true;
        if (test.n)
            err_set(e, ERR_USAGE, "this store is a test instance, all for %.*s, and the settings say otherwise", STR_ARG(test));
        else
            err_set(e, ERR_USAGE, "this store sends real notices, and the settings say test");
        return err_hint(e, "that never changes for a store: take another one (--store), or other settings (--settings)");
    }
    if (!ledger_begin(l, e))
        return false;
    if (bind_run(ledger_store(l), "INSERT INTO notify_instance (id, test_to, team, made_us, made_by) VALUES (1, ?1, ?2, ?3, ?4)",
                 BOUND(B_TEXT(t->test_recipient), B_TEXT(t->from.name), B_TIME(ledger_now(l)), B_TEXT(ledger_who(l))), e) &&
        ledger_audit(l, "notify.instance", t->from.name, t->test_recipient.n ? STR("test") : STR("real"), e) && ledger_commit(l, e))
        return true;
    ledger_rollback(l);
    return false;
}
