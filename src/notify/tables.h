/*
 * tables: notices in the store. Times are UTC microseconds, NULL when unknown.
 *
 *   notify_wave    id, campaign, stage, made_us, made_by, plan_hash, notices, approved_us, approved_by, note      one release; approved by another person than made_by
 *   notify_notice  id, campaign, case_id, org, wave, stage, channel, contact, contact_id, content_rev, rev, override_, audience, finding, language, minimal, inherited_from,
 *                  state (enum notice_step), owner, fence, lease_us, attempt, not_before_us, give_up_us, priority, bucket, domain, date_us, message_id, token,
 *                  subject, queue_id, written, code, answer, changed_us
 *                  UNIQUE (campaign, case_id, stage, channel, contact, content_rev); UNIQUE (campaign, contact, stage) WHERE override_ = 0; UNIQUE (message_id)
 *   notify_bytes   notice, bytes, sha256, kept_until_us     rendered and signed once; what is sent is this, at every attempt
 *   notify_event   id, notice, at_us, who, step, attempt, code, detail     append-only; each is also a FACT_NOTICE of its case
 *   notify_bucket  name, kind (0 all, 1 MX provider, 2 domain), rate_milli, next_us, window_us, sent, soft, policy, paused_until_us
 *   notify_stop    scope ('' or a campaign's slug), at_us, who, why, ended_us
 *   notify_inbox   id, sha256, received_us, kind, notice, case_id, sender, subject, excerpt, ticket, state, who, done_us
 *   notify_key     id, secret    the key of the tokens; made once
 *   notify_instance id 1, test_to, team, made_us, made_by    what this store is for: settings.h
 *   notify_also    notice, case_id, stage, content_rev    which cases a merged notice tells (a provider's, an operator's, a CSIRT's), its own and the others: at which of their stages, and which of their facts
 *   notify_plan    case_id, campaign, at_us, why (enum unplanned), next_us    what the last plan said of each case
 *   notify_lookup  kind, key, first, last, at_us, until_us, status, bytes    answers of registries: lookup.h
 *   notify_paper   notice, folder, name, sha256, at_us, copies    letters and call sheets that were written for the desk: paper.h
 *   notify_file    folder, name, notice, sha256, at_us, gone_us    each place at which one of them was written; gone_us: it has to go from there since, its organisation is erased: paper_erase.h
 */
#ifndef NOTIFY_TABLES_H
#define NOTIFY_TABLES_H

#include "store/store.h"

extern const struct store_migration notify_layer;

#endif
