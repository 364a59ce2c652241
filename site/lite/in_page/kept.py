"""Keeps in the browser which exercises were solved, for `d2l.progress()`.

The record is a text to which lines are only added (`d2l_utils.exercises.records`), in
a file that is gone when the page is closed. So its lines go into a database of the
browser, too, from where all tabs and the next start have them.
"""

import asyncio
import contextlib
import functools

import js
from pyodide.code import run_js
from pyodide.ffi import JsException, to_js

from d2l_utils.exercises import records

# Adds lines to those in the database, and gives all of them.
SHARE = """
(() => {
  const done = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
  return async (lines) => {
    const opening = indexedDB.open("Downhill progress", 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore("lines")
    const database = await done(opening)
    try {
      const store = database.transaction("lines", "readwrite").objectStore("lines")
      for (const line of lines) store.put("", line)
      return await done(store.getAllKeys())
    } finally {
      database.close()
    }
  }
})()
"""


async def share(database):
    """Bring the record and the database to the same lines."""
    file = records.path()
    text = file.read_text("utf-8") if file.is_file() else ""
    mine = {line for line in text.splitlines() if line}
    # A browser that stores nothing is one where progress ends with the page.
    with contextlib.suppress(JsException):
        for line in await database(to_js(sorted(mine))):
            if line not in mine:
                records.note(*line.split())


def install():
    """Share what is known now, and later each line that is added."""
    if not hasattr(js, "indexedDB"):
        return
    database, note = run_js(SHARE), records.note
    running = set()  # who else remembers them?

    def start():
        task = asyncio.ensure_future(share(database))
        running.add(task)
        task.add_done_callback(running.discard)

    @functools.wraps(note)
    def noted(name, state):
        note(name, state)
        start()

    start()
    records.note = noted
