-- At most one row: the number of the restore that this database comes from. It belongs to the operator, and only ever grows.
CREATE TABLE restores (
    number BIGINT NOT NULL PRIMARY KEY
);
