/*
 * Every cell of the schedule, and what always holds.
 *
 *   said       "F0 accepted 0; 11 hard 72": stage (F first, 1 2 reminders, E escalate, B back door, L relapse, C closing), contact, step, hours since the start; decided and handed over then
 *   expected   "F0 F4m": stage, contact, m minimal, in the order of the cells; or "=waiting@72": why nothing, and the hour of the next look
 */
#include "test.h"

#include "base/num.h"
#include "notify/plan.h"

#define START (INT64_C(1615536000) * TIME_SECOND + 9 * TIME_HOUR)        /* 2021-03-12 is a Friday; 17:00 UTC */

static struct settings office(void) { return (struct settings){ .from_hour = 8, .to_hour = 18 }; }

enum { IT, SEC, PHONE, POST, PROVIDER, CSIRT, PHONE2, ROLE, CONTACTS };
static const struct contact ladder[CONTACTS] = {
    [IT]       = { .id = 1, .channel = CONTACT_EMAIL, .address = STR_INIT("it@bakery.example"), .role = STR_INIT("technical"), .rung = 1, .grade = GRADE_A, .path = PATH_PROVIDER, .source_us = START - TIME_DAY },
    [SEC]      = { .id = 2, .channel = CONTACT_EMAIL, .address = STR_INIT("security@bakery.example"), .role = STR_INIT("security"), .rung = 3, .grade = GRADE_B, .path = PATH_PROVIDER, .source_us = START - TIME_DAY },
    [PHONE]    = { .id = 3, .channel = CONTACT_PHONE, .address = STR_INIT("+999555"), .rung = 5, .grade = GRADE_B, .path = PATH_NONE, .source_us = START - TIME_DAY },
    [POST]     = { .id = 4, .channel = CONTACT_POST, .address = STR_INIT("1 Sample Road"), .rung = 7, .grade = GRADE_B, .path = PATH_NONE, .source_us = START - TIME_DAY },
    [PROVIDER] = { .id = 5, .channel = CONTACT_EMAIL, .address = STR_INIT("abuse@isp.example"), .rung = 10, .grade = GRADE_D, .path = PATH_PROVIDER, .source_us = START - TIME_DAY },
    [CSIRT]    = { .id = 6, .channel = CONTACT_CSIRT, .address = STR_INIT("cert@gov.example"), .rung = 12, .grade = GRADE_D, .path = PATH_NONE, .source_us = START - TIME_DAY },
    [PHONE2]   = { .id = 7, .channel = CONTACT_PHONE, .address = STR_INIT("+999777"), .rung = 8, .grade = GRADE_C, .path = PATH_NONE, .source_us = START - TIME_DAY },
    [ROLE]     = { .id = 8, .channel = CONTACT_EMAIL, .address = STR_INIT("postmaster@bakery.example"), .rung = 9, .grade = GRADE_D, .path = PATH_PROVIDER, .source_us = START - TIME_DAY },
};

/* Who is there, and what is different of them. */
enum { M_IT = 1 << IT, M_SEC = 1 << SEC, M_PHONE = 1 << PHONE, M_POST = 1 << POST, M_PROV = 1 << PROVIDER, M_CSIRT = 1 << CSIRT, M_PHONE2 = 1 << PHONE2, M_ROLE = 1 << ROLE,
       M_OWN = M_IT | M_SEC | M_PHONE | M_POST, M_ALL = M_OWN | M_PROV | M_CSIRT };
enum { BAD_IT = 1, UNKNOWN_IT = 2, ABROAD = 4, ISP = 8, PATCHED = 16, ACK = 32, NULL_MX = 64, SHARED_IT = 128, NEWER_POST = 256, OPTED_OUT = 512, ALL_BAD = 1024, OTHER_FACTS = 2048, DEAD_IT = 4096, CANDIDATE = 8192, CLEAN = 16384, DORMANT = 32768, UNKNOWN_PROV = 65536, SHARED_PHONE = 131072 };

static const struct { const char *letter; enum notice_stage stage; } stages[] = { { "F", STAGE_FIRST }, { "1", STAGE_REMIND1 }, { "2", STAGE_REMIND2 }, { "E", STAGE_ESCALATE }, { "B", STAGE_BACKDOOR }, { "L", STAGE_RELAPSED }, { "C", STAGE_CLOSING } };
static const struct { const char *word; enum notice_step step; bool out; } steps[] = {
    { "planned", NOTICE_PLANNED, false }, { "queued", NOTICE_QUEUED, false }, { "unknown", NOTICE_UNKNOWN, false }, { "accepted", NOTICE_ACCEPTED, true }, { "delivered", NOTICE_DELIVERED, true },
    { "auto", NOTICE_AUTO_REPLIED, true }, { "soft", NOTICE_BOUNCED_SOFT, true }, { "hard", NOTICE_BOUNCED_HARD, true }, { "complaint", NOTICE_COMPLAINT, true }, { "refused", NOTICE_REFUSED, false },
    { "ack", NOTICE_ACKNOWLEDGED, true }, { "wrong", NOTICE_WRONG_RECIPIENT, true }, { "declined", NOTICE_DECLINED, true }, { "suppressed", NOTICE_SUPPRESSED, false }, { "cancelled", NOTICE_CANCELLED, false },
};

static enum notice_audience audience_of(int c) { return c == PROVIDER ? AUDIENCE_PROVIDER : c == CSIRT ? AUDIENCE_CSIRT : c == POST ? AUDIENCE_MANAGEMENT : AUDIENCE_TECHNICAL; }

static size_t said_of(const char *text, enum notice_finding finding, struct said *ret)
{
    char   copy[400], *save = NULL;
    size_t n = 0;

    snprintf(copy, sizeof copy, "%s", text);
    for (char *one = strtok_r(copy, ";", &save); one; one = strtok_r(NULL, ";", &save)) {
        char  who[8], word[20];
        double hours;
        size_t s = 0, k = 0;

        CHECK(sscanf(one, " %7s %19s %lf", who, word, &hours) == 3 && strlen(who) == 2);
        while (s < COUNT_OF(stages) && *stages[s].letter != who[0])
            s++;
        while (k < COUNT_OF(steps) && strcmp(steps[k].word, word))
            k++;
        int c = who[1] - '0';
        CHECK(s < COUNT_OF(stages) && k < COUNT_OF(steps) && c >= 0 && c < CONTACTS);
        int64_t at = START + (int64_t)(hours * (double)TIME_HOUR);
        ret[n] = (struct said){ .stage = stages[s].stage, .channel = ladder[c].channel == CONTACT_CSIRT ? CONTACT_EMAIL : ladder[c].channel, .audience = audience_of(c), .contact = ladder[c].address,
                                .step = steps[k].step, .decided_us = at, .step_us = at, .out_us = steps[k].out ? at : TIME_NONE };
        /* What was said of the other class had other facts. */
        bool door = stages[s].stage == STAGE_BACKDOOR;
        ret[n].finding = door ? FINDING_BACKDOORED : FINDING_VULNERABLE;
        ret[n].content_rev[0] = stages[s].stage == STAGE_FIRST ? FINDING_VULNERABLE : door ? FINDING_BACKDOORED : (uint8_t)finding;
        n++;
    }
    return n;
}

static void show(const struct schedule *s, char *ret, size_t room)
{
    static const char *const why[UNPLANNED_REASONS] = { "", "no_contact", "answered", "clean", "waiting", "unverified", "suppressed", "stopped", "human", "dormant", "said", "desk", "taken", "source", "patched" };
    size_t n = 0;

    ret[0] = 0;
    for (size_t i = 0; i < s->n; i++) {
        size_t k = 0;
        while (stages[k].stage != s->due[i].stage)
            k++;
        n += (size_t)snprintf(ret + n, room - n, "%s%s%d%s", i ? " " : "", stages[k].letter, (int)s->due[i].to->id - 1, s->due[i].minimal ? "m" : "");
    }
    if (s->n == 0 && s->next_us == TIME_NONE)
        snprintf(ret, room, "=%s", why[s->why]);
    else if (s->n == 0)
        snprintf(ret, room, "=%s@%g", why[s->why], (double)(s->next_us - START) / (double)TIME_HOUR);
}

struct scene { const char *why; enum notice_finding finding; int contacts, flags; const char *said; double hours; const char *want; };

static void play(const struct scene *x, struct schedule *ret)
{
    struct contact   c[CONTACTS];
    bool             shared[CONTACTS] = { false };
    struct said      said[16];
    struct settings  t = office();
    struct standing  s = { .stage = CASE_NOTIFIED, .finding = x->finding, .own_country = !(x->flags & ABROAD), .isp_space = x->flags & ISP, .has_vulnerable = !(x->flags & PATCHED),
                           .acknowledged = x->flags & ACK, .acknowledged_us = x->flags & ACK ? START + TIME_HOUR : TIME_NONE, .contact = c, .said = said };
    bool door = x->finding != FINDING_VULNERABLE && x->finding != FINDING_CLEAN;

    s.answering = door;
    s.stage = x->flags & CANDIDATE ? CASE_CANDIDATE : x->flags & CLEAN ? CASE_CLEAN : x->flags & DORMANT ? CASE_DORMANT : CASE_NOTIFIED;
    s.content_rev[0] = x->flags & OTHER_FACTS ? 77 : (uint8_t)x->finding;
    s.said_n = said_of(x->said, x->finding, said);
    for (int i = 0; i < CONTACTS; i++) {
        if (!(x->contacts & 1 << i))
            continue;
        c[s.contact_n] = ladder[i];
        if (i <= SEC && x->flags & ALL_BAD)
            c[s.contact_n].path = PATH_COMPROMISED;
        if (i == IT) {
            c[s.contact_n].path = x->flags & BAD_IT ? PATH_COMPROMISED : x->flags & UNKNOWN_IT ? PATH_UNKNOWN : x->flags & NULL_MX ? PATH_NULL_MX : c[s.contact_n].path;
            shared[s.contact_n] = x->flags & SHARED_IT;
            c[s.contact_n].flags |= x->flags & DEAD_IT ? CONTACT_DEAD : 0;
        }
        if (i == PROVIDER && x->flags & UNKNOWN_PROV)
            c[s.contact_n].path = PATH_UNKNOWN;
        shared[s.contact_n] |= i == PHONE && x->flags & SHARED_PHONE;
        if (i == POST && x->flags & NEWER_POST)
            c[s.contact_n].source_us = START + 500 * TIME_HOUR;
        if (x->flags & OPTED_OUT) {
            c[s.contact_n].grade = GRADE_NONE;
            c[s.contact_n].flags |= CONTACT_SUPPRESSED;
        }
        s.contact_n++;
    }
    s.shared = x->flags & (SHARED_IT | SHARED_PHONE) ? shared : NULL;
    schedule_next(&s, &t, START + (int64_t)(x->hours * (double)TIME_HOUR), ret);
}

#define VULN FINDING_VULNERABLE
#define DOOR FINDING_BACKDOORED
static const struct scene scenes[] = {
    /* vulnerable: 0 */
    { "the best mail", VULN, M_OWN, 0, "", 0, "F0" },
    { "and the provider where the line is an ISP's", VULN, M_ALL, ISP, "", 0, "F0 F4" },
    { "abroad the CSIRT, too", VULN, M_ALL, ABROAD, "", 0, "F0 F5" },
    { "a role address where nothing better is", VULN, M_ROLE | M_POST, 0, "", 0, "F7" },
    { "graded mail before a role address", VULN, M_ROLE | M_SEC, 0, "", 0, "F1" },
    { "no mail: telephone", VULN, M_PHONE | M_POST, 0, "", 0, "F2" },
    { "a telephone that others gave as well comes after one of their own", VULN, M_PHONE | M_PHONE2, SHARED_PHONE, "", 0, "F6" },
    { "and is called where there is no other", VULN, M_PHONE | M_POST, SHARED_PHONE, "", 0, "F2" },
    { "no telephone: a letter", VULN, M_POST, 0, "", 0, "F3" },
    { "nobody of their own: the provider", VULN, M_PROV, 0, "", 0, "F4" },
    { "nor a provider: the CSIRT", VULN, M_CSIRT, 0, "", 0, "F5" },
    { "nobody", VULN, 0, 0, "", 0, "=no_contact" },
    { "everybody opted out", VULN, M_OWN, OPTED_OUT, "", 0, "=suppressed" },
    { "a domain without mail", VULN, M_OWN, NULL_MX, "", 0, "F1" },
    { "a dead mailbox", VULN, M_OWN, DEAD_IT, "", 0, "F1" },
    { "an operator's mailbox: it gets its own notice, and so do they", VULN, M_IT | M_SEC, SHARED_IT | ISP, "", 0, "F1 F0" },
    { "mail that nobody else reads is better than a better contact whose mail is read", VULN, M_OWN, BAD_IT, "", 0, "F1" },
    { "compromised: minimal, and telephone, letter, provider at once", VULN, M_ALL, ALL_BAD | BAD_IT, "", 0, "F0m F2 F3 F4" },
    { "unknown is as compromised", VULN, M_IT | M_PHONE | M_POST | M_PROV, UNKNOWN_IT, "", 0, "F0m F2 F3 F4" },
    { "a provider whose mail nobody looked up gets the rows", VULN, M_ALL, ISP | UNKNOWN_PROV, "", 0, "F0 F4" },
    { "what a killed plan left out of it", VULN, M_ALL, ALL_BAD | BAD_IT, "F0 planned 0; F2 planned 0", 1, "F3 F4" },
    { "a candidate", VULN, M_OWN, CANDIDATE, "", 0, "=unverified" },
    { "clean", VULN, M_OWN, CLEAN, "", 0, "=clean" },
    { "nothing left to tell", FINDING_CLEAN, M_OWN, 0, "", 0, "=clean" },
    /* proven clean: one notice more */
    { "clean, and nobody was ever told", FINDING_CLEAN, M_OWN, CLEAN, "", 0, "=clean" },
    { "closing: to whom was reached", FINDING_CLEAN, M_OWN, CLEAN, "F0 delivered 0", 300, "C0" },
    { "closing: to who answered, rather", FINDING_CLEAN, M_OWN, CLEAN, "F0 ack 0; B1 delivered 50", 300, "C0" },
    { "closing: else to the last", FINDING_CLEAN, M_OWN, CLEAN, "F0 accepted 0; B1 delivered 50", 300, "C1" },
    { "closing: not to a dead mailbox", FINDING_CLEAN, M_OWN, CLEAN, "F0 delivered 0; 11 hard 72", 300, "C0" },
    { "closing: not by mail that others read", FINDING_CLEAN, M_OWN, CLEAN | BAD_IT, "F0 ack 0; F3 accepted 0", 300, "C3" },
    { "closing: not to the provider", FINDING_CLEAN, M_ALL, CLEAN, "F4 delivered 0", 300, "=clean" },
    { "closing: once", FINDING_CLEAN, M_OWN, CLEAN, "F0 ack 0; C0 queued 301", 302, "=clean" },
    { "closing: the other way where it bounced", FINDING_CLEAN, M_OWN, CLEAN, "F0 ack 0; F1 accepted 0; C0 hard 301", 302, "C1" },
    { "closing: not before it is proven", FINDING_CLEAN, M_OWN, 0, "F0 ack 0", 300, "=clean" },
    { "patched, no back door known", VULN, M_OWN, PATCHED, "", 0, "=patched" },
    /* vulnerable: a bounce is the next rung at once */
    { "hard bounce", VULN, M_OWN, 0, "F0 hard 1", 2, "F1" },
    { "refused by our own mail server", VULN, M_OWN, 0, "F0 refused 1", 2, "F1" },
    { "a complaint", VULN, M_OWN, 0, "F0 complaint 1", 2, "F1" },
    { "suppressed since", VULN, M_OWN, 0, "F0 suppressed 1", 2, "F1" },
    { "a soft bounce is waited for", VULN, M_OWN, 0, "F0 soft 0", 2, "=waiting@72" },
    { "unknown is waited for", VULN, M_OWN, 0, "F0 unknown 0", 200, "=waiting" },
    { "two bounces: telephone", VULN, M_OWN, 0, "F0 hard 1; F1 hard 2", 3, "F2" },
    { "three: a letter", VULN, M_OWN, 0, "F0 hard 1; F1 hard 2; F2 hard 3", 4, "F3" },
    { "all of them", VULN, M_OWN, 0, "F0 hard 1; F1 hard 2; F2 hard 3; F3 hard 4", 5, "=said" },
    { "a late bounce, after the reminder", VULN, M_IT | M_SEC | M_PHONE, 0, "F0 hard 0; 11 accepted 80", 90, "F2" },
    /* vulnerable: 72 h, 7 d, 14 d, 30 d */
    { "not approved yet: no clock runs", VULN, M_OWN, 0, "F0 planned 0", 500, "=waiting" },
    { "an hour before", VULN, M_OWN, 0, "F0 accepted 0", 71, "=waiting@72" },
    { "72 h: another person, of another role", VULN, M_OWN, 0, "F0 accepted 0", 72, "11" },
    { "delivered is no answer", VULN, M_OWN, 0, "F0 delivered 0", 72, "11" },
    { "an automatic reply is none", VULN, M_OWN, 0, "F0 auto 0", 72, "11" },
    { "no other mail: telephone", VULN, M_IT | M_PHONE, 0, "F0 accepted 0", 72, "12" },
    { "nobody else, and the same facts: nothing", VULN, M_IT, 0, "F0 accepted 0", 72, "=waiting@168" },
    { "nobody else, but other facts", VULN, M_IT, OTHER_FACTS, "F0 accepted 0", 72, "10" },
    { "answered", VULN, M_OWN, 0, "F0 ack 0", 72, "=answered" },
    { "answered by the portal", VULN, M_OWN, ACK, "F0 accepted 0", 72, "=answered" },
    { "patched meanwhile", VULN, M_OWN, PATCHED, "F0 accepted 0", 72, "=patched" },
    { "clean meanwhile", VULN, M_OWN, CLEAN, "F0 accepted 0", 72, "=clean" },
    { "a wrong recipient", VULN, M_OWN, 0, "F0 wrong 1", 72, "=human" },
    { "somebody stated a contact since", VULN, M_OWN, NEWER_POST, "F0 wrong 1", 600, "F1" },
    { "a provider that has no such customer is not the victim's word", VULN, M_ALL, ISP, "F0 accepted 0; F4 wrong 1", 72, "11" },
    { "a provider that answers is not the victim", VULN, M_ALL, ISP, "F0 accepted 0; F4 ack 1", 72, "11" },
    { "the reminder bounced: the next at once", VULN, M_OWN, 0, "F0 accepted 0; 11 hard 72", 73, "12" },
    { "7 d: a letter to the management", VULN, M_OWN, 0, "F0 accepted 0; 11 accepted 72", 168, "23" },
    { "7 d, 72 h were missed: the letter alone", VULN, M_OWN, 0, "F0 accepted 0", 170, "23" },
    { "7 d, no address: the reminder that was not possible before", VULN, M_IT | M_SEC, 0, "F0 accepted 0", 170, "11" },
    { "a reminder that went out late keeps a day's distance", VULN, M_OWN, 0, "F0 accepted 0; 11 accepted 160", 170, "=waiting@184" },
    { "14 d: the provider, asked to restrict", VULN, M_ALL, 0, "F0 accepted 0; 11 accepted 72; 23 accepted 168", 336, "E4" },
    { "14 d, no provider: a person", VULN, M_OWN, 0, "F0 accepted 0; 11 accepted 72; 23 accepted 168", 336, "=human@720" },
    { "14 d, and the provider was told these facts: a person", VULN, M_ALL, ISP, "F0 accepted 0; F4 accepted 0; 11 accepted 72; 23 accepted 168", 336, "=human@720" },
    { "between", VULN, M_ALL, 0, "F0 accepted 0; 11 accepted 72; 23 accepted 168; E4 accepted 336", 400, "=waiting@720" },
    { "30 d", VULN, M_ALL, 0, "F0 accepted 0; 11 accepted 72; 23 accepted 168; E4 accepted 336", 720, "=dormant" },
    /* back door: 0 */
    { "mail, telephone and provider", DOOR, M_ALL, 0, "", 0, "B0 B2 B4" },
    { "patched, and back-doored", FINDING_PATCHED_BACKDOORED, M_ALL, PATCHED, "", 0, "B0 B2 B4" },
    { "abroad", DOOR, M_ALL, ABROAD, "", 0, "B0 B2 B4 B5" },
    { "compromised: the letter, too", DOOR, M_ALL, ALL_BAD | BAD_IT, "", 0, "B0m B2 B4 B3" },
    { "no mail: the letter at once", DOOR, M_PHONE | M_POST, 0, "", 0, "B2 B3" },
    { "hard bounce", DOOR, M_OWN, 0, "B0 hard 1; B2 accepted 1", 2, "B1" },
    { "no mail is left: the letter", DOOR, M_OWN, 0, "B0 hard 1; B1 hard 2; B2 accepted 1", 3, "B3" },
    { "it was told as vulnerable", DOOR, M_ALL, 0, "F0 accepted 0; 11 accepted 72", 80, "B0 B2 B4" },
    { "they answered that it was vulnerable", DOOR, M_ALL, ACK, "F0 ack 0", 80, "B0 B2 B4" },
    { "who declined still gets a letter", DOOR, M_OWN, OPTED_OUT, "", 0, "B3" },
    /* back door: 24 h, 72 h, 7 d and on */
    { "an hour before", DOOR, M_OWN, 0, "B0 accepted 0; B2 accepted 0", 23, "=waiting@24" },
    { "24 h: registered letter", DOOR, M_ALL, 0, "B0 accepted 0; B2 accepted 0; B4 accepted 0", 24, "13" },
    { "24 h: letter, and the provider that was not told before", DOOR, M_ALL, 0, "B0 accepted 0; B2 accepted 0; B4 refused 0", 24, "13" },
    { "the telephone waits for the desk: nothing waits for it", DOOR, M_OWN, 0, "B0 accepted 0; B2 queued 0", 24, "13" },
    { "72 h: once more by telephone, and the CSIRT", DOOR, M_ALL, 0, "B0 accepted 0; B2 accepted 0; B4 accepted 0; 13 accepted 24", 72, "22 25" },
    { "another number before the same", DOOR, M_ALL | M_PHONE2, 0, "B0 accepted 0; B2 accepted 0; B4 accepted 0; 13 accepted 24", 72, "26 25" },
    { "who was reached is not called again", DOOR, M_ALL, 0, "B0 accepted 0; B2 delivered 0; B4 accepted 0; 13 accepted 24", 72, "25" },
    { "all that was missed", DOOR, M_ALL, 0, "B0 accepted 0; B2 accepted 0; B4 accepted 0", 80, "13 22 25" },
    { "7 d: authority or police: a person", DOOR, M_ALL, 0, "B0 accepted 0; B2 accepted 0; B4 accepted 0; 13 accepted 24; 22 accepted 72; 25 accepted 72", 168, "=human@336" },
    { "14 d: every week", DOOR, M_ALL, 0, "B0 accepted 0; B2 accepted 0; B4 accepted 0; 13 accepted 24; 22 accepted 72; 25 accepted 72", 350, "=human@504" },
    { "30 d: never dormant", DOOR, M_ALL, DORMANT, "B0 accepted 0; B2 accepted 0; B4 accepted 0; 13 accepted 24; 22 accepted 72; 25 accepted 72", 2000, "=human@2016" },
    { "they answered", DOOR, M_ALL, 0, "B0 ack 0; B2 accepted 0; B4 accepted 0", 72, "=answered" },
    { "not theirs", DOOR, M_ALL, 0, "B0 wrong 1; B2 accepted 0", 72, "=human" },
    { "a relapse begins anew", FINDING_RELAPSED, M_ALL, ACK, "B0 ack 0", 900, "L0 L2 L4" },
    { "and is reminded of", FINDING_RELAPSED, M_ALL, ACK, "B0 ack 0; L0 accepted 900; L2 accepted 900; L4 accepted 900", 924, "13" },
};

static void every_cell(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(scenes); i++) {
        struct schedule s;
        char            got[200];

        play(&scenes[i], &s);
        show(&s, got, sizeof got);
        if (strcmp(got, scenes[i].want))
            fail_msg("%s: \"%s\", expected \"%s\"", scenes[i].why, got, scenes[i].want);
        CHECK((s.n == 0) == (s.why != NOT_UNPLANNED));
    }
}

static void office_hours(void **state)
{
    (void)state;
    struct contact  c[2] = { ladder[IT], ladder[SEC] };
    struct settings t = office();
    struct standing s = { .stage = CASE_VERIFIED, .finding = FINDING_VULNERABLE, .own_country = true, .has_vulnerable = true, .contact = c, .contact_n = 2 };
    struct schedule r;
    int64_t         midnight = START - 17 * TIME_HOUR;

    for (int zone = -12; zone <= 14; zone += 2)
        for (int hour = 0; hour < 48; hour++) {
            int64_t now = midnight + hour * TIME_HOUR + 17;

            t.zone_s = zone * 3600;
            s.finding = FINDING_VULNERABLE;
            schedule_next(&s, &t, now, &r);
            int64_t local = (r.due[0].not_before_us / TIME_HOUR + zone + 24) % 24;
            CHECK(r.n == 1 && r.due[0].not_before_us >= now && r.due[0].not_before_us < now + TIME_DAY && local >= 8 && local < 18);
            s.finding = FINDING_BACKDOORED;
            schedule_next(&s, &t, now, &r);
            CHECK(r.n >= 1 && r.due[0].not_before_us == now);          /* back doors do not wait for the morning */
        }
}

/* --- what always holds --- */

static uint64_t dice(uint64_t *seed) { *seed = *seed * 6364136223846793005u + 1442695040888963407u; return *seed >> 33; }

static void life(uint64_t seed)
{
    struct contact  c[CONTACTS];
    struct said     said[200];
    struct settings t = office();
    struct standing s = { .stage = CASE_VERIFIED, .finding = dice(&seed) % 2 ? FINDING_BACKDOORED : FINDING_VULNERABLE, .own_country = dice(&seed) % 3 != 0, .isp_space = dice(&seed) % 2, .has_vulnerable = true,
                          .acknowledged_us = TIME_NONE, .contact = c, .said = said };
    int64_t now = START;
    bool    over = false;

    for (int i = 0; i < CONTACTS; i++)
        if (dice(&seed) % 3) {
            c[s.contact_n] = ladder[i];
            if (c[s.contact_n].channel == CONTACT_EMAIL)
                c[s.contact_n].path = (enum mail_path)(dice(&seed) % PATH_NONE);
            s.contact_n++;
        }
    for (int turn = 0; turn < 40; turn++) {
        struct schedule r, again;
        bool door = s.finding != FINDING_VULNERABLE;

        s.content_rev[0] = (uint8_t)s.finding;
        schedule_next(&s, &t, now, &r);
        schedule_next(&s, &t, now, &again);
        assert_memory_equal(&r, &again, sizeof r);
        CHECK(r.n <= DUE_MAX && (r.n == 0) == (r.why != NOT_UNPLANNED));
        CHECK(!over || r.n == 0);
        CHECK(!door || r.why != UNPLANNED_DORMANT);
        CHECK(r.n || r.next_us == TIME_NONE || r.next_us > now);
        bool minimal = false, second[3] = { false };
        for (size_t i = 0; i < r.n; i++) {
            const struct due *d = &r.due[i];

            for (size_t k = 0; k < s.said_n; k++) {
                bool same = str_ieq(said[k].contact, d->to->address);
                CHECK(!(same && said[k].stage == d->stage));                        /* the outbox's guard, so (stage, channel, contact, rev) even more */
                CHECK(!(same && d->to->channel != CONTACT_PHONE && !memcmp(said[k].content_rev, s.content_rev, 32)));     /* rule 5 */
            }
            for (size_t k = 0; k < i; k++)
                CHECK(r.due[k].to != d->to);
            CHECK(!door || d->not_before_us == now);
            CHECK(d->minimal == (d->to->channel == CONTACT_EMAIL && (d->to->path == PATH_COMPROMISED || (d->to->path == PATH_UNKNOWN && d->audience < AUDIENCE_PROVIDER))) && d->to->path != PATH_NULL_MX);
            minimal |= d->minimal && d->audience == AUDIENCE_TECHNICAL && (d->stage == STAGE_FIRST || d->stage == STAGE_BACKDOOR);
            said[s.said_n++] = (struct said){ .stage = d->stage, .channel = d->to->channel, .audience = d->audience, .finding = s.finding, .contact = d->to->address, .step = NOTICE_PLANNED,
                                              .decided_us = now, .step_us = now, .out_us = TIME_NONE };
            memcpy(said[s.said_n - 1].content_rev, s.content_rev, 32);
        }
        /* A mail that others may read is never the only way, where another is known. */
        for (size_t k = 0; minimal && k < s.said_n; k++) {
            second[0] |= said[k].channel == CONTACT_PHONE;
            second[1] |= said[k].channel == CONTACT_POST;
            second[2] |= said[k].audience == AUDIENCE_PROVIDER;
        }
        for (size_t k = 0; minimal && k < s.contact_n; k++)
            CHECK((c[k].channel != CONTACT_PHONE || second[0]) && (c[k].channel != CONTACT_POST || second[1]) && (c[k].rung != 10 || c[k].path == PATH_NULL_MX || second[2]));
        now += (int64_t)(dice(&seed) % 60) * TIME_HOUR;
        for (size_t k = 0; k < s.said_n; k++) {
            size_t to = dice(&seed) % COUNT_OF(steps);

            if (said[k].step > NOTICE_UNKNOWN || dice(&seed) % 3 == 0)
                continue;
            if ((steps[to].step == NOTICE_ACKNOWLEDGED || steps[to].step == NOTICE_WRONG_RECIPIENT) && dice(&seed) % 4)
                continue;
            said[k].step = steps[to].step;
            said[k].step_us = now;
            said[k].out_us = steps[to].out ? now : TIME_NONE;
            over |= said[k].audience <= AUDIENCE_MANAGEMENT && (said[k].step == NOTICE_ACKNOWLEDGED || said[k].step == NOTICE_WRONG_RECIPIENT);
        }
        if (!over && !door && dice(&seed) % 12 == 0)
            s.finding = FINDING_BACKDOORED;
        if (dice(&seed) % 40 == 0) {
            s.stage = CASE_CLEAN;
            over = true;
        }
    }
}

static void what_always_holds(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++)
        life(seed);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_cell), cmocka_unit_test(office_hours), cmocka_unit_test(what_always_holds) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
