/*
 * evtread: the event logs of the evidence, cut into pieces that several threads read.
 *
 * Slices   a log on a volume is read in pieces of EVT_SLICE_BYTES; one in an archive is one piece, for reading it from its middle costs as much as from its
 *          start. What comes out hangs on the pieces, never on the threads. Of logs that the evidence holds twice, one is read.
 */
#ifndef DETECT_EVTREAD_H
#define DETECT_EVTREAD_H

#include "detect/evtscan.h"

enum { EVT_SLICE_BYTES = 64 * EVTX_CHUNK_BYTES };

struct hunt;
struct evt_piece { uint32_t node; bool last; uint64_t from, to; };
struct evt_pieces { struct evt_piece *item; size_t n, cap; };
bool evt_pieces_make(struct evt_pieces *ret, struct hunt *h, struct err *e);

/* What reading one piece says of its file. stopped: why it ended early, ERR_NONE where it did not. */
struct evt_read { bool headless, bad_head; uint64_t lost_bytes, bad_sums; struct err stopped; };
/* The reader's own room, apart from what grows in `work`. */
bool evt_read_room(struct arena *work, struct arena *ret, struct err *e);
/* again: a pass after the first: nothing is counted, no checksum is looked at. False: what evt_scan_chunk fails for. */
bool evt_piece_read(struct hunt *h, const struct evt_piece *p, uint32_t worker, struct evt_scan *scan, struct arena *room, bool again, struct evt_read *ret, struct err *e);

#endif
