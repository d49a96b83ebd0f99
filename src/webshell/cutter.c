#include "webshell/cutter.h"

#include "base/num.h"

#include <string.h>

void cutter_open(struct cutter *k, struct container *c, struct arena *a, struct str text)
{
    memset(k, 0, sizeof *k);
    k->c          = c;
    k->a          = a;
    k->text       = text;
    k->line       = 1;
    k->runat      = 0;
    k->first_code = STR_NONE;
    k->tag_work   = (uint64_t)text.n * CUTTER_TAG_WORK + (1 << 20);
    c->text       = text;
}

static bool word_at(const uint8_t *p, struct str lower)
{
    for (size_t i = 0; i < lower.n; i++)
        if (ch_lower(p[i]) != lower.p[i])
            return false;
    return true;
}

static uint64_t load(const uint8_t *p) { uint64_t v; memcpy(&v, p, 8); return v; }
/* Bytes of v that are zero have their highest bit set; a byte above a zero byte may be wrong, which a second look finds out. */
static uint64_t zero_bytes(uint64_t v) { return (v - 0x0101010101010101u) & ~v & 0x8080808080808080u; }

size_t cutter_find(struct str text, size_t from, struct str lower)
{
    if (lower.n < 2 || text.n < lower.n || from > text.n - lower.n)
        return STR_NONE;
    const uint64_t every = 0x0101010101010101u, fold = 0x2020202020202020u;
    /* Letters are compared with bit 5 set on both sides; marks that share their low bits with others are told apart by word_at. */
    uint64_t first = every * (lower.p[0] | 0x20u), second = every * (lower.p[1] | 0x20u);
    size_t   i = from, last = text.n - lower.n;

    for (; i + 9 <= text.n && i <= last; i += 8) {
        uint64_t hit = zero_bytes((load(text.p + i) | fold) ^ first) & zero_bytes((load(text.p + i + 1) | fold) ^ second);
        if (!hit)
            continue;
        for (size_t j = 0; j < 8 && i + j <= last; j++)
            if (word_at(text.p + i + j, lower))
                return i + j;
    }
    for (; i <= last; i++)
        if (word_at(text.p + i, lower))
            return i;
    return STR_NONE;
}

uint32_t cutter_line(struct cutter *k, size_t at)
{
    at = at > k->text.n ? k->text.n : at;
    if (at < k->line_at) {
        k->line_at = 0;
        k->line    = 1;
    }
    uint32_t n = 0;
    for (size_t i = k->line_at; i < at; i++)
        n += k->text.p[i] == '\n';
    k->line += n;
    k->line_at = at;
    return k->line;
}

/* The draft that takes code of this kind and language; NULL: too many, or the arena is full. */
static struct draft *draft_of(struct cutter *k, enum unit_kind kind, enum ir_language language)
{
    for (size_t i = 0; i < k->draft_n; i++)
        if (k->draft[i].kind == kind && k->draft[i].language == language)
            return &k->draft[i];
    if (k->draft_n == CONTAINER_UNITS_MAX) {
        k->c->cut = true;
        return NULL;
    }
    struct draft *d = &k->draft[k->draft_n++];
    *d = (struct draft){ .kind = kind, .language = language };
    return d;
}

void cutter_unclosed(struct cutter *k, enum unit_kind kind, enum ir_language language)
{
    struct draft *d = draft_of(k, kind, language);
    if (d)
        d->unclosed = true;
}

/* The mark of Script Encoder, by its rarest sign: every piece of every page is asked. */
static bool encoded(struct str s)
{
    for (size_t at = 0, p; (p = str_chr(str_from(s, at), '~')) != STR_NONE; at += p + 1)
        if (at + p >= 2 && str_starts(str_from(s, at + p - 2), STR("#@~^")))
            return true;
    return false;
}

void cutter_text(struct cutter *k, enum unit_kind kind, enum ir_language language, enum piece_kind how, struct str s, uint32_t line, bool after_markup)
{
    struct draft *d = draft_of(k, kind, language);

    if (!d)
        return;
    if (k->blocks >= CONTAINER_BLOCKS_MAX) {
        k->c->cut = true;
        return;
    }
    if (encoded(s)) {
        bool       damaged = false;
        struct str plain = scriptenc_decode(k->a, s, &damaged);
        if (!plain.p) {
            k->full = true;
            return;
        }
        if (plain.p != s.p) {
            s = plain;
            d->encoded = true;
            k->c->text_kind = TEXT_SCRIPT_ENCODED;
        }
        k->c->damaged = k->c->damaged || damaged;
    }
    struct piece *p = GROW(k->a, d->piece, d->n, &d->cap);
    if (!p) {
        k->full = true;
        return;
    }
    *p = (struct piece){ s, line, (uint8_t)how, after_markup, !decode_valid(s) };
    k->foreign = k->foreign || p->foreign;
    d->n++;
    k->blocks++;
}

void cutter_code(struct cutter *k, enum unit_kind kind, enum ir_language language, enum piece_kind how, size_t from, size_t to, bool after_markup)
{
    struct str s = str_sub(k->text, from, to);

    if (str_trim(s).n == 0)
        return;
    if (k->first_code == STR_NONE)
        k->first_code = from;
    if (kind != UNIT_BINDING)
        k->c->code_bytes += s.n;
    cutter_text(k, kind, language, how, s, cutter_line(k, from), after_markup);
}

void cutter_ref(struct cutter *k, enum ref_kind kind, struct str path, uint32_t line)
{
    path = str_trim(path);
    if (path.n == 0)
        return;
    if (k->c->ref_n >= CONTAINER_ITEMS_MAX) {
        k->c->cut = true;
        return;
    }
    struct page_ref *r = GROW(k->a, k->c->ref, k->c->ref_n, &k->ref_cap);
    struct str plain = attribute_plain(k->a, path);
    if (!r || !plain.p) {
        k->full = true;
        return;
    }
    *r = (struct page_ref){ kind, plain, line };
    k->c->ref_n++;
}

/* ASP.NET undoes entities in every value before it looks at it. */
static bool server_attribute(struct cutter *k, struct str name, struct str value)
{
    if (!str_ieq(name, STR("runat")) || value.n >= 256)
        return false;
    struct str plain = str_trim(attribute_plain(k->a, value)), bare = plain;
    while (bare.n && bare.p[0] >= 0x80)
        bare = str_from(bare, 1);
    while (bare.n && bare.p[bare.n - 1] >= 0x80)
        bare.n--;
    if (bare.n < plain.n && str_ieq(bare, STR("server")))
        k->c->odd_quotes = true;
    return str_ieq(bare, STR("server"));
}

static void control_add(struct cutter *k, struct control v)
{
    if (k->c->control_n >= CONTAINER_ITEMS_MAX) {
        k->c->cut = true;
        return;
    }
    struct control *to = GROW(k->a, k->c->control, k->c->control_n, &k->control_cap);
    if (!to) {
        k->full = true;
        return;
    }
    *to = v;
    k->c->control_n++;
}

void cutter_control(struct cutter *k, const struct tag *t, uint32_t line)
{
    struct control v = { .tag = t->name, .line = line };
    struct str     rest = t->attributes, name, value, id;
    size_t         events = 0;

    if (container_attribute(t->attributes, STR("id"), &id))
        v.id = id;
    if (str_ieq(t->name, STR("input")) && container_attribute(t->attributes, STR("type"), &value) && str_ieq(str_trim(value), STR("file")))
        v.tag = STR("asp:FileUpload");     /* HtmlInputFile does what that does */
    while (attribute_next(&rest, &name, &value)) {
        if (name.n < 3 || !str_istarts(name, STR("on")) || str_trim(value).n == 0)
            continue;
        /* A client handler of a server control may be script: a server handler is the name of a method. */
        v.event   = name;
        v.handler = str_trim(value);
        control_add(k, v);
        events++;
    }
    v.event = v.handler = STR_EMPTY;
    if (!events)
        control_add(k, v);
}

void cutter_object(struct cutter *k, const struct tag *t, uint32_t line)
{
    struct page_object o = { .line = line };

    container_attribute(t->attributes, STR("id"), &o.id);
    container_attribute(t->attributes, STR("progid"), &o.progid);
    container_attribute(t->attributes, STR("classid"), &o.classid);
    if (k->c->object_n >= CONTAINER_ITEMS_MAX) {
        k->c->cut = true;
        return;
    }
    struct page_object *to = GROW(k->a, k->c->object, k->c->object_n, &k->object_cap);
    if (!to) {
        k->full = true;
        return;
    }
    *to = o;
    k->c->object_n++;
}

bool cutter_may_serve(struct cutter *k, size_t at)
{
    if (k->runat != STR_NONE && k->runat <= at) {
        size_t next = cutter_find(k->text, at, STR("runat"));
        k->runat = next;
        /* The same word in two spellings: as an entity it still counts for ASP.NET. Rare enough to be looked for only once. */
    }
    return k->runat != STR_NONE;
}

static bool tag_name_byte(uint8_t c) { return ch_alnum(c) || c == '_' || c == ':' || c == '.' || c >= 0x80; }

bool cutter_tag(struct cutter *k, size_t at, struct tag *ret)
{
    struct str t = k->text;
    struct tag out = { 0 };
    size_t     i = at + 1, from;

    while (i < t.n && tag_name_byte(t.p[i]))
        i++;
    out.name = str_sub(t, at + 1, i);
    for (from = i; i < t.n;) {
        uint8_t c = t.p[i];
        if (c == '>') {
            out.closed     = i > from && t.p[i - 1] == '/';
            out.attributes = str_sub(t, from, i);
            out.end        = i + 1;
            break;
        }
        if (c == '"' || c == '\'') {
            bool  *none = &k->no_quote[c == '"'];
            size_t end = *none ? STR_NONE : str_chr(str_from(t, i + 1), c);
            if (end == STR_NONE) {
                *none = true;
                break;
            }
            i += 1 + end + 1;
        } else if (c == '<' && i + 1 < t.n && t.p[i + 1] == '%') {
            size_t end = str_find(str_from(t, i), STR("%>"));
            i = end == STR_NONE ? t.n : i + end + 2;
        } else if (c == '<') {
            break;
        } else {
            i++;
        }
        if (i - at > k->tag_work) {
            k->c->cut = true;
            return false;
        }
    }
    k->tag_work -= i - at < k->tag_work ? i - at : k->tag_work;
    if (!out.end)
        return false;
    struct str rest = out.attributes, name, value;
    if (k->runat != STR_NONE && k->runat < out.end && k->runat >= at)
        while (!out.server && attribute_next(&rest, &name, &value))
            out.server = server_attribute(k, name, value);
    if (out.server) {
        out.attributes = attribute_plain(k->a, out.attributes);
        k->full = k->full || !out.attributes.p;
    }
    *ret = out;
    return true;
}

/* White space at `at`, past it. */
static size_t skip(struct str t, size_t at)
{
    while (at < t.n && ch_space(t.p[at]))
        at++;
    return at;
}

size_t cutter_include(struct cutter *k, size_t at)
{
    struct str t = k->text;
    size_t     i = skip(t, at + 4);

    if (!str_istarts(str_from(t, i), STR("#include")))
        return at;
    struct str rest = str_sub(t, i + 8, i + 8 + 1024), name, value;
    if (!attribute_next(&rest, &name, &value))
        return at;
    bool file = str_ieq(name, STR("file"));
    if (!file && !str_ieq(name, STR("virtual")))
        return at;
    size_t arrow = str_find(value, STR("-->"));
    if (arrow != STR_NONE)
        value = str_sub(value, 0, arrow);
    cutter_ref(k, file ? REF_INCLUDE_FILE : REF_INCLUDE_VIRTUAL, value, cutter_line(k, at));
    return i + 8;
}

/* The end of a directive: "%>" outside quotes; where quotes do not close before, the first "%>". */
static size_t directive_end(struct str s)
{
    size_t plain = str_find(s, STR("%>"));

    for (size_t i = 0; i < s.n && plain != STR_NONE;) {
        if (s.p[i] == '%' && i + 1 < s.n && s.p[i + 1] == '>')
            return i;
        if (s.p[i] == '"' || s.p[i] == '\'') {
            size_t end = str_chr(str_sub(s, i + 1, i + 1 + 4096), s.p[i]);
            if (end == STR_NONE)
                return plain;
            i += end + 1;
        }
        if (i++ > 65536)
            return plain;
    }
    return plain;
}

enum attribute { AT_OTHER, AT_LANGUAGE, AT_CODEPAGE, AT_INHERITS, AT_CODE, AT_SRC, AT_MASTER, AT_PATH, AT_VALIDATE, AT_DEBUG };

static enum attribute attribute_of(struct str name)
{
    static const struct { struct str name; enum attribute at; } row[] = {
        { STR_INIT("language"), AT_LANGUAGE }, { STR_INIT("codepage"), AT_CODEPAGE }, { STR_INIT("inherits"), AT_INHERITS }, { STR_INIT("service"), AT_INHERITS },
        { STR_INIT("codefile"), AT_CODE }, { STR_INIT("codebehind"), AT_CODE }, { STR_INIT("codefilebaseclass"), AT_CODE }, { STR_INIT("src"), AT_SRC },
        { STR_INIT("masterpagefile"), AT_MASTER }, { STR_INIT("virtualpath"), AT_PATH }, { STR_INIT("page"), AT_PATH }, { STR_INIT("control"), AT_PATH },
        { STR_INIT("validaterequest"), AT_VALIDATE }, { STR_INIT("debug"), AT_DEBUG },
    };
    for (size_t i = 0; i < COUNT_OF(row); i++)
        if (str_ieq(name, row[i].name))
            return row[i].at;
    return AT_OTHER;
}

static void take_main(struct cutter *k, const struct directive *d, enum attribute at, struct str v)
{
    struct container *c = k->c;

    switch (at) {
    case AT_LANGUAGE:
        if (!c->declared) {
            c->language = language_of(v, k->classic);
            c->declared = c->language != IR_UNKNOWN;
            /* Engines that a server may have beside its own: nothing here reads them. */
            if (k->classic && (str_istarts(v, STR("perl")) || str_istarts(v, STR("python")) || str_istarts(v, STR("ruby")) || str_istarts(v, STR("php"))))
                c->cut = true;
        }
        break;
    case AT_CODEPAGE:
        if (c->codepage == 0)
            num_u32(v, &c->codepage);
        break;
    case AT_INHERITS:
        if (c->inherits.n == 0)
            c->inherits = v;
        c->behind = true;
        break;
    case AT_CODE: case AT_SRC:
        c->behind = true;
        cutter_ref(k, REF_CODE, v, d->line);
        break;
    case AT_MASTER:
        cutter_ref(k, REF_MASTER, v, d->line);
        break;
    case AT_VALIDATE:
        c->validate_off = c->validate_off || str_ieq(v, STR("false"));
        break;
    case AT_DEBUG:
        c->debug_on = c->debug_on || str_ieq(v, STR("true"));
        break;
    case AT_PATH: case AT_OTHER:
        break;
    }
}

/* Directives that are about another file, or nothing at all; the others are the page's own. */
static const struct { struct str name; enum ref_kind kind; bool ref; } beside[] = {
    { STR_INIT("import"), REF_CODE, false },      { STR_INIT("outputcache"), REF_CODE, false },  { STR_INIT("implements"), REF_CODE, false },
    { STR_INIT("assembly"), REF_ASSEMBLY, true }, { STR_INIT("register"), REF_CONTROL, true },   { STR_INIT("reference"), REF_CONTROL, true },
    { STR_INIT("mastertype"), REF_MASTER, true }, { STR_INIT("previouspagetype"), REF_CONTROL, true },
};

static void take_flags(struct cutter *k, const struct directive *d)
{
    struct str rest = d->text, name, v;
    size_t     b = 0;

    while (b < COUNT_OF(beside) && !str_ieq(d->name, beside[b].name))
        b++;
    if (b < COUNT_OF(beside) && !beside[b].ref)
        return;
    while (attribute_next(&rest, &name, &v)) {
        enum attribute at = attribute_of(name);
        v = str_trim(v);
        if (b == COUNT_OF(beside))
            take_main(k, d, at, v);
        else if (at == AT_SRC || at == AT_PATH)
            cutter_ref(k, beside[b].kind, v, d->line);
    }
}

size_t cutter_directive(struct cutter *k, size_t at, size_t from, struct directive *ret)
{
    struct str       in = str_from(k->text, from);
    size_t           end = directive_end(in), i = 0;
    struct directive d = { .line = cutter_line(k, at) };

    in = str_sub(in, 0, end == STR_NONE ? (in.n < 4096 ? in.n : 4096) : end);
    while (i < in.n && ch_space(in.p[i]))
        i++;
    size_t word = i;
    while (i < in.n && (ch_alnum(in.p[i]) || in.p[i] == '_'))
        i++;
    struct str name = str_sub(in, word, i);
    while (i < in.n && ch_space(in.p[i]))
        i++;
    /* <%@ language=... %> has no name: its first word is an attribute. */
    d.name = i < in.n && in.p[i] == '=' ? STR_EMPTY : name;
    d.text = attribute_plain(k->a, str_from(in, d.name.n ? word + name.n : word));
    *ret   = d;
    if (!d.text.p) {
        k->full = true;
        return k->text.n;
    }
    if (k->c->directive_n >= CONTAINER_ITEMS_MAX) {
        k->c->cut = true;
    } else {
        struct directive *to = GROW(k->a, k->c->directive, k->c->directive_n, &k->directive_cap);
        if (to) {
            *to = d;
            k->c->directive_n++;
            ret->text = d.text;
        } else {
            k->full = true;
        }
        take_flags(k, &d);
    }
    return end == STR_NONE ? k->text.n : from + end + 2;
}
