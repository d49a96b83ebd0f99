#include "test.h"

#include "base/hash.h"
#include "base/num.h"
#include "casework/state.h"

/*
 * Facts as text, parted by ';':  DAY[@RECORDED] WORD GRADE [details]. Days count from 2021-03-01; RECORDED is the same day unless told.
 *   vuln mit off patch na ret           exposure (server 1; "#2" makes it server 2)
 *   gone hunt open part find            removed; hunt with door_open no / yes; hunt that covers a part; finding
 *   k=N finding, own=DAY since when, src=N source, act own check, re re-entered, present
 */
enum { FACTS = 64 };
struct script { struct fact f[FACTS]; size_t n; };
#define DAY0 (INT64_C(1614556800) * TIME_SECOND)

static int64_t day(double d) { return DAY0 + (int64_t)(d * (double)TIME_DAY); }

static void seal(struct fact *f)
{
    struct fact bare = *f;
    uint8_t     text[sizeof bare];

    bare.recorded_us = 0;
    memset(bare.hash, 0, sizeof bare.hash);
    memset(&bare.reason, 0, sizeof bare.reason);
    memset(&bare.who, 0, sizeof bare.who);
    memcpy(text, &bare, sizeof text);
    CHECK(hash_sha256((struct str){ text, sizeof text }, f->hash));
}

static void put(struct script *s, struct fact f)
{
    CHECK(s->n < FACTS);
    seal(&f);
    s->f[s->n++] = f;
}

static const struct { const char *word; enum fact_kind kind; int32_t value; uint32_t flags; } words[] = {
    { "vuln", FACT_EXPOSURE, EXPOSURE_VULNERABLE, 0 }, { "mit", FACT_EXPOSURE, EXPOSURE_MITIGATED, 0 }, { "off", FACT_EXPOSURE, EXPOSURE_OFFLINE, 0 },
    { "patch", FACT_EXPOSURE, EXPOSURE_PATCHED, 0 }, { "na", FACT_EXPOSURE, EXPOSURE_NOT_AFFECTED, 0 }, { "ret", FACT_EXPOSURE, EXPOSURE_RETIRED, 0 },
    { "gone", FACT_REMOVED, 0, 0 }, { "hunt", FACT_HUNT, DOOR_NO, FACT_COMPLETE }, { "open", FACT_HUNT, DOOR_YES, FACT_COMPLETE }, { "part", FACT_HUNT, DOOR_NO, 0 },
    { "unproven", FACT_HUNT, DOOR_UNPROVEN, FACT_COMPLETE }, { "find", FACT_FINDING, 0, 0 }, { "notmine", FACT_NOT_MINE, 0, 0 },
    { "grouped", FACT_GROUPED, 90, 0 }, { "faint", FACT_GROUPED, 49, 0 }, { "trap", FACT_TRAP, 0, 0 }, { "contact", FACT_CONTACT, 1, FACT_MX_TESTED }, { "untested", FACT_CONTACT, 1, 0 },
    { "dead", FACT_CONTACT, 0, 0 }, { "empty", FACT_LADDER_EMPTY, 0, 0 }, { "portal", FACT_PORTAL, 0, 0 }, { "confirm", FACT_PORTAL, 1, 0 }, { "reply", FACT_REPLY, 1, 0 },
    { "reply0", FACT_REPLY, 0, 0 }, { "escalated", FACT_ESCALATED, 0, 0 }, { "release", FACT_RELEASE, 0, 0 },
    { "force-clean", FACT_FORCE, CASE_CLEAN, 0 }, { "force-dismissed", FACT_FORCE, CASE_DISMISSED, 0 },
    { "planned", FACT_NOTICE, NOTICE_PLANNED, 0 }, { "queued", FACT_NOTICE, NOTICE_QUEUED, 0 }, { "claimed", FACT_NOTICE, NOTICE_CLAIMED, 0 },
    { "handing", FACT_NOTICE, NOTICE_HANDING_OVER, 0 }, { "unknown", FACT_NOTICE, NOTICE_UNKNOWN, 0 }, { "refused", FACT_NOTICE, NOTICE_REFUSED, 0 },
    { "accepted", FACT_NOTICE, NOTICE_ACCEPTED, 0 }, { "soft", FACT_NOTICE, NOTICE_BOUNCED_SOFT, 0 }, { "delivered", FACT_NOTICE, NOTICE_DELIVERED, 0 },
    { "auto", FACT_NOTICE, NOTICE_AUTO_REPLIED, 0 }, { "hard", FACT_NOTICE, NOTICE_BOUNCED_HARD, 0 }, { "complaint", FACT_NOTICE, NOTICE_COMPLAINT, 0 },
    { "ack", FACT_NOTICE, NOTICE_ACKNOWLEDGED, 0 }, { "wrong", FACT_NOTICE, NOTICE_WRONG_RECIPIENT, 0 }, { "declined", FACT_NOTICE, NOTICE_DECLINED, 0 },
    { "suppressed", FACT_NOTICE, NOTICE_SUPPRESSED, 0 }, { "cancelled", FACT_NOTICE, NOTICE_CANCELLED, 0 },
};

static struct script script(const char *text)
{
    struct script s = { .n = 0 };
    char          copy[2048], *save = NULL;

    CHECK(strlen(text) < sizeof copy);
    strcpy(copy, text);
    for (char *one = strtok_r(copy, ";", &save); one; one = strtok_r(NULL, ";", &save)) {
        char  *in = NULL, *tok = strtok_r(one, " ", &in);
        if (!tok)
            continue;
        struct fact f = { .own_us = TIME_NONE, .subject = 1, .attempt = 1, .source = 1, .grade = GRADE_B, .reason = STR("a reason"), .who = STR("somebody") };
        char *at;
        double d = strtod(tok, &at);
        f.observed_us = f.recorded_us = day(d);
        if (*at == '@')
            f.recorded_us = day(strtod(at + 1, &at));
        CHECK(!*at);
        tok = strtok_r(NULL, " ", &in);
        size_t k = 0;
        while (k < COUNT_OF(words) && strcmp(words[k].word, tok))
            k++;
        if (k == COUNT_OF(words))
            fail_msg("no word %s", tok);
        f.kind  = words[k].kind;
        f.value = words[k].value;
        f.flags = words[k].flags;
        if (f.kind >= FACT_GROUPED && f.kind != FACT_CONTACT)
            f.subject = 0;
        while ((tok = strtok_r(NULL, " ", &in))) {
            if (strlen(tok) == 1 && strchr("ABCD", *tok))
                f.grade = (enum grade)('A' - *tok + GRADE_A);
            else if (!strcmp(tok, "-"))
                f.grade = GRADE_NONE;
            else if (*tok == '#')
                f.subject = (uint64_t)atoi(tok + 1);
            else if (!strncmp(tok, "k=", 2))
                f.finding = (uint64_t)atoi(tok + 2);
            else if (!strncmp(tok, "own=", 4))
                f.own_us = day(atof(tok + 4));
            else if (!strncmp(tok, "src=", 4))
                f.source = (uint64_t)atoi(tok + 4);
            else if (!strncmp(tok, "try=", 4))
                f.attempt = (uint32_t)atoi(tok + 4);
            else if (!strcmp(tok, "act"))
                f.flags |= FACT_ACTIVE;
            else if (!strcmp(tok, "re"))
                f.flags |= FACT_RE_ENTERED;
            else if (!strcmp(tok, "relay"))
                f.flags |= FACT_RELAYED;
            else if (!strcmp(tok, "forward"))
                f.flags |= FACT_FORWARD;
            else if (!strcmp(tok, "present"))
                f.flags |= FACT_PRESENT;
            else
                fail_msg("no detail %s", tok);
        }
        put(&s, f);
    }
    return s;
}

static struct test_arena memory;
static struct err        e;
static const struct fold_at always = { TIME_NONE, TIME_NONE };

static struct asset_state asset_of(const struct script *s, struct fold_at at)
{
    struct asset_state r = { 0 };

    if (!asset_fold(s->f, s->n, 1, at, memory.a, &r, &e))
        fail_msg("%s", e.what);
    return r;
}

static int setup(void **state) { (void)state; memory = test_arena(1 << 20); return 0; }
static int teardown(void **state) { (void)state; test_arena_free(&memory); return 0; }

static void servers(void **state)
{
    static const struct { const char *facts; enum exposure x; enum compromise c; bool clean; uint32_t relapses, missed; const char *why; } t[] = {
        { "", EXPOSURE_UNKNOWN, COMPROMISE_UNKNOWN, false, 0, 0, "nothing is known" },
        { "1 vuln", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN, false, 0, 0, "exposed says nothing of a back door" },
        { "1 vuln; 2 patch", EXPOSURE_PATCHED, COMPROMISE_UNKNOWN, false, 0, 0, "patched says nothing of a back door: the whole problem in one line" },
        { "2 patch; 1@9 vuln", EXPOSURE_PATCHED, COMPROMISE_UNKNOWN, false, 0, 0, "what was true later wins, not what arrived later" },
        { "1 vuln; 2 patch D", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN, false, 0, 0, "\"we patched\" moves nothing that was seen" },
        { "2 patch D", EXPOSURE_PATCHED, COMPROMISE_UNKNOWN, false, 0, 0, "a statement counts where nothing better is known" },
        { "2 patch C; 3 vuln D", EXPOSURE_PATCHED, COMPROMISE_UNKNOWN, false, 0, 0, "and so does not undo what was seen" },
        { "1 patch D; 2 vuln C", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN, false, 0, 0, "a banner is better than a statement" },
        { "1 patch; 5 vuln; ", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN, false, 0, 0, "restored from an old image" },
        { "1 find D", EXPOSURE_UNKNOWN, COMPROMISE_SUSPECTED, false, 0, 0, "a tip is a suspicion" },
        { "1 find -", EXPOSURE_UNKNOWN, COMPROMISE_UNKNOWN, false, 0, 0, "what is worth nothing says nothing" },
        { "1 find D; 2 find C k=1", EXPOSURE_UNKNOWN, COMPROMISE_BACKDOORED, false, 0, 0, "then a scan saw it" },
        { "1 find k=1; 2 gone D k=1", EXPOSURE_UNKNOWN, COMPROMISE_REMOVED, false, 0, 0, "the victim says it is gone" },
        { "1 find k=1; 1 find k=2; 2 gone k=1", EXPOSURE_UNKNOWN, COMPROMISE_BACKDOORED, false, 0, 0, "one of two is gone" },
        { "1 find k=1; 1 find k=2; 2 gone", EXPOSURE_UNKNOWN, COMPROMISE_REMOVED, false, 0, 0, "all are gone" },
        { "1 find; 2 gone k=1", EXPOSURE_UNKNOWN, COMPROMISE_BACKDOORED, false, 0, 0, "nobody can tell whether it was that one" },
        { "1 gone D", EXPOSURE_UNKNOWN, COMPROMISE_UNKNOWN, false, 0, 0, "a word about what nobody saw" },
        { "1 gone B k=1", EXPOSURE_UNKNOWN, COMPROMISE_REMOVED, false, 0, 0, "a hunt found that there was one" },
        { "1 hunt B", EXPOSURE_UNKNOWN, COMPROMISE_NEGATIVE, false, 0, 0, "hunted negative, exposure unknown: not clean" },
        { "1 patch; 2 hunt B", EXPOSURE_PATCHED, COMPROMISE_NEGATIVE, true, 0, 0, "both, with grade B: clean" },
        { "1 patch C; 2 hunt B", EXPOSURE_PATCHED, COMPROMISE_NEGATIVE, false, 0, 0, "a banner never reaches clean" },
        { "1 patch C; 2 hunt B; 3 patch B", EXPOSURE_PATCHED, COMPROMISE_NEGATIVE, true, 0, 0, "the proof may come after the hunt" },
        { "1 patch B; 2 patch C; 3 hunt B", EXPOSURE_PATCHED, COMPROMISE_NEGATIVE, true, 0, 0, "the same word again does not lose its proof" },
        { "1 patch; 2 hunt C", EXPOSURE_PATCHED, COMPROMISE_UNKNOWN, false, 0, 0, "a hunt without our nonce proves nothing" },
        { "1 patch; 2 part A", EXPOSURE_PATCHED, COMPROMISE_UNKNOWN, false, 0, 0, "a hunt of a part proves nothing" },
        { "1 patch; 2 open A", EXPOSURE_PATCHED, COMPROMISE_UNKNOWN, false, 0, 0, "its own report says the door is open" },
        { "1 patch; 2 unproven A", EXPOSURE_PATCHED, COMPROMISE_UNKNOWN, false, 0, 0, "or that nobody can tell" },
        { "1 patch; 2 hunt A present", EXPOSURE_PATCHED, COMPROMISE_UNKNOWN, false, 0, 0, "something present contradicts a shut door" },
        { "1 mit; 2 hunt B", EXPOSURE_MITIGATED, COMPROMISE_NEGATIVE, false, 0, 0, "mitigated is not patched" },
        { "1 off; 2 hunt B", EXPOSURE_OFFLINE, COMPROMISE_NEGATIVE, false, 0, 0, "offline may come back" },
        { "1 ret; 2 hunt B", EXPOSURE_RETIRED, COMPROMISE_NEGATIVE, true, 0, 0, "retired does not" },
        { "1 na; 2 hunt B", EXPOSURE_NOT_AFFECTED, COMPROMISE_NEGATIVE, true, 0, 0, "never affected, and looked at" },
        { "1 patch; 2 hunt; 5 vuln; 6 patch", EXPOSURE_PATCHED, COMPROMISE_NEGATIVE, false, 0, 0, "open again after the hunt: the hunt does not cover that" },
        { "1 patch; 2 hunt; 5 vuln; 6 patch; 7 hunt", EXPOSURE_PATCHED, COMPROMISE_NEGATIVE, true, 0, 0, "hunted again" },
        { "1 patch; 2 hunt; 9 find k=1 own=5", EXPOSURE_PATCHED, COMPROMISE_RELAPSED, false, 1, 0, "placed after the hunt: relapsed" },
        { "1 patch; 2 hunt; 9 find k=1 own=1.5", EXPOSURE_PATCHED, COMPROMISE_BACKDOORED, false, 0, 1, "placed before it: the hunt missed it" },
        { "1 patch; 2 hunt; 9 find k=1", EXPOSURE_PATCHED, COMPROMISE_RELAPSED, false, 1, 0, "its own time unknown: the time it was seen decides" },
        { "1 patch; 2 hunt; 2 find k=1", EXPOSURE_PATCHED, COMPROMISE_BACKDOORED, false, 0, 1, "at the same instant: not later, so missed; bad news comes last" },
        { "1 find k=1; 2 gone B k=1; 9 find k=1", EXPOSURE_UNKNOWN, COMPROMISE_RELAPSED, false, 1, 0, "seen gone, seen again: it came back" },
        { "1 find k=1; 2 gone D k=1; 9 find k=1", EXPOSURE_UNKNOWN, COMPROMISE_BACKDOORED, false, 0, 0, "said gone, still seen: it never went" },
        { "1 find k=1; 2 gone B k=1; 9 find k=1 own=1", EXPOSURE_UNKNOWN, COMPROMISE_BACKDOORED, false, 0, 0, "its date says that it never went" },
        { "1 find k=1; 2 gone B k=1; 9 find k=2 own=1", EXPOSURE_UNKNOWN, COMPROMISE_BACKDOORED, false, 0, 1, "another one that had been there all the time" },
        { "1 find k=1; 2 gone; 3 patch; 4 hunt; 9 find k=1 own=1", EXPOSURE_PATCHED, COMPROMISE_BACKDOORED, false, 0, 1, "known or not: a hunt that said the door is shut missed it" },
        { "1 patch; 2 hunt; 9 find k=1 own=5; 10 gone k=1; 11 hunt", EXPOSURE_PATCHED, COMPROMISE_NEGATIVE, true, 1, 0, "cleaned anew; the relapse stays in the figures" },
        { "1 patch; 2 hunt; 9 find k=1 own=5; 12 find k=1 own=5", EXPOSURE_PATCHED, COMPROMISE_RELAPSED, false, 1, 0, "seen twice is one relapse" },
        { "1 patch; 2 hunt; 3 find D", EXPOSURE_PATCHED, COMPROMISE_NEGATIVE, true, 0, 0, "a tip does not undo a hunt; it is an open suspicion" },
        { "9@20 find k=1; 1 patch; 12 hunt", EXPOSURE_PATCHED, COMPROMISE_NEGATIVE, true, 0, 0, "an old scan that arrives late is older than the hunt" },
        { "99@3 find k=1; 1 patch; 4 hunt", EXPOSURE_PATCHED, COMPROMISE_NEGATIVE, true, 0, 0, "a clock from the future is set back to when we learned of it" },
        { "1 find k=1 #2; 1 vuln", EXPOSURE_VULNERABLE, COMPROMISE_UNKNOWN, false, 0, 0, "what another server has is not this one's" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct script      s = script(t[i].facts);
        struct asset_state r = asset_of(&s, always);
        if (r.exposure != t[i].x || r.compromise != t[i].c || r.clean != t[i].clean || r.relapses != t[i].relapses || r.missed != t[i].missed)
            fail_msg("%s: %s, %s, clean %d, relapses %u, missed %u", t[i].why, server_exposure_name(r.exposure), compromise_name(r.compromise), r.clean, r.relapses, r.missed);
    }
    struct script      s = script("1 vuln; 2 hunt C re; 3 find D; 4 find C k=2; 5 gone D k=2; 6 find C k=2");
    struct asset_state r = asset_of(&s, always);
    CHECK(r.re_entered && r.suspicion && r.still_there && r.backdoored_ever && r.compromise == COMPROMISE_BACKDOORED);
    CHECK(r.compromise_us == day(6) && r.vulnerable_us == day(1) && !r.hunted && r.changed_us == day(6));
    s = script("1 patch; 2 hunt; 3 find D; 4 hunt");
    r = asset_of(&s, always);
    CHECK(!r.suspicion && r.was_clean && r.clean_us == day(2) && r.hunted_us == day(4));
    s = script("1 patch; 2 hunt; 3 patch; 3.01 patch src=2; 4 patch C; 5 patch");
    r = asset_of(&s, always);
    CHECK(r.rescans == 2 && r.rescan2_us == day(5));
}

static void as_of(void **state)
{
    struct script s = script("1 vuln; 5@20 find k=1; 6 patch; 7 hunt");

    (void)state;
    /* What was true on day 3; what was known on day 10; what is known now. */
    CHECK(asset_of(&s, (struct fold_at){ day(3), TIME_NONE }).exposure == EXPOSURE_VULNERABLE);
    CHECK(!asset_of(&s, (struct fold_at){ TIME_NONE, day(10) }).backdoored_ever);
    CHECK(asset_of(&s, always).backdoored_ever && asset_of(&s, always).clean);
    CHECK(asset_of(&s, (struct fold_at){ day(5.5), TIME_NONE }).compromise == COMPROMISE_BACKDOORED);
}

static void notices(void **state)
{
    static const struct { const char *facts; enum notice_step step; bool out; const char *why; } t[] = {
        { "1 planned; 2 queued", NOTICE_QUEUED, false, "waiting" },
        { "1 queued; 2 claimed; 3 handing", NOTICE_HANDING_OVER, true, "the intent is recorded: from here on nobody knows" },
        { "1 queued; 2 claimed; 3 handing; 4 unknown", NOTICE_UNKNOWN, true, "the line broke after the dot" },
        { "1 queued; 3 handing; 4 unknown; 5 queued try=2", NOTICE_QUEUED, false, "the log says that it was not taken" },
        { "1 queued; 3 handing; 4 unknown; 5 accepted", NOTICE_ACCEPTED, true, "the log says that it was" },
        { "3 handing; 4 refused", NOTICE_REFUSED, false, "550" },
        { "3 handing; 4 accepted; 5 soft; 6 delivered", NOTICE_DELIVERED, true, "late, and there" },
        { "3 handing; 4 accepted; 6 delivered; 9 hard", NOTICE_BOUNCED_HARD, true, "a late failure overrides a delivery" },
        { "3 handing; 4 accepted; 9@5 hard; 6 delivered", NOTICE_BOUNCED_HARD, true, "in any order" },
        { "4 accepted; 5 auto", NOTICE_AUTO_REPLIED, true, "proof of life, and no answer" },
        { "4 accepted; 5 auto; 6 delivered", NOTICE_DELIVERED, true, "a report is truer than a robot" },
        { "4 accepted; 5 delivered; 6 auto", NOTICE_DELIVERED, true, "in any order" },
        { "4 accepted; 5 auto; 6 hard", NOTICE_BOUNCED_HARD, true, "a failed report is truer than a robot" },
        { "4 accepted; 5 hard; 6 ack", NOTICE_ACKNOWLEDGED, true, "a person is truer than a report" },
        { "4 accepted; 6 ack; 7 complaint; 8 hard", NOTICE_ACKNOWLEDGED, true, "whatever comes after" },
        { "4 accepted; 6 ack; 7 wrong", NOTICE_WRONG_RECIPIENT, true, "of two answers the last holds" },
        { "4 accepted; 7@8 ack; 7 declined", NOTICE_ACKNOWLEDGED, true, "the last that came in" },
        { "1 queued; 2 suppressed", NOTICE_SUPPRESSED, false, "stopped before it went" },
        { "1 queued; 3 handing; 4 cancelled", NOTICE_HANDING_OVER, true, "what may be out cannot be cancelled" },
        { "1 queued; 2 cancelled; 5 delivered", NOTICE_DELIVERED, true, "it came back, so it was sent" },
        { "9 complaint", NOTICE_COMPLAINT, true, "nothing but what came back" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct script       s = script(t[i].facts);
        struct notice_state r;
        CHECK(notice_fold(s.f, s.n, 0, always, memory.a, &r, &e) || !s.n);
        for (size_t k = 0; k < s.n; k++)
            s.f[k].subject = 1;
        CHECK(notice_fold(s.f, s.n, 1, always, memory.a, &r, &e));
        if (r.step != t[i].step || r.may_be_out != t[i].out)
            fail_msg("%s: %s, %d", t[i].why, notice_step_name(r.step), r.may_be_out);
    }
}

/* A case whose first steps are taken: grouped, seen by an own check. */
#define SEEN "0 grouped; 1 vuln act; "
#define SHUT SEEN "2 patch; 3 hunt; 4 patch; 5 patch; "

static struct case_state case_of(const struct script *s, struct fold_at at)
{
    struct arena      scratch = memory.a;
    struct case_state r = { 0 };

    if (!case_fold(s->f, s->n, at, &scratch, &r, &e))
        fail_msg("%s", e.what);
    return r;
}

static void cases(void **state)
{
    static const struct { const char *facts; double now; enum case_stage stage; const char *why; } t[] = {
        { "", 1, CASE_NONE, "nothing" },
        { "0 grouped; 1 vuln", 2, CASE_CANDIDATE, "one passive source" },
        { "0 grouped; 1 vuln; 2 vuln", 2, CASE_CANDIDATE, "the same source again is not a second one" },
        { "0 grouped; 1 vuln; 2 vuln src=2", 3, CASE_VERIFIED, "a second independent source" },
        { "0 grouped; 1 vuln act", 3, CASE_VERIFIED, "an authorised survey's own check" },
        { "0 grouped; 1 open A", 3, CASE_HUNTED, "a signed hunt report verifies, and is a hunt" },
        { "0 grouped; 1 open B", 3, CASE_CANDIDATE, "one that nobody signed does not" },
        { "0 grouped; 1 vuln act; 1 trap", 3, CASE_CANDIDATE, "a honeypot is nobody's victim" },
        { "0 grouped; 1 vuln; 2 na act; 3 na act", 4, CASE_DISMISSED, "two own checks a day apart find nothing" },
        { "0 grouped; 1 vuln; 2 na act; 2.5 na act", 4, CASE_CANDIDATE, "half a day apart are not enough" },
        { "0 grouped; 1 vuln; 2 na act; 3 na act; 4 vuln", 4, CASE_CANDIDATE, "reported again after that" },
        { SEEN "2 contact", 4, CASE_CONTACT_FOUND, "somebody to write to" },
        { SEEN "2 untested", 4, CASE_VERIFIED, "not before its mail path was tested" },
        { SEEN "2 empty", 4, CASE_UNREACHABLE, "a person looked, and there is nobody" },
        { SEEN "2 empty; 3 contact", 4, CASE_CONTACT_FOUND, "somebody after all" },
        { SEEN "2 contact; 3 queued", 4, CASE_CONTACT_FOUND, "queued is not sent" },
        { SEEN "2 contact; 3 accepted", 4, CASE_NOTIFIED, "our mail server took it" },
        { SEEN "2 contact; 3 accepted #9 relay", 4, CASE_CONTACT_FOUND, "a CSIRT took it: nobody is notified by that" },
        { SEEN "2 contact; 3 accepted #9 relay; 4 delivered #9 relay", 5, CASE_CONTACT_FOUND, "nor by its arrival there" },
        { SEEN "2 contact; 3 accepted #9 relay; 4 ack #9 relay", 5, CASE_NOTIFIED, "before the CSIRT says that they were told; and that is not their answer" },
        { SEEN "2 contact; 3 accepted #9 forward; 4 ack #9 forward", 5, CASE_DELIVERED, "a provider's answer is not theirs" },
        { SEEN "2 contact; 3 accepted; 4 delivered", 4, CASE_DELIVERED, "theirs did" },
        { SEEN "2 contact; 3 accepted; 4 auto", 4, CASE_DELIVERED, "a robot answered" },
        { SEEN "2 contact; 3 accepted; 4 portal", 4, CASE_DELIVERED, "the page was opened: a scanner may have done that" },
        { SEEN "2 contact; 3 accepted; 4 hard; 4 dead; 2 contact #7", 5, CASE_CONTACT_FOUND, "it bounced, and there is another" },
        { SEEN "2 contact; 3 accepted; 4 hard; 4 dead", 5, CASE_VERIFIED, "it bounced, and there is none: look for one" },
        { SEEN "2 contact; 3 accepted; 4 ack", 5, CASE_ACKNOWLEDGED, "a person answered" },
        { SEEN "2 contact; 3 accepted; 4 confirm", 5, CASE_ACKNOWLEDGED, "with the code of the letter" },
        { SEEN "2 contact; 3 accepted; 4 reply0", 5, CASE_NOTIFIED, "an answer that might be anybody's" },
        { SEEN "3 patch", 5, CASE_PATCHED, "patched by itself" },
        { SEEN "3 patch C", 5, CASE_VERIFIED, "a banner says so" },
        { SEEN "3 patch D", 5, CASE_VERIFIED, "somebody says so" },
        { SEEN "1 vuln #2; 3 patch", 5, CASE_VERIFIED, "one of two servers: a case is as bad as its worst" },
        { SEEN "3 patch; 4 hunt", 5, CASE_HUNTED, "hunted, and clean for less than 72 hours" },
        { SEEN "3 patch; 4 hunt", 50, CASE_HUNTED, "72 hours without rescans prove nothing" },
        { SEEN "3 patch; 4 hunt; 5 patch; 5.02 patch src=2", 50, CASE_HUNTED, "one rescan is not two, and two within an hour are one" },
        { SHUT, 5.5, CASE_HUNTED, "two rescans, and less than 72 hours" },
        { SHUT, 6, CASE_CLEAN, "both" },
        { SHUT, 95.9, CASE_CLEAN, "not yet 90 days" },
        { SHUT, 96, CASE_CLOSED, "90 days" },
        { SHUT "5.5 find D", 20, CASE_HUNTED, "a suspicion is open" },
        { SHUT "1 vuln #2", 20, CASE_VERIFIED, "another server of it is not clean" },
        { SHUT "7 find k=1", 20, CASE_RELAPSED, "a finding after clean" },
        { SHUT "7 find k=1 own=1", 20, CASE_BACKDOORED, "one that was missed" },
        { SEEN "2 find k=1", 9, CASE_BACKDOORED, "a back door" },
        { SEEN "2 find k=1; 3 patch", 9, CASE_BACKDOORED, "patched and still back-doored" },
        { SEEN "2 contact; 3 accepted; 4 escalated", 33, CASE_NOTIFIED, "29 days of silence" },
        { SEEN "2 contact; 3 accepted; 4 escalated", 34, CASE_DORMANT, "30 days of silence: it sleeps, and stays open" },
        { SEEN "2 contact; 3 accepted; 4 escalated; 20 patch", 34, CASE_PATCHED, "something changed" },
        { SEEN "2 find k=1; 4 escalated", 300, CASE_BACKDOORED, "nothing is dormant while a back door is known" },
        { SEEN "2 contact; 3 accepted", 3000, CASE_NOTIFIED, "silence closes nothing" },
        { SEEN "2 patch D; 3 gone D; 4 hunt C; 5 reply", 3000, CASE_ACKNOWLEDGED, "nor do words" },
        { SEEN "2 notmine", 5, CASE_CANDIDATE, "not theirs: to be grouped anew" },
        { SEEN "2 notmine; 3 grouped", 5, CASE_VERIFIED, "grouped to them again" },
        { SEEN "1 vuln #2; 2 notmine #2; 3 patch", 5, CASE_PATCHED, "one of the two is not theirs" },
        { SEEN "3 force-dismissed", 5, CASE_DISMISSED, "a person decided" },
        { SEEN "3 force-dismissed; 4 release", 5, CASE_VERIFIED, "and took it back" },
        { SEEN "3 force-dismissed; 4 force-clean", 5, CASE_CLEAN, "the last decision holds" },
        { SEEN "3 force-clean; 4 find k=1", 5, CASE_BACKDOORED, "what is found afterwards is stronger" },
        { SEEN "2@2 find k=1; 3 force-clean", 5, CASE_CLEAN, "what was known before is not" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        struct script     s = script(t[i].facts);
        struct case_state r = case_of(&s, (struct fold_at){ day(t[i].now), TIME_NONE });
        if (r.stage != t[i].stage)
            fail_msg("%s: %s (\"%s\")", t[i].why, case_stage_name(r.stage), t[i].facts);
    }
    struct script     s = script(SEEN "2 find k=1; 3 patch; 3 vuln #2 src=2; 4 accepted #9; 6 ack #9; 3 force-clean; 3.5 find k=1");
    struct case_state r = case_of(&s, (struct fold_at){ day(7), TIME_NONE });
    CHECK(r.assets == 2 && r.vulnerable == 1 && r.patched == 1 && r.backdoored == 1 && r.patched_backdoored == 1 && r.notice_n == 1 && r.asset_n == 2);
    CHECK(r.forced && r.contradicted && str_eq(r.reason, STR("a reason")) && r.derived == CASE_BACKDOORED && r.forced_us == day(3));
    CHECK(r.verified_us == day(1) && r.notified_us == day(4) && r.acknowledged_us == day(6) && r.patched_us == TIME_NONE && r.clean_us == TIME_NONE);
    CHECK(r.needs == (NEED_PATCH | NEED_HUNT | NEED_REMOVAL));
    /* A call has no "accepted": that it reached somebody says so. */
    s = script(SEEN "4 delivered #9");
    r = case_of(&s, (struct fold_at){ day(7), TIME_NONE });
    CHECK(r.notified_us == day(4) && r.delivered_us == day(4));
    s = script(SEEN "5 ack #9");
    r = case_of(&s, (struct fold_at){ day(7), TIME_NONE });
    CHECK(r.notified_us == day(5) && r.acknowledged_us == day(5));
    s = script(SEEN "5 hard #9");
    r = case_of(&s, (struct fold_at){ day(7), TIME_NONE });
    CHECK(r.notified_us == TIME_NONE);
    for (uint32_t bit = 1; bit <= NEED_SUSPICION_SETTLED; bit <<= 1)
        CHECK(*need_name(bit));
    s = script(SHUT);
    r = case_of(&s, (struct fold_at){ day(6), TIME_NONE });
    CHECK(r.clean_us == day(6) && r.patched_us == day(2) && r.hunted_us == day(3) && !r.needs);
    s = script(SEEN "2 patch C; 3 hunt; 4 find D");
    r = case_of(&s, (struct fold_at){ day(6), TIME_NONE });
    CHECK(r.needs == (NEED_PATCH_PROOF | NEED_SUSPICION_SETTLED));
    s = script(SEEN "2 patch; 3 hunt; 4 vuln; 5 patch");
    r = case_of(&s, (struct fold_at){ day(6), TIME_NONE });
    CHECK(r.needs == NEED_HUNT_AGAIN);
    s = script(SEEN "2 patch; 3 hunt; 4 patch");
    r = case_of(&s, (struct fold_at){ day(4), TIME_NONE });
    CHECK(r.needs == (NEED_TIME | NEED_RESCANS));
}

static void what_is_refused(void **state)
{
    struct fact good = { .kind = FACT_FORCE, .value = CASE_CLEAN, .recorded_us = day(1), .observed_us = TIME_NONE, .own_us = TIME_NONE, .reason = STR("why"), .who = STR("me") };
    struct fact f;

    (void)state;
    CHECK(fact_check(&good, &e));
    f = good; f.reason = STR("  ");         CHECK(!fact_check(&f, &e) && e.kind == ERR_USAGE);      /* a force says why */
    f = good; f.who = STR_EMPTY;            CHECK(!fact_check(&f, &e));                             /* and who */
    f = good; f.value = CASE_NONE;          CHECK(!fact_check(&f, &e));
    f = good; f.value = CASE_STAGES;        CHECK(!fact_check(&f, &e));
    f = good; f.kind = FACT_KINDS;          CHECK(!fact_check(&f, &e));
    f = good; f.recorded_us = TIME_NONE;    CHECK(!fact_check(&f, &e));
    f = good; f.observed_us = INT64_MAX;    CHECK(!fact_check(&f, &e));
    f = good; f.kind = FACT_NOTICE; f.value = NOTICE_STEPS; CHECK(!fact_check(&f, &e));
    f = good; f.kind = FACT_EXPOSURE; f.value = -1; CHECK(!fact_check(&f, &e));
    f = good; f.grade = (enum grade)9;      CHECK(!fact_check(&f, &e));
    /* And does nothing in a fold. */
    struct script     s = script(SEEN "3 force-clean");
    s.f[2].reason = STR_EMPTY;
    struct case_state r = case_of(&s, always);
    CHECK(r.stage == CASE_VERIFIED && !r.forced);
}

static void grades(void **state)
{
    static const struct { struct hunt_proof p; enum grade g; const char *why; } t[] = {
        { { 1, 1, 1, 1, 0 }, GRADE_A, "signed by a known responder" },
        { { 1, 1, 1, 0, 0 }, GRADE_B, "validates, covers the window, carries the nonce" },
        { { 1, 0, 1, 1, 0 }, GRADE_C, "no nonce: another server's, or an old one" },
        { { 1, 1, 0, 1, 0 }, GRADE_C, "a part of the window" },
        { { 0, 1, 1, 1, 0 }, GRADE_NONE, "does not validate" },
        { { 0, 0, 0, 0, 1 }, GRADE_A, "a responder on site" },
    };
    const char *why;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++)
        CHECK_WHY(hunt_grade(&t[i].p, &why) == t[i].g && (*why || t[i].g == GRADE_A), t[i].why);
    CHECK(exposure_grade(EXPOSURE_BY_OWN_PROBE4) == GRADE_B && exposure_grade(EXPOSURE_BY_PARTNER) == GRADE_B && exposure_grade(EXPOSURE_BY_BANNER) == GRADE_C &&
          exposure_grade(EXPOSURE_BY_FORM) == GRADE_C && exposure_grade(EXPOSURE_BY_WORD) == GRADE_D);
    for (int i = 0; i < CASE_STAGES; i++)
        CHECK(*case_stage_name((enum case_stage)i));
    for (int i = 0; i < NOTICE_STEPS; i++)
        CHECK(*notice_step_name((enum notice_step)i));
    for (int i = 0; i < EXPOSURES; i++)
        CHECK(*server_exposure_name((enum exposure)i));
    for (int i = 0; i < COMPROMISES; i++)
        CHECK(*compromise_name((enum compromise)i));
    CHECK(!*case_stage_name(CASE_STAGES) && !strcmp(grade_name(GRADE_B), "B"));
}

/* ---- properties ---- */

struct rnd { uint64_t s; };
static uint32_t rnd(struct rnd *x, uint32_t n)
{
    x->s = x->s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((x->s >> 33) % n);
}

static struct fact random_fact(struct rnd *x)
{
    struct fact f = { .kind = (enum fact_kind)rnd(x, FACT_KINDS), .grade = (enum grade)rnd(x, 5), .subject = 1 + rnd(x, 3), .source = rnd(x, 3), .finding = rnd(x, 4),
                      .attempt = 1 + rnd(x, 3), .flags = rnd(x, 32), .reason = STR("r"), .who = STR("w") };
    static const uint8_t span[FACT_KINDS] = { [FACT_EXPOSURE] = EXPOSURES, [FACT_HUNT] = 3, [FACT_NOTICE] = NOTICE_STEPS, [FACT_GROUPED] = 101, [FACT_CONTACT] = 2, [FACT_PORTAL] = 2,
                                              [FACT_REPLY] = 3, [FACT_FORCE] = CASE_STAGES };

    f.value       = span[f.kind] ? (int32_t)rnd(x, span[f.kind]) : 0;
    f.observed_us = rnd(x, 10) ? day(rnd(x, 40) / 2.0) : TIME_NONE;
    f.recorded_us = day(rnd(x, 40) / 2.0);
    f.own_us      = rnd(x, 2) ? day(rnd(x, 40) / 2.0) : TIME_NONE;
    if (f.kind >= FACT_GROUPED && f.kind != FACT_CONTACT)
        f.subject = 0;
    seal(&f);
    return f;
}

/* Everything that a fold says. Structs hold padding, so members are written one by one. */
static uint64_t digest(const struct case_state *s)
{
    uint64_t h = 14695981039346656037u;
#define MIX(v) (h = (h ^ (uint64_t)(v)) * 1099511628211u, h ^= h >> 29)
    MIX(s->stage); MIX(s->derived); MIX(s->forced); MIX(s->contradicted); MIX(s->forced_us); MIX(s->needs); MIX(s->assets); MIX(s->vulnerable); MIX(s->patched); MIX(s->backdoored);
    MIX(s->patched_backdoored); MIX(s->hunted); MIX(s->clean); MIX(s->relapsed); MIX(s->missed); MIX(s->re_entered); MIX(s->suspicion); MIX(s->verified_us); MIX(s->notified_us);
    MIX(s->delivered_us); MIX(s->acknowledged_us); MIX(s->patched_us); MIX(s->hunted_us); MIX(s->clean_us);
    for (uint32_t i = 0; i < s->asset_n; i++) {
        const struct asset_state *x = &s->asset[i];
        MIX(x->asset); MIX(x->exposure); MIX(x->exposure_grade); MIX(x->exposure_us); MIX(x->compromise); MIX(x->compromise_grade); MIX(x->compromise_us); MIX(x->clean); MIX(x->was_clean);
        MIX(x->suspicion); MIX(x->hunted); MIX(x->re_entered); MIX(x->not_mine); MIX(x->still_there); MIX(x->backdoored_ever); MIX(x->clean_us); MIX(x->hunted_us); MIX(x->vulnerable_us);
        MIX(x->relapses); MIX(x->missed); MIX(x->rescans); MIX(x->rescan2_us); MIX(x->changed_us);
    }
    for (uint32_t i = 0; i < s->notice_n; i++) {
        const struct notice_state *x = &s->notice[i];
        MIX(x->notice); MIX(x->step); MIX(x->attempts); MIX(x->may_be_out); MIX(x->accepted_us); MIX(x->delivered_us); MIX(x->answered_us); MIX(x->changed_us);
    }
#undef MIX
    return h;
}

static uint64_t fold_digest(const struct fact *f, size_t n)
{
    struct arena      scratch = memory.a;
    struct case_state r;

    CHECK(case_fold(f, n, (struct fold_at){ day(15), TIME_NONE }, &scratch, &r, &e));
    return digest(&r);
}

/* Heap's algorithm: every order of n facts. */
static void all_orders(struct fact *f, size_t n, uint64_t want)
{
    size_t c[8] = { 0 };

    for (size_t i = 0; i < n;) {
        if (c[i] < i) {
            size_t      k = i % 2 ? c[i] : 0;
            struct fact keep = f[k];
            f[k] = f[i];
            f[i] = keep;
            if (fold_digest(f, n) != want)
                fail_msg("another order of %zu facts gives another state", n);
            c[i]++;
            i = 0;
        } else
            c[i++] = 0;
    }
}

static void every_order_gives_the_same(void **state)
{
    struct rnd x = { 5 };

    (void)state;
    /* All permutations of small sets: 60 sets of five, 8 of six. */
    for (int round = 0; round < 68; round++) {
        struct fact f[6];
        size_t      n = round < 60 ? 5 : 6;
        for (size_t i = 0; i < n; i++)
            f[i] = random_fact(&x);
        all_orders(f, n, fold_digest(f, n));
    }
    /* Random permutations of large ones, with repetitions. */
    enum { MANY = 400 };
    struct fact *base = malloc(MANY * sizeof *base), *f = malloc(2 * MANY * sizeof *f);
    for (int round = 0; round < 15; round++) {
        for (size_t i = 0; i < MANY; i++)
            base[i] = random_fact(&x);
        uint64_t want = fold_digest(base, MANY);
        for (int k = 0; k < 8; k++) {
            size_t n = k % 2 ? 2 * MANY : MANY;
            memcpy(f, base, MANY * sizeof *f);
            memcpy(f + MANY, base, MANY * sizeof *f);
            for (size_t i = MANY; i < 2 * MANY; i++)
                f[i].recorded_us += rnd(&x, 2) * TIME_DAY;      /* the same content came in again later */
            for (size_t i = n - 1; i > 0; i--) {
                size_t      j = rnd(&x, (uint32_t)i + 1);
                struct fact keep = f[i];
                f[i] = f[j];
                f[j] = keep;
            }
            CHECK(fold_digest(f, n) == want);
        }
    }
    free(base);
    free(f);
}

static void what_always_holds(void **state)
{
    struct rnd x = { 77 };
    struct fact f[48];
    uint32_t    cleans = 0;

    (void)state;
    for (int round = 0; round < 3000; round++) {
        size_t n = 5 + rnd(&x, 30), weak_n = 0;
        struct fact weak[48];
        /* In two rounds of three a case that is in order, and few facts that disturb it; so that there is something to disturb. */
        struct script order = round % 3 ? script("0 grouped; 1 vuln act; 20 patch; 21 hunt; 22 patch; 23 patch") : (struct script){ .n = 0 };
        if (order.n)
            n = rnd(&x, 6);
        for (size_t i = 0; i < n; i++) {
            f[i] = random_fact(&x);
            if (f[i].kind == FACT_FORCE)
                f[i].kind = FACT_ESCALATED, f[i].value = 0;
            seal(&f[i]);
            if (f[i].grade <= GRADE_C)
                weak[weak_n++] = f[i];
        }
        for (size_t i = 0; i < order.n; i++) {
            f[n++] = order.f[i];
            if (order.f[i].grade <= GRADE_C)
                weak[weak_n++] = order.f[i];
        }
        struct arena      s1 = memory.a;
        struct case_state r, q;
        CHECK(case_fold(f, n, (struct fold_at){ day(400), TIME_NONE }, &s1, &r, &e));
        /* Without a force: clean and closed stand on servers that are all clean, and nothing is open. */
        cleans += r.stage == CASE_CLOSED;
        if (r.stage == CASE_CLEAN || r.stage == CASE_CLOSED)
            CHECK(!r.needs && r.clean == r.assets && r.assets && !r.backdoored && !r.suspicion);
        for (uint32_t i = 0; i < r.asset_n; i++)
            CHECK(!r.asset[i].clean || (r.asset[i].exposure_grade >= GRADE_B && r.asset[i].compromise == COMPROMISE_NEGATIVE));
        CHECK(r.patched_backdoored <= r.backdoored && r.backdoored <= r.assets && r.assets <= r.asset_n);
        CHECK(r.stage != CASE_DORMANT || !r.backdoored);
        /* Grades C and D never reach clean, however long one waits. */
        s1 = memory.a;
        CHECK(case_fold(weak, weak_n, (struct fold_at){ day(4000), TIME_NONE }, &s1, &q, &e));
        CHECK(q.stage != CASE_CLEAN && q.stage != CASE_CLOSED && !q.clean);
        /* A finding that is newer than everything leaves nothing clean. */
        struct fact bad = { .kind = FACT_FINDING, .grade = GRADE_B, .subject = 1, .finding = 99, .observed_us = day(300), .recorded_us = day(300), .own_us = TIME_NONE };
        seal(&bad);
        f[n] = bad;
        s1 = memory.a;
        CHECK(case_fold(f, n + 1, (struct fold_at){ day(400), TIME_NONE }, &s1, &q, &e));
        CHECK(q.stage != CASE_CLEAN && q.stage != CASE_CLOSED);
        /* One more statement never makes a case better than it was. */
        struct fact word = { .kind = FACT_EXPOSURE, .value = EXPOSURE_PATCHED, .grade = GRADE_D, .subject = 1, .observed_us = day(300), .recorded_us = day(300), .own_us = TIME_NONE };
        seal(&word);
        f[n] = word;
        s1 = memory.a;
        CHECK(case_fold(f, n + 1, (struct fold_at){ day(400), TIME_NONE }, &s1, &q, &e));
        CHECK((q.stage != CASE_CLEAN && q.stage != CASE_CLOSED) || q.stage == r.stage);
    }
    CHECK(cleans > 100);
}

/* A series says at each instant what a fold says, and between two facts nothing changes before the time that it told. */
static void a_series_is_many_folds(void **state)
{
    struct rnd x = { 21 };
    struct fact f[60];
    uint32_t    woken = 0;

    (void)state;
    for (int round = 0; round < 800; round++) {
        struct script order = round % 3 ? script("0 grouped; 1 vuln act; 8 patch; 9 hunt; 9.5 patch; 10 patch") : (struct script){ .n = 0 };
        struct arena  s1 = memory.a;
        struct case_series *c;
        size_t  n = order.n ? rnd(&x, 4) : 2 + rnd(&x, 40);
        int64_t next = TIME_NONE, known = rnd(&x, 4) ? TIME_NONE : day(rnd(&x, 20));
        for (size_t i = 0; i < n; i++)
            f[i] = random_fact(&x);
        for (size_t i = 0; i < order.n; i++)
            f[n++] = order.f[i];
        if (!case_series_open(&c, f, n, known, &s1, &e))
            fail_msg("%s", e.what);
        for (int64_t t = day(-1), last = day(150); t <= last; t = next != TIME_NONE && next < t + TIME_DAY / 2 ? next : t < day(25) ? t + TIME_DAY / 2 : next != TIME_NONE ? next : last + 1) {
            struct arena      s2 = s1;
            struct case_state r, q;
            if (!case_series_at(c, t, &s2, &r, &next, &e))
                fail_msg("%s", e.what);
            CHECK(case_fold(f, n, (struct fold_at){ t, known }, &s2, &q, &e));
            if (digest(&r) != digest(&q))
                fail_msg("round %d: a series says something else at day %.2f", round, (double)(t - DAY0) / (double)TIME_DAY);
            CHECK(next == TIME_NONE || next > t);
            if (t < day(25))
                continue;
            CHECK(case_fold(f, n, (struct fold_at){ next == TIME_NONE ? day(4000) : next - 1, known }, &s2, &q, &e));
            CHECK(digest(&r) == digest(&q));
            woken += next != TIME_NONE;
        }
    }
    CHECK(woken > 200);
}

static bool folds(struct arena *a, struct err *err)
{
    static struct script s;
    struct case_state    r;
    struct asset_state   x;
    struct notice_state  k;
    struct case_series  *c;
    int64_t              next;

    s = script(SHUT "4 find k=1; 4 find k=2 #2; 5 accepted #8");
    return case_fold(s.f, s.n, always, a, &r, err) && asset_fold(s.f, s.n, 1, always, *a, &x, err) && notice_fold(s.f, s.n, 8, always, *a, &k, err) &&
           case_series_open(&c, s.f, s.n, TIME_NONE, a, err) && case_series_at(c, day(9), a, &r, &next, err);
}

static void room_that_runs_out(void **state)
{
    (void)state;
    fault_sweep(folds, 1 << 18);
    struct fact one = { 0 };
    struct asset_state r;
    CHECK(!asset_fold(&one, (size_t)FACTS_MAX + 1, 1, always, memory.a, &r, &e) && e.kind == ERR_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers),
        cmocka_unit_test(as_of),
        cmocka_unit_test(notices),
        cmocka_unit_test(cases),
        cmocka_unit_test(what_is_refused),
        cmocka_unit_test(grades),
        cmocka_unit_test(every_order_gives_the_same),
        cmocka_unit_test(what_always_holds),
        cmocka_unit_test(a_series_is_many_folds),
        cmocka_unit_test(room_that_runs_out),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
