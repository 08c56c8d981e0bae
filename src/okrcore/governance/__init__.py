"""What should not be: rules with codes, policies that collect them, and the check that runs them (S16)."""
