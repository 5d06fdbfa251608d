"""What each kind of data becomes: values worked out by hand, learnt from the training part alone."""

import dataclasses

import numpy as np
import pytest
import scipy.fft
import scipy.signal

from dlcore.datasets.clean.divisions import Division
from dlcore.datasets.prepare.images import encode_images
from dlcore.datasets.prepare.kinds import SAMPLE_ENCODERS, TABLE_ENCODERS
from dlcore.datasets.prepare.preparation import prepare
from dlcore.datasets.prepare.ratings import encode_ratings
from dlcore.datasets.prepare.recordings import cepstrum, decibels, fit_length, mel_filters, mel_of, resample
from dlcore.datasets.prepare.series import encode_series
from dlcore.datasets.prepare.texts import encode_texts, tokens_of, vocabulary_of
from dlcore.design.templates import proposal
from dlcore.errors import DatasetError, SpecError
from dlcore.spec import ExperimentSpec
from dlcore.spec.checks import check
from dlcore.spec.data import ColumnRole, DataKind
from dlcore.spec.preprocessing import TextVectorization, input_name, seconds_seen, signature

from .makers import colours, people, png, samples, some_ratings, stored, wav, wave_series, zipped

ALL = np.arange


def steps(*rows):
    return ExperimentSpec.from_dict({"preprocessing": list(rows)}).preprocessing


def quiet(what, done, total):
    pass


def test_an_image_is_stretched_cut_or_bordered(tmp_path, settings):
    wide = np.zeros((2, 4, 3))
    wide[:, 2:] = 200
    stored(
        zipped(tmp_path / "x.zip", {"a/1.png": png(wide), "b/2.png": png(np.full((3, 3, 1), 9))}), settings
    )
    found = samples(settings)

    def made(**options):
        (step,) = steps({"kind": "Resizing", "height": 2, "width": 2, "interpolation": "area", **options})
        return encode_images(found, [step])(0)

    assert made()[..., 0].tolist() == [[0, 200], [0, 200]]
    # The middle two of four columns.
    assert made(crop_to_aspect_ratio=True)[..., 0].tolist() == [[0, 200], [0, 200]]
    # 4 × 2 becomes 2 × 1, with a black row.
    assert sorted(made(pad_to_aspect_ratio=True)[..., 0].sum(axis=1).tolist()) == [0, 200]
    # A grey image among coloured ones has three equal channels.
    assert encode_images(found, [])(1).shape == (3, 3, 3)


def test_grey_is_the_luma_of_the_colours(tmp_path, settings):
    red = np.zeros((2, 2, 3))
    red[..., 0] = 255
    stored(zipped(tmp_path / "x.zip", {"a/1.png": png(red), "b/2.png": png(red)}), settings)
    grey = encode_images(samples(settings), steps({"kind": "ColorMode"}))(0)
    # ITU-R 601: 0.299 of red.
    assert grey.ravel().tolist() == [76, 76, 76, 76]


def test_a_sound_is_cut_or_filled_to_its_length():
    sound = np.array([1.0, 2.0, 3.0, 9.0])
    assert fit_length(sound, 2, "start").tolist() == [1, 2]
    assert fit_length(sound, 2, "center").tolist() == [2, 3]
    assert fit_length(sound, 2, "loudest").tolist() == [3, 9]
    assert fit_length(sound, 6, "center").tolist() == [1, 2, 3, 9, 0, 0]


def test_the_loudest_part_is_where_it_swings_most_whichever_way():
    assert fit_length(np.array([1.0, 1.0, -3.0, -4.0, 2.0]), 2, "loudest").tolist() == [-3, -4]
    assert fit_length(np.array([0.9, 0.9, 0.9, 0.0, 0.0, 1.7]), 3, "loudest").tolist() == [0.0, 0.0, 1.7]
    assert fit_length(np.array([0.6, 0.1, 0.5, 0.1]), 2, "loudest").tolist() == [0.6, 0.1]


def test_a_tone_stays_the_same_tone_at_another_rate():
    times = np.arange(8000) / 8000
    tone = np.sin(2 * np.pi * 440 * times)
    again = resample(tone, 8000, 16000)
    assert len(again) == 16000
    wanted = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000)
    assert np.abs(again - wanted)[200:-200].max() < 0.01


def test_mel_filters_are_triangles_that_overlap_by_half():
    filters = mel_filters(8000, 256, 20, 0.0, 4000.0)
    assert filters.shape == (129, 20)
    assert filters.max() <= 1 and filters.min() == 0
    assert float(mel_of(1000.0)) == pytest.approx(999.99, abs=0.1)
    # Between the first and the last peak neighbouring triangles sum to 1.
    peaks = filters.argmax(axis=0)
    assert filters.sum(axis=1)[peaks[0] + 1 : peaks[-1] - 1] == pytest.approx(1.0)


def test_a_mel_filter_by_hand():
    # 2595 · log10(1 + f / 700) is 0 at 0 Hz and 3000 at 9,326.9 Hz: two triangles rise and fall over
    # 0, 1000, 2000, 3000 mels. The frequencies are 0, 4,663.4 and 9,326.9 Hz, at 0, 2294.9 and 3000 mels.
    top = 700 * (10 ** (3000 / 2595) - 1)
    filters = mel_filters(2 * top, 4, 2, 0.0, top)
    assert filters.tolist() == [
        pytest.approx([0, 0]), pytest.approx([0, 1 - 0.2949], abs=1e-4), pytest.approx([0, 0], abs=1e-9)
    ]  # fmt: skip


def test_silence_counts_as_quiet_as_the_floor_below_the_loudest():
    # 1,000 is 30 dB, 1 is 0 dB; silence would be −100 dB, and counts as 60 dB below the loudest.
    assert decibels(np.array([[1000.0, 1.0], [0.0, 1e-9]]), 60.0).tolist() == [[30, 0], [-30, -30]]


def test_a_spectrogram_is_that_of_scipy_with_the_same_filters(tmp_path, settings):
    rng = np.random.default_rng(0)
    sound = rng.uniform(-0.5, 0.5, 1000)
    stored(zipped(tmp_path / "x.zip", {"a/1.wav": wav(sound), "b/2.wav": wav(sound)}), settings)
    found = samples(settings)
    chosen = steps(
        {"kind": "FixedLength", "seconds": 0.125},
        {"kind": "MelSpectrogram", "fft_length": 128, "sequence_stride": 64, "num_mel_bins": 10},
    )
    got = SAMPLE_ENCODERS[found.facts.kind](found, chosen)(0)
    assert got.shape == (14, 10, 1)
    heard = found.read(0)[:, 0].astype(np.float64)
    window = scipy.signal.get_window("hann", 128)
    _, _, spectrum = scipy.signal.stft(
        heard, nperseg=128, noverlap=64, window=window, boundary=None, padded=False, scaling="spectrum"
    )
    power = np.abs(spectrum.T * window.sum()) ** 2
    wanted = 10 * np.log10(power @ mel_filters(8000, 128, 10, 20.0, 4000.0))
    np.testing.assert_allclose(got[..., 0], wanted, atol=1e-3)
    np.testing.assert_allclose(
        cepstrum(wanted, 4), [scipy.fft.dct(row, norm="ortho")[:4] for row in wanted], atol=1e-9
    )


def test_words_are_numbered_by_how_often_the_training_part_has_them(tmp_path, settings):
    path = tmp_path / "t.csv"
    path.write_text("text,label\nthe cat sat,x\nthe dog!,y\nthe THE cat,x\nunseen bird,y\n")
    stored(path, settings)
    found = samples(settings)
    (step,) = steps({"kind": "TextVectorization", "max_tokens": 4, "output_sequence_length": 3})
    encoded = encode_texts(found, Division(np.array([0, 1, 2]), np.array([3]), np.array([], int)), [step])
    assert encoded.state["vocabulary"] == ["", "[UNK]", "the", "cat"]
    assert encoded.inputs["input"].tolist() == [[2, 3, 1], [2, 1, 0], [2, 2, 3], [1, 1, 0]]
    assert encoded.y.tolist() == [0, 1, 0, 1]


def test_a_text_that_is_missing_has_no_words(tmp_path, settings):
    path = tmp_path / "t.csv"
    path.write_text("text,label\nthe cat sat,x\n,y\nthe dog ran,x\n   ,y\n")
    stored(path, settings)
    found = samples(settings)
    (step,) = steps({"kind": "TextVectorization", "max_tokens": 9, "output_sequence_length": 3})
    everything = Division(np.arange(4), np.array([], int), np.array([], int))
    assert found.texts.tolist() == ["the cat sat", "", "the dog ran", ""]
    assert encode_texts(found, everything, [step]).inputs["input"][[1, 3]].tolist() == [[0] * 3] * 2


@pytest.mark.parametrize(
    ("before", "seconds"),
    [
        ([{"kind": "FixedLength", "seconds": 0.5}], 0.5),
        ([{"kind": "Resampling", "sample_rate": 16000}, {"kind": "FixedLength", "seconds": 2}], 2),
    ],
)
def test_a_spectrogram_shows_the_length_that_recordings_are_brought_to(tmp_path, settings, before, seconds):
    sound = wav(np.zeros(7000))
    stored(
        zipped(tmp_path / "it.zip", {f"{name}/{i}.wav": sound for name in "ab" for i in range(3)}), settings
    )
    chosen = steps(*before, {"kind": "MelSpectrogram", "fft_length": 256}, {"kind": "Normalization"})
    assert seconds_seen(samples(settings).facts, chosen) == seconds


def test_counts_and_their_weights_are_those_of_the_formula(tmp_path, settings):
    path = tmp_path / "t.csv"
    path.write_text("text,label\na a b text here now,x\na c text here now,y\n")
    stored(path, settings)
    found = samples(settings)

    def made(mode):
        (step,) = steps({"kind": "TextVectorization", "max_tokens": 8, "output_mode": mode})
        return encode_texts(found, Division(np.array([0, 1]), np.array([], int), np.array([], int)), [step])

    vocabulary = made("count").state["vocabulary"]
    assert vocabulary == ["", "[UNK]", "a", "text", "now", "here", "c", "b"]
    assert made("count").inputs["input"].tolist() == [[0, 0, 2, 1, 1, 1, 0, 1], [0, 0, 1, 1, 1, 1, 1, 0]]
    assert made("multi_hot").inputs["input"][0].tolist() == [0, 0, 1, 1, 1, 1, 0, 1]
    both, one = np.log(1 + 2 / 3), np.log(1 + 2 / 2)
    assert made("tf_idf").inputs["input"][0].tolist() == pytest.approx(
        [0, 0, 2 * both, both, both, both, 0, one]
    )


def test_characters_and_neighbours_can_be_tokens():
    by_character = TextVectorization(split="character", standardize="none")
    assert tokens_of("你好 a", by_character) == ["你", "好", " ", "a"]
    assert vocabulary_of([["b", "a"], ["b"]], 3) == ["", "[UNK]", "b"]


def test_a_gap_of_a_series_is_named_with_its_column(tmp_path, settings):
    path = wave_series(tmp_path / "s.csv", rows=12)
    path.write_text(path.read_text().replace("5.0,50.0", ",50.0"))
    kept = stored(path, settings, kind=DataKind.SERIES)
    with pytest.raises(DatasetError, match="numbers that are missing in column load: 1"):
        prepare(proposal(kept.facts).with_values({"dataset.cleaning": []}), settings, quiet)


def test_windows_ask_only_for_values_of_their_own_part(tmp_path, settings):
    stored(wave_series(tmp_path / "s.csv", rows=10), settings)
    found = samples(settings)
    division = Division(ALL(6), np.array([6, 7]), np.array([8, 9]))
    encoded = encode_series(found, division, steps({"kind": "Windows", "sequence_length": 3, "horizon": 2}))
    assert encoded.inputs["input"].shape == (6, 3, 2)
    assert encoded.inputs["input"][0].tolist() == [[0, 0], [1, 10], [2, 20]]
    assert encoded.y[0].tolist() == [30, 40]
    # Windows ask for rows 3–4, 4–5, 5–6, 6–7, 7–8, 8–9; those across a border are in no part.
    assert encoded.division.train.tolist() == [0, 1]
    assert encoded.division.validation.tolist() == [3]
    assert encoded.division.test.tolist() == [5]
    assert encoded.rows.tolist() == [3, 4, 5, 6, 7, 8]
    assert encoded.state["target_columns"] == [1]


def test_training_never_sees_rows_of_what_tests_it(tmp_path, settings):
    """Not even where the dataset itself puts its test part first."""
    stored(wave_series(tmp_path / "s.csv", rows=10), settings)
    found = samples(settings)
    division = Division(ALL(3, 10), np.array([], int), ALL(3))
    window = steps({"kind": "Windows", "sequence_length": 2})
    encoded = encode_series(found, division, window)
    # Windows ask for rows 2 … 9; those for rows 3 and 4 see rows 1 and 2.
    assert encoded.rows[encoded.division.train].tolist() == [5, 6, 7, 8, 9]
    assert encoded.rows[encoded.division.test].tolist() == [2]


def test_several_targets_are_asked_for_step_by_step(tmp_path, settings):
    targets = {"load": ColumnRole.TARGET, "value": ColumnRole.TARGET}
    kept = stored(wave_series(tmp_path / "s.csv", rows=12), settings, kind=DataKind.SERIES, roles=targets)
    windows = {"kind": "Windows", "sequence_length": 2, "horizon": 2, "sequence_stride": 3}
    encoded = encode_series(samples(settings), Division(ALL(12), ALL(0), ALL(0)), steps(windows))
    assert encoded.y.tolist() == [[2, 20, 3, 30], [5, 50, 6, 60], [8, 80, 9, 90]]
    assert encoded.state["target_columns"] == [0, 1]
    assert signature(kept.facts, steps(windows)).outputs == 4


def test_a_gap_lies_between_what_is_seen_and_what_is_asked_for(tmp_path, settings):
    kept = stored(wave_series(tmp_path / "s.csv", rows=10), settings)
    windows = steps({"kind": "Windows", "sequence_length": 2, "gap": 3, "horizon": 2})
    encoded = encode_series(samples(settings), Division(ALL(10), ALL(0), ALL(0)), windows)
    assert encoded.inputs["input"][..., 0].tolist() == [[0, 1], [1, 2], [2, 3], [3, 4]]
    assert encoded.y.tolist() == [[50, 60], [60, 70], [70, 80], [80, 90]]
    assert encoded.rows.tolist() == [5, 6, 7, 8]
    assert encoded.state["ahead"] == [4, 5]
    assert signature(kept.facts, windows).outputs == 2


def test_windows_see_every_third_row_as_keras_cuts_them(tmp_path, settings):
    kept = stored(wave_series(tmp_path / "s.csv", rows=14), settings)
    windows = steps({"kind": "Windows", "sequence_length": 3, "sampling_rate": 3, "sequence_stride": 2})
    encoded = encode_series(samples(settings), Division(ALL(14), ALL(0), ALL(0)), windows)
    assert encoded.inputs["input"][..., 0].tolist() == [[0, 3, 6], [2, 5, 8], [4, 7, 10], [6, 9, 12]]
    # The next row after the last one seen, not the next third one.
    assert encoded.y.ravel().tolist() == [70, 90, 110, 130]
    assert signature(kept.facts, windows).inputs["input"].shape == (3, 2)


def test_several_horizons_are_asked_for_at_once(tmp_path, settings):
    targets = {"load": ColumnRole.TARGET, "value": ColumnRole.TARGET}
    kept = stored(wave_series(tmp_path / "s.csv", rows=10), settings, kind=DataKind.SERIES, roles=targets)
    windows = steps({"kind": "Windows", "sequence_length": 3, "horizons": [1, 6]})
    encoded = encode_series(samples(settings), Division(ALL(10), ALL(0), ALL(0)), windows)
    assert encoded.y.tolist() == [[3, 30, 8, 80], [4, 40, 9, 90]]
    assert signature(kept.facts, windows).outputs == 4


@pytest.mark.parametrize(
    ("windows", "train", "validation", "test"),
    [
        # Asked for: rows 4 … 11; the parts begin at rows 6 and 9.
        ({"sequence_length": 2, "gap": 2}, [4, 5], [6, 7, 8], [9, 10, 11]),
        # Asked for: rows 1 and 4, 2 and 5, … 8 and 11; those whose rows are of two parts are in none.
        ({"sequence_length": 1, "horizons": [1, 4]}, [1, 2], [], []),
        # Seen: rows 0 and 3, 1 and 4, …
        ({"sequence_length": 2, "sampling_rate": 3}, [4, 5], [6, 7, 8], [9, 10, 11]),
    ],
)
def test_a_window_with_a_gap_is_of_the_part_of_what_it_asks_for(
    tmp_path, settings, windows, train, validation, test
):
    stored(wave_series(tmp_path / "s.csv", rows=12), settings)
    last = (ALL(6, 9), ALL(9, 12)) if validation else (ALL(0), ALL(0))
    division = Division(ALL(6), *last)
    encoded = encode_series(samples(settings), division, steps({"kind": "Windows", **windows}))
    found = [encoded.rows[part].tolist() for part in vars(encoded.division).values()]
    assert found == [train, validation, test]


def test_training_sees_no_row_of_the_test_beyond_a_gap(tmp_path, settings):
    """Where the test part comes first, a window that reaches back over the gap into it trains nothing."""
    stored(wave_series(tmp_path / "s.csv", rows=12), settings)
    windows = steps({"kind": "Windows", "sequence_length": 2, "sampling_rate": 2, "gap": 1})
    encoded = encode_series(samples(settings), Division(ALL(5, 12), ALL(0), ALL(5)), windows)
    # Asked for: rows 4 … 11; they see rows 0 and 2, 1 and 3, … 7 and 9.
    assert encoded.rows[encoded.division.train].tolist() == [9, 10, 11]
    assert encoded.rows[encoded.division.test].tolist() == [4]


@pytest.mark.parametrize(
    ("windows", "message"),
    [
        ({"horizons": [6, 1]}, r"preprocessing\[0\]\.horizons: the rows ahead must rise: 6, 1"),
        ({"horizons": [2, 2]}, "the rows ahead must rise: 2, 2"),
        ({"horizons": [1, 6], "gap": 2}, "named one by one .1, 6., and by gap and horizon as well"),
        ({"horizons": [1, 6], "horizon": 2}, "named one by one .1, 6., and by gap and horizon as well"),
        (
            {"sequence_length": 20, "sampling_rate": 3, "gap": 2},
            "a window needs 61 rows, the series has 60",
        ),
    ],
)
def test_windows_that_cannot_be_are_refused(tmp_path, settings, windows, message):
    kept = stored(wave_series(tmp_path / "s.csv"), settings)
    with pytest.raises(SpecError, match=message):
        signature(kept.facts, steps({"kind": "Windows", **windows}))


def test_rows_of_a_series_are_brought_into_the_order_of_time(tmp_path, settings):
    path = tmp_path / "s.csv"
    path.write_text("day,value\n2024-01-03,30\n2024-01-01,10\n2024-01-04,40\n2024-01-02,20\n")
    stored(path, settings, kind=DataKind.SERIES)
    window = steps({"kind": "Windows", "sequence_length": 1})
    encoded = encode_series(samples(settings), Division(np.array([0, 1, 3]), ALL(0), np.array([2])), window)
    assert encoded.inputs["input"].ravel().tolist() == [10, 20, 30]
    assert encoded.y.ravel().tolist() == [20, 30, 40]
    assert (encoded.division.train.tolist(), encoded.division.test.tolist()) == ([0, 1], [2])
    assert encoded.rows.tolist() == [3, 0, 2]


@pytest.mark.parametrize(
    ("window", "part", "rows"),
    [
        ({"sequence_length": 40, "horizon": 4}, "train", 43),
        ({"sequence_length": 4, "horizon": 6}, "validation", 5),
    ],
)
def test_a_part_that_no_window_fits_into_is_named(tmp_path, settings, window, part, rows):
    kept = stored(wave_series(tmp_path / "s.csv"), settings)
    spec = proposal(kept.facts).with_values({"preprocessing": [{"kind": "Windows", **window}]})
    with pytest.raises(DatasetError, match=rf"no window fits into the {part} part \(rows: {rows}\)"):
        prepare(spec, settings, quiet)


def test_a_gap_of_a_series_is_seen_filled_but_never_asked_for(tmp_path, settings):
    path = wave_series(tmp_path / "s.csv", rows=12)
    path.write_text(path.read_text().replace("5.0,50.0", "5.0,"))
    kept = stored(path, settings, kind=DataKind.SERIES, roles={"value": ColumnRole.TARGET})
    spec = proposal(kept.facts).with_values(
        {
            "dataset.validation_fraction": 0,
            "preprocessing": [{"kind": "Windows", "sequence_length": 2}],
            "dataset.cleaning": [{"kind": "MissingValues", "strategy": "constant", "fill_value": "-7"}],
        }
    )
    prepared = prepare(spec, settings, quiet)
    assert prepared.train.own_rows.tolist() == [2, 3, 4, 6, 7, 8, 9]
    assert prepared.train.labels.ravel().tolist() == [20, 30, 40, 60, 70, 80, 90]
    seen = prepared.train.inputs["input"][prepared.train.indices][..., 1].tolist()
    assert seen[3] == [40, -7]


def test_ratings_without_user_item_or_number_are_left_out(tmp_path, settings):
    path = some_ratings(tmp_path / "r.csv")
    path.write_text(path.read_text() + ",i1,3\nu1,,3\nu1,i1,\n")
    kept = stored(path, settings)
    assert kept.facts.size == 34
    prepared = prepare(proposal(kept.facts), settings, quiet)
    assert len(prepared.train) + len(prepared.validation) + len(prepared.test) == 31
    assert np.isfinite(prepared.train.y).all()


def test_names_of_inputs_are_short_enough_for_layers_and_all_different():
    long = "x" * 400
    assert input_name(long) == "x" * 40
    assert input_name(long, {"x" * 40}) == "x" * 40 + "_2"
    assert (input_name("城市"), input_name("颜色", {"column"})) == ("column", "column_2")
    assert input_name("Input") == "input_2"


def test_users_that_training_hardly_knows_share_the_id_of_new_ones(tmp_path, settings):
    stored(some_ratings(tmp_path / "r.csv"), settings)
    found = samples(settings)
    division = Division(ALL(25), ALL(25, 30), np.array([30]))
    plain = encode_ratings(found, division, [])
    assert plain.state["ids"]["user"] == ["", "u0", "u1", "u2", "u3", "u4"]
    assert plain.inputs["user"][[0, 24, 25, 30], 0].tolist() == [1, 5, 0, 0]
    assert plain.y[:3, 0].tolist() == [1, 2, 3]
    strict = encode_ratings(found, division, steps({"kind": "ColdStart", "min_ratings": 6}))
    assert strict.inputs["user"].max() == 0


def test_a_user_with_just_as_many_ratings_as_are_asked_for_is_known(tmp_path, settings):
    stored(some_ratings(tmp_path / "r.csv"), settings)
    # Five ratings of each of the first four users, three of the next one; each item is rated four or five times.
    division = Division(ALL(23), ALL(23, 30), ALL(30, 30))
    found = encode_ratings(samples(settings), division, steps({"kind": "ColdStart", "min_ratings": 5}))
    assert found.state["ids"] == {"user": ["", "u0", "u1", "u2", "u3"], "item": ["", "i0", "i1", "i2"]}


MADE = {
    "images": lambda path: colours(path / "x.zip", count=10),
    "sounds": lambda path: zipped(
        path / "x.zip",
        {
            f"{c}/{n}.wav": wav(np.sin(np.arange(900 + n) * (0.3 + "ab".index(c))))
            for c in "ab"
            for n in range(9)
        },
    ),
    "texts": lambda path: _written(
        path / "x.csv",
        "text,label\n" + "".join(f"some words number {n} of a text,{'xy'[n % 2]}\n" for n in range(40)),
    ),
    "table": lambda path: people(path / "x.csv"),
    "series": lambda path: wave_series(path / "x.csv"),
    "ratings": lambda path: some_ratings(path / "x.csv"),
}


def _written(path, text):
    path.write_text(text)
    return path


@pytest.mark.parametrize("what", MADE)
def test_what_is_prepared_is_what_the_signature_says(what, tmp_path, settings):
    kept = stored(MADE[what](tmp_path), settings)
    spec = proposal(kept.facts)
    prepared = prepare(spec, settings, quiet)
    seen = signature(prepared.facts, spec.preprocessing)
    assert set(prepared.train.inputs) == set(seen.inputs)
    for name, given in seen.inputs.items():
        array = prepared.train.inputs[name]
        assert (array.shape[1:], str(array.dtype)) == (given.shape, given.dtype)
        if given.vocabulary is not None:
            assert array.min() >= 0 and array.max() < given.vocabulary
    parts = [set(part.indices.tolist()) for part in (prepared.train, prepared.validation, prepared.test)]
    assert not parts[0] & parts[1] and not parts[0] & parts[2] and not parts[1] & parts[2]


def test_every_kind_of_data_has_an_encoder():
    assert set(SAMPLE_ENCODERS) | set(TABLE_ENCODERS) == set(DataKind)


def test_what_is_fitted_does_not_change_with_the_test_part(tmp_path, settings):
    stored(MADE["texts"](tmp_path), settings)
    found = samples(settings)
    division = Division(ALL(20), ALL(20, 30), ALL(30, 40))
    chosen = steps("TextVectorization")
    first = encode_texts(found, division, chosen)
    frame = found.frame.copy()
    frame.loc[30:, "text"] = "entirely different words in the test"
    other = encode_texts(dataclasses.replace(found, frame=frame), division, chosen)
    assert first.state == other.state
    np.testing.assert_array_equal(first.inputs["input"][:30], other.inputs["input"][:30])


def test_two_that_need_the_same_arrays_share_them(tmp_path, settings):
    kept = stored(MADE["images"](tmp_path), settings)
    spec = proposal(kept.facts)
    first = prepare(spec, settings, quiet)
    told = []
    other = prepare(spec.with_values({"seed": 5}), settings, lambda *what: told.append(what))
    assert other.folder == first.folder
    assert told == []
    assert first.test.indices.tolist() == other.test.indices.tolist()
    assert first.validation.indices.tolist() != other.validation.indices.tolist()


def test_a_series_is_divided_by_time_alone(tmp_path, settings):
    kept = stored(MADE["series"](tmp_path), settings)
    spec = proposal(kept.facts)
    prepared = prepare(spec, settings, quiet)
    assert prepared.train.own_rows.max() < prepared.validation.own_rows.min()
    assert prepared.validation.own_rows.max() < prepared.test.own_rows.min()
    with pytest.raises(SpecError, match=r"dataset\.split: a series is divided by time"):
        check(spec.with_values({"dataset.split": "Random"}), kept.facts)
