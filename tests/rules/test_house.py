"""The house rules that no linter knows: sizes, the clock, dialects, empty tests."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for path in (ROOT / "monitor").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MIGRATIONS = {path for path in SOURCES if path.parent.name == "versions"}
PYTHON = [*SOURCES, *TESTS, *sorted((ROOT / "benchmarks").rglob("*.py"))]
PYTHON += [*sorted((ROOT / "tools").rglob("*.py")), ROOT / "run_monitor.py"]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield each function with its lines, docstring left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            words = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            docstring = (first.end_lineno or 0) - first.lineno + 1 if words else 0
            yield f"{path.name}:{node.name}", (node.end_lineno or 0) - node.lineno + 1 - docstring


def where(pattern: str, paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths if re.search(pattern, path.read_text(encoding="utf-8"))]


def test_functions_are_small() -> None:
    sizes = [size for path in SOURCES for _, size in functions(path)]
    assert [name for path in PYTHON for name, size in functions(path) if size > 50] == []
    assert median(sizes) < 8


def test_files_are_small() -> None:
    assert [
        path.name
        for path in PYTHON
        if len(path.read_text(encoding="utf-8").splitlines()) > 350 and path not in MIGRATIONS
    ] == []


def test_no_module_is_a_drawer() -> None:
    assert [path.name for path in SOURCES if path.stem in {"utils", "helpers", "common", "base", "manager"}] == []


def test_only_the_clock_reads_the_time() -> None:
    assert where(r"\bdatetime\.(now|utcnow|today)\(|\btime\.time\(\)", SOURCES) == ["monitor/clock.py"]


def test_only_the_database_modules_know_dialects() -> None:
    naming = where(r"dialect|postgresql|PRAGMA", [path for path in SOURCES if "migrations" not in path.parts])
    allowed = {f"monitor/store/{name}.py" for name in ("columns", "database", "inserts", "maintenance", "schema")}
    allowed |= {"monitor/settings.py", "monitor/values.py"}  # names the databases to a person
    assert set(naming) <= allowed


def test_no_test_sleeps() -> None:
    assert where(r"\btime\.sleep\(|asyncio\.sleep\((?!0\))", TESTS) == []


def test_no_test_patches_our_modules() -> None:
    assert where(r"monkeypatch\.setattr|mock\.patch|mocker\.", [path for path in TESTS if path != Path(__file__)]) == []


def test_every_type_ignore_and_noqa_names_its_code() -> None:
    assert where(r"# type: ignore(?!\[)|# noqa(?!: [A-Z])", [path for path in PYTHON if path != Path(__file__)]) == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "requirements-bench.lock"])
def test_the_lock_has_hashes_and_names_no_index(name: str) -> None:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert not [line for line in lines if "://" in line or line.startswith("-")]
    pins = [line for line in lines if re.match(r"[a-z0-9]", line)]
    assert len(pins) > 20
    assert all(re.match(r"[\w.\[\],-]+==\S+", line) for line in pins)
    assert sum("--hash=sha256:" in line for line in lines) >= len(pins)
