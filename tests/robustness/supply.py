"""What reaches a user's machine, and what is left there afterwards.

python tests/robustness/supply.py            # all parts
python tests/robustness/supply.py wheel twice install      # those that need no registry but pip's
python tests/robustness/supply.py audit npm  # known holes in what rnnmagic depends on

wheel      holds the package and the lab extension: no tests, no source maps, no TypeScript, no paths of a machine
twice      sdist and wheel built twice, from copies in other folders, are the same to the byte
install    into a fresh environment, and out of it again: what is left behind
bundle     the JavaScript built twice from fresh copies is the same to the byte (npm ci: asks the npm registry)
audit      pip-audit over what rnnmagic itself needs, without the test extra
npm        npm audit over labextension/
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "node_modules", "__pycache__", "built", "build", ".*_cache", ".hypothesis", ".ipynb_checkpoints"
)  # fmt: skip
EPOCH = "1700000000"
NOT_IN_A_WHEEL = (".map", ".ts", ".tsx", ".po~", ".pyc", ".ipynb")


class Unreachable(Exception):
    """The part could not be carried out here; the text says why."""


def run(
    *command: str, folder: Path | None = None, check: bool = True, **environment: str
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, cwd=folder, text=True, capture_output=True, env={**os.environ, **environment}
    )
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done


def copy_of(root: Path, to: Path) -> Path:
    shutil.copytree(root, to, ignore=LEFT_OUT)
    return to


def build(tree: Path, out: Path) -> list[Path]:
    """An sdist, and the wheel that is made from it. The bundle is packed as it stands."""
    # Beside, and not in: hatchling ignores a .gitignore that ignores the folder it is in.
    beside = out.with_name(out.name + "-unpacked")
    skip = {"SKIP_JUPYTER_BUILDER": "1", "SOURCE_DATE_EPOCH": EPOCH}
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", str(out), folder=tree, **skip)
    (sdist,) = out.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(beside, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (unpacked,) = beside.iterdir()
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out), folder=unpacked, **skip)
    shutil.rmtree(beside)
    return [sdist, *out.glob("*.whl")]


def contents(archive: Path) -> dict[str, str]:
    """The files of an archive with their sums."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as held:
            return {name: hashlib.sha256(held.read(name)).hexdigest() for name in held.namelist()}
    with tarfile.open(archive) as packed:
        return {
            one.name: hashlib.sha256(file.read()).hexdigest()
            for one in packed
            if (file := packed.extractfile(one)) is not None
        }


def wheel(scratch: Path, root: Path = ROOT) -> list[str]:
    """What a wheel should not hold."""
    built = build(copy_of(root, scratch / "tree"), scratch / "built")[1]
    wrong = []
    with zipfile.ZipFile(built) as held:
        for name in held.namelist():
            parts = Path(name).parts
            if name.endswith(NOT_IN_A_WHEEL) or {"tests", "examples", "node_modules", ".ci"} & set(parts):
                wrong.append(f"{name} is in the wheel")
            text = held.read(name)
            for machine in (str(root), str(scratch), str(Path.home()) + "/"):
                if len(machine) > 3 and machine.encode() in text:
                    wrong.append(f"{name} names a path of this machine")
            if b"//# sourceMappingURL" in text and name.endswith(".js"):
                wrong.append(f"{name} refers to a source map")
    return wrong


def twice(scratch: Path, root: Path = ROOT) -> list[str]:
    """What differs between two builds, in folders of other names and at another time."""
    one = build(copy_of(root, scratch / "one"), scratch / "built-one")
    other_tree = copy_of(root, scratch / "another folder")
    for path in other_tree.rglob("*"):
        os.utime(path, (1_600_000_000, 1_600_000_000))
    other = build(other_tree, scratch / "built-other")
    wrong = []
    for first, second in zip(one, other, strict=True):
        if first.read_bytes() == second.read_bytes():
            continue
        before, after = contents(first), contents(second)
        differing = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
        wrong.append(f"{first.name} differs: {differing or 'in the times or the order of its members'}")
    return wrong


def _files(folder: Path) -> set[str]:
    # What Python compiles beside any module that is imported is not the package's.
    return {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if "__pycache__" not in path.parts
    }


def install(scratch: Path, root: Path = ROOT) -> list[str]:
    """What an installation leaves behind once it is taken back, in the environment and in the home folder."""
    built = build(copy_of(root, scratch / "tree"), scratch / "built")[1]
    home = scratch / "home"
    home.mkdir()
    run(sys.executable, "-m", "venv", str(scratch / "venv"))
    python = str(scratch / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python")
    own = {
        "HOME": str(home),
        "PIP_NO_CACHE_DIR": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONPATH": "",
        "PATH": str(Path(python).parent),
    }
    before = _files(scratch / "venv")
    run(python, "-m", "pip", "install", "-q", "--no-deps", "--no-index", str(built), **own)
    put = _files(scratch / "venv") - before
    wrong = []
    if not any("labextensions/rnnmagic/package.json" in name for name in put):
        wrong.append("the lab extension was not installed")
    outside = [name for name in put if "rnnmagic" not in name and not Path(scratch / "venv" / name).is_dir()]
    wrong += [f"installed {name}, which is not under its own name" for name in outside]
    run(python, "-m", "pip", "uninstall", "-q", "-y", "rnnmagic", **own)
    wrong += [
        f"left {name}"
        for name in sorted(_files(scratch / "venv") - before)
        if (scratch / "venv" / name).is_file()
    ]
    wrong += [f"took away {name}" for name in sorted(before - _files(scratch / "venv"))]
    wrong += [f"left {name} in the home folder" for name in sorted(_files(home))]
    return wrong


def _npm(folder: Path, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    if shutil.which("npm") is None:
        raise Unreachable("there is no npm on the PATH")
    return run("npm", *command, folder=folder, check=check)


def bundle(scratch: Path, root: Path = ROOT) -> list[str]:
    """What differs between two builds of the JavaScript, from fresh copies in other folders."""
    built = []
    for name in ("one", "another folder"):
        tree = copy_of(root, scratch / name)
        shutil.rmtree(tree / "rnnmagic" / "labextension", ignore_errors=True)
        done = _npm(tree / "labextension", "ci", "--no-audit", "--no-fund", check=False)
        if done.returncode:
            raise Unreachable(f"npm ci: {done.stderr.strip().splitlines()[-1:]}")
        _npm(tree / "labextension", "run", "build")
        folder = tree / "rnnmagic" / "labextension"
        built.append({
            path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
        })  # fmt: skip
    one, other = built
    return [f"{name} differs" for name in sorted({*one, *other}) if one.get(name) != other.get(name)]


def audit(scratch: Path, root: Path = ROOT) -> list[str]:
    """Known holes in the newest versions of what rnnmagic needs, with the extras but test."""
    run(sys.executable, "-m", "venv", str(scratch / "auditor"))
    python = str(scratch / "auditor" / ("Scripts" if os.name == "nt" else "bin") / "python")
    if run(python, "-m", "pip", "install", "-q", "pip-audit", check=False).returncode:
        raise Unreachable("pip-audit could not be installed")
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    needs = [*project["dependencies"], *extras["lab"], *extras["cli"], *extras["lessons"]]
    (scratch / "needs.txt").write_text("\n".join(needs))
    done = run(
        python,
        "-m",
        "pip_audit",
        "-r",
        str(scratch / "needs.txt"),
        "-f",
        "json",
        "--progress-spinner",
        "off",
        check=False,
    )
    try:
        found = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError, TypeError):
        raise Unreachable(f"pip-audit: {done.stderr.strip().splitlines()[-1:]}") from None
    print(f"  {len(found)} distributions looked at")
    return [f"{one['name']} {one['version']}: {hole['id']}" for one in found for hole in one.get("vulns", ())]


def npm(scratch: Path, root: Path = ROOT) -> list[str]:
    """Known holes in what the lab extension is built with."""
    folder = copy_of(root / "labextension", scratch / "labextension")
    done = _npm(folder, "audit", "--json", check=False)
    try:
        found = json.loads(done.stdout)
        holes = found["vulnerabilities"]
    except (ValueError, KeyError):
        raise Unreachable(f"npm audit: {(done.stdout + done.stderr).strip()[:300]}") from None
    print(f"  {found['metadata']['dependencies']['total']} packages looked at")
    return [f"{name}: {hole['severity']}" for name, hole in holes.items()]


PARTS: dict[str, Callable[..., list[str]]] = {
    "wheel": wheel, "twice": twice, "install": install, "bundle": bundle, "audit": audit, "npm": npm,
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all without any")
    parser.add_argument("--root", type=Path, default=ROOT, help="the tree, with a built extension in it")
    options = parser.parse_args()
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    failed = False
    for name in options.parts or PARTS:
        print(f"{name}:", flush=True)
        with tempfile.TemporaryDirectory() as scratch:
            try:
                wrong = PARTS[name](Path(scratch), options.root)
            except Unreachable as why:
                print(f"  not done: {why}")
                continue
        failed = failed or bool(wrong)
        print("\n".join(f"  {line}" for line in wrong) or "  nothing wrong", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
