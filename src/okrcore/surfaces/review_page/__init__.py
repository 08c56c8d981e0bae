"""Draw a review as one page: each module makes the blocks of one part of it."""
