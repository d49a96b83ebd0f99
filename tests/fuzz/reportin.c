/*
 * reportin: a hunt's report that anybody sends. Properties:
 *
 *   it is read whole or refused with a place in our own words, printable, and twice the same
 *   every index that was read is one; times that are told lie within the years of base/time.h
 *   a sound report's verdict is what its axes make of it; its coverage, worked out anew, is never above what it says, nor is door_open "no" without it
 *   features keep to their bounds, name sessions from 1 on, and come in the same number twice
 *   what one change to a real report makes is sound or refused; nothing in between
 * The first byte says what is done with the rest: 0 as it is, else the rest is put over a real report at a place that follows from it.
 */
#include "casework/report_features.h"
#include "casework/report_proof.h"
#include "casework/report_read.h"
#include "report_seed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) { fprintf(stderr, "must hold: %s\n", #x); abort(); } } while (0)
#define NOW INT64_C(1790000000000000)
static uint8_t memory[48 << 20];

struct counted { uint32_t n; uint64_t hash; };

static bool take(void *ctx, uint32_t session, enum intruder_feature kind, struct str value, int64_t first_us, struct err *e)
{
    struct counted *c = ctx;

    (void)e;
    MUST(session > 0 && (unsigned)kind < INTRUDER_FEATURES && value.n <= INTRUDER_VALUE_MAX);
    c->n++;
    c->hash = c->hash * 1099511628211u ^ str_hash(value) ^ session ^ (uint64_t)kind << 32 ^ (uint64_t)first_us;
    return true;
}

static void plain(const char *s)
{
    for (; *s; s++)
        MUST((uint8_t)*s >= 0x20 && (uint8_t)*s < 0x7f);
}

static void ids(const struct hunt_report *r, struct rp_ids l)
{
    for (uint32_t i = 0; i < l.n; i++)
        MUST(l.item[i] < r->finding_n);
}

static void judge(const struct hunt_report *r, struct arena a)
{
    struct err e = { 0 };

    for (uint32_t i = 0; i < r->door_n; i++) {
        MUST(r->door[i].intruder == REPORT_NOBODY || r->door[i].intruder < r->intruder_n);
        MUST(r->door[i].state >= DOOR_REMOVED && r->door[i].state <= DOOR_PRESENT && r->door[i].of);
        ids(r, r->door[i].findings);
    }
    for (uint32_t i = 0; i < r->session_n; i++)
        ids(r, r->session[i].findings);
    for (uint32_t i = 0; i < r->finding_n; i++)
        MUST(r->finding[i].session == REPORT_NOBODY || r->finding[i].session < r->session_n);
    if (!report_sound(r, NOW, a, &e)) {
        MUST((e.kind == ERR_FORMAT || e.kind == ERR_MEMORY) && e.what[0]);
        plain(e.what);
        plain(e.where);
        return;
    }
    for (uint32_t i = 0; i < r->campaign_n; i++) {
        const struct rp_campaign *c = &r->campaign[i];
        const struct axes x = { c->use.state, c->back_door.state, c->exploitation.state, c->theft.state, c->exploitation.covered };
        struct report_covered v;
        struct counted one = { 0 }, two = { 0 };
        uint64_t more = 0;

        MUST(c->verdict == verdict_of(&x));
        report_covers(r, i, INT64_C(1609632000000000), &v);
        plain(v.why);
        MUST(v.exposure <= c->exposure.covered && v.entry <= c->exploitation.covered && v.doors <= c->back_door.covered && v.full == !v.why[0]);
        MUST(!v.full || (v.entry == COVERED_FULL && v.doors == COVERED_FULL));
        MUST(v.open == c->open || c->open == OPEN_NO);
        MUST(v.open != OPEN_NO || (v.doors == COVERED_FULL && v.exposure == COVERED_FULL && c->back_door.state <= DOOR_REMOVED));
        MUST(report_features(r, i, a, take, &one, &more, &e) && one.n <= REPORT_FEATURES_MAX && report_features(r, i, a, take, &two, &more, &e));
        MUST(one.n == two.n && one.hash == two.hash);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t     copy[sizeof report_seed + 70000];
    struct str         in = { data, n };
    struct hunt_report r;

    if (n > 60000)
        return 0;
    if (n > 4 && data[0] < 32) {
        /* Over a real report: bytes at a place, in place of as many as the third number says. */
        size_t seed_n = sizeof report_seed - 1, at = ((size_t)data[1] << 8 | data[2]) % seed_n, drop = data[3] < seed_n - at ? data[3] : seed_n - at;
        memcpy(copy, report_seed, at);
        memcpy(copy + at, data + 4, n - 4);
        memcpy(copy + at + n - 4, report_seed + at + drop, seed_n - at - drop);
        in = (struct str){ copy, seed_n - drop + n - 4 };
    }
    for (int round = 0; round < 2; round++) {
        struct arena a = { memory, memory + sizeof memory, NULL };
        struct err   e = { 0 };
        if (report_read(&r, &a, in, &e)) {
            judge(&r, a);
            continue;
        }
        MUST(e.kind != ERR_NONE && e.what[0]);
        plain(e.what);
        plain(e.where);
    }
    return 0;
}
