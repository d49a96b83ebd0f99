/* evtscan_inner: what the files of evtscan share: the state of one thread. evtscan.c goes through the records, evtscan_seek.c says which rules are asked of one. */
#ifndef DETECT_EVTSCAN_INNER_H
#define DETECT_EVTSCAN_INNER_H

#include "detect/evtscan.h"

#include "base/num.h"
#include "pack/ioc_read.h"

#include <string.h>

enum {
    SHAPES = 64, NAMES = 512, KINDS = 64, PROVIDER_BYTES = 120, NAME_BYTES = 48, TEXTS_MAX = 256, LISTED = 8, FOLDED_BYTES = EVTX_CHUNK_BYTES + TEXTS_MAX + 16, TEMPLATE_BYTES = 2 << 20, RECORD_BYTES = 3 << 20,
};

struct shape;
struct rec {
    struct evtx_record        r;
    const struct evt_channel *channel;
    const struct evt_bucket  *bucket;
    uint32_t                  id;
    uint32_t                  listed[LISTED]; /* the operator's indicators that were met: the first ones, rising */
    size_t                    listed_n;
    bool                      all;           /* every rule of the bucket is tried: the search says nothing of this record */
    const struct shape       *shape;         /* NULL: it has none */
};

/* Of a rule of the channel: in which record one of its literals was met last, and of which sets. Of a literal: in which record it was met last. */
struct met_rule { uint32_t age, sets; };
/* layout NULL: such records have to be walked. text: which of their fields hold texts that are searched. logon, has_logon: the one that holds LogonType, as a number. */
struct shape {
    uint64_t                  shape;
    const struct evt_channel *channel;
    struct evtx_layout       *layout;
    uint16_t                 *text, logon;
    size_t                    text_n;
    bool                      all, has_logon;
};
/* Are literals of the channel searched for in a field of that name? As it was found out last. */
struct asked { const struct evt_channel *channel; uint8_t n; bool is; uint8_t name[NAME_BYTES]; };

/* Records of one id, provider and kind of logon: which rules may fit at all. may, known: bit per rule of the channel. logon: UINT32_MAX where there is none. */
struct kind { const struct evt_channel *channel; uint32_t id, logon; uint8_t n, provider[PROVIDER_BYTES]; uint64_t *known, *may; };

struct evt_scan {
    const struct evt_plan *plan;
    uint8_t                system_drive;
    int64_t                since_us, until_us;
    uint8_t               *buf, *folded;
    struct rec             rec;
    struct evt_view        view;
    struct search_each_room *room;
    uint32_t               age;              /* of the record that is searched */
    uint32_t              *met_literal;
    struct met_rule       *met_rule;
    uint32_t              *want; size_t want_n;   /* rules of one record */
    struct arena           templates, record, names, *work, mark;
    struct shape           shape[SHAPES];
    struct asked           asked[NAMES];
    struct kind            kind[KINDS];
    /* The channel of the newest record. */
    const struct evt_channel *channel;
    struct evtx_value      channel_value;
    uint8_t                channel_raw[256];
    struct evt_outcome    *out;
    const struct evt_sink *sink;
    struct err            *e;
    uint32_t               node_id;
    uint64_t               offset;
    struct str             chunk;
};

/* The rules to be asked of s->rec, rising, in s->want; the operator's indicators in it. */
void evt_seek(struct evt_scan *s, struct evtx_chunk *c, const struct evtx_peek *p);

#endif
