import type { RedirectionMap } from '@rebootless/shared/contract/host-redirections.ts'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { ProblemNotice } from '../../../shell/problem-notice.tsx'
import { plural } from '../../../ui/duration.ts'
import { Notice } from '../../../ui/notice.tsx'
import { StateGlyph } from '../../../ui/state-glyph.tsx'
import { useIsPhone } from '../../../ui/use-is-phone.ts'
import { hostRedirectionsQuery } from '../queries.ts'
import type { PicturedHost } from './export-picture.ts'
import { FunctionList } from './function-list.tsx'
import { FunctionPanel, MapSummary } from './function-panel.tsx'
import { FunctionTable } from './function-table.tsx'
import { elsewhere, FunctionsElsewhere } from './functions-elsewhere.tsx'
import { foundIn, functionKeyOf } from './map-find.ts'
import { MapView } from './map-view.tsx'

export interface FunctionsSearch {
  view?: 'picture' | 'table'
  find?: string
  function?: string
}

const chosenOf = (map: RedirectionMap, key: string) => {
  for (const object of map.objects)
    for (const one of object.functions) if (functionKeyOf(object.name, one) === key) return { object, one }
  return null
}

/** What calls what now: the redirection map, its table twin, and the chosen function. */
export default function FunctionsTab({
  id,
  host,
  view,
  find,
  chosen,
  onChange,
}: {
  id: string
  host: PicturedHost & Parameters<typeof elsewhere>[0]
  view: 'picture' | 'table'
  find: string
  chosen: string
  onChange: (search: FunctionsSearch) => void
}) {
  const query = useQuery(hostRedirectionsQuery(id))
  const phone = useIsPhone()
  const whole = query.data
  const map = useMemo(() => (whole ? foundIn(whole, find) : null), [whole, find])
  if (query.isPending) return <div aria-busy="true" className="m-6 h-96 animate-shimmer rounded-mark bg-sunken" />
  if (query.isError && !whole)
    return <ProblemNotice what="The functions" error={query.error} onRetry={() => void query.refetch()} />
  if (whole?.functionCount === 0 && elsewhere(host).length > 0) return <FunctionsElsewhere host={host} />
  if (!whole || !map || whole.functionCount === 0)
    return (
      <Notice mark={<StateGlyph state="unsupported" size={20} />} title="No function is redirected">
        <p>
          Every call on this host reaches the code that its kernel was built with, as far as livepatch is concerned. A
          livepatch's functions appear here when it is enabled.
        </p>
      </Notice>
    )
  const found = chosenOf(whole, chosen)
  const choose = (key: string) => onChange({ function: key === chosen ? '' : key })
  const given = { map, chosen, onChoose: choose }
  return (
    <div className="grid desk:grid-cols-[minmax(0,1fr)_300px]">
      <div className="min-w-0">
        <MapView
          map={map}
          host={host}
          view={view}
          find={find}
          chosen={chosen}
          onChange={onChange}
          onChoose={choose}
          table={phone ? <FunctionList {...given} /> : <FunctionTable {...given} />}
        />
        {map.functionCount === 0 ? (
          <p className="px-6 py-8 text-ink-3 max-desk:px-4">
            None of {plural(whole.functionCount, 'function')} has this in its name, its object's or its patch's.
          </p>
        ) : null}
      </div>
      <aside aria-label="Chosen function" className="min-w-0 border-line max-desk:border-t desk:border-l">
        <div className="desk:sticky desk:top-13">
          {found ? (
            <FunctionPanel object={found.object} chosen={found.one} tasks={whole.tasks} />
          ) : (
            <MapSummary map={whole} />
          )}
        </div>
      </aside>
    </div>
  )
}
