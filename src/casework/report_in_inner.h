/* report_in_inner: what taking a report (report_in.c) and trying one (report_try.c) have in common. Nobody else includes it. */
#ifndef CASEWORK_REPORT_IN_INNER_H
#define CASEWORK_REPORT_IN_INNER_H

#include "casework/report_in.h"
#include "casework/report_proof.h"

#define REPORT_NO_CAMPAIGN "campaigns[0].id: %.300s"
#define REPORT_NAMELESS    "server: nothing in it tells which server it speaks of"

struct intake {
    struct ledger            *l;               /* NULL: it is tried only */
    struct store             *s;               /* NULL, when it is tried: there is none yet */
    struct arena             *a;
    const struct report_ask  *ask;
    const struct hunt_report *r;
    const struct case_campaign *fresh;         /* when it is tried: a campaign that the import would bring into the store first */
    struct ledger_from        from;
    int64_t                   now, subject, observed_us;
    int64_t                   case_;           /* whose nonce it carries; 0: none that is good */
    const char               *no_nonce;        /* why none is */
    struct ledger_counts      n;
    struct report_told       *told;
    struct err               *e;
};

/* The campaigns of the report that are to be taken; others are told. */
struct report_chosen { uint32_t at; struct case_campaign c; };
bool report_choose(struct intake *x, struct report_chosen *ret, uint32_t *ret_n);
/* What it shows of its server; name: room for ret->name. False: nothing that tells one. */
bool report_subject(struct intake *x, struct subject *ret, struct str name[LEDGER_NAMES_MAX]);
/* What its campaign i proves: everything of t but numbers of rows. */
void report_weigh(struct intake *x, uint32_t i, const struct case_campaign *c, struct report_covered *ret, struct report_told_campaign *t);
/* The grade that the file x->from got in this campaign before; -1: none. */
bool report_known_grade(struct intake *x, int64_t campaign, int64_t *ret);
/* What is wrong, and where: "campaigns[0].verdict: not one of ...". ret: REPORT_WHY_TEXT bytes. */
void report_reason(const struct err *e, char *ret);

#endif
