// Lesson 08: a network reads what the reader draws, while it is drawn.

import {
  COLORS, add, beside, button, keep, message, oneOf, panel, plot, program, show,
  strip,
} from "./frame.js"

// Drawings are on a field of 100 by 100; what the network sees is 28 by 28. The ink is
// fitted into a square of 20 by 20, as for MNIST; PEN is half the width of the pen.
const [FIELD, SEEN, BOX, PEN] = [100, 28, 20, 1.3]
const WINDOW = 5
const MAP = SEEN - WINDOW + 1
const STEP = 2
const ARROWS = {
  ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0],
  ArrowUp: [0, -STEP], ArrowDown: [0, STEP],
}

const within = (value, low, high) => Math.min(high, Math.max(low, value))

// What the network sees of strokes: pixels from 0 to 255.
export function picture(strokes) {
  const range = (axis) => strokes.flat().reduce(([low, high], point) => {
    return [Math.min(low, point[axis]), Math.max(high, point[axis])]
  }, [Infinity, -Infinity])
  const [[left, right], [top, bottom]] = [range(0), range(1)]
  // A dot stays a dot.
  const scale = (BOX - 2 * PEN) / Math.max(right - left, bottom - top, 4)
  const ink = new Float64Array(SEEN * SEEN)
  for (const stroke of strokes) {
    const line = stroke.map(([x, y]) => [
      (x - (left + right) / 2) * scale + SEEN / 2,
      (y - (top + bottom) / 2) * scale + SEEN / 2,
    ])
    line.forEach((to, i) => brush(ink, line[Math.max(0, i - 1)], to))
  }
  return centered(ink.map((part) => Math.floor(255 * part + 0.5)))
}

// A straight line of ink; a pixel that the edge of the pen crosses gets a part of it.
function brush(ink, [a, b], [c, d]) {
  const [across, down] = [c - a, d - b]
  const long = across * across + down * down
  const first = (u, v) => Math.max(0, Math.floor(Math.min(u, v) - PEN - 1))
  const last = (u, v) => Math.min(SEEN - 1, Math.ceil(Math.max(u, v) + PEN))
  for (let i = first(b, d); i <= last(b, d); i += 1) {
    for (let j = first(a, c); j <= last(a, c); j += 1) {
      const [x, y] = [j + 0.5 - a, i + 0.5 - b]
      const part = long ? within((x * across + y * down) / long, 0, 1) : 0
      const [e, f] = [x - part * across, y - part * down]
      const edge = within(PEN + 0.5 - Math.sqrt(e * e + f * f), 0, 1)
      ink[SEEN * i + j] = Math.max(ink[SEEN * i + j], edge)
    }
  }
}

// Move by whole pixels until the center of mass is in the middle, but never so far that
// ink is lost.
function centered(gray) {
  const sums = [0, 0, 0]
  gray.forEach((value, at) => {
    sums[0] += value
    sums[1] += value * Math.floor(at / SEEN)
    sums[2] += value * (at % SEEN)
  })
  const move = (sum) => within(Math.floor(SEEN / 2 + 0.5 - sum / sums[0]), -4, 4)
  const [down, across] = [move(sums[1]), move(sums[2])]
  const moved = new Float64Array(gray.length)
  gray.forEach((value, at) => { if (value) moved[at + SEEN * down + across] = value })
  return moved
}

// The weights: whole numbers from -127 to 127 in the bytes, times the array's step.
export function decode({ step, int8 }) {
  const bytes = Int8Array.from(atob(int8), (sign) => sign.charCodeAt(0))
  return Float64Array.from(bytes, (whole) => whole * step)
}

// A convolution: each window looks at all maps together, at every place.
export function convolve(maps, side, windows, bias) {
  const depth = maps.length / (side * side)
  const places = side - WINDOW + 1
  const found = new Float64Array(bias.length * places * places)
  for (let at = 0; at < found.length; at += 1) {
    const j = at % places
    const i = Math.floor(at / places) % places
    const which = Math.floor(at / (places * places))
    let weight = which * depth * WINDOW * WINDOW
    let sum = bias[which]
    for (let map = 0; map < depth; map += 1) {
      for (let row = 0; row < WINDOW; row += 1) {
        const from = (map * side + i + row) * side + j
        for (let v = 0; v < WINDOW; v += 1) sum += windows[weight + v] * maps[from + v]
        weight += WINDOW
      }
    }
    found[at] = sum
  }
  return found
}

export const relu = (values) => values.map((value) => Math.max(0, value))

// Keep the largest of every 2 by 2 values.
export function pool(maps, side) {
  const half = side / 2
  return Float64Array.from({ length: maps.length / 4 }, (_, at) => {
    const over = 2 * Math.floor(at / half) * side + 2 * (at % half)
    const under = over + side
    return Math.max(maps[over], maps[over + 1], maps[under], maps[under + 1])
  })
}

export function dense(inputs, weights, bias) {
  return bias.map((start, k) => inputs.reduce((sum, value, i) => {
    return sum + value * weights[k * inputs.length + i]
  }, start))
}

export function softmax(scores) {
  const powers = scores.map((score) => Math.exp(score - Math.max(...scores)))
  const total = powers.reduce((sum, power) => sum + power, 0)
  return powers.map((power) => power / total)
}

// The maps of the first layer and the ten probabilities, for pixels from 0 to 255.
export function answers([first, bias1, second, bias2, last, bias3], gray) {
  const image = Float64Array.from(gray, (value) => value / 255)
  const maps = relu(convolve(image, 28, first, bias1))
  const found = relu(convolve(pool(maps, 24), 12, second, bias2))
  return { maps, shares: softmax(dense(pool(found, 8), last, bias3)) }
}

// No probability is 0 or 1, so none is called so.
export function percent(share, [under, over] = ["under ", "over "]) {
  if (share < 0.0005) return `${under}0.1%`
  if (share >= 0.9995) return `${over}99.9%`
  return `${(100 * share).toFixed(1)}%`
}

export function verdict(shares) {
  const [best, next] = [...shares.keys()].sort((a, b) => shares[b] - shares[a])
  return `It says ${best}, ${percent(shares[best])} sure; ` +
    `next: ${next}, ${percent(shares[next])}.`
}

// Strokes as a text: each point two numbers of two digits to the base of 36, in halves;
// a full stop ends a stroke.
export const packed = (strokes) => strokes.map((stroke) => {
  return stroke.flat().map((at) => (2 * at).toString(36).padStart(2, "0")).join("")
}).join(".")

export const unpacked = (ink) => ink.split(".").map((stroke) => {
  return stroke.match(/.{4}/g).map((pair) => {
    return [pair.slice(0, 2), pair.slice(2)].map((digits) => parseInt(digits, 36) / 2)
  })
})

function inkFrom(text) {
  const shaped = text.length < 1e4 && /^([0-9a-z]{4})+(\.([0-9a-z]{4})+)*$/.test(text)
  return shaped && unpacked(text).flat(2).every((at) => at <= FIELD) ? text : undefined
}

// The name of a ready-made drawing, or else the ink.
const [NOTHING, MINE] = ["nothing", "mine"]
export const FIELDS = {
  drawn: oneOf([..."0123456789A", "scribble", NOTHING, MINE]), ink: inkFrom,
}

export function python({ drawn, ink }) {
  const picture = "image = digit.picture(strokes)"
  const source = drawn === NOTHING
    ? ["strokes = []", "image = np.zeros((28, 28))  # no ink"]
    : drawn !== MINE ? [`strokes = digit.drawings()["${drawn}"]`, picture]
      : ink.length < 60 ? [`strokes = digit.strokes("${ink}")`, picture]
        : ["strokes = digit.strokes(", ...ink.match(/.{1,80}/g).map((some) => {
          return `    "${some}"`
        }), ")", picture]
  return program(
    "from d2l_utils.interactive import digit", "", source,
    "_, shares = digit.answers(image)",
    "best, second = np.argsort(shares)[:-3:-1]",
    'print(f"it says {best}: {shares[best]:.3%}, next {second}: {shares[second]:.3%}")',
    "",
    "fig, (left, middle, right) = plt.subplots(1, 3, figsize=(8, 2.8))",
    "for stroke in strokes:",
    '    left.plot(*np.transpose(stroke), "o-", color="k", linewidth=9)',
    'left.set(xlim=(0, 100), ylim=(100, 0), aspect="equal", title="drawn")',
    'middle.imshow(image, cmap="gray_r")',
    'middle.set(title="what it sees")',
    "right.barh(range(10), shares)",
    'right.set(yticks=range(10), ylim=(9.6, -0.6), title="what it answers")',
    'd2l.show("A drawing, the picture that a network sees, and its ten answers.")',
  )
}

const OWN = `
.plots { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 8px 16px; }
.plots p { margin: 0 0 4px; font-size: 13px; }
.field { width: 252px; }
.field svg { height: 252px; background: #fff; box-shadow: 0 0 0 1px #666; }
.field svg:focus:not(:focus-visible) { outline: none; }
.field .keys { min-height: 2.6em; margin: 6px 0 0; font-size: 12px; line-height: 1.3; }
.inside { width: 168px; }
.bars { flex: 1 1 150px; }
canvas { display: block; image-rendering: pixelated; box-shadow: 0 0 0 1px #999; }
.seen { width: 168px; height: 168px; margin-bottom: 8px; }
.maps { display: grid; grid-template-columns: repeat(4, 39px); gap: 4px; }
.maps canvas { width: 39px; height: 39px; }
.row:not(.share) > button { min-width: 2.3em; padding: 6px 9px; }
@container (max-width: 500px) {
  .inside { width: 84px; }
  .seen { width: 84px; height: 84px; }
  .maps { grid-template-columns: repeat(2, 40px); }
  .maps canvas { width: 40px; height: 40px; }
}
`

export function mount(el, { digit = 3, drawings, network }) {
  const root = panel("A field to draw a digit in, and a network that reads it")
  const weights = Object.values(network).map(decode)
  const [blue, orange] = COLORS
  // The ready-made drawing, as long as nothing is added to it.
  let name = String(digit)
  let strokes = drawings[name]
  let shares
  // Of the pen that keys move: where it is, whether it is shown, whether it is down.
  let pen = [FIELD / 2, FIELD / 2]
  let [shown, down] = [false, false]
  const pressed = new Set()

  const plots = beside(root)
  const part = (kind, title) => {
    const place = add(plots, "div", { class: kind })
    add(place, "p", {}, title)
    return place
  }
  const left = part("field", "draw here")
  const field = plot(left, {
    alt: "Field to draw in: arrow keys move the pen, Space puts it down or lifts " +
      "it, Delete clears",
    xlim: [0, FIELD], ylim: [FIELD, 0], height: 252, bare: true,
  }, (axes) => {
    const ink = { stroke: "#222", "stroke-width": 22, "stroke-linecap": "round" }
    for (const stroke of strokes) axes.line([stroke[0], ...stroke], ink)
    if (!shown) return
    const fill = down ? orange : "none"
    axes.dot(...pen, { r: down ? 5 : 9, fill, stroke: orange, "stroke-width": 3 })
  })
  const { svg } = field
  svg.setAttribute("role", "application")
  svg.setAttribute("tabindex", "0")
  const keys = add(left, "p", { class: "keys", "aria-live": "polite" })

  const middle = part("inside", "what it sees")
  const seen = add(middle, "canvas", {
    class: "seen", width: SEEN, height: SEEN, role: "img",
    "aria-label": "The picture that the network sees",
  })
  add(middle, "p", {}, "what it finds")
  const small = add(middle, "div", {
    class: "maps", role: "img", "aria-label": "The eight maps of the first layer",
  })
  const found = Array.from({ length: 8 }, () => {
    return add(small, "canvas", { width: MAP, height: MAP })
  })

  const right = part("bars", "what it answers")
  const bars = plot(right, {
    alt: "Ten bars: the probability of each digit",
    xlim: [-0.12, 1.02], ylim: [9.6, -0.6], height: 252, bare: true,
  }, (axes) => {
    const best = shares ? shares.indexOf(Math.max(...shares)) : -1
    for (let k = 0; k < 10; k += 1) {
      const color = k === best ? orange : blue
      const style = `font-weight: ${k === best ? 700 : 400}; fill: ${color}`
      axes.text(-0.1, k + 0.16, String(k), { style })
      if (!shares) continue
      axes.box([0, k - 0.34], [shares[k], k + 0.34], { fill: color })
      const text = percent(shares[k], ["<", ">"])
      // There is room beside a short bar, and in a long one.
      if (shares[k] < 0.5) axes.text(shares[k] + 0.02, k + 0.16, text, { style })
      else {
        const white = `${style}; fill: #fff; text-anchor: end`
        axes.text(shares[k] - 0.02, k + 0.16, text, { style: white })
      }
    }
    axes.line([[0, -0.5], [0, 9.5]], { stroke: "#444", "stroke-width": 1 })
  })

  const tools = strip(root)
  button(tools, "Clear", () => set([]))
  button(tools, "Undo", () => set(strokes.slice(0, -1)))
  const ready = strip(root)
  ready.setAttribute("role", "group")
  ready.setAttribute("aria-label", "Draw for me")
  add(ready, "div", {}, "Draw for me:")
  for (const title of Object.keys(drawings)) {
    button(ready, title, () => set(drawings[title], title))
  }
  const below = message(root)
  const changed = keep(el, root, "digit", FIELDS, {
    now: () => {
      const drawn = name || (strokes.length ? MINE : NOTHING)
      return { drawn, ink: drawn === MINE ? packed(strokes) : undefined }
    },
    set({ drawn, ink }) {
      name = drawings[drawn] ? drawn : ""
      strokes = drawings[drawn] ?? (drawn === MINE && ink ? unpacked(ink) : [])
    },
    update,
    python,
  })

  // From white to a color, for values from 0 to a largest one.
  function shade(canvas, values, most, full) {
    const context = canvas.getContext("2d")
    const pixels = context.createImageData(canvas.width, canvas.height)
    for (let i = 0; i < canvas.width * canvas.height; i += 1) {
      const share = values[i] / most
      pixels.data.set([...full.map((value) => 255 + share * (value - 255)), 255], 4 * i)
    }
    context.putImageData(pixels, 0, 0)
  }

  function update() {
    const gray = strokes.length ? picture(strokes) : new Float64Array(SEEN * SEEN)
    const { maps, ...rest } = answers(weights, gray)
    shares = strokes.length ? rest.shares : undefined
    shade(seen, gray, 255, [0, 0, 0])
    // Without ink, no map has anything to show but its bias.
    const most = shares ? maps.reduce((a, b) => Math.max(a, b)) : Infinity
    found.forEach((canvas, k) => {
      shade(canvas, maps.subarray(MAP * MAP * k), most, [178, 24, 43])
    })
    field.draw()
    bars.draw()
    below.write(report())
    help()
    changed()
  }

  function report() {
    if (!shares) return "No ink, no answer. Draw a digit, anywhere, small or large."
    const text = verdict(shares)
    if (!name) return `${text} If that was no digit: it has no eleventh answer.`
    if (/\d/.test(name)) return `${text} Draw over it, or clear it and draw your own.`
    const what = name === "A" ? "An A" : "A scribble"
    return `${text} ${what} is no digit, but the softmax knows ten answers only, and ` +
      "shares the 100% among them."
  }

  // How the keys draw, and what the pen does at the moment.
  function help() {
    const text = (!shown ? "Or with keys: arrows move the pen, "
      : down ? "Pen down: arrows draw, " : "Pen up: arrows move it, ") +
      `Space ${down ? "lifts it" : "puts it down"}, Delete clears.`
    if (keys.textContent !== text) keys.textContent = text
  }

  function set(lines, title = "") {
    strokes = lines
    name = title
    lift()
  }

  // The message is read aloud when the pen is lifted, not at each of its places.
  function lift() {
    down = false
    below.quiet(false)
    update()
  }

  function ink(first) {
    pen = pen.map((at) => Math.round(2 * at) / 2)
    // Keys may have cleared the field since a drag began.
    const last = first ? [] : strokes.at(-1) ?? []
    strokes = [...(first ? strokes : strokes.slice(0, -1)), [...last, pen]]
    name = ""
    below.quiet(true)
    update()
  }

  field.drag((x, y, first) => {
    pen = [x, y]
    if (first) [shown, down] = [false, false]
    ink(first)
  }, { both: true })
  for (const type of ["pointerup", "pointercancel"]) svg.addEventListener(type, lift)

  svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const clears = ["Delete", "Backspace"].includes(event.key)
    if (!ARROWS[event.key] && !clears && event.key !== " ") return
    event.preventDefault()
    shown = true
    if (clears) return set([])
    if (event.key === " ") {
      if (event.repeat) return
      if (down) return lift()
      down = true
      return ink(true)
    }
    // Two arrows together move it along a diagonal.
    pressed.add(event.key)
    for (const key of pressed) {
      pen = pen.map((at, axis) => within(at + ARROWS[key][axis], 0, FIELD))
    }
    if (down) return ink(false)
    field.draw()
    help()
  })
  svg.addEventListener("keyup", (event) => pressed.delete(event.key))
  svg.addEventListener("focus", () => {
    shown = svg.matches(":focus-visible")
    field.draw()
    help()
  })
  svg.addEventListener("blur", () => {
    pressed.clear()
    shown = false
    lift()
  })

  update()
  show(el, root, OWN)
}
