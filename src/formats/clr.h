/*
 * clr: the tables of a .NET assembly: its methods, their code as bytes, and what the tokens in that code name.
 *
 * Shape    rows are counted from 0 here; tokens are those of the code (table << 24 | row from 1). Names are views of the heaps, UTF-8.
 * Bounds   every index is checked against its table and heap; CLR_ROWS_MAX rows a table. Nothing is copied or allocated.
 * Errors   ERR_FORMAT: no metadata, or its tables are cut before anything can be read. Later damage: rows that cannot be read give false.
 * Owner    views into the file.
 * Not done signatures beyond counts and "returns something", generics, edit-and-continue tables, .netmodule files beside it.
 * Source   ECMA-335, 6th edition: II.22 (tables), II.23 (signatures), II.24 (layout), II.25.4 (method bodies), III (instructions).
 */
#ifndef FORMATS_CLR_H
#define FORMATS_CLR_H

#include "formats/pe.h"

enum { CLR_TABLES = 0x2D, CLR_COLUMNS = 9, CLR_ROWS_MAX = 1 << 20, CLR_CODE_MAX = 1 << 20 };

struct clr_table {
    struct str rows;
    uint32_t   n, row_size;
    uint8_t    at[CLR_COLUMNS], size[CLR_COLUMNS];
};
struct clr {
    struct pe_map    map;
    struct str       strings, us, blob;
    struct clr_table table[CLR_TABLES];
    bool             damaged;
};

struct clr_method {
    struct str name, type, space;      /* of the class that has it */
    struct str base;                   /* name of that class' base */
    struct str code;                   /* instructions; empty: none (abstract, native) */
    struct str import_name, import_from;   /* P/Invoke: function and library */
    bool       is_static, is_public, returns, is_pinvoke;
    uint32_t   param_n, param_row;     /* parameters without `this`; first row of their names */
    uint32_t   type_row;
};

enum clr_what { CLR_METHOD, CLR_FIELD, CLR_TYPE, CLR_TEXT };
struct clr_ref {
    enum clr_what what;
    struct str    name, type;          /* member and the last part of its type's name; CLR_TYPE: name only */
    struct str    text;                /* CLR_TEXT: UTF-16LE */
    uint32_t      param_n;
    bool          has_this, returns;
    uint32_t      own;                 /* row from 1 of a method of this file; 0: another's */
};

bool clr_open(struct clr *ret, const struct pe *p, struct err *e);
static inline uint32_t clr_method_n(const struct clr *c) { return c->table[0x06].n; }
bool clr_method(const struct clr *c, uint32_t i, struct clr_method *ret);
/* Name of parameter k (from 0). Empty: it has none. */
struct str clr_param_name(const struct clr *c, const struct clr_method *m, uint32_t k);
bool clr_ref(const struct clr *c, uint32_t token, struct clr_ref *ret);
/* Attribute number i of the file: what it stands at (token) and the name of its class. False: no such row. */
bool clr_attribute(const struct clr *c, uint32_t i, uint32_t *ret_token, struct str *ret_name);

/* One instruction; *pos starts at 0. False: end, or broken. */
struct clr_op {
    uint16_t op;                       /* 0x00..0xFF, or 0xFE00 | second byte */
    uint32_t at, next;                 /* offsets in the code */
    int64_t  number;                   /* operand as a number: constants, argument and local numbers, tokens; branches: target offset */
    struct str targets;                /* switch: the table of 4-byte offsets, relative to next */
    double   fraction;
};
bool clr_step(struct str code, size_t *pos, struct clr_op *ret);

#endif
