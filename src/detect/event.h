/*
 * event: one log record in the words of the hunt, whichever log it came from.
 *
 * The columns of IIS, HttpProxy, ECP and the other logs differ by build and by family; rules, folding and sessions want the
 * same few facts of each. event_read takes them out once per candidate record.
 *
 * Client   the last X-Forwarded-For entry that is not itself the peer (c-ip) of a line that carries that field, where IIS logs
 *          it; else the peer. Ports and blanks go. (Report contract, "client".)
 * Query    what Exchange's front end appends (CorrelationID, ClientId, cafeReqId, RequestId, encoding) is taken off.
 * Owner    views into the record or into scratch; they live as long as both.
 * Source   proxylogon-evidence sections 2, 3.1, 4.1, 5 and 7; interchange-formats 4.3 for the Sigma names.
 */
#ifndef DETECT_EVENT_H
#define DETECT_EVENT_H

#include "detect/finding.h"
#include "formats/record.h"

/* Columns that event_read wants, found once per header of a file. */
enum column {
    COL_STEM, COL_QUERY, COL_METHOD, COL_STATUS, COL_CLIENT, COL_FORWARDED, COL_AGENT, COL_REFERER, COL_ACCOUNT, COL_SENT,
    COL_SERVER, COL_SERVER_IP, COL_PORT, COL_REQUEST_ID, COL_ANCHOR, COL_COOKIE, COL_HINT, COL_HOST, COL_MAJOR, COL_MINOR,
    COL_BUILD, COL_REVISION, COL_AUTHENTICATED, COL_TARGET, COL_WEB_COOKIE, COL_COUNT
};

enum { EVENT_PROXIES_MAX = 64 };
struct proxies { struct arena *keep; struct str ip[EVENT_PROXIES_MAX]; size_t n; };   /* peers of lines that carry X-Forwarded-For */

/* How the columns of one file answer; made anew when its header changes. */
struct binding {
    uint32_t generation;
    bool     made;
    int16_t  col[COL_COUNT];
    size_t   last;               /* the columns that anything here names are all before this one */
    int16_t *field;              /* per index of sigma.field: column, or -1; room for sigma.field_n from the caller */
    uint8_t *derived;            /* per index of sigma.field: which value of ours it is, 0: none; likewise */
    bool     named;              /* `derived` is filled already: it is the same for all logs */
};

struct event {
    enum family family;
    struct str  stem, query_raw;         /* as logged */
    struct str  url, query;              /* canonical; what Exchange appends removed */
    struct str  method, client, peer, user_agent, account, server, server_ip, host, referer;
    struct str  canary, request_id, mailbox, path, key;
    struct str  target_host, target_path, target_query;   /* of a forged request */
    struct str  command, set_url;        /* ECP: the cmdlet, the value given to ExternalUrl or InternalUrl */
    uint16_t    status, version[4];
    uint64_t    sent_bytes;
    struct str  forwarded;               /* X-Forwarded-For as logged */
    bool        active, no_referer, authenticated, forged, foreign, set_plain, has_set;
};

/* Fills binding.derived, once for many bindings. */
void binding_derive(uint8_t *derived, const struct sigma *sigma);
void binding_make(struct binding *b, const struct columns *cols, const struct sigma *sigma);
/* The value of `name=` in a query, up to '&', ';', '#' or a blank; .p == NULL: the query has no such item. */
struct str event_query_value(struct str query, struct str name);

/* The client of a request by the contract; a peer of a forwarded request is learnt as a proxy when `seen` has an arena. */
struct str event_client(struct str peer, struct str forwarded, struct proxies *seen);
bool event_read(struct event *ret, enum family family, const struct record *r, const struct binding *b, struct proxies *seen,
                const struct ev *ev, struct arena *scratch);

/* What sigma_match asks for values through. */
struct event_view {
    const struct event   *event;
    const struct record  *record;
    const struct binding *binding;
    const struct sigma   *sigma;
    struct arena         *scratch;
};
size_t event_field(void *ctx, uint32_t field, struct str *ret);

/*
 * A row of an IIS log (W3C columns), asked before it is known to be of any interest: what a rule asks for is derived when it asks, and equals what
 * event_read would have given. The columns behind binding.last need not be cut.
 */
enum { EVENT_TOLD = 4 };
struct event_early {
    struct event      event;
    struct event_view view;
    bool              has_url, has_query;
    /* Values that take joining or decoding, as they were given before: many rules ask for the same. */
    struct { uint8_t derived; uint8_t n; struct str value[SIGMA_VALUES_MAX]; } told[EVENT_TOLD];
    size_t            told_n;
};
void   event_early(struct event_early *ret, enum family family, const struct record *r, const struct binding *b, const struct sigma *sigma,
                   struct proxies *seen, struct arena *scratch);
size_t event_field_early(void *ctx, uint32_t field, struct str *ret);     /* ctx: struct event_early */

/* Does the stem alone tell this field? derived: of binding.derived. */
bool event_of_stem(uint8_t derived);
/* Of these fields only what the stem alone tells; SIGMA_UNKNOWN for the rest. */
size_t event_field_of_stem(void *ctx, uint32_t field, struct str *ret);

/* Names of the fields that event_field derives, NULL-ended, for docs and `rules check`. */
extern const char *const event_field_names[];
/* Those among them whose values do not stand in the record's raw text, NULL-ended: no literal may be taken from them. */
extern const char *const event_derived_names[];
/* Those whose values are put together or decoded: the raw text may spell all but letters, digits and "-_./" in another way. */
extern const char *const event_decoded_names[];

/* The request item that a planted script reads (its "key"), found in text that holds one; empty when there is none. */
struct str event_script_key(struct str text);

#endif
