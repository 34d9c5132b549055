import { type ComponentProps, useLayoutEffect, useRef, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { ReasonedAct } from './reasoned-act.tsx'

/**
 * An act behind a button: its form takes the focus when it opens, and the button has it again when the act was done or
 * was not wanted after all.
 */
export const OpenedAct = ({
  opener,
  openerName,
  size = 'large',
  refusal = null,
  onAct,
  ...form
}: Omit<ComponentProps<typeof ReasonedAct>, 'onAct' | 'onCancel'> & {
  /** What the button that opens the form says. */
  opener: string
  /** The same for whoever does not see where the button stands. */
  openerName?: string
  size?: 'small' | 'large'
  /** Why it cannot be done by whoever looks, or now. */
  refusal?: string | null
  onAct: (reason: string, done: { onSuccess: () => void }) => void
}) => {
  const [opened, setOpened] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const wasOpened = useRef(false)
  useLayoutEffect(() => {
    if (wasOpened.current && !opened) button.current?.focus()
    wasOpened.current = opened
  }, [opened])
  const close = () => setOpened(false)
  if (opened) return <ReasonedAct {...form} onAct={(reason) => onAct(reason, { onSuccess: close })} onCancel={close} />
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Button
        ref={button}
        aria-label={openerName}
        size={size}
        disabled={refusal !== null}
        onClick={() => setOpened(true)}
      >
        {opener}
      </Button>
      {refusal === null ? null : <span className="min-w-0 text-12 text-ink-3">{refusal}</span>}
    </div>
  )
}
