/*
 * notify_wave: what show and approve tell of a wave, and of one notice: counts, the hash that an approval names, a sample of rendered texts.
 */
#ifndef CLI_NOTIFY_WAVE_H
#define CLI_NOTIFY_WAVE_H

#include "cli/case_data.h"
#include "emit/json.h"
#include "notify/outbox.h"
#include "notify/plan.h"

enum { WAVE_SAMPLE = 20, WAVE_ROWS_MAX = 12 /* values of a count; the rest is one line */, WAVE_HASH_LEAST = 12 /* hexadecimal digits that an approval names */ };

struct wave_count { struct str value; int64_t n; };
struct wave_view {
    int64_t  id, campaign, made_us, approved_us;
    enum notice_stage stage;
    struct str made_by, approved_by;
    uint64_t waiting, all;         /* of it: not set free yet; all that were ever in it */
    uint8_t  hash[32];             /* of what waits in it now */
};
/* False with ERR_NONE: no wave has this number. */
bool wave_view(struct case_data *d, int64_t wave, struct wave_view *ret, struct err *e);
/* Counts by country, language, channel, provider of the mail, stage, audience, and how many are minimal; as text or into j. */
bool wave_counts(struct case_data *d, const struct wave_view *w, struct js *j, struct err *e);
/* WAVE_SAMPLE notices of it, always the same, as they would be read. */
bool wave_sample(struct case_data *d, const struct wave_view *w, struct js *j, struct err *e);
void wave_head(struct case_data *d, const struct wave_view *w, struct js *j);

/* One notice; text: with all of its text. */
bool notice_view(struct case_data *d, int64_t notice, bool text, struct js *j, struct err *e);
/* The newest WAVE_SAMPLE of a case, merged ones too. */
bool case_notices(struct case_data *d, int64_t case_, bool text, struct js *j, struct err *e);
/* "no_contact": for JSON. */
const char *unplanned_word(enum unplanned u);

#endif
