import type { CommandView } from '@rebootless/shared/contract/commands-api.ts'
import type { HostDetail, PatchStatus } from '@rebootless/shared/contract/host.ts'
import { broughtBy } from '@rebootless/shared/domain/brought-by.ts'
import { providerTitle } from '@rebootless/shared/domain/provider-facts.ts'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { ActButton } from '../../shell/acting.tsx'
import { plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { KernelFactList } from './kernel-fact-list.tsx'
import { KernelIncidents } from './kernel-incidents.tsx'
import { KernelLog } from './kernel-log.tsx'
import { KernelPressure } from './kernel-pressure.tsx'
import { PatchEntry } from './patch-entry.tsx'
import { lacksLivepatch, outsideLivepatch, ownPatches } from './provider-reports.ts'
import { inStack } from './stack-words.ts'
import { UnreadableList } from './unreadable-list.tsx'

const byOrder = (left: PatchStatus, right: PatchStatus) => (right.order ?? 0) - (left.order ?? 0)

/** The stack of patches, newest on top as calls meet them; what is out of the stack, apart; what the kernel allows. */
export const PatchesTab = ({ host, commands }: { host: HostDetail; commands: readonly CommandView[] }) => {
  const inside = inStack(host.stack).sort(byOrder)
  const outside = host.stack.filter((patch) => patch.order === null)
  return (
    <div className="grid desk:grid-cols-[minmax(0,1fr)_340px]">
      <div className="min-w-0">
        <section aria-labelledby="stack">
          <Heading id="stack" word="In the stack" note={inside.length > 1 ? 'the newest answers first' : ''}>
            <ActButton action="load" label="Load…" about="a livepatch" />
          </Heading>
          {inside.length === 0 ? (
            <p className="border-b border-line px-6 pb-5 text-ink-2 max-desk:px-4">
              <NothingInStack host={host} />
            </p>
          ) : (
            <ul>
              {inside.map((patch) => (
                <PatchEntry key={patch.name} patch={patch} by={broughtBy(patch, commands, host.clockSkewMs)} />
              ))}
            </ul>
          )}
        </section>
        {outside.length > 0 ? (
          <section aria-labelledby="outside" className="bg-paper/60">
            <Heading id="outside" word="Out of the stack" note="module still loaded, or remembered since the boot" />
            <ul>
              {outside.map((patch) => (
                <PatchEntry key={patch.name} patch={patch} by={undefined} />
              ))}
            </ul>
          </section>
        ) : null}
        <KernelIncidents id={host.id} />
        <KernelLog events={host.kernelEvents} />
      </div>
      <aside aria-label="This kernel" className="border-line max-desk:border-t desk:border-l">
        <KernelFactList host={host} />
        <KernelPressure id={host.id} />
        <UnreadableList
          unreadable={
            lacksLivepatch(host)
              ? host.unreadable.filter(({ path }) => path !== '/sys/kernel/livepatch')
              : host.unreadable
          }
        />
      </aside>
    </div>
  )
}

/** An empty stack is no empty kernel: other systems keep their patches elsewhere. */
const NothingInStack = ({ host }: { host: HostDetail }) => {
  if (host.kernel === null) return 'The agent has not read this host yet.'
  const own = outsideLivepatch(host)
  if (own.length === 0)
    return `${lacksLivepatch(host) ? 'This kernel is built without livepatch' : 'sysfs shows no livepatch'}, and no other system here names a patch in it.`
  return (
    <>
      {own.map((report) => (
        <span key={report.name}>
          <HostText value={providerTitle(report.name)} max={32} /> has{' '}
          {plural(ownPatches(host, report).length, 'patch', 'patches')} in this kernel and keeps them outside livepatch.{' '}
        </span>
      ))}
      <Link
        to="/hosts/$id"
        params={{ id: host.id }}
        search={{ tab: 'provider' }}
        resetScroll={false}
        className="quiet-link touch:py-3"
      >
        What it says of them
      </Link>
    </>
  )
}

const Heading = ({ id, word, note, children }: { id: string; word: string; note: string; children?: ReactNode }) => (
  <div className="flex min-h-13 items-center gap-2 px-6 max-desk:px-4">
    <h3 id={id} className="text-13">
      {word}
    </h3>
    <span className="text-12 text-ink-3">{note}</span>
    <span className="ml-auto">{children}</span>
  </div>
)
