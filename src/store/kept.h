/*
 * kept: statements that nobody uses at the moment, for whoever asks for the same words next. With PostgreSQL a statement that is made for one row costs four round trips and a plan; a kept one costs
 * one trip.
 *
 * Shape    kept_take gives one with these words, as store.h describes them; kept_put takes one that is done with. KEPT_MAX a store; the one that rests longest goes.
 * Left out a statement that failed: it is ended.
 */
#ifndef STORE_KEPT_H
#define STORE_KEPT_H

#include "store/engine.h"

struct store_stmt *kept_take(struct store *s, const char *sql);        /* NULL: there is none */
void kept_put(struct store_stmt *st);
void kept_end(struct store *s);                                        /* ends all */

#endif
