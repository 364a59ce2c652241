"""Build what runs lessons in the page: site/_build/html/lite.

    python site/lite/build_lite.py [--cache FOLDER]

JupyterLite with one notebook, Pyodide, the packages that lessons use and a wheel of
d2l_utils without the lessons, all served by the site itself. They stand in a folder
named after what they are made of: an address means the same bytes for ever, and what is
there already is not built again. manifest.json beside it names the folder, and what is
loaded before the first answer, for the page run.html.
"""

import argparse
import base64
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from email.parser import HeaderParser
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import parts

PROJECT = Path(__file__).resolve().parents[2]
SITE = PROJECT / "site/_build/html"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
# Bytes and names that come out the same on every day.
SAME = {"SOURCE_DATE_EPOCH": "1577836800", "PYTHONHASHSEED": "0"}
BUILD = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
# Loaded with the kernel, at once and not one after the other.
FIRST = [
    *("micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "jedi", "ipython"),
    *("d2l-utils", "in-page"),
]
# What its metadata ask for besides has no place in a page, or, as SciPy, comes when a
# cell asks for it.
NEEDS = {
    "d2l-utils": ["ipython", "lazy-loader", "matplotlib", "numpy", "platformdirs"],
    "in-page": ["ipython"],
}
# Matplotlib needs these only to write PDF files, and for time zones.
LEFT_OUT = {"fonttools", "pytz"}
# An environment for the markers of requirements.
IN_PAGE = {
    "extra": "",
    "os_name": "posix",
    "platform_system": "Emscripten",
    "python_full_version": "3.14.0",
    "python_version": "3.14",
    "sys_platform": "emscripten",
}
# Of what is only made for the page.
OUR_VERSION = "0"
# Pyodide's own files.
CORE = [
    *("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"),
    "pyodide-lock.json",
]
# What else decides what is built.
MADE_BY = (
    "build_lite.py",
    "parts.py",
    "parts.toml",
    "pyodide-lock.json",
    "notices.html",
)
# Of what JupyterLite builds: documents, tools, and fonts for browsers of long ago.
NEVER_ASKED = [
    *("doc", "rspack.config*.js", "jupyterlite.schema.v0.json"),
    *("build/*.eot", "build/fa-*.svg", "build/fa-*.ttf"),
]
LICENSE = re.compile("LICEN[CS]E|COPYING|NOTICE|AUTHORS", re.IGNORECASE)
# What leads to other files, and a service worker for files that nobody sees.
DISABLED = [
    "@jupyterlite/application-extension:service-worker-manager",
    "@jupyter-notebook/console-extension",
    "@jupyter-notebook/notebook-extension:checkpoints",
    "@jupyter-notebook/notebook-extension:open-tree-tab",
    "@jupyter-notebook/notebook-extension:trusted",
    "@jupyter-notebook/tree-extension",
]
OVERRIDES = {
    # In seconds.
    "@jupyterlab/docmanager-extension:plugin": {"autosaveInterval": 5},
    "@jupyter-notebook/application-extension:top": {"visible": "no"},
    "@jupyterlab/mainmenu-extension:plugin": {
        "menus": [
            {"id": f"jp-mainmenu-{name}", "disabled": True}
            for name in ("file", "settings", "help")
        ]
    },
}


def digest(content):
    """The SHA-256 of bytes."""
    return hashlib.sha256(content).hexdigest()


def light(wheel, target):
    """Write a wheel again without the lessons that it brings along."""
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename.endswith(".ipynb"):
                continue
            if entry.filename.endswith(".dist-info/RECORD"):
                lines = content.decode().splitlines(keepends=True)
                content = "".join(x for x in lines if ".ipynb," not in x).encode()
            new.writestr(entry, content, zipfile.ZIP_DEFLATED)


def pack(name, modules, folder):
    """Write a wheel of modules, contents by their paths, into a folder."""
    info = f"{name}-{OUR_VERSION}.dist-info"
    about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {OUR_VERSION}\n"
    files = modules | {
        f"{info}/METADATA": about.encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: Downhill\n"
        b"Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{info}/RECORD"
    lines = [f"{record},,\n"]
    for path, content in sorted(files.items()):
        sha256 = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
        lines.append(f"{path},sha256={sha256.decode()},{len(content)}\n")
    files[record] = "".join(lines).encode()
    with zipfile.ZipFile(
        folder / f"{name}-{OUR_VERSION}-py3-none-any.whl", "w"
    ) as wheel:
        for path, content in sorted(files.items()):
            wheel.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED)


def own_wheels(folder):
    """Put the wheels of this project into a folder."""
    with tempfile.TemporaryDirectory() as work:
        subprocess.run(
            [sys.executable, "-c", BUILD, work],
            cwd=PROJECT,
            env=os.environ | SAME,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        (wheel,) = Path(work).glob("*.whl")
        light(wheel, folder / wheel.name)
    modules = (parts.HERE / "in_page").glob("*.py")
    pack("in_page", {f"in_page/{x.name}": x.read_bytes() for x in modules}, folder)
    # The kernel asks for it by name. IPython completes names without it, and starts two
    # seconds earlier.
    pack("jedi", {}, folder)


def metadata(wheel):
    """What a wheel says about itself, and the names of its files."""
    with zipfile.ZipFile(wheel) as files:
        names = files.namelist()
        (name,) = (n for n in names if n.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(files.read(name).decode()), names


def lock_entry(wheel):
    """What the lock says of a wheel that is not Pyodide's own."""
    about, files = metadata(wheel)
    name = canonicalize_name(about["Name"])
    needs = [Requirement(line) for line in about.get_all("Requires-Dist", [])]
    found = {
        canonicalize_name(need.name)
        for need in needs
        if not need.marker or need.marker.evaluate(IN_PAGE)
    }
    tops = {Path(file).parts[0] for file in files if file.endswith(".py")}
    return {
        "depends": NEEDS.get(name) or sorted(found),
        "file_name": wheel.name,
        "imports": sorted(top.removesuffix(".py") for top in tops),
        "install_dir": "site",
        "name": name,
        "package_type": "package",
        "sha256": digest(wheel.read_bytes()),
        "unvendored_tests": False,
        "version": about["Version"],
    }


def whole_lock(folder):
    """The official lock without what is left out, with the other wheels in a folder."""
    lock = json.loads(parts.LOCK.read_text("utf-8"))
    packages = {k: v for k, v in lock["packages"].items() if k not in LEFT_OUT}
    official = {package["file_name"] for package in lock["packages"].values()}
    for wheel in sorted(folder.glob("*.whl")):
        if wheel.name not in official:
            entry = lock_entry(wheel)
            packages[entry["name"]] = entry
    for package in packages.values():
        package["depends"] = [
            name
            for name in map(canonicalize_name, package["depends"])
            if name in packages
        ]
    return lock | {"packages": dict(sorted(packages.items()))}


def closure(packages, names):
    """Packages with all that they need, by the names of their files."""
    wanted, found = [name for name in names if name in packages], {}
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = packages[name]["file_name"]
            wanted += packages[name]["depends"]
    return sorted(found.values())


def configuration(packages):
    """What JupyterLite is to do here."""
    options = {
        "lockFileURL": "./static/pyodide/pyodide-lock.json",
        "packages": [name for name in FIRST if name in packages],
    }
    if "in-page" in packages:
        where = "/lib/python3.14/site-packages/in_page/start.py"
        options["env"] = {"PYTHONSTARTUP": where}
    settings = {
        "pyodideUrl": "./static/pyodide/pyodide.mjs",
        "pipliteUrls": [f"./extensions/{KERNEL}/static/pypi/all.json"],
        "disablePyPIFallback": True,
        "loadPyodideOptions": options,
    }
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Downhill",
            "contentsStorageName": "Downhill",
            "settingsStorageName": "Downhill settings",
            "workspacesStorageName": "Downhill workspaces",
            "disabledExtensions": DISABLED,
            "exposeAppInBrowser": True,
            "litePluginSettings": {f"{KERNEL}:kernel": settings},
        },
    }


def jupyterlite(work, target, packages, kernel):
    """Let JupyterLite build its part, with its kernel in a folder."""
    settings = {
        "LiteBuildConfig": {
            "ignore_sys_prefix": ["federated_extensions"],
            "federated_extensions": [str(kernel)],
        }
    }
    files = {
        "jupyter_lite_config.json": settings,
        "jupyter-lite.json": configuration(packages),
        "overrides.json": OVERRIDES,
    }
    for name, content in files.items():
        (work / name).write_text(json.dumps(content), "utf-8")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "jupyterlite_core", "build", "--apps", "notebooks"),
            *("--no-sourcemaps", "--no-unused-shared-packages"),
            *("--lite-dir", work, "--output-dir", target),
        ],
        cwd=work,
        env=os.environ | SAME,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise parts.PartError(f"JupyterLite cannot be built:\n{done.stdout}")


def licenses(wheels, target):
    """Copy the licenses of all that is shipped; write a page that lists them."""
    rows = []
    target.mkdir()
    for file in sorted((parts.HERE / "licenses").glob("*.txt")):
        shutil.copyfile(file, target / file.name)
    for wheel in wheels:
        about, files = metadata(wheel)
        name = about["Name"]
        if about["Version"] == OUR_VERSION:
            continue
        texts = [f for f in files if ".dist-info/" in f and LICENSE.search(f)]
        with zipfile.ZipFile(wheel) as content:
            text = b"\n\n".join(content.read(f) for f in sorted(texts))
        link = f"<td>{html.escape(about['License-Expression'] or '')}</td>"
        if text:
            (target / f"{name}.txt").write_bytes(text)
            link = f'<td><a href="licenses/{name}.txt">license</a></td>'
        rows.append(f"<tr><td>{name}</td><td>{about['Version']}</td>{link}</tr>")
    page = (parts.HERE / "notices.html").read_text("utf-8")
    (target.parent / "notices.html").write_text(
        page.replace("<!-- packages -->", "\n".join(rows)), "utf-8"
    )


def prune(target):
    """Take away what no page asks for."""
    for pattern in NEVER_ASKED:
        for path in target.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def manifest(root, folder, lock):
    """What the page that runs lessons must know: what is loaded first, with hashes."""
    first = [*CORE, *closure(lock["packages"], FIRST)]
    parts_of_it = {}
    for name in first:
        content = (folder / "static/pyodide" / name).read_bytes()
        parts_of_it[f"static/pyodide/{name}"] = [len(content), digest(content)]
    return {"root": root, "first": parts_of_it}


def unpack_kernel(source, folder):
    """Take the extension of JupyterLite that is its kernel out of its wheel."""
    with zipfile.ZipFile(source / parts.kernel()) as wheel:
        wheel.extractall(folder)
    (kernel,) = folder.glob(f"*.data/data/share/jupyter/labextensions/{KERNEL}")
    return kernel


def collect(folder, source, kernel):
    """Put all that Pyodide may load into a folder that has our own wheels; the lock."""
    official, others = parts.hashes()
    for name in official | others:
        if name.split("-")[0] not in LEFT_OUT:
            shutil.copyfile(source / name, folder / name)
    for name in ("ipykernel", "piplite", "pyodide_kernel"):
        (wheel,) = kernel.glob(f"static/pypi/{name}-*.whl")
        shutil.copyfile(wheel, folder / wheel.name)
    lock = whole_lock(folder)
    text = json.dumps(lock, separators=(",", ":"))
    (folder / "pyodide-lock.json").write_text(text, "utf-8")
    return lock


def build(site=SITE, cache=None):
    """Build what runs lessons if it is not there; give its folder. Else a PartError."""
    lite = site / "lite"
    lite.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=site.parent) as work:
        pyodide, built = Path(work, "pyodide"), Path(work, "built")
        pyodide.mkdir()
        own_wheels(pyodide)
        made = sorted(file.read_bytes() for file in pyodide.iterdir())
        made += [(parts.HERE / name).read_bytes() for name in MADE_BY]
        made.append(distribution("jupyterlite-core").version.encode())
        key = digest(b"".join(digest(content).encode() for content in made))[:12]
        if (lite / key).is_dir() and (lite / "manifest.json").is_file():
            return lite / key
        source = parts.gather(cache)
        kernel = unpack_kernel(source, Path(work, "kernel"))
        lock = collect(pyodide, source, kernel)
        Path(work, "lite").mkdir()
        jupyterlite(Path(work, "lite"), built, lock["packages"], kernel)
        prune(built)
        shutil.move(pyodide, built / "static/pyodide")
        licenses(sorted((built / "static/pyodide").glob("*.whl")), built / "licenses")
        about = manifest(f"lite/{key}/", built, lock)
        shutil.rmtree(lite)
        lite.mkdir()
        built.rename(lite / key)
        (lite / "manifest.json").write_text(json.dumps(about), "utf-8")
    return lite / key


def main():
    """Build it into the site."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    try:
        print(build(cache=options.cache).relative_to(PROJECT))
    except parts.PartError as error:
        sys.exit(f"What runs in the page is not built: {error}")


if __name__ == "__main__":
    main()
