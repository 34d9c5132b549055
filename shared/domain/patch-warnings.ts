import type { ModuleFacts } from '../contract/module-facts.ts'
import type { PatchWarning } from '../contract/patches.ts'

/** What of the fleet bears on a module, in the scope of whoever asks. */
export interface FleetForWarnings {
  /** Hosts that run its kernel. */
  readonly ofItsKernel: number
  /** Of those, whose kernel takes signed modules only: module.sig_enforce, or lockdown. */
  readonly enforcing: number
  /** Of those, of which that is not known. */
  readonly enforcingUnknown: number
}

type Warn = PatchWarning['level']
const TEXT_MAX = 700
const warning = (code: PatchWarning['code'], level: Warn, text: string): PatchWarning => ({
  ...{ code, level, text: text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX - 1)}…` : text },
})
const hosts = (count: number) => (count === 1 ? '1 host' : `${count} hosts`)

/** include/linux/license.h: the licences with which a module gets at symbols that are exported to GPL modules alone. */
const GPL_COMPATIBLE = ['GPL', 'GPL v2', 'GPL and additional rights', 'Dual BSD/GPL', 'Dual MIT/GPL', 'Dual MPL/GPL']

/**
 * What somebody should know before a module is kept and used, gravest first.
 *
 * @param facts as the file says
 * @param cves all that it is known to fix, whoever says so
 * @param sameSrcversion names of other modules of the catalogue for the same kernel, with the same srcversion
 */
export const patchWarnings = (
  facts: ModuleFacts,
  cves: readonly string[],
  fleet: FleetForWarnings,
  sameSrcversion: readonly string[],
): PatchWarning[] => [
  ...signatureWarnings(facts, fleet),
  ...licenceWarnings(facts),
  ...(facts.objects === null
    ? [
        warning(
          'functions_unread',
          'warning',
          `Which functions it replaces could not be read${facts.unread === null ? '.' : `: ${facts.unread.replace(/\.$/, '')}.`} No conflict can be foreseen.`,
        ),
      ]
    : []),
  ...(fleet.ofItsKernel === 0
    ? [
        warning(
          'no_host',
          'warning',
          `No host that you may see runs ${facts.release} on ${facts.architecture}, for which it was built.`,
        ),
      ]
    : []),
  ...(facts.replace === true
    ? []
    : [
        warning(
          'not_cumulative',
          facts.replace === null ? 'note' : 'warning',
          facts.replace === null
            ? 'Whether it takes the place of earlier livepatches is not known: the file does not show it.'
            : 'It is not cumulative: it goes on top of the livepatches that are there, and they cannot be taken out below it.',
        ),
      ]),
  ...(sameSrcversion.length === 0
    ? []
    : [
        warning(
          'same_srcversion',
          'warning',
          `Of the same source (srcversion ${facts.srcversion}) and for the same kernel there is already ${sameSrcversion.slice(0, 5).join(', ')}.`,
        ),
      ]),
  ...callbackWarnings(facts),
  ...(facts.shadowVariables.length === 0
    ? []
    : [
        warning(
          'shadow_variables',
          'note',
          `It keeps shadow variables (${facts.shadowVariables.join(', ')}): data that it hangs on the kernel's own structures, and that it must free itself when it is taken out.`,
        ),
      ]),
  ...stateWarnings(facts),
  ...(cves.length === 0
    ? [
        warning(
          'no_cve',
          'note',
          'Nothing says which CVE it fixes: name them by hand, or compliance will not count it.',
        ),
      ]
    : []),
  taintWarning(facts),
]

const signatureWarnings = (facts: ModuleFacts, fleet: FleetForWarnings): PatchWarning[] => {
  if (facts.signature !== null) return []
  const { enforcing, enforcingUnknown } = fleet
  const unknown =
    enforcingUnknown === 0 ? '' : ` Of ${hosts(enforcingUnknown)} of its kernel it is not known whether they do.`
  return enforcing > 0
    ? [
        warning(
          'unsigned_refused',
          'danger',
          `It is not signed, and ${hosts(enforcing)} of its kernel only ${enforcing === 1 ? 'takes' : 'take'} signed modules: there it will be refused.${unknown}`,
        ),
      ]
    : [warning('unsigned', 'warning', `It is not signed: a kernel that enforces signatures will refuse it.${unknown}`)]
}

const licenceWarnings = ({ licence }: ModuleFacts): PatchWarning[] =>
  licence !== null && GPL_COMPATIBLE.includes(licence)
    ? []
    : [
        warning(
          'licence',
          'danger',
          `Its licence is ${licence === null ? 'not given' : `“${licence}”`}: klp_enable_patch is exported to GPL modules alone, so the kernel will refuse it.`,
        ),
      ]

const callbackWarnings = ({ objects }: ModuleFacts): PatchWarning[] => {
  const kinds = new Set((objects ?? []).flatMap(({ callbacks }) => callbacks))
  if (kinds.size === 0) return []
  const refusing = kinds.has('pre_patch') ? ' Its pre_patch may refuse to be loaded.' : ''
  const text = `It runs code of its own when it goes in or out (${[...kinds].join(', ')}).${refusing} A cumulative patch that replaces it never runs its unpatch callbacks (Documentation/livepatch/callbacks.rst, cumulative-patches.rst).`
  return [warning('callbacks', 'warning', text)]
}

const stateWarnings = ({ states }: ModuleFacts): PatchWarning[] =>
  states === null || states.length === 0
    ? []
    : [
        warning(
          'states',
          'note',
          `It changes ${states.length === 1 ? 'a state' : `${states.length} states`} of the system beyond code (${states
            .slice(0, 10)
            .map(({ id, version }) => `${id} version ${version}`)
            .join(
              ', ',
            )}): a cumulative patch that does not know them cannot take its place (livepatch/system-state.rst).`,
        ),
      ]

const taintWarning = ({ signature }: ModuleFacts): PatchWarning =>
  warning(
    'taints',
    'note',
    `Loaded, it taints the kernel until the next boot: K (livepatch), O (out of tree)${signature === null ? ', and E (unsigned) where the kernel checks signatures' : ''}.`,
  )
