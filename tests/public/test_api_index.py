"""What is generated from the public names is as the names are: the page of them, and the stubs of rooms."""

from __future__ import annotations

from tools import write_judgements
from tools.write_names import PAGE, page
from tools.write_stubs import stubs


def test_every_public_name_is_on_the_page_as_it_describes_itself():
    assert PAGE.read_text("utf-8") == page()


def test_stubs_name_what_rooms_name():
    for path, text in stubs():
        assert path.read_text("utf-8") == text, path


def test_the_page_of_amendments_is_the_table_in_the_code():
    assert write_judgements.PAGE.read_text("utf-8") == write_judgements.page()
