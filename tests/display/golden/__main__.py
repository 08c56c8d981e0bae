"""Write the golden texts of blocks anew, to be looked at."""

from tests.display.test_blocks import GOLDEN, SMALL, surfaces

for name in SMALL:
    (GOLDEN / f"{name}.txt").write_text(surfaces(name), "utf-8")
