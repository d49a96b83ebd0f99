/* See smtp.h. */
#include "notify/smtp.h"

#include <errno.h>
#include <libesmtp.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

enum { PART = 64 << 10 };

struct session { const struct smtp_watch *watch; struct str bytes; size_t at; bool connected, dot, kept, answered; };

/* The library asks for the next bytes; NULL means that this was all. len NULL: from the beginning. */
static const char *next(void **ctx, int *len, void *arg)
{
    struct session *x = arg;

    (void)ctx;
    if (!len) {
        x->at = 0;
        return NULL;
    }
    struct str part = str_sub(x->bytes, x->at, x->at + PART);
    if (part.n == 0) {
        *len = 0;
        if (!x->dot && !x->kept)
            x->kept = !(x->dot = x->watch->before_dot(x->watch->ctx));
        /* How the library is told that there is no end: with errno set it drops the connection there and then, and writes none. */
        errno = x->dot ? 0 : ECANCELED;
        return NULL;
    }
    errno = 0;
    x->at += part.n;
    *len = (int)part.n;
    return (const char *)part.p;
}

static void event(smtp_session_t session, int what, void *arg, ...)
{
    struct session *x = arg;

    (void)session;
    if (what == SMTP_EV_CONNECT)
        x->connected = true;
    else if (what == SMTP_EV_MESSAGESENT)
        x->answered = true;
}

/* "queued as 4ABC", "id=1abc-..." */
static struct str queue_id(struct str answer)
{
    static const char *const before[] = { "queued as ", "id=" };

    for (size_t i = 0; i < COUNT_OF(before); i++) {
        size_t at = str_find(answer, str_c(before[i])), n = 0;
        if (at == STR_NONE)
            continue;
        struct str rest = str_from(answer, at + strlen(before[i]));
        while (n < rest.n && n < 64 && (ch_alpha(rest.p[n]) || (rest.p[n] >= '0' && rest.p[n] <= '9') || rest.p[n] == '-'))
            n++;
        return str_sub(rest, 0, n);
    }
    return STR_EMPTY;
}

static void answer(const smtp_status_t *s, struct arena *a, struct handed *ret)
{
    if (s->code <= 0)
        return;
    ret->code = s->code;
    if (s->enh_class > 0)
        ret->answer = str_fmt(a, "%d.%d.%d %s", s->enh_class, s->enh_subject, s->enh_detail, s->text ? s->text : "");
    else
        ret->answer = str_dup(a, str_c(s->text ? s->text : ""));
    ret->answer = str_trim(ret->answer);
}

/* Which of the three answers decides: of MAIL, of RCPT, of the data. */
static const smtp_status_t *decisive(smtp_message_t m, smtp_recipient_t r)
{
    const smtp_status_t *from = smtp_reverse_path_status(m), *to = smtp_recipient_status(r), *data = smtp_message_transfer_status(m);

    return from->code >= 400 ? from : to->code >= 400 ? to : data;
}

static void judge(const struct session *x, smtp_message_t m, smtp_recipient_t r, struct arena *a, struct handed *ret)
{
    const smtp_status_t *s = decisive(m, r);

    answer(s, a, ret);
    if (s->code >= 500)
        ret->what = HANDED_REFUSED;
    else if (s->code >= 400)
        ret->what = HANDED_LATER;
    else if (x->dot && x->answered && s->code >= 200 && s->code < 300)
        ret->what = HANDED_ACCEPTED;
    else
        ret->what = x->dot ? HANDED_UNKNOWN : HANDED_NOT;
    if (ret->what == HANDED_ACCEPTED)
        ret->queue_id = queue_id(ret->answer);
}

static bool prepare(smtp_session_t session, smtp_message_t m, smtp_recipient_t *ret_r, const struct smtp_mta *mta, const struct smtp_mail *mail, struct session *x)
{
    return smtp_set_server(session, mta->host_port) && smtp_set_hostname(session, mta->hello) && smtp_set_eventcb(session, event, x) &&
           smtp_set_reverse_path(m, mail->from) && (*ret_r = smtp_add_recipient(m, mail->rcpt)) != NULL && smtp_set_messagecb(m, next, x) &&
           smtp_dsn_set_ret(m, Ret_HDRS) && smtp_dsn_set_envid(m, mail->envid) && smtp_dsn_set_notify(*ret_r, Notify_SUCCESS | Notify_FAILURE | Notify_DELAY) &&
           smtp_dsn_set_orcpt(*ret_r, "rfc822", mail->rcpt) && (!mta->tls || smtp_starttls_enable(session, Starttls_ENABLED));
}

void smtp_send(const struct smtp_mta *mta, const struct smtp_mail *mail, const struct smtp_watch *watch, struct arena *a, struct handed *ret)
{
    struct session   x = { .watch = watch, .bytes = mail->bytes };
    smtp_session_t   session = smtp_create_session();
    smtp_message_t   m = session ? smtp_add_message(session) : NULL;
    smtp_recipient_t r = NULL;
    char             text[128] = "";

    *ret = (struct handed){ .what = HANDED_NOT, .retry_us = TIME_MINUTE };
    if (!m || !prepare(session, m, &r, mta, mail, &x))
        ret->answer = str_dup(a, STR("the message could not be prepared"));
    else {
        bool ok = smtp_start_session(session) != 0;

        judge(&x, m, r, a, ret);
        if (ret->what != HANDED_NOT)
            ret->retry_us = TIME_NONE;
        /* The last word of a conversation that broke is not what broke it. */
        if (!ok && (ret->what == HANDED_UNKNOWN || ret->what == HANDED_NOT))
            ret->answer = STR_EMPTY;
        if (!ok && ret->answer.n == 0)
            ret->answer = str_dup(a, str_c(smtp_strerror(smtp_errno(), text, sizeof text) ? text : "the connection broke"));
        if (!x.connected && ret->answer.n == 0)
            ret->answer = str_dup(a, STR("no connection to the MTA"));
    }
    if (session)
        smtp_destroy_session(session);
}
