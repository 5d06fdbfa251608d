"""Groups that are told by the names of files: which part of a name, and which part is guessed."""

import pytest

from dlcore.datasets.ingest.groups import group_rule, guess_group


@pytest.mark.parametrize(
    ("rule", "name", "group"),
    [
        ("2_", "a/0_ann_1.wav", "ann"),
        ("2_", "0_ann_1.wav", "ann"),
        ("1-", "x/y/ann-1.wav", "ann"),
        (r"^([a-z]+)\d", "a/b/ann7.wav", "ann"),
        (r"^([a-z]+)\d", "ann7.wav", "ann"),
        (r"^([a-z]+)\d", "a/7.wav", ""),
    ],
)
def test_the_group_is_told_by_the_name_of_the_file_alone(rule, name, group):
    assert group_rule(rule)(name) == group


@pytest.mark.parametrize(
    ("names", "group"),
    [
        # The first part repeats the class, the last one counts.
        (["0/0_ann_1.wav", "1/1_bob_2.wav", "1/1_ann_3.wav", "0/0_bob_4.wav"], "2_"),
        (["a/ann_x_1.wav", "b/ann_y_2.wav", "a/bob_z_3.wav", "b/bob_w_4.wav"], "1_"),
        # Names of two parts are a class and a number, or a group and a number: nobody can tell.
        (["a/ann_1.wav", "b/ann_2.wav", "a/bob_3.wav", "b/bob_4.wav"], ""),
        # Names that are not all made alike.
        (["0/0_ann_1.wav", "1/1_bob_2.wav", "1/ann.wav", "0/0_bob_4.wav"], ""),
        # As many groups as files, or a single one.
        (["0/0_ann_1.wav", "1/1_bob_1.wav", "1/1_eve_1.wav", "0/0_joe_1.wav"], ""),
        (["0/0_ann_1.wav", "1/1_ann_2.wav", "1/1_ann_3.wav", "0/0_ann_4.wav"], ""),
        ([], ""),
    ],
)
def test_a_part_that_comes_again_and_is_no_class_may_be_a_group(names, group):
    assert guess_group({name: name[0] for name in names}) == group
