"""`watch forms`: what is looked for, and what was guessed on the way."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from monitor.cli.main import app


@pytest.mark.parametrize(
    ("more", "guess"),
    [("", "a woman, by a guess"), (", gender: f", None), (", gender: m", None)],
)
def test_a_guessed_gender_is_said(tmp_path: Path, more: str, guess: str | None) -> None:
    feeds = tmp_path / "feeds.yaml"
    feeds.write_text(f"actors: {{x: {{first: {{uk: [Олена]}}, last: {{uk: [Прикладенко]}}{more}}}}}\n", "utf-8")
    done = CliRunner().invoke(app, ["--config", str(feeds), "watch", "forms", "x"])
    assert done.exit_code == 0
    assert "Прикладенко" in done.stdout
    assert (guess in done.stderr) if guess else not done.stderr
