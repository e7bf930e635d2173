# Empty compiler generated dependencies file for models_tflite_test.
# This may be replaced when dependencies are built.
