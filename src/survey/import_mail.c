/*
 * Mail that the team holds: the hops that its Received lines name. Nothing is sent for it, and the build has four numbers.
 *
 * Rule 1   only hops whose server is within the domains given count: who sends mail may write lines of his own below the true ones.
 * Rule 2   header lines only, unless the file is nothing but such lines: a body may quote anything.
 * Rule 3   15.20 is Exchange Online: another's server, counted as other.
 * Source   survey sheet, 4 row 13; RFC 5322, 2.2.3 and 3.3.
 */
#include "survey/import_inner.h"

#include "base/num.h"

#include <string.h>

enum { HOP_MAX = 8 << 10 };

static bool field(struct str line, const char *name) { return str_istarts(line, str_c(name)); }

/* "Name: ..." as a mail's header has it. */
static bool header_line(struct str line)
{
    size_t i = 0;

    while (i < line.n && line.p[i] > 32 && line.p[i] < 127 && line.p[i] != ':')
        i++;
    return i > 0 && i < 80 && i < line.n && line.p[i] == ':';
}

bool import_mail_fits(struct str head)
{
    struct str line;
    bool       received = false;
    int        seen = 0;

    for (int lines = 0; lines < 400 && str_cut(&head, '\n', &line); lines++) {
        line = (struct str){ line.p, line.n && line.p[line.n - 1] == '\r' ? line.n - 1 : line.n };
        received |= field(line, "Received:") || (field(line, "from ") && str_has(line, STR("Microsoft SMTP Server")));
        seen += field(line, "Return-Path:") || field(line, "Message-ID:") || field(line, "MIME-Version:") || field(line, "Delivered-To:");
        if (lines == 0 && !header_line(line) && !str_starts(line, STR("From ")) && !field(line, "from "))
            return false;
    }
    return received || seen > 1;
}

/* Nothing but Received lines: no other field in what can be seen of it. */
static bool bare(struct str head)
{
    struct str line;

    while (str_cut(&head, '\n', &line))
        if (str_starts(line, STR("From ")) || (header_line(line) && !field(line, "Received:")))
            return false;
    return true;
}

static const char *const months[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec" };

static bool word(struct str *s, struct str *ret)
{
    *s = str_trim(*s);
    size_t n = 0;
    while (n < s->n && !ch_space(s->p[n]))
        n++;
    *ret = str_sub(*s, 0, n);
    *s   = str_from(*s, n);
    return n > 0;
}

/* "Tue, 16 Mar 2021 10:00:00 +0100 (CET)" */
static bool mail_time(struct str s, int64_t *ret)
{
    struct str w, clock, zone = STR("+0000"), part;
    uint32_t   day, year, hms[3] = { 0 };
    int        month = 0, n = 0;
    int64_t    us;

    if (!word(&s, &w))
        return false;
    if (w.p[w.n - 1] == ',' && !word(&s, &w))
        return false;
    if (!num_u32(w, &day) || !word(&s, &w))
        return false;
    for (int i = 0; i < 12; i++)
        if (str_ieq(str_sub(w, 0, 3), str_c(months[i])))
            month = i + 1;
    if (!month || !word(&s, &w) || !num_u32(w, &year) || year > 9999 || !word(&s, &clock))
        return false;
    while (n < 3 && str_cut(&clock, ':', &part))
        if (!num_u32(part, &hms[n++]))
            return false;
    if (n < 2 || !time_civil((int)year, month, day > 31 ? 0 : (int)day, hms[0] > 99 ? 99 : (int)hms[0], hms[1] > 99 ? 99 : (int)hms[1], hms[2] > 99 ? 99 : (int)hms[2], 0, &us))
        return false;
    (void)word(&s, &zone);
    if (zone.n == 5 && (zone.p[0] == '+' || zone.p[0] == '-')) {
        uint32_t off;
        if (!num_u32(str_from(zone, 1), &off) || off % 100 > 59 || off > 1500)
            return false;
        us -= (off / 100 * 60 + off % 100) * TIME_MINUTE * (zone.p[0] == '-' ? -1 : 1);
    }
    *ret = us;
    return true;
}

static bool ours(const struct import *m, struct str host)
{
    for (size_t i = 0; i < m->opt->by_n; i++) {
        struct str d = m->opt->by[i];
        if (str_eq(d, STR("*")))
            return true;
        if (str_istarts(d, STR("*.")))
            d = str_from(d, 2);
        if (d.n && str_iends(host, d) && (host.n == d.n || host.p[host.n - d.n - 1] == '.'))
            return true;
    }
    return false;
}

struct hop { uint8_t text[HOP_MAX]; size_t n; uint64_t line; };

static void end_hop(struct import *m, struct hop *h)
{
    struct arena      a = m->row;
    struct str        s = { h->text, h->n }, by, build;
    struct import_row row = { h->line, s };

    h->n = 0;
    if (!str_has(s, STR("Microsoft SMTP Server")) || !announce_received(s, &by, &build))
        return;
    m->ret->rows++;
    if (!ours(m, by) || str_starts(build, STR("15.20."))) {
        m->ret->other++;
        return;
    }
    struct observation *o = import_begin(m, &row);
    size_t              semi = str_rchr(s, ';'), dot = str_chr(by, '.');
    announce_name(o, &a, by);
    announce_domain(o, &a, by);
    o->node = str_sub(by, 0, dot == STR_NONE ? by.n : dot);
    o->flags |= OBS_EXCHANGE;
    (void)announce_build(o, OBS_MAIL_HOP, build);
    if (semi != STR_NONE && !mail_time(str_from(s, semi + 1), &o->observed_us))
        (void)import_broken(m, &row, import_no_time);
    else
        (void)import_take(m, &row);
}

static void add(struct hop *h, struct str line)
{
    line = str_sub(line, 0, HOP_MAX - h->n);
    if (line.n)
        memcpy(h->text + h->n, line.p, line.n);
    h->n += line.n;
}

bool import_mail(struct import *m, struct str head)
{
    struct hop     *h = NEW(&m->file, struct hop, 1);
    struct rows_row r;
    bool            plain = bare(head), body = false, mbox = str_starts(head, STR("From "));

    m->ret->format = OBS_RECEIVED;
    m->ret->report = STR("received");
    if (!h)
        return err_set(m->e, ERR_MEMORY, "no room for a line of mail");
    if (m->opt->by_n == 0) {
        err_set(m->e, ERR_USAGE, "whose hops count? anybody may write Received lines");
        return err_hint(m->e, "name the domains of the servers with --by example.org,corp.example");
    }
    while (!m->stopped && rows_next(m->rows, ROWS_LINES, &r)) {
        if (r.broken && !body) {
            m->ret->rows++;
            (void)import_broken(m, &(struct import_row){ r.line, r.text }, r.broken);
        }
        bool more = r.text.n && (r.text.p[0] == ' ' || r.text.p[0] == '\t');
        if (h->n && more) {
            add(h, r.text);
            continue;
        }
        end_hop(m, h);
        if (mbox && str_starts(r.text, STR("From ")))
            body = false;
        if (body || r.broken)
            continue;
        if (!plain && r.text.n == 0) {
            body = true;
        } else if (field(r.text, "Received:") || (plain && !more)) {
            h->line = r.line;
            add(h, field(r.text, "Received:") ? str_from(r.text, 9) : r.text);
        }
    }
    end_hop(m, h);
    return true;
}
