PRAGMA ignore_check_constraints = ON; UPDATE runs SET state = '';
