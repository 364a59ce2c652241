// Makes one page to print of the finished pages of the lessons. book.py loads it into a
// page of the same site, and calls assemble, outline, shortcomings,
// fill and written.

const LINE = 92 // So many signs of code are as wide as the page.
const LONGEST = 100 // Longer lines have smaller signs, and from here on go on below.
const SHORT = 16 // Code of so many lines stays on one page.
const HIGH = 952 // The height of a page without its margins, in pixels.

const WORDS = JSON.parse(document.querySelector("#words").text)

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value)
  }
  element.append(...children)
  return element
}

const all = (root, selector) => [...root.querySelectorAll(selector)]
const link = (id, ...children) => make("a", { href: `#${id}` }, ...children)

// The number of the page that an element is on, once it is known; first alone, then in
// the words of a text.
const pageOf = (id) => make("a", { class: "page", href: `#${id}` }, "000")

function see(id) {
  const [before, after] = WORDS.see.split("#")
  return make("span", { class: "see" }, before, pageOf(id), after)
}

// --- from a page to a part of the book

async function read(name) {
  const text = await (await fetch(`${name}.html`)).text()
  return new DOMParser().parseFromString(text, "text/html")
}

// The cell that loads the tools is printed without what it says if one is missing.
function showTools(article) {
  for (const folded of all(article, "details.above-input")) {
    const pre = folded.querySelector("pre")
    const code = /^try:\n([^]*?)^except [^]*?^    raise\n/m
    if (!code.test(pre.textContent)) continue
    pre.textContent = pre.textContent.replace(code, (_, tools) =>
      tools.replace(/^    /gm, ""))
    folded.replaceWith(folded.querySelector(".cell_input"))
  }
}

// What nobody needs on paper: buttons, code that only draws, what an empty answer is
// told; and colors of code beyond its words, texts and comments.
function leaveOut(article) {
  const needless = "script, button, .run-here, .headerlink, details.above-input"
  for (const element of all(article, needless)) element.remove()
  for (const told of all(article, ".output.text_html")) {
    if (told.textContent.trim().startsWith("○")) told.remove()
  }
  for (const part of all(article, ".cell_output, .cell").reverse()) {
    if (!part.textContent.trim() && !part.querySelector("img")) part.remove()
  }
  for (const token of all(article, "pre span:not([class^=k], .ow, [class^=s], .c1)")) {
    token.replaceWith(...token.childNodes)
  }
  for (const pre of all(article, "pre")) pre.normalize()
}

// Names of one page become names of the book, and links lead to them. A page that is
// not in the book has an address, or no link.
function rename(article, lesson, names, site) {
  for (const element of all(article, "[id]")) element.id = `${lesson}:${element.id}`
  for (const old of all(article, "a[href]")) {
    const target = old.getAttribute("href")
    const [file, anchor] = target.split("#")
    const name = file ? file.replace(/\.html$/, "") : lesson
    if (/^\w+:/.test(target)) {
      old.after(make("span", { class: "address" }, ` ${target}`))
    } else if (names.has(name)) {
      const id = anchor ? `${name}:${anchor}` : name
      old.setAttribute("href", `#${id}`)
      if (name !== lesson) old.after(see(id))
    } else if (site) {
      old.setAttribute("href", new URL(target, `${site}/`).href)
    } else {
      old.replaceWith(...old.childNodes)
    }
  }
}

// A figure and what stands below it are one; so are code and what announces it, and
// a heading and its names.
function bind(article) {
  for (const name of all(article, "section > span[id]:empty")) {
    name.parentElement.querySelector("h1, h2, h3, h4").prepend(name)
  }
  for (const image of all(article, ".output img")) {
    image.loading = "eager"
    image.style.width = `${0.78 * image.getAttribute("width")}px`
    const note = image.parentElement.querySelector("small")
    if (note) note.textContent = WORDS.still
    const box = image.closest(".output")
    box.classList.add("figure")
    const below = image.closest(".cell").nextElementSibling
    if (below?.matches("p") && below.firstChild.localName === "em") {
      below.classList.add("caption")
      box.append(below)
    }
  }
  for (const text of all(article, "p:has(+ :is(.cell, .math, ol, ul))")) {
    if (/[:：]$/.test(text.textContent)) text.classList.add("leads")
  }
  const always = "p:has(+ .pst-scrollable-table-container), blockquote p:has(+ ul)"
  for (const text of all(article, always)) text.classList.add("leads")
}

// What is folded on a page is an answer: it goes to the end of the lesson.
function collect(article, lesson) {
  for (const details of all(article, "details")) {
    const summary = details.querySelector("summary")
    const cell = details.closest(".cell")
    const title = cell ? WORDS.predict : summary.textContent.trim()
    const folded = make("div", { class: "folded", "data-title": title })
    summary.remove()
    folded.append(...details.childNodes)
    const place = cell ?? details
    place.after(folded)
    details.remove()
    if (!cell?.firstElementChild) place.remove()
  }
  // What follows at once belongs to the same answer.
  for (const folded of all(article, ".folded")) {
    const before = folded.previousElementSibling
    if (!before?.matches(".folded")) continue
    folded.prepend(...before.childNodes)
    folded.dataset.title = before.dataset.title
    before.remove()
  }
  const answers = all(article, ".folded").map((folded, i) => {
    const [here, there] = [`${lesson}:asked-${i + 1}`, `${lesson}:answer-${i + 1}`]
    const { title } = folded.dataset
    const name = `${WORDS.answer} ${i + 1}`
    const pointer = make("p", { class: "pointer", id: here })
    if (title !== WORDS.answer) pointer.append(`${title}: `)
    pointer.append(link(there, name), see(there))
    folded.replaceWith(pointer)
    const head = make("p", { class: "answer-head", id: there }, make("b", {}, name))
    head.append(see(here))
    return make("div", { class: "answer" }, head, ...folded.childNodes)
  })
  if (!answers.length) return
  const heading = make("h2", {}, WORDS.answers)
  article.append(make("section", { class: "answers" }, heading, ...answers))
}

// --- what is too wide

// The columns that a sign takes.
const columns = (sign) => (/[\u1100-\uffdc]/.test(sign) ? 2 : 1)

// No line of code is cut: the signs of a long one are smaller, and from LONGEST on it
// goes on below, behind a mark.
function fitLines(pre) {
  const lines = pre.textContent.trimEnd().split("\n")
  const widths = lines.map((line) => [...line].reduce((sum, x) => sum + columns(x), 0))
  const widest = Math.min(Math.max(...widths), LONGEST)
  if (widest > LINE) pre.style.fontSize = `${(8 * LINE) / widest}pt`
  pre.classList.toggle("long", lines.length > SHORT)
  if (Math.max(...widths) <= LONGEST) return
  const walker = document.createTreeWalker(pre, NodeFilter.SHOW_TEXT)
  let column = 0
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    for (let i = 0; i < node.data.length; i += 1) {
      column = node.data[i] === "\n" ? 0 : column + columns(node.data[i])
      if (column > LONGEST) {
        node.splitText(i).before(make("span", { class: "goes-on" }))
        column = 2 // The mark.
      }
    }
  }
}

// A formula or table that is wider than its place gets smaller.
function fitWidth(element) {
  const share = element.parentElement.clientWidth / element.scrollWidth
  if (share < 1) element.style.fontSize = `${Math.floor(98 * share)}%`
}

// --- the book

// Of what the pages load, MathJax and the colors of code.
async function takeOver(page) {
  const isWanted = (el) => /pygments|mathjax/i.test(el.href ?? (el.src || el.text))
  for (const old of all(page.head, "link[rel=stylesheet], script").filter(isWanted)) {
    const copy = make(old.localName)
    for (const { name, value } of old.attributes) copy.setAttribute(name, value)
    copy.text = old.text
    const loaded = new Promise((done) => { copy.onload = done })
    document.head.append(copy)
    if (old.href || old.src) await loaded
  }
}

// A reader that speaks is told what a formula says, as it was written, in one piece.
function nameFormulas() {
  for (const { typesetRoot, math } of window.MathJax?.startup.document.math ?? []) {
    typesetRoot.setAttribute("role", "img")
    typesetRoot.setAttribute("aria-label", math)
    typesetRoot.querySelector("mjx-assistive-mml")?.remove()
  }
}

function heading({ number, title, question }) {
  return make("h1", {}, make("span", { class: "number" }, number), " ",
    make("span", { class: "title" }, title), " ",
    make("span", { class: "question" }, question))
}

function entry(id, ...children) {
  return make("li", {}, link(id, ...children, make("span", { class: "dots" })),
    pageOf(id))
}

// The contents: each lesson, its sections, and the parts of those that are no exercises.
function contents(lessons) {
  const list = make("ol")
  for (const { name, number, title, question } of lessons) {
    const item = entry(name, make("span", { class: "number" }, number), " ",
      make("span", {}, make("b", {}, title), " ", make("i", {}, question)))
    const isListed = (el) => el.localName === "h2"
      || !el.closest("section:has(> h2)").querySelector(".tag_exercise")
    const headings = all(document.getElementById(name), "h2, h3").filter(isListed)
    const parts = headings.map((heading, i) => {
      heading.id = `${name}:section-${i + 1}`
      const part = entry(heading.id, heading.textContent)
      part.className = heading.localName
      return part
    })
    item.append(make("ol", {}, ...parts))
    list.append(item)
  }
  return list
}

// The entries of the contents: what they say, their level, the name of their place.
function outline() {
  return all(document, "#contents li").map((item) => {
    const leads = item.querySelector("a")
    const level = item.matches("ol ol *") ? (item.matches(".h3") ? 2 : 1) : 0
    return [leads.textContent, level, leads.hash.slice(1)]
  })
}

async function assemble({ lessons, site, version }) {
  document.querySelector("#version").textContent = version
  const names = new Set(lessons.map((lesson) => lesson.name))
  const feet = make("style")
  let page
  for (const lesson of lessons) {
    const { name, number, title } = lesson
    page = await read(name)
    const article = page.querySelector("article")
    showTools(article)
    leaveOut(article)
    rename(article, name, names, site)
    bind(article)
    collect(article, name)
    article.querySelector("h1").replaceWith(heading(lesson))
    document.body.append(make("article", { id: name }, ...article.childNodes))
    const foot = JSON.stringify(`${number} ${title}`)
    feet.append(`article[id="${name}"] { page: lesson-${number} }\n`,
      `@page lesson-${number} { @bottom-left { content: ${foot} } }\n`)
  }
  document.head.append(feet)
  document.querySelector("#contents").append(contents(lessons))
  await takeOver(page)
  await window.MathJax?.startup?.promise
  nameFormulas()
  await document.fonts.ready
  await Promise.all([...document.images].map((image) => image.decode().catch(() => {})))
  all(document, "pre").forEach(fitLines)
  all(document, "mjx-container[display=true] > mjx-math, table").forEach(fitWidth)
}

// What can be seen not to be right.
function shortcomings() {
  const found = []
  const note = (what, elements) => {
    for (const el of elements) found.push(`${what}: ${el.outerHTML.slice(0, 120)}`)
  }
  const { right } = document.body.getBoundingClientRect()
  const box = (el) => el.getBoundingClientRect()
  const drawn = (el) => el.querySelector("mjx-math")
  note("formula not drawn", all(document, ".math").filter((el) => !drawn(el)))
  note("formula with an error", all(document, "mjx-merror"))
  note("picture not there", all(document, "img").filter((el) => !el.naturalWidth))
  note("wider than the page",
    all(document, "body *").filter((el) => box(el).right > right + 1).slice(0, 5))
  note("higher than a page",
    all(document, ".figure, pre:not(.long)").filter((el) => box(el).height > HIGH))
  return found
}

// Write the numbers of the pages. A place keeps the room for the longest one that stood
// there: else a number that moves a line could move its own place, and so to and fro.
function fill(pages) {
  for (const place of all(document, "a.page")) {
    place.textContent = pages[place.hash.slice(1)]
    place.dataset.room = Math.max(place.dataset.room ?? 0, place.textContent.length)
    place.style.minWidth = `${place.dataset.room / 2}em`
  }
}

// The text of the book as a page of its own, or of one lesson, whose first page has a
// number: there links to the rest of the book lead nowhere.
function written(name, first) {
  const copy = document.documentElement.cloneNode(true)
  const parts = all(copy, "body > *")
  for (const script of all(copy, "script")) script.remove()
  if (name) {
    for (const part of parts) if (part.id !== name) part.remove()
    copy.style.counterReset = `page ${first - 1}`
    const title = copy.querySelector("title")
    title.textContent = `${copy.querySelector("h1").textContent} (Downhill)`
    const ids = new Set(all(copy, "[id]").map((element) => element.id))
    for (const old of all(copy, "a[href^='#']")) {
      if (!ids.has(old.hash.slice(1))) old.removeAttribute("href")
    }
  }
  return `<!doctype html>\n${copy.outerHTML}`
}
