/*
 * infiles: files that a person names, read by a worker in a sandbox, one after the other, into a store.
 *
 * Worker   a process of its own that opens the store and then shuts everything else: no network, no programs, no file but those named, no writing but in the store's
 *          folder (sandbox.h). A file that brings its reader down twice is left out and told (guard.h); the store keeps what was committed. Of PostgreSQL only
 *          the connection that is open already can be used.
 * Order    as given; of a zip its members, in the order of its directory.
 * Trouble  a file that is nothing of ours ends nothing but itself (ERR_FORMAT); trouble of the store or the machine ends the run.
 */
#ifndef CLI_INFILES_H
#define CLI_INFILES_H

#include "cli/cli.h"
#include "emit/json.h"
#include "evidence/packed.h"
#include "os/guard.h"
#include "store/store.h"
#include "survey/import.h"

struct infiles {
    struct cli       *c;
    const char       *verb;            /* "survey import" */
    const struct str *path; size_t path_n;             /* at least one; each exists and is no folder: infiles_check */
    const struct str *also; size_t also_n;             /* more that may be read */
    struct str        store;           /* where it lies; empty: nothing is written */
    size_t            room_bytes;
    void             *ctx;
    /* In the worker, before everything is shut. *ret_store NULL: none is used. */
    bool (*open)(void *ctx, struct store **ret_store, struct err *e);
    /* One file, or one member: p stands at its beginning. */
    bool (*one)(void *ctx, struct packed *p, size_t member, struct str name, struct err *e);
    bool (*usable)(void *ctx);         /* after an error of one file: can the next be read? */
    void (*close)(void *ctx);

    /* Filled. */
    struct guard *g;
    struct arena  room;                /* free again after each file */
    bool          bad;                 /* something was not read whole: exit code 1 */
    uint64_t      since_mark;
};

bool infiles_given(const struct args *args, const char *example, struct err *e);       /* is there any? */
bool infiles_check(struct cli *c, const struct args *args, struct err *e);             /* after all other options */
int  infiles_run(struct infiles *f);
/* In a worker of somebody else: everything is shut but reading what is named, and the store at this path. more_bytes: memory beyond what all such workers get. Nothing when c is not guarded. */
bool infiles_shut(struct cli *c, struct str store_path, struct store *store, const struct str *read, size_t n, uint64_t more_bytes, struct err *e);

/* A lines_fill that is a step for the watch over silence. */
struct infile { struct infiles *f; struct packed *p; };
bool infile_fill(void *ctx, uint8_t *buf, size_t cap, size_t *got, struct err *e);
/* Of --dry-run: what was printed is certain from time to time. */
bool infiles_printed(struct infiles *f, struct out *o, struct err *e);
/* "a.csv" of "/in/a.zip!/x/a.csv" */
struct str infile_name(struct str name);

/* A broken row as a line of JSON. */
void infile_broken_json(struct out *o, uint64_t line, const char *why, struct str raw);
/* Sums that all readers have, as the end of a line of JSON and as lines of text. */
void infile_sums_json(struct js *j, const struct import_result *r);
void infile_sums_text(struct out *o, const struct import_result *r);

#endif
