"""Read from a history what rules ask of its records; below the context, which hands it to them."""
