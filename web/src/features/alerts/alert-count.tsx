import { useQuery } from '@tanstack/react-query'
import { alertCountsQuery } from './queries.ts'

/** How many alerts fire that nobody has taken up; red when somebody is to be woken. */
export const AlertCount = () => {
  const counts = useQuery(alertCountsQuery).data
  if (counts === undefined) return null
  const firing = counts.page + counts.ticket
  if (firing === 0) return null
  const tone = counts.page > 0 ? 'bg-danger-fill text-on-danger' : 'bg-ink text-on-ink'
  return (
    <span
      className={`grid h-4 min-w-4 place-items-center rounded-full px-1 text-[10px] leading-none font-semibold max-wide:absolute max-wide:top-0.5 max-wide:right-0.5 ${tone}`}
    >
      {firing}
      <span className="sr-only"> firing</span>
    </span>
  )
}
