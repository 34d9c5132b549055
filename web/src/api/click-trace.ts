let clickedAt = 0
addEventListener(
  'click',
  ({ timeStamp }) => {
    clickedAt = timeStamp
  },
  true,
)

/** A request so long after a click is the page's own doing. Keys that press a button click it too (HTML, "activation behavior"). */
const CLICK_MS = 2_000

/**
 * Begins a trace (W3C Trace Context, 3.2) at the click that a request comes of.
 * @returns undefined: nobody has clicked
 */
export const traceClick = (send: typeof fetch, route: string) => {
  const began = clickedAt
  if (began === 0 || performance.now() - began > CLICK_MS) return undefined
  const ids = Array.from(crypto.getRandomValues(new Uint8Array(24)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )
  const traceParent = `00-${ids.slice(0, 32)}-${ids.slice(32)}-01`
  return {
    traceParent,
    /** Tells how long the click took, to a server that says it collects traces. */
    answered({ status, headers }: Response): void {
      if (!headers.has('traceresponse')) return
      const body = JSON.stringify({ route, traceParent, tookMs: performance.now() - began, status })
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body, keepalive: true }
      // Nobody waits for it, and nothing is lost with it.
      send('/api/v1/click-spans', init).catch(() => undefined)
    },
  }
}
