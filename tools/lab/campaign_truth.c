/*
 * campaign_truth: how each server stood at the end of each day, from the words that were told of it; written as spans.
 *
 * A model of its own, smaller than casework's: one walk over a server's words in the order in which they were true. Rules: docs/casework-proof.md.
 */
#include "lab/campaign_files.h"

#include <stdlib.h>
#include <string.h>

enum {
    IS_EXPOSED = 1, IS_PATCHED = 2, IS_BACK_DOORED = 4, IS_BOTH = 8, WAS_BACK_DOORED = 16, IS_RE_ENTERED = 32, IS_BEYOND = 64, IS_STOLEN = 128, IS_HUNTED = 256, IS_CLEAN = 512, WAS_CLEAN = 1024,
    IS_RELAPSED = 2048, IS_MISSED = 4096, BITS = 13
};
static const char *const bit_name[BITS] = { "exposed", "patched", "backdoored", "patched_backdoored", "backdoored_ever", "reentered", "moved_on", "mail_stolen", "hunted", "clean", "ever_clean", "relapsed",
                                            "missed" };

struct stand {
    uint32_t bits;
    uint8_t  exposure, exposure_grade; /* TOLD_EXPOSED, TOLD_PATCHED */
    bool     exposure_known, negative, gone, by_word, unnamed;
    uint16_t there, known;             /* doors, as bits */
    int64_t  cleared_us;
};

static int by_time(const void *x, const void *y)
{
    const struct story_told *p = x, *q = y;

    if (p->server != q->server)
        return p->server < q->server ? -1 : 1;
    if (p->at_us != q->at_us)
        return p->at_us < q->at_us ? -1 : 1;
    /* At one instant: exposure, what is gone, the hunt as a whole, what is there. */
    static const int rank[] = { [TOLD_EXPOSED] = 0, [TOLD_PATCHED] = 0, [TOLD_GONE] = 1, [TOLD_HUNT] = 2, [TOLD_SHELL] = 3, [TOLD_SUSPECTED] = 3 };
    return rank[p->word] != rank[q->word] ? rank[p->word] - rank[q->word] : (p->door > q->door) - (p->door < q->door);
}

static void walk(struct stand *x, const struct story_told *t)
{
    bool open = x->there || x->unnamed, proven = t->grade >= 3;

    switch (t->word) {
    case TOLD_SUSPECTED:
        break;
    case TOLD_EXPOSED: case TOLD_PATCHED:
        if (x->exposure_known && x->exposure == t->word)
            x->exposure_grade = t->grade > x->exposure_grade ? t->grade : x->exposure_grade;
        else if (!x->exposure_known || t->grade > 1 || x->exposure_grade <= 1) {       /* "we patched" moves nothing that is known better */
            x->exposure = t->word;
            x->exposure_grade = t->grade;
        }
        x->exposure_known = true;
        break;
    case TOLD_GONE:
        if (t->grade > 1)
            x->bits |= WAS_BACK_DOORED;
        if (t->door)
            x->there &= (uint16_t)~(1u << t->door);
        else {
            x->there = 0;
            x->unnamed = false;
        }
        if (!x->there && !x->unnamed && !x->negative && !x->gone && (open || t->grade > 1)) {
            x->gone = true;
            x->by_word = t->grade < 3;
            x->cleared_us = t->at_us;
        }
        break;
    case TOLD_HUNT:
        if (t->flags & TOLD_RE_ENTERED) x->bits |= IS_RE_ENTERED;
        if (t->flags & TOLD_STOLEN)     x->bits |= IS_STOLEN;
        if (t->flags & TOLD_BEYOND)     x->bits |= IS_BEYOND;
        if (!proven || !(t->flags & TOLD_COMPLETE))
            break;
        x->bits |= IS_HUNTED;
        if (t->flags & TOLD_NEGATIVE) {
            x->there = 0;
            x->unnamed = x->gone = false;
            x->negative = true;
            x->cleared_us = t->at_us;
        }
        break;
    default:
        if (!open && (x->negative || x->gone)) {
            bool back  = x->gone && t->door && x->known & 1u << t->door;       /* it was known, and never went */
            bool older = t->own_us != TIME_NONE ? t->own_us <= x->cleared_us : back && x->by_word;
            if (!older)
                x->bits |= IS_RELAPSED;
            else if (!back)
                x->bits |= IS_MISSED;
        }
        x->negative = x->gone = false;
        x->bits |= WAS_BACK_DOORED;
        if (t->door) {
            x->there |= (uint16_t)(1u << t->door);
            x->known |= (uint16_t)(1u << t->door);
        } else
            x->unnamed = true;
    }
    uint32_t now = 0;
    open = x->there || x->unnamed;
    now |= x->exposure_known && x->exposure == TOLD_EXPOSED ? IS_EXPOSED : 0;
    now |= x->exposure_known && x->exposure == TOLD_PATCHED ? IS_PATCHED : 0;
    now |= open ? IS_BACK_DOORED : 0;
    now |= open && now & IS_PATCHED ? IS_BOTH : 0;
    now |= x->negative && now & IS_PATCHED && x->exposure_grade >= 3 ? IS_CLEAN | WAS_CLEAN : 0;
    x->bits = (x->bits & ~(uint32_t)(IS_EXPOSED | IS_PATCHED | IS_BACK_DOORED | IS_BOTH | IS_CLEAN)) | now;
}

void campaign_truth(struct story *s)
{
    FILE          *f = story_create(s, "servers.csv"), *g;
    const uint32_t days = s->c->plan.days;
    uint32_t      *total = calloc((size_t)days * BITS, sizeof *total);

    if (!total)
        lab_die("out of memory");
    qsort(s->told, s->told_n, sizeof *s->told, by_time);
    fputs("server,ip,org,told,shared,country,spans,affected,placed,used,entered\n", f);
    for (uint32_t i = 0, k = 0; i < s->c->server_n; i++) {
        struct stand x = { .cleared_us = TIME_NONE };
        uint32_t     last = UINT32_MAX;
        char         ip[48];
        int64_t      first[STORY_SOURCES];
        story_ip(i, ip);
        for (int n = 0; n < STORY_SOURCES; n++)
            first[n] = TIME_NONE;
        fprintf(f, "%u,%s,%u,%d,%d,%s,", i, ip, s->c->server[i].org, s->c->server[i].told, s->c->server[i].shared, s->c->server[i].country);
        for (uint32_t day = 0; day < days; day++) {
            for (; k < s->told_n && s->told[k].server == i && s->told[k].at_us < STORY_START + (day + 1) * TIME_DAY; k++) {
                const struct story_told *t = &s->told[k];
                walk(&x, t);
                if ((t->word == TOLD_EXPOSED || t->word == TOLD_SHELL || t->word == TOLD_SUSPECTED) && first[t->source] == TIME_NONE)
                    first[t->source] = t->at_us;
            }
            if (x.bits != last)
                fprintf(f, "%s%u:%u", last == UINT32_MAX ? "" : " ", day, x.bits);
            last = x.bits;
            for (int b = 0; b < BITS; b++)
                total[day * BITS + (uint32_t)b] += x.bits >> b & 1;
        }
        while (k < s->told_n && s->told[k].server == i)
            k++;
        putc(',', f);
        const char *blank = "";
        for (int n = 0; n < STORY_SOURCES; n++)
            if (first[n] != TIME_NONE) {
                fprintf(f, "%s%d:%lld", blank, n, (long long)first[n]);
                blank = " ";
            }
        for (int n = 0; n < 3; n++)
            if (s->server[i].first_us[n] == TIME_NONE)
                putc(',', f);
            else
                fprintf(f, ",%lld", (long long)(s->server[i].first_us[n] / TIME_DAY));
        putc('\n', f);
    }
    story_close(s, f);
    g = story_create(s, "truth.json");
    fprintf(g, "{\"seed\":%llu,\"organisations\":%u,\"servers\":%u,\"hunts\":%u,\"intruders\":%u,\"days\":%u,\"first_day\":\"2021-03-01\",\"bits\":[", (unsigned long long)s->c->plan.seed, s->c->org_n, s->c->server_n,
            s->reports, s->c->plan.intruders, days);
    for (int b = 0; b < BITS; b++)
        fprintf(g, "%s\"%s\"", b ? "," : "", bit_name[b]);
    fputs("],\"servers_by_day\":{", g);
    for (int b = 0; b < BITS; b++) {
        fprintf(g, "%s\"%s\":[", b ? "," : "", bit_name[b]);
        for (uint32_t d = 0; d < days; d++)
            fprintf(g, "%s%u", d ? "," : "", total[d * BITS + (uint32_t)b]);
        putc(']', g);
    }
    fputs("},\"common\":[", g);
    for (uint32_t i = 0; i < s->c->common_n; i++)
        fprintf(g, "%s\"%s:%s\"", i ? "," : "", s->c->common[i].kind, s->c->common[i].value);
    fputs("],\"organisation\":[", g);
    for (uint32_t i = 0; i < s->c->org_n; i++) {
        const struct camp_org *o = &s->c->org[i];
        fprintf(g, "%s\n{\"name\":\"%s\",\"domain\":\"%s\",\"country\":\"%s\",\"sector\":\"%s\",\"servers\":%u}", i ? "," : "", o->name, o->domain, o->country, o->sector, o->servers);
    }
    fputs("]}\n", g);
    story_close(s, g);
    free(total);
}
