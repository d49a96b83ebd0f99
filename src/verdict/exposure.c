/*
 * exposure: what the build and the patch evidence say of this server. Contract, campaigns[].exposure and covered of that axis.
 * Source: survey sheet, sections 1 to 3; evidence sheet, section 10 (the registry knows the CU only, patch time is a source of its own).
 */
#include "verdict/work.h"

/* A higher rank hides a lower one when several products are named: the weakest counts, survey sheet, section 5 ("load balancer"). */
static int weakness(enum build_verdict v)
{
    switch (v) {
    case BUILD_UNPATCHED:       return 4;
    case BUILD_CANNOT_TELL:     return 3;
    case BUILD_PATCHED:         return 2;
    case BUILD_NOT_AFFECTED:    return 1;
    case BUILD_NOT_SELF_HOSTED: case BUILD_NOT_EXCHANGE: case BUILD_UNREACHABLE: break;
    }
    return 0;
}

static bool judge_products(struct work *w)
{
    const struct server *s = &w->d->server;

    for (size_t i = 0; i < s->product_n && i < COUNT_OF(s->product); i++) {
        struct build_answer answer = { 0 };
        if (s->product[i].parts < 1)
            continue;
        if (!build_judge(w->d->pack, w->a, s->product[i].v, s->product[i].parts, s->build_at_us, s->um_role, &answer, w->e))
            return false;
        if (!w->has_build || weakness(answer.verdict) > weakness(w->build.verdict)) {
            w->build     = answer;
            w->has_build = true;
            w->is_2010   = s->product[i].v[0] == 14;
        }
    }
    return true;
}

/*
 * Patch evidence speaks where the build cannot (a CU build alone), and where the build was seen before the patch. A record later than the
 * patch that still shows the old build says that the update did not take: then the build wins.
 */
static enum exposure_state state_of(const struct work *w, bool *ret_patch_stands)
{
    const struct server *s = &w->d->server;
    bool patch = s->patched_us != TIME_NONE;

    *ret_patch_stands = patch;
    switch (w->has_build ? w->build.verdict : BUILD_CANNOT_TELL) {
    case BUILD_NOT_AFFECTED: case BUILD_NOT_SELF_HOSTED: case BUILD_NOT_EXCHANGE:
        return EXP_NOT_AFFECTED;
    case BUILD_PATCHED:
        return EXP_PATCHED;
    case BUILD_UNPATCHED:
        if (patch && (s->build_at_us == TIME_NONE || s->build_at_us <= s->patched_us))
            return EXP_PATCHED;
        *ret_patch_stands = false;
        return s->mitigated ? EXP_MITIGATED : EXP_UNPATCHED;
    case BUILD_CANNOT_TELL: case BUILD_UNREACHABLE:
        break;
    }
    if (patch)
        return EXP_PATCHED;
    return s->mitigated ? EXP_MITIGATED : EXP_CANNOT_TELL;
}

bool exposure_judge(struct work *w)
{
    struct campaign *c = &w->r->campaign;
    bool stands;

    if (!judge_products(w))
        return false;
    c->exposure.state = state_of(w, &stands);
    c->patched_us     = stands ? w->d->server.patched_us : TIME_NONE;

    /* Contract, covered of exposure: build and patch time. A server without the patch has no patch time to know. */
    bool build = w->has_build && w->build.verdict != BUILD_CANNOT_TELL;
    switch (c->exposure.state) {
    case EXP_NOT_AFFECTED: c->exposure.covered = COVERED_FULL; break;
    case EXP_PATCHED:      c->exposure.covered = w->has_build && c->patched_us != TIME_NONE ? COVERED_FULL : COVERED_PARTLY; break;
    case EXP_MITIGATED: case EXP_UNPATCHED: c->exposure.covered = build ? COVERED_FULL : COVERED_PARTLY; break;
    case EXP_CANNOT_TELL:  c->exposure.covered = w->has_build ? COVERED_PARTLY : COVERED_NO; break;
    }
    return true;
}
