// Points that readers bring along: a field to write or paste them in, a plot to click
// them into.

import { add, real } from "./frame.js"

const FULL = 200 // points
const BILLION = 1e9
const NEEDED = 2
// How near the pointer must be to a point to take hold of it, and how far it may go in
// a click: pixels.
const [HOLD, STILL] = [14, 5]

// What is wrong with points, in a sentence; nothing if they will do. Limits, if there
// are any, are those of x and those of y.
export function problemOf(points, limits) {
  if (points.length < NEEDED) return "Two points or more are needed."
  if (points.length > FULL) return `These are ${points.length} points; ${FULL} may be.`
  if (points.flat().some((value) => !(Math.abs(value) <= BILLION))) {
    return "A number is too large: a billion is the most."
  }
  const across = points.map(([x]) => x)
  const [low, high] = [Math.min(...across), Math.max(...across)]
  if (high - low <= Math.max(1e-9, 1e-6 * Math.max(-low, high))) {
    return "All *x* are equal, or nearly: no line of *x* fits one point above another."
  }
  const out = limits && points.find((point) => point.some((value, i) => {
    return value < limits[i][0] || value > limits[i][1]
  }))
  return out ? `The point ${out.join("; ")} is outside: *x* may be from ` +
    `${limits[0].join(" to ")}, *y* from ${limits[1].join(" to ")}.` : ""
}

// A cell of a table as a number; a comma may stand before its decimals.
function numberOf(cell) {
  const text = cell.replace("−", "-").replace(/^([-+]?\d*),(\d+)$/, "$1.$2")
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : NaN
}

// The cells of a line. Tabs and semicolons part them, else blanks, else a comma.
function cellsOf(line) {
  const parts = /[\t;]/.test(line) ? line.split(/[\t;]/)
    : line.trim().split(/\s*,\s+|\s+,?/)
  const cells = parts.length === 1 && line.split(",").length === 2 ? line.split(",")
    : parts
  return cells.map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"))
}

// The points that a text holds, one in a line, or a sentence about what is wrong.
export function pointsIn(text, limits) {
  const points = []
  for (const [i, line] of text.split(/\r\n?|\n/).entries()) {
    const cells = cellsOf(line)
    while (cells.at(-1) === "") cells.pop()
    if (!cells.length) continue
    const numbers = cells.map(numberOf)
    // The first line may hold names.
    const named = (cell) => {
      return /\p{L}/u.test(cell) && !/^[-+]?(nan|inf|infinity)$/i.test(cell)
    }
    if (!points.length && cells.some(named) && !numbers.some(Number.isFinite)) continue
    const where = `Line ${i + 1}: `
    const bad = cells.find((_, k) => !Number.isFinite(numbers[k]))
    if (cells.length === 1 && line.split(",").length > 2) {
      return { problem: `${where}which commas part the numbers, and which stand ` +
        "before decimals? Part them with a semicolon." }
    }
    if (bad !== undefined) {
      return { problem: `${where}“${bad.slice(0, 20)}” is no number.` }
    }
    if (cells.length !== 2) {
      return { problem: `${where}a point has two numbers, *x* and *y*; here ` +
        `${cells.length === 1 ? "is 1" : `are ${cells.length}`}.` }
    }
    points.push(numbers)
  }
  const problem = problemOf(points, limits)
  return problem ? { problem } : { points }
}

// What an address says of points: 1:2;2:4.
export const pointsFrom = (limits) => (text) => {
  return pointsIn(text.replaceAll(";", "\n").replaceAll(":", ";"), limits).points
}

// A list of Python, a point in each line.
export const listed = (points) => [
  "points = [", ...points.map((point) => `    [${point.map(real).join(", ")}],`), "]",
]

// The field. It calls change(points) for what is written in it; what it returns shows
// it or hides it, writes points, and says what is wrong with those that were clicked.
export function pointField(parent, limits, change) {
  const group = add(parent, "div", { style: "margin-top: 8px; font-size: 12px" })
  const label = add(group, "label")
  add(label, "span", {}, "Your points, one in a line: *x*, then *y*. Write, paste a " +
    "table, or use the plot: click an empty place for a new point, drag a point, or " +
    "click it to remove it.")
  const box = add(label, "textarea", { rows: 4, spellcheck: "false" })
  const told = add(group, "div", { "aria-live": "polite" })
  const say = (problem, count) => {
    box.setAttribute("aria-invalid", Boolean(problem))
    told.textContent = (problem || `${count} points.`).replaceAll("*", "")
  }
  box.addEventListener("input", () => {
    const { points, problem } = pointsIn(box.value, limits)
    say(problem, points?.length)
    if (points) change(points)
  })
  return {
    show(yes) { group.hidden = !yes },
    write(points) {
      box.value = points.map(([x, y]) => `${x}; ${y}`).join("\n")
      say("", points.length)
    },
    say,
  }
}

// Let a mouse or a finger make, move and remove points of a plot, which draws them in
// their order, with the class "point". While active(), what is not near a grip is for
// them. change(points, ended) is told when a movement has ended.
export function editPoints(axes, { active, points, ranges, change }) {
  const { svg } = axes
  let held = null
  const away = (event, selector) => [...svg.querySelectorAll(selector)].map((dot) => {
    const { x, y, width, height } = dot.getBoundingClientRect()
    return Math.hypot(event.clientX - x - width / 2, event.clientY - y - height / 2)
  })
  // In so many digits as can be told apart.
  const place = (event) => axes.place(event).map((value, i) => {
    const [low, high] = ranges()[i]
    const power = 10 ** (Math.floor(Math.log10(high - low)) - 2)
    return Number((Math.round(value / power) * power).toPrecision(12))
  })
  svg.addEventListener("pointerdown", (event) => {
    held = null
    if (!active() || event.button || !event.isPrimary) return
    const far = away(event, ".point")
    const nearest = Math.min(...far)
    if (Math.min(...away(event, ".grip")) < Math.min(HOLD, nearest)) return
    event.stopImmediatePropagation()
    svg.setPointerCapture(event.pointerId)
    const which = nearest < HOLD ? far.indexOf(nearest) : -1
    held = { which, at: [event.clientX, event.clientY], moved: false, all: points() }
  }, true)
  svg.addEventListener("touchstart", (event) => {
    if (held && held.which >= 0) event.preventDefault()
  }, { passive: false })
  // All points, with others or none in the place of the one that is held.
  const swapped = ({ all, which }, ...others) => {
    return [...all.slice(0, which), ...others, ...all.slice(which + 1)]
  }
  const moved = (event) => {
    const [x, y] = held.at
    held.moved ||= Math.hypot(event.clientX - x, event.clientY - y) > STILL
    return held.moved
  }
  svg.addEventListener("pointermove", (event) => {
    if (!held || !event.isPrimary || !moved(event) || held.which < 0) return
    change(swapped(held, place(event)), false)
  })
  svg.addEventListener("pointerup", (event) => {
    if (!held || !event.isPrimary) return
    const [last, far] = [held, moved(event)]
    held = null
    if (last.which >= 0) change(swapped(last, ...(far ? [place(event)] : [])), true)
    else if (!far) change([...last.all, place(event)], true)
  })
  svg.addEventListener("pointercancel", () => {
    if (held?.which >= 0) change(held.all, true)
    held = null
  })
}
