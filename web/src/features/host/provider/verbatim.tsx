import { useQuery } from '@tanstack/react-query'
import { Button } from '../../../ui/button.tsx'
import { hostRawQuery } from '../queries.ts'
import { RawFileEntry } from '../raw-file.tsx'
import { Part } from './part.tsx'

const OPEN_CHARACTERS_MAX = 600

/** What the tool printed and its files hold, letter by letter, so that nobody has to trust our reading of it. */
export const Verbatim = ({ id, name }: { id: string; name: string }) => {
  const raw = useQuery(hostRawQuery(id))
  const files = raw.data?.files.filter((file) => file.provider === name) ?? []
  return (
    <Part title="What it said, word for word" note={files.length > 0 ? 'secrets are taken out on the host' : ''}>
      {raw.isPending ? (
        <div aria-busy="true" className="h-24 animate-shimmer rounded-mark bg-sunken" />
      ) : raw.isError && !raw.data ? (
        <p role="alert" className="flex flex-wrap items-center gap-3 text-danger-text">
          It could not be fetched: {raw.error.message}
          <Button onClick={() => void raw.refetch()}>Try again</Button>
        </p>
      ) : files.length === 0 ? (
        <p className="text-ink-3">Nothing was kept: the agent found no file of it and ran none of its programs.</p>
      ) : (
        <>
          {raw.isError ? (
            <p role="status" className="mb-2 flex flex-wrap items-center gap-3 text-old-text">
              It could not be fetched again: {raw.error.message} What stands here may be older than what stands above.
              <Button onClick={() => void raw.refetch()}>Try again</Button>
            </p>
          ) : null}
          <ul className="-mx-6 border-t border-line max-desk:-mx-4">
            {files.map((file) => (
              <li key={file.path}>
                <RawFileEntry
                  file={file}
                  open={(file.content?.length ?? 0) <= OPEN_CHARACTERS_MAX && files.length < 8}
                />
              </li>
            ))}
          </ul>
        </>
      )}
    </Part>
  )
}
