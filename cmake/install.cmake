# The man page and the bash completion, written by the program itself, and where everything goes.
include(GNUInstallDirs)
if(TARGET afterpatch AND NOT AP_FUZZ)
  set(share ${CMAKE_BINARY_DIR}/share)
  file(MAKE_DIRECTORY ${share})
  add_custom_command(
    OUTPUT ${share}/afterpatch.1 ${share}/afterpatch.bash
    COMMAND afterpatch man > ${share}/afterpatch.1
    COMMAND afterpatch completion > ${share}/afterpatch.bash
    DEPENDS afterpatch
    VERBATIM)
  add_custom_target(share ALL DEPENDS ${share}/afterpatch.1 ${share}/afterpatch.bash)
  install(TARGETS afterpatch RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES ${share}/afterpatch.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${share}/afterpatch.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME afterpatch)
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
endif()
