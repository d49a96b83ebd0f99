# Embeds packs/ID/ into the library: tools/packbin deflates and masks them into one C file, made anew when a file of a pack changes.
file(GLOB pack_entries CONFIGURE_DEPENDS LIST_DIRECTORIES true packs/*)
file(GLOB_RECURSE pack_files CONFIGURE_DEPENDS packs/*)
set(pack_dirs)
foreach(entry IN LISTS pack_entries)
  if(EXISTS ${entry}/pack.yaml)
    list(APPEND pack_dirs ${entry})
  endif()
endforeach()

add_executable(packbin tools/packbin/packbin.c)
target_link_libraries(packbin PRIVATE PkgConfig::LIBS)
target_compile_definitions(packbin PRIVATE _GNU_SOURCE)

set(pack_embedded ${CMAKE_BINARY_DIR}/gen/pack_embedded.c)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/gen)
add_custom_command(OUTPUT ${pack_embedded}
                   COMMAND packbin ${pack_embedded} ${pack_dirs}
                   DEPENDS packbin ${pack_files}
                   COMMENT "Embedding packs" VERBATIM)
target_sources(ap PRIVATE ${pack_embedded})
