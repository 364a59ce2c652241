// Lesson 02: the gradient at a point of a bowl, made of the slopes of two slices.

import {
  COLORS, add, beside, fromTo, keep, message, oneOf, panel, plot, powerOfTen, program,
  real, select, short, show, slider,
} from "./frame.js"

// What the squares of the two entries are multiplied by.
export const BOWLS = {
  "round: x₀² + x₁²": [1, 1],
  "long: 0.1x₀² + 2x₁²": [0.1, 2],
}
const [ROUND, LONG] = Object.keys(BOWLS)
const H = 1e-4
const LIMITS = [[-6, 6], [-4.5, 4.5]]
const REACH = [5.5, 4]
const PART = 0.2
const NAMES = ["*x*₀", "*x*₁"]
// With a sign after the slash that lets no line end there.
const PARTIALS = NAMES.map((entry) => `∂*f*/\u2060∂${entry}`)

export const bowl = ([a, b]) => ([x, y]) => a * (x * x) + b * (y * y)

// f as a function of one entry, with the others frozen.
export const slice = (f, x, i) => (value) => {
  return f(x.map((old, j) => (j === i ? value : old)))
}

// The recipe of d2l.numerical_gradient: the slope of each slice.
export const gradient = (f, x) => x.map((old, i) => {
  const along = slice(f, x, i)
  return (along(old + H) - along(old - H)) / (2 * H)
})

// The angle between two arrows in degrees.
export const between = ([a, b], [c, d]) => {
  return (Math.atan2(Math.abs(a * d - b * c), a * c + b * d) * 180) / Math.PI
}

// The level line of a bowl, all around.
export const ring = ([a, b], level) => Array.from({ length: 121 }, (_, i) => {
  const angle = (i * Math.PI) / 60
  const [across, up] = [Math.sqrt(level / a), Math.sqrt(level / b)]
  return [across * Math.cos(angle), up * Math.sin(angle)]
})

// What the arrow does, as the end of a sentence about it.
export function meaning(name, degrees) {
  if (degrees > 1e-6) {
    return `points ${short(degrees, 2)}° away from the minimum: it is square to the ` +
      "level line, and that is not a circle."
  }
  return "points straight at the minimum (0°)" + (name === ROUND
    ? ", as everywhere on the round bowl: the level lines are circles."
    : ". On the long bowl it does so only where *x*₀ or *x*₁ is 0.")
}

const CALLED = { long: LONG, round: ROUND }

export const FIELDS = {
  bowl: oneOf(Object.keys(CALLED)), x0: fromTo(-REACH[0], REACH[0], 0.1),
  x1: fromTo(-REACH[1], REACH[1], 0.1),
}

export function python({ bowl: shape, x0, x1 }) {
  return program(
    "", "", "", "def f(x):",
    shape === "long" ? "    return 0.1 * x[0] ** 2 + 2 * x[1] ** 2"
      : "    return x[0] ** 2 + x[1] ** 2",
    "", "",
    `x = np.array([${real(x0)}, ${real(x1)}])`,
    "slopes = d2l.numerical_gradient(f, x)",
    "length = np.linalg.norm(slopes)",
    'print(f"f = {f(x):.4g}, slopes {slopes[0]:.4g} and {slopes[1]:.4g}")',
    "turned = abs(slopes[0] * x[1] - slopes[1] * x[0])",
    "angle = np.degrees(np.arctan2(turned, slopes @ x))",
    'print(f"-gradient: {length:.4g} long, {angle:.1f} degrees off the minimum")',
    "",
    "ax = d2l.plot_contours(f, (-6, 6), (-4.5, 4.5))",
    'ax.plot([x[0], 0], [x[1], 0], "--", color="C2")',
    'ax.plot(*x, "o", color="k")',
    "down = -slopes / 5",
    'ax.quiver(*x, *down, color="C1", angles="xy", scale_units="xy", scale=1)',
    'ax.set(aspect="equal")',
    'd2l.show("Level lines of a bowl, a point, and the arrow of steepest descent.")',
  )
}

const OWN = `
.key { display: flex; flex-wrap: wrap; gap: 2px 12px; margin: 0 0 4px;
  font-size: 12px; }
`

export function mount(el, { x0 = -5, x1 = -2 } = {}) {
  const root = panel("The gradient at a point of a bowl, which can be dragged")
  const plots = beside(root)
  const [blue, orange, green, magenta, brown] = COLORS
  const cuts = [magenta, brown]
  let name = LONG
  let x = [x0, x1]
  let f, slopes, long

  const left = add(plots, "div")
  const map = plot(left, {
    alt: "The level lines of the bowl, with the point, the arrow of steepest " +
      "descent and a dashed line to the minimum",
    xlim: LIMITS[0], ylim: LIMITS[1], height: tall(340), xticks: [-6, -3, 0, 3, 6],
    yticks: [-4, -2, 0, 2, 4], xlabel: "*x*₀", ylabel: "*x*₁",
    ground(axes) {
      for (let level = 4; level <= 52; level += 4) {
        axes.line(ring(BOWLS[name], level), { stroke: "#7390E0", "stroke-width": 1 })
      }
    },
  }, (axes) => {
    const [a, b] = x
    const thin = { "stroke-width": 1.2 }
    axes.line(LIMITS[0].map((end) => [end, b]), { stroke: magenta, ...thin })
    axes.line(LIMITS[1].map((end) => [a, end]), { stroke: brown, ...thin })
    axes.dot(0, 0, { fill: green, r: 5 })
    const halo = "paint-order: stroke; stroke: #fff; stroke-width: 4px"
    const middle = { "text-anchor": "middle", style: `fill: ${green}; ${halo}` }
    axes.text(0, b > 0 ? -0.9 : 0.6, "minimum", middle)
    if (long > 0) {
      axes.line(ring(BOWLS[name], f(x)), { stroke: blue })
      axes.line([x, [0, 0]], { stroke: green, "stroke-dasharray": "5 4" })
      // The mark of a right angle.
      const side = Math.min(0.4, 0.5 * PART * long)
      const [c, d] = slopes.map((slope) => (-slope / long) * side)
      const corner = [[a + c, b + d], [a + c - d, b + d + c], [a - d, b + c]]
      axes.line(corner, { stroke: "#222", ...thin })
      const tip = x.map((value, i) => value - PART * slopes[i])
      axes.arrow(x, tip, { stroke: orange, "stroke-width": 2.5 })
    }
    axes.dot(a, b, { fill: "#222", stroke: "#fff", r: 6 })
  })
  const key = add(left, "div", { class: "key" })
  const entry = (text, color, line) => {
    const style = `color: ${color}; border-bottom: 2px ${line}`
    add(key, "span", { style }, text)
  }
  entry("−∇*f*, a fifth of its length", orange, "solid")
  entry("to the minimum", green, "dashed")
  entry("the point's level line", blue, "solid")
  entry(`along ${NAMES[0]}`, magenta, "solid")
  entry(`along ${NAMES[1]}`, brown, "solid")

  const right = add(plots, "div")
  const slices = x.map((_, i) => {
    const axes = plot(right, {
      alt: `f along x${i}, the other entry frozen, with its tangent at the point`,
      xlim: LIMITS[0], ylim: [-6, 58], height: 170, xticks: [-6, -3, 0, 3, 6],
      yticks: [0, 20, 40], ylabel: "*f*",
    }, () => {
      const along = slice(f, x, i)
      const values = Array.from({ length: 97 }, (_, k) => (k - 48) / 8)
      axes.line(values.map((v) => [v, along(v)]), { stroke: cuts[i] })
      const ends = [x[i] - 2, x[i] + 2]
      const tangent = ends.map((v) => [v, f(x) + slopes[i] * (v - x[i])])
      axes.line(tangent, { stroke: orange, "stroke-width": 2.5 })
      axes.dot(x[i], f(x), { fill: "#222", stroke: "#fff", r: 6 })
      const style = `fill: ${orange}; font-weight: 600`
      const slope = `slope ${PARTIALS[i]} = ${short(slopes[i])}`
      axes.text(0, 48, slope, { "text-anchor": "middle", style })
    })
    axes.drag((value) => set(i, value))
    return axes
  })

  const setBowl = select(root, "bowl", Object.keys(BOWLS), (choice) => {
    name = choice
    update()
    map.reset()
  })
  const sliders = x.map((_, i) => {
    const range = { min: -REACH[i], max: REACH[i], step: 0.1 }
    return slider(root, `entry ${NAMES[i]}`, range, short, (value) => set(i, value))
  })
  const below = message(root)
  const changed = keep(el, root, "gradient", FIELDS, {
    now: () => ({ bowl: name === LONG ? "long" : "round", x0: x[0], x1: x[1] }),
    set(state) {
      name = CALLED[state.bowl]
      x = [state.x0, state.x1]
    },
    update() {
      update()
      map.reset()
    },
    python,
  })

  function go(point) {
    x = point.map((value, i) => {
      return Math.min(REACH[i], Math.max(-REACH[i], Math.round(10 * value) / 10))
    })
    update()
  }

  // The other entry keeps its value.
  function set(i, value) {
    go(x.map((old, j) => (j === i ? value : old)))
  }

  function update() {
    f = bowl(BOWLS[name])
    slopes = gradient(f, x)
    long = Math.hypot(...slopes)
    setBowl(name)
    sliders.forEach((move, i) => move(x[i]))
    map.draw()
    slices.forEach((axes, i) => {
      const frozen = `${NAMES[1 - i]} frozen at ${short(x[1 - i])}`
      axes.reset({ xlabel: `${NAMES[i]}, with ${frozen}` })
    })
    const [down, home] = [slopes, x].map((arrow) => arrow.map((value) => -value))
    const pair = (arrow) => `(${arrow.map((value) => short(value)).join(",\u00a0")})`
    const slope = (i) => `${PARTIALS[i]}\u00a0=\u00a0${short(slopes[i])}`
    below.write(
      `At ${pair(x)}, *f* = ${short(f(x))}, ${slope(0)} and ${slope(1)}, each slope ` +
      `measured with *h*\u00a0=\u00a0${powerOfTen(-4)}. ` + (long > 0
        ? `−∇*f* = ${pair(down)} is ${short(long)} long and ` +
          meaning(name, between(down, home))
        : "The gradient is 0: no arrow is left. This is the minimum.")
    )
    changed()
  }

  // As high as the same scale on both axes wants it; the rest is room for numbers.
  function tall(wide) {
    return Math.round(0.75 * (wide - 46)) + 62
  }
  new ResizeObserver(() => {
    const wide = map.svg.clientWidth
    if (wide > 46) map.reset({ height: tall(wide) })
  }).observe(map.svg)

  map.drag((a, b) => go([a, b]), { both: true })
  update()
  show(el, root, OWN)
}
