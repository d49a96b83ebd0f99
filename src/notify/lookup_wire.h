/*
 * lookup_wire: what a look-up and its courier say to each other (lookup_courier.h). Bytes in, words out; no I/O.
 *
 * Shape    a message is a kind (one byte), the number of its question (four), and the fields of its kind in the order that struct wire_said names; numbers are little-endian, a text is two bytes
 *          of length and itself. A message has one form only: a flag is 0 or 1, nothing is left over.
 *
 *              look-up                courier
 *              ASK      ------------>           a question
 *                       <------------ MAY       a host and all its addresses: at most twice (an alias), before anything is sent to it
 *              VERDICT  ------------>
 *                       <------------ PIECE     of the body, as many as there are
 *                       <------------ END       how it ended
 *                       <------------ UNABLE    it cannot shut itself, or has no network: in words. In place of all others
 *
 * Hears    wire_hear is the look-up's side. It believes nothing: kinds, lengths, enums and the order are judged; another host than the one that was asked, a third MAY, a body or an answer before a
 *          MAY was said yes to, an end other than "not asked" after a no, and one byte too many make the courier broken.
 * Owner    texts point into the message, why of a verdict too; the body is the caller's buffer.
 */
#ifndef NOTIFY_LOOKUP_WIRE_H
#define NOTIFY_LOOKUP_WIRE_H

#include "notify/lookup_net.h"

enum { WIRE_MESSAGE_MAX = 32 << 10, WIRE_HEAD = 5, WIRE_PIECE_MAX = WIRE_MESSAGE_MAX - WIRE_HEAD, WIRE_HOST_MAX = 255, WIRE_WHY_MAX = 400, WIRE_WHO_MAX = 400, WIRE_MAYS_MAX = 2 };
enum wire_kind { WIRE_ASK = 1, WIRE_VERDICT, WIRE_MAY, WIRE_PIECE, WIRE_END, WIRE_UNABLE };

struct wire_said {
    enum wire_kind kind;
    uint32_t   number;
    struct lookup_ask ask;         /* ASK: way, type, bytes_max, ms, cut_ok, host, path, accept, user_agent, from, line */
    bool       may;                /* VERDICT, and why */
    struct str host;               /* MAY, and its addresses */
    uint8_t    ip[LOOKUP_IPS_MAX][16]; size_t ip_n;
    struct str piece;              /* PIECE: the rest, at least one byte */
    struct lookup_got got;         /* END: end, status, cut, retry_s, location, type, why; not its body */
    struct str why;                /* VERDICT, UNABLE */
};
/* buf: WIRE_MESSAGE_MAX bytes. 0: a field does not fit; only an ASK can be so, all others are cut at their bounds. */
size_t wire_write(const struct wire_said *x, uint8_t *buf);
bool   wire_read(struct str message, struct wire_said *ret);

/* A question of the look-up's, from its ASK to its END. */
struct wire_talk {
    uint32_t number;
    const struct lookup_ask *q;
    uint64_t body_n;               /* bytes of pieces so far; never more than q->bytes_max */
    unsigned mays;
    bool     asked, allowed;       /* a MAY waits for its verdict; the last verdict */
};
enum wire_heard { WIRE_BROKEN, WIRE_JUDGE, WIRE_MORE /* a piece */, WIRE_ENDED, WIRE_CANNOT };
enum wire_heard wire_hear(struct wire_talk *t, struct str message, struct wire_said *ret);
/* After WIRE_JUDGE. */
void wire_judged(struct wire_talk *t, bool may);

#endif
