import { CopyButton } from '../../ui/copy-button.tsx'
import { Placeholder } from '../../ui/notice.tsx'

/** Something to type on a host, with a button that copies it; a placeholder while there is none. */
export const CommandText = ({ text, waitingFor }: { text: string | undefined; waitingFor: string }) => (
  <div className="mt-2 flex items-start gap-3 rounded-control bg-sunken p-3">
    {text === undefined ? (
      <span role="status" className="grid flex-1 gap-2 py-1.5">
        <span className="sr-only">{waitingFor}</span>
        <Placeholder className="w-full" />
        <Placeholder className="w-2/3" />
      </span>
    ) : (
      <>
        <code className="mono min-w-0 flex-1 py-1 text-[12px] wrap-anywhere select-all">{text}</code>
        <CopyButton text={text} />
      </>
    )}
  </div>
)
