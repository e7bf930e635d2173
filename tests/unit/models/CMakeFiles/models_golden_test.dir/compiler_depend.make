# Empty compiler generated dependencies file for models_golden_test.
# This may be replaced when dependencies are built.
