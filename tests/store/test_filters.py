"""A filter of one line means the same in SQL as in plain Python, and takes whatever is written as text."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dlcore.errors import SpecError
from dlcore.records import RunState
from dlcore.store.filters import FilterError, RunQuestion, parse_filter
from dlcore.store.filters.fields import FieldKind, find_field
from dlcore.store.filters.tree import All, AnyOf, Named, Not, Operator
from dlcore.store.tables import runs
from tests.store.samples import SPEC, queued

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
MORE = {Operator.LESS: lambda a, b: a < b, Operator.AT_MOST: lambda a, b: a <= b,
        Operator.MORE: lambda a, b: a > b, Operator.AT_LEAST: lambda a, b: a >= b}  # fmt: skip


def names(store, line, sort=""):
    asked = RunQuestion.read(line, sort, now=NOW)
    found = store.runs.list(**asked.filters, **asked.order)
    assert store.runs.count(**asked.filters) == len(found)
    assert store.runs.page(**asked.filters, **asked.order, limit=2, offset=1) == (found[1:3], len(found))
    return [run.name for run in found]


def put(store, name, **columns):
    """A run of that name whose columns are as they are given."""
    run = queued(store, name=name)
    with store.database.write() as connection:
        if columns:
            connection.execute(runs.update().where(runs.c.id == run.id).values(**columns))
    return run


@pytest.fixture
def three(store):
    layers = [{"kind": "Conv2D", "name": "conv", "filters": 32}, {"kind": "Dense", "name": "head"}]
    spec = {**SPEC, "model": {"layers": layers}, "fine_tuning": {"head_epochs": 1}}
    put(store, "one", template="cnn", tags=["baseline", "Two Words"], seconds=400.0, state="completed",
        summary={"test": {"accuracy": 0.97}, "validation": {"accuracy": 0.9}}, spec=spec,
        workload={"parameters": 1_000}, created_at=(NOW - timedelta(days=1)).timestamp())  # fmt: skip
    put(store, "two", template="mlp", tags=[], seconds=30.0, state="failed", notes="50% of it",
        summary={"validation": {"accuracy": 0.95, "loss": 0.2}}, favorite=True,
        created_at=datetime(2026, 2, 1, 10, 30, tzinfo=UTC).timestamp())  # fmt: skip
    put(
        store,
        "three",
        template="cnn",
        created_at=datetime(2026, 2, 2, tzinfo=UTC).timestamp(),
        dataset="mnist",
    )
    return store


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("", ["one", "three", "two"]),
        ('accuracy > 0.95 and template = "cnn" and tag:baseline and created > -7d', ["one"]),
        ("accuracy > 94%", ["one", "two"]),
        ("val_accuracy > 0.92", ["two"]),
        ("test_accuracy < 2", ["one"]),
        ("loss <= 0.2", ["two"]),
        ("not accuracy > 0.96", ["three", "two"]),
        ("accuracy = none", ["three"]),
        ("accuracy != none", ["one", "two"]),
        ("accuracy != 0.97", ["three", "two"]),
        ("state in (failed, completed)", ["one", "two"]),
        ("state != failed or dataset = mnist", ["one", "three"]),
        ("(state = failed or dataset = mnist) and not template = mlp", ["three"]),
        ("TEMPLATE", []),
        ('template = "CNN"', ["one", "three"]),
        ("t", ["three", "two"]),
        ('"two"', ["two"]),
        ("name ~ hre", ["three"]),
        ("name !~ hre", ["one", "two"]),
        ('notes ~ "0%"', ["two"]),
        ('notes ~ "_"', []),
        ('tag:"two words"', ["one"]),
        ("tag ~ word", ["one"]),
        ("tag = none", ["three", "two"]),
        ("tag != baseline", ["three", "two"]),
        ("favorite = yes", ["two"]),
        ("seconds >= 5min", ["one"]),
        ("seconds < 31", ["three", "two"]),
        ("parameters > 999", ["one"]),
        ("created = 2026-02-01", ["two"]),
        ("created > 2026-02-01", ["one", "three"]),
        ("created <= 2026-02-01", ["two"]),
        ("created >= 2026-02-01T10:30 and created < 2026-02-02", ["two"]),
        ("created > -30h", ["one"]),
        ("training.batch_size = 32", ["one", "three", "two"]),
        ("training.batch_size > 32", []),
        ("model.layers[conv].filters >= 32", ["one"]),
        ("model.layers[0].filters < 33", ["one"]),
        ("model.layers[1].kind = dense", ["one", "three", "two"]),
        ("model.layers[0].kind ~ conv", ["one"]),
        ("fine_tuning = none", ["three", "two"]),
        ("fine_tuning.head_epochs = 1", ["one"]),
        ("training.device = auto and training.device != cpu", ["one", "three", "two"]),
    ],
)
def test_a_line_lets_through(three, line, found):
    assert sorted(names(three, line)) == sorted(found)


def test_runs_are_sorted_by_any_field_and_those_without_a_value_come_last(three):
    assert names(three, "", "accuracy") == ["one", "two", "three"]
    assert names(three, "", "+accuracy") == ["two", "one", "three"]
    assert names(three, "", "+model.layers[conv].filters")[0] == "one"
    assert names(three, "", "name") == ["two", "three", "one"]
    with pytest.raises(SpecError, match=r"sort: there is no field 'accurcy'\. Nearest: accuracy"):
        names(three, "", "accurcy")


def test_trials_and_what_is_archived_are_there_only_if_the_line_asks_about_them(three):
    put(three, "away", archived=True)
    assert "away" not in names(three, "")
    assert names(three, "archived = true") == ["away"]
    assert not RunQuestion.read("accuracy > 1").filters["trials"]
    assert RunQuestion.read("accuracy > 1 or not trial = none").filters["trials"]


@pytest.mark.parametrize(
    ("line", "marked", "says"),
    [
        ("accurcy > 1", "accurcy", "there is no field 'accurcy'. Nearest: accuracy"),
        ("seed = 1 and learning_rate > 1", "learning_rate", "Nearest: training.optimizer.learning_rate"),
        ("training.foo > 1", "training.foo", "there is no field 'training.foo'"),
        ("accuracy ~ 3", "~", "accuracy cannot be compared with ~. Possible: = != < <= > >=."),
        ("accuracy > high", "high", "accuracy is a number, got 'high'. Write a number: 0.95, 95% or 1e-3."),
        ('accuracy > "1"', '"1"', "accuracy is a number, got '1'"),
        ("state = complete", "complete", "state is never 'complete'. Possible: completed"),
        ("created > tomorrow", "tomorrow", "created is a date or a time span, got 'tomorrow'"),
        ("created > -999999999999d", "-999999999999d", "created is a date or a time span"),
        ("(accuracy > 1", "", "expected ), got the end."),
        ("accuracy 0.9", "0.9", "expected and, or, or the end, got '0.9'."),
        ("accuracy >", "", "expected a value, got the end."),
        ("and", "and", "expected a field, not or a bracket, got 'and'."),
        ('name = "x', '"x', 'the text that begins here has no end. Add a ".'),
        ("name = x]", "]", "']' means nothing here."),
        ("state in failed", "failed", "expected (, got 'failed'."),
        ("favorite = maybe", "maybe", "favorite is never 'maybe'."),
    ],
)
def test_an_error_points_at_the_word_and_says_what_is_possible(line, marked, says):
    with pytest.raises(FilterError) as refused:
        parse_filter(line, now=NOW)
    error = refused.value
    assert says in error.message.body()
    assert line[error.start : error.stop] == marked


def test_what_is_too_long_or_too_deep_is_refused():
    for line in ("(" * 60 + "seed = 1" + ")" * 60, "not " * 60 + "x", "x" * 2_001):
        with pytest.raises(FilterError):
            parse_filter(line, now=NOW)


@pytest.mark.parametrize("text", ["'; DROP TABLE runs; --", "x' OR '1'='1", "%", "_", "\\", '")', "$.a", "?"])
def test_what_tries_to_be_sql_is_a_text(three, text):
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    for field in ("name", "dataset", "tag", "training.device", "notes"):
        for sign in ("=", "~"):
            expected = ["two"] if (field, sign, text) == ("notes", "~", "%") else []
            assert names(three, f'{field} {sign} "{quoted}"') == expected
    put(three, text)
    assert names(three, f'name = "{quoted}"') == [text]
    assert three.runs.count() == 4


# What the SQL is held against.


def evaluate(wanted, run):
    match wanted:
        case All(parts):
            return all(evaluate(part, run) for part in parts)
        case AnyOf(parts):
            return any(evaluate(part, run) for part in parts)
        case Not(part):
            return not evaluate(part, run)
        case Named(text):
            return text.lower() in run["name"].lower() or run["id"].startswith(text.lower())
    value = value_of(run, wanted.field)
    if wanted.field.kind is FieldKind.TAGS:
        return not value if wanted.value is None else any(holds(wanted, tag) for tag in value)
    return holds(wanted, value)


def holds(test, value):
    if test.value is None:
        return value is None or (value == "" and test.field.kind is FieldKind.TEXT)
    if isinstance(test.value, datetime):
        end = test.until or test.value
        day = {Operator.LESS: value < test.value.timestamp(), Operator.AT_LEAST: value >= test.value.timestamp(),
               Operator.AT_MOST: value < end.timestamp(), Operator.MORE: value >= end.timestamp()}  # fmt: skip
        return day.get(test.operator, test.value.timestamp() <= value < end.timestamp())
    if value is None or isinstance(value, str) is not isinstance(test.value, str):
        return False
    if isinstance(value, bool) is not isinstance(test.value, bool):
        return False
    if test.operator is Operator.EQUAL:
        return value.lower() == test.value.lower() if isinstance(value, str) else value == test.value
    if test.operator is Operator.CONTAINS:
        return test.value.lower() in value.lower()
    return MORE[test.operator](value, test.value)


def value_of(run, field):
    if field.parts:
        found = [run["summary"].get(part.value, {}).get(field.path[0]) for part in field.parts]
        return next((value for value in found if value is not None), None)
    value = run[field.source]
    for step in field.path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


WORDS = st.sampled_from(["a", "B", "ab", "a%", "b_c", "it's"])
SHARES = st.sampled_from([0.0, 0.5, 0.9, 1.0])
METRICS_OF = st.dictionaries(st.sampled_from(["accuracy", "loss"]), SHARES)
DAYS = st.integers(0, 4).map(lambda day: (NOW - timedelta(days=day, hours=1)).timestamp())
ROWS = st.fixed_dictionaries(
    {
        "name": WORDS,
        "state": st.sampled_from([state.value for state in RunState]),
        "template": st.sampled_from(["", "cnn", "mlp"]),
        "tags": st.lists(WORDS, max_size=2),
        "favorite": st.booleans(),
        "seconds": st.sampled_from([0.0, 60.0, 90.0]),
        "summary": st.dictionaries(st.sampled_from(["train", "validation", "test"]), METRICS_OF),
        "workload": st.sampled_from([{}, {"parameters": 10}, {"parameters": 20}]),
        "spec": st.sampled_from(
            [SPEC, {**SPEC, "seed": 1}, {**SPEC, "seed": "1"}, {**SPEC, "seed": None}, {**SPEC, "seed": True}]
        ),
        "created_at": DAYS,
    }
)
QUOTED = WORDS.map(lambda word: f'"{word}"')
ORDER = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])


def lines_of(field, signs, values):
    return st.tuples(st.just(field), signs, values).map(" ".join)


TESTS = st.one_of(
    QUOTED,
    lines_of("name", st.sampled_from(["=", "!=", "~", "!~"]), QUOTED),
    lines_of("tag", st.sampled_from(["=", ":", "!=", "~"]), QUOTED | st.just("none")),
    lines_of("template", st.sampled_from(["=", "!="]), st.sampled_from(["cnn", "MLP", "none"])),
    lines_of("state", st.sampled_from(["=", "!="]), st.sampled_from(["failed", "queued"])),
    st.just("state in (failed, lost, running)"),
    lines_of("favorite", st.just("="), st.sampled_from(["true", "no"])),
    lines_of("seconds", ORDER, st.sampled_from(["90", "1min", "0"])),
    lines_of("parameters", ORDER, st.sampled_from(["10", "15"])),
    *(lines_of(name, ORDER, st.sampled_from(["0.5", "90%", "1"])) for name in ("accuracy", "val_loss")),
    lines_of("accuracy", st.sampled_from(["=", "!="]), st.just("none")),
    lines_of("created", ORDER, st.sampled_from(["-2d", "2026-03-09", "2026-03-08T11:00"])),
    lines_of("seed", ORDER, st.just("1")),
    lines_of("seed", st.sampled_from(["=", "!="]), st.sampled_from(["none", "true", '"1"'])),
)
LINES = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        inner.map(lambda one: f"not {one}"),
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map(lambda parts: f"({''.join(parts)})"),
    ),
    max_leaves=5,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ROWS, min_size=1, max_size=6), st.lists(LINES, min_size=1, max_size=5))
def test_sql_and_python_let_the_same_runs_through(store, rows, lines):
    with store.database.write() as connection:
        connection.execute(runs.delete())
    # Ids that some of the words begin, and others not.
    made = [{**row, "id": f"{'ab' * (number % 2)}{number}"} for number, row in enumerate(rows)]
    for row in made:
        run = queued(store)
        with store.database.write() as connection:
            connection.execute(runs.update().where(runs.c.id == run.id).values(**row))
    for line in lines:
        asked = RunQuestion.read(line, now=NOW)
        got = {run.id for run in store.runs.list(**asked.filters)}
        assert got == {row["id"] for row in made if evaluate(asked.where, row)}, line


def test_every_way_to_write_a_field_of_the_spec_finds_the_same():
    assert find_field("model.layers.2.filters") == find_field("model.layers[2].filters")
    assert find_field("model.layers[a:b].filters") is None
    assert find_field("training.optimizer.momentum").kind is FieldKind.SPEC
