import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from './button.tsx'

/** Copies `text`, as it is when it is asked for, and says so for two seconds; says what to do instead where the browser refuses. */
export const CopyButton = ({ text, label = 'Copy' }: { text: string | (() => string); label?: string }) => {
  const [result, setResult] = useState<'none' | 'done' | 'refused'>('none')
  useEffect(() => {
    if (result === 'none') return
    const timer = setTimeout(() => setResult('none'), 2000)
    return () => clearTimeout(timer)
  }, [result])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(typeof text === 'string' ? text : text())
      setResult('done')
    } catch {
      setResult('refused')
    }
  }
  return (
    <Button onClick={copy}>
      {result === 'done' ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      <span aria-live="polite">
        {result === 'done' ? 'Copied' : result === 'refused' ? 'Not allowed, select and copy' : label}
      </span>
    </Button>
  )
}
