"""Interrupt a real kernel at random moments of a check, and see that nothing is left half done.

    python tests/robustness/interrupts.py 500
    python tests/robustness/interrupts.py 500 --seed 3 --only 212      # that one again

Each round sets up a notebook, unless it is still as it was set up, lets a checked cell (or an Apply) run, and
sends SIGINT, as the button of a notebook does, at a moment drawn over the phase. Moments are counted in the
processor time of the kernel, so that they are where they are also on a machine that has other work.
Afterwards the kernel has to be alive, the cell's own error or `KeyboardInterrupt` shown, and no traceback of
rnnmagic's; the variables, weights, optimizer and random states have to be as before the cell or as after its
failure, nothing may be left patched, and the next check has to say what a check says that nobody interrupted.

After a round that was not whole, and where TensorFlow was left unusable by an interrupt of the user's own code,
a fresh kernel plays the rounds that remain.
"""

from __future__ import annotations

import argparse
import collections
import os
import random
import re
import signal
import sys
import tempfile
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "kernel")]

from live import Answer, Live, live_kernel  # noqa: E402
from short_notebooks import BEGIN, NOTEBOOKS  # noqa: E402

MAGIC = "%%rnncheck --display html\n"
OPEN = f"""
%load_ext rnnmagic
%xmode Plain
import faulthandler, signal, sys
sys.path.insert(0, {str(HERE)!r})
import probe, rnnmagic
probe.stacks = open("STACKS", "w")
faulthandler.register(signal.SIGUSR1, file=probe.stacks)
del faulthandler, signal, sys
"""
PHASES = {
    "check": ("flat rows", "not built", "stateful", "silent"),
    "dry run": ("flat rows", "not built"),
    "preflight": ("later", "stateful"),
    "apply": ("ragged",),
    "click": ("ragged",),
}
"""For each phase the notebooks in which it is interrupted."""
SHARES = {"check": 5, "dry run": 6, "preflight": 5, "apply": 2, "click": 2}
EARLIER = re.compile(r"^model\.fit\(.*\)$", re.MULTILINE)
AT_ONCE = r"model.run_eagerly = True; \g<0>; model.run_eagerly = False; model.train_function = None"
"""Trainings of the set-up, whose graphs would take most of the time of a round."""
TRAINS = ("later", "silent")
"""Notebooks whose cell trains: without a graph, for the same reason."""
TIMINGS = 3
"""Of each notebook undisturbed, whose least is kept: what is seen late, on a busy machine, is timed too long."""
PROCESS_CLOCK = 2
"""CPUCLOCK_SCHED of Linux: with the inverted number of a process, the id of its clock."""
WAIT_AT_MOST_S = 3
"""For a kernel that was done before the moment came, as one in twenty is."""
WRONG_AT_MOST = 10
"""Rounds that were not whole, after which no more are played."""
OURS = ("/rnnmagic/", "Error in callback", "rnnmagic.execution")


NESTED = "Nesting violated for default stack"


def _of_tensorflow(name: str | None, answer: Answer) -> bool:
    """Whether TensorFlow made another error of the interrupt, as it does in a cell without rnnmagic too.

    A `RuntimeError` where it is raising one itself; CPython's `SystemError` where its C++ code goes on with
    the interrupt pending (seen in `auto_control_deps`, which asks for an operation's outputs); an
    `AssertionError` where the user's own training was tracing, and the interrupt came as one of its graphs
    was being put away, which that `finally` does not withstand.
    """
    if name == "AssertionError":
        return NESTED in answer.reply.get("evalue", "") and "/rnnmagic/" not in answer.traceback
    if name == "SystemError":
        said = answer.reply.get("evalue", "")
        pending = "bad argument to internal function" in said or "exception set" in said
        return pending and not any(text in answer.traceback for text in OURS)
    return "REPLACED BY KeyboardInterrupt" in answer.reply.get("evalue", "")


@dataclass
class Known:
    """What a notebook does when nobody interrupts it."""

    begins: float
    """Seconds of the kernel's processor time, from when the cell is sent: until it begins, or until its error."""
    lasts: float
    """Seconds of it from there to the end of the phase."""


@dataclass
class Round:
    number: int
    phase: str
    notebook: str
    moment: float
    """Of the phase: 0 is its beginning, 1 its end."""
    delay: float = 0.0
    """Seconds of the kernel's processor time, from when the cell, the Apply or the click is sent."""
    hit: bool = False
    """Whether the interrupt was sent before the kernel was done."""
    seen: str = ""
    wrong: list[str] = field(default_factory=list)
    lost: bool = False
    """Whether TensorFlow was left inside a graph, which nothing but a new kernel mends."""


class Interrupter:
    """One kernel, and what is known of its notebooks."""

    def __init__(self, kernel: Live, folder: Path) -> None:
        self.kernel = kernel
        self._stacks = folder / "stacks.txt"
        self.known: dict[tuple[str, str], Known] = {}
        self.report: dict[str, Any] = {}
        self._run(OPEN.replace("STACKS", str(self._stacks)))

    def _used(self) -> float:
        """Processor time of the kernel so far, in seconds: Linux's clock of another process."""
        return time.clock_gettime((~self.kernel.manager.provisioner.process.pid << 3) | PROCESS_CLOCK)

    def _strike(self, until: float) -> datetime:
        """Interrupt the kernel when it has used so much; when that was."""
        limit = time.monotonic() + WAIT_AT_MOST_S
        while self._used() < until and time.monotonic() < limit:
            time.sleep(0.0005)
        self.kernel.manager.interrupt_kernel()
        return datetime.now(timezone.utc)

    def _run(self, code: str) -> Answer:
        answer = self.kernel.run(code, store_history=False)
        assert answer.status == "ok", f"{code}\n{answer.traceback}"
        return answer

    def stacks(self) -> str:
        """Where the kernel's threads are: asked when it does not answer."""
        os.kill(self.kernel.manager.provisioner.process.pid, signal.SIGUSR1)
        time.sleep(1)
        return self._stacks.read_text()

    def _begin(self, notebook: str) -> None:
        """Set up a notebook, unless it is there and has not changed since."""
        if not self.kernel.value(f"probe.is_fresh({notebook!r}, globals())"):
            setup = NOTEBOOKS[notebook].setup
            if notebook in TRAINS:
                setup = setup.replace('"mse")', '"mse", run_eagerly=True)')
            else:
                setup = EARLIER.sub(AT_ONCE, setup)
            self._run(f"probe.clear(globals())\n{BEGIN + setup}\nprobe.begun({notebook!r}, globals())")

    def learn(self) -> None:
        """Play each notebook undisturbed: its report, its times, and the states that may be left."""
        # A fix that a busy machine leaves no time for is not tried: here that would be a difference.
        self._run("get_ipython().run_line_magic('config', 'RnnCheck.time_limit = 60')")
        self._run("import rnnmagic.preflight; rnnmagic.preflight.FIX_SECONDS = 60")
        # The first check imports what is imported once.
        self._begin("flat rows")
        self.kernel.run(MAGIC + NOTEBOOKS["flat rows"].cell)
        for name in dict.fromkeys(name for names in PHASES.values() for name in names):
            self._begin(name)
            self._run("probe.note(globals())")
            self.kernel.run("#" + MAGIC + NOTEBOOKS[name].cell)
            self._run(f"probe.keep({name!r}, globals())")
            every = [self._timed(name) for _ in range(TIMINGS)]
            times = {what: min(one[what] for one in every) for what in every[0]}
            self.report[name] = self.kernel.value("probe.report()")
            cause = NOTEBOOKS[name].cause
            assert cause in (self.report[name][1], *self.report[name][4]), self.report[name]
            for phase, names in PHASES.items():
                if name in names:
                    self.known[phase, name] = self._phase(phase, times)

    def _timed(self, name: str) -> dict[str, float]:
        self._begin(name)
        times, began = dict[str, float](), self._used()
        sent = self.kernel.send(MAGIC + NOTEBOOKS[name].cell)
        self.kernel.collect(sent, on_output=lambda o: times.setdefault(o["type"], self._used()))
        times["end"] = self._used()
        times = {what: at - began for what, at in times.items()}
        if name == "ragged":
            began = self._used()
            self._run("rnnmagic.last_report().apply(1)")
            times["apply"] = self._used() - began
            self._run("rnnmagic.last_report().undo()")
        return times

    def _phase(self, phase: str, times: dict[str, float]) -> Known:
        if phase in ("apply", "click"):
            return Known(0, times["apply"])
        begins = times["error" if phase == "dry run" else "execute_input"]
        return Known(begins, times["display_data" if phase == "preflight" else "end"] - begins)

    # One round

    def play(self, one: Round) -> Round:
        known = self.known[one.phase, one.notebook]
        one.delay = known.begins + one.moment * known.lasts
        self._begin(one.notebook)
        if one.phase in ("apply", "click"):
            self._applied(one)
        else:
            self._checked(one)
        if not one.lost:
            self._again(one)
        return one

    def _checked(self, one: Round) -> None:
        self._run("probe.note(globals())")
        answer = self._interrupted(MAGIC + NOTEBOOKS[one.notebook].cell, one)
        name = answer.reply.get("ename") if answer.reply else self._shown_error(answer)
        dropped = not answer.reply and name is None  # by ipykernel: see `_interrupted`
        one.seen = str(name) if answer.reply else f"{name}, no reply"
        if dropped or _of_tensorflow(name, answer):
            one.lost = name == "AssertionError"
            name = "KeyboardInterrupt"
        if name not in (NOTEBOOKS[one.notebook].error, "KeyboardInterrupt"):
            one.wrong.append(f"the cell ended with {name}: {answer.traceback[-300:]}")
        self._clean_outputs(one, answer)
        # A cell of the user's that was interrupted itself is left as far as it got.
        running = name == "KeyboardInterrupt" or NOTEBOOKS[one.notebook].error is None
        one.wrong += self.kernel.value(f"probe.left({one.notebook!r}, globals(), {running})")

    def _interrupted(self, code: str, one: Round) -> Answer:
        """Run a cell and interrupt it.

        Before it begins, ipykernel drops the whole request at an interrupt, and once it has ended, the reply
        (`KeyboardInterrupt caught in kernel`), in a kernel with rnnmagic and in one without.
        """

        struck: list[datetime] = []
        until = self._used() + one.delay

        def seen(output: dict[str, Any]) -> None:
            if output["type"] == "execute_input":
                struck.append(self._strike(until))

        sent = self.kernel.send(code)
        answer = self.kernel.collect(sent, on_output=seen, wait_for_reply_s=5)[0]
        one.hit = bool(struck) and struck[0] < self.kernel.ended[sent]
        return answer

    def _shown_error(self, answer: Answer) -> str | None:
        shown = [output["ename"] for output in answer.outputs if output["type"] == "error"]
        return shown[-1] if shown else None

    def _clean_outputs(self, one: Round, answer: Answer) -> None:
        shown = answer.traceback + answer.stderr
        if one.seen == "KeyboardInterrupt":
            # What was under way may be ours, in the user's call: the last frames of the traceback then are.
            shown = answer.stderr
        one.wrong += [f"shown: {shown[-600:]}" for text in OURS if text in shown][:1]

    def _applied(self, one: Round) -> None:
        self.kernel.run(MAGIC.replace("html", "panel") + NOTEBOOKS[one.notebook].cell)
        self._run("_data = X_train")
        if one.phase == "apply":
            answer = self._interrupted("rnnmagic.last_report().apply(1);", one)
            one.seen = str(answer.reply.get("ename"))
            if one.seen not in ("None", "KeyboardInterrupt"):
                one.wrong.append(answer.traceback[-600:])
        else:
            until = self._used() + one.delay
            clicked = self._click("Apply fix 1")
            struck = self._strike(until)
            self._run("pass")
            one.hit = struck < self.kernel.ended[clicked]
        state = "(X_train is _data, rnnmagic.last_report().repairer.applied)"
        original, applied = self.kernel.value(state)
        one.seen += f" {'as before' if original else 'repaired'}"
        if original != (applied is None):
            one.wrong.append(
                f"half applied: the variable is the old one: {original}, the report says {applied}"
            )
        if original:
            self._run("rnnmagic.last_report().apply(1)")
        self._run("assert isinstance(X_train, np.ndarray), type(X_train)")
        self._run("rnnmagic.last_report().undo()\nassert X_train is _data")

    def _click(self, description: str) -> str:
        """Send a click on this button without waiting; the message's id."""
        for message in reversed(self.kernel.comm_messages):
            if message["msg_type"] == "comm_open":
                state = message["content"]["data"].get("state", {})
                if state.get("description") == description:
                    data = {"method": "custom", "content": {"event": "click"}}
                    comm = message["content"]["comm_id"]
                    sent = self.kernel.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
                    self.kernel.client.shell_channel.send(sent)
                    return str(sent["header"]["msg_id"])
        raise AssertionError(f"no button {description!r}")

    def _again(self, one: Round) -> None:
        """The next check: of the same cell on the same objects, and where Keras got half its way, on fresh ones."""
        wanted = self.report[one.notebook]
        as_failed = one.phase in ("check", "dry run") and self.kernel.value(
            f"probe.as_failed({one.notebook!r})"
        )
        if one.seen == "KeyboardInterrupt" or as_failed:
            name, found = self._next(one)
            # A model that Keras has half built and nobody has rolled back takes no fix, or fails by itself.
            if (name, found[:2]) != (NOTEBOOKS[one.notebook].error, wanted[:2]):
                plain = self.kernel.run("#" + MAGIC + NOTEBOOKS[one.notebook].cell).reply.get("ename")
                if name is None or plain != name:
                    one.wrong.append(
                        f"the next check said {name}, {found}, not {wanted}; without one: {plain}"
                    )
            self._begin(one.notebook)
        name, found = self._next(one)
        if (name, found) != (NOTEBOOKS[one.notebook].error, wanted):
            one.wrong.append(f"then the check said {name}, {found}, not {wanted}")

    def _next(self, one: Round) -> tuple[str | None, Any]:
        answer = self.kernel.run(MAGIC + NOTEBOOKS[one.notebook].cell)
        return answer.reply.get("ename"), self.kernel.value("probe.report()")


def rounds(count: int, seed: int) -> list[Round]:
    """The rounds of one seed: the same whatever the machine.

    Rounds of one notebook follow one another, since to set one up takes longer than the rest of a round.
    """
    dice = random.Random(seed)
    phases = [phase for phase, share in SHARES.items() for _ in range(share)]
    order = [phases[number % len(phases)] for number in range(count)]
    dice.shuffle(order)
    of_phase = collections.Counter(order)
    moments = {
        phase: [_moment(phase, (place + dice.random()) / many) for place in range(many)]
        for phase, many in of_phase.items()
    }
    for of_one in moments.values():
        dice.shuffle(of_one)
    drawn = [(phase, dice.choice(PHASES[phase]), moments[phase].pop()) for phase in order]
    drawn.sort(key=lambda one: one[1])
    return [Round(number, *one) for number, one in enumerate(drawn)]


def _moment(phase: str, share: float) -> float:
    """Evenly over a phase; of an Apply mostly the end, where after its rehearsal a variable is bound anew."""
    return 1.1 * share**0.25 if phase in ("apply", "click") else 1.05 * share


def interrupt(count: int, seed: int, only: int | None = None, tell: bool = True) -> list[Round]:
    """Play so many rounds, in one kernel as long as that is as it should be."""
    wanted = [one for one in rounds(count, seed) if only is None or one.number == only]
    played: list[Round] = []
    began = time.monotonic()
    while len(played) < len(wanted) and sum(bool(one.wrong) for one in played) < WRONG_AT_MOST:
        with (
            tempfile.TemporaryDirectory() as folder,
            (Path(folder) / "stderr.txt").open("w+b") as stderr,
            live_kernel(Path(folder), stderr) as kernel,
        ):
            interrupter = Interrupter(kernel, Path(folder))
            interrupter.learn()
            for one in wanted[len(played) :]:
                _play(interrupter, one)
                if not kernel.manager.is_alive():
                    said = Path(stderr.name).read_text(errors="replace")[-2000:]
                    one.wrong.append(f"the kernel died ({kernel.manager.provisioner.process.poll()}): {said}")
                played.append(one)
                if tell:
                    bad, seconds = sum(bool(each.wrong) for each in played), time.monotonic() - began
                    print(
                        f"\r{len(played)} of {count} in {seconds:.0f} s, {bad} not whole", end="", flush=True
                    )
                    if one.wrong or one.lost:
                        print(f"\n  {one}", flush=True)
                if one.wrong or one.lost:
                    break
    return played


def _play(interrupter: Interrupter, one: Round) -> None:
    try:
        interrupter.play(one)
    except AssertionError as problem:
        one.wrong.append(str(problem)[:1500])
    except TimeoutError as problem:
        one.wrong.append(f"{str(problem)[:300]}\n{str(problem)[-1500:]}\n{interrupter.stacks()}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="the number of one round")
    options = parser.parse_args()
    played = interrupt(options.count, options.seed, options.only)
    print()
    for phase in PHASES:
        of_phase = [one for one in played if one.phase == phase]
        if of_phase:
            seen = collections.Counter(one.seen for one in of_phase)
            wrong, hit = sum(bool(one.wrong) for one in of_phase), sum(one.hit for one in of_phase)
            print(
                f"{phase:10} {len(of_phase):4} rounds, {hit} interrupted at work, {wrong} not whole; "
                f"ended with {dict(seen)}"
            )
    lost = sum(one.lost for one in played)
    if lost:
        print(
            f"{lost} of these left TensorFlow inside a graph of the user's own training: a new kernel went on"
        )
    return 1 if any(one.wrong for one in played) else 0


if __name__ == "__main__":
    sys.exit(main())
