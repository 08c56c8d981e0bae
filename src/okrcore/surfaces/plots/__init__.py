"""Draw pictures into axes that the caller made: one function a question, with its answer as the title."""
