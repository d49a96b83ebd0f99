/*
 * value: what the analyser knows of a value while it walks the code.
 *
 * Shape    a value has a content (known, known in part, or not), a class (what it is an instance of, by its API row), marks (where it came from)
 *          and a trail (how it came here). Text that is known in part keeps its known head and tail around what is not known.
 * Content  VAL_TEXT: text (UTF-8; characters above U+00FF are kept, bytes of Encoding.Default are U+0000..U+00FF one each), VAL_BYTES: text is the bytes,
 *          VAL_LIST: item/item_n, VAL_NUMBER, VAL_BOOL: number; VAL_NULL; VAL_FRACTION: unknown but a number; VAL_TYPE: `name` names a class;
 *          VAL_FUNCTION: code (a method or lambda, or an API row by name); VAL_OBJECT: fields.
 * Bounds   VAL_TEXT_MAX bytes of a text, VAL_ITEMS_MAX items; beyond: VAL_UNKNOWN with the same marks.
 * Owner    everything lives in the analysis' arena; values are copied, objects and lists are shared by reference.
 */
#ifndef WEBSHELL_VALUE_H
#define WEBSHELL_VALUE_H

#include "webshell/ir.h"

enum { VAL_TEXT_MAX = 1 << 20, VAL_ITEMS_MAX = 1 << 16 };

enum val_kind { VAL_UNKNOWN, VAL_NULL, VAL_BOOL, VAL_NUMBER, VAL_FRACTION, VAL_TEXT, VAL_BYTES, VAL_LIST, VAL_TYPE, VAL_FUNCTION, VAL_OBJECT };

/* Where content comes from. One bit each. */
enum mark {
    MARK_REQUEST  = 1 << 0,    /* the request says it: form, query, cookie, header, body, path info, control values, parameters of web methods */
    MARK_UPLOAD   = 1 << 1,    /* content of an uploaded file */
    MARK_FILE_NAME = 1 << 2,   /* the name that an upload gives itself */
    MARK_SECRET   = 1 << 3,    /* machine keys, connection strings, password stores, the registry's secrets */
    MARK_FILE     = 1 << 4,    /* content of a file on the server */
    MARK_LISTING  = 1 << 5,    /* names of files, processes, accounts, tables */
    MARK_SYSTEM   = 1 << 6,    /* facts about the server: names, versions, drives, environment */
    MARK_PROCESS  = 1 << 7,    /* output of a process */
    MARK_NETWORK  = 1 << 8,    /* received from another machine */
    MARK_DATABASE = 1 << 9,    /* a query's result */
    MARK_CODE     = 1 << 10,   /* built here to be run: an assembly, a compiled text */
    MARK_STORED   = 1 << 11,   /* came by way of Session, Application, Cache or a file of the request's choice */
    MARK_DECODED  = 1 << 12,   /* went through base64, decryption, decompression */
    MARK_REFLECTED = 1 << 13,  /* a member or type chosen at run time by a name that is not known */
    MARK_IDENTITY = 1 << 14,   /* parts of a request that a visitor cannot choose freely as orders: user name, address, host, own path, content length */
    MARK_CHOSEN   = 1 << 16,   /* content of a file anywhere, of the request's free choice */
    MARK_HASHED   = 1 << 15,   /* a digest of something: no order can hide in it, but it is compared with what it must be */
};

/* How a value came here: newest first. */
struct trail {
    const struct trail *from;
    const struct ir    *at;
    uint32_t            line;
    uint8_t             what;          /* enum trail_kind */
    uint32_t            depth;         /* number of steps below */
    struct str          name;          /* of the item, variable, function */
};
enum trail_kind { TRAIL_SOURCE, TRAIL_VARIABLE, TRAIL_THROUGH, TRAIL_PARAMETER, TRAIL_RETURN, TRAIL_STORED, TRAIL_DECODED, TRAIL_JOINED };

struct object;
struct api_class;
struct val {
    uint8_t      kind;
    bool         whole;                /* marked content is the whole of it: nothing fixed was joined to it. Set by sources, dropped by joining */
    bool         leads;                /* ... or at least stands at its beginning: nothing fixed and nothing unknown holds it in a place */
    bool         maybe;                /* one of several possible contents (after a branch): not to be used for deciding branches */
    uint32_t     marks;
    int64_t      number;
    struct str   text;                 /* content; VAL_UNKNOWN of a text: its known head */
    struct str   tail;                 /* VAL_UNKNOWN of a text: its known tail */
    struct str   name;                 /* VAL_TYPE, VAL_FUNCTION: its name */
    struct val  *item;
    size_t       item_n;
    const struct ir        *code;      /* VAL_FUNCTION */
    const struct api_class *cls;       /* NULL: unknown */
    struct object          *object;    /* fields of an instance */
    const struct trail     *trail;
    struct str   key;                  /* request item; empty: none, or not one plain name */
};

static inline bool val_known_text(const struct val *v) { return v->kind == VAL_TEXT && !v->maybe; }

#endif
