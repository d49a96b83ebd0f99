/* Databases, the registry, directories of users, WMI, configuration and its secrets, cryptography. */
#include "webshell/api_table.h"

/* ---- databases ---- */
static const struct api_member connection_m[] = {
    CLEAN("BeginTransaction"), CLEAN("Close"), FIELD("ConnectionString", "n"), FIELD_GIVES("CreateCommand", "", "SqlCommand"), CLEAN("Database"),
    PASS("GetOleDbSchemaTable", MARK_LISTING, "DataTable"), PASS("GetSchema", MARK_LISTING, "DataTable"), FIELD("new", "n"),
    USE("Open", SINK_CONNECT, ""), USE("OpenAsync", SINK_CONNECT, ""), CLEAN("ServerVersion"), CLEAN("State"),
};
CLASS(sql_connection, "SqlConnection", NULL, connection_m);
static const struct api_member command_m[] = {
    EVENT("BeginExecuteReader", "f"), FIELD("CommandText", "q"), CLEAN("CommandTimeout"), CLEAN("CommandType"), FIELD("Connection", "n"),
    CLEAN("CreateParameter"), CLEAN("Dispose"), { "ExecuteNonQuery", API_SINK, SINK_SQL, "", 0, NULL },
    { "ExecuteNonQueryAsync", API_SINK, SINK_SQL, "", 0, NULL }, { "ExecuteReader", API_SINK, SINK_SQL, "", MARK_DATABASE, "DataReader" },
    { "ExecuteReaderAsync", API_SINK, SINK_SQL, "", MARK_DATABASE, "DataReader" }, { "ExecuteScalar", API_SINK, SINK_SQL, "", MARK_DATABASE, NULL },
    { "ExecuteScalarAsync", API_SINK, SINK_SQL, "", MARK_DATABASE, NULL }, { "ExecuteXmlReader", API_SINK, SINK_SQL, "", MARK_DATABASE, NULL },
    FIELD("new", "qn"), GIVES("Parameters", "SqlParameters"), CLEAN("Prepare"), CLEAN("Transaction"),
};
CLASS(sql_command, "SqlCommand", NULL, command_m);
static const struct api_member parameters_m[] = {
    CLEAN("Add"), CLEAN("AddRange"), CLEAN("AddWithValue"), CLEAN("Clear"), CLEAN("item"), CLEAN("Value"),
};
CLASS(sql_parameters, "SqlParameters", NULL, parameters_m);
static const struct api_member adapter_m[] = {
    FIELD_GIVES("DeleteCommand", "p", "SqlCommand"), { "Fill", API_SINK, SINK_SQL, "r", MARK_DATABASE, NULL },
    { "FillSchema", API_SINK, SINK_SQL, "r", MARK_LISTING, NULL }, FIELD_GIVES("InsertCommand", "p", "SqlCommand"), FIELD("new", "qn"),
    FIELD_GIVES("SelectCommand", "p", "SqlCommand"), CLEAN("Update"), FIELD_GIVES("UpdateCommand", "p", "SqlCommand"),
};
CLASS(sql_adapter, "SqlDataAdapter", NULL, adapter_m);
static const struct api_member data_m[] = {
    FIELD("Add", "d*"), CLEAN("Close"), PASS("Columns", MARK_LISTING, ""), CLEAN("Count"), PASS("DefaultView", MARK_DATABASE, ""),
    CLEAN("FieldCount"), NUMBER("GetBoolean"), NUMBER("GetDateTime"), NUMBER("GetInt32"), NUMBER("GetInt64"), PASS("GetName", MARK_LISTING, NULL),
    PASS("GetString", MARK_DATABASE, NULL), PASS("GetValue", MARK_DATABASE, NULL), CLEAN("HasRows"), CLEAN("IsDBNull"),
    PASS("item", MARK_DATABASE, ""), FIELD("new", "-"), PASS("Read", 0, NULL), USE("ReadXml", SINK_READ, "p"), CLEAN("RecordsAffected"),
    PASS("Rows", MARK_DATABASE, ""), PASS("Tables", MARK_DATABASE, ""), USE("WriteXml", SINK_WRITE, "p"),
};
CLASS(data_table, "DataTable", NULL, data_m);
CLASS_BARE(data_reader, "DataReader", "DataTable", MARK_DATABASE);
static const struct api_member sql_bulk_m[] = { FIELD("DestinationTableName", "q"), FIELD("new", "n"), USE("WriteToServer", SINK_SQL, "d") };
CLASS(sql_bulk, "SqlBulkCopy", NULL, sql_bulk_m);
static const struct api_member data_source_m[] = {
    FIELD("ConnectionString", "n"), USE("Delete", SINK_SQL, ""), FIELD("DeleteCommand", "q"), USE("Insert", SINK_SQL, ""),
    FIELD("InsertCommand", "q"), { "Select", API_SINK, SINK_SQL, "-", MARK_DATABASE, "DataTable" }, USE("SelectCommand", SINK_SQL, "q"),
    CLEAN("SelectParameters"), USE("Update", SINK_SQL, ""), FIELD("UpdateCommand", "q"),
};
CLASS(sql_source, "SqlDataSource", "Control", data_source_m);
static const struct api_member database_m[] = {
    USE("Execute", SINK_SQL, "q"), USE("ExecuteSqlCommand", SINK_SQL, "q"), FIELD("Open", "n"), FIELD("OpenConnectionString", "n"),
    USE_GIVES("Query", SINK_SQL, "q", MARK_DATABASE, "DataTable"), USE_GIVES("QuerySingle", SINK_SQL, "q", MARK_DATABASE, "DataTable"),
    USE_GIVES("QueryValue", SINK_SQL, "q", MARK_DATABASE, NULL), USE_GIVES("SqlQuery", SINK_SQL, "q", MARK_DATABASE, NULL),
};
CLASS(database, "Database", NULL, database_m);
static const struct api_member smo_m[] = {
    GIVES("ConnectionContext", "ServerConnection"), GIVES("Databases", "ServerConnection"), USE("ExecuteNonQuery", SINK_SQL, "q"),
    USE_GIVES("ExecuteWithResults", SINK_SQL, "q", MARK_DATABASE, "DataTable"), GIVES("item", "ServerConnection"), FIELD("new", "h"),
};
CLASS(smo_server, "ServerConnection", NULL, smo_m);

/* ---- the registry ---- */
static const struct api_member registry_m[] = {
    FIELD_GIVES("ClassesRoot", "", "RegistryKey"), CLEAN("Close"), FIELD_GIVES("CreateSubKey", "p", "RegistryKey"),
    FIELD_GIVES("CurrentConfig", "", "RegistryKey"), FIELD_GIVES("CurrentUser", "", "RegistryKey"), USE("DeleteSubKey", SINK_REGISTRY, "p"),
    USE("DeleteSubKeyTree", SINK_REGISTRY, "p"), USE("DeleteValue", SINK_REGISTRY, "p"), CLEAN("Flush"), PASS("GetSubKeyNames", MARK_SYSTEM, NULL),
    SOURCE("GetValue", "k", MARK_SYSTEM | MARK_SECRET, NULL), CLEAN("GetValueKind"), PASS("GetValueNames", MARK_SYSTEM | MARK_LISTING, NULL),
    FIELD_GIVES("LocalMachine", "", "RegistryKey"), PASS("Name", MARK_SYSTEM, NULL), FIELD_GIVES("OpenBaseKey", "-", "RegistryKey"),
    FIELD_GIVES("OpenRemoteBaseKey", "-h", "RegistryKey"), FIELD_GIVES("OpenSubKey", "p", "RegistryKey"),
    FIELD_GIVES("PerformanceData", "", "RegistryKey"), USE("SetValue", SINK_REGISTRY, "pv"), CLEAN("SubKeyCount"),
    FIELD_GIVES("Users", "", "RegistryKey"), CLEAN("ValueCount"),
};
CLASS_MARKED(registry, "RegistryKey", NULL, registry_m, MARK_SYSTEM);

/* ---- users, directories ---- */
static const struct api_member entry_m[] = {
    { "Add", API_SINK, SINK_ACCOUNT, "u", 0, "DirectoryEntry" }, CLEAN("AuthenticationType"), GIVES("Children", "DirectoryEntry"), CLEAN("Close"),
    USE("CommitChanges", SINK_ACCOUNT, ""), USE("DeleteTree", SINK_ACCOUNT, ""), CLEAN("Exists"), GIVES("Find", "DirectoryEntry"), CLEAN("Guid"),
    USE_GIVES("Invoke", SINK_ACCOUNT, "mu", 0, "DirectoryEntry"), PASS("InvokeGet", MARK_LISTING, NULL), USE("InvokeSet", SINK_ACCOUNT, "mu"),
    PASS("item", MARK_LISTING, "DirectoryEntry"), PASS("Name", MARK_LISTING, NULL), GIVES("NativeObject", "ADSI"), FIELD("new", "huu"),
    GIVES("Parent", "DirectoryEntry"), FIELD("Password", "u"), FIELD("Path", "h"), PASS("Properties", MARK_LISTING, "DirectoryEntry"),
    CLEAN("RefreshCache"), USE("Remove", SINK_ACCOUNT, "u"), PASS("SchemaClassName", MARK_LISTING, NULL), FIELD("Username", "u"),
    PASS("Value", MARK_LISTING, NULL),
};
CLASS(directory_entry, "DirectoryEntry", NULL, entry_m);
static const struct api_member searcher_m[] = {
    FIELD("Filter", "q"), { "FindAll", API_SINK, SINK_LIST, "", MARK_LISTING, "DirectoryEntry" },
    { "FindOne", API_SINK, SINK_LIST, "", MARK_LISTING, "DirectoryEntry" }, FIELD("new", "hq"), CLEAN("PageSize"), CLEAN("PropertiesToLoad"),
    FIELD("SearchRoot", "h"), CLEAN("SearchScope"), { "SendRequest", API_SINK, SINK_LIST, "q", MARK_LISTING, NULL },
};
CLASS(directory_searcher, "DirectorySearcher", NULL, searcher_m);
static const struct api_member principal_m[] = {
    USE("ChangePassword", SINK_ACCOUNT, "uu"), USE("Delete", SINK_ACCOUNT, ""), PASS("FindAll", MARK_LISTING, ""),
    PASS("FindByIdentity", MARK_LISTING, ""), PASS("GetGroups", MARK_LISTING, ""), SAME("Members"), PASS("Name", MARK_LISTING, NULL),
    USE("Save", SINK_ACCOUNT, ""), USE("SetPassword", SINK_ACCOUNT, "u"), CLEAN("ValidateCredentials"),
};
CLASS(account_principal, "UserPrincipal", NULL, principal_m);
static const struct api_member identity_m[] = {
    PASS("GetCurrent", MARK_IDENTITY, ""), CLEAN("Groups"), USE("Impersonate", SINK_ACCOUNT, "-"), CLEAN("IsAuthenticated"), CLEAN("IsInRole"),
    PASS("Name", MARK_IDENTITY, NULL), FIELD("new", "u"), { "RunImpersonated", API_EVENT, SINK_NONE, "-f", 0, NULL }, CLEAN("Token"), CLEAN("User"),
};
CLASS_MARKED(windows_identity, "WindowsIdentity", NULL, identity_m, MARK_IDENTITY);
static const struct api_member membership_m[] = {
    USE("CreateUser", SINK_ACCOUNT, "uu"), USE("DeleteUser", SINK_ACCOUNT, "u"), PASS("GetAllUsers", MARK_LISTING, ""),
    PASS("GetPassword", MARK_SECRET, NULL), PASS("GetUser", MARK_DATABASE, ""), USE("UnlockUser", SINK_ACCOUNT, "u"),
    PASS("UserName", MARK_DATABASE, NULL), CLEAN("ValidateUser"),
};
CLASS(membership, "Membership", NULL, membership_m);

/* ---- WMI ---- */
static const struct api_member management_m[] = {
    CLEAN("Count"), FIELD_GIVES("CreateInstance", "", "ManagementObject"), USE("Delete", SINK_PROCESS, "-"), CLEAN("Dispose"),
    { "Get", API_SINK, SINK_LIST, "", MARK_SYSTEM | MARK_LISTING, "ManagementObject" }, PASS("GetInstances", MARK_SYSTEM, "ManagementObject"),
    FIELD_GIVES("GetMethodParameters", "m", "ManagementObject"), PASS("GetPropertyValue", MARK_SYSTEM, NULL),
    { "InvokeMethod", API_SINK, SINK_PROCESS, "mx", 0, "ManagementObject" }, USE("InvokeMethodAsync", SINK_PROCESS, "mx"), FIELD("item", "-x"),
    FIELD("new", "tt"), FIELD("Path", "t"), PASS("Properties", MARK_SYSTEM, "ManagementObject"), FIELD("Put", "-"), FIELD("Query", "q"),
    PASS("ReturnValue", 0, NULL), FIELD("Scope", "h"), FIELD("SetPropertyValue", "-x"), PASS("Value", MARK_SYSTEM, NULL),
};
CLASS_MARKED(management, "ManagementObject", NULL, management_m, MARK_SYSTEM);
static const struct api_member searching_m[] = {
    { "Get", API_SINK, SINK_LIST, "", MARK_SYSTEM | MARK_LISTING, "ManagementObject" }, FIELD("new", "qq"), CLEAN("Options"), FIELD("Query", "q"),
    FIELD("Scope", "h"),
};
CLASS(management_searcher, "ManagementObjectSearcher", NULL, searching_m);
static const struct api_member service_m[] = {
    PASS("DisplayName", MARK_LISTING, NULL), USE("ExecuteCommand", SINK_PROCESS, "-"), USE_GIVES("GetServices", SINK_LIST, "", MARK_LISTING, ""),
    FIELD("new", "x"), PASS("ServiceName", MARK_LISTING, NULL), USE("Start", SINK_PROCESS, "-"), CLEAN("Status"), USE("Stop", SINK_PROCESS, ""),
    CLEAN("WaitForStatus"),
};
CLASS(service_controller, "ServiceController", NULL, service_m);
static const struct api_member event_log_m[] = {
    USE("Clear", SINK_DELETE, ""), CLEAN("CreateEventSource"), USE("Delete", SINK_DELETE, "p"), PASS("Entries", MARK_SYSTEM, NULL),
    USE_GIVES("GetEventLogs", SINK_LIST, "", MARK_LISTING, ""), FIELD("new", "-"), CLEAN("Source"), CLEAN("SourceExists"), CLEAN("WriteEntry"),
};
CLASS(event_log, "EventLog", NULL, event_log_m);
static const struct api_member iis_m[] = {
    PASS("ApplicationPools", MARK_SYSTEM, ""), PASS("Applications", MARK_SYSTEM, ""), PASS("Bindings", MARK_SYSTEM, ""),
    USE("CommitChanges", SINK_REGISTRY, ""), PASS("GetApplicationHostConfiguration", MARK_SYSTEM, ""), PASS("item", MARK_SYSTEM, ""),
    PASS("Name", MARK_SYSTEM, NULL), FIELD("new", "-"), PASS("Password", MARK_SECRET, NULL), PASS("PhysicalPath", MARK_SYSTEM, NULL),
    PASS("ProcessModel", MARK_SYSTEM, ""), PASS("Sites", MARK_SYSTEM, ""), PASS("UserName", MARK_SYSTEM, NULL),
    PASS("VirtualDirectories", MARK_SYSTEM, ""),
};
CLASS(iis_manager, "ServerManager", NULL, iis_m);

/* ---- configuration and its secrets ---- */
static const struct api_member config_m[] = {
    PASS("AppSettings", MARK_SYSTEM, NULL), PASS("ConnectionStrings", MARK_SECRET, "ConnectionStrings"), PASS("FilePath", MARK_SYSTEM, NULL),
    PASS("GetConfig", MARK_SYSTEM, "ConfigurationSection"), PASS("GetDecryptedSection", MARK_SECRET, "ConfigurationSection"),
    PASS("GetSection", MARK_SYSTEM, "ConfigurationSection"), GIVES("GetSectionGroup", "ConfigurationSection"),
    PASS("GetWebApplicationSection", MARK_SYSTEM, "ConfigurationSection"), PASS("OpenExeConfiguration", MARK_SYSTEM, "ConfigurationManager"),
    PASS("OpenMachineConfiguration", MARK_SYSTEM, "ConfigurationManager"), PASS("OpenMappedWebConfiguration", MARK_SYSTEM, "ConfigurationManager"),
    PASS("OpenWebConfiguration", MARK_SYSTEM, "ConfigurationManager"), USE("Save", SINK_WRITE, ""), GIVES("SectionGroups", "ConfigurationSection"),
    GIVES("Sections", "ConfigurationSection"),
};
CLASS(configuration, "ConfigurationManager", NULL, config_m);
static const struct api_member strings_m[] = {
    PASS("ConnectionString", MARK_SECRET, NULL), PASS("ConnectionStrings", MARK_SECRET, ""), CLEAN("Count"),
    PASS("item", MARK_SECRET, "ConnectionStrings"), CLEAN("Name"), CLEAN("ProviderName"), PASS("ToString", MARK_SECRET, NULL),
};
CLASS_MARKED(connection_strings, "ConnectionStrings", NULL, strings_m, MARK_SECRET);
static const struct api_member section_m[] = {
    PASS("GetRawXml", MARK_SYSTEM, NULL), GIVES("item", "ConfigurationSection"), PASS("Password", MARK_SECRET, NULL), CLEAN("ProtectSection"),
    PASS("SectionInformation", MARK_SYSTEM, "ConfigurationSection"), PASS("SMTP", MARK_SYSTEM, ""), PASS("UnprotectSection", 0, NULL),
};
CLASS_MARKED(config_section, "ConfigurationSection", NULL, section_m, MARK_SYSTEM);
static const struct api_member machine_key_m[] = {
    PASS("CompatibilityMode", MARK_SYSTEM, NULL), PASS("Decryption", MARK_SYSTEM, NULL), PASS("DecryptionKey", MARK_SECRET, NULL),
    PASS("EncryptionKey", MARK_SECRET, NULL), PASS("GetApplicationConfig", MARK_SECRET, "MachineKeySection"),
    PASS("GetMachineKey", MARK_SECRET, "MachineKeySection"), PASS("s_validationKey", MARK_SECRET, NULL), PASS("Validation", MARK_SYSTEM, NULL),
    PASS("ValidationKey", MARK_SECRET, NULL),
};
CLASS_MARKED(machine_key_section, "MachineKeySection", NULL, machine_key_m, MARK_SECRET);
static const struct api_member machine_m[] = {
    PASS("Decode", MARK_DECODED, NULL), TEXT("Encode"), TEXT("Protect"), PASS("Unprotect", MARK_DECODED, NULL),
};
CLASS(machine_key, "MachineKey", NULL, machine_m);
static const struct api_member protected_m[] = { TEXT("Protect"), PASS("Unprotect", MARK_SECRET | MARK_DECODED, NULL) };
CLASS(protected_data, "ProtectedData", NULL, protected_m);
static const struct api_member environment_m[] = {
    PASS("CommandLine", MARK_SYSTEM, NULL), PASS("CurrentDirectory", MARK_SYSTEM, NULL), CLEAN("Exit"),
    PASS("ExpandEnvironmentVariables", MARK_SYSTEM, NULL), PASS("GetEnvironmentVariable", MARK_SYSTEM, NULL),
    PASS("GetEnvironmentVariables", MARK_SYSTEM, NULL), PASS("GetFolderPath", MARK_SYSTEM, NULL), PASS("GetLogicalDrives", MARK_SYSTEM, NULL),
    CLEAN("Is64BitOperatingSystem"), PASS("MachineName", MARK_SYSTEM, NULL), PASS("OSVersion", MARK_SYSTEM, NULL), CLEAN("ProcessorCount"),
    CLEAN("SetEnvironmentVariable"), CLEAN("StackTrace"), PASS("SystemDirectory", MARK_SYSTEM, NULL), CLEAN("TickCount"),
    PASS("UserDomainName", MARK_SYSTEM, NULL), CLEAN("UserInteractive"), PASS("UserName", MARK_SYSTEM, NULL), PASS("Version", MARK_SYSTEM, NULL),
};
CLASS(environment, "Environment", NULL, environment_m);

/* ---- cryptography ---- */
static const struct api_member cipher_m[] = {
    CLEAN("BlockSize"), CLEAN("Clear"), GIVES("Create", "Aes"), PASS("CreateDecryptor", 0, "ICryptoTransform"),
    GIVES("CreateEncryptor", "ICryptoTransform"), PASS("Decrypt", MARK_DECODED, NULL), PASS("DecryptCbc", MARK_DECODED, NULL),
    PASS("DecryptEcb", MARK_DECODED, NULL), TEXT("Encrypt"), CLEAN("FeedbackSize"), CLEAN("FromXmlString"), CLEAN("GenerateIV"), CLEAN("GenerateKey"),
    CLEAN("ImportParameters"), CLEAN("IV"), CLEAN("Key"), CLEAN("KeySize"), CLEAN("Mode"), CLEAN("Padding"), PASS("SignData", 0, NULL),
    { "TransformBlock", API_PASS, SINK_NONE, "---r", MARK_DECODED, NULL }, PASS("TransformFinalBlock", MARK_DECODED, NULL),
    PASS("VerifyData", MARK_HASHED, NULL),
};
CLASS(cipher, "Aes", NULL, cipher_m);
CLASS_BARE(crypto_transform, "ICryptoTransform", "Aes", MARK_DECODED);
static const struct api_member crypto_stream_m[] = { FIELD("new", "d"), { "Read", API_PASS, SINK_NONE, "r", MARK_DECODED, NULL } };
CLASS_MARKED(crypto_stream, "CryptoStream", "Stream", crypto_stream_m, MARK_DECODED);
static const struct api_member hash_m[] = {
    CLEAN("Clear"), { "ComputeHash", API_CLEAN, SINK_NONE, "", MARK_HASHED, NULL }, GIVES("Create", "MD5"),
    { "GetBytes", API_CLEAN, SINK_NONE, "", MARK_HASHED, NULL }, { "Hash", API_CLEAN, SINK_NONE, "", MARK_HASHED, NULL },
    { "HashData", API_CLEAN, SINK_NONE, "", MARK_HASHED, NULL }, { "HashPassword", API_CLEAN, SINK_NONE, "", MARK_HASHED, NULL },
    { "HashPasswordForStoringInConfigFile", API_CLEAN, SINK_NONE, "", MARK_HASHED, NULL }, { "SHA1", API_CLEAN, SINK_NONE, "", MARK_HASHED, NULL },
    { "SHA256", API_CLEAN, SINK_NONE, "", MARK_HASHED, NULL }, { "TransformFinalBlock", API_CLEAN, SINK_NONE, "", MARK_HASHED, NULL },
    CLEAN("VerifyHashedPassword"),
};
CLASS(hash, "MD5", NULL, hash_m);
static const struct api_member forms_m[] = {
    CLEAN("Authenticate"), PASS("Decrypt", MARK_IDENTITY, NULL), CLEAN("Encrypt"), CLEAN("FormsCookieName"), CLEAN("FormsCookiePath"),
    CLEAN("GetRedirectUrl"), { "HashPasswordForStoringInConfigFile", API_CLEAN, SINK_NONE, "", MARK_HASHED, NULL }, CLEAN("LoginUrl"),
    CLEAN("RedirectFromLoginPage"), CLEAN("SetAuthCookie"), CLEAN("SignOut"),
};
CLASS(forms_auth, "FormsAuthentication", NULL, forms_m);
static const struct api_member random_m[] = { CLEAN("GetBytes"), CLEAN("GetInt32"), CLEAN("Next"), CLEAN("NextBytes"), CLEAN("NextDouble") };
CLASS(random, "Random", NULL, random_m);
static const struct api_member json_m[] = {
    USE("Deserialize", SINK_DESERIALISE, "b"), USE("DeserializeObject", SINK_DESERIALISE, "b"), FIELD("new", "t"), TEXT("Serialize"), TEXT("SerializeObject"),
};
CLASS(json, "JavaScriptSerializer", NULL, json_m);
