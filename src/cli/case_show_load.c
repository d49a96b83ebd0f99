/* What `case show` reads. See case_show.h. */
#include "cli/case_show.h"

#include <stdio.h>
#include <string.h>

static bool open_by_case(struct show *s, const char *sql, struct store_stmt **ret, struct err *e)
{
    if (!store_prepare(s->d->store, sql, ret, e))
        return false;
    store_bind_int(*ret, 1, s->found.case_);
    return true;
}

/* Room for one more, or NULL: then the statement is finished, and e says why. */
#define MORE(s, list, n, cap, st, e) \
    (GROW(&(s)->d->c->keep, list, n, &(cap)) ? &(list)[(n)++] : (store_finish(st), err_set(e, ERR_MEMORY, "no room for a case"), NULL))

static struct str column_str(struct show *s, struct store_stmt *st, int at) { return case_text(s->d, st, at); }

static void column_hash(struct store_stmt *st, int at, uint8_t ret[32])
{
    struct str b = store_bytes(st, at);

    memset(ret, 0, 32);
    if (b.n == 32)
        memcpy(ret, b.p, 32);
}

/* --- the case and its organisation --- */

static bool load_line(struct show *s, struct err *e)
{
    struct store_stmt *st = NULL;
    char               sql[2048];

    snprintf(sql, sizeof sql, "SELECT %s FROM case_state s LEFT JOIN case_org o ON o.org = s.org WHERE s.case_id = ?1", case_line_columns);
    if (!open_by_case(s, sql, &st, e))
        return false;
    if (!case_row(&st, e)) {
        if (e->kind == ERR_NONE) {
            err_set(e, ERR_USAGE, "%s is new: nothing was worked out for it yet", s->found.name);
            err_hint(e, "`afterpatch case update` does");
        }
        return false;
    }
    case_line_read(s->d, st, &s->line);
    store_finish(st);
    s->campaign = case_campaign_at(s->d, s->line.campaign);
    return true;
}

static bool load_organisation(struct show *s, struct err *e)
{
    struct store_stmt *st = NULL;
    size_t             cap = 0;

    if (!store_prepare(s->d->store, "SELECT o.name_from, o.confidence, q.name FROM case_org o LEFT JOIN case_source q ON q.id = o.sector_source WHERE o.org = ?1", &st, e))
        return false;
    store_bind_int(st, 1, s->line.org);
    if (case_row(&st, e)) {
        s->name_from = (enum group_naming)store_int(st, 0);
        s->confidence = store_int(st, 1);
        s->sector_from = column_str(s, st, 2);
        store_finish(st);
    }
    if (e->kind != ERR_NONE || !store_prepare(s->d->store, "SELECT country FROM case_org_country WHERE org = ?1 AND country <> '' ORDER BY country", &st, e))
        return false;
    store_bind_int(st, 1, s->line.org);
    while (case_row(&st, e)) {
        struct str *c = MORE(s, s->country, s->country_n, cap, st, e);
        if (!c)
            return false;
        *c = column_str(s, st, 0);
    }
    return e->kind == ERR_NONE;
}

/* --- servers --- */

static bool load_servers(struct show *s, struct err *e)
{
    static const char sql[] =
        "SELECT v.asset, v.name, v.country, v.product, v.build, v.ip, v.port, v.asn, v.exposure, v.exposure_grade, v.exposure_us, v.compromise, v.compromise_grade, v.compromise_us,"
        " v.clean, v.was_clean, v.suspicion, v.hunted, v.re_entered, v.not_mine, v.still_there, v.backdoored_ever, v.beyond, v.shared, v.theft, v.clean_us, v.hunted_us,"
        " v.first_seen_us, v.last_seen_us, v.relapses, v.missed, v.confidence FROM case_server v WHERE v.case_id = ?1 ORDER BY"
        " CASE WHEN v.asset = ?2 THEN 0 WHEN v.compromise IN (2, 5) THEN 1 WHEN v.exposure = 1 THEN 2 WHEN v.compromise = 1 THEN 3 WHEN v.clean = 0 THEN 4 ELSE 5 END, v.asset LIMIT 2000";
    struct store_stmt *st = NULL;
    size_t             cap = 0;

    _Static_assert(COMPROMISE_BACKDOORED == 2 && COMPROMISE_RELAPSED == 5 && EXPOSURE_VULNERABLE == 1 && COMPROMISE_SUSPECTED == 1 && SHOW_MAX == 2000, "numbers of the statement");
    if (!open_by_case(s, sql, &st, e))
        return false;
    store_bind_int(st, 2, s->found.asset);
    while (case_row(&st, e)) {
        struct show_server *v = MORE(s, s->server, s->server_n, cap, st, e);
        if (!v)
            return false;
        *v = (struct show_server){
            .asset = store_int(st, 0), .name = column_str(s, st, 1), .country = column_str(s, st, 2), .product = column_str(s, st, 3), .build = column_str(s, st, 4),
            .port = (uint16_t)store_int(st, 6), .asn = (uint32_t)store_int(st, 7),
            .exposure = (enum exposure)store_int(st, 8), .exposure_grade = (enum grade)store_int(st, 9), .exposure_us = case_time(st, 10),
            .compromise = (enum compromise)store_int(st, 11), .compromise_grade = (enum grade)store_int(st, 12), .compromise_us = case_time(st, 13),
            .clean = store_int(st, 14) != 0, .was_clean = store_int(st, 15) != 0, .suspicion = store_int(st, 16) != 0, .hunted = store_int(st, 17) != 0,
            .re_entered = store_int(st, 18) != 0, .not_mine = store_int(st, 19) != 0, .still_there = store_int(st, 20) != 0, .backdoored_ever = store_int(st, 21) != 0,
            .beyond = store_int(st, 22) != 0, .shared = store_int(st, 23) != 0, .theft = (int)store_int(st, 24), .clean_us = case_time(st, 25), .hunted_us = case_time(st, 26),
            .first_seen_us = case_time(st, 27), .last_seen_us = case_time(st, 28), .relapses = store_int(st, 29), .missed = store_int(st, 30), .confidence = store_int(st, 31),
            .asked = s->found.asset && store_int(st, 0) == s->found.asset,
        };
        struct str ip = store_bytes(st, 5);
        if ((v->has_ip = ip.n == 16))
            memcpy(v->ip, ip.p, 16);
    }
    return e->kind == ERR_NONE;
}

static struct show_server *server_of(struct show *s, int64_t asset)
{
    for (size_t i = 0; i < s->server_n; i++)
        if (s->server[i].asset == asset)
            return &s->server[i];
    return NULL;
}

/* By server, so that each one's names stand together. */
static bool load_names(struct show *s, struct err *e)
{
    struct store_stmt  *st = NULL;
    struct show_server *v = NULL;
    struct str         *all = NULL;
    size_t              n = 0, cap = 0;

    if (!open_by_case(s, "SELECT n.asset, n.name FROM case_server v JOIN case_server_name n ON n.asset = v.asset WHERE v.case_id = ?1 ORDER BY n.asset, n.name LIMIT 10000", &st, e))
        return false;
    while (case_row(&st, e)) {
        if (!v || v->asset != store_int(st, 0)) {
            v = server_of(s, store_int(st, 0));
            all = NULL;
            n = cap = 0;
        }
        if (!v || str_eq(store_text(st, 1), v->name))
            continue;
        struct str *name = MORE(s, all, n, cap, st, e);
        if (!name)
            return false;
        *name = column_str(s, st, 1);
        v->alias = all;
        v->alias_n = n;
    }
    return e->kind == ERR_NONE;
}

/* --- reports and back doors --- */

static bool load_reports(struct show *s, struct err *e)
{
    static const char sql[] =
        "SELECT r.file, v.asset, f.name, f.sha256, r.verdict, r.door_open, r.theft, r.tool, r.why, r.grade, r.hunted_us, r.from_us, r.to_us, r.entered_us, r.placed_us, r.used_us,"
        " r.last_us, r.recorded_us, r.nonce_ok, r.re_entered, r.beyond, r.back_doors, r.ways_back, r.mail_bytes FROM case_server v JOIN case_asset a ON a.asset = v.asset"
        " JOIN case_report r ON r.subject = a.subject AND r.campaign = v.campaign LEFT JOIN case_file f ON f.id = r.file WHERE v.case_id = ?1"
        " ORDER BY COALESCE(r.hunted_us, r.recorded_us) DESC, r.file LIMIT 2000";
    struct store_stmt *st = NULL;
    size_t             cap = 0;

    if (!open_by_case(s, sql, &st, e))
        return false;
    while (case_row(&st, e)) {
        struct show_report *r = MORE(s, s->report, s->report_n, cap, st, e);
        if (!r)
            return false;
        *r = (struct show_report){
            .file = store_int(st, 0), .asset = store_int(st, 1), .name = column_str(s, st, 2), .verdict = column_str(s, st, 4), .door_open = column_str(s, st, 5),
            .theft = column_str(s, st, 6), .tool = column_str(s, st, 7), .why = column_str(s, st, 8), .grade = (enum grade)store_int(st, 9), .hunted_us = case_time(st, 10),
            .from_us = case_time(st, 11), .to_us = case_time(st, 12), .entered_us = case_time(st, 13), .placed_us = case_time(st, 14), .used_us = case_time(st, 15),
            .last_us = case_time(st, 16), .recorded_us = store_int(st, 17), .nonce_ok = store_int(st, 18) != 0, .re_entered = store_int(st, 19) != 0,
            .beyond = store_int(st, 20) != 0, .back_doors = store_int(st, 21), .ways_back = store_int(st, 22), .mail_bytes = store_int(st, 23),
        };
        column_hash(st, 3, r->sha256);
    }
    return e->kind == ERR_NONE;
}

/* Is it one that a newer report has told already? */
static bool told(const struct show *s, const struct show_door *d)
{
    for (size_t i = 0; i < s->door_n; i++) {
        const struct show_door *x = &s->door[i];
        if (x->file != d->file && x->asset == d->asset && x->way == d->way && (d->finding ? x->finding == d->finding : str_ieq(x->path, d->path)))
            return true;
    }
    return false;
}

/* Back doors before ways back, those that are there before those that are gone; as they came otherwise. */
enum { RANKS = 4 };
static size_t rank(const struct show_door *d)
{
    bool gone = str_eq(d->state, STR("removed")) || str_eq(d->state, STR("rotated"));

    return (size_t)gone * 2 + d->way;
}

static bool doors_sort(struct show *s, struct err *e)
{
    struct show_door *to = TAKE(&s->d->c->keep, struct show_door, s->door_n ? s->door_n : 1);
    size_t            n = 0;

    if (!to)
        return err_set(e, ERR_MEMORY, "no room for back doors");
    for (size_t r = 0; r < RANKS; r++)
        for (size_t i = 0; i < s->door_n; i++)
            if (rank(&s->door[i]) == r)
                to[n++] = s->door[i];
    s->door = to;
    return true;
}

static bool load_doors(struct show *s, struct err *e)
{
    static const char sql[] =
        "SELECT d.file, v.asset, d.finding, r.hunted_us, d.way, d.path, d.state, d.kind, d.used, d.sha256, d.intruder, d.created_us, d.removed_us, d.first_us, d.last_us, d.requests"
        " FROM case_server v JOIN case_asset a ON a.asset = v.asset JOIN case_report r ON r.subject = a.subject AND r.campaign = v.campaign"
        " JOIN case_door d ON d.file = r.file AND d.campaign = r.campaign WHERE v.case_id = ?1 ORDER BY COALESCE(r.hunted_us, r.recorded_us) DESC, d.file, d.way, d.at LIMIT 2000";
    struct store_stmt *st = NULL;
    size_t             cap = 0;

    if (!open_by_case(s, sql, &st, e))
        return false;
    while (case_row(&st, e)) {
        struct show_door x = {
            .file = store_int(st, 0), .asset = store_int(st, 1), .finding = store_int(st, 2), .hunted_us = case_time(st, 3), .way = store_int(st, 4) != 0,
            .path = column_str(s, st, 5), .state = column_str(s, st, 6), .kind = column_str(s, st, 7), .used = column_str(s, st, 8), .sha256 = column_str(s, st, 9),
            .intruder = column_str(s, st, 10), .created_us = case_time(st, 11), .removed_us = case_time(st, 12), .first_us = case_time(st, 13), .last_us = case_time(st, 14),
            .requests = store_int(st, 15),
        };
        if (told(s, &x))
            continue;
        struct show_door *d = MORE(s, s->door, s->door_n, cap, st, e);
        if (!d)
            return false;
        *d = x;
    }
    return e->kind == ERR_NONE && doors_sort(s, e);
}

/* --- notices, its own and inherited --- */

static bool load_heirs(struct show *s, struct err *e)
{
    struct store_stmt *st = NULL;
    size_t             cap = 0;

    if (!open_by_case(s, "SELECT from_case FROM case_heir WHERE case_id = ?1 ORDER BY from_case LIMIT 100", &st, e))
        return false;
    while (case_row(&st, e)) {
        int64_t *from = MORE(s, s->heir_of, s->heir_n, cap, st, e);
        if (!from)
            return false;
        *from = store_int(st, 0);
    }
    return e->kind == ERR_NONE;
}

/* Its own and what it inherits, each folded from its facts. */
static bool load_notices(struct show *s, struct err *e)
{
    struct arena *keep = &s->d->c->keep;
    struct fact  *f = NEW(keep, struct fact, s->desk.n ? s->desk.n : 1);
    int64_t      *of = NEW(keep, int64_t, s->desk.n ? s->desk.n : 1);
    size_t        n = 0, cap = 0;

    if (!f || !of)
        return err_set(e, ERR_MEMORY, "no room for a case");
    for (size_t i = 0; i < s->desk.n; i++) {
        const struct desk_fact *d = &s->desk.fact[i];

        if (d->f.kind != FACT_NOTICE || (d->from != DESK_CASE && d->from != DESK_INHERITED))
            continue;
        f[n] = d->f;
        memcpy(f[n].hash, &d->id, sizeof d->id);       /* rows are distinct by their number */
        of[n++] = d->from == DESK_INHERITED ? d->case_ : 0;
    }
    for (size_t i = 0; i < n && e->kind == ERR_NONE; i++) {
        size_t k = 0;

        while (k < i && f[k].subject != f[i].subject)
            k++;
        if (k < i)
            continue;
        struct show_notice *x = GROW(keep, s->notice, s->notice_n, &cap) ? &s->notice[s->notice_n++] : NULL;
        if (!x)
            return err_set(e, ERR_MEMORY, "no room for a case");
        *x = (struct show_notice){ .notice = (int64_t)f[i].subject, .from_case = of[i] };
        notice_fold(f, n, f[i].subject, (struct fold_at){ TIME_NONE, TIME_NONE }, s->d->c->scratch, &x->s, e);
    }
    return e->kind == ERR_NONE;
}

/* --- evidence --- */

static bool load_files(struct show *s, struct err *e)
{
    static const char sql[] =
        "SELECT f.id, f.recorded_us, f.name, f.kind, q.name, f.sha256 FROM case_file f LEFT JOIN case_source q ON q.id = f.source WHERE f.id IN ("
        "SELECT x.file FROM case_server v JOIN case_asset a ON a.asset = v.asset JOIN case_fact x ON x.subject = a.subject AND x.of_case = 0 WHERE v.case_id = ?1"
        " UNION SELECT k.file FROM case_server v JOIN case_asset a ON a.asset = v.asset JOIN case_link k ON k.subject = a.subject WHERE v.case_id = ?1"
        " UNION SELECT r.file FROM case_server v JOIN case_asset a ON a.asset = v.asset JOIN case_report r ON r.subject = a.subject AND r.campaign = v.campaign WHERE v.case_id = ?1"
        " UNION SELECT x.file FROM case_fact x WHERE x.case_id = ?1 AND x.of_case = 1) ORDER BY f.recorded_us DESC, f.id LIMIT 2000";
    struct store_stmt *st = NULL;
    size_t             cap = 0;

    if (!open_by_case(s, sql, &st, e))
        return false;
    while (case_row(&st, e)) {
        struct show_file *f = MORE(s, s->file, s->file_n, cap, st, e);
        if (!f)
            return false;
        *f = (struct show_file){ .id = store_int(st, 0), .recorded_us = store_int(st, 1), .name = column_str(s, st, 2), .kind = column_str(s, st, 3), .source = column_str(s, st, 4) };
        column_hash(st, 5, f->sha256);
    }
    return e->kind == ERR_NONE;
}

bool case_show_load(struct show *ret, struct case_data *d, const struct case_found *found, struct err *e)
{
    *ret = (struct show){ .d = d, .found = *found };
    if (!load_line(ret, e) || !load_organisation(ret, e) || !load_servers(ret, e) || !load_names(ret, e) || !load_reports(ret, e) || !load_doors(ret, e) ||
        !second_group_read(d->store, found->case_, &d->c->keep, &ret->intruders, e) || !load_heirs(ret, e))
        return false;
    if (!desk_case(d->store, found->case_, SHOW_MAX, &d->c->keep, &ret->desk, e) && e->kind != ERR_NONE)
        return false;
    return load_notices(ret, e) && load_files(ret, e);
}

const char *case_naming_text(enum group_naming n)
{
    static const char *const name[] = { "nobody", "a register", "a certificate", "a constituency list", "a domain" };

    return (size_t)n < sizeof name / sizeof *name ? name[n] : name[0];
}
