import type { HostOrigin } from '@rebootless/shared/domain/words.ts'
import { FlaskConical, History } from 'lucide-react'

const ABOUT = {
  recorded: 'A recording of a real kernel, played in a loop',
  simulated: 'A simulated host; no real kernel runs here',
}

/** Marks whatever is not a real agent's host, on every screen; `brief` drops the word, but for readers, where a row is narrow. */
export const OriginMark = ({ origin, brief = false }: { origin: HostOrigin; brief?: boolean }) => {
  if (origin === 'agent') return null
  const Icon = origin === 'recorded' ? History : FlaskConical
  return (
    <span
      title={ABOUT[origin]}
      className="inline-flex flex-none items-center gap-1 rounded-[4px] border border-dashed border-line-3 px-1 text-11 leading-4 font-normal text-ink-3"
    >
      <Icon size={11} aria-hidden />
      <span className={brief ? 'max-wide:sr-only' : ''}>{origin}</span>
    </span>
  )
}
