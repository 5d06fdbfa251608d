"""Trees written at random in a random form are read as they were meant."""

from hypothesis import given
from hypothesis import strategies as st

from dlcore.datasets.ingest.part_words import part_of
from dlcore.datasets.ingest.trees import layout_of

CLASSES = ("cat", "dog", "owl", "猫", "sea lion", "NORMAL")
WORDS = {
    "train": ("train", "Training", "training_set", "seg_train", "train2017", "训练集"),
    "validation": ("val", "valid", "VALIDATION", "dev", "验证集"),
    "test": ("test", "Testing", "test_set", "hold-out", "测试集"),
}


@st.composite
def trees(draw):
    """The files of a tree, each with its part and its class, or None for strays."""
    classes = draw(st.lists(st.sampled_from(CLASSES), min_size=2, max_size=4, unique=True))
    others = draw(st.lists(st.sampled_from(["validation", "test"]), max_size=2, unique=True))
    parts = draw(st.sampled_from([[], ["train", *others]]))
    words = {part: draw(st.sampled_from(WORDS[part])) for part in parts}
    form = draw(
        st.sampled_from(["part first", "class first", "doubled"] if len(parts) > 1 else ["part first"])
    )
    wrapper = draw(st.sampled_from(["", "top/", "My data/v 1/"]))
    inner = draw(st.sampled_from(["", "/images"]))
    files = {}
    for part in parts or [""]:
        for label in classes:
            word = words.get(part, "")
            folders = {
                "part first": [word, label],
                "class first": [label, word],
                "doubled": [word, word, label],
            }[form]
            place = "/".join(folder for folder in folders if folder)
            for number in range(draw(st.integers(1, 4))):
                files[f"{wrapper}{place}{inner}/{number}.png"] = (part, label)
    if parts and draw(st.booleans()):
        files[f"{wrapper}docs/sample.png"] = None
    if draw(st.booleans()):
        files["loose.png"] = None
    return files


@given(trees())
def test_a_tree_in_any_form_is_read_as_it_was_written(files):
    layout = layout_of(files)
    read = {name: layout.place(name) for name in files}
    assert {
        name: (place.part, place.label) if place and place.label else None for name, place in read.items()
    } == files
    assert layout.unknown == ()


@given(
    st.lists(st.lists(st.sampled_from([*CLASSES, "train", "test", "images", "x"]), max_size=4), max_size=12)
)
def test_no_file_gets_a_part_that_no_folder_names(ways):
    names = ["/".join([*way, f"{number}.png"]) for number, way in enumerate(ways)]
    layout = layout_of(names)
    for name in names:
        place = layout.place(name)
        parts = {part_of(folder) for folder in name.split("/")[:-1]}
        assert place is None or place.part == "" or place.part in parts
        assert place is None or place.label == "" or place.label in name.split("/")[:-1]
