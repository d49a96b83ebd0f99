/*
 * ecp: ECP Server and ECP Activity logs.
 *
 * Shape    csvrow.h, columns TimeStamp,ServerName,EventId,EventData. EventData is opened into extra_name/extra_value:
 *
 *              item;item;...      item = type:key=value      types S, I32, Dbl, F and others
 *              'item'             when the value holds ; ' or =, with inner single quotes doubled
 *
 *          The name is the key without its type: "CMD", "URL", "EX".
 * Leniency a value written without the wrapping may hold "=" and "'"; an item without "=" is a value without a name; a single
 *          quote inside a wrapped item that is not doubled and does not end it is kept, and the record is damaged.
 * Bounds   RECORD_EXTRA_MAX items; more are left out and the record is damaged.
 * Errors   as log_kind.parse.
 * Owner    values point into the row, or into scratch where quotes had to be undone.
 * Not done the meaning of CMD. The path that a reset wrote is not in this log.
 * Source   the evidence sheet's sections 2 and 4.1.
 */
#ifndef FORMATS_ECP_H
#define FORMATS_ECP_H

#include "formats/record.h"

/* EventData, already free of CSV quoting, into items of r. False: scratch is full. */
bool ecp_items(struct arena *scratch, struct str data, struct record *r, struct err *e);

#endif
