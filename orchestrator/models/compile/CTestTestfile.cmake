# CMake generated Testfile for 
# Source directory: /tmp/h6/orchestrator/models/compile
# Build directory: /tmp/h6/orchestrator/models/compile
# 
# This file includes the relevant testing commands required for 
# testing this directory and lists subdirectories to be tested as well.
