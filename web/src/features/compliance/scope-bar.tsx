import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api } from '../../api/client.ts'
import { FilterBar } from '../../shell/filter-bar.tsx'
import { DayPicker } from './day-picker.tsx'
import { ExportLinks } from './export-links.tsx'
import { COMPLIANCE_LANGUAGE, type Scope } from './scope.ts'

const HOSTS_MAX = 500

/** Values for completion, of the first hosts: a help and no list. */
const knownQuery = {
  queryKey: ['fleet', 'known-values'],
  queryFn: async ({ signal }: { signal: AbortSignal }) => {
    const { items } = await api.get('/api/v1/hosts', { query: { limit: HOSTS_MAX, sort: 'name' }, signal })
    const values: Record<string, string[]> = {}
    const add = (key: string, value: string | null) => {
      if (value === null || value === '') return
      values[key] ??= []
      if (!values[key].includes(value)) values[key].push(value)
    }
    for (const host of items) {
      add('name', host.name)
      add('kernel', host.kernelRelease)
      add('arch', host.architecture)
      add('origin', host.origin)
      for (const [key, value] of Object.entries(host.labels)) add(`label.${key}`, value)
    }
    return values
  },
  staleTime: 60_000,
}

/** Which hosts, which day, and the way out of the page as a file. */
export const ScopeBar = ({
  scope,
  onScope,
  exports = false,
}: {
  scope: Scope
  onScope: (next: { at?: string | undefined; filter?: string | undefined }) => void
  exports?: boolean
}) => {
  const values = useQuery(knownQuery).data
  const known = useMemo(() => new Map(Object.entries(values ?? {})), [values])
  return (
    <div className="flex flex-wrap items-start gap-x-3 gap-y-2 border-b border-line px-6 py-2.5 max-desk:px-4">
      <div className="min-w-60 flex-1 max-desk:w-full max-desk:flex-none">
        <FilterBar
          filter={scope.filter}
          onFilter={(filter) => onScope({ filter })}
          known={known}
          language={COMPLIANCE_LANGUAGE}
        />
      </div>
      <DayPicker at={scope.at} onDay={(at) => onScope({ at })} />
      {exports ? <ExportLinks scope={scope} /> : null}
    </div>
  )
}
