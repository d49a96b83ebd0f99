/*
 * family: the kinds of evidence that coverage speaks of, as one table.
 *
 * Names are those of report.json ("coverage[].family"). A family that this build cannot read yet is in the table all the
 * same: the report must say that it was not examined, and how to get it.
 */
#ifndef EVIDENCE_FAMILY_H
#define EVIDENCE_FAMILY_H

#include "formats/record.h"

enum family {
    FAM_NONE, FAM_IIS_FRONT, FAM_IIS_BACK, FAM_HTTPERR, FAM_HTTPPROXY, FAM_ECP_SERVER, FAM_ECP_ACTIVITY, FAM_OAB_GENERATOR,
    FAM_EWS, FAM_AUTODISCOVER, FAM_CMDLET, FAM_WEB_ROOTS, FAM_TEMP_ASPNET, FAM_IIS_CONFIG, FAM_TRANSPORT_AGENTS, FAM_SETUP,
    FAM_AV_LOGS, FAM_TASKS, FAM_REGISTRY, FAM_EVTX_SECURITY, FAM_EVTX_SYSTEM, FAM_EVTX_APPLICATION, FAM_EVTX_MANAGEMENT,
    FAM_EVTX_POWERSHELL, FAM_EVTX_DEFENDER, FAM_EVTX_SYSMON, FAM_EVTX_TASKS,
    FAM_EVTX_RDP, FAM_EVTX_WINRM, FAM_EVTX_WMI, FAM_EVTX_BITS, FAM_EVTX_IIS, FAM_EVTX_OTHER, FAM_MFT, FAM_USN,
    FAM_POWERSHELL, FAM_WMI, FAM_BITS, FAM_PREFETCH, FAM_COUNT
};

struct family_info {
    const char *name;            /* as in report.json */
    const char *title;           /* for people: "IIS log, front end" */
    const char *service;         /* Sigma logsource service (text logs), or NULL */
    const struct log_kind *log;  /* reader for text logs, or NULL */
    bool  examined;              /* this build reads it */
    bool  from_2013;             /* exists on Exchange 2013 and later only */
    const char *where;           /* usual place, for people */
    const char *how_to_get;      /* one command or step that collects it */
};

extern const struct family_info family_table[FAM_COUNT];

static inline bool family_is_event_log(enum family f) { return f >= FAM_EVTX_SECURITY && f <= FAM_EVTX_OTHER; }

/* The part of a how_to_get that is a command to be typed; the whole of it where it is nothing else. *ret_words: what stands before it. */
struct str family_by_hand(struct str how_to_get, struct str *ret_words);

#endif
