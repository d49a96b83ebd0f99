/*
 * ledger_rows: rows of the ledger on their way into the store, and their numbers. Only ledger*.c includes it.
 *
 * Shape    mix_* put the fields of a row one after the other, each with its kind and length; mix_number gives its number, mix_bytes all of the digest.
 *          row_begin gives the bulk of a table, opened when it is first needed; ledger_rows_end makes all rows visible.
 */
#ifndef CASEWORK_LEDGER_ROWS_H
#define CASEWORK_LEDGER_ROWS_H

#include "base/hash.h"
#include "casework/ledger.h"

enum ledger_table {
    LEDGER_SUBJECT, LEDGER_SUBJECT_NAME, LEDGER_PLACE, LEDGER_LINK, LEDGER_ENTRY, LEDGER_MX, LEDGER_CONTACT, LEDGER_FACT, LEDGER_REPORT, LEDGER_DOOR,
    LEDGER_FEATURE, LEDGER_REFUSED, LEDGER_TABLES
};

struct ledger {
    struct store *s;
    struct os    *os;
    struct hash  *hash;
    uint8_t      *name;                       /* who is at work */
    size_t        name_n;
    uint8_t      *text;                       /* a text in lower case */
    bool          in_transaction;
    int64_t       file_now;                   /* all rows of a file are recorded at one moment; TIME_NONE: no file is under way */
    uint64_t      put, fresh;                 /* rows given since the file began, and those that were new (without subjects and refusals) */
    struct store_bulk *bulk[LEDGER_TABLES];
};

void    mix_begin(struct ledger *l, enum ledger_table t);
void    mix_int(struct ledger *l, int64_t v);
void    mix_str(struct ledger *l, struct str s);
void    mix_ip(struct ledger *l, bool has, const uint8_t ip[16]);
void    mix_bytes(struct ledger *l, uint8_t ret[32]);
int64_t mix_number(struct ledger *l);         /* never 0 */

/* NULL with e. */
struct store_bulk *row_begin(struct ledger *l, enum ledger_table t, struct err *e);
bool row_end(struct ledger *l, struct store_bulk *b, struct err *e);
void row_text(struct store_bulk *b, struct str s);                 /* cut at LEDGER_TEXT_MAX */
void row_time(struct store_bulk *b, int64_t us);                   /* TIME_NONE: NULL */
void row_ip(struct store_bulk *b, bool has, const uint8_t ip[16]);
bool ledger_rows_end(struct ledger *l, struct err *e);
void ledger_rows_drop(struct ledger *l);

/* Lower case, cut; lives until the next call. */
struct str ledger_lower(struct ledger *l, struct str s);

#endif
