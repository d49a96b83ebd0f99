/* Programs, PowerShell, native functions, identity: what leaves the page's own process or its own account. */
#include "webshell/api_table.h"

static const struct api_member process_m[] = {
    CLEAN("BeginErrorReadLine"), CLEAN("BeginOutputReadLine"), CLEAN("Close"), CLEAN("Dispose"), CLEAN("EnableRaisingEvents"),
    EVENT("ErrorDataReceived", "f"), CLEAN("ExitCode"), EVENT("Exited", "f"), PASS("GetCurrentProcess", MARK_SYSTEM, "Process"),
    GIVES("GetProcessById", "Process"), USE_GIVES("GetProcesses", SINK_LIST, "", MARK_LISTING, "Process"),
    USE_GIVES("GetProcessesByName", SINK_LIST, "", MARK_LISTING, "Process"), CLEAN("HasExited"), CLEAN("Id"), CLEAN("Kill"),
    PASS("MachineName", MARK_SYSTEM, NULL), PASS("MainModule", MARK_SYSTEM, NULL), PASS("Modules", MARK_SYSTEM, NULL), FIELD("new", ""),
    EVENT("OutputDataReceived", "f"), CLEAN("PriorityClass"), PASS("ProcessName", MARK_LISTING, NULL),
    SOURCE("StandardError", "", MARK_PROCESS, "PipeReader"), GIVES("StandardInput", "PipeWriter"),
    SOURCE("StandardOutput", "", MARK_PROCESS, "PipeReader"), USE_GIVES("Start", SINK_PROCESS, "xa", 0, "Process"),
    FIELD_GIVES("StartInfo", "p", "ProcessStartInfo"), CLEAN("StartTime"), CLEAN("WaitForExit"), CLEAN("WaitForInputIdle"), CLEAN("WorkingSet64"),
};
CLASS(process, "Process", NULL, process_m);
static const struct api_member start_info_m[] = {
    FIELD("Add", "a"), SAME("ArgumentList"), FIELD("Arguments", "a"), CLEAN("CreateNoWindow"), FIELD("Domain", "u"),
    CLEAN("EnvironmentVariables"), CLEAN("ErrorDialog"), FIELD("FileName", "x"), CLEAN("LoadUserProfile"), FIELD("new", "xa"), FIELD("Password", "u"),
    CLEAN("RedirectStandardError"), CLEAN("RedirectStandardInput"), CLEAN("RedirectStandardOutput"), CLEAN("StandardOutputEncoding"),
    FIELD("UserName", "u"), CLEAN("UseShellExecute"), FIELD("Verb", "-"), CLEAN("WindowStyle"), FIELD("WorkingDirectory", "-"),
};
CLASS(start_info, "ProcessStartInfo", NULL, start_info_m);
static const struct api_member pipe_writer_m[] = {
    CLEAN("AutoFlush"), GIVES("BaseStream", "PipeWriter"), CLEAN("Close"), CLEAN("Flush"), USE("Write", SINK_PROCESS, "a"),
    USE("WriteAsync", SINK_PROCESS, "a"), USE("WriteLine", SINK_PROCESS, "a"),
    USE("WriteLineAsync", SINK_PROCESS, "a"),
};
CLASS(pipe_writer, "PipeWriter", NULL, pipe_writer_m);
static const struct api_member pipe_reader_m[] = {
    CLEAN("AtEndOfStream"), GIVES("BaseStream", "PipeReader"), CLEAN("CurrentEncoding"), CLEAN("EndOfStream"), CLEAN("Peek"),
    { "Read", API_PASS, SINK_NONE, "r", MARK_PROCESS, NULL }, PASS("ReadAll", MARK_PROCESS, NULL), PASS("ReadLine", MARK_PROCESS, NULL),
    PASS("ReadToEnd", MARK_PROCESS, NULL), PASS("ReadToEndAsync", MARK_PROCESS, NULL), CLEAN("SkipLine"),
};
CLASS_MARKED(pipe_reader, "PipeReader", NULL, pipe_reader_m, MARK_PROCESS);
static const struct api_member received_m[] = { PASS("Data", MARK_PROCESS, NULL) };
CLASS_MARKED(data_received, "DataReceivedEventArgs", NULL, received_m, MARK_PROCESS);
static const struct api_member pwsh_m[] = {
    FIELD("Add", "c"), FIELD("AddArgument", "a"), FIELD("AddCommand", "c"), FIELD("AddParameter", "-a"), FIELD("AddParameters", "a"),
    FIELD("AddScript", "c"), FIELD("AddStatement", "-"), { "BeginInvoke", API_SINK, SINK_PROCESS, "-", MARK_PROCESS, NULL },
    FIELD_GIVES("Commands", "p", "PowerShell"), FIELD("Create", "-"), CLEAN("Dispose"), { "Invoke", API_SINK, SINK_CODE, "-", MARK_PROCESS, NULL },
    { "InvokeAsync", API_SINK, SINK_PROCESS, "-", MARK_PROCESS, NULL }, FIELD("new", "c"), FIELD("Runspace", "-"), FIELD_GIVES("Streams", "", "PowerShell"),
};
CLASS(powershell, "PowerShell", NULL, pwsh_m);
static const struct api_member script_block_m[] = { USE_GIVES("Create", SINK_CODE, "c", MARK_PROCESS, NULL) };
CLASS(script_block, "ScriptBlock", NULL, script_block_m);
static const struct api_member runspace_m[] = {
    CLEAN("Close"), FIELD_GIVES("CreateNestedPipeline", "c", "PowerShell"), FIELD_GIVES("CreatePipeline", "c", "PowerShell"),
    GIVES("CreateRunspace", "Runspace"), GIVES("CreateRunspacePool", "Runspace"), USE_GIVES("Invoke", SINK_CODE, "c", MARK_PROCESS, NULL),
    GIVES("InvokeCommand", "Runspace"), USE_GIVES("InvokeScript", SINK_CODE, "c", MARK_PROCESS, NULL), FIELD("new", "-"), CLEAN("Open"),
    GIVES("SessionStateProxy", "Runspace"), FIELD("SetVariable", "-a"),
};
CLASS(runspace, "Runspace", NULL, runspace_m);
