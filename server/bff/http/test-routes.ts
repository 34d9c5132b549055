import { createHash } from 'node:crypto'
import type { RouteDefinition } from '@rebootless/shared/contract/route.ts'
import { type RouteKey, routes } from '@rebootless/shared/contract/routes.ts'

/** Of no host, user, token or anything. */
export const NOWHERE = '5f0c1d6e-0000-4000-8000-000000000000'

export const routeKeys = Object.keys(routes) as RouteKey[]
export const definitionOf = (key: RouteKey): RouteDefinition => routes[key]
export const methodOf = (key: RouteKey): string => key.split(' ')[0] ?? ''

/** What a parameter of a path may look like; the first that its schema takes stands in for it. */
const digest = createHash('sha256').update(NOWHERE)
const CANDIDATES = [
  NOWHERE,
  digest.copy().digest('hex'),
  digest.copy().digest('base64url'),
  '1',
  'x',
  'CVE-1999-0001',
  'disk-full',
]

/** The route's path with an id where it names one; other parameters get text that is well formed and of nothing. */
export const pathOf = (key: RouteKey, id: string = NOWHERE): string => {
  const path = key.split(' ')[1] ?? ''
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
  if (names.length === 0) return path
  const { params } = definitionOf(key)
  const found = [id, ...CANDIDATES].find(
    (text) => params?.safeParse(Object.fromEntries(names.map((name) => [name, text]))).success,
  )
  if (found === undefined) throw new Error(`no example of a path of ${key}: add what its schema takes`)
  return path.replace(/:\w+/g, found)
}

/** What a write sends when nothing is known of its body but that there is one. */
export const bareBody = (key: RouteKey): { body?: object } => (definitionOf(key).body === undefined ? {} : { body: {} })
