"""Decision tables that other tools wrote as DMN XML, read as priority tables."""
