/* What needs a person first: the table's order, its numbers and its words. */
#include "test.h"

#include "base/num.h"
#include "casework/urgency.h"

#define DAY(n) ((int64_t)(n) * TIME_DAY)
enum { NOW = 100 };
static const int64_t never = TIME_NONE;

static struct case_state plain_case(enum case_stage derived)
{
    return (struct case_state){ .stage = derived, .derived = derived, .forced_us = never, .verified_us = DAY(1), .notified_us = never, .delivered_us = never, .acknowledged_us = never, .patched_us = never,
                                .hunted_us = never, .clean_us = never, .assets = 3 };
}

/* vulnerable, backdoored; notices: a, b: steps of up to two, -1 none; days of notice and answer, 0 none. */
static const struct {
    const char *why; enum case_stage derived; uint32_t vulnerable, backdoored, needs; int a, b, notified, answered;
    uint32_t contacts, untested, reports, reviews; bool suspicion, forced, contradicted;
    enum urgency_rank want; const char *words;
} rows[] = {
    { "nobody was told of a back door", CASE_BACKDOORED, 1, 2, NEED_REMOVAL, -1, -1, 0, 0, 1, 0, 0, 0, false, false, false, URGENT_DOOR_UNTOLD, "a back door is there (2 servers), and nobody was told: call and write today" },
    { "whether its mail passes the server is not known", CASE_BACKDOORED, 1, 1, NEED_REMOVAL, -1, -1, 0, 0, 0, 1, 0, 0, false, false, false, URGENT_DOOR_UNTOLD, "a back door is there (1 server), and nobody was told: call today, and do not write to a mailbox on it" },
    { "and whom to tell is not known", CASE_BACKDOORED, 1, 1, NEED_REMOVAL, -1, -1, 0, 0, 0, 0, 0, 0, false, false, false, URGENT_DOOR_UNTOLD, "a back door is there (1 server), nobody was told, and no contact is known: find one today" },
    { "a notice that is only planned tells nobody", CASE_BACKDOORED, 1, 1, NEED_REMOVAL, NOTICE_PLANNED, NOTICE_SUPPRESSED, 0, 0, 1, 0, 0, 0, false, false, false, URGENT_DOOR_UNTOLD, NULL },
    { "it came back, they know it", CASE_RELAPSED, 0, 1, NEED_REMOVAL, NOTICE_DELIVERED, -1, 90, 91, 1, 0, 0, 0, false, false, false, URGENT_RELAPSED, NULL },
    { "it came back, nobody was told", CASE_RELAPSED, 0, 1, NEED_REMOVAL, -1, -1, 0, 0, 1, 0, 0, 0, false, false, false, URGENT_DOOR_UNTOLD, NULL },
    { "a person was overruled", CASE_BACKDOORED, 0, 1, NEED_REMOVAL, NOTICE_DELIVERED, -1, 99, 0, 1, 0, 0, 0, false, true, true, URGENT_CONTRADICTED, "a person decided otherwise, and then a back door was seen: look again" },
    { "the notice of a back door bounced", CASE_BACKDOORED, 0, 1, NEED_REMOVAL, NOTICE_BOUNCED_HARD, -1, 90, 0, 0, 0, 0, 0, false, false, false, URGENT_DOOR_BOUNCED, "a back door is there (1 server), and the notice did not arrive: no other contact is known, find one" },
    { "another did not", CASE_BACKDOORED, 0, 1, NEED_REMOVAL, NOTICE_BOUNCED_HARD, NOTICE_ACCEPTED, 99, 0, 0, 0, 0, 0, false, false, false, URGENT_WAITS, NULL },
    { "a report waits", CASE_VERIFIED, 1, 0, NEED_HUNT, -1, -1, 0, 0, 0, 0, 1, 0, false, false, false, URGENT_REPORT, "a hunt report waits for a look: it does not carry the nonce?" },
    { "told ten days ago, and still there", CASE_BACKDOORED, 0, 1, NEED_REMOVAL, NOTICE_DELIVERED, -1, 90, 0, 1, 0, 0, 0, false, false, false, URGENT_DOOR_SILENT, "a back door is still there (1 server), 10 days after they were told, and no answer: another person, another way" },
    { "they answered, and nothing happened", CASE_BACKDOORED, 0, 1, NEED_REMOVAL, NOTICE_ACKNOWLEDGED, -1, 80, 96, 1, 0, 0, 0, false, false, false, URGENT_DOOR_SILENT, "a back door is still there (1 server), 4 days after they answered: ask what holds them up" },
    { "told yesterday", CASE_BACKDOORED, 0, 1, NEED_REMOVAL, NOTICE_ACCEPTED, -1, 99, 0, 1, 0, 0, 0, false, false, false, URGENT_WAITS, NULL },
    { "vulnerable, and the notice bounced", CASE_VERIFIED, 2, 0, NEED_PATCH, NOTICE_BOUNCED_HARD, -1, 90, 0, 0, 0, 0, 0, false, false, false, URGENT_BOUNCED, "the notice did not arrive, and no other contact is known" },
    { "verified, nobody to tell", CASE_VERIFIED, 2, 0, NEED_PATCH, -1, -1, 0, 0, 0, 0, 0, 0, false, false, false, URGENT_CONTACT, "verified, and no contact is known (2 servers vulnerable)" },
    { "its mail may be read by the intruder", CASE_VERIFIED, 2, 0, NEED_PATCH, -1, -1, 0, 0, 0, 1, 0, 0, false, false, false, URGENT_TEST_CONTACT, NULL },
    { "a contact, and nobody wrote", CASE_CONTACT_FOUND, 2, 0, NEED_PATCH, -1, -1, 0, 0, 1, 0, 0, 0, false, false, false, URGENT_NOTIFY, "a contact is known, and nobody was told yet (2 servers vulnerable)" },
    { "a suspicion", CASE_ACKNOWLEDGED, 1, 0, NEED_PATCH | NEED_SUSPICION_SETTLED, NOTICE_DELIVERED, -1, 90, 95, 1, 0, 0, 0, true, false, false, URGENT_SUSPICION, NULL },
    { "whose is it?", CASE_CANDIDATE, 1, 0, NEED_PATCH, -1, -1, 0, 0, 0, 0, 0, 2, false, false, false, URGENT_REVIEW, "whose a server is has to be decided (2 items)" },
    { "told a week ago, silent, vulnerable", CASE_NOTIFIED, 2, 0, NEED_PATCH, NOTICE_ACCEPTED, -1, 93, 0, 1, 0, 0, 0, false, false, false, URGENT_REMIND, "told 7 days ago, no answer, still vulnerable (2 servers): another person, another way" },
    { "told yesterday, vulnerable", CASE_NOTIFIED, 2, 0, NEED_PATCH, NOTICE_ACCEPTED, -1, 99, 0, 1, 0, 0, 0, false, false, false, URGENT_WAITS, "they were told; without an answer another way is due after 72 hours" },
    { "they answered, and are not patched", CASE_ACKNOWLEDGED, 2, 0, NEED_PATCH, NOTICE_ACCEPTED, -1, 90, 91, 1, 0, 0, 0, false, false, false, URGENT_HUNT, "not patched yet (2 servers vulnerable): ask how far they are" },
    { "patched, not hunted", CASE_PATCHED, 0, 0, NEED_HUNT, NOTICE_ACCEPTED, -1, 90, 95, 1, 0, 0, 0, false, false, false, URGENT_HUNT, "not every server was hunted: ask for a hunt" },
    { "hunted without proof", CASE_PATCHED, 0, 0, NEED_HUNT_PROOF, NOTICE_ACCEPTED, -1, 90, 95, 1, 0, 0, 0, false, false, false, URGENT_HUNT, NULL },
    { "a banner says it", CASE_HUNTED, 0, 0, NEED_PATCH_PROOF, NOTICE_ACCEPTED, -1, 90, 95, 1, 0, 0, 0, false, false, false, URGENT_RESCAN, NULL },
    { "rescans are wanted", CASE_HUNTED, 0, 0, NEED_RESCANS | NEED_TIME, NOTICE_ACCEPTED, -1, 90, 95, 1, 0, 0, 0, false, false, false, URGENT_RESCAN, "all is in order; two rescans are wanted" },
    { "72 hours", CASE_HUNTED, 0, 0, NEED_TIME, NOTICE_ACCEPTED, -1, 90, 95, 1, 0, 0, 0, false, false, false, URGENT_WAITS, "all is in order; 72 hours have to pass" },
    { "nothing has moved", CASE_DORMANT, 2, 0, NEED_PATCH, NOTICE_ACCEPTED, -1, 10, 0, 1, 0, 0, 0, false, false, false, URGENT_REMIND, NULL },
    { "a candidate", CASE_CANDIDATE, 1, 0, NEED_PATCH, -1, -1, 0, 0, 0, 0, 0, 0, false, false, false, URGENT_CANDIDATE, NULL },
    { "a candidate that nobody accused", CASE_CANDIDATE, 0, 0, NEED_HUNT, -1, -1, 0, 0, 0, 0, 0, 0, false, false, false, URGENT_NOTHING, "" },
    { "clean", CASE_CLEAN, 0, 0, 0, NOTICE_ACCEPTED, -1, 90, 95, 1, 0, 0, 0, false, false, false, URGENT_WAITS, "clean; it is closed after 90 days" },
    { "closed", CASE_CLOSED, 0, 0, 0, NOTICE_ACCEPTED, -1, 90, 95, 1, 0, 0, 0, false, false, false, URGENT_NOTHING, "closed" },
    { "dismissed", CASE_DISMISSED, 0, 0, NEED_HUNT, -1, -1, 0, 0, 0, 0, 0, 0, false, false, false, URGENT_NOTHING, "two checks found nothing" },
    { "decided, whatever else", CASE_BACKDOORED, 1, 1, NEED_REMOVAL, -1, -1, 0, 0, 0, 0, 1, 1, true, true, false, URGENT_NOTHING, "decided by a person: backdoored" },
    { "nobody can be found", CASE_UNREACHABLE, 1, 0, 0, -1, -1, 0, 0, 0, 0, 0, 0, false, false, false, URGENT_WAITS, NULL },
};

static struct urgency judged(size_t i)
{
    struct case_state   s = plain_case(rows[i].derived);
    struct notice_state n[2];
    struct urgency      u;

    s.vulnerable = rows[i].vulnerable, s.backdoored = rows[i].backdoored, s.needs = rows[i].needs, s.suspicion = rows[i].suspicion, s.forced = rows[i].forced, s.contradicted = rows[i].contradicted;
    for (int k = 0; k < 2; k++)
        if ((k ? rows[i].b : rows[i].a) >= 0)
            n[s.notice_n++] = (struct notice_state){ .notice = (uint64_t)k, .step = (enum notice_step)(k ? rows[i].b : rows[i].a), .changed_us = DAY(95), .accepted_us = never, .delivered_us = never,
                                                     .answered_us = never };
    s.notice = n;
    s.notified_us = rows[i].notified ? DAY(rows[i].notified) : never;
    s.acknowledged_us = rows[i].answered ? DAY(rows[i].answered) : never;
    struct urgency_ask ask = { .state = &s, .now_us = DAY(NOW), .reviews = rows[i].reviews, .reports = rows[i].reports, .report_why = STR("it does not carry the nonce\n"), .contacts = rows[i].contacts,
                               .untested = rows[i].untested };
    urgency_of(&ask, &u);
    return u;
}

static void what_presses(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct urgency u = judged(i);

        if (u.rank != rows[i].want || (rows[i].words && strcmp(u.why, rows[i].words)))
            fail_msg("%s: %s: %s", rows[i].why, urgency_name(u.rank), u.why);
        CHECK(urgency_rank_of(u.number) == u.rank && strlen(u.why) < URGENCY_TEXT - 1);
    }
}

/* Rank before number of servers before days. */
static void the_order(void **state)
{
    struct case_state  s = plain_case(CASE_BACKDOORED);
    struct urgency_ask ask = { .state = &s, .now_us = DAY(NOW) };
    struct urgency     few, many, long_ago, lesser;

    (void)state;
    s.backdoored = 1;
    s.verified_us = DAY(99);
    urgency_of(&ask, &few);
    s.verified_us = DAY(1);
    urgency_of(&ask, &long_ago);
    s.backdoored = 1000000;
    s.verified_us = DAY(99);
    urgency_of(&ask, &many);
    s.derived = CASE_VERIFIED;
    s.backdoored = 0;
    s.vulnerable = 1000000;
    s.needs = NEED_PATCH;
    s.verified_us = -DAY(100000);
    urgency_of(&ask, &lesser);
    CHECK(lesser.number < few.number && few.number < long_ago.number && long_ago.number < many.number && lesser.number > 0);
    for (int r = 0; r < URGENT_RANKS; r++)
        CHECK(*urgency_name((enum urgency_rank)r));
    CHECK(!*urgency_name(URGENT_RANKS) && urgency_rank_of(-1) == URGENT_NOTHING && urgency_rank_of(INT64_MAX) == URGENT_NOTHING);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_presses), cmocka_unit_test(the_order) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
