/*
 * BinXml to steps. A definition is compiled once a chunk; what is damaged ends it there, and the elements that are open are closed, so that the
 * walk need not ask.
 *
 * Dependency ids: an element of a definition has one (two bytes) before its size, an element that stands in a record or a value has none
 * (MS-EVEN6 2.2.12 has it always; samples show this). Where the expected form makes no sense and the other does, the other is taken.
 */
#include "formats/evtx_inner.h"

#include "base/num.h"
#include "base/utf.h"

enum {
    T_EOF = 0x00, T_OPEN = 0x01, T_SHUT = 0x02, T_EMPTY = 0x03, T_END = 0x04, T_VALUE = 0x05, T_ATTR = 0x06, T_CDATA = 0x07, T_CHAR = 0x08, T_ENTITY = 0x09,
    T_PI = 0x0A, T_PI_DATA = 0x0B, T_INSTANCE = 0x0C, T_SUB = 0x0D, T_SUB_OPTIONAL = 0x0E, T_FRAGMENT = 0x0F, T_MORE = 0x40,
    NAME_HEAD = 8, DEF_HEAD = 24, INSTANCE_HEAD = 14,
};

struct reader { struct evtx_chunk *c; struct arena *a; size_t pos, end; struct evtx_steps out; uint32_t depth; const char *why; };

/* The texts of Windows's own names, in the order of enum evtx_name. */
static uint8_t name_of(struct str s)
{
    static const struct { struct str text; uint8_t name; } known[] = {
        { STR_INIT("Event"), NAME_EVENT }, { STR_INIT("System"), NAME_SYSTEM }, { STR_INIT("EventData"), NAME_EVENTDATA }, { STR_INIT("UserData"), NAME_USERDATA },
        { STR_INIT("Data"), NAME_DATA }, { STR_INIT("ComplexData"), NAME_COMPLEXDATA }, { STR_INIT("xmlns"), NAME_XMLNS }, { STR_INIT("Name"), NAME_NAME },
        { STR_INIT("Guid"), NAME_GUID }, { STR_INIT("EventSourceName"), NAME_EVENTSOURCENAME }, { STR_INIT("Provider"), NAME_PROVIDER },
        { STR_INIT("EventID"), NAME_EVENTID }, { STR_INIT("Qualifiers"), NAME_QUALIFIERS }, { STR_INIT("Version"), NAME_VERSION }, { STR_INIT("Level"), NAME_LEVEL },
        { STR_INIT("Task"), NAME_TASK }, { STR_INIT("Opcode"), NAME_OPCODE }, { STR_INIT("Keywords"), NAME_KEYWORDS }, { STR_INIT("TimeCreated"), NAME_TIMECREATED },
        { STR_INIT("SystemTime"), NAME_SYSTEMTIME }, { STR_INIT("EventRecordID"), NAME_EVENTRECORDID }, { STR_INIT("Correlation"), NAME_CORRELATION },
        { STR_INIT("ActivityID"), NAME_ACTIVITYID }, { STR_INIT("RelatedActivityID"), NAME_RELATEDACTIVITYID }, { STR_INIT("Execution"), NAME_EXECUTION },
        { STR_INIT("ProcessID"), NAME_PROCESSID }, { STR_INIT("ThreadID"), NAME_THREADID }, { STR_INIT("Channel"), NAME_CHANNEL },
        { STR_INIT("Computer"), NAME_COMPUTER }, { STR_INIT("Security"), NAME_SECURITY }, { STR_INIT("UserID"), NAME_USERID },
    };

    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_eq(s, known[i].text))
            return known[i].name;
    return str_starts(s, STR("xmlns:")) ? NAME_XMLNS : NAME_OTHER;
}

enum evtx_system evtx_system_of(uint8_t element, uint8_t attr)
{
    static const struct { uint8_t element, attr, field; } table[] = {
        { NAME_PROVIDER, NAME_NAME, EVTX_PROVIDER }, { NAME_PROVIDER, NAME_GUID, EVTX_PROVIDER_GUID }, { NAME_PROVIDER, NAME_EVENTSOURCENAME, EVTX_SOURCE_NAME },
        { NAME_EVENTID, NAME_OTHER, EVTX_EVENT_ID }, { NAME_EVENTID, NAME_QUALIFIERS, EVTX_QUALIFIERS }, { NAME_VERSION, NAME_OTHER, EVTX_VERSION },
        { NAME_LEVEL, NAME_OTHER, EVTX_LEVEL }, { NAME_TASK, NAME_OTHER, EVTX_TASK }, { NAME_OPCODE, NAME_OTHER, EVTX_OPCODE },
        { NAME_KEYWORDS, NAME_OTHER, EVTX_KEYWORDS }, { NAME_TIMECREATED, NAME_SYSTEMTIME, EVTX_TIME }, { NAME_EVENTRECORDID, NAME_OTHER, EVTX_RECORD_ID },
        { NAME_CORRELATION, NAME_ACTIVITYID, EVTX_ACTIVITY }, { NAME_CORRELATION, NAME_RELATEDACTIVITYID, EVTX_RELATED },
        { NAME_EXECUTION, NAME_PROCESSID, EVTX_PROCESS }, { NAME_EXECUTION, NAME_THREADID, EVTX_THREAD }, { NAME_CHANNEL, NAME_OTHER, EVTX_CHANNEL },
        { NAME_COMPUTER, NAME_OTHER, EVTX_COMPUTER }, { NAME_SECURITY, NAME_USERID, EVTX_USER },
    };

    for (size_t i = 0; i < COUNT_OF(table); i++)
        if (table[i].element == element && table[i].attr == attr)
            return table[i].field;
    return EVTX_SYSTEM_N;
}

static bool stop(struct reader *r, const char *why)
{
    if (!r->why)
        r->why = why;
    return false;
}

static bool has(struct reader *r, size_t n) { return n <= r->end - r->pos || stop(r, "BinXml is cut short"); }

static struct evtx_step *step(struct reader *r, uint8_t kind, struct err *e)
{
    struct evtx_step *s = GROW(r->a, r->out.step, r->out.n, &r->out.cap);

    if (!s)
        return (void)err_set(e, ERR_MEMORY, "no room for a template"), NULL;
    *s = (struct evtx_step){ .kind = kind };
    r->out.n++;
    return s;
}

/* A name: next, hash, length, text. Wherever the offset points to in the chunk; names may stand where they are first used. */
static bool name_fits(const struct evtx_chunk *c, size_t off)
{
    return off >= 128 && off + NAME_HEAD <= c->in.n && evtx_u16(c->in.p + off + 6) * (size_t)2 <= c->in.n - off - NAME_HEAD;
}

static bool hash_holds(const uint8_t *p)
{
    uint32_t h = 0, n = evtx_u16(p + 6);

    for (uint32_t i = 0; i < n; i++)
        h = h * 65599 + evtx_u16(p + NAME_HEAD + 2 * (size_t)i);
    return (uint16_t)h == evtx_u16(p + 4);
}

static bool name(struct reader *r, struct str *ret, uint8_t *ret_name, struct err *e)
{
    if (!has(r, 4))
        return false;
    size_t off = evtx_u32(r->c->in.p + r->pos);
    r->pos += 4;
    if (!name_fits(r->c, off))
        return stop(r, "a name lies outside of the chunk");
    const uint8_t *p = r->c->in.p + off;
    size_t         n = evtx_u16(p + 6) * (size_t)2;
    if (off == r->pos) {                                        /* here, with a NUL behind it */
        if (!has(r, NAME_HEAD + n + 2))
            return false;
        r->pos += NAME_HEAD + n + 2;
    }
    if (!evtx_spend(r->c, 1, n))
        return stop(r, "too much work for one chunk");
    if (!hash_holds(p))
        return stop(r, "a name was overwritten");
    *ret = utf_to8(r->a, (struct str){ p + NAME_HEAD, n }, UTF_16LE);
    if (!ret->p && n)
        return err_set(e, ERR_MEMORY, "no room for a name");
    *ret_name = name_of(*ret);
    return true;
}

static bool element(struct reader *r, bool has_attrs, bool in_template, struct err *e)
{
    const uint8_t *p   = r->c->in.p + r->pos;
    size_t         left = r->end - r->pos;
    bool           long_fits  = left >= 10 && evtx_u32(p + 2) <= left - 6 && name_fits(r->c, evtx_u32(p + 6));
    bool           short_fits = left >= 8 && evtx_u32(p) <= left - 4 && name_fits(r->c, evtx_u32(p + 4));
    bool           dependency = in_template ? long_fits || !short_fits : long_fits && !short_fits;

    if (!has(r, dependency ? 6 : 4))
        return false;
    r->pos += dependency ? 6 : 4;
    if (r->depth >= EVTX_DEPTH_MAX)
        return stop(r, "elements nested too deep");
    struct str text;
    uint8_t    id;
    if (!name(r, &text, &id, e))
        return false;
    struct evtx_step *s = step(r, STEP_OPEN, e);
    if (!s)
        return false;
    s->text = text;
    s->name = id;
    r->depth++;
    if (has_attrs) {
        if (!has(r, 4))
            return false;
        r->pos += 4;
    }
    return true;
}

static bool part(struct reader *r, uint8_t type, struct str text, struct err *e)
{
    struct evtx_step *s = step(r, STEP_PART, e);

    if (!s)
        return false;
    s->type = type;
    s->text = text;
    return true;
}

static bool wide(struct reader *r, struct str *ret, struct err *e)
{
    if (!has(r, 2))
        return false;
    size_t n = evtx_u16(r->c->in.p + r->pos) * (size_t)2;
    r->pos += 2;
    if (!has(r, n))
        return false;
    *ret = utf_to8(r->a, (struct str){ r->c->in.p + r->pos, n }, UTF_16LE);
    r->pos += n;
    return ret->p || !n || err_set(e, ERR_MEMORY, "no room for a text");
}

/* A value that stands in the document. The specification knows texts only; the others are read as they would be stored. */
static bool value(struct reader *r, struct err *e)
{
    struct str s = STR_EMPTY;

    if (!has(r, 1))
        return false;
    uint8_t type = r->c->in.p[r->pos++];
    if (type == EVTX_STRING)
        return wide(r, &s, e) && part(r, EVTX_TEXT, s, e);
    size_t n = evtx_type_bytes(type);
    if (type == EVTX_ANSI || type == EVTX_BINARY) {
        if (!has(r, 2))
            return false;
        n = evtx_u16(r->c->in.p + r->pos);
        r->pos += 2;
    } else if (type == EVTX_SID) {
        n = evtx_sid_bytes((struct str){ r->c->in.p + r->pos, r->end - r->pos });
    }
    if (!n && type != EVTX_NULL && type != EVTX_ANSI && type != EVTX_BINARY)
        return stop(r, "a value of no known type");
    if (!has(r, n))
        return false;
    s = (struct str){ r->c->in.p + r->pos, n };
    r->pos += n;
    return part(r, type, s, e);
}

static bool entity(struct reader *r, struct err *e)
{
    static const struct { struct str name, text; } known[] = {
        { STR_INIT("amp"), STR_INIT("&") }, { STR_INIT("lt"), STR_INIT("<") }, { STR_INIT("gt"), STR_INIT(">") }, { STR_INIT("quot"), STR_INIT("\"") },
        { STR_INIT("apos"), STR_INIT("'") },
    };
    struct str s;
    uint8_t    id;

    if (!name(r, &s, &id, e))
        return false;
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (str_eq(s, known[i].name))
            return part(r, EVTX_TEXT, known[i].text, e);
    s = str_fmt(r->a, "&%.*s;", STR_ARG(s));
    return s.p ? part(r, EVTX_TEXT, s, e) : err_set(e, ERR_MEMORY, "no room for an entity");
}

static bool character(struct reader *r, struct err *e)
{
    uint8_t to[4];

    if (!has(r, 2))
        return false;
    struct str s = str_dup(r->a, (struct str){ to, utf8_put(evtx_u16(r->c->in.p + r->pos), to) });
    r->pos += 2;
    return s.p ? part(r, EVTX_TEXT, s, e) : err_set(e, ERR_MEMORY, "no room for a character");
}

static bool named(struct reader *r, uint8_t kind, struct err *e)
{
    struct str s;
    uint8_t    id;

    if (!name(r, &s, &id, e))
        return false;
    if (kind == STEP_PART)                                      /* the target of an instruction: says nothing */
        return true;
    struct evtx_step *st = step(r, kind, e);
    if (!st)
        return false;
    st->text = s;
    st->name = id;
    return true;
}

static bool substitution(struct reader *r, struct err *e)
{
    if (!has(r, 3))
        return false;
    const uint8_t    *p = r->c->in.p + r->pos;
    struct evtx_step *s = step(r, STEP_SUB, e);
    if (!s)
        return false;
    s->sub  = evtx_u16(p);
    s->type = p[2];
    r->pos += 3;
    return true;
}

static bool close_one(struct reader *r, bool empty, struct err *e)
{
    if (r->depth == 0)
        return stop(r, "an end without an element");
    if (empty && !step(r, STEP_SHUT, e))
        return false;
    r->depth--;
    return step(r, STEP_END, e) != NULL;
}

static bool nested(struct reader *r, struct err *e)
{
    struct evtx_instance in;
    size_t               to, at = r->pos - 1;
    const char          *why = evtx_instance_at(r->c, at, r->end, &in, &to);
    struct evtx_step    *s;

    if (why)
        return stop(r, why);
    if (!(s = step(r, STEP_NEST, e)))
        return false;
    s->text = (struct str){ r->c->in.p + at, to - at };
    r->pos  = to;
    return true;
}

/* One token. False: the end, damage (r->why) or memory. */
static bool token(struct reader *r, bool in_template, struct err *e)
{
    struct str skip;

    if (r->pos >= r->end)
        return r->depth ? stop(r, "BinXml is cut short") : false;
    if (!evtx_spend(r->c, 1, 0))
        return stop(r, "too much work for one chunk");
    uint8_t t = r->c->in.p[r->pos++];
    switch (t) {
    case T_EOF:             return r->depth ? stop(r, "an element does not end") : false;
    case T_OPEN:
    case T_OPEN | T_MORE:   return element(r, t & T_MORE, in_template, e);
    case T_SHUT:            return r->depth ? step(r, STEP_SHUT, e) != NULL : stop(r, "an end without an element");
    case T_EMPTY:           return close_one(r, true, e);
    case T_END:             return close_one(r, false, e);
    case T_VALUE:
    case T_VALUE | T_MORE:  return value(r, e);
    case T_ATTR:
    case T_ATTR | T_MORE:   return named(r, STEP_ATTR, e);
    case T_CDATA:
    case T_CDATA | T_MORE:  return wide(r, &skip, e) && part(r, EVTX_TEXT, skip, e);
    case T_CHAR:
    case T_CHAR | T_MORE:   return character(r, e);
    case T_ENTITY:
    case T_ENTITY | T_MORE: return entity(r, e);
    case T_PI:              return named(r, STEP_PART, e);
    case T_PI_DATA:         return wide(r, &skip, e);
    case T_INSTANCE:        return nested(r, e);
    case T_SUB:
    case T_SUB_OPTIONAL:    return substitution(r, e);
    case T_FRAGMENT:        return has(r, 3) && (r->pos += 3, true);
    default:                return stop(r, "an unknown token of BinXml");
    }
}

bool evtx_compile(struct evtx_chunk *c, struct arena *a, size_t *pos, size_t end, bool in_template, struct evtx_steps *ret, struct err *e)
{
    struct reader r = { .c = c, .a = a, .pos = *pos, .end = end };

    *e = (struct err){ 0 };
    while (token(&r, in_template, e))
        ;
    if (e->kind != ERR_NONE)
        return false;
    for (; r.depth; r.depth--)
        if (!step(&r, STEP_END, e))
            return false;
    r.out.damaged = r.why;
    *ret = r.out;
    *pos = r.pos;
    return true;
}

const char *evtx_instance_at(const struct evtx_chunk *c, size_t pos, size_t end, struct evtx_instance *ret, size_t *ret_end)
{
    struct evtx_instance in = { .end = end };

    if (end - pos < INSTANCE_HEAD)
        return "BinXml is cut short";
    in.id      = evtx_u32(c->in.p + pos + 2);
    in.def_off = evtx_u32(c->in.p + pos + 6);
    pos += 10;
    if (in.def_off == pos) {                                    /* the definition stands here */
        if (end - pos < DEF_HEAD || evtx_u32(c->in.p + pos + 20) > end - pos - DEF_HEAD)
            return "a template is cut short";
        pos += DEF_HEAD + evtx_u32(c->in.p + pos + 20);
        in.inline_end = pos;
        if (end - pos < 4)
            return "BinXml is cut short";
    }
    in.n = evtx_u32(c->in.p + pos);
    pos += 4;
    if (in.n > (end - pos) / 4)
        return "more values than there is room for";
    in.sizes  = pos;
    in.values = pos + 4 * (size_t)in.n;
    size_t to = in.values;
    for (uint32_t i = 0; i < in.n && to <= end; i++)
        to += evtx_u16(c->in.p + in.sizes + 4 * (size_t)i);
    *ret     = in;
    *ret_end = to < end ? to : end;
    return NULL;
}

/* Is System one block of fields, each of one part? Then what they are is known before any record is read. */
static void slots(struct evtx_tpl *t)
{
    uint32_t depth = 0;
    uint8_t  in[3] = { 0 }, attr = NAME_OTHER;
    bool     attrs = false;

    for (size_t i = 0; i < t->steps.n; i++) {
        const struct evtx_step *s = &t->steps.step[i];
        switch (s->kind) {
        case STEP_OPEN:
            if (depth < 3)
                in[depth] = s->name;
            else
                return;
            depth++;
            attr  = NAME_OTHER;
            attrs = true;
            if (depth == 1 ? in[0] != NAME_EVENT : depth == 2 && in[1] != NAME_SYSTEM)
                return;
            break;
        case STEP_ATTR: attr = s->name; break;
        case STEP_SHUT: attrs = false, attr = NAME_OTHER; break;
        case STEP_END:
            depth--;
            attrs = false, attr = NAME_OTHER;
            if (depth == 1) {                                   /* System ends; what follows is for the walk */
                t->quick = true;
                t->after = (uint32_t)i + 1;
                return;
            }
            break;
        case STEP_NEST: return;
        default: {
            enum evtx_system f = depth == 3 ? evtx_system_of(in[2], attrs ? attr : NAME_OTHER) : EVTX_SYSTEM_N;
            if (f == EVTX_SYSTEM_N) {
                if (s->kind == STEP_SUB && (s->type & 0x7F) == EVTX_BINXML)
                    return;
                break;
            }
            if (t->slot[f].kind != SLOT_NONE || s->type == EVTX_BINXML)
                return;
            t->slot[f] = (struct evtx_slot){ s->kind == STEP_SUB ? SLOT_SUB : SLOT_CONST, s->sub, { s->type, s->text } };
        }
        }
    }
}

bool evtx_tpl_of(struct evtx_chunk *c, const struct evtx_instance *in, struct evtx_tpl **ret, const char **ret_damaged, struct err *e)
{
    size_t            off = in->def_off;
    struct evtx_tpl **list = &c->tpl[(off >> 2) & 255], *t;

    *ret = NULL;
    for (t = *list; t && t->off != off; t = t->next)
        ;
    if (!t) {
        if (off < 128 || off > c->in.n || c->in.n - off < DEF_HEAD || evtx_u32(c->in.p + off + 20) > c->in.n - off - DEF_HEAD) {
            *ret_damaged = "a template lies outside of the chunk";
            return true;
        }
        if (!(t = NEW(c->a, struct evtx_tpl, 1)))
            return err_set(e, ERR_MEMORY, "no room for a template");
        size_t pos = off + DEF_HEAD;
        t->off = (uint32_t)off;
        t->id  = evtx_u32(c->in.p + off + 4);
        t->end = (uint32_t)pos + evtx_u32(c->in.p + off + 20);
        if (!evtx_compile(c, c->a, &pos, t->end, true, &t->steps, e))
            return false;
        slots(t);
        t->next = *list;
        *list   = t;
    }
    if (t->id != in->id) {
        *ret_damaged = "a template was overwritten";
        return true;
    }
    if (t->steps.damaged)
        *ret_damaged = t->steps.damaged;
    *ret = t;
    return true;
}
