"""Acts on lists whose parts have no names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.spec.order import Order


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.moved(4, 1, 0), "bacd"),
        (Order.moved(4, 1, 3), "acdb"),
        (Order.moved(4, 2, 2), "abcd"),
        (Order.removed(4, 0), "bcd"),
        (Order.removed(4, 3), "abc"),
        (Order.duplicated(4, 0), "aabcd"),
        (Order.duplicated(4, 3), "abcdd"),
        (Order.added(4), "abcdX"),
    ],
)
def test_an_act_makes_the_list_that_a_person_expects(order, expected):
    assert "".join(order.arrange("abcd", "X")) == expected


def test_the_first_part_of_an_empty_list_can_be_added():
    assert Order.added(0).arrange("", "X") == ["X"]


@given(st.data(), st.integers(1, 8))
def test_each_part_is_found_at_its_new_place(data, size):
    index, to = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    acts = [Order.moved(size, index, to), Order.removed(size, index), Order.duplicated(size, index)]
    order = data.draw(st.sampled_from([*acts, Order.added(size)]))
    new = order.arrange(range(size), [-1])
    for part in range(size):
        place = order.place_of(part)
        assert part not in new if place is None else new.index(part) == place
