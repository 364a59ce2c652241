"""`d2l.torchrun` shows what its processes print, and leaves none of them behind."""

import os
import signal
import subprocess
import sys

import jupyter_client
import pytest

import d2l_utils as d2l
from alive import PATIENCE, all_end, running, wait_for
from project import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="torchrun is not for Windows")

# Each process, and torchrun above it, leave their numbers in files.
WHO = """\
import os, sys, time
from pathlib import Path
RANK, START = os.environ["RANK"], os.environ["TORCHELASTIC_RESTART_COUNT"]
for name, pid in [("agent", os.getppid()), (f"rank{RANK}.{START}", os.getpid())]:
    Path(f"{name}.part").write_text(str(pid))
    Path(f"{name}.part").rename(f"{name}.pid")
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """A function that writes a script into an empty folder, which is then current."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    def write(code):
        script = tmp_path / "script.py"
        script.write_text(WHO + code, encoding="utf-8")
        return script

    yield write
    for pid in pids(tmp_path):  # if a test has failed
        if running(pid):
            os.kill(pid, signal.SIGKILL)


def pids(folder):
    return [int(path.read_text()) for path in folder.glob("*.pid")]


def started(folder):
    """The processes of a script that runs in two, once both have begun."""
    return wait_for(lambda: (found := pids(folder)) and len(found) == 3 and found)


def test_what_is_printed_comes_rank_after_rank(write, capsys, tmp_path):
    script = write(
        """
import sibling
if RANK == "0":
    while not Path("rank1.0.pid").exists() or not Path("said").exists():
        time.sleep(0.01)
print("first of", os.environ["WORLD_SIZE"], sys.argv)
print(f"{__name__}, é, {os.environ['OMP_NUM_THREADS']} thread")
print("a warning", file=sys.stderr)
Path("said").touch()
"""
    )
    # As when Python runs a script, its folder is where it finds others.
    (tmp_path / "sibling.py").touch()
    assert d2l.torchrun(script, 2, ["--lr", 0.5, tmp_path]) is True
    argv = [str(script), "--lr", "0.5", str(tmp_path)]
    assert capsys.readouterr().out.splitlines() == [
        f"rank {rank}: {line}"
        for rank in range(2)
        for line in [f"first of 2 {argv}", "__main__, é, 1 thread"]
    ]
    assert all_end(started(tmp_path))


def test_a_failure_is_shown_start_after_start(write, capsys, tmp_path):
    script = write(
        """
print("here", flush=True)
if RANK == "0":
    time.sleep(1000)
while not Path(f"rank0.{START}.pid").exists():
    time.sleep(0.01)
time.sleep(0.2)
try:
    {}["x"]
except KeyError:
    raise ValueError(f"picture {START} cannot be read")
"""
    )
    assert d2l.torchrun(str(script), max_restarts=1) is False
    assert capsys.readouterr().out.splitlines() == [
        line
        for start in (1, 2)
        for line in (
            f"start {start}, rank 0: here",
            f"start {start}, rank 1: here",
            f"start {start}, rank 1 failed: ValueError: picture {start - 1} cannot be "
            "read",
        )
    ]
    assert len(pids(tmp_path)) == 5
    assert all_end(pids(tmp_path))


@pytest.mark.parametrize(
    ("error", "wrong"),
    [
        (FileNotFoundError, {"script": "nowhere.py"}),
        (FileNotFoundError, {"script": "."}),
        (TypeError, {"script": 3}),
        (ValueError, {"processes": 0}),
        (TypeError, {"processes": "2"}),
        (ValueError, {"max_restarts": -1}),
        (ValueError, {"timeout": 0}),
    ],
)
def test_what_cannot_be_started_is_refused_by_name(write, error, wrong):
    arguments = {"script": write("")} | wrong
    (value,) = wrong.values()
    named = "script" if error is FileNotFoundError else next(iter(wrong))
    with pytest.raises(error, match=f"{named}.*{value}"):
        d2l.torchrun(**arguments)


@pytest.mark.heavy
def test_the_echoes_of_an_error_are_not_shown(write, capsys, tmp_path):
    script = write(
        """
import torch.distributed as dist
dist.init_process_group("gloo")
if RANK == "2":
    raise ValueError("picture 17 cannot be read")
dist.barrier()
"""
    )
    assert not d2l.torchrun(script, 3)
    said = "rank 2 failed: ValueError: picture 17 cannot be read\n"
    assert capsys.readouterr().out == said
    assert all_end(pids(tmp_path))


# Deaf to the polite request that torchrun makes first, as a training may be that saves.
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
SLEEPS = "print('begins', flush=True); time.sleep(1000)\n"
CALL = """\
import d2l_utils as d2l
try:
    print(d2l.torchrun("script.py"), flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("script", "who", "number", "said"),
    [
        (SLEEPS, "caller", signal.SIGINT, "interrupted\n"),
        (SLEEPS, "caller", signal.SIGKILL, ""),
        (SLEEPS, "agent", signal.SIGKILL, "rank 0: begins\nrank 1: begins\nFalse\n"),
        pytest.param(
            *(DEAF + SLEEPS, "agent", signal.SIGKILL, "rank 0: begins"),
            marks=pytest.mark.nightly,
        ),
    ],
    ids=["interrupt", "caller-killed", "agent-killed", "agent-killed-deaf"],
)
def test_no_process_outlives_the_call(write, tmp_path, script, who, number, said):
    write(script)
    command = [sys.executable, "-c", CALL]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as caller:
        try:
            processes = started(tmp_path)
            agent = int((tmp_path / "agent.pid").read_text())
            os.kill(agent if who == "agent" else caller.pid, number)
            heard, _ = caller.communicate(timeout=PATIENCE)
        finally:
            caller.kill()
    assert heard.startswith(said)
    assert bool(heard) == bool(said)
    assert all_end(processes)


@pytest.mark.heavy
def test_no_process_outlives_its_time(write, capsys, tmp_path):
    # At most until then; on a busy machine none may have begun.
    assert d2l.torchrun(write(SLEEPS), timeout=7.5) is False
    assert capsys.readouterr().out.startswith("stopped after 7.5 seconds\n")
    assert all_end(pids(tmp_path))


@pytest.mark.heavy
def test_no_process_outlives_a_cell_or_its_kernel(write, tmp_path):
    write(SLEEPS)
    manager, client = jupyter_client.manager.start_new_kernel(cwd=str(tmp_path))
    try:
        call = "import d2l_utils as d2l; d2l.torchrun('script.py')"
        asked = client.execute(call)
        processes = started(tmp_path)
        manager.interrupt_kernel()
        while (reply := client.get_shell_msg(timeout=PATIENCE))["parent_header"].get(
            "msg_id"
        ) != asked:
            pass
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        assert not any(map(running, processes))
        for path in tmp_path.glob("*.pid"):
            path.unlink()
        client.execute(call)
        processes = started(tmp_path)
        manager.shutdown_kernel(now=True)
        assert all_end(processes)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


# Loopback is switched on in a new network, which has nothing else.
ALONE = """\
import fcntl, socket, struct
with socket.socket() as any_socket:
    fcntl.ioctl(any_socket, 0x8914, struct.pack("16sh14x", b"lo", 1))  # up
import d2l_utils as d2l
try:
    socket.getaddrinfo(socket.gethostname(), None)
    raise SystemExit("the name leads somewhere")
except socket.gaierror:
    assert d2l.torchrun("script.py")
"""


@pytest.mark.heavy
def test_neither_a_network_nor_a_name_is_needed(write, tmp_path):
    alone = ["unshare", "--map-root-user", "--net", "--uts", "sh", "-c"]
    alone += ['echo nowhere > /proc/sys/kernel/hostname && exec "$@"', "-"]
    try:
        subprocess.run([*alone, "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this system lets nobody be without a network and a name")
    write(
        """
import torch
import torch.distributed as dist
dist.init_process_group("gloo")
x = torch.ones(3)
dist.all_reduce(x)
print(x.tolist())
dist.destroy_process_group()
"""
    )
    run = subprocess.run(
        [*alone, sys.executable, "-c", ALONE], capture_output=True, text=True
    )
    said = "rank 0: [2.0, 2.0, 2.0]\nrank 1: [2.0, 2.0, 2.0]\n"
    assert (run.stdout, run.stderr) == (said, "")
    assert all_end(pids(tmp_path))
