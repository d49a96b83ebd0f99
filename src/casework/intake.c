/* See intake.h. */
#include "casework/intake_inner.h"

#include "base/num.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The order is that of help; what is recognised does not depend on it. */
static const struct intake_kind *const intake_kinds[] = {
    &intake_idf, &intake_stix, &intake_misp, &intake_register, &intake_constituency, &intake_mx, &intake_link, &intake_tip, &intake_statement, &intake_optout, &intake_csirt,
};

const char *intake_what_name(enum intake_what w)
{
    static const char *const name[INTAKE_WHATS] = { "place", "link", "entry", "mx", "contact", "fact", "suppress" };

    return w < INTAKE_WHATS ? name[w] : "";
}

const struct intake_kind *intake_kind_at(size_t i) { return i < COUNT_OF(intake_kinds) ? intake_kinds[i] : NULL; }
const char *intake_kind_name(const struct intake_kind *k)  { return k->name; }
const char *intake_kind_about(const struct intake_kind *k) { return k->about; }
bool intake_kind_of_campaign(const struct intake_kind *k)  { return k->of_campaign; }
bool intake_kind_vouches(const struct intake_kind *k)      { return k->vouches; }

const struct intake_kind *intake_kind_find(struct str name)
{
    for (size_t i = 0; i < COUNT_OF(intake_kinds); i++)
        if (str_ieq(name, str_c(intake_kinds[i]->name)))
            return intake_kinds[i];
    return NULL;
}

/* ---- what kind it is ---- */

static struct str first_line(struct str head)
{
    struct str line;

    while (str_cut(&head, '\n', &line)) {
        line = str_trim(line);
        if (line.n && !(str_istarts(line, STR("sep=")) && line.n == 5))
            return line;
    }
    return STR_EMPTY;
}

/* The first object of the head, where it is whole. */
static struct str first_object(struct str s)
{
    size_t depth = 0, from = 0;
    bool   in = false;

    while (from < s.n && s.p[from] != '{')
        from++;
    for (size_t i = from; i < s.n; i++) {
        uint8_t c = s.p[i];
        if (in) {
            if (c == '\\')
                i++;
            in = c != '"';
        } else if (c == '"') {
            in = true;
        } else if (c == '{') {
            depth++;
        } else if (c == '}' && --depth == 0) {
            return str_sub(s, from, i + 1);
        }
    }
    return STR_EMPTY;
}

const struct intake_kind *intake_recognise(struct str head, struct str map, struct arena scratch)
{
    const struct intake_kind *best = NULL;
    int                       most = 0;

    head = str_trim(head);
    if (!head.n || head.p[0] == '<')
        return NULL;
    if (head.p[0] != '{' && head.p[0] != '[')
        return intake_kind_of_header(first_line(head), map, scratch);
    for (size_t i = 0; i < COUNT_OF(intake_kinds); i++) {
        int fit = intake_kinds[i]->fits ? intake_kinds[i]->fits(head) : 0;
        if (fit > most) {
            most = fit;
            best = intake_kinds[i];
        }
    }
    struct str  one = best ? STR_EMPTY : first_object(head);
    const char *why;
    struct jt   t;
    return one.n && jt_parse(&t, &scratch, one, &why) ? intake_kind_of_object(&t, jt_root(&t)) : best;
}

/* ---- rows ---- */

void intake_note(struct intake *m, const char *fmt, ...)
{
    char    text[512];
    va_list v;

    if (m->ret->sums.note_n == IMPORT_NOTES_MAX)
        return;
    va_start(v, fmt);
    int n = vsnprintf(text, sizeof text, fmt, v);
    va_end(v);
    struct str s = str_dup(m->keep, (struct str){ (const uint8_t *)text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1 });
    if (s.n)
        m->ret->sums.note[m->ret->sums.note_n++] = s;
}

bool intake_once(struct intake *m, uint32_t note)
{
    bool first = !(m->noted & note);

    m->noted |= note;
    return first;
}

void intake_row_begin(struct intake *m, uint64_t line, struct str raw)
{
    m->line   = line;
    m->raw    = raw;
    m->given  = m->refused = 0;
    m->a      = m->row;
    m->source = (struct case_source){ 0 };
    m->ret->sums.rows++;
}

bool intake_part(struct intake *m, const char *why)
{
    if (m->stopped)
        return false;
    m->refused++;
    import_count_reason(&m->ret->sums, why, m->line);
    if (m->sink->broken && !m->sink->broken(m->sink->ctx, m->line, why, str_sub(m->raw, 0, OBS_RAW_MAX), m->e))
        m->stopped = true;
    return !m->stopped;
}

bool intake_broken(struct intake *m, const char *why)
{
    return intake_part(m, why);
}

/* The sink's own words, kept for as long as the result: the same words once. */
static const char *kept_words(struct intake *m, const char *what)
{
    const struct import_result *r = &m->ret->sums;

    for (size_t i = 0; i < r->reason_n; i++)
        if (strcmp(r->reason[i].why, what) == 0)
            return r->reason[i].why;
    const char *copy = r->reason_n < IMPORT_REASONS_MAX ? str_cstr(m->keep, str_c(what)) : NULL;
    return copy ? copy : "refused";
}

bool intake_give(struct intake *m, struct intake_item *x, enum intake_what what)
{
    x->what   = what;
    x->line   = m->line;
    x->source = m->source;
    if (m->stopped)
        return false;
    if (!m->sink->take || m->sink->take(m->sink->ctx, x, m->e)) {
        m->given++;
        m->ret->items[what]++;
        return true;
    }
    if (m->e->kind != ERR_USAGE) {
        m->stopped = true;
        return false;
    }
    const char *why = kept_words(m, m->e->what);
    *m->e = (struct err){ 0 };
    intake_part(m, why);
    return false;
}

bool intake_row_end(struct intake *m, bool go)
{
    struct import_result *r = &m->ret->sums;

    if (m->given) {
        r->taken++;
        m->ret->partly += m->refused != 0;
    } else if (m->refused) {
        r->broken++;
    } else {
        r->other++;
    }
    return go && !m->stopped;
}

bool intake_read(struct intake_result *ret, struct arena *keep, struct arena room, const struct intake_options *o, lines_fill *fill, void *ctx,
                 const struct intake_sink *sink, struct err *e)
{
    struct intake_result out = { .kind = o->kind, .sums = { .format = OBS_SOURCES } };
    struct intake        m = { .opt = o, .sink = sink, .ret = &out, .keep = keep, .e = e };
    bool                 ok = false;

    *ret = out;
    if (arena_room(&room) < INTAKE_ROOM || !rows_open(&m.rows, &room, o->row_max ? o->row_max : INTAKE_ROW_MAX, fill, ctx, e))
        return e->kind != ERR_NONE ? false : err_set(e, ERR_MEMORY, "an import wants %d MiB of room", INTAKE_ROOM >> 20);
    size_t file = 8 << 20;
    m.file = (struct arena){ room.beg, room.beg + file, room.fault };
    m.row  = (struct arena){ room.beg + file, room.end, room.fault };
    struct str head = rows_head(m.rows), text = str_trim(head);
    m.kind = o->kind ? o->kind : intake_recognise(head, o->map, m.row);
    out.kind = m.kind;
    if (m.kind) {
        out.sums.report = str_c(m.kind->name);
        ok = text.n && (text.p[0] == '{' || text.p[0] == '[') ? intake_objects(&m, head) : intake_tables(&m);
    } else if (rows_why(m.rows)->kind != ERR_NONE) {
        *e = *rows_why(m.rows);
    } else {
        err_set(e, ERR_FORMAT, text.n ? "nothing that casework knows" : "there is nothing in it");
        err_hint(e, "say what it is with --kind, or name its columns with --map");
    }
    out.sums.gz  = rows_was_gz(m.rows);
    out.sums.end = *rows_why(m.rows);
    rows_close(m.rows);
    *ret = out;
    if (ok && m.stopped && e->kind == ERR_NONE)
        return err_set(e, ERR_MEMORY, "no room for a record");
    return ok && !m.stopped;
}
