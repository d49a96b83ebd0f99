/*
 * stop: SIGINT and SIGTERM as something to ask about, instead of something that happens.
 *
 * Shape    open blocks both signals for the process and gives a descriptor that becomes readable when one has come: wait on it with the rest.
 * Threads  open before any thread starts, so that all inherit the block.
 */
#ifndef OS_STOP_H
#define OS_STOP_H

#include "base/err.h"

#include <stdint.h>

struct os_stop { int fd; };            /* -1: none */

bool os_stop_open(struct os_stop *ret, struct err *e);
bool os_stop_wait(struct os_stop *s, uint32_t ms);          /* until one has come, or so long; true: one has. s may be NULL or closed: it only waits */
bool os_stop_asked(struct os_stop *s); /* takes the signal off; false: none has come since */
void os_stop_close(struct os_stop *s); /* the signals act as before; one that waits is dropped */

#endif
