import type { HostSummary } from '@rebootless/shared/contract/host.ts'
import { HOST_ORIGINS } from '@rebootless/shared/domain/words.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Grid3x3, Table2 } from 'lucide-react'
import { lazy, Suspense, useMemo } from 'react'
import { Button } from '../../ui/button.tsx'
import { count, plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'
import { OriginMark } from '../../ui/origin-mark.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { useSteps } from '../../ui/use-steps.ts'
import { cellGroups, firstCells, groupChoices, mapHeight } from './cell-groups.ts'
import { Cells } from './cells.tsx'
import { MapLegend } from './map-legend.tsx'
import { fleetCellsQuery } from './queries.ts'

const FleetMapTable = lazy(() => import('./fleet-map-table.tsx').then((module) => ({ default: module.FleetMapTable })))

/** One cell a host, grouped by a chosen word; its table twin is one key away. */
export const FleetMap = ({
  expected,
  view,
  group,
  onView,
  onGroup,
}: {
  /** What the map is going to show: it takes its place before its hosts are there. */
  expected: { hosts: number; kernels: number }
  view: 'map' | 'table'
  group: string
  onView: (view: 'map' | 'table') => void
  onGroup: (group: string) => void
}) => {
  const cells = useQuery(fleetCellsQuery)
  const hosts = cells.data?.hosts
  const groups = useMemo(() => cellGroups(hosts ?? [], group), [hosts, group])
  const steps = useSteps(hosts?.length ?? 0)
  const first = useMemo(() => firstCells(groups, steps), [groups, steps])
  const place =
    steps === hosts?.length ? undefined : { minHeight: `min(100dvh, ${mapHeight(expected.hosts, expected.kernels)}px)` }
  const waiting = <div aria-busy="true" style={place} className="animate-shimmer rounded-mark bg-sunken" />
  const choices = useMemo(() => groupChoices(hosts ?? []), [hosts])
  return (
    <section aria-labelledby="fleet-map" className="border-b border-line">
      <div className="flex min-h-13 flex-wrap items-center gap-x-4 gap-y-1 px-6 py-2 max-desk:px-4">
        <h2 id="fleet-map" className="text-13">
          Fleet map
        </h2>
        <label className="flex items-center gap-1.5 text-12 text-ink-3">
          Group
          <select
            value={choices.includes(group) ? group : 'kernel'}
            onChange={(event) => onGroup(event.target.value)}
            className="h-7 max-w-40 rounded-control border border-transparent bg-sheet pr-1 font-medium text-ink hover:bg-sunken touch:h-11"
          >
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {choice.replace('label.', '')}
              </option>
            ))}
          </select>
        </label>
        <span className="ml-auto flex items-center gap-3 text-12 text-ink-3">
          <span className="max-desk:hidden">One cell is one host</span>
          <Origins hosts={hosts ?? []} />
          <Segmented
            label="Show as"
            value={view}
            onChange={onView}
            segments={[
              { value: 'map', label: 'Map', icon: <Grid3x3 size={14} aria-hidden /> },
              { value: 'table', label: 'Table', icon: <Table2 size={14} aria-hidden /> },
            ]}
          />
        </span>
      </div>
      <div className="px-6 pb-4 max-desk:px-4">
        {cells.isError ? (
          <p role="alert" className="flex flex-wrap items-center gap-3 py-4 text-danger-text">
            The map's hosts could not be read: {cells.error.message}
            <Button onClick={() => void cells.refetch()}>Try again</Button>
          </p>
        ) : cells.isPending ? (
          waiting
        ) : view === 'table' ? (
          <Suspense fallback={waiting}>
            <FleetMapTable groups={groups} />
          </Suspense>
        ) : (
          <>
            <div
              style={place}
              className="grid content-start gap-x-8 gap-y-4 desk:grid-cols-2 wide:grid-cols-[repeat(auto-fill,minmax(300px,1fr))]"
            >
              {first.map(({ name, hosts: members, shown, unsettled }) => (
                <div key={name} className={`min-w-0 ${members.length > 120 ? 'col-span-full' : ''}`}>
                  {group === 'none' ? null : (
                    <h3 className="mb-1.5 flex items-baseline gap-2 text-12">
                      <span className={`truncate ${group === 'kernel' ? 'mono font-medium' : ''}`}>
                        <HostText value={name} max={60} />
                      </span>
                      <span className="font-normal whitespace-nowrap text-ink-3">
                        {plural(members.length, 'host')}
                        {unsettled === 0
                          ? ''
                          : unsettled === members.length
                            ? members.length === 1
                              ? ', not in order'
                              : ', none in order'
                            : `, ${count(unsettled)} not in order`}
                      </span>
                    </h3>
                  )}
                  <Cells name={name} hosts={shown} />
                </div>
              ))}
            </div>
            <MapLegend hosts={hosts ?? []} />
          </>
        )}
        {cells.data && cells.data.total > cells.data.hosts.length ? (
          <p className="pt-3 text-12 text-ink-3">
            The {count(cells.data.hosts.length)} most urgent of {count(cells.data.total)} hosts; the list of hosts holds
            all.
          </p>
        ) : null}
      </div>
    </section>
  )
}

/** How many cells, or how many in the table's counts, stand for no real agent's host. */
const Origins = ({ hosts }: { hosts: readonly HostSummary[] }) =>
  HOST_ORIGINS.filter((origin) => origin !== 'agent').map((origin) => {
    const found = hosts.filter((host) => host.origin === origin).length
    return found === 0 ? null : (
      <Link
        key={origin}
        to="/hosts"
        search={{ filter: `origin:${origin}` }}
        className="flex min-h-6 items-center gap-1"
      >
        {count(found)}
        <OriginMark origin={origin} />
      </Link>
    )
  })
