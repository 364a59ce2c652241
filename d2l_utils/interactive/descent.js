// Lesson 03: a ball that walks down a parabola, and what its learning rate does.

import {
  COLORS, beside, calm, fixed, fromTo, keep, panel, player, plot, program, real,
  short, show, slider,
} from "./frame.js"

const CURVATURE = 4
const MOST = 30
const [ROLL, PAUSE, CALM] = [260, 140, 900] // milliseconds

export const valley = (x) => 2 * (x * x)
export const slope = (x) => CURVATURE * x

// All positions, the start first.
export function descend(start, lr, steps) {
  const history = [start]
  let x = start
  for (let step = 0; step < steps; step += 1) {
    x -= lr * slope(x)
    history.push(x)
  }
  return history
}

// What each step multiplies x by.
export const factor = (lr) => 1 - lr * CURVATURE

export function fate(lr) {
  const by = factor(lr)
  if (by > 0) return "walks down on its side"
  if (by === 0) return "arrives in one step"
  if (by > -1) return "jumps from side to side, and arrives"
  if (by === -1) return "jumps from side to side forever"
  return "jumps farther and farther away"
}

export const FIELDS = {
  lr: fromTo(0.01, 0.6, 0.01), start: fromTo(-3, 3, 0.1),
  step: fromTo(0, MOST, 1),
}

export function python({ lr, start, step }) {
  return program(
    "", "", "", "def f(x):", "    return 2 * x**2", "", "",
    "def slope(x):", "    return 4 * x", "", "",
    `x, history = d2l.gradient_descent(f, ${real(start)}, ${real(lr)}, ${step}, ` +
      "grad=slope)",
    `print(f"step ${step}: position x = {x:.4g}, loss = {f(x):.4g}")`,
    `print(f"each step multiplies x by {1 - ${real(lr)} * 4:.2f}")`,
    "",
    "fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3))",
    "d2l.plot_trace(f, history, xlim=(-4, 4), ax=left)",
    'left.set(xlim=(-4, 4), ylim=(-2, 32), xlabel="position $x$", ylabel="loss")',
    'right.plot(history, "o-", color="C1")',
    'right.set(ylim=(-4, 4), xlabel="step", ylabel="position $x$")',
    'd2l.show("A walk on the parabola 2 x squared, and its position by steps.")',
  )
}

export function mount(el, { lr = 0.05, start = 2, steps = 8 } = {}) {
  const root = panel("A ball on a parabola, with a slider for the learning rate")
  const plots = beside(root)
  const [blue, orange] = COLORS
  const curve = Array.from({ length: 81 }, (_, i) => (i - 40) / 10)
  let history = []
  let ball = start
  let frame = 0

  const ground = plot(plots, {
    alt: "The parabola 2 x squared with the walk of the ball",
    xlim: [-4, 4], ylim: [-2, 32], xticks: [-4, -2, 0, 2, 4], yticks: [0, 10, 20, 30],
    xlabel: "position *x*", ylabel: "loss *f*(*x*) = 2*x*²",
  }, (axes) => {
    axes.line(curve.map((x) => [x, valley(x)]), { stroke: blue })
    const seen = history.map((x) => [x, valley(x)]).filter(([x]) => Math.abs(x) < 1e3)
    axes.line(seen, { stroke: orange, "stroke-width": 1 })
    for (const [x, y] of seen) axes.dot(x, y, { fill: orange, r: 3 })
    axes.dot(start, valley(start), { fill: "none", stroke: orange, r: 7 })
    if (Math.abs(ball) <= 4) {
      axes.dot(ball, valley(ball), { fill: orange, stroke: "#fff", r: 8 })
    } else {
      const middle = { "text-anchor": "middle", style: `fill: ${orange}` }
      const where = "the ball is out there"
      axes.text(0, 26, ball < 0 ? `← ${where}` : `${where} →`, middle)
    }
  })

  const track = plot(plots, {
    alt: "The position of the ball against the step",
    xlim: [-0.7, MOST + 0.7], ylim: [-4, 4], xticks: [0, 10, 20, 30],
    yticks: [-4, -2, 0, 2, 4], xlabel: "step", ylabel: "position *x*",
  }, (axes) => {
    axes.line([[-1, 0], [MOST + 1, 0]], { stroke: "#666", "stroke-width": 1 })
    const seen = history.map((x, step) => [step, Math.max(-1e3, Math.min(1e3, x))])
    axes.line(seen, { stroke: orange, "stroke-width": 1 })
    for (const [step, x] of seen) axes.dot(step, x, { fill: orange, r: 3 })
  })

  const rates = { min: 0.01, max: 0.6, step: 0.01 }
  const setRate = slider(root, "learning rate *η*", rates, (v) => v.toFixed(2), (v) => {
    lr = v
    update()
  })
  const places = { min: -3, max: 3, step: 0.1 }
  const setStart = slider(root, "start *x*", places, (v) => fixed(v, 1), (v) => {
    start = v
    update()
  })
  const walk = player(root, {
    step: go,
    ended: () => steps >= MOST,
    reset: () => { steps = 0; update() },
    pause: () => (calm() ? CALM : ROLL + PAUSE),
    update,
  })
  const changed = keep(el, root, "descent", FIELDS, {
    now: () => ({ lr, start, step: steps }),
    set(state) {
      walk.stop()
      ;({ lr, start, step: steps } = state)
    },
    update,
    python,
  })

  // The whole walk, for the rate, the start and the number of steps of this moment.
  function update() {
    cancelAnimationFrame(frame)
    history = descend(start, lr, steps)
    ball = history[steps]
    setRate(lr)
    setStart(start)
    walk.refresh()
    ground.draw()
    track.draw()
    const by = fixed(factor(lr), 2)
    // What becomes of the ball is to be predicted first.
    const then = steps < 3
      ? "What will become of the ball?"
      : `Each step multiplies *x* by 1\u00a0−\u00a04*η* = ${by}: the ball ${fate(lr)}.`
    walk.write(
      `Step ${steps}: position *x* = ${short(ball)}, loss *f*(*x*) = ` +
      `${short(valley(ball))}. ` + (start === 0
        ? "That is the lowest point: the slope is 0, and the ball stays."
        : then)
    )
    changed()
  }

  // One step; the ball rolls there, or is simply there if the reader wants calm.
  function go() {
    const from = ball
    steps += 1
    update()
    if (calm() || Math.abs(from) > 4) return
    const to = ball
    const began = performance.now()
    const roll = (now) => {
      const part = Math.min(1, Math.max(0, (now - began) / ROLL))
      ball = from + part * (to - from)
      if (part === 1) ball = to
      ground.draw()
      if (part < 1) frame = requestAnimationFrame(roll)
    }
    roll(began)
  }

  ground.drag((x) => {
    start = Math.max(-3, Math.min(3, Math.round(10 * x) / 10))
    update()
  })
  update()
  show(el, root)
}
