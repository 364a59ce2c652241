// What the figures share: a panel, axes that are drawn anew at every change, sliders,
// buttons, and numbers as words.

// The colors of downhill.mplstyle: C0 for the curve, C1 and the rest for what is added.
export const COLORS = [
  "#1A4FD0", "#C45400", "#008759", "#B04FB0", "#602704", "#352D34", "#5F007D",
];

const STYLE = `
:host { display: block; container-type: inline-size; break-inside: avoid; }
.figure { box-sizing: border-box; max-width: 720px; padding: 10px 12px 12px;
  border: 1px solid #ddd; border-radius: 4px; background: #fff; color: #222;
  color-scheme: light; text-align: left;
  font: 14px/1.45 "DejaVu Sans", Verdana, system-ui, sans-serif; }
.plots { display: grid; gap: 4px 16px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); }
.plots svg { display: block; width: 100%; }
.plots > svg { cursor: ew-resize; touch-action: pan-y; user-select: none; }
text { font-size: 12px; fill: #222; }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px;
  margin-top: 8px; }
.row > span { min-width: 9.5em; }
.row > b { min-width: 6em; font-weight: 600; font-variant-numeric: tabular-nums; }
input { flex: 1 1 180px; min-width: 0; height: 24px; margin: 0;
  accent-color: #1A4FD0; }
button { min-width: 5.5em; padding: 6px 12px; border: 1px solid #666;
  border-radius: 4px; background: #f5f5f5; color: #222; font: inherit;
  cursor: pointer; }
button:hover { background: #e6ecfa; }
button:disabled { color: #767676; border-color: #bbb; cursor: default; }
@container (max-width: 500px) {
  .row > span { flex: 1; }
  .row > b { min-width: 0; }
  .row > input { order: 1; flex-basis: 100%; }
}
:focus-visible { outline: 3px solid #1A4FD0; outline-offset: 2px; }
.words { min-height: 4.4em; margin: 10px 0 0; font-variant-numeric: tabular-nums; }
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
  // JupyterLab and the pages of a site have plans of their own for the plain keys.
  for (const type of ["keydown", "keypress", "keyup"]) {
    root.addEventListener(type, (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey) event.stopPropagation()
    })
  }
  return root
}

// Put a figure in the place of its picture, out of reach of the page's style.
export function show(el, root) {
  const shadow = el.shadowRoot ?? el.attachShadow({ mode: "open" })
  const style = document.createElement("style")
  style.textContent = STYLE
  shadow.replaceChildren(style, root)
}

// Axes; paint(axes) draws what is on them, each time that axes.draw() is called.
export function plot(parent, options, paint) {
  const { label, xlim, ylim, xlabel, ylabel, xticks, yticks } = options
  const { xtext = minus, ytext = minus, height = 260 } = options
  const [left, top, right, bottom] = [36, 24, 10, 38]
  const holder = document.createElement("template")
  holder.innerHTML = "<svg></svg>"
  const svg = parent.appendChild(holder.content.firstChild)
  svg.setAttribute("role", "img")
  svg.setAttribute("aria-label", label)
  let width = 340
  const inner = { width: () => width - left - right, height: height - top - bottom }
  const x = (value) => ((value - xlim[0]) / (xlim[1] - xlim[0])) * inner.width()
  const y = (value) => ((ylim[1] - value) / (ylim[1] - ylim[0])) * inner.height
  let area

  const axes = {
    svg,
    line(points, attributes) {
      const at = points.map(([a, b]) => `${x(a).toFixed(2)},${y(b).toFixed(2)}`)
      const common = { fill: "none", "stroke-width": 2, "stroke-linejoin": "round" }
      add(area, "polyline", { points: at.join(" "), ...common, ...attributes })
    },
    dot(a, b, attributes) {
      const at = { cx: x(a).toFixed(2), cy: y(b).toFixed(2), r: 4 }
      add(area, "circle", { ...at, ...attributes })
    },
    text(a, b, text, attributes) {
      add(area, "text", { x: x(a), y: y(b), ...attributes }, text)
    },
    draw() {
      svg.setAttribute("viewBox", `0 0 ${width} ${height}`)
      svg.replaceChildren()
      const frame = add(svg, "g", { transform: `translate(${left} ${top})` })
      const [w, h] = [inner.width(), inner.height]
      for (const tick of xticks) {
        const at = x(tick)
        add(frame, "path", { d: `M${at} 0V${h}`, stroke: "#E4E4E4" })
        const middle = { x: at, y: h + 16, "text-anchor": "middle" }
        add(frame, "text", middle, xtext(tick))
      }
      for (const tick of yticks) {
        const at = y(tick)
        add(frame, "path", { d: `M0 ${at}H${w}`, stroke: "#E4E4E4" })
        add(frame, "text", { x: -6, y: at + 4, "text-anchor": "end" }, ytext(tick))
      }
      add(frame, "path", { d: `M0 0V${h}H${w}`, stroke: "#444", fill: "none" })
      add(frame, "text", { x: w, y: h + 33, "text-anchor": "end" }, xlabel)
      add(frame, "text", { x: 4 - left, y: -10 }, ylabel)
      area = add(frame, "svg", { x: 0, y: 0, width: w, height: h, overflow: "hidden" })
      paint(axes)
    },
  }

  // Letters keep their size when the page is narrow.
  new ResizeObserver(() => {
    const wide = Math.round(svg.clientWidth)
    if (wide > left + right && wide !== width) {
      width = wide
      axes.draw()
    }
  }).observe(svg)

  // Call move with the place on the x axis wherever a mouse or a finger drags. A finger
  // that goes up or down scrolls the page.
  axes.drag = (move) => {
    let from = null
    const to = (event) => {
      const box = svg.getBoundingClientRect()
      const across = ((event.clientX - box.left) * width) / box.width - left
      const part = Math.min(1, Math.max(0, across / inner.width()))
      move(xlim[0] + part * (xlim[1] - xlim[0]))
    }
    svg.addEventListener("pointerdown", (event) => {
      if (event.button) return
      const drags = event.pointerType === "mouse"
      from = { x: event.clientX, y: event.clientY, drags }
      svg.setPointerCapture(event.pointerId)
      if (drags) to(event)
    })
    svg.addEventListener("pointermove", (event) => {
      if (!from) return
      const across = Math.abs(event.clientX - from.x)
      from.drags ||= across > 4 && across > Math.abs(event.clientY - from.y)
      if (from.drags) to(event)
    })
    svg.addEventListener("pointerup", (event) => {
      const still = from && Math.abs(event.clientY - from.y) < 5
      if (still || from?.drags) to(event)
      from = null
    })
    svg.addEventListener("pointercancel", () => { from = null })
  }
  return axes
}

// A labeled slider; say(value) is its value in words.
export function slider(parent, label, range, say, change) {
  const row = add(parent, "label", { class: "row" })
  add(row, "span", {}, label)
  const plain = label.replaceAll("*", "")
  const input = add(row, "input", { type: "range", "aria-label": plain, ...range })
  const words = add(row, "b")
  input.addEventListener("input", () => change(Number(input.value)))
  return (value) => {
    input.value = value
    words.textContent = say(value)
    input.setAttribute("aria-valuetext", say(value))
  }
}

export function button(parent, label, press) {
  const made = add(parent, "button", { type: "button" }, label)
  made.addEventListener("click", press)
  return made
}

// The words below a figure, which a screen reader reads aloud when they change.
export function words(parent) {
  const place = add(parent, "p", { class: "words", "aria-live": "polite" })
  return {
    say: (text) => write(place, text),
    quiet: (yes) => place.setAttribute("aria-live", yes ? "off" : "polite"),
  }
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
  return Number(factor) === 1 ? power : `${minus(Number(factor))} × ${power}`
}

export const fixed = (value, digits) => minus(value.toFixed(digits))
