"""Jobs: progress, outcome, cancelling, waking the window."""

from __future__ import annotations

import queue
import weakref

import pytest

from core.base.errors import Cancelled, CheckpointError
from core.base.progress import Progress
from visualizer.session.work.jobs import Job, Jobs, State, Status

WAIT_S = 10  # only a broken program waits that long


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class Puppet:
    """Work whose every step the test orders."""

    def __init__(self) -> None:
        self.orders: queue.Queue[tuple[str, int, int, str] | Exception | str] = queue.Queue()
        self.obeyed: queue.Queue[None] = queue.Queue()

    def __call__(self, progress: Progress) -> str:
        while True:
            match self.orders.get(timeout=WAIT_S):
                case (stage, done, total, unit):
                    progress(stage, done, total, unit)
                case Exception() as error:
                    raise error
                case str(result):
                    return result
            self.obeyed.put(None)

    def report(self, stage: str, done: int, total: int, unit: str = "") -> None:
        self.orders.put((stage, done, total, unit))
        self.obeyed.get(timeout=WAIT_S)


def ended(jobs: Jobs, job: Job[str]) -> Job[str]:
    """The job when it has ended."""
    thread = jobs._threads[job]
    assert thread is not None
    thread.join(WAIT_S)
    assert jobs.poll() == [job]
    return job


def test_a_job_reports_how_far_it_is():
    clock, puppet = Clock(), Puppet()
    job = Jobs(clock=clock).start("load", puppet)
    puppet.report("reading", 0, 400, "bytes")
    clock.now_s += 2
    puppet.report("reading", 100, 400, "bytes")
    assert job.status == Status("reading", 100, 400, "bytes", elapsed_s=2.0, remaining_s=6.0)
    assert job.status.fraction == 0.25
    puppet.orders.put("end")


def test_a_resumed_download_is_timed_from_where_it_resumed():
    clock, puppet = Clock(), Puppet()
    job = Jobs(clock=clock).start("load", puppet)
    puppet.report("download", 500, 1000)
    clock.now_s += 1
    puppet.report("download", 600, 1000)
    assert job.status.remaining_s == 4.0
    puppet.orders.put("end")


@pytest.mark.parametrize(("done", "total", "fraction"), [(3, 0, None), (0, 5, 0.0), (9, 5, 1.0)])
def test_a_fraction_is_known_or_not_and_never_beyond_one(done: int, total: int, fraction: float | None):
    assert Status("s", done, total).fraction == fraction


def test_the_remaining_time_is_unknown_before_the_first_step():
    puppet = Puppet()
    job = Jobs().start("load", puppet)
    puppet.report("reading", 0, 10)
    assert job.status.remaining_s is None
    puppet.orders.put("end")


def test_a_job_that_ends_has_its_result_and_is_polled_once():
    jobs, puppet = Jobs(), Puppet()
    job = jobs.start("load", puppet)
    assert jobs.running == (job,)
    assert jobs.poll() == []
    puppet.orders.put("network")
    ended(jobs, job)
    assert (job.state, job.result, job.error) == (State.DONE, "network", None)
    assert jobs.poll() == []
    assert not jobs.running


def test_the_time_of_an_ended_job_stands_still():
    clock, puppet = Clock(), Puppet()
    jobs = Jobs(clock=clock)
    job = jobs.start("load", puppet)
    clock.now_s += 3
    puppet.orders.put("end")
    ended(jobs, job)
    clock.now_s += 50
    assert job.status.elapsed_s == 3.0


def test_a_failed_job_has_its_error_and_the_traceback():
    jobs, puppet = Jobs(), Puppet()
    job = jobs.start("load", puppet)
    error = CheckpointError("x.pkl is cut short; copy it again")
    puppet.orders.put(error)
    ended(jobs, job)
    assert (job.state, job.error) == (State.FAILED, error)
    assert "raise error" in job.details
    with pytest.raises(RuntimeError, match="the job 'load' is failed"):
        _ = job.result


def test_even_an_exit_ends_the_job():
    def leave(progress: Progress) -> str:
        raise SystemExit(1)

    jobs = Jobs()
    job = ended(jobs, jobs.start("load", leave))
    assert job.state is State.FAILED


def test_a_failed_job_lets_go_of_what_it_held():
    class Weights:
        pass

    held: list[weakref.ref[Weights]] = []

    def fail(progress: Progress) -> str:
        weights = Weights()
        held.append(weakref.ref(weights))
        raise MemoryError

    jobs = Jobs()
    job = ended(jobs, jobs.start("load", fail))
    assert isinstance(job.error, MemoryError)
    assert held[0]() is None


def test_a_cancelled_job_stops_at_its_next_report():
    jobs, puppet = Jobs(), Puppet()
    job = jobs.start("load", puppet)
    job.cancel()
    assert job.cancelling
    puppet.orders.put(("reading", 1, 2, ""))
    ended(jobs, job)
    assert (job.state, job.error, job.cancelling) == (State.CANCELLED, None, False)


def test_a_result_that_comes_after_cancelling_is_dropped():
    jobs, puppet = Jobs(), Puppet()
    job = jobs.start("load", puppet)
    job.cancel()
    puppet.orders.put("network")
    assert ended(jobs, job).state is State.CANCELLED


def test_work_may_cancel_itself():
    jobs, puppet = Jobs(), Puppet()
    job = jobs.start("load", puppet)
    puppet.orders.put(Cancelled())
    assert ended(jobs, job).state is State.CANCELLED


def test_jobs_run_side_by_side():
    jobs, first, second = Jobs(), Puppet(), Puppet()
    jobs.start("first", first)
    job = jobs.start("second", second)
    second.orders.put("2")
    assert ended(jobs, job).result == "2"
    first.orders.put("1")


# ----------------------------------------------------------------------------
# Waking the window.


def test_progress_wakes_the_window_at_a_bounded_rate():
    clock, puppet, wakes = Clock(), Puppet(), queue.Queue[None]()
    Jobs(on_change=lambda: wakes.put(None), clock=clock).start("load", puppet)
    for step in range(101):
        puppet.report("reading", step, 100)
        clock.now_s += 0.01
    assert 20 <= wakes.qsize() <= 31
    puppet.orders.put("end")


def test_a_new_stage_and_the_end_wake_the_window_at_once():
    puppet, wakes = Puppet(), queue.Queue[None]()
    Jobs(on_change=lambda: wakes.put(None), clock=Clock()).start("load", puppet)
    puppet.report("reading", 0, 1)
    puppet.report("building", 0, 1)
    assert wakes.qsize() == 2
    puppet.orders.put("end")
    for _ in range(3):
        wakes.get(timeout=WAIT_S)


def test_closing_cancels_all_and_wakes_nobody_after_it():
    puppet, wakes = Puppet(), queue.Queue[None]()
    jobs = Jobs(on_change=lambda: wakes.put(None))
    job = jobs.start("load", puppet)
    jobs.close()
    puppet.orders.put(("reading", 0, 1, ""))
    ended(jobs, job)
    assert job.state is State.CANCELLED
    assert wakes.empty()


def test_no_job_starts_after_closing():
    jobs = Jobs()
    jobs.close()
    with pytest.raises(RuntimeError, match="closing"):
        jobs.start("load", Puppet())
