/* See tables.h. */
#include "notify/tables.h"

static const char *const steps[] = {
    "CREATE TABLE notify_wave (id {int} PRIMARY KEY, campaign {int} NOT NULL, stage {int} NOT NULL, made_us {int} NOT NULL, made_by TEXT NOT NULL, plan_hash {blob} NOT NULL,"
    "  notices {int} NOT NULL, approved_us {int}, approved_by TEXT, note TEXT NOT NULL);"
    "CREATE TABLE notify_notice (id {int} PRIMARY KEY, campaign {int} NOT NULL, case_id {int} NOT NULL, org {int} NOT NULL, wave {int} NOT NULL, stage {int} NOT NULL,"
    "  channel {int} NOT NULL, contact TEXT NOT NULL, contact_id {int} NOT NULL, content_rev {blob} NOT NULL, rev {int} NOT NULL, override_ {int} NOT NULL, audience {int} NOT NULL,"
    "  finding {int} NOT NULL, language TEXT NOT NULL, minimal {int} NOT NULL, inherited_from {int} NOT NULL, state {int} NOT NULL, owner TEXT NOT NULL, fence {int} NOT NULL,"
    "  lease_us {int}, attempt {int} NOT NULL, not_before_us {int} NOT NULL, give_up_us {int} NOT NULL, priority {int} NOT NULL, bucket TEXT NOT NULL, domain TEXT NOT NULL,"
    "  date_us {int} NOT NULL, message_id TEXT NOT NULL, token TEXT NOT NULL, subject TEXT NOT NULL, queue_id TEXT NOT NULL, written {int} NOT NULL, dot_us {int}, code {int} NOT NULL,"
    "  answer TEXT NOT NULL, changed_us {int} NOT NULL);"
    "CREATE UNIQUE INDEX notify_notice_key ON notify_notice (campaign, case_id, stage, channel, contact, content_rev);"
    "CREATE UNIQUE INDEX notify_notice_contact ON notify_notice (campaign, contact, stage) WHERE override_ = 0;"
    "CREATE UNIQUE INDEX notify_notice_message ON notify_notice (message_id);"
    "CREATE INDEX notify_notice_due ON notify_notice (state, channel, priority DESC, not_before_us, id);"
    "CREATE INDEX notify_notice_case ON notify_notice (case_id);"
    "CREATE INDEX notify_notice_wave ON notify_notice (wave);"
    "CREATE TABLE notify_bytes (notice {int} PRIMARY KEY, bytes {blob} NOT NULL, sha256 {blob} NOT NULL, kept_until_us {int} NOT NULL);"
    "CREATE TABLE notify_event (id {id}, notice {int} NOT NULL, at_us {int} NOT NULL, who TEXT NOT NULL, step {int} NOT NULL, attempt {int} NOT NULL, code {int} NOT NULL,"
    "  detail TEXT NOT NULL);"
    "CREATE INDEX notify_event_notice ON notify_event (notice);"
    "CREATE TABLE notify_bucket (name TEXT NOT NULL, kind {int} NOT NULL, rate_milli {int} NOT NULL, next_us {int} NOT NULL, window_us {int} NOT NULL, sent {int} NOT NULL,"
    "  soft {int} NOT NULL, policy {int} NOT NULL, paused_until_us {int} NOT NULL, PRIMARY KEY (kind, name)) {clustered};"
    "CREATE TABLE notify_stop (scope TEXT NOT NULL, at_us {int} NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, ended_us {int}, PRIMARY KEY (scope, at_us)) {clustered};"
    "CREATE TABLE notify_inbox (id {int} PRIMARY KEY, sha256 {blob} NOT NULL, received_us {int} NOT NULL, kind {int} NOT NULL, notice {int} NOT NULL, case_id {int} NOT NULL,"
    "  sender TEXT NOT NULL, subject TEXT NOT NULL, excerpt TEXT NOT NULL, ticket TEXT NOT NULL, state {int} NOT NULL, who TEXT NOT NULL, done_us {int});"
    "CREATE TABLE notify_key (id {int} PRIMARY KEY, secret {blob} NOT NULL);",

    "CREATE TABLE notify_instance (id {int} PRIMARY KEY, test_to TEXT NOT NULL, team TEXT NOT NULL, made_us {int} NOT NULL, made_by TEXT NOT NULL);"
    "CREATE TABLE notify_also (notice {int} NOT NULL, case_id {int} NOT NULL, stage {int} NOT NULL, content_rev {blob} NOT NULL, PRIMARY KEY (notice, case_id)) {clustered};"
    "CREATE INDEX notify_also_case ON notify_also (case_id);"
    "CREATE INDEX notify_notice_to ON notify_notice (contact);"
    "CREATE TABLE notify_plan (case_id {int} PRIMARY KEY, campaign {int} NOT NULL, at_us {int} NOT NULL, why {int} NOT NULL, next_us {int});"
    "CREATE TABLE notify_lookup (kind TEXT NOT NULL, key TEXT NOT NULL, first {blob} NOT NULL, last {blob} NOT NULL, at_us {int} NOT NULL, until_us {int} NOT NULL, status {int} NOT NULL,"
    "  bytes {blob} NOT NULL, PRIMARY KEY (kind, key)) {clustered};"
    "CREATE INDEX notify_lookup_range ON notify_lookup (kind, first, last);"
    "CREATE TABLE notify_paper (notice {int} PRIMARY KEY, folder TEXT NOT NULL, name TEXT NOT NULL, sha256 {blob} NOT NULL, at_us {int} NOT NULL, copies {int} NOT NULL);"
    "CREATE INDEX notify_paper_name ON notify_paper (name);",

    "CREATE TABLE notify_file (folder TEXT NOT NULL, name TEXT NOT NULL, notice {int} NOT NULL, sha256 {blob} NOT NULL, at_us {int} NOT NULL, gone_us {int}, PRIMARY KEY (folder, name)) {clustered};"
    "CREATE INDEX notify_file_notice ON notify_file (notice);"
    "INSERT INTO notify_file (folder, name, notice, sha256, at_us, gone_us) SELECT folder, name, notice, sha256, at_us, NULL FROM notify_paper WHERE notice > 0 ON CONFLICT DO NOTHING;",
};

const struct store_migration notify_layer = { "notify", steps, 3 };
