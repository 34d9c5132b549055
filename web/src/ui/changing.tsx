import { useEffect, useRef } from 'react'

/** A value that keeps a tint for two seconds after it changed, and does not move. */
export const Changing = ({ value }: { value: string | number }) => {
  const first = useRef(value)
  useEffect(() => {
    first.current = Number.NaN
  }, [])
  // The key restarts the animation with each new value; the first one is no change.
  return (
    <span key={value} className={`-mx-1 rounded-mark px-1 ${Object.is(first.current, value) ? '' : 'animate-mark'}`}>
      {value}
    </span>
  )
}
