// Lesson 10: arrays go round a ring in parts, until every process has their sum.

import {
  COLORS, beside, calm, fromTo, keep, oneOf, panel, player, plot, powerOfTen, program,
  show, slider,
} from "./frame.js"

export const BYTES = 4 // of a number, in float32
// The places of the sliders. There are as many numbers in 784-128-10 as in the ninth
// array, and eight billion in the last one.
const rising = (from, decades, factors) => {
  const all = Array.from({ length: decades }, (_, i) => factors.map((f) => f * 10 ** i))
  return [...all.flat(), 10 ** decades].map((x) => Number((x * from).toPrecision(6)))
}
export const COUNTS = rising(10, 9, [1, 3]).map((count) => {
  return { 1e5: 101_770, 1e10: 8e9 }[count] ?? count
})
export const BANDWIDTHS = rising(1e7, 4, [1, 2, 5]) // bytes in a second
export const LATENCIES = rising(1e-6, 4, [1, 2, 5]) // seconds
export const MOST = 8 // processes in the ring
const [FAR, DECADES] = [10, 5] // what the chart shows: 2 to the power of, ten to the
const [HEIGHT, BOLD] = [330, 600]
const [PAUSE, SLOW] = [1600, 3500] // milliseconds
const [GRAY, EMPTY] = ["#5A5A5A", "#DDDDDD"]

// The sizes of n parts: the first ones have one more, if n does not divide the count.
export function partsOf(count, n) {
  const more = count % n
  return Array.from({ length: n }, (_, k) => Math.floor(count / n) + (k < more))
}

// Who sends which part to whom in a step; the first one is step 1.
export function sendings(n, step) {
  const ahead = step < n ? 1 - step : n + 1 - step
  return Array.from({ length: n }, (_, from) => {
    return { from, to: (from + 1) % n, part: (from + ahead + n) % n }
  })
}

export const last = (n) => 2 * (n - 1)

// After some steps: what process r holds of part k is at [r][k], a bit for each process
// whose numbers are in it.
export function holdings(n, steps) {
  const held = Array.from({ length: n }, (_, r) => Array(n).fill(1 << r))
  for (let step = 1; step <= steps; step += 1) {
    for (const { from, to, part } of sendings(n, step)) {
      held[to][part] |= held[from][part]
    }
  }
  return held
}

// How many numbers each process has sent after some steps.
export function sent(count, n, steps) {
  const sizes = partsOf(count, n)
  const sums = Array(n).fill(0)
  for (let step = 1; step <= steps; step += 1) {
    for (const { from, part } of sendings(n, step)) sums[from] += sizes[part]
  }
  return sums
}

// The seconds of one all_reduce of so many bytes: in the ring part by part, in the ring
// with whole arrays, and by a server, one of the n, whose connection takes in the
// arrays of all others, one after the other, and gives each of them the sum.
export function times(n, bytes, bandwidth, latency) {
  const whole = latency + bytes / bandwidth
  return [
    last(n) * (latency + bytes / n / bandwidth), (n - 1) * whole, last(n) * whole,
  ]
}

// A number in three digits and the largest unit that it has one of.
function measured(value, units) {
  const [unit, name] = units.findLast(([one]) => value >= one) ?? units[0]
  return `${Number((value / unit).toPrecision(3))}\u00a0${name}`
}
const TIMES = [[1e-6, "µs"], [1e-3, "ms"], [1, "s"], [60, "min"], [3600, "h"]]
export const time = (seconds) => measured(seconds, TIMES)
const AMOUNTS = [[1, "bytes"], [1e3, "kB"], [1e6, "MB"], [1e9, "GB"]]
export const amount = (bytes) => measured(bytes, AMOUNTS)

const unlike = (values) => [...new Set(values)]
const grouped = (count) => count.toLocaleString("en-US")

const OWN = `
.message { min-height: 7.3em; }
@container (max-width: 500px) { .message { min-height: 15em; } }
`

// A step in words.
export function report(count, n, step) {
  const whole = amount(BYTES * count)
  if (step === 0) {
    const sizes = unlike(partsOf(count, n)).map(grouped).join(" or ")
    return `${n} processes, each with its own ${grouped(count)} numbers, ${whole}, ` +
      `in ${n} parts of ${sizes}. A line in a part says whose numbers are in it: so ` +
      "far only those of the process itself."
  }
  const moves = sendings(n, step).map(({ from, to, part }) => {
    return `${from ? "" : "process "}${from} sends part ${part} to ${to}`
  })
  if (n > 5) moves.splice(2, n - 3, "and so on")
  const first = step < n
  const end = step === last(n)
  const now = first
    ? "What comes in is added to what is there: " +
      (step < n - 1 ? `the part now holds ${step + 1} of ${n} arrays.`
        : "each process now has one finished part.")
    : "What comes in is finished: each process has " +
      (end ? "the whole sum." : `${step - n + 2} such parts.`)
  const some = unlike(sent(count, n, step).sort((a, b) => a - b).map((numbers) => {
    return amount(BYTES * numbers)
  }))
  const range = some.length > 1 ? `from ${some[0]} to ${some.at(-1)}` : some[0]
  const arrays = end ? ", 2(*n*\u00a0−\u00a01)/*n*\u00a0= " +
    `${Number((last(n) / n).toPrecision(3))} times ${whole}` : ""
  return `Step ${step} of ${last(n)}, ${first ? "reduce-scatter" : "all-gather"}: ` +
    `${moves.join(", ")}. ${now} So far each has sent ${range}${arrays}.`
}

// The ring at a step, in pixels: outside what each process holds, inside what travels.
function draw(axes, { n, count, step }) {
  const wide = axes.svg.viewBox.baseVal.width
  const [blue, orange, green] = COLORS
  const roomy = n < 5 // for a number in each line, and one below each part
  const line = roomy ? 14 : 5
  const [width, height] = [roomy ? 76 : 60, n * line]
  const below = roomy ? 16 : 0
  const sizes = partsOf(count, n)
  const held = holdings(n, step)
  const moves = step ? sendings(n, step) : []
  const half = [width / 2, (height + below) / 2]
  // An odd number of them reaches less far down.
  const high = HEIGHT - 2 * half[1] - 8
  const up = n % 2 ? high / (1 + Math.cos(Math.PI / n)) : high / 2
  const center = [wide / 2, half[1] + 4 + up]
  const places = Array.from({ length: n }, (_, rank) => {
    const turn = (2 * Math.PI * rank) / n
    const away = [(wide / 2 - half[0] - 2) * Math.sin(turn), -up * Math.cos(turn)]
    // The number of the process has to stand clear of its array.
    const back = Math.min(...away.map((part, i) => (half[i] + 16) / Math.abs(part)))
    const at = (share) => center.map((middle, i) => middle + share * away[i])
    return { outer: at(1), inner: at(1 - back) }
  })
  const share = ([x, y]) => [x / wide, y]
  const box = (from, to, look) => axes.box(share(from), share(to), look)
  const text = (x, y, label, fill, more) => {
    const look = { "text-anchor": "middle", style: `fill: ${fill}`, ...more }
    axes.text(x / wide, y, label, look)
  }

  for (const [rank, parts] of held.entries()) {
    const [x, y] = places[rank].outer.map((middle, i) => middle - half[i])
    const arrived = moves.find(({ to }) => to === rank)?.part
    let [left, outline] = [x, () => {}]
    parts.forEach((bits, k) => {
      const right = left + (width * sizes[k]) / count
      const [start, end, at] = [left, right, (left + right) / 2]
      const full = bits === (1 << n) - 1
      for (let from = 0; from < n; from += 1) {
        const top = y + from * line
        const has = (bits >> from) & 1
        // A finished part is in one piece.
        const gap = full ? 0 : 1
        box([left + 1, top], [right - 1, top + line - gap], {
          fill: full ? green : has ? blue : EMPTY,
        })
        if (has && roomy) text(at, top + 11, String(from), "#fff")
      }
      if (roomy) text(at, y + height + 14, String(k), GRAY)
      if (k === arrived) {
        outline = () => box([start - 1, y - 2], [end + 1, y + height + 1], {
          fill: "none", stroke: orange, "stroke-width": 2.5,
        })
      }
      left = right
    })
    outline()
  }

  for (let rank = 0; rank < n; rank += 1) {
    const [[a, b], [c, d]] = [places[rank].inner, places[(rank + 1) % n].inner]
    const [across, down] = [c - a, d - b]
    const long = Math.hypot(across, down)
    // Between two, the ways there and back lie side by side.
    const aside = n === 2 ? 9 : 0
    const at = (part, out = 0) => {
      const off = (aside + out) / long
      return [a + part * across + off * down, b + part * down - off * across]
    }
    const ends = [at(14 / long), at(1 - 14 / long)]
    axes.arrow(...ends.map(share), step ? { stroke: orange } : { stroke: GRAY })
    if (!step) continue
    const [x, y] = at(0.5, n < 4 ? 14 : -14)
    box([x - 8, y - 8], [x + 8, y + 8], { fill: orange, rx: 2 })
    text(x, y + 4.5, String(moves[rank].part), "#fff", { "font-weight": BOLD })
  }
  for (const [rank, { inner: [x, y] }] of places.entries()) {
    axes.dot(x / wide, y, { r: 11, fill: "#fff", stroke: "#222", "stroke-width": 1.5 })
    text(x, y + 4.5, String(rank), "#222", { "font-weight": BOLD })
  }
}

export const FIELDS = {
  n: fromTo(2, MOST, 1), count: oneOf(COUNTS), bandwidth: oneOf(BANDWIDTHS),
  latency: oneOf(LATENCIES), step: fromTo(0, last(MOST), 1),
}

export function python({ n, count, bandwidth, latency, step }) {
  return program(
    "", "", `n, count, steps = ${n}, ${count}, ${step}`,
    `bandwidth, latency = ${bandwidth}, ${latency}`,
    "sizes = [count // n + (part < count % n) for part in range(n)]",
    "held = np.ones((n, n))  # of how many arrays a process holds the sum, by parts",
    "sent = np.zeros(n)",
    "for step in range(steps):",
    "    for rank in range(n):",
    "        right, part = (rank + 1) % n, (rank - step) % n",
    "        sent[rank] += 4 * sizes[part]",
    "        held[right, part] = held[rank, part] + 1 if step < n - 1 else n",
    'print(f"each has {(held[0] == n).sum()} finished parts")',
    'print(f"bytes sent: from {sent.min():.3g} to {sent.max():.3g}")',
    "", "",
    "def times(n):",
    "    whole = (n - 1) * (latency + 4 * count / bandwidth)",
    "    parts = 2 * (n - 1) * (latency + 4 * count / n / bandwidth)",
    '    return {"in parts": parts, "whole arrays": whole, "server": 2 * whole}',
    "", "",
    "many = np.geomspace(2, 1024)",
    "fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3))",
    'left.imshow(held, cmap="Blues", vmin=0, vmax=n)',
    'left.set(xlabel="part", ylabel="process", title="arrays in the sum")',
    "left.grid(visible=False)",
    "for name, time in times(n).items():",
    '    print(f"{name}: {time:.3g} s")',
    "    right.loglog(many, times(many)[name], label=name)",
    'right.set(xlabel="processes $n$", ylabel="time of one all_reduce in s")',
    "right.legend()",
    'd2l.show("Left: what each process holds. Right: times by number of processes.")',
  )
}

export function mount(el, { n: first, count: size, bandwidth, latency }) {
  const root = panel("A ring of processes that add up their arrays, and its time")
  const plots = beside(root)
  const state = { n: first, count: size, step: 0 }
  let bottom = 0
  const ways = [
    ["ring, in parts", COLORS[0], ""],
    ["ring, whole arrays", COLORS[3], "7 4"],
    ["server", COLORS[4], "2 3"],
  ]
  const timesOf = (n) => times(n, BYTES * state.count, bandwidth, latency)

  const ring = plot(plots, {
    bare: true, height: HEIGHT, xlim: [0, 1], ylim: [HEIGHT, 0],
    alt: "The ring, and what each process holds",
  }, (axes) => draw(axes, state))

  const chart = plot(plots, {
    alt: "The time of one all_reduce against the number of processes",
    xlim: [0.8, FAR + 0.6], xticks: [1, 4, 7, 10], xtext: (x) => grouped(2 ** x),
    ylim: [bottom, bottom + DECADES], ytext: powerOfTen, height: HEIGHT,
    xlabel: "processes *n*", ylabel: "time of one all_reduce in s",
  }, (axes) => {
    const here = Math.log2(state.n)
    const now = timesOf(state.n).map(Math.log10)
    axes.line([[here, bottom], [here, now[2]]], { stroke: GRAY, "stroke-width": 1 })
    const curve = Array.from({ length: 4 * FAR - 3 }, (_, i) => 1 + i / 4)
    const all = curve.map((x) => timesOf(2 ** x).map(Math.log10))
    ways.forEach(([name, color, dashes], i) => {
      const look = { stroke: color, "stroke-dasharray": dashes }
      axes.line(curve.map((x, at) => [x, all[at][i]]), look)
      axes.dot(here, now[i], { fill: color, r: 6 - i })
      const y = bottom + DECADES - 0.25 - 0.3 * (2 - i)
      axes.line([[1.2, y], [2, y]], look)
      axes.text(2.2, y - 0.08, name, { style: `fill: ${color}; font-weight: ${BOLD}` })
    })
  })

  const setN = slider(root, "processes *n*", { min: 2, max: MOST, step: 1 }, String,
    (n) => {
      walk.stop()
      Object.assign(state, { n, step: 0 })
      update()
    })
  const choice = (label, values, format, change) => {
    const range = { min: 0, max: values.length - 1, step: 1 }
    const text = (place) => format(values[place])
    const set = slider(root, label, range, text, (place) => {
      change(values[place])
      update()
    })
    return (value) => set(values.indexOf(value))
  }
  const setCount = choice("array *S*", COUNTS, (count) => amount(BYTES * count),
    (count) => { state.count = count })
  const setBandwidth = choice("bandwidth", BANDWIDTHS, (rate) => `${amount(rate)}/s`,
    (rate) => { bandwidth = rate })
  const setLatency = choice("latency", LATENCIES, time,
    (seconds) => { latency = seconds })
  const walk = player(root, {
    step: () => { state.step += 1; update() },
    ended: () => state.step === last(state.n),
    reset: () => { state.step = 0; update() },
    pause: () => (calm() ? SLOW : PAUSE),
    update,
  })
  const changed = keep(el, root, "ring", FIELDS, {
    now: () => ({ ...state, bandwidth, latency }),
    set({ n, count, step, ...others }) {
      walk.stop()
      Object.assign(state, { n, count, step: Math.min(step, last(n)) })
      ;({ bandwidth, latency } = others)
    },
    update,
    python,
  })

  function update() {
    const { n, count, step } = state
    setN(n)
    setCount(count)
    setBandwidth(bandwidth)
    setLatency(latency)
    walk.refresh()
    ring.draw()
    // The axis moves no farther than it must.
    const [least, most] = [timesOf(2)[1], timesOf(2 ** FAR)[2]].map(Math.log10)
    bottom = Math.min(bottom, Math.floor(least))
    bottom = Math.max(bottom, Math.ceil(most + 0.3) - DECADES)
    const yticks = Array.from({ length: DECADES + 1 }, (_, i) => bottom + i)
    chart.reset({ ylim: [bottom, bottom + DECADES], yticks })
    const [parts, whole, server] = timesOf(n).map(time)
    walk.write(
      `${report(count, n, step)} One all_reduce takes ${parts} in parts, ` +
      `${time(last(n) * latency)} of it latency; ${whole} with whole arrays; ` +
      `${server} by the server.`
    )
    changed()
  }

  update()
  show(el, root, OWN)
}
