/*
 * words: the short words of letters and call sheets ("Case", "Page"), by language: packs/NAME/notices/LANG/words.txt.
 *
 * Shape    one word or phrase a line, "name: text". What a language lacks is taken from English; what English lacks is its name.
 * Owner    a view of the pack.
 */
#ifndef NOTIFY_WORDS_H
#define NOTIFY_WORDS_H

#include "pack/pack.h"

struct str words_get(const struct pack *p, struct str language, const char *name);

#endif
