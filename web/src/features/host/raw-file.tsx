// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
import type { RawFile } from '@rebootless/shared/contract/kernel.ts'
import { ChevronRight } from 'lucide-react'
import { CopyButton } from '../../ui/copy-button.tsx'
import { plural } from '../../ui/duration.ts'
import { HostText } from '../../ui/host-text.tsx'

/** Of a program: how it ended. Empty for a file. */
const exitWords = ({ exitCode }: RawFile): string =>
  exitCode === undefined ? '' : exitCode === null ? 'it did not end by itself, ' : `exit code ${exitCode}, `

const nothingWords = (errno: string | null): string =>
  errno === 'ETIMEDOUT' ? 'it took too long and was ended' : (errno ?? 'no content')

/** One file, or what one program printed, as it was read: folded but for its name. */
export const RawFileEntry = ({ file, open }: { file: RawFile; open: boolean }) => (
  <details className="group border-b border-line" open={open}>
    <summary className="flex min-h-9 items-center gap-2 px-6 py-1 hover:bg-hover max-desk:px-4 touch:min-h-11">
      <ChevronRight size={14} aria-hidden className="flex-none text-ink-3 transition-transform group-open:rotate-90" />
      <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
        <code className="mono min-w-0 text-[12px] font-medium wrap-anywhere">
          <HostText value={file.path} max={256} />
        </code>
        {file.errno ? (
          <code className="mono text-[12px] font-medium text-old-text">{file.errno}</code>
        ) : (
          <span className={`text-12 ${file.exitCode ? 'font-medium text-old-text' : 'text-ink-3'}`}>
            {exitWords(file)}
            {plural(file.content?.length ?? 0, 'character')}
            {file.truncated ? ', cut here' : ''}
          </span>
        )}
      </span>
    </summary>
    <div className="flex items-start gap-3 px-6 pb-3 pl-[46px] max-desk:pr-4 max-desk:pl-4">
      {file.content === null ? (
        <p className="flex-1 text-12 text-ink-3">Nothing was read: {nothingWords(file.errno)}.</p>
      ) : (
        <>
          <pre
            tabIndex={0}
            className="mono max-h-96 min-w-0 flex-1 overflow-auto rounded-control bg-sunken px-3 py-2 text-[12px] leading-5"
          >
            {file.content === '' ? (
              <span className="font-sans text-ink-3">empty</span>
            ) : (
              <HostText value={file.content} max={16_384} lines />
            )}
          </pre>
          <CopyButton text={file.content} />
        </>
      )}
    </div>
  </details>
)
