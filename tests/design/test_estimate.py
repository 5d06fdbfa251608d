from dlcore.design.estimate import FRAMEWORK_BYTES, estimate, training_flops
from dlcore.spec import ModelSpec, TrainingSpec, infer
from dlcore.spec.optimizers import SGD

REPORT = infer(ModelSpec(layers=("Flatten", "Dense")), (8, 8, 1), 10)
"""650 parameters, 1,290 operations, 64 + 64 + 10 values kept for each sample."""


def test_the_report_is_what_the_estimates_below_take_it_for():
    assert (REPORT.parameters.total, REPORT.flops, REPORT.activations) == (650, 1290, 138)


def test_memory_is_weights_gradients_slots_and_activations_of_a_batch():
    found = estimate(REPORT, TrainingSpec(batch_size=16), samples=1000)

    # Adam keeps two numbers a weight; activations are held twice, for the gradients.
    assert found.memory == FRAMEWORK_BYTES + 4 * (650 * 4 + 2 * 138 * 16)


def test_a_simpler_optimizer_needs_less():
    found = estimate(REPORT, TrainingSpec(batch_size=16, optimizer=SGD()), samples=1000)

    assert found.memory == FRAMEWORK_BYTES + 4 * (650 * 2 + 2 * 138 * 16)


def test_a_batch_larger_than_the_data_counts_as_the_data():
    large = estimate(REPORT, TrainingSpec(batch_size=4096), samples=50)

    assert large.memory == FRAMEWORK_BYTES + 4 * (650 * 4 + 2 * 138 * 50)
    assert large.steps_per_epoch == 1


def test_the_last_batch_of_an_epoch_may_be_smaller():
    assert estimate(REPORT, TrainingSpec(batch_size=32), samples=1000).steps_per_epoch == 32


def test_time_is_three_passes_over_every_sample_of_every_epoch():
    assert training_flops(REPORT, samples=1000, epochs=5) == 1290 * 3 * 1000 * 5
    assert estimate(REPORT, TrainingSpec(epochs=5), 1000, flops_per_second=1e6).seconds == 19.35
