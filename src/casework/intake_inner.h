/*
 * intake_inner: what the kinds share. intake.c drives; intake_table.c reads tables, intake_values.c values; each kind has a file of its own.
 */
#ifndef CASEWORK_INTAKE_INNER_H
#define CASEWORK_INTAKE_INNER_H

#include "casework/intake.h"
#include "formats/csvtable.h"
#include "formats/jsontree.h"
#include "formats/mailaddr.h"

struct intake;
struct intake_row;

/* A column that a table may have. Several names for one field; the first is also the field's name in --map. Ends with .name == NULL. */
enum { INTAKE_FIELDS = 48 };
struct intake_column { const char *name; uint8_t field; };     /* name: folded as csv_name_fold does */
#define HAS(field) (UINT64_C(1) << (field))

struct intake_kind {
    const char *name, *about;
    bool of_campaign, vouches;
    /* A table. `all` and, unless they are 0, one of `any` and one of `any2`: then it can be read so. To be told by its content `mine` must agree as well, where there is one;
       `sure` decides between several. */
    const struct intake_column *column;
    uint64_t all, any, any2; uint8_t sure;
    bool (*mine)(uint64_t has);
    bool (*row)(struct intake *m, const struct intake_row *r);         /* false: the import stops */
    bool (*header)(struct intake *m, uint64_t has);                    /* before the first row; NULL: nothing to do */
    /* JSON of its own shape. */
    int  (*fits)(struct str head);                                     /* 0 not mine .. 100 certain */
    bool whole;                                                        /* a file is one object of many: `object` begins and ends the rows in it */
    bool (*object)(struct intake *m, const struct jt *t, const struct jt_node *root);
};
extern const struct intake_kind intake_idf, intake_stix, intake_misp, intake_register, intake_constituency, intake_mx, intake_link, intake_tip, intake_statement,
                                intake_optout, intake_csirt;

struct intake {
    const struct intake_options *opt;
    const struct intake_kind    *kind;
    const struct intake_sink    *sink;
    struct intake_result        *ret;
    struct arena                *keep;     /* as long as the result */
    struct arena                 file;     /* as long as the file */
    struct arena                 row;      /* for each row anew */
    struct arena                 a;        /* what is left of it for the row under way */
    struct rows                 *rows;
    struct err                  *e;
    bool                         stopped;
    uint32_t                     noted;    /* bits of notes that are given once */
    /* The row under way. */
    uint64_t line;
    struct str raw;
    uint64_t given, refused;               /* items, parts */
    struct case_source source;             /* of the row */
};
struct intake_row { struct str f[INTAKE_FIELDS]; uint64_t has; };      /* trimmed; has: the file has this column */

/* --- what a kind does with a row --- */
/* Gives an item to the sink. what, line and source are filled here. False: the row is over: it was refused, or the import stops. */
bool intake_give(struct intake *m, struct intake_item *x, enum intake_what what);
/* The row cannot be used, and nothing of it is given. Always gives what to return: go on? */
bool intake_broken(struct intake *m, const char *why);
/* A part of it cannot. */
bool intake_part(struct intake *m, const char *why);
void intake_note(struct intake *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
enum { NOTE_ZONE = 1, NOTE_SECTOR = 2, NOTE_SIZE = 4, NOTE_RECEIVED = 8, NOTE_CUT = 16, NOTE_KIND = 32 };
/* True the first time. */
bool intake_once(struct intake *m, uint32_t note);
void intake_row_begin(struct intake *m, uint64_t line, struct str raw);
/* Counts it. False: the import stops. */
bool intake_row_end(struct intake *m, bool go);

/* --- values. Text to value; empty: nothing. False: it cannot be read, and why is told --- */
extern const char intake_no_time[], intake_future[], intake_past[], intake_no_ip[], intake_no_port[], intake_no_server[], intake_no_number[], intake_no_country[], intake_no_confidence[],
                  intake_no_network[], intake_no_domain[], intake_no_pgp[], intake_too_many[];
bool intake_time(struct intake *m, struct str s, int64_t *ret, const char **ret_why);      /* refuses what cannot have been observed */
bool intake_date(struct intake *m, struct str s, int64_t *ret, const char **ret_why);      /* also of the future: valid until */
bool intake_country(struct str s, char ret[3]);
bool intake_asn(struct str s, uint32_t *ret);          /* "AS64500", "64500" */
bool intake_percent(struct str s, uint8_t *ret);       /* "80", "80%", "0.8", "95.0", "high" */
bool intake_network(struct str s, uint8_t first[16], uint8_t last[16]);    /* "192.0.2.0/24", "192.0.2.0-192.0.2.7", one address */
/* The registrable domain of a host name, domain or mail address; empty: none. */
struct str intake_domain(struct intake *m, struct str s);
struct str intake_sector_or_note(struct intake *m, struct str word);
struct str intake_size_or_note(struct intake *m, struct str word);
struct str intake_language(struct str s);              /* "de" of "de-AT", "de_AT"; empty: none */
/* "1", "yes", "true", "ja": 1; "0", "no": 0; else -1 */
int intake_yes(struct str s);
/* The next of a list parted by blanks, ';', ',' or '|'. */
bool intake_next(struct str *rest, struct str *ret);
/* Cuts a URL, "host:port", an address or a name into the subject. False: none of these. */
struct intake_server { struct subject s; struct str name[LEDGER_NAMES_MAX]; };
void intake_server(struct intake_server *x);           /* empty */
bool intake_target(struct intake *m, struct intake_server *x, struct str text);
bool intake_name(struct intake *m, struct intake_server *x, struct str name);              /* one host name more; what is none is false */
bool intake_has_server(const struct intake_server *x);
/* Does this word mean the campaign that is read for? Its slug or its group, folded; -1: nothing is said. */
int intake_campaign_word(const struct intake *m, struct str word);
/* Contacts of a list of mail addresses, all else as in `base`. Each that is none is told as a part. *ret_n: how many were given. */
bool intake_mails(struct intake *m, struct str list, const struct case_contact *base, size_t *ret_n);
/* A fingerprint as capitals without blanks; a key id is none. False: it is none. */
bool intake_pgp(struct intake *m, struct str s, struct str *ret);

/* --- what people claim of a server, in their words --- */
struct intake_claim { const char *word; enum fact_kind kind; int32_t value; bool doubt; };     /* doubt: a suspicion, however sure they are */
/* NULL: no word that is known. "back door", "Backdoor" and "back_door" are one; a CVE is a claim to be vulnerable. */
const struct intake_claim *intake_claim_find(struct str word);

/* --- columns that several tables have, for the servers they speak of --- */
enum { F_SERVER, F_IP, F_HOST, F_PORT, F_NODE, F_ADDOMAIN, F_TLS, F_FREE };    /* a table's own begin at F_FREE */
#define INTAKE_SERVER_COLUMNS \
    { "server", F_SERVER }, { "target", F_SERVER }, { "asset", F_SERVER }, { "url", F_SERVER }, { "ip", F_IP }, { "address", F_IP }, { "addr", F_IP }, { "ipaddress", F_IP }, \
    { "host", F_HOST }, { "hostname", F_HOST }, { "fqdn", F_HOST }, { "port", F_PORT }, { "node", F_NODE }, { "computer", F_NODE }, { "computername", F_NODE }, { "servername", F_NODE }, \
    { "addomain", F_ADDOMAIN }, { "tls", F_TLS }, { "certsha256", F_TLS }, { "tlssha256", F_TLS }
/* False with *ret_why: the row is broken. Nothing said at all is true: ask intake_has_server. */
bool intake_row_server(struct intake *m, const struct intake_row *r, struct intake_server *x, const char **ret_why);

/* --- reading --- */
bool intake_tables(struct intake *m);                  /* CSV */
bool intake_objects(struct intake *m, struct str head);
/* Bits of the fields that these names stand for. */
uint8_t intake_field(const struct intake_kind *k, struct str name);    /* INTAKE_FIELDS: none */
const struct intake_kind *intake_kind_of_header(struct str line, struct str map, struct arena scratch);
const struct intake_kind *intake_kind_of_object(const struct jt *t, const struct jt_node *root);

#endif
