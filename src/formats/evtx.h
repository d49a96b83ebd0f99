/*
 * evtx: Windows event logs since Vista, record by record, without rendering any XML.
 *
 * Shape    a file is a header and chunks of 64 KiB. evtx_file_next gives one chunk after the other, by the grid and by their signature where the header
 *          or the grid lies. A chunk holds its own names and templates, so each is read alone, by any thread. Its records come in the order they are
 *          stored, then what is left of older ones behind the last.
 * Records  evtx_event_read gives the fields of System, and the values of EventData, UserData and other sections as fields in document order:
 *          <Data Name="x"> is "x", <Data> has an empty name, other elements have dotted names without their section ("LogFileCleared.Channel"), of
 *          sections other than EventData and UserData with it ("RenderingInfo.Message"), attributes follow a '@'. xmlns is left out. An array gives a field
 *          each item. evtx_event_peek gives provider, channel and id only, without making any other value.
 * Values   typed views; evtx_value_text makes the text. Instants have all seven digits of a FILETIME.
 * Units    FILETIME: 100 ns since 1601 UTC. Offsets are from the beginning of the chunk.
 * Damage   one bad record never ends a chunk, nor one bad chunk a file. What is whole is given; `damaged` says in a few words what is not. Where the
 *          definition of a template is gone, the values come without names.
 * Bounds   EVTX_DEPTH_MAX elements deep, EVTX_NEST_MAX fragments within each other, EVTX_STEPS_MAX steps and EVTX_BYTES_MAX bytes of names and values a
 *          chunk, EVTX_FIELDS_MAX fields a record. Work is linear in the bytes of a chunk, up to these.
 * Errors   false with ERR_MEMORY: the arena is full. evtx_file_next: false with ERR_NONE at the end, or the error of the reader.
 * Owner    names, definitions and values live as long as the bytes of the chunk and the arenas given.
 * Threads  a chunk belongs to one thread; nothing is shared between chunks.
 * Not done message texts from resource files; EVT (before Vista); writing.
 * Source   MS-EVEN6 2.2.12 to 2.2.17 (BinXml); libyal, "Windows XML Event Log (EVTX) format".
 */
#ifndef FORMATS_EVTX_H
#define FORMATS_EVTX_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum {
    EVTX_CHUNK_BYTES = 65536, EVTX_RECORDS_AT = 512, EVTX_DEPTH_MAX = 64, EVTX_NEST_MAX = 8, EVTX_STEPS_MAX = 500000, EVTX_BYTES_MAX = 8 << 20,
    EVTX_FIELDS_MAX = 8192, EVTX_FILE_HEADER_BYTES = 4096,
};

/* ---- the file ---- */

/* Fills buf as far as possible; *ret_got < cap only at the end. */
typedef bool evtx_read(void *ctx, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e);

struct evtx_file {
    evtx_read *read;
    void      *ctx;
    uint8_t   *buf;                       /* EVTX_CHUNK_BYTES, the caller's; the last chunk's bytes */
    uint64_t   at, lost_bytes;            /* lost: neither chunk nor zeros */
    uint64_t   until;                     /* no chunk that begins there or behind; 0: no bound */
    bool       has_header, header_crc_bad, dirty, full;
    uint64_t   next_id;                   /* of the next record, as the header says */
    uint16_t   chunk_n;                   /* as the header says */
};

/* Reads the header. Never fails for what is in it: without one, chunks are found by their signature. */
bool evtx_file_open(struct evtx_file *ret, evtx_read *read, void *ctx, uint8_t buf[EVTX_CHUNK_BYTES], struct err *e);
bool evtx_file_next(struct evtx_file *f, struct str *ret, uint64_t *ret_off, struct err *e);

/* ---- a chunk ---- */

struct evtx_tpl;
struct evtx_chunk {
    struct str       in;
    struct arena    *a;                   /* for names and templates; lives as long as the chunk */
    bool             has_header, header_crc_bad, cut;
    uint64_t         first_id, last_id;
    size_t           free_at;             /* end of the records, as the header says; 0: it says nothing sensible */
    size_t           pos;
    bool             in_slack;
    uint64_t         seen_id;
    uint32_t         records_crc, lost;   /* lost: places where a record should be and is not */
    uint32_t         steps, bytes;        /* spent */
    struct evtx_tpl *tpl[256];
};

struct evtx_record {
    size_t   off, size;
    uint64_t id, written;                 /* FILETIME */
    bool     slack;                       /* older, behind the last */
    bool     bad_size;                    /* its two sizes differ, or it ends outside of the chunk: what there is of it */
};

/* Takes any bytes: what is not a chunk gives no records. */
void evtx_chunk_open(struct evtx_chunk *ret, struct arena *a, struct str in);
/* Does the checksum over the records hold? Apart: it reads every byte, which a peek does not. */
bool evtx_chunk_whole(const struct evtx_chunk *c);
bool evtx_chunk_next(struct evtx_chunk *c, struct evtx_record *ret);

/* ---- values ---- */

enum evtx_type {
    EVTX_NULL = 0, EVTX_STRING, EVTX_ANSI, EVTX_INT8, EVTX_UINT8, EVTX_INT16, EVTX_UINT16, EVTX_INT32, EVTX_UINT32, EVTX_INT64, EVTX_UINT64, EVTX_REAL32,
    EVTX_REAL64, EVTX_BOOL, EVTX_BINARY, EVTX_GUID, EVTX_SIZE, EVTX_FILETIME, EVTX_SYSTEMTIME, EVTX_SID, EVTX_HEX32, EVTX_HEX64, EVTX_HANDLE = 32,
    EVTX_BINXML = 33, EVTX_XML = 35, EVTX_ARRAY = 128,
    EVTX_TEXT = 255,                      /* ours: text that stands in the document, UTF-8 */
};

struct evtx_value { uint8_t type; struct str raw; };

/* .p == NULL: arena full. A value of the wrong length gives its bytes in hex. An array gives its items with ", " between. */
struct str evtx_value_text(struct arena *a, struct evtx_value v);
/* Numbers of any width, also as text. */
bool evtx_value_number(struct evtx_value v, uint64_t *ret);
/* Takes the next item of an array off *rest. */
bool evtx_array_next(uint8_t type, struct str *rest, struct evtx_value *ret);

/* ---- records ---- */

enum evtx_system {
    EVTX_PROVIDER, EVTX_PROVIDER_GUID, EVTX_SOURCE_NAME, EVTX_EVENT_ID, EVTX_QUALIFIERS, EVTX_VERSION, EVTX_LEVEL, EVTX_TASK, EVTX_OPCODE, EVTX_KEYWORDS,
    EVTX_TIME, EVTX_RECORD_ID, EVTX_ACTIVITY, EVTX_RELATED, EVTX_PROCESS, EVTX_THREAD, EVTX_CHANNEL, EVTX_COMPUTER, EVTX_USER, EVTX_SYSTEM_N,
};

struct evtx_field { struct str name; struct evtx_value value; };

struct evtx_event {
    struct evtx_value  system[EVTX_SYSTEM_N];
    struct evtx_field *field;
    size_t             field_n;
    const char        *damaged;           /* NULL: whole */
};

/*
 * shape: records of one chunk with the same number have the same fields, and the same types of values. 0: of a kind that has none (elements that stand in the
 * record). values: where the values begin, up to the end of the record; what stands before them is of the template. Of shape 0, the whole record.
 */
struct evtx_peek { struct evtx_value provider, channel; uint32_t event_id; uint64_t shape; size_t values; };

/* `a`: for this record's fields and texts. */
bool evtx_event_read(struct evtx_chunk *c, const struct evtx_record *r, struct arena *a, struct evtx_event *ret, struct err *e);
/* `a` is used only for records without a template. */
bool evtx_event_peek(struct evtx_chunk *c, const struct evtx_record *r, struct arena *a, struct evtx_peek *ret, struct err *e);

/*
 * What evtx_event_read made of one record serves for the others of its shape, without walking the template again: evtx_layout_read gives for them what
 * evtx_event_read gives. scratch: the bytes that reading it took of its arena. *ret is NULL where that cannot be done (texts put together, arrays); it lives as
 * long as the chunk's arena.
 */
struct evtx_layout;
bool evtx_layout_make(struct evtx_chunk *c, const struct evtx_record *r, const struct evtx_event *ev, struct str scratch, struct evtx_layout **ret, struct err *e);
bool evtx_layout_read(struct evtx_chunk *c, const struct evtx_record *r, const struct evtx_layout *l, struct arena *a, struct evtx_event *ret, struct err *e);
/* The bytes of some fields alone: numbers of ev.field as it was when the layout was made. False: no record of the shape. */
bool evtx_layout_raw(const struct evtx_chunk *c, const struct evtx_record *r, const struct evtx_layout *l, const uint16_t *field, size_t n, struct str *ret);

/* The name of a System field as the JSON lines have it: "provider", "event_id" ... */
const char *evtx_system_name(enum evtx_system which);

#endif
