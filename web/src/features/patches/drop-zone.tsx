import { Upload } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { MODULE_FILES } from '../../api/upload-module.ts'
import { Button } from '../../ui/button.tsx'

/** Takes files that are dropped anywhere on the page, and says so while they are above it. */
export const DropZone = ({
  refused,
  onFiles,
  children,
}: {
  /** Why whoever looks may not; null: he may. */
  refused: string | null
  onFiles: (files: readonly File[]) => void
  children: ReactNode
}) => {
  const [over, setOver] = useState(false)
  const take = useRef(onFiles)
  take.current = onFiles
  useEffect(() => {
    // Each element that the pointer enters tells of it: only as many leavings as enterings mean that it is gone.
    let depth = 0
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true
    const enter = (event: DragEvent) => {
      if (!carriesFiles(event)) return
      depth += 1
      setOver(true)
    }
    const leave = (event: DragEvent) => {
      if (!carriesFiles(event)) return
      depth = Math.max(0, depth - 1)
      if (depth === 0) setOver(false)
    }
    // Without it the browser would open the file in place of the page.
    const allow = (event: DragEvent) => {
      if (carriesFiles(event)) event.preventDefault()
    }
    const drop = (event: DragEvent) => {
      if (!carriesFiles(event)) return
      event.preventDefault()
      depth = 0
      setOver(false)
      take.current([...(event.dataTransfer?.files ?? [])])
    }
    const listeners = { dragenter: enter, dragleave: leave, dragover: allow, drop } as const
    for (const [name, listener] of Object.entries(listeners)) window.addEventListener(name as 'drop', listener)
    return () => {
      for (const [name, listener] of Object.entries(listeners)) window.removeEventListener(name as 'drop', listener)
    }
  }, [])
  return (
    <>
      {children}
      {over ? (
        <div
          aria-hidden
          className="pointer-events-none fixed inset-3 z-20 grid place-items-center rounded-pop border-2 border-dashed border-ink bg-raised/90 text-16 font-medium"
        >
          {refused ?? 'Drop livepatch modules: they are read first, and kept only when you say so'}
        </div>
      ) : null}
    </>
  )
}

/** The same by a file dialog. */
export const UploadButton = ({
  refused,
  onFiles,
}: {
  /** Why whoever looks may not; null: he may. */
  refused: string | null
  onFiles: (files: readonly File[]) => void
}) => {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button
        kind="primary"
        disabled={refused !== null}
        title={refused ?? undefined}
        onClick={() => input.current?.click()}
        className="disabled:bg-sunken"
      >
        <Upload size={14} aria-hidden />
        Upload
      </Button>
      <input
        ref={input}
        type="file"
        multiple
        accept={MODULE_FILES}
        aria-label="Modules to upload"
        tabIndex={-1}
        className="sr-only"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])])
          // So that the same file, mended, can be chosen again.
          event.target.value = ''
        }}
      />
    </>
  )
}
