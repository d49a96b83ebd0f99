/*
 * schedule: 8.5 of the sheet as a table of cells; see plan.h. Pure.
 *
 *   round     what is told of one class of finding: vulnerable begins with STAGE_FIRST, a back door with STAGE_BACKDOOR, a relapse with STAGE_RELAPSED. A new class begins a new round.
 *   clock     starts when the first notice of the round was handed over, not when it was decided: a wave that waits for its approval makes nobody late.
 *   cell      is filled by a notice of its stage and way that is not dead. One that is dead leaves it empty, and the next contact is due at once.
 *   late      of a vulnerable server only the last cell whose time has come is filled, and the ones before it where it cannot be; of a back door all of them.
 *   closing   once a case, when it is proven clean (8.3), by a way that was used and is good.
 *   rule 5    a contact that was told these facts is not told them again, at no stage; but a telephone that nobody answered is called a second time.
 */
#include "notify/plan.h"

#include <string.h>

#include "base/num.h"

#define GAP_US     TIME_DAY        /* between two stages of a vulnerable server, when the first of them went out late */
#define DORMANT_US (30 * TIME_DAY)
#define REVIEW_US  (7 * TIME_DAY)

enum way { WAY_VICTIM /* by mail, else telephone, else letter */, WAY_MAIL, WAY_OTHER /* another person, of another role if there is one */, WAY_PHONE, WAY_AGAIN /* telephone, once more */, WAY_LETTER, WAY_PROVIDER, WAY_CSIRT };
enum when { ALWAYS, AT_ISP, ON_BAD_PATH, WITHOUT_MAIL /* or on a bad path */, ABROAD };
enum { BASE = -1 };                /* the stage that begins the round */
struct cell { bool door; int stage; int64_t after_us; enum way way; enum when when; const char *why; };

static const struct cell cells[] = {
    { false, BASE,           0,             WAY_VICTIM,   ALWAYS,       "first notice" },
    { false, BASE,           0,             WAY_PHONE,    ON_BAD_PATH,  "their mail may be read by others: call" },
    { false, BASE,           0,             WAY_LETTER,   ON_BAD_PATH,  "their mail may be read by others: write a letter" },
    { false, BASE,           0,             WAY_PROVIDER, AT_ISP,       "their provider can name who has the line" },
    { false, BASE,           0,             WAY_CSIRT,    ABROAD,       "abroad: the CSIRT there, too" },
    { false, STAGE_REMIND1,  3 * TIME_DAY,  WAY_OTHER,    ALWAYS,       "still vulnerable after 72 hours, no answer: another person" },
    { false, STAGE_REMIND2,  7 * TIME_DAY,  WAY_LETTER,   ALWAYS,       "still vulnerable after 7 days: a letter to the management" },
    { false, STAGE_ESCALATE, 14 * TIME_DAY, WAY_PROVIDER, ALWAYS,       "still vulnerable after 14 days: the provider, asked to restrict it" },
    { true,  BASE,           0,             WAY_MAIL,     ALWAYS,       "a back door: write now" },
    { true,  BASE,           0,             WAY_PHONE,    ALWAYS,       "a back door: call within 4 hours" },
    { true,  BASE,           0,             WAY_PROVIDER, ALWAYS,       "a back door: the provider, too" },
    { true,  BASE,           0,             WAY_LETTER,   WITHOUT_MAIL, "a back door, and no mail that nobody else reads: a letter now" },
    { true,  BASE,           0,             WAY_CSIRT,    ABROAD,       "abroad: the CSIRT there, too" },
    { true,  STAGE_REMIND1,  TIME_DAY,      WAY_LETTER,   ALWAYS,       "a back door for 24 hours: registered letter to the management" },
    { true,  STAGE_REMIND1,  TIME_DAY,      WAY_PROVIDER, ALWAYS,       "a back door for 24 hours: the provider, asked to reach who has the line" },
    { true,  STAGE_REMIND2,  3 * TIME_DAY,  WAY_AGAIN,    ALWAYS,       "a back door for 72 hours: call once more" },
    { true,  STAGE_REMIND2,  3 * TIME_DAY,  WAY_CSIRT,    ALWAYS,       "a back door for 72 hours: the CSIRT" },
};
/* One more, when all is proven clean: to whoever answered, else to whom we last reached. */
static const struct cell closing_cell = { false, STAGE_CLOSING, 0, WAY_VICTIM, ALWAYS, "proven clean: tell them, and close" };
/* Behind the last cell a person decides: authority, police, regulator, association. */
static const int64_t human_us[2] = { 14 * TIME_DAY, 7 * TIME_DAY };

const char *unplanned_name(enum unplanned u)
{
    static const char *const names[UNPLANNED_REASONS] = {
        [NOT_UNPLANNED] = "planned", [UNPLANNED_NO_CONTACT] = "nobody to tell: look for a contact", [UNPLANNED_ANSWERED] = "they answered: the case is a person's now",
        [UNPLANNED_CLEAN] = "clean", [UNPLANNED_WAITING] = "told, and waiting for what comes of it", [UNPLANNED_UNVERIFIED] = "not verified", [UNPLANNED_SUPPRESSED] = "every contact opted out",
        [UNPLANNED_STOPPED] = "the stop switch is on", [UNPLANNED_HUMAN] = "what comes next a person decides", [UNPLANNED_DORMANT] = "dormant: 30 days without any change",
        [UNPLANNED_SAID] = "every contact was tried", [UNPLANNED_DESK] = "more than the desk takes in a day: in the next plan", [UNPLANNED_TAKEN] = "its contact has a notice of this stage already",
        [UNPLANNED_SOURCE] = "its sources do not allow to tell it", [UNPLANNED_PATCHED] = "patched, and no back door known: their hunt is open",
    };
    return (unsigned)u < UNPLANNED_REASONS ? names[u] : "unknown";
}

struct round {
    const struct standing *s;
    struct schedule *ret;
    bool     door, bad_path;       /* bad_path: a mail of this round goes, or went, where others may read */
    enum notice_stage base;
    size_t   from;                 /* said[from..] belongs to the round */
    bool     begun;
    int64_t  origin_us, last_us;   /* first and last that was handed over; TIME_NONE */
    int64_t  now_us, office_us;
};

/* --- what was said --- */

static bool dead(const struct said *x)
{
    switch (x->step) {
    case NOTICE_REFUSED: case NOTICE_BOUNCED_HARD: case NOTICE_COMPLAINT: case NOTICE_WRONG_RECIPIENT: case NOTICE_DECLINED: case NOTICE_SUPPRESSED: case NOTICE_CANCELLED: return true;
    default: return false;
    }
}

static bool is_door(enum notice_finding f) { return f == FINDING_BACKDOORED || f == FINDING_PATCHED_BACKDOORED || f == FINDING_RELAPSED; }
static enum notice_stage base_of(enum notice_finding f) { return f == FINDING_RELAPSED ? STAGE_RELAPSED : is_door(f) ? STAGE_BACKDOOR : STAGE_FIRST; }
static bool bad(enum mail_path p) { return p == PATH_COMPROMISED || p == PATH_UNKNOWN; }
/* The intruder has the victim's server, not the provider's: without the rows its notice says nothing. */
static bool bad_for(enum notice_audience a, enum mail_path p) { return a >= AUDIENCE_PROVIDER ? p == PATH_COMPROMISED : bad(p); }

static bool by_way(const struct said *x, enum way w)
{
    bool theirs = x->audience == AUDIENCE_TECHNICAL || x->audience == AUDIENCE_MANAGEMENT;

    switch (w) {
    case WAY_VICTIM: case WAY_OTHER: return theirs;
    case WAY_MAIL:     return theirs && x->channel == CONTACT_EMAIL;
    case WAY_PHONE: case WAY_AGAIN: return x->channel == CONTACT_PHONE;
    case WAY_LETTER:   return x->channel == CONTACT_POST;
    case WAY_PROVIDER: return x->audience == AUDIENCE_PROVIDER;
    case WAY_CSIRT:    return x->audience == AUDIENCE_CSIRT;
    }
    return false;
}

static bool filled(const struct round *r, enum notice_stage stage, enum way w)
{
    for (size_t i = r->from; i < r->s->said_n; i++)
        if (r->s->said[i].stage == stage && !dead(&r->s->said[i]) && by_way(&r->s->said[i], w))
            return true;
    return false;
}

/* --- contacts --- */

static bool usable(const struct round *r, const struct contact *c)
{
    uint32_t against = CONTACT_DEAD | CONTACT_ENDED | CONTACT_WRONG | CONTACT_RESTED | CONTACT_FORGED;

    if (c->grade == GRADE_NONE && !(c->flags & CONTACT_SUPPRESSED))
        return false;
    if (c->flags & against || (c->channel == CONTACT_EMAIL && c->path == PATH_NULL_MX))
        return false;
    /* Who declined still gets a letter about a proven back door: sheet, 10. */
    return !(c->flags & CONTACT_SUPPRESSED) || (r->door && c->channel == CONTACT_POST);
}

static bool same_contact(const struct said *x, const struct contact *c)
{
    return str_ieq(str_trim(x->contact), str_trim(c->address));
}

/* Told at this stage, of whichever round (the outbox's guard); told these facts (rule 5); or about to be. */
static bool told(const struct round *r, const struct contact *c, enum notice_stage stage, bool again)
{
    for (size_t i = 0; i < r->s->said_n; i++) {
        const struct said *x = &r->s->said[i];
        bool unheard = again && (x->step == NOTICE_ACCEPTED || x->step == NOTICE_BOUNCED_SOFT || x->step == NOTICE_REFUSED);     /* voicemail, or nobody at all */

        if (same_contact(x, c) && (x->stage == stage || x->step == NOTICE_WRONG_RECIPIENT || x->step == NOTICE_DECLINED || x->step == NOTICE_COMPLAINT ||
                                   (!unheard && memcmp(x->content_rev, r->s->content_rev, sizeof x->content_rev) == 0)))
            return true;
    }
    for (size_t i = 0; i < r->ret->n; i++)
        if (r->ret->due[i].to == c)
            return true;
    return false;
}

static bool knows(const struct round *r, const struct contact *c)      /* was ever told anything in this case */
{
    for (size_t i = 0; i < r->s->said_n; i++)
        if (same_contact(&r->s->said[i], c))
            return true;
    return false;
}

static bool role_told(const struct round *r, const struct contact *c)
{
    for (size_t i = 0; i < r->s->contact_n; i++)
        if (knows(r, &r->s->contact[i]) && str_ieq(r->s->contact[i].role, c->role))
            return true;
    return false;
}

enum kind { KIND_MAIL, KIND_PHONE, KIND_LETTER, KIND_PROVIDER, KIND_CSIRT, KIND_NONE };
static enum kind kind_of(const struct standing *s, size_t i)
{
    const struct contact *c = &s->contact[i];

    if (c->channel == CONTACT_CSIRT || c->rung == 12)
        return KIND_CSIRT;
    if (c->rung > 12 || c->channel == CONTACT_PORTAL)
        return KIND_NONE;
    if (c->channel == CONTACT_EMAIL)
        return c->rung >= 10 || (s->shared && s->shared[i]) ? KIND_PROVIDER : KIND_MAIL;
    return c->rung >= 10 ? KIND_NONE : c->channel == CONTACT_PHONE ? KIND_PHONE : KIND_LETTER;
}

/* The best of a kind that `fits`; NULL: none is left. Order of the ladder. */
enum fits { FITS_ALL, FITS_SAFE /* nobody else reads it, grade C or better */, FITS_GRADED /* C or better */, FITS_NEW, FITS_NEW_ROLE };
static const struct contact *best(const struct round *r, enum kind k, enum notice_stage stage, enum fits fits, bool again)
{
    /* A telephone or postal address that others gave as well may have a notice of theirs: first what is theirs alone. */
    bool   apart = r->s->shared && (k == KIND_PHONE || k == KIND_LETTER);
    size_t n = r->s->contact_n;

    for (size_t at = 0; at < n * (apart ? 2 : 1); at++) {
        size_t                i = at % n;
        const struct contact *c = &r->s->contact[i];

        if (kind_of(r->s, i) != k || !usable(r, c) || told(r, c, stage, again) || (apart && r->s->shared[i] == (at < n)))
            continue;
        if ((fits == FITS_SAFE && (bad(c->path) || c->grade < GRADE_C)) || (fits == FITS_GRADED && c->grade < GRADE_C) || (fits >= FITS_NEW && knows(r, c)) ||
            (fits == FITS_NEW_ROLE && role_told(r, c)))
            continue;
        return c;
    }
    return NULL;
}

static const struct contact *best_mail(const struct round *r, enum notice_stage stage)
{
    const struct contact *c = best(r, KIND_MAIL, stage, FITS_SAFE, false);

    c = c ? c : best(r, KIND_MAIL, stage, FITS_GRADED, false);
    return c ? c : best(r, KIND_MAIL, stage, FITS_ALL, false);
}

static const struct contact *pick(const struct round *r, enum way w, enum notice_stage stage)
{
    const struct contact *c = NULL;

    switch (w) {
    case WAY_VICTIM:
        c = best_mail(r, stage);
        c = c ? c : best(r, KIND_PHONE, stage, FITS_ALL, false);
        return c ? c : best(r, KIND_LETTER, stage, FITS_ALL, false);
    case WAY_MAIL:
        return best_mail(r, stage);
    case WAY_OTHER:
        c = best(r, KIND_MAIL, stage, FITS_NEW_ROLE, false);
        c = c ? c : best(r, KIND_MAIL, stage, FITS_NEW, false);
        c = c ? c : best(r, KIND_PHONE, stage, FITS_NEW, false);
        return c ? c : best(r, KIND_MAIL, stage, FITS_ALL, false);           /* the same person, of other facts */
    case WAY_PHONE:    return best(r, KIND_PHONE, stage, FITS_ALL, false);
    case WAY_AGAIN:
        c = best(r, KIND_PHONE, stage, FITS_NEW, false);
        return c ? c : best(r, KIND_PHONE, stage, FITS_ALL, true);
    case WAY_LETTER:   return best(r, KIND_LETTER, stage, FITS_ALL, false);
    case WAY_PROVIDER: return best(r, KIND_PROVIDER, stage, FITS_ALL, false);
    case WAY_CSIRT:    return best(r, KIND_CSIRT, stage, FITS_ALL, false);
    }
    return NULL;
}

/* --- cells --- */

static void add(struct round *r, const struct cell *cell, enum notice_stage stage, const struct contact *c)
{
    struct due *d = &r->ret->due[r->ret->n++];
    bool        provider = cell->way == WAY_PROVIDER, csirt = cell->way == WAY_CSIRT;
    int32_t     weight = r->door ? (stage == r->base ? 400 : 300) : stage == STAGE_FIRST ? 100 : 10;

    *d = (struct due){ .stage = stage, .to = c, .why = cell->why, .not_before_us = r->door ? r->now_us : r->office_us,
                       .audience = provider ? AUDIENCE_PROVIDER : csirt ? AUDIENCE_CSIRT : c->channel == CONTACT_POST ? AUDIENCE_MANAGEMENT : AUDIENCE_TECHNICAL,
                       .priority = weight + (r->s->critical ? 50 : 0) };
    d->minimal = c->channel == CONTACT_EMAIL && bad_for(d->audience, c->path);
    r->bad_path |= d->minimal && !provider && !csirt;
}

/* Is, or will at this stage anybody of the organisation be told? providers: or whoever else is due. */
static bool theirs(const struct round *r, enum notice_stage stage, bool providers)
{
    bool any = filled(r, stage, WAY_VICTIM);

    for (size_t i = 0; i < r->ret->n; i++)
        any |= providers || r->ret->due[i].audience <= AUDIENCE_MANAGEMENT;
    return any;
}

static bool asked(const struct round *r, const struct cell *c, enum notice_stage stage)
{
    bool mail = filled(r, stage, WAY_MAIL);

    switch (c->when) {
    case ALWAYS:       return true;
    case AT_ISP:       return r->s->isp_space || r->bad_path || !theirs(r, stage, false);
    case ON_BAD_PATH:  return r->bad_path;
    case WITHOUT_MAIL:
        for (size_t i = 0; i < r->ret->n; i++)
            mail |= r->ret->due[i].audience == AUDIENCE_TECHNICAL && r->ret->due[i].to->channel == CONTACT_EMAIL;
        return r->bad_path || !mail;
    case ABROAD:       return !r->s->own_country || (!theirs(r, stage, false) && !filled(r, stage, WAY_PROVIDER) && !theirs(r, stage, true));
    }
    return false;
}

/* Fills what can be filled of a stage. True: something of it is said, or will be. */
static bool stage_due(struct round *r, int stage)
{
    enum notice_stage as = stage == BASE ? r->base : (enum notice_stage)stage;
    bool              any = false;

    for (size_t i = 0; i < COUNT_OF(cells); i++) {
        const struct cell    *c = &cells[i];
        const struct contact *to;

        if (c->door != r->door || c->stage != stage || !asked(r, c, as))
            continue;
        if (filled(r, as, c->way)) {
            any = true;
            continue;
        }
        if (r->ret->n < DUE_MAX && (to = pick(r, c->way, as))) {
            add(r, c, as, to);
            any = true;
        }
    }
    return any;
}

/* --- the case --- */

/* Office hours, in the zone of the settings: the next moment within them. */
static int64_t office(const struct settings *t, int64_t now_us)
{
    int64_t zone = t->zone_s * TIME_SECOND, local = now_us + zone, day = local - ((local % TIME_DAY) + TIME_DAY) % TIME_DAY, from = day + t->from_hour * TIME_HOUR, to = day + t->to_hour * TIME_HOUR;

    if (t->from_hour >= t->to_hour || (local >= from && local < to))
        return now_us;
    return (local < from ? from : from + TIME_DAY) - zone;
}

static struct round round_of(const struct standing *s, const struct settings *t, int64_t now_us, struct schedule *ret)
{
    struct round r = { .s = s, .ret = ret, .door = is_door(s->finding), .base = base_of(s->finding), .from = s->said_n, .origin_us = TIME_NONE, .last_us = TIME_NONE, .now_us = now_us, .office_us = office(t, now_us) };

    for (size_t i = 0; i < s->said_n && !r.begun; i++)
        if (s->said[i].stage == r.base) {
            r.begun = true;
            r.from = i;
        }
    for (size_t i = r.from; i < s->said_n; i++) {
        const struct said *x = &s->said[i];

        if (x->out_us != TIME_NONE && x->audience != AUDIENCE_CSIRT) {
            if (!dead(x))
                r.last_us = r.last_us == TIME_NONE || x->out_us > r.last_us ? x->out_us : r.last_us;
            /* A notice that nobody got starts no clock; with a back door every hour counts. */
            if ((r.door ? x->stage == r.base : !dead(x)) && (r.origin_us == TIME_NONE || x->out_us < r.origin_us))
                r.origin_us = x->out_us;
        }
        if (x->channel == CONTACT_EMAIL && by_way(x, WAY_MAIL) && x->stage == r.base && !dead(x))
            for (size_t k = 0; k < s->contact_n; k++)
                r.bad_path |= same_contact(x, &s->contact[k]) && bad(s->contact[k].path);
    }
    return r;
}

/* What they said to a notice of this round; or to an older one, since this round began. */
static bool heard(const struct round *r, size_t i, enum notice_step step)
{
    const struct said *x = &r->s->said[i];

    return x->step == step && x->audience <= AUDIENCE_MANAGEMENT && (i >= r->from || (r->begun && x->step_us >= r->s->said[r->from].decided_us));
}

static bool answered(const struct round *r)
{
    for (size_t i = 0; i < r->s->said_n; i++)
        if (heard(r, i, NOTICE_ACKNOWLEDGED))
            return true;
    if (!r->s->acknowledged)
        return false;
    return !r->door || (r->begun && (r->s->acknowledged_us == TIME_NONE || r->s->acknowledged_us >= r->s->said[r->from].decided_us));
}

/* "Not ours": nobody else is written to until somebody stated a contact since. */
static bool wrong(const struct round *r)
{
    int64_t at = TIME_NONE;

    for (size_t i = 0; i < r->s->said_n; i++)
        if (heard(r, i, NOTICE_WRONG_RECIPIENT) && (at == TIME_NONE || r->s->said[i].step_us > at))
            at = r->s->said[i].step_us;
    for (size_t i = 0; at != TIME_NONE && i < r->s->contact_n; i++)
        if (usable(r, &r->s->contact[i]) && r->s->contact[i].source_us != TIME_NONE && r->s->contact[i].source_us > at)
            return false;
    return at != TIME_NONE;
}

static bool pending(const struct round *r)
{
    for (size_t i = r->from; i < r->s->said_n; i++)
        if (!dead(&r->s->said[i]) && r->s->said[i].out_us == TIME_NONE && r->s->said[i].audience != AUDIENCE_CSIRT)
            return true;
    return false;
}

static enum unplanned nobody(const struct round *r)
{
    bool opted_out = false, other = false;

    for (size_t i = 0; i < r->s->contact_n; i++) {
        opted_out |= (r->s->contact[i].flags & CONTACT_SUPPRESSED) != 0;
        other |= usable(r, &r->s->contact[i]) && kind_of(r->s, i) != KIND_NONE;
    }
    return r->s->said_n ? UNPLANNED_SAID : opted_out && !other ? UNPLANNED_SUPPRESSED : UNPLANNED_NO_CONTACT;
}

/* When the next cell's time comes; TIME_NONE: no cell is left. */
static int64_t next_cell(const struct round *r)
{
    int64_t next = TIME_NONE, last = r->origin_us + human_us[r->door];

    for (size_t i = 0; i < COUNT_OF(cells); i++)
        if (cells[i].door == r->door && r->origin_us + cells[i].after_us > r->now_us && (next == TIME_NONE || r->origin_us + cells[i].after_us < next))
            next = r->origin_us + cells[i].after_us;
    return next == TIME_NONE && last > r->now_us ? last : next;
}

static void later_vulnerable(struct round *r)
{
    static const struct { int stage; int64_t after_us; } down[] = { { STAGE_ESCALATE, 14 * TIME_DAY }, { STAGE_REMIND2, 7 * TIME_DAY }, { STAGE_REMIND1, 3 * TIME_DAY } };
    int64_t since = r->now_us - r->origin_us;

    if (pending(r) || since >= DORMANT_US) {
        r->ret->why = since >= DORMANT_US ? UNPLANNED_DORMANT : UNPLANNED_WAITING;
        return;
    }
    if (since >= down[2].after_us && r->now_us - r->last_us < GAP_US) {
        r->ret->why = UNPLANNED_WAITING;
        r->ret->next_us = r->last_us + GAP_US;
        return;
    }
    for (size_t i = 0; i < COUNT_OF(down); i++)
        if (since >= down[i].after_us && stage_due(r, down[i].stage))
            break;
    if (r->ret->n)
        return;
    bool human = since >= human_us[0] && !filled(r, STAGE_ESCALATE, WAY_PROVIDER);
    r->ret->why = human ? UNPLANNED_HUMAN : UNPLANNED_WAITING;
    r->ret->next_us = next_cell(r) != TIME_NONE ? next_cell(r) : r->origin_us + DORMANT_US;
}

static void later_door(struct round *r)
{
    int64_t since = r->now_us - r->origin_us;

    if (since >= TIME_DAY)
        stage_due(r, STAGE_REMIND1);
    if (since >= 3 * TIME_DAY)
        stage_due(r, STAGE_REMIND2);
    if (r->ret->n)
        return;
    r->ret->why = since >= human_us[1] ? UNPLANNED_HUMAN : UNPLANNED_WAITING;
    r->ret->next_us = since >= human_us[1] ? r->origin_us + (since / REVIEW_US + 1) * REVIEW_US : next_cell(r);
}

/* Theirs, reached, and still good; mail only where nobody else reads it: a minimal text that alarms would close nothing. */
static const struct contact *to_close(const struct round *r, const struct said *x)
{
    if (x->audience > AUDIENCE_MANAGEMENT || dead(x) || x->out_us == TIME_NONE)
        return NULL;
    for (size_t i = 0; i < r->s->contact_n; i++) {
        const struct contact *c = &r->s->contact[i];
        if (same_contact(x, c) && usable(r, c) && !told(r, c, STAGE_CLOSING, false) && !(c->channel == CONTACT_EMAIL && bad(c->path)))
            return c;
    }
    return NULL;
}

static void closing(struct round *r)
{
    const struct contact *to = NULL;

    for (size_t i = 0; i < r->s->said_n; i++)
        if (r->s->said[i].stage == STAGE_CLOSING && !dead(&r->s->said[i]))
            return;
    for (int answered = 1; answered >= 0; answered--)
        for (size_t i = r->s->said_n; i > 0 && !to; i--)
            if (!answered || r->s->said[i - 1].step == NOTICE_ACKNOWLEDGED)
                to = to_close(r, &r->s->said[i - 1]);
    if (to)
        add(r, &closing_cell, STAGE_CLOSING, to);
}

void schedule_next(const struct standing *s, const struct settings *t, int64_t now_us, struct schedule *ret)
{
    *ret = (struct schedule){ .why = NOT_UNPLANNED, .next_us = TIME_NONE };
    struct round r = round_of(s, t, now_us, ret);

    if (s->stage <= CASE_DISMISSED)
        ret->why = UNPLANNED_UNVERIFIED;
    else if (s->finding == FINDING_CLEAN || s->stage == CASE_CLEAN || s->stage == CASE_CLOSED) {
        if (s->finding == FINDING_CLEAN && s->stage == CASE_CLEAN)
            closing(&r);
        ret->why = ret->n ? NOT_UNPLANNED : UNPLANNED_CLEAN;
        return;
    }
    else if (!r.door && !s->has_vulnerable)
        ret->why = UNPLANNED_PATCHED;
    else if (wrong(&r))
        ret->why = UNPLANNED_HUMAN;
    else if (answered(&r))
        ret->why = UNPLANNED_ANSWERED;
    else if (!r.door && s->stage == CASE_DORMANT && !s->answering)
        ret->why = UNPLANNED_DORMANT;
    if (ret->why != NOT_UNPLANNED)
        return;
    bool any = stage_due(&r, BASE);
    if (r.origin_us != TIME_NONE && (r.door || !ret->n)) {
        if (r.door)
            later_door(&r);
        else
            later_vulnerable(&r);
    } else if (!ret->n)
        ret->why = any ? UNPLANNED_WAITING : nobody(&r);
    if (ret->n) {
        ret->why = NOT_UNPLANNED;
        ret->next_us = TIME_NONE;
    }
}
