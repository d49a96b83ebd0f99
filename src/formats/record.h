/*
 * record: one event of a text log, as columns with names.
 *
 * Shape    value[i] belongs to cols->name[i]; a short row has fewer values, a long one more (kept, nameless). `extra` are named
 *          values that a format found inside a cell (ECP EventData: CMD, URL, ...).
 * Names    compared without case: builds differ ("ClientIPAddress", "ClientIpAddress").
 * Owner    raw points into the block that was read; values into it or into the scratch arena of this record.
 */
#ifndef FORMATS_RECORD_H
#define FORMATS_RECORD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "base/time.h"

enum { RECORD_COLUMNS_MAX = 512, RECORD_EXTRA_MAX = 128 };

struct columns {
    struct str *name;
    size_t      n;
    uint32_t    generation;    /* grows by one each time a file changes its header */
};

struct record {
    const struct columns *cols;
    struct str           *value;
    size_t                n;
    struct str           *extra_name, *extra_value;
    size_t                extra_n;
    int64_t               time_us;      /* TIME_NONE: the row has none that is usable */
    struct str            raw;          /* the row as it stands, without its line end */
    uint64_t              line;         /* 1-based; the first line of a row that spans several */
    uint64_t              offset;       /* of raw, bytes from the start of the (inflated) file */
    bool                  damaged;      /* short row, open quote, NUL bytes: what is here was still whole enough to read */
};

/* False: no such column (or the row is too short). An empty cell is true with .n == 0. */
bool record_get(const struct record *r, struct str name, struct str *ret);

/*
 * One kind of text log. A reader feeds it blocks of whole lines (lines.h); it never reads or allocates outside the
 * arenas it is given. Header lines may come at any place of a file and again.
 */
struct columns_kept;                    /* formats/columns.h */
struct log_state {
    const struct log_kind *kind;
    struct columns_kept   *kept;        /* columns that earlier logs had, for as long as the thread works; NULL: none */
    struct arena           keep;        /* columns live here, for as long as the file is read */
    struct columns         cols;
    bool                   has_cols;
    uint64_t               headers;     /* header lines seen */
    int64_t                day_us;      /* midnight of the last "#Date:" line, for rows without a date of their own */
    bool                   has_day;
};

struct log_kind {
    const char *name;                   /* "w3c", "exchange-csv", "ecp", "oab-generator" */
    bool        dated;                  /* a row may span lines; a row starts with a date: lines.h cuts blocks accordingly */
    /* Literals (caseless): every header line that matters contains at least one of them; NULL-ended. */
    const char *const *header_literal;
    /* True: this line is a comment or header, not a record; columns were taken over when it names them. */
    bool (*header)(struct log_state *s, struct str line);
    /* False with ERR_FORMAT: not a record of this kind. Scratch holds the values. */
    bool (*parse)(const struct log_state *s, struct arena *scratch, struct str raw, struct record *ret, struct err *e);
    /* The time of a row at low cost, without splitting it all. */
    bool (*time)(const struct log_state *s, struct str line, int64_t *ret);
};

extern const struct log_kind log_w3c;         /* IIS W3C and HTTPERR         */
extern const struct log_kind log_exchange;    /* the Exchange CSV family     */
extern const struct log_kind log_ecp;         /* ECP Server and ECP Activity: EventData opened into `extra` */
extern const struct log_kind log_oab;         /* OABGenerator: text search, column layout not relied on     */
extern const struct log_kind *const log_kinds[];   /* NULL-ended */

#endif
