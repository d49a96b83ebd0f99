/*
 * oab: OABGenerator logs, whose columns nobody has published.
 *
 * Shape    the whole row is one column, "Row". `extra` has "Message" (the sentence about a failed download, or the row behind
 *          its time) and, when the row tells of a failed download, "Path": the temporary file that was to be removed.
 * Units    time_us: a time at the start of the row, else the first cell that is one.
 * Bounds   OAB_CELLS_MAX cells are looked at for a time.
 * Errors   ERR_FORMAT: an empty row. ERR_MEMORY: scratch is full. A sentence without its end is damaged; Path is what is there.
 * Owner    everything points into the row.
 * Not done judging the path: that needs the install folder (detect).
 * Source   the evidence sheet's section 5 (the sentence is published, the layout is not).
 */
#ifndef FORMATS_OAB_H
#define FORMATS_OAB_H

#include "formats/record.h"

enum { OAB_CELLS_MAX = 64 };

/* The path in "Download failed and temporary file '<path>' needs to be removed". *ret_cut: the sentence has no end. */
bool oab_path(struct str row, struct str *ret_path, struct str *ret_sentence, bool *ret_cut);

#endif
