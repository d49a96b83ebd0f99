/*
 * intake: what others hand in besides hunt reports and scans: feeds, registers, tables of links and mail exchangers, tips, statements, opt-outs, directories.
 *
 * Shape    bytes in through a fill function, items out through a sink, in the order of the file: what ledger.h can keep, with the line and the source of each.
 *          Nothing is looked up and nothing is stored here. gz is inflated, UTF-16 and Windows-1252 decoded; other packings are the caller's (evidence/packed.h).
 * Kinds    one file and one line of intake_kinds each, recognised by content, or said (--kind). A kind that is a table (CSV with a header, any separator, columns in
 *          any order) may as well come as JSON: one object a line, or an array, with the names of the columns as keys; an array of texts is a list.
 * Rows     a row is what the file calls one. "other" rows are whole, and say nothing that casework keeps (another campaign, a null MX); they are counted, and go nowhere.
 *          A row of which only a part cannot be used (one address of four) gives the rest, and the part is told.
 * Broken   rows are counted by reason and given to the sink with line and head; never fatal. A time that cannot be read, before 1997, or more than a day after now_us,
 *          breaks its row; so does an address or a number that is none.
 * Bounds   row_max bytes a row (INTAKE_ROW_MAX), INTAKE_LIST_MAX values of a list. A bundle or an event is one row: larger ones are refused in words.
 *          Memory: INTAKE_ROOM of address space, touched as far as rows are long; independent of the file's size.
 * Values   host names as A-labels in lower case (formats/idna.h); domains of links, entries and MX reduced to registrable ones (where.h); mail addresses by
 *          formats/mailaddr.h; sectors of intake_sectors only. All other text is as it came, cut at LEDGER_TEXT_MAX: hostile.
 * Errors   false: the sink stopped it, no memory (ERR_MEMORY), or nothing in it is of any known kind (ERR_FORMAT). A file that breaks off is true, and
 *          ret->sums.end tells it. A sink that fails with ERR_USAGE refuses that row only, in its words.
 * Owner    what an item points to lives until the sink returns. Notes live in the arena given.
 * Source   notification sheet, sections 2, 3 and 11.
 */
#ifndef CASEWORK_INTAKE_H
#define CASEWORK_INTAKE_H

#include "casework/ledger.h"
#include "survey/import.h"

enum { INTAKE_ROW_MAX = 16 << 20, INTAKE_ROOM = 192 << 20, INTAKE_LIST_MAX = 1000 };

enum intake_what { INTAKE_PLACE, INTAKE_LINK, INTAKE_ENTRY, INTAKE_MX, INTAKE_CONTACT, INTAKE_FACT, INTAKE_SUPPRESS, INTAKE_WHATS };
const char *intake_what_name(enum intake_what w);      /* "link": the word of JSON and sums */

/* Who says it: of the row where it says so, else of the file. */
struct intake_item {
    enum intake_what what;
    uint64_t         line;
    struct case_source source;     /* name empty: as the file's */
    const struct subject *subject; /* of a place, a link, a fact of a server; NULL: a fact of all servers of the case, or of the case */
    char       country[3]; uint32_t asn;               /* of a place */
    struct case_link    link;      /* without subject */
    struct case_entry   entry;
    struct case_mx      mx;
    struct case_contact contact;
    struct { struct str case_; enum fact_of of; struct fact f; } fact;     /* case_: as a person names it, "2021-000123"; f without subject */
    struct { struct str address, scope, why; } suppress;                   /* suppress.h */
};
struct intake_sink {
    void *ctx;
    bool (*take)(void *ctx, const struct intake_item *x, struct err *e);
    bool (*broken)(void *ctx, uint64_t line, const char *why, struct str raw, struct err *e);
};

struct intake_kind;
struct intake_options {
    const struct intake_kind *kind;    /* NULL: by content */
    bool vouched;                      /* a person said what it is, and has seen it: see intake_statement.c */
    struct str map;                    /* "domain=zone,mx=mail server": field=column, for tables */
    struct str name;                   /* of the file, without folders */
    struct str source;                 /* who hands it in: the name of a list that has none of its own */
    struct str slug, group;            /* of the campaign: rows that name another one are left */
    int64_t    now_us;                 /* TIME_NONE: nothing lies in the future */
    size_t     row_max;                /* 0: INTAKE_ROW_MAX */
};
struct intake_result {
    const struct intake_kind *kind;    /* NULL: not recognised */
    struct import_result sums;         /* rows, taken (rows), other, broken, reasons, notes, end */
    uint64_t partly;                   /* rows taken of which a part was refused: among `taken` */
    uint64_t items[INTAKE_WHATS];
};

/* room: at least INTAKE_ROOM, by value: it is free again afterwards. keep: for notes and reasons. */
bool intake_read(struct intake_result *ret, struct arena *keep, struct arena room, const struct intake_options *o, lines_fill *fill, void *ctx,
                 const struct intake_sink *sink, struct err *e);

/* Of the first bytes of a file (64 KiB are enough), decoded. NULL: none of ours. */
const struct intake_kind *intake_recognise(struct str head, struct str map, struct arena scratch);
const struct intake_kind *intake_kind_find(struct str name);           /* NULL: no such kind */
const struct intake_kind *intake_kind_at(size_t i);                    /* NULL: past the last */
const char *intake_kind_name(const struct intake_kind *k);             /* "idf": also --kind, and case_file.kind */
const char *intake_kind_about(const struct intake_kind *k);
bool intake_kind_of_campaign(const struct intake_kind *k);             /* it says something of servers or cases in one campaign */
bool intake_kind_vouches(const struct intake_kind *k);                 /* more of it is taken where a person vouched for it */
/* Is this text of --map one of this kind? ERR_USAGE names the word that is not. */
bool intake_map_check(const struct intake_kind *k, struct str map, struct err *e);

/* "CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", with or without "TLP:", in any case; WHITE is CLEAR. */
bool intake_tlp(struct str s, struct str *ret);
/* The closed list of sectors (STIX 2.1). "Financial services" and "financial_services" are "financial-services". Empty: not of the list. */
struct str intake_sector(struct str word);
/* "micro", "small", "medium", "large"; also of a number of people, by the EU's classes. Empty: neither. */
struct str intake_size(struct str word);

#endif
