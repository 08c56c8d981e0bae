"""Source systems into observations that a machine pulled: files, databases, workbooks, Prometheus, frames."""
