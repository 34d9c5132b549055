import type { GuardedFetch } from '../../outgoing/guarded-fetch.ts'

export const JSON_TYPE = { 'content-type': 'application/json', accept: 'application/json', 'user-agent': 'Rebootless' }

export const postJson = (
  fetch: GuardedFetch,
  address: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> =>
  fetch(address, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body: JSON.stringify(body) })

/** An address below another that may end with slashes. */
export const below = (address: string, path: string): string => `${address.replace(/\/+$/, '')}${path}`
