import type { PatchUpload } from '@rebootless/shared/contract/patches.ts'
import { type ComponentProps, useCallback, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { DialogHead } from '../../ui/dialog-head.tsx'
import { count, plural } from '../../ui/duration.ts'
import { type FileState, LookedAtFile } from './looked-at-file.tsx'
import { kernelWord } from './patch-marks.tsx'

const kernelOf = ({ facts }: PatchUpload): string => kernelWord(facts)

/** Files are read one after the other, each says what it is, and each is kept or not, or all at once. Several make a set. */
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
  /** Of each file that was read, by its place. */
  const [states, setStates] = useState<ReadonlyMap<number, FileState>>(new Map())
  /** Places of those that are to be kept; what is dropped later is asked about anew. */
  const [wanted, setWanted] = useState<readonly number[]>([])
  const onState = useCallback(
    (index: number, state: FileState) => setStates((before) => new Map([...before, [index, state]])),
    [],
  )
  const all = [...states.values()]
  const countOf = (at: FileState['at']) => all.filter((state) => state.at === at).length
  // Of two files that are the same to the byte one is kept.
  const kept = [
    ...new Map(all.flatMap((state) => (state.at === 'kept' ? [[state.upload.id, state.upload]] : []))).values(),
  ]
  const isReading = states.size < offered.length
  const isOffered = (index: number) => states.get(index)?.at === 'offered'
  const next = wanted.find(isOffered)
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
        <PlacedFile
          // biome-ignore lint/suspicious/noArrayIndexKey: none leaves, and the same file may be offered twice
          key={index}
          file={file}
          index={index}
          mayRead={index <= states.size}
          open={offered.length === 1}
          mustKeep={index === next}
          onState={onState}
        />
      ))}
      <div className="sticky bottom-0 flex flex-wrap items-center gap-3 border-t border-line bg-raised p-4">
        <Button size="large" onClick={onClose}>
          {kept.length > 0 ? 'Done' : 'Close'}
        </Button>
        {offered.length < 2 || countOf('offered') === 0 ? null : (
          <Button
            size="large"
            kind="primary"
            disabled={isReading || next !== undefined}
            onClick={() => setWanted([...states.keys()].filter(isOffered))}
            className="disabled:bg-sunken"
          >
            {isReading ? 'Keep all' : `Keep all ${countOf('offered')}`}
          </Button>
        )}
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
            : [
                kept.length === 0 ? '' : `${plural(kept.length, 'module')} in the catalogue`,
                countOf('refused') === 0 ? '' : `${plural(countOf('refused'), 'file')} not taken`,
                countOf('to mend') === 0 ? '' : `${count(countOf('to mend'))} to mend`,
              ]
                .filter(Boolean)
                .join(', ')}
        </span>
      </div>
    </Dialog>
  )
}

/** A file that tells of itself by its place. */
const PlacedFile = ({
  index,
  onState,
  ...rest
}: Omit<ComponentProps<typeof LookedAtFile>, 'onState'> & {
  index: number
  onState: (index: number, state: FileState) => void
}) => {
  const tell = useCallback((state: FileState) => onState(index, state), [index, onState])
  return <LookedAtFile {...rest} onState={tell} />
}
