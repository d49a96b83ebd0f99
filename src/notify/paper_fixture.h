/* paper_fixture: letters and calls that may be written, for the tests of the desk's folder. Only tests include it. */
#ifndef NOTIFY_PAPER_FIXTURE_H
#define NOTIFY_PAPER_FIXTURE_H

#include "test.h"

#include <sys/wait.h>
#include <unistd.h>

#include "notify/outbox.h"

enum { PAPER_CASE = 100, PAPER_ORG = 17 };

/* n notices of a channel in an approved wave, of the cases PAPER_CASE ... and the organisations PAPER_ORG ...; "bytes of NUMBER" is each. Their numbers, when asked for. */
static inline void paper_wave(struct ledger *l, struct arena scratch, int64_t campaign, int64_t now_us, enum contact_channel channel, int n, int64_t *ret_id)
{
    struct err e = { 0 };
    uint64_t   count, freed;
    uint8_t    hash[32];
    int64_t    id;

    CHECK(ledger_begin(l, &e) && outbox_wave(l, campaign, STAGE_FIRST, STR("letters"), &id, &e));
    for (int i = 0; i < n; i++) {
        struct arena  a = scratch;
        enum decided  r;
        struct notice x = { .campaign = campaign, .case_ = PAPER_CASE + i, .org = PAPER_ORG + i, .wave = id, .channel = channel, .language = STR("en"), .subject = STR("x"), .domain = STR("cert.example"),
                            .date_us = now_us, .not_before_us = now_us, .give_up_us = now_us + 60 * TIME_DAY, .priority = 1, .contact_id = 7 + i };
        x.contact = channel == CONTACT_POST ? str_fmt(&a, "=Bakery %d, Ltd\n1 Sample Road\nSampletown", i) : str_fmt(&a, "+43155501%02d", i);
        if (!outbox_decide(l, &x, STR("cert.example"), &r, &e) || r != DECIDED_NEW || !outbox_bytes_put(l, x.id, str_fmt(&a, "bytes of %lld", (long long)x.id), now_us + 90 * TIME_DAY, &e))
            fail_msg("%s", e.what);
        if (ret_id)
            ret_id[i] = x.id;
    }
    if (!outbox_wave_close(l, id, &count, hash, &e) || !outbox_approve(l, id, hash, STR("grace"), &freed, &e) || !ledger_commit(l, &e))
        fail_msg("%s", e.what);
}

/* A folder of mkdtemp with all that is in it. */
static inline void paper_clear(const char *dir)
{
    pid_t pid = fork();
    int   status;

    if (pid == 0) {
        execl("/bin/rm", "rm", "-rf", "--", dir, (char *)NULL);
        _exit(127);
    }
    waitpid(pid, &status, 0);
}

#endif
