import { AsyncLocalStorage } from 'node:async_hooks'

const storage = new AsyncLocalStorage<string>()

/** Runs something as part of a trace: what is stored meanwhile can be told as part of it later. */
export const withTraceParent = <T>(traceParent: string, run: () => T): T => storage.run(traceParent, run)

/** `00-TRACE-SPAN-01` (W3C Trace Context, 3.2) of the request that is answered; null: none, or nobody collects traces. */
export const currentTraceParent = (): string | null => storage.getStore() ?? null
