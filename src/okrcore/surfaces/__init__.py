"""Serve people on the command line, in pytest and in reports."""
