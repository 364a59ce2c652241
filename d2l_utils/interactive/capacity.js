// Lesson 09: how many numbers may a curve have, for so many points?

import {
  COLORS, beside, button, flag, fromTo, keep, message, panel, plot, powerOfTen,
  program, short, show, slider, strip, toggle,
} from "./frame.js"
import { editPoints, listed, pointField, pointsFrom, problemOf } from "./points.js"

export const MOST = 12 // the highest degree
export const [FEWEST, MANY] = [5, 60] // points
const STEP = 5
// What the figure shows of x, y, and the power of ten of an error.
const [ACROSS, UP, POWERS] = [[-1.08, 1.08], [-2.4, 2.4], [-2.6, 2.2]]
const HEIGHT = 300

const average = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length
const product = (a, b) => a.reduce((sum, value, i) => sum + value * b[i], 0)

// Legendre's polynomials at x: the same curves as those of the powers of x, but far
// less alike, so that rounding does no harm.
export function terms(x, degree) {
  const values = [1, x]
  for (let k = 1; k < degree; k += 1) {
    values.push(((2 * k + 1) * x * values[k] - k * values[k - 1]) / (k + 1))
  }
  return values.slice(0, degree + 1)
}

// The weights of the terms with the least squares, by Gram and Schmidt, twice over.
export function fitted(points, degree) {
  const rows = points.map(([x]) => terms(x, degree))
  const columns = rows[0].map((_, j) => rows.map((row) => row[j]))
  const units = []
  const table = columns.map((column) => {
    const parts = columns.map(() => 0)
    let rest = column
    for (let again = 0; again < 2; again += 1) {
      units.forEach((unit, i) => {
        const part = product(unit, rest)
        parts[i] += part
        rest = rest.map((value, k) => value - part * unit[k])
      })
    }
    const long = Math.sqrt(product(rest, rest))
    parts[units.length] = long
    units.push(rest.map((value) => value / long))
    return parts
  })
  const weights = units.map((unit) => product(unit, points.map(([, y]) => y)))
  for (let j = degree; j >= 0; j -= 1) {
    weights[j] /= table[j][j]
    for (let i = 0; i < j; i += 1) weights[i] -= table[j][i] * weights[j]
  }
  return weights
}

export const curveAt = (weights, x) => product(weights, terms(x, weights.length - 1))

// The mean squared error of a curve on some points.
export function errorOf(weights, points) {
  return average(points.map(([x, y]) => (curveAt(weights, x) - y) ** 2))
}

// The highest degree that points determine; those of one x, to three decimals, are one.
function highest(points) {
  const places = new Set(points.map(([x]) => Math.round(1000 * x)))
  return Math.min(MOST, places.size - 1)
}

// For each degree that points determine: both errors.
export function errors(points, others) {
  const degrees = highest(points)
  return Array.from({ length: degrees + 1 }, (_, degree) => {
    const weights = fitted(points, degree)
    return [errorOf(weights, points), errorOf(weights, others)]
  })
}

// So many points of the pool, from some place on, or from its start if they do not fit.
export function drawn(pool, from, count) {
  const start = from + count > pool.length ? 0 : from
  return [pool.slice(start, start + count), start]
}

// What the points of a reader may be.
export const LIMITS = [[-1, 1], UP]

// The points are those of the pool from some place on, or mine.
export const FIELDS = {
  degree: fromTo(0, MOST, 1), count: fromTo(FEWEST, MANY, STEP),
  from: fromTo(0, 175, STEP), points: pointsFrom(LIMITS), validation: flag, all: flag,
}

export function python({ degree, count, from, points, validation, all }) {
  return program(
    "from d2l_utils.interactive import capacity", "",
    "pool, others = capacity.samples()",
    points ? [...listed(points), "x, y = np.transpose(points)"]
      : [`x, y = pool[${from}:${from + count}].T`],
    "", "",
    "def fitted(degree):",
    "    return np.polynomial.Polynomial.fit(x, y, degree)",
    "", "",
    "def error(degree, x, y):",
    "    return np.mean((fitted(degree)(x) - y) ** 2)",
    "", "",
    `degree = ${degree}`,
    'print(f"degree {degree}: training error {error(degree, x, y):.2g}, ", end="")',
    'print(f"validation error {error(degree, *others.T):.2g}")',
    all ? [
      `degrees = range(${(points ? highest(points) : Math.min(MOST, count - 1)) + 1})`,
      "best = min(degrees, key=lambda degree: error(degree, *others.T))",
      'print(f"the validation error is lowest at degree {best}")',
    ] : "degrees = [degree]",
    "",
    "line = np.linspace(-1, 1, 201)",
    "fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3))",
    validation ? 'left.plot(*others.T, "o", color="C1", fillstyle="none", markersize=4)'
      : [],
    'left.plot(x, y, "o", color="C0")',
    'left.plot(line, fitted(degree)(line), color="C2")',
    'left.set(xlabel="$x$", ylabel="$y$", ylim=(-2.4, 2.4))',
    'sets = [("training", (x, y), "C0"), ("validation", others.T, "C1")]',
    "for name, data, color in sets:",
    "    losses = [error(degree, *data) for degree in degrees]",
    '    right.semilogy(degrees, losses, "o-", color=color, label=name)',
    'right.set(xlabel="degree", ylabel="mean squared error", ylim=(2e-3, 2e2))',
    "right.legend()",
    'd2l.show("Left: points and a polynomial. Right: its errors against its degree.")',
  )
}

export function mount(el, { pool, others }) {
  const root = panel("A polynomial through points, and its errors for each degree")
  const plots = beside(root)
  const [blue, orange, green] = COLORS
  const bold = "font-weight: 600; paint-order: stroke; stroke: #fff; stroke-width: 4px"
  let [degree, count, start] = [1, 10, 0]
  let [all, hollow] = [false, false]
  // The points that a reader has brought along, and whether they are shown.
  let [mine, own] = [pool.slice(0, count), false]
  let points, both, weights
  let tried = new Set()

  const curve = plot(plots, {
    alt: "The points and the polynomial that fits them best",
    xlim: ACROSS, ylim: UP, xticks: [-1, -0.5, 0, 0.5, 1], yticks: [-2, -1, 0, 1, 2],
    xlabel: "*x*", ylabel: "*y*", height: HEIGHT,
  }, (axes) => {
    if (hollow) {
      for (const [x, y] of others) {
        axes.dot(x, y, { fill: "none", stroke: orange, r: 3 })
      }
    }
    const places = Array.from({ length: 201 }, (_, i) => -1 + i / 100)
    const line = places.map((x) => {
      const y = curveAt(weights, x)
      return [x, Math.max(-99, Math.min(99, y))]
    })
    axes.line(line, { stroke: green, "stroke-width": 2.5 })
    for (const [x, y] of points) {
      axes.dot(x, y, { class: "point", fill: blue, r: points.length > 60 ? 3 : 4.5 })
    }
  })

  const power = (error) => Math.max(-9, Math.log10(error))
  const graph = plot(plots, {
    alt: "Training error and validation error for each degree that was tried",
    xlim: [-0.5, MOST + 0.5], ylim: POWERS, xticks: [0, 2, 4, 6, 8, 10, 12],
    yticks: [-2, -1, 0, 1, 2], ytext: powerOfTen, xlabel: "degree",
    ylabel: "mean squared error", height: HEIGHT,
  }, (axes) => {
    const name = (color) => ({ style: `fill: ${color}; ${bold}` })
    axes.text(-0.3, 1.9, "validation error", name(orange))
    axes.text(-0.3, -2.4, "training error", name(blue))
    axes.line([[degree, POWERS[0]], [degree, POWERS[1]]], {
      stroke: green, "stroke-width": 1.5, "stroke-dasharray": "3 4",
    })
    for (const [which, stroke] of [[0, blue], [1, orange]]) {
      const line = both.map((pair, d) => [d, power(pair[which])])
      if (all) axes.line(line, { stroke, "stroke-width": 1.5 })
      line.forEach(([d, value]) => {
        if (!all && !tried.has(d)) return
        // What is below the axis is drawn on it.
        const at = Math.max(POWERS[0], Math.min(POWERS[1], value))
        axes.dot(d, at, { fill: d === degree ? stroke : "#fff", stroke, r: 4.5 })
      })
    }
  })

  const setDegree = slider(root, "degree", { min: 0, max: MOST, step: 1 }, String,
    (value) => { degree = value; update() })
  const sizes = { min: FEWEST, max: MANY, step: STEP }
  const setCount = slider(root, "number of points", sizes, String, (value) => {
    count = value
    anew()
  })
  const countRow = root.lastElementChild
  const choices = strip(root)
  button(choices, "Other points", () => {
    if (own) own = false
    else start += count
    anew()
  })
  const setOwn = toggle(choices, "your own points", blue, (yes) => {
    own = yes
    anew()
  })
  const setHollow = toggle(choices, "validation points", orange, (yes) => {
    hollow = yes
    update()
  })
  const setAll = toggle(choices, "all degrees", green, (yes) => {
    all = yes
    update()
  })
  const field = pointField(root, LIMITS, (all) => {
    mine = all
    anew()
  })
  const below = message(root)
  const changed = keep(el, root, "capacity", FIELDS, {
    now: () => ({
      degree, count, from: start, points: own ? mine : undefined, all,
      validation: hollow,
    }),
    set(state) {
      ;({ degree, count, from: start, validation: hollow, all } = state)
      own = Boolean(state.points)
      if (own) mine = state.points
    },
    update: anew,
    python,
  })
  editPoints(curve, {
    active: () => own,
    points: () => mine,
    ranges: () => [ACROSS, UP],
    change(all, ended) {
      const problem = problemOf(all, LIMITS)
      if (!problem && ended) mine = all
      anew(problem ? mine : all)
      field.write(points)
      if (problem) field.say(problem)
    },
  })

  // For other points nothing has been tried yet.
  function anew(moved) {
    if (own) points = moved ?? mine
    else [points, start] = drawn(pool, start, count)
    both = errors(points, others)
    tried = new Set()
    update()
  }

  function update() {
    const wanted = degree
    degree = Math.min(degree, both.length - 1)
    tried.add(degree)
    weights = fitted(points, degree)
    setDegree(degree)
    setCount(count)
    setOwn(own)
    countRow.hidden = own
    field.show(own)
    setHollow(hollow)
    setAll(all)
    curve.draw()
    graph.draw()
    const [training, validation] = both[degree]
    const numbers = `${degree + 1} number${degree ? "s" : ""}`
    const seen = training < 1e-9 ? "0: the curve misses none of them"
      : short(training, 2)
    const best = both.reduce((low, pair, d) => (pair[1] < both[low][1] ? d : low), 0)
    below.write(
      `Degree ${degree}: ${numbers} for ${points.length} points. Training error ` +
      `${seen}. Validation error ${short(validation, 2)}. ` +
      (wanted > degree ? `${points.length} points determine no higher degree. ` : "") +
      (all ? `The validation error is lowest at degree ${best}. ` : "") +
      (own ? "The validation points still lie around the wave of the lesson." : "")
    )
    changed()
  }

  anew()
  field.write(mine)
  show(el, root, "svg > * { pointer-events: none }")
}
