/*
 * status_public: figures for everybody. It opens the store by itself, copies the figures of the campaigns into stores of their own (casework/public_figures.h), closes the first, and
 * only then works and draws. What it knows beside figures are the campaign's own name, title and dates, and the day.
 */
#ifndef CLI_STATUS_PUBLIC_H
#define CLI_STATUS_PUBLIC_H

#include "cli/cli.h"

#define STATUS_PUBLIC_TLP "TLP:CLEAR"

struct status_public_ask { struct str store, campaign; int32_t day; bool csv, json, html; struct str page; };
bool status_public(struct cli *c, const struct status_public_ask *ask, struct err *e);

#endif
