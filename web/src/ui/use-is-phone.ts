import { useSyncExternalStore } from 'react'

const query = globalThis.matchMedia?.('(max-width: 899.98px)')

/** True below the width at which the rail gives way to the bottom bar (`--breakpoint-desk`). */
export const useIsPhone = (): boolean =>
  useSyncExternalStore(
    (listener) => {
      query?.addEventListener('change', listener)
      return () => query?.removeEventListener('change', listener)
    },
    () => query?.matches ?? false,
  )
