"""What was seen while a video was recorded: requests over time, as many as memory allows."""

from __future__ import annotations

from core.request import RenderRequest

MOST = 20_000  # at 60 a second more than five minutes; of longer recordings, moments between are left out
STILL_S = 1.0  # without a change: it stood still, and did not move slowly
JUST_BEFORE_S = 0.02


class Moments:
    """Requests and their times, in order. Beyond MOST, every second one goes, again and again."""

    def __init__(self) -> None:
        self._seen: list[tuple[float, RenderRequest]] = []
        self._latest: tuple[float, RenderRequest] | None = None  # whether it was left out or not
        self._apart_s = 0.0  # what comes sooner after the one before is left out

    def add(self, time_s: float, request: RenderRequest) -> None:
        """What is seen from a time on."""
        latest, self._latest = self._latest, (time_s, request)
        if latest is not None and request == latest[1]:
            self._latest = latest
            return
        if latest is not None and time_s - latest[0] > STILL_S:
            self._keep(time_s - JUST_BEFORE_S, latest[1])
        self._keep(time_s, request)

    def _keep(self, time_s: float, request: RenderRequest) -> None:
        if self._seen and time_s - self._seen[-1][0] < self._apart_s:
            return
        self._seen.append((time_s, request))
        if len(self._seen) > MOST:
            span_s = self._seen[-1][0] - self._seen[0][0]
            self._seen = self._seen[::2]
            self._apart_s = span_s / len(self._seen)

    def until(self, end_s: float, network: str) -> list[tuple[float, RenderRequest]]:
        """Those of one network, and the last of them again at the end."""
        seen = [(time_s, request) for time_s, request in self._seen if request.network == network]
        return [*seen, (end_s, seen[-1][1])] if seen and end_s > seen[-1][0] else seen

    def __len__(self) -> int:
        return len(self._seen)
