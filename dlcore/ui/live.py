"""Every topic that pages show as it is now; the server's feed answers them."""

from __future__ import annotations

from collections.abc import Mapping

from dlcore.ui.data.augmentation import PREVIEW
from dlcore.ui.experiments.view import EXPERIMENTS
from dlcore.ui.guide.view import STEP
from dlcore.ui.runs.view import COUNT, RUN, RUNS
from dlcore.ui.shared.alerts import TOPIC as ALERTS
from dlcore.ui.shared.alerts import alert_news
from dlcore.ui.shared.jobs import JOB
from dlcore.ui.shared.status import STATUS
from dlcore.ui.studies.view import STUDY, TRIALS
from dlcore.web.feed import View

_TOPICS = (STATUS, JOB, PREVIEW, EXPERIMENTS, RUN, RUNS, COUNT, STUDY, TRIALS, STEP)
VIEWS: Mapping[str, View] = {**{topic.name: topic.view for topic in _TOPICS}, ALERTS: alert_news}
"""Topic by its name in the URL."""
