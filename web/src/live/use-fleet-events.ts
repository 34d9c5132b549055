import type { FleetEvent } from '@rebootless/shared/contract/event.ts'
import type { Session } from '@rebootless/shared/contract/session.ts'
import { HOST_STATE_WORDS } from '@rebootless/shared/domain/state-words.ts'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { queryKeys } from '../api/query-keys.ts'
import { visibleText } from '../ui/host-text.tsx'
import { announce } from './announcer.ts'
import { applyEvents } from './apply-events.ts'
import { followEvents } from './event-stream.ts'
import { liveStore } from './live-store.ts'

/** They are counts over all hosts, so they are asked for anew, but never more often than this. */
const NUMBERS_EVERY_MS = 1000
/** A page that a thousand hosts speak to in a second is drawn twenty times for them; what comes alone does not wait. */
const APPLIED_EVERY_MS = 50
const CHANGES_NUMBERS: ReadonlySet<FleetEvent['type']> = new Set([
  'host.changed',
  'host.sampled',
  'host.removed',
  'command.changed',
  'freeze.changed',
])

/** Follows the event stream while mounted; returns what tries again at once. */
export const useFleetEvents = (): (() => void) => {
  const cache = useQueryClient()
  const retry = useRef(() => {})
  useEffect(() => {
    let numbersTimer: ReturnType<typeof setTimeout> | undefined
    const refreshNumbers = () => {
      numbersTimer ??= setTimeout(() => {
        numbersTimer = undefined
        void cache.invalidateQueries({ queryKey: queryKeys.fleetNumbers })
      }, NUMBERS_EVERY_MS)
    }
    let waiting: FleetEvent[] = []
    let applyTimer: ReturnType<typeof setTimeout> | undefined
    let appliedAt = Number.NEGATIVE_INFINITY
    const applyWaiting = () => {
      appliedAt = performance.now()
      const events = waiting
      waiting = []
      applyTimer = undefined
      const applied = applyEvents(cache, events)
      liveStore.take(applied)
      if (events.some(({ type }) => CHANGES_NUMBERS.has(type))) refreshNumbers()
      for (const { name, state } of applied.inAnotherState)
        announce(`${visibleText(name, 80)} is ${HOST_STATE_WORDS[state].word.toLowerCase()}`)
    }
    const stream = followEvents(
      // Answers come while the first stream is still being opened: it begins where the page's first answer stood.
      (first) => {
        const id = first ? cache.getQueryData<Session>(queryKeys.session)?.lastEventId : undefined
        return id === undefined ? '/api/v1/events' : `/api/v1/events?lastEventId=${id}`
      },
      {
        open: (url) => new EventSource(url),
        later: (run, milliseconds) => {
          const timer = setTimeout(run, milliseconds)
          return () => clearTimeout(timer)
        },
        random: Math.random,
      },
      {
        onEvent: (event) => {
          waiting.push(event)
          applyTimer ??= setTimeout(applyWaiting, appliedAt + APPLIED_EVERY_MS - performance.now())
        },
        onOpen: (resumed) => {
          if (!resumed) void cache.invalidateQueries()
          if (liveStore.status().connection === 'lost') announce('Live again')
          liveStore.setStatus({ connection: 'live', since: Date.now(), retryAt: null })
        },
        onLost: (retryInMs) => {
          const status = liveStore.status()
          liveStore.setStatus({
            connection: 'lost',
            since: status.connection === 'lost' ? status.since : Date.now(),
            retryAt: retryInMs === null ? null : Date.now() + retryInMs,
          })
          if (status.connection !== 'lost') announce('The live stream is lost; what is shown may be old')
          // An ended session also ends the stream, and only an ordinary request can tell.
          if (retryInMs !== null) void cache.invalidateQueries({ queryKey: queryKeys.session })
        },
      },
    )
    retry.current = stream.retryNow
    return () => {
      stream.stop()
      clearTimeout(applyTimer)
      clearTimeout(numbersTimer)
      liveStore.setStatus({ connection: 'starting', since: Date.now(), retryAt: null })
    }
  }, [cache])
  return () => retry.current()
}
