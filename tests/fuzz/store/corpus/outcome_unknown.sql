PRAGMA ignore_check_constraints = ON; UPDATE results SET outcome = 'splendid';
