file(REMOVE_RECURSE
  "CMakeFiles/hf_compile.dir/compile.c.o"
  "CMakeFiles/hf_compile.dir/compile.c.o.d"
  "CMakeFiles/hf_compile.dir/lower.c.o"
  "CMakeFiles/hf_compile.dir/lower.c.o.d"
  "CMakeFiles/hf_compile.dir/pack.c.o"
  "CMakeFiles/hf_compile.dir/pack.c.o.d"
  "CMakeFiles/hf_compile.dir/plan.c.o"
  "CMakeFiles/hf_compile.dir/plan.c.o.d"
  "CMakeFiles/hf_compile.dir/plan_check.c.o"
  "CMakeFiles/hf_compile.dir/plan_check.c.o.d"
  "libhf_compile.a"
  "libhf_compile.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/hf_compile.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
