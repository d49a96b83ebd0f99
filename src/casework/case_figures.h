/*
 * case_figures: how a campaign goes, by day and stratum: servers, organisations and notices.
 *
 * Shape    update_cases tells how a case and its servers stood from one day to another; case_figures_write puts the series into the store. Reading verbs take
 *          them from there (case_figures_read), and know nothing else: no name of anybody is in case_figure.
 * Unit     each count says whose it is; a figure without its unit is worth nothing.
 * Days     by observed_at; as-of day and detector versions stand beside them.
 * Source   notification sheet, 8.6.
 */
#ifndef CASEWORK_CASE_FIGURES_H
#define CASEWORK_CASE_FIGURES_H

#include "base/arena.h"
#include "casework/state.h"
#include "store/store.h"

enum case_count {
    COUNT_CANDIDATES,              /* cases; everything below counts from verified on */
    COUNT_VERIFIED, COUNT_EXPOSED, COUNT_PATCHED, COUNT_BACKDOORED, COUNT_PATCHED_BACKDOORED, COUNT_BACKDOORED_EVER, COUNT_REENTERED, COUNT_MOVED_ON, COUNT_MAIL_STOLEN,
    COUNT_NOTIFIED, COUNT_ANSWERED, COUNT_HUNTED, COUNT_CLEAN, COUNT_EVER_CLEAN, COUNT_RELAPSED, COUNT_MISSED, COUNT_FORCED, COUNT_DORMANT, COUNT_CLOSED, CASE_COUNTS
};
const char *case_count_name(enum case_count c);        /* "patched_backdoored" */
enum case_by { CASE_BY_ALL, CASE_BY_COUNTRY, CASE_BY_ADDRESS_COUNTRY, CASE_BY_SECTOR, CASE_BY_SIZE, CASE_BY_DETECTOR, CASE_BYS };
const char *case_by_name(enum case_by by);
enum case_unit { UNIT_SERVERS, UNIT_ORGANISATIONS, UNIT_NOTICES, CASE_UNITS };
const char *case_unit_name(enum case_unit u);

struct case_figures;
bool case_figures_open(struct case_figures **ret, struct arena *a, struct err *e);
/* One case stood so on days from..to (days since 1970 UTC, both included). Strata: of the organisation and, for servers, of each address. */
struct case_strata { struct str country, sector, size; };
struct case_server_strata { struct str country, detector; bool beyond, stolen; };      /* one for each asset of the state, in its order */
bool case_figures_take(struct case_figures *f, int64_t campaign, int32_t from, int32_t to, const struct case_state *s, const struct case_strata *of,
                       const struct case_server_strata *servers, struct err *e);
bool case_figures_write(struct case_figures *f, struct store *s, struct err *e);

/* One series: rows by day. */
struct case_figure { int32_t day; int64_t n[CASE_COUNTS]; };
bool case_figures_read(struct store *s, int64_t campaign, enum case_by by, struct str value, enum case_unit unit, struct arena *a,
                       struct case_figure **ret, size_t *ret_n, struct err *e);
/* The values of a stratum with what holds on `day`, largest (verified) first. */
struct case_stratum { struct str value; struct case_figure now; };
bool case_figures_values(struct store *s, int64_t campaign, enum case_by by, enum case_unit unit, int32_t day, struct arena *a, struct case_stratum **ret, size_t *ret_n, struct err *e);

#endif
