/*
 * probe_state: the folder in which `survey probe` remembers, and what it writes while it runs.
 *
 * Files    journal      who was asked (survey/probe_journal.h)
 *          log.jsonl    a line for each request
 *          samples/     pages of servers that could not be told, by the SHA-256 of the page; README there says how long they may be kept
 *          lock         one probe at a time
 *          stop         somebody makes this file: the probe ends within a second, and does not begin while it is there
 * Rotation a journal whose last run is through is written anew without what is older than PROBE_KEEP_DAYS.
 * Opt-out  the file is read again whenever it changes.
 */
#ifndef CLI_PROBE_STATE_H
#define CLI_PROBE_STATE_H

#include "cli/cli.h"
#include "os/append.h"
#include "os/stop.h"
#include "store/store.h"
#include "survey/probe.h"
#include "survey/record.h"

enum { PROBE_KEEP_DAYS = 30, PROBE_SAMPLES_MAX = 1000 };

struct probe_state {
    struct cli          *c;
    struct str           dir, stop_path, optout_path;
    struct os_file       lock;
    struct os_append     journal, log_file, out_file;
    struct out          *log, *out;                     /* out: NULL with a store */
    struct os_stop       signals;
    struct os_stat       optout_stat;
    struct probe_optout  optout;
    struct arena         optout_room;
    bool                 optout_bad, stopped, stop_file;
    struct str           optout_why;
    struct store        *store;
    struct record       *record;
    struct map           sampled;
    uint32_t             samples;
    struct arena        *a;
};

/* dir is made; the lock taken; the journal read into j and opened for more. */
bool probe_state_open(struct probe_state *ret, struct cli *c, struct arena *a, struct str dir, struct str stop_path, struct str optout_path, struct probe_journal *j,
                      struct err *e);
/* Where observations go: a file of JSON lines that grows, or the store. There a run is one source, known by the first line of its journal, also after a kill. */
bool probe_state_out(struct probe_state *s, struct str path, struct err *e);
bool probe_state_store(struct probe_state *s, struct str where, const struct probe_setup *setup, const struct probe_journal *j, struct err *e);
/* Fills journal, log, stop, optout, sample, sink, ctx and wake_fd. */
void probe_state_world(struct probe_state *s, struct probe_world *w);
/* Everything that was written is out. whole: the run is through. */
bool probe_state_finish(struct probe_state *s, bool whole, struct err *e);
void probe_state_close(struct probe_state *s);

/* A file of the operator's, whole. */
bool probe_slurp(struct cli *c, struct str path, struct arena *a, struct str *ret, struct err *e);

#endif
