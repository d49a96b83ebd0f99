/* ladder_inner: what the files of ladder.h share: ladder.c climbs, ladder_keys.c knows what a case is known by, ladder_against.c what speaks against an address, ladder_path.c where mail goes. */
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
    uint8_t    rung, of;
    bool       manual;
};
struct ladder_rows { struct ladder_row *row; size_t n; };

/* A domain that ties the case: weak: a provider's, or known by a reverse name alone. */
struct ladder_domain { struct str value; bool weak; };
struct ladder_keys {
    int64_t    campaign, org;
    struct str slug;
    struct str *entry;      size_t entry_n;            /* "list:number" */
    struct ladder_domain *domain; size_t domain_n;
    uint8_t  (*ip)[16];     size_t ip_n;
    uint32_t  *asn;         size_t asn_n;
    char     (*country)[3]; size_t country_n;          /* of its servers, then of the organisation */
};

/* Networks that contacts are about. */
struct ladder_net { struct str value; uint8_t width; };
struct ladder_nets { struct net_set set; struct net_entry *piece; size_t piece_n; struct ladder_net *net; size_t net_n; };

/* What is known against one address of a channel, by whomever it was stated. */
struct ladder_against { int64_t dead_us, rests_us, dropped_us, hand_us /* newest statement by hand */; bool dropped_dead; int64_t *wrong_org; size_t wrong_n, wrong_cap; };

/* A server of a campaign whose mail cannot be trusted, by an address or certificate; sorted. */
struct ladder_at { uint8_t key[16]; bool tls; uint32_t server; };
struct ladder_campaign { int64_t id; struct ladder_at *at; size_t n, cap; int64_t *server; size_t server_n, server_cap; };

struct ladder_known { enum mail_path path; struct str why, bucket; };
struct ladder {
    struct store *s;
    int64_t       now_us;
    struct arena *a;
    struct store_stmt *of_case, *keys, *contacts, *mx, *by_name, *server;
    struct suppress_list suppressed;
    struct ladder_nets nets;
    struct map    seen_rows;  struct ladder_rows *rows;       size_t rows_n, rows_cap;       /* of countries, networks and ASNs: many cases share them */
    struct map    by_address; struct ladder_against *against; size_t against_n, against_cap; /* "channel address" of whom anything is known */
    struct map    seen_path;  struct ladder_known *path;      size_t path_n, path_cap;
    struct ladder_campaign *campaign; size_t campaign_n, campaign_cap;
};

bool ladder_no_room(struct err *e);
/* A copy; an empty text takes no room. */
bool ladder_keep(struct arena *a, struct str s, struct str *ret, struct err *e);

bool ladder_nets_load(struct ladder *l, struct err *e);
/* False with ERR_USAGE: no such case. */
bool ladder_keys_read(struct ladder *l, int64_t case_, struct arena *a, struct ladder_keys *ret, struct err *e);
/* Contacts about one value; kept for the next who asks when `share`. */
bool ladder_rows_about(struct ladder *l, enum contact_about about, struct str value, struct ladder_rows *ret, struct err *e);
/* Contacts of up to LADDER_ABOUTS values at once: each row's `of` says which. Less than n of them: about 0 with an empty value. */
enum { LADDER_ABOUTS = 6 };
struct ladder_about { enum contact_about about; struct str value; bool weak; };
bool ladder_rows_of(struct ladder *l, const struct ladder_about *x, size_t n, struct arena *a, struct ladder_rows *ret, struct err *e);

bool ladder_against_load(struct ladder *l, struct err *e);
/* Nothing known: all TIME_NONE. */
bool ladder_against_read(struct ladder *l, enum contact_channel channel, struct str address, struct arena *scratch, struct ladder_against *ret, struct err *e);

bool ladder_path_open(struct ladder *l, struct err *e);
/* Is a host (a name; has_ip, has_tls) a server of the campaign that cannot be trusted? *ret_why: in words; empty: no. at_ip, at_name: the server with this address or name, where
   `asked`; 0: none. */
struct ladder_host { struct str name; uint8_t ip[16], tls[32]; bool has_ip, has_tls, asked; int64_t at_ip, at_name; };
bool ladder_collides(struct ladder *l, int64_t campaign, const struct ladder_host *h, struct arena *a, struct str *ret_why, struct err *e);

#endif
