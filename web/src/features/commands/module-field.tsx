import type { PatchSummary, PatchUpload } from '@rebootless/shared/contract/patches.ts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Upload } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { queryKeys } from '../../api/query-keys.ts'
import { MODULE_BYTES_MAX, MODULE_FILES, uploadModule } from '../../api/upload-module.ts'
import { Refusal } from '../../shell/refusal.tsx'
import { ChoiceList } from '../../ui/choice-list.tsx'
import { percent, plural } from '../../ui/duration.ts'
import { HostText, visibleText } from '../../ui/host-text.tsx'
import { Placeholder } from '../../ui/notice.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import { fitOf } from './module-fit.ts'
import { patchFilesQuery } from './queries.ts'

/** No module from here: the host's own copy. */
export const OWN_COPY = ''

/** One of the uploaded modules that fit, or a new one by choice or drop. */
export const ModuleField = ({
  kernelRelease,
  loaded,
  patch,
  value,
  onChange,
}: {
  kernelRelease: string
  /** Modules that are in the kernel: of a name, there is one. */
  loaded: readonly string[]
  /** Only modules of this name, which the host may have a copy of; null: any. */
  patch: string | null
  value: string | null
  onChange: (sha256: string) => void
}) => {
  const files = useQuery(patchFilesQuery)
  const ofName = (files.data?.items ?? []).filter(({ name }) => patch === null || name === patch)
  const found = ofName.filter(({ module }) => module !== null && fitOf(module, kernelRelease) === undefined)
  const misfits = ofName.length - found.length
  return (
    <div className="grid gap-3">
      {files.isPending ? (
        <div aria-busy="true" className="grid gap-2 py-2">
          <Placeholder className="w-64" />
          <Placeholder className="w-40" />
        </div>
      ) : files.isError ? (
        <Refusal error={files.error} lead="The modules could not be listed." />
      ) : found.length === 0 && patch === null ? (
        <p className="text-ink-3">No module for this kernel has been uploaded yet.</p>
      ) : (
        <div className="max-h-60 overflow-y-auto">
          <ChoiceList
            label="Module"
            value={value ?? ''}
            onChange={onChange}
            choices={[
              ...(patch === null
                ? []
                : [
                    {
                      value: OWN_COPY,
                      label: 'The host’s own copy',
                      about: 'Kept by the agent, if a command of it has put this livepatch into effect.',
                    },
                  ]),
              ...found.map((file) => ({
                value: file.id,
                label: visibleText(file.name, 64),
                about: <AboutFile file={file} />,
                refused: patch === null && loaded.includes(file.name) ? 'A module of this name is loaded.' : undefined,
              })),
            ]}
          />
        </div>
      )}
      {misfits > 0 ? (
        <p className="text-12 text-ink-3">
          {plural(misfits, 'module')} of other kernels {misfits === 1 ? 'is' : 'are'} left out.
        </p>
      ) : null}
      <UploadField kernelRelease={kernelRelease} onUploaded={(file) => onChange(file.id)} />
    </div>
  )
}

const AboutFile = ({ file }: { file: PatchSummary }) => (
  <>
    Release {file.releaseCounter}, uploaded by <HostText value={file.uploadedBy} max={64} />{' '}
    <TimeAgo at={file.uploadedAt} suffix=" ago" />,{' '}
    <code className="mono" title={file.id}>
      {file.id.slice(0, 12)}
    </code>
  </>
)

const UploadField = ({
  kernelRelease,
  onUploaded,
}: {
  kernelRelease: string
  onUploaded: (file: PatchUpload) => void
}) => {
  const cache = useQueryClient()
  const [share, setShare] = useState(0)
  const [over, setOver] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const leaving = useRef(new AbortController())
  useEffect(() => {
    const gone = new AbortController()
    leaving.current = gone
    return () => gone.abort()
  }, [])
  const upload = useMutation({
    mutationFn: async (file: File) => {
      if (file.size > MODULE_BYTES_MAX) throw new Error('The file is larger than 64 MiB, which is the most.')
      return uploadModule(file, { onProgress: setShare, signal: leaving.current.signal })
    },
    onMutate: () => setShare(0),
    onSuccess: async (file) => {
      await cache.invalidateQueries({ queryKey: queryKeys.patches })
      if (fitOf(file.facts, kernelRelease) === undefined) onUploaded(file)
    },
  })
  const take = (list: FileList | null) => {
    const [file] = list ?? []
    if (file !== undefined && !upload.isPending) upload.mutate(file)
    // So that the same file, mended, can be chosen again.
    if (input.current) input.current.value = ''
  }
  const misfit = upload.data === undefined ? undefined : fitOf(upload.data.facts, kernelRelease)
  return (
    <div className="grid gap-2">
      <label
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          take(event.dataTransfer.files)
        }}
        className={`flex min-h-14 cursor-pointer items-center justify-center gap-2 rounded-control border border-dashed px-3 py-2 text-center text-ink-2 transition-colors hover:bg-hover has-focus-visible:outline-2 has-focus-visible:outline-ink ${over ? 'border-ink bg-hover' : 'border-line-3'}`}
      >
        <Upload size={16} aria-hidden className="flex-none text-ink-3" />
        <span>{upload.isPending ? `Uploading, ${percent(share)}` : 'Drop a module (.ko) here, or choose one'}</span>
        <input
          ref={input}
          type="file"
          accept={MODULE_FILES}
          className="sr-only"
          disabled={upload.isPending}
          onChange={(event) => take(event.target.files)}
        />
      </label>
      {upload.isPending ? (
        <progress aria-label="Upload" value={share} max={1} className="h-1 w-full accent-ink" />
      ) : null}
      {upload.isError && !(upload.error instanceof DOMException) ? (
        <Refusal error={upload.error} lead="Not uploaded." />
      ) : null}
      {upload.data === undefined ? null : (
        <p role="status" className="text-12 text-ink-2 wrap-anywhere">
          <b className="font-semibold">
            <HostText value={upload.data.name} max={64} />
          </b>
          , built for{' '}
          <code className="mono">
            <HostText value={upload.data.facts.vermagic} max={256} />
          </code>
          . {misfit ?? 'It fits this kernel.'}
        </p>
      )}
    </div>
  )
}
