import type { Procedure } from '../core/procedure.ts'
import type { Span } from '../core/random.ts'
import { type KernelState, printk } from './kernel-state.ts'
import type { LoadedModule } from './loaded-modules.ts'
import type { ModuleImage } from './module-image.ts'

/** Copying and relocating a module, and taking it down: assumed, of the order that a server shows. */
const LOAD: Span = { from: 1_000, to: 6_000 }
const REFUSE: Span = { from: 100, to: 1_000 }
const UNLOAD: Span = { from: 2_000, to: 20_000 }

export interface Caller {
  readonly uid: number
  readonly comm: string
}

/** finit_module(2): kernel/module/main.c, load_module. Ends with the errno's name or null. */
export function* loadModule(
  kernel: KernelState,
  image: ModuleImage,
  given: Readonly<Record<string, string>>,
  caller: Caller,
): Procedure<string | null> {
  const { modules, machine, livepatch } = kernel
  if (caller.uid !== 0 || kernel.switches.modulesDisabled) return 'EPERM'
  yield machine.random.span(REFUSE)
  const refusal = refuse(kernel, image, caller)
  if (refusal !== null) return refusal
  yield machine.random.span(LOAD)
  if (modules.get(image.name)) return 'EEXIST'
  const taint = taintBy(kernel, image)
  if (image.defect === 'undefined_symbol') {
    if (image.defectText !== undefined) printk(kernel, 4, image.defectText)
    return 'ENOENT'
  }
  const module = modules.add(image, { ...image.parameters }, taint)
  const errno = (yield* livepatch.moduleComing(image.name)) ?? (yield* initialize(kernel, module, given))
  if (errno !== null) {
    modules.remove(image.name)
    return errno
  }
  module.state = 'live'
  module.references -= 1
  return null
}

/** delete_module(2) with O_NONBLOCK. */
export function* unloadModule(kernel: KernelState, name: string, { uid }: Caller): Procedure<string | null> {
  const { modules, machine, livepatch } = kernel
  if (uid !== 0 || kernel.switches.modulesDisabled) return 'EPERM'
  const module = modules.get(name)
  if (module === undefined) return 'ENOENT'
  if (module.state !== 'live') return 'EBUSY'
  if (module.references > 0) return 'EAGAIN'
  module.state = 'going'
  module.image.exit?.()
  yield* livepatch.moduleGoing(name)
  yield machine.random.span(UNLOAD)
  modules.remove(name)
  return null
}

/** What is refused before anything is on the list: the signature first, then the file's form. */
const refuse = (kernel: KernelState, image: ModuleImage, { comm }: Caller): string | null => {
  const { signaturesEnforced, lockdown } = kernel.switches
  if (!image.signed && signaturesEnforced) {
    printk(kernel, 5, 'Loading of unsigned module is rejected')
    return 'EKEYREJECTED'
  }
  if (!image.signed && lockdown !== 'none') {
    printk(kernel, 5, `Lockdown: ${comm}: unsigned module loading is restricted; see man kernel_lockdown.7`)
    return 'EPERM'
  }
  if (image.livepatch !== undefined && kernel.facts.livepatchConfigured === false) {
    printk(kernel, 3, `${image.name}: module is marked as livepatch module, but livepatch support is disabled`)
    return 'ENOEXEC'
  }
  if (image.defect === undefined || image.defect === 'undefined_symbol') return null
  if (image.defectText !== undefined) printk(kernel, image.defectPriority ?? 3, image.defectText)
  return 'ENOEXEC'
}

/** Each is told of once a boot. @returns the module's own letters */
const taintBy = (kernel: KernelState, { name, inTree, livepatch, signed }: ModuleImage): string => {
  const { modules } = kernel
  const outside = inTree !== true
  const marked = livepatch?.marked === true
  if (outside && modules.taint('O')) printk(kernel, 4, `${name}: loading out-of-tree module taints kernel.`)
  if (marked && modules.taint('K')) printk(kernel, 5, `${name}: tainting kernel with TAINT_LIVEPATCH`)
  if (!signed && modules.taint('E'))
    printk(kernel, 5, `${name}: module verification failed: signature and/or required key missing - tainting kernel`)
  return `${outside ? 'O' : ''}${signed ? '' : 'E'}${marked ? 'K' : ''}`
}

/** Parameters, then the init function: that of a livepatch enables it. */
function* initialize(
  kernel: KernelState,
  { image, parameters }: LoadedModule,
  given: Readonly<Record<string, string>>,
): Procedure<string | null> {
  for (const [name, value] of Object.entries(given)) {
    if (name in image.parameters) parameters[name] = value
    else printk(kernel, 4, `${image.name}: unknown parameter '${name}' ignored`)
  }
  image.init?.()
  // The core that it was built for exports what it calls.
  if (image.patch !== undefined) return kernel.system === null ? 'ENOENT' : yield* kernel.system.enable(image.patch)
  if (image.livepatch === undefined) return null
  const errno = yield* kernel.livepatch.enable(image.name, image.livepatch, parameters)
  if (errno !== null) yield* kernel.livepatch.moduleGoing(image.name)
  return errno
}
