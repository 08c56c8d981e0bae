"""How far and how fast: progress, pace, status, roll-up and the snapshot that holds them."""
