ALTER TABLE runs DROP COLUMN duration_ns;
