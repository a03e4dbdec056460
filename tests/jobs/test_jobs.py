"""The background thread, without Blender and without networks."""

import os
import sys
import threading
import time

import pytest

from texgan_blender.jobs import Worker, give_way, side_by_side


def over(job, within=10.0):
    """Wait for a job; says whether it was over in time."""
    limit = time.monotonic() + within
    while not job.is_over and time.monotonic() < limit:
        time.sleep(0.002)
    return job.is_over


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    worker.stop()


def test_result_and_progress_come_back_from_another_thread(worker):
    def work(on_progress, is_cancelled):
        on_progress(0.5, "Half")
        return threading.current_thread().name

    job = worker.submit(work)
    assert over(job)
    assert (job.result, job.error) == ("TexGAN", None)
    assert (job.share, job.text) == (0.5, "Half")


def test_jobs_run_in_turn(worker):
    order = []
    release = threading.Event()
    first = worker.submit(lambda p, c: (release.wait(5), order.append(1)))
    second = worker.submit(lambda p, c: order.append(2))
    assert not over(second, 0.05)
    release.set()
    assert over(second) and first.is_over
    assert order == [1, 2]


def test_an_error_is_kept_and_the_worker_goes_on(worker):
    def fail(on_progress, is_cancelled):
        raise ValueError("no")

    job = worker.submit(fail)
    assert over(job)
    assert isinstance(job.error, ValueError) and job.result is None
    assert over(worker.submit(lambda p, c: 7))


def test_cancel_reaches_the_work_at_once(worker):
    def work(on_progress, is_cancelled):
        while not is_cancelled():
            time.sleep(0.005)

    job = worker.submit(work)
    assert not over(job, 0.05)
    asked = time.monotonic()
    job.cancel()
    assert over(job) and job.is_cancelled
    assert time.monotonic() - asked < 0.5


def test_a_job_cancelled_while_it_waits_never_starts(worker):
    release, started = threading.Event(), []
    worker.submit(lambda p, c: release.wait(5))
    waiting = worker.submit(lambda p, c: started.append(1))
    waiting.cancel()
    release.set()
    assert over(waiting)
    assert started == []


def test_stop_cancels_all_and_ends_the_thread():
    worker = Worker()

    def work(on_progress, is_cancelled):
        while not is_cancelled():
            time.sleep(0.005)

    running, waiting = worker.submit(work), worker.submit(work)
    worker.stop()
    assert running.is_over and waiting.is_over
    assert not [t for t in threading.enumerate() if t.name == "TexGAN"]
    assert over(worker.submit(lambda p, c: 1)), "a stopped worker starts anew"
    worker.stop()


def test_time_left_follows_the_rate(worker):
    reported, go_on = threading.Event(), threading.Event()

    def work(on_progress, is_cancelled):
        on_progress(0.0, "Loading")
        time.sleep(0.2)  # loading is not counted
        on_progress(0.1, "Working")
        time.sleep(0.1)
        on_progress(0.5, "Working")
        reported.set()
        go_on.wait(5)

    job = worker.submit(work)
    assert job.seconds_left() is None
    assert reported.wait(5)
    assert 0.12 < job.seconds_left() < 0.3
    go_on.set()


@pytest.mark.skipif(sys.platform != "linux", reason="only there has each thread its own priority")
def test_blender_s_own_thread_goes_first(worker):
    def given_way(*_):
        give_way()
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    own, job = os.getpriority(os.PRIO_PROCESS, threading.get_native_id()), worker.submit(given_way)
    assert over(job) and job.result > own == given_way()


def test_what_is_made_side_by_side_comes_in_order_and_ends_with_what_goes_wrong():
    later = threading.Event()

    def make(number):
        if number == 3:
            raise ValueError("three")
        assert number or os.cpu_count() == 1 or later.wait(10), "the first one waits for the second"
        if number == 1:
            later.set()
        return number * number

    assert list(side_by_side(make, range(3))) == [0, 1, 4]
    with pytest.raises(ValueError, match="three"):
        list(side_by_side(make, range(5)))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]
