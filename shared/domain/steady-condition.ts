import type { Snapshot } from '../contract/snapshot.ts'
import type { HostAccount } from './host-account.ts'
import type { EffectivePatch } from './joined-patches.ts'
import { endsInLivepatch, providerTitle } from './provider-facts.ts'
import type { ProviderNeed } from './provider-needs.ts'
import { counted, listed } from './sentence.ts'
import type { HostState } from './words.ts'

interface Condition {
  state: HostState
  reason: string
}

const are = ({ length }: { length: number }) => (length === 1 ? 'is' : 'are')

/** Whether the kernel is patched, as far as anything tells; null: that is being decided. */
export const steadyCondition = (
  snapshot: Snapshot,
  account: HostAccount,
  needs: readonly ProviderNeed[],
): Condition | null => {
  const { statuses, effective } = account
  const unknown = statuses.filter(({ state }) => state === 'unknown').map(({ name }) => name)
  if (unknown.length > 0)
    return { state: 'stale', reason: `Whether ${listed(unknown)} ${are(unknown)} in effect could not be read.` }
  const protecting = effective.filter(({ protects }) => protects)
  if (protecting.length > 0) return { state: 'patched', reason: patchedReason(protecting, account) }
  // Whether it will be in effect is being decided.
  if (statuses.some(({ state }) => state === 'patching' || state === 'unpatching')) return null
  const blind = needs.find(
    // Of a system whose patches are livepatches, sysfs tells as well.
    ({ kind, provider }) => kind === 'unreadable' && !(endsInLivepatch(provider) && snapshot.livepatches !== null),
  )
  if (blind !== undefined) return { state: 'stale', reason: blind.reason }
  if (snapshot.livepatches === null) return withoutSysfs(snapshot, account, needs)
  const idle = statuses.filter(({ state }) => state === 'disabled' || state === 'superseded').map(({ name }) => name)
  if (idle.length > 0)
    return {
      state: 'exposed',
      reason: `${listed(idle)} ${are(idle)} loaded but disabled; ${idle.length === 1 ? 'its' : 'their'} fixes are not in effect.`,
    }
  return unprotected(snapshot, account, needs)
}

const patchedReason = (protecting: readonly EffectivePatch[], { effectiveKernel }: HostAccount): string => {
  const providers = [...new Set(protecting.map(({ provider }) => provider))]
  const shares = providers.map((provider) => {
    const names = protecting.filter((patch) => patch.provider === provider).map(({ name }) => name)
    // Livepatches are few, and are known by their names; Ksplice has an update for each fix.
    if (names.length === 1 || provider === 'livepatch' || endsInLivepatch(provider))
      return `${listed(names)} ${are(names)} in effect`
    return `${providerTitle(provider)} has ${counted(names.length, 'update')} in effect`
  })
  const kernel = effectiveKernel === null ? '' : `; the effective kernel is ${effectiveKernel}`
  return `${shares.join('; ')}${kernel}.`
}

const unprotected = (
  { distribution }: Snapshot,
  { providers, effective }: HostAccount,
  needs: readonly ProviderNeed[],
): Condition => {
  const names = effective.map(({ name }) => name)
  if (names.length > 0)
    return { state: 'exposed', reason: `Only ${listed(names)} ${are(names)} in effect, which fixes nothing by itself.` }
  const cause = needs.find(({ kind }) => kind === 'access')
  if (cause !== undefined) return { state: 'exposed', reason: `No live patch is in effect: ${cause.reason}` }
  const others = providers.filter(({ name }) => name !== 'livepatch').map(({ name }) => providerTitle(name))
  const none = 'No live patch is in effect'
  // Agents that read other systems read the distribution as well.
  if (others.length === 0 && distribution === null)
    return {
      state: 'exposed',
      reason: `${none}, as far as the livepatch provider can see; this agent reads no other system.`,
    }
  const reason =
    others.length === 0
      ? `${none}, and none of the live patching systems that the agent knows is installed.`
      : `${none}: ${listed(others)} ${are(others)} installed, but ${others.length === 1 ? 'has' : 'have'} none in this kernel.`
  return { state: 'exposed', reason }
}

const withoutSysfs = (snapshot: Snapshot, account: HostAccount, needs: readonly ProviderNeed[]): Condition => {
  const refusal = snapshot.unreadable.find(({ path }) => path === '/sys/kernel/livepatch')
  if (refusal !== undefined && refusal.errno !== 'ENOENT')
    return {
      state: 'stale',
      reason: `/sys/kernel/livepatch could not be read (${refusal.errno}), so nothing is known of this host's patches.`,
    }
  const { livepatchConfigured } = snapshot.kernel
  // With CONFIG_LIVEPATCH the directory is always there, so it is the agent that cannot see it: in a container, say.
  if (livepatchConfigured === true || snapshot.unreadable.some(({ path }) => path === '/sys/kernel'))
    return {
      state: 'stale',
      reason:
        "The agent cannot see /sys/kernel/livepatch (is sysfs mounted?), so nothing is known of this host's patches.",
    }
  const others = account.providers.filter(({ name }) => name !== 'livepatch')
  if (others.some(({ coverage }) => coverage !== 'unsupported')) return unprotected(snapshot, account, needs)
  const cause = livepatchConfigured === false ? 'is built without CONFIG_LIVEPATCH' : 'offers no /sys/kernel/livepatch'
  const titles = others.map(({ name }) => providerTitle(name))
  const neither =
    titles.length === 0 ? '' : `, and ${listed(titles)} ${titles.length === 1 ? 'does' : 'do'} not support it`
  return { state: 'unsupported', reason: `This kernel ${cause}, so it cannot be live patched by livepatch${neither}.` }
}
