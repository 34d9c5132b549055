import type { FleetCounts } from '@rebootless/shared/contract/fleet.ts'
import { HOST_ORIGINS, HOST_STATES } from '@rebootless/shared/domain/words.ts'
import type { FleetShare } from '../hosts/fleet-shares.ts'

const KERNELS_MAX = 50
const PROVIDERS_MAX = 32

const zeros = <Word extends string>(words: readonly Word[]) =>
  Object.fromEntries(words.map((word) => [word, 0])) as Record<Word, number>

/** Most hosts first; of as many the word that comes first. */
const most = (counts: ReadonlyMap<string, number>, atMost: number): [string, number][] =>
  [...counts].sort(([left, hosts], [right, others]) => others - hosts || (left < right ? -1 : 1)).slice(0, atMost)

/** Hosts by state, origin, kernel and provider. A host whose kernel was not read has none. */
export const sumShares = (shares: readonly FleetShare[]): Omit<FleetCounts, 'asOf'> => {
  const [byState, byOrigin] = [zeros(HOST_STATES), zeros(HOST_ORIGINS)]
  const [kernels, providers] = [new Map<string, number>(), new Map<string, number>()]
  let total = 0
  for (const { state, origin, kernelRelease, providers: found, hosts } of shares) {
    total += hosts
    byState[state] += hosts
    byOrigin[origin] += hosts
    if (kernelRelease !== '') kernels.set(kernelRelease, (kernels.get(kernelRelease) ?? 0) + hosts)
    for (const provider of found) providers.set(provider, (providers.get(provider) ?? 0) + hosts)
  }
  return {
    ...{ total, byState, byOrigin },
    byKernel: most(kernels, KERNELS_MAX).map(([kernelRelease, count]) => ({ kernelRelease, count })),
    byProvider: most(providers, PROVIDERS_MAX).map(([provider, count]) => ({ provider, count })),
  }
}
