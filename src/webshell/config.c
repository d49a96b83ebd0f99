#include "webshell/cutter.h"

/* A web.config may have itself run: as classic ASP when asp.dll is its handler, as a page when ASP.NET's page factory is. */
void config_read(struct cutter *k)
{
    struct str t = k->text;

    if (str_find(t, STR("<%")) == STR_NONE && cutter_find(t, 0, STR("runat")) == STR_NONE)
        return;
    bool classic = cutter_find(t, 0, STR("asp.dll")) != STR_NONE;
    bool net = cutter_find(t, 0, STR("pagehandlerfactory")) != STR_NONE || cutter_find(t, 0, STR("pagebuildprovider")) != STR_NONE ||
               cutter_find(t, 0, STR("simplehandlerfactory")) != STR_NONE || cutter_find(t, 0, STR("webhandlerbuildprovider")) != STR_NONE;
    k->c->mapped = classic || net;
    k->classic = classic || !net;
    if (k->classic)
        asp_read(k);
    else
        aspx_read(k);
}
