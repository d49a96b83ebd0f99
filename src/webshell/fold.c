#include "webshell/fold_inner.h"

#include <string.h>

#include "webshell/api.h"

/* What a function belongs to. A row may belong to several. */
enum {
    OF_VB     = 1 << 0,      /* VBScript's and VB.NET's own functions */
    OF_JS     = 1 << 1,      /* JScript's own functions */
    M_NET     = 1 << 2,      /* methods of a text in .NET */
    M_JS      = 1 << 3,      /* ... and in JScript */
    L_NET     = 1 << 4,      /* methods of lists in .NET */
    L_JS      = 1 << 5,
    N_ANY     = 1 << 6,      /* methods of numbers */
    C_STRING  = 1 << 7,
    C_CONVERT = 1 << 8,
    C_ENCODING = 1 << 9,
    C_BITS    = 1 << 10,     /* BitConverter */
    C_MATH    = 1 << 11,
    C_CHAR    = 1 << 12,
    C_BUILDER = 1 << 13,     /* StringBuilder */
    C_REGEX   = 1 << 14,
    C_URI     = 1 << 15,
    C_HTTP    = 1 << 16,     /* HttpUtility, WebUtility, Server */
    C_PATH    = 1 << 17,
    C_BUFFER  = 1 << 18,
    C_ARRAY   = 1 << 19,     /* Array's own */
    C_ENUM    = 1 << 20,     /* Enumerable */
    C_NUMBER  = 1 << 21,     /* int.Parse and the like */
    C_INFLATE = 1 << 22,
    C_PAGE    = 1 << 23,     /* MapPath */
    C_SOAPHEX = 1 << 24,
    M_ANY     = M_NET | M_JS,
    METHODS   = M_NET | M_JS | L_NET | L_JS | N_ANY
};

enum { R_TEXT = 0, R_NUMBER = 1, R_CLEAN = 2 };        /* if it is not known: text, a number with the marks, a number without */
enum { KEEPS_WHOLE = 1, DECODES = 2, SELF_BYTES = 4, HEAD = 8, TAIL = 16 };   /* HEAD, TAIL: known ends of what is not known stay */

struct row { const char *name; uint32_t of; uint8_t result, flags; fold_fn *fn; };

/* Sorted by name without case, or the search misses them; rows of one name stand together, the first that fits is taken. */
static const struct row rows[] = {
#include "webshell/fold_rows.h"
};

static const struct { const char *cls; uint32_t of; } classes[] = {
    { "Array", C_ARRAY | L_NET }, { "ASCIIEncoding", C_ENCODING }, { "BitConverter", C_BITS }, { "Buffer", C_BUFFER }, { "Char", C_CHAR }, { "Convert", C_CONVERT }, { "Encoding", C_ENCODING },
    { "Enumerable", C_ENUM | L_NET }, { "HttpServerUtility", C_HTTP | C_PAGE }, { "HttpUtility", C_HTTP }, { "Math", C_MATH }, { "Path", C_PATH }, { "Regex", C_REGEX }, { "RegExp", C_REGEX }, { "Server", C_HTTP | C_PAGE }, { "String", C_STRING },
    { "StringBuilder", C_BUILDER }, { "UnicodeEncoding", C_ENCODING }, { "Uri", C_URI }, { "UTF8Encoding", C_ENCODING }, { "WebUtility", C_HTTP }, { "GZipStream", C_INFLATE }, { "DeflateStream", C_INFLATE }, { "ZLibStream", C_INFLATE },
    { "Page", C_PAGE }, { "Request", C_PAGE }, { "HostingEnvironment", C_PAGE }, { "SoapHexBinary", C_SOAPHEX }, { "List", L_NET }, { "ArrayList", L_NET }, { "Strings", OF_VB }, { "Conversion", OF_VB }, { "Information", OF_VB },
    { "Interaction", OF_VB }, { "VBMath", OF_VB }, { "Int32", C_NUMBER }, { "VBScript.RegExp", C_REGEX },
};

bool fold_steps(struct fold *f, size_t n)
{
    f->steps = num_add_sat(f->steps, n);
    return f->steps <= FOLD_STEPS_MAX;
}

uint8_t *fold_room(struct fold_args *c, size_t n)
{
    if (n > VAL_TEXT_MAX || !fold_steps(c->f, n))
        return NULL;
    uint8_t *p = TAKE(c->f->a, uint8_t, n ? n : 1);
    if (!p)
        c->full = true;
    return p;
}

bool fold_give_text(struct fold_args *c, struct str s)
{
    if (s.n > VAL_TEXT_MAX)
        return false;
    c->out = (struct val){ .kind = VAL_TEXT, .text = s.p ? s : STR("") };
    return true;
}
bool fold_give_bytes(struct fold_args *c, struct str s)
{
    if (!fold_give_text(c, s))
        return false;
    c->out.kind = VAL_BYTES;
    return true;
}
bool fold_give_number(struct fold_args *c, int64_t n) { c->out = (struct val){ .kind = VAL_NUMBER, .number = n }; return true; }
bool fold_give_bool(struct fold_args *c, bool b) { c->out = (struct val){ .kind = VAL_BOOL, .number = b }; return true; }
bool fold_give_list(struct fold_args *c, struct val *item, size_t n) { c->out = (struct val){ .kind = VAL_LIST, .item = item, .item_n = n }; return true; }

struct val *fold_items(struct fold_args *c, size_t n)
{
    if (n > VAL_ITEMS_MAX || !fold_steps(c->f, n * sizeof(struct val)))
        return NULL;
    struct val *p = NEW(c->f->a, struct val, n ? n : 1);
    if (!p)
        c->full = true;
    return p;
}

void fold_marks(struct val *ret, const struct val *x)
{
    ret->marks |= x->marks;
    ret->maybe = ret->maybe || x->maybe;
    if (x->trail && (!ret->trail || x->trail->depth > ret->trail->depth))
        ret->trail = x->trail;
    if (!ret->key.n)
        ret->key = x->key;
}

/* ---- finding the row ---- */
static int row_cmp(struct str s, const char *row)
{
    for (size_t i = 0; i < s.n; i++) {
        int d = (int)ch_lower(s.p[i]) - (int)ch_lower((uint8_t)row[i]);
        if (d || !row[i])
            return d ? d : 1;
    }
    return row[s.n] ? -1 : 0;
}

static uint32_t group_of(enum ir_language l, struct str cls, const struct val *self)
{
    bool js = lang_js(l), net = l != IR_VBSCRIPT && l != IR_JSCRIPT;

    if (cls.n) {
        size_t dot = str_rchr(cls, '.');
        if (dot != STR_NONE && !str_ieq(cls, STR("VBScript.RegExp")))
            cls = str_from(cls, dot + 1);
        for (size_t i = 0; i < COUNT_OF(classes); i++)
            if (str_ieq_c(cls, classes[i].cls))
                return classes[i].of | (self && self->kind != VAL_TYPE ? (classes[i].of & (C_STRING | C_ARRAY) ? (net ? M_NET | L_NET : 0u) | (js ? M_JS | L_JS : 0u) : 0u) : 0u);
        if (!self || self->kind == VAL_TYPE)
            return 0;
    }
    if (!self)
        return (lang_vb(l) ? OF_VB : 0u) | (js ? OF_JS : 0u);
    switch (self->kind) {
    case VAL_TEXT:
        return (net ? M_NET : 0u) | (js ? M_JS : 0u);
    case VAL_LIST:
    case VAL_BYTES:
        return (net ? L_NET : 0u) | (js ? L_JS : 0u);
    case VAL_NUMBER:
    case VAL_BOOL:
    case VAL_FRACTION:
        return N_ANY;
    case VAL_UNKNOWN:
    case VAL_NULL:
        return (net ? M_NET | L_NET : 0u) | (js ? M_JS | L_JS : 0u);
    default:
        return 0;
    }
}

static const struct row *row_find(struct str name, uint32_t of, enum ir_language l)
{
    size_t lo = 0, hi = COUNT_OF(rows);

    if (!of || !name.n || name.n > 40)
        return NULL;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (row_cmp(name, rows[mid].name) <= 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    /* JScript.NET knows both worlds; its own comes first. */
    for (size_t i = lo; lang_js(l) && i < COUNT_OF(rows) && row_cmp(name, rows[i].name) == 0; i++)
        if (rows[i].of & of & (M_JS | L_JS | OF_JS))
            return &rows[i];
    for (size_t i = lo; i < COUNT_OF(rows) && row_cmp(name, rows[i].name) == 0; i++)
        if (rows[i].of & of)
            return &rows[i];
    return NULL;
}

/* ---- calling ---- */
/* Where a letter stands in a fixed alphabet is another spelling of the letter; where a fixed word stands in a text says little of the text. */
static bool alphabet_place(const struct row *row, const struct val *self, const struct val *arg, size_t n)
{
    enum { ALPHABET_MIN = 16 };
    size_t k = n > 2 && (arg[0].kind == VAL_NUMBER || n == 4) ? 1 : 0;
    const struct val *all = row->fn == text_instr && n > k + 1 ? &arg[k] : row->fn == text_index_of && n && self ? self : NULL;
    const struct val *one = !all ? NULL : row->fn == text_instr ? &arg[k + 1] : &arg[0];

    return all && all->kind == VAL_TEXT && all->text.n >= ALPHABET_MIN && !all->marks && one->marks;
}

enum fold_result fold_call(struct fold *f, enum ir_language l, struct str cls, struct str name, const struct val *self, const struct val *arg, size_t n, struct val *ret)
{
    uint32_t          of = group_of(l, cls, self);
    const struct row *row = row_find(name, of, l);
    struct fold_args  c = { .f = f, .l = l, .arg = arg, .arg_n = n, .name = name };
    struct val        r = { .kind = VAL_UNKNOWN };

    if (!row)
        return FOLD_NOT_MINE;
    bool method = self && self->kind != VAL_TYPE && (row->of & of & (METHODS | C_BUILDER)) != 0;
    bool typed = self && self->kind == VAL_TYPE && (row->of & of & (C_ENCODING | C_REGEX)) != 0;      /* which encoding, which pattern */
    const struct val by_class = { .kind = VAL_TYPE, .name = cls };
    if (method || typed || ((row->of & of & C_REGEX) && self))
        c.v[c.n++] = self;
    else if (row->of & of & C_ENCODING)
        c.v[c.n++] = &by_class;
    for (size_t i = 0; i < n && c.n < FOLD_ARGS_MAX; i++)
        c.v[c.n++] = &arg[i];

    bool known = f->steps <= FOLD_STEPS_MAX && row->fn(&c);
    if (c.full)
        return FOLD_FULL;
    if (self && self->kind != VAL_TYPE)
        fold_marks(&r, self);
    for (size_t i = 0; i < n; i++)
        fold_marks(&r, &arg[i]);
    bool place = row->result == R_CLEAN && alphabet_place(row, self, arg, n);
    if (row->result == R_CLEAN && !place)
        r.marks = 0, r.trail = NULL, r.key = STR_EMPTY;
    /* A list that is the content of an argument may hold marked things itself. */
    for (size_t i = 0; i < c.n && row->result != R_CLEAN; i++)
        if (c.v[i]->kind == VAL_LIST && c.out.kind != VAL_LIST)
            for (size_t k = 0; k < c.v[i]->item_n && k < 256; k++)
                fold_marks(&r, &c.v[i]->item[k]);
    bool maybe = r.maybe;
    struct val meta = r;
    if (known) {
        r = c.out;
        fold_marks(&r, &meta);
        r.maybe = maybe || c.out.maybe;
    } else {
        r.kind = row->result == R_TEXT ? VAL_UNKNOWN : VAL_FRACTION;
        if (row->result == R_TEXT) {
            r.text = c.out.text;
            r.tail = c.out.tail;
            r.leads = c.out.leads;
            r.whole = c.out.whole;
        }
        /* A number as a text is digits, whoever chose it. */
        if ((row->fn == math_number_text || row->fn == math_cstr || row->fn == math_to_text) && c.n && c.v[0]->kind == VAL_FRACTION && (r.marks & (MARK_REQUEST | MARK_UPLOAD)))
            r.marks = (r.marks & ~(uint32_t)(MARK_REQUEST | MARK_UPLOAD)) | MARK_IDENTITY;
        if (row->flags & DECODES && r.marks)
            r.marks |= MARK_DECODED;
    }
    if (row->flags & KEEPS_WHOLE && c.n) {
        const struct val *from = (row->of & of & (C_ENCODING | C_REGEX)) && c.n > 1 ? c.v[1] : c.v[0];
        r.whole = from->whole || c.out.whole;
        r.leads = from->leads;
    }
    *ret = r;
    return FOLD_DONE;
}

/* ---- members without arguments ---- */
static const struct { const char *cls, *name, *text; } constants[] = {
    { "String", "Empty", "" }, { "Environment", "NewLine", "\r\n" }, { "Path", "DirectorySeparatorChar", "\\" }, { "Path", "AltDirectorySeparatorChar", "/" }, { "Path", "PathSeparator", ";" }, { "Path", "VolumeSeparatorChar", ":" },
    { "ControlChars", "CrLf", "\r\n" }, { "ControlChars", "Cr", "\r" }, { "ControlChars", "Lf", "\n" }, { "ControlChars", "NewLine", "\r\n" }, { "ControlChars", "Quote", "\"" }, { "ControlChars", "Tab", "\t" },
};
static const struct { const char *name, *text; } vb_constants[] = {
    { "vbCrLf", "\r\n" }, { "vbNewLine", "\r\n" }, { "vbCr", "\r" }, { "vbLf", "\n" }, { "vbTab", "\t" }, { "vbNullString", "" }, { "vbFormFeed", "\f" }, { "vbVerticalTab", "\v" }, { "vbBack", "\b" },
};
/* Of VBScript, ADO and the Scripting Runtime, which pages spell out or include. */
static const struct { const char *name; int number; } numbers[] = {
    { "vbBinaryCompare", 0 }, { "vbTextCompare", 1 }, { "vbUseDefault", -2 }, { "vbString", 8 }, { "vbArray", 8192 }, { "vbObjectError", -2147221504 }, { "ForReading", 1 }, { "ForWriting", 2 }, { "ForAppending", 8 },
};
static const struct { const char *name, *encoding; } encodings[] = {
    { "ASCII", "us-ascii" }, { "Default", "default" }, { "UTF8", "utf-8" }, { "Unicode", "utf-16" }, { "BigEndianUnicode", "utf-16be" }, { "UTF7", "utf-7" }, { "UTF32", "utf-32" }, { "Latin1", "iso-8859-1" },
};

enum fold_result fold_member(struct fold *f, enum ir_language l, struct str cls, struct str name, const struct val *self, struct val *ret)
{
    size_t dot = str_rchr(cls, '.');

    if (dot != STR_NONE)
        cls = str_from(cls, dot + 1);
    if (!self && !cls.n && lang_vb(l)) {
        for (size_t i = 0; i < COUNT_OF(vb_constants); i++)
            if (str_ieq_c(name, vb_constants[i].name)) {
                *ret = (struct val){ .kind = VAL_TEXT, .text = str_c(vb_constants[i].text) };
                return FOLD_DONE;
            }
        for (size_t i = 0; i < COUNT_OF(numbers); i++)
            if (str_ieq_c(name, numbers[i].name)) {
                *ret = (struct val){ .kind = VAL_NUMBER, .number = numbers[i].number };
                return FOLD_DONE;
            }
        if (str_ieq(name, STR("vbNullChar"))) {
            *ret = (struct val){ .kind = VAL_TEXT, .text = { (const uint8_t *)"", 1 } };
            return FOLD_DONE;
        }
    }
    if (!self || self->kind == VAL_TYPE) {
        for (size_t i = 0; i < COUNT_OF(constants); i++)
            if (str_ieq_c(cls, constants[i].cls) && str_ieq_c(name, constants[i].name)) {
                *ret = (struct val){ .kind = VAL_TEXT, .text = str_c(constants[i].text) };
                return FOLD_DONE;
            }
        if (str_ieq(cls, STR("Encoding")) || (str_iends(cls, STR("Encoding")) && cls.n))
            for (size_t i = 0; i < COUNT_OF(encodings); i++)
                if (str_ieq_c(name, encodings[i].name)) {
                    *ret = (struct val){ .kind = VAL_TYPE, .name = str_c(encodings[i].encoding), .cls = api_class_find(STR("Encoding")) };
                    return FOLD_DONE;
                }
        return FOLD_NOT_MINE;
    }
    if (str_ieq(name, STR("Length")) || str_ieq(name, STR("Count")) || str_ieq(name, STR("LongLength"))) {
        bool text = self->kind == VAL_TEXT || self->kind == VAL_BYTES || self->kind == VAL_LIST;
        if (!text && self->kind != VAL_UNKNOWN)
            return FOLD_NOT_MINE;
        return fold_call(f, l == IR_VBSCRIPT ? IR_VBNET : l == IR_JSCRIPT ? IR_JSCRIPT_NET : l, cls, STR("Length"), self, NULL, 0, ret);
    }
    if (str_ieq(name, STR("Chars")) || str_ieq(name, STR("Value"))) {
        if (self->kind == VAL_TEXT || self->kind == VAL_NUMBER) {
            *ret = *self;
            return FOLD_DONE;
        }
    }
    return FOLD_NOT_MINE;
}
