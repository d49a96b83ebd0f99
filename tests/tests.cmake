# Tests that are more than one module. Append-only: each block stands by itself.

# The report fixture in every mood and form, for the two tests below.
add_executable(report_sample EXCLUDE_FROM_ALL tests/browser/sample.c)
target_link_libraries(report_sample PRIVATE ap)
if(TARGET tests)
  add_dependencies(tests report_sample)
endif()

# report.json against docs/report.schema.json. Fails, and does not skip, where python3-jsonschema is missing.
add_test(NAME schema/report COMMAND /bin/sh ${CMAKE_SOURCE_DIR}/tests/schema/report.sh $<TARGET_FILE:report_sample> ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/schema)
set_tests_properties(schema/report PROPERTIES TIMEOUT 300)
