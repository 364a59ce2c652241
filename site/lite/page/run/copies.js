// The reader's copies of the lessons, with the promise of my_lessons (working_copy.py):
// an unchanged copy follows the course, a changed one stays and the newer lesson is put
// beside it, and nothing is ever deleted: what is replaced moves to .old. What counts
// is the text of the cells, not their outputs.
//
// `files` is a store within one transaction: get, put, remove and keys, by path, each a
// promise. It holds what JupyterLite keeps there, models of files.

// The text of a lesson's cells; null if it is no notebook. Ends of lines and empty
// cells at its end, which JupyterLab appends, do not count.
export function version(model) {
  try {
    const cells = model.content.cells.map((cell) => [
      cell.cell_type,
      [cell.source].flat().join("").replaceAll("\r\n", "\n").replace(/\n+$/, ""),
    ])
    while (cells.length && !cells.at(-1)[1]) cells.pop()
    return JSON.stringify(cells)
  } catch {
    return null
  }
}

// A file may have a text as a list of its lines, but JupyterLite shows the list.
function joined(lines) {
  const isText = Array.isArray(lines) && lines.every((x) => typeof x === "string")
  return isText ? lines.join("") : lines
}

// A lesson as a reader is to find it: what is to be predicted is not there yet. Its
// figures may be used at once: they come from this site.
export function forReader(notebook) {
  const lesson = structuredClone(notebook)
  for (const cell of lesson.cells) {
    cell.source = joined(cell.source)
    if (cell.cell_type !== "code") continue
    for (const { data } of cell.outputs) {
      for (const kind in data) data[kind] = joined(data[kind])
    }
    if (cell.metadata.tags?.includes("hide-output")) {
      cell.outputs = []
      cell.execution_count = null
    }
    cell.metadata.trusted = true
  }
  return lesson
}

// The same without what only this page knows of.
export function forDownload(notebook) {
  const lesson = structuredClone(notebook)
  for (const cell of lesson.cells) delete cell.metadata.trusted
  return lesson
}

// What JupyterLite keeps of a file.
export function model(path, content, now) {
  const time = now.toISOString()
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    path,
    created: time,
    last_modified: time,
    format: "json",
    mimetype: "application/json",
    content,
    size: JSON.stringify(content).length,
    writable: true,
    type: path.endsWith(".ipynb") ? "notebook" : "file",
  }
}

const folder = (path) => path.slice(0, path.lastIndexOf("/") + 1)
const stem = (path) => path.slice(folder(path).length, -".ipynb".length)
const notes = (path) => `${folder(path)}.downhill/${stem(path)}.json`
const olds = (path) => `${folder(path)}.old/${stem(path)}_`

// Which versions the copy and the files beside it came from, and the newest one that
// was put beside a changed copy.
async function recall(files, path) {
  const kept = (await files.get(notes(path)))?.content
  return { origin: null, offered: null, beside: {}, ...kept }
}

// Whether a file is one of these versions: the reader has not changed it.
function known(record, copy) {
  const versions = [record.origin, ...Object.values(record.beside)]
  return version(copy) !== null && versions.includes(version(copy))
}

// A name in .old that no file has.
async function setAside(files, path, now) {
  const keys = await files.keys()
  // By the reader's clock: 2026-11-29_10.05.00, which Swedish comes closest to.
  const time = now.toLocaleString("sv").replace(" ", "_").replaceAll(":", ".")
  let target = `${olds(path)}${time}.ipynb`
  for (let n = 2; keys.includes(target); n++) target = `${olds(path)}${time}_${n}.ipynb`
  const copy = await files.get(path)
  await files.put({ ...copy, name: target.slice(folder(target).length), path: target })
  await files.remove(path)
}

// Set aside those of the files beside a copy that the reader has not changed.
async function clear(files, path, record, now) {
  for (const name of Object.keys(record.beside)) {
    const copy = await files.get(name)
    if (copy && !known(record, copy)) continue
    if (copy) await setAside(files, name, now)
    delete record.beside[name]
  }
}

const beside = (path, keys) => {
  const name = new RegExp(`^${stem(path)}_new\\d*$`)
  return keys.filter((key) => folder(key) === folder(path) && name.test(stem(key)))
}

// Bring the copy of a lesson up to date. Gives what was done, "" or "renewed", and the
// files beside the copy.
export async function follow(files, path, lesson, now) {
  const record = await recall(files, path)
  const newest = version({ content: lesson })
  let copy = await files.get(path)
  let done = ""
  if (copy && version(copy) !== newest && known(record, copy)) {
    await setAside(files, path, now)
    copy = undefined
    done = "renewed"
  }
  if (!copy) await files.put(model(path, lesson, now))
  const mine = copy ? version(copy) : newest
  if (mine === newest) {
    Object.assign(record, { origin: newest, offered: null })
    await clear(files, path, record, now)
  } else if (
    ![record.origin, record.offered].includes(newest) ||
    (mine === null && !Object.keys(record.beside).length)
  ) {
    await clear(files, path, record, now)
    const keys = await files.keys()
    const name = (n) => `${path.slice(0, -".ipynb".length)}_new${n > 1 ? n : ""}.ipynb`
    let n = 1
    while (keys.includes(name(n))) n++
    await files.put(model(name(n), lesson, now))
    record.beside[name(n)] = record.offered = newest
  }
  await files.put(model(notes(path), record, now))
  return { done, beside: beside(path, await files.keys()) }
}

// Put in the fresh lesson; the copy moves to .old.
export async function startOver(files, path, lesson, now) {
  if (await files.get(path)) await setAside(files, path, now)
  return follow(files, path, lesson, now)
}

// The copies in .old, of a lesson and of what was beside it, the newest first.
export async function older(files, path) {
  const date = "\\d{4}-\\d\\d-\\d\\d_[\\d._]+"
  const pattern = new RegExp(`^(${stem(path)}(?:_new\\d*)?)_(${date})$`)
  const keys = (await files.keys()).filter((key) => folder(key) === folder(olds(path)))
  return keys
    .map((key) => ({ path: key, found: pattern.exec(stem(key)) }))
    .filter(({ found }) => found)
    .map(({ path: old, found: [, name, when] }) => ({ path: old, name, date: when }))
    .sort((a, b) => b.date.localeCompare(a.date) || a.name.localeCompare(b.name))
}
