/* Classes of COM, by ProgID and CLSID: what classic ASP makes with CreateObject, .NET with Activator. */
#include "webshell/api_table.h"

/* ---- Windows Script Host, the shell ---- */
static const struct api_member wsh_m[] = {
    CLEAN("AppActivate"), FIELD("CreateShortcut", "p"), PASS("CurrentDirectory", MARK_SYSTEM, NULL), PASS("Environment", MARK_SYSTEM, NULL),
    USE_GIVES("Exec", SINK_PROCESS, "x", MARK_PROCESS, "WshExec"), PASS("ExpandEnvironmentStrings", MARK_SYSTEM, NULL), CLEAN("LogEvent"),
    CLEAN("Popup"), USE("RegDelete", SINK_REGISTRY, "p"), USE_GIVES("RegRead", SINK_READ, "-", MARK_SYSTEM, NULL),
    USE("RegWrite", SINK_REGISTRY, "pv"), USE_GIVES("Run", SINK_PROCESS, "x", 0, NULL), USE("SendKeys", SINK_PROCESS, "a"),
    PASS("SpecialFolders", MARK_SYSTEM, NULL),
};
CLASS_COM(wscript_shell, "WScript." "Shell", NULL, wsh_m, "72C24DD5-" "D70A-438B-8A42-98424B88AFB8");
static const struct api_member wsh_exec_m[] = {
    CLEAN("ExitCode"), CLEAN("ProcessID"), CLEAN("Status"), SOURCE("StdErr", "", MARK_PROCESS, "PipeReader"), GIVES("StdIn", "PipeWriter"),
    SOURCE("StdOut", "", MARK_PROCESS, "PipeReader"), CLEAN("Terminate"),
};
CLASS_MARKED(wsh_exec, "WshExec", NULL, wsh_exec_m, MARK_PROCESS);
static const struct api_member shell_m[] = {
    GIVES("Application", "Shell.Application"), USE("ControlPanelItem", SINK_PROCESS, "x"), GIVES("Document", "Shell.Application"),
    USE("Explore", SINK_PROCESS, "x"), USE("FileRun", SINK_PROCESS, ""), PASS("GetSystemInformation", MARK_SYSTEM, NULL), CLEAN("IsServiceRunning"),
    GIVES("Item", "Shell.Application"), GIVES("NameSpace", "ShellFolder"), USE("Open", SINK_PROCESS, "x"), GIVES("Parent", "Shell.Application"),
    USE("ServiceStart", SINK_PROCESS, "x"), USE("ServiceStop", SINK_PROCESS, "-"), USE("ShellExecute", SINK_PROCESS, "xa"),
    GIVES("Windows", "Shell.Application"),
};
CLASS_COM(shell_application, "Shell.Application", NULL, shell_m, "13709620-C279-11CE-A49E-444553540000");
static const struct api_member shell_folder_m[] = {
    USE("CopyHere", SINK_RENAME, "p"), PASS("GetDetailsOf", MARK_LISTING, NULL), GIVES("GetFolder", "ShellFolder"),
    USE("InvokeVerb", SINK_PROCESS, "-"), USE("InvokeVerbEx", SINK_PROCESS, "-a"), GIVES("Item", "ShellFolder"),
    USE_GIVES("Items", SINK_LIST, "", MARK_LISTING, "ShellFolder"), USE("ModifyDate", SINK_TOUCH, "v"), USE("MoveHere", SINK_RENAME, "p"),
    PASS("Name", MARK_LISTING, NULL), CLEAN("NewFolder"), GIVES("ParseName", "ShellFolder"), PASS("Path", MARK_LISTING, NULL),
};
CLASS(shell_folder, "ShellFolder", NULL, shell_folder_m);
static const struct api_member wsh_network_m[] = {
    PASS("ComputerName", MARK_SYSTEM, NULL), PASS("EnumNetworkDrives", MARK_SYSTEM, NULL), USE("MapNetworkDrive", SINK_CONNECT, "-h-uu"),
    PASS("UserDomain", MARK_SYSTEM, NULL), PASS("UserName", MARK_SYSTEM, NULL),
};
CLASS_COM(wscript_network, "WScript.Network", NULL, wsh_network_m, "093FF999-" "1EA0-4079-9525-9614C3504B74");

/* ---- script engines ---- */
static const struct api_member script_control_m[] = {
    SAME("Add"), USE("AddCode", SINK_CODE, "c"), CLEAN("AddObject"), CLEAN("AllowUI"), GIVES("CodeObject", "MSScriptControl.ScriptControl"),
    USE("Eval", SINK_CODE, "c"), USE("ExecuteStatement", SINK_CODE, "c"), SAME("item"), CLEAN("Language"), GIVES("Modules", "MSScriptControl.ScriptControl"),
    USE("Run", SINK_CODE, "-a"), CLEAN("Timeout"), CLEAN("UseSafeSubset"),
};
CLASS_COM(script_control, "MSScriptControl.ScriptControl", NULL, script_control_m, "0E59F1D5-1FBE-11D0-8FF2-00A0D10038BC");
static const struct api_member html_file_m[] = {
    CLEAN("close"), GIVES("document", "htmlfile"), USE("eval", SINK_CODE, "c"), USE("execScript", SINK_CODE, "c"), GIVES("parentWindow", "htmlfile"),
    USE("setTimeout", SINK_CODE, "c"), USE("write", SINK_CODE, "c"),
};
CLASS_COM(html_file, "htmlfile", NULL, html_file_m, "25336920-03F9-11CF-8FD0-00AA00686F13");

/* ---- files ---- */
static const struct api_member fso_m[] = {
    TEXT("BuildPath"), USE("CopyFile", SINK_RENAME, "gp"), USE("CopyFolder", SINK_RENAME, "gp"), FIELD_GIVES("CreateFolder", "p", "FsoFolder"),
    FIELD_GIVES("CreateTextFile", "p", "TextStream"), USE("DeleteFile", SINK_DELETE, "p"), USE("DeleteFolder", SINK_DELETE, "p"),
    CLEAN("DriveExists"), USE_GIVES("Drives", SINK_LIST, "", MARK_SYSTEM, "FsoDrive"), CLEAN("FileExists"), CLEAN("FolderExists"),
    TEXT("GetAbsolutePathName"), LIMITED("GetBaseName", MARKS_ALL), FIELD_GIVES("GetDrive", "-", "FsoDrive"), TEXT("GetDriveName"),
    LIMITED("GetExtensionName", MARKS_ALL), FIELD_GIVES("GetFile", "p", "FsoFile"), LIMITED("GetFileName", MARKS_ALL), CLEAN("GetFileVersion"),
    FIELD_GIVES("GetFolder", "p", "FsoFolder"), TEXT("GetParentFolderName"), PASS("GetSpecialFolder", MARK_SYSTEM, NULL), CLEAN("GetTempName"),
    USE("MoveFile", SINK_RENAME, "gp"), USE("MoveFolder", SINK_RENAME, "gp"), FIELD_GIVES("OpenTextFile", "p", "TextStream"),
};
CLASS_COM(fso, "Scripting.FileSystemObject", NULL, fso_m, "0D43FE01-" "F093-11CF-8940-00A0C9054228");
static const struct api_member text_stream_m[] = {
    CLEAN("AtEndOfLine"), CLEAN("AtEndOfStream"), CLEAN("Close"), CLEAN("Column"), CLEAN("Line"),
    { "Read", API_SINK, SINK_READ, "", MARK_FILE, NULL }, { "ReadAll", API_SINK, SINK_READ, "", MARK_FILE, NULL },
    { "ReadLine", API_SINK, SINK_READ, "", MARK_FILE, NULL }, CLEAN("Skip"), CLEAN("SkipLine"), USE("Write", SINK_WRITE, "d"),
    CLEAN("WriteBlankLines"), USE("WriteLine", SINK_WRITE, "d"),
};
CLASS(text_stream, "TextStream", NULL, text_stream_m);
static const struct api_member fso_file_m[] = {
    USE("Attributes", SINK_TOUCH, "v"), USE("Copy", SINK_RENAME, "p"), CLEAN("DateCreated"), CLEAN("DateLastAccessed"), CLEAN("DateLastModified"),
    USE("Delete", SINK_DELETE, ""), GIVES("Drive", "FsoDrive"), USE("Move", SINK_RENAME, "p"), USE("Name", SINK_RENAME, "v"),
    FIELD_GIVES("OpenAsTextStream", "", "TextStream"), GIVES("ParentFolder", "FsoFolder"), FIELD_GIVES("Path", "p", NULL), TEXT("ShortName"), FIELD_GIVES("ShortPath", "p", NULL),
    CLEAN("Size"), CLEAN("Type"),
};
CLASS(fso_file, "FsoFile", NULL, fso_file_m);
static const struct api_member fso_folder_m[] = {
    CLEAN("Count"), FIELD_GIVES("CreateTextFile", "p", "TextStream"), USE_GIVES("Files", SINK_LIST, "", MARK_LISTING, "FsoFile"),
    CLEAN("IsRootFolder"), USE_GIVES("SubFolders", SINK_LIST, "", MARK_LISTING, "FsoFolder"),
};
CLASS(fso_folder, "FsoFolder", "FsoFile", fso_folder_m);
CLASS_BARE(fso_drive, "FsoDrive", NULL, MARK_SYSTEM);

static const struct api_member ado_stream_m[] = {
    CLEAN("Charset"), CLEAN("Close"), { "CopyTo", API_SINK, SINK_WRITE, "w", 0, NULL }, CLEAN("EOS"), CLEAN("Flush"), CLEAN("LineSeparator"),
    USE("LoadFromFile", SINK_READ, "p"), CLEAN("Mode"), CLEAN("Open"), CLEAN("Position"), TEXT("Read"), TEXT("ReadText"),
    USE("SaveToFile", SINK_WRITE, "p"), CLEAN("SetEOS"), CLEAN("Size"), CLEAN("SkipLine"), CLEAN("State"), CLEAN("Type"), FIELD("Write", "d"),
    FIELD("WriteText", "d"),
};
CLASS_COM(ado_stream, "ADODB.Stream", NULL, ado_stream_m, "00000566-0000-0010-8000-00AA006D2EA4");

/* ---- ADO ---- */
static const struct api_member ado_connection_m[] = {
    CLEAN("BeginTrans"), CLEAN("Close"), CLEAN("CommandTimeout"), CLEAN("CommitTrans"), FIELD("ConnectionString", "n"), CLEAN("ConnectionTimeout"),
    CLEAN("CursorLocation"), CLEAN("Errors"), USE_GIVES("Execute", SINK_SQL, "q", MARK_DATABASE, "ADODB.Recordset"), CLEAN("Mode"),
    USE("Open", SINK_CONNECT, "nuu"), PASS("OpenSchema", MARK_LISTING, "ADODB.Recordset"), CLEAN("Provider"), CLEAN("RollbackTrans"), CLEAN("State"),
    CLEAN("Version"),
};
CLASS_COM(ado_connection, "ADODB.Connection", NULL, ado_connection_m, "00000514-0000-0010-8000-00AA006D2EA4");
static const struct api_member ado_recordset_m[] = {
    CLEAN("AbsolutePage"), CLEAN("AbsolutePosition"), FIELD("ActiveConnection", "n"), CLEAN("AddNew"), CLEAN("BOF"), CLEAN("Bookmark"),
    CLEAN("Close"), CLEAN("Count"), CLEAN("CursorLocation"), CLEAN("CursorType"), CLEAN("Delete"), CLEAN("EOF"),
    PASS("Fields", MARK_DATABASE, "ADODB.Recordset"), CLEAN("Filter"), PASS("GetRows", MARK_DATABASE, NULL), PASS("GetString", MARK_DATABASE, NULL),
    PASS("item", MARK_DATABASE, "ADODB.Field"), CLEAN("LockType"), CLEAN("MaxRecords"), CLEAN("Move"), CLEAN("MoveFirst"), CLEAN("MoveLast"),
    CLEAN("MoveNext"), CLEAN("MovePrevious"), PASS("NextRecordset", MARK_DATABASE, ""), { "Open", API_SINK, SINK_SQL, "qn", MARK_DATABASE, NULL },
    CLEAN("PageCount"), CLEAN("PageSize"), CLEAN("RecordCount"), CLEAN("Requery"), USE("Save", SINK_WRITE, "p"), CLEAN("Sort"),
    { "Source", API_FIELD, SINK_NONE, "q", 0, "" }, CLEAN("State"), CLEAN("Update"), CLEAN("UpdateBatch"),
};
CLASS_COM(ado_recordset, "ADODB.Recordset", NULL, ado_recordset_m, "00000535-0000-0010-8000-00AA006D2EA4");
static const struct api_member ado_field_m[] = {
    CLEAN("ActualSize"), CLEAN("AppendChunk"), CLEAN("DefinedSize"), PASS("GetChunk", MARK_DATABASE, NULL), PASS("Name", MARK_LISTING, NULL),
    CLEAN("Type"), PASS("Value", MARK_DATABASE, NULL),
};
CLASS_MARKED(ado_field, "ADODB.Field", NULL, ado_field_m, MARK_DATABASE);
static const struct api_member ado_command_m[] = {
    FIELD("ActiveConnection", "n"), FIELD("CommandText", "q"), CLEAN("CommandTimeout"), CLEAN("CommandType"), CLEAN("CreateParameter"),
    { "Execute", API_SINK, SINK_SQL, "", MARK_DATABASE, "ADODB.Recordset" }, CLEAN("Parameters"), CLEAN("Prepared"),
};
CLASS_COM(ado_command, "ADODB.Command", NULL, ado_command_m, "00000507-0000-0010-8000-00AA006D2EA4");
/* Components that hosts used to install. */
static const struct api_member asp_exec_m[] = {
    FIELD("Application", "x"), USE_GIVES("Execute", SINK_PROCESS, "x", MARK_PROCESS, NULL), USE_GIVES("ExecuteDosApp", SINK_PROCESS, "", MARK_PROCESS, NULL),
    USE_GIVES("ExecuteWinApp", SINK_PROCESS, "", MARK_PROCESS, NULL), USE_GIVES("ExecuteWinAppAndWait", SINK_PROCESS, "", MARK_PROCESS, NULL),
    FIELD("Parameters", "a"), CLEAN("ShowWindow"), CLEAN("TimeOut"),
};
CLASS_COM(asp_exec, "ASPExec.Execute", NULL, asp_exec_m, NULL);
static const struct api_member asp_http_m[] = {
    USE_GIVES("GetURL", SINK_CONNECT, "", MARK_NETWORK, NULL), FIELD("PostData", "d"), FIELD("RequestMethod", "-"), SOURCE("Response", "", MARK_NETWORK, NULL),
    { "SaveFileTo", API_SINK, SINK_WRITE, "p", MARK_NETWORK, NULL }, CLEAN("TimeOut"), FIELD("Url", "h"),
};
CLASS_COM(asp_http, "AspHTTP.Conn", NULL, asp_http_m, NULL);
static const struct api_member asp_socket_m[] = {
    SOURCE("Buffer", "", MARK_NETWORK, NULL), CLEAN("Close"), SOURCE("GetLine", "", MARK_NETWORK, NULL), SOURCE("GetText", "", MARK_NETWORK, NULL),
    FIELD("Host", "h"), USE("Open", SINK_CONNECT, ""), USE("SendLine", SINK_SEND, "d"), USE("SendText", SINK_SEND, "d"), CLEAN("TimeOut"), CLEAN("WaitFor"),
};
CLASS_COM(asp_socket, "Socket.TCP", NULL, asp_socket_m, NULL);
static const struct api_member mswc_tools_m[] = { CLEAN("FileExists"), CLEAN("Owner"), CLEAN("PluginExists"), USE("ProcessForm", SINK_WRITE, "pd"), CLEAN("Random") };
CLASS_COM(mswc_tools, "MSWC.Tools", NULL, mswc_tools_m, NULL);
static const struct api_member adox_m[] = { FIELD("ActiveConnection", "n"), USE("Create", SINK_CONNECT, "n"), PASS("Tables", MARK_LISTING, NULL) };
CLASS_COM(adox_catalog, "ADOX.Catalog", NULL, adox_m, "00000602-0000-0010-8000-00AA006D2EA4");
static const struct api_member jro_m[] = { USE("CompactDatabase", SINK_CONNECT, "nn") };
CLASS_COM(jet_engine, "JRO.JetEngine", NULL, jro_m, "DE88C160-FF2C-11D1-BB6F-00C04FAE22DA");
static const struct api_member sqldmo_m[] = {
    USE("CommandShellImmediate", SINK_PROCESS, "x"), USE_GIVES("CommandShellWithResults", SINK_PROCESS, "x", MARK_PROCESS, NULL),
    USE("Connect", SINK_CONNECT, "huu"), USE_GIVES("ExecuteImmediate", SINK_SQL, "q", MARK_DATABASE, NULL),
    USE_GIVES("ExecuteWithResults", SINK_SQL, "q", MARK_DATABASE, NULL),
};
CLASS_COM(sqldmo, "SQLDMO.SQLServer", NULL, sqldmo_m, "10020200-E260-11CF-AE68-00AA004A34D5");

static const struct api_member sqldmo_backup_m[] = {
    FIELD("Action", "-"), FIELD("Database", "-"), FIELD("Files", "p"), USE("SQLBackup", SINK_WRITE, "-"), USE("SQLRestore", SINK_READ, "-"),
};
CLASS_COM(sqldmo_backup, "SQLDMO.Backup", NULL, sqldmo_backup_m, NULL);
static const struct api_member dao_m[] = {
    USE("CompactDatabase", SINK_CONNECT, "nn"), USE("CreateDatabase", SINK_WRITE, "p"),
    USE_GIVES("OpenDatabase", SINK_CONNECT, "n", 0, "ADODB.Connection"),
};
CLASS_COM(dao_engine, "DAO.DBEngine", NULL, dao_m, "00000100-0000-0010-8000-00AA006D2EA4");

/* ---- the network ---- */
static const struct api_member xmlhttp_m[] = {
    SOURCE("GetAllResponseHeaders", "", MARK_NETWORK, NULL), SOURCE("GetResponseHeader", "", MARK_NETWORK, NULL), EVENT("OnReadyStateChange", "f"),
    FIELD("Open", "-h"), FIELD("Option", "--"), CLEAN("ReadyState"), SOURCE("ResponseBody", "", MARK_NETWORK, NULL),
    SOURCE("ResponseStream", "", MARK_NETWORK, NULL), SOURCE("ResponseText", "", MARK_NETWORK, NULL),
    SOURCE("ResponseXML", "", MARK_NETWORK, "Msxml2.DOMDocument"), USE("Send", SINK_CONNECT, "d"), FIELD("SetAutoLogonPolicy", "-"),
    FIELD("SetCredentials", "uu"), FIELD("SetOption", "--"), FIELD("SetProxy", "-h"), FIELD("SetRequestHeader", "-a"), CLEAN("SetTimeouts"),
    CLEAN("Status"), CLEAN("StatusText"), CLEAN("WaitForResponse"),
};
CLASS_COM(xml_http, "Msxml2.XMLHTTP", NULL, xmlhttp_m, "F6D90F16-9C73-11D3-B32E-00C04F990BB4");
static const struct api_member dom_m[] = {
    FIELD("appendChild", "d"), FIELD("async", "-"), FIELD_GIVES("createElement", "-", "XmlNode"), SAME("documentElement"),
    SAME("getElementsByTagName"), CLEAN("length"), USE_GIVES("load", SINK_READ, "p", MARK_FILE, NULL), FIELD("loadXML", "d"), TEXT("nodeTypedValue"),
    FIELD_GIVES("Parse", "d", "Msxml2.DOMDocument"), CLEAN("parseError"), CLEAN("readyState"), CLEAN("resolveExternals"), USE("save", SINK_WRITE, "p"), SAME("selectNodes"), SAME("selectSingleNode"),
    CLEAN("setProperty"), TEXT("text"), USE("transformNode", SINK_CODE, "c"), USE("transformNodeToObject", SINK_CODE, "c-"), CLEAN("validateOnParse"),
    TEXT("xml"),
};
CLASS_COM(dom_document, "Msxml2.DOMDocument", NULL, dom_m, "2933BF90-7B36-11D2-B20E-00C04F983E60");
static const struct api_member xml_node_m[] = {
    FIELD("appendChild", "d"), SAME("childNodes"), CLEAN("dataType"), TEXT("getAttribute"), CLEAN("length"), TEXT("nodeTypedValue"),
    FIELD("setAttribute", "-d"), FIELD("text", "d"), TEXT("xml"),
};
CLASS(xml_node, "XmlNode", NULL, xml_node_m);
static const struct api_member winsock_m[] = {
    CLEAN("Close"), USE("Connect", SINK_CONNECT, "h-"), { "GetData", API_SOURCE, SINK_NONE, "r", MARK_NETWORK, NULL }, FIELD("RemoteHost", "h"),
    FIELD("RemotePort", "-"), USE("SendData", SINK_SEND, "d"), CLEAN("State"),
};
CLASS_COM(winsock, "MSWinsock.Winsock", NULL, winsock_m, "248DD896-BB45-11CF-9ABC-0080C7E7B78D");
static const struct api_member inet_m[] = {
    USE("Execute", SINK_CONNECT, "h"), SOURCE("GetChunk", "", MARK_NETWORK, NULL), USE_GIVES("OpenURL", SINK_CONNECT, "h", MARK_NETWORK, NULL),
    FIELD("URL", "h"),
};
CLASS_COM(inet, "InetCtls.Inet", NULL, inet_m, "48E59293-9880-11CF-9754-00AA00C00908");
static const struct api_member internet_explorer_m[] = {
    CLEAN("Busy"), SOURCE("Document", "", MARK_NETWORK, "htmlfile"), USE("Navigate", SINK_CONNECT, "h"), USE("Navigate2", SINK_CONNECT, "h"),
    GIVES("Parent", "Shell.Application"), CLEAN("Quit"), CLEAN("Visible"),
};
CLASS_COM(internet_explorer, "InternetExplorer.Application", NULL, internet_explorer_m, "0002DF01-0000-0000-C000-000000000046");
static const struct api_member chilkat_m[] = {
    USE("Connect", SINK_CONNECT, "h"), USE("Download", SINK_WRITE, "hp"), USE("GetFile", SINK_WRITE, "-p"), FIELD("Hostname", "h"),
    FIELD("OpenZip", "d"), USE("PutFile", SINK_SEND, "p"), USE_GIVES("QuickGetStr", SINK_CONNECT, "h", MARK_NETWORK, NULL),
    SOURCE("ReceiveString", "", MARK_NETWORK, NULL), USE("SendString", SINK_SEND, "d"), USE("Unzip", SINK_WRITE, "p"),
    USE("WriteZip", SINK_WRITE, ""),
};
CLASS(chilkat, "Chilkat.Socket", NULL, chilkat_m);
static const struct api_member soap_m[] = { CLEAN("ClientProperty"), USE("MSSoapInit", SINK_CONNECT, "h") };
CLASS(soap_client, "MSSOAP.SoapClient", NULL, soap_m);
static const struct api_member mail_m[] = {
    USE("AddAttachment", SINK_READ, "p"), FIELD("AddRecipient", "h"), USE("AttachFile", SINK_READ, "p"), FIELD("BCC", "h"), FIELD("Body", "d"),
    FIELD("CC", "h"), FIELD_GIVES("Configuration", "", ""), USE("CreateMHTMLBody", SINK_CONNECT, "h"), FIELD("Fields", "-"), FIELD("From", "-"),
    FIELD("HTMLBody", "d"), USE("Send", SINK_SEND, "-"), FIELD("ServerAddress", "-"), FIELD("Subject", "d"), FIELD("TextBody", "d"), FIELD("To", "h"),
};
CLASS_COM(cdo_message, "CDO.Message", NULL, mail_m, "CD000001-8B95-11D1-82DB-00C04FB1625D");

/* ---- containers: what is put into them and taken out the walk follows key by key ---- */
static const struct api_member dictionary_m[] = {
    CLEAN("CompareMode"), CLEAN("ContainsKey"), CLEAN("Count"), CLEAN("Exists"), CLEAN("Remove"), CLEAN("RemoveAll"),
};
CLASS_COM(dictionary, "Scripting.Dictionary", NULL, dictionary_m, "EE09B103-97E0-11CF-978F-00A02463E06F");
static const struct api_member regexp_m[] = {
    TEXT("Execute"), CLEAN("Global"), CLEAN("IgnoreCase"), CLEAN("Multiline"), FIELD("Pattern", "-"), TEXT("Replace"), CLEAN("Test"),
};
CLASS_COM(vb_regexp, "RegExp", NULL, regexp_m, "3F4DACA4-160D-11D2-A8E9-00104B365C9F");

/* ---- upload components ---- */
static const struct api_member upload_m[] = {
    SOURCE("Binary", "", MARK_UPLOAD, NULL), SOURCE("ContentType", "", MARK_REQUEST, NULL), CLEAN("Count"), SOURCE("Ext", "", MARK_FILE_NAME, NULL),
    SOURCE("ExtractFileName", "", MARK_FILE_NAME, NULL), SOURCE("FileName", "", MARK_FILE_NAME, NULL),
    SOURCE("Files", "k", MARK_UPLOAD, "UploadFile"), SOURCE("Form", "k", MARK_REQUEST, NULL), CLEAN("IsEmpty"),
    SOURCE("item", "k", MARK_UPLOAD, "UploadFile"), CLEAN("OverwriteFiles"), SOURCE("Path", "", MARK_FILE_NAME, NULL),
    USE_GIVES("Save", SINK_WRITE, "p", MARK_UPLOAD, NULL), USE_GIVES("SaveAs", SINK_WRITE, "p", MARK_UPLOAD, NULL),
    USE_GIVES("SaveToFile", SINK_WRITE, "p", MARK_UPLOAD, NULL), USE_GIVES("SaveVirtual", SINK_WRITE, "p", MARK_UPLOAD, NULL), CLEAN("SetMaxSize"),
    CLEAN("Size"), CLEAN("TotalBytes"), SOURCE("UserFileName", "", MARK_FILE_NAME, NULL), SOURCE("Value", "", MARK_REQUEST, NULL),
};
CLASS_MARKED(upload_component, "Persits.Upload", NULL, upload_m, MARK_UPLOAD);
CLASS_BARE(upload_file, "UploadFile", "Persits.Upload", MARK_UPLOAD);

/* ---- WMI, ADSI, the metabase, the task scheduler ---- */
static const struct api_member wmi_m[] = {
    FIELD("CommandLine", "x"), GIVES("ConnectServer", "WbemServices"), CLEAN("Count"), USE("Create", SINK_PROCESS, "x"),
    USE("CreateKey", SINK_REGISTRY, "-p"), USE("ExecMethod", SINK_PROCESS, "-x"), USE("ExecMethod_", SINK_PROCESS, "-x"),
    USE_GIVES("ExecQuery", SINK_LIST, "-", MARK_SYSTEM | MARK_LISTING, "WbemServices"), GIVES("Get", "WbemServices"),
    USE_GIVES("GetStringValue", SINK_READ, "-", MARK_SYSTEM, NULL), FIELD_GIVES("InParameters", "", "WbemServices"),
    GIVES("InstancesOf", "WbemServices"), PASS("item", MARK_SYSTEM, "WbemServices"), FIELD_GIVES("Methods_", "", "WbemServices"),
    PASS("Path_", MARK_SYSTEM, NULL), USE("Put_", SINK_REGISTRY, ""), FIELD("Security_", "-"), USE("SetDWORDValue", SINK_REGISTRY, "-ppv"),
    USE("SetStringValue", SINK_REGISTRY, "-ppv"), FIELD_GIVES("SpawnInstance_", "", "WbemServices"), PASS("StdRegProv", MARK_SYSTEM, "WbemServices"),
    USE("Terminate", SINK_PROCESS, "-"), USE("Win32ShutDown", SINK_PROCESS, ""),
};
CLASS_COM(wbem_services, "WbemServices", NULL, wmi_m, "76A64158-CB41-11D1-8B02-00600806D9B6");
static const struct api_member adsi_m[] = {
    USE("Add", SINK_ACCOUNT, "u"), PASS("AnonymousUserName", MARK_SYSTEM, NULL), PASS("AnonymousUserPass", MARK_SECRET, NULL),
    USE("ChangePassword", SINK_ACCOUNT, "uu"), CLEAN("Class"), USE_GIVES("Create", SINK_ACCOUNT, "-u", 0, "ADSI"), USE("Delete", SINK_ACCOUNT, "-u"),
    PASS("DisplayName", MARK_SYSTEM, NULL), GIVES("Filter", "ADSI"), PASS("FullName", MARK_LISTING, NULL), PASS("Get", MARK_SYSTEM, NULL),
    PASS("GetDataPaths", MARK_SYSTEM, NULL), GIVES("GetObject", "ADSI"), GIVES("Groups", "ADSI"), PASS("LogonPassword", MARK_SECRET, NULL),
    GIVES("Members", "ADSI"), PASS("Name", MARK_LISTING, NULL), GIVES("OpenDSObject", "ADSI"), PASS("Path", MARK_SYSTEM, NULL),
    USE("Put", SINK_ACCOUNT, "-v"), USE("Remove", SINK_ACCOUNT, "u"), PASS("ServerBindings", MARK_SYSTEM, NULL),
    PASS("ServerComment", MARK_SYSTEM, NULL), USE("SetInfo", SINK_ACCOUNT, ""), USE("SetPassword", SINK_ACCOUNT, "u"),
    PASS("StartType", MARK_SYSTEM, NULL), PASS("UNCPassword", MARK_SECRET, NULL), PASS("WAMUserName", MARK_SYSTEM, NULL),
    PASS("WAMUserPass", MARK_SECRET, NULL),
};
CLASS_MARKED(adsi, "ADSI", NULL, adsi_m, MARK_LISTING);
static const struct api_member schedule_m[] = {
    SAME("Actions"), FIELD("Arguments", "a"), USE("Connect", SINK_CONNECT, "huuu"), SAME("Create"), SAME("GetFolder"), SAME("NewTask"),
    FIELD("Path", "x"), USE("RegisterTask", SINK_PROCESS, "-x"), USE("RegisterTaskDefinition", SINK_PROCESS, "--"), USE("Run", SINK_PROCESS, "-"),
    SAME("Triggers"),
};
CLASS_COM(schedule_service, "Schedule.Service", NULL, schedule_m, "0F87369F-A4E5-4CFC-BD3E-73E6154572DD");
/* What a task does when it runs. */
static const struct api_member exec_action_m[] = { FIELD("Arguments", "a"), USE("new", SINK_PROCESS, "xa"), FIELD("Path", "x") };
CLASS(exec_action, "ExecAction", NULL, exec_action_m);
static const struct api_member office_m[] = {
    USE("AddFromFile", SINK_LOAD, "b"), USE("AddFromString", SINK_CODE, "c"), GIVES("CodeModule", "Excel.Application"),
    GIVES("CreateObject", "Excel.Application"), USE("DDEExecute", SINK_PROCESS, "-a"), USE("DDEInitiate", SINK_PROCESS, "xa"),
    GIVES("Documents", "Excel.Application"), USE("Eval", SINK_CODE, "c"), USE("ExecuteExcel4Macro", SINK_CODE, "c"), USE("RegisterXLL", SINK_LOAD, "b"),
    USE("Run", SINK_CODE, "-a"), USE("SaveAs", SINK_WRITE, "p"), USE("ShellExecute", SINK_PROCESS, "x"), GIVES("VBComponents", "Excel.Application"),
    GIVES("VBProject", "Excel.Application"), GIVES("Workbooks", "Excel.Application"),
};
CLASS_COM(office, "Excel.Application", NULL, office_m, "00024500-0000-0000-C000-000000000046");
static const struct api_member mmc_m[] = {
    GIVES("ActiveView", "MMC20.Application"), GIVES("Document", "MMC20.Application"), USE("ExecuteShellCommand", SINK_PROCESS, "x-a"),
};
CLASS_COM(mmc, "MMC20.Application", NULL, mmc_m, "49B2791A-B1AE-4C90-9B8E-E860BA07F889");
