/* See compose.h: the message. Sheet, 5.1 and 5.2. */
#include "notify/compose_inner.h"

#include <string.h>

#include "notify/told.h"

/* What base64 and the signature add: three bytes become four, each 57 get a CRLF. */
enum { ATTACHED_MAX = COMPOSE_BYTES_MAX / 4 * 2 };

struct attached { struct mime_part part[MIME_PARTS_MAX]; size_t n, bytes; };

static bool attach(struct attached *x, const char *type, struct str name, struct str bytes, struct err *e)
{
    if (!name.p)
        return err_set(e, ERR_MEMORY, "no room for a message");
    x->part[x->n++] = (struct mime_part){ str_c(type), name, bytes };
    x->bytes += bytes.n;
    return true;
}

static bool tables(const struct told *t, const struct sender *from, const struct pack *p, struct arena *a, struct attached *ret, struct err *e)
{
    enum notice_audience who = t->notice->audience;
    struct str           csv, json, xarf;
    size_t               n = 0;

    *ret = (struct attached){ 0 };
    if (t->notice->minimal || !t->server_n)
        return true;
    if (!compose_csv(t, a, &csv, e) || !attach(ret, "text/csv; charset=utf-8; header=present", str_fmt(a, "%.*s.csv", STR_ARG(t->case_name)), csv, e) ||
        !compose_idf(t, from, a, &json, e) || !attach(ret, "application/json", str_fmt(a, "%.*s.json", STR_ARG(t->case_name)), json, e))
        return false;
    /* Those who read them by machine. */
    for (size_t i = 0; i < t->server_n && n < COMPOSE_XARF_MAX && (who == AUDIENCE_PROVIDER || who == AUDIENCE_CSIRT); i++) {
        if (str_eq(t->server[i].finding, STR("clean")) || (!p->cve_n && !t->server[i].cve.n))
            continue;
        n++;
        if (!compose_xarf(t, from, p, i, a, &xarf, e) || !attach(ret, "application/json", n == 1 ? STR("xarf.json") : str_fmt(a, "xarf-%zu.json", n), xarf, e))
            return false;
    }
    return true;
}

bool compose_mail(const struct told *t, const struct sender *from, const struct pack *p, const struct signer *key, struct arena *a, struct str *ret, struct err *e)
{
    const struct notice *n = t->notice;
    struct str           id = str_c(n->message_id);
    struct told          cut = *t;
    struct attached      x;
    struct mime_field    extra[3];
    struct mime_mail     m = { .from_name = from->name, .from = from->address, .to = n->contact, .reply_to = compose_reply(t, from, a), .message_id = id, .in_reply_to = t->in_reply_to,
                               .date_us = n->date_us, .auto_submitted = n->stage == STAGE_FIRST, .extra = extra };

    if (!m.reply_to.p)
        return err_set(e, ERR_MEMORY, "no room for a message");
    if (cut.server_n > COMPOSE_ROWS_MAX)
        cut.server_n = COMPOSE_ROWS_MAX;
    for (;;) {
        struct arena before = *a;

        cut.more = t->more + (t->server_n - cut.server_n);
        if (!tables(&cut, from, p, a, &x, e))
            return false;
        if (x.bytes <= ATTACHED_MAX || cut.server_n <= 1)
            break;
        cut.server_n /= 2;
        *a = before;
    }
    if (!compose_text(&cut, from, p, a, &m.text, e) || !compose_subject(&cut, from, p, a, &m.subject, e))
        return false;
    extra[m.extra_n++] = (struct mime_field){ "X-CERT-Case", t->case_name };
    extra[m.extra_n++] = (struct mime_field){ "X-CERT-Notice", str_sub(id, 0, str_chr(id, '@')) };
    if (!n->minimal)
        extra[m.extra_n++] = (struct mime_field){ "X-CERT-TLP", told_label(t) };
    m.part = x.part;
    m.part_n = x.n;
    return mime_build(&m, key, a, ret, e);
}
