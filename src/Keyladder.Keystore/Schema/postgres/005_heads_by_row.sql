-- Nothing to do here: only SQLite kept heads in a table that long rows do not suit.
SELECT 1;
