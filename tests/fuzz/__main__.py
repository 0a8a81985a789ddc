"""Fuzzes every target in turn: `python -m tests.fuzz --minutes 30`. Needs atheris (the extra `fuzz`)."""

import argparse
import subprocess
import sys
from hashlib import sha256
from importlib import import_module
from pathlib import Path

from tests.fuzz.targets import TARGETS

LENGTHS = {"news": 3_000, "dates": 120, "addresses": 600, "charsets": 4_000, "lengths": 1_000}
LONGEST = 8_000
WORDS = Path(__file__).with_name("words.dict")
HANG_S = 60
MEMORY_MB = 2_048


def main() -> int:
    """Run the command line; 1 where a target found something."""
    parser = argparse.ArgumentParser(description="Fuzz parsing, dates, addresses and character sets.")
    parser.add_argument("--minutes", type=float, default=30, help="in all; split among the targets (default: 30)")
    parser.add_argument("--target", choices=TARGETS, action="append", help="only this one; may be repeated")
    parser.add_argument(
        "--folder", type=Path, default=Path("var/fuzz"), help="corpora and findings (default: var/fuzz)"
    )
    asked = parser.parse_args()
    names = asked.target or TARGETS
    found = [name for name in names if not fuzz(name, asked.folder, int(60 * asked.minutes / len(names)))]
    if found:
        print(f"findings of {', '.join(found)} lie in {asked.folder / 'findings'}")
    return 1 if found else 0


def fuzz(name: str, folder: Path, seconds: int) -> bool:
    """Fuzz one target for a time, from its seeds and what earlier runs thought worth keeping; False for a finding."""
    corpus, findings = folder / name, folder / "findings"
    for place in (corpus, findings):
        place.mkdir(parents=True, exist_ok=True)
    for seed in import_module(f"tests.fuzz.{name}").SEEDS:
        (corpus / sha256(seed).hexdigest()[:16]).write_bytes(seed)
    print(f"── {name}, {seconds} s", flush=True)
    options = {
        "max_total_time": seconds,
        "max_len": LENGTHS.get(name, LONGEST),
        "dict": WORDS,
        "timeout": HANG_S,
        "rss_limit_mb": MEMORY_MB,
        "artifact_prefix": f"{findings / name}-",
        "print_final_stats": 1,
        "verbosity": 0,
    }
    words = [f"-{option}={value}" for option, value in options.items()]
    return (
        subprocess.run([sys.executable, "-m", "tests.fuzz.driver", name, *words, corpus], check=False).returncode == 0
    )


if __name__ == "__main__":
    sys.exit(main())
