@echo off
echo W. Europe Standard Time
exit /b 0
