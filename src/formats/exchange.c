#include "formats/exchange.h"
#include "formats/csvrow.h"

const struct log_kind log_exchange = {
    .name           = "exchange-csv",
    .dated          = true,
    .header_literal = csvrow_header_literal,
    .header         = csvrow_header,
    .parse          = csvrow_parse,
    .time           = csvrow_time,
};
