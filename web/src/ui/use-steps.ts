import { useEffect, useState } from 'react'

const STEP = 250

/** Rises to a number in steps, each in a task of its own: the page is painted and answers between them. */
export const useSteps = (until: number): number => {
  const [reached, setReached] = useState(STEP)
  useEffect(() => {
    if (reached >= until) return
    const timer = setTimeout(() => setReached(reached + STEP))
    return () => clearTimeout(timer)
  }, [reached, until])
  return Math.min(reached, until)
}
