"""Make values immutable to the bottom: mappings that refuse change, arrays that are read-only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

import attrs

K = TypeVar("K")
V = TypeVar("V")


class FrozenDict(dict[K, V]):
    """A dict that refuses every change.

    >>> FrozenDict(a=1)["a"]
    1
    """

    __slots__ = ()

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("this mapping is frozen; make a new one instead")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)


def frozen(value: V) -> V:
    """Return a value whose arrays are read-only and whose dicts are frozen, through tuples and lists.

    Arrays are not copied: whoever made one hands it over. A list becomes a tuple, a dict a `FrozenDict`.
    """
    found: Any = value
    match value:
        case tuple() if type(value) is tuple:
            if any(map(_may_change, set(map(type, value)))):
                found = tuple(map(frozen, value))
        case list():
            found = tuple(map(frozen, value))
        case FrozenDict():
            for held in value.values():
                frozen(held)
        case dict():
            found = FrozenDict({key: frozen(held) for key, held in value.items()})
        case _ if hasattr(value, "setflags"):
            value.setflags(write=False)
    result: V = found
    return result


def frozen_mapping(given: Any) -> Any:
    """Return a mapping that refuses change; anything else as it is, for a check to refuse."""
    return FrozenDict(given) if isinstance(given, Mapping) else given


def _may_change(kind: type) -> bool:
    return issubclass(kind, tuple | list | dict) or hasattr(kind, "setflags")


def freeze_fields(cls: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """Let every field of an attrs class pass `frozen`; give it as `field_transformer`."""
    return [
        field.evolve(converter=attrs.converters.pipe(field.converter, frozen) if field.converter else frozen)
        for field in fields
    ]
