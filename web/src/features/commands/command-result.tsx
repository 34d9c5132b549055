import type { CommandView } from '@rebootless/shared/contract/commands-api.ts'
import { HostText } from '../../ui/host-text.tsx'
import { refusalWords } from './remedies.ts'

/** A host that said "not now" gets another command of the same request. */
const SENT_AGAIN = 'Nothing: it is sent once more, under a number of its own.'

/** What the host said of a command, what that means, and what to do. Empty while there is nothing to say. */
export const CommandResultText = ({ command }: { command: CommandView }) => {
  const words = refusalWords(command.code)
  if (command.state === 'waiting')
    return command.waitingFor === null ? null : <HostText value={command.waitingFor} max={700} />
  if (command.code === null && command.detail === null) return null
  return (
    <span className="grid gap-0.5 wrap-anywhere">
      {words === null ? null : <span className="text-ink">{words.what}</span>}
      {command.detail === null ? null : (
        <span>
          <HostText value={command.detail} max={1000} />
        </span>
      )}
      {words === null ? null : (
        <span>
          <b className="font-semibold">What to do:</b> {command.state === 'expired' ? SENT_AGAIN : words.remedy}
        </span>
      )}
      {command.code === null ? null : (
        <span className="text-12 text-ink-3">
          Code{' '}
          <code className="mono">
            <HostText value={command.code} max={64} />
          </code>
        </span>
      )}
    </span>
  )
}
