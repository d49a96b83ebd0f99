/*
 * why: why a server is this organisation's, why two servers are one organisation's, and why a key joins nothing. For `afterpatch case why`.
 *
 * Shape    read from what the last update wrote (case_edge, case_tie, case_key, case_review): each key that a server has, with who says so, and each join that was
 *          made. So the answer is that of the whole grouping, not of the neighbourhood alone, and costs one read for each join on the way.
 * Words    sentences here are for people, one line each, without names of others' servers but those asked for. Values from outside stand in them as they came: hostile.
 * Sources  each key of a server says by what it is known: a link of a file (its name and line), an entry of a register or list, an MX record, or the survey.
 * Owner    everything in the arena.
 * Errors   of the store; ERR_MEMORY. False with ERR_NONE: no such server or key.
 * Bounds   WHY_KEYS_MAX keys of a server, WHY_STEPS_MAX servers of an organisation on the way, WHY_SERVERS_MAX servers of a key are told; `more` says that there are more.
 */
#ifndef CASEWORK_WHY_H
#define CASEWORK_WHY_H

#include "casework/group.h"
#include "store/store.h"

enum { WHY_KEYS_MAX = 1000, WHY_STEPS_MAX = 100000, WHY_SERVERS_MAX = 50 };

/* By what a key of a server is known. Numbers are those in case_edge. */
enum why_by { WHY_LINK, WHY_ENTRY, WHY_MX, WHY_CERTIFICATE, WHY_NAME, WHY_REVERSE_NAME, WHY_DIRECTORY /* AD domain */, WHY_PLACE /* RDAP, the operator's network files */, WHY_BYS };
const char *why_by_name(enum why_by by);               /* "link" */

struct why_given {                 /* who gave a server a key */
    enum why_by  by;
    enum org_key kind;
    int64_t      row;              /* number of the link, entry or MX row; 0 of the survey */
    struct str   source;           /* name of the source; "survey" */
    struct str   file; uint64_t line;                  /* empty, 0: not of a file */
    struct str   detail;           /* the host name or network in it that the key comes from; empty: nothing besides */
    uint8_t      confidence;
    bool         revoked;
    int64_t      observed_us;      /* TIME_NONE: not said */
};
struct why_key {
    int64_t      id;               /* case_key */
    enum org_class is;
    struct str   value;            /* clean */
    char         country[3];       /* of a certificate's organisation */
    enum group_state state;        /* what it does */
    uint32_t     assets, domains;
    struct str   why;              /* a sentence: "touches 45 domains that nothing else relates: a provider's" */
};
struct why_has {                   /* a key of one server */
    struct why_key   key;
    struct why_given given;
    uint8_t          weight, confidence;               /* confidence: weight and the row's own, multiplied */
    bool             joins;        /* it is one of the joins of this server */
    struct str       why;          /* a sentence: "mail.bakery.example is a name in its certificate (survey)" */
};
struct why_asset {
    int64_t        asset, org;
    struct str     name, org_name; /* may be empty */
    enum group_naming name_from;
    uint8_t        confidence;     /* of the strongest join, or of its best key when it is alone */
    bool           shared;
    uint32_t       servers;        /* of the organisation */
    struct why_has *has; size_t has_n;                 /* strongest first */
    bool           more;
    struct str     why;            /* a sentence: what ties it best */
};
/* Two servers, or a server and the one that its organisation has known longest. */
struct why_step {
    int64_t    from, to;           /* assets */
    struct str from_name, to_name;
    struct why_key   key, also;    /* also.id 0: one key was enough */
    uint8_t    weight, confidence;
    struct why_given from_given, to_given;             /* of `key` */
    struct why_given from_also, to_also;
    struct str why;                /* a sentence */
};
struct why_two {
    bool       joined;             /* false: step has the keys that both have, and why each joins nothing */
    int64_t    org_one, org_other;
    uint8_t    confidence;         /* of the weakest step */
    struct why_step *step; size_t step_n;
    struct str why;                /* a sentence */
};
struct why_about_key {
    struct why_key key;
    struct str     name;           /* of the provider, where one is known */
    int64_t        provider_org;   /* 0: nobody knows it */
    int64_t        ruled_us; struct str ruled_by, ruled_why; enum group_ruling ruled;      /* ruled 0: nobody has */
    struct { int64_t asset, org; struct str name; } server[WHY_SERVERS_MAX]; size_t server_n;   /* that have it */
    bool           more;
    struct str     review;         /* the review item about it, in words; empty: none */
};

bool why_asset(struct store *s, int64_t asset, struct arena *a, struct why_asset *ret, struct err *e);
bool why_two(struct store *s, int64_t one, int64_t other, struct arena *a, struct why_two *ret, struct err *e);
/* value as a person writes it; country only for ORG_CERT_ORG: "" or NULL for none. */
bool why_key(struct store *s, enum org_key kind, struct str value, const char *country, struct arena *a, struct why_about_key *ret, struct err *e);

/* A server as a person names it: its number, a host name, or an address ("192.0.2.1"). ret: the lowest number; *ret_n: how many it could be. False with ERR_NONE: none. */
bool why_find(struct store *s, struct str word, struct arena *a, int64_t *ret, size_t *ret_n, struct err *e);

/* The number of a key in case_key. clean: org_key_clean. */
int64_t why_key_number(enum org_class is, struct str clean);
/* Its value without the country of a certificate's organisation, which goes to ret_country. A view. */
struct str why_key_value(enum org_class is, struct str clean, char ret_country[3]);
/* "the domain bakery.example", "the number vat:DE123" ... .p NULL: no room. */
struct str why_key_words(enum org_class is, struct str clean, struct arena *a);

#endif
