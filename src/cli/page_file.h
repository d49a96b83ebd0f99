/* page_file: one document into a file that appears whole or not at all, or to standard output ("-"). */
#ifndef CLI_PAGE_FILE_H
#define CLI_PAGE_FILE_H

#include "cli/cli.h"

typedef bool page_writer(struct out *o, const void *what, struct arena scratch, int64_t now_us, struct err *e);
bool page_file(struct cli *c, struct str path, page_writer *write, const void *what, struct err *e);

#endif
