/* A mail server's log that senders wrote into: "taken" needs the Message-ID in full and a queue id, "absent" a log that reaches over the time; pieces change nothing. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "notify/settle.h"

enum { ROOM = 32 << 20 };
#define DOT INT64_C(1615039331000000)
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

struct feed { const uint8_t *p; size_t n, at, step; };
static bool fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e)
{
    struct feed *f = ctx;
    size_t       k = f->n - f->at;

    (void)e;
    k = k > f->step ? f->step : k;
    k = k > cap ? cap : k;
    if (k)
        memcpy(buf, f->p + f->at, k);
    f->at += k;
    *got = k;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t *room;
    static const struct doubt d[] = { { 1, STR_INIT("n.1.0@cert.example"), DOT }, { 2, STR_INIT("n.2.0@cert.example"), TIME_NONE } };
    const struct settle_rules rules = { .now_us = DOT + TIME_DAY, .absent_us = 15 * TIME_MINUTE, .spare_us = TIME_HOUR };
    enum settle_word word[2][2];

    if (!room && !(room = malloc(ROOM)))
        abort();
    for (int way = 0; way < 2; way++) {
        struct arena   a = { .beg = room, .end = room + ROOM / 2 }, lines = { .beg = room + ROOM / 2, .end = room + ROOM };
        struct feed    f = { data, n, 0, way ? 7 : n + 1 };
        struct settle *s;
        struct err     e = { 0 };

        if (!settle_open(&s, &a, d, 2, &rules, &e))
            abort();
        bool ok = settle_file(s, fill, &f, lines, &e);
        if (!ok && e.kind == ERR_NONE)
            abort();
        for (size_t i = 0; i < 2; i++) {
            struct str id;
            word[way][i] = settle_answer(s, i, &id);
            if ((word[way][i] == SETTLE_TAKEN) != (id.n > 0) || id.n > 64)
                abort();
            /* A packed log may hold it where its bytes do not show it. */
            if (word[way][i] == SETTLE_TAKEN && (n < 2 || data[0] != 0x1f) && !memchr(data, 0, n) && (n < 3 || (data[0] != 0xff && data[0] != 0xfe)) && !str_has((struct str){ data, n }, d[i].message_id))
                abort();
            if (i == 1 && word[way][i] == SETTLE_ABSENT)
                abort();
        }
    }
    if (word[0][0] != word[1][0] || word[0][1] != word[1][1])
        abort();
    return 0;
}
