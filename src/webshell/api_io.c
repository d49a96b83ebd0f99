/* Files and streams of System.IO, archives, compression. */
#include "webshell/api_table.h"

static const struct api_member file_m[] = {
    USE("AppendAllLines", SINK_WRITE, "pd"), USE("AppendAllText", SINK_WRITE, "pd"), FIELD_GIVES("AppendText", "p", "StreamWriter"),
    USE("Copy", SINK_RENAME, "gp"), USE_GIVES("Create", SINK_WRITE, "p", 0, "FileStream"),
    USE_GIVES("CreateText", SINK_WRITE, "p", 0, "StreamWriter"), USE("Decrypt", SINK_TOUCH, "p"), USE("Delete", SINK_DELETE, "p"),
    USE("Encrypt", SINK_TOUCH, "p"), CLEAN("Exists"), CLEAN("GetAccessControl"), CLEAN("GetAttributes"), CLEAN("GetCreationTime"),
    CLEAN("GetCreationTimeUtc"), CLEAN("GetLastAccessTime"), CLEAN("GetLastWriteTime"), CLEAN("GetLastWriteTimeUtc"), USE("Move", SINK_RENAME, "gp"),
    FIELD_GIVES("Open", "p", "FileStream"), FIELD_GIVES("OpenRead", "p", "FileReader"), FIELD_GIVES("OpenText", "p", "FileReader"),
    FIELD_GIVES("OpenWrite", "p", "FileStream"), USE_GIVES("ReadAllBytes", SINK_READ, "p", MARK_FILE, NULL),
    USE_GIVES("ReadAllLines", SINK_READ, "p", MARK_FILE, NULL), USE_GIVES("ReadAllText", SINK_READ, "p", MARK_FILE, NULL),
    USE_GIVES("ReadAllTextAsync", SINK_READ, "p", MARK_FILE, NULL), USE_GIVES("ReadLines", SINK_READ, "p", MARK_FILE, NULL),
    USE("Replace", SINK_RENAME, "gpp"), USE("SetAccessControl", SINK_TOUCH, "p-"), USE("SetAttributes", SINK_TOUCH, "p-"),
    USE("SetCreationTime", SINK_TOUCH, "p-"), USE("SetCreationTimeUtc", SINK_TOUCH, "p-"), USE("SetLastAccessTime", SINK_TOUCH, "p-"),
    USE("SetLastAccessTimeUtc", SINK_TOUCH, "p-"), USE("SetLastWriteTime", SINK_TOUCH, "p-"), USE("SetLastWriteTimeUtc", SINK_TOUCH, "p-"),
    USE("WriteAllBytes", SINK_WRITE, "pd"), USE("WriteAllBytesAsync", SINK_WRITE, "pd"), USE("WriteAllLines", SINK_WRITE, "pd"),
    USE("WriteAllText", SINK_WRITE, "pd"), USE("WriteAllTextAsync", SINK_WRITE, "pd"),
};
CLASS(file, "File", NULL, file_m);

static const struct api_member directory_m[] = {
    FIELD_GIVES("CreateDirectory", "p", "DirectoryInfo"), USE("Delete", SINK_DELETE, "p"),
    USE_GIVES("EnumerateDirectories", SINK_LIST, "p", MARK_LISTING, NULL), USE_GIVES("EnumerateFiles", SINK_LIST, "p", MARK_LISTING, NULL),
    USE_GIVES("EnumerateFileSystemEntries", SINK_LIST, "p", MARK_LISTING, NULL), CLEAN("Exists"), CLEAN("GetCreationTime"),
    PASS("GetCurrentDirectory", MARK_SYSTEM, NULL), USE_GIVES("GetDirectories", SINK_LIST, "p", MARK_LISTING, NULL), TEXT("GetDirectoryRoot"),
    USE_GIVES("GetFiles", SINK_LIST, "p", MARK_LISTING, NULL), USE_GIVES("GetFileSystemEntries", SINK_LIST, "p", MARK_LISTING, NULL),
    CLEAN("GetLastAccessTime"), CLEAN("GetLastWriteTime"), USE_GIVES("GetLogicalDrives", SINK_LIST, "", MARK_SYSTEM, NULL),
    FIELD_GIVES("GetParent", "p", "DirectoryInfo"), USE("Move", SINK_RENAME, "pp"), USE("SetAccessControl", SINK_TOUCH, "p-"),
    USE("SetCreationTime", SINK_TOUCH, "p-"), CLEAN("SetCurrentDirectory"), USE("SetLastAccessTime", SINK_TOUCH, "p-"),
    USE("SetLastWriteTime", SINK_TOUCH, "p-"),
};
CLASS(directory, "Directory", NULL, directory_m);

static const struct api_member file_info_m[] = {
    FIELD_GIVES("AppendText", "", "StreamWriter"), USE("Attributes", SINK_TOUCH, "v"), USE_GIVES("CopyTo", SINK_RENAME, "p", 0, ""),
    FIELD_GIVES("Create", "", "FileStream"), FIELD_GIVES("CreateText", "", "StreamWriter"), USE("CreationTime", SINK_TOUCH, "v"),
    USE("CreationTimeUtc", SINK_TOUCH, "v"), USE("Delete", SINK_DELETE, ""), GIVES("Directory", "DirectoryInfo"),
    FIELD_GIVES("DirectoryName", "p", NULL), CLEAN("Exists"), TEXT("Extension"), FIELD_GIVES("FullName", "p", NULL), CLEAN("IsReadOnly"),
    USE("LastAccessTime", SINK_TOUCH, "v"), USE("LastAccessTimeUtc", SINK_TOUCH, "v"), USE("LastWriteTime", SINK_TOUCH, "v"),
    USE("LastWriteTimeUtc", SINK_TOUCH, "v"), CLEAN("Length"), USE("MoveTo", SINK_RENAME, "p"), TEXT("Name"), FIELD("new", "p"),
    FIELD_GIVES("Open", "", "FileStream"), FIELD_GIVES("OpenRead", "", "FileReader"), FIELD_GIVES("OpenText", "", "FileReader"),
    FIELD_GIVES("OpenWrite", "", "FileStream"), USE("Replace", SINK_RENAME, "pp"),
};
CLASS(file_info, "FileInfo", NULL, file_info_m);
static const struct api_member directory_info_m[] = {
    USE("Attributes", SINK_TOUCH, "v"), CLEAN("Create"), CLEAN("CreateSubdirectory"), USE("CreationTime", SINK_TOUCH, "v"),
    USE("Delete", SINK_DELETE, ""), USE_GIVES("EnumerateDirectories", SINK_LIST, "", MARK_LISTING, "DirectoryInfo"),
    USE_GIVES("EnumerateFiles", SINK_LIST, "", MARK_LISTING, "FileInfo"), CLEAN("Exists"), FIELD_GIVES("FullName", "p", NULL),
    USE_GIVES("GetDirectories", SINK_LIST, "", MARK_LISTING, "DirectoryInfo"), USE_GIVES("GetFiles", SINK_LIST, "", MARK_LISTING, "FileInfo"),
    USE_GIVES("GetFileSystemInfos", SINK_LIST, "", MARK_LISTING, "FileInfo"), USE("LastAccessTime", SINK_TOUCH, "v"),
    USE("LastWriteTime", SINK_TOUCH, "v"), USE("MoveTo", SINK_RENAME, "p"), TEXT("Name"), FIELD("new", "p"), SAME("Parent"), SAME("Root"),
};
CLASS(directory_info, "DirectoryInfo", NULL, directory_info_m);
static const struct api_member drive_info_m[] = {
    USE_GIVES("GetDrives", SINK_LIST, "", MARK_SYSTEM, "DriveInfo"), PASS("Name", MARK_SYSTEM, NULL), FIELD("new", "-"),
    GIVES("RootDirectory", "DirectoryInfo"),
};
CLASS_MARKED(drive_info, "DriveInfo", NULL, drive_info_m, MARK_SYSTEM);

static const struct api_member stream_m[] = {
    EVENT("BeginRead", "r--f"), CLEAN("CanRead"), CLEAN("Close"), { "CopyTo", API_SINK, SINK_WRITE, "w", 0, NULL },
    { "CopyToAsync", API_SINK, SINK_WRITE, "w", 0, NULL }, CLEAN("Dispose"), CLEAN("Flush"), CLEAN("Length"), CLEAN("Position"),
    { "Read", API_PASS, SINK_NONE, "r", 0, NULL }, { "ReadAsync", API_PASS, SINK_NONE, "r", 0, NULL }, TEXT("ReadByte"),
    { "ReadExactly", API_PASS, SINK_NONE, "r", 0, NULL }, CLEAN("Seek"), CLEAN("SetLength"), FIELD("Write", "d"), FIELD("WriteAsync", "d"),
    FIELD("WriteByte", "d"),
};
CLASS(stream, "Stream", NULL, stream_m);
static const struct api_member memory_stream_m[] = {
    TEXT("GetBuffer"), FIELD("new", "d"), TEXT("ToArray"), { "WriteTo", API_SINK, SINK_WRITE, "w", 0, NULL },
};
CLASS(memory_stream, "MemoryStream", "Stream", memory_stream_m);
static const struct api_member file_stream_m[] = {
    { "BeginRead", API_SINK, SINK_READ, "r", MARK_FILE, NULL }, USE("BeginWrite", SINK_WRITE, "d"),
    { "CopyTo", API_SINK, SINK_READ, "-", MARK_FILE, NULL }, TEXT("Name"), FIELD("new", "p"), { "Read", API_SINK, SINK_READ, "r", MARK_FILE, NULL },
    { "ReadArray", API_SINK, SINK_READ, "-r", MARK_FILE, NULL }, { "ReadAsync", API_SINK, SINK_READ, "r", MARK_FILE, NULL },
    { "ReadByte", API_SINK, SINK_READ, "", MARK_FILE, NULL }, USE("Write", SINK_WRITE, "d"), USE("WriteArray", SINK_WRITE, "-d"),
    USE("WriteAsync", SINK_WRITE, "d"), USE("WriteByte", SINK_WRITE, "d"),
};
CLASS(file_stream, "FileStream", "Stream", file_stream_m);
static const struct api_member reader_m[] = {
    SAME("BaseStream"), CLEAN("Close"), CLEAN("CurrentEncoding"), CLEAN("EndOfStream"), FIELD("new", "p"),
    { "Peek", API_CLEAN, SINK_NONE, "", 0, NULL }, { "Read", API_SINK, SINK_READ, "r", MARK_FILE, NULL },
    { "ReadBlock", API_SINK, SINK_READ, "r", MARK_FILE, NULL }, { "ReadByte", API_SINK, SINK_READ, "", MARK_FILE, NULL },
    { "ReadBytes", API_SINK, SINK_READ, "", MARK_FILE, NULL }, { "ReadChar", API_SINK, SINK_READ, "", MARK_FILE, NULL },
    { "ReadChars", API_SINK, SINK_READ, "", MARK_FILE, NULL }, NUMBER("ReadInt16"), NUMBER("ReadInt32"), NUMBER("ReadInt64"),
    { "ReadLine", API_SINK, SINK_READ, "", MARK_FILE, NULL }, { "ReadLineAsync", API_SINK, SINK_READ, "", MARK_FILE, NULL },
    { "ReadString", API_SINK, SINK_READ, "", MARK_FILE, NULL }, { "ReadToEnd", API_SINK, SINK_READ, "", MARK_FILE, NULL },
    { "ReadToEndAsync", API_SINK, SINK_READ, "", MARK_FILE, NULL }, NUMBER("ReadUInt16"),
};
CLASS(stream_reader, "StreamReader", "Stream", reader_m);
static const struct api_member writer_m[] = {
    CLEAN("AutoFlush"), GIVES("BaseStream", "FileStream"), CLEAN("Close"), CLEAN("Encoding"), CLEAN("Flush"), FIELD("new", "p"), CLEAN("NewLine"),
    USE("Write", SINK_WRITE, "d*"), USE("WriteAsync", SINK_WRITE, "d"), USE("WriteLine", SINK_WRITE, "d*"), USE("WriteLineAsync", SINK_WRITE, "d"),
};
CLASS(stream_writer, "StreamWriter", NULL, writer_m);
static const struct api_member string_reader_m[] = { FIELD("new", "d"), CLEAN("Peek"), TEXT("Read"), TEXT("ReadLine"), TEXT("ReadToEnd") };
CLASS(string_reader, "StringReader", NULL, string_reader_m);
static const struct api_member string_writer_m[] = { TEXT("GetStringBuilder"), TEXT("ToString"), FIELD("Write", "d"), FIELD("WriteLine", "d") };
CLASS(string_writer, "StringWriter", NULL, string_writer_m);

/* What is known of the parts of a path fold tells. */
static const struct api_member path_m[] = {
    TEXT("ChangeExtension"), TEXT("Combine"), CLEAN("DirectorySeparatorChar"), TEXT("GetDirectoryName"), TEXT("GetExtension"), TEXT("GetFileName"),
    TEXT("GetFileNameWithoutExtension"), TEXT("GetFullPath"), CLEAN("GetInvalidFileNameChars"), TEXT("GetPathRoot"), TEXT("GetRandomFileName"),
    TEXT("GetTempFileName"), PASS("GetTempPath", MARK_SYSTEM, NULL), CLEAN("HasExtension"), CLEAN("IsPathRooted"), TEXT("Join"),
    CLEAN("PathSeparator"),
};
CLASS(path, "Path", NULL, path_m);

static const struct api_member zip_m[] = {
    USE("CreateFromDirectory", SINK_WRITE, "dp"), USE("ExtractToDirectory", SINK_WRITE, "gp"),
    USE_GIVES("Open", SINK_READ, "p", MARK_FILE, "ZipArchive"), USE_GIVES("OpenRead", SINK_READ, "p", MARK_FILE, "ZipArchive"),
};
CLASS(zip_file, "ZipFile", NULL, zip_m);
static const struct api_member archive_m[] = {
    SAME("CreateEntry"), SAME("Entries"), USE("ExtractToDirectory", SINK_WRITE, "p"), USE("ExtractToFile", SINK_WRITE, "p"), TEXT("FullName"),
    SAME("GetEntry"), TEXT("Name"), FIELD("new", "d"), GIVES("Open", "Stream"),
};
CLASS(zip_archive, "ZipArchive", NULL, archive_m);
static const struct api_member inflate_m[] = {
    { "CopyTo", API_SINK, SINK_WRITE, "w", MARK_DECODED, NULL }, FIELD("new", "d"), { "Read", API_PASS, SINK_NONE, "r", MARK_DECODED, NULL },
};
CLASS_MARKED(inflate_stream, "GZipStream", "Stream", inflate_m, MARK_DECODED);
static const struct api_member mapped_m[] = {
    FIELD_GIVES("CreateFromFile", "p", "MemoryMappedFile"), FIELD_GIVES("CreateViewAccessor", "", "FileStream"), FIELD_GIVES("CreateViewStream", "", "FileStream"),
    USE_GIVES("OpenExisting", SINK_READ, "-", MARK_FILE, NULL),
};
CLASS(mapped_file, "MemoryMappedFile", NULL, mapped_m);

static const struct api_member vb_files_m[] = {
    USE("CopyDirectory", SINK_RENAME, "gp"), USE("CopyFile", SINK_RENAME, "gp"), CLEAN("CreateDirectory"), USE("DeleteDirectory", SINK_DELETE, "p"),
    USE("DeleteFile", SINK_DELETE, "p"), CLEAN("DirectoryExists"), USE_GIVES("Drives", SINK_LIST, "", MARK_SYSTEM, "DriveInfo"), CLEAN("FileExists"),
    USE_GIVES("GetDirectories", SINK_LIST, "p", MARK_LISTING, NULL), FIELD_GIVES("GetDirectoryInfo", "p", "DirectoryInfo"),
    FIELD_GIVES("GetFileInfo", "p", "FileInfo"), USE_GIVES("GetFiles", SINK_LIST, "p", MARK_LISTING, NULL), USE("MoveDirectory", SINK_RENAME, "pp"),
    USE("MoveFile", SINK_RENAME, "gp"), FIELD_GIVES("OpenTextFileReader", "p", "StreamReader"),
    FIELD_GIVES("OpenTextFileWriter", "p", "StreamWriter"), USE_GIVES("ReadAllBytes", SINK_READ, "p", MARK_FILE, NULL),
    USE_GIVES("ReadAllText", SINK_READ, "p", MARK_FILE, NULL), USE("RenameDirectory", SINK_RENAME, "pp"), USE("RenameFile", SINK_RENAME, "gp"),
    USE("WriteAllBytes", SINK_WRITE, "pd"), USE("WriteAllText", SINK_WRITE, "pd"),
};
CLASS(vb_files, "FileSystem", NULL, vb_files_m);
