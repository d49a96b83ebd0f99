#include "emit/csv.h"
#include "emit/visible.h"

void csv_open(struct csv *c, struct out *o, bool safe)
{
    *c = (struct csv){ .o = o, .safe = safe };
}

static void next(struct csv *c)
{
    if (c->filled)
        out_c(c->o, ",");
    c->filled = true;
}

static bool quoted(struct str s)
{
    if (s.n && (s.p[0] == ' ' || s.p[s.n - 1] == ' '))
        return true;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '"' || s.p[i] == ',' || s.p[i] == '\r' || s.p[i] == '\n')
            return true;
    return false;
}

/* Spreadsheets in East Asian locales take the full-width signs as well. */
static bool formula(struct str s)
{
    static const struct str wide[] = { STR_INIT("\xEF\xBC\x9D"), STR_INIT("\xEF\xBC\x8B"), STR_INIT("\xEF\xBC\x8D"), STR_INIT("\xEF\xBC\xA0") };

    if (s.n && (s.p[0] == '=' || s.p[0] == '+' || s.p[0] == '-' || s.p[0] == '@' || s.p[0] == '\t' || s.p[0] == '\r' || s.p[0] == '\n'))
        return true;
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        if (str_starts(s, wide[i]))
            return true;
    return false;
}

void csv_cell(struct csv *c, struct str s)
{
    bool           quote = quoted(s);
    struct visible v;

    next(c);
    if (quote)
        out_c(c->o, "\"");
    if (c->safe && formula(s))
        out_c(c->o, "'");
    for (; visible_step(s, &v); s = str_from(s, v.take)) {
        bool bad = !v.as_is && v.take == 1 && s.p[0] >= 0x80;
        bool keep = v.cp == '\t' || v.cp == '\r' || v.cp == '\n';

        if (bad || (!v.as_is && !keep && v.cp < 0xA0))
            out_c(c->o, "\xEF\xBF\xBD");
        else if (v.cp == '"')
            out_c(c->o, "\"\"");
        else if (c->safe && !v.as_is && !keep)
            out_c(c->o, v.text);
        else
            out_str(c->o, str_sub(s, 0, v.take));
    }
    if (quote)
        out_c(c->o, "\"");
}

void csv_u64(struct csv *c, uint64_t v) { next(c); out_fmt(c->o, "%llu", (unsigned long long)v); }
void csv_i64(struct csv *c, int64_t v)  { next(c); out_fmt(c->o, "%lld", (long long)v); }

void csv_end(struct csv *c)
{
    out_c(c->o, "\r\n");
    c->filled = false;
}
