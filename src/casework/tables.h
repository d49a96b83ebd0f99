/*
 * tables: casework in the store. All begin with case_; times are UTC microseconds, NULL when unknown; numbers of words are those of the C enums.
 *
 * Ledger (ledger.h; append-only)
 *   case_campaign  id, slug, title, build_group, begun_us, report_us, patch_us, code_us
 *   case_source    id, name, organisation, tlp, releasable
 *   case_file      id, sha256, name, kind, size_bytes, campaign, source, recorded_us, whole, rows_n, taken, known, refused
 *   case_bytes     file, deflated, size_bytes
 *   case_refused   file, line, why, raw
 *   case_subject   id, ip, port, tls, node, domain;  case_subject_name  subject, name
 *   case_place     subject, country, asn, source
 *   case_link      id, subject, kind, value, country, confidence, name, sector, size, source, file, line, observed_us, recorded_us
 *   case_revoked   link, who, why, at_us;  case_ruling  kind, value, country, what, who, why, at_us
 *   case_entry     id, list, number, registered, name, sector, size, domain, first_ip, last_ip, asn, country, since_us, until_us, source, file, line, recorded_us
 *   case_mx        id, domain, host, ip, tls, source, file, line, observed_us, recorded_us
 *   case_contact   id, channel, address, about, about_value, rung, role, name, language, pgp, observed_us, until_us, manual, source, file, line, recorded_us
 *   case_fact      id, campaign, of_case, case_id, subject, kind, grade, value, flags, attempt, source, finding, observed_us, recorded_us, own_us, reason,
 *                  who, file, line;  case_id 0 with facts of servers
 *   case_report    file, campaign, subject, verdict, door_open, theft, tool, packs, grade, why, hunted_us, from_us, to_us, patched_us, newest_us,
 *                  placed_us, used_us, last_us, entered_us, re_entered, beyond, nonce_ok, back_doors, ways_back, mail_bytes, recorded_us
 *   case_door      file, campaign, at, finding, way, path, state, kind, used, sha256, shell_key, intruder, created_us, removed_us, first_us, last_us, requests
 *   case_feature   id, file, campaign, subject, session, kind, value, first_us
 *   case_audit     id, at_us, who, what, about, detail
 *   case_nonce     hash, case_id, issued_us, until_us, revoked_us
 *   case_erased    org, at_us, who, why, rows_n;  case_hold  org, who, why, at_us, ended_us;  case_suppress  hash, scope, who, why, at_us
 *
 * Kept numbers (written by update.h, never used twice)
 *   case_asset     subject, asset            which server a subject is; number from follow.h
 *   case_member    asset, org                and whose it is
 *   case_case      id, campaign, org, opened_us
 *   case_heir      case_id, from_case        a split or merger: notices are inherited
 *   case_next      what, next                'asset', 'org', 'intruder'; 'intruders_seen': which features the groups were worked out from
 *
 * Board (written whole by each update, in one transaction)
 *   case_server    campaign, asset, org, case_id, name, ip, port, country, asn, product, build, exposure, exposure_grade, exposure_us, compromise, compromise_grade,
 *                  compromise_us, clean, was_clean, suspicion, hunted, re_entered, not_mine, still_there, backdoored_ever, beyond, theft, clean_us, hunted_us,
 *                  relapses, missed, first_seen_us, last_seen_us, confidence, shared;  theft 0 none, 1 suspected, 2 seen
 *   case_server_name asset, name
 *   case_look      campaign, asset, at_us, source, value, grade, active   how the survey's word about its exposure changed; source: enum obs_source
 *   case_org       org, name, name_from, sector, sector_source, size, country, confidence, servers, provider;  address countries: case_org_country  org, country
 *   case_state     case_id, campaign, org, stage, derived, forced, contradicted, reason, who, forced_us, needs, servers, vulnerable, patched, backdoored,
 *                  patched_backdoored, hunted, clean, relapsed, missed, re_entered, beyond, stolen, suspicion, verified_us, notified_us, delivered_us,
 *                  acknowledged_us, patched_us, hunted_us, clean_us, changed_us, urgency (highest first), why (in words: what a person has to do)
 *   case_review    id, campaign (0: any), what, key_kind, key_value, one, other, asset, assets, why;  id: of its content, so that it stays
 *   case_key       id, class, value, country, state, assets, domains
 *   case_provider  key, org, how, name;  case_operates  key, asset, org
 *   case_join      asset, key, also, weight, confidence, source   the strongest tie of each server; source: of case_source, 0 the survey
 *   case_edge      asset, key, by_what, kind, weight, confidence, sure, source, row_id, detail   every key of each server: by_what of why.h, sure: the row's own
 *                  confidence, row_id: of case_link, case_entry or case_mx
 *   case_tie       asset, other, key, also, weight, confidence   every join, from both ends
 *   case_figure    campaign, by_what, value, unit, what, day, n: unit (0 servers, 1 organisations, 2 notices), what (enum case_count), n   from this day on, until the next row of its series
 *   case_first     campaign, asset, day, what (0 placed, 1 used, 2 entered)   the wave
 *   case_wait      campaign, from_step, to_step, day, band, arrived, n   waits for publication (public_wait.h): steps in its order, day the last of a week
 *   case_wave      campaign, what, known, day, n   the wave for publication (public_wave.h): by the end of the week `known`, n more organisations had their first on `day`
 *   case_intruder  id, campaign, sessions, servers, first_us, last_us;  case_visit  campaign, asset, session, file, intruder, first_us
 *   case_mark      intruder, at, kind, value, sessions, servers, all_sessions
 *   case_board     one row: id 1, made_us, known_us, survey_id (last observation that was seen), day, generation
 */
#ifndef CASEWORK_TABLES_H
#define CASEWORK_TABLES_H

#include "store/store.h"

extern const struct store_migration casework_layer;
/* Reading verbs: is there a casework at all? ERR_FORMAT with a hint when the store has none, ERR_USAGE when it is of an older program. */
bool tables_there(struct store *s, struct err *e);

#endif
