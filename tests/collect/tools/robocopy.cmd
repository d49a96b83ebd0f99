@echo off
rem Stands in for robocopy: the variables of the batch file say what to do (Wine's cmd does not hand quoted words on well). Exit codes as robocopy's.
setlocal EnableExtensions DisableDelayedExpansion
>>"%STAND_LOG%" echo %*
if "%MODE%"=="count" goto :count
set "DEEP="
for %%O in (%OPT%) do if /i "%%O"=="/E" set "DEEP=/S /E"
for %%O in (%OPT%) do if /i "%%O"=="/S" set "DEEP=/S"
if not exist "%OUT%\." mkdir "%OUT%"
call :each %MASK%
exit /b 1
:each
if "%~1"=="" exit /b 0
rem xcopy takes long to start.
if defined DEEP dir /s /b "%SRC%\%~1" >nul 2>&1
if not defined DEEP dir /b "%SRC%\%~1" >nul 2>&1
if errorlevel 1 goto :next
"%SystemRoot%\system32\xcopy.exe" "%SRC%\%~1" "%OUT%" %DEEP% /I /Y /H /K /Q /C <nul >nul 2>&1
:next
shift /1
goto :each
:count
echo 2021/03/12 10:00:00 ERROR 5 (0x00000005) Accessing Source Directory: no file of ours
echo ------------------------------------------------------------------------------
echo                Total    Copied   Skipped  Mismatch    FAILED    Extras
echo     Dirs :         1         1         0         0         0         0
echo    Files :        10        10         0         0         0         0
echo    Bytes :   3000000   3000000         0         0         0         0
echo    Times :   0:00:00   0:00:00                       0:00:00   0:00:00
exit /b 1
