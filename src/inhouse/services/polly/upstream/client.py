"""The calls themselves, with keys that are nobody's but upstream's."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from inhouse.core.errors import SettingError
from inhouse.services.polly.upstream.lexicons import UpstreamLexicons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from types_boto3_polly import PollyClient
    from types_boto3_polly.type_defs import SynthesizeSpeechOutputTypeDef

    from inhouse.core.settings import Settings

CONNECT, READ = 5, 30
"""Seconds to connect, and seconds of silence, after which upstream counts as unreachable."""
_SENT = (
    "Engine",
    "LanguageCode",
    "OutputFormat",
    "SampleRate",
    "SpeechMarkTypes",
    "Text",
    "TextType",
    "VoiceId",
)


def check_keys(settings: Settings) -> None:
    """Raises SettingError unless a profile or a key, and not both, is given for upstream."""
    key_id, secret = (
        settings.polly_upstream_access_key_id,
        settings.polly_upstream_secret_access_key,
    )
    profile = settings.polly_upstream_profile
    if bool(key_id) != bool(secret):
        raise SettingError(
            "INHOUSE_POLLY_UPSTREAM_ACCESS_KEY_ID and INHOUSE_POLLY_UPSTREAM_SECRET_ACCESS_KEY go "
            "together: set both or none."
        )
    if bool(profile) == bool(key_id):
        raise SettingError(
            "INHOUSE_POLLY_UPSTREAM needs either INHOUSE_POLLY_UPSTREAM_PROFILE, a profile of the "
            "AWS configuration, or INHOUSE_POLLY_UPSTREAM_ACCESS_KEY_ID with its secret."
        )


class UpstreamClient:
    """Calls upstream. Blocks; safe from any thread. Made at the first call."""

    def __init__(self, settings: Settings, *, connections: int) -> None:
        self._settings = settings
        self._connections = connections
        self._lock = threading.Lock()
        self._client: PollyClient | None = None
        self._lexicons = UpstreamLexicons()

    def synthesize(
        self, req: Mapping[str, Any], lexicons: tuple[str, ...]
    ) -> SynthesizeSpeechOutputTypeDef:
        """SynthesizeSpeech with the same parameters; `lexicons` are the contents of those named."""
        client = self._connected()
        sent = {name: req[name] for name in _SENT if name in req}
        if not lexicons:
            return client.synthesize_speech(**sent)
        names = self._lexicons.names(client, lexicons)
        try:
            return client.synthesize_speech(**sent, LexiconNames=names)
        except client.exceptions.LexiconNotFoundException:
            self._lexicons.forget()
            names = self._lexicons.names(client, lexicons)
            return client.synthesize_speech(**sent, LexiconNames=names)

    def _connected(self) -> PollyClient:
        with self._lock:
            if self._client is None:
                self._client = self._made()
            return self._client

    def _made(self) -> PollyClient:
        """A client that reads neither keys nor endpoints from the server's own environment.

        That may well be set up for talking to this very server.
        """
        from botocore.config import Config
        from botocore.session import Session

        settings = self._settings
        key_id = settings.polly_upstream_access_key_id
        secret = settings.polly_upstream_secret_access_key
        if key_id and secret:
            session = Session(session_vars={"profile": (None, None, None, None)})
            session.set_credentials(key_id, secret.get_secret_value())
        else:
            session = Session(profile=settings.polly_upstream_profile)
        config = Config(  # type: ignore[call-arg]  # its stubs lack one
            connect_timeout=CONNECT,
            read_timeout=READ,
            retries={"mode": "standard", "total_max_attempts": 2},
            max_pool_connections=self._connections,
            ignore_configured_endpoint_urls=True,
            user_agent_extra="inhouse",
        )
        client: PollyClient = session.create_client(  # type: ignore[assignment]
            "polly",
            region_name=settings.polly_upstream_region or settings.region,
            endpoint_url=settings.polly_upstream_endpoint,
            config=config,
        )
        return client
