/* update_figures: the series that update_cases gathered, and the wave: the first day on which each server was entered, got a back door, and saw it used. */
#include "casework/update_inner.h"

#include "casework/case_figures.h"
#include "casework/wave.h"

#include <stdio.h>

static bool first_days(struct store *s, enum wave_what what, const char *column, int64_t known_us, struct err *e)
{
    struct store_stmt *st = NULL;
    char               sql[640];

    snprintf(sql, sizeof sql, "INSERT INTO case_first (campaign, what, asset, day) SELECT r.campaign, ?1, a.asset, min(r.%s / 86400000000) FROM case_report r JOIN case_asset a ON a.subject = r.subject"
                              " WHERE r.%s >= 0 AND r.grade >= ?2 AND r.recorded_us <= ?3 GROUP BY r.campaign, a.asset", column, column);
    bool ok = store_prepare(s, sql, &st, e);
    if (ok) {
        store_bind_int(st, 1, what);
        store_bind_int(st, 2, UPDATE_WAVE_GRADE);
        store_bind_int(st, 3, known_us == TIME_NONE ? INT64_MAX : known_us);
        ok = store_run(st, e);
    }
    store_finish(st);
    return ok;
}

bool update_figures(struct update *u, struct err *e)
{
    static const char *const column[WAVE_WHATS] = { [WAVE_PLACED] = "placed_us", [WAVE_USED] = "used_us", [WAVE_ENTERED] = "entered_us" };

    if (!(u->figures ? case_figures_write(u->figures, u->s, e) : store_exec(u->s, "DELETE FROM case_figure", e)) || !store_exec(u->s, "DELETE FROM case_first", e))
        return false;
    for (int what = 0; what < WAVE_WHATS; what++)
        if (!first_days(u->s, (enum wave_what)what, column[what], u->o->known_us, e))
            return false;
    return update_public(u, e);
}
