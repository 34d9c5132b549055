import * as z from 'zod'

const TOOK_MS_MAX = 10 * 60_000

/** What a page tells of a click whose request was traced. A duration and no times: a browser's clock is its own. */
export const ClickSpan = z.strictObject({
  /** As the contract names it, `POST /api/v1/authorisations`. */
  route: z.string().max(200),
  /** As the request carried it (W3C Trace Context, 3.2): the click is the parent of the request. */
  traceParent: z.string().regex(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/),
  /** From the click until the answer was there, milliseconds. */
  tookMs: z.number().min(0).max(TOOK_MS_MAX),
  status: z.int().min(100).max(599),
})
export type ClickSpan = z.infer<typeof ClickSpan>
