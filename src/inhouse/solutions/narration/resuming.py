"""Takes up articles that were left where something of the deployment was missing."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from inhouse.solutions.narration.functions import manifest, plan
from inhouse.solutions.narration.functions.bucket import Bucket

if TYPE_CHECKING:
    import boto3

    from inhouse.solutions.narration.names import Names

MOST_IN_EVENT = 50
"""Articles that one invocation takes up."""


def resume(session: boto3.Session, names: Names) -> str | None:
    """Has every article whose newest version is not out advanced once more."""
    s3 = session.client("s3")
    fragments, audio = (Bucket(s3, name) for name in (names.fragments_bucket, names.audio_bucket))
    newest: dict[str, int] = {}
    for key in fragments.keys("plans/"):
        newest.setdefault(key.split("/")[1], plan.version_of(key))
    if not newest:
        return None

    def is_out(article_id: str) -> bool:
        held = audio.json(manifest.key(article_id))
        return held is not None and held.fields["version"] >= newest[article_id]

    with ThreadPoolExecutor(8) as pool:
        out = dict(zip(newest, pool.map(is_out, newest), strict=True))
    left = [article_id for article_id in newest if not out[article_id]]
    client = session.client("lambda")
    for at in range(0, len(left), MOST_IN_EVENT):
        requests = [
            {"article_id": one, "version": newest[one]} for one in left[at : at + MOST_IN_EVENT]
        ]
        client.invoke(
            FunctionName=names.function("split"),
            InvocationType="Event",
            Payload=json.dumps({"requests": requests}),
        )
    return f"took up {len(left)} articles again" if left else None
