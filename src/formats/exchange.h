/*
 * exchange: the Exchange CSV family: HttpProxy of every protocol, Ews, Autodiscover, Rps_Cmdlet, ...
 *
 * Shape    csvrow.h. Columns go by name, never by position: number and order change with the build, also inside one file.
 * Units    time_us: the end of the request, from the first column named DateTime, TimeStamp or date-time.
 * Owner    csvrow.h.
 * Not done meaning: what an anchor or a status says is detect's business.
 * Source   the evidence sheet's section 2.
 */
#ifndef FORMATS_EXCHANGE_H
#define FORMATS_EXCHANGE_H

#include "formats/record.h"

#endif
