// Runs the code cells of a notebook in the browser's Python, and writes their outputs.
//
//     node run_lesson.mjs LITE NOTEBOOK [CACHE] > outputs.json
//
// LITE is the folder of the built JupyterLite. The settings, the packages and the way of
// a cell through the kernel are those of the page (the worker of the Pyodide kernel),
// but for what draws in a browser. In the folder CACHE the compiled modules are kept, for
// the next lesson that runs with the same LITE.

import { readFileSync } from "node:fs"
import path from "node:path"
import { pathToFileURL } from "node:url"

const [lite, notebook, cache] = process.argv
  .slice(2)
  .map((name) => path.resolve(name))
const read = (name) => JSON.parse(readFileSync(name, "utf-8"))

const settings = read(path.join(lite, "jupyter-lite.json"))["jupyter-config-data"]
  .litePluginSettings["@jupyterlite/pyodide-kernel-extension:kernel"]
const options = settings.loadPyodideOptions
const { loadPyodide } = await import(
  pathToFileURL(path.join(lite, settings.pyodideUrl)).href
)

// What Python writes past its streams goes to this program's error stream.
const beside = (text) => process.stderr.write(`${text}\n`)
// Whoever asks for another host than the page's gets no answer, and is named.
globalThis.fetch = (address) => {
  beside(`asked for ${address}`)
  return Promise.reject(new TypeError("Failed to fetch"))
}

const python = await loadPyodide({
  ...options,
  lockFileURL: path.join(lite, options.lockFileURL),
  stdout: beside,
  stderr: beside,
})
if (cache) {
  python.FS.mkdir("/compiled")
  python.FS.mount(python.FS.filesystems.NODEFS, { root: cache }, "/compiled")
  // What was compiled counts as long as the time of the source is the same.
  python.runPython(`
    import os, sys
    sys.pycache_prefix, sys.dont_write_bytecode = "/compiled", False
    for folder, _, files in os.walk("/lib"):
        for file in files:
            if file.endswith(".py"):
                os.utime(os.path.join(folder, file), (0, 0))
  `)
}
await python.runPythonAsync("import pyodide_kernel")
const module = python.globals.get("pyodide_kernel")
const kernel = module.kernel_instance
const shell = kernel.interpreter

const plain = (proxy) =>
  proxy instanceof python.ffi.PyProxy
    ? proxy.toJs({ dict_converter: Object.fromEntries })
    : proxy

let outputs
const say = (name, text) => outputs.push({ output_type: "stream", name, text })
module.stdout_stream.publish_stream_callback = say
module.stderr_stream.publish_stream_callback = say
shell.display_pub.display_data_callback = (data, metadata) =>
  outputs.push({ output_type: "display_data", data: plain(data), metadata: {} })
shell.display_pub.update_display_data_callback = (data) =>
  outputs.push({ output_type: "update_display_data", data: plain(data), metadata: {} })
shell.display_pub.clear_output_callback = () => (outputs.length = 0)
shell.displayhook.publish_execution_result = (count, data) =>
  outputs.push({
    output_type: "execute_result",
    execution_count: count,
    data: plain(data),
    metadata: {},
  })
kernel._parent_header = python.toPy({ header: {} })

const cells = read(notebook).cells.filter((cell) => cell.cell_type === "code")
const ran = []
for (const cell of cells) {
  outputs = []
  const started = performance.now()
  const reply = plain(await kernel.run([cell.source].flat().join("")))
  if (reply.status === "error") {
    const { ename, evalue, traceback } = reply
    outputs.push({ output_type: "error", ename, evalue, traceback })
  }
  ran.push({ outputs, seconds: (performance.now() - started) / 1000 })
}
process.stdout.write(JSON.stringify(ran), () => process.exit())
