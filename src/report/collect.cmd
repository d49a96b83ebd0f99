@echo off
rem @TITLE@
rem
rem Run it on the server as administrator: collect.cmd [TARGET] [/zip] [/nohash]
rem   TARGET   folder for the copies, best on a disk that is not the server's own. Without it the file asks.
rem   /zip     packs the copies at the end, where this Windows has tar.exe (2019 and later)
rem   /nohash  leaves out the list of SHA-256 sums, which takes long for many files
rem
rem It copies and changes nothing: no source is written to, moved or deleted. Each run makes a new folder NAME-DATE-TIME in TARGET, with
rem one folder for each drive letter in it, which `afterpatch hunt` reads as it is. What was done stands in its folder "collect".
rem Tools: robocopy, wevtutil, reg, certutil, appcmd, tzutil, systeminfo, each by its full path. No PowerShell.
rem Exit codes: 0 all that was there is copied, 1 a part could not be copied, 2 wrong usage or target, 3 not administrator, 4 no room.
rem
rem Written for Windows Server 2008 R2 to 2025. Values from the registry and from IIS may be an intruder's: quotes are taken out of them,
rem and they are only used between quotes, with delayed expansion off.

setlocal EnableExtensions DisableDelayedExpansion
rem A 32-bit caller sees another System32.
if not exist "%SystemRoot%\Sysnative\cmd.exe" goto :tools
"%SystemRoot%\Sysnative\cmd.exe" /d /c ""%~f0" %*"
exit /b %ERRORLEVEL%

:tools
set "SYS=%SystemRoot%\System32"
set "ROBOCOPY=%SYS%\robocopy.exe"
set "WEVTUTIL=%SYS%\wevtutil.exe"
set "CERTUTIL=%SYS%\certutil.exe"
set "APPCMD=%SYS%\inetsrv\appcmd.exe"
set "REG=%SYS%\reg.exe"
set "TZUTIL=%SYS%\tzutil.exe"
set "SYSTEMINFO=%SYS%\systeminfo.exe"
set "TAR=%SYS%\tar.exe"

set "SELF=%~n0"
set "HERE=%~dp0"
set "TARGET="
set "ZIP="
set "HASH=1"
set "ASKED="
:words
if "%~1"=="" goto :words_end
if "%~1"=="/?" goto :usage
if /i "%~1"=="/zip" goto :word_zip
if /i "%~1"=="/nohash" goto :word_nohash
if defined TARGET goto :usage
set "TARGET=%~1"
goto :words_next
:word_zip
set "ZIP=1"
goto :words_next
:word_nohash
set "HASH="
:words_next
shift /1
goto :words
:words_end

%REG% query HKU\S-1-5-19 >nul 2>&1
if errorlevel 1 goto :not_admin

if defined TARGET goto :have_target
set "ASKED=1"
set "TARGET=%HERE%."
echo Folder for the copies, best on another disk.
set /p "TARGET=Enter alone: beside this file. > "
set "TARGET=%TARGET:"=%"
:have_target
for %%T in ("%TARGET%") do set "TARGET=%%~fT"
if "%TARGET:~-1%"=="\" set "TARGET=%TARGET:~0,-1%"

call :stamp
set "HOST=%COMPUTERNAME%"
set "NAME=%HOST%-%STAMP%"
set "TRY=1"
:unique
if not exist "%TARGET%\%NAME%" goto :unique_end
set /a TRY+=1
set "NAME=%HOST%-%STAMP%-%TRY%"
goto :unique
:unique_end
set "DEST=%TARGET%\%NAME%"
set "OWN=%DEST%\collect"
mkdir "%OWN%" 2>nul
if exist "%OWN%\" goto :have_folder
echo Cannot make the folder "%OWN%". Name another target.
call :wait
exit /b 2
:have_folder

set "TAKEN=0"
set "FAILED=0"
set "INSIDE="
set "SAY=@TITLE@"
call :say
set "SAY=Copies of %COMPUTERNAME% go to %DEST%"
call :say
if /i "%DEST:~0,2%"=="%SystemDrive%" set "SAY=Note: this is the system drive. Writing there overwrites deleted files that might be recovered."
if /i "%DEST:~0,2%"=="%SystemDrive%" call :say

call :find_exchange
call :find_iis
call :host

echo Counting what there is ...
set "MODE=count"
set "TOTAL=0"
call :rows
if defined INSIDE goto :bad_target
set "FREE="
for /f "tokens=3" %%A in ('dir /-c /a "%DEST%"') do set "FREE=%%A"
call :megabytes "%FREE%"
set "FREE=%MB%"
set /a NEED=TOTAL+TOTAL/20+200
if defined ZIP set /a NEED=NEED*2
set "SAY=About %TOTAL% MB to copy. How much room the target has could not be found out; going on."
if "%FREE%"=="0" call :say
if "%FREE%"=="0" goto :room
set "SAY=About %TOTAL% MB to copy, %FREE% MB free, %NEED% MB wanted."
call :say
if %FREE% LSS %NEED% goto :no_room
:room

set "MODE=copy"
call :rows
@RAW@
if not defined HASH goto :hash_end
echo Hashing the copies ...
>"%OWN%\sha256.csv" echo "SHA-256","file"
set "HASHED=0"
dir /s /b /a-d "%DEST%" >"%OWN%\files.tmp" 2>nul
for /f "usebackq delims=" %%F in ("%OWN%\files.tmp") do (
    set "F=%%F"
    call :hash
)
del "%OWN%\files.tmp" "%OWN%\hash.tmp" 2>nul
:hash_end
del "%OWN%\count.tmp" 2>nul

set "SAY=Done: %TAKEN% places copied, %FAILED% with something that could not be copied (collect.log and robocopy.log name it)."
call :say
if not defined ZIP goto :no_zip
if not exist "%TAR%" goto :no_tar
%TAR% -a -c -f "%DEST%.zip" -C "%TARGET%\." "%NAME%"
if errorlevel 1 goto :bad_zip
set "SAY=Packed: %DEST%.zip"
call :say
goto :last
:bad_zip
set /a FAILED+=1
set "SAY=The archive could not be written; the folder is whole."
call :say
goto :last
:no_tar
set "SAY=This Windows has no tar.exe. Zip the folder in the Explorer, or copy it as it is."
call :say
goto :last
:no_zip
set "SAY=Copy the folder as it is, or zip it."
call :say
:last
echo Then, where Afterpatch is installed:  afterpatch hunt --out report "%NAME%"
call :wait
if not "%FAILED%"=="0" exit /b 1
exit /b 0

rem ---- what to take: one line a place. Options are those of robocopy; "*.*" is every file. ----
:rows
@ROWS@
exit /b 0

rem ---- places that differ from server to server ----
:find_exchange
set "EX15="
set "EX14="
for /f "tokens=1,2,*" %%A in ('%REG% query "HKLM\SOFTWARE\Microsoft\ExchangeServer\v15\Setup" /v MsiInstallPath 2^>nul') do if /i "%%A"=="MsiInstallPath" set "EX15=%%C"
for /f "tokens=1,2,*" %%A in ('%REG% query "HKLM\SOFTWARE\Microsoft\ExchangeServer\v14\Setup" /v MsiInstallPath 2^>nul') do if /i "%%A"=="MsiInstallPath" set "EX14=%%C"
if not defined EX15 if not defined EX14 set "EX15=%ExchangeInstallPath%"
if defined EX15 set "P=%EX15%"
if defined EX15 call :clean
if defined EX15 set "EX15=%P%"
if defined EX14 set "P=%EX14%"
if defined EX14 call :clean
if defined EX14 set "EX14=%P%"
set "SAY=Exchange 2013 or later: not installed"
if defined EX15 set "SAY=Exchange 2013 or later: %EX15%"
call :say
set "SAY=Exchange 2010: not installed"
if defined EX14 set "SAY=Exchange 2010: %EX14%"
call :say
exit /b 0

rem The lists of IIS, with its usual places beneath: they are in no harm when named twice.
:find_iis
%APPCMD% list vdir /text:physicalPath >"%OWN%\iis-folders.txt" 2>nul
%APPCMD% list site /text:logFile.directory >"%OWN%\iis-logs.txt" 2>nul
>>"%OWN%\iis-logs.txt" echo %SystemDrive%\inetpub\logs\LogFiles
>>"%OWN%\iis-logs.txt" echo %SystemRoot%\System32\LogFiles
exit /b 0

:host
>"%OWN%\host.txt" echo computer: %COMPUTERNAME%
>>"%OWN%\host.txt" echo domain: %USERDNSDOMAIN%
>>"%OWN%\host.txt" echo collected, local time: %DATE% %TIME%
ver >>"%OWN%\host.txt"
>>"%OWN%\host.txt" echo time zone:
%TZUTIL% /g >>"%OWN%\host.txt" 2>nul
>>"%OWN%\host.txt" echo.
%REG% query "HKLM\SYSTEM\CurrentControlSet\Control\TimeZoneInformation" >>"%OWN%\host.txt" 2>nul
%REG% query "HKLM\SOFTWARE\Microsoft\ExchangeServer\v15\Setup" >>"%OWN%\host.txt" 2>nul
%REG% query "HKLM\SOFTWARE\Microsoft\ExchangeServer\v14\Setup" >>"%OWN%\host.txt" 2>nul
%SYSTEMINFO% >>"%OWN%\host.txt" 2>nul
exit /b 0

:args
set "PART=%~1"
set "OPT=%~2"
set "MASK=%~3"
set "WITHOUT=%~4"
exit /b 0

:exchange
call :args %1 %2 %3 %4
if not defined EX15 goto :exchange_14
set "SRC=%EX15%\%PART%"
call :take
:exchange_14
if not defined EX14 exit /b 0
set "SRC=%EX14%\%PART%"
call :take
exit /b 0

:windows
call :args %1 %2 %3 %4
set "SRC=%SystemRoot%\%PART%"
call :take
exit /b 0

:drive
call :args %1 %2 %3 %4
set "SRC=%SystemDrive%\%PART%"
call :take
exit /b 0

:profiles
call :args %1 %2 %3 %4
for /f "delims=" %%U in ('dir /b /ad "%SystemDrive%\Users" 2^>nul') do (
    set "SRC=%SystemDrive%\Users\%%U\%PART%"
    call :take_if_there
)
exit /b 0

:site_logs
call :args %1 %2 %3 %4
set "LAST="
for /f "usebackq delims=" %%A in ("%OWN%\iis-logs.txt") do (
    set "P=%%A"
    call :site_log
)
exit /b 0
:site_log
call :clean
if /i "%P%"=="%LAST%" exit /b 0
set "LAST=%P%"
for /f "delims=" %%D in ('dir /b /ad "%P%\%PART%" 2^>nul') do (
    set "SRC=%P%\%%D"
    call :take
)
exit /b 0

:site_pages
call :args %1 %2 %3 %4
for /f "usebackq delims=" %%A in ("%OWN%\iis-folders.txt") do (
    set "P=%%A"
    call :site_page
)
exit /b 0
:site_page
call :clean
rem What the lines above have taken already.
set "SRC=%P%"
set "BASE=%SystemDrive%\inetpub\wwwroot"
call :below
if defined BELOW exit /b 0
if defined EX15 set "BASE=%EX15%\FrontEnd"
if defined EX15 call :below
if defined BELOW exit /b 0
if defined EX15 set "BASE=%EX15%\ClientAccess"
if defined EX15 call :below
if defined BELOW exit /b 0
if defined EX14 set "BASE=%EX14%\ClientAccess"
if defined EX14 call :below
if defined BELOW exit /b 0
set "WIDE="
if "%P:~1%"==":" set "WIDE=1"
for %%W in ("%SystemRoot%" "%SYS%" "%ProgramFiles%" "%ProgramData%" "%SystemDrive%\Users") do if /i "%P%"==%%W set "WIDE=1"
if defined EX15 if /i "%P%"=="%EX15%" set "WIDE=1"
if defined EX14 if /i "%P%"=="%EX14%" set "WIDE=1"
if not defined WIDE goto :site_page_take
if "%MODE%"=="count" exit /b 0
set "SAY=Not copied: IIS serves %P%, which holds too much. Look at it by hand: nobody should serve it."
call :say
set /a FAILED+=1
exit /b 0
:site_page_take
call :take_if_there
exit /b 0

rem P: without quotes, with its variables replaced, without a backslash at its end.
:clean
set "P=%P:"=%"
if "%P:~0,1%"=="%%" call set "P=%P%"
set "P=%P:"=%"
if "%P:~-1%"=="\" set "P=%P:~0,-1%"
exit /b 0

rem BELOW is set when SRC is BASE or lies in it.
:below
set "BELOW="
set "X=%SRC%\"
call set "Y=%%X:%BASE%\=%%"
if /i not "%X%"=="%Y%" set "BELOW=1"
exit /b 0

rem ---- one folder ----
:take
if exist "%SRC%\*" goto :take_if_there
if "%MODE%"=="count" exit /b 0
set "SAY=Not there: %SRC%"
call :say
exit /b 0
:take_if_there
if not "%SRC:~1,2%"==":\" goto :not_here
if not exist "%SRC%\*" exit /b 0
set "OUT=%DEST%\%SRC:~0,1%%SRC:~2%"
set "NOT=%DEST%"
if defined WITHOUT set "NOT=%SRC%\%WITHOUT%"
if "%MODE%"=="count" goto :count
set "SAY=Copying %SRC%"
call :say
%ROBOCOPY% "%SRC%" "%OUT%" %MASK% %OPT% /XD "%DEST%" "%NOT%" /COPY:DAT /DCOPY:T /XJ /R:1 /W:1 /V /FP /BYTES /NP /UNILOG+:"%OWN%\robocopy.log" >nul
if errorlevel 8 goto :take_failed
set /a TAKEN+=1
exit /b 0
:take_failed
set /a TAKEN+=1
set /a FAILED+=1
set "SAY=Something in %SRC% could not be copied: robocopy.log names it."
call :say
exit /b 0

:not_here
if "%MODE%"=="count" exit /b 0
set "SAY=Not copied: %SRC% is no folder of a drive here."
call :say
set /a FAILED+=1
exit /b 0

rem The third figure below the dashes is the bytes, in every language.
:count
rem A copy may not go into what is copied.
set "X=%DEST%\"
call set "Y=%%X:%SRC%\=%%"
if /i not "%X%"=="%Y%" set "INSIDE=%SRC%"
%ROBOCOPY% "%SRC%" "%OUT%" %MASK% %OPT% /XD "%DEST%" "%NOT%" /L /XJ /R:0 /W:0 /NFL /NDL /NJH /NP /BYTES >"%OWN%\count.tmp" 2>nul
set "N=0"
set "MB=0"
for /f "usebackq delims=" %%A in ("%OWN%\count.tmp") do (
    set "L=%%A"
    call :count_line
)
set /a TOTAL+=MB
exit /b 0
:count_line
set "L=%L:"=%"
if "%L:~0,5%"=="-----" set "N=0"
set "BYTES="
for /f "tokens=2 delims=:" %%B in ("%L%") do set "BYTES=%%B"
if not defined BYTES exit /b 0
set /a N+=1
if not "%N%"=="3" exit /b 0
for /f "tokens=1" %%C in ("%BYTES%") do set "BYTES=%%C"
call :megabytes "%BYTES%"
exit /b 0

rem MB: this many bytes in millions, rounded up. Arithmetic here ends at 31 bits, so the last six digits are cut off.
:megabytes
set "MB=0"
set "BYTES=%~1"
if not defined BYTES exit /b 0
for /f "delims=0123456789" %%X in ("%BYTES%") do exit /b 0
if not "%BYTES:~6%"=="" set "MB=%BYTES:~0,-6%"
set /a MB=MB+1
exit /b 0

rem ---- event logs and hives ----
:channel
set "LIVE=%SYS%\winevt\Logs\%FILE%"
set "OUT=%DEST%\%SystemDrive:~0,1%%SYS:~2%\winevt\Logs"
if "%MODE%"=="count" goto :size
%WEVTUTIL% gl "%CHANNEL%" >nul 2>&1
if errorlevel 1 goto :no_channel
if not exist "%OUT%\" mkdir "%OUT%"
set "SAY=Event log %CHANNEL%"
call :say
%WEVTUTIL% epl "%CHANNEL%" "%OUT%\%FILE%" >>"%OWN%\collect.log" 2>&1
if exist "%OUT%\%FILE%" goto :taken
set /a FAILED+=1
set "SAY=The event log %CHANNEL% could not be exported."
call :say
exit /b 0
:no_channel
set "SAY=Not there: event log %CHANNEL%"
call :say
exit /b 0

:hive
set "HIVE=%~1"
set "LIVE=%SYS%\config\%HIVE%"
set "OUT=%DEST%\%SystemDrive:~0,1%%SYS:~2%\config"
if "%MODE%"=="count" goto :size
if not exist "%OUT%\" mkdir "%OUT%"
set "SAY=Registry hive %HIVE%"
call :say
set "KEY=HKLM\%HIVE%"
if /i "%HIVE%"=="DEFAULT" set "KEY=HKU\.DEFAULT"
%REG% save "%KEY%" "%OUT%\%HIVE%" /y >>"%OWN%\collect.log" 2>&1
if exist "%OUT%\%HIVE%" goto :taken
set /a FAILED+=1
set "SAY=The registry hive %HIVE% could not be saved."
call :say
exit /b 0

:taken
set /a TAKEN+=1
exit /b 0

:size
set "BYTES="
for %%F in ("%LIVE%") do set "BYTES=%%~zF"
call :megabytes "%BYTES%"
set /a TOTAL+=MB
exit /b 0

rem ---- hashes ----
:hash
if /i "%F%"=="%OWN%\files.tmp" exit /b 0
if /i "%F%"=="%OWN%\sha256.csv" exit /b 0
if /i "%F%"=="%OWN%\collect.log" exit /b 0
set /a HASHED+=1
set /a REST=HASHED-HASHED/500*500
if "%REST%"=="0" echo   %HASHED% files
set "SUM="
set "BYTES="
for %%S in ("%F%") do set "BYTES=%%~zS"
rem Old versions of certutil refuse an empty file.
if "%BYTES%"=="0" set "SUM=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
if defined SUM goto :hash_write
%CERTUTIL% -hashfile "%F%" SHA256 >"%OWN%\hash.tmp" 2>nul
for /f "usebackq skip=1 delims=" %%H in ("%OWN%\hash.tmp") do if not defined SUM set "SUM=%%H"
if not defined SUM goto :hash_write
set "SUM=%SUM: =%"
for /f "delims=0123456789abcdefABCDEF" %%X in ("%SUM%") do set "SUM="
:hash_write
if not defined SUM set "SUM=could not be read"
>>"%OWN%\sha256.csv" echo "%SUM%","%F%"
exit /b 0

rem ---- words ----
:say
for /f "delims=" %%S in ("%SAY%") do (
    echo %%S
    >>"%OWN%\collect.log" echo [%DATE% %TIME%] %%S
)
exit /b 0

rem STAMP: 20210312-100000 where the date can be read, else the time's digits and a random number.
:stamp
set "IDATE=0"
for /f "tokens=3" %%A in ('%REG% query "HKCU\Control Panel\International" /v iDate 2^>nul') do set "IDATE=%%A"
set "A="
set "B="
set "C="
for /f "tokens=1-4 delims=/.- " %%A in ("%DATE%") do (
    set "A=%%A"
    set "B=%%B"
    set "C=%%C"
    if not "%%D"=="" set "A=%%B"
    if not "%%D"=="" set "B=%%C"
    if not "%%D"=="" set "C=%%D"
)
set "DAY=%C%%A%%B%"
if "%IDATE%"=="1" set "DAY=%C%%B%%A%"
if not "%A:~3%"=="" set "DAY=%A%%B%%C%"
set "CLOCK="
for /f "tokens=1-3 delims=:., " %%A in ("%TIME%") do set "CLOCK=0%%A%%B%%C"
set "CLOCK=%CLOCK:~-6%"
set "STAMP=%DAY%-%CLOCK%"
for /f "delims=0123456789" %%X in ("%DAY%%CLOCK%") do set "STAMP=%RANDOM%%RANDOM%"
exit /b 0

:wait
if defined ASKED pause
exit /b 0

:usage
echo usage: %SELF% [TARGET] [/zip] [/nohash]
echo Copies what `afterpatch hunt` needs from this server into a new folder in TARGET. Run it as administrator.
exit /b 2

:not_admin
echo This needs an administrator: right-click the file, "Run as administrator", or start it from such a Command Prompt.
if not defined TARGET pause
exit /b 3

:bad_target
set "SAY=The target lies inside %INSIDE%, which is to be copied. Name another one."
call :say
call :drop
call :wait
exit /b 2

:no_room
set "SAY=Not enough room in the target: %FREE% MB free, %NEED% MB wanted. Nothing was copied. Name another target."
call :say
call :drop
call :wait
exit /b 4

rem Takes back the new folder when it holds nothing but our own few files.
:drop
del "%OWN%\count.tmp" "%OWN%\collect.log" "%OWN%\host.txt" "%OWN%\iis-folders.txt" "%OWN%\iis-logs.txt" 2>nul
rd "%OWN%" 2>nul
rd "%DEST%" 2>nul
exit /b 0
