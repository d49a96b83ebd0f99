/*
 * import_inner: what the readers share. import.c drives; import_csv.c, import_json.c, import_xml.c and import_mail.c read one family each, and hand its rows
 * to the formats' own files.
 */
#ifndef SURVEY_IMPORT_INNER_H
#define SURVEY_IMPORT_INNER_H

#include "formats/csvtable.h"
#include "formats/jsontree.h"
#include "formats/rows.h"
#include "formats/xmlpush.h"
#include "survey/announce.h"
#include "survey/import.h"

struct import {
    const struct import_options *opt;
    const struct obs_sink *sink;
    struct import_result  *ret;
    struct arena          *keep;       /* as long as the result */
    struct arena           file;       /* as long as the file */
    struct arena           row;        /* by value into each row */
    struct rows           *rows;
    struct err            *e;          /* of the sink */
    bool                   stopped;    /* the sink said so, or memory is out */
    bool                   zoneless;   /* it was said that times have no zone */
    struct observation     o;          /* the one under way */
};

/* What the present row is, for its observations and for broken ones. */
struct import_row { uint64_t line; struct str raw; };

extern const char import_no_time[], import_future[], import_past[], import_no_target[], import_no_ip[], import_not_this[];

/* Starts an observation of this format, with report and line set. */
struct observation *import_begin(struct import *m, const struct import_row *row);
/* Gives it to the sink, or counts it as other or broken. True: go on. */
bool import_take(struct import *m, const struct import_row *row);
bool import_broken(struct import *m, const struct import_row *row, const char *why);
void import_note(struct import *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Text to o->observed_us. Empty: nothing. False: it cannot be read (the row is then broken: say so). */
bool import_time(struct import *m, struct str text);
bool import_epoch(struct import *m, struct str seconds);
bool import_ip(struct import *m, struct str text);
void import_claim(struct import *m, enum claim_kind kind, struct str about, struct str detail);
void import_country(struct import *m, struct str cc);
void import_as(struct import *m, struct str number);
/* "mail.example.org:443", "https://mail.example.org/owa/", "[2001:db8::1]:443": its host as name or address, its port. Gives the path of a URL. */
struct str import_target(struct import *m, struct arena *a, struct str text);

/* ---- CSV ---- */
enum col {
    COL_NONE, COL_KNOWN /* of the report, not of ours */, COL_TIME, COL_IP, COL_PORT, COL_NAME, COL_NODE, COL_BUILD, COL_TAG, COL_ASN, COL_AS_NAME, COL_COUNTRY, COL_SECTOR, COL_NAICS, COL_URL,
    COL_HTTP_HOST, COL_STATUS, COL_DETAIL, COL_CATEGORY, COL_FAMILY, COL_APPLICATION, COL_SYSTEM, COL_SERVER, COL_BANNER, COL_HTTP_CODE, COL_COOKIE, COL_AUTH, COL_TITLE, COL_CERT, COL_CERT_NAME,
    COL_CERT_ORG, COL_PATCHED, COL_MITIGATED, COL_COMPROMISED, COL_ABOUT, COL_AD_DOMAIN, COLS
};
struct import_cells { struct str f[COLS]; uint64_t has; };       /* has: bit of each column that the file has */
bool import_csv(struct import *m, struct str head);
/* The field that a name stands for, letters folded, blanks and signs left out. COL_NONE: unknown. */
enum col import_col(struct str name);
/* One row's cells to the observation. False: broken, *ret_why. */
bool import_shadowserver(struct import *m, struct arena *a, const struct import_cells *c, const char **ret_why);
bool import_plain(struct import *m, struct arena *a, const struct import_cells *c, const char **ret_why);
bool import_statement(struct import *m, struct arena *a, const struct import_cells *c, const char **ret_why);
/* "yes", "ja", "true", "1": 1; "no", "false", "0": 0; else -1. */
int import_yes(struct str s);

/* ---- JSON ---- */
struct import_object { const struct jt *t; const struct jt_node *root; struct arena *a; struct import_row row; };
struct import_json {
    enum obs_source source;
    int  (*fits)(const struct jt *t, const struct jt_node *root);      /* 0 not mine .. 100 certain */
    bool (*read)(struct import *m, const struct import_object *x);     /* false: the import stops */
};
extern const struct import_json import_shodan, import_censys, import_zgrab, import_masscan, import_httpx, import_binaryedge, import_statement_json;
bool import_json(struct import *m, struct str head);
struct str import_str(const struct import_object *x, const struct jt_node *at);
/* Headers of any of the shapes that scanners write: {name: value}, {name: [values]}, {name: {headers: [values]}}, {unknown: [{key, value: []}]}. Adds to h. */
size_t import_headers(const struct import_object *x, const struct jt_node *object, struct http_header *h, size_t n, size_t cap);
void import_names(struct import *m, const struct import_object *x, const struct jt_node *list);      /* an array of names, or one */
/* The same, known from where `from` says. */
void import_names_from(struct import *m, const struct import_object *x, const struct jt_node *list, enum obs_naming from);
/* A name of the certificate. */
void import_cert_name(struct import *m, const struct import_object *x, struct str name);
/* Issuer and subject are one: nobody vouches for its organisation. */
void import_self_signed(struct import *m);
bool import_sha256(const struct import_object *x, const struct jt_node *at, uint8_t ret[32]);        /* 64 hex digits */

/* ---- XML ---- */
bool import_xml(struct import *m, struct str head);
struct import_nmap;
struct import_nmap *import_nmap_open(struct import *m);
extern const struct xmlpush_ops import_nmap_ops;
struct import_clixml;
struct import_clixml *import_clixml_open(struct import *m);
extern const struct xmlpush_ops import_clixml_ops;

/* ---- lines of text ---- */
bool import_mail(struct import *m, struct str head);
bool import_mail_fits(struct str head);
bool import_health_text(struct import *m, struct str head);
bool import_health_fits(struct str head);

#endif
