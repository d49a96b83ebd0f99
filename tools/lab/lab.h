/*
 * lab: makes the evidence that a victim's Exchange server would leave, and says what is true about it.
 *
 * Shape    a scenario tells a story (events at times, files, and the truth about them); the engine adds benign traffic
 *          day by day, merges, and writes the logs. Nothing here knows the code that judges the evidence: the truth follows
 *          from the story and from docs/report-contract.md alone.
 * Units    times are microseconds since 1970, UTC, as in base/time.h.
 * Same     seed, scenario and options give the same bytes. There is no clock and no other source of chance.
 * Safety   no request that exercises a flaw is in here, only the log lines that such a request leaves; the script
 *          of a planted page is our own minimal shape, kept encoded, and is put together when the page is written.
 * Errors   a tool for developers: what cannot be written ends the program with a message (lab_die).
 */
#ifndef LAB_H
#define LAB_H

#include "base/str.h"
#include "base/time.h"

#include <json-c/json.h>
#include <stdio.h>

/* ---- util.c: chance, text, files ---- */

struct rng { uint64_t s; };
struct rng rng_for(uint64_t seed, uint64_t stream);
uint64_t rng_next(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t n);               /* n > 0 */
uint32_t rng_between(struct rng *r, uint32_t lo, uint32_t hi);
bool rng_chance(struct rng *r, uint32_t per_mille);

void lab_die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Text that lives until the program (pool NULL'd) or the day ends. */
struct pool { char *block; size_t used, cap; struct pool *older; };
char *pool_room(struct pool **p, size_t n);
const char *pool_fmt(struct pool **p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void pool_drop(struct pool **p);

struct buf { char *p; size_t n, cap; };
void buf_room(struct buf *b, size_t more);
void buf_add(struct buf *b, const char *s, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_chr(struct buf *b, char c);
void buf_num(struct buf *b, uint64_t v);
void buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_free(struct buf *b);

struct civil { int year, month, day, hour, minute, second, ms, weekday; };   /* weekday 0: Monday */
struct civil civil_of(int64_t us);
int64_t at(const char *text);                                 /* "2021-03-03T06:50:00" */
void buf_iso(struct buf *b, int64_t us);                      /* 2021-03-03T06:50:00.123Z */
void guid_text(uint64_t hi, uint64_t lo, char ret[37]);

/* ---- the server ---- */

enum generation { GEN_2010, GEN_2013, GEN_2016, GEN_2019 };
enum proto { P_AUTODISCOVER, P_EAS, P_ECP, P_EWS, P_MAPI, P_OAB, P_OWA, P_OWACALENDAR, P_POWERSHELL, P_RPCHTTP, P_COUNT, P_NONE = P_COUNT };
extern const char *const proto_name[P_COUNT];

enum what { E_WEB, E_ECP, E_ECP_ACTIVITY, E_OAB, E_CMDLET, E_HTTPERR };

/* One thing that happened. Which logs tell of it follows from the fields. */
struct event {
    int64_t     at_us;
    uint32_t    seq;
    enum what   what;
    enum proto  proto;             /* P_NONE: no Exchange application, so no HttpProxy row and nothing appended to the query */
    bool        no_front, no_proxy;/* missing from IIS or HttpProxy */
    const char *method, *stem, *query, *user, *client, *ua, *referer, *forwarded;   /* forwarded: entries before the client's own */
    int         status, substatus, win32, back_status;
    uint32_t    took_ms;
    uint64_t    request_bytes, response_bytes;
    const char *auth, *anchor, *hint, *cookie, *routing, *target, *error, *generic_error, *action;
    const char *back_method, *back_stem, *back_query, *back_user;     /* back_stem NULL: never reached the back end */
    const char *soap;
    const char *text;              /* other kinds: the row after its time */
};

struct user { const char *name, *display, *client, *phone_ua, *device; uint32_t kind; };
enum { USERS_MAX = 64 };

struct place { char install[128], webroot[128], logs[128], temp_aspnet[160]; };   /* below evidence/, with '/' : "C/inetpub/wwwroot" */

struct lab;
struct scenario {
    const char *name, *about;
    void (*set)(struct lab *l);    /* before the users are made: names, places, dates; NULL: nothing */
    void (*tell)(struct lab *l);   /* the story and its truth */
    void (*after)(struct lab *l);  /* when all files are written; NULL: nothing */
};
extern const struct scenario scenario_table[];
const struct scenario *scenario_find(const char *name);

struct sink;                       /* rows.c: one open log file */
struct evlogs;                     /* evlog.c */

struct lab {
    const struct scenario *scenario;
    const char *out, *server_wanted;                  /* server_wanted: another name than the scenario's; NULL: its own */
    uint64_t    seed;
    uint32_t    megabytes, days;   /* 0: small */

    int         wanted;            /* generation asked for, -1: the scenario's own */
    enum generation gen;
    const char *server, *netbios, *domain, *host;     /* EXCH01, BAKERY, bakery.example, mail.bakery.example */
    const char *address;                              /* s-ip */
    const char *company;
    const char *build_old, *build_new;                /* before and after the security update */
    int64_t     start_us, end_us, patch_us;           /* patch_us TIME_NONE: never patched */
    int64_t     installed_us;
    struct place at;
    const char *install_win, *webroot_win, *logs_win; /* as Windows writes them */
    bool        iis_hourly, balanced, mitigated, no_web_roots, no_setup_logs, no_window;   /* no_window: the truth says nothing about it */
    int64_t     fields_change_us;                     /* IIS gets more fields from here on; TIME_NONE: never */
    int64_t     logs_from_us, exchange_from_us;       /* older logs are gone: all of them, those of Exchange with their shorter life */
    int64_t     hole_from_us, hole_to_us;             /* and here all are gone */
    const char *balancer[2];
    bool        coexistence;

    struct user user[USERS_MAX];
    uint32_t    user_n;
    const char *outside[24];       /* addresses of scanners and crawlers */

    struct event *event; size_t event_n, event_cap;   /* of the day */
    struct event *story; size_t story_n, story_cap;
    uint32_t    seq;
    struct pool *keep, *today;
    struct sink *sink; size_t sink_n;
    struct evlogs *evlogs;                            /* NULL: the story has no event logs */
    struct rng  ids;
    int64_t     newest_us;
    uint64_t    bytes;             /* log bytes written */
    int64_t     hot_day[16]; uint32_t hot_n;          /* days that get hourly HttpProxy files */
    json_object *truth;
};

/* Adds an event to the story (scenarios) or to the day (traffic); fields may be set through the result until the next call. */
struct event *story_event(struct lab *l, enum what what, int64_t at_us);
struct event *day_event(struct lab *l, enum what what, int64_t at_us);

/* ---- files ---- */
FILE *file_create(struct lab *l, const char *path);                      /* below evidence/, with parents */
void file_close(FILE *f, const char *path);
void file_touch(struct lab *l, const char *path, int64_t mtime_us);
void file_put(struct lab *l, const char *path, struct str body, int64_t mtime_us);
void file_text(struct lab *l, const char *path, int64_t mtime_us, const char *text);   /* LF becomes CRLF */
void file_remove(struct lab *l, const char *path);
void file_slurp(struct lab *l, const char *path, struct buf *ret);
bool file_there(struct lab *l, const char *path);
void dir_make(struct lab *l, const char *path);
const char *win_path(struct lab *l, const char *path);                   /* "C/a/b" gives "C:\a\b" */

/* pe.c */
void pe_versioned(struct buf *ret, const char *version, const char *name, const char *description);
void pe_strings(struct buf *ret, const char *const *text, size_t n);     /* a library that holds these texts as UTF-16 */

/* rows.c, proxy.c */
void buf_blanked(struct buf *b, const char *s);                           /* commas become blanks, as HttpProxy writes them */
void build_parts(const char *build, int v[4]);
const char *build_at(const struct lab *l, int64_t us);                    /* before or after the update */
void head_csv(const char *software, const char *version, const char *type, const char *fields, int64_t us, bool bare, struct buf *b);
void buf_cell(struct buf *b, const char *s);                              /* one CSV cell, quoted where it must be */
void rows_open(struct lab *l);
void rows_write(struct lab *l, struct event *e);
void rows_close(struct lab *l);
void row_front(struct lab *l, const struct event *e, uint64_t hi, uint64_t lo, struct buf *ret);
void row_back(struct lab *l, const struct event *e, uint64_t hi, uint64_t lo, struct buf *ret);
void row_proxy(struct lab *l, const struct event *e, uint64_t hi, uint64_t lo, struct buf *ret);
void head_iis(struct lab *l, int64_t us, struct buf *ret);
void head_proxy(struct lab *l, int64_t us, struct buf *ret);

/* traffic.c */
void traffic_people(struct lab *l);
void traffic_day(struct lab *l, int64_t day_us);
uint32_t traffic_requests(const struct lab *l, int64_t day_us);

/* server.c */
void server_defaults(struct lab *l, enum generation gen);
void server_files(struct lab *l);
void server_compiled(struct lab *l, const char *app, const char *url, int64_t at_us);
bool lab_run(struct lab *l);

/* raid.c: the steps of an intrusion, as evidence shows them */
struct raid {
    const char *client, *ua, *canary, *key;
    const char *other;             /* another back end named in its requests; NULL: this server */
    const char *script;            /* requested static name: "/ecp/y.js" */
};
void raid_look(struct lab *l, const struct raid *r, int64_t t);                 /* forged Autodiscover, MAPI */
void raid_admin(struct lab *l, const struct raid *r, int64_t t);                /* proxyLogon.ecp 241 */
void raid_drop(struct lab *l, const struct raid *r, int64_t t);                 /* Get, Set, Get, reset of the OAB directory */
void raid_clean(struct lab *l, const struct raid *r, int64_t t);                /* ExternalUrl=$null, which fails */
void raid_forge(struct lab *l, const struct raid *r, int64_t t, const char *target, const char *method, int status, uint64_t bytes, const char *soap);
void raid_page(struct lab *l, const char *path, const char *key, int64_t t);    /* the exported page on disk */
void raid_chopper(struct lab *l, const char *path, const char *key, int64_t t); /* a small page of its own */
struct event *raid_visit(struct lab *l, const char *client, const char *ua, int64_t t, const char *method, const char *url, const char *query, int status);
const char *raid_script(struct lab *l, const char *key);                          /* what is written into the settings */
void raid_localhost(struct lab *l, const char *client, int64_t t, uint32_t n);  /* what scanners ask for */
void raid_names(struct lab *l, const char *client, int64_t t);                  /* lists of published shell names, none there */

/* truth.c */
void truth_open(struct lab *l);
void truth_text(struct lab *l, const char *path, const char *value);            /* "use.state" */
void truth_bool(struct lab *l, const char *path, bool value);
void truth_int(struct lab *l, const char *path, int64_t value);
void truth_time(struct lab *l, const char *path, int64_t us);                   /* TIME_NONE: null */
void truth_list(struct lab *l, const char *path, const char *value);            /* appends */
json_object *truth_door(struct lab *l, const char *path, const char *state, const char *use);
void truth_door_use(struct lab *l, json_object *door, const char *key, int requests, const char *const *client, size_t client_n);
void truth_drop(struct lab *l, const char *path);                               /* says nothing about it after all */
void truth_write(struct lab *l);

/* check.c, bulk.c */
int check_main(const char *truth_path, const char *report_path);
int bulk_main(const char *out, uint64_t seed, uint32_t megabytes, double hit_rate, uint32_t days, enum generation gen);

#endif
