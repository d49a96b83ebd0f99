/* paper_inner: what the files of the desk's folder share. Only paper*.c includes it. */
#ifndef NOTIFY_PAPER_INNER_H
#define NOTIFY_PAPER_INNER_H

#include "notify/paper.h"

enum { PAPER_BYTES_MAX = 16 << 20 };
#define PAPER_PART  ".part"
#define PAPER_INDEX "index.csv"

static inline struct str paper_path(struct arena *a, struct str dir, struct str name) { return str_fmt(a, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name)); }

/*
 * index.csv of a folder, whole: all of the channel that was ever written into it. given: as the folder was called before its own path was kept; empty: no more than that.
 * only_to: of a test instance.
 */
bool paper_index(struct ledger *l, struct os *os, struct str folder, struct str given, enum contact_channel channel, struct str only_to, struct arena a, struct err *e);

#endif
