import type { NewPushSubscription } from '@rebootless/shared/contract/push-subscriptions.ts'
import { ENDPOINT_PURPOSE } from '@rebootless/shared/domain/channel-words.ts'
import { ownScriptUrl } from '../../ui/own-script.ts'

const ANSWER_MS_MAX = 30_000
/** While pages are developed the worker is not built. */
const WORKER = import.meta.env.DEV ? '/src/features/push/push-worker.ts' : '/push-worker.js'

/** Safari of iPadOS calls itself one of a Mac, which has no touch screen. */
const isApple = (): boolean =>
  /iPhone|iPad/.test(navigator.userAgent) || (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1)

/** Why this browser cannot be sent notifications, in a sentence; null: it can. */
export const whyNot = (): string | null => {
  if (!isSecureContext) return 'Browsers take notifications only from addresses with TLS, or from this machine itself.'
  if (!('serviceWorker' in navigator) || !('PushManager' in globalThis) || !('Notification' in globalThis)) {
    return isApple()
      ? 'On an iPhone or iPad notifications come to an installed page alone: Share, Add to Home Screen, and open Rebootless from there.'
      : 'This browser takes no notifications from servers.'
  }
  if (Notification.permission === 'denied') {
    return 'Notifications from this address are blocked: allow them in the browser’s settings, then load this page again.'
  }
  return null
}

/** As the server has it of each browser. */
export const fingerprintOf = async (endpoint: string): Promise<string> => {
  const bytes = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${ENDPOINT_PURPOSE}${endpoint}`))
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Of this browser, if it is subscribed; asks nobody for anything. */
export const ownFingerprint = async (): Promise<string | null> => {
  if (whyNot() !== null) return null
  const registration = await navigator.serviceWorker.getRegistration()
  const subscription = await registration?.pushManager.getSubscription()
  return subscription == null ? null : fingerprintOf(subscription.endpoint)
}

const bytesOf = (base64url: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (character) => character.charCodeAt(0))

/** A browser that does not reach its push service may try for ever. */
const late = (): Promise<never> =>
  new Promise((_, reject) => setTimeout(() => reject(new Error('no answer')), ANSWER_MS_MAX))

/** Push API, `subscribe()`: NotAllowedError without permission; what its push service did comes as an AbortError of any words. */
const whySubscribingFailed = (error: unknown): string =>
  error instanceof DOMException && error.name === 'NotAllowedError'
    ? 'The browser does not allow this page notifications: allow them in its settings, then try again.'
    : 'The browser got no address from the push service of its maker. A private window never gets one. Otherwise see that the browser is online, and that the service is not switched off in it or blocked on the way; then try again.'

/** Asks for permission, and what the server must know. @throws Error with a sentence to show */
export const subscribeHere = async (publicKey: string): Promise<Pick<NewPushSubscription, 'endpoint' | 'keys'>> => {
  if ((await Notification.requestPermission()) !== 'granted')
    throw new Error('The browser was not allowed to show them.')
  await navigator.serviceWorker.register(ownScriptUrl(WORKER), { type: 'module', updateViaCache: 'none' })
  const { pushManager } = await navigator.serviceWorker.ready
  const options = { userVisibleOnly: true, applicationServerKey: bytesOf(publicKey) }
  const subscribed = pushManager.subscribe(options).catch(async () => {
    // Of another key, such as of a server that was set up anew at this address.
    await (await pushManager.getSubscription())?.unsubscribe()
    return pushManager.subscribe(options)
  })
  const subscription = await Promise.race([subscribed, late()]).catch((error: unknown) => {
    throw new Error(whySubscribingFailed(error))
  })
  const { endpoint, keys } = subscription.toJSON()
  if (endpoint === undefined || keys?.p256dh === undefined || keys.auth === undefined) {
    throw new Error('The browser gave no address to send to.')
  }
  return { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } }
}

/** What goes no more to this browser need not be there. */
export const unsubscribeHere = async (): Promise<void> => {
  const registration = await navigator.serviceWorker.getRegistration()
  await (await registration?.pushManager.getSubscription())?.unsubscribe()
}
