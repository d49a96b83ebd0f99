/* ioc_parts: one reader for each format of indicators, and what they share. Private to src/pack. */
#ifndef PACK_IOC_PARTS_H
#define PACK_IOC_PARTS_H

#include "pack/ioc_read.h"

/* One file under way. */
struct ioc_reader {
    struct iocs  *s;
    struct arena *a;
    uint32_t      file, line;             /* of the line or object under way */
    struct str    name, id;
    int64_t       until_us;
    bool          weighed;                /* the file gave a weight */
    enum ioc_weight weight;
};

/*
 * A value of a type, as the formats name both. False only for ERR_MEMORY and ERR_LIMIT: a type or value that cannot be used is told.
 * ioc_take_all: what must hold at once; the most telling of them is looked for, the others are asked then.
 */
bool ioc_take(struct ioc_reader *r, struct str type, struct str value, struct err *e);
bool ioc_take_all(struct ioc_reader *r, const struct ioc_term *term, size_t n, struct err *e);
/* The kind and the one form of a value; false with a reason in *why. */
bool ioc_normal(struct ioc_reader *r, enum ioc_kind kind, struct str value, struct ioc_term *ret, const char **why);
bool ioc_kind_of(struct str type, enum ioc_kind *ret, const char **why);
bool ioc_kind_guess(struct str value, enum ioc_kind *ret);
/* "hxxps[:]//evil[.]example" as it was meant. .p == NULL: no room. */
struct str ioc_refang(struct arena *a, struct str s);
bool ioc_refuse(struct ioc_reader *r, struct str why, struct err *e);

bool ioc_read_csv(struct ioc_reader *r, struct str text, struct err *e);
bool ioc_read_list(struct ioc_reader *r, struct str text, struct err *e);
bool ioc_read_stix(struct ioc_reader *r, struct str text, struct err *e);
bool ioc_read_misp(struct ioc_reader *r, struct str text, struct err *e);
bool ioc_csv_is(struct str first_line);

/*
 * JSON, cut into raw pieces without a tree: a file of any size costs what its values cost.
 * ioc_cut_next gives the members of an object or the elements of an array, as they stand in the text. False: the end, or `bad`.
 * A value that does not end is given once as what is left of it, with `cut` set: there may be whole ones in it.
 */
enum { IOC_JSON_DEPTH = 64, IOC_JSON_TEXT = 64 << 10 };
struct ioc_cut { struct str rest; uint8_t end; bool begun, bad, cut; };
bool ioc_cut_open(struct ioc_cut *ret, struct str value);
bool ioc_cut_next(struct ioc_cut *c, struct str *ret_key, struct str *ret_value);
/* The member of this name, raw; empty: none. */
struct str ioc_cut_get(struct str object, const char *key);
/* A string's text; other scalars as they stand; empty for what is neither, too long or broken. .p == NULL: no room. */
struct str ioc_json_text(struct arena *a, struct str value);

#endif
