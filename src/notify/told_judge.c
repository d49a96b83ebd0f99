/* See told.h: what of a server may be told, and what it amounts to. Pure. */
#include "notify/told_inner.h"

#include "casework/intake_ledger.h"

const char *told_label_of(struct str tlp, bool releasable, int64_t source)
{
    static const char *const name[] = { "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED" };
    int                      rank = intake_tlp_rank(tlp);

    if (!source)
        return name[2];
    if (rank < 0)
        rank = 4;                              /* no label means ask */
    return rank <= 2 || releasable ? name[rank] : NULL;
}

static int rank_of(struct str label)
{
    int rank = intake_tlp_rank(str_istarts(label, STR("TLP:")) ? str_from(label, 4) : label);
    return rank < 0 ? 4 : rank;
}

struct str told_label(const struct told *t)
{
    struct str worst = rank_of(t->tlp) > 2 && t->tlp.n ? t->tlp : STR("TLP:AMBER");

    for (size_t i = 0; i < t->server_n; i++)
        if (t->server[i].tlp.n && rank_of(t->server[i].tlp) > rank_of(worst))
            worst = t->server[i].tlp;
    return worst;
}

int told_severity(enum notice_finding f)
{
    static const uint8_t rank[NOTICE_FINDINGS] = { [FINDING_RELAPSED] = 0, [FINDING_PATCHED_BACKDOORED] = 1, [FINDING_BACKDOORED] = 2, [FINDING_VULNERABLE] = 3, [FINDING_CLEAN] = 4 };

    return rank[f];
}

static bool fixed(enum exposure x) { return x == EXPOSURE_PATCHED || x == EXPOSURE_NOT_AFFECTED || x == EXPOSURE_RETIRED; }

/* What is said of the server, else of its whole case; what only the survey claims is its own. */
static struct told_ground ground(const struct told_word *server, const struct told_word *whole, const struct told_ground *survey)
{
    if (server->free.label)
        return server->free;
    return whole->free.label || server->any || whole->any ? whole->free : *survey;
}

void told_judge(const struct told_case *c, struct told_row *x)
{
    const struct told_ground door = { .label = "TLP:AMBER", .us = x->compromise_us, .grade = x->compromise_grade, .detector = STR("survey") };
    const struct told_ground flaw = { .label = "TLP:AMBER", .us = x->exposure_us, .grade = x->exposure_grade, .detector = STR("survey") };

    x->ground = (struct told_ground){ 0 };
    if (told_present(x->compromise)) {
        x->finding = x->compromise == COMPROMISE_RELAPSED ? FINDING_RELAPSED : fixed(x->exposure) ? FINDING_PATCHED_BACKDOORED : FINDING_BACKDOORED;
        x->ground = ground(&x->word[WORD_DOOR], &c->word[WORD_DOOR], &door);
        if (x->ground.label)
            return;
    }
    if (x->exposure == EXPOSURE_VULNERABLE) {
        x->finding = FINDING_VULNERABLE;
        x->ground = x->look.label ? x->look : ground(&x->word[WORD_FLAW], &c->word[WORD_FLAW], &flaw);
    } else if (x->clean) {
        x->finding = FINDING_CLEAN;
        x->ground = (struct told_ground){ .label = "TLP:AMBER", .us = x->clean_us, .grade = x->compromise_grade, .detector = STR("hunt") };
    }
}
