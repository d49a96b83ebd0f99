/*
 * evtx_inner: what the files of evtx share. BinXml is compiled into steps once a template (evtx_binxml.c), and steps are walked once a record
 * (evtx_event.c). Records without a template are compiled into the record's own arena and walked the same way.
 */
#ifndef FORMATS_EVTX_INNER_H
#define FORMATS_EVTX_INNER_H

#include "formats/evtx.h"

#include <string.h>

enum evtx_step_kind {
    STEP_OPEN,      /* text: name */
    STEP_ATTR,      /* text: name; its parts follow */
    STEP_SHUT,      /* no more attributes */
    STEP_END,
    STEP_PART,      /* text: constant, of `type` */
    STEP_SUB,       /* value number `sub` */
    STEP_NEST,      /* text: a template instance that stands in the document */
};

/* Names that mean something to us. */
enum evtx_name {
    NAME_OTHER, NAME_EVENT, NAME_SYSTEM, NAME_EVENTDATA, NAME_USERDATA, NAME_DATA, NAME_COMPLEXDATA, NAME_XMLNS, NAME_NAME, NAME_GUID,
    NAME_EVENTSOURCENAME, NAME_PROVIDER, NAME_EVENTID, NAME_QUALIFIERS, NAME_VERSION, NAME_LEVEL, NAME_TASK, NAME_OPCODE, NAME_KEYWORDS, NAME_TIMECREATED,
    NAME_SYSTEMTIME, NAME_EVENTRECORDID, NAME_CORRELATION, NAME_ACTIVITYID, NAME_RELATEDACTIVITYID, NAME_EXECUTION, NAME_PROCESSID, NAME_THREADID,
    NAME_CHANNEL, NAME_COMPUTER, NAME_SECURITY, NAME_USERID,
};

struct evtx_step {
    uint8_t    kind, name, type;
    uint16_t   sub;
    struct str text;
};

struct evtx_steps {
    struct evtx_step *step;
    size_t            n, cap;
    const char       *damaged;
};

/* Where a field of System comes from. */
enum { SLOT_NONE, SLOT_CONST, SLOT_SUB };
struct evtx_slot { uint8_t kind; uint16_t sub; struct evtx_value value; };

struct evtx_tpl {
    struct evtx_tpl  *next;
    uint32_t          off, end;           /* of the definition */
    uint32_t          id;
    struct evtx_steps steps;
    bool              quick;              /* System is one block of plain fields: slots hold, and the walk may begin at `after` */
    uint32_t          after;
    struct evtx_slot  slot[EVTX_SYSTEM_N];
};

/* A template and the values for it. */
struct evtx_instance {
    uint32_t def_off, id;
    size_t   inline_end;                  /* of a definition that stands here; 0: none */
    uint32_t n;
    size_t   sizes, values, end;          /* descriptors; first value; end of what may be read */
};

static inline uint16_t evtx_u16(const uint8_t *p) { return (uint16_t)(p[0] | p[1] << 8); }
static inline uint32_t evtx_u32(const uint8_t *p) { return (uint32_t)evtx_u16(p) | (uint32_t)evtx_u16(p + 2) << 16; }
static inline uint64_t evtx_u64(const uint8_t *p) { return (uint64_t)evtx_u32(p) | (uint64_t)evtx_u32(p + 4) << 32; }

/* Charges work to the chunk. False: spent. */
static inline bool evtx_spend(struct evtx_chunk *c, uint32_t steps, size_t bytes)
{
    c->steps += steps;
    c->bytes = bytes < EVTX_BYTES_MAX ? c->bytes + (uint32_t)bytes : EVTX_BYTES_MAX;
    return c->steps < EVTX_STEPS_MAX && c->bytes < EVTX_BYTES_MAX;
}

/* Bytes of a type that has one size only; 0: it has not. */
size_t evtx_type_bytes(uint8_t type);
/* A SID's own length; 0: it is none. */
size_t evtx_sid_bytes(struct str s);

/* Steps of [*pos, end) of the chunk, one fragment or definition. What is damaged ends it; the steps are closed all the same. False: memory. */
bool evtx_compile(struct evtx_chunk *c, struct arena *a, size_t *pos, size_t end, bool in_template, struct evtx_steps *ret, struct err *e);
/* The instance at `pos` (its token), up to `end`. NULL: fine, else what is wrong; *ret_end: behind its values. */
const char *evtx_instance_at(const struct evtx_chunk *c, size_t pos, size_t end, struct evtx_instance *ret, size_t *ret_end);
/* The compiled definition. *ret stays NULL where there is none. False: memory. */
bool evtx_tpl_of(struct evtx_chunk *c, const struct evtx_instance *in, struct evtx_tpl **ret, const char **ret_damaged, struct err *e);
/* Which field of System an element (attr: NAME_OTHER) or its attribute is; EVTX_SYSTEM_N: none. */
enum evtx_system evtx_system_of(uint8_t element, uint8_t attr);

#endif
