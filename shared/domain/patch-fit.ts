import type { FitReason } from '../contract/patch-hosts.ts'
import type { FitHost, FitStatus } from './patch-fit-host.ts'
import { type FitModule, isForKernel, isOf, type Known, orderReasons, stateReasons } from './patch-fit-order.ts'
import { commandReasons, type Fit, fitOf, misfit, missing, note } from './patch-fit-reasons.ts'
import { providerTitle } from './provider-facts.ts'

/**
 * Whether a host can take a module now, and what is for and against it. Of a host with another kernel nothing else is
 * looked at. A build id is not compared: the one in a module's file is its own, and none says of which build of a kernel
 * it was made; with symbol versions the kernel finds that out when it loads it.
 *
 * @param catalogue other modules; by those for this kernel livepatches that are in the host are known
 */
export const patchFit = (module: FitModule, host: FitHost, catalogue: readonly FitModule[]): Fit => {
  const wrongKernel = kernelReasons(module, host)
  if (wrongKernel.length > 0) return fitOf(wrongKernel, [])
  const inside = host.stack.filter(({ order }) => order !== null)
  const isKnown = (other: FitModule, status: FitStatus) => isOf(other, status) && isForKernel(other, host)
  const known = inside.map((status) => ({ status, module: catalogue.find((other) => isKnown(other, status)) ?? null }))
  const takesAll = module.facts?.replace === true
  const reasons: FitReason[] = [
    ...commandReasons(host, 'load'),
    ...readReasons(module, host),
    ...supportReasons(host),
    ...signatureReasons(module, host, known),
    ...otherSystemReasons(host),
    ...thereReasons(module, host),
    ...orderReasons(module, known),
    ...stateReasons(module, known),
    ...noteReasons(module, host, inside),
  ]
  const there = inside.some(({ name }) => name === module.name)
  return fitOf(reasons, takesAll && !there ? inside.map(({ name }) => name) : [])
}

const kernelReasons = (module: FitModule, host: FitHost): FitReason[] => {
  if (host.release === '') return [missing('not_read', 'Nothing has been read of this host yet.')]
  const { facts } = module
  return [
    ...(facts !== null && host.architecture !== facts.architecture
      ? [
          misfit(
            'architecture',
            `It was built for ${facts.architecture}, and this is ${host.architecture || 'unknown'}.`,
          ),
        ]
      : []),
    ...(host.release !== module.release
      ? [misfit('release', `It was built for ${module.release}, and ${host.release} runs.`)]
      : []),
  ]
}

const readReasons = ({ facts }: FitModule, { kernel }: FitHost): FitReason[] => [
  ...(kernel === null ? [missing('not_read', 'Its agent has sent no snapshot yet.')] : []),
  ...(facts === null
    ? [missing('module_unread', 'Of the module nothing but its metadata was read: upload its file again.')]
    : []),
]

/** What the kernel needs to take any livepatch. */
const supportReasons = ({ kernel, stackRead, forcedThisBoot }: FitHost): FitReason[] => {
  if (kernel === null) return []
  const { livepatchConfigured, modulesDisabled, ftraceEnabled } = kernel
  return [
    ...(livepatchConfigured === false
      ? [misfit('no_livepatch', 'Its kernel was built without CONFIG_LIVEPATCH.')]
      : []),
    ...(livepatchConfigured === null && !stackRead
      ? [missing('livepatch_support', 'Whether its kernel has livepatch could not be read.')]
      : []),
    ...(livepatchConfigured !== false && !stackRead
      ? [missing('patches_unread', 'Which livepatches are in could not be read.')]
      : []),
    ...(modulesDisabled === true
      ? [misfit('modules_disabled', 'No module can be loaded until the next boot (kernel.modules_disabled).')]
      : []),
    ...(modulesDisabled === null
      ? [missing('module_loading', 'Whether modules can be loaded could not be read (kernel.modules_disabled).')]
      : []),
    // A permanent ftrace user, as livepatch is, is refused with ftrace off: kernel/trace/ftrace.c, FTRACE_OPS_FL_PERMANENT.
    ...(ftraceEnabled === false ? [misfit('ftrace_off', 'ftrace is switched off (kernel.ftrace_enabled).')] : []),
    ...(ftraceEnabled === null
      ? [missing('ftrace_unread', 'Whether ftrace is on could not be read (kernel.ftrace_enabled).')]
      : []),
    ...(forcedThisBoot
      ? [misfit('forced', 'A transition was forced since the host started: only a restart makes changes safe again.')]
      : []),
  ]
}

/** Documentation/admin-guide/module-signing.rst; kernel_lockdown(7). */
const signatureReasons = ({ facts }: FitModule, { kernel }: FitHost, known: readonly Known[]): FitReason[] => {
  if (kernel === null || facts === null) return []
  const { lockdown, moduleSignatureEnforced } = kernel
  const locked = lockdown === null ? null : lockdown !== 'none'
  const enforced = moduleSignatureEnforced === true || locked === true
  const { signature } = facts
  if (signature === null) {
    const by = moduleSignatureEnforced === true ? 'module.sig_enforce' : `lockdown, ${lockdown}`
    if (enforced)
      return [misfit('unsigned', `The module is not signed, and the kernel takes signed ones only (${by}).`)]
    const unread = moduleSignatureEnforced === null || locked === null
    return unread
      ? [missing('signature_rule', 'The module is not signed, and whether this kernel minds could not be read.')]
      : []
  }
  if (!enforced && moduleSignatureEnforced === false && locked === false) return []
  const sameSigner = known.some(({ module }) => {
    const other = module?.facts?.signature ?? null
    return other !== null && signature.keyId !== null && other.keyId === signature.keyId
  })
  if (sameSigner) return []
  const signer = signature.signer ?? signature.keyId ?? 'a signer that the file does not name'
  const does = enforced
    ? 'takes only modules signed by a key that it has'
    : 'may take only modules signed by a key that it has'
  return [missing('signer_trusted', `The kernel ${does}, and whether it has that of ${signer} is not read.`)]
}

/** Two systems in one kernel do not know of each other, and change the first instructions of the same functions. */
const otherSystemReasons = ({ systems }: FitHost): FitReason[] =>
  systems.flatMap(({ name, foreignPatches }) => {
    if (foreignPatches === null) {
      const text = `${providerTitle(name)} works here, and what it has in the kernel could not be read.`
      return [missing('other_system_unread', text)]
    }
    if (foreignPatches.length === 0) return []
    const more = foreignPatches.length > 1 ? ` and ${foreignPatches.length - 1} more` : ''
    const text = `${providerTitle(name)} has ${foreignPatches[0]}${more} in this kernel: two live patching systems do not know of each other.`
    return [misfit('other_system', text)]
  })

const SAYS = {
  patching: 'is going in',
  applied: 'is in effect',
  unpatching: 'is going out',
  disabled: 'is disabled, and its module still loaded: enable it, or let it be removed first',
  superseded: 'was replaced, and its module is still loaded: enable it, or let it be removed first',
  unknown: 'is there, in a state that could not be read',
} as const

const thereReasons = (module: FitModule, host: FitHost): FitReason[] => {
  const named = host.stack.find(({ name }) => name === module.name)
  if (named !== undefined) {
    const { srcversion } = named
    const another =
      srcversion !== null && module.srcversion !== null && srcversion !== module.srcversion
        ? `Another build (srcversion ${srcversion}) of this name`
        : 'A livepatch of this name'
    return [misfit('already_there', `${another} ${SAYS[named.state]}. A kernel holds one module of a name.`)]
  }
  const same = host.stack.find(
    ({ srcversion, order }) => order !== null && srcversion !== null && srcversion === module.srcversion,
  )
  return same === undefined
    ? []
    : [misfit('already_there', `${same.name} ${SAYS[same.state]}, and is of the same source (srcversion).`)]
}

const noteReasons = ({ facts, name }: FitModule, host: FitHost, inside: readonly FitStatus[]): FitReason[] => {
  const others = inside.filter((status) => status.name !== name).map((status) => status.name)
  const shown = `${others.slice(0, 5).join(', ')}${others.length > 5 ? ` and ${others.length - 5} more` : ''}`
  return [
    ...(host.transition === null
      ? []
      : [
          note(
            'in_transition',
            `${host.transition} is in transition now, and the kernel changes one livepatch at a time.`,
          ),
        ]),
    ...(host.connected ? [] : [note('offline', 'Its agent is not connected: what is known may be old.')]),
    ...(others.length > 0 && facts?.replace === true ? [note('replaces', `It would take the place of ${shown}.`)] : []),
    ...(others.length > 0 && facts?.replace === false ? [note('goes_on_top', `It would go on top of ${shown}.`)] : []),
    ...(others.length > 0 && facts?.replace === null
      ? [note('place_unknown', `Whether it would take the place of ${shown} or go on top, its file does not show.`)]
      : []),
    ...(facts?.modversions === true
      ? [
          note(
            'symbol_versions',
            'The kernel compares the versions of the symbols that it uses when it is loaded (MODVERSIONS).',
          ),
        ]
      : []),
    ...(host.kernel?.reliableStackTraces === false
      ? [
          note(
            'no_reliable_stacks',
            'Its kernel has no reliable stack traces: tasks switch only on their way out of the kernel, and kernel threads may never.',
          ),
        ]
      : []),
  ]
}
