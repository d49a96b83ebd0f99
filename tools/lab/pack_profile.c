/*
 * pack_profile: what the usual profiles of the collectors take, as filters, so that tests can show what a verdict on them must say.
 *
 * Source   fact sheet on interchange formats, section 2.7. Event logs, hives and tasks stand for what each takes besides; no profile here
 *          takes ExchangeSetupLogs.
 */
#include "lab/pack.h"

#define SYSTEM_FILES "?/Windows/System32/winevt/*", "?/Windows/System32/config/*", "?/Windows/System32/Tasks/*", "?/Windows/Tasks/*"

const struct pack_profile pack_profiles[] = {
    { "kape-triage", "KapeTriage, !SANS_Triage: no IIS logs, no Exchange logs, no web roots, no applicationHost.config",
      (const char *const[]){ SYSTEM_FILES, "?/Users/*", NULL } },
    { "kape-server", "ServerTriage: IIS logs and Exchange's Logging; no pages, no applicationHost.config",
      (const char *const[]){ SYSTEM_FILES, "?/Users/*", "C/inetpub/logs/LogFiles/*.log", "C/Windows/System32/LogFiles/*.log", "C/Program Files/Microsoft/Exchange Server/V15/Logging/*.log", NULL } },
    { "kape-cve", "ExchangeCve-2021-26855: *.compiled only", (const char *const[]){ "?/*/Temporary ASP.NET Files/*.compiled", NULL } },
    { "kape-iis", "IISConfiguration: applicationHost.config and web.config", (const char *const[]){ "?/Windows/System32/inetsrv/config/*", "?/inetpub/*/web.config", NULL } },
    { "cylr-default", "CyLR: logs of W3SVC1 only", (const char *const[]){ SYSTEM_FILES, "C/inetpub/logs/LogFiles/W3SVC1/*", NULL } },
    { "acquire-default", "acquire: neither IIS nor HttpProxy nor web roots", (const char *const[]){ SYSTEM_FILES, "?/Users/*", NULL } },
    { "orc-example", "DFIR-ORC's example configuration: of Exchange only agents.config", (const char *const[]){ SYSTEM_FILES, "?/*/TransportRoles/Shared/agents.config", NULL } },
    { NULL, NULL, NULL },
};

bool pack_profile_takes(const struct pack_profile *f, const char *name)
{
    for (const char *const *t = f->take; *t; t++)
        if (pack_like(name, *t))
            return true;
    return false;
}
