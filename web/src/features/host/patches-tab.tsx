import type { HostDetail, PatchStatus } from '@rebootless/shared/contract/host.ts'
import { HostText } from '../../ui/host-text.tsx'
import { KernelFactList } from './kernel-fact-list.tsx'
import { KernelLog } from './kernel-log.tsx'
import { PatchEntry } from './patch-entry.tsx'
import { inStack } from './stack-words.ts'
import { UnreadableList } from './unreadable-list.tsx'

const byOrder = (left: PatchStatus, right: PatchStatus) => (right.order ?? 0) - (left.order ?? 0)

/** The stack of patches, newest on top as calls meet them; what is out of the stack, apart; what the kernel allows. */
export const PatchesTab = ({ host }: { host: HostDetail }) => {
  const inside = inStack(host.stack).sort(byOrder)
  const outside = host.stack.filter((patch) => patch.order === null)
  return (
    <div className="grid desk:grid-cols-[minmax(0,1fr)_340px]">
      <div className="min-w-0">
        <section aria-labelledby="stack">
          <Heading id="stack" word="In the stack" note={inside.length > 1 ? 'the newest answers first' : ''} />
          {inside.length === 0 ? (
            <p className="border-b border-line px-6 pb-5 text-ink-2 max-desk:px-4">
              {host.kernel === null
                ? 'The agent has not read this host yet.'
                : 'No livepatch is in, as far as the livepatch provider can see; other systems do not show there.'}
            </p>
          ) : (
            <ul>
              {inside.map((patch) => (
                <PatchEntry key={patch.name} patch={patch} />
              ))}
            </ul>
          )}
        </section>
        {outside.length > 0 ? (
          <section aria-labelledby="outside" className="bg-paper/60">
            <Heading id="outside" word="Out of the stack" note="module still loaded, or remembered since the boot" />
            <ul>
              {outside.map((patch) => (
                <PatchEntry key={patch.name} patch={patch} />
              ))}
            </ul>
          </section>
        ) : null}
        <KernelLog events={host.kernelEvents} />
      </div>
      <aside aria-label="This kernel" className="border-line max-desk:border-t desk:border-l">
        <KernelFactList host={host} />
        <UnreadableList unreadable={host.unreadable} />
        {host.providerReports.length > 0 ? (
          <section aria-labelledby="providers" className="border-t border-line px-6 py-4 max-desk:px-4 desk:px-5">
            <h3 id="providers" className="text-13">
              Live patching systems
            </h3>
            <ul className="mt-2 grid gap-2">
              {host.providerReports.map((report) => (
                <li key={report.name}>
                  <span className="font-medium">
                    <HostText value={report.name} max={32} />
                  </span>{' '}
                  <span className="text-ink-3">{report.present ? 'found' : 'not found'}</span>
                  <p className="text-12 text-ink-3 wrap-anywhere">
                    <HostText value={report.detail} />
                  </p>
                </li>
              ))}
            </ul>
          </section>
        ) : null}
      </aside>
    </div>
  )
}

const Heading = ({ id, word, note }: { id: string; word: string; note: string }) => (
  <div className="flex min-h-13 items-center gap-2 px-6 max-desk:px-4">
    <h3 id={id} className="text-13">
      {word}
    </h3>
    <span className="text-12 text-ink-3">{note}</span>
  </div>
)
