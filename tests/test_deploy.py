"""What is in deploy/ agrees with the program: its commands, settings, addresses, files and metrics, and with itself.

Whether each file is well-formed for the tool that reads it is for those tools: `.ci/lint-deploy`.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import settings
from bot.cli import _parser
from bot.domain.quarter import Quarter
from bot.flow.keep.figures import Standing
from bot.operate.available import new_metrics
from bot.operate.watch import HEALTH_PATH, METRICS_PATH, READY_PATH
from bot.settings import Settings
from bot.slack.manifest import EVENTS_PATH
from tests.running import RunningBot, a_portfolio

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()
UNIT = (DEPLOY / "quarterdeck.service").read_text()
RUNBOOK = (DEPLOY / "README.md").read_text()
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
MANIFESTS = {
    path.name: yaml.safe_load(path.read_text())
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    if path.name != "kustomization.yaml"
}
KUSTOMIZATION = yaml.safe_load((DEPLOY / "kubernetes" / "kustomization.yaml").read_text())
RULES = [r for group in yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"] for r in group["rules"]]
KNOWN_SETTINGS = set(re.findall(r'"([A-Z]+(?:_[A-Z]+)*)"', Path(settings.__file__).read_text()))
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
USER = "10001"


def instructions(name: str) -> list[str]:
    """The arguments of an instruction of the Dockerfile, wherever it stands; lines that go on are joined."""
    lines = re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines()
    return [line.removeprefix(f"{name} ") for line in lines if line.startswith(f"{name} ")]


def containers() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Every container of the Kubernetes files, with its pod."""
    for manifest in MANIFESTS.values():
        if "template" in manifest.get("spec", {}):
            pod = manifest["spec"]["template"]["spec"]
            yield from ((container, pod) for container in pod["containers"])


def commands() -> Iterator[list[str]]:
    """The words behind `quarterdeck`, wherever deploy/ starts it."""
    [entry], [command] = instructions("ENTRYPOINT"), instructions("CMD")
    assert json.loads(entry) == ["quarterdeck"]
    yield json.loads(command)
    yield from (service["command"] for name, service in COMPOSE["services"].items() if name != "database")
    yield from (container["args"] for container, _ in containers())
    [started] = re.findall(r"^ExecStart=(.+)$", UNIT, re.MULTILINE)
    yield shlex.split(started)[1:]
    blocks = "\n".join(re.findall(r"^```\n(.*?)^```", RUNBOOK, re.DOTALL | re.MULTILINE))
    yield from (
        shlex.split(words) for words in re.findall(r"(?:quarterdeck|--rm.* bot) ((?:load|doctor|run|db).*)", blocks)
    )


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_command_can_be_typed(words: list[str]) -> None:
    options: argparse.Namespace = _parser().parse_args(words)
    assert callable(options.command)


def test_every_file_of_the_folder_is_told_and_every_one_told_is_there() -> None:
    table = re.search(r"^\| File \|.*\n\| -.*\n((?:\|.*\n)+)", RUNBOOK, re.MULTILINE)
    assert table
    told = {name.rstrip("/") for row in table[1].splitlines() for name in re.findall(r"`([^` ]+)`", row.split("|")[1])}
    assert told == {path.name for path in DEPLOY.iterdir()} - {"README.md"}
    anchors = {
        re.sub(r"[^a-z -]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE)
    }
    links = re.findall(r"\]\(([^)]+)\)", RUNBOOK)
    assert [link for link in links if link.startswith("#") and link[1:] not in anchors] == []
    assert [link for link in links if link[0] != "#" and not (DEPLOY / link.partition("#")[0]).is_file()] == []


def test_all_that_the_image_copies_is_there_and_let_through_and_all_that_the_package_needs_is_copied() -> None:
    copied = [words.split()[:-1] for words in instructions("COPY") if not words.startswith("--from")]
    names = {name for source in copied for name in source}
    assert [name for name in names if not (ROOT / name).exists()] == []
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert "*" in ignored
    assert {line[1:] for line in ignored if line.startswith("!")} == names
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {
        *wheel["packages"],
        *wheel["force-include"],
        project["project"]["readme"],
        *project["project"]["license-files"],
    }
    assert needed <= names


def test_the_image_installs_what_is_locked_and_nothing_else() -> None:
    installs = [words for run in instructions("RUN") for words in re.findall(r"pip install [^&]*", run)]
    assert len(installs) == 2
    assert "--require-hashes -r deploy/requirements.lock" in installs[0]
    assert installs[1].strip().endswith("--no-deps .")


def test_what_is_locked_holds_the_extras_that_deploy_uses() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    wanted = [*extras["postgres"], *extras["metrics"], *extras["pdf"], *extras["docx"]]
    locked = set(re.findall(r"^([a-z0-9-]+)==", (DEPLOY / "requirements.lock").read_text(), re.MULTILINE))
    assert {name for words in wanted for name in re.findall(r"^[a-z0-9-]+", words)} <= locked


def test_the_image_runs_as_a_number_that_is_not_root_and_so_does_kubernetes() -> None:
    assert instructions("USER") == [f"{USER}:{USER}"]
    for container, pod in containers():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert str(pod["securityContext"]["runAsUser"]) == USER
        own = container["securityContext"]
        assert own["readOnlyRootFilesystem"] is True
        assert own["allowPrivilegeEscalation"] is False
        assert own["capabilities"]["drop"] == ["ALL"]
    for name in ("bot", "migrate"):
        service = COMPOSE["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_health_check_of_the_image_passes_on_a_running_bot_and_fails_on_none(tmp_path: Path) -> None:
    [check] = re.findall(r"CMD (\[\"python.*\])", "\n".join(instructions("HEALTHCHECK")))
    _, *words = json.loads(check)
    with RunningBot(tmp_path) as bot:
        probe = [sys.executable, *words]
        environment = {"PORT": str(bot.port)}
        assert subprocess.run(probe, env=environment, check=False, stderr=subprocess.DEVNULL).returncode == 1
        bot.load(a_portfolio(2))
        bot.start().wait_until_ready()
        assert subprocess.run(probe, env=environment, check=False).returncode == 0
        assert bot.end()[0] == 0


def test_one_port_everywhere() -> None:
    port = str(Settings.port)
    assert instructions("EXPOSE") == [port]
    assert f'"PORT", "{port}"' in DOCKERFILE.replace("\\", "")
    assert COMPOSE["services"]["bot"]["ports"] == [f"127.0.0.1:{port}:{port}"]
    assert COMPOSE["services"]["bot"]["environment"]["PORT"] == port
    assert MANIFESTS["configmap.yaml"]["data"]["PORT"] == port
    assert MANIFESTS["deployment.yaml"]["spec"]["template"]["metadata"]["annotations"]["prometheus.io/port"] == port
    [ports] = [container["ports"] for container, _ in containers() if "ports" in container]
    assert ports == [{"name": "http", "containerPort": int(port)}]
    assert MANIFESTS["service.yaml"]["spec"]["ports"][0]["targetPort"] == "http"


def test_probes_and_the_ingress_ask_at_the_addresses_that_there_are() -> None:
    [bot] = [container for container, _ in containers() if container["name"] == "bot"]
    paths = {name: bot[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
    assert paths == {"startup": HEALTH_PATH, "liveness": HEALTH_PATH, "readiness": READY_PATH}
    annotations = MANIFESTS["deployment.yaml"]["spec"]["template"]["metadata"]["annotations"]
    assert annotations["prometheus.io/path"] == METRICS_PATH
    [rule] = MANIFESTS["ingress.yaml"]["spec"]["rules"]
    public = [(path["path"], path["pathType"]) for path in rule["http"]["paths"]]
    assert public == [(EVENTS_PATH, "Exact")], "health and metrics are nobody's outside"
    for path in (HEALTH_PATH, READY_PATH, METRICS_PATH):
        assert f"`{path}`" in RUNBOOK


def test_every_setting_is_one_that_is_read() -> None:
    of_image = re.findall(r"([A-Z_]+)=", "\n".join(instructions("ENV")))
    given = {name for name in of_image if name != "PATH" and name != "HOME" and not name.startswith("PYTHON")}
    given |= set(COMPOSE["services"]["bot"]["environment"]) | set(MANIFESTS["configmap.yaml"]["data"])
    given |= {variable["name"] for container, _ in containers() for variable in container.get("env", ())}
    given |= (
        set(re.findall(r"([A-Z]+_[A-Z]+)=", UNIT)) - set(re.findall(r"PYTHON\w+", UNIT)) - {"PYTHONDONTWRITEBYTECODE"}
    )
    assert given <= KNOWN_SETTINGS
    assert len(given) > 5


def test_secrets_are_by_reference_only() -> None:
    for container, _ in containers():
        for variable in container.get("env", ()):
            assert set(variable["valueFrom"]["secretKeyRef"]) == {"name", "key"}, variable["name"]
            assert variable["valueFrom"]["secretKeyRef"]["key"] == variable["name"]
    assert "Secret" not in [manifest["kind"] for manifest in MANIFESTS.values()]
    everything = "".join(path.read_text() for path in DEPLOY.rglob("*") if path.suffix in (".yaml", ".service"))
    assert not re.search(r"xox[bp]-\w|xapp-\w", everything + DOCKERFILE)


def test_selectors_find_the_pods_they_are_for() -> None:
    of_bot = MANIFESTS["deployment.yaml"]["spec"]["template"]["metadata"]["labels"]
    of_job = MANIFESTS["migrate.yaml"]["spec"]["template"]["metadata"]["labels"]
    selectors = [
        MANIFESTS["deployment.yaml"]["spec"]["selector"]["matchLabels"],
        MANIFESTS["service.yaml"]["spec"]["selector"],
        MANIFESTS["disruption.yaml"]["spec"]["selector"]["matchLabels"],
    ]
    for selector in selectors:
        assert selector.items() <= of_bot.items()
        assert not selector.items() <= of_job.items(), "a migration takes no requests"


def test_all_names_that_one_kubernetes_file_uses_another_gives() -> None:
    assert sorted(KUSTOMIZATION["resources"]) == sorted(MANIFESTS)
    [image] = KUSTOMIZATION["images"]
    assert {container["image"] for container, _ in containers()} == {image["name"]}
    config_maps = {m["metadata"]["name"] for m in MANIFESTS.values() if m["kind"] == "ConfigMap"}
    used = {source["configMapRef"]["name"] for container, _ in containers() for source in container["envFrom"]}
    assert used == config_maps
    service = MANIFESTS["service.yaml"]
    backend = MANIFESTS["ingress.yaml"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": service["metadata"]["name"], "port": {"name": service["spec"]["ports"][0]["name"]}}
    for container, pod in containers():
        volumes = {volume["name"] for volume in pod.get("volumes", ())}
        assert {mount["name"] for mount in container.get("volumeMounts", ())} == volumes


def test_one_version_everywhere() -> None:
    assert KUSTOMIZATION["images"][0]["newTag"] == VERSION
    assert {COMPOSE["services"][name]["image"] for name in ("bot", "migrate")} == {f"quarterdeck:{VERSION}"}
    assert f"-t quarterdeck:{VERSION} ." in DOCKERFILE


def test_whoever_stops_the_bot_waits_for_what_it_has_begun() -> None:
    longest = 8 + 3 + 4 + 10  # seconds: workers and the beat, the last acks, the socket, and the address of its health
    [unit] = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    pod = MANIFESTS["deployment.yaml"]["spec"]["template"]["spec"]
    before = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert int(unit) > longest
    assert int(COMPOSE["services"]["bot"]["stop_grace_period"].removesuffix("s")) > longest
    assert pod["terminationGracePeriodSeconds"] > longest + before


def test_compose_migrates_before_it_starts() -> None:
    services = COMPOSE["services"]
    assert services["bot"]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    assert services["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert services["migrate"]["restart"] == "no", "one that runs again and again never completes"
    assert "@database/" in services["bot"]["environment"]["DATABASE_URL"]
    assert (DEPLOY / services["bot"]["build"]["context"] / services["bot"]["build"]["dockerfile"]).is_file()


@pytest.fixture(scope="module")
def told() -> str:
    """Every metric that a bot tells, each with a value."""
    standing = Standing(Quarter(2025, 3), 1, 2, {"unconfirmed": 1}, {("opening", "failed"): 1}, timedelta(seconds=5))
    metrics = new_metrics(lambda: standing, lambda: 0.0)
    metrics.acked(0.1, is_answered=False)
    metrics.called("chat.postMessage", "ok")
    text = metrics.exposition()
    assert text is not None
    return text.decode()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_alert_asks_for_metrics_and_labels_that_are_told(rule: dict[str, Any], told: str) -> None:
    names = re.findall(r"quarterdeck_\w+", rule["expr"])
    assert names
    samples = {line.partition(" ")[0].partition("{")[0] for line in told.splitlines()}
    assert [name for name in names if name not in samples] == []
    for name, labels in re.findall(r"(quarterdeck_\w+)\{([^}]*)\}", rule["expr"]):
        for label in re.findall(r"(\w+)[=!]", labels):
            assert re.search(rf"^{name}\{{[^}}]*\b{label}=", told, re.MULTILINE), (name, label)
    assert set(rule["annotations"]) == {"summary", "action"}
    assert rule["labels"]["severity"] in ("critical", "warning")


def test_the_runbook_tells_every_metric(told: str) -> None:
    kept = set(re.findall(r"^# TYPE (quarterdeck_\w+)", told, re.MULTILINE))
    ours = {name for name in kept if not name.endswith("_created")}  # when counting began: the client's own
    assert ours == set(re.findall(r"`(quarterdeck_\w+)`", RUNBOOK))


def test_the_sizing_table_quotes_the_benchmarks() -> None:
    measured = (ROOT / "docs" / "benchmarks.md").read_text()
    for told, row in (
        ("peak memory (MB)", "peak memory (MB)"),
        ("the opening takes, at the rate that Slack permits (minutes)", "the opening took (simulated minutes)"),
        ("peak memory while the portfolio is made as PDF (MB)", "the portfolio as pdf"),
        ("… as Word document (MB)", "the portfolio as docx"),
    ):
        [figures] = re.findall(rf"^\| {re.escape(told)} (\|.*)$", RUNBOOK, re.MULTILINE)
        assert figures in re.findall(rf"^\| {re.escape(row)} (\|.*)$", measured, re.MULTILINE), told


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed here")
def test_the_unit_is_well_formed_and_hardly_exposed(tmp_path: Path) -> None:
    unit = re.sub(r"^(User|Group)=.*\n", "", UNIT, flags=re.MULTILINE)  # this machine has no such user,
    unit = re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", unit, flags=re.MULTILINE)  # and no such path
    file = tmp_path / "quarterdeck.service"
    file.write_text(unit)
    verified = subprocess.run(["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    file.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={sys.executable}", UNIT, flags=re.MULTILINE))
    exposed = ["systemd-analyze", "security", "--offline=true", "--threshold=20", str(file)]
    assert subprocess.run(exposed, capture_output=True, check=False).returncode == 0, "an exposure of 2.0 or less"
