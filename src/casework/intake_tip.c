/*
 * Tips: who says when what of which server. Grade C from a confidence of TIP_SURE on, else D: a finding below C is a suspicion (state.h), and no tip closes anything.
 */
#include "casework/intake_inner.h"

enum { F_WHO = F_FREE, F_WHEN, F_CLAIM, F_CONFIDENCE, F_TLP, F_RELEASABLE, F_DETAIL, F_CAMPAIGN, F_COUNTRY, F_ASN };
enum { TIP_SURE = 75 };

static const struct intake_column columns[] = {
    INTAKE_SERVER_COLUMNS, { "who", F_WHO }, { "reporter", F_WHO }, { "source", F_WHO }, { "from", F_WHO }, { "when", F_WHEN }, { "time", F_WHEN }, { "date", F_WHEN }, { "seen", F_WHEN }, { "observed", F_WHEN },
    { "claim", F_CLAIM }, { "claims", F_CLAIM }, { "claimed", F_CLAIM }, { "what", F_CLAIM }, { "finding", F_CLAIM }, { "confidence", F_CONFIDENCE }, { "tlp", F_TLP }, { "releasable", F_RELEASABLE },
    { "detail", F_DETAIL }, { "details", F_DETAIL }, { "path", F_DETAIL }, { "comment", F_DETAIL }, { "note", F_DETAIL }, { "campaign", F_CAMPAIGN }, { "cc", F_COUNTRY }, { "country", F_COUNTRY },
    { "asn", F_ASN }, { NULL, 0 }
};

static const char no_claim[] = "what is claimed is none of the words that are known", no_tlp[] = "its TLP is none that is known", no_yes[] = "releasable is neither yes nor no",
                  not_of_server[] = "a tip cannot say that";

static struct str get(const struct intake_row *r, unsigned f) { return r->has & HAS(f) ? r->f[f] : STR_EMPTY; }

static bool row(struct intake *m, const struct intake_row *r)
{
    struct intake_server       s;
    struct intake_item         x = { .subject = &s.s };
    const struct intake_claim *c = intake_claim_find(get(r, F_CLAIM));
    uint8_t                    confidence = 0;
    const char                *why;

    if (intake_campaign_word(m, get(r, F_CAMPAIGN)) == 0)
        return true;
    if (!intake_row_server(m, r, &s, &why))
        return intake_broken(m, why);
    if (!intake_has_server(&s))
        return intake_broken(m, intake_no_server);
    if (!c)
        return intake_broken(m, no_claim);
    if (c->kind != FACT_EXPOSURE && c->kind != FACT_FINDING && c->kind != FACT_REMOVED)
        return intake_broken(m, not_of_server);
    if (get(r, F_CONFIDENCE).n && !intake_percent(get(r, F_CONFIDENCE), &confidence))
        return intake_broken(m, intake_no_confidence);
    if (get(r, F_TLP).n && !intake_tlp(get(r, F_TLP), &m->source.tlp))
        return intake_broken(m, no_tlp);
    if (get(r, F_RELEASABLE).n && intake_yes(get(r, F_RELEASABLE)) < 0)
        return intake_broken(m, no_yes);
    m->source.name       = get(r, F_WHO);
    m->source.releasable = intake_yes(get(r, F_RELEASABLE)) == 1;
    x.fact.f = (struct fact){ .kind = c->kind, .value = c->value, .grade = confidence >= TIP_SURE && !c->doubt ? GRADE_C : GRADE_D, .own_us = TIME_NONE, .reason = get(r, F_DETAIL) };
    if (!intake_time(m, get(r, F_WHEN), &x.fact.f.observed_us, &why))
        return intake_broken(m, why);
    if (!intake_give(m, &x, INTAKE_FACT))
        return !m->stopped;
    struct intake_item place = { .subject = &s.s };
    (void)intake_asn(get(r, F_ASN), &place.asn);
    (void)intake_country(get(r, F_COUNTRY), place.country);
    return !(place.country[0] || place.asn) || intake_give(m, &place, INTAKE_PLACE) || !m->stopped;
}

const struct intake_kind intake_tip = {
    .name = "tip", .about = "tips: who, when, server, claim, confidence, tlp, releasable, detail", .of_campaign = true, .column = columns,
    .all = HAS(F_CLAIM), .any = HAS(F_SERVER) | HAS(F_IP) | HAS(F_HOST), .sure = 80, .row = row,
};
