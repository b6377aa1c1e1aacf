"""Functions that reach for what is not theirs, and functions that take too much."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from inhouse.compute import isolation
from tests.acceptance.people import Person, allow, zipped

pytestmark = pytest.mark.skipif(
    isolation().kind == "weak", reason=f"this machine keeps nothing apart: {isolation().why}"
)
LABORATORY = """
import json, os, signal, socket, subprocess, sys, time, urllib.request

def get(url, timeout=2, **more):
    asked = urllib.request.Request(url, **more)
    return urllib.request.urlopen(asked, timeout=timeout).read(200)

def handler(event, context):
    done = {}
    for text in event:
        try:
            done[text] = repr(eval(text))[:200]
        except BaseException:
            pass
    return done
"""
VICTIM = """
import os, time, uuid

MARK = uuid.uuid4().hex
with open(os.environ.get("TMPDIR", "/tmp") + "/" + MARK, "w") as file:
    file.write("of the victim")

def handler(event, context):
    if event:
        time.sleep(event)
    return {"api": os.environ["AWS_LAMBDA_RUNTIME_API"], "mark": MARK, "code": __file__,
            "tmp": os.environ.get("TMPDIR", "/tmp"), "pid": os.getpid()}
"""
Succeeded = Callable[..., dict[str, str]]


@pytest.fixture
def laboratory(admin: Person, make_function: Any, run: Any) -> Succeeded:
    """Runs Python expressions in a function; tells which of them did not fail, and their values."""
    function = make_function(admin, LABORATORY, Timeout=30)

    def succeeded(*expressions: str) -> dict[str, str]:
        payload, error = run(admin, function, expressions)
        assert error is None, payload
        return dict(payload)

    assert succeeded("1 + 1", "1 / 0") == {"1 + 1": "2"}
    return succeeded


@pytest.fixture
def victim(admin: Person, make_function: Any, run: Any) -> Iterator[SimpleNamespace]:
    """Another function, warm, with a secret in its environment and one in its folder."""
    function = make_function(
        admin, VICTIM, Environment={"Variables": {"PASSWORD": "of-the-victim-4711"}}
    )
    first, error = run(admin, function, 0)
    assert error is None
    yield SimpleNamespace(function=function, **first)
    again, error = run(admin, function, 0)
    assert error is None
    assert again == first, "the victim's worker did not live on"


@pytest.fixture(autouse=True)
def well(house: SimpleNamespace) -> Iterator[None]:
    """Whatever a function tried: the same server is there and answers."""
    yield
    assert house.server.process.poll() is None
    assert httpx.get(f"{house.server.endpoint}/_inhouse/health").json()["status"] == "ok"
    assert house.admin.client("sts").get_caller_identity()


def descendants(pid: int) -> list[int]:
    found = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found += [child, *descendants(child)]
    return found


def test_the_data_directory_is_out_of_reach(house: SimpleNamespace, laboratory: Succeeded) -> None:
    data = house.server.data
    assert (data / "credentials.json").stat().st_mode & 0o077 == 0
    files = [path for path in data.rglob("*") if path.is_file()]
    assert len(files) > 3
    tries = [f"open({str(path)!r}, 'rb').read(1)" for path in files]
    tries += [f"open({str(path)!r}, 'ab')" for path in files]
    tries += [f"os.listdir({str(data)!r})[0]", f"open({str(data / 'new')!r}, 'w')"]
    tries += [f"os.symlink({str(data)!r}, '/tmp/link') or os.listdir('/tmp/link')[0]"]
    assert laboratory(*tries) == {}
    assert not (data / "new").exists()


def test_the_server_and_other_workers_are_out_of_reach(
    house: SimpleNamespace, victim: SimpleNamespace, laboratory: Succeeded
) -> None:
    server = house.server.process.pid
    workers = descendants(server)
    assert (
        any(
            b"of-the-victim-4711" in Path(f"/proc/{pid}/environ").read_bytes()
            for pid in workers
            if os.access(f"/proc/{pid}/environ", os.R_OK)
        )
        or os.geteuid() != 0
    )
    tries = [
        f"'of-the-victim-4711' in open('/proc/{pid}/environ').read() or 1 / 0" for pid in workers
    ]
    tries += [f"open('/proc/{server}/environ').read()[0]"]
    tries += [f"open('/proc/{server}/mem', 'r+b')", f"os.listdir('/proc/{server}/fd')"]
    tries += [f"os.listdir('/proc/{server}/cwd')", f"os.listdir('/proc/{server}/root/etc')"]
    tries += [f"os.kill({server}, signal.SIGTERM)", f"os.kill({server}, 0)"]
    tries += ["os.kill(os.getppid(), signal.SIGTERM) if os.getppid() > 1 else 1 / 0"]
    # A process table of its own has the laboratory itself under small numbers.
    tries += [f"os.kill({pid}, 9)" for pid in workers if pid > 100]
    assert laboratory(*tries) == {}


def test_files_and_code_of_other_functions_are_out_of_reach(
    house: SimpleNamespace, victim: SimpleNamespace, laboratory: Succeeded
) -> None:
    found = laboratory(
        f"open({victim.tmp!r} + '/' + {victim.mark!r}).read()",
        "[place for place, _, names in os.walk('/') for name in names"
        f" if {victim.mark!r} in name][0]",
        "[place for place, _, names in os.walk('/') for name in names"
        " if name == 'main.py' and 'MARK = uuid' in open(place + '/' + name).read()][0]",
    )
    assert found == {}


def test_a_function_writes_only_into_its_own_folder(laboratory: Succeeded) -> None:
    places = (
        "/",
        "/usr",
        "/etc",
        "/bin",
        "/lib",
        "/dev",
        "/proc",
        "/root",
        "/home",
        "/opt",
        "/var",
    )
    tries = [f"open('{place}/by-a-function', 'w')" for place in (*places, "/var/task")]
    tries += ["open(os.environ['LAMBDA_TASK_ROOT'] + '/main.py', 'a')", "open(sys.executable, 'a')"]
    tries += ["os.chmod(os.environ['LAMBDA_TASK_ROOT'], 0o777)"]
    assert laboratory(*tries) == {}
    mine = "open(os.environ.get('TMPDIR', '/tmp') + '/mine', 'w').write('abc')"
    assert laboratory(mine) == {mine: "3"}


def test_nobody_takes_another_function_s_invocations(
    admin: Person, victim: SimpleNamespace, laboratory: Succeeded, run: Any
) -> None:
    api = f"http://{victim.api}/2018-06-01/runtime"
    done: list[Any] = []
    working = threading.Thread(target=lambda: done.append(run(admin, victim.function, 1)))
    working.start()
    found = laboratory(
        f"get('{api}/invocation/next')",
        f"get('{api}/init/error', data=b'{{}}', method='POST')",
        f"get('{api}/invocation/x/response', data=b'{{}}', method='POST')",
    )
    working.join()
    assert found == {}
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{api}/invocation/next", timeout=2)  # nor does anybody on this machine
    assert done == [({k: v for k, v in vars(victim).items() if k != "function"}, None)]


def test_its_credentials_are_its_role_s_and_nobody_else_s(
    house: SimpleNamespace, admin: Person, make_function: Any, run: Any
) -> None:
    source = """
import boto3, botocore.exceptions, os

def handler(event, context):
    answers = {"variables": sorted(os.environ), "who": boto3.client("sts").get_caller_identity()["Arn"]}
    for service, act in event:
        try:
            getattr(boto3.client(service), act)()
            answers[service] = "done"
        except botocore.exceptions.ClientError as error:
            answers[service] = error.response["Error"]["Code"]
    return answers
"""
    function = make_function(admin, source, allow("sns:ListTopics"), Timeout=30)
    acts = [("sns", "list_topics"), ("s3", "list_buckets"), ("iam", "list_users")]
    answers, error = run(admin, function, acts)
    assert error is None
    assert ":assumed-role/" in answers["who"]
    assert (answers["sns"], answers["s3"], answers["iam"]) == (
        "done",
        "AccessDenied",
        "AccessDenied",
    )
    assert not [name for name in answers["variables"] if name.startswith("INHOUSE_")]


# Taking too much


def test_memory_time_processes_and_disk_have_an_end(
    admin: Person, make_function: Any, run: Any, laboratory: Succeeded
) -> None:
    hungry = make_function(
        admin,
        "def handler(event, context):\n    return len(bytearray(600 << 20))\n",
        MemorySize=128,
        Timeout=20,
    )
    payload, error = run(admin, hungry)
    assert (error, payload["errorType"]) in (
        ("Unhandled", "Runtime.ExitError"),
        ("Unhandled", "MemoryError"),
    )
    endless = make_function(
        admin, "def handler(event, context):\n    while True: pass\n", Timeout=1
    )
    payload, error = run(admin, endless)
    assert (error, payload["errorType"]) == ("Unhandled", "Sandbox.Timedout")
    assert "1.00 seconds" in payload["errorMessage"]
    tmp = "os.environ.get('TMPDIR', '/tmp')"
    assert (
        laboratory(
            f"[open({tmp} + '/' + str(n), 'wb').write(bytes(32 << 20)) for n in range(40)]"
            if isolation().own_root
            else f"open({tmp} + '/big', 'wb').truncate(2 << 30)",
            "[socket.socket() for _ in range(5000)]",
        )
        == {}
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="processes are counted by user")
def test_a_fork_bomb_goes_off_in_its_own_cellar(
    house: SimpleNamespace, admin: Person, make_function: Any, run: Any
) -> None:
    source = """
import os, time

def handler(event, context):
    made = 0
    try:
        while made < 5000:
            if os.fork() == 0:
                time.sleep(600)
            made += 1
    except OSError as error:
        return [made, error.errno]
    return [made, None]
"""
    before = len(descendants(house.server.process.pid))
    bomb = make_function(admin, source, MemorySize=3008, Timeout=20)
    payload, error = run(admin, bomb)
    if error is None:
        made, why = payload
        assert why is not None
        assert made < 1100
    other = make_function(admin, "def handler(event, context):\n    return 'well'\n", Timeout=20)
    assert run(admin, other) == ("well", None)
    admin.client("lambda").delete_function(FunctionName=bomb)
    assert len(descendants(house.server.process.pid)) < before + 20


def test_what_it_prints_has_an_end_too(admin: Person, make_function: Any, run: Any) -> None:
    source = "def handler(event, context):\n    while True: print('x' * 10000)\n"
    talker = make_function(admin, source, Timeout=2)
    payload, error = run(admin, talker)
    assert (error, payload["errorType"]) == ("Unhandled", "Sandbox.Timedout")


def test_a_package_unpacks_only_where_it_belongs(
    house: SimpleNamespace, admin: Person, make_function: Any, run: Any, tmp_path: Path
) -> None:
    """Names that climb out of the package, absolute ones and links."""
    target = tmp_path / "climbed"
    for name in ("../../climbed", str(target), "a/../../../climbed"):
        files = {"main.py": "def handler(event, context):\n    return 1\n", name: "out"}
        try:
            function = make_function(admin, "", Code={"ZipFile": zipped(files)})
            run(admin, function)
        except admin.client("lambda").exceptions.InvalidParameterValueException:
            continue
    assert not target.exists()
    assert not list(house.server.data.rglob("climbed"))
    assert not list(house.server.data.parent.glob("climbed"))


def test_answers_of_every_kind_are_only_answers(
    admin: Person, make_function: Any, run: Any
) -> None:
    """What a function hands back cannot break the server's own answer."""
    odd = make_function(
        admin,
        "class Odd(Exception): pass\n"
        "Odd.__name__ = 'A\\r\\nX-Evil: 1'\n"
        "def handler(event, context):\n"
        "    raise Odd('\\x00\\ud800' * 5000)\n",
    )
    answer = admin.client("lambda").invoke(FunctionName=odd)
    assert answer["FunctionError"] == "Unhandled"
    assert "x-evil" not in answer["ResponseMetadata"]["HTTPHeaders"]
    json.loads(answer["Payload"].read())
