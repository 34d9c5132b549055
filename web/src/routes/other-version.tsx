import { useEffect } from 'react'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { StateGlyph } from '../ui/state-glyph.tsx'

const KEY = 'rebootless.loaded-anew'
const AGAIN_MS = 60_000

/** As Chromium, Firefox and WebKit say that a part of the page did not come. */
const MISSING_PART =
  /dynamically imported module|importing a module script failed|'text\/html' is not a valid JavaScript MIME type/i

export const isMissingPart = (error: unknown): boolean => error instanceof Error && MISSING_PART.test(error.message)

/** Not twice in a minute, so that a part that is missing for good does not load the page for ever. */
const mayLoadAnew = (now: number): boolean => {
  try {
    if (now - Number(sessionStorage.getItem(KEY)) < AGAIN_MS) return false
    sessionStorage.setItem(KEY, String(now))
    return true
  } catch {
    return false
  }
}

const loadAnew = (): void => location.reload()

/**
 * A server of another version has other files: a page that was open while it was replaced cannot fetch a part any more. It is
 * loaded anew by itself once the server answers; trying again would find the same, since a module that failed stays so.
 */
export const OtherVersion = ({ load = loadAnew }: { load?: () => void }) => {
  useEffect(() => {
    const gone = new AbortController()
    fetch('/healthz', { signal: gone.signal, cache: 'no-store' }).then(
      (answer) => {
        if (answer.ok && !gone.signal.aborted && mayLoadAnew(Date.now())) load()
      },
      () => undefined,
    )
    return () => gone.abort()
  }, [load])
  return (
    <Notice
      mark={<StateGlyph state="unknown" size={20} />}
      title="A part of this page could not be loaded"
      actions={
        <Button size="large" kind="primary" onClick={load}>
          Load the page anew
        </Button>
      }
    >
      <p>
        The server does not answer, or it is of another version now than when this page was opened. Load the page anew
        once it answers; nothing that was done is lost.
      </p>
    </Notice>
  )
}
