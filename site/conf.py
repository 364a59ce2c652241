"""How Sphinx makes the web edition; build_site.py calls it, once for each language."""

import html
import re
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode

# The editions: what Sphinx calls the language, and what it calls itself.
LANGUAGES = {"en": "en", "zh": "zh_CN"}
NAMES = {"en": "English", "zh": "中文"}
# The root of the site is in this one; each other one has a folder of its name.
MAIN = "en"
SITE = Path(__file__).resolve().parent
sys.path.insert(0, str(SITE))

import light_pages  # noqa: E402

SETTINGS = tomllib.loads((SITE.parent / "pyproject.toml").read_text("utf-8"))
PUBLIC = SETTINGS["tool"]["downhill"]

project = "Downhill"
author = "the authors of Downhill"
# In a build, tags are set by -t.
edition = next(name for name in LANGUAGES if tags.has(f"edition_{name}"))  # noqa: F821
language = LANGUAGES[edition]

sys.path.insert(0, str(SITE))
extensions = [
    "announce",
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
nitpicky = True

# The notebooks come with their outputs, which are tested: they are never run again.
nb_execution_mode = "off"
# What opens and closes code that is folded.
nb_code_prompt_show = {"en": "Show the code", "zh": "显示代码"}[edition]
nb_code_prompt_hide = {"en": "Hide the code", "zh": "隐藏代码"}[edition]
# What opens all of it.
CODE_SWITCH = {"en": "Show all code", "zh": "显示全部代码"}[edition]
# The same of an output that is to be predicted.
OUTPUT_PROMPTS = {
    "en": ("Predict first, then show what comes out", "Hide what comes out"),
    "zh": ("先预测，再显示结果", "隐藏结果"),
}[edition]
# The button that leads to the page where a lesson runs, and what stands beside it.
RUN_HERE = {
    "en": ("Run this lesson here", "In your browser, nothing to install."),
    "zh": ("在这里运行这一课", "就在浏览器里，不用安装。"),
}[edition]
# What the first cell does, which is folded, too.
SETUP_PROMPT = {"en": "Show how the tools are loaded", "zh": "显示如何载入工具"}[
    edition
]
myst_enable_extensions = ["amsmath", "dollarmath"]
myst_heading_anchors = 3

# The package is documented with plain signatures: the docstrings say what is taken.
autodoc_typehints = "none"
autodoc_preserve_defaults = True
autodoc_member_order = "bysource"
napoleon_numpy_docstring = False
# What a docstring says before a colon is no type.
napoleon_use_rtype = False
napoleon_use_ivar = True
toc_object_entries = False
# Docstrings name types of Python and of other packages, which have no page here.
nitpick_ignore_regex = [("py:.*", r"(?!d2l_utils).*")]

html_theme = "sphinx_book_theme"
html_title = "Downhill"
html_favicon = str(SITE / "static/favicon.svg")
# The page that runs lessons is one for all editions.
html_extra_path = [str(SITE / "lite/page")] if edition == MAIN else []
html_static_path = [str(SITE / "static")]
html_css_files = ["downhill.css"]
html_sourcelink_suffix = ""
html_show_sphinx = False
html_last_updated_fmt = None
templates_path = [str(SITE / "templates")]
html_context = {"default_mode": "auto"}
html_theme_options = {
    "logo": {"text": "Downhill"},
    "navbar_persistent": [],
    "home_page_in_toc": True,
    "show_navbar_depth": 1,
    "show_toc_level": 2,
    "use_fullscreen_button": False,
    "use_download_button": True,
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "search_bar_text": "Search",
    "footer_content_items": ["extra-footer.html"],
    "extra_footer": "Text and figures: CC BY 4.0. Code: MIT.",
}
others = [
    name
    for name in LANGUAGES
    if name != edition and any((SITE.parent / "chapters" / name).glob("*.ipynb"))
]
if others:
    html_theme_options["article_header_end"] = [
        "edition-link.html",
        "article-header-buttons.html",
    ]
if announce_site := PUBLIC["site"].rstrip("/"):
    html_baseurl = f"{announce_site}/{'' if edition == MAIN else f'{edition}/'}"
if PUBLIC["repository"]:
    html_theme_options |= {
        "repository_url": PUBLIC["repository"],
        "repository_branch": PUBLIC["branch"],
        "path_to_docs": f"chapters/{edition}",
        "use_repository_button": True,
        "launch_buttons": {
            "notebook_interface": "jupyterlab",
            "binderhub_url": "https://mybinder.org",
            "colab_url": "https://colab.research.google.com",
        },
    }

# Code, but not what it printed.
copybutton_selector = "div:not(.output) > div.highlight > pre"

# MathJax comes with the site, as all else does: no page asks another host.
mathjax_path = light_pages.FORMULAS.removeprefix("_static/")
MATHJAX = distribution("sphinx-mathjax-offline").locate_file(
    "sphinx-mathjax-offline/static/mathjax"
)


def name_folds(app, doctree, docname):
    """Say of a folded output that it is no code, and what the first cell is for."""
    for node in doctree.findall(HideCodeCellNode):
        if "below-input" in node["classes"]:
            node["prompt_show"], node["prompt_hide"] = OUTPUT_PROMPTS
        elif "import d2l_utils" in node.astext():
            node["prompt_show"] = SETUP_PROMPT


def lighten(app, error):
    """Make the finished pages light."""
    if not error and app.builder.format == "html":
        light_pages.lighten(app.outdir, Path(MATHJAX), CODE_SWITCH)


def link_editions(app, pagename, templatename, context, doctree):
    """Tell the template which other languages have this page."""

    def has_lesson(name):
        return (SITE.parent / "chapters" / name / f"{pagename}.ipynb").is_file()

    root = "../" * (pagename.count("/") + (edition != MAIN))
    context["edition_root"] = root
    # What is no lesson is there in every language.
    context["editions"] = [
        ("" if name == MAIN else f"{name}/", NAMES[name], tongue.replace("_", "-"))
        for name, tongue in LANGUAGES.items()
        if name in others and has_lesson(name) == has_lesson(edition)
    ]


def mend_pages(app, error):
    """Make finished pages shorter, and keep signs with their formulas.

    The markup of names and brackets in code, which have the color of the rest, is a
    third of the text of a long lesson. A line may end after a formula, before a comma.
    """
    if error or app.builder.format != "html":
        return
    for page in app.outdir.glob("*.html"):
        text = page.read_text("utf-8")
        text = re.sub(r'<span class="[npw]">([^<]*)</span>', r"\1", text)
        text = re.sub(
            r'<span class="math notranslate nohighlight">[^<]*</span>[.,;:?!)]+',
            r'<span class="avoidbreak">\g<0></span>',
            text,
        )
        page.write_text(text, "utf-8")


def offer_run(app, pagename, templatename, context, doctree):
    """Put the button that runs a lesson below its title."""
    if (SITE.parent / f"chapters/{edition}/{pagename}.ipynb").is_file():
        root = "" if edition == MAIN else "../"
        language = "" if edition == MAIN else f"&amp;language={edition}"
        button = (
            f'<p class="run-here"><a class="btn" href="{root}run.html?lesson={pagename}'
            f'{language}">{RUN_HERE[0]}</a> <span>{RUN_HERE[1]}</span></p>'
        )
        context["body"] = context["body"].replace("</h1>", f"</h1>\n{button}", 1)


def describe(app, pagename, templatename, context, doctree):
    """Describe a page for search engines: its first paragraph, if it says nothing.

    The first page, which has the name of the site, says its tagline as its title.
    """
    if tagline := app.env.metadata.get(pagename, {}).get("tagline"):
        context["title"] = tagline
    if not doctree or 'name="description"' in context.get("metatags", ""):
        return
    text = next(
        (
            " ".join(paragraph.astext().split())
            for paragraph in doctree.findall(nodes.paragraph)
            if len(paragraph.astext()) > 60
        ),
        "",
    )
    if len(text) > 200:
        text = f"{text[:200].rpartition(' ')[0]} …"
    if text:
        tag = f'<meta name="description" content="{html.escape(text)}" />'
        context["metatags"] = f"{context.get('metatags', '')}\n{tag}"


def setup(app):
    """Connect the functions above to the build."""
    app.connect("doctree-resolved", name_folds)
    app.connect("html-page-context", describe)
    app.connect("html-page-context", link_editions)
    app.connect("html-page-context", offer_run)
    app.connect("build-finished", mend_pages)
    app.connect("build-finished", lighten)
