// What the figures share: a panel, axes that are drawn anew at every change, sliders,
// buttons, and numbers as text.

// Python puts the colors of downhill.mplstyle in the place of #C0 to #C6: C0 for the
// curve, C1 and the rest for what is added.
export const COLORS = [
  "#C0", "#C1", "#C2", "#C3", "#C4", "#C5", "#C6",
];

const STYLE = `
:host { display: block; container-type: inline-size; break-inside: avoid; }
.figure { box-sizing: border-box; max-width: 720px; padding: 10px 12px 12px;
  border: 1px solid #ddd; border-radius: 4px; background: #fff; color: #222;
  color-scheme: light; forced-color-adjust: none; text-align: left;
  font: 14px/1.45 "DejaVu Sans", Verdana, system-ui, sans-serif; }
.plots { display: grid; gap: 4px 16px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); }
.plots svg { display: block; width: 100%; }
text { font-size: 12px; fill: #222; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px;
  margin-top: 8px; }
.row > span { min-width: 9.5em; }
.row > b { min-width: 6em; font-weight: 600; font-variant-numeric: tabular-nums; }
input { margin: 0; accent-color: #C0; }
[type=range] { flex: 1 1 180px; min-width: 0; height: 24px; }
[type=checkbox] { width: 18px; height: 18px; }
.choice { display: inline-flex; align-items: center; gap: 6px; min-height: 28px; }
select { padding: 6px; font: inherit; }
button, select { min-width: 5.5em; padding: 6px 12px; border: 1px solid #666;
  border-radius: 4px; background: #f5f5f5; color: #222; font: inherit;
  cursor: pointer; }
button:hover, select:hover { background: #e6ecfa; }
[aria-disabled=true] { color: #767676; border-color: #bbb; cursor: default; }
[aria-disabled=true]:hover { background: #f5f5f5; }
.share { gap: 0 2px; margin: 2px 0 0 -6px; font-size: 12px; }
.share > span { min-width: 0; }
.share > button { min-width: 0; padding: 4px 6px; border-color: transparent;
  background: none; color: #444; text-decoration: underline; }
textarea { box-sizing: border-box; width: 100%; margin: 6px 0 0; padding: 6px;
  border: 1px solid #666; border-radius: 4px; background: #fff; color: #222;
  font: 12px/1.4 "DejaVu Sans Mono", Menlo, Consolas, monospace; }
@media print {
  .figure { font-size: 11px; }
  .row > button, .share, textarea { display: none; }
}
@container (max-width: 500px) {
  .row > span { flex: 1; }
  .row > b { min-width: 0; }
  .row > [type=range] { order: 1; flex-basis: 100%; }
}
:focus-visible { outline: 3px solid #C0; outline-offset: 2px; }
[hidden] { display: none !important; }
.message { min-height: 4.4em; margin: 10px 0 0; font-variant-numeric: tabular-nums; }
`

// An element in the namespace of its parent, that of HTML or that of SVG.
export function add(parent, tag, attributes = {}, text = "") {
  const child = document.createElementNS(parent.namespaceURI, tag)
  for (const [name, value] of Object.entries(attributes)) {
    child.setAttribute(name, value)
  }
  write(child, text)
  return parent.appendChild(child)
}

// Text with its symbols, which stand between asterisks, in italics.
function write(element, text) {
  const tag = element.localName === "text" ? "tspan" : "i"
  const parts = text.split("*")
  element.textContent = parts[0]
  for (let i = 1; i < parts.length; i += 1) {
    if (i % 2) add(element, tag, { style: "font-style: italic" }).append(parts[i])
    else element.append(parts[i])
  }
}

// The root of a figure. It is shown at the end of mount: until then, and if anything
// fails, the picture that stands in its place stays.
export function panel(label) {
  const root = document.createElement("div")
  root.className = "figure"
  root.setAttribute("role", "group")
  root.setAttribute("aria-label", label)
  // JupyterLab and the pages of a site have plans of their own for the plain keys, and
  // for those that edit a text.
  const edits = ({ key, target }) => {
    return target.localName === "textarea" && "acvxyz".includes(key.toLowerCase())
  }
  for (const type of ["keydown", "keypress", "keyup"]) {
    root.addEventListener(type, (event) => {
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey
      if (plain || edits(event)) event.stopPropagation()
    })
  }
  return root
}

// Where the plots of a figure stand, side by side if there is room.
export function beside(root) {
  return add(root, "div", { class: "plots" })
}

// Put a figure in the place of its picture, out of reach of the page's style; what it
// wants beyond the common style it brings.
export function show(el, root, own = "") {
  const shadow = el.shadowRoot ?? el.attachShadow({ mode: "open" })
  const style = document.createElement("style")
  style.textContent = STYLE + own
  shadow.replaceChildren(style, root)
}

// Axes with two layers: ground(axes) is painted once for each size, paint(axes) anew
// each time that axes.draw() is called. Bare ones have neither ticks nor labels; alt is
// the alternative text.
export function plot(parent, options, paint) {
  const settings = {
    xtext: minus, ytext: minus, height: 260, bare: false, xticks: [], yticks: [],
    ground: () => {}, left: options.bare ? 0 : 36, ...options,
  }
  const [top, right, bottom] = settings.bare ? [0, 0, 0] : [24, 10, 38]
  const holder = document.createElement("template")
  holder.innerHTML = "<svg></svg>"
  const svg = parent.appendChild(holder.content.firstChild)
  svg.setAttribute("role", "img")
  svg.setAttribute("aria-label", settings.alt)
  let width = 340
  const size = () => [width - settings.left - right, settings.height - top - bottom]
  const part = (value, [low, high]) => (value - low) / (high - low)
  const x = (value) => part(value, settings.xlim) * size()[0]
  const y = (value) => (1 - part(value, settings.ylim)) * size()[1]
  const pixel = ([a, b]) => `${x(a).toFixed(2)},${y(b).toFixed(2)}`
  let area, over

  const axes = {
    svg,
    // A line through points.
    line(points, attributes) {
      const common = { fill: "none", "stroke-width": 2, "stroke-linejoin": "round" }
      add(area, "polyline", {
        points: points.map(pixel).join(" "), ...common, ...attributes,
      })
    },
    // Short lines, each from one point to another, as levelLines gives them.
    segments(pairs, attributes) {
      const d = pairs.map(([from, to]) => `M${pixel(from)}L${pixel(to)}`).join("")
      add(area, "path", { d, fill: "none", "stroke-width": 1, ...attributes })
    },
    arrow(from, to, attributes) {
      const [a, b] = [x(to[0]) - x(from[0]), y(to[1]) - y(from[1])]
      const long = Math.hypot(a, b)
      if (long < 1) return
      const head = Math.min(8, long / 2)
      const barb = (side) => {
        const [across, down] = [a * 0.87 - side * b * 0.5, b * 0.87 + side * a * 0.5]
        const at = [x(to[0]) - (head * across) / long, y(to[1]) - (head * down) / long]
        return at.map((value) => value.toFixed(2)).join()
      }
      const d = `M${pixel(from)}L${pixel(to)}M${barb(1)}L${pixel(to)}L${barb(-1)}`
      add(area, "path", { d, fill: "none", "stroke-width": 2, ...attributes })
    },
    dot(a, b, attributes) {
      const at = { cx: x(a).toFixed(2), cy: y(b).toFixed(2), r: 4 }
      add(area, "circle", { ...at, ...attributes })
    },
    // A rectangle between two corners.
    box([a, b], [c, d], attributes) {
      const [wide, high] = [Math.abs(x(c) - x(a)), Math.abs(y(d) - y(b))]
      const at = { x: Math.min(x(a), x(c)), y: Math.min(y(b), y(d)) }
      add(area, "rect", { ...at, width: wide, height: high, ...attributes })
    },
    text(a, b, text, attributes) {
      add(area, "text", { x: x(a), y: y(b), ...attributes }, text)
    },
    draw() {
      if (!over) return axes.reset()
      area = over
      area.replaceChildren()
      paint(axes)
    },
    // Draw all of it, with other options than before.
    reset(others = {}) {
      Object.assign(settings, others)
      const [wide, high] = size()
      svg.setAttribute("viewBox", `0 0 ${width} ${settings.height}`)
      svg.replaceChildren()
      const frame = add(svg, "g", { transform: `translate(${settings.left} ${top})` })
      for (const tick of settings.xticks) {
        const at = x(tick)
        add(frame, "path", { d: `M${at} 0V${high}`, stroke: "#E4E4E4" })
        const middle = { x: at, y: high + 16, "text-anchor": "middle" }
        add(frame, "text", middle, settings.xtext(tick))
      }
      for (const tick of settings.yticks) {
        const at = y(tick)
        add(frame, "path", { d: `M0 ${at}H${wide}`, stroke: "#E4E4E4" })
        const end = { x: -6, y: at + 4, "text-anchor": "end" }
        add(frame, "text", end, settings.ytext(tick))
      }
      if (!settings.bare) {
        add(frame, "path", { d: `M0 0V${high}H${wide}`, stroke: "#444", fill: "none" })
        const end = { x: wide, y: high + 33, "text-anchor": "end" }
        add(frame, "text", end, settings.xlabel)
        add(frame, "text", { x: 4 - settings.left, y: -10 }, settings.ylabel)
      }
      const inside = { width: wide, height: high, overflow: "hidden" }
      area = add(frame, "svg", inside)
      settings.ground(axes)
      over = add(frame, "svg", inside)
      axes.draw()
    },
  }

  // Letters keep their size when the page is narrow.
  new ResizeObserver(() => {
    const wide = Math.round(svg.clientWidth)
    if (wide > settings.left + right && wide !== width) {
      width = wide
      axes.reset()
    }
  }).observe(svg)

  // Where a mouse or a finger is, or the nearest place that the axes show.
  axes.place = (event) => {
    const box = svg.getBoundingClientRect()
    const [wide, high] = size()
    const inside = (pixels, long, [low, high]) => {
      return low + Math.min(1, Math.max(0, pixels / long)) * (high - low)
    }
    const across = ((event.clientX - box.left) * width) / box.width - settings.left
    const down = ((event.clientY - box.top) * width) / box.width - top
    const { xlim, ylim } = settings
    return [inside(across, wide, xlim), inside(high - down, high, ylim)]
  }

  // Call move(x, y, first) with the place wherever a mouse or a finger drags; first
  // tells where a drag begins. A second finger does not join in. If it is only for x,
  // a finger that goes up or down scrolls the page; with { both: true } it draws.
  axes.drag = (move, { both = false } = {}) => {
    svg.style.cursor = both ? "crosshair" : "ew-resize"
    svg.style.touchAction = both ? "none" : "pan-y"
    svg.style.userSelect = "none"
    let from = null
    const to = (event) => {
      move(...axes.place(event), !from.begun)
      from.begun = true
    }
    svg.addEventListener("pointerdown", (event) => {
      if (event.button || !event.isPrimary) return
      const drags = both || event.pointerType === "mouse"
      from = { x: event.clientX, y: event.clientY, drags }
      svg.setPointerCapture(event.pointerId)
      if (drags) to(event)
    })
    svg.addEventListener("pointermove", (event) => {
      // A mouse without a button held down has been let go somewhere else.
      if (event.pointerType === "mouse" && !event.buttons) from = null
      if (!from || !event.isPrimary) return
      const across = Math.abs(event.clientX - from.x)
      from.drags ||= across > 4 && across > Math.abs(event.clientY - from.y)
      if (from.drags) to(event)
    })
    svg.addEventListener("pointerup", (event) => {
      if (!from || !event.isPrimary) return
      if (from.drags || Math.abs(event.clientY - from.y) < 5) to(event)
      from = null
    })
    svg.addEventListener("pointercancel", () => { from = null })
  }
  return axes
}

// The level lines of f(x, y): for each level a list of short lines. Each cell of a grid
// is cut into two triangles, on which f is taken for a plane.
export function levelLines(f, xlim, ylim, levels, cells = 64) {
  const at = ([low, high], i) => low + (i * (high - low)) / cells
  const corner = (i, j) => {
    const [a, b] = [at(xlim, i), at(ylim, j)]
    return [a, b, f(a, b)]
  }
  const grid = Array.from({ length: cells + 1 }, (_, i) => {
    return Array.from({ length: cells + 1 }, (_, j) => corner(i, j))
  })
  const lines = levels.map(() => [])
  const cut = (corners) => {
    levels.forEach((level, which) => {
      const ends = []
      corners.forEach(([a, b, value], i) => {
        const [c, d, next] = corners[(i + 1) % 3]
        if (value < level === next < level) return
        const part = (level - value) / (next - value)
        ends.push([a + part * (c - a), b + part * (d - b)])
      })
      if (ends.length === 2) lines[which].push(ends)
    })
  }
  for (let i = 0; i < cells; i += 1) {
    for (let j = 0; j < cells; j += 1) {
      const [low, high] = [grid[i][j], grid[i + 1][j + 1]]
      cut([low, grid[i + 1][j], high])
      cut([low, grid[i][j + 1], high])
    }
  }
  return lines
}

// A labeled slider; format(value) is its value as text.
export function slider(parent, label, range, format, change) {
  const row = add(parent, "label", { class: "row" })
  add(row, "span", {}, label)
  const plain = label.replaceAll("*", "")
  const input = add(row, "input", { type: "range", "aria-label": plain, ...range })
  const output = add(row, "b")
  input.addEventListener("input", () => change(Number(input.value)))
  return (value) => {
    input.value = value
    output.textContent = format(value)
    input.setAttribute("aria-valuetext", format(value))
  }
}

// A slider whose range changes: it is told a value and the range.
export function ranged(parent, label, format, change) {
  const set = slider(parent, label, {}, format, change)
  const input = parent.lastElementChild.querySelector("input")
  return (value, range) => {
    Object.assign(input, range)
    set(value)
  }
}

// One choice of several, each a name.
export function select(parent, label, choices, change) {
  const row = add(parent, "label", { class: "row" })
  add(row, "span", {}, label)
  const list = add(row, "select")
  for (const choice of choices) add(list, "option", {}, choice)
  list.addEventListener("change", () => change(list.value))
  return (choice) => { list.value = choice }
}

// Yes or no; the color is that of what it shows or hides.
export function toggle(parent, label, color, change) {
  const row = add(parent, "label", { class: "choice" })
  const style = `accent-color: ${color}`
  const input = add(row, "input", { type: "checkbox", style })
  add(row, "span", { style: `color: ${color}; font-weight: 600` }, label)
  input.addEventListener("change", () => change(input.checked))
  return (yes) => { input.checked = yes }
}

// A row for buttons, or for choices.
export function strip(parent) {
  return add(parent, "div", { class: "row" })
}

export function button(parent, label, press) {
  const made = add(parent, "button", { type: "button" }, label)
  made.addEventListener("click", press)
  return made
}

// The message below a figure, which a screen reader reads aloud when it changes.
export function message(parent) {
  const place = add(parent, "p", { class: "message", "aria-live": "polite" })
  return {
    write: (text) => write(place, text),
    quiet: (yes) => place.setAttribute("aria-live", yes ? "off" : "polite"),
  }
}

// Whether the reader has asked for little motion.
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches

// Buttons for something that goes step by step: step() takes one, ended() tells whether
// there is none left, reset() goes back to the start, pause() is how long to wait after
// a step, in milliseconds. The message below the buttons is not read aloud while it
// plays, but at the end: update() writes it again.
export function player(parent, { step, ended, reset, pause, update }) {
  const row = strip(parent)
  const below = message(parent)
  let timer = 0
  // It keeps the focus when there is no step left, so it is not really disabled.
  const one = button(row, "Step", () => {
    stop()
    if (!ended()) step()
  })
  const both = button(row, "Play", () => (timer ? stop() : play()))
  button(row, "Reset", () => {
    stop()
    reset()
  })

  function play() {
    if (ended()) reset()
    both.textContent = "Pause"
    below.quiet(true)
    const next = () => {
      // A figure that was taken off the page stops, too.
      if (!parent.isConnected || ended()) return stop()
      step()
      timer = setTimeout(next, pause())
    }
    timer = setTimeout(next, 0)
  }

  function stop() {
    if (!timer) return
    clearTimeout(timer)
    timer = 0
    both.textContent = "Play"
    below.quiet(false)
    update()
  }

  // What changes where things stand calls refresh().
  const refresh = () => one.setAttribute("aria-disabled", ended())
  return { write: below.write, stop, refresh }
}

const minus = (value) => String(value).replaceAll("-", "−")
const RAISED = { "-": "⁻", ...Object.fromEntries([..."⁰¹²³⁴⁵⁶⁷⁸⁹"].entries()) }

export function powerOfTen(exponent) {
  return "10" + [...String(exponent)].map((sign) => RAISED[sign]).join("")
}

// A number in a few digits; very large and very small ones with a power of ten.
export function short(value, digits = 4) {
  const size = Math.abs(value)
  if (value === 0 || (size >= 1e-3 && size < 1e5)) {
    return minus(Number(value.toPrecision(digits)))
  }
  const [factor, exponent] = value.toExponential(digits - 1).split("e")
  const power = powerOfTen(Number(exponent))
  return Number(factor) === 1 ? power : `${minus(Number(factor))}\u00a0×\u00a0${power}`
}

export const fixed = (value, digits) => minus(value.toFixed(digits))

// --- a state that can be shared

// For each part of a state, what a text in an address stands for: a value, or nothing;
// then that part is as at first.
export const oneOf = (choices) => (text) => choices.find((one) => String(one) === text)
export const flag = oneOf([false, true])
export const fromTo = (low, high, step = 0) => (text) => {
  const value = text.trim() ? Number(text) : NaN
  if (!Number.isFinite(value)) return undefined
  const near = step ? Number((Math.round(value / step) * step).toPrecision(12)) : value
  return Math.min(high, Math.max(low, near))
}

// A list is written a;b;c, a list of points x:y;x:y.
function written(value) {
  if (!Array.isArray(value)) return String(value)
  return value.map((each) => [each].flat().join(":")).join(";")
}

// A state as a text, without what is as at first. Each field is a reader as above.
export function stateText(fields, state, usual) {
  return Object.keys(fields).flatMap((name) => {
    const text = written(state[name])
    return text === written(usual[name]) ? [] : `${name}=${text}`
  }).join()
}

// The state that a text from an address stands for, whatever that text is.
export function stateFrom(fields, text, usual) {
  const given = new Map(text.split(",").map((part) => part.split("=")))
  return Object.fromEntries(Object.entries(fields).map(([name, read]) => {
    return [name, (given.has(name) ? read(given.get(name) ?? "") : null) ?? usual[name]]
  }))
}

// The end of the address, if it is made of states: #secant:h=0.5&descent:lr=0.1
function statesInAddress() {
  let end = ""
  try {
    end = decodeURIComponent(location.hash.slice(1))
  } catch { /* what is no text is no state */ }
  return end.split("&").filter((part) => part.includes(":"))
}

// A program for a new notebook; what it imports beyond the usual is the first line.
export function program(beyond, ...lines) {
  const code = lines.flat(2).join("\n")
  return [
    "import matplotlib.pyplot as plt",
    ...(code.includes("np.") ? ["import numpy as np"] : []), "",
    "import d2l_utils as d2l", ...(beyond ? [beyond] : []), "",
    'plt.style.use("d2l_utils.downhill")', code, "",
  ].join("\n")
}

// A number as Python writes one that is no whole number.
export const real = (value) => (Number.isInteger(value) ? value.toFixed(1) : `${value}`)

const LONGEST = 2000 // letters of a state in an address
const WAIT = 400 // milliseconds; a browser refuses a new address for every move

// Buttons that copy what is now() in the figure, as a link and as the program that
// python(state) writes. On a page of the site the address keeps it, too, and tells the
// figure at the start what to set(state); when the reader changes the address, update()
// follows. Elsewhere the address belongs to others. The figure calls what this returns
// whenever it has changed.
export function keep(el, root, name, fields, { now, set, update, python }) {
  const usual = now()
  const twins = document.querySelectorAll(`[data-figure="${name}"]`).length
  const key = `${name}${twins ? twins + 1 : ""}:`
  el.dataset.figure = name
  const onSite = document.documentElement.hasAttribute("data-content_root")
  const text = () => stateText(fields, now(), usual)
  const isMine = (part) => part.startsWith(key)
  let last = ""
  let timer = 0

  const row = strip(root)
  row.classList.add("share")
  const box = add(root, "textarea", { readonly: "", rows: 8, hidden: "" })
  const copy = async (content, label) => {
    box.hidden = true
    try {
      await navigator.clipboard.writeText(content)
      told.textContent = "Copied."
    } catch {
      told.textContent = "Copy it from here:"
      box.hidden = false
      box.setAttribute("aria-label", label)
      box.value = content
      box.focus()
      box.select()
    }
  }
  if (onSite) {
    button(row, "Copy link", () => {
      if (text().length > LONGEST) {
        told.textContent = "This is too much for a link. Copy it as Python."
      } else copy(`${location.href.split("#")[0]}#${key}${text()}`, "Link")
    })
  }
  button(row, "Copy as Python", () => copy(python(now()), "Python code"))
  const told = add(row, "span", { role: "status" })

  function read() {
    const mine = onSite && statesInAddress().find(isMine)
    if (!mine) return false
    set(stateFrom(fields, mine.slice(key.length), usual))
    last = text()
    return true
  }

  // In place: dragging leaves no trail for the button that goes back.
  function write() {
    timer = 0
    if (text() === last) return
    last = text()
    const parts = statesInAddress().filter((part) => !isMine(part))
    if (last && last.length <= LONGEST) parts.push(key + last)
    const { pathname, search } = location
    const end = parts.length ? `#${parts.join("&")}` : pathname + search
    history.replaceState(history.state, "", end)
  }

  // To the first figure that the address names.
  const come = () => {
    if (isMine(statesInAddress()[0] ?? "")) el.scrollIntoView({ behavior: "instant" })
  }
  if (read()) {
    // Who comes back or reloads is taken by the browser to where they were.
    const [{ type } = {}] = performance.getEntriesByType("navigation")
    if (type === "navigate") addEventListener("load", come)
  }
  if (onSite) {
    addEventListener("hashchange", () => {
      if (!read()) return
      update()
      come()
    })
  }
  return () => {
    told.textContent = ""
    box.hidden = true
    if (onSite) timer ||= setTimeout(write, WAIT)
  }
}
