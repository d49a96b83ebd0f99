/*
 * stix: the objects of stix.json, written one at a time. stix.c decides which.
 *
 * Rules    1. ids that an object needs are made, and the objects they name written, before it is opened: objects do not nest.
 *          2. one id stands once; writing it again does nothing and gives the id.
 *          3. an empty id means that the value was not fit for an object; nobody refers to it.
 */
#ifndef REPORT_STIX_H
#define REPORT_STIX_H

#include "base/map.h"
#include "report/outs.h"

struct stix {
    struct outs   x;
    struct js     j;
    const struct report *r;
    struct str    author, server, marking;
    int64_t       common_us;                     /* of what every hunt would say: a fixed day, so that no two hunts disagree */
    struct str   *id; size_t id_n, id_cap;       /* everything in the bundle, for the report object */
    struct map    known;
    struct str   *visit;                         /* observed data of each session; empty: none */
};

void stix_str(struct stix *s, const char *key, struct str v);
void stix_c(struct stix *s, const char *key, const char *v);
void stix_time(struct stix *s, const char *key, int64_t us);
void stix_refs(struct stix *s, const char *key, const struct str *ref, size_t n);
void stix_word(struct stix *s, const char *key, const char *word);       /* a list of one */
void stix_external(struct stix *s, const char *source, struct str id);

/* Ids of this hunt, and of what every hunt would say in the same words. */
struct str stix_own(struct stix *s, const char *type, struct str name);
struct str stix_common(struct stix *s, const char *type, struct str name);

/* Opens an object: false when it stands in the bundle already. */
bool stix_begin(struct stix *s, const char *type, struct str id);
/* The same for a domain or relationship object. What every hunt would say is public: no marking, and a date of its own. */
enum stix_whose { STIX_OF_HUNT, STIX_OF_ALL };
bool stix_begin_at(struct stix *s, const char *type, struct str id, enum stix_whose whose);
void stix_end(struct stix *s);

struct str stix_address(struct stix *s, struct str client);
struct str stix_url(struct stix *s, struct str path);
struct str stix_file(struct stix *s, struct str path, struct str sha256);
struct str stix_cve(struct stix *s, struct str cve);
struct str stix_technique(struct stix *s, struct str t);
struct str stix_observed(struct stix *s, struct str name, int64_t first_us, int64_t last_us, uint64_t n, const struct str *ref, size_t ref_n);
struct str stix_indicator(struct stix *s, struct str id, struct str name, const char *of, const char *type, struct str pattern,
                          enum stix_whose whose, int64_t from_us);

/* confidence: 0 to 1, below 0 for none. count 0: not told. */
struct stix_seen { int64_t first_us, last_us; uint64_t count; double confidence; const struct str *observed; size_t observed_n; };
void stix_sighting(struct stix *s, struct str of, struct stix_seen t);
void stix_relate(struct stix *s, struct str from, const char *how, struct str to);
/* Without references it speaks of the server. */
void stix_note(struct stix *s, const char *name, struct str abstract, struct str content, const struct str *ref, size_t ref_n);

#endif
