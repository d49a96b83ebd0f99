/*
 * What victims and those who help them say: patched, removed, hunted, not ours. Of a server, or of a case: then of all its servers as they are known now.
 *
 * Grade    D: a word. C: with the number of a build, or by a responder. B: a responder's, with the output of his tool named in `evidence` (8.4).
 *          Only that one may say of a hunt that it was complete. Nobody's word makes a server clean alone (state.h).
 * Vouched  anybody can write such a table. B, and "not ours", are taken only where a person said --kind statement: he has seen what it is.
 */
#include "casework/intake_inner.h"

#include "pack/pack.h"

enum { F_CASE = F_FREE, F_SAYS, F_BY, F_WHEN, F_REASON, F_ROLE, F_EVIDENCE, F_BUILD, F_DOOR, F_PRESENT, F_COMPLETE, F_TLP };

static const struct intake_column columns[] = {
    INTAKE_SERVER_COLUMNS, { "case", F_CASE }, { "caseid", F_CASE }, { "statement", F_SAYS }, { "says", F_SAYS }, { "state", F_SAYS }, { "by", F_BY }, { "who", F_BY }, { "when", F_WHEN }, { "time", F_WHEN },
    { "date", F_WHEN }, { "reason", F_REASON }, { "why", F_REASON }, { "comment", F_REASON }, { "role", F_ROLE }, { "evidence", F_EVIDENCE }, { "build", F_BUILD }, { "version", F_BUILD },
    { "dooropen", F_DOOR }, { "door", F_DOOR }, { "present", F_PRESENT }, { "found", F_PRESENT }, { "complete", F_COMPLETE }, { "covered", F_COMPLETE }, { "tlp", F_TLP }, { NULL, 0 }
};

static const char no_word[] = "what is said is none of the words that are known", no_case[] = "its case is no case's number", no_reason[] = "a disclaimer needs its reason",
                  no_role[] = "its role is neither victim nor responder", no_build[] = "its build cannot be read", no_tlp[] = "its TLP is none that is known",
                  of_server[] = "such a thing is said of a case, by its number", neither[] = "neither a server nor a case",
                  not_vouched[] = "a disclaimer is taken with --kind statement only: a person must agree";

static struct str get(const struct intake_row *r, unsigned f) { return r->has & HAS(f) ? r->f[f] : STR_EMPTY; }

static void hunt(const struct intake_row *r, bool shown, struct fact *f)
{
    int door = intake_yes(get(r, F_DOOR)), present = intake_yes(get(r, F_PRESENT));

    f->value = door == 0 ? DOOR_NO : door == 1 ? DOOR_YES : DOOR_UNPROVEN;
    f->flags = (shown && intake_yes(get(r, F_COMPLETE)) == 1 ? FACT_COMPLETE : 0) | (present != 0 ? FACT_PRESENT : 0);       /* unknown counts as present */
}

static bool row(struct intake *m, const struct intake_row *r)
{
    struct intake_server       s;
    struct intake_item         x = { .subject = &s.s, .fact = { .case_ = get(r, F_CASE) } };
    const struct intake_claim *c = intake_claim_find(get(r, F_SAYS));
    struct str                 role = get(r, F_ROLE);
    bool                       responder = str_ieq(role, STR("responder")) || str_ieq(role, STR("incident responder"));
    uint16_t                   build[4];
    int                        build_parts = 0;
    int64_t                    case_;
    const char                *why;

    if (!intake_row_server(m, r, &s, &why))
        return intake_broken(m, why);
    if (!c)
        return intake_broken(m, no_word);
    if (x.fact.case_.n && !case_name_parse(x.fact.case_, &case_))
        return intake_broken(m, no_case);
    if (!intake_has_server(&s) && !x.fact.case_.n)
        return intake_broken(m, neither);
    if (role.n && !responder && !str_ieq(role, STR("victim")))
        return intake_broken(m, no_role);
    if (get(r, F_BUILD).n && !build_parse(get(r, F_BUILD), build, &build_parts))
        return intake_broken(m, no_build);
    if (get(r, F_TLP).n && !intake_tlp(get(r, F_TLP), &m->source.tlp))
        return intake_broken(m, no_tlp);
    bool shown = responder && get(r, F_EVIDENCE).n && m->opt->vouched;
    if (responder && get(r, F_EVIDENCE).n && !shown && intake_once(m, NOTE_KIND))
        intake_note(m, "statements with evidence count as grade B with --kind statement only; here as C");
    x.fact.f = (struct fact){ .kind = c->kind, .value = c->value, .own_us = TIME_NONE, .reason = get(r, F_REASON),
                              .grade = shown ? GRADE_B : responder || build_parts >= 3 ? GRADE_C : GRADE_D };
    if (!intake_time(m, get(r, F_WHEN), &x.fact.f.observed_us, &why))
        return intake_broken(m, why);
    m->source.name = get(r, F_BY);
    if (c->doubt || (c->kind == FACT_FINDING && !responder && x.fact.f.grade > GRADE_C))
        x.fact.f.grade = GRADE_D;
    if (c->kind == FACT_HUNT)
        hunt(r, shown, &x.fact.f);
    if (c->kind == FACT_NOT_MINE && (!x.fact.f.reason.n || !m->opt->vouched))
        return intake_broken(m, x.fact.f.reason.n ? not_vouched : no_reason);
    if (c->kind == FACT_REPLY) {
        if (!x.fact.case_.n)
            return intake_broken(m, of_server);
        x.fact.of = FACT_OF_CASE;
    }
    if (!intake_has_server(&s) || x.fact.of == FACT_OF_CASE)
        x.subject = NULL;
    return intake_give(m, &x, INTAKE_FACT) || !m->stopped;
}

const struct intake_kind intake_statement = {
    .name = "statement", .about = "what victims and responders say: server or case, statement, by, when, reason, role, evidence", .of_campaign = true, .vouches = true, .column = columns,
    .all = HAS(F_SAYS), .any = HAS(F_SERVER) | HAS(F_IP) | HAS(F_HOST) | HAS(F_CASE), .any2 = HAS(F_BY) | HAS(F_REASON) | HAS(F_CASE) | HAS(F_ROLE), .sure = 75, .row = row,
};
