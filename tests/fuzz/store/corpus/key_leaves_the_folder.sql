UPDATE runs SET key = '../../' || id;
