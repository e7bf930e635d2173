UPDATE measurements SET arena_bytes = 9223372036854775807, static_bytes = 9223372036854775807;
