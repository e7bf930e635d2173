
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/h6/orchestrator/models/compile/compile.c" "orchestrator/models/compile/CMakeFiles/hf_compile.dir/compile.c.o" "gcc" "orchestrator/models/compile/CMakeFiles/hf_compile.dir/compile.c.o.d"
  "/tmp/h6/orchestrator/models/compile/lower.c" "orchestrator/models/compile/CMakeFiles/hf_compile.dir/lower.c.o" "gcc" "orchestrator/models/compile/CMakeFiles/hf_compile.dir/lower.c.o.d"
  "/tmp/h6/orchestrator/models/compile/pack.c" "orchestrator/models/compile/CMakeFiles/hf_compile.dir/pack.c.o" "gcc" "orchestrator/models/compile/CMakeFiles/hf_compile.dir/pack.c.o.d"
  "/tmp/h6/orchestrator/models/compile/plan.c" "orchestrator/models/compile/CMakeFiles/hf_compile.dir/plan.c.o" "gcc" "orchestrator/models/compile/CMakeFiles/hf_compile.dir/plan.c.o.d"
  "/tmp/h6/orchestrator/models/compile/plan_check.c" "orchestrator/models/compile/CMakeFiles/hf_compile.dir/plan_check.c.o" "gcc" "orchestrator/models/compile/CMakeFiles/hf_compile.dir/plan_check.c.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/h6/orchestrator/models/CMakeFiles/hf_models.dir/DependInfo.cmake"
  "/tmp/h6/orchestrator/base/CMakeFiles/hf_base.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
