/*
 * evtsource: which records of event logs a Sigma rule's `logsource` speaks of.
 *
 * Shape    one table: category or service -> channel, provider, event ids. A rule of `product: windows` (or of none, or exchange) whose category or service stands
 *          in it is a rule for event logs; a rule with neither looks at every channel. All others are rules for text logs, or for nothing that is read here.
 * Names    a service may also be the channel's own name ("Microsoft-Windows-WinRM/Operational").
 * Source   SigmaHQ, "rules/windows" and the documentation of its log sources; provider manifests of Windows Server 2012 R2 to 2022; Sysmon 15 schema.
 */
#ifndef DETECT_EVTSOURCE_H
#define DETECT_EVTSOURCE_H

#include "detect/sigma.h"

enum { EVT_IDS_MAX = 6 };

struct evt_source {
    const char *category, *service;      /* one of them; the other NULL */
    const char *channel;                 /* NULL: not kept in any event log (`why` says it) */
    const char *provider;                /* NULL: any */
    uint16_t    id[EVT_IDS_MAX];         /* up to the first 0; none: all */
    const char *why;
};

/* Ends with an entry of neither category nor service. */
extern const struct evt_source evt_sources[];

/* Is the rule one for event logs? ret (may be NULL): SIGMA_WHY_MAX bytes; set where it is for windows' event logs, but for none that is read. */
enum evt_fit { EVT_FOREIGN, EVT_FITS, EVT_UNREAD };
enum evt_fit evt_source_fit(const struct sigma_rule *r, char why[SIGMA_WHY_MAX]);
/* Does the rule look at records that this line of the table describes? */
bool evt_source_is(const struct sigma_rule *r, const struct evt_source *s);
/* The rule names no source of the table but a channel (or nothing, which is every channel). */
bool evt_source_by_channel(const struct sigma_rule *r, struct str *ret_channel);

#endif
