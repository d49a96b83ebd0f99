/* The text of src/report/collect.cmd, as cmake/texts.cmake embeds it. Lines end with '\n'; "@ROWS@" and its like are filled in. */
#ifndef REPORT_COLLECT_BATCH_H
#define REPORT_COLLECT_BATCH_H

#include <stddef.h>

extern const unsigned char collect_cmd[];
extern const size_t        collect_cmd_bytes;

#endif
