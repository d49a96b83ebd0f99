/*
 * ese: rows of an ESE database (Extensible Storage Engine), as Windows keeps them for user access logging and others. Read by offset, whatever its size.
 *
 * Shape    ese_open reads the header, ese_table_find a table's columns from the catalogue, ese_rows gives its records in the order of the tree, ese_get a column of one.
 * Values   bytes as stored, numbers little-endian; a date is what the program put there (user access logging: FILETIME). Text in seven bits is unpacked.
 * Damage   a page or record that makes no sense is left out and counted in `bad`; the rest is given. `dirty`: it was not closed, and its last changes are in its logs, which
 *          are not read.
 * Bounds   pages of 2 to 32 KiB, ESE_PAGES_MAX pages read, and no more than four times those that the file has; ESE_DEPTH_MAX levels, ESE_COLUMNS_MAX columns a table.
 * Errors   ERR_FORMAT: no such database, or no such table. ERR_LIMIT: more pages than it can have. Others are the source's.
 * Owner    the arena of the caller; a record's bytes live until its function returns.
 * Threads  a database belongs to one.
 * Not done long values (kept apart), packed ones but those of seven bits, several values of one column, indexes, logs, writing.
 * Source   libyal, "Extensible Storage Engine (ESE) Database File (EDB) format"; checked against esedbexport.
 */
#ifndef FORMATS_ESE_H
#define FORMATS_ESE_H

#include "base/arena.h"
#include "formats/block.h"

enum { ESE_PAGES_MAX = 1 << 18, ESE_DEPTH_MAX = 12, ESE_COLUMNS_MAX = 1024, ESE_PAGE_MAX = 32768 };

struct ese {
    struct blocks b;
    uint32_t      page_bytes, revision;
    bool          dirty;
    uint32_t      pages, bad;          /* read; left out */
};

struct ese_column { uint32_t id, type, codepage; struct str name; };       /* id: 1 ... fixed, 128 ... variable, 256 ... tagged */
struct ese_table  { uint32_t root; struct ese_column *column; size_t column_n; };
struct ese_record { const struct ese_table *t; struct str bytes; bool wide; /* of large pages: tags carry their flags */ };

bool ese_is(struct str head);          /* its first 8 bytes */
bool ese_open(struct ese *ret, const struct blocks *b, struct err *e);
/* name: as the catalogue spells it. */
bool ese_table_find(struct ese *d, struct arena *a, struct str name, struct ese_table *ret, struct err *e);
/* NULL: no such column. */
const struct ese_column *ese_column_find(const struct ese_table *t, struct str name);
/* False of the visitor ends the walk; that is no error. */
typedef bool ese_visit(void *ctx, const struct ese_record *r);
bool ese_rows(struct ese *d, struct arena scratch, const struct ese_table *t, ese_visit *visit, void *ctx, struct err *e);
/* Its bytes. False: it has none, or none that are read here. `a`: for text that has to be unpacked. */
bool ese_get(const struct ese_record *r, const struct ese_column *c, struct arena *a, struct str *ret);
/* The same as text, UTF-8; empty: none. */
struct str ese_text(const struct ese_record *r, const struct ese_column *c, struct arena *a);
uint64_t ese_number(const struct ese_record *r, const struct ese_column *c, struct arena a);      /* 0: none */

#endif
