import { noteOf, pathOf } from './received-note.ts'

/**
 * The service worker, built as /push-worker.js: it keeps no pages and answers no requests, it only shows what comes and opens what is
 * clicked. What it uses of a worker's globals is said here, since the types of pages and of workers do not go together.
 */
interface Extended {
  waitUntil(done: Promise<unknown>): void
}
interface Client {
  readonly url: string
  focus(): Promise<Client>
  navigate(url: string): Promise<unknown>
}
interface PushScope {
  readonly location: { readonly origin: string }
  readonly registration: { showNotification(title: string, options: object): Promise<void> }
  readonly clients: {
    matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly Client[]>
    openWindow(url: string): Promise<unknown>
  }
  skipWaiting(): Promise<void>
  addEventListener(type: 'install', listener: (event: Extended) => void): void
  addEventListener(type: 'push', listener: (event: Extended & { data: { text(): string } | null }) => void): void
  addEventListener(
    type: 'notificationclick',
    listener: (event: Extended & { notification: { data: unknown; close(): void } }) => void,
  ): void
}

const scope = globalThis as unknown as PushScope

scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()))

scope.addEventListener('push', (event) => {
  const { title, ...options } = noteOf(event.data?.text() ?? '')
  event.waitUntil(scope.registration.showNotification(title, options))
})

scope.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(pathOf(event.notification.data)))
})

/** In a window that is there, rather than in one more. */
const open = async (path: string): Promise<void> => {
  const { origin } = scope.location
  const [there] = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true })
  // A window that this worker does not control cannot be led elsewhere by it.
  const led = await there?.navigate(`${origin}${path}`).catch(() => undefined)
  if (there !== undefined && led !== undefined) await there.focus()
  else await scope.clients.openWindow(`${origin}${path}`)
}
