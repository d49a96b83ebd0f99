/*
 * matrix: pages put together of a source, a way and a sink, each out of a table. See src/webshell/matrix_test.c.
 *
 *   @S  the source's expression      @K  the sink's statements      @V  in them the value, as the way names it
 */
#ifndef MATRIX_H
#define MATRIX_H

struct way   { const char *code, *value, *why; };
struct reach { const char *code, *why; };

#endif
