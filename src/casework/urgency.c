/* See urgency.h. */
#include "casework/urgency.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/num.h"

enum { SERVERS_MAX = 9999, DAYS_MAX = 999, RANK = URGENCY_RANK, SERVER = 1000 };
#define ANSWER_US (72 * TIME_HOUR)     /* sheet, 8.5: then another way is tried */

static const char *const names[URGENT_RANKS] = {
    [URGENT_NOTHING] = "nothing", [URGENT_WAITS] = "waits", [URGENT_CANDIDATE] = "candidate", [URGENT_RESCAN] = "rescan", [URGENT_HUNT] = "hunt", [URGENT_REMIND] = "remind",
    [URGENT_REVIEW] = "review", [URGENT_SUSPICION] = "suspicion", [URGENT_NOTIFY] = "notify", [URGENT_TEST_CONTACT] = "test_contact", [URGENT_CONTACT] = "contact",
    [URGENT_BOUNCED] = "bounced", [URGENT_DOOR_SILENT] = "door_silent", [URGENT_REPORT] = "report", [URGENT_DOOR_BOUNCED] = "door_bounced",
    [URGENT_CONTRADICTED] = "contradicted", [URGENT_RELAPSED] = "relapsed", [URGENT_DOOR_UNTOLD] = "door_untold",
};

const char *urgency_name(enum urgency_rank r) { return (unsigned)r < URGENT_RANKS ? names[r] : ""; }
enum urgency_rank urgency_rank_of(int64_t number) { return number < 0 || number / RANK >= URGENT_RANKS ? URGENT_NOTHING : (enum urgency_rank)(number / RANK); }

struct weigh { const struct urgency_ask *ask; struct urgency best; };

/* Keeps the more pressing of two. since_us: for how long it waits; TIME_NONE: not told. */
__attribute__((format(printf, 5, 6)))
static void say(struct weigh *w, enum urgency_rank r, uint32_t servers, int64_t since_us, const char *fmt, ...)
{
    va_list v;
    int64_t days = since_us == TIME_NONE || since_us > w->ask->now_us ? 0 : (w->ask->now_us - since_us) / TIME_DAY;

    if (r <= w->best.rank)
        return;
    w->best.rank = r;
    w->best.number = (int64_t)r * RANK + (int64_t)(servers < SERVERS_MAX ? servers : SERVERS_MAX) * SERVER + (days < DAYS_MAX ? days : DAYS_MAX);
    va_start(v, fmt);
    vsnprintf(w->best.why, sizeof w->best.why, fmt, v);
    va_end(v);
}

/* "1 server", "3 servers". */
struct count { char text[24]; };
static struct count servers(uint32_t n)
{
    struct count c;

    snprintf(c.text, sizeof c.text, "%u server%s", n, n == 1 ? "" : "s");
    return c;
}

static struct count days_since(const struct weigh *w, int64_t us)
{
    struct count c;
    long long    n = us == TIME_NONE || us > w->ask->now_us ? 0 : (long long)((w->ask->now_us - us) / TIME_DAY);

    snprintf(c.text, sizeof c.text, "%lld day%s", n, n == 1 ? "" : "s");
    return c;
}

/* Words of a report's judgement, as they may stand in a sentence. */
static void plain(struct str s, char *ret, size_t room)
{
    size_t n = 0;

    for (size_t i = 0; i < s.n && n + 1 < room; i++)
        ret[n++] = s.p[i] >= 0x20 && s.p[i] < 0x7f ? (char)s.p[i] : '?';
    ret[n] = 0;
}

struct told { bool bounced, out; int64_t bounced_us; };
static struct told told_of(const struct case_state *s)
{
    struct told t = { .bounced_us = TIME_NONE };

    for (uint32_t i = 0; i < s->notice_n; i++)
        switch (s->notice[i].step) {
        case NOTICE_REFUSED: case NOTICE_BOUNCED_HARD: case NOTICE_COMPLAINT: case NOTICE_WRONG_RECIPIENT: case NOTICE_DECLINED:
            t.bounced = true;
            t.bounced_us = s->notice[i].changed_us > t.bounced_us ? s->notice[i].changed_us : t.bounced_us;
            break;
        case NOTICE_PLANNED: case NOTICE_SUPPRESSED: case NOTICE_CANCELLED:
            break;
        default:
            t.out = true;              /* on its way, or there */
        }
    return t;
}

static void with_door(struct weigh *w, const struct told *t)
{
    const struct case_state *s = w->ask->state;
    struct count n = servers(s->backdoored);
    int64_t      last = s->acknowledged_us != TIME_NONE ? s->acknowledged_us : s->notified_us;

    if (s->acknowledged_us == TIME_NONE && !t->out)
        say(w, t->bounced ? URGENT_DOOR_BOUNCED : URGENT_DOOR_UNTOLD, s->backdoored, t->bounced ? t->bounced_us : s->verified_us,
            t->bounced ? w->ask->contacts ? "a back door is there (%s), and the notice did not arrive: take the next contact, and telephone"
                                          : "a back door is there (%s), and the notice did not arrive: no other contact is known, find one"
            : w->ask->contacts ? "a back door is there (%s), and nobody was told: call and write today"
            : w->ask->untested ? "a back door is there (%s), and nobody was told: call today, and do not write to a mailbox on it"
                               : "a back door is there (%s), nobody was told, and no contact is known: find one today", n.text);
    else if (last != TIME_NONE && w->ask->now_us - last >= ANSWER_US)
        say(w, URGENT_DOOR_SILENT, s->backdoored, last,
            s->acknowledged_us != TIME_NONE ? "a back door is still there (%s), %s after they answered: ask what holds them up"
                                            : "a back door is still there (%s), %s after they were told, and no answer: another person, another way", n.text, days_since(w, last).text);
    else
        say(w, URGENT_WAITS, s->backdoored, last, "they were told of the back door (%s); without an answer another way is due after 72 hours", n.text);
}

static void without_door(struct weigh *w, const struct told *t)
{
    const struct case_state *s = w->ask->state;
    struct count n = servers(s->vulnerable);

    if (s->acknowledged_us != TIME_NONE || s->derived == CASE_DORMANT || s->derived == CASE_UNREACHABLE)
        return;
    if (!t->out && t->bounced)
        say(w, URGENT_BOUNCED, s->vulnerable, t->bounced_us, w->ask->contacts ? "the notice did not arrive: take the next contact" : "the notice did not arrive, and no other contact is known");
    else if (!t->out && !s->needs)
        return;
    else if (!t->out && w->ask->contacts)
        say(w, URGENT_NOTIFY, s->vulnerable, s->verified_us, "a contact is known, and nobody was told yet (%s vulnerable)", n.text);
    else if (!t->out && w->ask->untested)
        say(w, URGENT_TEST_CONTACT, s->vulnerable, s->verified_us, "a contact is known; does its mail go through one of these servers? (%s vulnerable)", n.text);
    else if (!t->out)
        say(w, URGENT_CONTACT, s->vulnerable, s->verified_us, "verified, and no contact is known (%s vulnerable)", n.text);
    else if (s->vulnerable && s->notified_us != TIME_NONE && w->ask->now_us - s->notified_us >= ANSWER_US)
        say(w, URGENT_REMIND, s->vulnerable, s->notified_us, "told %s ago, no answer, still vulnerable (%s): another person, another way", days_since(w, s->notified_us).text, n.text);
    else
        say(w, URGENT_WAITS, s->vulnerable, s->notified_us, "they were told; without an answer another way is due after 72 hours");
}

/* What stands between the case and clean, when nothing presses. */
static void what_is_missing(struct weigh *w)
{
    static const struct { uint32_t need; enum urgency_rank rank; const char *what; } rows[] = {
        { NEED_HUNT_AGAIN, URGENT_HUNT, "a server was vulnerable after its hunt: ask for another" },
        { NEED_HUNT_PROOF, URGENT_HUNT, "hunted, but no hunt proves that the door is shut: ask for another" },
        { NEED_HUNT, URGENT_HUNT, "not every server was hunted: ask for a hunt" },
        { NEED_PATCH_PROOF, URGENT_RESCAN, "patched by their own word or a banner: scan it again" },
        { NEED_RESCANS, URGENT_RESCAN, "all is in order; two rescans are wanted" },
        { NEED_TIME, URGENT_WAITS, "all is in order; 72 hours have to pass" },
    };
    const struct case_state *s = w->ask->state;

    if (s->derived == CASE_DORMANT) {
        say(w, URGENT_REMIND, s->vulnerable, s->notified_us, "nothing has moved for 30 days after the last escalation; it still counts as open");
        return;
    }
    /* Who was told yesterday is not asked today. */
    if (s->notified_us != TIME_NONE && s->acknowledged_us == TIME_NONE && w->ask->now_us - s->notified_us < ANSWER_US)
        return;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (s->needs & rows[i].need && !(s->needs & NEED_PATCH && rows[i].rank == URGENT_HUNT && rows[i].need == NEED_HUNT))
            say(w, rows[i].rank, s->assets - s->clean, s->patched_us, "%s", rows[i].what);
    if (s->needs & NEED_PATCH)
        say(w, URGENT_HUNT, s->vulnerable, s->acknowledged_us, "not patched yet (%s vulnerable): ask how far they are", servers(s->vulnerable).text);
}

void urgency_of(const struct urgency_ask *ask, struct urgency *ret)
{
    const struct case_state *s = ask->state;
    struct weigh w = { .ask = ask };
    struct told  t = told_of(s);
    char         why[96];

    /* A person decided, and nothing speaks against it. */
    if (s->forced && !s->contradicted) {
        snprintf(w.best.why, sizeof w.best.why, "decided by a person: %s", case_stage_name(s->stage));
        *ret = w.best;
        return;
    }
    if (s->contradicted)
        say(&w, URGENT_CONTRADICTED, s->backdoored, s->forced_us, "a person decided otherwise, and then a back door was seen: look again");
    switch (s->derived) {
    case CASE_NONE: case CASE_DISMISSED: case CASE_CLOSED:
        if (!w.best.rank)
            snprintf(w.best.why, sizeof w.best.why, "%s", s->derived == CASE_DISMISSED ? "two checks found nothing" : s->derived == CASE_CLOSED ? "closed" : "");
        *ret = w.best;
        return;
    case CASE_CANDIDATE:
        if (s->assets && (s->vulnerable || s->backdoored || s->suspicion))
            say(&w, URGENT_CANDIDATE, s->vulnerable + s->backdoored, TIME_NONE, "one source says so: a second one, or a check of our own, is wanted");
        break;
    case CASE_CLEAN:
        say(&w, URGENT_WAITS, 0, s->clean_us, "clean; it is closed after 90 days");
        break;
    default:
        if (s->derived == CASE_RELAPSED)
            say(&w, URGENT_RELAPSED, s->backdoored, s->clean_us, "a back door came back after it was gone (%s): tell them, and hunt again", servers(s->backdoored).text);
        if (s->backdoored)
            with_door(&w, &t);
        else {
            without_door(&w, &t);
            what_is_missing(&w);
        }
        if (s->derived == CASE_UNREACHABLE)
            say(&w, URGENT_WAITS, s->vulnerable, TIME_NONE, "a person looked, and there is nobody to tell");
    }
    if (ask->reports) {
        plain(ask->report_why, why, sizeof why);
        say(&w, URGENT_REPORT, s->assets, TIME_NONE, *why ? "a hunt report waits for a look: %s" : "a hunt report waits for a look", why);
    }
    if (s->suspicion)
        say(&w, URGENT_SUSPICION, s->assets, TIME_NONE, "somebody suspects a back door, and it is not settled: a hunt would");
    if (ask->reviews && s->derived != CASE_CLEAN)
        say(&w, URGENT_REVIEW, ask->reviews, TIME_NONE, "whose a server is has to be decided (%u item%s)", ask->reviews, ask->reviews == 1 ? "" : "s");
    *ret = w.best;
}
