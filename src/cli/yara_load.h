/*
 * yara_load: the YARA rules of a run, from the pack and from what rules_dir listed, compiled before the worker begins (its sandbox does not see
 * the folders of the rules).
 *
 * Errors   as yara_compile; a user's file that cannot be read any more is refused like one that does not compile.
 * Owner    names and reasons live in the arena; yara_close when the rules have done their work. The texts are given back.
 */
#ifndef CLI_YARA_LOAD_H
#define CLI_YARA_LOAD_H

#include "cli/cli.h"
#include "detect/rules_dir.h"
#include "detect/yara.h"
#include "pack/pack.h"

/* user: NULL or without *.yar: none. */
bool yara_load(struct os *os, const struct pack *pack, const struct rules_dir *user, struct arena *keep, struct yara *ret, struct err *e);
/* Tells the operator what was refused, at most YARA_NOTES_MAX of it by name. */
enum { YARA_NOTES_MAX = 20 };
void yara_notes(struct cli *c, const struct yara *y);

#endif
