-- At most one row: the number of the restore that this database comes from. It belongs to the operator, and only ever grows.
CREATE TABLE restores (
    number bigint NOT NULL PRIMARY KEY
);
