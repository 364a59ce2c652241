// Runs a lesson: run.html?lesson=01_derivatives, with language=zh that of
// an edition, with file=01_derivatives_new the newer one beside the copy.
//
// The copy lies in this browser, where JupyterLite finds it; it is brought up to date
// first. JupyterLite runs in a frame, Pyodide in a worker of it.

import * as copies from "./copies.js"
import { transact } from "./store.js"
import { has, say } from "./texts.js"

const at = (id) => document.getElementById(id)
const asked = new URLSearchParams(location.search)
const language = has(asked.get("language")) ? asked.get("language") : "en"
const folder = language === "en" ? "" : `${language}/`
const name = asked.get("lesson") ?? ""
const text = (key, places) => say(language, key, places)

// Why the lesson cannot run, in a sentence for the reader.
class Problem extends Error {}

function show(id, words) {
  at(id).textContent = words
  at(id).hidden = !words
}

function address(lesson, file) {
  const query = new URLSearchParams({ lesson })
  if (folder) query.set("language", language)
  if (file) query.set("file", file)
  return `run.html?${query}`
}

// A file of the site as it is now; null if there is none.
async function get(path) {
  let answer
  try {
    answer = await fetch(path, { cache: "no-cache" })
  } catch {
    throw new Problem(text("network"))
  }
  if (answer.status === 404) return null
  if (!answer.ok) throw new Problem(text("network"))
  return answer.json()
}

// Keeps what was loaded, so that the lesson works without a network, too.
async function startWorker(build) {
  if (!navigator.serviceWorker) return
  try {
    const workers = navigator.serviceWorker
    const first = !workers.controller
    const started = new Promise((resolve) => (workers.oncontrollerchange = resolve))
    await workers.register("run-worker.js", { updateViaCache: "none" })
    const late = new Promise((resolve) => setTimeout(resolve, 5000))
    if (first) {
      await Promise.race([started, late])
      // What was loaded before it was there.
      const loaded = performance.getEntriesByType("resource").map((entry) => entry.name)
      await Promise.all([location.href, ...loaded].map((address) => fetch(address)))
    }
    // What no tab uses any more.
    navigator.locks.request(build, { mode: "shared" }, () => new Promise(() => {}))
    for (const kept of await caches.keys()) {
      if (!kept.startsWith("downhill lite/") || kept === `downhill ${build}`) continue
      const unused = { ifAvailable: true }
      const old = kept.slice("downhill ".length)
      navigator.locks.request(old, unused, (lock) => lock && caches.delete(kept))
    }
  } catch {
    // A browser may forbid it; then a network is needed.
  }
}

// Wait until no other tab has this file open: the last one to save would win.
async function alone(path) {
  if (!navigator.locks) return // JupyterLab asks, at least, before it overwrites.
  const got = (options, taken) =>
    navigator.locks.request(`downhill ${path}`, options, (lock) => {
      taken(Boolean(lock))
      return lock && new Promise(() => {})
    })
  if (await new Promise((taken) => got({ ifAvailable: true }, taken))) return
  show("problem", text("elsewhere"))
  await new Promise((taken) => got({}, taken))
  show("problem", "")
}

// The bytes of an answer; `told` hears of each piece.
async function bytes(answer, told) {
  const pieces = []
  const reader = answer.body.getReader()
  for (let got; !(got = await reader.read()).done; told(got.value.length)) {
    pieces.push(got.value)
  }
  return new Blob(pieces).arrayBuffer()
}

async function isGenuine(content, sha256) {
  if (!globalThis.crypto?.subtle) return true // Pyodide compares, too.
  const found = new Uint8Array(await crypto.subtle.digest("SHA-256", content))
  return sha256 === [...found].map((x) => x.toString(16).padStart(2, "0")).join("")
}

// Load what the first answer needs, and say how far that is. JupyterLite, which asks
// for the same, finds it.
async function load({ root, first }) {
  const all = Object.values(first).reduce((sum, [size]) => sum + size, 0)
  let done = 0
  const megabytes = (size) => (size / 1e6).toFixed(1)
  const told = (size) => {
    done += size
    at("bar").value = done / all
    const places = { done: megabytes(done), all: megabytes(all) }
    at("step").textContent = text("loading", places)
  }
  await Promise.all(
    Object.entries(first).map(async ([part, [, sha256]]) => {
      try {
        const answer = await fetch(root + part)
        if (answer.ok && (await isGenuine(await bytes(answer, told), sha256))) return
      } catch {
        // Said below.
      }
      await globalThis.caches?.delete(`downhill ${root}`)
      throw new Problem(text("part", { name: part.slice(part.lastIndexOf("/") + 1) }))
    }),
  )
  at("bar").removeAttribute("value")
  at("step").textContent = text("starting")
}

// JupyterLite, once it shows the lesson.
async function opened(frame, source) {
  frame.src = source
  // Not hidden, or JupyterLab would find no room; not seen before it has its colors.
  frame.hidden = false
  frame.style.visibility = "hidden"
  for (let n = 0; n < 3000; n++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    const app = frame.contentWindow.jupyterapp
    const panel = app?.shell?.currentWidget
    if (!panel?.context?.isReady) continue
    const scheme = getComputedStyle(document.documentElement).colorScheme
    const system = matchMedia("(prefers-color-scheme: dark)").matches
    const dark = scheme === "dark" || (scheme === "light dark" && system)
    const theme = dark ? "JupyterLab Dark" : "JupyterLab Light"
    await app.commands.execute("apputils:change-theme", { theme })
    frame.style.visibility = ""
    return { app, panel }
  }
  throw new Problem(text("stopped"))
}

// Links to other lessons lead to this page for them, not to files that are not there.
function lead(frame) {
  const mend = ({ target }) => {
    const link = target.closest?.("a")
    const lesson = /(?:^|\/)(\w+)\.ipynb(?:#.*)?$/.exec(link?.href ?? "")?.[1]
    if (!lesson) return
    // In a copy, which JupyterLab does not listen to.
    const mended = link.cloneNode(true)
    mended.href = new URL(address(lesson), location.href)
    mended.target = "_top"
    const isFocused = link.ownerDocument.activeElement === link
    link.replaceWith(mended)
    if (isFocused) mended.focus()
  }
  for (const event of ["pointerover", "focusin"]) {
    frame.contentDocument.addEventListener(event, mend)
  }
}

// Who follows a link is not asked whether to lose what is not kept yet: it is kept first.
function keepFirst(root, context) {
  root.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a")
    const isOther = event.ctrlKey || event.metaKey || event.shiftKey
    const leaves = link && (root === document || link.target === "_top")
    if (!leaves || isOther || !context.model.dirty) return
    event.preventDefault()
    await context.save()
    location.href = link.href
  })
}

// Say whether what is on the screen is kept.
function watch({ context }) {
  const state = () => text(context.model.dirty ? "unsaved" : "saved")
  show("kept", state())
  context.model.stateChanged.connect(() => show("kept", state()))
  context.saveState.connect((_, what) => {
    const key = { started: "saving", failed: "failed" }[what]
    show("kept", key ? text(key) : state())
  })
  // What is closed or put away is saved at once.
  addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && context.model.dirty) context.save()
  })
}

function give(notebook, file) {
  const content = JSON.stringify(copies.forDownload(notebook), null, 1)
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([content], { type: "application/json" }))
  link.download = file
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

// Ask, and say whether the answer is yes.
function agreed(question, explained, isQuestion) {
  show("question", question)
  show("explained", explained)
  at("yes").hidden = !isQuestion
  at("no").textContent = text(isQuestion ? "no" : "close")
  at("copies").hidden = isQuestion
  at("ask").returnValue = ""
  at("ask").showModal()
  return new Promise((answer) => {
    at("ask").onclose = () => answer(at("ask").returnValue === "yes")
  })
}

async function listOlder(path) {
  const found = await transact((files) => copies.older(files, path))
  at("older").hidden = !found.length
  at("older").onclick = () => {
    const items = found.map(({ path: old, name: copy, date }) => {
      const button = document.createElement("button")
      button.type = "button"
      const when = date.replace("_", " ").replaceAll(".", ":")
      button.textContent = `${copy}, ${when}`
      button.onclick = async () => {
        const model = await transact((files) => files.get(old))
        give(model.content, model.name)
      }
      const item = document.createElement("li")
      item.append(button)
      return item
    })
    at("copies").replaceChildren(...items)
    agreed(text("copies"), text("kept"), false)
  }
}

async function main() {
  document.documentElement.lang = language
  for (const id of ["back", "download", "over", "older", "about"]) {
    at(id).textContent = text(id)
  }
  at("yes").textContent = text("over")
  if (!globalThis.WebAssembly || !globalThis.indexedDB) throw new Problem(text("old"))
  if (!/^\w+$/.test(name)) throw new Problem(text("unknown"))
  const manifest = await get("lite/manifest.json")
  const notebook = await get(`${folder}_sources/${name}.ipynb`)
  if (!notebook) throw new Problem(text("unknown"))
  at("back").href = `${folder}${name}.html`
  const [, title] = /^# (.*)/.exec([notebook.cells[0].source].flat().join(""))
  at("title").textContent = title
  document.title = `${title} - Downhill`
  if (!manifest) throw new Problem(text("unbuilt"))

  const lesson = copies.forReader(notebook)
  const path = `${folder}${name}.ipynb`
  await alone(path)
  await startWorker(manifest.root)
  let kept
  try {
    kept = await transact((files) => copies.follow(files, path, lesson, new Date()))
    await listOlder(path)
  } catch {
    throw new Problem(text("old"))
  }
  const other = `${folder}${asked.get("file")}.ipynb`
  const file = kept.beside.includes(other) ? other : path
  tell(kept, file === path)

  show("step", text("opening"))
  at("bar").removeAttribute("value")
  at("loading").hidden = false
  const frame = at("lab")
  frame.title = text("lab")
  const query = new URLSearchParams({ path: file })
  const source = `${manifest.root}notebooks/index.html?${query}`
  const lab = await opened(frame, source)
  // Now, since it would only make JupyterLite wait.
  const loaded = load(manifest)
  lead(frame)
  watch(lab.panel)
  keepFirst(document, lab.panel.context)
  keepFirst(frame.contentDocument, lab.panel.context)
  if (document.activeElement === document.body) frame.focus()
  at("about").href = `${manifest.root}notices.html`
  at("actions").hidden = false
  at("download").onclick = async () => {
    await lab.panel.context.save()
    give(lab.panel.context.model.toJSON(), file.slice(folder.length))
  }
  at("over").hidden = file !== path
  at("over").onclick = async () => {
    if (!(await agreed(text("question"), text("explained"), true))) return
    await lab.panel.context.save()
    frame.remove()
    await transact((files) => copies.startOver(files, path, lesson, new Date()))
    location.reload()
  }
  await loaded
  await lab.panel.sessionContext.ready
  // Answered when Python has started.
  await lab.panel.sessionContext.session.kernel.requestExecute({
    code: "",
    silent: true,
    store_history: false,
  }).done
  at("loading").hidden = true
}

function tell(kept, isMine) {
  const stem = (path) => path.slice(folder.length, -".ipynb".length)
  if (kept.done) show("notice", text(kept.done))
  const links = isMine ? kept.beside.map(stem) : [name]
  if (!links.length) return
  show("notice", `${text(isMine ? "beside" : "besides")} `)
  for (const file of links) {
    const link = document.createElement("a")
    link.href = address(name, file === name ? "" : file)
    link.textContent = `${file}.ipynb`
    at("notice").append(link, " ")
  }
}

main().catch((error) => {
  at("loading").hidden = true
  if (!(error instanceof Problem)) console.error(error)
  show("problem", error instanceof Problem ? error.message : text("stopped"))
})
