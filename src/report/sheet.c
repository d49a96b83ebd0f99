#include "report/sheet.h"

void page_stripes(const struct page *p)
{
    /* One pattern for all holes: stripes are seen in black and white as well. */
    out_c(p->o, "<svg width=\"0\" height=\"0\" class=\"defs\" aria-hidden=\"true\"><defs><pattern id=\"stripes\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" "
                "patternTransform=\"rotate(45)\"><rect class=\"s1\" width=\"7\" height=\"7\"/><rect class=\"s2\" width=\"3\" height=\"7\"/></pattern></defs></svg>\n");
}
