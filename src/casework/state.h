/*
 * state: what is true of a server, a notice and a case, folded from facts that are only ever added.
 *
 * Shape    a fact says one thing once. State is a pure function of the set of facts and of two instants: `now_us`, for which it is asked, and
 *          `known_us`, what had been learned by then. Nothing is remembered between two folds.
 * Order    facts may come in any order, and more than once (equal hash: once, with the earliest time of recording). They are walked by
 *          observed_us, then by kind (exposure, removal, hunt, finding: bad news last), recorded_us, hash. What a person decides, and what
 *          our own sender did, goes by recorded_us. Nothing is observed after it was recorded: a clock that says so is set back to recorded_us.
 * Axes     exposure, compromise and notice are separate; "fixed" does not exist.
 * Rules    1. Exposure: the newest word, but a statement (grade D) moves only what nothing better is known of. The same word again keeps the better grade.
 *          2. Compromise: a finding below grade C is a suspicion. A hunt makes hunted_negative only with grade B, the window covered in full, nothing
 *             present and its door_open: no. Removed is what is gone by anybody's word; it is never clean.
 *          3. clean: exposure patched, not affected or retired, and hunted_negative, both with grade B or better, and the server not seen vulnerable since.
 *          4. relapsed: a finding observed later than the removal or the negative hunt, unless its own time lies before that. Then it is missed (the
 *             hunt was incomplete), or, when the finding was known and only removed by somebody's word, it never went: still_there.
 *          5. re_entered is what a hunt says of the past: a back door was used in a later visit than the one that placed it.
 *          6. A case is clean when all its servers are, for CASE_CLEAN_US, with two rescans of grade B since, and no suspicion open. Silence,
 *             statements and banners never get it there; CASE_CLOSED_US later it is closed.
 *          7. A forced state needs a reason, is always told, and gives way to a finding that is recorded after it (contradicted).
 *          8. Dormant counts as open; nothing is dormant while a back door is known.
 * Bounds   FACTS_MAX facts a fold; scratch: about 40 bytes a fact in the arena, given back.
 * Owner    strings of the result point into the facts.
 * Errors   ERR_MEMORY, ERR_LIMIT. A fact that says nothing sensible is refused by fact_check before it is kept; folds skip it.
 * Source   notification sheet, 8.1 to 8.4, 5.4 (order of truth), 6.3. Marked there as the sheet's own judgement; "still_there", the gap between
 *          rescans and rule 1 are ours.
 */
#ifndef CASEWORK_STATE_H
#define CASEWORK_STATE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum { FACTS_MAX = 1 << 20 };
#define CASE_CLEAN_US     (72 * TIME_HOUR)
#define CASE_CLOSED_US    (90 * TIME_DAY)
#define CASE_DORMANT_US   (30 * TIME_DAY)
#define CASE_RECHECK_US   (24 * TIME_HOUR)     /* between the two negative checks that dismiss a candidate */
#define CASE_RESCAN_GAP_US TIME_HOUR           /* two answers within an hour are one rescan */

/* 8.4, lowest first, so that `>= GRADE_B` reads as it should. */
enum grade { GRADE_NONE, GRADE_D, GRADE_C, GRADE_B, GRADE_A };

enum exposure { EXPOSURE_UNKNOWN, EXPOSURE_VULNERABLE, EXPOSURE_MITIGATED, EXPOSURE_OFFLINE, EXPOSURE_PATCHED, EXPOSURE_NOT_AFFECTED, EXPOSURE_RETIRED, EXPOSURES };
enum compromise { COMPROMISE_UNKNOWN, COMPROMISE_SUSPECTED, COMPROMISE_BACKDOORED, COMPROMISE_REMOVED, COMPROMISE_NEGATIVE, COMPROMISE_RELAPSED, COMPROMISES };
enum notice_step {                 /* in the order of an attempt; then what comes back */
    NOTICE_PLANNED, NOTICE_QUEUED, NOTICE_CLAIMED, NOTICE_HANDING_OVER, NOTICE_UNKNOWN, NOTICE_REFUSED, NOTICE_ACCEPTED,
    NOTICE_BOUNCED_SOFT, NOTICE_DELIVERED, NOTICE_AUTO_REPLIED, NOTICE_BOUNCED_HARD, NOTICE_COMPLAINT,
    NOTICE_ACKNOWLEDGED, NOTICE_WRONG_RECIPIENT, NOTICE_DECLINED, NOTICE_SUPPRESSED, NOTICE_CANCELLED, NOTICE_STEPS
};
enum case_stage {
    CASE_NONE, CASE_CANDIDATE, CASE_DISMISSED, CASE_VERIFIED, CASE_UNREACHABLE, CASE_CONTACT_FOUND, CASE_NOTIFIED, CASE_DELIVERED, CASE_ACKNOWLEDGED,
    CASE_PATCHED, CASE_HUNTED, CASE_BACKDOORED, CASE_RELAPSED, CASE_CLEAN, CASE_CLOSED, CASE_DORMANT, CASE_STAGES
};
const char *grade_name(enum grade g);              /* "B" */
const char *server_exposure_name(enum exposure x);        /* "vulnerable" */
const char *compromise_name(enum compromise c);    /* "hunted_negative" */
const char *notice_step_name(enum notice_step s);  /* "bounced_hard" */
const char *case_stage_name(enum case_stage s);    /* "contact_found" */

enum fact_kind {
    /* of a server */
    FACT_EXPOSURE,                 /* value: enum exposure */
    FACT_REMOVED,                  /* finding: which back door; 0: all */
    FACT_HUNT,                     /* value: enum hunt_door; FACT_COMPLETE, FACT_PRESENT, FACT_RE_ENTERED */
    FACT_FINDING,                  /* a back door or way back is there; finding: which (0: nobody can tell); own_us: since when, TIME_NONE: unknown */
    FACT_NOT_MINE,                 /* the victim says so; a person agreed: reason */
    /* of a notice */
    FACT_NOTICE,                   /* value: enum notice_step; attempt, from 1 */
    /* of a case */
    FACT_GROUPED,                  /* value: confidence 0..100 */
    FACT_TRAP,                     /* a honeypot, or a range of our own */
    FACT_CONTACT,                  /* value 1: found (grade; FACT_MX_TESTED), 0: dead; subject: the contact point */
    FACT_LADDER_EMPTY,             /* a person looked, and there is nobody */
    FACT_PORTAL,                   /* value 0: opened, 1: confirmed with the code, identity level 1 or more */
    FACT_REPLY,                    /* a person answered; value: identity level */
    FACT_ESCALATED,
    FACT_FORCE,                    /* value: enum case_stage; reason, who */
    FACT_RELEASE,                  /* the forced state ends */
    FACT_KINDS
};
enum hunt_door { DOOR_UNPROVEN, DOOR_NO, DOOR_YES };
enum {
    FACT_ACTIVE     = 1 << 0,      /* seen by an authorised survey's own check */
    FACT_COMPLETE   = 1 << 1,      /* of a hunt: it validates and covers the window in full */
    FACT_PRESENT    = 1 << 2,      /* of a hunt: a back door or way back is present or unknown */
    FACT_RE_ENTERED = 1 << 3,
    FACT_MX_TESTED  = 1 << 4,
    FACT_INHERITED  = 1 << 5,      /* of a case that this one was a part of, or that became a part of it */
    FACT_RELAYED    = 1 << 6,      /* of a notice to a CSIRT: nobody is notified by it before the CSIRT says that they were */
    FACT_FORWARD    = 1 << 7       /* of a notice to a provider or operator: that it answers is not their answer */
};

struct fact {
    enum fact_kind kind;
    enum grade grade;
    int32_t    value;
    uint32_t   flags, attempt;
    uint64_t   subject;            /* the server, notice or contact point it speaks of; of a case: 0 */
    uint64_t   source;             /* who says so; two of one organisation are one */
    uint64_t   finding;
    int64_t    observed_us, recorded_us, own_us;   /* observed_us TIME_NONE: when it was recorded */
    uint8_t    hash[32];           /* of its content, without recorded_us */
    struct str reason, who;
};

/* Refused in words: out of range, a force or a disclaimer without reason or name, no time of recording. */
bool fact_check(const struct fact *f, struct err *e);

/* What a hunt's report is worth (8.4), and why it is not worth more. */
struct hunt_proof { bool validates, nonce, covers_window, known_signature, on_site; };
enum grade hunt_grade(const struct hunt_proof *p, const char **ret_why);
/* What a word about exposure is worth. */
enum exposure_source { EXPOSURE_BY_OWN_PROBE4 /* four numbers of the build */, EXPOSURE_BY_PARTNER, EXPOSURE_BY_BANNER, EXPOSURE_BY_FORM, EXPOSURE_BY_WORD };
enum grade exposure_grade(enum exposure_source s);

struct fold_at { int64_t now_us, known_us; };      /* TIME_NONE: all; of now_us: the newest fact, and no time has passed since */

struct asset_state {
    uint64_t asset;
    enum exposure exposure;     enum grade exposure_grade;   int64_t exposure_us;     /* since */
    enum compromise compromise; enum grade compromise_grade; int64_t compromise_us;
    bool     clean, was_clean, suspicion, hunted, re_entered, not_mine, still_there;
    bool     backdoored_ever;      /* a back door was proven, present or gone */
    int64_t  clean_us, hunted_us, vulnerable_us;   /* since; newest complete hunt; last seen vulnerable */
    uint32_t relapses, missed;
    uint32_t rescans;              /* of grade B since clean_us */
    int64_t  rescan2_us;           /* the second of them */
    int64_t  changed_us;           /* when the above last changed */
};
/* Facts of other subjects and kinds are left out. */
bool asset_fold(const struct fact *f, size_t n, uint64_t asset, struct fold_at at, struct arena scratch, struct asset_state *ret, struct err *e);

struct notice_state {
    uint64_t notice;
    enum notice_step step;
    uint32_t attempts;
    bool     may_be_out;           /* handed over, or perhaps: never to be sent again without looking */
    int64_t  accepted_us, delivered_us, answered_us, changed_us;    /* TIME_NONE: not */
};
/* What came back, by how true it is (5.4): a person > a complaint > a failed delivery > a delivery > an automatic reply > a delay; 0: a step of our own sender. The larger holds, of equals the later. */
uint8_t notice_truth(enum notice_step s);
bool notice_fold(const struct fact *f, size_t n, uint64_t notice, struct fold_at at, struct arena scratch, struct notice_state *ret, struct err *e);

/* What stands between a case and clean. */
enum {
    NEED_PATCH = 1 << 0, NEED_PATCH_PROOF = 1 << 1 /* patched, below grade B */, NEED_HUNT = 1 << 2, NEED_HUNT_PROOF = 1 << 3 /* hunted, and not negative with grade B */,
    NEED_HUNT_AGAIN = 1 << 4 /* seen vulnerable since */, NEED_REMOVAL = 1 << 5, NEED_TIME = 1 << 6, NEED_RESCANS = 1 << 7, NEED_SUSPICION_SETTLED = 1 << 8
};
const char *need_name(uint32_t one);               /* one bit; in words */

struct case_state {
    enum case_stage stage, derived;                /* shown; and what the facts alone give */
    bool     forced, contradicted;                 /* a force is on record; facts overrule it */
    struct str reason, who; int64_t forced_us;
    uint32_t needs;
    uint32_t assets, vulnerable, patched, backdoored, patched_backdoored, hunted, clean, relapsed, missed, re_entered;   /* numbers of servers */
    bool     suspicion;
    int64_t  verified_us, notified_us, delivered_us, acknowledged_us, patched_us, hunted_us, clean_us;     /* TIME_NONE: not reached */
    int64_t  relayed_us;           /* handed to a CSIRT: not notified by that; such notices are not among notice[] */
    struct asset_state  *asset;  uint32_t asset_n;     /* by number */
    struct notice_state *notice; uint32_t notice_n;
};
/* All facts of one case. asset[] and notice[] in the arena. */
bool case_fold(const struct fact *f, size_t n, struct fold_at at, struct arena *a, struct case_state *ret, struct err *e);
/*
 * The same at several instants, one after the other, for the cost of one and a little: facts are sorted once, and a server is folded again only when more was
 * observed of it. now_us: an instant, never earlier than the one before. *ret_next_us: the next at which time alone changes something; TIME_NONE: none.
 * The series lives in its arena, the result in the other.
 */
struct case_series;
bool case_series_open(struct case_series **ret, const struct fact *f, size_t n, int64_t known_us, struct arena *a, struct err *e);
bool case_series_at(struct case_series *c, int64_t now_us, struct arena *a, struct case_state *ret, int64_t *ret_next_us, struct err *e);

#endif
