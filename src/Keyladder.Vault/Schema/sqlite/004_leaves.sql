-- A client without a copy asks for the leaf of everything: read from here, in order, instead of row by row from all over the table.
CREATE INDEX objects_leaves ON objects (account_id, kind, object_id, leaf);
