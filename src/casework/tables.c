/* See tables.h. */
#include "casework/tables.h"

static const char *const steps[] = {
    /* The ledger. */
    "CREATE TABLE case_campaign (id {int} PRIMARY KEY, slug TEXT NOT NULL, title TEXT NOT NULL, build_group TEXT NOT NULL, begun_us {int}, report_us {int},"
    "  patch_us {int}, code_us {int});"
    "CREATE TABLE case_source (id {int} PRIMARY KEY, name TEXT NOT NULL, organisation TEXT NOT NULL, tlp TEXT NOT NULL, releasable {int} NOT NULL);"
    "CREATE TABLE case_file (id {int} PRIMARY KEY, sha256 {blob} NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, size_bytes {int} NOT NULL, campaign {int} NOT NULL,"
    "  source {int} NOT NULL, recorded_us {int} NOT NULL, whole {int} NOT NULL, rows_n {int} NOT NULL, taken {int} NOT NULL, known {int} NOT NULL, refused {int} NOT NULL);"
    "CREATE TABLE case_bytes (file {int} PRIMARY KEY, deflated {blob} NOT NULL, size_bytes {int} NOT NULL);"
    "CREATE TABLE case_refused (file {int} NOT NULL, line {int} NOT NULL, why TEXT NOT NULL, raw {blob} NOT NULL, PRIMARY KEY (file, line, why)) {clustered};"
    "CREATE TABLE case_subject (id {int} PRIMARY KEY, ip {blob}, port {int} NOT NULL, tls {blob}, node TEXT NOT NULL, domain TEXT NOT NULL);"
    "CREATE TABLE case_subject_name (subject {int} NOT NULL, name TEXT NOT NULL, PRIMARY KEY (subject, name)) {clustered};"
    "CREATE TABLE case_place (subject {int} NOT NULL, country TEXT NOT NULL, asn {int} NOT NULL, source {int} NOT NULL, PRIMARY KEY (subject, country, asn, source)) {clustered};"
    "CREATE TABLE case_link (id {int} PRIMARY KEY, subject {int} NOT NULL, kind {int} NOT NULL, value TEXT NOT NULL, country TEXT NOT NULL, confidence {int} NOT NULL,"
    "  name TEXT NOT NULL, sector TEXT NOT NULL, size TEXT NOT NULL, source {int} NOT NULL, file {int} NOT NULL, line {int} NOT NULL, observed_us {int}, recorded_us {int} NOT NULL);"
    "CREATE INDEX case_link_subject ON case_link (subject);"
    "CREATE TABLE case_revoked (link {int} PRIMARY KEY, who TEXT NOT NULL, why TEXT NOT NULL, at_us {int} NOT NULL);"
    "CREATE TABLE case_ruling (id {int} PRIMARY KEY, kind {int} NOT NULL, value TEXT NOT NULL, country TEXT NOT NULL, what {int} NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,"
    "  at_us {int} NOT NULL);"
    "CREATE TABLE case_entry (id {int} PRIMARY KEY, list TEXT NOT NULL, number TEXT NOT NULL, registered {int} NOT NULL, name TEXT NOT NULL, sector TEXT NOT NULL,"
    "  size TEXT NOT NULL, domain TEXT NOT NULL, first_ip {blob}, last_ip {blob}, asn {int} NOT NULL, country TEXT NOT NULL, since_us {int}, until_us {int}, source {int} NOT NULL,"
    "  file {int} NOT NULL, line {int} NOT NULL, recorded_us {int} NOT NULL);"
    "CREATE TABLE case_mx (id {int} PRIMARY KEY, domain TEXT NOT NULL, host TEXT NOT NULL, ip {blob}, tls {blob}, source {int} NOT NULL, file {int} NOT NULL, line {int} NOT NULL,"
    "  observed_us {int}, recorded_us {int} NOT NULL);"
    "CREATE INDEX case_mx_domain ON case_mx (domain);"
    "CREATE TABLE case_contact (id {int} PRIMARY KEY, channel {int} NOT NULL, address TEXT NOT NULL, about {int} NOT NULL, about_value TEXT NOT NULL, rung {int} NOT NULL,"
    "  role TEXT NOT NULL, name TEXT NOT NULL, language TEXT NOT NULL, pgp TEXT NOT NULL, observed_us {int}, until_us {int}, manual {int} NOT NULL, source {int} NOT NULL,"
    "  file {int} NOT NULL, line {int} NOT NULL, recorded_us {int} NOT NULL);"
    "CREATE INDEX case_contact_about ON case_contact (about, about_value);"
    "CREATE INDEX case_contact_address ON case_contact (address);"
    "CREATE TABLE case_fact (id {int} PRIMARY KEY, campaign {int} NOT NULL, of_case {int} NOT NULL, case_id {int} NOT NULL, subject {int} NOT NULL, kind {int} NOT NULL,"
    "  grade {int} NOT NULL, value {int} NOT NULL, flags {int} NOT NULL, attempt {int} NOT NULL, source {int} NOT NULL, finding {int} NOT NULL, observed_us {int},"
    "  recorded_us {int} NOT NULL, own_us {int}, reason TEXT NOT NULL, who TEXT NOT NULL, file {int} NOT NULL, line {int} NOT NULL);"
    "CREATE INDEX case_fact_subject ON case_fact (subject);"
    "CREATE INDEX case_fact_case ON case_fact (case_id) WHERE of_case = 1;"         /* most facts are of servers, and would stand in it for nothing */
    "CREATE INDEX case_fact_against ON case_fact (subject) WHERE kind = 8 AND of_case = 1 AND value = 0;"
    "CREATE TABLE case_report (file {int} NOT NULL, campaign {int} NOT NULL, subject {int} NOT NULL, verdict TEXT NOT NULL, door_open TEXT NOT NULL, theft TEXT NOT NULL,"
    "  tool TEXT NOT NULL, packs TEXT NOT NULL, grade {int} NOT NULL, why TEXT NOT NULL, hunted_us {int}, from_us {int}, to_us {int}, patched_us {int}, newest_us {int},"
    "  placed_us {int}, used_us {int}, last_us {int}, entered_us {int}, re_entered {int} NOT NULL, beyond {int} NOT NULL, nonce_ok {int} NOT NULL, back_doors {int} NOT NULL,"
    "  ways_back {int} NOT NULL, mail_bytes {int} NOT NULL, recorded_us {int} NOT NULL, PRIMARY KEY (file, campaign)) {clustered};"
    "CREATE INDEX case_report_subject ON case_report (subject);"
    "CREATE TABLE case_door (file {int} NOT NULL, campaign {int} NOT NULL, way {int} NOT NULL, at {int} NOT NULL, finding {int} NOT NULL, path TEXT NOT NULL, state TEXT NOT NULL,"
    "  kind TEXT NOT NULL, used TEXT NOT NULL, sha256 TEXT NOT NULL, shell_key TEXT NOT NULL, intruder TEXT NOT NULL, created_us {int}, removed_us {int}, first_us {int},"
    "  last_us {int}, requests {int} NOT NULL, PRIMARY KEY (file, campaign, way, at)) {clustered};"
    "CREATE TABLE case_feature (id {int} PRIMARY KEY, file {int} NOT NULL, campaign {int} NOT NULL, subject {int} NOT NULL, session {int} NOT NULL, kind {int} NOT NULL,"
    "  value TEXT NOT NULL, first_us {int});"
    "CREATE INDEX case_feature_file ON case_feature (file, session);"
    "CREATE TABLE case_audit (id {id}, at_us {int} NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL, about TEXT NOT NULL, detail TEXT NOT NULL);"
    "CREATE TABLE case_nonce (hash {blob} PRIMARY KEY, case_id {int} NOT NULL, issued_us {int} NOT NULL, until_us {int} NOT NULL, revoked_us {int});"
    "CREATE TABLE case_erased (org {int} NOT NULL, at_us {int} NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, rows_n {int} NOT NULL, PRIMARY KEY (org, at_us)) {clustered};"
    "CREATE TABLE case_hold (org {int} NOT NULL, at_us {int} NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, ended_us {int}, PRIMARY KEY (org, at_us)) {clustered};"
    "CREATE TABLE case_suppress (hash {blob} NOT NULL, scope TEXT NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, at_us {int} NOT NULL, PRIMARY KEY (hash, scope)) {clustered};"
    /* Kept numbers. */
    "CREATE TABLE case_asset (subject {int} PRIMARY KEY, asset {int} NOT NULL);"
    "CREATE INDEX case_asset_asset ON case_asset (asset);"
    "CREATE TABLE case_member (asset {int} PRIMARY KEY, org {int} NOT NULL);"
    "CREATE INDEX case_member_org ON case_member (org);"
    "CREATE TABLE case_case (id {int} PRIMARY KEY, campaign {int} NOT NULL, org {int} NOT NULL, opened_us {int} NOT NULL);"
    "CREATE UNIQUE INDEX case_case_org ON case_case (campaign, org);"
    "CREATE TABLE case_heir (case_id {int} NOT NULL, from_case {int} NOT NULL, PRIMARY KEY (case_id, from_case)) {clustered};"
    "CREATE TABLE case_next (what TEXT PRIMARY KEY, next {int} NOT NULL);"
    /* The board. */
    "CREATE TABLE case_server (campaign {int} NOT NULL, asset {int} NOT NULL, org {int} NOT NULL, case_id {int} NOT NULL, name TEXT NOT NULL, ip {blob}, port {int} NOT NULL,"
    "  country TEXT NOT NULL, asn {int} NOT NULL, product TEXT NOT NULL, build TEXT NOT NULL, exposure {int} NOT NULL, exposure_grade {int} NOT NULL, exposure_us {int},"
    "  compromise {int} NOT NULL, compromise_grade {int} NOT NULL, compromise_us {int}, clean {int} NOT NULL, was_clean {int} NOT NULL, suspicion {int} NOT NULL,"
    "  hunted {int} NOT NULL, re_entered {int} NOT NULL, not_mine {int} NOT NULL, still_there {int} NOT NULL, backdoored_ever {int} NOT NULL, beyond {int} NOT NULL,"
    "  theft {int} NOT NULL, clean_us {int}, hunted_us {int}, relapses {int} NOT NULL, missed {int} NOT NULL, first_seen_us {int}, last_seen_us {int}, confidence {int} NOT NULL,"
    "  shared {int} NOT NULL, PRIMARY KEY (campaign, asset)) {clustered};"
    "CREATE INDEX case_server_case ON case_server (case_id);"
    "CREATE INDEX case_server_asset ON case_server (asset);"
    "CREATE INDEX case_server_ip ON case_server (ip);"
    "CREATE TABLE case_look (campaign {int} NOT NULL, asset {int} NOT NULL, at_us {int} NOT NULL, source {int} NOT NULL, value {int} NOT NULL, grade {int} NOT NULL,"
    "  active {int} NOT NULL, PRIMARY KEY (campaign, asset, at_us, source)) {clustered};"
    "CREATE TABLE case_server_name (asset {int} NOT NULL, name TEXT NOT NULL, PRIMARY KEY (asset, name)) {clustered};"
    "CREATE INDEX case_server_name_name ON case_server_name (name);"
    "CREATE TABLE case_org (org {int} PRIMARY KEY, name TEXT NOT NULL, name_from {int} NOT NULL, sector TEXT NOT NULL, sector_source {int} NOT NULL, size TEXT NOT NULL,"
    "  country TEXT NOT NULL, confidence {int} NOT NULL, servers {int} NOT NULL, provider {int} NOT NULL);"
    "CREATE TABLE case_org_country (org {int} NOT NULL, country TEXT NOT NULL, PRIMARY KEY (org, country)) {clustered};"
    "CREATE TABLE case_state (case_id {int} PRIMARY KEY, campaign {int} NOT NULL, org {int} NOT NULL, stage {int} NOT NULL, derived {int} NOT NULL, forced {int} NOT NULL,"
    "  contradicted {int} NOT NULL, reason TEXT NOT NULL, who TEXT NOT NULL, forced_us {int}, needs {int} NOT NULL, servers {int} NOT NULL, vulnerable {int} NOT NULL,"
    "  patched {int} NOT NULL, backdoored {int} NOT NULL, patched_backdoored {int} NOT NULL, hunted {int} NOT NULL, clean {int} NOT NULL, relapsed {int} NOT NULL,"
    "  missed {int} NOT NULL, re_entered {int} NOT NULL, beyond {int} NOT NULL, stolen {int} NOT NULL, suspicion {int} NOT NULL, verified_us {int}, notified_us {int},"
    "  delivered_us {int}, acknowledged_us {int}, patched_us {int}, hunted_us {int}, clean_us {int}, changed_us {int}, urgency {int} NOT NULL, why TEXT NOT NULL);"
    /* What lists sort and choose by, without the rest of the row; and the few that a person is asked about. */
    "CREATE INDEX case_state_urgency ON case_state (campaign, urgency DESC, case_id, stage, needs, forced, org);"
    "CREATE INDEX case_state_asked ON case_state (case_id) WHERE contradicted + suspicion + forced > 0;"
    "CREATE INDEX case_state_org ON case_state (org);"
    "CREATE TABLE case_review (id {int} PRIMARY KEY, campaign {int} NOT NULL, what {int} NOT NULL, key_kind {int} NOT NULL, key_value TEXT NOT NULL, one TEXT NOT NULL,"
    "  other TEXT NOT NULL, asset {int} NOT NULL, assets {int} NOT NULL, why TEXT NOT NULL);"
    "CREATE TABLE case_key (id {int} PRIMARY KEY, class {int} NOT NULL, value TEXT NOT NULL, country TEXT NOT NULL, state {int} NOT NULL, assets {int} NOT NULL, domains {int} NOT NULL);"
    "CREATE TABLE case_provider (key {int} PRIMARY KEY, org {int} NOT NULL, how {int} NOT NULL, name TEXT NOT NULL);"
    "CREATE TABLE case_operates (key {int} NOT NULL, asset {int} NOT NULL, org {int} NOT NULL, PRIMARY KEY (key, asset)) {clustered};"
    "CREATE TABLE case_join (asset {int} PRIMARY KEY, key {int} NOT NULL, also {int} NOT NULL, weight {int} NOT NULL, confidence {int} NOT NULL, source {int} NOT NULL);"
    "CREATE TABLE case_edge (asset {int} NOT NULL, key {int} NOT NULL, by_what {int} NOT NULL, kind {int} NOT NULL, weight {int} NOT NULL, confidence {int} NOT NULL,"
    "  sure {int} NOT NULL, source {int} NOT NULL, row_id {int} NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (asset, key)) {clustered};"
    "CREATE INDEX case_edge_key ON case_edge (key, asset);"
    "CREATE TABLE case_tie (asset {int} NOT NULL, other {int} NOT NULL, key {int} NOT NULL, also {int} NOT NULL, weight {int} NOT NULL, confidence {int} NOT NULL,"
    "  PRIMARY KEY (asset, other)) {clustered};"
    "CREATE TABLE case_figure (campaign {int} NOT NULL, by_what {int} NOT NULL, value TEXT NOT NULL, unit {int} NOT NULL, what {int} NOT NULL, day {int} NOT NULL, n {int} NOT NULL,"
    "  PRIMARY KEY (campaign, by_what, value, unit, what, day)) {clustered};"
    "CREATE TABLE case_first (campaign {int} NOT NULL, what {int} NOT NULL, asset {int} NOT NULL, day {int} NOT NULL, PRIMARY KEY (campaign, what, asset)) {clustered};"
    "CREATE TABLE case_intruder (id {int} PRIMARY KEY, campaign {int} NOT NULL, sessions {int} NOT NULL, servers {int} NOT NULL, first_us {int}, last_us {int});"
    "CREATE TABLE case_visit (campaign {int} NOT NULL, asset {int} NOT NULL, file {int} NOT NULL, session {int} NOT NULL, intruder {int} NOT NULL, first_us {int},"
    "  PRIMARY KEY (campaign, asset, file, session)) {clustered};"
    "CREATE INDEX case_visit_intruder ON case_visit (intruder);"
    "CREATE TABLE case_mark (intruder {int} NOT NULL, at {int} NOT NULL, kind {int} NOT NULL, value TEXT NOT NULL, sessions {int} NOT NULL, servers {int} NOT NULL,"
    "  all_sessions {int} NOT NULL, PRIMARY KEY (intruder, at)) {clustered};"
    "CREATE TABLE case_board (id {int} PRIMARY KEY, made_us {int} NOT NULL, known_us {int}, survey_id {int} NOT NULL, day {int} NOT NULL, generation {int} NOT NULL);",
    /* Of the board: what publication needs besides case_figure. */
    "CREATE TABLE case_wait (campaign {int} NOT NULL, from_step {int} NOT NULL, to_step {int} NOT NULL, day {int} NOT NULL, band {int} NOT NULL, arrived {int} NOT NULL, n {int} NOT NULL,"
    "  PRIMARY KEY (campaign, from_step, to_step, day, band, arrived)) {clustered};"
    "CREATE TABLE case_wave (campaign {int} NOT NULL, what {int} NOT NULL, known {int} NOT NULL, day {int} NOT NULL, n {int} NOT NULL, PRIMARY KEY (campaign, what, known, day)) {clustered};",
};

const struct store_migration casework_layer = { "casework", steps, sizeof steps / sizeof *steps };

bool tables_there(struct store *s, struct err *e)
{
    struct err also = { 0 };
    int64_t    n;

    if (store_one_int(s, "SELECT count(*) FROM case_campaign", &n, &also) && n > 0)
        return true;
    err_set(e, ERR_FORMAT, "this store holds no casework");
    return err_hint(e, "afterpatch case import FILE... brings records in, afterpatch case update works them out");
}
