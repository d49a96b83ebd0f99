/*
 * work: what the parts of the verdict share while they think. Private to src/verdict.
 *
 * Shape    event: hits that say one thing, folded. thing: facts that say one thing, folded. Both are in an order of their whole
 *          content, so neither threads nor the order of the evidence shows. `rank` numbers them all by time, path, place: id_lists
 *          hold ranks until finding_make turns ranks into finding indices.
 * Rules    1. An event's client is empty where the log names this server itself (back end, loopback, own address).
 *          2. A shared address (ordinary authenticated traffic too) joins nobody.
 *          3. Nothing here writes what it read; strings are views of the evidence or live in the arena.
 * Errors   false means memory: err is set. Any evidence gives a verdict.
 */
#ifndef VERDICT_WORK_H
#define VERDICT_WORK_H

#include "base/map.h"
#include "base/num.h"
#include "verdict/verdict.h"

#define NONE UINT32_MAX
#define HOLE_MAX (36 * TIME_HOUR)            /* covers_window */
#define MAIL_SEEN_BYTES UINT64_C(1000000)    /* theft seen */
enum { CAP_FINDINGS = 20000, CAP_TIMELINE = 10000, CAP_BACK_DOORS = 2000, CAP_SESSIONS = 5000, CAP_WAYS = 2000, CAP_GAPS = 100, CAP_STEP_ITEMS = 40, CAP_PIVOT = 1000 };

struct event {
    const struct hit  *h;                /* the first of the folded hits */
    const struct cite *last;
    int64_t  last_us;
    uint64_t count, bytes, max_bytes;
    struct str client;                   /* rule 1 */
    bool shared, local_target, probe, fetched, joined;   /* joined: with another event of its group */
    bool uses_way;                       /* of a way back that has a URL */
    enum exploit_state outcome;
    uint32_t door, next_on_door;         /* index in back_door, chain of its events */
    uint32_t tied;                       /* host.c: the request that this act of the server came from */
    uint32_t parent;                     /* union-find */
    uint32_t intruder, session, rank;
    enum axis axis;
    struct str state;
};

struct thing {
    const struct file_fact *f;
    const struct cite *last;
    uint64_t count;
    uint32_t door, way, rank;
    enum axis axis;
    struct str state;
};

/* A page that the evidence speaks of; proven ones become back doors. */
struct page {
    struct str url, path, kind, key, sha256;
    bool proven, from_file;              /* from_file: its bytes, or who read them, speak of it; else logs, and what it left */
    bool left;                           /* something that it left says that it was there: compiled, or in the file system's own records */
    bool product;                        /* the product has a page of this name: use alone proves nothing */
    bool present, removed;               /* what facts say of it */
    enum reach reachable;
    int64_t  created_us, removed_us;     /* from sources that deserve it */
    int64_t  placed_us;                  /* creation, else when a fact of it happened: only to find who placed it */
    uint32_t door, first_event, last_event;   /* back door, and the chain of its events */
    uint32_t placed_by;                  /* event */
};

struct work {
    struct report         *r;
    const struct detected *d;
    struct arena          *a;
    struct err            *e;
    struct event *event; size_t event_n;
    struct thing *thing; size_t thing_n;
    uint32_t     *event_of;              /* by index in detected.hit */
    struct page  *page;  size_t page_n, page_cap;
    struct map    shared;                /* addresses that carry ordinary authenticated traffic as well */
    struct map    page_url, page_path;
    struct map    there, there_kind;      /* ways.c: what is there now, by kind and name; kinds whose list was read */
    uint32_t     *door_page;             /* by back door: its page */
    struct id_list came_back;            /* ranks: uses in a later session than the placing's */
    uint32_t     *finding_of;            /* by rank, after findings_make; NONE: left out */
    bool          is_2010;
    struct build_answer build; bool has_build;
};

/* util.c */
bool work_full(struct work *w);                                        /* sets ERR_MEMORY, gives false */
typedef int work_cmp(const void *ctx, uint32_t x, uint32_t y);
void sort_u32(uint32_t *v, size_t n, work_cmp *cmp, const void *ctx);  /* in place, no memory, n log n */
bool ids_push(struct work *w, struct id_list *l, uint32_t id);
void ids_finish(struct id_list *l);                                    /* sorted, distinct */
bool strs_push(struct work *w, struct str_list *l, struct str s);      /* empty text is left out */
bool shown(struct work *w, struct str s, struct str *ret);              /* text of evidence as it may stand in a report: cut where a script could begin */
bool strs_show(struct work *w, struct str_list *l, struct str s);      /* strs_push of what shown gives */
void strs_finish(struct str_list *l);
bool strs_have(const struct str_list *l, struct str s);                /* of a finished list */
const struct sigma_rule *rule_of(const struct work *w, const struct hit *h);
static inline struct str or_text(struct str s, const char *other) { return s.n ? s : str_c(other); }
static inline bool is_2xx(const struct hit *h) { return h->status >= 200 && h->status < 300; }
bool host_is_local(struct str host);
int time_cmp(int64_t x, int64_t y);                                    /* TIME_NONE last */
static inline int64_t time_min(int64_t x, int64_t y) { return time_cmp(x, y) <= 0 ? x : y; }
static inline int64_t time_max(int64_t x, int64_t y) { return x == TIME_NONE ? y : y == TIME_NONE ? x : x > y ? x : y; }

/* Text that grows in the arena. `bad` sticks. */
struct text { struct arena *a; uint8_t *p; size_t n, cap; bool bad; };
void text_add(struct text *t, struct str s);
void text_c(struct text *t, const char *c);
void text_u64(struct text *t, uint64_t v);
void text_clean(struct text *t, struct str s, size_t max);             /* evidence: no control bytes, cut at '<' and at max */
static inline struct str text_done(const struct text *t) { return (struct str){ t->p ? t->p : (const uint8_t *)"", t->n }; }

/* listed.c: what the operator's indicators say */
bool listed_names(struct work *w, const struct hit *h, struct str *ret_detector, struct str *ret_title);
void listed_tell(struct work *w, struct text *t, const struct hit *h);  /* a sentence, where one fits */
void listed_client(struct work *w, struct text *t, struct str client);
bool listed_heavy(const struct work *w, const struct hit *h);           /* its weight is more than context */

/* events.c: hits to events, facts to things, ranks, and how far each request came. */
bool events_make(struct work *w);
/* near.c */
struct ends { uint32_t *v; size_t n; };                                /* statements by the time of either end; private to near.c */
typedef int64_t near_cost(const struct event *other, const struct event *ev);   /* INT64_MAX: not meant */
bool ends_make(struct work *w, bool (*takes)(const struct event *ev), struct ends *ret);
uint32_t ends_nearest(const struct work *w, const struct ends *ends, const struct event *ev, near_cost *cost, int64_t max_us);   /* or NONE */
int64_t time_apart(const struct event *ev, int64_t t);                 /* 0: within; INT64_MAX: one of both is not known */
/* host.c: acts on the server itself */
bool host_tie(struct work *w);                                         /* after pages_make */
void host_join(struct work *w);
bool event_is_act(const struct work *w, const struct event *ev);       /* a process, logon ... of an intruder, told by an event log */
uint32_t door_of(const struct work *w, const struct event *ev);        /* the back door that it asked for, or that it came from; NONE */
/* pages.c */
bool pages_make(struct work *w);                                       /* which pages are back doors */
/* uses.c */
bool pages_use(struct work *w);                                        /* after window: their use, times and states */
bool page_place(const struct work *w, struct str url);                 /* a script where clean trees have none */
bool event_uses(const struct event *ev);                               /* 2xx and active, on a back door */
/* probes.c: who only looked; which staged files were fetched */
bool probes_mark(struct work *w);
/* intruders.c */
bool intruders_find(struct work *w);
uint32_t group_of(struct work *w, uint32_t event);
void group_join(struct work *w, uint32_t x, uint32_t y);
bool event_got_in(const struct work *w, const struct event *ev);
/* sessions.c */
bool sessions_make(struct work *w);
/* exposure.c, window.c */
bool exposure_judge(struct work *w);
void window_make(struct work *w);
bool cover_make(struct work *w);
enum covered cover_interval(const struct work *w, enum family f, int64_t from_us, int64_t to_us);   /* of what --since and --until let be read */
/* axes.c, door.c, ways.c */
bool ways_make(struct work *w);
bool theft_make(struct work *w);
bool axes_make(struct work *w);
bool door_make(struct work *w);
/* guidance.c */
bool guidance_make(struct work *w);
/* findings.c: after everything else; turns ranks into findings */
bool findings_make(struct work *w);
/* why.c: after findings_make, whose ids its sentences cite */
bool why_make(struct work *w);

#endif
