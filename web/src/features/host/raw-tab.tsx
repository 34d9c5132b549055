import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemNotice } from '../../shell/problem-notice.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { plural } from '../../ui/duration.ts'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { hostRawQuery } from './queries.ts'
import { RawFileEntry } from './raw-file.tsx'

/** What the agent read, file by file, as it was read. */
export default function RawTab({ id }: { id: string }) {
  const raw = useQuery(hostRawQuery(id))
  const [find, setFind] = useState('')
  if (raw.isPending) return <div aria-busy="true" className="m-6 h-64 animate-shimmer rounded-mark bg-sunken" />
  if (raw.isError && !raw.data)
    return <ProblemNotice what="The files" error={raw.error} onRetry={() => void raw.refetch()} />
  const files = raw.data.files.filter((file) => file.path.includes(find.trim()))
  const refused = files.filter((file) => file.errno !== null).length
  const all = files
    .map((file) => `# ${file.path}${file.errno ? ` (${file.errno})` : ''}\n${file.content ?? ''}`)
    .join('\n')
  return (
    <section aria-label="Files as read">
      <div className="flex min-h-13 flex-wrap items-center gap-3 border-b border-line px-6 py-2 max-desk:px-4">
        <input
          type="search"
          data-page-filter
          aria-label="Filter files by path"
          placeholder="Part of a path"
          value={find}
          onChange={(event) => setFind(event.target.value)}
          className="h-8 w-56 rounded-control border border-line-3 bg-sheet px-2.5 text-12 placeholder:text-ink-3 touch:h-11 touch:text-16"
        />
        <p className="text-12 text-ink-3">
          {plural(files.length, 'file')}
          {refused > 0 ? `, ${refused} refused` : ''}
          {raw.data.readAt ? (
            <>
              , read <TimeAgo at={raw.data.readAt} suffix=" ago" />
            </>
          ) : null}
        </p>
        <span className="ml-auto">
          <CopyButton text={all} label="Copy all" />
        </span>
      </div>
      {files.length === 0 ? (
        <p className="px-6 py-8 text-ink-3 max-desk:px-4">
          {raw.data.files.length === 0 ? 'The agent has not sent a reading yet.' : 'No path holds this.'}
        </p>
      ) : (
        <ul>
          {files.map((file) => (
            <li key={`${file.provider ?? ''} ${file.path}`}>
              <RawFileEntry file={file} open={(file.content?.length ?? 0) < 300 && files.length < 30} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
