/* Rows of the ledger: see ledger.h. */
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "casework/ledger_rows.h"

static struct str two(const char country[3]) { return (struct str){ (const uint8_t *)country, strnlen(country, 2) }; }

bool ledger_refuse(struct ledger *l, int64_t file, uint64_t line, const char *why, struct str raw, struct err *e)
{
    struct store_bulk *b = row_begin(l, LEDGER_REFUSED, e);

    if (!b)
        return false;
    store_bulk_int(b, file);
    store_bulk_int(b, (int64_t)(line > INT64_MAX ? INT64_MAX : line));
    row_text(b, str_c(why));
    store_bulk_bytes(b, str_sub(raw, 0, 4096));
    return row_end(l, b, e);
}

/* --- servers --- */

static int by_bytes(const void *a, const void *b)
{
    const struct str *x = a, *y = b;
    return str_cmp(*x, *y);
}

bool ledger_subject(struct ledger *l, const struct subject *s, int64_t *ret, struct err *e)
{
    struct str name[LEDGER_NAMES_MAX];
    size_t     n = 0, kept = 0;

    for (size_t i = 0; i < s->name_n && n < LEDGER_NAMES_MAX; i++)
        if (s->name[i].n)
            name[n++] = str_sub(s->name[i], 0, LEDGER_TEXT_MAX);
    qsort(name, n, sizeof *name, by_bytes);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || !str_eq(name[i], name[kept - 1]))
            name[kept++] = name[i];
    n = kept;
    if (!s->has_ip && !s->has_tls && n == 0 && s->node.n == 0) {
        err_set(e, ERR_USAGE, "nothing tells which server is meant");
        return err_hint(e, "an address, a host name, a certificate or a computer name is needed");
    }
    mix_begin(l, LEDGER_SUBJECT);
    mix_ip(l, s->has_ip, s->ip);
    mix_int(l, s->port);
    mix_str(l, s->has_tls ? (struct str){ s->tls, 32 } : STR_EMPTY);
    mix_str(l, ledger_lower(l, s->node));
    mix_str(l, ledger_lower(l, s->domain));
    for (size_t i = 0; i < n; i++)
        mix_str(l, ledger_lower(l, name[i]));
    int64_t id = mix_number(l);

    struct store_bulk *b = row_begin(l, LEDGER_SUBJECT, e);
    if (!b)
        return false;
    store_bulk_int(b, id);
    row_ip(b, s->has_ip, s->ip);
    store_bulk_int(b, s->port);
    if (s->has_tls)
        store_bulk_bytes(b, (struct str){ s->tls, 32 });
    else
        store_bulk_null(b);
    row_text(b, ledger_lower(l, s->node));
    row_text(b, ledger_lower(l, s->domain));
    if (!row_end(l, b, e))
        return false;
    for (size_t i = 0; i < n; i++) {
        b = row_begin(l, LEDGER_SUBJECT_NAME, e);
        if (!b)
            return false;
        store_bulk_int(b, id);
        row_text(b, ledger_lower(l, name[i]));
        if (!row_end(l, b, e))
            return false;
    }
    *ret = id;
    return true;
}

bool ledger_place(struct ledger *l, int64_t subject, const char country[3], uint32_t asn, const struct ledger_from *from, struct err *e)
{
    struct store_bulk *b;

    if (!country[0] && !asn)
        return true;
    b = row_begin(l, LEDGER_PLACE, e);
    if (!b)
        return false;
    store_bulk_int(b, subject);
    row_text(b, two(country));
    store_bulk_int(b, asn);
    store_bulk_int(b, from->source);
    return row_end(l, b, e);
}

/* --- what ties them to owners --- */

static void put_from(struct store_bulk *b, const struct ledger_from *from)
{
    store_bulk_int(b, from->source);
    store_bulk_int(b, from->file);
    store_bulk_int(b, (int64_t)(from->line > INT64_MAX ? INT64_MAX : from->line));
}

bool ledger_link(struct ledger *l, const struct case_link *k, const struct ledger_from *from, int64_t *ret, struct err *e)
{
    if ((unsigned)k->kind >= ORG_KEYS || k->confidence > 100 || k->value.n == 0)
        return err_set(e, ERR_USAGE, "%s", k->value.n == 0 ? "a link without a value" : k->confidence > 100 ? "a confidence over 100" : "no such kind of link");
    mix_begin(l, LEDGER_LINK);
    mix_int(l, k->subject);
    mix_int(l, k->kind);
    mix_str(l, k->value);
    mix_str(l, two(k->country));
    mix_int(l, k->confidence);
    mix_str(l, k->name);
    mix_str(l, k->sector);
    mix_str(l, k->size);
    mix_int(l, from->source);
    int64_t id = mix_number(l);

    struct store_bulk *b = row_begin(l, LEDGER_LINK, e);
    if (!b)
        return false;
    store_bulk_int(b, id);
    store_bulk_int(b, k->subject);
    store_bulk_int(b, k->kind);
    row_text(b, k->value);
    row_text(b, two(k->country));
    store_bulk_int(b, k->confidence);
    row_text(b, k->name);
    row_text(b, k->sector);
    row_text(b, k->size);
    put_from(b, from);
    row_time(b, k->observed_us);
    store_bulk_int(b, ledger_now(l));
    if (!row_end(l, b, e))
        return false;
    if (ret)
        *ret = id;
    return true;
}

bool ledger_entry(struct ledger *l, const struct case_entry *x, const struct ledger_from *from, struct err *e)
{
    if (x->number.n == 0 || (x->domain.n == 0 && !x->has_network && !x->asn && x->name.n == 0))
        return err_set(e, ERR_USAGE, "%s", x->number.n == 0 ? "an entry without a number" : "an entry that says nothing: neither name, domain nor network");
    if (x->has_network && memcmp(x->first, x->last, 16) > 0)
        return err_set(e, ERR_USAGE, "a network that ends before it begins");
    mix_begin(l, LEDGER_ENTRY);
    mix_str(l, x->list);
    mix_str(l, x->number);
    mix_int(l, x->registered);
    mix_str(l, x->name);
    mix_str(l, x->sector);
    mix_str(l, x->size);
    mix_str(l, ledger_lower(l, x->domain));
    mix_ip(l, x->has_network, x->first);
    mix_ip(l, x->has_network, x->last);
    mix_int(l, x->asn);
    mix_str(l, two(x->country));
    mix_int(l, x->since_us);
    mix_int(l, x->until_us);
    mix_int(l, from->source);

    struct store_bulk *b = row_begin(l, LEDGER_ENTRY, e);
    if (!b)
        return false;
    store_bulk_int(b, mix_number(l));
    row_text(b, x->list);
    row_text(b, x->number);
    store_bulk_int(b, x->registered);
    row_text(b, x->name);
    row_text(b, x->sector);
    row_text(b, x->size);
    row_text(b, ledger_lower(l, x->domain));
    row_ip(b, x->has_network, x->first);
    row_ip(b, x->has_network, x->last);
    store_bulk_int(b, x->asn);
    row_text(b, two(x->country));
    row_time(b, x->since_us);
    row_time(b, x->until_us);
    put_from(b, from);
    store_bulk_int(b, ledger_now(l));
    return row_end(l, b, e);
}

bool ledger_mx(struct ledger *l, const struct case_mx *x, const struct ledger_from *from, struct err *e)
{
    if (x->domain.n == 0 || (x->host.n == 0 && !x->has_ip))
        return err_set(e, ERR_USAGE, "%s", x->domain.n == 0 ? "an MX without a domain" : "an MX without host and address");
    mix_begin(l, LEDGER_MX);
    mix_str(l, ledger_lower(l, x->domain));
    mix_str(l, ledger_lower(l, x->host));
    mix_ip(l, x->has_ip, x->ip);
    mix_int(l, from->source);
    mix_int(l, x->observed_us);
    if (x->has_tls)
        mix_str(l, (struct str){ x->tls, 32 });

    struct store_bulk *b = row_begin(l, LEDGER_MX, e);
    if (!b)
        return false;
    store_bulk_int(b, mix_number(l));
    row_text(b, ledger_lower(l, x->domain));
    row_text(b, ledger_lower(l, x->host));
    row_ip(b, x->has_ip, x->ip);
    if (x->has_tls)
        store_bulk_bytes(b, (struct str){ x->tls, 32 });
    else
        store_bulk_null(b);
    put_from(b, from);
    row_time(b, x->observed_us);
    store_bulk_int(b, ledger_now(l));
    return row_end(l, b, e);
}

bool ledger_contact(struct ledger *l, const struct case_contact *x, const struct ledger_from *from, int64_t *ret, struct err *e)
{
    if ((unsigned)x->channel >= CONTACT_CHANNELS || (unsigned)x->about >= CONTACT_ABOUTS || x->rung < 1 || x->rung > 13 || x->address.n == 0 || x->about_value.n == 0)
        return err_set(e, ERR_USAGE, "%s", x->address.n == 0 ? "a contact without an address" : x->about_value.n == 0 ? "a contact of nobody" : "no such kind of contact");
    mix_begin(l, LEDGER_CONTACT);
    mix_int(l, x->channel);
    mix_str(l, x->address);
    mix_int(l, x->about);
    mix_str(l, x->about_value);
    mix_int(l, x->rung);
    mix_str(l, x->role);
    mix_str(l, x->name);
    mix_str(l, x->language);
    mix_str(l, x->pgp);
    mix_int(l, x->observed_us);
    mix_int(l, x->until_us);
    mix_int(l, x->manual);
    mix_int(l, from->source);
    int64_t id = mix_number(l);

    struct store_bulk *b = row_begin(l, LEDGER_CONTACT, e);
    if (!b)
        return false;
    store_bulk_int(b, id);
    store_bulk_int(b, x->channel);
    row_text(b, x->address);
    store_bulk_int(b, x->about);
    row_text(b, x->about_value);
    store_bulk_int(b, x->rung);
    row_text(b, x->role);
    row_text(b, x->name);
    row_text(b, x->language);
    row_text(b, x->pgp);
    row_time(b, x->observed_us);
    row_time(b, x->until_us);
    store_bulk_int(b, x->manual);
    put_from(b, from);
    store_bulk_int(b, ledger_now(l));
    if (!row_end(l, b, e))
        return false;
    if (ret)
        *ret = id;
    return true;
}

/* --- facts --- */

static bool fact_known(struct ledger *l, int64_t id, bool *ret, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(l->s, "SELECT id FROM case_fact WHERE id = ?1", &st, e))
        return false;
    store_bind_int(st, 1, id);
    enum store_got got = store_step(st, e);
    store_finish(st);
    *ret = got == STORE_ROW;
    return got != STORE_FAILED;
}

bool ledger_fact(struct ledger *l, int64_t campaign, enum fact_of of, int64_t case_, const struct fact *given, const struct ledger_from *from, bool *ret_new, struct err *e)
{
    struct fact f = *given;
    bool        known = false;

    f.recorded_us = ledger_now(l);
    f.source = (uint64_t)from->source;
    if (f.who.n == 0)
        f.who = (struct str){ l->name, l->name_n };
    if (!fact_check(&f, e))
        return false;
    if (of == FACT_OF_SERVER ? f.subject == 0 : case_ == 0)
        return err_set(e, ERR_USAGE, "a fact about nothing");
    mix_begin(l, LEDGER_FACT);
    mix_int(l, campaign);
    mix_int(l, of);
    mix_int(l, of == FACT_OF_CASE ? case_ : 0);
    mix_int(l, (int64_t)f.subject);
    mix_int(l, f.kind);
    mix_int(l, f.grade);
    mix_int(l, f.value);
    mix_int(l, f.flags);
    mix_int(l, f.attempt);
    mix_int(l, (int64_t)f.source);
    mix_int(l, (int64_t)f.finding);
    mix_int(l, f.observed_us);
    mix_int(l, f.own_us);
    mix_str(l, f.reason);
    /* A person may say the same twice, at two times. A file says it once. */
    if (from->file == 0) {
        mix_str(l, f.who);
        mix_int(l, f.recorded_us);
    }
    int64_t id = mix_number(l);
    if (ret_new && !fact_known(l, id, &known, e))
        return false;

    struct store_bulk *b = row_begin(l, LEDGER_FACT, e);
    if (!b)
        return false;
    store_bulk_int(b, id);
    store_bulk_int(b, campaign);
    store_bulk_int(b, of);
    store_bulk_int(b, of == FACT_OF_CASE ? case_ : 0);
    store_bulk_int(b, (int64_t)f.subject);
    store_bulk_int(b, f.kind);
    store_bulk_int(b, f.grade);
    store_bulk_int(b, f.value);
    store_bulk_int(b, f.flags);
    store_bulk_int(b, f.attempt);
    store_bulk_int(b, (int64_t)f.source);
    store_bulk_int(b, (int64_t)f.finding);
    row_time(b, f.observed_us);
    store_bulk_int(b, f.recorded_us);
    row_time(b, f.own_us);
    row_text(b, f.reason);
    row_text(b, from->file ? STR_EMPTY : f.who);
    store_bulk_int(b, from->file);
    store_bulk_int(b, (int64_t)(from->line > INT64_MAX ? INT64_MAX : from->line));
    if (!row_end(l, b, e))
        return false;
    if (ret_new)
        *ret_new = !known;
    return true;
}

/* --- reports --- */

bool ledger_report(struct ledger *l, const struct case_report *r, struct err *e)
{
    const struct str word[] = { r->verdict, r->door_open, r->theft, r->tool, r->packs };
    const int64_t    when[] = { r->hunted_us, r->from_us, r->to_us, r->patched_us, r->newest_us, r->placed_us, r->used_us, r->last_us, r->entered_us };
    struct store_bulk *b = row_begin(l, LEDGER_REPORT, e);

    if (!b)
        return false;
    store_bulk_int(b, r->file);
    store_bulk_int(b, r->campaign);
    store_bulk_int(b, r->subject);
    for (size_t i = 0; i < COUNT_OF(word); i++)
        row_text(b, word[i]);
    store_bulk_int(b, r->grade);
    row_text(b, r->why);
    for (size_t i = 0; i < COUNT_OF(when); i++)
        row_time(b, when[i]);
    store_bulk_int(b, r->re_entered);
    store_bulk_int(b, r->beyond);
    store_bulk_int(b, r->nonce_ok);
    store_bulk_int(b, r->back_doors);
    store_bulk_int(b, r->ways_back);
    store_bulk_int(b, (int64_t)(r->mail_bytes > INT64_MAX ? INT64_MAX : r->mail_bytes));
    store_bulk_int(b, ledger_now(l));
    return row_end(l, b, e);
}

bool ledger_door(struct ledger *l, int64_t file, int64_t campaign, const struct case_door *d, struct err *e)
{
    const struct str word[] = { d->path, d->state, d->kind, d->used, d->sha256, d->key, d->intruder };
    const int64_t    when[] = { d->created_us, d->removed_us, d->first_us, d->last_us };
    struct store_bulk *b = row_begin(l, LEDGER_DOOR, e);

    if (!b)
        return false;
    store_bulk_int(b, file);
    store_bulk_int(b, campaign);
    store_bulk_int(b, d->way);
    store_bulk_int(b, d->at);
    store_bulk_int(b, (int64_t)d->finding);
    for (size_t i = 0; i < COUNT_OF(word); i++)
        row_text(b, word[i]);
    for (size_t i = 0; i < COUNT_OF(when); i++)
        row_time(b, when[i]);
    store_bulk_int(b, (int64_t)(d->requests > INT64_MAX ? INT64_MAX : d->requests));
    return row_end(l, b, e);
}

bool ledger_feature(struct ledger *l, int64_t file, int64_t campaign, int64_t subject, uint32_t session, enum intruder_feature kind, struct str value, int64_t first_us,
                    struct err *e)
{
    struct store_bulk *b;

    if ((unsigned)kind >= INTRUDER_FEATURES)
        return err_set(e, ERR_USAGE, "no such feature");
    mix_begin(l, LEDGER_FEATURE);
    mix_int(l, file);
    mix_int(l, campaign);
    mix_int(l, subject);
    mix_int(l, session);
    mix_int(l, kind);
    mix_str(l, value);
    b = row_begin(l, LEDGER_FEATURE, e);
    if (!b)
        return false;
    store_bulk_int(b, mix_number(l));
    store_bulk_int(b, file);
    store_bulk_int(b, campaign);
    store_bulk_int(b, subject);
    store_bulk_int(b, session);
    store_bulk_int(b, kind);
    row_text(b, value);
    row_time(b, first_us);
    return row_end(l, b, e);
}
