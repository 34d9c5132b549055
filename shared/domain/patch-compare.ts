import { CALLBACK_KINDS, type ModuleFacts } from '../contract/module-facts.ts'
import type { PatchComparison } from '../contract/patch-comparison.ts'

export interface ComparedModule {
  readonly id: string
  readonly releaseCounter: number
  readonly facts: ModuleFacts
  /** All that it is known to fix. */
  readonly cves: readonly string[]
}

type Side = 'both' | 'left' | 'right'
const sideOf = (left: boolean, right: boolean): Side => (left && right ? 'both' : left ? 'left' : 'right')
const compare = (left: string, right: string) => (left === right ? 0 : left < right ? -1 : 1)
const yesNo = (value: boolean | null) => (value === null ? null : value ? 'yes' : 'no')

/** What two modules do, side by side. Whether a function's new code is the same, no file says. */
export const comparePatches = (left: ComparedModule, right: ComparedModule): PatchComparison => {
  const functions = comparedFunctions(left.facts, right.facts)
  const count = (side: Side) => functions.filter((one) => one.in === side).length
  const counts = { both: count('both'), left: count('left'), right: count('right') }
  return {
    left: referenceOf(left),
    right: referenceOf(right),
    unread: unreadOf(left.facts, right.facts),
    fields: comparedFields(left.facts, right.facts),
    functions,
    counts,
    callbacks: comparedCallbacks(left.facts, right.facts),
    cves: [...new Set([...left.cves, ...right.cves])]
      .sort()
      .map((cve) => ({ cve, in: sideOf(left.cves.includes(cve), right.cves.includes(cve)) })),
    states: comparedStates(left.facts, right.facts),
    summary: summaryOf(left.facts, right.facts, counts),
  }
}

const referenceOf = ({ id, releaseCounter, facts }: ComparedModule) => ({
  ...{ id, name: facts.name, release: facts.release, releaseCounter },
})

const unreadOf = (left: ModuleFacts, right: ModuleFacts): string | null => {
  const unread = [left, right].filter(({ objects }) => objects === null)
  if (unread.length === 0) return null
  const why = unread.map(({ name, unread: reason }) => `of ${name}${reason === null ? '' : ` (${reason})`}`)
  return `Functions cannot be compared: those ${why.join(' and those ')} could not be read.`
}

const comparedFields = (left: ModuleFacts, right: ModuleFacts): PatchComparison['fields'] => {
  const field = (name: string, of: (facts: ModuleFacts) => string | null) => {
    const [one, other] = [of(left), of(right)]
    return { field: name, left: one, right: other, same: one === other }
  }
  return [
    field('name', ({ name }) => name),
    field('release', ({ release }) => release),
    field('architecture', ({ architecture }) => architecture),
    field('version', ({ version }) => version),
    field('srcversion', ({ srcversion }) => srcversion),
    field('maker', ({ maker }) => maker),
    field('cumulative', ({ replace }) => yesNo(replace)),
    field('signer', ({ signature }) => signature?.signer ?? signature?.keyId ?? null),
    field('symbol versions', ({ modversions }) => yesNo(modversions)),
    field('depends', ({ depends }) => (depends.length === 0 ? 'nothing' : depends.join(', ')).slice(0, 300)),
    field('shadow variables', ({ shadowVariables }) => shadowVariables.join(', ').slice(0, 300) || 'none'),
  ]
}

/** By object, name and position; only where both sides were read. */
const functionsOf = ({ objects }: ModuleFacts) =>
  new Map(
    (objects ?? []).flatMap(({ name, functions }) =>
      functions.map((one) => {
        const object = name ?? 'vmlinux'
        // 0 and 1 name the same function where there is only one of its name, and the kernel shows 1 for both.
        const sympos = Math.max(1, one.sympos)
        return [JSON.stringify([object, one.name, sympos]), { ...one, object, sympos }] as const
      }),
    ),
  )

const comparedFunctions = (left: ModuleFacts, right: ModuleFacts): PatchComparison['functions'] => {
  if (left.objects === null || right.objects === null) return []
  const [ofLeft, ofRight] = [functionsOf(left), functionsOf(right)]
  return [...new Map([...ofLeft, ...ofRight])]
    .map(([key, { object, name, sympos }]) => ({
      ...{ object, name, sympos, in: sideOf(ofLeft.has(key), ofRight.has(key)) },
      leftReplacement: ofLeft.get(key)?.replacement ?? null,
      rightReplacement: ofRight.get(key)?.replacement ?? null,
    }))
    .sort(
      (one, other) => compare(one.object, other.object) || compare(one.name, other.name) || one.sympos - other.sympos,
    )
}

const comparedCallbacks = (left: ModuleFacts, right: ModuleFacts): PatchComparison['callbacks'] => {
  const of = ({ objects }: ModuleFacts) =>
    new Map((objects ?? []).map(({ name, callbacks }) => [name ?? 'vmlinux', callbacks]))
  const [ofLeft, ofRight] = [of(left), of(right)]
  return [...new Set([...ofLeft.keys(), ...ofRight.keys()])].sort().flatMap((object) =>
    CALLBACK_KINDS.flatMap((callback) => {
      const [one, other] = [ofLeft.get(object)?.includes(callback), ofRight.get(object)?.includes(callback)]
      return one || other ? [{ object, callback, in: sideOf(one === true, other === true) }] : []
    }),
  )
}

const comparedStates = (left: ModuleFacts, right: ModuleFacts): PatchComparison['states'] => {
  const of = ({ states }: ModuleFacts) => new Map((states ?? []).map(({ id, version }) => [id, version]))
  const [ofLeft, ofRight] = [of(left), of(right)]
  return [...new Set([...ofLeft.keys(), ...ofRight.keys()])]
    .sort((one, other) => one.length - other.length || compare(one, other))
    .map((id) => ({ id, left: ofLeft.get(id) ?? null, right: ofRight.get(id) ?? null }))
}

/** Livepatches are of one kernel: of two kernels' only the lists can be compared (livepatch.rst, "Limitations"). */
const summaryOf = (left: ModuleFacts, right: ModuleFacts, counts: PatchComparison['counts']): string => {
  if (left.release !== right.release || left.architecture !== right.architecture) {
    return `They are for different kernels, ${left.release} (${left.architecture}) and ${right.release} (${right.architecture}): no host can have both.`
  }
  if (left.name === right.name) {
    return `Both are named ${left.name}, and a kernel holds one module of a name: to load ${right.version ?? 'the right one'}, the left one must be taken out first.`
  }
  if (right.replace === null) return `Whether ${right.name} takes the place of ${left.name} is not known.`
  if (!right.replace) {
    const both = counts.both === 0 ? '' : ` For the ${counts.both} functions that both change, ${right.name} counts.`
    return `Loaded after ${left.name}, ${right.name} goes on top of it, and both stay.${both}`
  }
  const back =
    counts.left === 0 ? '' : ` ${counts.left} functions that only ${left.name} changes go back to the original.`
  return `Loaded after ${left.name}, ${right.name} takes its place.${back}`
}
