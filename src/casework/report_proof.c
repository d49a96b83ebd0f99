/* See report_proof.h. */
#include "casework/report_proof.h"

#include "base/hash.h"
#include "base/num.h"

#include <stdio.h>
#include <string.h>

#define HOLE_US (36 * TIME_HOUR)               /* contract, covers_window */
#define BEGUN_US (7 * TIME_DAY)                /* what is called the first known use differs by days from one source to another */
#define SETUP_US (2 * TIME_DAY)                /* from the first line of setup to its last */

static bool wrong(struct err *e, const char *what) { return err_set(e, ERR_FORMAT, "%s", what); }
static bool known(int64_t us) { return us != TIME_NONE; }
static bool after(int64_t x, int64_t y) { return known(x) && known(y) && x > y; }

static bool belongs(const struct hunt_report *r, const struct rp_campaign *c, uint32_t of) { return of >> (uint32_t)(c - r->campaign) & 1; }

/* --- door_open --------------------------------------------------------------------------------------------------- */

/* Contract, door_open; as verdict/door.c judges it. */
static enum open_state open_of(const struct hunt_report *r, const struct rp_campaign *c, enum covered exposure, enum covered doors)
{
    bool open = c->exposure.state == EXP_UNPATCHED, doubt = c->back_door.state == DOOR_UNKNOWN;

    for (uint32_t i = 0; i < r->door_n; i++) {
        const struct rp_door *d = &r->door[i];
        if (!belongs(r, c, d->of))
            continue;
        open  |= d->state == DOOR_PRESENT && !d->unreachable;
        doubt |= d->state != DOOR_REMOVED;
    }
    for (uint32_t i = 0; i < r->way_n; i++) {
        const struct rp_way *w = &r->way[i];
        if (!belongs(r, c, w->of))
            continue;
        open  |= w->state == DOOR_PRESENT && (w->secret || !w->unreachable);
        doubt |= w->state != DOOR_REMOVED;
    }
    if (open)
        return OPEN_YES;
    bool safe = (c->exposure.state == EXP_PATCHED || c->exposure.state == EXP_NOT_AFFECTED) && !doubt && exposure == COVERED_FULL && doors == COVERED_FULL;
    return safe ? OPEN_NO : OPEN_UNPROVEN;
}

/* --- sound -------------------------------------------------------------------------------------------------------- */

static bool window_sound(const struct hunt_report *r, const struct rp_campaign *c, struct err *e)
{
    bool nothing = c->exposure.state == EXP_NOT_AFFECTED || (known(c->from_us) && known(c->to_us) && c->from_us >= c->to_us);

    if (c->to_us != (known(c->patched_us) ? c->patched_us : r->newest_us))
        return wrong(e, "the window ends neither with the patch nor with the newest evidence") || err_where(e, ".window.to");
    if (c->empty != nothing)
        return wrong(e, c->empty ? "the window is said to be empty, and is not" : "the window is empty, and is said not to be") || err_where(e, ".window.empty");
    return true;
}

static bool axes_sound(const struct hunt_report *r, const struct rp_campaign *c, struct err *e)
{
    const struct axes x = { c->use.state, c->back_door.state, c->exploitation.state, c->theft.state, c->exploitation.covered };
    enum verdict_word v = verdict_of(&x);

    if (c->verdict != v)
        return err_set(e, ERR_FORMAT, "%s, but its axes make it %s", verdict_name(c->verdict), verdict_name(v)) || err_where(e, ".verdict");
    if (after(c->exploitation.first_us, c->exploitation.last_us))
        return wrong(e, "the first is later than the last") || err_where(e, ".exploitation.first");
    if (after(c->use.first_us, c->use.last_us))
        return wrong(e, "the first is later than the last") || err_where(e, ".use.first");
    if (c->use.re_entered && c->use.state == USE_NONE_SEEN)
        return wrong(e, "re-entered without any use") || err_where(e, ".use.re_entered");
    if (r->left_out_findings)
        return true;
    if (c->exploitation.state != EXPL_NONE_SEEN && !c->exploitation.findings.n)
        return wrong(e, "no finding says so") || err_where(e, ".exploitation.state");
    if (c->back_door.state != DOOR_NONE_SEEN && !c->back_door.findings.n && !r->door_n && !r->way_n)
        return wrong(e, "no finding says so") || err_where(e, ".back_door.state");
    if (c->use.state != USE_NONE_SEEN && !c->use.findings.n)
        return wrong(e, "no finding says so") || err_where(e, ".use.state");
    if (c->theft.state != THEFT_NONE_SEEN && !c->theft.findings.n)
        return wrong(e, "no finding says so") || err_where(e, ".theft.state");
    return true;
}

/* Rule 2, for the lists. */
static bool lists_sound(const struct hunt_report *r, const struct rp_campaign *c, struct err *e)
{
    enum door_state worst = DOOR_NONE_SEEN;
    bool            any = false;

    for (uint32_t i = 0; i < r->door_n; i++) {
        const struct rp_door *d = &r->door[i];
        if (!belongs(r, c, d->of))
            continue;
        any   = true;
        worst = d->state > worst ? d->state : worst;
        if (d->used == USED_USED && c->use.state == USE_NONE_SEEN)
            return err_set(e, ERR_FORMAT, "none_seen, but back_doors[%u] was used", i) || err_where(e, ".use.state");
    }
    for (uint32_t i = 0; i < r->way_n; i++) {
        const struct rp_way *w = &r->way[i];
        if (!belongs(r, c, w->of))
            continue;
        any   = true;
        worst = w->state > worst ? w->state : worst;
        if (w->used == USED_USED && c->use.state == USE_NONE_SEEN)
            return err_set(e, ERR_FORMAT, "none_seen, but ways_back[%u] was used", i) || err_where(e, ".use.state");
    }
    if (worst > c->back_door.state)
        return err_set(e, ERR_FORMAT, "%s, but the lists tell of one that is %s", door_name(c->back_door.state), door_name(worst)) || err_where(e, ".back_door.state");
    /* An act from within the web server whose back door was not found makes it unknown with nothing in any list. */
    bool from_act = !any && c->back_door.state == DOOR_UNKNOWN;
    if (worst < c->back_door.state && !from_act && !r->left_out_doors)
        return err_set(e, ERR_FORMAT, "%s, but no list tells of it", door_name(c->back_door.state)) || err_where(e, ".back_door.state");
    enum open_state open = open_of(r, c, c->exposure.covered, c->back_door.covered);
    if (c->open != open && !(r->left_out_doors && c->open == OPEN_YES))
        return err_set(e, ERR_FORMAT, "%s, but what else it says makes it %s", open_name(c->open), open_name(open)) || err_where(e, ".door_open.state");
    return true;
}

/* The place of a word in the rising order of its axis; -1: not a word of it. */
static int rank_of(enum rp_axis axis, struct str word)
{
    static const char *const rising[][4] = {
        [RP_NO_AXIS] = { 0 }, [RP_EXPOSURE] = { 0 }, [RP_EXPLOITATION] = { "none_seen", "attempted", "succeeded" }, [RP_BACK_DOOR] = { "none_seen", "removed", "unknown", "present" },
        [RP_USE] = { "none_seen", "used", "beyond_server" }, [RP_THEFT] = { "none_seen", "suspected", "seen" },
    };

    for (int i = 0; i < 4; i++)
        if (rising[axis][i] && str_eq(word, str_c(rising[axis][i])))
            return i;
    return -1;
}

/* Rule 2, for the findings; of several campaigns the highest counts. */
static bool findings_sound(const struct hunt_report *r, struct arena scratch, struct err *e)
{
    int most[RP_THEFT + 1] = { 0 };

    for (uint32_t i = 0; i < r->campaign_n; i++) {
        const struct rp_campaign *c = &r->campaign[i];
        const int has[RP_THEFT + 1] = { 0, 0, (int)c->exploitation.state, (int)c->back_door.state, (int)c->use.state, (int)c->theft.state };
        for (size_t k = RP_EXPLOITATION; k < COUNT_OF(most); k++)
            most[k] = has[k] > most[k] ? has[k] : most[k];
    }
    for (uint32_t i = 0; i < r->finding_n; i++) {
        const struct rp_finding *f = &r->finding[i];
        if (after(f->time_us, f->last_us))
            return wrong(e, "the first is later than the last") || err_where(e, "findings[%u].time", i);
        if (f->axis > RP_EXPOSURE && rank_of(f->axis, f->axis_state) > most[f->axis])
            return wrong(e, "it says more than its axis does") || err_where(e, "findings[%u].axis_state", i);

        /* Rule 6. What was not UTF-8 came as U+FFFD, and may have been anything. */
        struct arena a = scratch;
        struct str   path = f->path.n ? str_lower(&a, f->path) : STR_EMPTY;
        uint8_t      raw[32], digest[HASH_SHA256_BYTES], said[16];
        if (!f->has_evidence || str_has(f->path, STR("\xEF\xBF\xBD")) || str_has(f->detector, STR("\xEF\xBF\xBD")))
            continue;
        bool has_raw = f->raw.n && num_unhex(f->raw, raw, sizeof raw);
        struct hash *h = hash_open(HASH_SHA256);
        if (!h || (f->path.n && !path.p)) {
            hash_close(h);
            return err_set(e, ERR_MEMORY, "no room for a path");
        }
        hash_push(h, f->detector);
        hash_push(h, (struct str){ (const uint8_t *)"", 1 });
        hash_push(h, path);
        hash_push(h, (struct str){ (const uint8_t *)"", 1 });
        if (has_raw)
            hash_push(h, (struct str){ raw, sizeof raw });
        hash_done(h, digest);
        hash_close(h);
        if (!num_unhex(f->key, said, sizeof said) || memcmp(said, digest, sizeof said) != 0)
            return wrong(e, "not that of its detector, path and first record") || err_where(e, "findings[%u].key", i);
    }
    return true;
}

bool report_sound(const struct hunt_report *r, int64_t now_us, struct arena scratch, struct err *e)
{
    if (known(r->started_us) && r->started_us > now_us + REPORT_CLOCK_US)
        return wrong(e, "later than now") || err_where(e, "run.started");
    if (after(r->since_us, r->until_us))
        return wrong(e, "later than scope.until") || err_where(e, "scope.since");
    for (uint32_t i = 0; i < r->campaign_n; i++)
        if (!window_sound(r, &r->campaign[i], e) || !axes_sound(r, &r->campaign[i], e) || !lists_sound(r, &r->campaign[i], e))
            return err_where(e, "campaigns[%u]", i);
    for (uint32_t i = 0; i < r->session_n; i++)
        if (after(r->session[i].first_us, r->session[i].last_us))
            return wrong(e, "the first is later than the last") || err_where(e, "sessions[%u].first", i);
    for (uint32_t i = 0; i < r->intruder_n; i++)
        if (after(r->intruder[i].first_us, r->intruder[i].last_us))
            return wrong(e, "the first is later than the last") || err_where(e, "intruders[%u].first", i);
    for (uint32_t i = 0; i < r->door_n; i++)
        if (after(r->door[i].first_us, r->door[i].last_us))
            return wrong(e, "the first is later than the last") || err_where(e, "back_doors[%u].use.first", i);
    for (uint32_t i = 0; i < r->cover_n; i++)
        if (after(r->cover[i].oldest_us, r->cover[i].newest_us))
            return wrong(e, "later than the newest") || err_where(e, "coverage[%u].oldest", i);
    return findings_sound(r, scratch, e);
}

/* --- coverage ------------------------------------------------------------------------------------------------------ */

static enum covered low(enum covered x, enum covered y) { return x < y ? x : y; }
static enum covered high(enum covered x, enum covered y) { return x > y ? x : y; }

/* The first reason stays. */
static void tell(struct report_covered *ret, const char *family, const char *what)
{
    if (!ret->why[0])
        snprintf(ret->why, sizeof ret->why, "%s: %s", family, what);
}

struct told { enum covered covered; const char *family, *what; };

static struct told family(const struct hunt_report *r, const struct rp_campaign *c, const char *name, bool log)
{
    const struct rp_cover *v = NULL;

    for (uint32_t i = 0; i < r->cover_n; i++)
        if (str_eq(r->cover[i].family, str_c(name)))
            v = &r->cover[i];
    if (!v)
        return (struct told){ COVERED_NO, name, "it says nothing of this evidence" };
    if (v->covers != COVERED_FULL)
        return (struct told){ v->covers, name, v->covers == COVERED_PARTLY ? "covered in part only" : "not covered" };
    if (v->missing)
        return (struct told){ COVERED_PARTLY, name, "covered in full, it says, but it also says what is missing" };
    if (!log)       /* Web roots that hold no page at all are covered, too. */
        return v->files || str_eq(v->family, STR("web_roots")) ? (struct told){ COVERED_FULL, name, "" } : (struct told){ COVERED_NO, name, "covered in full, it says, but no file was read" };
    if (c->empty)
        return (struct told){ COVERED_FULL, name, "" };
    if (v->gaps)
        return (struct told){ COVERED_PARTLY, name, "covered in full, it says, but it also tells of holes" };
    if (!v->records || !known(v->oldest_us) || !known(v->newest_us) || !known(c->from_us) || !known(c->to_us))
        return (struct told){ COVERED_NO, name, "covered in full, it says, but it has no records or no window" };
    int64_t oldest = after(r->since_us, v->oldest_us) ? r->since_us : v->oldest_us, newest = after(v->newest_us, r->until_us) ? r->until_us : v->newest_us;
    if (newest < c->from_us || oldest > c->to_us)
        return (struct told){ COVERED_NO, name, "covered in full, it says, but its records lie outside the window" };
    if (oldest > c->from_us && oldest - c->from_us > HOLE_US)
        return (struct told){ COVERED_PARTLY, name, "covered in full, it says, but its records begin later than the window" };
    if (newest < c->to_us && c->to_us - newest > HOLE_US)
        return (struct told){ COVERED_PARTLY, name, "covered in full, it says, but its records end before the window does" };
    return (struct told){ COVERED_FULL, name, "" };
}

static struct told lower(struct told x, struct told y) { return y.covered < x.covered ? y : x; }

/* Contract, window: from the campaign's first known use, or from the installation of this server, which ended then. */
static bool begins_rightly(const struct hunt_report *r, const struct rp_campaign *c, int64_t begun_us)
{
    if (!known(begun_us) || !known(c->from_us) || c->from_us <= begun_us + BEGUN_US)
        return true;
    for (uint32_t i = 0; i < c->exposure.findings.n; i++) {
        const struct rp_finding *f = &r->finding[c->exposure.findings.item[i]];
        if (str_eq(f->detector, STR("files/installed")) && known(f->time_us) && f->time_us <= c->from_us && c->from_us - f->time_us <= SETUP_US)
            return true;
    }
    return false;
}

void report_covers(const struct hunt_report *r, uint32_t campaign, int64_t begun_us, struct report_covered *ret)
{
    const struct rp_campaign *c = &r->campaign[campaign];
    static const char *const files[] = { "web_roots", "iis_config", "registry", "tasks", "transport_agents" };
    struct report_covered out = { .exposure = c->exposure.covered };
    struct told entry, doors;
    bool   is_2010 = false, built = false;

    for (uint32_t i = 0; i < r->server.products.n; i++) {
        is_2010 |= str_has(r->server.products.item[i], STR("Exchange Server 2010")) || str_starts(r->server.builds.item[i], STR("14."));
        built   |= r->server.builds.item[i].n > 0;
    }
    /* Contract, covered: exposure needs build and patch time. */
    if (!built || c->exposure.state == EXP_CANNOT_TELL || (c->exposure.state == EXP_PATCHED && !known(c->patched_us)))
        out.exposure = low(out.exposure, COVERED_PARTLY);

    if (is_2010)
        entry = family(r, c, "evtx_application", true);
    else {
        struct told proxy = family(r, c, "httpproxy", true), iis = lower(family(r, c, "iis_front", true), family(r, c, "iis_back", true));
        entry = proxy.covered >= iis.covered ? proxy : iis;
        entry.covered = high(proxy.covered, iis.covered);
    }
    entry = c->empty ? (struct told){ COVERED_FULL, "", "" } : lower(entry, family(r, c, "web_roots", false));
    doors = family(r, c, files[0], false);
    for (size_t i = 1; i < COUNT_OF(files); i++)
        doors = lower(doors, family(r, c, files[i], false));
    out.entry = low(entry.covered, c->exploitation.covered);
    out.doors = low(doors.covered, c->back_door.covered);
    out.open  = c->open;
    if (c->open == OPEN_NO)
        out.open = open_of(r, c, out.exposure, out.doors);

    if (!known(c->to_us) || !known(c->from_us))
        tell(&out, "window", "its beginning or end is not known");
    if (!begins_rightly(r, c, begun_us))
        tell(&out, "window", "it begins later than the campaign, and no finding says that the server was installed then");
    if (!c->empty && known(r->started_us) && after(c->to_us, r->started_us + REPORT_CLOCK_US))
        tell(&out, "window", "it ends later than the hunt ran: the server's clock, or a log, is wrong");
    if (entry.covered != COVERED_FULL)
        tell(&out, entry.family, entry.what);
    if (doors.covered != COVERED_FULL)
        tell(&out, doors.family, doors.what);
    if (out.entry != COVERED_FULL)
        tell(&out, "exploitation", "not covered in full");
    if (out.doors != COVERED_FULL)
        tell(&out, "back_door", "not covered in full");
    out.full = !out.why[0];
    *ret = out;
}
