"""The files that a run or a job leaves in its folder."""

CHECKPOINT_FILE = "checkpoint.npz"
"""The whole state of a training, from which it continues."""

MODEL_FILE = "model.keras"
"""The model of a run that has finished an epoch, as Keras saves it."""

PREPARATION_FILE = "preparation.json"
"""What was fitted on the training part: vocabularies, medians, means."""

TRANSFER_FILE = "transfer.json"
"""What a run took that began with weights from elsewhere: a `Transfer`."""

EVALUATION_FILE = "evaluation.json"
"""What the model does on the test part: an `Evaluation`."""

MISTAKES_FILE = "mistakes.npz"
"""The images of the most confident mistakes."""

PREDICTIONS_FILE = "predictions.npz"
"""What the model answered on the test part."""

VALIDATION_PREDICTIONS_FILE = "validation_predictions.npz"
"""What it answered on the validation part, in the same form."""

ANSWERS_FILES = {"test": PREDICTIONS_FILE, "validation": VALIDATION_PREDICTIONS_FILE}
"""By the part that was answered."""

RECONSTRUCTIONS_FILE = "reconstructions.npz"
"""The score of each test sample of a reconstruction, and those that came back worst."""

FAMILIAR_FILE = "familiar.npz"
"""What is usual to the model, by which a new sample is called unlike those of the training; made by a job."""
MODEL_HASH = "model"
"""In `FAMILIAR_FILE`, uint8 (32,): of the model that it is about; a resumed run has another."""

RUN_FILES = frozenset(
    [
        CHECKPOINT_FILE, MODEL_FILE, PREPARATION_FILE, TRANSFER_FILE, EVALUATION_FILE, MISTAKES_FILE,
        PREDICTIONS_FILE, VALIDATION_PREDICTIONS_FILE, RECONSTRUCTIONS_FILE, FAMILIAR_FILE,
    ]
)  # fmt: skip
"""All that a run may leave."""

PREVIEW_FILE = "preview.npz"
"""Samples before and after augmentation."""

MATHEMATICS_FILE = "mathematics.npz"
"""What each layer of a model gets and gives for one sample, and how the loss depends on it."""

UNPACKED_FOLDER = "unpacked"
"""What a job has unpacked of an archive, in its folder."""

RESULT_FILE = "result.json"
"""What a job gives, besides the files that some kinds put beside it."""
