// Lesson 04: every line is one point of a landscape, and can walk downhill there.

import {
  COLORS, beside, calm, flag, fromTo, keep, oneOf, panel, player, plot, program,
  ranged, real, select, short, show, slider, strip, toggle,
} from "./frame.js"
import { editPoints, listed, pointField, pointsFrom, problemOf } from "./points.js"

export const DATA = {
  "x = 1, 2, 3": [[1, 2], [2, 4], [3, 6]],
  "x = −1, 0, 1": [[-1, -2], [0, 0], [1, 2]],
}
export const RATES = [
  0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.7, 1, 1.2, 1.5, 1.8,
  2.2,
]
const OWN = "your own"
const LEVELS = [0.1, 0.6, 2.5, 8, 20]
// About as many pixels for a unit of b as for one of w.
const HEIGHT = 300
const HOME = [0, 0]
const MOST = 50
// Where a walk that flies away ends, for w or b, in units of each.
const FAR = 1000
const [PAUSE, CALM] = [200, 900] // milliseconds
// How near a finger must be to what it drags: pixels.
const NEAR = 24
// A way that is less than 10 degrees off counts as the right one.
const STRAIGHT = Math.cos(Math.PI / 18)

const mean = (numbers) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length

export const residuals = (data, [w, b]) => data.map(([x, y]) => w * x + b - y)

export function loss(data, line) {
  return mean(residuals(data, line).map((r) => r * r)) / 2
}

export function gradient(data, line) {
  const misses = residuals(data, line)
  return [mean(misses.map((r, i) => r * data[i][0])), mean(misses)]
}

// The mean of x, and the mean squared distance from it.
function spread(data) {
  const x0 = mean(data.map(([x]) => x))
  return [x0, mean(data.map(([x]) => (x - x0) ** 2))]
}

export function leastSquares(data) {
  const [x0, s] = spread(data)
  const y0 = mean(data.map(([, y]) => y))
  const w = mean(data.map(([x, y]) => (x - x0) * (y - y0))) / s
  return [w, y0 - w * x0]
}

// The smallest and the largest: the eigenvalues of the table X'X/m.
export function curvatures(data) {
  const [x0, s] = spread(data)
  const square = s + x0 * x0
  const [middle, half] = [(square + 1) / 2, Math.hypot((square - 1) / 2, x0)]
  return [middle - half, middle + half]
}

// The points (w, b) of one level, which is so much above the lowest: its double is
// (db + x0 dw)² + s dw² for lines that differ by dw and db from the best one; s is the
// mean squared distance of x from its mean x0.
export function levelLine(data, level) {
  const [w, b] = leastSquares(data)
  const [x0, s] = spread(data)
  return Array.from({ length: 121 }, (_, i) => {
    const angle = (i * Math.PI) / 60
    const dw = Math.sqrt((2 * level) / s) * Math.cos(angle)
    return [w + dw, b - x0 * dw + Math.sqrt(2 * level) * Math.sin(angle)]
  })
}

// What the plots show of the lesson's points. The line is turned around its point at
// the pivot. Limits and steps are those of the sliders, wlim and blim those of the
// landscape, so that a dot at the end of a slider is not cut off. Units are those in
// which w and b count; tall is that of y, high that of the loss, rate that of η.
const USUAL = {
  xlim: [-1.5, 3.6], ylim: [-4, 8], xticks: [-1, 0, 1, 2, 3],
  yticks: [-4, -2, 0, 2, 4, 6, 8], pivot: 0, limits: [[-1, 4], [-1.5, 2.5]],
  steps: [0.05, 0.05], wlim: [-1.2, 4.2], blim: [-1.7, 2.7],
  wticks: [-1, 0, 1, 2, 3, 4], bticks: [-1, 0, 1, 2], units: [1, 1], tall: 1, high: 1,
  rate: 1,
}

const exact = (value) => Number(value.toPrecision(12))

// The largest of 1, 2, 5, 10, 20 and so on that is not above a size.
function roundStep(size) {
  const power = 10 ** Math.floor(Math.log10(size))
  return exact(([5, 2, 1].find((factor) => factor * power <= size) ?? 1) * power)
}

function ticks([low, high]) {
  const step = roundStep((high - low) / 3.5)
  const from = Math.ceil(low / step)
  return Array.from({ length: Math.floor(high / step) - from + 1 }, (_, i) => {
    return exact((from + i) * step)
  })
}

// From the least to the largest of some values, with a share of it on both sides; with
// 0, too, if that is not far off.
function around(values, share) {
  let [low, high] = [Math.min(...values), Math.max(...values)]
  const span = high - low || Math.abs(high) || 1
  if (low > 0 && low < 1.5 * span) low = 0
  if (high < 0 && high > -1.5 * span) high = 0
  return [low - share * span, high + share * span].map(exact)
}

// The same for points of a reader.
export function viewOf(data) {
  const xlim = around(data.map(([x]) => x), 0.12)
  const ylim = around(data.map(([, y]) => y), 0.2)
  const [w, b] = leastSquares(data)
  const y0 = mean(data.map(([, y]) => y))
  const [wide, high] = [spread(data)[1], mean(data.map(([, y]) => (y - y0) ** 2))]
    .map(Math.sqrt)
  const tall = high || Math.abs(y0) || 1
  const units = [tall / wide, Math.max(Math.abs(b), tall)]
  const steps = [roundStep(tall / wide) / 20, roundStep(tall) / 20].map(exact)
  // Sliders reach 0, where the walk begins, and as far on the other side.
  const limits = [[w, 1.35], [b, 1.1]].map(([best, times], i) => {
    const reach = times * units[i]
    return [Math.floor((best - reach) / steps[i]), Math.ceil((best + reach) / steps[i])]
      .map((place) => exact(place * steps[i]))
  })
  const [wlim, blim] = limits.map((both) => around(both, 0.04))
  const limit = 2 / curvatures(data)[1]
  return {
    xlim, ylim, xticks: ticks(xlim), yticks: ticks(ylim), limits, steps, wlim, blim,
    pivot: xlim[0] <= 0 && xlim[1] >= 0 ? 0 : exact((xlim[0] + xlim[1]) / 2),
    wticks: ticks(wlim), bticks: ticks(blim), units, tall, high: 0.375 * tall * tall,
    // A power of ten, so that a rate of the lesson does here what it does there.
    rate: Number(`1e${Math.round(Math.log10(limit / 0.36))}`),
  }
}

export const isFar = (line, { units } = USUAL) => line.some((value, i) => {
  return Math.abs(value) > FAR * units[i]
})

// All lines, the start first; none follows one that is far away.
export function descend(data, start, lr, steps, view) {
  const history = [start]
  for (let line = start; history.length <= steps && !isFar(line, view);) {
    const slopes = gradient(data, line)
    line = line.map((value, i) => value - lr * slopes[i])
    history.push(line)
  }
  return history
}

export function wayTo(data, line) {
  return leastSquares(data).map((value, i) => value - line[i])
}

// Where a line stands and what its walk will do.
export function state(data, line, lr, view = USUAL) {
  const [flat, steep] = curvatures(data)
  const excess = loss(data, line) - loss(data, leastSquares(data))
  if (excess < 1e-6 * view.high) return "there"
  if (isFar(descend(data, line, lr, 100, view).at(-1), view)) return "away"
  if (steep < 2 * flat) return "round"
  const [u, v] = wayTo(data, line)
  const curvature = mean(data.map(([x]) => (u * x + v) ** 2)) / (u * u + v * v)
  if (curvature < 2 * flat) return "floor"
  const [p, q] = gradient(data, line)
  const cosine = -(p * u + q * v) / (Math.hypot(p, q) * Math.hypot(u, v))
  return cosine > STRAIGHT ? "aimed" : "wall"
}

const MESSAGES = {
  there: "The line goes through all three points, to three digits: the lowest point.",
  round: "The bowl is nearly round: downhill leads almost straight to that point.",
  wall: "This is the wall of a valley: downhill leads across it, not along it to " +
    "that point.",
  aimed: "This is the wall of a valley. Here the way across it happens to lead to " +
    "that point.",
  floor: "This is the floor of the valley: what *w* does wrong, *b* nearly makes " +
    "good, so the slopes are small and the steps short.",
}

// What may be small, but is 0 only up to rounding errors.
export const fine = (value, unit = 1, digits = 3) => {
  return short(exact((Math.round((1e9 * value) / unit) / 1e9) * unit), digits)
}
const within = (value, [low, high]) => value >= low && value <= high

// The axes of both plots; their left margin has room for the numbers.
function axesOf(xlim, ylim, xticks, yticks) {
  const long = Math.max(...yticks.map((tick) => short(tick).length))
  return {
    xlim, ylim, xticks, yticks, xtext: short, ytext: short,
    left: Math.max(36, 10 + 7.5 * long),
  }
}
const linesOf = (view) => axesOf(view.xlim, view.ylim, view.xticks, view.yticks)
const landscapeOf = (view) => axesOf(view.wlim, view.blim, view.wticks, view.bticks)

// A mouse drags from anywhere, a finger only what is near; elsewhere it scrolls.
function drag({ drag: listen, svg }, move) {
  listen(move, { both: true })
  svg.style.touchAction = "pan-y"
  let held = false
  const near = (event) => [...svg.querySelectorAll(".grip")].some((dot) => {
    const { x, y, width, height } = dot.getBoundingClientRect()
    const across = event.clientX - x - width / 2
    return Math.hypot(across, event.clientY - y - height / 2) < NEAR
  })
  // This comes before the drag, and before the touch.
  svg.addEventListener("pointerdown", (event) => {
    if (event.isPrimary) held = near(event)
    if (event.pointerType === "touch" && !held) event.stopPropagation()
  }, true)
  svg.addEventListener("touchstart", (event) => {
    if (held) event.preventDefault()
  }, { passive: false })
}

const CALLED = { lesson: "x = 1, 2, 3", centered: "x = −1, 0, 1", own: OWN }
const any = fromTo(-1e15, 1e15)

// Where the walk began, and how many steps it has taken.
export const FIELDS = {
  data: oneOf(Object.keys(CALLED)), points: pointsFrom(), w: any, b: any,
  rate: oneOf(RATES), step: fromTo(0, MOST, 1), next: flag,
}

export function python({ data, points, w, b, rate, step }) {
  const shown = DATA[CALLED[data]] ?? points
  const view = data === "own" ? viewOf(shown) : USUAL
  const pair = (both) => both.map(real).join(", ")
  return program(
    "", "", listed(shown),
    "x, y = np.transpose(points)",
    "X = np.column_stack([x, np.ones(len(x))])",
    "", "",
    "def loss(w):",
    "    return sum((w[0] * a + w[1] - c) ** 2 for a, c in points) / len(points) / 2",
    "", "",
    "def gradient(w):",
    "    return X.T @ (X @ w - y) / len(X)",
    "", "",
    `start, lr, steps = [${pair([w, b])}], ${real(exact(rate * view.rate))}, ${step}`,
    "w, history = d2l.gradient_descent(loss, start, lr, steps, grad=gradient)",
    "slopes, best = gradient(w), np.linalg.lstsq(X, y)[0]",
    'print(f"w = {w[0]:.5g}, b = {w[1]:.5g}, loss {loss(w):.3g}")',
    'print(f"slopes {slopes[0]:.3g} and {slopes[1]:.3g}")',
    "long, away = lr * np.linalg.norm(slopes), np.linalg.norm(w - best)",
    'print(f"the next step is {long:.3g} long, the lowest point {away:.3g} away")',
    "",
    "fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3))",
    'left.plot(x, y, "o", color="0.2")',
    `ends = np.array([${pair(view.xlim)}])`,
    'left.plot(ends, w[0] * ends + w[1], color="C1")',
    `left.set(xlabel="$x$", ylabel="$y$", ylim=(${pair(view.ylim)}))`,
    `wlim, blim = (${pair(view.wlim)}), (${pair(view.blim)})`,
    `high = ${real(Number(view.high.toPrecision(3)))}`,
    "levels = loss(best) + high * np.array([0.1, 0.6, 2.5, 8, 20])",
    "d2l.plot_contours(loss, wlim, blim, levels=levels, ax=right)",
    "d2l.plot_path(history, ax=right)",
    'right.plot(*best, "*", color="C2", markersize=11)',
    'right.set(xlim=wlim, ylim=blim, xlabel="weight $w$", ylabel="bias $b$")',
    'd2l.show("Left: points and a line. Right: the landscape of its loss.")',
  )
}

export function mount(el) {
  const root = panel("A line through three points, and the landscape of its loss")
  const plots = beside(root)
  const [, orange, green] = COLORS
  const middle = { "text-anchor": "middle" }
  const grip = { class: "grip", fill: orange, stroke: "#fff" }
  const label = {
    ...middle, style: `fill: ${orange}; font-weight: 600; paint-order: stroke; ` +
      "stroke: #fff; stroke-width: 4px",
  }
  let [choice] = Object.keys(DATA)
  let mine = DATA[choice]
  // While a point is dragged the axes stand still.
  let view = USUAL
  let start = HOME
  let steps = 0
  let rate = 0.1
  // Where the line was taken: left of the pivot (-1), near it (0), right of it (1).
  let side = 0
  // Before the first step the reader is to say where it leads.
  let ahead = false
  let data, drawn, history, line

  const isAhead = () => ahead || steps > 0
  const isOwn = () => choice === OWN
  const lrOf = () => exact(rate * view.rate)
  const at = ([w, b], x) => [x, w * x + b]
  const rounded = (value, i) => {
    if (isOwn()) return fine(value, view.units[i], 4)
    return short(Math.round(100 * value) / 100, 3)
  }
  // To the next place of its slider.
  const tidy = (value, i) => {
    const [low, high] = view.limits[i]
    const step = view.steps[i]
    return exact(Math.round(Math.max(low, Math.min(high, value)) / step) * step)
  }
  const outside = () => !within(line[0], view.wlim) || !within(line[1], view.blim)
  // Whether a part of the line is among the points.
  const isSeen = () => {
    const ends = view.xlim.map((x) => at(line, x)[1])
    return Math.max(...ends) > view.ylim[0] && Math.min(...ends) < view.ylim[1]
  }

  const lines = plot(plots, {
    alt: "Three points, a line, and dotted residuals between them",
    xlabel: "*x*", ylabel: "*y*", height: HEIGHT, ...linesOf(USUAL),
  }, (axes) => {
    const { xlim, ylim, pivot } = view
    const [wide, high] = [xlim[1] - xlim[0], ylim[1] - ylim[0]]
    const draw = (parameters, width) => {
      const ends = xlim.map((x) => at(parameters, x))
      axes.line(ends, { stroke: orange, "stroke-width": width })
    }
    axes.line(ylim.map((y) => [pivot, y]), { stroke: "#666", "stroke-width": 1 })
    if (steps) draw(start, 1)
    if (isFar(line, view) || !isSeen()) {
      const place = [xlim[0] + wide / 2, ylim[1] - high / 12]
      axes.text(...place, "the line is out there", label)
    } else {
      for (const [x, y] of data) {
        axes.line([[x, y], at(line, x)], { stroke: orange, "stroke-dasharray": "2 3" })
      }
      draw(line, 2.5)
    }
    const [w] = line
    const [, y0] = at(line, pivot)
    if (!outside() && within(y0, ylim)) {
      // The handle for w stays where the line can be seen.
      const end = w > 0 ? ylim[1] - 0.117 * high - y0 : y0 - ylim[0] - high / 12
      const room = Math.min(0.694 * (xlim[1] - pivot), end / Math.abs(w))
      const reach = Math.max(wide / 8, room)
      for (const [name, x] of [["b", pivot], ["w", pivot + reach]]) {
        const [, y] = at(line, x)
        axes.dot(x, y, { ...grip, r: 8 })
        const left = Math.max(x - 0.059 * wide, xlim[0] + wide / 30)
        axes.text(left, y + high / 20, `*${name}*`, label)
      }
    }
    const few = data.length > 40 ? 3 : 4.5
    for (const [x, y] of data) axes.dot(x, y, { class: "point", fill: "#222", r: few })
  })

  const landscape = plot(plots, {
    alt: "Level lines of the loss over w and b, the line as a dot, and its walk",
    xlabel: "weight *w*", ylabel: "bias *b*", height: HEIGHT, ...landscapeOf(USUAL),
    ground(axes) {
      LEVELS.forEach((level, i) => {
        const stroke = `hsl(224 78% ${25 + 7 * i}%)`
        axes.line(levelLine(data, level * view.high), { stroke, "stroke-width": 1 })
      })
      const [w, b] = leastSquares(data)
      const style = `fill: ${green}; font-size: 17px`
      axes.text(w, b, "★", { ...middle, dy: "0.35em", style })
    },
  }, (axes) => {
    axes.line(history, { stroke: orange, "stroke-width": 1.3 })
    for (const [w, b] of history) axes.dot(w, b, { fill: orange, r: 2.5 })
    axes.dot(...start, { fill: "none", stroke: orange, r: 9 })
    if (outside()) {
      const { wlim, blim } = view
      const place = [(wlim[0] + wlim[1]) / 2, blim[1] - (blim[1] - blim[0]) / 9]
      axes.text(...place, "the dot is out there", label)
    } else {
      if (isAhead()) {
        axes.arrow(line, descend(data, line, lrOf(), 1, view)[1], { stroke: orange })
      }
      axes.dot(...line, { ...grip, r: 7 })
    }
  })

  const setWeight = ranged(root, "weight *w*", (w) => rounded(w, 0), (w) => {
    put(w, line[1])
  })
  const setBias = ranged(root, "bias *b*", (b) => rounded(b, 1), (b) => {
    put(line[0], b)
  })
  const rates = { min: 0, max: RATES.length - 1, step: 1 }
  const formatRate = (place) => short(exact(RATES[place] * view.rate), 3)
  const setRate = slider(root, "learning rate *η*", rates, formatRate, (place) => {
    rate = RATES[place]
    update()
  })
  const setData = select(root, "points at", [...Object.keys(DATA), OWN], (name) => {
    walk.stop()
    choice = name
    field.write(mine)
    settle()
  })
  const field = pointField(root, undefined, (points) => {
    mine = points
    settle()
  })
  const setAhead = toggle(strip(root), "next step and slopes", "#222", (yes) => {
    ahead = yes
    update()
  })
  const walk = player(root, {
    step: () => { steps += 1; update() },
    ended: () => steps >= MOST || isFar(line, view),
    reset: () => {
      if (!steps) start = HOME
      steps = 0
      update()
    },
    pause: () => (calm() ? CALM : PAUSE),
    update,
  })
  const changed = keep(el, root, "regression", FIELDS, {
    now: () => ({
      data: Object.keys(CALLED).find((name) => CALLED[name] === choice),
      points: isOwn() ? mine : Object.values(DATA)[0], w: start[0], b: start[1], rate,
      step: history ? history.length - 1 : 0, next: ahead,
    }),
    set(state) {
      walk.stop()
      choice = CALLED[state.data]
      if (isOwn()) mine = state.points
      field.write(mine)
      ;({ rate, next: ahead } = state)
      look()
      start = [tidy(state.w, 0), tidy(state.b, 1)]
      steps = state.step
      history = descend(data, start, lrOf(), steps, view)
    },
    update,
    python,
  })

  function look() {
    data = isOwn() ? mine : DATA[choice]
    view = isOwn() ? viewOf(mine) : USUAL
    field.show(isOwn())
  }

  // Other points, or the same with other axes.
  function settle() {
    walk.stop()
    look()
    start = start.map(tidy)
    steps = 0
    update()
  }

  // A new start, from which no step has been taken.
  function put(w, b) {
    walk.stop()
    start = [w, b].map(tidy)
    steps = 0
    update()
  }

  function update() {
    history = descend(data, start, lrOf(), steps, view)
    line = history.at(-1)
    ;[setWeight, setBias].forEach((set, i) => {
      const [min, max] = view.limits[i]
      set(line[i], { min, max, step: view.steps[i] })
    })
    setRate(RATES.indexOf(rate))
    setData(choice)
    setAhead(ahead)
    walk.refresh()
    if (drawn === data) {
      lines.draw()
      landscape.draw()
    } else {
      drawn = data
      lines.reset(linesOf(view))
      landscape.reset(landscapeOf(view))
    }
    const slopes = gradient(data, line)
    const stands = state(data, line, lrOf(), view)
    const limit = short(2 / curvatures(data)[1], 3)
    const long = short(lrOf() * Math.hypot(...slopes), 3)
    const away = short(Math.hypot(...wayTo(data, line)), 3)
    const next = stands === "there" || isFar(line, view) ? ""
      : `The next step is ${long} long, the lowest point ${away} away. `
    const verdict = stands === "there" && isOwn()
      ? "This is the lowest point, to three digits: no line fits better."
      : MESSAGES[stands] ?? "The learning rate is above 2 / largest curvature = " +
        `${limit}, too large: the walk swings higher and higher.`
    const shown = (value) => fine(value, view.tall)
    const [along, up] = slopes.map(shown)
    const told = `Slopes ${along} for *w* and ${up} for *b*. ${next}${verdict}`
    const misses = residuals(data, line).map(shown).join(", ")
    walk.write(
      `Step ${history.length - 1} of ${MOST}: *w* = ${rounded(line[0], 0)}, *b* = ` +
      `${rounded(line[1], 1)}, loss *L* = ${short(loss(data, line), 3)}. ` +
      (data.length < 6 ? `Residuals ${misses}. ` : "") + (isAhead() ? told : "")
    )
    changed()
  }

  editPoints(lines, {
    active: isOwn,
    points: () => mine,
    ranges: () => [view.xlim, view.ylim],
    change(points, ended) {
      const problem = problemOf(points)
      data = problem ? mine : points
      if (!ended || problem) {
        steps = 0
        update()
      } else {
        mine = points
        settle()
      }
      field.write(data)
      if (problem) field.say(problem)
    },
  })
  // Near the pivot the line is shifted, elsewhere it is turned around its point there.
  drag(lines, (x, y, first) => {
    const { pivot, xlim } = view
    const [wide, far] = [xlim[1] - xlim[0], x - pivot]
    if (first) side = Math.abs(far) < 0.118 * wide ? 0 : Math.sign(far)
    const [w] = line
    const [, y0] = at(line, pivot)
    if (!side) return put(w, y - w * pivot)
    const turned = tidy((y - y0) / (side * Math.max(0.098 * wide, side * far)), 0)
    put(turned, y0 - turned * pivot)
  })
  drag(landscape, put)
  look()
  update()
  // What is drawn anew while it is touched would be lost to the listeners.
  show(el, root, "svg > * { pointer-events: none }")
}
