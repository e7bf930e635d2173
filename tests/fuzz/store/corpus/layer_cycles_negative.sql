UPDATE layer_times SET cycles = -9223372036854775807 - 1;
