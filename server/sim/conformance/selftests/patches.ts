import { attribute, canceled, FTRACE_REFUSES, patching, type Scenario, takeOut, unpatching } from './scenario.ts'

const loadSimple = { do: 'load_livepatch', module: 'lp_simple', log: patching('lp_simple') } as const
const loadTarget = { do: 'load_livepatch', module: 'lp_target', log: patching('lp_target') } as const
const loadMeminfo = (replace: '0' | '1') =>
  ({ do: 'load_livepatch', module: 'lp_meminfo', parameters: { replace }, log: patching('lp_meminfo') }) as const

const shows = (cmdline: string | null, meminfo: string | null) => [
  { do: 'shows', path: '/proc/cmdline', patch: cmdline } as const,
  { do: 'shows', path: '/proc/meminfo', patch: meminfo } as const,
]
const answers = (patched: boolean) => {
  const word = patched ? 'PATCHED' : 'original'
  return { do: 'read', path: '/proc/lpt/answer', content: `${word} answer / ${word} banner\n` } as const
}
const value = (patch: string, name: string, content: string) =>
  ({ do: 'read', path: attribute(patch, name), content: `${content}\n` }) as const
const mode = (patch: string, name: string, octal: string) =>
  ({ do: 'mode', path: attribute(patch, name), mode: octal }) as const

const loadCallbacks = {
  do: 'load_livepatch',
  module: 'lp_callbacks',
  log: patching('lp_callbacks', {
    pre: ['lp_callbacks: pre_patch vmlinux'],
    post: ['lp_callbacks: post_patch vmlinux'],
  }),
} as const

/** tools/testing/selftests/livepatch/test-livepatch.sh, test-sysfs.sh, test-ftrace.sh, test-kprobe.sh, test-syscall.sh. */
export const PATCH_SCENARIOS: readonly Scenario[] = [
  {
    name: 'livepatch 1: a function answers anew, and as before when the patch is out',
    steps: [loadSimple, ...shows('lp_simple', null), ...takeOut('lp_simple'), ...shows(null, null)],
  },
  {
    name: 'livepatch 2: two patches beside one another',
    steps: [
      ...[loadSimple, ...shows('lp_simple', null), loadMeminfo('0'), ...shows('lp_simple', 'lp_meminfo')],
      ...[...takeOut('lp_meminfo'), ...shows('lp_simple', null), ...takeOut('lp_simple'), ...shows(null, null)],
    ],
  },
  {
    name: 'livepatch 3: a cumulative patch replaces all before it, and their modules can go',
    steps: [
      ...[{ do: 'load', module: 'lptarget', log: [] } as const, loadSimple, loadTarget, answers(true)],
      ...[loadMeminfo('1'), ...shows(null, 'lp_meminfo'), answers(false)],
      ...(['lp_simple', 'lp_target'] as const).map((module) => ({ do: 'unload', module }) as const),
      ...[...shows(null, 'lp_meminfo'), ...takeOut('lp_meminfo'), ...shows(null, null)],
      { do: 'unload', module: 'lptarget' },
    ],
  },
  {
    name: 'livepatch 4: a module that is there is patched',
    steps: [
      ...[{ do: 'load', module: 'lptarget', log: [] } as const, answers(false), loadTarget, answers(true)],
      ...[...takeOut('lp_target'), answers(false), { do: 'unload', module: 'lptarget' } as const],
    ],
  },
  {
    name: 'livepatch 5: a module that comes later is patched before it runs',
    steps: [
      loadTarget,
      {
        ...{ do: 'load', module: 'lptarget' },
        log: ["livepatch: applying patch 'lp_target' to loading module 'lptarget'"],
      },
      ...[answers(true), ...takeOut('lp_target'), answers(false), { do: 'unload', module: 'lptarget' } as const],
    ],
  },
  {
    name: 'sysfs 1: modes and values',
    steps: [
      ...[loadSimple, mode('lp_simple', '', '0755'), mode('lp_simple', 'enabled', '0644')],
      ...[value('lp_simple', 'enabled', '1'), mode('lp_simple', 'force', '0200')],
      ...[mode('lp_simple', 'transition', '0444'), value('lp_simple', 'transition', '0')],
      ...[mode('lp_simple', 'vmlinux/patched', '0444'), value('lp_simple', 'vmlinux/patched', '1')],
      ...takeOut('lp_simple'),
    ],
  },
  {
    name: 'sysfs 2: patched of an object follows its module',
    steps: [
      ...[loadCallbacks, value('lp_callbacks', 'lab_target/patched', '0')],
      {
        do: 'load',
        module: 'lab_target',
        log: [
          "livepatch: applying patch 'lp_callbacks' to loading module 'lab_target'",
          ...['lp_callbacks: pre_patch lab_target', 'lp_callbacks: post_patch lab_target', 'lab_target: init'],
        ],
      },
      value('lp_callbacks', 'lab_target/patched', '1'),
      {
        do: 'unload',
        module: 'lab_target',
        log: [
          ...['lab_target: exit', 'lp_callbacks: pre_unpatch lab_target'],
          "livepatch: reverting patch 'lp_callbacks' on unloading module 'lab_target'",
          'lp_callbacks: post_unpatch lab_target',
        ],
      },
      value('lp_callbacks', 'lab_target/patched', '0'),
      ...takeOut('lp_callbacks', {
        pre: ['lp_callbacks: pre_unpatch vmlinux'],
        post: ['lp_callbacks: post_unpatch vmlinux'],
      }),
    ],
  },
  ...(['1', '0'] as const).map(
    (replace, index): Scenario => ({
      name: `sysfs ${3 + index}: replace says ${replace}`,
      needs: 'replaceAttribute',
      steps: [
        ...[loadMeminfo(replace), mode('lp_meminfo', 'replace', '0444'), value('lp_meminfo', 'replace', replace)],
        ...takeOut('lp_meminfo'),
      ],
    }),
  ),
  {
    name: 'sysfs 5: stack_order, and who stands above moves down',
    needs: 'stackOrderAttribute',
    steps: [
      ...[loadSimple, loadMeminfo('0'), loadTarget, mode('lp_simple', 'stack_order', '0444')],
      ...[value('lp_simple', 'stack_order', '1'), value('lp_meminfo', 'stack_order', '2')],
      ...[value('lp_target', 'stack_order', '3'), ...takeOut('lp_meminfo')],
      ...[value('lp_simple', 'stack_order', '1'), value('lp_target', 'stack_order', '2')],
      ...[...takeOut('lp_target'), ...takeOut('lp_simple')],
    ],
  },
  {
    name: 'ftrace 1: without ftrace no patch, and with a patch ftrace stays',
    needs: 'ftraceSwitch',
    steps: [
      { do: 'write', path: '/proc/sys/kernel/ftrace_enabled', text: '0\n' },
      { do: 'load_fails', module: 'lp_simple', errno: 'EBUSY', log: canceled('lp_simple', FTRACE_REFUSES) },
      { do: 'write', path: '/proc/sys/kernel/ftrace_enabled', text: '1\n' },
      ...[loadSimple, ...shows('lp_simple', null)],
      { do: 'write', path: '/proc/sys/kernel/ftrace_enabled', text: '0\n', errno: 'EBUSY' },
      ...[...shows('lp_simple', null), ...takeOut('lp_simple')],
    ],
  },
  {
    name: 'ftrace 1: where the switch is retired it cannot be turned off',
    needs: 'ftraceSwitchRetired',
    steps: [{ do: 'write', path: '/proc/sys/kernel/ftrace_enabled', text: '0\n', errno: 'EOPNOTSUPP' }],
  },
  {
    name: 'ftrace 2: the new function is traced, and the patch stays in effect',
    steps: [
      ...[loadSimple, { do: 'trace', function: 'livepatch_cmdline_proc_show' } as const],
      { do: 'shows', path: '/proc/cmdline', patch: 'lp_simple' },
      ...[{ do: 'traced', function: 'livepatch_cmdline_proc_show' } as const, ...takeOut('lp_simple')],
    ],
  },
  {
    name: 'ftrace 3: a traced function is patched',
    steps: [
      ...[{ do: 'trace', function: 'cmdline_proc_show' } as const, loadSimple],
      { do: 'shows', path: '/proc/cmdline', patch: 'lp_simple' },
      ...[{ do: 'traced', function: 'cmdline_proc_show' } as const, ...takeOut('lp_simple')],
    ],
  },
  {
    name: 'syscall: a call that all processes hammer is patched under them',
    steps: [
      { do: 'hammer' },
      { do: 'load_livepatch', module: 'lp_umask', log: patching('lp_umask') },
      { do: 'hammers_reach', patch: 'lp_umask' },
      { do: 'disable', patch: 'lp_umask', log: unpatching('lp_umask') },
      { do: 'unload', module: 'lp_umask' },
    ],
  },
  {
    name: 'kprobe 1: one with a post_handler bars the function',
    steps: [
      { do: 'load', module: 'lab_kprobe', parameters: { post_handler: '1' }, log: [] },
      { do: 'load_fails', module: 'lp_simple', errno: 'EBUSY', log: canceled('lp_simple', FTRACE_REFUSES) },
      { do: 'unload', module: 'lab_kprobe' },
    ],
  },
  {
    name: 'kprobe 2: one without does not',
    steps: [
      { do: 'load', module: 'lab_kprobe', parameters: { post_handler: '0' }, log: [] },
      ...[loadSimple, { do: 'unload', module: 'lab_kprobe' } as const, ...takeOut('lp_simple')],
    ],
  },
]
