import { Download } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'

const save = (text: string) => {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = 'rebootless-recovery-codes.txt'
  link.click()
  URL.revokeObjectURL(url)
}

/** The codes that stand in for a lost authenticator. The server keeps only their hashes. */
export const RecoveryCodes = ({
  codes,
  username,
  onDone,
}: {
  codes: readonly string[]
  username: string
  onDone: () => void
}) => {
  const text = `Recovery codes of ${username} at ${location.host}; each works once.\n${codes.join('\n')}\n`
  return (
    <div className="grid max-w-[420px] gap-3">
      <p role="status">
        <b className="font-semibold">The second factor is on.</b> Keep these codes where you will find them without your
        authenticator. Each signs you in once instead of a code; they are not shown again.
      </p>
      <ul aria-label="Recovery codes" className="mono grid grid-cols-2 gap-x-6 gap-y-1 rounded-control bg-sunken p-3">
        {codes.map((code) => (
          <li key={code} className="select-all">
            {code}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={text} label="Copy all" />
        <Button onClick={() => save(text)}>
          <Download size={14} aria-hidden />
          Download
        </Button>
        <Button kind="primary" onClick={onDone}>
          I have kept them
        </Button>
      </div>
    </div>
  )
}
