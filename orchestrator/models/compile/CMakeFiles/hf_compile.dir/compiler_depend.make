# Empty compiler generated dependencies file for hf_compile.
# This may be replaced when dependencies are built.
