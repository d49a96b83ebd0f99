/*
 * greet: connects to a server that greets first (SMTP), reads its greeting, says QUIT, and goes. So it is known that it lives, and its log has a line from now.
 *
 * Bounds   timeout_ms for all of it; 512 bytes of greeting.
 * Errors   ERR_IO with host and reason; ERR_USAGE: host_port is none.
 */
#ifndef OS_GREET_H
#define OS_GREET_H

#include "base/err.h"
#include "base/str.h"

/* host_port: "127.0.0.1:25", "[::1]:25", "mta.cert.example:25". True: it said 2xx. */
bool os_greet(const char *host_port, uint32_t timeout_ms, struct err *e);

#endif
