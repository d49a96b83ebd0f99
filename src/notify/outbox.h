/*
 * outbox: one notice for one key, for good. What was decided is here, in the transaction of the case change; what was handed over is known before the final dot; what cannot
 * be known is said to be unknown, and settled from the MTA's own log.
 *
 * Key      (campaign, case, stage, channel, contact, content_rev): UNIQUE in the store. content_rev is the hash of the facts told (servers and classes of finding), never of the text. One contact
 *          point gets one notice of a stage in a campaign, whosever it is, unless a person overrides.
 * Steps    planned (in a wave that nobody approved) -> queued -> claimed -> handing_over -> accepted | refused | queued again | unknown.
 * Claim    outbox_claim takes notices that are due: wave approved, no stop, not suppressed, their bucket allows it. A claim has a lease and a fence: who comes back after his lease
 *          ended cannot write his result any more.
 * Intent   outbox_intent is committed before DATA, outbox_dot before the end of the data is given away: what died between the two was provably never sent and goes back to queued; after
 *          the second it is unknown.
 * Settle   unknown is settled by what the MTA says of the Message-ID (settle.h): found: accepted. Absent for OUTBOX_ABSENT_US since the dot, from a log that covers the time: queued. Log
 *          not readable: a person decides.
 * Clock    leases and waits use the store's rows and the wall clock; a clock that jumps back only makes leases longer, one that jumps ahead cannot make two senders write one result (fence).
 * Owner    strings of a claimed notice live in the arena given.
 * Errors   of the store.
 * Source   notification sheet, 6.
 */
#ifndef NOTIFY_OUTBOX_H
#define NOTIFY_OUTBOX_H

#include "casework/ladder.h"
#include "casework/ledger.h"

enum { OUTBOX_BATCH = 1 };         /* one notice a connection: so many can be unknown after a crash */
#define OUTBOX_LEASE_US  (15 * TIME_MINUTE)
#define OUTBOX_ABSENT_US (15 * TIME_MINUTE)
#define OUTBOX_QUIET_US  (20 * TIME_HOUR)

enum notice_stage { STAGE_FIRST, STAGE_REMIND1, STAGE_REMIND2, STAGE_ESCALATE, STAGE_BACKDOOR, STAGE_RELAPSED, STAGE_CLOSING, NOTICE_STAGES };
enum notice_audience { AUDIENCE_TECHNICAL, AUDIENCE_MANAGEMENT, AUDIENCE_PROVIDER, AUDIENCE_CSIRT, AUDIENCES };
enum notice_finding { FINDING_VULNERABLE, FINDING_BACKDOORED, FINDING_PATCHED_BACKDOORED, FINDING_RELAPSED, FINDING_CLEAN, NOTICE_FINDINGS };
const char *notice_stage_name(enum notice_stage s);
const char *notice_audience_name(enum notice_audience a);
const char *notice_finding_name(enum notice_finding f);

struct notice {
    int64_t  id, campaign, case_, org, wave, contact_id, inherited_from;
    enum notice_stage stage;
    enum contact_channel channel;
    enum notice_audience audience;
    enum notice_finding finding;
    struct str contact, language, subject, bucket, domain;
    uint8_t  content_rev[32];
    uint32_t rev;
    bool     minimal, override_;   /* minimal: the mail path may be the intruder's */
    int32_t  priority;             /* higher first */
    int64_t  date_us;              /* the decision's: the Date field of every attempt */
    int64_t  not_before_us, give_up_us;
    char     message_id[96];       /* "n.ID.REV@domain" */
    char     token[40];            /* of VERP and Reply-To */
};

/*
 * In the ledger's transaction. A new one is planned: its wave waits for approval. id, message_id and token are filled for DECIDED_NEW. Within OUTBOX_QUIET_US of another notice to
 * the same contact point it is not left out but waits (not_before_us), unless it tells of a back door for the first time.
 */
enum decided { DECIDED_NEW, DECIDED_KNOWN /* this key is there */, DECIDED_TAKEN /* the contact point has a notice of this stage, of this or another case */, DECIDED_SUPPRESSED };
const char *decided_name(enum decided d);
/* Number, Message-ID and token alone, as outbox_decide will give them: what is rendered ahead carries them. In the ledger's transaction. */
bool outbox_name(struct ledger *l, struct notice *n, struct str domain, struct err *e);
bool outbox_decide(struct ledger *l, struct notice *n, struct str domain, enum decided *ret, struct err *e);
/* casework/suppress.h, for this campaign. A decline stops mail; it does not stop a letter (sheet, 10). */
bool outbox_suppressed(struct store *s, int64_t campaign, enum contact_channel channel, struct str contact, bool *ret, struct err *e);
/* A wave: notices are decided with its number. Approval by another person than who made it, of just these notices (plan_hash), sets them free. */
bool outbox_wave(struct ledger *l, int64_t campaign, enum notice_stage stage, struct str note, int64_t *ret, struct err *e);
bool outbox_wave_hash(struct store *s, int64_t wave, uint64_t *ret_notices, uint8_t ret_hash[32], struct err *e);      /* of what waits in it now */
bool outbox_wave_close(struct ledger *l, int64_t wave, uint64_t *ret_notices, uint8_t ret_hash[32], struct err *e);      /* counts, and hashes what is in it */
bool outbox_approve(struct ledger *l, int64_t wave, const uint8_t hash[32], struct str who, uint64_t *ret_notices, struct err *e);
bool outbox_cancel(struct ledger *l, int64_t notice, struct str why, struct err *e);       /* what was not handed over yet */
/* The rendered, signed bytes; once. */
bool outbox_bytes_put(struct ledger *l, int64_t notice, struct str bytes, int64_t keep_until_us, struct err *e);
bool outbox_bytes(struct store *s, int64_t notice, struct arena *a, struct str *ret, struct err *e);

struct claim { int64_t notice, fence, lease_us; uint32_t attempt; };
/* How fast: messages in 1000 s. NULL, or `all` 0: outbox_rates. */
struct outbox_rates { uint32_t all, provider, domain; int64_t lease_us; };
extern const struct outbox_rates outbox_rates;         /* 20,000, 1,000, 100: sheet, 7; OUTBOX_LEASE_US */
/* Takes the most urgent notice that is due for `owner`, in a transaction of its own. False with ERR_NONE: none is due; *ret_next_us tells when one will be (TIME_NONE: nothing waits). */
bool outbox_claim(struct ledger *l, struct str owner, enum contact_channel channel, const struct outbox_rates *rates, int64_t now_us, struct arena *a, struct claim *ret, struct notice *ret_notice,
                  int64_t *ret_next_us, struct err *e);
/* Committed before DATA. False with ERR_NONE: the claim is not ours any more. */
bool outbox_intent(struct ledger *l, const struct claim *c, int64_t now_us, struct err *e);

/* Committed before the final dot may be written. False with ERR_NONE: the claim is not ours any more, and the dot must not be written. */
bool outbox_dot(struct ledger *l, const struct claim *c, uint64_t bytes, int64_t now_us, struct err *e);

enum hand_over { HANDED_ACCEPTED, HANDED_LATER /* 4xx */, HANDED_REFUSED /* 5xx */, HANDED_NOT /* the dot was never written */, HANDED_UNKNOWN };
struct handed { enum hand_over what; int code; struct str answer, queue_id; int64_t at_us, retry_us /* TIME_NONE: by the sheet's schedule */; };
/* Also moves the buckets' rates (sheet, 7). False with ERR_NONE: the claim is not ours any more. */
bool outbox_result(struct ledger *l, const struct claim *c, const struct handed *h, struct err *e);
/* Claims whose lease ended: what had not come to its dot is queued again, the rest is unknown. */
bool outbox_recover(struct ledger *l, int64_t now_us, uint64_t *ret_queued, uint64_t *ret_unknown, struct err *e);

/* What settling found out. A person's word for it: `who` is the ledger's. */
bool outbox_settle(struct ledger *l, int64_t notice, bool taken, struct str queue_id, struct str why, int64_t now_us, struct err *e);

bool outbox_stop(struct ledger *l, struct str scope, struct str why, struct err *e);
bool outbox_go(struct ledger *l, struct str scope, struct str why, struct err *e);

/* The token of a notice, with its HMAC; and back. False: none of ours. */
bool outbox_token_check(struct store *s, struct str token, int64_t *ret_notice, struct err *e);

#endif
