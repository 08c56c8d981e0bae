"""Published cases of other systems, run through okrcore's public functions; no formula of its own."""
