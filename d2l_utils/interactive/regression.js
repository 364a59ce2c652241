// Lesson 04: every line is one point of a landscape, and can walk downhill there.

import {
  COLORS, beside, calm, panel, player, plot, select, short, show, slider, strip,
  toggle,
} from "./frame.js"

export const DATA = {
  "x = 1, 2, 3": [[1, 2], [2, 4], [3, 6]],
  "x = −1, 0, 1": [[-1, -2], [0, 0], [1, 2]],
}
export const RATES = [
  0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.7, 1, 1.2, 1.5, 1.8,
  2.2,
]
const LEVELS = [0.1, 0.6, 2.5, 8, 20]
const [WEIGHTS, BIASES] = [[-1, 4], [-1.5, 2.5]]
// The landscape, so that a dot at the end of a slider is not cut off.
const [ACROSS, UP] = [[-1.2, 4.2], [-1.7, 2.7]]
// About as many pixels for a unit of b as for one of w.
const HEIGHT = 300
const HOME = [0, 0]
const MOST = 50
// Where a walk that flies away ends, for w or b.
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

// The points (w, b) of one level: 2 L = (db + x0 dw)² + s dw² for lines that differ
// by dw and db from the best one, which goes through all points; s is the mean
// squared distance of x from its mean x0.
export function levelLine(data, level) {
  const [w, b] = leastSquares(data)
  const [x0, s] = spread(data)
  return Array.from({ length: 121 }, (_, i) => {
    const angle = (i * Math.PI) / 60
    const dw = Math.sqrt((2 * level) / s) * Math.cos(angle)
    return [w + dw, b - x0 * dw + Math.sqrt(2 * level) * Math.sin(angle)]
  })
}

export const isFar = (line) => line.some((value) => Math.abs(value) > FAR)

// All lines, the start first; none follows one that is far away.
export function descend(data, start, lr, steps) {
  const history = [start]
  for (let line = start; history.length <= steps && !isFar(line);) {
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
export function state(data, line, lr) {
  const [flat, steep] = curvatures(data)
  if (loss(data, line) < 1e-6) return "there"
  if (isFar(descend(data, line, lr, 100).at(-1))) return "away"
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
export const fine = (value) => short(Math.round(1e9 * value) / 1e9, 3)
const rounded = (value) => short(Math.round(100 * value) / 100, 3)
const within = (value, [low, high]) => value >= low && value <= high
// To the next twentieth within the limits.
const tidy = (value, [low, high]) => {
  return Math.round(20 * Math.max(low, Math.min(high, value))) / 20
}

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
  let start = HOME
  let steps = 0
  let lr = 0.1
  // Where the line was taken: left of x = 0 (-1), near it (0), right of it (1).
  let side = 0
  // Before the first step the reader is to say where it leads.
  let ahead = false
  let data, history, line

  const isAhead = () => ahead || steps > 0
  const outside = () => !within(line[0], ACROSS) || !within(line[1], UP)

  const lines = plot(plots, {
    alt: "Three points, a line, and dotted residuals between them",
    xlim: [-1.5, 3.6], ylim: [-4, 8], xticks: [-1, 0, 1, 2, 3],
    yticks: [-4, -2, 0, 2, 4, 6, 8], xlabel: "*x*", ylabel: "*y*", height: HEIGHT,
  }, (axes) => {
    const at = ([w, b], x) => [x, w * x + b]
    const draw = (parameters, width) => {
      const ends = [at(parameters, -1.5), at(parameters, 3.6)]
      axes.line(ends, { stroke: orange, "stroke-width": width })
    }
    axes.line([[0, -4], [0, 8]], { stroke: "#666", "stroke-width": 1 })
    if (steps) draw(start, 1)
    if (isFar(line)) {
      axes.text(1, 7, "the line is out there", label)
    } else {
      for (const [x, y] of data) {
        axes.line([[x, y], at(line, x)], { stroke: orange, "stroke-dasharray": "2 3" })
      }
      draw(line, 2.5)
    }
    if (!outside()) {
      // The handle for w stays where the line can be seen.
      const [w, b] = line
      const room = (w > 0 ? 6.6 - b : b + 3) / Math.abs(w)
      for (const [name, x] of [["b", 0], ["w", Math.min(2.5, room)]]) {
        const [, y] = at(line, x)
        axes.dot(x, y, { ...grip, r: 8 })
        axes.text(x - 0.3, y + 0.6, `*${name}*`, label)
      }
    }
    for (const [x, y] of data) axes.dot(x, y, { fill: "#222", r: 4.5 })
  })

  const landscape = plot(plots, {
    alt: "Level lines of the loss over w and b, the line as a dot, and its walk",
    xlim: ACROSS, ylim: UP, xticks: [-1, 0, 1, 2, 3, 4],
    yticks: [-1, 0, 1, 2], xlabel: "weight *w*", ylabel: "bias *b*", height: HEIGHT,
    ground(axes) {
      LEVELS.forEach((level, i) => {
        const stroke = `hsl(224 78% ${25 + 7 * i}%)`
        axes.line(levelLine(data, level), { stroke, "stroke-width": 1 })
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
      axes.text(1.5, 2.2, "the dot is out there", label)
    } else {
      if (isAhead()) {
        axes.arrow(line, descend(data, line, lr, 1)[1], { stroke: orange })
      }
      axes.dot(...line, { ...grip, r: 7 })
    }
  })

  const range = ([min, max]) => ({ min, max, step: 0.05 })
  const setWeight = slider(root, "weight *w*", range(WEIGHTS), rounded, (w) => {
    put(w, line[1])
  })
  const setBias = slider(root, "bias *b*", range(BIASES), rounded, (b) => {
    put(line[0], b)
  })
  const rates = { min: 0, max: RATES.length - 1, step: 1 }
  const formatRate = (place) => String(RATES[place])
  const setRate = slider(root, "learning rate *η*", rates, formatRate, (place) => {
    lr = RATES[place]
    update()
  })
  const setData = select(root, "points at", Object.keys(DATA), (name) => {
    walk.stop()
    choice = name
    steps = 0
    update()
    landscape.reset()
  })
  const setAhead = toggle(strip(root), "next step and slopes", "#222", (yes) => {
    ahead = yes
    update()
  })
  const walk = player(root, {
    step: () => { steps += 1; update() },
    ended: () => steps >= MOST || isFar(line),
    reset: () => {
      if (!steps) start = HOME
      steps = 0
      update()
    },
    pause: () => (calm() ? CALM : PAUSE),
    update,
  })

  // A new start, from which no step has been taken.
  function put(w, b) {
    walk.stop()
    start = [tidy(w, WEIGHTS), tidy(b, BIASES)]
    steps = 0
    update()
  }

  function update() {
    data = DATA[choice]
    history = descend(data, start, lr, steps)
    line = history.at(-1)
    setWeight(line[0])
    setBias(line[1])
    setRate(RATES.indexOf(lr))
    setData(choice)
    setAhead(ahead)
    walk.refresh()
    lines.draw()
    landscape.draw()
    const slopes = gradient(data, line)
    const stands = state(data, line, lr)
    const limit = short(2 / curvatures(data)[1], 3)
    const long = fine(lr * Math.hypot(...slopes))
    const away = fine(Math.hypot(...wayTo(data, line)))
    const next = stands === "there" || isFar(line) ? ""
      : `The next step is ${long} long, the lowest point ${away} away. `
    const verdict = MESSAGES[stands] ?? "The learning rate is above 2 / largest " +
      `curvature = ${limit}, too large: the walk swings higher and higher.`
    const told = `Slopes ${fine(slopes[0])} for *w* and ${fine(slopes[1])} for *b*. ` +
      next + verdict
    walk.write(
      `Step ${history.length - 1} of ${MOST}: *w* = ${rounded(line[0])}, *b* = ` +
      `${rounded(line[1])}, loss *L* = ${short(loss(data, line), 3)}. Residuals ` +
      `${residuals(data, line).map(fine).join(", ")}. ` + (isAhead() ? told : "")
    )
  }

  // Near x = 0 the line is shifted, elsewhere it is turned around its point there.
  drag(lines, (x, y, first) => {
    if (first) side = Math.abs(x) < 0.6 ? 0 : Math.sign(x)
    const [w, b] = line
    if (side) put((y - b) / (side * Math.max(0.5, side * x)), b)
    else put(w, y - w * x)
  })
  drag(landscape, put)
  update()
  // What is drawn anew while it is touched would be lost to the listeners.
  show(el, root, "svg > * { pointer-events: none }")
}
