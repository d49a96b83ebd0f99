/*
 * plan: which notices are due now, to whom, by which channel; made into waves that a second person approves.
 *
 * Shape    notify_plan_make walks the open cases of a campaign, most urgent first, and gives each to the schedule (8.5 of the sheet): what was said, when, to whom, what came back, and what is true of the
 *          servers now. Each case gets its notices, or a reason in words why it gets none. Nothing is left out silently: told + reasons = cases.
 * Decide   one transaction a notice: outbox_decide, the rendered and signed bytes, the contact's fact. Rendering and signing may run on several threads ahead of it; the result is the same.
 * Schedule schedule_next is pure: facts in, due notices and the next moment out. Rules: every later stage differs in channel, recipient or facts; back-doored never wait for office hours; it stops on
 *          acknowledgement, clean, wrong recipient and stop; a hard bounce opens the next rung at once; a mail path that may be the intruder's gets a minimal mail, and phone, letter
 *          and provider at once.
 * Memory   about 4 KB a case in the arena given, besides maps of its own for what is being written.
 * Closing  a case that is proven clean gets one notice more, to whom answered, else to whom was reached last.
 * Merged   one contact point that several cases share (an MSP) gets one notice that lists what it operates (audience provider); owners get their own besides.
 * CSIRT    foreign victims: one hand-over a CSIRT and day, with rows as it wants them; the case stays ours, "relayed".
 * Wave     at most settings.desk_a_day recipients in one; back doors first. Cut short means a next wave on another day.
 * Dry run  the same, rolled back, with the same counts.
 * Source   notification sheet, 2.2, 3, 3.5, 6.4, 8.5.
 */
#ifndef NOTIFY_PLAN_H
#define NOTIFY_PLAN_H

#include "casework/ladder.h"
#include "notify/settings.h"
#include "notify/told.h"

/* --- schedule: pure --- */
enum { DUE_MAX = 8 };
struct said {
    enum notice_stage stage; enum contact_channel channel; enum notice_audience audience; enum notice_finding finding; struct str contact; enum notice_step step;
    int64_t decided_us, step_us, out_us /* handed over; TIME_NONE: not yet */; uint8_t content_rev[32];
};
struct standing {                  /* of one case, now */
    enum case_stage stage; enum notice_finding finding; bool answering /* a back door still answers */, acknowledged, own_country, isp_space, has_vulnerable, critical /* its sector */;
    int64_t acknowledged_us; uint8_t content_rev[32];
    const struct said *said; size_t said_n;            /* oldest first, inherited ones too */
    const struct contact *contact; size_t contact_n;   /* ladder.h, best first */
    const bool *shared;                                /* of each contact: it is other organisations', too (an operator). NULL: none is */
};
struct due { enum notice_stage stage; enum notice_audience audience; const struct contact *to; bool minimal; int64_t not_before_us; int32_t priority; const char *why; };
enum unplanned { NOT_UNPLANNED, UNPLANNED_NO_CONTACT, UNPLANNED_ANSWERED, UNPLANNED_CLEAN, UNPLANNED_WAITING /* next_us */, UNPLANNED_UNVERIFIED, UNPLANNED_SUPPRESSED, UNPLANNED_STOPPED,
                 UNPLANNED_HUMAN /* what comes next only a person decides */, UNPLANNED_DORMANT, UNPLANNED_SAID /* everything was tried */, UNPLANNED_DESK /* the wave is full */, UNPLANNED_TAKEN, UNPLANNED_SOURCE /* its sources may not be told */, UNPLANNED_PATCHED /* no back door known, the hunt is theirs */, UNPLANNED_REASONS };
const char *unplanned_name(enum unplanned u);          /* in words: "nobody to tell: look for a contact" */
struct schedule { struct due due[DUE_MAX]; size_t n; enum unplanned why; int64_t next_us; };
void schedule_next(const struct standing *s, const struct settings *t, int64_t now_us, struct schedule *ret);

/* --- the plan --- */
struct plan_options;
/* Where the facts come from and how they become bytes. NULL in the options: told.h and compose.h. write may be called by several threads at once; all else by one. */
struct plan_pen {
    bool (*open)(void **ret, struct ledger *l, const struct plan_options *o, struct arena *a, struct err *e);
    void (*close)(void *pen);                          /* NULL is allowed */
    /* What finding and facts are asked of next; in the arena. A pen that asks as it goes gives NULL. */
    bool (*read)(void *pen, const struct told_ask *ask, struct arena *a, const struct told_set **ret, struct err *e);
    bool (*finding)(void *pen, const struct told_set *set, int64_t case_, enum notice_finding *ret, struct err *e);
    bool (*facts)(void *pen, const struct told_set *set, const struct notice *n, struct str nonce, struct arena *a, struct told *ret, struct err *e);
    void (*rev)(const struct told *t, struct arena scratch, uint8_t ret[32]);
    bool (*write)(void *pen, const struct told *t, struct arena *a, struct str *ret_bytes, struct str *ret_subject, struct err *e);
};
struct plan_options { const struct plan_pen *pen; struct os *os; const struct settings *settings; const struct pack *pack; const struct case_campaign *campaign; int64_t now_us; bool dry_run; uint64_t most /* 0: desk_a_day */; uint32_t threads; int64_t only_case; uint32_t batch /* notices of one transaction; 0: as many as is good */; };
struct plan_wave { int64_t wave; enum notice_stage stage; uint64_t notices; uint8_t hash[32]; };
struct plan_result {
    struct plan_wave wave[NOTICE_STAGES]; size_t wave_n;
    uint64_t cases, told, decided, known, reason[UNPLANNED_REASONS], channel[CONTACT_CHANNELS], minimal, unsigned_, in_english /* the pack lacks the language that was meant */, unwritten /* a text could not be made: a person looks */;
    struct err unwritten_why;                          /* of the first of these */
    uint64_t bytes; int64_t rendered_us;               /* of wall time in rendering and signing */
};
bool notify_plan_make(struct ledger *l, const struct plan_options *o, struct arena *a, struct plan_result *ret, struct err *e);
/* What came of each case at the last notify_plan_make that was no dry run: table notify_plan (case_id, campaign, at_us, why, next_us). */

#endif
