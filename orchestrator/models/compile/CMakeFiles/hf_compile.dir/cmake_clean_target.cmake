file(REMOVE_RECURSE
  "libhf_compile.a"
)
