/*
 * files: every detector that looks at a file, a folder or a configuration, as one table.
 *
 * files_detect reads each node that a detector wants once (in parallel, results in node order), adds facts, fills found->server and the
 * file families of found->seen. Coverage of web_roots, iis_config, transport_agents, temp_aspnet, setup, av_logs and tasks comes from here.
 */
#ifndef DETECT_FILES_H
#define DETECT_FILES_H

#include "detect/hunt.h"

#include <stdatomic.h>

struct files_work;
struct files_context {
    struct ev           *ev;
    const struct pack   *pack;
    const struct hunt_options *opt;
    struct arena        *keep;        /* facts and their texts */
    struct detected     *found;
    _Atomic uint64_t    *bytes_read;
    struct files_work   *work;        /* files_detect's own; NULL outside it */
};

/* What one detector sees of one node. `body` is whole, or the first FILES_BODY_MAX bytes with `cut` set. */
enum { FILES_BODY_MAX = 8 << 20 };
struct files_node {
    struct ev_node *node;
    struct str      body;
    bool            cut;
    struct arena    scratch;
    struct analysis    *page;         /* what the page analyser found ahead; NULL: nothing asked */
    struct yara_result *yara;         /* what files_yara found ahead; NULL: nothing asked */
};

struct files_detector {
    const char *name;                 /* "pages" */
    const char *about;                /* one line for docs and `help detectors` */
    bool (*wants)(const struct files_context *c, const struct ev_node *n);
    /* In the reading thread `worker`, before look, in any order; changes only the node. NULL: nothing. Results live in `room` until look is done. */
    void (*ahead)(const struct files_context *c, uint32_t worker, struct files_node *n, struct arena *room);
    /* Called in node order, one at a time. */
    bool (*look)(struct files_context *c, struct files_node *n, struct err *e);
    /* After the last node; NULL: nothing. What needs the whole view (a page missing from its folder, say) goes here. */
    bool (*done)(struct files_context *c, struct err *e);
};
extern const struct files_detector *const files_detectors[];   /* NULL-ended */

bool files_detect(struct files_context *c, struct err *e);
/* Evidence that was refused is evidence that is missing: tells it to the coverage of its family. Once, after the last file was read. */
void files_refused(struct files_context *c, struct arena scratch);
/*
 * Where a file belongs in a baseline: its root and its path below that. By the install folders and the site's own folder; by the names of
 * Exchange's web trees where neither is known.
 */
bool files_baseline_place(const struct ev *v, struct str path, enum baseline_root *ret_root, struct str *ret_rest);
/* Room for one more fact, zeroed with TIME_NONE and UINT32_MAX where they belong; NULL: beyond FILE_FACTS_MAX (counted) or no memory. */
struct file_fact *files_fact(struct files_context *c);

#endif
