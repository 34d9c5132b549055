import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { ProviderPatch } from '@rebootless/shared/contract/provider.ts'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { count, plural } from '../../ui/duration.ts'
import { outsideLivepatch, ownPatches } from './provider-reports.ts'
import { inStack } from './stack-words.ts'

const TABS = [
  ['patches', 'Patches'],
  ['transition', 'Transition'],
  ['functions', 'Functions'],
  ['provider', 'Provider'],
  ['exposure', 'Exposure'],
  ['commands', 'Commands'],
  ['raw', 'Raw'],
] as const

/** Empty where a system has patches in and keeps their functions to itself: a number would be false. */
const functionsNote = (host: HostDetail, own: readonly ProviderPatch[]): string => {
  const names = [...inStack(host.stack), ...own].flatMap((patch) =>
    (patch.objects ?? []).flatMap((object) =>
      object.functions.map((one) => `${object.name},${one.name},${one.sympos}`),
    ),
  )
  return names.length === 0 && own.length > 0 ? '' : count(new Set(names).size)
}

const providerNote = (host: HostDetail): string => {
  if (host.disagreements.length > 0) return plural(host.disagreements.length, 'disagreement')
  const offered = host.providerReports.reduce((sum, report) => sum + (report.steps?.length ?? 0), 0)
  return offered > 0 ? plural(offered, 'step') : ''
}

/**
 * The host's views. They are addresses, so they are links, and the current one says so. `commandsOpen`: how many commands
 * have not ended; undefined: not known.
 */
export const HostTabs = ({
  tab,
  host,
  commandsOpen,
}: {
  tab: string
  host: HostDetail
  commandsOpen: number | undefined
}) => {
  const tabs = useRef<HTMLUListElement>(null)
  // On a phone they are wider than the page.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the address says which is the current one
  useEffect(() => {
    tabs.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [tab])
  const own = outsideLivepatch(host).flatMap((report) => ownPatches(host, report))
  const notes: Readonly<Record<string, string>> = {
    patches: count(inStack(host.stack).length + own.length),
    transition: host.transition ? plural(host.transition.tasksRemaining, 'task') : '',
    functions: functionsNote(host, own),
    provider: providerNote(host),
    exposure: host.exposure?.exposed ? `${count(host.exposure.exposed)} open` : '',
    commands: commandsOpen ? `${count(commandsOpen)} open` : '',
  }
  return (
    <nav aria-label="This host" className="overflow-x-auto border-b border-line px-6 max-desk:px-4">
      <ul ref={tabs} className="flex gap-6">
        {TABS.map(([value, word]) => (
          <li key={value}>
            <Link
              to="/hosts/$id"
              params={{ id: host.id }}
              search={{ tab: value }}
              resetScroll={false}
              activeOptions={{ exact: true, includeSearch: true }}
              activeProps={{}}
              aria-current={tab === value ? 'page' : undefined}
              className="flex h-11 items-center gap-1.5 border-b-2 border-transparent whitespace-nowrap text-ink-2 transition-colors hover:text-ink current:border-ink current:font-semibold current:text-ink"
            >
              {word}
              {notes[value] ? <span className="text-12 font-normal text-ink-3">{notes[value]}</span> : null}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
