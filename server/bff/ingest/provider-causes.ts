import type { HostAccount } from '@rebootless/shared/domain/host-account.ts'
import { providerTitle } from '@rebootless/shared/domain/provider-facts.ts'
import { ACCESS_TROUBLES, type ProviderNeed } from '@rebootless/shared/domain/provider-needs.ts'
import { rivalSystems, whyNotBoth } from '@rebootless/shared/domain/rival-systems.ts'
import type { AccessState, HostState } from '@rebootless/shared/domain/words.ts'
import { cause, filterOfCause, type HostCause, keyOf } from './host-cause.ts'

/** Says the same for all hosts of a cause, so nothing of a single one. */
const wordsOf = ({ kind, provider, about }: ProviderNeed): Pick<HostCause, 'title' | 'explanation'> => {
  const system = providerTitle(provider)
  switch (kind) {
    case 'failed':
      return {
        title: `${system} could not ${about === '' ? 'make its last change' : `apply ${about}`}`,
        explanation: 'What its tool said stands on the page of each host, with the processes in its way.',
      }
    case 'withdrawn':
      return {
        title: `${about} has been withdrawn`,
        explanation: `Its vendor has taken it back, but it is still in these kernels: take it out with ${system}.`,
      }
    case 'behind':
      return {
        title: `${system} offers what is not in yet`,
        explanation: 'There are fixes that these kernels lack: apply them, or see why that does not happen by itself.',
      }
    case 'ended':
      return {
        title: `${system} gets no more patches for the kernel that runs`,
        explanation: 'Further fixes come only with a newer kernel: plan a reboot.',
      }
    case 'access':
      return {
        title: `${system} ${ACCESS_TROUBLES[about as AccessState] ?? 'gets no patches'}`,
        explanation: 'What it has applied stays in effect, but no more patches come until that is mended.',
      }
    case 'trouble':
      return {
        title: `Part of what ${system} tells cannot be read`,
        explanation: 'Its tool or one of its files fails: the page of each host has what it said.',
      }
    case 'unreadable':
      return {
        title: `${system} cannot be read`,
        explanation: 'Its tool or its files fail, so what it has in the kernel is not known: see what it said.',
      }
  }
}

/** The filter finds the hosts of a cause by its key: states and providers alone would find others too. */
const keyed = (state: HostState, key: string, words: Pick<HostCause, 'title' | 'explanation'>): HostCause =>
  cause({ key, ...words, filter: filterOfCause(state, key) })

const ofNeed = (state: HostState, need: ProviderNeed): HostCause =>
  keyed(state, keyOf(`${need.provider}-${need.kind}`, ...(need.about === '' ? [] : [need.about])), wordsOf(need))

/** Two systems at once, which the account tells of first, and by system what else disagrees. */
const ofDisagreements = (state: HostState, account: HostAccount): HostCause[] => {
  const rivals = rivalSystems({ reports: account.providers, effective: account.effective })
  const twoSystems = rivals.map(({ first, other }) => {
    const names = [first.name, other.name].sort()
    return keyed(state, keyOf('two-systems', ...names), {
      title: `${names.map(providerTitle).join(' and ')} patch one kernel`,
      explanation: `${whyNotBoth(first.name, other.name)} Leave one of them on.`,
    })
  })
  const disagreeing = new Set(account.disagreements.slice(rivals.length).map(({ provider }) => provider))
  const bySystem = [...disagreeing].map((provider) =>
    keyed(state, keyOf(`${provider}-disagrees`), {
      title: `${providerTitle(provider)} and the kernel disagree`,
      explanation: 'What the tool says cannot be so by what the kernel shows: the page of each host has both.',
    }),
  )
  return [...twoSystems, ...bySystem]
}

/** Why a person has to look into the systems on a host, whatever else its state says. */
export const providerCauses = (state: HostState, account: HostAccount, needs: readonly ProviderNeed[]): HostCause[] => [
  ...needs.map((need) => ofNeed(state, need)),
  ...ofDisagreements(state, account),
]
