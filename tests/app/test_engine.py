"""Ticks: none doubles a running job, a failing job does not end the daemon, and the end is orderly."""

import asyncio
from datetime import timedelta

from monitor.engine.local import LocalEngine

SECOND = timedelta(seconds=1)


async def test_a_tick_while_its_job_runs_is_a_no_op() -> None:
    engine, stop, gate = LocalEngine(drain=SECOND), asyncio.Event(), asyncio.Event()
    ticks = {"slow": 0, "quick": 0}

    async def slow() -> None:
        ticks["slow"] += 1
        await gate.wait()

    async def quick() -> None:
        ticks["quick"] += 1
        if ticks["quick"] == 5:
            gate.set()
            stop.set()

    engine.job("slow", slow)
    engine.job("quick", quick)
    engine.every(0.01, "slow")
    engine.every(0.01, "quick")
    await asyncio.wait_for(engine.run(stop), 10)
    assert ticks == {"slow": 1, "quick": 5}


async def test_a_failing_job_ticks_on() -> None:
    engine, stop = LocalEngine(drain=SECOND), asyncio.Event()
    runs = 0

    async def failing() -> None:
        nonlocal runs
        runs += 1
        if runs == 3:
            stop.set()
        raise RuntimeError("own fault")

    engine.job("failing", failing)
    engine.every(0.01, "failing")
    await asyncio.wait_for(engine.run(stop), 10)
    assert runs >= 3


async def test_a_job_that_outlasts_the_drain_is_cancelled() -> None:
    engine, stop = LocalEngine(drain=timedelta(milliseconds=20)), asyncio.Event()
    ended: list[str] = []

    async def endless() -> None:
        stop.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    engine.job("endless", endless)
    engine.every(60, "endless")
    await asyncio.wait_for(engine.run(stop), 10)
    assert ended == ["cancelled"]
