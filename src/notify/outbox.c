/* See outbox.h: what is decided, and by whom it is set free. */
#include "notify/outbox.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/num.h"
#include "casework/suppress.h"
#include "notify/outbox_inner.h"

static const char *const stage_names[NOTICE_STAGES] = { "first", "remind1", "remind2", "escalate", "backdoor", "relapsed", "closing" };
static const char *const audience_names[AUDIENCES] = { "technical", "management", "provider", "csirt" };
static const char *const finding_names[NOTICE_FINDINGS] = { "vulnerable", "backdoored", "patched_backdoored", "relapsed", "clean" };
static const char *const decided_names[] = { "new", "known", "contact_taken", "suppressed" };
const char *notice_stage_name(enum notice_stage s) { return (unsigned)s < NOTICE_STAGES ? stage_names[s] : "unknown"; }
const char *notice_audience_name(enum notice_audience a) { return (unsigned)a < AUDIENCES ? audience_names[a] : "unknown"; }
const char *notice_finding_name(enum notice_finding f) { return (unsigned)f < NOTICE_FINDINGS ? finding_names[f] : "unknown"; }
const char *decided_name(enum decided d) { return (unsigned)d < COUNT_OF(decided_names) ? decided_names[d] : "unknown"; }

/* --- steps --- */

static const struct ledger_from hand = { 0 };

/* The cases that a merged notice tells besides its own; and what was escalated by it, once it is out. */
static bool others(struct ledger *l, int64_t notice, int64_t campaign, int64_t own, const struct fact *f, struct err *e)
{
    struct fact up = { .kind = FACT_ESCALATED, .attempt = 1, .observed_us = f->observed_us, .own_us = TIME_NONE };
    int64_t     last = INT64_MIN;

    for (;;) {
        struct store_stmt *st;
        enum store_got     got;
        struct { int64_t case_, stage; } some[256];
        size_t             n = 0;

        if (!bind_open(ledger_store(l), "SELECT case_id, stage FROM notify_also WHERE notice = ?1 AND case_id > ?2 ORDER BY case_id LIMIT 256", BOUND(B_INT(notice), B_INT(last)), &st, e))
            return false;
        for (; (got = store_step(st, e)) == STORE_ROW; n++) {
            some[n].case_ = last = store_int(st, 0);
            some[n].stage = store_int(st, 1);
        }
        store_finish(st);
        if (got == STORE_FAILED || n == 0)
            return got != STORE_FAILED;
        for (size_t i = 0; i < n; i++)
            if ((some[i].case_ != own && !ledger_fact(l, campaign, FACT_OF_CASE, some[i].case_, f, &hand, NULL, e)) ||
                (f->value == NOTICE_ACCEPTED && some[i].stage == STAGE_ESCALATE && !ledger_fact(l, campaign, FACT_OF_CASE, some[i].case_, &up, &hand, NULL, e)))
                return false;
    }
}

bool outbox_tell(struct ledger *l, int64_t notice, const struct step *x, struct err *e)
{
    struct store *s = ledger_store(l);
    int64_t       of[3];
    struct fact f = { .kind = FACT_NOTICE, .grade = GRADE_NONE, .value = (int32_t)x->to, .attempt = x->attempt ? x->attempt : 1, .subject = (uint64_t)notice,
                      .observed_us = x->at_us, .own_us = TIME_NONE, .reason = str_sub(x->detail, 0, LEDGER_TEXT_MAX) };

    if (!bind_ask(s, "SELECT campaign, case_id, audience FROM notify_notice WHERE id = ?1", BOUND(B_INT(notice)), of, 3, e))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_USAGE, "no notice has the number %lld", (long long)notice);
    f.flags = of[2] == AUDIENCE_CSIRT ? FACT_RELAYED : of[2] == AUDIENCE_PROVIDER ? FACT_FORWARD : 0;
    return bind_run(s, "INSERT INTO notify_event (notice, at_us, who, step, attempt, code, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    BOUND(B_INT(notice), B_INT(x->at_us), B_TEXT(ledger_who(l)), B_INT(x->to), B_INT(x->attempt), B_INT(x->code), B_TEXT(str_sub(x->detail, 0, LEDGER_TEXT_MAX))), e) &&
           ledger_fact(l, of[0], FACT_OF_CASE, of[1], &f, &hand, NULL, e) && (of[2] < AUDIENCE_PROVIDER || others(l, notice, of[0], of[1], &f, e));
}

bool outbox_step(struct ledger *l, int64_t notice, const struct step *x, struct err *e)
{
    return bind_run(ledger_store(l), "UPDATE notify_notice SET state = ?2, changed_us = ?3 WHERE id = ?1", BOUND(B_INT(notice), B_INT(x->to), B_INT(x->at_us)), e) && outbox_tell(l, notice, x, e);
}

/* --- tokens --- */

static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";       /* RFC 4648, base32: no case to lose on the way */
enum { SECRET_BYTES = 32, TOKEN_BYTES = 16, TOKEN_LETTERS = 26 };

static bool secret(struct store *s, uint8_t ret[SECRET_BYTES], struct err *e)
{
    struct store_stmt *st;

    if (!store_prepare(s, "SELECT secret FROM notify_key WHERE id = 1", &st, e))
        return false;
    bool ok = store_step(st, e) == STORE_ROW && store_bytes(st, 0).n == SECRET_BYTES;
    if (ok)
        memcpy(ret, store_bytes(st, 0).p, SECRET_BYTES);
    store_finish(st);
    return ok;
}

/* Made once, with the first notice. */
static bool secret_ready(struct ledger *l, uint8_t ret[SECRET_BYTES], struct err *e)
{
    uint8_t fresh[SECRET_BYTES];

    if (secret(ledger_store(l), ret, e))
        return true;
    if (e->kind != ERR_NONE || !os_random(fresh, sizeof fresh, e) ||
        !bind_run(ledger_store(l), "INSERT INTO notify_key (id, secret) VALUES (1, ?1)", BOUND(B_BYTES(((struct str){ fresh, sizeof fresh }))), e))
        return false;
    memcpy(ret, fresh, sizeof fresh);
    return true;
}

/* 64 bits of the notice's number, then 64 of its HMAC. */
static bool token_bytes(const uint8_t key[SECRET_BYTES], int64_t notice, uint8_t ret[TOKEN_BYTES])
{
    uint8_t mac[HASH_SHA256_BYTES];

    for (int i = 0; i < 8; i++)
        ret[i] = (uint8_t)((uint64_t)notice >> (56 - 8 * i));
    if (!hash_hmac_sha256((struct str){ key, SECRET_BYTES }, (struct str){ ret, 8 }, mac))
        return false;
    memcpy(ret + 8, mac, 8);
    return true;
}

static void token_text(const uint8_t b[TOKEN_BYTES], char ret[TOKEN_LETTERS + 1])
{
    for (int i = 0; i < TOKEN_LETTERS; i++) {
        int      bit = i * 5;
        unsigned two = (unsigned)b[bit / 8] << 8 | (bit / 8 + 1 < TOKEN_BYTES ? b[bit / 8 + 1] : 0u);
        ret[i] = letters[two >> (11 - bit % 8) & 31];
    }
    ret[TOKEN_LETTERS] = 0;
}

bool outbox_token_check(struct store *s, struct str token, int64_t *ret_notice, struct err *e)
{
    uint8_t  key[SECRET_BYTES], want[TOKEN_BYTES];
    uint64_t id = 0;
    char     text[TOKEN_LETTERS + 1];
    uint8_t  diff = 0;

    if (token.n != TOKEN_LETTERS || !secret(s, key, e))
        return false;
    for (size_t i = 0; i < 13; i++) {                /* 13 letters are 65 bits: the last one belongs to the HMAC */
        const char *at = memchr(letters, ch_lower(token.p[i]), sizeof letters - 1);
        if (!at)
            return false;
        uint64_t v = (uint64_t)(at - letters);
        id = i < 12 ? id << 5 | v : id << 4 | v >> 1;
    }
    if (!token_bytes(key, (int64_t)id, want))
        return err_set(e, ERR_MEMORY, "no HMAC");
    token_text(want, text);
    for (size_t i = 0; i < TOKEN_LETTERS; i++)
        diff |= (uint8_t)(ch_lower(token.p[i]) ^ (uint8_t)text[i]);
    if (diff)
        return false;
    *ret_notice = (int64_t)id;
    return true;
}

/* --- deciding --- */

static struct str lower(struct str s, uint8_t buf[LEDGER_TEXT_MAX])
{
    s = str_sub(str_trim(s), 0, LEDGER_TEXT_MAX);
    for (size_t i = 0; i < s.n; i++)
        buf[i] = ch_lower(s.p[i]);
    return (struct str){ buf, s.n };
}

bool outbox_suppressed(struct store *s, int64_t campaign, enum contact_channel channel, struct str contact, bool *ret, struct err *e)
{
    uint8_t            room[8 << 10];
    struct arena       a = { .beg = room, .end = room + sizeof room };
    struct store_stmt *st;
    struct str         slug = STR_EMPTY;

    *ret = false;
    if (channel != CONTACT_EMAIL)
        return true;
    if (!bind_open(s, "SELECT slug FROM case_campaign WHERE id = ?1", BOUND(B_INT(campaign)), &st, e))
        return false;
    if (store_step(st, e) == STORE_ROW)
        slug = str_dup(&a, str_sub(store_text(st, 0), 0, 200));
    store_finish(st);
    return e->kind == ERR_NONE && suppress_has(s, contact, slug, &a, ret, NULL, e);
}

static int64_t key_of(const struct notice *n, struct str contact)
{
    char text[96];
    int  k = snprintf(text, sizeof text, "%lld/%lld/%d/%d", (long long)n->campaign, (long long)n->case_, n->stage, n->channel);
    const struct str part[] = { STR("notice"), { (const uint8_t *)text, (size_t)k }, contact, { n->content_rev, 32 } };

    return ledger_number(part, COUNT_OF(part));
}

/* The quiet rule: when the last machine notice went to this contact point, and whether it told of a back door already. */
static bool quiet(struct store *s, struct notice *n, struct str contact, struct err *e)
{
    int64_t last[2] = { TIME_NONE, 0 };

    if (!bind_ask(s, "SELECT max(CASE WHEN date_us > not_before_us THEN date_us ELSE not_before_us END), max(CASE WHEN finding = ?2 THEN 0 ELSE 1 END) FROM notify_notice WHERE contact = ?1",
                  BOUND(B_TEXT(contact), B_INT(FINDING_VULNERABLE)), last, 2, e))
        return false;
    bool upgrade = n->finding != FINDING_VULNERABLE && n->finding != FINDING_CLEAN && last[1] == 0;
    if (last[0] != TIME_NONE && !upgrade && n->not_before_us < last[0] + OUTBOX_QUIET_US)
        n->not_before_us = last[0] + OUTBOX_QUIET_US;
    return true;
}

static bool insert(struct ledger *l, const struct notice *n, struct str contact, struct err *e)
{
    return bind_run(ledger_store(l),
                    "INSERT INTO notify_notice (id, campaign, case_id, org, wave, stage, channel, contact, contact_id, content_rev, rev, override_, audience, finding, language, minimal, "
                    "inherited_from, state, owner, fence, attempt, not_before_us, give_up_us, priority, bucket, domain, date_us, message_id, token, subject, queue_id, written, code, answer, "
                    "changed_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, '', 0, 0, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, '', 0, 0, '', ?24)",
                    BOUND(B_INT(n->id), B_INT(n->campaign), B_INT(n->case_), B_INT(n->org), B_INT(n->wave), B_INT(n->stage), B_INT(n->channel), B_TEXT(contact), B_INT(n->contact_id),
                          B_BYTES(((struct str){ n->content_rev, 32 })), B_INT(n->rev), B_INT(n->override_), B_INT(n->audience), B_INT(n->finding), B_TEXT(n->language), B_INT(n->minimal),
                          B_INT(n->inherited_from), B_INT(NOTICE_PLANNED), B_INT(n->not_before_us), B_INT(n->give_up_us), B_INT(n->priority), B_TEXT(n->bucket), B_TEXT(n->domain),
                          B_INT(n->date_us), B_TEXT(str_c(n->message_id)), B_TEXT(str_c(n->token)), B_TEXT(n->subject)), e);
}

static struct str contact_of(const struct notice *n, uint8_t buf[LEDGER_TEXT_MAX])
{
    return n->channel == CONTACT_POST ? str_sub(str_trim(n->contact), 0, LEDGER_TEXT_MAX) : lower(n->contact, buf);
}

bool outbox_name(struct ledger *l, struct notice *n, struct str domain, struct err *e)
{
    uint8_t    buf[LEDGER_TEXT_MAX], key[SECRET_BYTES], token[TOKEN_BYTES];
    struct str contact = contact_of(n, buf);

    if (n->campaign == 0 || n->case_ == 0 || contact.n == 0 || domain.n == 0 || domain.n > 64)
        return err_set(e, ERR_USAGE, "a notice needs a campaign, a case, a contact point and the sender's domain");
    n->id = key_of(n, contact);
    if (!secret_ready(l, key, e))
        return false;
    if (!token_bytes(key, n->id, token))
        return err_set(e, ERR_MEMORY, "no HMAC");
    token_text(token, n->token);
    snprintf(n->message_id, sizeof n->message_id, "n.%lld.%u@%.*s", (long long)n->id, n->rev, STR_ARG(domain));
    return true;
}

bool outbox_decide(struct ledger *l, struct notice *n, struct str domain, enum decided *ret, struct err *e)
{
    struct store *s = ledger_store(l);
    uint8_t       buf[LEDGER_TEXT_MAX];
    struct str    contact = contact_of(n, buf);
    int64_t       count = 0;
    bool          no;

    if (!outbox_name(l, n, domain, e) || !bind_ask(s, "SELECT count(*) FROM notify_notice WHERE id = ?1", BOUND(B_INT(n->id)), &count, 1, e))
        return false;
    if (count) {
        *ret = DECIDED_KNOWN;
        return true;
    }
    if (!n->override_ &&
        !bind_ask(s, "SELECT count(*) FROM notify_notice WHERE campaign = ?1 AND contact = ?2 AND stage = ?3 AND override_ = 0", BOUND(B_INT(n->campaign), B_TEXT(contact), B_INT(n->stage)), &count, 1, e))
        return false;
    if (count) {
        *ret = DECIDED_TAKEN;
        return true;
    }
    if (!outbox_suppressed(s, n->campaign, n->channel, contact, &no, e))
        return false;
    if (no) {
        *ret = DECIDED_SUPPRESSED;
        return true;
    }
    if (!quiet(s, n, contact, e))
        return false;
    *ret = DECIDED_NEW;
    return insert(l, n, contact, e) && outbox_step(l, n->id, &(struct step){ .to = NOTICE_PLANNED, .at_us = n->date_us }, e);
}

bool outbox_bytes_put(struct ledger *l, int64_t notice, struct str bytes, int64_t keep_until_us, struct err *e)
{
    uint8_t hash[HASH_SHA256_BYTES];

    if (!hash_sha256(bytes, hash))
        return err_set(e, ERR_MEMORY, "no SHA-256");
    return bind_run(ledger_store(l), "INSERT INTO notify_bytes (notice, bytes, sha256, kept_until_us) VALUES (?1, ?2, ?3, ?4)",
                    BOUND(B_INT(notice), B_BYTES(bytes), B_BYTES(((struct str){ hash, sizeof hash })), B_INT(keep_until_us)), e);
}

/* Bytes that are not what was signed are not sent. */
bool outbox_bytes(struct store *s, int64_t notice, struct arena *a, struct str *ret, struct err *e)
{
    struct store_stmt *st;
    struct str         bytes = STR_EMPTY;
    uint8_t            hash[HASH_SHA256_BYTES];

    if (!bind_open(s, "SELECT bytes, sha256 FROM notify_bytes WHERE notice = ?1", BOUND(B_INT(notice)), &st, e))
        return false;
    bool ok = store_step(st, e) == STORE_ROW;
    if (ok) {
        bytes = str_dup(a, store_bytes(st, 0));
        if (!bytes.p)
            ok = err_set(e, ERR_MEMORY, "no room for a message");
        else if (!hash_sha256(bytes, hash) || !str_eq(store_bytes(st, 1), ((struct str){ hash, sizeof hash })))
            ok = err_set(e, ERR_FORMAT, "the stored message of notice %lld is damaged", (long long)notice);
    }
    store_finish(st);
    if (ok)
        *ret = bytes;
    return ok;
}

/* --- waves --- */

bool outbox_wave(struct ledger *l, int64_t campaign, enum notice_stage stage, struct str note, int64_t *ret, struct err *e)
{
    struct store *s = ledger_store(l);
    uint8_t       none[HASH_SHA256_BYTES] = { 0 };
    int64_t       id;

    if (ledger_who(l).n == 0)
        return err_set(e, ERR_USAGE, "a wave needs the name of who makes it");
    if (!store_one_int(s, "SELECT coalesce(max(id), 0) + 1 FROM notify_wave", &id, e) ||
        !bind_run(s, "INSERT INTO notify_wave (id, campaign, stage, made_us, made_by, plan_hash, notices, note) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)",
                  BOUND(B_INT(id), B_INT(campaign), B_INT(stage), B_INT(ledger_now(l)), B_TEXT(ledger_who(l)), B_BYTES(((struct str){ none, sizeof none })), B_TEXT(note)), e))
        return false;
    *ret = id;
    return true;
}

/* What an approval is about: each notice with its recipient and the very bytes. */
bool outbox_wave_hash(struct store *s, int64_t wave, uint64_t *ret_n, uint8_t ret[HASH_SHA256_BYTES], struct err *e)
{
    struct store_stmt *st;
    struct hash       *h = hash_open(HASH_SHA256);
    enum store_got     got = STORE_FAILED;
    uint64_t           n = 0;

    if (!h)
        return err_set(e, ERR_MEMORY, "no SHA-256");
    if (bind_open(s, "SELECT n.id, n.contact, b.sha256 FROM notify_notice n LEFT JOIN notify_bytes b ON b.notice = n.id WHERE n.wave = ?1 AND n.state = ?2 ORDER BY n.id",
                  BOUND(B_INT(wave), B_INT(NOTICE_PLANNED)), &st, e)) {
        while ((got = store_step(st, e)) == STORE_ROW) {
            char text[32];
            int  k = snprintf(text, sizeof text, "%lld %zu ", (long long)store_int(st, 0), store_text(st, 1).n);

            hash_push(h, (struct str){ (const uint8_t *)text, (size_t)k });
            hash_push(h, store_text(st, 1));
            hash_push(h, store_bytes(st, 2));
            n++;
        }
        store_finish(st);
    }
    hash_done(h, ret);
    hash_close(h);
    *ret_n = n;
    return got == STORE_DONE;
}

bool outbox_wave_close(struct ledger *l, int64_t wave, uint64_t *ret_notices, uint8_t ret_hash[32], struct err *e)
{
    return outbox_wave_hash(ledger_store(l), wave, ret_notices, ret_hash, e) &&
           bind_run(ledger_store(l), "UPDATE notify_wave SET plan_hash = ?2, notices = ?3 WHERE id = ?1", BOUND(B_INT(wave), B_BYTES(((struct str){ ret_hash, 32 })), B_INT(*ret_notices)), e);
}

/* All that waits in the wave is queued: one line of event and one fact each. How long it is tried counts from now on. */
static bool set_free(struct ledger *l, int64_t wave, struct err *e)
{
    struct store_stmt *st;
    int64_t            at = ledger_now(l);

    if (!bind_run(ledger_store(l), "UPDATE notify_notice SET give_up_us = give_up_us + ?3 - date_us WHERE wave = ?1 AND state = ?2 AND date_us < ?3", BOUND(B_INT(wave), B_INT(NOTICE_PLANNED), B_INT(at)), e))
        return false;
    for (;;) {
        int64_t some[256];
        size_t  n = 0;

        if (!bind_open(ledger_store(l), "SELECT id FROM notify_notice WHERE wave = ?1 AND state = ?2 ORDER BY id LIMIT 256", BOUND(B_INT(wave), B_INT(NOTICE_PLANNED)), &st, e))
            return false;
        enum store_got got;
        while ((got = store_step(st, e)) == STORE_ROW)
            some[n++] = store_int(st, 0);
        store_finish(st);
        if (got == STORE_FAILED || n == 0)
            return got != STORE_FAILED;
        for (size_t i = 0; i < n; i++)
            if (!outbox_step(l, some[i], &(struct step){ .to = NOTICE_QUEUED, .at_us = at }, e))
                return false;
    }
}

bool outbox_approve(struct ledger *l, int64_t wave, const uint8_t hash[32], struct str who, uint64_t *ret_notices, struct err *e)
{
    struct store      *s = ledger_store(l);
    struct store_stmt *st;
    uint8_t            now[HASH_SHA256_BYTES];
    char               text[32];

    if (!bind_open(s, "SELECT made_by, approved_us FROM notify_wave WHERE id = ?1", BOUND(B_INT(wave)), &st, e))
        return false;
    bool there = store_step(st, e) == STORE_ROW, own = there && str_ieq(str_trim(store_text(st, 0)), str_trim(who)), done = there && !store_null(st, 1);
    store_finish(st);
    if (!there)
        return e->kind != ERR_NONE ? false : err_set(e, ERR_USAGE, "no wave has the number %lld", (long long)wave);
    if (done)
        return err_set(e, ERR_USAGE, "wave %lld is approved already", (long long)wave);
    if (str_trim(who).n == 0 || own) {
        err_set(e, ERR_USAGE, own ? "who made a wave does not approve it" : "an approval needs a name");
        return err_hint(e, "a second person looks at it: afterpatch notify show, then afterpatch notify approve --who NAME");
    }
    if (!outbox_wave_hash(s, wave, ret_notices, now, e))
        return false;
    if (memcmp(now, hash, sizeof now) != 0) {
        err_set(e, ERR_USAGE, "wave %lld is not what was shown any more", (long long)wave);
        return err_hint(e, "look at it again: afterpatch notify show %lld", (long long)wave);
    }
    snprintf(text, sizeof text, "wave %lld", (long long)wave);
    return bind_run(s, "UPDATE notify_wave SET approved_us = ?2, approved_by = ?3 WHERE id = ?1", BOUND(B_INT(wave), B_INT(ledger_now(l)), B_TEXT(str_trim(who))), e) && set_free(l, wave, e) &&
           ledger_audit(l, "approve", str_c(text), who, e);
}

bool outbox_cancel(struct ledger *l, int64_t notice, struct str why, struct err *e)
{
    int64_t state = 0;
    char    text[48];

    if (str_trim(why).n == 0)
        return err_set(e, ERR_USAGE, "a cancelled notice needs a reason");
    if (!bind_ask(ledger_store(l), "SELECT state FROM notify_notice WHERE id = ?1", BOUND(B_INT(notice)), &state, 1, e))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_USAGE, "no notice has the number %lld", (long long)notice);
    if (state != NOTICE_PLANNED && state != NOTICE_QUEUED)
        return err_set(e, ERR_USAGE, "this notice is %s: nothing can be un-sent", notice_step_name((enum notice_step)state));
    snprintf(text, sizeof text, "notice %lld", (long long)notice);
    return outbox_step(l, notice, &(struct step){ .to = NOTICE_CANCELLED, .at_us = ledger_now(l), .detail = why }, e) && ledger_audit(l, "cancel", str_c(text), why, e);
}
