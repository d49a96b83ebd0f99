/*
 * yara_load: the YARA rules of a run, from the pack and from what rules_dir listed, before the worker begins (its sandbox does not see the
 * folders of the rules).
 *
 * Pack     its rules alone are ours: compiled in this process.
 * User's   compiled by a process that can do nothing else (os/errand.h), under limits of time and memory. A file that is too much for it is refused
 *          and the others are compiled again. What comes back are bytes that this process does not load: yara_wake, in the worker, does.
 * Cache    those bytes are kept (os/cache.h) by the SHA-256 of the rules' names and texts, of the limits, and of this program and the library as they
 *          lie on the disk. Not when a file was refused for its time or its memory: another machine, or another day, may see that differently.
 * Errors   as yara_compile; a user's file that cannot be read any more is refused like one that does not compile. Without a cache: only slower.
 * Owner    names and reasons live in the arena; yara_unload when the rules have done their work. The texts are given back.
 */
#ifndef CLI_YARA_LOAD_H
#define CLI_YARA_LOAD_H

#include "cli/cli.h"
#include "detect/rules_dir.h"
#include "detect/yara.h"
#include "pack/pack.h"

/* Of processor time, for one file or one set of them, and for all. */
enum { YARA_STEP_S = 20, YARA_ALL_S = 120, YARA_ERRAND_MIB = 2048 };

struct yara_how {
    bool       here, no_sandbox;        /* here: in this process, without limits of time */
    struct str cache;                   /* the folder in which ours lies (cache_home); empty: none */
    uint64_t   step_ms;                 /* 0: YARA_STEP_S */
};
struct yara_loaded {
    struct yara set;                    /* may have to be woken */
    struct str  bytes;                  /* private: what it stands on until then */
    bool        from_cache;
};
/* user: NULL or without *.yar: none. */
bool yara_load(struct os *os, const struct pack *pack, const struct rules_dir *user, const struct yara_how *how, struct arena *keep, struct yara_loaded *ret, struct err *e);
void yara_unload(struct yara_loaded *y);

/* Tells the operator what was refused, at most YARA_NOTES_MAX of it by name. */
enum { YARA_NOTES_MAX = 20 };
void yara_notes(struct cli *c, const struct yara *y);

#endif
