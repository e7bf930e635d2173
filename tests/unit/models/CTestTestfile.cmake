# CMake generated Testfile for 
# Source directory: /tmp/h6/tests/unit/models
# Build directory: /tmp/h6/tests/unit/models
# 
# This file includes the relevant testing commands required for 
# testing this directory and lists subdirectories to be tested as well.
add_test([=[models_golden_test]=] "/tmp/h6/bin/models_golden_test")
set_tests_properties([=[models_golden_test]=] PROPERTIES  ENVIRONMENT "HILFARM_BIN_DIR=/tmp/h6/bin;HILFARM_FIRMWARE_DIR=/tmp/h6/firmware" LABELS "unit" TIMEOUT "120" WORKING_DIRECTORY "/tmp/h6" _BACKTRACE_TRIPLES "/tmp/h6/cmake/HilfarmModule.cmake;47;add_test;/tmp/h6/tests/unit/models/CMakeLists.txt;2;hf_test;/tmp/h6/tests/unit/models/CMakeLists.txt;0;")
add_test([=[models_tflite_test]=] "/tmp/h6/bin/models_tflite_test")
set_tests_properties([=[models_tflite_test]=] PROPERTIES  ENVIRONMENT "HILFARM_BIN_DIR=/tmp/h6/bin;HILFARM_FIRMWARE_DIR=/tmp/h6/firmware" LABELS "unit" TIMEOUT "120" WORKING_DIRECTORY "/tmp/h6" _BACKTRACE_TRIPLES "/tmp/h6/cmake/HilfarmModule.cmake;47;add_test;/tmp/h6/tests/unit/models/CMakeLists.txt;3;hf_test;/tmp/h6/tests/unit/models/CMakeLists.txt;0;")
