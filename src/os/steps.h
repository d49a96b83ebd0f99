/*
 * steps: a world in which every read and write is a step for the guard: what reads a large archive for minutes does not hang.
 *
 * Shape    another `struct os` before the real one; nothing else differs. Lives as long as the arena.
 * Errors   NULL: no memory.
 */
#ifndef OS_STEPS_H
#define OS_STEPS_H

#include "os/guard.h"
#include "os/os.h"

/* `real` itself when there is no guard. */
struct os *os_steps(struct os *real, struct guard *g, struct arena *keep);

#endif
