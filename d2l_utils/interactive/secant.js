// Lesson 01: a secant becomes the tangent as h shrinks, until round-off breaks it.

import {
  COLORS, beside, fixed, flag, fromTo, keep, message, panel, plot, powerOfTen,
  program, short, show, slider, strip, toggle,
} from "./frame.js"

const T = 2
const FACTORS = [1, 1.8, 3.2, 5.6]
const [SMALLEST, LARGEST] = [-68, 1]

export const fallen = (t) => 5 * (t * t)
export const speed = (t) => 10 * t
export const secantSlope = (f, t, h) => (f(t + h) - f(t)) / h

// Four steps for each power of ten: 1e-17 at place -68, 1 at 0, 1.8 at 1.
export function stepSize(place) {
  const exponent = Math.floor(place / 4)
  return Number(`${FACTORS[place - 4 * exponent]}e${exponent}`)
}

export function placeOf(h) {
  return Math.min(LARGEST, Math.max(SMALLEST, Math.round(4 * Math.log10(h))))
}

// What becomes of the slope: "exact" as algebra says, 20 + 5h, up to rounding that is
// much smaller than 5h; "mixed" or "rough" if it is not; "blind" if t + h is t.
export function state(h) {
  if (T + h === T) return "blind"
  const beyond = Math.abs(secantSlope(fallen, T, h) - (speed(T) + 5 * h))
  if (beyond > 5 * h) return "rough"
  return beyond > 0.1 * 5 * h ? "mixed" : "exact"
}

// What is said of the difference from the tangent, where that is shown.
const OFF = {
  exact: "This comes from *h*: halve *h*, and about half of it is left.",
  mixed: "Part of this comes from *h*, and part of it already from round-off.",
  rough: "Most of this is round-off.",
  blind: "",
}

const MESSAGES = {
  exact: "",
  mixed: "",
  rough: "The two heights agree in so many digits that their difference has few good " +
    "ones left, and dividing by *h* enlarges the error.",
  blind: "In the computer's numbers 2 + *h* is 2. The two points are one, and the " +
    "slope comes out as 0.",
}

export const FIELDS = {
  h: fromTo(stepSize(SMALLEST), stepSize(LARGEST)), tangent: flag,
}

export function python({ h, tangent }) {
  return program(
    "", "", "", "def fallen(t):", "    return 5 * (t * t)", "", "",
    `t, h = 2.0, ${h}`,
    "slope = (fallen(t + h) - fallen(t)) / h",
    'print(f"h = {h:.3g} s: the slope of the secant is {slope:.10f} m/s")',
    tangent ? ['print(f"from the tangent\'s: {slope - 10 * t:.2g}")'] : [],
    "",
    "times = np.linspace(0, 4.2)",
    "fig, ax = plt.subplots()",
    "ax.plot(times, fallen(times))",
    'ax.plot(times, fallen(t) + slope * (times - t), color="C2")',
    tangent ? ['ax.plot(times, fallen(t) + 10 * t * (times - t), color="C1")'] : [],
    'ax.plot([t, t + h], [fallen(t), fallen(t + h)], "o", color="C2")',
    'ax.set(xlabel="time $t$ (s)", ylabel="fallen (m)")',
    'd2l.show("A secant of the curve 5 t squared that begins at t = 2.")',
  )
}

export function mount(el, { h = 1 } = {}) {
  const root = panel("A secant through two points of a curve, with a slider for h")
  const plots = beside(root)
  const slope = () => secantSlope(fallen, T, h)
  const [blue, orange, green] = COLORS
  const ends = [0, 4.2]
  const through = (steepness) => ends.map((t) => [t, fallen(T) + steepness * (t - T)])
  const times = Array.from({ length: 85 }, (_, i) => i / 20)
  // The answer is not shown before it was looked for: of the slopes only those that
  // the reader has tried, and the tangent on demand.
  const tried = new Map()
  let tangent = false

  const curve = plot(plots, {
    alt: "The curve 5 t squared with the secant through t = 2 and t = 2 + h",
    xlim: ends, ylim: [-12, 95], xticks: [0, 1, 2, 3, 4], yticks: [0, 20, 40, 60, 80],
    xlabel: "time *t* (s)", ylabel: "fallen (m)",
  }, (axes) => {
    axes.line(times.map((t) => [t, fallen(t)]), { stroke: blue })
    // Where the two are one, both can be seen.
    axes.line(through(slope()), { stroke: green, "stroke-width": 3.5 })
    if (tangent) axes.line(through(speed(T)), { stroke: orange, "stroke-width": 1.8 })
    axes.dot(T, fallen(T), { fill: orange, r: 5 })
    axes.dot(T + h, fallen(T + h), { fill: green, r: 7, stroke: "#fff" })
    const left = (y, text, fill) => {
      axes.text(0.15, y, text, { style: `fill: ${fill}; font-weight: 600` })
    }
    left(84, `secant: slope ${short(slope(), 3)}`, green)
    if (tangent) left(74, `tangent: slope ${speed(T)}`, orange)
  })

  const slopes = plot(plots, {
    alt: "The slope of the secant against h: a dot for each h that was tried",
    xlim: [-17.2, 0.6], ylim: [-3, 42], xticks: [-16, -12, -8, -4, 0],
    yticks: [0, 10, 20, 30, 40], xtext: powerOfTen,
    xlabel: "*h* (s), smaller to the left", ylabel: "slope (m/s)",
  }, (axes) => {
    if (tangent) {
      axes.line([[-17.2, speed(T)], [0.6, speed(T)]], { stroke: orange })
      axes.text(-13, 23, "slope of the tangent", { style: `fill: ${orange}` })
    }
    for (const [size, value] of tried) {
      axes.dot(Math.log10(size), value, { fill: green, r: 2.5 })
    }
    axes.dot(Math.log10(h), slope(), { fill: green, r: 7, stroke: "#fff" })
  })

  const format = () => `${short(h, 3)} s`
  const range = { min: SMALLEST, max: LARGEST, step: 1 }
  const setSlider = slider(root, "time between, *h*", range, format, (place) => {
    set(stepSize(place))
  })
  const setTangent = toggle(strip(root), "show the tangent", orange, (yes) => {
    tangent = yes
    set(h)
  })
  const below = message(root)
  const changed = keep(el, root, "secant", FIELDS, {
    now: () => ({ h, tangent }),
    set: (state) => { ({ h, tangent } = state) },
    update: () => set(h),
    python,
  })

  function set(value) {
    h = Math.min(stepSize(LARGEST), Math.max(stepSize(SMALLEST), value))
    tried.set(h, slope())
    setSlider(placeOf(h))
    setTangent(tangent)
    curve.draw()
    slopes.draw()
    const off = slope() - speed(T)
    const side = off < 0 ? "less" : "more"
    const compared = off === 0
      ? "That is the slope of the tangent, to the last digit."
      : `That is ${short(Math.abs(off), 2)} ${side} than the tangent's. ` +
        OFF[state(h)]
    below.write([
      `*h* = ${short(h, 3)} s: the slope of the secant is ${fixed(slope(), 10)} m/s.`,
      tangent ? compared : "", MESSAGES[state(h)],
    ].filter(Boolean).join(" "))
    changed()
  }

  // A pixel is too coarse for less than a hundredth of a second.
  curve.drag((t) => set(Math.max(0.01, Number((t - T).toPrecision(2)))))
  slopes.drag((exponent) => set(stepSize(placeOf(10 ** exponent))))
  set(h)
  show(el, root)
}
