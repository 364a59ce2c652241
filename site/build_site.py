"""Build the web edition from the executed notebooks: site/_build/html.

    python site/build_site.py [LANGUAGE ...]
    python site/build_site.py --serve [PORT]

The notebooks, the pages in site/*.md, teaching/README.md and CHANGELOG.md are copied
into one flat folder, which Sphinx reads. English is the root of the site; another
language has its lessons in chapters/LANGUAGE, its pages in site/LANGUAGE/*.md (those
that are missing there are taken in English), and a folder of its own in the site. A
warning is an error, and so is whatever page_checks.py and weight.py find in the
finished pages.
"""

import argparse
import ast
import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import nbformat
from markdown_it import MarkdownIt

import announce
import page_checks
import weight

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "chapters"))

import explained  # noqa: E402
import front  # noqa: E402
import lesson_list  # noqa: E402
import lesson_text  # noqa: E402

# Files that are a page under another name.
ELSEWHERE = {
    "README.md": "index",
    "teaching/README.md": "teachers",
    "CHANGELOG.md": "changes",
}
LINK = re.compile(r"(!?)\[((?:[^][]|\[[^][]*\])*)\]\(([^()\s#]*)(#[^()\s]*)?\)")
# Code, but not the blocks that hold text of the page.
FENCE = re.compile(
    r"(^```(?!\{(?:glossary|note)\}).*?^```$|`[^`\n]+`)", re.MULTILINE | re.DOTALL
)


class BuildError(Exception):
    """A site that cannot be built; the message says why."""


def setting(project, name):
    """The value of a constant in conf.py."""
    for node in ast.parse((project / "site/conf.py").read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            return ast.literal_eval(node.value)
    raise BuildError(f"site/conf.py sets no {name}")


def public(project):
    """What is public of a project: the address of its repository, and the branch."""
    settings = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    return settings["tool"]["downhill"]


def notebooks(project, language):
    """The lessons of a language."""
    return sorted((project / "chapters" / language).glob("[!.]*.ipynb"))


def sources(project, language):
    """The file that each page is made from, by the name of the page."""
    lessons = notebooks(project, language)
    if not lessons:
        raise BuildError(f"there are no lessons in chapters/{language}")
    pages = {name: project / path for path, name in ELSEWHERE.items()}
    pages |= {page.stem: page for page in sorted((project / "site").glob("*.md"))}
    pages |= {page.stem: page for page in (project / "site" / language).glob("*.md")}
    return pages | {lesson.stem: lesson for lesson in lessons}


def with_links(text, file, project, pages):
    """The text of a page whose links to files of the project lead to pages."""
    repository = public(project)["repository"]
    names = {path.relative_to(project): name for name, path in pages.items()}
    names |= {Path(path): name for path, name in ELSEWHERE.items()}
    # Pages that are taken in English lead to the lessons of the language.
    lessons = [name for name, path in pages.items() if path.suffix == ".ipynb"]
    names |= {Path(f"chapters/en/{name}.ipynb"): name for name in lessons}
    missing = []

    def resolved(link):
        picture, label, target, anchor = link.groups(default="")
        if re.match(r"\w+:", target) or not target:
            return link.group()
        path = Path(os.path.normpath(file.parent / target))
        if not path.exists() or not path.is_relative_to(project):
            missing.append(target)
            return label
        path = path.relative_to(project)
        if picture:
            return f"![{label}]({path.name})"
        if path in names:
            name = names[path]
            return f"[{label}]({name}{pages[name].suffix}{anchor})"
        if repository:
            branch = public(project)["branch"]
            return f"[{label}]({repository}/blob/{branch}/{path.as_posix()}{anchor})"
        return label

    parts = FENCE.split(text)
    parts[::2] = [LINK.sub(resolved, part) for part in parts[::2]]
    if missing:
        name = file.relative_to(project)
        raise BuildError(f"{name} links to what does not exist: {', '.join(missing)}")
    return "".join(parts)


def lessons_of(project):
    """The lessons as lessons.toml lists them."""
    try:
        return lesson_list.read(project / "chapters")
    except lesson_list.ListError as error:
        raise BuildError(str(error)) from error


def contents(project, language):
    """The tables of contents that have the lessons."""
    return lesson_list.contents(lessons_of(project), language)


def time_table(project, language):
    """How long each lesson runs, as recorded."""
    try:
        times = json.loads((project / "site/times.json").read_text("utf-8"))
    except ValueError as error:
        message = "site/times.json cannot be read; make times writes it anew"
        raise BuildError(message) from error
    rows = []
    for lesson in lessons_of(project):
        if edition := lesson.editions.get(language):
            title = f"{lesson.number} {edition.title}"
            seconds = times["seconds"].get(lesson.name)
            time = "not measured yet" if seconds is None else f"{seconds:.0f} s"
            link = f"../chapters/{language}/{lesson.name}.ipynb"
            rows.append(f"| [{title}]({link}) | {time} |")
    origin = (
        f"Recorded on {times['recorded']} with Python {times['python']} on a computer "
        f"with {times['cores']} cores, of which a lesson uses one. Lesson 08 ran on "
        f"{times['data'] if times['data'] == 'MNIST' else 'the bundled digits'}."
    )
    return "\n".join(["| lesson | run time |", "|---|--:|", *rows, "", origin])


def version_table(project, _language):
    """The pinned versions: those that lessons use, then all others."""
    packages = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))
    project_table = packages["project"]
    wanted = [
        *project_table["dependencies"],
        *project_table["optional-dependencies"]["lab"],
    ]
    direct = {re.match(r"[\w.-]+", line).group() for line in wanted}
    pins = re.findall(
        r"^([\w.-]+)==([\w.+-]+)",
        (project / "requirements.txt").read_text("utf-8"),
        re.MULTILINE,
    )
    rows = [f"| {name} | {version} |" for name, version in pins if name in direct]
    others = ", ".join(f"{name} {ver}" for name, ver in pins if name not in direct)
    return "\n".join(
        ["| package | version |", "|---|---|", *rows, "", f"With them come {others}."]
    )


def checks(project, _language):
    """What is checked, as the README says it."""
    readme = (project / "README.md").read_text("utf-8")
    found = re.search(r"^## What is checked\n\n(.*?)\n\n## ", readme, re.M | re.S)
    if not found:
        raise BuildError("README.md has no section 'What is checked'")
    # Its links begin in the project's folder, those of the pages in site/.
    return re.sub(r"\]\((?!\w+:)", "](../", found[1])


def construct_table(project, language):
    """Where the lessons explain what they use of Python and of its libraries."""
    cells = explained.cells_in_order(project / "chapters", language)
    return explained.table(cells, root=f"../chapters/{language}/")


TABLES = {
    "<!-- constructs -->": construct_table,
    "<!-- contents -->": contents,
    "<!-- checked -->": checks,
    "<!-- times -->": time_table,
    "<!-- versions -->": version_table,
}
NAMES = re.compile(r"<!-- names: ([\w.]+) -->")
# Classes whose methods are documented, too.
BASES = {"Node", "Optimizer", "Tensor"}


def names_of(project, module):
    """The documentation of the public names of a module, in the order of its text."""
    stub = ast.parse((project / "d2l_utils/__init__.pyi").read_text("utf-8"))
    public = {
        alias.name
        for node in stub.body
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
    }
    path = project.joinpath("d2l_utils", *module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not public or not path.is_file():
        raise BuildError(f"d2l_utils has no public names in a module {module}")
    lines = ["```{eval-rst}"]
    for node in ast.parse(path.read_text("utf-8")).body:
        if getattr(node, "name", "") in public:
            kind = "class" if isinstance(node, ast.ClassDef) else "function"
            lines.append(f".. auto{kind}:: d2l_utils.{node.name}")
            # What the optimizers share is documented once, for their base.
            if kind == "class" and node.name in BASES:
                lines.append("   :members:")
    return "\n".join([*lines, "```"])


def read_page(file, name):
    """The text of a page; what Sphinx would show as something else is refused."""
    text = lesson_text.read(file, name)
    lesson_text.check_characters(text, name)
    tokens = MarkdownIt("commonmark").parse(text)
    lesson_text.check_fences(tokens, name)
    lesson_text.check_prose(tokens, text.split("\n"), name)
    return text


def check_notebook(file, name):
    """Refuse what is no notebook: Sphinx would stop with a traceback."""
    text = lesson_text.read(file, name)
    try:
        notebook = json.loads(text)
        nbformat.validate(notebook, version=4)
    except Exception as error:  # whatever is wrong with it
        raise BuildError(f"{name} is no notebook; make chapters builds it") from error


def assemble(project, language, folder):
    """Write the folder that Sphinx reads."""
    folder.mkdir(parents=True)
    pages = sources(project, language)
    for name, file in pages.items():
        target = folder / f"{name}{file.suffix}"
        path = file.relative_to(project).as_posix()
        if file.suffix == ".ipynb":
            check_notebook(file, path)
            shutil.copyfile(file, target)
            continue
        text = read_page(file, path)
        for marker, table in TABLES.items():
            if marker in text:
                text = text.replace(marker, table(project, language))
        text = NAMES.sub(lambda found: names_of(project, found[1]), text)
        text = front.fill(text, path, project / "chapters", language)
        target.write_text(with_links(text, file, project, pages), "utf-8")
    for picture in (project / "site").glob("*.png"):
        shutil.copyfile(picture, folder / picture.name)


def build(project, language):
    """Build the site in one language; give its folder."""
    work = project / "site/_build"
    main, languages = setting(project, "MAIN"), setting(project, "LANGUAGES")
    target = work / "html" / ("" if language == main else language)
    folder, cache = work / "source" / language, work / "doctrees" / language
    # The folders of other languages in the site stay, and what runs in the page.
    kept = {target / name for name in [*languages, "lite"]}
    for old in {*target.glob("*"), folder, cache} - kept:
        if old.is_dir():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
    assemble(project, language, folder)
    options = ["-q", "-n", "-W", "-b", "html", "-t", f"edition_{language}"]
    where = ["-c", project / "site", "-d", cache, folder, target]
    done = subprocess.run([sys.executable, "-m", "sphinx", *options, *where])
    if done.returncode:
        raise BuildError("Sphinx warns, see above")
    for leftover in (".buildinfo", "objects.inv", "_static/**/*.map"):
        for file in target.glob(leftover):
            file.unlink()
    return target


class Files(http.server.SimpleHTTPRequestHandler):
    """Serves files as what they are, whatever this computer calls them."""

    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
    }


def serve(folder, port):
    """Show the finished site to this computer alone."""
    if not (folder / "index.html").is_file():
        raise BuildError("there is no site yet: make site")
    handler = functools.partial(Files, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        address = f"http://127.0.0.1:{server.server_port}/"
        print(f"The site is at {address} (Ctrl + C ends it)", flush=True)
        server.serve_forever()


def main():
    """Build the languages named on the command line, or show the site."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    known = setting(ROOT, "LANGUAGES")
    parser.add_argument("language", nargs="*", help=f"of {', '.join(known)}")
    parser.add_argument("--serve", nargs="?", type=int, const=8000, metavar="PORT")
    arguments = parser.parse_args()
    if unknown := set(arguments.language) - set(known):
        parser.error(f"no such language: {', '.join(sorted(unknown))}")
    present = [name for name in known if notebooks(ROOT, name)]
    try:
        if arguments.serve is not None:
            serve(ROOT / "site/_build/html", arguments.serve)
            return
        for language in arguments.language or present:
            print(build(ROOT, language).relative_to(ROOT), flush=True)
        html = ROOT / "site/_build/html"
        announce.publish(ROOT, html)
        if problems := page_checks.problems(html) + weight.problems(html):
            raise BuildError("\n".join(["the pages are not in order:", *problems]))
    except (BuildError, lesson_text.TextError) as error:
        sys.exit(f"The site is not built: {error}")
    except KeyboardInterrupt:
        print()


if __name__ == "__main__":
    main()
