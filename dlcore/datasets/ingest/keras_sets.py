"""The datasets of `keras.datasets` other than images: what they are, and where their files are."""

from __future__ import annotations

from dlcore.datasets.ingest.keras_files import KerasSet, Numbers, Texts
from dlcore.datasets.ingest.proposal import DatasetNotes
from dlcore.errors import N_, SpecError, unknown_name
from dlcore.spec.data import Task
from dlcore.spec.remote import RemoteFile

PREFIX = "keras:"
"""What a name of `keras.datasets` begins with where a path could stand as well."""

_BASE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_BUILT_IN = ("mnist", "fashion_mnist", "cifar10", "cifar100")
"""What Keras and the catalogue call alike."""

_TOPICS = """
cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton
carcass crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock
retail ipi iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead
"""


def _file(name: str, size: int, sha256: str = "", md5: str = "") -> RemoteFile:
    return RemoteFile(name, _BASE + name, size, sha256, md5)


IMDB = Texts(
    name="imdb",
    title=N_("IMDB film reviews"),
    about=DatasetNotes(
        description=N_(
            "50,000 film reviews, positive or negative, half for training and half for testing; lower "
            "case, without punctuation."
        ),
        licence=N_("No license stated; the authors ask to be cited."),
        source="https://ai.stanford.edu/~amaas/data/sentiment/",
        citation="A. L. Maas, R. E. Daly, P. T. Pham, D. Huang, A. Y. Ng, C. Potts: Learning Word Vectors for "
        "Sentiment Analysis. ACL, 2011.",
    ),
    files=(
        _file("imdb.npz", 17_464_789, "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f"),
        _file("imdb_word_index.json", 1_641_221, md5="bfafd718b763782e994055a2d397834f"),
    ),
    task=Task.BINARY,
    classes=("negative", "positive"),
)

REUTERS = Texts(
    name="reuters",
    title=N_("Reuters newswires"),
    about=DatasetNotes(
        description=N_("11,228 newswires from 1987 on 46 topics, some of them rare; lower case."),
        licence=N_("Free for research only; the copyright is held by Reuters."),
        source="http://www.daviddlewis.com/resources/testcollections/reuters21578/",
        citation="D. D. Lewis: Reuters-21578 Text Categorization Collection, Distribution 1.0, 1997.",
    ),
    files=(
        _file("reuters.npz", 2_110_848, "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916"),
        _file("reuters_word_index.json", 550_378, md5="4d44cc38712099c9e383dc6e5f11a921"),
    ),
    task=Task.MULTICLASS,
    # In the order of the labels, as `keras.datasets.reuters.get_label_names` gives them.
    classes=tuple(_TOPICS.split()),
)

CALIFORNIA_HOUSING = Numbers(
    name="california_housing",
    title=N_("California housing"),
    about=DatasetNotes(
        description=N_(
            "Median house values in dollars of 20,640 districts of California in 1990, by place, age, rooms, "
            "people and income."
        ),
        licence=N_("No license stated."),
        source="https://www.dcc.fc.up.pt/~ltorgo/Regression/cal_housing.html",
        citation="R. K. Pace, R. Barry: Sparse Spatial Autoregressions. Statistics and Probability Letters 33, "
        "1997.",
    ),
    files=(
        _file(
            "california_housing.npz",
            743_530,
            "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
        ),
    ),
    # The file holds the columns of the source, not those that Keras' documentation lists:
    # https://github.com/keras-team/keras/issues/21886
    columns=(
        "longitude",
        "latitude",
        "housing_median_age",
        "total_rooms",
        "total_bedrooms",
        "population",
        "households",
        "median_income",
    ),
    target="median_house_value",
    ranges=(("longitude", -125, -114), ("latitude", 32, 42.5)),
)

BOSTON_HOUSING = Numbers(
    name="boston_housing",
    title=N_("Boston housing"),
    about=DatasetNotes(
        description=N_(
            "Median house values of 506 districts around Boston in the 1970s, in thousands of dollars. Keras "
            "strongly discourages its use, unless to illustrate ethical issues: column B is made from the share of "
            "Black residents."
        ),
        licence=N_("No license stated."),
        source="http://lib.stat.cmu.edu/datasets/boston",
        citation="D. Harrison, D. L. Rubinfeld: Hedonic Housing Prices and the Demand for Clean Air. Journal of "
        "Environmental Economics and Management 5, 1978.",
    ),
    files=(
        _file(
            "boston_housing.npz", 57_026, "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5"
        ),
    ),
    columns=("CRIM", "ZN", "INDUS", "CHAS", "NOX", "RM", "AGE", "DIS", "RAD", "TAX", "PTRATIO", "B", "LSTAT"),
    target="MEDV",
)

KERAS_SETS: dict[str, KerasSet] = {
    entry.name: entry for entry in (IMDB, REUTERS, CALIFORNIA_HOUSING, BOSTON_HOUSING)
}


def keras_set(path: str) -> KerasSet | None:
    """Returns the dataset that `keras:NAME` names; None for any other path.

    Raises:
        SpecError: Keras has none of that name, or it is built in.
    """
    if not path.startswith(PREFIX):
        return None
    name = path.removeprefix(PREFIX)
    if name in _BUILT_IN:
        raise SpecError(
            N_("this dataset is built in, under the name '{name}'."),
            hint=N_("Use it by that name; there is nothing to upload."),
            where=path,
            name=name,
        )
    if name not in KERAS_SETS:
        raise unknown_name(N_("dataset"), name, [*KERAS_SETS, *_BUILT_IN], where="keras.datasets")
    return KERAS_SETS[name]
