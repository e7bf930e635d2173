UPDATE failures SET transcript = NULL, transcript_zlib = zeroblob(1000);
