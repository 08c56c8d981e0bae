"""What is generated from the public names is as the names are: pages and the stubs of rooms."""

from __future__ import annotations

from typing import Any

import pytest
from tools import write_dialects, write_document_keys, write_judgements, write_mapping_keys
from tools.write_names import PAGE, page
from tools.write_stubs import stubs


def test_every_public_name_is_on_the_page_as_it_describes_itself() -> None:
    assert PAGE.read_text("utf-8") == page()


def test_stubs_name_what_rooms_name() -> None:
    for path, text in stubs():
        assert path.read_text("utf-8") == text, path


@pytest.mark.parametrize("tool", [write_judgements, write_dialects, write_document_keys, write_mapping_keys])
def test_a_written_page_is_what_the_code_says(tool: Any) -> None:
    assert tool.PAGE.read_text("utf-8") == tool.page()
