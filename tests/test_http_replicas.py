"""Two bots over HTTP on one PostgreSQL, behind a load balancer: any of them answers, nothing happens twice, and one that ends
finishes what it has begun."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from bot.cli import main
from bot.sandbox.actor import Actor
from bot.sandbox.seen import SeenMessage, SeenView
from bot.sandbox.server import Sandbox
from bot.slack.manifest import EVENTS_PATH
from bot.store.session import Database
from bot.store.tables import AnswerRow, OutboxRow
from tests.balancing import Balancer
from tests.running import NOW, PATIENCE, a_portfolio, a_workspace, free_port, get

OWNERS = 8


@pytest.fixture(scope="session")
def database_kind() -> str:
    """Only PostgreSQL is for several replicas."""
    return "postgresql"


class Replica:
    """A bot as `quarterdeck run` starts it."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.port = free_port()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=folder,
            env={**environment, "PORT": str(self.port)},
            stderr=subprocess.PIPE,
            text=True,
        )

    def wait_until_ready(self) -> None:
        """Wait until it can take work."""
        deadline = time.monotonic() + PATIENCE
        while not self._is_ready():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            return get(self.port, "/readyz").status == 200
        except OSError:
            return False

    def ask_to_end(self) -> None:
        """As a service manager does."""
        self._process.send_signal(signal.SIGTERM)

    def ended(self) -> tuple[int, str]:
        """Its exit status, and what it logged."""
        _, logged = self._process.communicate(timeout=PATIENCE)
        return self._process.returncode, logged

    def close(self) -> None:
        """End it, however it stands."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


class Workplace:
    """A workspace, a database and two replicas behind a balancer."""

    def __init__(self, sandbox: Sandbox, database: Database, balancer: Balancer, replicas: list[Replica]) -> None:
        self.sandbox, self.database, self.balancer, self.replicas = sandbox, database, balancer, replicas
        self.owners = [sandbox.person(f"U0OWNER{number}") for number in range(OWNERS)]

    def opened(self, owner: Actor) -> SeenView:
        """The dialog behind the button of somebody's opening message."""

        def asked() -> SeenMessage | None:
            return next((message for message in owner.messages() if "Part" in message.words), None)

        owner.click(owner.wait_for(asked, PATIENCE), "Update")
        return owner.wait_for(owner.top_view, PATIENCE)

    def answer(self, owner: Actor, percent: int) -> None:
        """Open the dialog and submit it."""
        assert owner.submit(self.opened(owner), {"Percent complete": str(percent), "Status": "On track"}) is None
        assert owner.notice() is None

    def answers(self) -> dict[str, int]:
        """How many answers are recorded for each milestone."""
        with self.database.reading() as session:
            counted = (
                select(AnswerRow.item_key, func.count())
                .where(AnswerRow.kind == "milestone")
                .group_by(AnswerRow.item_key)
            )
            return {item: times for item, times in session.execute(counted)}  # noqa: C416 - rows, not pairs

    def asked(self) -> Counter[str]:
        """How often each owner was asked."""
        posts = (call for call in self.sandbox.calls if call.method == "chat.postMessage" and call.ok)
        return Counter(c.args["channel"] for c in posts if c.args["channel"].startswith("U0OWNER"))


@pytest.fixture
def place(
    tmp_path: Path, database_url: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workplace]:
    (tmp_path / "portfolio.yaml").write_text(a_portfolio(OWNERS))
    monkeypatch.setenv("DATABASE_URL", database_url)
    assert main(["load", str(tmp_path / "portfolio.yaml")]) == 0
    with Balancer() as balancer, a_workspace(OWNERS, request_url=f"{balancer.url}{EVENTS_PATH}") as sandbox:
        app = sandbox.workspace.app
        environment = {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[1]), "DATABASE_URL": database_url,
            "SLACK_API_URL": sandbox.api_url, "SLACK_BOT_TOKEN": app.bot_token, "SLACK_SIGNING_SECRET": app.signing_secret,
            "HOST": "127.0.0.1", "QUARTERDECK_NOW": NOW,
        }  # fmt: skip
        replicas = [Replica(tmp_path, environment) for _ in range(2)]
        try:
            for replica in replicas:
                replica.wait_until_ready()
            balancer.backends = [replica.port for replica in replicas]
            yield Workplace(sandbox, database, balancer, replicas)
        finally:
            for replica in replicas:
                replica.close()


def test_any_replica_answers_nothing_happens_twice_and_one_that_ends_finishes_its_acks_and_lets_go(
    place: Workplace,
) -> None:
    with ThreadPoolExecutor(4) as people:
        list(people.map(place.answer, place.owners, range(10, 10 + OWNERS)))
    assert min(place.balancer.answered[replica.port] for replica in place.replicas) >= 3
    assert place.asked() == {owner.id: 1 for owner in place.owners}
    assert place.answers() == {f"m{number}": 1 for number in range(OWNERS)}

    first = place.owners[0]
    repeated = place.opened(first)
    place.balancer.doubles = True
    assert first.submit(repeated, {"Percent complete": "60"}) is None
    place.balancer.doubles = False
    assert place.answers()["m0"] == 2, "one more, whoever heard it"

    ending, staying = place.replicas
    view = place.opened(first)
    place.balancer.backends = [ending.port]
    place.balancer.under_way.clear()
    with ThreadPoolExecutor(1) as people, place.database.engine.connect() as holding:
        holding.execute(text("LOCK TABLE answers IN ACCESS EXCLUSIVE MODE"))
        submitting = people.submit(first.submit, view, {"Percent complete": "70"})
        assert place.balancer.under_way.wait(PATIENCE)
        place.balancer.backends = [staying.port]
        ending.ask_to_end()
        time.sleep(0.3)  # for it to end too early, were it to do so
        assert not submitting.done()
        holding.rollback()
        assert submitting.result(PATIENCE) is None
    assert first.notice() is None
    status, logged = ending.ended()
    assert (status, "Traceback" in logged) == (0, False)
    assert place.answers()["m0"] == 3

    place.answer(place.owners[1], 80)
    place.owners[1].wait_for(lambda: any("80%" in message.words for message in place.owners[1].messages()), PATIENCE)
    first.wait_for(lambda: any("70%" in message.words for message in first.messages()), PATIENCE)
    staying.ask_to_end()
    assert staying.ended()[0] == 0
    assert set(place.asked().values()) == {1}
    with place.database.reading() as session:
        assert session.scalars(select(OutboxRow.key).where(OutboxRow.lease_by.is_not(None))).all() == []
