"""Trainings that lose a process or a machine go on as if nothing had happened.

The scripts are those of lesson 10. To `parallel.py`, which has their loop, lines are
appended that let a training wait in the middle of an epoch, for as long as a test needs
to do harm there.
"""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time

import pytest
import torch

import lesson_text
from alive import PATIENCE, all_end, running, wait_for
from d2l_utils.launch import LOOPBACK
from project import ROOT

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(os.name == "nt", reason="torchrun is not for Windows"),
]

LESSON = ROOT / "chapters/text/en/10_scaling_out.md"
# A machine that is lost is missed after five seconds, not 15, and no other than those
# that have come is waited for longer than that, not 30.
SOON = "keep_alive_interval=1,keep_alive_max_attempt=5,last_call_timeout=5"
# After the last epoch.
END = "9"
MIDDLE, LATER = "1  5", "2  5"
APPENDED = """

import os
import time
from pathlib import Path

_RANK, _SIZE, _RUN = os.environ["RANK"], os.environ["WORLD_SIZE"], run_epoch


def run_epoch(epoch, net, optimizer, sampler, batches):
    def slowly():
        for step, batch in enumerate(batches):
            time.sleep(0.01)
            told = None
            place = f"{epoch} {step:2}"
            while place >= Path("until").read_text():
                if not told:
                    told = Path(f"rank{_RANK}.part")
                    told.write_text(f"{place} {_SIZE} {os.getppid()} {os.getpid()}")
                    told.rename(f"rank{_RANK}.waits")
                time.sleep(0.01)
            yield batch

    _RUN(epoch, net, optimizer, sampler, slowly())
"""


class Place:
    """A folder with the scripts of the lesson, and what is started in it."""

    def __init__(self, path):
        self.path, self.agents = path, []
        for cell in lesson_text.cells(LESSON):
            if found := lesson_text.WRITES.match(cell.source):
                text = lesson_text.python(cell.source) + "\n"
                text += APPENDED * (found[1] == "parallel.py")
                (path / found[1]).write_text(text, encoding="utf-8")
        self.until(END)

    def until(self, place):
        """Let the training go on to an epoch, and to a step of it, such as "1  5"."""
        (self.path / "until.part").write_text(place)
        (self.path / "until.part").rename(self.path / "until")

    def torchrun(self, *options, restarts=0, log="log"):
        """Start torchrun as `d2l.torchrun` does: all ends when its input is closed."""
        launch = ["-m", "d2l_utils.launch"]
        command = [sys.executable, *launch, *options, "--local-addr=127.0.0.1"]
        command += [f"--max-restarts={restarts}", *launch, "survive.py", "training.pt"]
        environment = {
            "GLOO_SOCKET_IFNAME": LOOPBACK,
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "TORCH_DISABLE_SHARE_RDZV_TCP_STORE": "1",
        }
        with (self.path / log).open("a") as file:
            agent = subprocess.Popen(
                command,
                cwd=self.path,
                stdin=subprocess.PIPE,
                stdout=file,
                stderr=file,
                env=os.environ | environment,
                start_new_session=True,
            )
        self.agents.append(agent)
        return agent

    def alone(self, size=2, restarts=0):
        """Start the training on one machine, as the lesson does."""
        processes = f"--nproc-per-node={size}"
        return self.torchrun("--standalone", processes, restarts=restarts)

    def machine(self, number, port, nodes):
        """Start one of two machines, with one process each; 0 is where they meet."""
        return self.torchrun(
            *(f"--nnodes={nodes}", "--nproc-per-node=1"),
            *("--rdzv-backend=c10d", f"--rdzv-endpoint=127.0.0.1:{port}"),
            f"--rdzv-conf=is_host={1 - number},{SOON}",
            restarts=3,
            log=f"log{number}",
        )

    def said(self):
        """What all agents and processes have printed."""
        logs = sorted(self.path.glob("log*"))
        return "".join(log.read_text(errors="replace") for log in logs)

    def waiting(self, place, size):
        """The processes by their agents, if so many wait at this place."""
        found = []
        for rank in range(size):
            file = self.path / f"rank{rank}.waits"
            *at, agent, pid = file.read_text().split() if file.exists() else "00"
            if at == [*place.split(), str(size)] and running(int(pid)):
                found.append((int(agent), int(pid)))
        return found if len(found) == size else []

    def wait(self, place, size):
        """Wait until so many processes wait at this place."""
        found = wait_for(lambda: self.waiting(place, size))
        assert found, self.said()
        return found

    def state(self):
        """What is in the checkpoint."""
        return torch.load(self.path / "training.pt")

    def close(self):
        """End what a failed test has left."""
        for agent in self.agents:
            agent.stdin.close()
        for agent in self.agents:
            agent.wait()


@pytest.fixture
def place(tmp_path):
    """A folder for a training to which something happens."""
    with contextlib.closing(Place(tmp_path)) as place:
        yield place


@pytest.fixture(scope="module")
def calm(tmp_path_factory):
    """What the training of the lesson ends with if nothing happens to it."""
    with contextlib.closing(Place(tmp_path_factory.mktemp("calm"))) as place:
        assert place.alone().wait(PATIENCE) == 0, place.said()
        return place.state()


def same(one, other):
    """Whether two states are the same to the last bit."""
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def test_states_that_differ_are_seen(calm):
    assert calm.keys() == {"net", "optimizer", "generators", "epochs"}
    assert same(calm, calm)
    for part in ("net", "generators"):
        for key in calm[part] if part == "net" else range(2):
            changed = type(calm[part])(calm[part])
            changed[key] = changed[key].clone()
            changed[key].view(torch.uint8).view(-1)[-1] ^= 1
            assert not same(calm, calm | {part: changed})
    assert not same(calm, calm | {"epochs": 3})


@pytest.mark.parametrize(
    "seed",
    [0, 1, *(pytest.param(n, marks=pytest.mark.nightly) for n in range(2, 20))],
)
def test_a_process_is_killed_and_nothing_is_lost(seed, place, calm):
    rng = random.Random(seed)
    for _ in range(5):
        epoch, step, rank = rng.randrange(3), rng.randrange(1, 12), rng.randrange(2)
        begin = f"{epoch} {step:2}"
        place.until(begin)
        run = place.alone(restarts=1)
        processes = [pid for _, pid in place.wait(begin, 2)]
        place.until(END)
        time.sleep(rng.uniform(0, 0.1))
        if running(processes[rank]):
            os.kill(processes[rank], signal.SIGKILL)
        assert run.wait(PATIENCE) == 0, place.said()
        assert same(place.state(), calm)
        assert all_end(processes)
        if "exitcode: -9" in place.said():
            break
        # The training was faster than the blow.
        (place.path / "training.pt").unlink()
    assert place.said().count("goes on after") == 2 or epoch == 0


def two_machines(place, nodes):
    """Start both; a free port is looked for, which another may take meanwhile."""
    for _ in range(2):
        with socket.socket() as door:
            door.bind(("127.0.0.1", 0))
            port = door.getsockname()[1]
        first, second = (place.machine(number, port, nodes) for number in range(2))
        wait_for(lambda first=first: place.waiting(MIDDLE, 2) or first.poll())
        if first.poll() is None:
            break
        second.stdin.close()
    processes = dict(place.wait(MIDDLE, 2))
    assert processes.keys() == {first.pid, second.pid}
    return first, second, processes[second.pid], port


def test_two_machines_are_as_two_processes(place, calm):
    place.until(MIDDLE)
    first, second, *_ = two_machines(place, "2")
    place.until(END)
    assert [agent.wait(PATIENCE) for agent in (first, second)] == [0, 0]
    assert same(place.state(), calm)


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """What remains if the second of four epochs is run by one process, not by two."""
    with contextlib.closing(Place(tmp_path_factory.mktemp("planned"))) as place:
        for until, size in [(MIDDLE, 2), (LATER, 1), (END, 2)]:
            place.until(until)
            run = place.alone(size)
            if until == END:
                assert run.wait(PATIENCE) == 0, place.said()
            else:
                place.wait(until, size)
                run.stdin.close()
                run.wait()
        return place.state()


@pytest.mark.nightly
@pytest.mark.parametrize("lost", [False, True], ids=["leaves", "lost"])
def test_a_machine_goes_and_comes_back(lost, place, planned):
    place.until(MIDDLE)
    first, second, process, port = two_machines(place, "1:2")
    if lost:
        second.kill()
        os.kill(process, signal.SIGKILL)
    else:
        second.terminate()
    assert all_end([second.pid, process])
    place.until(LATER)
    place.wait(LATER, 1)
    again = place.machine(1, port, "1:2")
    place.wait(LATER, 2)
    place.until(END)
    assert [agent.wait(PATIENCE) for agent in (first, again)] == [0, 0]
    assert same(place.state(), planned)
