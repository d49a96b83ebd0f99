#include "formats/msert.h"

#include "base/num.h"
#include "base/utf.h"

bool msert_time(struct str s, int64_t *ret)
{
    static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    struct str part[5], w;
    size_t     n = 0;
    uint32_t   day, year, h, m, sec;

    s = str_trim(s);
    while (n < 5 && str_cut(&s, ' ', &w))
        if (w.n)
            part[n++] = w;
    if (n != 5 || part[1].n != 3)
        return false;
    size_t month = str_ifind(str_c(months), part[1]);
    if (month == STR_NONE || month % 3)
        return false;
    struct str t = part[3], hh, mm, ss;
    if (!str_cut(&t, ':', &hh) || !str_cut(&t, ':', &mm) || !str_cut(&t, ':', &ss))
        return false;
    if (!num_u32(part[2], &day) || !num_u32(part[4], &year) || !num_u32(hh, &h) || !num_u32(mm, &m) || !num_u32(ss, &sec) || day > 31 ||
        year > 9999 || h > 23 || m > 59 || sec > 59)
        return false;
    return time_civil((int)year, (int)(month / 3 + 1), (int)day, (int)h, (int)m, (int)sec, 0, ret);
}

struct read {
    struct arena *a;
    struct msert *out;
    size_t        cap;
    struct str    threat;
    bool          removed, pending;
    uint64_t      line, threat_line;
    int64_t       run_us;
};

static bool item(struct read *r, struct str path, bool container, uint64_t line, struct err *e)
{
    r->pending = false;
    if (r->out->n >= MSERT_ITEMS_MAX) {
        r->out->more++;
        return true;
    }
    struct msert_item *it = GROW(r->a, r->out->item, r->out->n, &r->cap);
    if (!it)
        return err_set(e, ERR_MEMORY, "no room for more than %zu detections", r->out->n);
    *it = (struct msert_item){ .threat = r->threat, .path = path, .removed = r->removed, .container = container, .run_us = r->run_us, .line = line };
    r->out->n++;
    return true;
}

static bool says_removed(struct str s)
{
    if (str_ihas(s, STR("not removed")))
        return false;
    return str_ihas(s, STR("removed")) || str_ihas(s, STR("cleaned")) || str_ihas(s, STR("quarantined")) ||
           (str_ihas(s, STR("Action: Remove")) && str_ihas(s, STR("Result: 0x00000000")));
}

/* "Backdoor:ASP/Chopper.F!dha and Removed!" and "Virus:DOS/X, not removed." name one threat each. */
static struct str threat_name(struct str s)
{
    size_t at = str_ifind(s, STR(" and "));

    if (at != STR_NONE)
        s = str_sub(s, 0, at);
    at = str_chr(s, ',');
    if (at != STR_NONE)
        s = str_sub(s, 0, at);
    return str_sub(str_trim(s), 0, 200);
}

static bool line_read(struct read *r, struct str line, struct err *e)
{
    struct str s = str_trim(str_sub(line, 0, MSERT_LINE_MAX));
    int64_t    at;

    if (str_istarts(s, STR("Threat Detected:")) || (s.n > 2 && str_istarts(s, STR("->")) && str_ihas(s, STR("Threat Detected:")))) {
        if (r->pending && !item(r, STR_EMPTY, false, r->threat_line, e))
            return false;
        struct str rest = str_from(s, str_ifind(s, STR("Threat Detected:")) + 16);
        r->threat      = threat_name(rest);
        r->removed     = says_removed(rest);
        r->pending     = true;
        r->threat_line = r->line;
        return true;
    }
    if (str_istarts(s, STR("Action:"))) {
        r->removed = r->removed || says_removed(s);
        return true;
    }
    bool file = str_istarts(s, STR("file://")), container = str_istarts(s, STR("containerfile://"));
    if ((file || container) && r->threat.n)
        return item(r, str_trim(str_from(s, file ? 7 : 16)), container, r->line, e);
    size_t started = str_ifind(s, STR("Started On "));
    if (started != STR_NONE && msert_time(str_from(s, started + 11), &at)) {
        if (r->pending && !item(r, STR_EMPTY, false, r->threat_line, e))
            return false;
        r->threat = STR_EMPTY;
        r->run_us = at;
        r->out->runs++;
        if (r->out->first_us == TIME_NONE || at < r->out->first_us)
            r->out->first_us = at;
        if (r->out->last_us == TIME_NONE || at > r->out->last_us)
            r->out->last_us = at;
    }
    if (str_istarts(s, STR("Results Summary")))
        r->threat = r->pending ? r->threat : STR_EMPTY;
    return true;
}

bool msert_parse(struct msert *ret, struct arena *a, struct str in, struct err *e)
{
    struct msert out = { .first_us = TIME_NONE, .last_us = TIME_NONE };
    struct read  r = { .a = a, .out = &out, .run_us = TIME_NONE };
    size_t       skip = 0;
    enum utf_kind kind = utf_guess(str_sub(in, 0, 4096), &skip);
    struct str   text = utf_to8(a, str_from(in, skip), kind), line;

    if (!text.p && in.n > skip)
        return err_set(e, ERR_MEMORY, "no room for %zu bytes of a scanner's log", in.n);
    while (str_cut(&text, '\n', &line)) {
        r.line++;
        if (!line_read(&r, line, e))
            return false;
    }
    if (r.pending && !item(&r, STR_EMPTY, false, r.threat_line, e))
        return false;
    *ret = out;
    return true;
}

bool msert_is_eomt(struct str text)
{
    return str_ihas(text, STR("EOMT")) && (str_ihas(text, STR("mitigation")) || str_ihas(text, STR("MSERT")) || str_ihas(text, STR("CVE-2021-26855")));
}
