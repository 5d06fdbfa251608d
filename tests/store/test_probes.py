"""What is recorded of layers is kept apart from how a run fares, and is rewound with it."""

from dlcore.records import Axis, Metric, Scope, SeriesKey
from dlcore.records.signals import Signal, SignalKind
from dlcore.spec.measure_name import LONGEST
from tests.store.samples import at_work, losses

KEY = SeriesKey(str(Signal.of(SignalKind.GRADIENT_NORM, "dense")), Scope.TRAIN, Axis.PROBE)


def recorded(store):
    run = at_work(store)
    store.reports.write(
        run.id, 1, {}, metrics=[*[Metric(KEY, float(n), 0.1 * n) for n in (1, 2, 3)], *losses((20, 0.5))]
    )
    return run


def test_signals_are_read_over_probes_alone(store):
    run = recorded(store)
    assert list(store.metrics.points(run.id, Axis.PROBE)) == [KEY]
    assert KEY not in store.metrics.points(run.id, Axis.EPOCH)
    assert store.metrics.points(run.id, Axis.PROBE)[KEY][0].tolist() == [1, 2, 3]


def test_a_rewind_drops_the_signals_of_later_epochs(store):
    run = recorded(store)
    store.reports.rewind(run.id, 1, epoch=2, step=20)
    assert store.metrics.points(run.id, Axis.PROBE)[KEY][0].tolist() == [1, 2]


def test_names_of_signals_fit_however_long_those_of_layers_are():
    names = {str(Signal.of(kind, "a" * 60 + end)) for kind in SignalKind for end in ("x", "y")}
    assert len(names) == 2 * len(SignalKind)
    assert max(map(len, names)) <= LONGEST
    assert all(Signal.parse(name) is not None for name in names)
    assert Signal.parse("loss") is None and Signal.parse("other/dense") is None
