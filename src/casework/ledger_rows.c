/* See ledger_rows.h. */
#include "casework/ledger_rows.h"

#include <string.h>

static const struct { const char *name, *columns; } tables[LEDGER_TABLES] = {
    [LEDGER_SUBJECT]      = { "case_subject", "id, ip, port, tls, node, domain" },
    [LEDGER_SUBJECT_NAME] = { "case_subject_name", "subject, name" },
    [LEDGER_PLACE]        = { "case_place", "subject, country, asn, source" },
    [LEDGER_LINK]         = { "case_link", "id, subject, kind, value, country, confidence, name, sector, size, source, file, line, observed_us, recorded_us" },
    [LEDGER_ENTRY]        = { "case_entry", "id, list, number, registered, name, sector, size, domain, first_ip, last_ip, asn, country, since_us, until_us, source, file, line, recorded_us" },
    [LEDGER_MX]           = { "case_mx", "id, domain, host, ip, tls, source, file, line, observed_us, recorded_us" },
    [LEDGER_CONTACT]      = { "case_contact", "id, channel, address, about, about_value, rung, role, name, language, pgp, observed_us, until_us, manual, source, file, line, recorded_us" },
    [LEDGER_FACT]         = { "case_fact", "id, campaign, of_case, case_id, subject, kind, grade, value, flags, attempt, source, finding, observed_us, recorded_us, own_us, reason, who, file, line" },
    [LEDGER_REPORT]       = { "case_report", "file, campaign, subject, verdict, door_open, theft, tool, packs, grade, why, hunted_us, from_us, to_us, patched_us, newest_us, placed_us, used_us, "
                                             "last_us, entered_us, re_entered, beyond, nonce_ok, back_doors, ways_back, mail_bytes, recorded_us" },
    [LEDGER_DOOR]         = { "case_door", "file, campaign, way, at, finding, path, state, kind, used, sha256, shell_key, intruder, created_us, removed_us, first_us, last_us, requests" },
    [LEDGER_FEATURE]      = { "case_feature", "id, file, campaign, subject, session, kind, value, first_us" },
    [LEDGER_REFUSED]      = { "case_refused", "file, line, why, raw" },
};

/* What is counted as said: not the servers it speaks of, nor what was refused. */
static bool counts(int t) { return t != LEDGER_SUBJECT && t != LEDGER_SUBJECT_NAME && t != LEDGER_REFUSED && t != LEDGER_PLACE; }

/* --- numbers --- */

static void push_u64(struct ledger *l, uint64_t v)
{
    uint8_t b[8];

    for (int i = 0; i < 8; i++)
        b[i] = (uint8_t)(v >> (56 - 8 * i));
    hash_push(l->hash, (struct str){ b, sizeof b });
}

void mix_begin(struct ledger *l, enum ledger_table t) { push_u64(l, (uint64_t)t); }
void mix_int(struct ledger *l, int64_t v) { push_u64(l, (uint64_t)v); }

void mix_str(struct ledger *l, struct str s)
{
    s = str_sub(s, 0, LEDGER_TEXT_MAX);
    push_u64(l, s.n);
    hash_push(l->hash, s);
}

void mix_ip(struct ledger *l, bool has, const uint8_t ip[16]) { mix_str(l, has ? (struct str){ ip, 16 } : STR_EMPTY); }
void mix_bytes(struct ledger *l, uint8_t ret[32]) { hash_done(l->hash, ret); }

static int64_t number(const uint8_t d[HASH_SHA256_BYTES])
{
    uint64_t v = 0;

    for (int i = 0; i < 8; i++)
        v = v << 8 | d[i];
    return (int64_t)(v >> 1 ? v >> 1 : 1);
}

int64_t mix_number(struct ledger *l)
{
    uint8_t d[HASH_SHA256_BYTES];

    hash_done(l->hash, d);
    return number(d);
}

int64_t ledger_number(const struct str *part, size_t n)
{
    uint8_t d[HASH_SHA256_BYTES] = { 0 };
    struct hash *h = hash_open(HASH_SHA256);

    for (size_t i = 0; h && i < n; i++) {
        uint8_t b[8];
        for (int k = 0; k < 8; k++)
            b[k] = (uint8_t)((uint64_t)part[i].n >> (56 - 8 * k));
        hash_push(h, (struct str){ b, sizeof b });
        hash_push(h, part[i]);
    }
    if (h)
        hash_done(h, d);
    hash_close(h);
    return number(d);
}

/* --- rows --- */

struct store_bulk *row_begin(struct ledger *l, enum ledger_table t, struct err *e)
{
    if (!l->in_transaction) {
        err_set(e, ERR_USAGE, "a row outside ledger_begin and ledger_commit");
        return NULL;
    }
    if (!l->bulk[t] && !store_bulk_begin(l->s, tables[t].name, tables[t].columns, STORE_KEEP_OLD, &l->bulk[t], e))
        return NULL;
    l->put += counts((int)t);
    return l->bulk[t];
}

bool row_end(struct ledger *l, struct store_bulk *b, struct err *e)
{
    (void)l;
    return store_bulk_row(b, e);
}

void row_text(struct store_bulk *b, struct str s) { store_bulk_text(b, str_sub(s, 0, LEDGER_TEXT_MAX)); }

void row_time(struct store_bulk *b, int64_t us)
{
    if (us == TIME_NONE)
        store_bulk_null(b);
    else
        store_bulk_int(b, us);
}

void row_ip(struct store_bulk *b, bool has, const uint8_t ip[16])
{
    if (has)
        store_bulk_bytes(b, (struct str){ ip, 16 });
    else
        store_bulk_null(b);
}

bool ledger_rows_end(struct ledger *l, struct err *e)
{
    bool ok = true;

    for (int t = 0; t < LEDGER_TABLES && ok; t++) {
        uint64_t fresh = 0;
        ok = store_bulk_end(l->bulk[t], &fresh, e);
        l->bulk[t] = NULL;
        l->fresh += counts(t) ? fresh : 0;
    }
    return ok;
}

void ledger_rows_drop(struct ledger *l)
{
    struct err e = { .kind = ERR_IO };

    for (int t = 0; t < LEDGER_TABLES; t++) {
        store_bulk_end(l->bulk[t], NULL, &e);
        l->bulk[t] = NULL;
    }
}

struct str ledger_lower(struct ledger *l, struct str s)
{
    s = str_sub(s, 0, LEDGER_TEXT_MAX);
    for (size_t i = 0; i < s.n; i++)
        l->text[i] = ch_lower(s.p[i]);
    return (struct str){ l->text, s.n };
}
