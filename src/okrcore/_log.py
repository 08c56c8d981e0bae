"""Log what reads, writes or takes time, through the standard library: silent until a host listens."""

import logging

logging.getLogger("okrcore").addHandler(logging.NullHandler())


def logger(name: str) -> logging.Logger:
    """Return the logger of a module, below "okrcore"."""
    return logging.getLogger(name)
