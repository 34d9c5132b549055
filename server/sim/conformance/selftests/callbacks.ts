import {
  canceled,
  type Log,
  patching,
  reversing,
  type Scenario,
  type SelftestStep,
  startsPatching,
  takeOut,
} from './scenario.ts'

const PATCH = 'lp_callbacks'
const TOO = 'lp_callbacks_too'

const called = (callback: string, objects: readonly string[], patch = PATCH): Log =>
  objects.map((object) => `${patch}: ${callback} ${object}`)

const load = (
  objects: readonly string[],
  patch = PATCH,
  parameters: Readonly<Record<string, string>> = {},
): SelftestStep => ({
  ...{ do: 'load_livepatch', module: patch, parameters },
  log: patching(patch, { pre: called('pre_patch', objects, patch), post: called('post_patch', objects, patch) }),
})
const remove = (objects: readonly string[], patch = PATCH): readonly SelftestStep[] =>
  takeOut(patch, { pre: called('pre_unpatch', objects, patch), post: called('post_unpatch', objects, patch) })

const applying = `livepatch: applying patch '${PATCH}' to loading module 'lab_target'`
const reverting = `livepatch: reverting patch '${PATCH}' on unloading module 'lab_target'`

const loadTarget = (log: Log): SelftestStep => ({ do: 'load', module: 'lab_target', log: [...log, 'lab_target: init'] })
const unloadTarget = (log: Log): SelftestStep => ({
  ...{ do: 'unload', module: 'lab_target', log: ['lab_target: exit', ...log] },
})
/** Its pre and post run at once, before its init. */
const targetComes = loadTarget([
  ...[applying, ...called('pre_patch', ['lab_target'])],
  ...called('post_patch', ['lab_target']),
])
/** After its exit. */
const targetGoes = unloadTarget([
  ...[...called('pre_unpatch', ['lab_target']), reverting],
  ...called('post_unpatch', ['lab_target']),
])
const loadBusy = (wait: '0' | '1'): SelftestStep => ({
  ...{ do: 'load', module: 'lab_busy', parameters: { wait } },
  log: ['lab_busy: init', 'lab_busy: work begins', ...(wait === '1' ? [] : ['lab_busy: work ends'])],
})
const BOTH = ['vmlinux', 'lab_target']

/** tools/testing/selftests/livepatch/test-callbacks.sh; Documentation/livepatch/callbacks.rst. */
export const CALLBACK_SCENARIOS: readonly Scenario[] = [
  {
    name: 'callbacks 1: target before the patch',
    steps: [loadTarget([]), load(BOTH), ...remove(BOTH), unloadTarget([])],
  },
  {
    name: 'callbacks 2: target comes',
    steps: [load(['vmlinux']), targetComes, ...remove(BOTH), unloadTarget([])],
  },
  {
    name: 'callbacks 3: target goes',
    steps: [loadTarget([]), load(BOTH), targetGoes, ...remove(['vmlinux'])],
  },
  {
    name: 'callbacks 4: target comes and goes',
    steps: [load(['vmlinux']), targetComes, targetGoes, ...remove(['vmlinux'])],
  },
  {
    name: 'callbacks 5: target never there',
    steps: [load(['vmlinux']), ...remove(['vmlinux'])],
  },
  {
    name: 'callbacks 6: pre_patch refuses the patch',
    steps: [
      loadTarget([]),
      {
        ...{ do: 'load_fails', module: PATCH, parameters: { pre_patch_ret: '-19' }, errno: 'ENODEV' },
        log: canceled(PATCH, [
          ...called('pre_patch', ['vmlinux']),
          "livepatch: pre-patch callback failed for object 'vmlinux'",
        ]),
      },
      unloadTarget([]),
    ],
  },
  {
    name: 'callbacks 7: pre_patch refuses the target that comes',
    steps: [
      load(['vmlinux']),
      { do: 'write', path: `/sys/module/${PATCH}/parameters/pre_patch_ret`, text: '-19\n' },
      {
        ...{ do: 'load_fails', module: 'lab_target', errno: 'ENODEV' },
        log: [
          ...[applying, ...called('pre_patch', ['lab_target'])],
          "livepatch: pre-patch callback failed for object 'lab_target'",
          `livepatch: patch '${PATCH}' failed for module 'lab_target', refusing to load module 'lab_target'`,
        ],
      },
      ...remove(['vmlinux']),
    ],
  },
  {
    name: 'callbacks 8: two targets, none busy',
    steps: [
      ...[loadBusy('0'), load(['vmlinux', 'lab_busy']), targetComes, targetGoes],
      ...remove(['vmlinux', 'lab_busy']),
      { do: 'unload', module: 'lab_busy', log: ['lab_busy: exit'] },
    ],
  },
  {
    name: 'callbacks 9: a busy target holds the patch, which is reversed',
    steps: [
      loadBusy('1'),
      { do: 'load', module: PATCH, log: startsPatching(PATCH, called('pre_patch', ['vmlinux', 'lab_busy'])) },
      { do: 'wait', seconds: 3 },
      { do: 'read', path: `/sys/kernel/livepatch/${PATCH}/transition`, content: '1\n' },
      loadTarget([applying, ...called('pre_patch', ['lab_target'])]),
      unloadTarget([reverting, ...called('post_unpatch', ['lab_target'])]),
      { do: 'disable', patch: PATCH, log: reversing(PATCH, called('post_unpatch', ['vmlinux', 'lab_busy'])) },
      { do: 'unload', module: PATCH },
      { do: 'unload', module: 'lab_busy', log: ['lab_busy: work ends', 'lab_busy: exit'] },
    ],
  },
  {
    name: 'callbacks 10: two patches',
    steps: [...[load(['vmlinux']), load(['vmlinux'], TOO), ...remove(['vmlinux'], TOO), ...remove(['vmlinux'])]],
  },
  {
    name: 'callbacks 11: what is replaced is not called any more',
    steps: [
      ...[load(['vmlinux']), load(['vmlinux'], TOO, { replace: '1' }), ...remove(['vmlinux'], TOO)],
      { do: 'unload', module: PATCH },
    ],
  },
]
