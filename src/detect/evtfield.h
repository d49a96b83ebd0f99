/*
 * evtfield: what a Sigma rule's field is called in a record of an event log.
 *
 * Shape    evt_fields_make once for all field names that rules ask for; evt_view_begin for each record; evt_field answers sigma_match. Texts are made when
 *          a rule asks for them, once a record.
 * Names    a field of the record by its own name, compared without case, blanks and '_' ("Threat Name" is ThreatName), by its last part where
 *          it is nested; then the names that SigmaHQ's categories use for it (Image is NewProcessName in Security 4688); then what is made here:
 *            EventID Provider_Name Channel Computer Level Keywords Task Opcode Version EventRecordID UserID: of System; Level also by its name
 *            (Error), Channel also as the record's own field (the log that was cleared)
 *            Data               items without a name; Message the joined values of the record
 *            User               "DOMAIN\name" and the name alone, where the record has no such field
 *            IntegrityLevel     High, of MandatoryLabel; md5 sha1 sha256 Imphash: out of Hashes; TargetObject: out of 4657
 *            TargetKey TargetValue   of TargetObject: the key's own name and the value's
 *            Cmdlet CmdletParameters CmdletUser: items 0, 1 and 2 of MSExchange Management; Parameter.NAME: the value of -NAME in item 1
 *            TaskCommand        command and arguments out of TaskContent; HostApplication: out of PowerShell's classic events
 *            CommandVerdict     ordinary, look or accuse: command.h's judgement of CommandLine, ImagePath, ServiceFileName, TaskCommand or HostApplication
 * Values   numbers in hexadecimal are given in decimal as well.
 * Keywords search the texts of the record, joined by line ends: not its numbers, identifiers and bytes.
 * Bounds   SIGMA_VALUES_MAX candidates; of more, the last is the rest joined.
 * Source   SigmaHQ, pipelines of pySigma for Windows audit and Sysmon; MS documentation of the events; evidence sheet 4.3 and 9.3.
 */
#ifndef DETECT_EVTFIELD_H
#define DETECT_EVTFIELD_H

#include "detect/sigma.h"
#include "formats/evtx.h"

struct evt_known;
struct evt_fields {
    const struct sigma      *sigma;
    const struct evt_known **known;     /* by sigma field; NULL: by its own name alone */
    size_t                   n;
};
bool evt_fields_make(struct evt_fields *ret, const struct sigma *s, struct arena *a, struct err *e);
/* Does this field's answer hang on a field of the record with that name? */
bool evt_field_feeds(const struct evt_fields *f, uint32_t field, struct str event_name);
/* Fields whose values do not stand in the record as they are: sigma_raw.derived. */
extern const char *const evt_derived_names[];

struct evt_view {
    const struct evt_fields *fields;
    const struct evtx_event *ev;
    struct arena            *a;         /* texts of this record */
    uint32_t                 age;
    struct evt_memo { uint32_t age; uint32_t n; struct str v[SIGMA_VALUES_MAX]; } *memo;   /* fields->n of them */
    struct str               raw; bool has_raw;
    bool                     full;      /* the arena was too small for a text: it was taken for absent */
};
void evt_view_begin(struct evt_view *v, const struct evtx_event *ev, struct arena *a);
/* ctx: an evt_view. */
size_t evt_field(void *ctx, uint32_t field, struct str *ret);
/* What keywords search. */
struct str evt_raw(struct evt_view *v);
/* By name, for excerpts and facts: the first candidate; empty: none. */
struct str evt_named(struct evt_view *v, struct str name);

#endif
