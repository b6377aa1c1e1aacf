"""Collection on a running server: by the deployment itself, and from the shell."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable

import pytest

from inhouse.solutions.narration import collect, deploy
from inhouse.solutions.narration.functions import collect as collecting
from inhouse.solutions.narration.packaging import package
from tests.serving import RunningServer
from tests.solutions.narration.conftest import Newsroom, seconds
from tests.waiting import until

ONE, TWO = "The first paragraph.", "The second one."


def impatient() -> bytes:
    """The package, but with no time below which nothing is collected."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package())) as given, zipfile.ZipFile(out, "w") as changed:
        for entry in given.infolist():
            source = given.read(entry)
            if entry.filename.endswith("/collect.py"):
                assert source.count(b"SHORTEST_SECONDS = 900.0") == 1
                source = source.replace(b"SHORTEST_SECONDS = 900.0", b"SHORTEST_SECONDS = 0.0")
            changed.writestr(entry, source)
    return out.getvalue()


def test_the_deployment_collects_by_itself(newsroom: Newsroom) -> None:
    session, deployment = newsroom.session, newsroom.deployment
    assert deploy(session, deployment.name, voice="Tone", keep_fragments_days=1).changes
    newsroom.save("a", 1, ONE, TWO)
    newsroom.narrated("a", 1)
    newsroom.save("a", 2, TWO)
    newsroom.narrated("a", 2)

    def logged() -> str | None:
        logs = session.client("logs")
        group = f"/aws/lambda/{deployment.collect_function}"
        try:
            events = logs.filter_log_events(logGroupName=group)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return None
        text = "\n".join(event["message"] for event in events)
        return text if "collected" in text else None

    until(logged, "the collector's log")
    before = newsroom.report()
    assert before.fragments_collected == 0  # too early

    ssm, functions = session.client("ssm"), session.client("lambda")
    config = json.loads(ssm.get_parameter(Name=deployment.parameter)["Parameter"]["Value"])
    told = json.dumps({**config, "keep_fragments_days": 1e-9})
    ssm.put_parameter(Name=deployment.parameter, Value=told, Type="String", Overwrite=True)
    functions.update_function_code(FunctionName=deployment.collect_function, ZipFile=impatient())
    functions.get_waiter("function_updated_v2").wait(FunctionName=deployment.collect_function)
    answer = functions.invoke(FunctionName=deployment.collect_function, Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()
    after = newsroom.report()
    assert (after.fragments, after.fragments_collected) == (before.fragments, 1)
    assert after.characters_synthesized == before.characters_synthesized

    newsroom.save("a", 3, TWO, ONE)
    manifest = newsroom.narrated("a", 3)
    full = newsroom.audio("a/full.mp3")
    assert full is not None
    assert seconds(full) == pytest.approx(manifest["full"]["seconds"], abs=1e-4)
    assert newsroom.report().fragments == before.fragments + 1


def test_from_here_and_from_the_shell(
    server: RunningServer, newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "inhouse.cli", "narration", "collect", "--name",
             newsroom.deployment.name, *options],
            env=server.environment(), capture_output=True, text=True, check=False,
        )  # fmt: skip

    session, name = newsroom.session, newsroom.deployment.name
    newsroom.save("a", 1, ONE, TWO)
    newsroom.narrated("a", 1)
    newsroom.save("a", 2, TWO)
    newsroom.narrated("a", 2)
    with pytest.raises(ValueError, match="keeps fragments for ever"):
        collect(session, name)
    assert collect(session, name, older_than_days=0).fragments == 0  # too early for anybody
    done = run("--older-than", "30", "--dry-run")
    assert json.loads(done.stdout) == {
        "articles": 1,
        "versions": 0,
        "fragments": 0,
        "characters": 0,
    }
    refused = run()
    assert refused.returncode != 0
    assert "keeps fragments for ever" in refused.stderr
    monkeypatch.setattr(collecting, "SHORTEST_SECONDS", 0.0)
    seen = []
    found = collect(session, name, older_than_days=0, dry_run=True, progress=seen.append)
    assert (found.articles, found.versions, found.fragments) == (1, 1, 1)
    assert seen[-1] == found
    assert newsroom.report().fragments_collected == 0
    assert collect(session, name, older_than_days=0) == found
    assert newsroom.report().fragments_collected == 1


@pytest.mark.parametrize("days", [0, -1, float("nan"), float("inf")])
def test_days_that_are_none(
    server: RunningServer, fresh_name: Callable[..., str], days: float
) -> None:
    with pytest.raises(ValueError, match="must be at least 1, or None"):
        deploy(server.session(), fresh_name("n"), voice="Tone", keep_fragments_days=days)
