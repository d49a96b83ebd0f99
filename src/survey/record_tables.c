/* See record_tables.h. */
#include "survey/record_tables.h"

#include "survey/record.h"

const struct record_table_shape record_tables[] = {
    [TABLE_WORD]        = { "survey_word", "id, text", false },
    [TABLE_NODE]        = { "survey_node", "id, ip, port, named, name", false },
    [TABLE_IDENTITY]    = { "survey_identity", "id, cert, cert_org, cert_name, ad_domain", false },
    [TABLE_NAME]        = { "survey_name", "identity, at, name, known_from", false },
    [TABLE_TARGET]      = { "survey_target", "id, node, identity, online", false },
    [TABLE_STATE]       = { "survey_state", "id, source, means, parts, build, reach, flags, status, asn, naics, source_name, detector, server_header, as_name, "
                                            "sector, country", false },
    [TABLE_CLAIM]       = { "survey_claim", "state, at, kind, about, detail", false },
    [TABLE_BODY]        = { "survey_body", "observation, sha256", true },
    [TABLE_BROKEN]      = { "survey_broken", "file, call, line, why, raw", true },
    [TABLE_OBSERVATION] = { "survey_observation", "id, line, target, observed_us, state", true },
};

static const char *const steps[] = {
    "CREATE TABLE survey_word (id {int} PRIMARY KEY, text TEXT NOT NULL);"
    "CREATE TABLE survey_node (id {int} PRIMARY KEY, ip {blob}, port {int} NOT NULL, named {int} NOT NULL, name {int} NOT NULL);"
    "CREATE TABLE survey_identity (id {int} PRIMARY KEY, cert {blob}, cert_org {int} NOT NULL, cert_name {int} NOT NULL, ad_domain {int} NOT NULL);"
    "CREATE TABLE survey_name (identity {int} NOT NULL, at {int} NOT NULL, name {int} NOT NULL, PRIMARY KEY (identity, at)) {clustered};"
    "CREATE TABLE survey_target (id {int} PRIMARY KEY, node {int} NOT NULL, identity {int} NOT NULL, online {int} NOT NULL);"
    "CREATE TABLE survey_state (id {int} PRIMARY KEY, source {int} NOT NULL, means {int} NOT NULL, parts {int} NOT NULL, build {int} NOT NULL,"
    "  reach {int} NOT NULL, flags {int} NOT NULL, status {int} NOT NULL, asn {int} NOT NULL, naics {int} NOT NULL, source_name {int} NOT NULL,"
    "  detector {int} NOT NULL, server_header {int} NOT NULL, as_name {int} NOT NULL, sector {int} NOT NULL, country {int} NOT NULL);"
    "CREATE TABLE survey_claim (state {int} NOT NULL, at {int} NOT NULL, kind {int} NOT NULL, about {int} NOT NULL, detail {int} NOT NULL,"
    "  PRIMARY KEY (state, at)) {clustered};"
    "CREATE TABLE survey_file (id {int} PRIMARY KEY, sha256 {blob} NOT NULL, name TEXT NOT NULL, format TEXT NOT NULL, size_bytes {int} NOT NULL,"
    "  begun_us {int} NOT NULL);"
    "CREATE INDEX survey_file_sha256 ON survey_file (sha256);"
    "CREATE TABLE survey_batch (id {int} PRIMARY KEY, file {int} NOT NULL, first_observation {int} NOT NULL, last_observation {int} NOT NULL,"
    "  taken {int} NOT NULL, observations {int} NOT NULL, broken {int} NOT NULL, recorded_us {int} NOT NULL, whole {int} NOT NULL);"
    "CREATE INDEX survey_batch_file ON survey_batch (file);"
    "CREATE TABLE survey_void (file {int} PRIMARY KEY, why TEXT NOT NULL);"
    "CREATE TABLE survey_broken (file {int} NOT NULL, call {int} NOT NULL, line {int} NOT NULL, why TEXT NOT NULL, raw {blob} NOT NULL,"
    "  PRIMARY KEY (file, call)) {clustered};"
    "CREATE TABLE survey_body (observation {int} PRIMARY KEY, sha256 {blob} NOT NULL);"
    "CREATE TABLE survey_observation (id {int} PRIMARY KEY, line {int} NOT NULL, target {int} NOT NULL, observed_us {int},"
    "  state {int} NOT NULL);"
    "CREATE VIEW survey_fact AS SELECT o.id, f.name AS file, f.sha256, o.line, o.observed_us, b.recorded_us, s.source, sn.text AS source_name,"
    "  d.text AS detector, n.ip, n.port, nn.text AS node, s.build, s.parts, s.means, s.reach, s.flags, s.status, i.cert, cn.text AS cert_name,"
    "  ad.text AS ad_domain, f.id IN (SELECT file FROM survey_void) AS void"
    "  FROM survey_observation o JOIN survey_batch b ON o.id BETWEEN b.first_observation AND b.last_observation JOIN survey_file f ON f.id = b.file"
    "  JOIN survey_target t ON t.id = o.target JOIN survey_node n ON n.id = t.node JOIN survey_identity i ON i.id = t.identity"
    "  JOIN survey_state s ON s.id = o.state"
    "  LEFT JOIN survey_word sn ON sn.id = s.source_name LEFT JOIN survey_word d ON d.id = s.detector LEFT JOIN survey_word nn ON nn.id = n.name"
    "  LEFT JOIN survey_word cn ON cn.id = i.cert_name LEFT JOIN survey_word ad ON ad.id = i.ad_domain",
    "ALTER TABLE survey_name ADD COLUMN known_from {int} NOT NULL DEFAULT 0;",
};

const struct store_migration record_layer = { "survey", steps, 2 };
