// Keeps what runs a lesson, so that it runs without a network once it was loaded.
//
// The files below lite/NAME/ never change: NAME is made of what is in them. They are
// taken from the cache of that name. The page and the lessons are asked for anew each
// time, and taken from what was kept only without a network: no lesson is ever stale.

const BUILT = /^lite\/[0-9a-f]{12}\//
const PAGE = /^(run\.html|run\/.*|(\w+\/)?_sources\/.*|lite\/manifest\.json)$/

self.addEventListener("install", () => self.skipWaiting())
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()))

self.addEventListener("fetch", (event) => {
  const { request } = event
  const root = self.registration.scope
  if (request.method !== "GET" || !request.url.startsWith(root)) return
  const path = new URL(request.url).pathname.slice(new URL(root).pathname.length)
  const built = BUILT.exec(path)
  if (built) event.respondWith(once(`downhill ${built[0]}`, request))
  else if (PAGE.test(path)) event.respondWith(anew(request))
})

// Answers on their way: who asks for the same meanwhile waits for them.
const coming = new Map()

async function once(name, request) {
  const cache = await caches.open(name)
  const key = request.url.split("?")[0]
  const kept = await cache.match(key)
  if (kept) return kept
  if (coming.has(key)) {
    await coming.get(key)
    return once(name, request)
  }
  let arrived
  coming.set(key, new Promise((resolve) => (arrived = resolve)))
  const end = () => {
    coming.delete(key)
    arrived()
  }
  try {
    const answer = await fetch(request)
    if (answer.status === 200) {
      // The disk may be full: then the answer is not kept.
      cache.put(key, answer.clone()).catch(() => {}).then(end)
    } else end()
    return answer
  } catch (error) {
    end()
    throw error
  }
}

async function anew(request) {
  const cache = await caches.open("downhill page")
  const key = request.url.split("?")[0]
  try {
    const answer = await fetch(request.url, { cache: "no-cache" })
    // A page that was fetched under another address may not stand for this one.
    if (answer.redirected) return Response.redirect(answer.url)
    if (answer.status === 200) await cache.put(key, answer.clone())
    return answer
  } catch (error) {
    const kept = await cache.match(key)
    if (kept) return kept
    throw error
  }
}
