import { useState } from 'react'

/** A value that keeps a tint for two seconds after it changed, and does not move. */
export const Changing = ({ value }: { value: string | number }) => {
  const [shown, setShown] = useState({ value, changes: 0 })
  if (shown.value !== value) setShown({ value, changes: shown.changes + 1 })
  // The key restarts the animation with each change; the first value is none.
  return (
    <span key={shown.changes} className={`-mx-1 rounded-mark px-1 ${shown.changes === 0 ? '' : 'animate-mark'}`}>
      {value}
    </span>
  )
}
