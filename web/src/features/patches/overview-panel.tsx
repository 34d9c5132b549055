import type { PatchDetail } from '@rebootless/shared/contract/patches.ts'
import { providerTitle } from '@rebootless/shared/domain/provider-facts.ts'
import { Link } from '@tanstack/react-router'
import { FilePen, KeyRound, Pencil } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { HostText } from '../../ui/host-text.tsx'
import { Section } from '../../ui/section.tsx'
import { CveSources } from './cve-sources.tsx'
import { HandInDialog } from './hand-in-dialog.tsx'
import { ModuleFactList } from './module-fact-list.tsx'
import { kernelWord } from './patch-marks.tsx'
import { PublisherKeysDialog } from './publisher-keys-dialog.tsx'
import { RelatedModules } from './related-modules.tsx'
import { RemarksDialog } from './remarks-dialog.tsx'
import { SignatureList } from './signature-list.tsx'
import { WarningList } from './warning-list.tsx'

/** All that is known of an entry beside its functions and its hosts. */
export const OverviewPanel = ({
  patch,
  refused,
  isAdmin,
}: {
  patch: PatchDetail
  refused: string | null
  isAdmin: boolean
}) => {
  const [changing, setChanging] = useState(false)
  const change = (
    <Button disabled={refused !== null} title={refused ?? undefined} onClick={() => setChanging(true)}>
      <Pencil size={14} aria-hidden />
      Change CVEs and notes…
    </Button>
  )
  return (
    <>
      {patch.kind === 'module' ? (
        <Section title="To know before it is used">
          <WarningList warnings={patch.warnings} />
        </Section>
      ) : null}
      {patch.set === null ? null : <SetModules patch={patch} />}
      {patch.vendorUpdate === null ? null : (
        <Section title="What its tool is to reach">
          <p className="text-ink-2">
            {providerTitle(patch.vendorUpdate.provider)}:{' '}
            {patch.vendorUpdate.level === null ? (
              'whatever the vendor has newest'
            ) : (
              <span className="mono">
                <HostText value={patch.vendorUpdate.level} max={128} />
              </span>
            )}
            . The file never comes by Rebootless: the tool fetches it on the host.
          </p>
        </Section>
      )}
      <Section title="CVEs" about="What it fixes, and who says so." actions={change}>
        <CveSources patch={patch} />
      </Section>
      {patch.notes === '' && patch.vendorNotes === '' ? null : (
        <Section title="Notes">
          <div className="grid max-w-[720px] gap-3 whitespace-pre-wrap text-ink-2">
            {patch.notes === '' ? null : <HostText value={patch.notes} max={10_000} lines />}
            {patch.vendorNotes === '' ? null : (
              <div>
                <h3 className="text-12 font-medium text-ink-3">The vendor’s</h3>
                <HostText value={patch.vendorNotes} max={10_000} lines />
              </div>
            )}
          </div>
        </Section>
      )}
      {patch.kind === 'module' ? <ModuleSections patch={patch} refused={refused} isAdmin={isAdmin} /> : null}
      {changing ? <RemarksDialog patch={patch} onClose={() => setChanging(false)} /> : null}
    </>
  )
}

const SetModules = ({ patch }: { patch: PatchDetail }) => (
  <Section title="Its modules" about="The same fix, one module for each kernel.">
    <ul aria-label="Modules of the set" className="divide-y divide-line">
      {patch.set?.modules.map((module) => (
        <li key={module.id} className="flex flex-wrap items-baseline gap-x-3 py-1.5">
          <Link to="/patches/$id" params={{ id: module.id }} className="quiet-link">
            <HostText value={module.name} max={64} />
          </Link>
          <span className="mono text-[12px] text-ink-3">
            <HostText value={kernelWord(module)} max={160} />
          </span>
        </li>
      ))}
    </ul>
  </Section>
)

const Signatures = ({ patch, refused, isAdmin }: Parameters<typeof OverviewPanel>[0]) => {
  const [open, setOpen] = useState<'keys' | 'hand in' | null>(null)
  const close = () => setOpen(null)
  return (
    <Section
      title="Publishers’ signatures"
      about="Detached ones over the file, beside the one that the kernel checks."
      actions={
        <>
          <Button disabled={refused !== null} title={refused ?? undefined} onClick={() => setOpen('hand in')}>
            <FilePen size={14} aria-hidden />
            Hand one in…
          </Button>
          <Button onClick={() => setOpen('keys')}>
            <KeyRound size={14} aria-hidden />
            Publishers’ keys…
          </Button>
        </>
      }
    >
      <SignatureList patch={patch} />
      {open === 'hand in' ? <HandInDialog patch={patch} onClose={close} /> : null}
      {open === 'keys' ? <PublisherKeysDialog mayChange={isAdmin} onClose={close} /> : null}
    </Section>
  )
}

const ModuleSections = ({ patch, refused, isAdmin }: Parameters<typeof OverviewPanel>[0]) => (
  <>
    <Section title="What the file says">
      <div className="max-w-[720px]">
        {patch.facts === null ? (
          <p className="text-ink-2">It was kept before files were read whole: upload the same file again.</p>
        ) : (
          <ModuleFactList facts={patch.facts} />
        )}
        <p className="mt-3 flex items-start gap-3 rounded-control bg-sunken p-3">
          <span className="min-w-0 flex-1">
            <span className="block text-12 text-ink-3">SHA-256 of the module as the kernel loads it</span>
            <code className="mono text-[12px] wrap-anywhere select-all">{patch.id}</code>
          </span>
          <CopyButton text={patch.id} />
        </p>
      </div>
    </Section>
    <Signatures patch={patch} refused={refused} isAdmin={isAdmin} />
    {patch.sets.length === 0 ? null : (
      <Section title="Part of">
        <ul aria-label="Sets" className="grid gap-1">
          {patch.sets.map((set) => (
            <li key={set.id}>
              <Link to="/patches/$id" params={{ id: set.id }} className="quiet-link">
                <HostText value={set.name} max={128} />
              </Link>
            </li>
          ))}
        </ul>
      </Section>
    )}
    <Section title="Releases of the same fix" about="Of the same name, of the same source, or with a CVE in common.">
      <RelatedModules patch={patch} />
    </Section>
  </>
)
