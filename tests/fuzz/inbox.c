/* A message from anywhere: read within bounds, told as something, and twice the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "notify/inbox.h"
#include "notify/mail_parts.h"

enum { ROOM = 96 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static uint8_t *room;
    struct inbox_mail r[2];
    struct err e[2] = { 0 };
    bool ok[2];

    if (!room && !(room = malloc(ROOM)))
        abort();
    for (int i = 0; i < 2; i++) {
        struct arena a = { .beg = room + (size_t)i * ROOM / 2, .end = room + (size_t)(i + 1) * ROOM / 2 };
        ok[i] = inbox_read((struct str){ data, n }, &a, &r[i], &e[i]);
    }
    if (ok[0] != ok[1] || (!ok[0] && e[0].kind == ERR_NONE))
        abort();
    if (!ok[0])
        return 0;
    if (r[0].kind >= INBOX_KINDS || r[0].kind != r[1].kind || r[0].token_n > INBOX_TOKENS_MAX || r[0].rcpt_n > INBOX_RECIPIENTS_MAX || r[0].excerpt.n > INBOX_EXCERPT || !str_eq(r[0].subject, r[1].subject))
        abort();
    for (size_t i = 0; i < r[0].rcpt_n; i++)
        if ((unsigned)r[0].rcpt[i].action > DSN_EXPANDED || !str_eq(r[0].rcpt[i].final, r[1].rcpt[i].final))
            abort();
    return 0;
}
