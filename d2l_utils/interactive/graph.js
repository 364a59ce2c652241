// Lesson 07: values go forward through a graph, slopes go backward.

import {
  COLORS, add, calm, fixed, fromTo, keep, oneOf, panel, player, plot, program, real,
  select, short, show, slider,
} from "./frame.js"

const [HEIGHT, ROOMY] = [300, 640] // pixels
const [PAUSE, SLOW] = [2000, 3500] // milliseconds
const RAISE = 0.1
const GRAY = "#5A5A5A"
const OWN = `
text { font-size: 14px; }
select { max-width: 100%; }
.inputs { display: grid; gap: 0 24px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 250px), 1fr)); }
.inputs .row > span { flex: none; min-width: 1em; }
.inputs .row > b { min-width: 2.6em; text-align: right; }
.inputs .row > [type=range] { order: 0; flex-basis: 120px; }
@container (max-width: 500px) { .message { min-height: 8.8em; } }
`

const OPERATIONS = {
  times: { sign: "×", value: (a, b) => a * b, slopes: (a, b) => [b, a] },
  plus: { sign: "+", value: (a, b) => a + b, slopes: () => [1, 1] },
  minus: { sign: "−", value: (a, b) => a - b, slopes: () => [1, -1] },
  squared: { value: (a) => a * a, slopes: (a) => [2 * a] },
}

// The results stand in the order of their age; numbers among their parts are constants.
// A drawing, for a wide page and for a narrow one: the line along which it runs, the
// places of the boxes, and that of the key. x goes from 0 to 1, y counts pixels.
export const GRAPHS = {
  "a chain": {
    inputs: { w: 2, x: 3, b: 1, t: 5 },
    limits: { w: 4, x: 4, b: 4, t: 8 },
    wanted: ["w", "b"],
    results: [
      ["wx", "times", "w", "x"], ["wx + b", "plus", "wx", "b"],
      ["e", "minus", "wx + b", "t"], ["L", "squared", "e"],
    ],
    loss: "L = e²",
    code: ["wx = w * x", "y = wx + b", "e = y - t", "L = e**2"],
    whole: "(w * x + b - t) ** 2",
    alt: "w and x lead to wx; wx and b to wx + b; wx + b and t to e; e to L",
    wide: [120, {
      w: [0.06, 50], x: [0.06, 185], wx: [0.27, 120], b: [0.27, 240],
      "wx + b": [0.48, 120], t: [0.48, 240], e: [0.69, 120], L: [0.9, 120],
    }, [0.66, 222]],
    narrow: [0.62, {
      x: [0.62, 24], w: [0.29, 24], wx: [0.62, 87], b: [0.29, 87],
      "wx + b": [0.62, 150], t: [0.29, 150], e: [0.62, 213], L: [0.62, 276],
    }, [0.01, 232]],
  },
  "a fork": {
    inputs: { x: 2 },
    limits: { x: 4 },
    wanted: ["x"],
    results: [
      ["x²", "squared", "x"], ["x + 3", "plus", "x", 3], ["L", "times", "x²", "x + 3"],
    ],
    loss: "L = x²(x + 3)",
    code: ["square = x**2", "more = x + 3", "L = square * more"],
    whole: "x * x * (x + 3)",
    alt: "x leads to x squared and to x + 3; these two lead to L",
    wide: [145, {
      x: [0.1, 145], "x²": [0.42, 65], "x + 3": [0.42, 225], L: [0.78, 145],
    }, [0.66, 232]],
    narrow: [0.5, {
      x: [0.5, 40], "x²": [0.3, 150], "x + 3": [0.7, 150], L: [0.5, 260],
    }, [0.01, 24]],
  },
  "a fork on the way": {
    inputs: { x: 1.5 },
    limits: { x: 4 },
    wanted: ["x"],
    results: [["u", "times", 2, "x"], ["v", "squared", "u"], ["L", "plus", "u", "v"]],
    loss: "L = u + v",
    code: ["u = 2 * x", "v = u**2", "L = u + v"],
    whole: "2 * x + 2 * x * 2 * x",
    alt: "x leads to u; u to v; u and v to L",
    wide: [180, {
      x: [0.1, 180], u: [0.36, 180], v: [0.6, 60], L: [0.84, 180],
    }, [0.04, 36]],
    narrow: [0.6, {
      x: [0.6, 24], u: [0.6, 105], v: [0.27, 190], L: [0.6, 276],
    }, [0.01, 24]],
  },
}

// All values: a result is younger than its parts, so these are there in time.
export function forward(graph, inputs) {
  const values = { ...inputs }
  for (const [name, operation, ...parts] of graph.results) {
    const numbers = parts.map((part) => values[part] ?? part)
    values[name] = OPERATIONS[operation].value(...numbers)
  }
  return values
}

// The shares of the slopes of L in the order in which they are handed back, from the
// youngest result to the oldest. Where nothing depends on what is wanted, none go.
export function backward(graph, values) {
  const wanted = new Set(graph.wanted)
  for (const [name, , ...parts] of graph.results) {
    if (parts.some((part) => wanted.has(part))) wanted.add(name)
  }
  const slopes = { L: 1 }
  const shares = []
  for (const [from, operation, ...parts] of [...graph.results].reverse()) {
    const numbers = parts.map((part) => values[part] ?? part)
    OPERATIONS[operation].slopes(...numbers).forEach((local, i) => {
      const to = parts[i]
      if (!wanted.has(to)) return
      // Its formula: in a product the other factor.
      const rule = { times: parts[1 - i], squared: `2${to}` }[operation] ?? local
      const [slope, before] = [slopes[from], slopes[to]]
      slopes[to] = (before ?? 0) + slope * local
      shares.push({ from, to, rule, local, slope, before, sum: slopes[to] })
    })
  }
  for (const [i, share] of shares.entries()) {
    share.waits = shares.slice(i + 1).some(({ to }) => to === share.to)
  }
  return { slopes, shares }
}

// How much L really changes when an input is raised.
export function raised(graph, inputs, name) {
  const more = { ...inputs, [name]: inputs[name] + RAISE }
  return forward(graph, more).L - forward(graph, inputs).L
}

// A number without the dust of 0.1 + 0.2.
const tidy = (value) => short(Number(value.toFixed(9)))
const bracketed = (value) => tidy(value).replace(/^−.*/, "($&)")
const symbol = (name) => {
  return String(name).replace(/[a-z]+/gi, "*$&*").replaceAll(" ", "\u00a0")
}

export function resultMessage([name, operation, ...parts], values) {
  const [a, b] = parts.map((part) => values[part] ?? part)
  const { sign } = OPERATIONS[operation]
  const numbers = sign ? `${tidy(a)} ${sign} ${bracketed(b)}` : `${bracketed(a)}²`
  const [first, ...rest] = parts.map((part) => {
    const sum = operation === "times" && String(part).includes("+")
    return sum ? `(${symbol(part)})` : symbol(part)
  })
  return `Forward: ${symbol(name)} is ${[first, operation, ...rest].join(" ")}, ` +
    `${numbers} = ${tidy(values[name])}.`
}

export function shareMessage({ from, to, rule, local, slope, before, sum, waits }) {
  const formula = rule === local ? "" : `${symbol(rule)} = `
  const share = slope * local
  const text = `Backward, from ${symbol(from)} to ${symbol(to)}: the local ` +
    `derivative is ${formula}${tidy(local)}. Times the slope at ${symbol(from)}, ` +
    `it makes ${tidy(slope)} × ${bracketed(local)} = ${tidy(share)}.`
  if (waits) return `${text} That is one share: ${symbol(to)} waits for the other.`
  if (before === undefined) return text
  return `${text} The two shares add up: ${tidy(before)} + ${bracketed(share)} = ` +
    `${tidy(sum)}.`
}

// The graph at a step: boxes with values and slopes, arrows with local derivatives.
function draw(axes, { graph, values, shares, step, start, end }) {
  const pixels = axes.svg.viewBox.baseVal.width
  const wide = pixels >= ROOMY
  const [middle, places, key] = wide ? graph.wide : graph.narrow
  const [blue, orange] = COLORS
  const seen = shares.slice(0, Math.max(0, step - start))
  // What was found last, and the share that it came with.
  const lit = step > start && step < end ? seen.at(-1) : null
  const found = step === start ? "L" : lit?.to ?? graph.results[step - 1]?.[0]
  const strong = { stroke: step < start ? blue : orange, "stroke-width": 3 }
  const thin = { stroke: GRAY, "stroke-width": 1.5 }
  const title = (name) => (name === "L" ? graph.loss : name)
  const half = (name) => 7 + 4.2 * title(name).length
  const text = (x, y, label, fill, more) => {
    axes.text(x, y, label, { style: `fill: ${fill}`, ...more })
  }

  const arrow = (from, to) => {
    const [[a, b], [c, d]] = [places[from], places[to]]
    const [across, down] = [(c - a) * pixels, d - b]
    // It ends at the box, in the wide drawing at the numbers above and below.
    const edge = (name) => {
      const [x, y] = wide ? [Math.max(half(name), 26) + 6, 36] : [half(name) + 5, 18]
      return Math.min(x / Math.abs(across), y / Math.abs(down))
    }
    const at = (part) => [a + part * (c - a), b + part * down]
    const [tail, tip] = [edge(from), 1 - edge(to)]
    const share = seen.find((each) => each.from === to && each.to === from)
    const now = share ? share === lit : step < start && to === found
    const ends = share && now ? [at(tip), at(tail)] : [at(tail), at(tip)]
    axes.arrow(...ends, now ? strong : thin)
    if (!share) return
    // The local derivative stands on the side that looks away from the middle line.
    const [x, y] = at((tail + tip) / 2)
    const away = (wide ? y > middle : x < middle) ? -1 : 1
    const [right, up] = [down, across].map((size) => {
      return (away * size) / Math.hypot(across, down)
    })
    const anchor = Math.abs(right) < 0.3 ? "middle" : right > 0 ? "start" : "end"
    const place = [x + (8 * right) / pixels, y - 10 * up + 5]
    text(...place, `× ${bracketed(share.local)}`, now ? orange : GRAY, {
      "text-anchor": anchor,
    })
  }

  const box = (name, value, slope) => {
    const [x, y] = places[name]
    const reach = half(name) / pixels
    axes.box([x - reach, y - 14], [x + reach, y + 14], {
      fill: "#fff", rx: 6, ...(name === found ? strong : thin),
    })
    text(x, y + 5, symbol(title(name)), "#222", { "text-anchor": "middle" })
    const side = x < middle ? -1 : 1
    const beside = wide ? x : x + side * (reach + 5 / pixels)
    const anchor = wide ? "middle" : side < 0 ? "end" : "start"
    const bold = { "text-anchor": anchor, "font-weight": 600 }
    text(beside, y - (wide ? 20 : 2), value, blue, bold)
    text(beside, y + (wide ? 31 : 14), slope, orange, bold)
  }

  for (const [name, , ...parts] of graph.results) {
    for (const part of parts) if (part in places) arrow(part, name)
  }
  for (const name of Object.keys(places)) {
    const age = graph.results.findIndex(([result]) => result === name)
    const last = seen.findLast(({ to }) => to === name)
    let slope = name === "L" && step >= start ? "1" : ""
    if (last) slope = tidy(last.sum) + (last.waits ? " + …" : "")
    box(name, age < step ? tidy(values[name]) : "", slope)
  }
  const [x, y] = key
  const [forth, back] = wide ? ["→", "←"] : ["↓", "↑"]
  text(x, y, `${forth} values`, blue, { "font-weight": 600 })
  text(x, y + 20, `${back} slopes of *L*`, orange, { "font-weight": 600 })
  text(x, y + 40, "× local derivative", GRAY)
}

const CALLED = { chain: "a chain", fork: "a fork", way: "a fork on the way" }
const FIRST = GRAPHS[CALLED.chain]
const inputIn = (name) => fromTo(-FIRST.limits[name], FIRST.limits[name], 0.1)

export const FIELDS = {
  graph: oneOf(Object.keys(CALLED)), w: inputIn("w"), x: inputIn("x"), b: inputIn("b"),
  t: inputIn("t"), raise: oneOf(FIRST.wanted), step: fromTo(0, 20, 1),
}

export function python({ graph: called, raise, ...inputs }) {
  const graph = GRAPHS[CALLED[called]]
  const { code, limits, places = graph.wide[1], results, wanted, whole } = graph
  const names = Object.keys(limits)
  const given = names.map((name) => {
    const value = real(inputs[name])
    return `${name} = ${wanted.includes(name) ? `d2l.Tensor(${value})` : value}`
  })
  const one = wanted.includes(raise) ? raise : wanted[0]
  const more = { ...inputs, [one]: Number((inputs[one] + RAISE).toFixed(1)) }
  const raisedLoss = whole.replace(/[a-z]/g, (name) => {
    return real(more[name]).replace(/^-.*/, "($&)")
  })
  const boxes = [...names.map((name) => [name, name]), ...results.map(([name], i) => {
    return [name, code[i].split(" ")[0]]
  })].map(([name, variable]) => {
    return `    "${name}": (${variable}, ${places[name].join(", ")}),`
  })
  const arrows = results.flatMap(([name, , ...parts]) => {
    return parts.filter((part) => part in places).map((part) => {
      return `    ("${part}", "${name}"),`
    })
  })
  return program(
    "", "", given, code, "L.backward()",
    `raised = ${raisedLoss} - L.data`,
    `print(f"raise ${one} by ${RAISE}: L changes by {raised:.4g}")`,
    "", "boxes = {", boxes, "}", "arrows = [", arrows, "]",
    "fig, ax = plt.subplots(figsize=(8, 3.5))",
    "for start, end in arrows:",
    '    look = {"arrowstyle": "->", "shrinkA": 22, "shrinkB": 22}',
    '    ax.annotate("", boxes[end][1:], boxes[start][1:], arrowprops=look)',
    "for name, (node, across, down) in boxes.items():",
    "    if isinstance(node, d2l.Tensor):",
    '        text = f"{node.data:.4g}, slope {node.grad:.4g}"',
    "    else:",
    '        text = f"{node:.4g}"',
    '    print(f"{name}: {text}")',
    '    box = {"boxstyle": "round", "facecolor": "white"}',
    '    both = f"{name}\\n{text}"',
    '    ax.text(across, down, both, ha="center", va="center", bbox=box)',
    "ax.set(xlim=(0, 1), ylim=(270, 0))",
    'ax.axis("off")',
    'd2l.show("A graph of boxes: each with its value and the slope of L in it.")',
  )
}

export function mount(el) {
  const root = panel("A graph: values go forward through it, slopes go backward")
  const states = {}
  let now

  const choose = select(root, "graph", Object.keys(GRAPHS), (name) => {
    walk.stop()
    now = states[name]
    update()
  })

  const drawing = plot(root, {
    bare: true, height: HEIGHT, xlim: [0, 1], ylim: [HEIGHT, 0], alt: "",
  }, (axes) => draw(axes, now))

  for (const [name, graph] of Object.entries(GRAPHS)) {
    const inputs = { ...graph.inputs }
    const start = graph.results.length + 1
    const end = start + backward(graph, inputs).shares.length + 1
    const group = add(root, "div", { class: "inputs" })
    const state = { name, graph, inputs, start, end, step: 0, group }
    state.raise = graph.wanted[0]
    state.set = Object.entries(graph.limits).map(([input, most]) => {
      const range = { min: -most, max: most, step: 0.1 }
      const set = slider(group, `*${input}*`, range, (v) => fixed(v, 1), (v) => {
        inputs[input] = v
        if (graph.wanted.includes(input)) state.raise = input
        update()
      })
      return () => set(inputs[input])
    })
    states[name] = state
  }
  now = states["a chain"]

  const walk = player(root, {
    step: () => { now.step += 1; update() },
    ended: () => now.step >= now.end,
    reset: () => { now.step = 0; update() },
    pause: () => (calm() ? SLOW : PAUSE),
    update,
  })
  const changed = keep(el, root, "graph", FIELDS, {
    now: () => ({
      ...FIRST.inputs, ...now.inputs, step: now.step,
      graph: Object.keys(CALLED).find((name) => CALLED[name] === now.name),
      raise: now.graph === FIRST ? now.raise : FIRST.wanted[0],
    }),
    set(state) {
      walk.stop()
      now = states[CALLED[state.graph]]
      now.step = Math.min(state.step, now.end)
      for (const input of Object.keys(now.inputs)) now.inputs[input] = state[input]
      if (now.graph === FIRST) now.raise = state.raise
    },
    update,
    python,
  })

  function report() {
    const { graph, inputs, values, slopes, shares, step, start, end, raise } = now
    const list = (names) => names.map((name) => {
      return `${symbol(name)}\u00a0= ${tidy(values[name])}`
    }).join(", ")
    if (step === 0) return `Given are ${list(Object.keys(inputs))}.`
    if (step < start) return resultMessage(graph.results[step - 1], values)
    if (step === start) {
      return "Backward: how fast does *L* rise with *L* itself? The slope is 1."
    }
    if (step < end) return shareMessage(shares[step - start - 1])
    const back = Object.entries(slopes).map(([name, slope]) => {
      return `${tidy(slope)} in ${symbol(name)}`
    })
    const slope = slopes[raise]
    return `Values: ${list(Object.keys(values))}. Slopes of *L*: ${back.join(", ")}. ` +
      `Raise *${raise}* by ${RAISE}: by its slope *L* changes by ` +
      `${tidy(slope)} × ${RAISE} = ${tidy(slope * RAISE)}, in fact by ` +
      `${tidy(raised(graph, inputs, raise))}.`
  }

  function update() {
    now.values = forward(now.graph, now.inputs)
    Object.assign(now, backward(now.graph, now.values))
    choose(now.name)
    for (const { group, set } of Object.values(states)) {
      group.hidden = group !== now.group
      set.forEach((each) => each())
    }
    drawing.svg.setAttribute("aria-label", `A graph of boxes: ${now.graph.alt}`)
    drawing.draw()
    walk.refresh()
    walk.write(report())
    changed()
  }

  update()
  show(el, root, OWN)
}
