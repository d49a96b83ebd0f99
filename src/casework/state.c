/* state: words, what facts are worth, and the order in which they are walked. */
#include "casework/state_inner.h"

#include "base/num.h"

#define WORD(table, i) ((size_t)(i) < COUNT_OF(table) ? (table)[i] : "")

const char *grade_name(enum grade g)
{
    static const char *const word[] = { "", "D", "C", "B", "A" };

    return WORD(word, g);
}

const char *server_exposure_name(enum exposure x)
{
    static const char *const word[] = { "unknown", "vulnerable", "mitigated", "offline", "patched", "not_affected", "retired" };

    return WORD(word, x);
}

const char *compromise_name(enum compromise c)
{
    static const char *const word[] = { "unknown", "suspected", "backdoored", "removed", "hunted_negative", "relapsed" };

    return WORD(word, c);
}

const char *notice_step_name(enum notice_step s)
{
    static const char *const word[] = { "planned", "queued", "claimed", "handing_over", "unknown", "refused", "accepted", "bounced_soft", "delivered", "auto_replied",
                                        "bounced_hard", "complaint", "acknowledged", "wrong_recipient", "declined", "suppressed", "cancelled" };

    return WORD(word, s);
}

const char *case_stage_name(enum case_stage s)
{
    static const char *const word[] = { "none", "candidate", "dismissed", "verified", "unreachable", "contact_found", "notified", "delivered", "acknowledged", "patched",
                                        "hunted", "backdoored", "relapsed", "clean", "closed", "dormant" };

    return WORD(word, s);
}

const char *need_name(uint32_t one)
{
    static const char *const word[] = { "a server is not patched", "the patch is not proven: a version with four numbers or a partner's rescan is needed", "a server was not hunted",
                                        "no hunt proves that the door is shut", "a server was vulnerable after its hunt: hunt again", "a back door is there",
                                        "less than 72 hours have passed", "two rescans are needed", "a suspicion is open" };

    for (size_t i = 0; i < COUNT_OF(word); i++)
        if (one == 1u << i)
            return word[i];
    return "";
}

/* Those of base/time.h, so that no difference of two of them overflows. */
static bool in_range(int64_t us)
{
    return us == TIME_NONE || (us >= -INT64_C(11644473600) * TIME_SECOND && us < INT64_C(253402300800) * TIME_SECOND);
}

bool fact_check(const struct fact *f, struct err *e)
{
    static const int32_t value_max[FACT_KINDS] = {
        [FACT_EXPOSURE] = EXPOSURES - 1, [FACT_HUNT] = DOOR_YES, [FACT_NOTICE] = NOTICE_STEPS - 1, [FACT_GROUPED] = 100, [FACT_CONTACT] = 1, [FACT_PORTAL] = 1,
        [FACT_REPLY] = 9, [FACT_FORCE] = CASE_STAGES - 1,
    };

    if ((unsigned)f->kind >= FACT_KINDS || (unsigned)f->grade > GRADE_A)
        return err_set(e, ERR_FORMAT, "no kind %d of fact, or no grade %d", (int)f->kind, (int)f->grade);
    if (f->value < 0 || f->value > value_max[f->kind])
        return err_set(e, ERR_FORMAT, "value %d of a fact, at most %d", (int)f->value, (int)value_max[f->kind]);
    if (f->recorded_us == TIME_NONE)
        return err_set(e, ERR_FORMAT, "a fact does not say when it was recorded");
    if (!in_range(f->recorded_us) || !in_range(f->observed_us) || !in_range(f->own_us))
        return err_set(e, ERR_FORMAT, "a time of a fact lies outside the years 1601 to 9999");
    if (f->kind == FACT_FORCE && f->value == CASE_NONE)
        return err_set(e, ERR_USAGE, "a case cannot be forced to have no state");
    if ((f->kind == FACT_FORCE || f->kind == FACT_NOT_MINE) && (!str_trim(f->reason).n || !str_trim(f->who).n))
        return err_set(e, ERR_USAGE, "a decision needs a reason and the name of who made it");
    return true;
}

enum grade hunt_grade(const struct hunt_proof *p, const char **ret_why)
{
    const char *why = "";
    enum grade  g;

    if (!p->validates && !p->on_site) {
        why = "the report does not validate";
        g = GRADE_NONE;
    } else if (p->on_site) {
        why = "a responder was on site";
        g = GRADE_A;
    } else if (!p->nonce) {
        why = "the report does not carry the case's nonce: it may be another server's, or an old one";
        g = GRADE_C;
    } else if (!p->covers_window) {
        why = "the report does not cover the window in full";
        g = GRADE_C;
    } else if (!p->known_signature) {
        why = "no known responder signed the report";
        g = GRADE_B;
    } else
        g = GRADE_A;
    if (ret_why)
        *ret_why = why;
    return g;
}

enum grade exposure_grade(enum exposure_source s)
{
    return s == EXPOSURE_BY_OWN_PROBE4 || s == EXPOSURE_BY_PARTNER ? GRADE_B : s == EXPOSURE_BY_WORD ? GRADE_D : GRADE_C;
}

static int cmp_i64(int64_t x, int64_t y) { return (x > y) - (x < y); }

static int by_hash(const void *x, const void *y)
{
    const struct fact *p = *(const struct fact *const *)x, *q = *(const struct fact *const *)y;
    int c = memcmp(p->hash, q->hash, sizeof p->hash);

    return c ? c : cmp_i64(p->recorded_us, q->recorded_us);
}

static int by_recorded(const void *x, const void *y)
{
    const struct fact *p = *(const struct fact *const *)x, *q = *(const struct fact *const *)y;
    int c = (p->subject > q->subject) - (p->subject < q->subject);

    c = c ? c : cmp_i64(p->recorded_us, q->recorded_us);
    return c ? c : memcmp(p->hash, q->hash, sizeof p->hash);
}

static int by_observed(const void *x, const void *y)
{
    const struct fact *p = *(const struct fact *const *)x, *q = *(const struct fact *const *)y;
    int c = (p->subject > q->subject) - (p->subject < q->subject);

    c = c ? c : cmp_i64(fact_us(p), fact_us(q));
    c = c ? c : (p->kind > q->kind) - (p->kind < q->kind);      /* at one instant bad news comes last */
    c = c ? c : cmp_i64(p->recorded_us, q->recorded_us);
    return c ? c : memcmp(p->hash, q->hash, sizeof p->hash);
}

bool facts_sorted(const struct fact *f, size_t n, const uint64_t *subject, struct fold_at at, bool recorded, struct arena *a, const struct fact ***ret, size_t *ret_n,
                  int64_t *ret_now, struct err *e)
{
    const struct fact **p;
    struct err          unused = { 0 };
    size_t              k = 0, m = 0;
    int64_t             now = at.now_us;

    if (n > FACTS_MAX)
        return err_set(e, ERR_LIMIT, "%zu facts, at most %d are folded", n, FACTS_MAX);
    p = TAKE(a, const struct fact *, n ? n : 1);
    if (!p)
        return err_set(e, ERR_MEMORY, "no room to sort %zu facts", n);
    for (size_t i = 0; i < n; i++)
        if ((!subject || f[i].subject == *subject) && fact_check(&f[i], &unused))
            p[k++] = &f[i];
    if (k)
        qsort(p, k, sizeof *p, by_hash);
    for (size_t i = 0; i < k; i++)
        if (!m || memcmp(p[m - 1]->hash, p[i]->hash, sizeof p[i]->hash))
            p[m++] = p[i];
    k = 0;
    for (size_t i = 0; i < m; i++)
        if ((at.known_us == TIME_NONE || p[i]->recorded_us <= at.known_us) && (at.now_us == TIME_NONE || fact_us(p[i]) <= at.now_us)) {
            if (at.now_us == TIME_NONE)
                now = later(now, fact_us(p[i]));
            p[k++] = p[i];
        }
    if (k)
        qsort(p, k, sizeof *p, recorded ? by_recorded : by_observed);
    *ret     = p;
    *ret_n   = k;
    *ret_now = now;
    return true;
}
