import type { ExposureFacts } from '../../contract/exposure.ts'

type Livepatch = ExposureFacts['livepatches'][number]

/** What a rollout does to the livepatches of one host. */
export type LivepatchChange =
  /** `replace`: cumulative, so all others go out (Documentation/livepatch/cumulative-patches.rst). */
  | { readonly kind: 'load'; readonly livepatch: Livepatch; readonly replace: boolean }
  | { readonly kind: 'disable'; readonly patch: string }
  /** By a vendor's tool, whose later patches have what its earlier ones fixed. */
  | {
      readonly kind: 'update'
      readonly provider: string
      readonly level: string | null
      readonly cves: readonly string[]
    }

const byName = (left: Livepatch, right: Livepatch) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0)

const without = (facts: ExposureFacts, name: string): ExposureFacts => ({
  ...facts,
  livepatches: facts.livepatches.filter((livepatch) => livepatch.name !== name),
})

const add = (facts: ExposureFacts, livepatch: Livepatch): ExposureFacts => ({
  ...facts,
  livepatches: [...without(facts, livepatch.name).livepatches, livepatch].sort(byName),
})

/** How a host of these facts would be seen after the change had come into effect. */
export const changedFacts = (facts: ExposureFacts, change: LivepatchChange): ExposureFacts => {
  switch (change.kind) {
    case 'load': {
      const there = facts.livepatches.find(({ name }) => name === change.livepatch.name)
      const livepatch =
        there === undefined ? change.livepatch : { ...there, catalogueCves: change.livepatch.catalogueCves }
      return add(change.replace ? { ...facts, livepatches: [] } : facts, livepatch)
    }
    case 'disable':
      return without(facts, change.patch)
    case 'update':
      return updated(facts, change)
  }
}

const updated = (
  facts: ExposureFacts,
  { provider, level, cves }: Extract<LivepatchChange, { kind: 'update' }>,
): ExposureFacts =>
  cves.length === 0
    ? facts
    : add(facts, {
        ...{ name: level === null ? provider : `${provider} ${level}`, provider, version: null, cves: [] },
        catalogueCves: [...cves],
      })

/** The same after the change was undone: what a cumulative livepatch replaced does not come back by itself. */
export const undoneFacts = (after: ExposureFacts, change: LivepatchChange): ExposureFacts | null =>
  change.kind === 'load' ? without(after, change.livepatch.name) : null
