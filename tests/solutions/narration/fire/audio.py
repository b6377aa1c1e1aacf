"""What a newsroom's listeners and its account find: taken from one run, compared with another."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from inhouse.solutions.narration import Deployment
from inhouse.solutions.narration.functions import fragments, ledger, plan
from inhouse.solutions.narration.functions.bucket import Bucket
from tests.solutions.narration.fire.desk import Name, accepted
from tests.solutions.narration.fire.saves import Save, newest

FILES = ("full.mp3", "teaser.mp3")
_TASK = re.compile(r"/(fragments/.+)\.([0-9a-f-]{36})\.mp3$")


@dataclass(frozen=True, slots=True)
class Audio:
    """By article, what its newest version sounds like: files, the manifest's parts, their sound."""

    says: dict[str, str]
    files: dict[str, dict[str, bytes]]
    parts: dict[str, list[Any]]
    sounds: dict[str, bytes]


def audio(session: Any, deployment: Deployment, saves: list[Save]) -> Audio:
    """Reads what is published of the articles."""
    s3 = session.client("s3")
    out, state = Bucket(s3, deployment.audio_bucket), Bucket(s3, deployment.fragments_bucket)
    names = [save["article_id"] for save in newest(saves)]
    manifests = {name: json.loads(out.read(f"{name}/manifest.json")) for name in names}
    keys = set(out.keys(""))
    keyed = {
        part["name"]: part["fragment"]
        for manifest in manifests.values()
        for part in _every_part(manifest)
    }
    with ThreadPoolExecutor(4) as pool:
        sounds = dict(zip(keyed, pool.map(state.read, keyed.values()), strict=True))
    return Audio(
        says={name: manifest["says"] for name, manifest in manifests.items()},
        files={
            name: {file: out.read(f"{name}/{file}") for file in FILES if f"{name}/{file}" in keys}
            for name in names
        },
        parts={
            name: [
                {key: value for key, value in part.items() if key != "fragment"}
                for part in _every_part(manifest)
            ]
            for name, manifest in manifests.items()
        },
        sounds=sounds,
    )


def _every_part(manifest: dict[str, Any]) -> list[Any]:
    return [*manifest["parts"], *(manifest["teaser"]["parts"] if manifest["teaser"] else ())]


def check_audio(heard: Audio, wanted: Audio) -> None:
    """Fails unless both are the same, byte for byte."""
    assert heard.says == wanted.says
    for name, parts in wanted.parts.items():
        assert heard.parts[name] == parts, name
    assert {name for name in wanted.sounds if heard.sounds[name] != wanted.sounds[name]} == set()
    for name, files in wanted.files.items():
        assert heard.files[name].keys() == files.keys(), name
        assert [file for file in files if heard.files[name][file] != files[file]] == [], name


def check_account(
    session: Any, deployment: Deployment, saves: list[Save], acknowledged: list[Name]
) -> Counter[str]:
    """Fails when a save was lost, a fragment made twice or something left undone; counts the rest."""
    bucket = Bucket(session.client("s3"), deployment.fragments_bucket)
    assert len(set(acknowledged)) == len(acknowledged) == len(saves)
    assert set(acknowledged) - accepted(bucket) == set(), "acknowledged saves are lost"
    planned = {
        (article, plan.version_of(key))
        for article in {name for name, _ in acknowledged}
        for key in bucket.keys(plan.prefix(article))
    }
    assert set(acknowledged) == planned
    assert list(bucket.keys(ledger.REFUSED)) == []
    assert _letters(session, deployment) == []

    landed = Counter(fragments.name_of(key) for key in bucket.keys(fragments.PREFIX))
    landed.pop(None, None)
    assert {name for name, times in landed.items() if times > 1} == set(), "made twice"
    claims = {key.removeprefix("claims/") for key in bucket.keys("claims/")}
    assert claims - landed.keys() == set(), "claims without their fragment"
    tasks = _tasks(session)
    for name in claims:
        assert tasks[fragments.key_prefix(str(name))]["completed"] == 1, name
    unfinished = {
        key for key, states in tasks.items() if states["scheduled"] + states["inProgress"]
    }
    assert unfinished == set()
    return Counter(
        fragments=len(claims),
        tasks=sum(states.total() for states in tasks.values()),
        published=sum(1 for _ in bucket.keys(ledger.PUBLISHED)),
    )


def _letters(session: Any, deployment: Deployment) -> list[str]:
    answer = session.client("sqs").receive_message(
        QueueUrl=deployment.dead_letters_url, MaxNumberOfMessages=10
    )
    return [letter["Body"] for letter in answer.get("Messages", ())]


def _tasks(session: Any) -> dict[str, Counter[str]]:
    """By fragment, how many of Polly's tasks are in which state."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for page in session.client("polly").get_paginator("list_speech_synthesis_tasks").paginate():
        for task in page["SynthesisTasks"]:
            if match := _TASK.search(task["OutputUri"]):
                found[match[1]][task["TaskStatus"]] += 1
    return found
