#include "formats/clr.h"

#include "base/num.h"
#include "base/rd.h"

#include <string.h>

/* ---- columns: what each table's row is made of (ECMA-335 II.22) ---- */

enum column {
    END, U2, U4, STRING, GUID, BLOB,
    TYPE_DEF_OR_REF, HAS_CONSTANT, HAS_ATTRIBUTE, HAS_MARSHAL, HAS_SECURITY, MEMBER_PARENT, HAS_SEMANTICS, METHOD_DEF_OR_REF, MEMBER_FORWARDED,
    IMPLEMENTATION, ATTRIBUTE_TYPE, SCOPE, TYPE_OR_METHOD,
    ROW                     /* ROW + table number: an index into one table */
};
enum { NO = 0x3F };
enum { T_MODULE, T_TYPE_REF, T_TYPE_DEF, T_FIELD_PTR, T_FIELD, T_METHOD_PTR, T_METHOD, T_PARAM_PTR, T_PARAM, T_INTERFACE, T_MEMBER_REF, T_CONSTANT, T_ATTRIBUTE,
       T_EVENT = 0x14, T_PROPERTY = 0x17, T_MODULE_REF = 0x1A, T_TYPE_SPEC, T_IMPL_MAP, T_ASSEMBLY = 0x20, T_ASSEMBLY_REF = 0x23, T_FILE = 0x26, T_EXPORTED, T_RESOURCE,
       T_NESTED, T_GENERIC, T_METHOD_SPEC, T_CONSTRAINT };

struct coded { uint8_t bits, n; uint8_t table[22]; };
static const struct coded coded[] = {
    [TYPE_DEF_OR_REF]   = { 2, 3, { T_TYPE_DEF, T_TYPE_REF, T_TYPE_SPEC } },
    [HAS_CONSTANT]      = { 2, 3, { T_FIELD, T_PARAM, T_PROPERTY } },
    [HAS_ATTRIBUTE]     = { 5, 22, { T_METHOD, T_FIELD, T_TYPE_REF, T_TYPE_DEF, T_PARAM, T_INTERFACE, T_MEMBER_REF, T_MODULE, 0x0E, T_PROPERTY, T_EVENT, 0x11, T_MODULE_REF,
                                     T_TYPE_SPEC, T_ASSEMBLY, T_ASSEMBLY_REF, T_FILE, T_EXPORTED, T_RESOURCE, T_GENERIC, T_CONSTRAINT, T_METHOD_SPEC } },
    [HAS_MARSHAL]       = { 1, 2, { T_FIELD, T_PARAM } },
    [HAS_SECURITY]      = { 2, 3, { T_TYPE_DEF, T_METHOD, T_ASSEMBLY } },
    [MEMBER_PARENT]     = { 3, 5, { T_TYPE_DEF, T_TYPE_REF, T_MODULE_REF, T_METHOD, T_TYPE_SPEC } },
    [HAS_SEMANTICS]     = { 1, 2, { T_EVENT, T_PROPERTY } },
    [METHOD_DEF_OR_REF] = { 1, 2, { T_METHOD, T_MEMBER_REF } },
    [MEMBER_FORWARDED]  = { 1, 2, { T_FIELD, T_METHOD } },
    [IMPLEMENTATION]    = { 2, 3, { T_FILE, T_ASSEMBLY_REF, T_EXPORTED } },
    [ATTRIBUTE_TYPE]    = { 3, 5, { NO, NO, T_METHOD, T_MEMBER_REF, NO } },
    [SCOPE]             = { 2, 4, { T_MODULE, T_MODULE_REF, T_ASSEMBLY_REF, T_TYPE_REF } },
    [TYPE_OR_METHOD]    = { 1, 2, { T_TYPE_DEF, T_METHOD } },
};

static const uint8_t columns[CLR_TABLES][CLR_COLUMNS] = {
    [T_MODULE]     = { U2, STRING, GUID, GUID, GUID },
    [T_TYPE_REF]   = { SCOPE, STRING, STRING },
    [T_TYPE_DEF]   = { U4, STRING, STRING, TYPE_DEF_OR_REF, ROW + T_FIELD, ROW + T_METHOD },
    [T_FIELD_PTR]  = { ROW + T_FIELD },
    [T_FIELD]      = { U2, STRING, BLOB },
    [T_METHOD_PTR] = { ROW + T_METHOD },
    [T_METHOD]     = { U4, U2, U2, STRING, BLOB, ROW + T_PARAM },
    [T_PARAM_PTR]  = { ROW + T_PARAM },
    [T_PARAM]      = { U2, U2, STRING },
    [T_INTERFACE]  = { ROW + T_TYPE_DEF, TYPE_DEF_OR_REF },
    [T_MEMBER_REF] = { MEMBER_PARENT, STRING, BLOB },
    [T_CONSTANT]   = { U2, HAS_CONSTANT, BLOB },
    [T_ATTRIBUTE]  = { HAS_ATTRIBUTE, ATTRIBUTE_TYPE, BLOB },
    [0x0D]         = { HAS_MARSHAL, BLOB },
    [0x0E]         = { U2, HAS_SECURITY, BLOB },
    [0x0F]         = { U2, U4, ROW + T_TYPE_DEF },
    [0x10]         = { U4, ROW + T_FIELD },
    [0x11]         = { BLOB },
    [0x12]         = { ROW + T_TYPE_DEF, ROW + T_EVENT },
    [0x13]         = { ROW + T_EVENT },
    [T_EVENT]      = { U2, STRING, TYPE_DEF_OR_REF },
    [0x15]         = { ROW + T_TYPE_DEF, ROW + T_PROPERTY },
    [0x16]         = { ROW + T_PROPERTY },
    [T_PROPERTY]   = { U2, STRING, BLOB },
    [0x18]         = { U2, ROW + T_METHOD, HAS_SEMANTICS },
    [0x19]         = { ROW + T_TYPE_DEF, METHOD_DEF_OR_REF, METHOD_DEF_OR_REF },
    [T_MODULE_REF] = { STRING },
    [T_TYPE_SPEC]  = { BLOB },
    [T_IMPL_MAP]   = { U2, MEMBER_FORWARDED, STRING, ROW + T_MODULE_REF },
    [0x1D]         = { U4, ROW + T_FIELD },
    [0x1E]         = { U4, U4 },
    [0x1F]         = { U4 },
    [T_ASSEMBLY]   = { U4, U4, U4, U4, BLOB, STRING, STRING },     /* hash kind; version as 4 + 4; flags */
    [0x21]         = { U4 },
    [0x22]         = { U4, U4, U4 },
    [T_ASSEMBLY_REF] = { U4, U4, U4, BLOB, STRING, STRING, BLOB },
    [0x24]         = { U4, ROW + T_ASSEMBLY_REF },
    [0x25]         = { U4, U4, U4, ROW + T_ASSEMBLY_REF },
    [T_FILE]       = { U4, STRING, BLOB },
    [T_EXPORTED]   = { U4, U4, STRING, STRING, IMPLEMENTATION },
    [T_RESOURCE]   = { U4, U4, STRING, IMPLEMENTATION },
    [T_NESTED]     = { ROW + T_TYPE_DEF, ROW + T_TYPE_DEF },
    [T_GENERIC]    = { U2, U2, TYPE_OR_METHOD, STRING },
    [T_METHOD_SPEC] = { METHOD_DEF_OR_REF, BLOB },
    [T_CONSTRAINT] = { ROW + T_GENERIC, TYPE_DEF_OR_REF },
};

static uint8_t width(const struct clr *c, uint8_t heaps, uint8_t col)
{
    if (col == U2 || col == U4)
        return col == U2 ? 2 : 4;
    if (col >= STRING && col <= BLOB)
        return heaps >> (col - STRING) & 1 ? 4 : 2;
    if (col >= ROW)
        return c->table[col - ROW].n > 0xFFFF ? 4 : 2;
    const struct coded *k = &coded[col];
    for (size_t i = 0; i < k->n; i++)
        if (k->table[i] < CLR_TABLES && c->table[k->table[i]].n >= 1u << (16 - k->bits))
            return 4;
    return 2;
}

static bool stream(struct str root, const char *want, struct str *ret)
{
    struct rd r = { .s = root };

    rd_skip(&r, 12);
    rd_skip(&r, rd_u32le(&r));
    rd_skip(&r, 2);
    for (uint32_t n = rd_u16le(&r), i = 0; i < n && i < PE_STREAMS_MAX && !r.bad; i++) {
        uint32_t   off = rd_u32le(&r), len = rd_u32le(&r);
        struct str name = str_sub(root, r.pos, r.pos + 32);
        size_t     z = str_chr(name, 0);
        if (z == STR_NONE)
            return false;
        name = str_sub(name, 0, z);
        rd_skip(&r, (z + 4) & ~(size_t)3);
        if (str_eq(name, str_c(want))) {
            *ret = str_sub(root, off, (size_t)off + len);
            return true;
        }
    }
    return false;
}

bool clr_open(struct clr *ret, const struct pe *p, struct err *e)
{
    struct clr c = { .map = p->map, .us = p->us_heap, .strings = p->name_heap };
    struct str tables = STR_EMPTY;

    if (!p->has_clr || (!stream(p->metadata, "#~", &tables) && !stream(p->metadata, "#-", &tables)))
        return err_set(e, ERR_FORMAT, "not a .NET file, or its tables are cut");
    (void)stream(p->metadata, "#Blob", &c.blob);
    struct rd r = { .s = tables };
    rd_skip(&r, 6);
    uint8_t heaps = rd_u8(&r);
    rd_skip(&r, 1);
    uint64_t valid = rd_u64le(&r);
    rd_skip(&r, 8);
    for (unsigned t = 0; t < 64; t++) {
        uint32_t n = valid >> t & 1 ? rd_u32le(&r) : 0;
        if (t < CLR_TABLES)
            c.table[t].n = n < CLR_ROWS_MAX ? n : 0;
        else if (n || (t < CLR_TABLES && n >= CLR_ROWS_MAX))
            c.damaged = true;
    }
    if (heaps & 0x40)
        rd_skip(&r, 4);
    if (r.bad)
        return err_set(e, ERR_FORMAT, "the list of its tables is cut");
    for (unsigned t = 0; t < CLR_TABLES; t++) {
        struct clr_table *to = &c.table[t];
        for (unsigned i = 0; i < CLR_COLUMNS && columns[t][i]; i++) {
            to->at[i]   = (uint8_t)to->row_size;
            to->size[i] = width(&c, heaps, columns[t][i]);
            to->row_size += to->size[i];
        }
        uint64_t want = (uint64_t)to->n * to->row_size;
        if (want > rd_left(&r)) {
            to->n     = to->row_size ? (uint32_t)(rd_left(&r) / to->row_size) : 0;
            want      = (uint64_t)to->n * to->row_size;
            c.damaged = true;
        }
        to->rows = rd_take(&r, (size_t)want);
    }
    *ret = c;
    return true;
}

/* ---- cells ---- */

static uint32_t cell(const struct clr *c, unsigned t, uint32_t row, unsigned col)
{
    const struct clr_table *k = &c->table[t];

    if (row >= k->n || !k->size[col])
        return 0;
    const uint8_t *p = k->rows.p + (size_t)row * k->row_size + k->at[col];
    return k->size[col] == 2 ? (uint32_t)(p[0] | p[1] << 8) : (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static struct str name_at(const struct clr *c, uint32_t at)
{
    struct str s = at < c->strings.n ? str_sub(c->strings, at, (size_t)at + 512) : STR_EMPTY;
    size_t     z = str_chr(s, 0);

    return z == STR_NONE ? s : str_sub(s, 0, z);
}

static struct str name_cell(const struct clr *c, unsigned t, uint32_t row, unsigned col) { return row < c->table[t].n ? name_at(c, cell(c, t, row, col)) : STR_EMPTY; }

static uint32_t packed(struct rd *r)
{
    uint32_t b = rd_u8(r);

    if (b < 0x80)
        return b;
    if (b < 0xC0)
        return (b & 0x3F) << 8 | rd_u8(r);
    uint32_t x = (b & 0x1F) << 24;
    x |= (uint32_t)rd_u8(r) << 16;
    x |= (uint32_t)rd_u8(r) << 8;
    return x | rd_u8(r);
}

static struct str blob_at(const struct clr *c, uint32_t at)
{
    struct rd r = { .s = c->blob };

    rd_seek(&r, at);
    uint32_t   n = packed(&r);
    struct str s = rd_take(&r, n);
    return r.bad ? STR_EMPTY : s;
}

static bool decode(const struct clr *c, enum column k, uint32_t v, unsigned *ret_table, uint32_t *ret_row)
{
    uint32_t tag = v & ((1u << coded[k].bits) - 1), row = v >> coded[k].bits;

    if (tag >= coded[k].n || coded[k].table[tag] >= CLR_TABLES || row == 0 || row > c->table[coded[k].table[tag]].n)
        return false;
    *ret_table = coded[k].table[tag];
    *ret_row   = row - 1;
    return true;
}

static struct str type_name(const struct clr *c, unsigned t, uint32_t row)
{
    struct str name = STR_EMPTY;

    if (t == T_TYPE_REF || t == T_TYPE_DEF)
        name = name_cell(c, t, row, 1);
    if (t == T_TYPE_SPEC) {
        /* A generic instance (0x15, class or value, type): its open type. Anything else has no name of its own. */
        struct rd r = { .s = blob_at(c, cell(c, t, row, 0)) };
        unsigned  at;
        uint32_t  of;
        if (rd_u8(&r) == 0x15 && (rd_u8(&r), true) && decode(c, TYPE_DEF_OR_REF, packed(&r), &at, &of) && at != T_TYPE_SPEC)
            name = name_cell(c, at, of, 1);
    }
    size_t tick = str_chr(name, '`');
    return tick == STR_NONE ? name : str_sub(name, 0, tick);
}

static void signature(struct str blob, struct clr_ref *ret)
{
    struct rd r = { .s = blob };
    uint8_t   kind = rd_u8(&r);

    if ((kind & 0x0F) == 0x06) {
        ret->what    = CLR_FIELD;
        ret->returns = true;
        return;
    }
    ret->what     = CLR_METHOD;
    ret->has_this = kind & 0x20;
    if (kind & 0x10)
        (void)packed(&r);
    ret->param_n = packed(&r);
    uint8_t gives = rd_u8(&r);
    while (!r.bad && (gives == 0x1F || gives == 0x20)) {       /* modifiers before the type */
        (void)packed(&r);
        gives = rd_u8(&r);
    }
    ret->returns = !r.bad && gives != 0x01;
    if (r.bad || ret->param_n > 256)
        ret->param_n = 0;
}

/* The class that has method or field `row`: the last whose list begins at or before it. */
static uint32_t owner(const struct clr *c, unsigned col, uint32_t row)
{
    uint32_t lo = 0, hi = c->table[T_TYPE_DEF].n;

    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (cell(c, T_TYPE_DEF, mid, col) <= row + 1)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo ? lo - 1 : 0;
}

/* ---- methods ---- */

static struct str body(const struct clr *c, uint32_t rva)
{
    struct rd r = { .s = pe_at_rva(&c->map, rva) };
    uint8_t   head = rva ? rd_u8(&r) : 0;

    if ((head & 3) == 2)
        return r.bad ? STR_EMPTY : str_sub(r.s, 1, 1 + (size_t)(head >> 2));
    if ((head & 3) != 3)
        return STR_EMPTY;
    rd_skip(&r, 3);
    uint32_t size = rd_u32le(&r);
    return r.bad ? STR_EMPTY : str_sub(r.s, 12, 12 + (size_t)(size < CLR_CODE_MAX ? size : CLR_CODE_MAX));
}

bool clr_method(const struct clr *c, uint32_t i, struct clr_method *ret)
{
    unsigned       t;
    uint32_t       row, flags;
    struct clr_ref sig = { 0 };

    if (i >= c->table[T_METHOD].n)
        return false;
    struct clr_method m = { .name = name_cell(c, T_METHOD, i, 3), .type_row = owner(c, 5, i), .param_row = cell(c, T_METHOD, i, 5) };
    flags        = cell(c, T_METHOD, i, 2);
    m.is_static  = flags & 0x10;
    m.is_public  = (flags & 7) == 6;
    m.is_pinvoke = flags & 0x2000;
    signature(blob_at(c, cell(c, T_METHOD, i, 4)), &sig);
    m.param_n = sig.param_n;
    m.returns = sig.returns;
    m.type    = type_name(c, T_TYPE_DEF, m.type_row);
    m.space   = name_cell(c, T_TYPE_DEF, m.type_row, 2);
    if (decode(c, TYPE_DEF_OR_REF, cell(c, T_TYPE_DEF, m.type_row, 3), &t, &row))
        m.base = type_name(c, t, row);
    if (!m.is_pinvoke)
        m.code = body(c, cell(c, T_METHOD, i, 0));
    for (uint32_t k = 0; m.is_pinvoke && k < c->table[T_IMPL_MAP].n; k++)
        if (decode(c, MEMBER_FORWARDED, cell(c, T_IMPL_MAP, k, 1), &t, &row) && t == T_METHOD && row == i) {
            uint32_t from = cell(c, T_IMPL_MAP, k, 3);
            m.import_name = name_cell(c, T_IMPL_MAP, k, 2);
            m.import_from = from ? name_cell(c, T_MODULE_REF, from - 1, 0) : STR_EMPTY;
            break;
        }
    *ret = m;
    return true;
}

struct str clr_param_name(const struct clr *c, const struct clr_method *m, uint32_t k)
{
    /* Rows may be missing, and carry their number: 0 is the result. */
    for (uint32_t i = 0; i <= m->param_n && m->param_row && m->param_row - 1 + i < c->table[T_PARAM].n; i++)
        if (cell(c, T_PARAM, m->param_row - 1 + i, 1) == k + 1)
            return name_cell(c, T_PARAM, m->param_row - 1 + i, 2);
    return STR_EMPTY;
}

static bool text_ref(const struct clr *c, uint32_t at, struct clr_ref *ret)
{
    struct rd r = { .s = c->us };

    rd_seek(&r, at);
    uint32_t   n = packed(&r);
    struct str s = rd_take(&r, n);
    if (r.bad)
        return false;
    *ret = (struct clr_ref){ .what = CLR_TEXT, .text = n ? str_sub(s, 0, (n - 1) & ~(size_t)1) : STR(""), .returns = true };
    return true;
}

bool clr_ref(const struct clr *c, uint32_t token, struct clr_ref *ret)
{
    unsigned       t = token >> 24, at;
    uint32_t       row = token & 0xFFFFFF, of;
    struct clr_ref out = { 0 };

    if (t == 0x70)
        return text_ref(c, row, ret);
    if (t >= CLR_TABLES || row == 0 || row > c->table[t].n)
        return false;
    row--;
    switch (t) {
    case T_TYPE_REF: case T_TYPE_DEF: case T_TYPE_SPEC:
        *ret = (struct clr_ref){ .what = CLR_TYPE, .name = type_name(c, t, row) };
        return true;
    case T_FIELD:
        *ret = (struct clr_ref){ .what = CLR_FIELD, .name = name_cell(c, t, row, 1), .type = type_name(c, T_TYPE_DEF, owner(c, 4, row)), .returns = true };
        return true;
    case T_METHOD:
        signature(blob_at(c, cell(c, t, row, 4)), &out);
        out.what = CLR_METHOD;
        out.name = name_cell(c, t, row, 3);
        out.type = type_name(c, T_TYPE_DEF, owner(c, 5, row));
        out.own  = row + 1;
        break;
    case T_MEMBER_REF:
        signature(blob_at(c, cell(c, t, row, 2)), &out);
        out.name = name_cell(c, t, row, 1);
        if (decode(c, MEMBER_PARENT, cell(c, t, row, 0), &at, &of))
            out.type = type_name(c, at, of);
        break;
    case T_METHOD_SPEC:
        return decode(c, METHOD_DEF_OR_REF, cell(c, t, row, 0), &at, &of) && at != T_METHOD_SPEC && clr_ref(c, (uint32_t)at << 24 | (of + 1), ret);
    default:
        return false;
    }
    *ret = out;
    return true;
}

bool clr_attribute(const struct clr *c, uint32_t i, uint32_t *ret_token, struct str *ret_name)
{
    unsigned       t, k;
    uint32_t       row, of;
    struct clr_ref r;

    if (i >= c->table[T_ATTRIBUTE].n)
        return false;
    *ret_token = decode(c, HAS_ATTRIBUTE, cell(c, T_ATTRIBUTE, i, 0), &t, &row) ? (uint32_t)t << 24 | (row + 1) : 0;
    *ret_name  = decode(c, ATTRIBUTE_TYPE, cell(c, T_ATTRIBUTE, i, 1), &k, &of) && clr_ref(c, (uint32_t)k << 24 | (of + 1), &r) ? r.type : STR_EMPTY;
    return true;
}

/* ---- instructions (ECMA-335 III) ---- */

/* What follows an instruction: u uint8, b int8, v uint16, i int32, l int64, f float32, d float64, t token, s short branch, j long branch, S switch. Nothing else does. */
static const struct { uint16_t from, to; char operand; } operands[] = {
    { 0x0E, 0x13, 'u' }, { 0x1F, 0x1F, 'b' }, { 0x20, 0x20, 'i' }, { 0x21, 0x21, 'l' }, { 0x22, 0x22, 'f' }, { 0x23, 0x23, 'd' }, { 0x27, 0x29, 't' }, { 0x2B, 0x37, 's' },
    { 0x38, 0x44, 'j' }, { 0x45, 0x45, 'S' }, { 0x6F, 0x75, 't' }, { 0x79, 0x79, 't' }, { 0x7B, 0x81, 't' }, { 0x8C, 0x8D, 't' }, { 0x8F, 0x8F, 't' }, { 0xA3, 0xA5, 't' },
    { 0xC2, 0xC2, 't' }, { 0xC6, 0xC6, 't' }, { 0xD0, 0xD0, 't' }, { 0xDD, 0xDD, 'j' }, { 0xDE, 0xDE, 's' }, { 0xFE06, 0xFE07, 't' }, { 0xFE09, 0xFE0E, 'v' },
    { 0xFE12, 0xFE12, 'u' }, { 0xFE15, 0xFE16, 't' }, { 0xFE19, 0xFE19, 'u' }, { 0xFE1C, 0xFE1C, 't' },
};

static char operand_of(uint16_t op)
{
    for (size_t i = 0; i < COUNT_OF(operands) && operands[i].from <= op; i++)
        if (op <= operands[i].to)
            return operands[i].operand;
    return 0;
}

static double as_float(uint32_t bits)
{
    float f;
    memcpy(&f, &bits, sizeof f);
    return (double)f;
}

static double as_double(uint64_t bits)
{
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

bool clr_step(struct str code, size_t *pos, struct clr_op *ret)
{
    struct rd     r = { .s = code, .pos = *pos < code.n ? *pos : code.n };
    struct clr_op o = { .at = (uint32_t)r.pos };

    if (!rd_left(&r))
        return false;
    o.op = rd_u8(&r);
    if (o.op == 0xFE)
        o.op = (uint16_t)(0xFE00 | rd_u8(&r));
    char k = operand_of(o.op);
    switch (k) {
    case 'u': o.number = rd_u8(&r); break;
    case 'b': case 's': o.number = (int8_t)rd_u8(&r); break;
    case 'v': o.number = rd_u16le(&r); break;
    case 'i': case 'j': o.number = (int32_t)rd_u32le(&r); break;
    case 't': o.number = rd_u32le(&r); break;
    case 'l': o.number = (int64_t)rd_u64le(&r); break;
    case 'f': o.fraction = as_float(rd_u32le(&r)); break;
    case 'd': o.fraction = as_double(rd_u64le(&r)); break;
    case 'S': {
        uint32_t n = rd_u32le(&r);
        o.targets = n <= rd_left(&r) / 4 ? rd_take(&r, (size_t)n * 4) : STR_EMPTY;
        r.bad = r.bad || o.targets.n != (size_t)n * 4;
        break;
    }
    default: break;
    }
    if (r.bad)
        return false;
    o.next = (uint32_t)r.pos;
    if (k == 's' || k == 'j')
        o.number += o.next;
    *pos = r.pos;
    *ret = o;
    return true;
}
