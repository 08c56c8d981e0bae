"""Read XML bytes with line and column; what is not in the bytes is never fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import attrs

from okrcore.errors import DocumentError, MissingExtraError, OkrError, Problem, raise_all

MOST_ELEMENTS, DEEPEST = 300_000, 64
_T = TypeVar("_T")


@attrs.define(eq=False)
class Element:
    """One element: its namespace and name, attributes, place in the file, and what stands inside."""

    space: str
    name: str
    attributes: dict[str, str]
    line: int
    column: int
    children: list[Element] = attrs.Factory(list)
    parts: list[str] = attrs.Factory(list)

    @property
    def text(self) -> str:
        """The characters directly inside, without space around them."""
        return "".join(self.parts).strip()

    def all(self, name: str) -> Iterator[Element]:
        """Yield the children of that name in this element's own namespace."""
        return (child for child in self.children if child.name == name and child.space == self.space)

    def first(self, name: str) -> Element | None:
        """Return the first child of that name, None where there is none."""
        return next(self.all(name), None)

    def get(self, attribute: str) -> str:
        """Return an attribute on one line, "" where it is not given."""
        return " ".join(self.attributes.get(attribute, "").split())


def said(element: Element) -> str:
    """Return the expression in an element, which DMN wraps in `text`; "" where it holds none."""
    found = element.first("text")
    return found.text if found else ""


@attrs.define(eq=False)
class Faults:
    """What is wrong in a file, gathered so that it is told all at once (S0.4)."""

    file: str
    problems: list[Problem] = attrs.Factory(list)

    def add(self, element: Element, message: str) -> None:
        """Note a fault at an element."""
        self.problems.append(self.at(element.line, element.column, message))

    def at(self, line: int, column: int, message: str) -> Problem:
        """Return the problem at a place."""
        return Problem(message, file=self.file, line=line, column=column, kind=DocumentError)

    def build(self, element: Element, make: Callable[[], _T]) -> _T | None:
        """Return what `make` makes; where it refuses, note why at the element."""
        try:
            return make()
        except OkrError as error:
            for problem in error.problems:
                self.add(element, problem.message)
        except ValueError as fault:
            self.add(element, str(fault))
        return None

    def check(self) -> None:
        """Raise all faults as one DocumentError, if there are any."""
        raise_all(self.problems, DocumentError)


def read_xml(data: bytes, file: str) -> Element:
    """Return the root of an XML document in any encoding that it declares.

    Document types, and with them entities and everything external, are refused. Raises DocumentError with
    line and column for what is no XML, has over 300,000 elements or is nested over 64 deep;
    MissingExtraError without defusedxml. Time and memory grow with the bytes.
    """
    try:
        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import ParseError, XMLParser
    except ImportError:
        raise MissingExtraError.of("defusedxml", "dmn") from None
    builder = _Builder(Faults(file))
    parser = XMLParser(target=builder, forbid_dtd=True)
    expat = builder.expat = parser.parser
    try:
        parser.feed(data)
        root: Element = parser.close()
    except ParseError as error:
        line, column = error.position
        fault = str(error).rsplit(": line ", 1)[0]
        raise _failed(builder, line, column, f"this is not XML: {fault}; save the table again") from None
    except DefusedXmlException:
        message = "a document type is declared; remove <!DOCTYPE ...>, no entity is read"
        raise _failed(builder, expat.CurrentLineNumber, expat.CurrentColumnNumber, message) from None
    except (LookupError, ValueError) as error:
        if isinstance(error, OkrError):
            raise
        raise _failed(builder, 1, 0, f"its encoding is not read: {error}; save it as UTF-8") from None
    return root


def _failed(builder: _Builder, line: int, column: int, message: str) -> DocumentError:
    return DocumentError(builder.faults.at(line, column + 1, message))


class _Builder:
    """Builds elements from what the parser reports; its depth is a list, so that it costs no recursion."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.expat: Any = None
        self.open: list[Element] = []
        self.root: Element | None = None
        self.count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition("}")
        line, column = self.expat.CurrentLineNumber, self.expat.CurrentColumnNumber
        element = Element(space[1:], name, attributes, line, column + 1)
        self.count += 1
        if self.count > MOST_ELEMENTS:
            raise _failed(self, line, column, f"has more than {MOST_ELEMENTS} elements; split it")
        if len(self.open) >= DEEPEST:
            raise _failed(self, line, column, f"nested deeper than {DEEPEST}; flatten it")
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)

    def data(self, text: str) -> None:
        self.open[-1].parts.append(text)

    def end(self, _: str) -> None:
        self.open.pop()

    def close(self) -> Element | None:
        return self.root
