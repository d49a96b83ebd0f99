/* ladder_inner: what the files of ladder.h share: ladder_read.c reads many cases at once, ladder_keys.c knows what a case is known by, ladder_path.c where mail goes, ladder_against.c what speaks against an
 * address, ladder.c climbs. */
#ifndef CASEWORK_LADDER_INNER_H
#define CASEWORK_LADDER_INNER_H

#include "base/map.h"
#include "base/net.h"
#include "casework/ladder.h"
#include "casework/suppress.h"
#include "store/bind.h"

/* A row of case_contact. */
struct ladder_row {
    int64_t    id;
    enum contact_channel channel;
    struct str address, role, name, language, pgp, source;
    int64_t    observed_us, until_us, recorded_us;
    uint8_t    rung;
    bool       manual;
};
struct ladder_rows { struct ladder_row *row; size_t n, cap; };

/* A domain that ties the case: weak: a provider's, or known by a reverse name alone. */
struct ladder_domain { struct str value; bool weak; };
struct ladder_keys {
    int64_t    campaign, org;
    struct str slug, own_country;
    struct str *entry;      size_t entry_n, entry_cap;             /* "list:number" */
    struct ladder_domain *domain; size_t domain_n, domain_cap;
    uint8_t  (*ip)[16];     size_t ip_n, ip_cap;
    uint32_t  *asn;         size_t asn_n, asn_cap;
    char     (*country)[3]; size_t country_n, country_cap;         /* of its servers, then of the organisation */
};

/* What contacts of a case are about. weak: it is the route to the victim, and not the victim; wide: so it is, but for what a person stated. width: of a network; 0 of all else. */
struct ladder_about { enum contact_about about; struct str value; bool weak, wide; uint8_t width; };

/* Networks that contacts are about. */
struct ladder_net { struct str value; uint8_t width; };
struct ladder_nets { struct net_set set; struct net_entry *piece; size_t piece_n; struct ladder_net *net; size_t net_n; };

/* What is known against one address of a channel, by whomever it was stated. */
struct ladder_against { int64_t dead_us, rests_us, dropped_us, hand_us /* newest statement by hand */; bool dropped_dead; int64_t *wrong_org; size_t wrong_n, wrong_cap; };

/* A server of a campaign whose mail cannot be trusted, by an address or certificate; sorted. */
struct ladder_at { uint8_t key[16]; bool tls; uint32_t server; };
struct ladder_campaign { int64_t id; struct ladder_at *at; size_t n, cap; int64_t *server; size_t server_n, server_cap; };

struct ladder_known { enum mail_path path; struct str why, bucket; };

/* A host (a name; has_ip, has_tls). at_ip, at_name: the server that nobody vouches for with this address or name; 0: none. */
struct ladder_host { struct str name; uint8_t ip[16], tls[32]; bool has_ip, has_tls; int64_t at_ip, at_name; };
struct ladder_mx { struct ladder_host h; int64_t us; };
struct ladder_mxs { struct ladder_mx *mx; size_t n, cap; };        /* of a domain, newest first */
struct ladder_server { int64_t asset; struct str name /* or its address */; enum exposure exposure; enum compromise compromise; };
struct ladder_case { int64_t id; struct ladder_keys k; struct ladder_about *of; size_t of_n, of_cap; };

/* What is on record of some cases of one campaign: all that a climb asks for. */
struct ladder_set {
    struct ladder *l;
    struct arena  *a;
    int64_t        campaign;
    struct ladder_case *c; size_t n, c_cap;
    struct map by_about[CONTACT_ABOUTS]; struct ladder_rows *rows; size_t rows_n, rows_cap;
    struct map by_domain; struct ladder_mxs *mx;     size_t mx_n, mx_cap;
    struct map by_host;   int64_t *host;             size_t host_n, host_cap;
    struct ladder_server *server;                    size_t server_n, server_cap;
};

struct ladder {
    struct store *s;
    int64_t       now_us;
    struct arena *a;
    struct suppress_list suppressed;
    struct ladder_nets nets;
    struct map    by_address; struct ladder_against *against; size_t against_n, against_cap; /* "channel address" of whom anything is known */
    struct map    seen_path;  struct ladder_known *path;      size_t path_n, path_cap;
    struct ladder_campaign *campaign; size_t campaign_n, campaign_cap;
    struct ladder_set ahead;
};

bool ladder_no_room(struct err *e);
/* A copy; an empty text takes no room. */
bool ladder_keep(struct arena *a, struct str s, struct str *ret, struct err *e);

/* ladder_keys.c */
bool ladder_nets_load(struct ladder *l, struct err *e);
/* Cases, by number, and what they are known by; those that do not exist are left out. */
bool ladder_keys_read(struct ladder_set *x, const int64_t *case_, size_t n, struct err *e);

/* ladder_read.c */
typedef bool ladder_take(struct ladder_set *x, struct store_stmt *st, struct err *e);
bool ladder_each(struct ladder_set *x, const char *sql, const struct bound *v, size_t n, ladder_take *take, struct err *e);
bool ladder_set_read(struct ladder_set *x, const int64_t *case_, size_t n, struct err *e);
struct ladder_case *ladder_case_of(const struct ladder_set *x, int64_t case_);             /* NULL: not read, or there is none */
struct ladder_rows *ladder_rows_of(const struct ladder_set *x, enum contact_about about, struct str value);        /* NULL: none */
bool ladder_mail_domain(struct arena *a, enum contact_channel channel, struct str address, struct str *ret);       /* lower case, .p NULL: no room. False: not mail */
bool ladder_portal_host(struct arena *a, enum contact_channel channel, struct str url, struct str *ret);           /* the same, of "https://HOST:PORT/..." */
struct str ladder_said_by(const struct ladder_row *r);         /* the host whose security.txt says so; empty: somebody else does */

/* ladder_against.c */
bool ladder_against_load(struct ladder *l, struct err *e);
/* Nothing known: all TIME_NONE. */
bool ladder_against_read(struct ladder *l, enum contact_channel channel, struct str address, struct arena *scratch, struct ladder_against *ret, struct err *e);

/* ladder_path.c: MX rows of domains, servers of hosts; then, without the store, is a host a server of the campaign that cannot be trusted? *ret_why: in words; empty: no. */
bool ladder_mail_read(struct ladder_set *x, const struct str *domain, size_t n, const struct str *host, size_t host_n, struct err *e);
bool ladder_collides(const struct ladder_set *x, const struct ladder_host *h, struct arena *a, struct str *ret_why, struct err *e);
struct ladder_host ladder_host_of(const struct ladder_set *x, struct str name);
bool ladder_path_of(struct ladder_set *x, struct str domain, struct arena *a, enum mail_path *ret, struct str *ret_why, struct str *ret_bucket, struct err *e);

#endif
