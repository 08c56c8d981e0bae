"""Write the golden texts of blocks anew, to be looked at. Run: python -m tests.display.golden."""
