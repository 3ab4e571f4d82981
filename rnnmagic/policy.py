"""What a teacher has set: how far the hints go, whether fixes may be applied, whether hints are on.

Each source can only make it stricter: the configuration files (the system's by themselves, so that a
user's file does not loosen them), the environment variable `RNNMAGIC_POLICY`, and the metadata of the
notebook. In files it is `c.RnnPolicy.highest_step`, `.allow_apply` and `.hints`. What the files and the environment say is read once, when rnnmagic is first loaded, and holds
until the kernel ends: no `%config`, no option, no `%reload_ext` and no `os.environ` changes it. It is a
guide rail and no lock: code in the kernel can reach whatever rnnmagic can.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnmagic.language import later, say
from rnnmagic.report import HINT_STEPS

VARIABLE = "RNNMAGIC_POLICY"
CONFIGURATION = later("the configuration")
METADATA = later("the notebook's metadata")
NAMES = ("highest_step", "allow_apply", "hints")
_WORDS = {
    "yes": True,
    "true": True,
    "on": True,
    "1": True,
    "no": False,
    "false": False,
    "off": False,
    "0": False,
}


@dataclass(frozen=True)
class Rules:
    """What holds. `sources` says from where, `warnings` what could not be read."""

    highest_step: int = HINT_STEPS
    allow_apply: bool = True
    hints: bool = False
    sources: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def restricts(self) -> bool:
        """Whether anything is set that a user would notice."""
        return self.values != Rules().values

    @property
    def values(self) -> tuple[int, bool, bool]:
        return self.highest_step, self.allow_apply, self.hints

    def origin(self) -> str:
        """The sources in the language in use, for the middle of a sentence."""
        return ", ".join(_source(source) for source in self.sources)


def _source(source: str) -> str:
    """A source in the language in use; a file and the environment variable are names."""
    return say(source) if source in (CONFIGURATION, METADATA) else source


def strictest(rules: Iterable[Rules]) -> Rules:
    """All of them at once: of each setting the strictest."""
    found = list(rules)
    return Rules(
        min((one.highest_step for one in found), default=HINT_STEPS),
        all(one.allow_apply for one in found),
        any(one.hints for one in found),
        tuple(dict.fromkeys(source for one in found for source in one.sources)),
        tuple(dict.fromkeys(warning for one in found for warning in one.warnings)),
    )


def describe(rules: Rules) -> str:
    """What is set, and where, in a few short sentences."""
    if not rules.restricts:
        return say("No policy is set: all hints and fixes are open.")
    sentences = [
        say("A policy is set ({origin}).", origin=rules.origin()),
        say("Hints go up to step {step} of {steps}.", step=rules.highest_step, steps=HINT_STEPS),
    ]
    if not rules.allow_apply:
        sentences.append(say("Fixes cannot be applied."))
    if rules.hints:
        sentences.append(say("Every report is shown step by step."))
    return " ".join(sentences)


# Reading


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,3}\s*", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= HINT_STEPS:
        return None
    return int(value)


def _truth(value: Any) -> bool | None:
    if isinstance(value, str):
        return _WORDS.get(value.strip().lower())
    return value if isinstance(value, bool) else None


_NO_STEP = later(
    "{source}: {name} should be a whole number from 1 to {steps}, not {value}; {name}={strict} holds."
)
_NO_TRUTH = later("{source}: {name} should be yes or no, not {value}; {name}={strict} holds.")
_READERS: dict[str, tuple[Callable[[Any], Any], Any, str]] = {
    # How a value is read, what counts where it cannot be, and what is said of it then.
    "highest_step": (_whole, 1, _NO_STEP),
    "allow_apply": (_truth, False, _NO_TRUTH),
    "hints": (_truth, True, _NO_TRUTH),
}


def _rules(values: Mapping[str, Any], source: str) -> Rules:
    """The rules of one source; of a value that cannot be read the strictest holds, and it is said."""
    read: dict[str, Any] = {}
    warnings = []
    for name in NAMES:
        if name not in values:
            continue
        reader, strict, told = _READERS[name]
        value = reader(values[name])
        if value is None:
            simple = isinstance(values[name], (str, int, float, bool))
            shown = ascii(values[name])[:60] if simple else say("this value")
            warnings.append(
                say(told, source=_source(source), name=name, value=shown, strict=strict, steps=HINT_STEPS)
            )
            value = strict
        read[name] = value
    rules = Rules(**read)
    sources = (source,) if rules.restricts else ()
    return Rules(*rules.values, sources, tuple(warnings))


_STRICTEST: dict[str, Any] = {name: strict for name, (_, strict, _) in _READERS.items()}


def from_text(text: str) -> Rules:
    """`highest_step=3,allow_apply=no,hints=yes`, as `RNNMAGIC_POLICY` holds it.

    Where a part cannot be read at all, everything is as strict as it can be: better a teacher who
    asks than a class without the policy.
    """
    values: dict[str, Any] = {}
    for part in re.split(r"[,;\s]+", re.sub(r"\s*=\s*", "=", text.strip())):
        name, sign, value = part.partition("=")
        if part and (not sign or name not in NAMES):
            strict = Rules(**_STRICTEST)
            names = ", ".join(NAMES)
            warning = say(
                "{variable}: {part} is none of {names} with its value; the strictest policy holds.",
                variable=VARIABLE,
                part=ascii(part)[:60],
                names=names,
            )
            return Rules(*strict.values, (VARIABLE,), (warning,))
        if part:
            # The same name twice: the stricter one.
            values[name] = value if name not in values else _stricter(name, values[name], value)
    return _rules(values, VARIABLE)


def _stricter(name: str, one: Any, two: Any) -> Any:
    rules = strictest([_rules({name: one}, VARIABLE), _rules({name: two}, VARIABLE)])
    return getattr(rules, name)


def from_metadata(metadata: Any) -> Rules:
    """The rules in a notebook's metadata: `{"rnnmagic": {"highest_step": 3, "allow_apply": false}}`.

    Takes whatever a notebook file may hold there; what is none of the settings is left alone.
    """
    section = metadata.get("rnnmagic") if isinstance(metadata, Mapping) else None
    if not isinstance(section, Mapping):
        return Rules()
    return _rules({name: section[name] for name in NAMES if name in section}, METADATA)


def from_config(config: Any, source: str = CONFIGURATION) -> Rules:
    """The rules in a traitlets configuration, `c.RnnPolicy.highest_step = 3`."""
    section = config.get("RnnPolicy") if isinstance(config, Mapping) else None
    if not isinstance(section, Mapping):
        return Rules()
    return _rules({name: section[name] for name in NAMES if name in section}, source)


def _initial_environment() -> list[str]:
    """The variable as the process was started with it, and as it is now; a notebook may change the latter."""
    found = [os.environ.get(VARIABLE)]
    try:
        entries = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        entries = []  # no Linux
    start = f"{VARIABLE}=".encode()
    found += [entry[len(start) :].decode(errors="replace") for entry in entries if entry.startswith(start)]
    return list(dict.fromkeys(text for text in found if text))


def _files() -> list[Rules]:
    """What IPython's configuration files outside of the user's own folder say, each by itself."""
    from IPython.core import application
    from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

    folders = [
        *getattr(application, "SYSTEM_CONFIG_DIRS", ()),
        *getattr(application, "ENV_CONFIG_DIRS", ()),
    ]
    found = []
    for folder in dict.fromkeys(map(str, folders)):
        for name in ("ipython_config", "ipython_kernel_config"):
            for loader, ending in ((PyFileConfigLoader, "py"), (JSONFileConfigLoader, "json")):
                path = Path(folder, f"{name}.{ending}")
                if not path.is_file():
                    continue
                try:
                    config = loader(path.name, path=folder).load_config()
                    found.append(from_config(config, str(path)))
                except Exception as problem:
                    kind = type(problem).__name__
                    warning = say("{file} could not be read for a policy ({kind}).", file=path, kind=kind)
                    found.append(Rules(warnings=(warning,)))
    return found


_set_from_outside: Rules | None = None


def tighten(rules: Rules) -> Rules:
    """Add the rules of another source, the notebook's metadata; all of them, for as long as the process lives."""
    global _set_from_outside
    _set_from_outside = strictest([_set_from_outside or Rules(), rules])
    return _set_from_outside


def from_outside(config: Any) -> Rules:
    """What configuration and environment say. The first call decides, for as long as the process lives.

    Parameters
    ----------
    config
        The shell's configuration.
    """
    global _set_from_outside
    if _set_from_outside is None:
        texts = [from_text(text) for text in _initial_environment()]
        _set_from_outside = strictest([*_files(), from_config(config), *texts])
        for warning in _set_from_outside.warnings:
            print(f"rnnmagic: {warning}", file=sys.stderr)
    return _set_from_outside
