"""Test the numbers of measures for what asks for a review: never accusations."""
