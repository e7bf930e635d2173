file(REMOVE_RECURSE
  "../../../bin/models_golden_test"
  "../../../bin/models_golden_test.pdb"
  "CMakeFiles/models_golden_test.dir/golden_test.c.o"
  "CMakeFiles/models_golden_test.dir/golden_test.c.o.d"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/models_golden_test.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
