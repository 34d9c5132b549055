import { KernelFacts, type Unreadable } from '@rebootless/shared/contract/kernel.ts'
import { Snapshot } from '@rebootless/shared/contract/snapshot.ts'
import type { z } from 'zod'
import { boundSnapshot } from '../providers/bound-snapshot.ts'

export interface SendableSnapshot {
  readonly snapshot: Snapshot
  /** Why it is not the whole one. */
  readonly cut: string | undefined
}

/**
 * A snapshot as the server takes it: not larger than a frame, and as the contract says. What breaks the contract is left
 * out and named as not known; were nothing sent, the server would go on showing the state before as if it were still
 * true. Undefined when not even the rest follows the contract.
 */
export const sendableSnapshot = (whole: Snapshot): SendableSnapshot | undefined => {
  const bounded = boundSnapshot(whole)
  const parsed = Snapshot.safeParse(bounded)
  if (parsed.success) {
    const cut = bounded === whole ? undefined : 'the snapshot was too large: sent without some of it'
    return { snapshot: bounded, cut }
  }
  const where = parsed.error.issues[0]?.path.join('.').slice(0, 100) ?? ''
  const rest = Snapshot.safeParse(withoutBroken(bounded, where))
  return rest.success ? { snapshot: rest.data, cut: `the snapshot breaks the contract at "${where}"` } : undefined
}

const withoutBroken = (broken: Snapshot, where: string): Snapshot => {
  const { shape } = Snapshot
  const livepatches = keptOr(shape.livepatches, broken.livepatches, null)
  const note: Unreadable = {
    // Without its patches a host is as one whose directory of them cannot be read.
    path: livepatches === broken.livepatches ? 'snapshot' : '/sys/kernel/livepatch',
    errno: 'EBADMSG',
    consequence: `what this agent read breaks the contract at "${where}", so that part of it is not known`,
  }
  return {
    takenAt: broken.takenAt,
    hostName: keptOr(shape.hostName, broken.hostName, 'unknown'),
    kernel: keptOr(shape.kernel, broken.kernel, { ...NO_KERNEL_FACTS, ...keptFacts(broken.kernel) }),
    operatingSystem: keptOr(shape.operatingSystem, broken.operatingSystem, { id: null, name: null, versionId: null }),
    providers: keptOr(shape.providers, broken.providers, []),
    distribution: keptOr(shape.distribution, broken.distribution, null),
    livepatches,
    livepatchModules: keptOr(shape.livepatchModules, broken.livepatchModules, null),
    enabledFunctions: keptOr(shape.enabledFunctions, broken.enabledFunctions, null),
    memory: keptOr(shape.memory, broken.memory, []),
    kernelEvents: keptOr(shape.kernelEvents, broken.kernelEvents, null),
    transition: keptOr(shape.transition, broken.transition, null),
    unreadable: [note, ...keptOr(shape.unreadable, broken.unreadable, [])].slice(0, 128),
    raw: keptOr(shape.raw, broken.raw, []),
  }
}

const keptOr = <T>(schema: z.ZodType<T>, value: T, otherwise: T): T =>
  schema.safeParse(value).success ? value : otherwise

const NO_KERNEL_FACTS: KernelFacts = {
  ...{ release: 'unknown', version: null, architecture: 'unknown', bootId: null, bootedAt: null },
  ...{ livepatchConfigured: null, reliableStackTraces: null, lockdown: null, moduleSignatureEnforced: null },
  ...{ modulesDisabled: null, ftraceEnabled: null, taints: null },
}

const keptFacts = (facts: KernelFacts): Partial<KernelFacts> =>
  Object.fromEntries(
    Object.entries(KernelFacts.shape).flatMap(([name, schema]) => {
      const fact = schema.safeParse(facts[name as keyof KernelFacts])
      return fact.success ? [[name, fact.data]] : []
    }),
  )
