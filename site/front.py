"""What is alive, drawn or counted on the first page.

The words of the first page stand in index.md. It has markers for what is made here:

    <!-- buttons: Run it | Install -->   the two buttons
    <!-- digit: A still picture. -->     the figure of lesson 08, and what is said of it
                                         where there is no JavaScript
    <!-- way -->                         the way through the lessons, as a picture
    <!-- count: cells -->                how many cells are compared; also: numbers,
                                         wrong (answers), lessons, hours
"""

import html
import re
from functools import cache

import nbformat

import lesson_list
import lesson_text

# The package takes a second to load: what needs none of these markers does without it.
MARKER = re.compile(r"<!-- (buttons|digit|way|count)(?:: (.*?))? -->")
# The walk that zigzags on the cover, and how far it is followed.
RATE, STEPS = 0.476, 40
# How far the level lines are apart, along the valley.
APART = 0.5
COUNTED = ("cells", "hours", "lessons", "numbers", "wrong")
# Outputs that are not compared everywhere.
LOOSE = {"mnist", "nbval-ignore-output"}
NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")


def fill(text, name, chapters, language):
    """The text of a page with what its markers stand for."""
    for what in re.findall(r"<!-- count: (.*?) -->", text):
        if what not in COUNTED:
            message = f"cannot count {what!r}; known are: {', '.join(COUNTED)}"
            raise lesson_text.TextError(name, 0, message)
    makers = {"buttons": buttons, "digit": digit, "way": way, "count": count}
    return MARKER.sub(
        lambda found: makers[found[1]](found[2] or "", chapters, language), text
    )


def raw(text):
    """HTML that Sphinx leaves as it is."""
    return f"```{{raw}} html\n{text}\n```"


def buttons(words, _chapters, language):
    """The buttons: run the first lesson in the page, and how to install."""
    run, _, install = html.escape(words).partition(" | ")
    address = "run.html?lesson=00_start_here"
    if language != "en":
        address = f"../{address}&amp;language={language}"
    return raw(
        f'<p class="buttons"><a class="button" href="{address}">{run}</a>\n'
        f'<a class="button plain" href="#install">{install}</a></p>'
    )


def digit(words, _chapters, _language):
    """The figure of lesson 08, with the same script as there."""
    import d2l_utils as d2l
    from d2l_utils.interactive import _figure

    figure = d2l.explore_digit().html
    assert _figure.STILL in figure
    return raw(f'<div class="digit">{figure.replace(_figure.STILL, words)}</div>')


@cache
def walk():
    """Where gradient descent goes in the valley of the cover."""
    import cover
    import d2l_utils as d2l

    _, walk = d2l.gradient_descent(
        cover.valley, cover.START, lr=RATE, step_num=STEPS, grad=cover.valley_gradient
    )
    return walk


def line(points):
    """The data of an SVG path through points (across, down)."""
    return "M" + "L".join(f"{across:.3f} {down:.3f}" for down, across in points)


def drawing(kind, box, content):
    """A picture that is stretched to its place, and that nobody has to hear of."""
    numbers = " ".join(f"{value:.3f}" for value in box)
    return (
        f'<svg class="{kind}" viewBox="{numbers}" preserveAspectRatio="none" '
        f'aria-hidden="true" focusable="false">{content}</svg>'
    )


def valley(half):
    """Its level lines: f = 0.1 down² + 2 across² is 0.1 r² on each."""
    top = walk()[0][0]
    rings = "".join(
        f'<ellipse rx="{r * 0.05**0.5:.3f}" ry="{r:.3f}"/>'
        for r in (APART * n for n in range(1, 56))
    )
    return drawing("levels", (-half, top - 0.5, 2 * half, -top + 1.4), rings)


def stop(lesson, language, at, to):
    """A lesson at its turn of the way, and the leg that leads to the next one."""
    edition = lesson.editions[language]
    labels = lesson_list.LABELS[language]
    (down, across), (end, _) = at, to
    leg = drawing("leg", (-2, down, 4, end - down), f'<path d="{line([at, to])}"/>')
    return (
        f'<li style="--across: {across:.3f}; --step: {end - down:.3f}" '
        f'class="{"left" if across < 0 else "right"}">{leg}'
        f"{link(lesson, edition, labels)}</li>"
    )


def link(lesson, edition, labels):
    """A lesson in words: number, title, question, minutes."""
    return (
        f'<a href="{lesson.name}.html"><span class="title">{lesson.number} '
        f"{html.escape(edition.title)}</span> "
        f'<span class="question">{html.escape(edition.question)}</span> '
        f'<span class="minutes">{lesson.minutes} {labels.minutes}</span></a>'
    )


def way(_words, chapters, language):
    """The way through the lessons: a walk down a valley, the extras beside it."""
    lessons = [x for x in lesson_list.read(chapters) if language in x.editions]
    labels = lesson_list.LABELS[language]
    places = walk()
    main = [lesson for lesson in lessons if not lesson.extra]
    stops = [
        stop(lesson, language, places[n], places[n + 1])
        for n, lesson in enumerate(main)
    ]
    rest = places[len(main) :]
    path = f'<path d="{line(rest)}"/>'
    box = (-2, rest[0][0], 4, -rest[0][0])
    extras = [
        f"<li>{link(lesson, lesson.editions[language], labels)}</li>"
        for lesson in lessons
        if lesson.extra
    ]
    return raw(
        "\n".join(
            [
                f'<div class="way">{valley(6)}',
                *("<ol>", *stops, "</ol>"),
                f'<div class="floor" style="--step: {-rest[0][0]:.3f}">',
                drawing("rest", box, path),
                *(
                    [f'<ul aria-label="{labels.extras}">', *extras, "</ul>"]
                    if extras
                    else []
                ),
                "</div></div>",
            ]
        )
    )


def count(what, chapters, language):
    """How much there is, and how much is compared or tried at every change."""
    from d2l_utils.exercises.exercise import exercises

    lessons = lesson_list.read(chapters)
    main = [x for x in lessons if language in x.editions and not x.extra]
    wrong = (len(ex.wrong_answers) for x in lessons for ex in exercises(x.number))
    counts = {
        "lessons": len(main),
        "hours": round(sum(lesson.minutes for lesson in main) / 60),
        "wrong": sum(wrong),
        **compared(chapters / language),
    }
    return f"{counts[what]:,}"


@cache
def compared(folder):
    """The cells of code whose output is compared everywhere, the numbers in these."""
    found = {"cells": 0, "numbers": 0}
    for path in folder.glob("[!.]*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type != "code" or LOOSE & {*cell.metadata.get("tags", [])}:
                continue
            found["cells"] += 1
            for output in cell.outputs:
                data = output.get("data", {"text/plain": output.get("text", "")})
                # A figure is not compared; its numbers are printed beside it.
                if "text/html" not in data:
                    found["numbers"] += len(NUMBER.findall(data.get("text/plain", "")))
    return found
