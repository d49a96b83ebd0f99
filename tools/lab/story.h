/* story: words that all stories use. The truth follows from docs/report-contract.md. */
#ifndef LAB_STORY_H
#define LAB_STORY_H

#include "lab/lab.h"

#define UA_SCRIPT "python-requests/2.25.1"
#define UA_SHELL  "antSword/v2.1"
#define UA_LOOK   "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"

extern const struct raid someone;                    /* the intruder of most stories */

void verdict(struct lab *l, const char *word);       /* with its exit code */
void all_covered(struct lab *l);
void attempted(struct lab *l);
void entered(struct lab *l, int intruders);
void door(struct lab *l, const char *state, bool used, bool again);
const char *web(struct lab *l, const char *below);   /* below the web root, below the front end */
const char *front(struct lab *l, const char *below);
void intrude(struct lab *l, const struct raid *r, const char *start);
void admin_work(struct lab *l, const char *admin, const char *client, int64_t t);
/* Drop and use in one visit; the page's Windows path. */
const char *one_visit(struct lab *l, const struct raid *r, const char *page, const char *url);

/* One set and one tell for each story, see scenarios.c. */
void after_damaged(struct lab *l);
void drop_tree(struct lab *l);
void set_2010(struct lab *l);
void set_bakery(struct lab *l);
void set_balanced(struct lab *l);
void set_busy(struct lab *l);
void set_coexistence(struct lab *l);
void set_expired(struct lab *l);
void set_mitigated(struct lab *l);
void set_moved(struct lab *l);
void set_no_roots(struct lab *l);
void set_two(struct lab *l);
void tell_2010(struct lab *l);
void tell_autodiscover(struct lab *l);
void tell_bakery(struct lab *l);
void tell_balanced(struct lab *l);
void tell_busy(struct lab *l);
void tell_coexistence(struct lab *l);
void tell_damaged(struct lab *l);
void tell_download(struct lab *l);
void tell_expired(struct lab *l);
void tell_logs_only(struct lab *l);
void tell_loot(struct lab *l);
void tell_mail(struct lab *l);
void tell_mitigated(struct lab *l);
void tell_moved(struct lab *l);
void tell_msert(struct lab *l);
void tell_own_scan(struct lab *l);
void tell_reached(struct lab *l);
void tell_removed(struct lab *l);
void tell_sample(struct lab *l);
void tell_scanner(struct lab *l);
void tell_task(struct lab *l);
void tell_two(struct lab *l);
void tell_untouched(struct lab *l);
void tell_unused(struct lab *l);
void tell_used(struct lab *l);
void tell_victim_balanced(struct lab *l);
void set_unpatched(struct lab *l);
void tell_open(struct lab *l);
void tell_never_patched(struct lab *l);
void tell_hand_over(struct lab *l);
void tell_export(struct lab *l);
void set_shared(struct lab *l);
void tell_shared(struct lab *l);
void set_month(struct lab *l);
void tell_iis_only(struct lab *l);
void set_hole(struct lab *l);
void tell_hole(struct lab *l);
void tell_iis_victim(struct lab *l);
void set_late(struct lab *l);
void set_born_patched(struct lab *l);
void tell_born_patched(struct lab *l);
void tell_removed_owa(struct lab *l);
void tell_events_pivot(struct lab *l);
void tell_events_pivot_shared(struct lab *l);
void tell_events_quiet(struct lab *l);
void tell_events_cleared(struct lab *l);
void set_events_only(struct lab *l);
void tell_events_planted(struct lab *l);
void tell_events_more(struct lab *l);
void tell_events_story(struct lab *l);
void tell_events_beyond(struct lab *l);
void tell_events_messaging(struct lab *l);
void tell_ways_config(struct lab *l);
void tell_ways_config_benign(struct lab *l);
void tell_ways_registry(struct lab *l);
void tell_ways_registry_benign(struct lab *l);
void tell_ways_files(struct lab *l);
void tell_ways_files_benign(struct lab *l);

#endif
