"""Ids that are joined to one text are parted again."""

from hypothesis import given
from hypothesis import strategies as st

from okrcore.definitions.joined_ids import joined_ids, parted_ids

IDS = st.from_regex(r"[a-c](?:[a-c|]{0,5}[a-c])?", fullmatch=True)


@given(st.lists(IDS, max_size=5))
def test_what_is_joined_is_parted_again(ids: list[str]) -> None:
    assert parted_ids(joined_ids(ids)) == tuple(ids)
