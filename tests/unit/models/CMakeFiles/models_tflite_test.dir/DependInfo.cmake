
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/h6/tests/unit/models/tflite_test.c" "tests/unit/models/CMakeFiles/models_tflite_test.dir/tflite_test.c.o" "gcc" "tests/unit/models/CMakeFiles/models_tflite_test.dir/tflite_test.c.o.d"
  "/tmp/h6/tests/unit/models/tflite_writer.c" "tests/unit/models/CMakeFiles/models_tflite_test.dir/tflite_writer.c.o" "gcc" "tests/unit/models/CMakeFiles/models_tflite_test.dir/tflite_writer.c.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/h6/orchestrator/models/CMakeFiles/hf_models.dir/DependInfo.cmake"
  "/tmp/h6/orchestrator/base/CMakeFiles/hf_base.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
