// Lesson 06: optimizers race downhill from one start, on a surface of choice.

import {
  add, beside, calm, fixed, fromTo, keep, levelLines, oneOf, panel, player, plot,
  powerOfTen, program, ranged, real, select, short, show, slider, strip, toggle,
} from "./frame.js"

const FAR = 1e6
const FACTORS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8]
const [PAUSE, CALM] = [80, 900] // milliseconds
const [OWN, ONE] = ["each its own", "one for all"]

// One coordinate takes one step, from x and what the rule remembers to the same after
// it; g is the slope at x.
export const RULES = {
  SGD: ({ x }, g, { lr }) => ({ x: x - lr * g }),
  Momentum({ x, v = 0 }, g, { lr, beta }) {
    v = beta * v + g
    return { x: x - lr * v, v }
  },
  Nesterov({ x, v = 0 }, g, { lr, beta }) {
    v = beta * v + g
    return { x: x - lr * (g + beta * v), v }
  },
  AdaGrad({ x, s = 0 }, g, { lr }) {
    s += g * g
    return { x: x - (lr * g) / (Math.sqrt(s) + 1e-10), s }
  },
  RMSProp({ x, s = 0 }, g, { lr }) {
    s = 0.99 * s + (1 - 0.99) * g * g
    return { x: x - (lr * g) / (Math.sqrt(s) + 1e-8), s }
  },
  Adam({ x, m = 0, s = 0, t = 0 }, g, { lr }) {
    t += 1
    m = 0.9 * m + (1 - 0.9) * g
    s = 0.999 * s + (1 - 0.999) * g * g
    const root = Math.sqrt(s / (1 - 0.999 ** t))
    return { x: x - (lr * m) / (1 - 0.9 ** t) / (root + 1e-8), m, s, t }
  },
  AdamW({ x, ...memory }, g, { lr }) {
    return RULES.Adam({ x: x * (1 - lr * 0.01), ...memory }, g, { lr })
  },
}
const NAMES = Object.keys(RULES)
const each = (values) => Object.fromEntries(NAMES.map((name, i) => [name, values[i]]))

const valley = (x1, x2) => 0.1 * x1 * x1 + 2 * x2 * x2
const valleyGradient = (x1, x2) => [0.2 * x1, 4 * x2]
const turn = (x1, x2) => [Math.SQRT1_2 * (x1 - x2), Math.SQRT1_2 * (x1 + x2)]
const turnBack = (x1, x2) => [Math.SQRT1_2 * (x1 + x2), Math.SQRT1_2 * (x2 - x1)]
const bend = (x1, x2) => x2 - x1 * x1

const inValley = {
  goal: [0, 0], levels: [0.03, 0.1, 0.3, 1, 3, 6, 10, 20, 40], most: 200, rate: 0.1,
  rates: each([0.4, 0.1, 0.2, 1.5, 0.15, 0.5, 0.5]),
}

// most: how many steps; rates: a good one for each rule; rate: at first, if it is one
// for all. The loss is drawn as a power of ten, unless the surface has no lowest point.
export const SURFACES = {
  "long valley": {
    ...inValley, f: valley, gradient: valleyGradient, start: [-5, -2],
    xlim: [-5.6, 3], ylim: [-2.6, 2.2], xticks: [-4, -2, 0, 2], yticks: [-2, 0, 2],
    code: ["    return 0.1 * x[0] ** 2 + 2 * x[1] ** 2"],
    slope: ["    return np.array([0.2 * x[0], 4 * x[1]])"],
    remark: "This valley runs along an axis, which helps the rules that give each " +
      "axis a stride of its own.",
  },
  "long valley, turned": {
    ...inValley, f: (...x) => valley(...turnBack(...x)),
    gradient: (...x) => turn(...valleyGradient(...turnBack(...x))), start: turn(-5, -2),
    xlim: [-6, 4], ylim: [-5.5, 1.5], xticks: [-6, -4, -2, 0, 2], yticks: [-4, -2, 0],
    code: ["    u, v = (x[0] + x[1]) / 2**0.5, (x[1] - x[0]) / 2**0.5",
      "    return 0.1 * u**2 + 2 * v**2"],
    slope: ["    return np.array([2.1 * x[0] - 1.9 * x[1], 2.1 * x[1] - 1.9 * x[0]])"],
    remark: "SGD, Momentum and Nesterov go down as if nothing had been turned; the " +
      "others feel a mixture of steep and gentle on both axes.",
  },
  "Rosenbrock's valley": {
    f: (x1, x2) => (1 - x1) ** 2 + 100 * bend(x1, x2) ** 2,
    gradient(x1, x2) {
      return [-2 * (1 - x1) - 400 * x1 * bend(x1, x2), 200 * bend(x1, x2)]
    },
    start: [-1.2, 1], goal: [1, 1], levels: [0.3, 1, 3, 10, 30, 100, 300, 1000],
    most: 4000, rate: 0.002, rates: each([0.0019, 0.002, 0.001, 1, 0.01, 0.1, 0.1]),
    xlim: [-1.7, 1.7], ylim: [-0.8, 2.2], xticks: [-1, 0, 1], yticks: [0, 1, 2],
    code: ["    return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2"],
    slope: ["    bend = x[1] - x[0] ** 2",
      "    return np.array([-2 * (1 - x[0]) - 400 * x[0] * bend, 200 * bend])"],
    remark: "Along the floor small slopes point the same way, step after step; what " +
      "remembers the direction adds them up.",
  },
  saddle: {
    f: (x1, x2) => x1 * x1 - x2 * x2, gradient: (x1, x2) => [2 * x1, -2 * x2],
    start: [-2, 0.001], levels: [-3, -2, -1, -0.5, -0.1, 0, 0.1, 0.5, 1, 2, 3, 4],
    most: 80, rate: 0.05, rates: each(Array(7).fill(0.05)), bottomless: true,
    xlim: [-2.3, 2.3], ylim: [-1, 2], xticks: [-2, -1, 0, 1, 2], yticks: [-1, 0, 1, 2],
    code: ["    return x[0] ** 2 - x[1] ** 2"],
    slope: ["    return np.array([2 * x[0], -2 * x[1]])"],
    remark: "On the ridge the slope across is 0, beside it tiny: SGD lingers there, " +
      "Momentum and Nesterov add it up, and the others do not mind its size.",
  },
}
const ON_RIDGE = "Exactly on the ridge the slope across is 0: nobody leaves it."
const UNFAIR = "One rate for all is not a fair race: to SGD it is a factor, to Adam " +
  "a length."

// All points, the start first. In a valley a walk ends early if it goes far away; on a
// saddle that is the way down.
export function walk(name, { gradient, most, bottomless }, start, options) {
  const points = [start]
  let entries = start.map((x) => ({ x }))
  while (points.length <= most) {
    const slopes = gradient(...points.at(-1))
    entries = entries.map((entry, i) => RULES[name](entry, slopes[i], options))
    points.push(entries.map(({ x }) => x))
    if (!bottomless && Math.max(...points.at(-1).map(Math.abs)) > FAR) break
  }
  return points
}

// Who is where after some steps, the lowest first and last what has diverged; gone is
// the step at which it went far away, null if it did not.
export function standings(runs, steps, most) {
  return runs.map(({ name, losses }) => {
    const last = Math.min(steps, losses.length - 1)
    const gone = last < most && last === losses.length - 1 ? last : null
    return { name, loss: losses[last], gone }
  }).sort((a, b) => {
    if (a.gone === null && b.gone === null) return a.loss - b.loss
    return (b.gone ?? most) - (a.gone ?? most)
  })
}

// Whether a walk was near for twenty steps, and in the last twenty was far from that.
export function thrownOut(losses) {
  const worst = []
  for (let i = 20; i <= losses.length; i += 20) {
    worst.push(Math.max(...losses.slice(i - 20, i)))
  }
  const nearest = Math.min(...worst)
  return nearest < 1e-6 && worst.at(-1) > 1e4 * nearest
}

const formatLoss = (loss) => short(loss, 2)

// The standings in a sentence or two; thrown are the names of those thrown out.
export function verdict(ranks, thrown) {
  const have = (names, what) => {
    if (!names.length) return ""
    const all = names.join(", ").replace(/, ([^,]*)$/, " and $1")
    return ` ${all} ${names.length > 1 ? "have" : "has"} ${what}.`
  }
  const stay = ranks.filter(({ gone }) => gone === null)
  const gone = ranks.filter((one) => one.gone !== null).map(({ name }) => name)
  const [first, last] = [stay[0], stay.at(-1)]
  let text = ""
  if (stay.length === 1) {
    text = ` ${first.name} has a loss of ${formatLoss(first.loss)}.`
  } else if (stay.length && first.loss === last.loss) {
    text = " It is a draw."
  } else if (stay.length) {
    text = ` ${first.name} leads with a loss of ${formatLoss(first.loss)}; ` +
      `${last.name} is last with ${formatLoss(last.loss)}.`
  }
  const out = have(thrown, "been near and thrown out again")
  return (text + out + have(gone, "diverged")).trim()
}

// What a race from this start means; own: each rule has a rate of its own.
export function meaning({ remark, bottomless }, start, own) {
  if (bottomless && start[1] === 0) return ON_RIDGE
  return own || bottomless ? remark : UNFAIR
}

// Ten places for each power of ten: 1 at 0, 2 at 3, 0.1 at -10.
export function rateAt(place) {
  const exponent = Math.floor(place / 10)
  return Number(`${FACTORS[place - 10 * exponent]}e${exponent}`)
}

// Where labels stand, from the top down, near where they are wanted.
export function apart(wanted, gap, [low, high]) {
  const heights = []
  for (const y of wanted) heights.push(Math.min(y, (heights.at(-1) ?? high) - gap))
  return heights.map((y, i) => Math.max(y, low + gap * (wanted.length - 1 - i)))
}

const CALLED = {
  valley: "long valley", turned: "long valley, turned",
  rosenbrock: "Rosenbrock's valley", saddle: "saddle",
}
const point = (text) => {
  const [x1, x2] = text.split(";").map(fromTo(-6, 6, 0.05))
  return x1 === undefined || x2 === undefined ? undefined : [x1, x2]
}

export const FIELDS = {
  race: (text) => NAMES.filter((name) => text.split(";").includes(name)),
  surface: oneOf(Object.keys(CALLED)), start: point, rates: oneOf(["own", "one"]),
  rate: fromTo(-40, 10, 1), beta: fromTo(0, 0.99, 0.01), step: fromTo(0, 4000, 1),
}

export function python({ race, surface: called, start, rates, rate, beta, step }) {
  const surface = SURFACES[CALLED[called]]
  const { code, slope, rates: own, xlim, ylim, levels, bottomless } = surface
  const racing = race.map((name) => {
    const lr = rateAt(rate) * (rates === "own" ? own[name] : 1)
    const heavy = ["Momentum", "Nesterov"].includes(name)
    return `    (d2l.${name}, {"lr": ${real(Number(lr.toPrecision(12)))}` +
      `${heavy ? `, "momentum": ${real(beta)}` : ""}}),`
  })
  return program(
    "", "", "", "def f(x):", code, "", "", "def gradient(x):", slope, "", "",
    race.length ? ["racing = [", racing, "]"] : "racing = []",
    `start, steps = [${(start ?? surface.start).map(real).join(", ")}], ${step}`,
    `xlim, ylim = (${xlim.join(", ")}), (${ylim.join(", ")})`,
    "fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3))",
    `levels = [${levels.join(", ")}]`,
    "d2l.plot_contours(f, xlim, ylim, levels=levels, ax=left)",
    "for rule, options in racing:",
    "    x = np.array(start)",
    "    optimizer = rule([x], **options)",
    "    history = [x.copy()]",
    "    for _ in range(steps):",
    "        optimizer.step([gradient(x)])",
    "        history.append(x.copy())",
    bottomless ? [] : [
      "        if np.abs(x).max() > 1e6:  # diverged", "            break",
    ],
    "    losses = [f(x) for x in history]",
    "    name = rule.__name__",
    '    print(f"{name}: step {len(history) - 1}, loss {losses[-1]:.2g}")',
    "    color = d2l.optimizer_color(name)",
    "    d2l.plot_path(history, color=color, ax=left)",
    "    right.plot(losses, color=color, label=name)",
    'left.set(xlim=xlim, ylim=ylim, xlabel="$x_1$", ylabel="$x_2$")',
    'right.set(xlabel="step", ylabel="loss")',
    bottomless ? [] : 'right.set(yscale="log")',
    race.length ? "right.legend()" : [],
    'd2l.show("Left: the ways of optimizers on a surface. Right: their losses.")',
  )
}

const within = (value, [low, high]) => Math.min(high, Math.max(low, value))

// Without the points that cannot be told from the one before.
function thin(points, tiny) {
  let kept = points[0]
  return points.filter((point, i) => {
    const moved = point.some((x, k) => Math.abs(x - kept[k]) > tiny[k])
    if (moved) kept = point
    return moved || i === 0 || i === points.length - 1
  })
}

const OWN_STYLE = `
.star { font-size: 16px; text-anchor: middle; }
.name { font-weight: 600; text-anchor: end; paint-order: stroke; stroke: #fff;
  stroke-width: 3px; }
.two { display: grid; gap: 0 24px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); }
@container (min-width: 501px) {
  .two .row > span { min-width: 8.5em; }
  .two [type=range] { flex-basis: 60px; }
}
table { margin-top: 8px; border-collapse: collapse; font: inherit;
  font-variant-numeric: tabular-nums; }
th, td { padding: 1px 10px 1px 0; text-align: left; vertical-align: top; }
th { white-space: nowrap; }
td:last-child { padding: 1px 0; }
`

// colors: one for the name of each rule.
export function mount(el, { colors }) {
  const root = panel("A race of optimizers, with sliders for start and learning rate")
  const plots = beside(root)
  const racing = new Set(["SGD", "Momentum", "AdaGrad", "Adam"])
  let surface = SURFACES["long valley"]
  let start = surface.start
  let steps = 0
  let own = true
  let place = 0
  let beta = 0.9
  let playing = false
  let runs = []
  let ranks = []

  const rateOf = (name) => rateAt(place) * (own ? surface.rates[name] : 1)
  const places = () => (own ? [-10, 10] : [-40, 0])
  const lossLimits = () => (surface.bottomless ? [-4, 5] : [-12, 3])
  const height = (loss) => {
    const [low, high] = lossLimits()
    return within(surface.bottomless ? loss : Math.log10(loss), [low - 1, high + 1])
  }

  const map = plot(plots, {
    alt: "Level lines of the surface with the paths of those who race",
    xlabel: "*x*₁", ylabel: "*x*₂", ground(axes) {
      const { f, xlim, ylim, levels, goal } = surface
      levelLines(f, xlim, ylim, levels, 96).forEach((lines, i) => {
        const lightness = 35 + (25 * i) / levels.length
        axes.segments(lines, { stroke: `hsl(225 25% ${lightness}%)` })
      })
      if (goal) axes.text(...goal, "★", { class: "star", dy: 5 })
    },
  }, (axes) => {
    const { xlim, ylim } = surface
    const tiny = [(xlim[1] - xlim[0]) / 600, (ylim[1] - ylim[0]) / 400]
    const heads = runs.map(({ name, points }) => {
      const stroke = colors[name]
      const seen = points.slice(0, steps + 1).map((point) => {
        return point.map((x) => within(x, [-1e3, 1e3]))
      })
      axes.line(thin(seen, tiny), { stroke, "stroke-width": 1.5 })
      // A line without length has round ends: a dot for each of the first steps.
      const dots = seen.slice(0, 60).map((point) => [point, point])
      axes.segments(dots, { stroke, "stroke-width": 5, "stroke-linecap": "round" })
      return [seen.at(-1), { fill: stroke, stroke: "#fff", r: 6 }]
    })
    for (const [at, look] of heads) axes.dot(...at, look)
    axes.dot(...start, { fill: "none", stroke: "#222", "stroke-width": 2, r: 9 })
  })

  const course = plot(plots, {
    alt: "The loss of those who race against the step", xlabel: "step",
    ylabel: "loss *f*(*x*₁, *x*₂)",
  }, (axes) => {
    const { most } = surface
    const [low, high] = lossLimits()
    const pixel = (high - low) / 198
    axes.line([[steps, low], [steps, high]], { stroke: "#888", "stroke-width": 1 })
    for (const { name, losses } of runs) {
      const seen = losses.slice(0, steps + 1).map((loss, step) => [step, height(loss)])
      axes.line(thin(seen, [most / 400, pixel]), { stroke: colors[name] })
    }
    const fromTop = [...ranks].reverse()
    const ends = fromTop.map(({ loss }) => height(loss) - 4 * pixel)
    apart(ends, 15 * pixel, [low + 3 * pixel, high + 5 * pixel]).forEach((y, i) => {
      const { name } = fromTop[i]
      const style = `fill: ${colors[name]}`
      axes.text(1.34 * most, y, name, { class: "name", style })
    })
  })

  const who = strip(root)
  const setRacing = NAMES.map((name) => toggle(who, name, colors[name], (yes) => {
    if (yes) racing.add(name)
    else racing.delete(name)
    race()
  }))
  const columns = add(root, "div", { class: "two" })
  const [where, how] = [add(columns, "div"), add(columns, "div")]
  const setSurface = select(where, "surface", Object.keys(SURFACES), (name) => {
    walks.stop()
    surface = SURFACES[name]
    start = surface.start
    steps = 0
    lay()
  })
  const setStart = ["*x*₁", "*x*₂"].map((name, i) => {
    return ranged(where, `start ${name}`, (x) => short(x, 3), (x) => {
      start = start.map((before, k) => (k === i ? x : before))
      race()
    })
  })
  const setOwn = select(how, "learning rates", [OWN, ONE], (choice) => {
    own = choice === OWN
    lay()
  })
  const formatRate = (at) => (own ? "own × " : "") + short(rateAt(at), 2)
  const setPlace = ranged(how, "learning rate *η*", formatRate, (at) => {
    place = at
    race()
  })
  const betas = { min: 0, max: 0.99, step: 0.01 }
  const setBeta = slider(how, "momentum *β*", betas, (v) => fixed(v, 2), (v) => {
    beta = v
    race()
  })
  const walks = player(root, {
    step: () => goTo(steps + stride()),
    ended: () => steps >= surface.most,
    reset: () => {
      if (!steps) start = surface.start
      steps = 0
      race()
    },
    pause: () => {
      playing = true
      return calm() ? CALM : PAUSE
    },
    update: () => {
      playing = false
      update()
    },
  })
  const table = add(root, "table")
  const name = () => Object.keys(SURFACES).find((one) => SURFACES[one] === surface)
  const changed = keep(el, root, "optimizers", FIELDS, {
    now: () => ({
      race: NAMES.filter((one) => racing.has(one)), beta, rate: place, step: steps,
      surface: Object.keys(CALLED).find((one) => CALLED[one] === name()),
      start: start === surface.start ? undefined : start, rates: own ? "own" : "one",
    }),
    set(state) {
      walks.stop()
      racing.clear()
      for (const one of state.race) racing.add(one)
      surface = SURFACES[CALLED[state.surface]]
      const { xlim, ylim, most } = surface
      start = state.start?.map((x, i) => within(x, [xlim, ylim][i])) ?? surface.start
      own = state.rates === "own"
      place = within(state.rate, places())
      beta = state.beta
      steps = Math.min(state.step, most)
    },
    update: draw,
    python,
  })

  // One step for the button; what plays gets faster and faster.
  function stride() {
    if (!playing) return 1
    return calm() ? surface.most / 10 : 1 + Math.floor(steps / 25)
  }

  function goTo(step) {
    steps = within(step, [0, surface.most])
    update()
  }

  // Another surface, or other rates.
  function lay() {
    place = own ? 0 : Math.round(10 * Math.log10(surface.rate))
    draw()
  }

  function draw() {
    const { xlim, ylim, xticks, yticks, most, bottomless } = surface
    runs = []
    ranks = []
    map.reset({ xlim, ylim, xticks, yticks })
    course.reset({
      xlim: [0, 1.35 * most], xticks: [0, 1, 2, 3, 4].map((part) => (part * most) / 4),
      ylim: lossLimits(), ytext: bottomless ? short : powerOfTen,
      yticks: bottomless ? [-4, -2, 0, 2, 4] : [-12, -9, -6, -3, 0, 3],
    })
    race()
  }

  // All walks to their end, for the settings of this moment.
  function race() {
    const { f, xlim, ylim } = surface
    runs = NAMES.filter((name) => racing.has(name)).map((name) => {
      const points = walk(name, surface, start, { lr: rateOf(name), beta })
      return { name, points, losses: points.map((point) => f(...point)) }
    })
    setRacing.forEach((set, i) => set(racing.has(NAMES[i])))
    setSurface(name())
    setOwn(own ? OWN : ONE)
    setStart.forEach((set, i) => {
      const [min, max] = [xlim, ylim][i]
      set(start[i], { min, max, step: 0.05 })
    })
    const [min, max] = places()
    setPlace(place, { min, max, step: 1 })
    setBeta(beta)
    update()
  }

  function update() {
    ranks = standings(runs, steps, surface.most)
    walks.refresh()
    map.draw()
    course.draw()
    table.replaceChildren()
    const head = add(table, "tr")
    for (const name of ["", "rule", "rate *η*", "loss"]) add(head, "th", {}, name)
    ranks.forEach(({ name, loss, gone }, i) => {
      const row = add(table, "tr")
      add(row, "td", {}, `${i + 1}`)
      add(row, "th", { style: `color: ${colors[name]}` }, name)
      add(row, "td", {}, short(rateOf(name), 3))
      add(row, "td", {}, gone === null ? formatLoss(loss) : `diverged at step ${gone}`)
    })
    walks.write(report())
    changed()
  }

  function report() {
    const { f, most, bottomless } = surface
    if (!runs.length) return "Nobody races. Choose at least one rule."
    if (!steps) {
      const [x1, x2] = start.map((x) => short(x, 3))
      return `All start at *x*₁ = ${x1}, *x*₂ = ${x2}, with a loss of ` +
        `${formatLoss(f(...start))}. Who will be first after ${most} steps?` +
        (start === surface.start ? "" : " (Reset brings the first start back.)")
    }
    const out = ({ losses }) => !bottomless && thrownOut(losses.slice(0, steps + 1))
    const thrown = runs.filter(out).map(({ name }) => name)
    const means = meaning(surface, start, own)
    return `Step ${steps}. ${verdict(ranks, thrown)} ${means}`
  }

  course.drag((step) => goTo(Math.round(step)))
  map.drag((x1, x2) => {
    start = [x1, x2].map((x) => Math.round(20 * x) / 20)
    race()
  }, { both: true })
  draw()
  show(el, root, OWN_STYLE)
}
