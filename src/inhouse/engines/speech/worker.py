"""The process that speaks: requests on standard input, pieces of speech on standard output.

Started as `python -m inhouse.engines.speech.worker TABLE SHELF` by the pool, either may be empty. The GPL parts of the
speech extra are loaded here and nowhere else. It ends when its input does.
"""

import os
import sys
from pathlib import Path
from typing import BinaryIO

from inhouse.engines.speech.messages import error_fields, pack, pack_part, read_request, receive
from inhouse.engines.speech.production import produce
from inhouse.engines.speech.synthesis import VoiceSynthesizer
from inhouse.engines.speech.voices import VoiceTable

TIRED_BYTES = 1 << 30
"""Resident memory beyond which a worker asks to be replaced: espeak-ng leaks a little with every use."""


def serve(source: BinaryIO, sink: BinaryIO, table: VoiceTable) -> None:
    """Answers requests until the source ends. Nothing that a request does ends it."""
    synthesizer: VoiceSynthesizer | None = None
    while (message := receive(source)) is not None:
        try:
            request = read_request(message[0])
            if synthesizer is None:
                synthesizer = VoiceSynthesizer(table)
            for part in produce(synthesizer, request, table):
                sink.write(pack_part(part, tired=_tired()))
                sink.flush()
        except BrokenPipeError:
            return
        except Exception as error:
            sink.write(pack(error_fields(error)))
            sink.flush()


def _tired() -> bool:
    """Not by getrusage, whose peak a process inherits from the one that started it."""
    try:
        resident = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:  # not on Linux
        return False
    return resident * os.sysconf("SC_PAGE_SIZE") > TIRED_BYTES


def main(arguments: list[str]) -> int:
    # The server that asks should stay quick while all cores speak.
    os.nice(5)
    # Libraries print; only messages may reach the pipe.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    override, shelf = (Path(argument) if argument else None for argument in arguments)
    table = VoiceTable.load(override, shelf)
    serve(sys.stdin.buffer, sink, table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
