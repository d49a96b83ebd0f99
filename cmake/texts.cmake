# Embeds texts that are easier to read and to change as files of their own: each becomes an array of bytes, made anew when it changes.
set(text_c ${CMAKE_BINARY_DIR}/gen/text_collect_cmd.c)
add_custom_command(OUTPUT ${text_c}
                   COMMAND ${CMAKE_COMMAND} -DIN=${CMAKE_SOURCE_DIR}/src/report/collect.cmd -DOUT=${text_c} -DNAME=collect_cmd
                           -DHEADER=report/collect_batch.h -P ${CMAKE_SOURCE_DIR}/cmake/text.cmake
                   DEPENDS ${CMAKE_SOURCE_DIR}/src/report/collect.cmd ${CMAKE_SOURCE_DIR}/cmake/text.cmake
                   COMMENT "Embedding collect.cmd" VERBATIM)
target_sources(ap PRIVATE ${text_c})
