file(REMOVE_RECURSE
  "../../../bin/models_tflite_test"
  "../../../bin/models_tflite_test.pdb"
  "CMakeFiles/models_tflite_test.dir/tflite_test.c.o"
  "CMakeFiles/models_tflite_test.dir/tflite_test.c.o.d"
  "CMakeFiles/models_tflite_test.dir/tflite_writer.c.o"
  "CMakeFiles/models_tflite_test.dir/tflite_writer.c.o.d"
)

# Per-language clean rules from dependency scanning.
foreach(lang C)
  include(CMakeFiles/models_tflite_test.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
