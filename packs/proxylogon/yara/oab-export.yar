/*
  The shape of an address book's settings written to a file (Reset-OabVirtualDirectory), under the name of a page.
  It names the fields that the export always holds, not the script that may stand in one of them.
  Beside the judgement in code, which reads the fields one by one, it is a second pair of eyes; docs/yara.md tells what `axis` and `state` do.
*/
rule oab_export_shape
{
    meta:
        author      = "Afterpatch"
        description = "Settings of an OAB virtual directory, exported as text"
        reference   = "CISA AR21-072D, AR21-084A; ProxyLogon evidence, section 8.2"
        axis        = "back_door"
        state       = "present"
        confidence  = 90
    strings:
        $name      = "OAB (Default Web Site)"
        $poll      = "PollInterval"
        $points    = "OfflineAddressBooks"
        $internal  = "InternalUrl"
        $external  = "ExternalUrl"
        $class     = "ObjectClass"
        $directory = "msExchOABVirtualDirectory"
    condition:
        filesize < 64KB and $external and $internal and 3 of ($name, $poll, $points, $class, $directory)
}
