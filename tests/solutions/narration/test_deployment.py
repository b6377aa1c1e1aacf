"""Deploying twice, changing, destroying, replaying."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from inhouse.solutions.narration import deploy, destroy, replay
from inhouse.solutions.narration.packaging import package
from tests.serving import ACCOUNT, RunningServer
from tests.solutions.narration.conftest import Newsroom


def test_again_changes_nothing_and_destroy_leaves_nothing(
    server: RunningServer, fresh_name: Callable[..., str]
) -> None:
    session, name = server.session(), fresh_name("n")
    first = deploy(session, name, voice="Tone")
    assert len(first.changes) == 20
    assert json.loads(first.to_json())["topic_arn"].endswith(f":{name}-saves")
    assert deploy(session, name, voice="Tone").changes == ()

    changed = deploy(session, name, voice="Tone", publisher="The Daily")
    assert changed.changes == (
        f"updated parameter /narration/{name}/config",
        f"updated function {name}-merge",
        f"updated function {name}-split",
        f"updated function {name}-collect",
    )
    removed = destroy(session, name)
    assert len(removed) == 13
    assert destroy(session, name) == []
    buckets = [bucket["Name"] for bucket in session.client("s3").list_buckets()["Buckets"]]
    assert not [bucket for bucket in buckets if bucket.startswith(f"{name}-")]


def test_what_others_read_through_an_access_point_is_not_destroyed(
    server: RunningServer, fresh_name: Callable[..., str]
) -> None:
    session, name = server.session(), fresh_name("n")
    made = deploy(session, name, voice="Tone")
    s3, control = session.client("s3"), session.client("s3control")
    s3.put_object(Bucket=made.audio_bucket, Key="kept", Body=b"audio")
    door = {"AccountId": ACCOUNT, "Name": fresh_name("door")}
    control.create_access_point(**door, Bucket=made.audio_bucket)
    with pytest.raises(ValueError, match=door["Name"]):
        destroy(session, name)
    assert deploy(session, name, voice="Tone").changes == ()
    assert s3.get_object(Bucket=made.audio_bucket, Key="kept")["Body"].read() == b"audio"
    control.delete_access_point(**door)
    assert len(destroy(session, name)) == 13


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"name": "Capital"}, "name is 'Capital'"),
        ({"voice": "Nobody"}, "Polly offers"),
        ({"voice": "Tone", "engine": "neural"}, "voice Tone has standard"),
        ({"language": "xx"}, "has no usual voice"),
    ],
)
def test_what_cannot_be_deployed(
    server: RunningServer, options: dict[str, str], reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        deploy(server.session(), **options)


def test_the_package_is_always_the_same() -> None:
    assert package() == package()


def test_a_function_may_only_what_it_needs(newsroom: Newsroom) -> None:
    deployment = newsroom.deployment
    iam = newsroom.session.client("iam")

    def may(role: str, action: str, resource: str) -> bool:
        answer = iam.simulate_principal_policy(
            PolicySourceArn=role, ActionNames=[action], ResourceArns=[resource]
        )
        return answer["EvaluationResults"][0]["EvalDecision"] == "allowed"

    audio = f"arn:aws:s3:::{deployment.audio_bucket}/x/full.mp3"
    plan = f"arn:aws:s3:::{deployment.fragments_bucket}/plans/x/1.json"
    assert may(deployment.merge_role, "s3:PutObject", audio)
    assert not may(deployment.split_role, "s3:PutObject", audio)
    assert may(deployment.split_role, "s3:PutObject", plan)
    assert not may(deployment.merge_role, "s3:PutObject", plan)
    assert not may(deployment.merge_role, "polly:StartSpeechSynthesisTask", "*")
    assert not may(deployment.split_role, "s3:GetObject", "arn:aws:s3:::elsewhere/x")


def test_a_replay_goes_on_where_it_was(newsroom: Newsroom, tmp_path: Path) -> None:
    saves = [
        {"article_id": f"a{article}", "version": version, "language": "en", "title": f"Article {article}",
         "paragraphs": ["The same in all.", f"Version {version} of {article}."]}
        for article in range(3)
        for version in (1, 2)
    ]  # fmt: skip
    saves.insert(2, {"article_id": "bad/id", "version": 1})
    file = tmp_path / "saves.jsonl.gz"
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, saves)).encode()))
    part = replay(newsroom.session, newsroom.deployment.name, file, limit=2)
    assert (part.saves, part.accepted, part.settled) == (2, 2, 1)

    seen = []
    whole = replay(newsroom.session, newsroom.deployment.name, file, progress=seen.append)
    assert (whole.saves, whole.resumed, whole.accepted, whole.refused) == (7, 2, 6, 1)
    assert whole.settled == 3
    assert seen[-1] == whole
    report = newsroom.report()
    assert (report.saves, report.refused, report.articles) == (6, 1, 3)
    assert report.fragments == 1 + 3 + 6
    assert 3 <= report.merges <= 6  # a version may be overtaken before its audio is whole
    assert report.seconds_to_audio_median is not None
    assert report.seconds_to_audio_p95 >= report.seconds_to_audio_median
    assert report.money_saved == pytest.approx(
        (report.characters_received - report.characters_synthesized) * 16 / 1e6, abs=1e-4
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "holds no saves"), ("{}\n{", "line 2 is not JSON"), ("[]", "no saves")],
)
def test_files_that_hold_no_saves(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "saves.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=reason):
        replay(None, "narration", file)
