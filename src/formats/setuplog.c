#include "formats/setuplog.h"

#include "base/num.h"

#include <string.h>

/* Takes digits off *s, 1 to max of them. */
static bool digits(struct str *s, size_t max, uint32_t *ret)
{
    size_t n = 0;

    while (n < s->n && n < max && ch_digit(s->p[n]))
        n++;
    if (n == 0 || !num_u32(str_sub(*s, 0, n), ret))
        return false;
    *s = str_from(*s, n);
    return true;
}

static bool mark(struct str *s, uint8_t *ret)
{
    if (s->n == 0 || (s->p[0] != '/' && s->p[0] != '-' && s->p[0] != '.'))
        return false;
    *ret = s->p[0];
    *s   = str_from(*s, 1);
    while (s->n && s->p[0] == ' ')          /* some cultures write "8. 3. 2021" */
        *s = str_from(*s, 1);
    return true;
}

/* "HH:MM:SS[.ffff] [AM|PM]", microseconds of the day. */
static bool clock_time(struct str *s, int64_t *ret)
{
    uint32_t h, m, sec = 0, part = 0;

    if (!digits(s, 2, &h) || s->n == 0 || (s->p[0] != ':' && s->p[0] != '.'))
        return false;
    *s = str_from(*s, 1);
    if (!digits(s, 2, &m))
        return false;
    if (s->n && (s->p[0] == ':' || s->p[0] == '.')) {
        *s = str_from(*s, 1);
        if (!digits(s, 2, &sec))
            return false;
    }
    if (s->n > 1 && (s->p[0] == '.' || s->p[0] == ',') && ch_digit(s->p[1])) {
        *s = str_from(*s, 1);
        uint32_t scale = 100000;
        while (s->n && ch_digit(s->p[0])) {
            part += scale * (uint32_t)(s->p[0] - '0');
            scale /= 10;
            *s = str_from(*s, 1);
        }
    }
    struct str t = str_trim(*s);
    bool am = str_istarts(t, STR("AM")), pm = str_istarts(t, STR("PM"));
    if (am || pm) {
        if (h < 1 || h > 12)
            return false;
        h = h % 12 + (pm ? 12 : 0);
        *s = str_from(t, 2);
    }
    if (h > 23 || m > 59 || sec > 59)
        return false;
    *ret = (int64_t)h * TIME_HOUR + (int64_t)m * TIME_MINUTE + (int64_t)sec * TIME_SECOND + part;
    return true;
}

static bool american(struct str rest) { return str_ihas(rest, STR("AM")) || str_ihas(rest, STR("PM")); }

/* A date; *ret_alt is midnight of the other reading where day and month could change places. */
static bool culture_date(struct str *s, int64_t *ret, int64_t *ret_alt)
{
    uint32_t x, y, z;
    uint8_t  m1, m2;

    *ret_alt = TIME_NONE;
    if (!digits(s, 4, &x) || !mark(s, &m1) || !digits(s, 2, &y) || !mark(s, &m2) || m1 != m2 || !digits(s, 4, &z))
        return false;
    if (x > 31)
        return time_civil((int)x, (int)y, (int)z, 0, 0, 0, 0, ret);
    if (z < 100)
        z += 2000;
    bool day_first = x > 12 || (y <= 12 && m1 == '.' && !american(*s));
    int  year = (int)z, month = (int)(day_first ? y : x), day = (int)(day_first ? x : y);
    if (!time_civil(year, month, day, 0, 0, 0, 0, ret))
        return false;
    if (x <= 12 && y <= 12 && x != y && !time_civil(year, day, month, 0, 0, 0, 0, ret_alt))
        *ret_alt = TIME_NONE;
    return true;
}

bool setuplog_culture_time(struct str s, int64_t *ret, int64_t *ret_alt)
{
    int64_t day, alt, at;

    s = str_trim(s);
    bool us = american(s);
    if (!culture_date(&s, &day, &alt))
        return false;
    s = str_trim(s);
    if (s.n && (s.p[0] == ',' || s.p[0] == 'T'))
        s = str_trim(str_from(s, 1));
    if (!clock_time(&s, &at))
        return false;
    *ret     = day + at;
    *ret_alt = alt == TIME_NONE || us ? TIME_NONE : alt + at;
    return true;
}

void setuplog_open(struct setuplog *ret, struct arena *a)
{
    memset(ret, 0, sizeof *ret);
    ret->a = a;
    ret->date_us = ret->clock_us = TIME_NONE;
}

static bool session(struct setuplog *s, enum setup_kind kind, struct str line, struct err *e)
{
    s->open = false;
    if (s->n >= SETUPLOG_SESSIONS_MAX) {
        s->more++;
        return true;
    }
    struct setup_session *x = GROW(s->a, s->session, s->n, &s->cap);
    struct str raw = str_dup(s->a, str_sub(line, 0, SETUPLOG_RAW_MAX));
    if (!x || !raw.p)
        return err_set(e, ERR_MEMORY, "no room for more than %zu setup sessions", s->n);
    *x = (struct setup_session){ .kind = kind, .start_us = TIME_NONE, .end_us = TIME_NONE, .alt_us = TIME_NONE, .line = s->lines, .offset = s->line_at, .raw = raw };
    s->n++;
    s->open = true;
    return true;
}

static void stamp(struct setup_session *x, int64_t at)
{
    if (x->start_us == TIME_NONE)
        x->start_us = at;
    if (x->end_us == TIME_NONE || at > x->end_us)
        x->end_us = at;
}

/* What stands between `before` and `after`, trimmed. */
static struct str between(struct str s, struct str before, struct str after)
{
    size_t at = str_ifind(s, before);

    if (at == STR_NONE)
        return STR_EMPTY;
    s = str_from(s, at + before.n);
    at = str_find(s, after);
    return str_trim(at == STR_NONE ? s : str_sub(s, 0, at));
}

static struct str version_after(struct str s, struct str before)
{
    struct str v = between(s, before, STR(" "));
    size_t     n = 0;

    while (n < v.n && (ch_digit(v.p[n]) || v.p[n] == '.'))
        n++;
    while (n && v.p[n - 1] == '.')
        n--;
    return str_sub(v, 0, n);
}

static bool keep(struct setuplog *s, struct str *to, struct str v, struct err *e)
{
    if (v.n == 0 || to->n)
        return true;
    *to = str_dup(s->a, str_sub(v, 0, 260));
    return to->p ? true : err_set(e, ERR_MEMORY, "no room for a setup log's text");
}

static void read_zone(struct setuplog *s, struct str zone)
{
    struct str t = between(zone, STR("(UTC"), STR(")"));
    uint32_t   h = 0, m = 0;

    if (s->has_zone || !str_ihas(zone, STR("(UTC")))
        return;
    bool west = t.n && t.p[0] == '-';
    if (t.n) {
        t = str_from(t, 1);
        if (!digits(&t, 2, &h) || (t.n && t.p[0] != ':'))
            return;
        t = str_from(t, 1);
        if (!digits(&t, 2, &m) || h > 14 || m > 59)
            return;
    }
    s->zone_minutes = (int)(h * 60 + m) * (west ? -1 : 1);
    s->has_zone = true;
}

/* One line of ExchangeSetup.log after its time and level. */
static bool setup_text(struct setuplog *s, struct str line, struct str text, int64_t at, struct err *e)
{
    bool start = str_istarts(text, STR("Starting Microsoft Exchange Server")) ||
                 (text.n > 20 && text.p[0] == '*' && text.p[20] == '*');

    /* The line of stars stands before and after the greeting: it opens a session only where none is fresh. */
    struct setup_session *x = s->open && s->n ? &s->session[s->n - 1] : NULL;
    bool fresh = x && x->kind == SETUP_RUN && x->version.n == 0 && x->mode.n == 0 && x->start_us != TIME_NONE && at - x->start_us < TIME_MINUTE;
    if ((start && !fresh) || ((!x || x->kind != SETUP_RUN) && s->more == 0)) {
        if (!session(s, SETUP_RUN, line, e))
            return false;
        x = s->open ? &s->session[s->n - 1] : NULL;
    }
    if (x && fresh && str_istarts(text, STR("Starting"))) {       /* the greeting says more than the stars before it */
        x->raw  = str_dup(s->a, str_sub(line, 0, SETUPLOG_RAW_MAX));
        x->line = s->lines;
        x->offset = s->line_at;
        if (!x->raw.p)
            return err_set(e, ERR_MEMORY, "no room for a setup log's text");
    }
    struct str zone = between(text, STR("Local time zone:"), STR("\n"));
    read_zone(s, zone);
    if (!keep(s, &s->zone, zone, e) ||
        !keep(s, &s->install_dir, between(text, STR("Installation Directory : '"), STR("'")), e) ||
        (str_ihas(text, STR("[Setting:ComputerNameNetBIOS]")) && !keep(s, &s->computer, between(text, STR("[Value:\""), STR("\"")), e)))
        return false;
    if (!x)
        return true;
    stamp(x, at);
    if (str_ihas(text, STR("setup operation completed successfully")))
        x->completed = true;
    return keep(s, &x->version, version_after(text, STR("Setup version: ")), e) &&
           keep(s, &x->before, version_after(text, STR("The locally installed version is ")), e) &&
           keep(s, &x->mode, between(text, STR("Parameter Name='mode', Value='"), STR("'")), e);
}

/* One line of ServiceControl.log after its clock time. */
static bool services_text(struct setuplog *s, struct str line, struct str text, int64_t clock, int64_t full, struct err *e)
{
    struct str when = between(text, STR("ServiceControl.ps1:"), STR("\n"));
    int64_t    at = TIME_NONE, alt = TIME_NONE;

    if (when.n && setuplog_culture_time(when, &at, &alt)) {
        if (!session(s, SETUP_SERVICES, line, e))
            return false;
        s->date_us  = at - at % TIME_DAY;
        s->clock_us = clock;
        if (alt == TIME_NONE && when.n > 2) {      /* a date with one reading tells how the others are meant */
            uint32_t   first = 0;
            struct str t = when;
            if (digits(&t, 4, &first) && first <= 31) {
                s->day_first   = s->day_first || first > 12;
                s->month_first = s->month_first || first <= 12;
            }
        }
    } else if (full != TIME_NONE) {
        if (!s->open && !session(s, SETUP_SERVICES, line, e))
            return false;
        at = full;
    }
    struct setup_session *x = s->open && s->n ? &s->session[s->n - 1] : NULL;
    if (!x || x->kind != SETUP_SERVICES)
        return true;
    if (alt != TIME_NONE)
        x->alt_us = alt;
    x->local = true;
    if (at == TIME_NONE && s->date_us != TIME_NONE && clock != TIME_NONE) {
        if (s->clock_us != TIME_NONE && clock < s->clock_us - TIME_HOUR)
            s->date_us += TIME_DAY;               /* past midnight */
        s->clock_us = clock;
        at = s->date_us + clock;
    }
    if (at != TIME_NONE)
        stamp(x, at);
    x->before_patch |= str_ihas(text, STR("BeforePatch")) || str_ihas(text, STR("Saving service")) || str_istarts(text, STR("Disabling")) ||
                       str_istarts(text, STR("Stopping"));
    x->after_patch  |= str_ihas(text, STR("AfterPatch")) || str_istarts(text, STR("Restoring")) || str_istarts(text, STR("Enabling")) ||
                       str_istarts(text, STR("Starting"));
    return true;
}

static bool line_push(struct setuplog *s, struct str line, struct err *e)
{
    struct str t = str_trim(line), head;
    int64_t    at, alt, clock;

    s->lines++;
    if (t.n == 0)
        return true;
    size_t end = t.p[0] == '[' ? str_chr(t, ']') : STR_NONE;
    if (end == STR_NONE || end > 40) {
        s->strange++;
        return true;
    }
    head = str_sub(t, 1, end);
    struct str text = str_trim(str_from(t, end + 1));
    struct str c = head;
    if (clock_time(&c, &clock) && str_trim(c).n == 0 && str_chr(head, ':') != STR_NONE)
        return services_text(s, t, text, clock, TIME_NONE, e);
    if (!setuplog_culture_time(head, &at, &alt)) {
        s->strange++;
        return true;
    }
    if (text.n > 2 && text.p[0] == '[' && ch_digit(text.p[1])) {
        /* ExchangeSetup.log writes the month first whatever the culture (only the marks follow it). */
        struct str m = head;
        uint32_t   first = 0;
        if (alt != TIME_NONE && digits(&m, 4, &first) && first <= 12 && str_chr(head, '.') < 3)
            at = alt;
        size_t level = str_chr(text, ']');
        return setup_text(s, t, str_trim(str_from(text, level == STR_NONE ? 0 : level + 1)), at, e);
    }
    return services_text(s, t, text, TIME_NONE, at, e);
}

bool setuplog_push(struct setuplog *s, struct str bytes, struct err *e)
{
    for (size_t i = 0; i < bytes.n; i++) {
        uint8_t c = bytes.p[i];
        s->read++;
        if (c == '\n') {
            if (!line_push(s, (struct str){ s->carry, s->carry_n }, e))
                return false;
            s->carry_n = 0;
            s->line_at = s->read;
        } else if (c && !(s->lines == 0 && c >= 0x80) && s->carry_n < sizeof s->carry) {   /* NULs and a byte order mark go */
            s->carry[s->carry_n++] = c;
        }
    }
    return true;
}

bool setuplog_done(struct setuplog *s, struct err *e)
{
    if (s->carry_n && !line_push(s, (struct str){ s->carry, s->carry_n }, e))
        return false;
    s->carry_n = 0;
    for (size_t i = 0; i < s->n; i++) {
        struct setup_session *x = &s->session[i];
        if (x->alt_us == TIME_NONE)
            continue;
        /* The first reading was day first exactly when the other one, read month first, differs that way: compare by the file's other dates. */
        uint32_t   first = 0;
        struct str when = between(x->raw, STR("ServiceControl.ps1:"), STR("\n"));
        bool       dots = str_chr(str_sub(when, 0, 3), '.') != STR_NONE;
        bool       took_day_first = digits(&when, 4, &first) && dots;
        if (s->day_first != s->month_first && s->day_first != took_day_first) {
            int64_t move = x->alt_us - x->start_us;
            x->start_us += move;
            x->end_us   += move;
        }
        x->unsure = s->day_first == s->month_first;
    }
    return true;
}
