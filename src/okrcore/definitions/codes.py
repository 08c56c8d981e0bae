"""Match codes of rules: a code names itself, and the beginning of a family all rules of that family."""

from __future__ import annotations

import re
from collections.abc import Container

CODE = re.compile(r"([A-Z]{2,20})([0-9]{1,6})", re.ASCII)


def family_of(code: str) -> str:
    """Return the beginning that the codes of a family share: all but the last two figures.

    >>> family_of("OKR301"), family_of("ACME12")
    ('OKR3', 'ACME')
    """
    found = CODE.fullmatch(code)
    return found[1] + found[2][:-2] if found else code


def names(given: str, code: str, known: Container[str] = ()) -> bool:
    """Return whether what was given names a code: it is the code, its family, or the letters of the code.

    Among `known` codes one that was given names itself alone, also where others begin with it.

    >>> names("OKR3", "OKR301"), names("OKR", "OKR301"), names("OKR30", "OKR301"), names("ACME1", "ACME10")
    (True, True, False, False)
    >>> names("ACME1", "ACME101"), names("ACME1", "ACME101", known={"ACME1", "ACME101"})
    (True, False)
    """
    if given == code or given in known:
        return given == code
    found = CODE.fullmatch(code)
    return found is not None and given in (found[1], family_of(code))
