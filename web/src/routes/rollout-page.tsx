import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { rolloutQuery } from '../features/rollouts/queries.ts'
import { PageHeader } from '../shell/page-header.tsx'
import { usePageTitle } from '../shell/page-title.ts'
import { HostText, visibleText } from '../ui/host-text.tsx'

const route = getRouteApi('/signed-in/rollouts/$id')

/** One rollout: why it stands where it stands, and what can be done. */
export const RolloutPage = () => {
  const { id } = route.useParams()
  const found = useQuery(rolloutQuery(id))
  const rollout = found.data
  usePageTitle(rollout ? visibleText(rollout.name, 80) : 'Rollout')
  return (
    <>
      <PageHeader
        updatedAt={found.dataUpdatedAt}
        crumbs={
          <>
            <Link to="/rollouts" className="transition-colors hover:text-ink touch:py-3">
              Rollouts
            </Link>
            <ChevronRight size={14} aria-hidden className="flex-none text-ink-4" />
          </>
        }
        title={rollout ? <HostText value={rollout.name} max={80} /> : <span className="text-ink-3">…</span>}
      />
      {rollout ? <HostText value={rollout.sentence} max={1000} /> : null}
    </>
  )
}
