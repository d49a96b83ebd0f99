/*
 * A courier that says whatever it likes (notify/lookup_wire.h): the first byte is the question and the verdicts, then messages, each behind two bytes of length. What is taken is within its
 * bounds and has one form; nothing that a host said is taken before somebody allowed to ask it; the body never grows beyond what was asked for.
 */
#include "base/rd.h"
#include "notify/lookup_wire.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)

static void one_form(struct str message, const struct wire_said *x)
{
    static uint8_t again[WIRE_MESSAGE_MAX];

    MUST(wire_write(x, again) == message.n && memcmp(again, message.p, message.n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct rd         r = { .s = { data, n } };
    uint8_t           how = rd_u8(&r);
    struct lookup_ask q = { .way = how % LOOKUP_WAYS, .host = STR("bakery.example"), .type = how % LOOKUP_WAYS == LOOKUP_DNS ? DNSMSG_MX : 0, .bytes_max = how & 16 ? 4 << 20 : 100 };
    struct wire_talk  t = { .number = 1, .q = &q };
    struct wire_said  x;
    uint64_t          body_n = 0;
    bool              allowed = q.way == LOOKUP_DNS, refused = false;
    unsigned          mays = 0;

    while (!r.bad && rd_left(&r)) {
        struct str m = rd_take(&r, rd_u16le(&r));
        if (wire_read(m, &x))
            one_form(m, &x);
        enum wire_heard heard = wire_hear(&t, m, &x);
        if (heard == WIRE_BROKEN)
            return 0;
        MUST(x.number == 1 && !r.bad);
        switch (heard) {
        case WIRE_JUDGE:
            MUST(++mays <= WIRE_MAYS_MAX && q.way != LOOKUP_DNS && !body_n && !refused);
            MUST(x.ip_n >= 1 && x.ip_n <= LOOKUP_IPS_MAX && x.host.n <= WIRE_HOST_MAX && (mays > 1 || str_ieq(x.host, q.host)));
            allowed = how >> (4 + mays) & 1;
            refused = !allowed;
            wire_judged(&t, allowed);
            break;
        case WIRE_MORE:
            body_n += x.piece.n;
            MUST(allowed && x.piece.n >= 1 && body_n <= q.bytes_max && body_n == t.body_n);
            break;
        case WIRE_ENDED:
            MUST(x.got.end < LOOKUP_ENDS && x.got.status >= 0 && x.got.status <= 999 && x.got.retry_s >= 0 && x.got.retry_s <= UINT32_MAX && !x.got.body.n);
            MUST(x.got.location.n <= LOOKUP_PATH_MAX && x.got.type.n <= LOOKUP_TYPE_MAX && x.got.why.n <= WIRE_WHY_MAX);
            MUST(x.got.end != LOOKUP_ANSWERED || allowed);
            MUST(!refused || x.got.end == LOOKUP_FORBIDDEN);
            return 0;
        case WIRE_CANNOT:
            MUST(!mays && !body_n && x.why.n <= WIRE_WHY_MAX);
            return 0;
        case WIRE_BROKEN:
            break;
        }
    }
    return 0;
}
