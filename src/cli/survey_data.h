/*
 * survey_data: what status and export read: the store, the build table, and the operator's files on where and whose.
 *
 * Shape    survey_data_open, then survey_data_spans once: daily_spans with the country and AS of the operator's databases, where these know better
 *          than the sources, and with one sector a server by where.h's precedence. Sectors of spans are then survey_sector's numbers.
 * Owner    survey_data_close gives everything back; the data may be empty.
 */
#ifndef CLI_SURVEY_DATA_H
#define CLI_SURVEY_DATA_H

#include "cli/cli.h"
#include "pack/builds.h"
#include "store/store.h"
#include "survey/daily.h"
#include "survey/where.h"

enum { SURVEY_SECTORS_MAX = 1000 };

struct survey_data {
    struct builds   builds;
    struct pack     pack;
    struct where   *where;
    struct store   *store;
    struct daily   *daily;
    struct daily_counts counts;
    struct arena    room, whole;           /* room: what is free of it */
    struct str      sector[SURVEY_SECTORS_MAX]; size_t sector_n;       /* 0: unknown */
};

/* store, builds, where: as given on the command line, empty: the default; where: files parted by commas. last_day: 0: all. */
bool survey_data_open(struct survey_data *ret, struct cli *c, struct str store, struct str builds, struct str where, int32_t last_day, struct err *e);
bool survey_data_spans(struct survey_data *d, const struct span_sink *sink, struct err *e);
void survey_data_close(struct survey_data *d);

/* The operator's files parted by commas (where.h). *ret is the caller's to close, also when a file fails. */
bool survey_where(struct where **ret, struct arena *room, const struct pack *pack, struct cli *c, struct str list, struct err *e);

struct str survey_sector(const struct survey_data *d, size_t i);
/* Whose a server is. sector, asn: of its span. */
bool survey_whose(const struct survey_data *d, struct arena *a, const struct daily_server *s, struct str sector, uint32_t asn, struct whose *ret, struct err *e);

#endif
