// Lesson 05: one, ten, or all examples for each step, and what becomes of the walk.

import {
  COLORS, beside, button, calm, fixed, flag, fromTo, keep, levelLines, oneOf, panel,
  player, plot, powerOfTen, program, real, select, short, show, slider, strip, toggle,
} from "./frame.js"

const START = [-0.4, 0.9]
const EPOCHS = 12
const SIZES = [1, 2, 5, 10, 20, 40, 71, 142]
const RATES = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]
const FAR = 100 // from the star: there a walk is given up
// Milliseconds, the first for each wine; some steps share a frame.
const [LOOK, FRAME, EPOCH, CALM] = [7, 30, 500, 900]
const GRAY = "#6B6B6B"

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
const rms = (values) => Math.sqrt(mean(values.map((value) => value * value)))
const apart = ([a, b], [c, d]) => Math.hypot(a - c, b - d)

// Examples [u, v, y] from three columns, two features and the labels: all of mean 0,
// the features of standard deviation 1.
export function standardized(columns) {
  const [u, v, y] = columns.map((column) => {
    const middle = mean(column)
    return column.map((value) => value - middle)
  })
  const [wide, high] = [rms(u), rms(v)]
  return y.map((label, i) => [u[i] / wide, v[i] / high, label])
}

const errorOf = (w, [u, v, y]) => u * w[0] + v * w[1] - y

export function gradient(w, examples) {
  let [a, b] = [0, 0]
  for (const some of examples) {
    const error = errorOf(w, some)
    a += some[0] * error
    b += some[1] * error
  }
  return [a / examples.length, b / examples.length]
}

// The lowest point and the loss there. Elsewhere: the full gradient; how far the loss
// is above the lowest, with all digits where that is little; and how far the gradients
// of single examples are from the full one, the root of the mean squared distance.
export function bowl(examples) {
  const n = examples.length
  const of = (j, k) => mean(examples.map((some) => some[j] * some[k]))
  const [a, b, c, d, e] = [of(0, 0), of(0, 1), of(1, 1), of(0, 2), of(1, 2)]
  const star = [c * d - b * e, a * e - b * d].map((part) => part / (a * c - b * b))
  const lowest = rms(examples.map((some) => errorOf(star, some))) ** 2 / 2
  const slope = (w) => {
    const [u, v] = [w[0] - star[0], w[1] - star[1]]
    return [a * u + b * v, b * u + c * v]
  }
  const excess = (w) => {
    const along = slope(w)
    return ((w[0] - star[0]) * along[0] + (w[1] - star[1]) * along[1]) / 2
  }
  const spread = (w) => {
    let squares = 0
    for (const some of examples) {
      squares += (some[0] ** 2 + some[1] ** 2) * errorOf(w, some) ** 2
    }
    return Math.sqrt(squares / n - Math.hypot(...slope(w)) ** 2)
  }
  return { n, star, lowest, slope, excess, spread }
}

// A small generator of numbers from 0 to 1: mulberry32, by T. Ettinger.
export function generator(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

// For each epoch the numbers from 0 to n - 1, shuffled (R. Fisher and F. Yates).
export function shuffles(n, epochs, seed) {
  const random = generator(seed)
  return Array.from({ length: epochs }, () => {
    const order = Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i -= 1) {
      const other = Math.floor(random() * (i + 1))
      ;[order[i], order[other]] = [order[other], order[i]]
    }
    return order
  })
}

// How many examples some steps look at, and how many steps look at no more than some
// examples: the last batch of an epoch may be short.
export function looksOf(steps, size, n) {
  const each = Math.ceil(n / size)
  return n * Math.floor(steps / each) + size * (steps % each)
}

export function stepsOf(looks, size, n) {
  return Math.ceil(n / size) * Math.floor(looks / n) + Math.floor((looks % n) / size)
}

// A walk: its positions, the start first, with their distances from the star and their
// losses above the lowest; and for each step how far its gradient is from the full one,
// and how far that of a batch dealt like cards should be. It may be given up.
export function descend(examples, orders, size, lr) {
  const { n, star, excess, slope, spread } = bowl(examples)
  const most = orders.length * Math.ceil(n / size)
  const [history, off, theory] = [[START], [], []]
  let w = START
  while (off.length < most && apart(w, star) < FAR) {
    const looks = looksOf(off.length, size, n)
    const dealt = orders[Math.floor(looks / n)].slice(looks % n, (looks % n) + size)
    const [a, b] = gradient(w, dealt.map((i) => examples[i]))
    off.push(apart([a, b], slope(w)))
    const left = (n - dealt.length) / (n - 1)
    theory.push(spread(w) * Math.sqrt(left / dealt.length))
    w = [w[0] - lr * a, w[1] - lr * b]
    history.push(w)
  }
  const distances = history.map((place) => apart(place, star))
  return { size, lr, history, distances, losses: history.map(excess), off, theory }
}

const last = ({ history }) => history.length - 1
export const givenUp = ({ distances }) => distances.at(-1) >= FAR

// The mean after the last few steps up to some step, or after as many as there are.
export function lately(values, steps, few) {
  const from = Math.min(steps, Math.max(1, steps + 1 - few))
  return mean(values.slice(from, steps + 1))
}

// What a walk has come to after some steps, and a kept one after as many steps or
// epochs, if it has got that far.
export function report({ n, lowest, slope }, walk, steps, kept, keptSteps, by) {
  const { size, history, distances, losses } = walk
  const each = Math.ceil(n / size)
  const epochs = looksOf(steps, size, n) / n
  const so = `${steps} step${steps === 1 ? "" : "s"}, ` +
    `${short(epochs, 3)} epoch${epochs === 1 ? "" : "s"}`
  if (givenUp(walk) && steps === last(walk)) {
    return `after ${so}, the walk is more than ${FAR} away from the star. It flies ` +
      "away, and is given up. A much smaller rate or a much larger batch keeps it here."
  }
  const now = `${so}. Loss ${fixed(lowest + losses[steps], 5)}, the lowest is ` +
    `${fixed(lowest, 5)}. Distance from the star ${short(distances[steps], 2)}`
  if (steps === 0) return `${now}. Press Play.`
  const span = `mean ${steps < each ? "so far" : "of the last epoch"}`
  const noise = (kind) => rms(walk[kind].slice(0, steps))
  const full = Math.hypot(...slope(history[steps]))
  const rough = size === n ? "No noise: each step follows the full gradient."
    : `Noise of the gradient so far: ${short(noise("off"), 2)} (theory: ` +
      `${short(noise("theory"), 2)}), ${noise("off") > full ? "more" : "less"} than ` +
      `the length of the full one here, ${short(full, 2)}.`
  const end = Math.min(keptSteps, last(kept))
  const until = keptSteps > end ? `all its ${end} steps` : `as many ${by}`
  // Over a tenth of an epoch: over a whole one, single examples would have to answer
  // for the way down, and all at once would not.
  const level = (run, count) => {
    const few = Math.min(count, Math.ceil(Math.ceil(n / run.size) / 10))
    const over = few > 1 ? ` (mean of the last ${few} steps)` : ""
    return short(lately(run.losses, count, few), 2) + over
  }
  return `${now}; ${span} ${short(lately(distances, steps, each), 2)}. ${rough} ` +
    `Loss above the lowest: ${level(walk, steps)}; ` +
    `kept run, after ${until}: ${level(kept, end)}.`
}

// How many wines the walk has looked at; the shuffles by their numbers.
export const FIELDS = {
  batch: oneOf(SIZES), lr: oneOf(RATES), shuffle: fromTo(1, 999, 1),
  looks: fromTo(0, EPOCHS * SIZES.at(-1), 1), against: oneOf(["epochs", "steps"]),
  whole: flag, keptBatch: oneOf(SIZES), keptLr: oneOf(RATES),
  keptShuffle: fromTo(1, 999, 1),
}

// It is told how many steps the walk and the kept one have taken, too.
export function python({ batch, lr, shuffle, steps, against, keptSteps, ...kept }) {
  const { keptBatch, keptLr, keptShuffle } = kept
  const axis = against === "epochs"
    ? ["    epochs = np.arange(len(history)) / np.ceil(len(X) / batch_size)",
      "    right.semilogy(epochs, losses, color=color, linewidth=1)"]
    : ["    right.loglog(losses, color=color, linewidth=1)"]
  return program(
    "from d2l_utils.interactive import batches", "",
    "X, y = batches.wines()  # color and hue, and the alcohol: standardized",
    "best = np.linalg.lstsq(X, y)[0]",
    "", "",
    "def loss(w):",
    "    errors = (u * w[0] + v * w[1] - label for (u, v), label in zip(X, y))",
    "    return sum(error**2 for error in errors) / len(X) / 2", "", "",
    "def descend(batch_size, lr, shuffle, steps):",
    "    w = np.array([-0.4, 0.9])",
    "    history = [w]",
    "    for order in batches.shuffles(len(X), 12, shuffle):",
    "        for start in range(0, len(X), batch_size):",
    "            some = order[start : start + batch_size]",
    "            w = w - lr * X[some].T @ (X[some] @ w - y[some]) / len(some)",
    "            history.append(w)",
    "            if len(history) > steps or np.linalg.norm(w - best) >= 100:",
    "                return np.array(history[: steps + 1])",
    "    return np.array(history)",
    "", "",
    `walk = descend(${batch}, ${real(lr)}, shuffle=${shuffle}, steps=${steps})`,
    `kept = descend(${keptBatch}, ${real(keptLr)}, shuffle=${keptShuffle}, ` +
      `steps=${keptSteps})`,
    'print(f"{len(walk) - 1} steps, loss {loss(walk[-1]):.5f}; ", end="")',
    'print(f"the lowest is {loss(best):.5f}")',
    'print(f"distance from the star {np.linalg.norm(walk[-1] - best):.2g}")',
    'print(f"kept run: loss {loss(kept[-1]):.5f}")',
    "",
    "fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3))",
    "d2l.plot_contours(loss, (-0.7, 1.1), (-0.5, 1.2), ax=left)",
    `runs = [(kept, ${keptBatch}, "0.42"), (walk, ${batch}, "C1")]`,
    "for history, batch_size, color in runs:",
    "    left.plot(*history.T, color=color, linewidth=1)",
    "    losses = [loss(w) - loss(best) for w in history]",
    axis,
    'left.plot(*best, "*", color="0.2", markersize=11)',
    'left.set(xlabel="weight of color", ylabel="weight of hue")',
    `right.set(xlabel="${against.slice(0, -1)}", ylabel="loss above the lowest")`,
    'd2l.show("Left: two walks over two weights. Right: their losses.")',
  )
}

export function mount(el, { wines }) {
  const root = panel("A walk with mini-batches, with sliders for batch size and rate")
  const plots = beside(root)
  const [blue, orange, green] = COLORS
  const examples = standardized(wines)
  const floor = bowl(examples)
  const { n, star, excess } = floor
  const number = (size) => (size === n ? `all ${n}` : String(size))
  const name = ({ size, lr }) => `*B* = ${number(size)}, *η* = ${lr}`
  const color = ({ size }) => (size === 1 ? orange : size === n ? blue : green)
  const walked = (size, lr, seed) => {
    return { ...descend(examples, shuffles(n, EPOCHS, seed), size, lr), seed }
  }
  let [seed, looks, steps, by, whole] = [1, EPOCHS * n, 0, "epochs", calm()]
  let [walk, kept] = [walked(1, 0.05, seed), walked(n, 0.5, seed)]
  let playing = false
  const ended = () => steps === last(walk)

  // The steps of the kept run that belong to those of the walk, if it takes so many.
  function keptSteps() {
    const now = givenUp(walk) && ended() ? looks : looksOf(steps, walk.size, n)
    return by === "steps" ? steps : stepsOf(now, kept.size, n)
  }

  const halo = "paint-order: stroke; stroke: #fff; stroke-width: 4px; font-weight: 600"
  const [xlim, ylim] = [[-0.7, 1.1], [-0.5, 1.2]]
  const map = plot(plots, {
    alt: "Level lines of the loss over two weights, with the path of the walk",
    xlim, ylim, xticks: [-0.5, 0, 0.5, 1], yticks: [-0.5, 0, 0.5, 1],
    xlabel: "weight of color", ylabel: "weight of hue",
    ground: (axes) => {
      const levels = Array.from({ length: 12 }, (_, i) => ((i + 1) / 8) ** 2)
      const lines = levelLines((a, b) => excess([a, b]), xlim, ylim, levels, 48)
      for (const line of lines) axes.segments(line, { stroke: "#7F91C8" })
    },
  }, (axes) => {
    const path = ({ size, history }, count, stroke) => {
      const points = history.slice(0, count + 1)
      axes.line(points, { stroke, "stroke-width": 0.8 })
      // Over the last epoch it is thicker.
      axes.line(points.slice(-1 - Math.ceil(n / size)), { stroke, "stroke-width": 1.5 })
      axes.dot(...points.at(-1), { fill: stroke, stroke: "#fff", r: 5 })
    }
    path(kept, keptSteps(), GRAY)
    path(walk, steps, color(walk))
    const middle = { "text-anchor": "middle" }
    axes.text(...star, "★", { ...middle, dy: 6, style: `font-size: 18px; ${halo}` })
    axes.dot(...START, { fill: "none", stroke: "#222", r: 7 })
    const [a, b] = walk.history[steps]
    if (a < xlim[0] || a > xlim[1] || b < ylim[0] || b > ylim[1]) {
      const style = `fill: ${color(walk)}; ${halo}`
      axes.text(0.2, 1.1, "the walk is out there", { ...middle, style })
    }
  })

  const against = {
    epochs: {
      xlim: [0, 12.2], xticks: [0, 3, 6, 9, 12], xtext: String,
      xlabel: `epoch (all ${n} wines)`,
    },
    steps: {
      xlim: [0, 3.3], xticks: [0, 1, 2, 3], xtext: (x) => String(10 ** x),
      xlabel: "step",
    },
  }
  const chart = plot(plots, {
    alt: "The loss above the lowest, on a logarithmic scale",
    ...against.epochs, ylim: [-6.8, 1.4], yticks: [-6, -4, -2, 0], ytext: powerOfTen,
    ylabel: "loss above the lowest",
  }, (axes) => {
    const curve = ({ size, losses }, count, stroke, width) => {
      const points = losses.slice(0, count + 1).map((value, step) => {
        const at = by === "steps" ? Math.log10(step) : looksOf(step, size, n) / n
        return [at, Math.log10(Math.max(1e-9, value))]
      })
      // The start has no place on a logarithmic scale of steps.
      const seen = points.filter(([at]) => at >= 0)
      axes.line(seen, { stroke, "stroke-width": width })
      if (seen.length) axes.dot(...seen.at(-1), { fill: stroke })
    }
    curve(kept, keptSteps(), GRAY, 1.5)
    curve(walk, steps, color(walk), 1)
    const right = (y, text, fill) => {
      const style = `fill: ${fill}; ${halo}`
      axes.text(0.98 * against[by].xlim[1], y, text, { "text-anchor": "end", style })
    }
    right(0.75, name(walk), color(walk))
    right(0.15, `kept: ${name(kept)}`, GRAY)
  })

  const formatSize = (place) => number(SIZES[place])
  const sizes = { min: 0, max: SIZES.length - 1, step: 1 }
  const setSize = slider(root, "batch size *B*", sizes, formatSize, (place) => {
    change(SIZES[place], walk.lr)
  })
  const formatRate = (place) => String(RATES[place])
  const rates = { min: 0, max: RATES.length - 1, step: 1 }
  const setRate = slider(root, "learning rate *η*", rates, formatRate, (place) => {
    change(walk.size, RATES[place])
  })
  const more = strip(root)
  const setBy = select(more, "loss against", Object.keys(against), (choice) => {
    by = choice
    chart.reset(against[by])
    update()
  })
  button(more, "Another shuffle", () => {
    seed = (seed % 999) + 1
    change(walk.size, walk.lr)
  })
  button(more, "Keep this run", () => {
    kept = walk
    update()
  })
  const setWhole = toggle(more, "whole epochs", "#222", (yes) => { whole = yes })
  const walker = player(root, {
    step: () => {
      const many = playing && !whole ? Math.ceil(FRAME / (LOOK * walk.size)) : 1
      looks = looksOf(Math.min(steps + many, last(walk)), walk.size, n)
      if (whole) looks = n * Math.ceil(looks / n)
      update()
    },
    ended,
    reset: () => { looks = 0; update() },
    pause: () => {
      playing = true
      return calm() ? CALM : whole ? EPOCH : Math.max(FRAME, LOOK * walk.size)
    },
    update: () => {
      playing = false
      update()
    },
  })

  const changed = keep(el, root, "batches", FIELDS, {
    now: () => ({
      batch: walk.size, lr: walk.lr, shuffle: seed, looks, against: by, whole,
      keptBatch: kept.size, keptLr: kept.lr, keptShuffle: kept.seed,
      steps, keptSteps: Math.min(keptSteps(), last(kept)),
    }),
    set(state) {
      walker.stop()
      ;({ shuffle: seed, looks, against: by, whole } = state)
      walk = walked(state.batch, state.lr, seed)
      kept = walked(state.keptBatch, state.keptLr, state.keptShuffle)
      chart.reset(against[by])
    },
    update,
    python,
  })

  function change(size, lr) {
    walk = walked(size, lr, seed)
    update()
  }

  function update() {
    steps = Math.min(stepsOf(looks, walk.size, n), last(walk))
    setSize(SIZES.indexOf(walk.size))
    setRate(RATES.indexOf(walk.lr))
    setBy(by)
    setWhole(whole)
    walker.refresh()
    map.draw()
    chart.draw()
    const text = report(floor, walk, steps, kept, keptSteps(), by)
    walker.write(`${name(walk)}: ${text}`)
    changed()
  }

  update()
  show(el, root, ".row .row { margin: 0; }")
}
