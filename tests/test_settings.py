"""Settings: everything that is wrong is said at once, in the words of whoever runs the bot."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.errors import BotError
from bot.settings import SLACK_API, Settings, read_settings

SOCKET = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1"}
HTTP = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "abc"}


def problems_of(environment: dict[str, str], *, needs_slack: bool = False) -> list[str]:
    with pytest.raises(BotError) as refused:
        read_settings(environment, needs_slack=needs_slack)
    return str(refused.value).splitlines()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with an environment that says nothing."""
    monkeypatch.chdir(tmp_path)
    for name in ("PORT", "HOST", "LOG_LEVEL", "DATABASE_URL", "SLACK_BOT_TOKEN", "QUARTERDECK_NOW", "SLACK_API_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_without_any_setting_everything_has_its_default() -> None:
    assert read_settings({}) == Settings()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"SLACK_BOT_TOKEN=\xff\xfe", ".env cannot be read: it is not text in UTF-8"),
        (b"PORT=80\nSLACK_BOT_TOKEN xoxb-1\nHOST='::", ".env cannot be read: expected NAME=value in line 2, 3"),
        (None, ".env cannot be read: Is a directory"),
    ],
)
def test_an_env_file_that_cannot_be_read_is_said_without_its_content(
    folder: Path, content: bytes | None, problem: str
) -> None:
    (folder / ".env").mkdir() if content is None else (folder / ".env").write_bytes(content)
    with pytest.raises(BotError) as refused:
        read_settings()
    assert str(refused.value) == problem


def test_an_env_file_may_begin_as_windows_writes_it(folder: Path) -> None:
    (folder / ".env").write_text("PORT=80\n", encoding="utf-8-sig")
    assert read_settings().port == 80


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wrong = {
        "SLACK_BOT_TOKEN": "xoxp-a-user-token",
        "SLACK_APP_TOKEN": "xoxb-swapped",
        "SLACK_API_URL": "slack.com/api",
        "PORT": "http",
        "LOG_LEVEL": "chatty",
        "PROMPTS_DIR": "/no/such/folder",
        "TEMPLATES_DIR": "/nor/this",
        "QUARTERDECK_NOW": "2025-09-15",
    }
    problems = problems_of(wrong, needs_slack=True)
    assert {problem.split()[0] for problem in problems} == set(wrong)
    assert len(problems) == len(wrong)


def test_no_problem_repeats_a_token() -> None:
    wrong = {"SLACK_BOT_TOKEN": "secret-1", "SLACK_APP_TOKEN": "secret-2"}
    assert "secret" not in " ".join(problems_of(wrong, needs_slack=True))


def test_only_what_speaks_to_slack_needs_its_tokens() -> None:
    assert read_settings({}).bot_token is None
    assert [p.split()[0] for p in problems_of({}, needs_slack=True)] == ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]


def test_an_app_token_means_socket_mode_and_a_signing_secret_alone_http() -> None:
    assert read_settings(SOCKET, needs_slack=True).is_socket_mode
    assert not read_settings(HTTP, needs_slack=True).is_socket_mode
    assert read_settings(SOCKET | HTTP, needs_slack=True).is_socket_mode


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://slack.com/api", SLACK_API),
        ("https://slack.com/api/", SLACK_API),
        ("http://127.0.0.1:8080/api", "http://127.0.0.1:8080/api/"),
        ("http://127.0.0.1:8080/api//", "http://127.0.0.1:8080/api/"),
    ],
)
def test_the_api_address_is_taken_with_or_without_a_last_slash(given: str, expected: str) -> None:
    assert read_settings({"SLACK_API_URL": given}).api_url == expected


@pytest.mark.parametrize("address", ["slack.com/api", "ftp://slack.com/", "http://", "http://[::1", "nonsense"])
def test_what_is_no_web_address_is_refused(address: str) -> None:
    assert problems_of({"SLACK_API_URL": address})[0].startswith("SLACK_API_URL")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "3000.5", "٣٠٠٠", "3 000"])
def test_what_is_no_port_is_refused(port: str) -> None:
    assert problems_of({"PORT": port})[0].startswith("PORT")


@pytest.mark.parametrize("port", ["1", "65535"])
def test_the_first_and_the_last_port_are_taken(port: str) -> None:
    assert read_settings({"PORT": port}).port == int(port)


@pytest.mark.parametrize("channel", ["a b", "#a b", "#", "##leadership", "a,b", "<#C012AB3CD>", "a" * 81])
def test_what_is_no_channel_is_refused(channel: str) -> None:
    assert problems_of({"LEADERSHIP_CHANNEL": channel})[0].startswith("LEADERSHIP_CHANNEL")


@pytest.mark.parametrize("channel", ["#leadership", "leadership", "C012AB3CD", "#führung-2025"])
def test_a_channel_is_taken_by_name_or_id(channel: str) -> None:
    assert read_settings({"LEADERSHIP_CHANNEL": channel}).leadership_channel == channel


def test_a_log_level_is_taken_in_any_case() -> None:
    assert read_settings({"LOG_LEVEL": "debug"}).log_level == "DEBUG"


@pytest.mark.parametrize("text", ["2025-09-15T14:00:00Z", "2025-09-15T16:00:00+02:00"])
def test_a_moved_clock_starts_at_an_instant_with_a_zone(text: str) -> None:
    assert read_settings({"QUARTERDECK_NOW": text}).moved_to == datetime(2025, 9, 15, 14, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2025-09-15", "2025-09-15T14:00:00", "tomorrow", "9999-12-31T23:59:59Z"])
def test_a_moved_clock_at_no_instant_is_refused(text: str) -> None:
    assert problems_of({"QUARTERDECK_NOW": text})[0].startswith("QUARTERDECK_NOW")


MOVED = {"QUARTERDECK_NOW": "2025-09-15T14:00:00Z"}


@pytest.mark.parametrize(
    "address", [None, "https://slack.com/api/", "https://team.slack.com/api", "https://SLACK.com/"]
)
def test_the_clock_is_not_moved_for_the_real_slack(address: str | None) -> None:
    environment = SOCKET | MOVED | ({"SLACK_API_URL": address} if address else {})
    assert problems_of(environment, needs_slack=True)[0].startswith("QUARTERDECK_NOW")
    assert read_settings(environment).moved_to  # commands that do not speak to Slack honour it


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/api/", "https://notslack.com/api/"])
def test_the_clock_is_moved_for_a_stand_in(address: str) -> None:
    assert read_settings(SOCKET | MOVED | {"SLACK_API_URL": address}, needs_slack=True).moved_to


def test_the_env_file_of_the_working_folder_is_read_and_the_environment_comes_first(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text('PORT=4000\nHOST=127.0.0.1\nLOG_LEVEL=""\n')
    assert (read_settings().port, read_settings().host, read_settings().log_level) == (4000, "127.0.0.1", "INFO")
    monkeypatch.setenv("PORT", "5000")
    monkeypatch.setenv("HOST", "")  # as an empty line of a compose file gives it
    assert (read_settings().port, read_settings().host) == (5000, "127.0.0.1")


def test_an_env_file_above_the_working_folder_is_somebody_else_s(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("PORT=4000\n")
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    assert read_settings().port == Settings.port


def test_folders_of_one_s_own_are_taken(tmp_path: Path) -> None:
    settings = read_settings({"PROMPTS_DIR": str(tmp_path), "TEMPLATES_DIR": str(tmp_path)})
    assert (settings.prompts_dir, settings.templates_dir) == (tmp_path, tmp_path)


def test_trackers_are_where_the_environment_says_and_their_tokens_are_in_no_text() -> None:
    given = {
        "GITHUB_TOKEN": "ghp_hidden",
        "GITHUB_API_URL": "https://github.example.com/api/v3",
        "JIRA_URL": "https://example.atlassian.net",
        "JIRA_EMAIL": "pm@example.com",
        "JIRA_TOKEN": "jira-hidden",
    }
    trackers = read_settings(given).trackers
    assert (trackers.github_token, trackers.jira_token) == ("ghp_hidden", "jira-hidden")
    assert trackers.github_api_url == "https://github.example.com/api/v3/"
    assert trackers.jira_url == "https://example.atlassian.net/"
    assert "hidden" not in repr(read_settings(given))


@pytest.mark.parametrize("name", ["GITHUB_API_URL", "JIRA_URL"])
def test_a_tracker_that_is_no_web_address_is_refused(name: str) -> None:
    assert problems_of({name: "file:///etc/passwd"})[0].startswith(f'{name} "file:///etc/passwd" is not a web address')
