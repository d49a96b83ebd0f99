@echo off
rem Stands in for appcmd: what the test laid down.
if "%~2"=="vdir" type Y:\iis-folders.txt
if "%~2"=="site" type Y:\iis-logs.txt
exit /b 0
