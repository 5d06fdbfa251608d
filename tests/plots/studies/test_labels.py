from dlcore.plots.studies import short_names, trial_of


def test_a_parameter_is_called_by_the_shortest_tail_of_its_path_that_no_other_has():
    assert short_names(
        [
            "training.optimizer.learning_rate",
            "training.optimizer",
            "model.layers[conv2d].filters",
            "model.layers[conv2d_2].filters",
            "model.layers[conv2d_2]",
            "model.layers[a:b]",
        ]
    ) == {
        "training.optimizer.learning_rate": "learning_rate",
        "training.optimizer": "optimizer",
        "model.layers[conv2d].filters": "conv2d.filters",
        "model.layers[conv2d_2].filters": "conv2d_2.filters",
        "model.layers[conv2d_2]": "conv2d_2",
        "model.layers[a:b]": "a:b",
    }


def test_a_path_that_is_the_tail_of_another_keeps_its_whole_length():
    assert short_names(["rate", "a.rate", "b.a.rate"]) == {
        "rate": "rate",
        "a.rate": "a.rate",
        "b.a.rate": "b.a.rate",
    }


def test_a_number_alone_is_no_name():
    assert short_names(["preprocessing.steps[0]", "preprocessing.steps[1]"]) == {
        "preprocessing.steps[0]": "steps.0",
        "preprocessing.steps[1]": "steps.1",
    }


def test_no_paths_have_no_names():
    assert short_names([]) == {}


def test_what_is_no_trial_cannot_be_selected():
    assert trial_of({"x": 1.0}) is None
    assert trial_of({"customdata": []}) is None
    assert trial_of({"customdata": "training.epochs"}) is None
