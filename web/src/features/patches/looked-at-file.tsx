import type { PatchUpload } from '@rebootless/shared/contract/patches.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useId, useState } from 'react'
import { api } from '../../api/client.ts'
import { queryKeys } from '../../api/query-keys.ts'
import { MODULE_BYTES_MAX, uploadModule } from '../../api/upload-module.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { Button } from '../../ui/button.tsx'
import { percent } from '../../ui/duration.ts'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { parseHandCves } from './hand-cves.ts'
import { ModuleFactList } from './module-fact-list.tsx'
import { patchQuery } from './queries.ts'
import { NO_REMARKS, RemarksFields } from './remarks-fields.tsx'
import { WarningList } from './warning-list.tsx'

const TOO_LARGE =
  'The file is larger than 64 MiB, which is the most. Strip its debug information, or upload the module alone.'

/** What became of a file that was read. `to mend`: what is written beside it cannot be kept. */
export type FileState =
  | { readonly at: 'refused' }
  | { readonly at: 'offered' | 'to mend' | 'left' | 'kept'; readonly upload: PatchUpload }

/** One file that was dropped: read by the server, shown, and then kept or not. */
export const LookedAtFile = ({
  file,
  mayRead,
  open,
  mustKeep,
  onState,
}: {
  file: File
  /** Its turn has come: one is read at a time. */
  mayRead: boolean
  /** Shows all facts at once. */
  open: boolean
  /** All are to be kept, and its turn has come. */
  mustKeep: boolean
  onState: (state: FileState) => void
}) => {
  const identity = useId()
  const [share, setShare] = useState(0)
  const looked = useQuery({
    queryKey: ['uploads', identity],
    queryFn: ({ signal }) => {
      if (file.size > MODULE_BYTES_MAX) throw new Error(TOO_LARGE)
      return uploadModule(file, { onProgress: setShare, signal, dryRun: true })
    },
    enabled: mayRead,
    retry: false,
    gcTime: 0,
  })
  const { isError } = looked
  useEffect(() => {
    if (isError) onState({ at: 'refused' })
  }, [isError, onState])
  return (
    <section aria-label={visibleText(file.name, 80)} className="grid gap-3 border-b border-line p-4">
      <h3 className="mono text-[13px] wrap-anywhere">
        <HostText value={file.name} max={120} />
      </h3>
      {looked.isError ? (
        <Refusal error={looked.error} lead="Not taken, and nothing of it is kept." />
      ) : looked.isSuccess ? (
        <Findings file={file} looked={looked.data} open={open} mustKeep={mustKeep} onState={onState} />
      ) : (
        <>
          <p role="status" className="text-ink-2">
            {!mayRead
              ? 'Waits for its turn.'
              : share < 1
                ? `On its way to the server, ${percent(share)}`
                : 'The server reads it.'}
          </p>
          <progress aria-label="Upload" value={share} max={1} className="h-1 w-full accent-ink" />
        </>
      )}
    </section>
  )
}

const Findings = ({
  file,
  looked,
  open,
  mustKeep,
  onState,
}: {
  file: File
  looked: PatchUpload
  open: boolean
  mustKeep: boolean
  onState: (state: FileState) => void
}) => {
  const cache = useQueryClient()
  const [remarks, setRemarks] = useState(NO_REMARKS)
  const [left, setLeft] = useState(false)
  const read = parseHandCves(remarks.cves)
  // Whoever has the same file already keeps its remarks: to keep it again would change nothing.
  const there = useQuery({ ...patchQuery(looked.id), retry: false, staleTime: Number.POSITIVE_INFINITY })
  const keep = useMutation({
    mutationFn: async () => {
      const kept = await uploadModule(file, { onProgress: () => {}, signal: new AbortController().signal })
      const notes = remarks.notes.trim()
      const cves = read.ok ? read.cves : []
      if (notes !== '' || cves.length > 0)
        await api.patch('/api/v1/patches/:id', { params: { id: kept.id }, body: { notes, cves } })
      return kept
    },
    onSettled: () => cache.invalidateQueries({ queryKey: queryKeys.patches }),
  })
  const alreadyThere = there.isSuccess && !keep.isSuccess && !keep.isPending
  const at = keep.isSuccess || alreadyThere ? 'kept' : left ? 'left' : read.ok && !keep.isError ? 'offered' : 'to mend'
  useEffect(() => {
    if (!there.isPending) onState({ at, upload: looked })
  }, [at, looked, there.isPending, onState])
  const { mutate, isIdle } = keep
  const isDue = mustKeep && at === 'offered' && isIdle
  useEffect(() => {
    if (isDue) mutate()
  }, [isDue, mutate])
  const { facts } = looked
  return (
    <>
      <p>
        <b className="font-semibold">
          <HostText value={facts.name} max={64} />
        </b>{' '}
        is a livepatch for{' '}
        <span className="mono">
          <HostText value={facts.release} max={128} />
        </span>{' '}
        on {facts.architecture}.
      </p>
      <WarningList warnings={looked.warnings} />
      <details open={open} className="group">
        <summary className="text-12 font-medium text-ink-2 hover:text-ink touch:py-3">What the file says</summary>
        <ModuleFactList facts={facts} />
      </details>
      {keep.isSuccess || alreadyThere ? (
        <p role="status" className="font-medium">
          {keep.isSuccess ? 'Kept.' : 'It is in the catalogue already.'}{' '}
          <Link to="/patches/$id" params={{ id: looked.id }} className="quiet-link">
            Open <HostText value={facts.name} max={64} />
          </Link>
        </p>
      ) : left ? (
        <p role="status" className="text-ink-3">
          Not kept.
        </p>
      ) : (
        <form
          className="grid gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            if (read.ok && !keep.isPending) keep.mutate()
          }}
        >
          <RemarksFields value={remarks} onChange={setRemarks} />
          {keep.isError ? <Refusal error={keep.error} lead="Not kept, or without what is written here." /> : null}
          <div className="flex flex-wrap gap-3">
            <Button
              type="submit"
              size="large"
              kind="primary"
              disabled={!read.ok || keep.isPending || there.isPending}
              className="disabled:bg-sunken"
            >
              {keep.isPending ? 'Keeping it' : 'Keep it'}
            </Button>
            <Button size="large" disabled={keep.isPending} onClick={() => setLeft(true)}>
              Do not keep it
            </Button>
          </div>
        </form>
      )}
    </>
  )
}
