@echo off
rem Stands in for "reg save", which Wine does not have.
>"%OUT%\%HIVE%" echo regf
exit /b 0
