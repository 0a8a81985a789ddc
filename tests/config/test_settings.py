"""MONITOR_* variables: defaults, sources, and every mistake at once."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ConfigError
from monitor.settings import environment, load_settings

ROOT = Path(__file__).parents[2]


def mistakes(environ: dict[str, str], env_file: Path | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(environ, env_file)
    return [str(finding) for finding in caught.value.findings]


def test_nothing_set() -> None:
    settings = load_settings({}, None)
    assert settings.database == "sqlite:///var/monitor.db"
    assert (settings.feeds, settings.var, settings.templates) == (Path("feeds.yaml"), Path("var"), ROOT / "templates")
    assert (settings.smtp_host, settings.smtp_user, settings.smtp_password) == (None, None, None)
    assert (settings.max_wire_bytes, settings.max_body_bytes) == (16 * 2**20, 64 * 2**20)
    assert settings.zone == "UTC"
    assert settings.unsubscribe == "monitor@localhost"


def test_everything_set() -> None:
    settings = load_settings(
        {
            "MONITOR_DATABASE": "postgresql+pg8000://u:p@127.0.0.1/db",
            "MONITOR_FEEDS": "/etc/monitor/feeds.yaml",
            "MONITOR_SMTP_HOST": "mail.example.org",
            "MONITOR_SMTP_PORT": "465",
            "MONITOR_SMTP_SECURITY": "TLS",
            "MONITOR_SMTP_USER": "desk",
            "MONITOR_SMTP_PASSWORD": "p@ss word",
            "MONITOR_SMTP_TIMEOUT": "2.5",
            "MONITOR_SENDER": "Desk <desk@example.org>",
            "MONITOR_UNSUBSCRIBE": "stop@example.org",
            "MONITOR_OPERATOR": "ops@example.org",
            "MONITOR_ZONE": "Europe/Kyiv",
            "MONITOR_CONTACT": "https://example.org/about",
            "MONITOR_LOG_LEVEL": "WARNING",
            "MONITOR_MAX_WIRE_BYTES": "512KiB",
            "MONITOR_MAX_BODY_BYTES": "1048576",
            "MONITOR_ALLOW_PRIVATE": "true",
        },
        None,
    )
    assert settings.smtp_password is not None
    assert settings.smtp_password.get_secret_value() == "p@ss word"
    assert (settings.smtp_port, settings.smtp_security, settings.smtp_timeout) == (465, "tls", 2.5)
    assert settings.unsubscribe == "stop@example.org"
    assert (settings.max_wire_bytes, settings.max_body_bytes) == (2**19, 2**20)
    assert (settings.log_level, settings.zone, settings.allow_private) == ("warning", "Europe/Kyiv", True)


def test_empty_counts_as_not_set() -> None:
    assert load_settings({"MONITOR_SMTP_PORT": "", "MONITOR_ZONE": ""}, None) == load_settings({}, None)


def test_other_programs_variables_are_left_alone() -> None:
    free = {"PATH": "/bin", "MONITOR_X_TOKEN": "secret", "MONITOR_TEST_POSTGRESQL": "postgresql://"}
    assert load_settings(free, None) == load_settings({}, None)


@pytest.mark.parametrize(
    ("sender", "kept", "unsubscribe"),
    [
        ("desk@example.org", "desk@example.org", "desk@example.org"),
        ("<desk@example.org>", "desk@example.org", "desk@example.org"),
        ("Desk <desk@EXAMPLE.org>", "Desk <desk@example.org>", "desk@example.org"),
        ('"Desk, Kyiv" <desk@example.org>', '"Desk, Kyiv" <desk@example.org>', "desk@example.org"),
        ("Desk (news) <desk@example.org>", '"Desk (news)" <desk@example.org>', "desk@example.org"),
        ("Монітор <desk@example.org>", "Монітор <desk@example.org>", "desk@example.org"),
        ("desk@приклад.example", "desk@xn--80aikifvh.example", "desk@xn--80aikifvh.example"),
        ("desk@localhost", "desk@localhost", "desk@localhost"),
        ("desk@news.internal", "desk@news.internal", "desk@news.internal"),
        ("desk@printer.LOCAL", "desk@printer.local", "desk@printer.local"),
    ],
)
def test_sender(sender: str, kept: str, unsubscribe: str) -> None:
    settings = load_settings({"MONITOR_SENDER": sender}, None)
    assert (settings.sender, settings.unsubscribe) == (kept, unsubscribe)


@given(st.text())
def test_sender_is_one_line_or_refused(text: str) -> None:
    try:
        settings = load_settings({"MONITOR_SENDER": text}, None)
    except ConfigError:
        return
    assert settings.sender.isprintable()
    assert "@" in settings.unsubscribe


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("SMTP_PORT", "abc", 'MONITOR_SMTP_PORT is "abc", but must be a whole number from 1 to 65535'),
        ("SMTP_PORT", "0", 'MONITOR_SMTP_PORT is "0", but must be a whole number from 1 to 65535'),
        (
            "SMTP_SECURITY",
            "startls",
            'MONITOR_SMTP_SECURITY is "startls", but must be one of starttls, tls, none; did you mean starttls?',
        ),
        ("SMTP_TIMEOUT", "30s", 'MONITOR_SMTP_TIMEOUT is "30s", but must be a number from 1 to 600'),
        ("HOST_GAP", "nan", 'MONITOR_HOST_GAP is "nan", but must be a number from 0 to 3600'),
        ("ALLOW_PRIVATE", "maybe", 'MONITOR_ALLOW_PRIVATE is "maybe", but must be true or false'),
        (
            "MAX_BODY_BYTES",
            "16 MB",
            'MONITOR_MAX_BODY_BYTES is "16 MB", but must be a size from 1 KiB to 4 GiB, such as 16 MiB',
        ),
        (
            "ZONE",
            "Europe/Kyev",
            'MONITOR_ZONE is "Europe/Kyev", but must be an IANA time zone such as Europe/Kyiv; '
            "did you mean Europe/Kyiv?",
        ),
        (
            "OPERATOR",
            "ops@example",
            'MONITOR_OPERATOR is "ops@example", but must be a mail address such as desk@example.org',
        ),
        (
            "SENDER",
            "a@example.org\r\nBcc: b@example.org",
            r'MONITOR_SENDER is "a@example.org\r\nBcc: b@example.org", but must be a mail address, '
            "or a name and one: Ukraine monitor <desk@example.org>",
        ),
        ("CONTACT", "me", 'MONITOR_CONTACT is "me", but must be a mail address such as desk@example.org'),
        (
            "SMTP_HOST",
            "smtp://mail.example.org",
            'MONITOR_SMTP_HOST is "smtp://mail.example.org", but must be a host\'s name or address, '
            "without a scheme or port",
        ),
        (
            "BASE_URL",
            "http://monitor.example.org",
            'MONITOR_BASE_URL is "http://monitor.example.org", but must begin with https://: '
            "mail programs unsubscribe over nothing else (RFC 8058)",
        ),
        (
            "BASE_URL",
            "https://example.org/monitor",
            'MONITOR_BASE_URL is "https://example.org/monitor", but must be an address without a path, '
            "such as https://monitor.example.org",
        ),
        (
            "WEB_LISTEN",
            "8080",
            'MONITOR_WEB_LISTEN is "8080", but must be an address of this machine and a port, '
            "such as 127.0.0.1:8080 or [::1]:8080",
        ),
        (
            "WEB_PROXY",
            "proxy.example.org",
            'MONITOR_WEB_PROXY is "proxy.example.org", but must be addresses or networks such as 127.0.0.1 or '
            "10.0.0.0/8, with commas between",
        ),
        ("SECRET", "short", "MONITOR_SECRET must have at least 32 characters; `init` makes one"),
        ("SMPT_HOST", "x", "unknown variable MONITOR_SMPT_HOST; did you mean MONITOR_SMTP_HOST?"),
        ("QQQ", "x", "unknown variable MONITOR_QQQ"),
    ],
)
def test_mistake(name: str, value: str, message: str) -> None:
    (told,) = [line for line in mistakes({f"MONITOR_{name}": value}) if " is set, but " not in line]
    assert told == f"environment: {message}"


def test_names_are_in_capitals() -> None:
    assert mistakes({"monitor_zone": "UTC"}) == [
        "environment: unknown variable monitor_zone; did you mean MONITOR_ZONE?"
    ]


def test_variables_that_need_each_other() -> None:
    assert mistakes({"MONITOR_SMTP_HOST": "mail.example.org", "MONITOR_SMTP_USER": "desk"}) == [
        "environment: MONITOR_SMTP_HOST is set, but MONITOR_SENDER is not: every mail needs a sender",
        "environment: MONITOR_SMTP_USER is set, but MONITOR_SMTP_PASSWORD is not",
    ]


def test_secrets_are_in_no_message_and_no_repr() -> None:
    wrong = {
        "MONITOR_DATABASE": "mysql://u:hidden@host/db",
        "MONITOR_SMTP_PASSWORD": "hidden",
        "MONITOR_CONTACT": "https://u:hidden@host/",
    }
    with pytest.raises(ConfigError) as caught:
        load_settings(wrong, None)
    assert len(caught.value.findings) == 3
    assert "hidden" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    given = {
        "MONITOR_DATABASE": "postgresql://u:hidden@h/db",
        "MONITOR_SMTP_USER": "u",
        "MONITOR_SMTP_PASSWORD": "hidden",
    }
    assert "hidden" not in repr(load_settings(given, None))


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_file_with_comments_quotes_and_dollars(env_file: Path) -> None:
    env_file.write_text(
        "\ufeff# a comment\n\nexport MONITOR_VAR=state # another\n"
        "MONITOR_SMTP_USER=desk\nMONITOR_SMTP_PASSWORD='a $HOME #1 \\'x\\''\nMONITOR_ZONE=\n",
        "utf-8",
    )
    settings = load_settings({}, env_file)
    assert settings.var == Path("state")
    assert settings.smtp_password is not None
    assert settings.smtp_password.get_secret_value() == "a $HOME #1 'x'"
    assert settings.zone == "UTC"


def test_environment_goes_before_the_file(env_file: Path) -> None:
    env_file.write_text("MONITOR_ZONE=Europe/Kyiv\nMONITOR_VAR=state\n")
    settings = load_settings({"MONITOR_ZONE": "Europe/Paris", "MONITOR_VAR": ""}, env_file)
    assert (settings.zone, settings.var) == ("Europe/Paris", Path("state"))


def test_file_need_not_exist(env_file: Path) -> None:
    assert load_settings({}, env_file) == load_settings({}, None)


def test_mistakes_in_the_file_have_their_line(env_file: Path) -> None:
    env_file.write_text(
        "# comment\n\n\nMONITOR_SMTP_PORT=99999\nsecret\nsecret words\nMONITOR_VAR='open\n"
        "MONITOR_ZONE=UTC\n\nMONITOR_ZONE=UTC\nMONITOR_SMTP_PROT=1\n"
    )
    assert mistakes({"MONITOR_HOST_GAP": "-1"}, env_file) == [
        f'{env_file}:4: MONITOR_SMTP_PORT is "99999", but must be a whole number from 1 to 65535',
        f'{env_file}:5: this line has no "="; it must be NAME=value',
        f"{env_file}:6: this line cannot be read; it must be NAME=value, with both quotes if any",
        f"{env_file}:7: this line cannot be read; it must be NAME=value, with both quotes if any",
        f"{env_file}:10: MONITOR_ZONE is set twice, first in line 8",
        f"{env_file}:11: unknown variable MONITOR_SMTP_PROT; did you mean MONITOR_SMTP_PORT?",
        'environment: MONITOR_HOST_GAP is "-1", but must be a number from 0 to 3600',
    ]


@pytest.mark.parametrize("broken", ["bytes", "folder"])
def test_file_that_cannot_be_read(env_file: Path, broken: str) -> None:
    if broken == "bytes":
        env_file.write_bytes(b"MONITOR_VAR=\xff\n")
    else:
        env_file.mkdir()
    (told,) = mistakes({}, env_file)
    assert told.startswith(f"{env_file}: th")


def test_environment_offers_the_files_tokens_to_headers(env_file: Path) -> None:
    env_file.write_text("MONITOR_X_TOKEN=from-file\nOTHER=1\n")
    assert environment({"HOME": "/"}, env_file) == {"HOME": "/", "MONITOR_X_TOKEN": "from-file", "OTHER": "1"}
    assert environment({"MONITOR_X_TOKEN": "own"}, env_file)["MONITOR_X_TOKEN"] == "own"
    env_file.write_text("OTHER\n")
    with pytest.raises(ConfigError):
        environment({}, env_file)


@pytest.mark.parametrize(
    "address",
    ["https://monitor.example.org", "https://monitor.example.org:8443/", "http://127.0.0.1:8080", "http://[::1]:80"],
)
def test_where_pages_may_be(address: str) -> None:
    settings = load_settings({"MONITOR_BASE_URL": address, "MONITOR_SECRET": "s" * 32}, None)
    assert settings.base_url == address.rstrip("/")


def test_pages_need_a_secret_and_subscribing_needs_pages() -> None:
    (told,) = mistakes({"MONITOR_BASE_URL": "https://monitor.example.org"})
    assert "MONITOR_SECRET is not" in told
    (told,) = mistakes({"MONITOR_PUBLIC_SUBSCRIBE": "true"})
    assert "MONITOR_BASE_URL is not" in told


def test_the_secret_is_shown_nowhere() -> None:
    secret = "a secret of the tests, long enough"
    assert secret not in repr(load_settings({"MONITOR_SECRET": secret}, None))
