/*
 * record_tables: the survey's tables in the store. Append-only: no statement of this program updates or deletes in them.
 *
 * What is seen again and again stands once, and observations point to it:
 *   survey_node      where: address (16 bytes, IPv4 mapped), port, X-FEServer in lower case; without an address a host name (named = 0)
 *   survey_identity  who: certificate, its O and CN, AD domain; survey_name its host names, each with where it is known from (enum obs_naming)
 *   survey_target    both: this node with this identity; online: Exchange Online answered
 *   survey_state     what: source, build, reach, flags of observation.h, place and sector as the source says them; survey_claim its claims
 *   survey_word      all texts
 *   survey_observation  that this target was in this state at this time, said in this line
 *   survey_file, survey_batch  the journal: a batch is the observations first..last of one file, committed at once; whole: the file's last
 *   survey_void      files whose observations do not count
 * View survey_fact says it all in words.
 */
#ifndef SURVEY_RECORD_TABLES_H
#define SURVEY_RECORD_TABLES_H

#include <stdbool.h>

enum record_table {
    TABLE_WORD, TABLE_NODE, TABLE_IDENTITY, TABLE_NAME, TABLE_TARGET, TABLE_STATE, TABLE_CLAIM, TABLE_BODY, TABLE_BROKEN, TABLE_OBSERVATION
};
struct record_table_shape { const char *name, *columns; bool fresh; };
extern const struct record_table_shape record_tables[];

#endif
