// Goal: a person has hosts asked which tasks sleep in a patch's functions, is told whom that was and why not the others, and sees
// what they answered. Method: the panel's parts drawn alone; a server of two answers.
import type { PatchForecast, TaskLookAsked } from '@rebootless/shared/contract/patch-hosts.ts'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, expect, test, vi } from 'vitest'
import { askedSentence, HostLook, TaskLookButton } from './task-look.tsx'

const forecast: PatchForecast = {
  ...{ looked: 3, refusing: 0, stalling: 0, tasksLookedAt: 0, functions: [], items: [], nextCursor: null, total: 0 },
  ...{ cannotKnow: [], asOf: '2026-11-26T12:00:00.000Z' },
}
const nobody: TaskLookAsked = { asked: 0, justAsked: 0, beyond: 0, older: 0, apart: 0 }

const draw = (first: PatchForecast) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TaskLookButton id="p1" filter="name:web*" first={first} />
    </QueryClientProvider>,
  )
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

test('the press asks for the hosts of the filter, and says whom it asked', async () => {
  const sent: { url: string; body: unknown }[] = []
  vi.stubGlobal('fetch', async (input: RequestInfo | URL, init?: RequestInit) => {
    sent.push({ url: String(input instanceof Request ? input.url : input), body: JSON.parse(String(init?.body)) })
    const answer: TaskLookAsked = { ...nobody, asked: 1, older: 2 }
    return new Response(JSON.stringify(answer), { status: 202, headers: { 'content-type': 'application/json' } })
  })
  draw(forecast)
  expect(screen.getByText(/has not been looked at/)).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Look at the tasks now' }))
  await screen.findByText('1 host is asked; 2 with an agent too old for it: update it to know.')
  expect(sent).toEqual([
    { url: expect.stringContaining('/api/v1/patches/p1/forecast/look'), body: { filter: 'name:web*' } },
  ])
})

test('a server that says no is heard', async () => {
  vi.stubGlobal('fetch', async () => new Response(null, { status: 500 }))
  draw(forecast)
  fireEvent.click(screen.getByRole('button', { name: 'Look at the tasks now' }))
  expect(await screen.findByRole('alert')).toBeTruthy()
})

test('each reason why a host is not asked has its words', () => {
  expect(askedSentence({ asked: 0, justAsked: 3, beyond: 4, older: 5, apart: 6 })).toBe(
    'No host is asked now; 3 asked less than a minute ago; 4 left for the next time; 5 with an agent too old for it: update it to know; 6 not connected, or the functions are not known.',
  )
})

test('a host’s line says when, and how much was seen', () => {
  const look = { lookedAt: new Date(Date.now() - 120_000).toISOString(), tasksTotal: 340, tasksRead: 312 }
  const { container } = render(<HostLook look={{ ...look, sleepingTotal: 0, counts: [] }} />)
  expect(container.textContent).toMatch(
    /^Its tasks were looked at 2\smin ago: the stacks of 312 of 340 could be read; none sleeps in these functions\.$/,
  )
})
