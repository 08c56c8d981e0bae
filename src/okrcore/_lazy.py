"""Give a package its public names, each imported on first use.

A room's `__init__` imports nothing, so two threads that meet half-way never wait for each other's modules.
`collections.abc` alone is loaded before the first name, by one thread: in Python 3.13 that module puts
another in its own place, and a thread that meets it half-way finds it empty.
"""

from _collections_abc import Callable, Mapping  # what Python itself begins with: `collections` costs a sixth
from _thread import allocate_lock

_FIRST = allocate_lock()


def face(
    package: str, homes: Mapping[str, str], modules: str = ""
) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` of `package`.

    `homes` has the names of each module, apart by spaces; a module is named as seen from `okrcore`. `modules`
    are those that the package offers as they are.
    """
    home = {name: f"okrcore.{module}" for module, names in homes.items() for name in names.split()}
    home |= dict.fromkeys(modules.split(), "")

    def load(name: str) -> object:
        import sys
        from importlib import import_module

        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with _FIRST:
            import collections.abc  # noqa: F401
        if not home[name]:
            return import_module(f"{package}.{name}")
        value = getattr(import_module(home[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    def names() -> list[str]:
        import sys

        return sorted({*vars(sys.modules[package]), *home})

    return load, names, sorted(home)
