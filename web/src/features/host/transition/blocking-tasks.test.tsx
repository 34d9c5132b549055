// Goal: at three in the morning the culprit, its reason and the way out can be found and heard. Method: by role and name.
import type { BlockingTask } from '@rebootless/shared/contract/transition.ts'
import { render, screen, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { expect, test, vi } from 'vitest'
import { BlockingTasks } from './blocking-tasks.tsx'

const frame = (name: string, held: boolean) => ({
  function: name,
  offset: '0x1e/0xa0',
  module: held ? 'nfsv4' : null,
  held,
})
const task = (change: Partial<BlockingTask> = {}): BlockingTask => ({
  pid: 48113,
  tid: 48113,
  comm: 'rsync',
  kernelThread: false,
  state: 'D',
  wchan: 'rpc_wait_bit_killable',
  systemCall: 'openat',
  stack: [frame('rpc_wait_bit_killable', false), frame('nfs4_run_open_task', true)],
  cgroup: '/system.slice/backup.service',
  unit: 'backup.service',
  container: null,
  since: new Date(Date.now() - 125_000).toISOString(),
  heldFunction: 'nfs4_run_open_task',
  reason: 'killable_sleep',
  explanation: 'It waits for an answer inside a function that is being replaced.',
  advice: [
    { action: 'wait', recommended: true, possible: true, text: 'It ends when the server answers.' },
    { action: 'signal', recommended: false, possible: false, text: 'A signal does not wake it.' },
  ],
  ...change,
})
const shown = (tasks: BlockingTask[], open = '') => {
  const onOpen = vi.fn()
  render(<BlockingTasks tasks={tasks} total={tasks.length} over={false} open={open} onOpen={onOpen} />)
  return onOpen
}

test('the first task is open and names pid, unit, function and time', () => {
  shown([task(), task({ pid: 9, tid: 9, comm: 'other' })])
  const row = screen.getByRole('button', { name: /48113\s*rsync\s*backup\.service.*nfs4_run_open_task\s*2.min/ })
  expect(row.getAttribute('aria-expanded')).toBe('true')
  expect(screen.getByRole('button', { name: /other/ }).getAttribute('aria-expanded')).toBe('false')
  expect(screen.getByText(/waits for an answer inside/)).toBeTruthy()
})

test('the stack is innermost first and marks the patched frame alone', () => {
  shown([task()])
  const frames = screen.getAllByRole('listitem').filter((item) => item.closest('ol'))
  expect(frames.map((item) => item.textContent)).toEqual([
    '0rpc_wait_bit_killable+0x1e/0xa0sleeps here',
    '1nfs4_run_open_task+0x1e/0xa0 [nfsv4]patched, holds the task',
  ])
})

test('what cannot help stays listed with its reason, and nothing pretends to be a button', () => {
  shown([task()])
  const refused = screen.getByText('Send the signal now').closest('li')
  if (!refused) throw new Error('the advice is not in a list')
  expect(within(refused).getByText('A signal does not wake it.')).toBeTruthy()
  expect(within(refused).getByText('Cannot help')).toBeTruthy()
  expect(screen.getAllByRole('button')).toHaveLength(1)
})

test('a click folds it, which the address keeps', async () => {
  const onOpen = shown([task()])
  await userEvent.setup().click(screen.getByRole('button', { name: /rsync/ }))
  expect(onOpen).toHaveBeenCalledWith('none')
})

test('an unread stack says so, and a kernel thread says what it is', () => {
  shown([task({ stack: null, kernelThread: true, unit: null, heldFunction: null })])
  expect(screen.getByText(/The stack could not be read/)).toBeTruthy()
  expect(screen.getByRole('button', { name: /kernel thread/ })).toBeTruthy()
})

test('T04 a hostile name is shown as text', () => {
  shown([task({ comm: '<b>x\u202e' })])
  expect(screen.getByRole('button', { name: /<b>x\\u202e/ })).toBeTruthy()
})
