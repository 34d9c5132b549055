// Goal: the judge finds what differs. Method: one recording is told otherwise in one place, and the simulated kernel, which
// passes the true one, must be found different just there.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Capture, type CaptureSnap, readCapture } from '../../agent/recorded/capture.ts'
import { judgeCapture } from './judge.ts'

const KERNEL = '6.12.117+deb12'
const folder = join(import.meta.dirname, '..', '..', 'agent', 'captures', KERNEL, 'force-unpatch')

const withSnap = (capture: Capture, name: string, change: (snap: CaptureSnap) => CaptureSnap): Capture => {
  const snap = capture.snaps.get(name)
  if (snap === undefined) throw new Error(`the recording has no ${name}`)
  return { ...capture, snaps: new Map([...capture.snaps, [name, change(snap)]]) }
}
const withStep = (capture: Capture, step: number, change: Partial<Capture['steps'][number]>): Capture => ({
  ...capture,
  steps: capture.steps.map((other) => (other.step === step ? { ...other, ...change } : other)),
})

const LIES: readonly [about: string, tell: (capture: Capture) => Capture, what: string][] = [
  ['an errno', (capture) => withStep(capture, 9, { errno: null }), 'rmmod: errno'],
  ['how a process ended', (capture) => withStep(capture, 11, { output: 'read: 42\n' }), 'exited: output'],
  [
    'an attribute',
    (capture) =>
      withSnap(capture, 'snap/05.json', ({ livepatch, ...snap }) => ({
        ...snap,
        livepatch: { ...livepatch, 'lp_killable/enabled': { mode: '0644', content: '1\n' } },
      })),
    'livepatch/lp_killable: enabled',
  ],
  [
    'a mode',
    (capture) =>
      withSnap(capture, 'snap/05.json', ({ livepatch, ...snap }) => ({
        ...snap,
        livepatch: { ...livepatch, 'lp_killable/force': { mode: '0644', errno: 'EACCES' } },
      })),
    'livepatch/lp_killable: force',
  ],
  [
    'a reference',
    (capture) =>
      withSnap(capture, 'snap/08.json', ({ sys_module: { lp_killable: module, ...others }, ...snap }) => ({
        ...snap,
        sys_module: { ...others, lp_killable: { ...module, refcnt: '0\n' } },
      })),
    'modules: lp_killable',
  ],
  [
    'taint',
    (capture) => withSnap(capture, 'snap/13.json', (snap) => ({ ...snap, tainted: '0\n' })),
    'tainted: tainted',
  ],
  [
    'where a task sleeps',
    (capture) =>
      withSnap(capture, 'snap/05.json', (snap) => ({
        ...snap,
        blocked: snap.blocked.map((task) => ({ ...task, wchan: 'do_wait' })),
      })),
    'tasks: db-writer in the way',
  ],
  [
    'a line of the log',
    (capture) => ({
      ...capture,
      records: capture.records.map((record) => ({ ...record, text: record.text.replace('patched state', 'state') })),
    }),
    'log before the step',
  ],
  [
    'an order of states',
    (capture) =>
      withStep(capture, 3, {
        during: [
          { t_ms: 0, patches: { lp_killable: 'enabled=0 transition=1' }, tasks: {}, tids: {} },
          { t_ms: 1, patches: { lp_killable: 'enabled=1 transition=0' }, tasks: {}, tids: {} },
        ],
      }),
    'livepatch/lp_killable: enabled',
  ],
]

describe('a recording that lies is found out', () => {
  test('the true one is not', async () => {
    expect((await judgeCapture(await readCapture(folder), KERNEL)).differences).toEqual([])
  })

  test.each(LIES)('about %s', async (_about, tell, what) => {
    const { differences } = await judgeCapture(tell(await readCapture(folder)), KERNEL)
    expect(differences.map((difference) => difference.what)).toContain(what)
  })
})

test('a module that nobody has described fails, and says where to', async () => {
  const capture = withStep(await readCapture(folder), 1, { mod: 'lp_unheard_of' })
  await expect(judgeCapture(capture, KERNEL)).rejects.toThrow(
    'lp_unheard_of does is not known: describe it in server/sim/conformance/modules.ts',
  )
})
