/*
 * outs: what the forms for other tools (STIX, MISP, ECS, l2tcsv) share.
 *
 * Ids      of a hunt live in a namespace made of tool, pack, server, marking, verdict and finding keys: the same evidence and program give
 *          the same ids, anything else gives others, so that no two documents give one id to different contents.
 * Times    when_us stands where a format demands a time and the evidence has none: the newest evidence, else the newest finding,
 *          else the day the campaign became known. Never the clock: two runs give equal bytes.
 * Accuses  outs_accuses is the one place that decides which address may become an indicator for others.
 * Errors   sticky: `bad` is set when memory runs out and texts are empty then; check once with outs_done.
 * Owner    texts live in the arena that was passed by value.
 */
#ifndef REPORT_OUTS_H
#define REPORT_OUTS_H

#include "emit/json.h"
#include "report/outs_fit.h"
#include "report/parts.h"
#include "report/uuid.h"

struct outs {
    const struct report *r;
    struct arena a;
    uint8_t      space[UUID_BYTES];      /* of this hunt */
    int64_t      when_us;
    struct out  *cell;                   /* for texts that become one value */
    bool         bad;
};

bool outs_open(struct outs *x, const struct report *r, struct arena scratch, struct err *e);
/* Flushes the sink; false with the first failure of either. */
bool outs_done(struct outs *x, struct out *o, struct err *e);

struct str outs_fmt(struct outs *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct str outs_cat(struct outs *x, struct str a, struct str b);
/* Our UUIDs as text: of this hunt, or the same in every hunt. */
struct str outs_uuid(struct outs *x, struct str name);
struct str outs_uuid_in(struct outs *x, const uint8_t space[UUID_BYTES], struct str name);
/* A JSON string in the canonical form of RFC 8785, with its quotes. Bad bytes become U+FFFD, as js_str writes them. */
struct str outs_canon(struct outs *x, struct str s);

enum outs_ip { OUTS_NO_IP, OUTS_IP4, OUTS_IP6 };
enum outs_ip outs_ip(struct str s);
/* May this address stand for the intruder? An address of the outside world, not the server's own, without ordinary signed-in traffic. */
bool outs_accuses(const struct outs *x, struct str client);
/* "https://host/path" with everything else percent-encoded; empty when the server has no usable name. */
struct str outs_url(struct outs *x, struct str path);
/* The last part of a Windows path; *ret_dir is what stands before it, empty for none. */
struct str outs_base(struct str path, struct str *ret_dir);

/* Does the finding speak of an intruder, and not of the server's build, a scanner or an administrator? */
static inline bool outs_counts(const struct finding *f) { return f->axis != AXIS_NONE && f->axis != AXIS_EXPOSURE && !f->probe; }
static inline int64_t outs_later(int64_t from, int64_t to) { return to == TIME_NONE || to < from ? from : to; }

/* Sentences for people, from our own words and evidence; each way out escapes them. */
struct str outs_verdict(struct outs *x);                                  /* headline and reasons, one a line */
struct str outs_coverage(struct outs *x, const struct cover_row *row);    /* one line */
struct str outs_doubt(struct outs *x);                                    /* what is not proven; empty: nothing */

/* Everything dated, in order: the story, and dated findings that are no part of it (probes, notes). NULL: the arena is full. */
struct outs_row { int64_t time_us; uint32_t finding, session; struct str text; };
struct outs_row *outs_rows(const struct report *r, struct arena *a, size_t *ret_n);

#endif
