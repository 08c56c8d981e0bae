"""Priority tables: cells become exact sets, tables are proved before they are used, and then they decide."""
