"""The memory of the process that asks."""

from pathlib import Path

MB = 1 << 20


def memory_mb(name: str) -> float:
    """Return a figure of this process in MB: `VmRSS` is what it holds, `VmHWM` the most that it ever held."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 / MB for line in lines if line.startswith(f"{name}:"))
