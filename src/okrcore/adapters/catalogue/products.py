"""Find the tool that wrote an export, by its name or its columns."""

from __future__ import annotations

from collections.abc import Sequence

from okrcore.adapters.catalogue.product_exports import EXPORTS
from okrcore.adapters.catalogue.product_kit import Product
from okrcore.adapters.catalogue.product_templates import PRODUCTS
from okrcore.adapters.catalogue.semantic_metrics import SEMANTIC_FORMATS
from okrcore.adapters.catalogue.title_ids import slug
from okrcore.errors import DocumentError

KNOWN = (*PRODUCTS, *EXPORTS)
"""The tools whose exports `read_catalogue(format=...)` knows."""


def product_named(format: str) -> Product:
    """Return the product of a name, compared without case, space or sign.

    >>> product_named("Culture Amp").name
    'cultureamp'
    """
    wanted = slug(format).replace("-", "") if isinstance(format, str) else ""
    for product in KNOWN:
        if wanted in (product.name, f"{product.name}goals"):
            return product
    names = ", ".join([*(product.name for product in KNOWN), *SEMANTIC_FORMATS])
    raise DocumentError(f"format {format!r} is unknown; give one of {names}, or a mapping")


def recognise(columns: Sequence[str]) -> Product:
    """Return the one product whose signature the columns hold; raises DocumentError for none or several."""
    found = [product for product in KNOWN if set(product.signature) <= set(columns)]
    if len(found) == 1:
        return found[0]
    which = "those of several tools" if found else "not those of a known tool"
    shown = ", ".join(columns[:12])
    raise DocumentError(
        f"the columns ({shown[:300]}) are {which}; give a mapping or a format (--mapping or --from)"
    )
