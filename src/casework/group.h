/*
 * group: which servers belong to one organisation. Worked out anew from links each time, so that a wrong merge is undone by revoking a link.
 *
 * Shape    a grouping takes servers ("assets") and links: somebody says that this asset has that key. groups_make gives groups, providers and what
 *          a person has to decide. Nothing is stored here, and nothing joins two assets but what groups_why can show.
 * Rules    1. A link counts from confidence_min on, and not when it is revoked; the others are shown only. Of several links that say the same the
 *             strongest counts.
 *          2. Two assets are joined by a key that both have with join_weight or more; or by two keys of different classes whose weights (of each the
 *             lower of the two assets') sum to pair_weight or more: two networks repeat one source, a network and a reverse name do not.
 *          3. A key that touches more than provider_domains otherwise unrelated domains is a provider's: it joins nothing, and names no group.
 *             With more than doubt_domains, on most of its assets and on few each, it joins nothing either, until somebody rules what it is: a managed service with six customers and a family of
 *             six firms look alike, and telling one customer of another does more harm than two letters to one firm. Register numbers are exempt.
 *             Related: two assets under the key share another domain or register number that at most half of the key's assets have; what
 *             more of them have says the same as the key, and is no other domain either. Assets whose only domain is a provider's are its own: it joins them.
 *          4. An asset with more than provider_domains domains that nothing else relates is shared (hosting, a smart host): its domains join it to no
 *             owner; only shared assets to each other, when shared_min or more have one in common.
 *          5. No join puts two numbers of one register, or two entries of one list, into one group. Such a key joins nothing, and becomes a review item;
 *             only when a clear majority of its assets (dominant_*) carries one number they and those without any join, and the rest stays apart;
 *             under a key whose assets have unrelated domains besides it, only when that majority is half of all.
 *             An asset that itself carries two numbers carries none until somebody revokes one.
 *          6. Strong keys first, then those with many assets (a wrong number shows there), then by their bytes; pairs last. So weak evidence
 *             never spoils strong.
 *          7. A name comes from: register > certificate > constituency > domain. Within one kind: most assets, then the shorter, then by bytes.
 *          8. Sector and size come from a register or a constituency list, never from a feed: there they describe the network's holder.
 *             The country of the organisation comes from these or a vouched certificate, never from the address; those of addresses are told apart.
 *          9. One asset alone does not join two groups of bridge_min or more: an old certificate or a mistyped row would make one organisation of two. It stays
 *             where the stronger key put it, and becomes a review item.
 * Order    the same assets and links in any order give the same result, byte for byte. Groups are sorted by their lowest asset.
 * Bounds   GROUP_ASSETS_MAX, GROUP_LINKS_MAX, GROUP_KEYS_MAX: ERR_LIMIT. About 80 bytes a link and 500 a distinct key in the arena.
 * Owner    everything in the arena; link and asset strings are copied.
 * Errors   ERR_LIMIT, ERR_MEMORY. A value that is none (key.h) is counted in `unusable`, not an error.
 * Not done host names are not reduced to registrable domains here; time: a link that ended is for the caller to leave out or revoke.
 * Source   notification sheet, 2.1 and 2.2. Rule 9 and the numbers of rules 3 (doubt) and 5 (majority) are ours, measured on the laboratory's campaign.
 */
#ifndef CASEWORK_GROUP_H
#define CASEWORK_GROUP_H

#include "base/arena.h"
#include "base/err.h"
#include "casework/key.h"

enum { GROUP_ASSETS_MAX = 4 << 20, GROUP_LINKS_MAX = 64 << 20, GROUP_KEYS_MAX = 16 << 20, GROUP_TEXT_MAX = 256, GROUP_COUNTRIES_MAX = 8 };

struct group_rules {
    uint8_t  confidence_min, join_weight, pair_weight;
    uint32_t provider_domains, doubt_domains;     /* more than these */
    uint32_t dominant_min, dominant_percent;      /* so many assets with the number, and such a share of those that carry any */
    uint32_t shared_min;                          /* shared assets with a domain in common */
    uint32_t bridge_min;                          /* groups of so many are not joined by one asset alone */
};
extern const struct group_rules group_defaults;   /* 50, 75, 90; 20, 4; 3, 75; 3; 5 */

struct group_link {
    uint64_t     asset;            /* the caller's stable number */
    enum org_key kind;
    struct str   value;            /* as it came; key.h cleans it */
    uint8_t      confidence;       /* 0..100 */
    bool         revoked;
    uint32_t     source;           /* the caller's number of who says so; told back */
    struct str   name, sector, size;   /* of the register's or list's row; empty: not said. Elsewhere they are ignored (rule 8) */
    char         country[3];       /* of the organisation: register, list, subject of the certificate. Elsewhere ignored */
};

struct grouping;
/* rules NULL: group_defaults. The arena is the grouping's and the result's, and nothing else is pushed on it meanwhile for the figures above to hold. */
bool grouping_open(struct grouping **ret, struct arena *a, const struct group_rules *rules, struct err *e);
/* An asset without links is known by this alone. country: of its address, may be "" or NULL; several calls, several addresses. */
bool grouping_asset(struct grouping *g, uint64_t id, const char *country, struct err *e);
bool grouping_link(struct grouping *g, const struct group_link *l, struct err *e);
/* What a person decided about a key: it is an owner's (rule 3 does not apply), or a provider's. The last word for one key wins: `when` decides, then PROVIDER. */
enum group_ruling { GROUP_OWNER = 1, GROUP_PROVIDER };
bool grouping_rule(struct grouping *g, enum org_key kind, struct str value, const char *country, enum group_ruling what, int64_t when_us, struct err *e);

enum group_state {                 /* what a key does */
    GROUP_KEY_LONE,                /* one asset has it */
    GROUP_KEY_WEAK,                /* too weak alone */
    GROUP_KEY_JOINS, GROUP_KEY_PROVIDER, GROUP_KEY_DOUBT,
    GROUP_KEY_REFUSED              /* rule 5 */
};
const char *group_state_name(enum group_state s);

struct group_key {
    enum org_class is;
    struct str value;              /* clean */
    enum group_state state;
    uint32_t assets, domains;      /* that have it; unrelated domains among them, 0: not counted, there are few assets */
};

enum group_naming { GROUP_NAME_NONE, GROUP_NAME_REGISTER, GROUP_NAME_CERT, GROUP_NAME_LIST, GROUP_NAME_DOMAIN };
struct group {
    uint64_t id;                   /* its lowest asset; follow.h keeps an organisation's own number across recomputing */
    uint32_t first, n;             /* its members, in member[] */
    struct str name; enum group_naming name_from;
    struct str sector, size; uint32_t sector_source, size_source;   /* empty: nobody said */
    char     country[3];           /* of the organisation; "" unknown */
    char     address_country[GROUP_COUNTRIES_MAX][3]; uint32_t address_countries;   /* sorted, distinct; more are left out */
    uint8_t  confidence;           /* of the weakest join in it; alone: of the asset's best key */
};
struct group_member {
    uint64_t asset;
    uint32_t group;
    uint8_t  confidence;           /* of the strongest join, 0..100: weight and confidence multiplied */
    bool     shared;               /* rule 4 */
    uint32_t key, source;          /* what ties it best, and who says so; GROUP_NONE: nothing */
};
/* operates: its name stands on the servers. hosts: they stand in its network. carries: it holds the addresses; a way to forward, no more. */
enum group_provides { GROUP_OPERATES, GROUP_HOSTS, GROUP_CARRIES };
struct group_provider {
    uint32_t key;
    enum group_provides how;
    uint32_t own;                  /* the provider's own group: the only one under the key without any other domain; GROUP_NONE: cannot tell */
    uint32_t first, n;             /* operates-for: assets under the key, in operated[], without those of `own` */
};
struct group_operated { uint64_t asset; uint32_t group; };
enum group_ask {
    GROUP_ASK_TWO_NUMBERS,         /* a key would join two numbers of one register, or two entries: refused */
    GROUP_ASK_TORN,                /* one asset carries two numbers */
    GROUP_ASK_PROVIDER,            /* rule 3, doubt: an owner or a provider? */
    GROUP_ASK_BRIDGE,              /* rule 9: one asset stands between two groups */
    GROUP_ASK_WIDE_ENTRY           /* a constituency entry touches so many domains that it joins nothing: is its range stale? */
};
struct group_review {
    enum group_ask what;
    uint32_t key, one, other;      /* the key; the two numbers that exclude each other, or GROUP_NONE */
    uint64_t asset;                /* an asset to look at: the lowest */
    uint32_t assets;               /* how many the answer touches */
};
struct group_counts { uint64_t links, revoked, faint, unusable, kept; uint32_t keys, shared; };   /* faint: below confidence_min; kept: distinct (asset, key) */

enum { GROUP_NONE = UINT32_MAX };
struct groups {
    struct group          *group;    uint32_t group_n;
    struct group_member   *member;   uint32_t member_n;      /* by group, then asset */
    struct group_key      *key;      uint32_t key_n;         /* by class, then value */
    struct group_provider *provider; uint32_t provider_n;    /* by key */
    struct group_operated *operated; uint32_t operated_n;
    struct group_review   *review;   uint32_t review_n;      /* by assets touched, most first; then by kind and key */
    struct group_counts    counts;
    const struct grouping *from;
};
/* Once for each grouping. */
bool groups_make(struct grouping *g, struct groups *ret, struct err *e);
/* NULL: no such asset. */
const struct group_member *groups_find(const struct groups *g, uint64_t asset);

/*
 * Why two assets are one organisation's: the chain of joins between them, the strongest there is. joined false: they are not in one group; then
 * `step` names the keys that both have, and state says why each joins nothing.
 */
struct group_step {
    uint64_t from, to;             /* assets */
    uint32_t key, also;            /* `also`: the second of a pair, or GROUP_NONE */
    uint8_t  weight;               /* of the key, or the pair's sum */
    uint8_t  confidence;
    uint32_t source, source_to;    /* who gave the key to either asset */
};
struct group_why { bool joined; struct group_step *step; uint32_t step_n; };
/* False with ERR_NONE: an asset is not known. Steps in the arena. */
bool groups_why(const struct groups *g, uint64_t one, uint64_t other, struct arena *a, struct group_why *ret, struct err *e);
/* All keys of one asset, strongest first, each as a step from the asset to itself. */
bool groups_keys(const struct groups *g, uint64_t asset, struct arena *a, struct group_why *ret, struct err *e);
/* The joins that were made with this asset, by the other's number. All of them together are a tree for each group, and groups_why walks it. */
bool groups_joins(const struct groups *g, uint64_t asset, struct arena *a, struct group_why *ret, struct err *e);

#endif
