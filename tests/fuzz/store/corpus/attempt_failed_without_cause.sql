DELETE FROM failures WHERE attempt_id IS NOT NULL;
