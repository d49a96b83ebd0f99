@echo off
rem Stands in for wevtutil: a channel is there when its file is, and exporting is copying.
if "%~1"=="epl" goto :epl
if exist "%LIVE%" exit /b 0
exit /b 15007
:epl
copy "%LIVE%" "%OUT%\%FILE%" >nul
exit /b 0
