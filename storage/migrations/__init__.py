"""The steps from one shape of the tables to the next; ``storage.database.migrate`` takes them."""
