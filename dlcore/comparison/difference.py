"""How much better one thing is than another, and whether that is more than chance."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from dlcore.analysis.intervals import Interval
from dlcore.errors import N_, Message
from dlcore.spec.metrics import METRICS, higher_is_better


class Verdict(StrEnum):
    """How something compares with the baseline."""

    BETTER = "better"
    WORSE = "worse"
    EQUAL = "equal"
    """Too little was seen to tell them apart."""
    UNSURE = "unsure"
    """How sure the difference is cannot be said."""


@dataclass(frozen=True)
class Difference:
    """How much a metric is above that of the baseline.

    Attributes:
        value: the metric minus the baseline's.
        interval: of the value; None: see `reason`.
        verdict: which is better.
        reason: why there is no interval.
    """

    value: float
    interval: Interval | None
    verdict: Verdict
    reason: Message | None = None

    @classmethod
    def unsure(cls, value: float, reason: Message) -> Difference:
        """Returns a difference without an interval, and why it has none."""
        return cls(value, None, Verdict.UNSURE, reason)

    @classmethod
    def judged(cls, metric: str, value: float, interval: Interval, *, sure: bool) -> Difference:
        """Returns a difference with its verdict, which is *equal* unless it is sure."""
        if not sure:
            return cls(value, interval, Verdict.EQUAL)
        ahead = (value > 0) is higher_is_better(metric)
        return cls(value, interval, Verdict.BETTER if ahead else Verdict.WORSE)

    def sentence(self, metric: str) -> Message:
        """Returns it in words: "better by 0.8 ± 0.3 points"."""
        share = metric in METRICS and METRICS[metric].is_share
        if self.verdict is Verdict.EQUAL or not self.value:
            return Message(N_("cannot be told apart") if self.interval else N_("the same"))
        scale = 100 if share else 1
        params: dict[str, Any] = {"difference": _digits(scale * abs(self.value), share=share)}
        if self.interval is None:
            return Message(_PLAIN[self.value > 0, share], params=params)
        params["margin"] = _digits(scale * self.interval.margin, share=share)
        return Message(_SENTENCES[self.verdict, share], params=params)

    def to_dict(self, metric: str) -> dict[str, Any]:
        """Returns a JSON-ready form, with the sentence in English."""
        return {
            "value": self.value,
            "interval": asdict(self.interval) if self.interval else None,
            "verdict": self.verdict.value,
            "sentence": self.sentence(metric).text(),
            "reason": self.reason.text() if self.reason else None,
        }


_SENTENCES = {
    (Verdict.BETTER, True): N_("better by {difference} ± {margin} points"),
    (Verdict.BETTER, False): N_("better by {difference} ± {margin}"),
    (Verdict.WORSE, True): N_("worse by {difference} ± {margin} points"),
    (Verdict.WORSE, False): N_("worse by {difference} ± {margin}"),
}
_PLAIN = {
    (True, True): N_("higher by {difference} points"),
    (True, False): N_("higher by {difference}"),
    (False, True): N_("lower by {difference} points"),
    (False, False): N_("lower by {difference}"),
}
"""Without an interval nothing says which is better. Each by whether the metric is a share."""


def _digits(value: float, *, share: bool) -> str:
    return f"{value:.1f}" if share and value >= 0.05 else f"{value:.2g}"
