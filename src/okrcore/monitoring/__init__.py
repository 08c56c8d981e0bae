"""What looks wrong in the numbers of one measure: signals for review, never accusations (S12)."""
