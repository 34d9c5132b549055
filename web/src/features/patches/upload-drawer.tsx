import type { PatchUpload } from '@rebootless/shared/contract/patches.ts'
import { useCallback, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { plural } from '../../ui/duration.ts'
import { LookedAtFile } from './looked-at-file.tsx'
import { kernelWord } from './patch-marks.tsx'

const kernelOf = ({ facts }: PatchUpload): string => kernelWord(facts)

/** Files are read one after the other, each says what it is, and each is kept or not. Several make a set. */
export const UploadDrawer = ({
  offered,
  onClose,
  onMakeSet,
}: {
  /** New ones come at its end. */
  offered: readonly File[]
  onClose: () => void
  onMakeSet: (modules: readonly string[]) => void
}) => {
  const [read, setRead] = useState(0)
  const [kept, setKept] = useState<readonly PatchUpload[]>([])
  const onRead = useCallback(() => setRead((before) => before + 1), [])
  const onKept = useCallback(
    (upload: PatchUpload) => setKept((before) => [...before.filter(({ id }) => id !== upload.id), upload]),
    [],
  )
  const kernels = new Set(kept.map(kernelOf))
  const title = offered.length === 1 ? 'A module to look at' : `${plural(offered.length, 'file')} to look at`
  return (
    <Dialog
      label={title}
      onClose={onClose}
      className="mt-0! mr-0! h-dvh max-h-dvh! w-[min(640px,100vw)]! max-w-none! overflow-y-auto! rounded-none!"
    >
      <DialogHead title={title} onClose={onClose} />
      <p className="border-b border-line px-4 py-3 text-ink-2">
        {offered.length === 1 ? 'The file is' : 'The files are'} only read. Nothing is kept before you say so.
      </p>
      {offered.map((file, index) => (
        <LookedAtFile
          // biome-ignore lint/suspicious/noArrayIndexKey: none leaves, and the same file may be offered twice
          key={index}
          file={file}
          mayRead={index <= read}
          open={offered.length === 1}
          onRead={onRead}
          onKept={onKept}
        />
      ))}
      <div className="sticky bottom-0 flex flex-wrap items-center gap-3 border-t border-line bg-raised p-4">
        <Button size="large" onClick={onClose}>
          {kept.length > 0 ? 'Done' : 'Close'}
        </Button>
        {kept.length < 2 ? null : (
          <Button
            size="large"
            kind="primary"
            disabled={kernels.size < kept.length}
            onClick={() => onMakeSet(kept.map(({ id }) => id))}
            className="disabled:bg-sunken"
          >
            Make a set of these {kept.length}
          </Button>
        )}
        <span role="status" className="min-w-0 flex-1 text-12 text-ink-3">
          {kept.length >= 2 && kernels.size < kept.length
            ? 'Two of them are for the same kernel: a set has one for each.'
            : kept.length === 0
              ? ''
              : `${plural(kept.length, 'module')} kept.`}
        </span>
      </div>
    </Dialog>
  )
}
