// The store of JupyterLite's files in this browser, read and written in transactions:
// two tabs never see each other's half-done work.

// As configured in build_lite.py; the name of the store is JupyterLite's.
const DATABASE = "Downhill"
const STORE = "files"

const promised = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

async function open(version) {
  const request = indexedDB.open(DATABASE, version)
  request.onupgradeneeded = () => {
    if (!request.result.objectStoreNames.contains(STORE)) {
      request.result.createObjectStore(STORE)
    }
  }
  const database = await promised(request)
  if (database.objectStoreNames.contains(STORE)) return database
  database.close()
  return open(database.version + 1)
}

// Give what `work` makes of the files, once all that it wrote is kept.
export async function transact(work) {
  const database = await open()
  try {
    const transaction = database.transaction(STORE, "readwrite")
    const store = transaction.objectStore(STORE)
    const kept = new Promise((resolve, reject) => {
      transaction.oncomplete = resolve
      transaction.onabort = () => reject(transaction.error)
    })
    const result = work({
      get: (path) => promised(store.get(path)),
      put: (model) => promised(store.put(model, model.path)),
      remove: (path) => promised(store.delete(path)),
      keys: () => promised(store.getAllKeys()),
    })
    result.catch(() => transaction.abort())
    return (await Promise.all([result, kept]))[0]
  } finally {
    database.close()
  }
}
