/* technique: one page of a table of techniques, as a plan of shape_text.h, and what must be said of it. */
#ifndef TECHNIQUE_H
#define TECHNIQUE_H

#include "webshell/analyse.h"

struct technique { const char *plan, *why; enum page_kind kind; enum page_verdict verdict; };

#endif
