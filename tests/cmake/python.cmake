# The tests of the command and of the scripts are Python 3 programs (unittest, jsonschema).
function(netduel_python_has_jsonschema result candidate)
  execute_process(COMMAND ${candidate} -c "import jsonschema"
    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  if(failed)
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

# Several interpreters may be about; the first that has the module is taken.
find_program(NETDUEL_PYTHON NAMES python3 VALIDATOR netduel_python_has_jsonschema)
if(NOT NETDUEL_PYTHON)
  netduel_missing("Python 3 with the module jsonschema" "python3 python3-jsonschema")
endif()

# netduel_python_test(<file without .py> <label> [BESIDE_OTHERS]): one test of ctest for one file. 77
# is how it says that this machine lacks what the test needs; with CI set it fails instead.
function(netduel_python_test name label)
  set(environment "PYTHONDONTWRITEBYTECODE=1")
  if(label STREQUAL "portable" AND TARGET netduel_plain_command)
    list(APPEND environment "NETDUEL=$<TARGET_FILE:netduel_plain_command>")
  elseif(TARGET netduel_command)
    list(APPEND environment "NETDUEL=$<TARGET_FILE:netduel_command>")
  endif()
  string(REPLACE "_" " " title ${name})
  string(REGEX REPLACE "^test " "${label}: " title ${title})
  add_test(NAME ${title}
    COMMAND ${NETDUEL_PYTHON} ${CMAKE_CURRENT_SOURCE_DIR}/${name}.py)
  set_tests_properties(${title} PROPERTIES LABELS ${label} SKIP_RETURN_CODE 77 TIMEOUT 180
    ENVIRONMENT "${environment}")
  # The command measures with two threads, so nothing runs beside it unless a test says otherwise.
  if(label MATCHES "^(tools|portable|interop)$" AND NOT "BESIDE_OTHERS" IN_LIST ARGN)
    set_tests_properties(${title} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()
