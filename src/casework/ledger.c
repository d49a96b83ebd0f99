/* See ledger.h. */
#include "casework/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "casework/ledger_bytes.h"
#include "casework/ledger_rows.h"
#include "casework/tables.h"
#include "store/bind.h"

/* --- open and close --- */

bool ledger_open(struct ledger **ret, struct store *s, struct os *os, struct str who, struct err *e)
{
    struct ledger *l = calloc(1, sizeof *l);

    who = str_sub(who, 0, LEDGER_TEXT_MAX);
    if (!l || !(l->hash = hash_open(HASH_SHA256)) || !(l->name = malloc(who.n + 1)) || !(l->text = malloc(LEDGER_TEXT_MAX))) {
        ledger_close(l);
        return err_set(e, ERR_MEMORY, "no room for a ledger");
    }
    if (who.n)
        memcpy(l->name, who.p, who.n);
    l->name_n = who.n;
    l->s = s;
    l->os = os;
    l->file_now = TIME_NONE;
    if (!store_migrate(s, &casework_layer, e)) {
        ledger_close(l);
        return false;
    }
    *ret = l;
    return true;
}

void ledger_close(struct ledger *l)
{
    if (!l)
        return;
    ledger_rollback(l);
    hash_close(l->hash);
    free(l->name);
    free(l->text);
    free(l);
}

struct store *ledger_store(struct ledger *l) { return l->s; }
struct str ledger_who(const struct ledger *l) { return (struct str){ l->name, l->name_n }; }
int64_t ledger_now(const struct ledger *l) { return l->file_now != TIME_NONE ? l->file_now : l->os->now_us(l->os); }

bool ledger_begin(struct ledger *l, struct err *e)
{
    l->in_transaction = store_begin(l->s, e);
    return l->in_transaction;
}

bool ledger_commit(struct ledger *l, struct err *e)
{
    if (!l->in_transaction)
        return err_set(e, ERR_USAGE, "nothing to commit");
    if (ledger_rows_end(l, e) && store_commit(l->s, e)) {
        l->in_transaction = false;
        return true;
    }
    ledger_rollback(l);
    return false;
}

void ledger_rollback(struct ledger *l)
{
    if (l->in_transaction) {
        store_rollback(l->s);
        ledger_rows_drop(l);
    }
    l->in_transaction = false;
    l->file_now = TIME_NONE;
}

/* --- statements --- */

static bool run(struct ledger *l, const char *sql, const struct bound *v, size_t n, struct err *e)
{
    return l->in_transaction ? bind_run(l->s, sql, v, n, e) : err_set(e, ERR_USAGE, "a row outside ledger_begin and ledger_commit");
}
#define RUN(l, sql, e, ...) run(l, sql, BOUND(__VA_ARGS__), e)

static struct str cut(struct str s) { return str_sub(s, 0, LEDGER_TEXT_MAX); }

/* --- campaigns and sources --- */

bool ledger_campaign(struct ledger *l, const struct case_campaign *c, int64_t *ret, struct err *e)
{
    const struct str part[] = { STR("campaign"), c->slug };
    int64_t id = ledger_number(part, COUNT_OF(part));

    if (c->slug.n == 0)
        return err_set(e, ERR_USAGE, "a campaign without a name");
    if (!RUN(l, "INSERT INTO case_campaign (id, slug, title, build_group, begun_us, report_us, patch_us, code_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
                "ON CONFLICT (id) DO UPDATE SET title = ?3, build_group = ?4, begun_us = ?5, report_us = ?6, patch_us = ?7, code_us = ?8", e,
             B_INT(id), B_TEXT(cut(c->slug)), B_TEXT(cut(c->title)), B_TEXT(cut(c->group)), B_TIME(c->begun_us), B_TIME(c->report_us), B_TIME(c->patch_us), B_TIME(c->code_us)))
        return false;
    *ret = id;
    return true;
}

bool ledger_campaign_find(struct store *s, struct str slug, struct arena *a, struct case_campaign *ret, struct err *e)
{
    struct store_stmt *st;
    struct case_campaign c = { 0 };

    if (!store_prepare(s, "SELECT id, slug, title, build_group, begun_us, report_us, patch_us, code_us FROM case_campaign WHERE slug = ?1 OR ?1 = '' ORDER BY slug", &st, e))
        return false;
    store_bind_text(st, 1, slug);
    enum store_got got = store_step(st, e);
    if (got == STORE_ROW) {
        c = (struct case_campaign){ store_int(st, 0), str_dup(a, store_text(st, 1)), str_dup(a, store_text(st, 2)), str_dup(a, store_text(st, 3)),
                                    store_time(st, 4), store_time(st, 5), store_time(st, 6), store_time(st, 7) };
        if (!c.slug.p || !c.title.p || !c.group.p)
            got = err_set(e, ERR_MEMORY, "no room for a campaign") ? STORE_ROW : STORE_FAILED;
        else if (slug.n == 0 && store_step(st, e) == STORE_ROW) {
            err_set(e, ERR_USAGE, "there are several campaigns");
            got = err_hint(e, "name one with --campaign") ? STORE_ROW : STORE_FAILED;
        }
    }
    store_finish(st);
    if (got == STORE_ROW && e->kind == ERR_NONE)
        *ret = c;
    return got == STORE_ROW && e->kind == ERR_NONE;
}

bool ledger_source(struct ledger *l, const struct case_source *s, int64_t *ret, struct err *e)
{
    const struct str org = s->organisation.n ? s->organisation : s->name, part[] = { STR("source"), s->name, org };
    int64_t id = ledger_number(part, COUNT_OF(part));

    if (!RUN(l, "INSERT INTO case_source (id, name, organisation, tlp, releasable) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET tlp = ?4, releasable = ?5", e,
             B_INT(id), B_TEXT(cut(s->name)), B_TEXT(cut(org)), B_TEXT(cut(s->tlp)), B_INT(s->releasable)))
        return false;
    *ret = id;
    return true;
}

/* --- files --- */

static int64_t file_number(const struct ledger_file *f)
{
    uint8_t about[8];

    for (int i = 0; i < 8; i++)
        about[i] = (uint8_t)((uint64_t)f->campaign >> (56 - 8 * i));
    const struct str part[] = { STR("file"), { f->sha256, 32 }, f->kind, { about, sizeof about } };
    return ledger_number(part, COUNT_OF(part));
}

bool ledger_file_begin(struct ledger *l, const struct ledger_file *f, enum ledger_state *ret, int64_t *ret_file, struct err *e)
{
    int64_t id = file_number(f), was[2] = { 0 }, when;

    if (f->bytes.n > LEDGER_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "%zu bytes of evidence; %d can be kept", f->bytes.n, LEDGER_BYTES_MAX);
    bool there = bind_ask(l->s, "SELECT whole, recorded_us FROM case_file WHERE id = ?1", BOUND(B_INT(id)), was, 2, e);
    if (!there && e->kind != ERR_NONE)
        return false;
    *ret_file = id;
    *ret = was[0] ? LEDGER_WHOLE : there ? LEDGER_AGAIN : LEDGER_NEW;
    if (was[0])
        return true;
    /* What the first half recorded keeps its time, and so does the rest. */
    l->put = l->fresh = 0;
    when = was[1];
    if (!there) {
        when = l->os->now_us(l->os);
        if (!RUN(l, "INSERT INTO case_file (id, sha256, name, kind, size_bytes, campaign, source, recorded_us, whole, rows_n, taken, known, refused) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, 0, 0, 0, 0)", e,
                 B_INT(id), B_BYTES(((struct str){ f->sha256, 32 })), B_TEXT(cut(f->name)), B_TEXT(cut(f->kind)), B_INT(f->size_bytes), B_INT(f->campaign), B_INT(f->source), B_INT(when)))
            return false;
        if (f->bytes.n) {
            struct str packed;

            if (!ledger_bytes_deflate(f->bytes, &packed, e))
                return false;
            bool ok = RUN(l, "INSERT INTO case_bytes (file, deflated, size_bytes) VALUES (?1, ?2, ?3)", e, B_INT(id), B_BYTES(packed), B_INT(f->bytes.n));
            free((void *)packed.p);
            if (!ok)
                return false;
        }
    }
    l->file_now = when;
    return true;
}

bool ledger_file_end(struct ledger *l, int64_t file, const struct ledger_counts *c, struct err *e)
{
    if (!ledger_rows_end(l, e) ||
        !RUN(l, "UPDATE case_file SET whole = 1, rows_n = ?2, taken = ?3, known = ?4, refused = ?5 WHERE id = ?1", e, B_INT(file), B_INT(c->rows), B_INT(c->taken), B_INT(c->known), B_INT(c->refused)))
        return false;
    l->file_now = TIME_NONE;
    return true;
}

bool ledger_file_bytes(struct store *s, int64_t file, struct arena *a, struct str *ret, struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(s, "SELECT deflated, size_bytes FROM case_bytes WHERE file = ?1", &st, e))
        return false;
    store_bind_int(st, 1, file);
    enum store_got got = store_step(st, e);
    bool ok = got == STORE_ROW && ledger_bytes_inflate(store_bytes(st, 0), store_int(st, 1), a, ret, e);
    store_finish(st);
    return ok;
}

void ledger_said(struct ledger *l, uint64_t *ret_rows, uint64_t *ret_known)
{
    *ret_rows = l->put;
    *ret_known = l->put > l->fresh ? l->put - l->fresh : 0;
}

/* --- people --- */

bool ledger_audit(struct ledger *l, const char *what, struct str about, struct str detail, struct err *e)
{
    return RUN(l, "INSERT INTO case_audit (at_us, who, what, about, detail) VALUES (?1, ?2, ?3, ?4, ?5)", e,
               B_INT(l->os->now_us(l->os)), B_TEXT(((struct str){ l->name, l->name_n })), B_TEXT(str_c(what)), B_TEXT(cut(about)), B_TEXT(cut(detail)));
}

/* A decision has a name and a reason. */
static bool reasoned(struct ledger *l, struct str why, struct err *e)
{
    if (str_trim(why).n == 0)
        return err_set(e, ERR_USAGE, "a decision needs a reason");
    return l->name_n || err_set(e, ERR_USAGE, "a decision needs the name of who takes it");
}

bool ledger_revoke(struct ledger *l, int64_t link, struct str why, struct err *e)
{
    char    text[32];
    int64_t n = 0;

    if (!reasoned(l, why, e) || !ledger_rows_end(l, e))
        return false;
    if (!bind_ask(l->s, "SELECT id FROM case_link WHERE id = ?1 UNION ALL SELECT id FROM case_entry WHERE id = ?1 UNION ALL SELECT id FROM case_mx WHERE id = ?1", BOUND(B_INT(link)), &n, 1, e))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_USAGE, "no link has the number %lld", (long long)link);
    snprintf(text, sizeof text, "link %lld", (long long)link);
    return RUN(l, "INSERT INTO case_revoked (link, who, why, at_us) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (link) DO NOTHING", e,
               B_INT(link), B_TEXT(((struct str){ l->name, l->name_n })), B_TEXT(cut(why)), B_INT(l->os->now_us(l->os))) &&
           ledger_audit(l, "revoke", str_c(text), why, e);
}

bool ledger_rule(struct ledger *l, enum org_key kind, struct str value, const char *country, int what, struct str why, struct err *e)
{
    int64_t now = l->os->now_us(l->os);

    if ((unsigned)kind >= ORG_KEYS || what < 1 || what > 2 || value.n == 0)
        return err_set(e, ERR_USAGE, "no such ruling");
    if (!reasoned(l, why, e))
        return false;
    mix_begin(l, LEDGER_LINK);
    mix_int(l, kind);
    mix_str(l, value);
    mix_str(l, str_c(country ? country : ""));
    mix_int(l, what);
    mix_int(l, now);
    return RUN(l, "INSERT INTO case_ruling (id, kind, value, country, what, who, why, at_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING", e,
               B_INT(mix_number(l)), B_INT(kind), B_TEXT(cut(value)), B_TEXT(str_c(country ? country : "")), B_INT(what), B_TEXT(((struct str){ l->name, l->name_n })), B_TEXT(cut(why)), B_INT(now)) &&
           ledger_audit(l, what == 1 ? "ruled an owner's" : "ruled a provider's", value, why, e);
}

/* --- nonces --- */

static bool nonce_hash(int64_t case_, struct str nonce, uint8_t ret[HASH_SHA256_BYTES])
{
    uint8_t text[64];
    size_t  n = 0;

    for (int i = 0; i < 8; i++)
        text[n++] = (uint8_t)((uint64_t)case_ >> (56 - 8 * i));
    for (size_t i = 0; i < nonce.n && n < sizeof text; i++)
        text[n++] = ch_lower(nonce.p[i]);
    return hash_sha256((struct str){ text, n }, ret);
}

bool ledger_nonce(struct ledger *l, int64_t case_, int64_t until_us, char ret[NONCE_TEXT], struct err *e)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";       /* RFC 4648, base32 */
    uint8_t  random[17] = { 0 }, hash[HASH_SHA256_BYTES];
    char     text[NONCE_TEXT], about[32];
    int64_t  now = l->os->now_us(l->os);

    if (!os_random(random, 16, e))
        return false;
    for (int i = 0; i < NONCE_TEXT - 1; i++) {
        int bit = i * 5;
        text[i] = letters[(random[bit / 8] << 8 | random[bit / 8 + 1]) >> (11 - bit % 8) & 31];
    }
    text[NONCE_TEXT - 1] = 0;
    if (!nonce_hash(case_, str_c(text), hash))
        return err_set(e, ERR_MEMORY, "no SHA-256");
    snprintf(about, sizeof about, "case %lld", (long long)case_);
    if (!RUN(l, "INSERT INTO case_nonce (hash, case_id, issued_us, until_us) VALUES (?1, ?2, ?3, ?4)", e, B_BYTES(((struct str){ hash, sizeof hash })), B_INT(case_), B_INT(now),
             B_INT(until_us == TIME_NONE ? now + 90 * TIME_DAY : until_us)) ||
        !ledger_audit(l, "nonce", str_c(about), STR_EMPTY, e))
        return false;
    memcpy(ret, text, sizeof text);
    return true;
}

bool ledger_nonce_check(struct store *s, int64_t case_, struct str nonce, int64_t at_us, bool *ret, struct err *e)
{
    uint8_t hash[HASH_SHA256_BYTES];
    int64_t n = 0;

    if (nonce.n != NONCE_TEXT - 1) {
        *ret = false;
        return true;
    }
    if (!nonce_hash(case_, nonce, hash))
        return err_set(e, ERR_MEMORY, "no SHA-256");
    if (!bind_ask(s, "SELECT count(*) FROM case_nonce WHERE hash = ?1 AND case_id = ?2 AND issued_us <= ?3 AND until_us >= ?3 AND (revoked_us IS NULL OR revoked_us > ?3)",
                  BOUND(B_BYTES(((struct str){ hash, sizeof hash })), B_INT(case_), B_INT(at_us)), &n, 1, e))
        return false;
    *ret = n == 1;
    return true;
}

bool ledger_nonce_revoke(struct ledger *l, int64_t case_, struct str why, uint64_t *ret_n, struct err *e)
{
    int64_t now = l->os->now_us(l->os), n = 0;
    char    about[32];

    if (!reasoned(l, why, e) ||
        !bind_ask(l->s, "SELECT count(*) FROM case_nonce WHERE case_id = ?1 AND revoked_us IS NULL AND until_us >= ?2", BOUND(B_INT(case_), B_INT(now)), &n, 1, e))
        return false;
    snprintf(about, sizeof about, "case %lld", (long long)case_);
    *ret_n = (uint64_t)n;
    return RUN(l, "UPDATE case_nonce SET revoked_us = ?2 WHERE case_id = ?1 AND revoked_us IS NULL AND until_us >= ?2", e, B_INT(case_), B_INT(now)) &&
           ledger_audit(l, "nonces revoked", str_c(about), why, e);
}

/* --- names of cases --- */

int32_t case_year(const struct case_campaign *c)
{
    const int64_t at[] = { c->begun_us, c->report_us, c->patch_us, c->code_us };
    char    text[TIME_TEXT];
    int32_t year = 0;

    for (size_t i = 0; i < COUNT_OF(at); i++)
        if (at[i] != TIME_NONE) {
            time_text(at[i], text);
            for (int k = 0; k < 4; k++)
                year = year * 10 + (text[k] - '0');
            return year;
        }
    return 1970;
}

void case_name(int64_t case_, int32_t year, char ret[CASE_NAME_TEXT]) { snprintf(ret, CASE_NAME_TEXT, "%04d-%06lld", (int)year, (long long)case_); }

bool case_name_parse(struct str s, int64_t *ret_case)
{
    struct str year;
    uint64_t   n, y;

    if (str_chr(s, '-') != STR_NONE && (!str_cut(&s, '-', &year) || year.n != 4 || !num_u64(year, &y)))
        return false;
    if (s.n == 0 || s.n > 18 || !num_u64(s, &n) || n == 0)
        return false;
    *ret_case = (int64_t)n;
    return true;
}
