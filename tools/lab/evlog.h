/*
 * evlog: the event logs of the lab's server.
 *
 * Shape    stories and the ordinary days say EV(...) in any order; evlog_write sorts what each channel got and writes real files: header, chunks with
 *          checksums, names and templates, EventData and UserData as fragments of their own, unnamed Data as arrays of texts, as Windows does.
 * Fields   those of the providers (evkinds.c); what a story does not name has a usual value.
 * Source   Microsoft's manifests as shown by public records: names and order of fields. All values are made up.
 */
#ifndef LAB_EVLOG_H
#define LAB_EVLOG_H

#include "lab/lab.h"

enum chan {
    CH_SECURITY, CH_SYSTEM, CH_APPLICATION, CH_MANAGEMENT, CH_POWERSHELL, CH_POWERSHELL_OLD, CH_DEFENDER, CH_SYSMON, CH_TASKS, CH_SESSIONS, CH_REMOTE,
    CH_WINRM, CH_BITS, CH_WMI, CH_COUNT
};
struct evchannel { const char *name, *file; };
extern const struct evchannel evchannel_table[CH_COUNT];

/* shape: 'E' EventData with names, 'A' one Data that holds an array of texts, 'U' UserData (its element and xmlns stand before the fields: "LogFileCleared@urn:x#...") */
struct evkind { enum chan chan; unsigned id; const char *provider, *guid; uint8_t version, level; uint16_t task; uint64_t keywords; char shape; const char *fields; };
extern const struct evkind evkind_table[];
extern const size_t evkind_n;

/* One record. The rest: name and value of each field that differs from the usual, then NULL. */
void ev_add(struct lab *l, enum chan c, unsigned id, int64_t at_us, const char *const *pairs);
#define EV(l, c, id, at_us, ...) ev_add(l, c, id, at_us, (const char *const[]){ __VA_ARGS__, NULL })
#define EV_PLAIN(l, c, id, at_us) ev_add(l, c, id, at_us, (const char *const[]){ NULL })

/* Ordinary days, from l->start_us to l->end_us, of these channels (bits 1 << CH_...): what a quiet Exchange server writes. */
void ev_ordinary(struct lab *l, uint32_t channels);
/* The log was cleared: nothing older is in the file, and the record that says so heads it (Security) or stands in System (others). */
void ev_clear(struct lab *l, enum chan c, int64_t at_us, const char *user);
void evlog_write(struct lab *l);      /* the files, when the story has any */

/* ---- for other writers ---- */

struct mk;
/* UTF-16 of UTF-8 that is whole; twice its length is room enough. */
size_t ev_wide(uint8_t *to, const char *s);
void ev_put_sid(struct mk *m, const char *text);
int evrows_main(const char *rows, const char *to);   /* lab evtx */

#endif
