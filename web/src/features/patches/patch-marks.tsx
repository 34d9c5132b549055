import type { PatchSummary } from '@rebootless/shared/contract/patches.ts'
import type { PatchKind } from '@rebootless/shared/domain/patch-words.ts'
import { providerTitle } from '@rebootless/shared/domain/provider-facts.ts'
import { FileCode2, Layers, type LucideIcon, RefreshCcw } from 'lucide-react'
import { count, plural } from '../../ui/duration.ts'

const KINDS: Readonly<Record<PatchKind, { word: string; icon: LucideIcon }>> = {
  module: { word: 'Module', icon: FileCode2 },
  set: { word: 'Set', icon: Layers },
  vendor_update: { word: 'Vendor’s update', icon: RefreshCcw },
}

export const KindMark = ({ kind }: { kind: PatchKind }) => {
  const { word, icon: Icon } = KINDS[kind]
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap text-ink-2">
      <Icon size={14} strokeWidth={1.75} aria-hidden className="flex-none text-ink-3" />
      {word}
    </span>
  )
}

/** A fact in one word, as a cumulative patch or a signed one. */
export const Badge = ({ about, children }: { about: string; children: string }) => (
  <span
    title={about}
    className="inline-flex h-5 items-center rounded-[4px] border border-line-2 px-1.5 text-11 whitespace-nowrap text-ink-2"
  >
    {children}
  </span>
)

/** `runs on 812 of 3,372 hosts; 40 blocked by kernel`, of the hosts that whoever looks may see. */
export const hostsSentence = ({ kind, hosts: { running, ofItsKernel, total } }: PatchSummary): string => {
  const others = total - ofItsKernel
  const [fitting, rest] =
    kind === 'vendor_update' ? ['its system', 'without its system'] : ['its kernel', 'blocked by kernel']
  const blocked = others === 0 ? '' : `; ${count(others)} ${rest}`
  if (ofItsKernel === 0) return `no host of ${count(total)} has ${fitting}`
  return `runs on ${count(running)} of ${plural(ofItsKernel, 'host')}${blocked}`
}

/** A kernel with its architecture: of one release there is one for each. */
export const kernelWord = ({ release, architecture }: { release: string; architecture: string | null }): string =>
  architecture === null ? release : `${release}, ${architecture}`

/** What it was made for: a kernel, kernels, or a vendor's system. */
export const madeFor = ({ module, set, vendorUpdate }: PatchSummary): string => {
  if (module !== null) return kernelWord(module)
  if (vendorUpdate !== null) return `${providerTitle(vendorUpdate.provider)}, ${vendorUpdate.level ?? 'newest level'}`
  const kernels = [...new Set((set?.modules ?? []).map(kernelWord))]
  return kernels.length === 1 ? (kernels[0] ?? '') : plural(kernels.length, 'kernel')
}

/** Which signature it bears: the kernel's own kind, a publisher's over the file, or neither. */
export const signatureWord = ({ module, signedBy }: PatchSummary): string => {
  if (module === null) return '–'
  const own = module.moduleSigned === null ? 'not known' : module.moduleSigned ? 'signed' : 'unsigned'
  return signedBy.length === 0 ? own : `${own}, ${signedBy.join(', ')}`
}
