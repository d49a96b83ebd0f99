/* See inbox.h: what a message is. */
#include <string.h>

#include "base/num.h"
#include "formats/dsn.h"
#include "notify/inbox.h"
#include "notify/mail_parts.h"

static const char *const kind_names[INBOX_KINDS] = { "dsn", "mdn", "complaint", "auto_reply", "ticket", "bounce_unparsed", "backscatter", "human", "foreign" };
const char *inbox_kind_name(enum inbox_kind k) { return (unsigned)k < INBOX_KINDS ? kind_names[k] : "unknown"; }

static const struct mail_part *part_of(const struct mail *m, const char *type)
{
    for (size_t i = 0; i < m->part_n; i++)
        if (str_eq(m->part[i].type, str_c(type)))
            return &m->part[i];
    return NULL;
}

/* Without angle brackets and what stands around them. */
static struct str bare(struct str s)
{
    size_t open = str_chr(s, '<'), close = open == STR_NONE ? STR_NONE : str_chr(str_from(s, open), '>');

    return close == STR_NONE ? str_trim(s) : str_trim(str_sub(s, open + 1, open + close));
}

/* --- our own tokens --- */

/* "b+TOKEN@" and "case+TOKEN@", anywhere in a field. */
static void tokens(struct inbox_mail *r, struct str field)
{
    static const struct str before[] = { STR_INIT("b+"), STR_INIT("case+") };

    for (size_t k = 0; k < COUNT_OF(before); k++) {
        struct str rest = field;
        size_t     at;

        while (r->token_n < INBOX_TOKENS_MAX && (at = str_ifind(rest, before[k])) != STR_NONE) {
            struct str token = str_from(rest, at + before[k].n);
            bool       begins = at == 0 || !(ch_alpha(rest.p[at - 1]) || ch_digit(rest.p[at - 1]));
            size_t     end = str_chr(token, '@');

            rest = token;
            if (!begins || end == STR_NONE || end < 8 || end > 39)
                continue;
            token = str_sub(token, 0, end);
            bool known = false;
            for (size_t i = 0; i < r->token_n; i++)
                known |= str_ieq(r->token[i], token);
            if (!known)
                r->token[r->token_n++] = token;
        }
    }
}

/* --- reports --- */

static bool action(struct str s, enum dsn_action *ret)
{
    static const char *const names[] = { "failed", "delayed", "delivered", "relayed", "expanded" };

    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (str_ieq_c(str_trim(s), names[i])) {
            *ret = (enum dsn_action)i;
            return true;
        }
    return false;
}

/* "550 5.1.1 no such user": some write 5.0.0, or nothing, as the status and the truth behind it. Of the same class only. */
static void said_better(struct str diagnostic, uint16_t status[3])
{
    struct str rest = str_sub(diagnostic, 0, 200), word;

    for (int i = 0; i < 4 && str_cut(&rest, ' ', &word); i++) {
        uint16_t v[3];
        if (word.n && word.p[0] == '#')              /* "#5.1.1", as Exchange writes it */
            word = str_from(word, 1);
        if (dsn_status(word, v) && (v[1] || v[2]) && (status[0] == 0 || v[0] == status[0])) {
            memcpy(status, v, sizeof v);
            return;
        }
    }
}

/* Postfix and others write RFC 5322 dates; only their order matters to a person, so they are kept as words in `diagnostic`. */
static bool recipients(struct inbox_mail *r, struct str block, struct arena *a, struct err *e)
{
    struct str rest = block, b;

    if (!dsn_block(&rest, &b))
        return true;
    r->envelope_id = dsn_field(b, "Original-Envelope-Id", a);
    r->reporting_mta = dsn_value(dsn_field(b, "Reporting-MTA", a), NULL);
    r->rcpt = NEW(a, struct dsn_recipient, INBOX_RECIPIENTS_MAX);
    if (!r->rcpt)
        return err_set(e, ERR_MEMORY, "no room for a report");
    while (dsn_block(&rest, &b)) {
        struct dsn_recipient x = { .last_attempt_us = TIME_NONE, .retry_until_us = TIME_NONE };

        if (!action(dsn_field(b, "Action", a), &x.action))
            continue;
        if (r->rcpt_n == INBOX_RECIPIENTS_MAX) {
            r->cut = true;
            break;
        }
        x.final = dsn_address(dsn_field(b, "Final-Recipient", a), a);
        x.original = dsn_address(dsn_field(b, "Original-Recipient", a), a);
        x.diagnostic = dsn_value(dsn_field(b, "Diagnostic-Code", a), NULL);
        x.remote_mta = dsn_value(dsn_field(b, "Remote-MTA", a), NULL);
        if (!dsn_status(dsn_field(b, "Status", a), x.status))
            memset(x.status, 0, sizeof x.status);
        if (x.status[1] == 0 && x.status[2] == 0)
            said_better(x.diagnostic, x.status);
        r->rcpt[r->rcpt_n++] = x;
    }
    return true;
}

/* The headers of what came back: as text/rfc822-headers, or at the head of a message/rfc822. */
static void returned(struct inbox_mail *r, const struct mail *m, struct arena *a)
{
    static const char *const types[] = { "text/rfc822-headers", "message/global-headers", "message/rfc822", "message/global" };
    const struct mail_part  *p = NULL;

    for (size_t i = 0; i < COUNT_OF(types) && !p; i++)
        p = part_of(m, types[i]);
    if (!p)
        return;
    struct str rest = p->bytes, head;
    if (!dsn_block(&rest, &head))
        return;
    r->returned_id = bare(dsn_field(head, "Message-ID", a));
    tokens(r, dsn_field(head, "Return-Path", a));
    tokens(r, dsn_field(head, "Reply-To", a));
}

/* --- what it is --- */

static bool says(struct str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ihas(s, str_c(words[i])))
            return true;
    return false;
}

static bool automatic(const struct mail *m)
{
    static const char *const precedence[] = { "auto_reply", "bulk", "junk" };
    static const char *const subject[] = { "out of office", "automatic reply", "autoreply", "auto-reply", "abwesenheit", "automatische antwort", "abwesend", "ich bin nicht im" };
    struct str submitted = str_trim(mail_header(m, "Auto-Submitted"));

    return (submitted.n && !str_ieq_c(submitted, "no")) || mail_header(m, "X-Autoreply").n || mail_header(m, "X-Auto-Response-Suppress").n || mail_header(m, "X-Autorespond").n ||
           says(mail_header(m, "Precedence"), precedence, COUNT_OF(precedence)) || says(mail_header(m, "Subject"), subject, COUNT_OF(subject));
}

static bool from_nobody(const struct mail *m)
{
    static const char *const names[] = { "mailer-daemon", "mail delivery" }, *const subject[] = { "undeliver", "delivery", "failure", "returned mail", "unzustellbar", "nicht zugestellt" };
    struct str path = str_trim(mail_header(m, "Return-Path"));

    /* A postmaster is also somebody who reads and answers. */
    return str_eq(path, STR("<>")) || says(mail_header(m, "From"), names, COUNT_OF(names)) ||
           (says(mail_header(m, "From"), (const char *const[]){ "postmaster@" }, 1) && says(mail_header(m, "Subject"), subject, COUNT_OF(subject)));
}

/* "[Ticket#2021030610000123]", "[#12345]", "[BAKERY-123]": somebody else's number, not ours. */
static struct str ticket(struct str subject)
{
    struct str rest = subject;
    size_t     open;

    while ((open = str_chr(rest, '[')) != STR_NONE) {
        struct str in = str_from(rest, open + 1);
        size_t     close = str_chr(in, ']'), digits = 0;

        if (close == STR_NONE)
            return STR_EMPTY;
        rest = str_from(in, close);
        in = str_trim(str_sub(in, 0, close));
        for (size_t i = 0; i < in.n; i++)
            digits += ch_digit(in.p[i]);
        bool number = str_chr(in, '#') != STR_NONE || str_ihas(in, STR("ticket")) || str_ihas(in, STR("case")) || str_chr(in, '-') != STR_NONE;
        bool ours = str_has(in, STR(" 20")) && str_chr(str_from(in, str_find(in, STR(" 20"))), '-') != STR_NONE;        /* "[CERT-EX 2021-000123]" */
        bool plain = true;
        for (size_t i = 0; i < in.n; i++)
            plain &= ch_alnum(in.p[i]) || memchr(" #-_./:", in.p[i], 7) != NULL;
        if (in.n <= INBOX_TICKET && digits >= 3 && number && plain && !ours)
            return in;
    }
    return STR_EMPTY;
}

static enum inbox_kind kind_of(const struct inbox_mail *r, const struct mail *m)
{
    /* Some mail servers give theirs another multipart than RFC 6522 says. What a person forwards is not his report. */
    if (r->rcpt_n && (str_eq(m->report_type, STR("delivery-status")) || (!m->report_type.n && from_nobody(m))))
        return INBOX_DSN;
    if (str_eq(m->report_type, STR("disposition-notification")))
        return INBOX_MDN;
    if (str_eq(m->report_type, STR("feedback-report")))
        return INBOX_COMPLAINT;
    if (from_nobody(m) && !r->ticket.n)
        return automatic(m) && r->answers.n && !says(mail_header(m, "From"), (const char *const[]){ "mailer-daemon" }, 1) ? INBOX_AUTO_REPLY : INBOX_BOUNCE_UNPARSED;
    if (automatic(m))
        return r->ticket.n ? INBOX_TICKET_ROBOT : INBOX_AUTO_REPLY;
    return INBOX_HUMAN;
}

static struct str last_reference(struct str s)
{
    size_t at = str_rchr(s, '<');
    return at == STR_NONE ? STR_EMPTY : bare(str_from(s, at));
}

bool inbox_read(struct str bytes, struct arena *a, struct inbox_mail *ret, struct err *e)
{
    static const char *const to[] = { "Delivered-To", "X-Original-To", "To", "Cc", "Envelope-To" };
    struct inbox_mail r = { .date_us = TIME_NONE };
    struct mail       m;
    const struct mail_part *p;

    if (!mail_read(bytes, a, &m, e))
        return false;
    r.cut = m.cut;
    r.sender = bare(mail_header(&m, "From"));
    r.subject = mail_header(&m, "Subject");
    r.message_id = bare(mail_header(&m, "Message-ID"));
    r.answers = mail_header(&m, "In-Reply-To").n ? bare(mail_header(&m, "In-Reply-To")) : last_reference(mail_header(&m, "References"));
    for (size_t i = 0; i < m.header_n; i++)              /* each of several of one name */
        for (size_t k = 0; k < COUNT_OF(to); k++)
            if (str_ieq_c(m.header[i].name, to[k]))
                tokens(&r, m.header[i].value);
    returned(&r, &m, a);
    p = part_of(&m, "message/delivery-status");
    p = p ? p : part_of(&m, "message/global-delivery-status");
    if (p && !recipients(&r, p->bytes, a, e))
        return false;
    p = part_of(&m, "message/feedback-report");
    if (p) {
        r.feedback_type = dsn_field(p->bytes, "Feedback-Type", a);
        r.original_rcpt = bare(dsn_field(p->bytes, "Original-Rcpt-To", a));
        tokens(&r, dsn_field(p->bytes, "Original-Mail-From", a));
    }
    for (size_t i = 0; i < m.part_n; i++)
        if (!r.report.n && (str_ieq_c(m.part[i].name, "report.json") || (str_eq(m.part[i].type, STR("application/json")) && str_has(str_sub(m.part[i].bytes, 0, 200), STR("afterpatch-report/")))))
            r.report = m.part[i].bytes;
    p = part_of(&m, "text/plain");
    r.excerpt = p ? str_trim(str_sub(p->bytes, 0, INBOX_EXCERPT)) : STR_EMPTY;
    r.ticket = ticket(r.subject);
    r.kind = kind_of(&r, &m);
    *ret = r;
    return true;
}
