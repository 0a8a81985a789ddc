"""What the pages say can be done can be done: commands, targets, links, YAML, figures and variables."""

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
import typer.main
from typer.core import TyperGroup
from typer.testing import CliRunner

from monitor.cli.main import app
from monitor.config import Config, load_config
from monitor.demo.sink import MailSink
from monitor.settings import Settings, variable
from tests.e2e.servers import Background, FeedServer, LintedSink, Reply
from tests.rules.guide import part, recipes

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
PROGRAM = "run_monitor.py"
NOT_RUN = {"demo", "init", "run"}  # they take long, ask the network or never end; their spelling is checked
NOT_RUN |= {"digest resend"}  # nothing was sent; the test of the digest that is sent has it
NOT_RUN |= {"mail release", "mail unsuppress"}  # nothing is held; tests/e2e has the mails that are
NOT_RUN |= {"hits --topic"}  # no such topic yet; the test of the first rule adds it
NOT_RUN |= {"feeds add", "feeds repair", "check --mail"}  # they ask a name server; tests/e2e runs them on loopback
EXPECTED = {"poll": 1, "status": 1}  # no feed answers here, and no daemon runs


def fences(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def prose(page: Path) -> str:
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def shell_lines(page: Path) -> Iterator[str]:
    for block in fences(page, "sh"):
        yield from (line for line in block.replace("\\\n", " ").splitlines() if line.strip())


def arguments(line: str) -> list[str] | None:
    """Return what the line gives to our program; None where it calls another."""
    words: list[str] = []
    for word in shlex.split(line, comments=True):
        if word in {">", ">>", "|", "&&", ";", "&"}:
            break
        words.append(word)
    while words and (re.match(r"\w+=", words[0]) or Path(words[0]).name in {"python", "python3"}):
        words.pop(0)
    return words[1:] if words and words[0] == PROGRAM else None


def tree(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every command that does something, with its epilog."""
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from tree(inner, (*path, name))
    else:
        yield path, getattr(command, "epilog", None) or ""


COMMANDS = dict(tree(typer.main.get_command(app)))
FIRST_WORDS = {path[0] for path in COMMANDS}
SHOWN = [found for page in PAGES for line in shell_lines(page) if (found := arguments(line)) is not None]
EXAMPLES = [
    found
    for epilog in COMMANDS.values()
    for span in re.findall(r"`([^`]+)`", epilog)
    if (found := arguments(span)) is not None
]


def told(page: Path) -> Iterator[list[str]]:
    """Yield the commands that the prose names: `run_monitor.py status`, or `status` alone."""
    for span in re.findall(r"`([^`\n]+)`", prose(page)):
        words = span.split()
        if words[0] in FIRST_WORDS:
            yield words
        elif re.match(rf"(python )?{re.escape(PROGRAM)} ", span):
            yield words[words.index(PROGRAM) + 1 :]


def distinct(commands: Iterator[list[str]] | list[list[str]]) -> list[str]:
    return sorted({shlex.join(command) for command in commands})


def name_of(words: list[str]) -> str:
    """Return the command's name without global options: the first word that is one."""
    return next(word for word in words if word in FIRST_WORDS)


def is_run(words: list[str]) -> bool:
    """Tell whether a command that is shown can be tried as it stands."""
    name = name_of(words)
    return not {name, " ".join(words[words.index(name) :][:2])} & NOT_RUN


# ── commands ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", distinct([*SHOWN, *EXAMPLES, *(words for page in PAGES for words in told(page))]))
def test_the_program_has_every_command_and_option_that_is_shown(command: str) -> None:
    words = [word for word in shlex.split(command) if word not in {"--version", "--help"}]
    result = CliRunner().invoke(app, [*words, "--help"])
    assert result.exit_code == 0, result.output


def test_there_is_something_to_check() -> None:
    assert len(distinct(SHOWN)) > 15
    assert len(EXAMPLES) >= len(COMMANDS)


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_every_command_shows_an_example_of_itself(path: tuple[str, ...]) -> None:
    found = [arguments(span) or [] for span in re.findall(r"`([^`]+)`", COMMANDS[path])]
    assert any(" ".join(path) in " ".join(words) for words in found)


def test_the_readme_has_every_command_and_no_other() -> None:
    table = prose(ROOT / "README.md").split("## Commands")[1].split("\n## ")[0]
    cells = re.findall(r"^\| ([^|]*`[^|]*) \|", table, re.MULTILINE)
    named = [re.sub(r" [A-Z]+$", "", span) for cell in cells for span in re.findall(r"`([^`]+)`", cell)]
    assert sorted(named) == sorted(" ".join(path) for path in COMMANDS)


FEEDS = """\
feeds:
  - {id: example-agency-en, title: Example Agency, url: "http://127.0.0.1:9/rss", language: en, press: agency}
  - {id: bbc-world, title: First, url: "http://127.0.0.1:9/first"}
  - {id: tass-ru, title: Second, url: "http://127.0.0.1:9/second"}
scope: {strong: {en: [Kyiv]}}
actors: {putin: {last: {en: [Putin]}}, example-mayor: {last: {en: [Prykladenko]}}}
topics:
  drones: {terms: {en: [drones]}}
  peace-talks: {terms: {en: [ceasefire]}}
  refineries: {query: '(drone OR missile) NEAR/10 refinery'}
"""
POLLED = "http://127.0.0.1:9/rss"
DOCUMENT = """\
<rss version="2.0"><channel><title>Sample</title><link>https://agency.example/</link><description/>
<item><title>Drones over the port of Kyiv</title><link>https://agency.example/en/news/1</link></item>
<item><title>Drones stop football in Kyiv</title><link>https://agency.example/en/news/2</link></item>
<item><title>Kyiv waits for a ceasefire</title><link>https://agency.example/en/news/3</link></item></channel></rss>
"""
ENTRY = '{"id": "1", "title": "Kyiv calls for new sanctions", "lang": "en"}\n'
OPML = '<opml version="2.0"><body><outline text="Wire" xmlUrl="https://wire.example/rss"/></body></opml>'
READERS = """\
email,topics,consent_who,consent_at,consent_how,consent_wording
anna@example.org,drones; peace-talks,Anna,2026-03-01T12:00+02:00,form at the desk,Send me digests
"""
READER = "subscribers add reader@example.org --topics drones"


@pytest.fixture(scope="module")
def mail_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailSink]:
    with LintedSink(tmp_path_factory.mktemp("mail")) as sink:
        yield sink


@pytest.fixture
def desk(
    tmp_path: Path, prepared: Path, mail_server: MailSink, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """A folder as a person would stand in, with one reader; gives the environment."""
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    yield {"MONITOR_SMTP_PORT": str(mail_server.port)} | ENVIRONMENT
    structlog.reset_defaults()


ENVIRONMENT = {
    "MONITOR_SMTP_HOST": "127.0.0.1",
    "MONITOR_SMTP_SECURITY": "none",
    "MONITOR_SENDER": "monitor@example.org",
    "MONITOR_DISK_FREE_MB": "0",
    "MONITOR_HOST_GAP": "0",
}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("desk")
    texts = dict.fromkeys(["feeds.yaml", "draft.yaml", "edited.yaml", "old.yaml", "feeds.yaml.old"], FEEDS)
    texts |= {"feed.xml": DOCUMENT}
    texts |= {"sample.jsonl": ENTRY, "entries.jsonl": ENTRY, "list.opml": OPML, "readers.csv": READERS}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        result = CliRunner().invoke(app, READER.split())
        assert result.exit_code == 0, result.output
        poll_once(folder)
    yield folder
    structlog.reset_defaults()


def poll_once(folder: Path) -> None:
    """Store what the agency's feed has; from then on it does not answer."""
    with Background() as background:
        server = background.enter(FeedServer())
        server.replies["rss"] = Reply(body=DOCUMENT.encode(), headers={"Content-Type": "application/rss+xml"})
        (folder / "feeds.yaml").write_text(FEEDS.replace(POLLED, server.url("rss")), encoding="utf-8")
        polled = ["poll", "example-agency-en"]
        result = CliRunner().invoke(app, polled, env=ENVIRONMENT | {"MONITOR_ALLOW_PRIVATE": "true"})
        assert result.exit_code == 0, result.output
    (folder / "feeds.yaml").write_text(FEEDS, encoding="utf-8")


@pytest.mark.parametrize("command", distinct([words for words in [*SHOWN, *EXAMPLES] if is_run(words)]))
def test_harmless_commands_do_what_is_shown(command: str, desk: dict[str, str]) -> None:
    words = shlex.split(command)
    result = CliRunner().invoke(app, words, env=desk, input="y\n")
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == EXPECTED.get(name_of(words), 0), result.output


def test_the_digest_that_is_sent_arrives(desk: dict[str, str], mail_server: MailSink) -> None:
    before = len(mail_server.mails)
    CliRunner().invoke(app, ["digest", "send", "--to", "reader@example.org"], env=desk)
    assert [mail.recipients for mail in mail_server.mails[before:]] == [("reader@example.org",)]
    again = CliRunner().invoke(app, ["digest", "resend", "--to", "reader@example.org"], env=desk)
    assert again.exit_code == 0, again.output
    assert len(mail_server.mails) == before + 2


def test_what_a_draft_would_change_is_shown(desk: dict[str, str]) -> None:
    """The guide's way to an edit: a query that is tried, a draft that is compared, an entry that is explained."""
    tried = CliRunner().invoke(app, ["watch", "test", "title:drones -football"], env=desk)
    assert "1 of 3 entries" in tried.output
    draft = FEEDS.replace("drones: {terms: {en: [drones]}}", "drones: {terms: {en: [drones]}, none: {en: [football]}}")
    Path("draft.yaml").write_text(draft, encoding="utf-8")
    compared = CliRunner().invoke(app, ["--config", "draft.yaml", "watch", "diff", "--against", "feeds.yaml"], env=desk)
    assert re.search(r"topic:drones +changed +\+0 +−1", compared.output), compared.output
    explained = CliRunner().invoke(app, ["watch", "explain", "https://agency.example/en/news/1"], env=desk)
    assert "topic:drones  “Drones” (title)" in explained.output


def test_the_first_rule_finds_what_is_stored(desk: dict[str, str]) -> None:
    """Do what docs/editing.md begins with, command by command."""
    printed = []
    for line in re.findall(r"^python .+$", part("## Your first rule in five minutes"), re.MULTILINE):
        result = CliRunner().invoke(app, arguments(line) or [], env=desk, input="y\n")
        assert result.exit_code == 0, result.output
        printed.append(result.output)
    assert "1 of 3 entries" in printed[1]
    assert "Drones over the port of Kyiv" in printed[-1]


def test_the_actor_of_two_minutes_is_found(desk: dict[str, str]) -> None:
    """Do what docs/editing.md tells of its first recipe, and see what it shows."""
    page = ROOT / "docs" / "editing.md"
    (commands,) = (block for block in fences(page, "sh") if "sample.jsonl" in block)
    (shown,) = (block for block in fences(page, "text") if block.startswith("1  relevant"))
    Path("feeds.yaml").write_text(recipes()[0].yaml, encoding="utf-8")
    printed = ""
    for line in commands.splitlines():
        words = arguments(line)
        if words is None:
            subprocess.run(["sh", "-c", line], check=True)
        elif words[0] != "check":
            result = CliRunner().invoke(app, words, env=desk)
            assert result.exit_code == 0, result.output
            printed = result.output
    assert [line.split() for line in printed.splitlines()] == [line.split() for line in shown.splitlines()]


# ── make ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def targets() -> list[str]:
    spans = [span for page in PAGES for span in re.findall(r"`(make [^`\n]+)`", prose(page))]
    lines = [line for page in PAGES for line in shell_lines(page) if line.startswith("make ")]
    return sorted({line.split()[1] for line in [*spans, *lines]})


@pytest.mark.parametrize("target", targets())
def test_the_makefile_has_every_target_that_is_shown(target: str) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    command = ["make", "--dry-run", target]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


# ── what the pages refer to ──────────────────────────────────────────────────────────────────────────────────────────


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path) -> Iterator[str]:
    for link in re.findall(r"\]\(([^)\s]+)\)|src=\"([^\"]+)\"", prose(page)):
        path, _, anchor = "".join(link).partition("#")
        if "://" in path:
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.is_relative_to(ROOT.resolve()) or not target.exists():
            yield path
        elif anchor and anchor not in anchors(target):
            yield f"{path}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(broken(page)) == []


def test_the_readme_leads_to_every_page() -> None:
    read = {page: re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")) for page in PAGES}
    reached = {(page.parent / link).resolve() for page in [ROOT / "README.md"] for link in read[page]}
    assert {page for page in PAGES if page.name != "README.md"} <= reached


YAML = [(page, block) for page in PAGES for block in fences(page, "yaml")]


@pytest.mark.parametrize(("page", "block"), YAML, ids=[f"{page.name}-{n}" for n, (page, _) in enumerate(YAML)])
def test_every_piece_of_yaml_is_a_configuration(page: Path, block: str, tmp_path: Path) -> None:
    file = tmp_path / "feeds.yaml"
    file.write_text(block, encoding="utf-8")
    load_config(file, environ=dict.fromkeys(re.findall(r"\$\{(MONITOR_\w+_TOKEN)\}", block), "secret"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_variable_exists(page: Path) -> None:
    known = {variable(field) for field in Settings.model_fields}
    named = set(re.findall(r"MONITOR_[A-Z_]*[A-Z]", page.read_text(encoding="utf-8")))
    assert {name for name in named - known if not re.search(r"_TOKEN$|^MONITOR_TEST\b|^MONITOR_TEST_", name)} == set()


@pytest.fixture(scope="module")
def shipped() -> Config:
    return load_config(ROOT / "feeds.yaml", environ={})


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "docs/sources.md"])
def test_figures_are_those_of_the_shipped_files(page: str, shipped: Config) -> None:
    counts = {"feeds": len(shipped.feeds), "actors": len(shipped.watch.actors), "topics": len(shipped.watch.topics)}
    found = re.findall(r"(\d+) (feeds|actors|topics)\b", (ROOT / page).read_text(encoding="utf-8"))
    assert found
    assert [(number, what) for number, what in found if int(number) != counts[what]] == []
