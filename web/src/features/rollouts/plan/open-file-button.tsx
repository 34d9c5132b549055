import { FileUp } from 'lucide-react'
import { useRef } from 'react'
import { Button } from '../../../ui/button.tsx'

/** A plan is at most 512 KiB; what is larger is not even read. */
const FILE_BYTES_MAX = 512 * 1024

/**
 * The text of a file that a person chose or dropped.
 * @throws Error in a sentence, where it is too large for a plan
 */
export const textOfFile = async (file: File): Promise<string> => {
  if (file.size > FILE_BYTES_MAX) throw new Error('The file is too large for a plan: 512 KiB at most.')
  return file.text()
}

export const OpenFileButton = ({ label, onFile }: { label: string; onFile: (file: File) => void }) => {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button onClick={() => input.current?.click()}>
        <FileUp size={14} aria-hidden />
        {label}
      </Button>
      <input
        ref={input}
        type="file"
        aria-label={label}
        tabIndex={-1}
        className="sr-only"
        accept=".yaml,.yml,application/yaml,text/yaml"
        onChange={(event) => {
          const [file] = event.target.files ?? []
          // The same file may be chosen again after it was mended.
          event.target.value = ''
          if (file !== undefined) onFile(file)
        }}
      />
    </>
  )
}
