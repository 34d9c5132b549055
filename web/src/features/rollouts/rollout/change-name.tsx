import type { RolloutPlan } from '@rebootless/shared/contract/rollout-plan.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { HostText } from '../../../ui/host-text.tsx'
import { catalogueEntryQuery } from '../maker/queries.ts'
import { changeWords } from './plan-words.ts'

/** What is done, with the livepatch by its name; an entry that is no longer in the catalogue has none. */
export const ChangeName = ({ change }: { change: RolloutPlan['change'] }) => {
  const files = change.kind === 'load' ? change.patches : []
  const [first] = files
  const entry = useQuery({ ...catalogueEntryQuery(first ?? ''), enabled: first !== undefined, retry: false }).data
  if (first === undefined || entry === undefined) return <HostText value={changeWords(change)} max={120} />
  return (
    <>
      load{' '}
      <Link to="/patches/$id" params={{ id: first }} className="quiet-link wrap-anywhere">
        <HostText value={entry.name} max={64} />
      </Link>
      {files.length === 1 ? '' : `, ${files.length} files`}
    </>
  )
}
