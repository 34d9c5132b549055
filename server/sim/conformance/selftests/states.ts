import { patching, type Scenario, type SelftestStep, takeOut } from './scenario.ts'

const [ONE, TWO, TWO_AGAIN] = ['lp_state_one', 'lp_state_two', 'lp_state_two_again']

const load = (patch: string, before: 'nothing' | 'another'): SelftestStep => ({
  ...{ do: 'load_livepatch', module: patch },
  log: patching(patch, {
    pre: [`${patch}: ${before === 'nothing' ? 'allocates' : 'finds it allocated'}`],
    post: [`${patch}: ${before === 'nothing' ? 'changes' : 'takes over'}`],
  }),
})
const remove = (patch: string): readonly SelftestStep[] =>
  takeOut(patch, { pre: [`${patch}: restores`], post: [`${patch}: frees`] })

/** tools/testing/selftests/livepatch/test-state.sh, test-shadow-vars.sh; Documentation/livepatch/system-state.rst, shadow-vars.rst. */
export const STATE_SCENARIOS: readonly Scenario[] = [
  { name: 'state 1: a change and its way back', steps: [load(ONE, 'nothing'), ...remove(ONE)] },
  {
    name: 'state 2: a newer cumulative patch takes the change over',
    steps: [load(ONE, 'nothing'), load(TWO, 'another'), { do: 'unload', module: ONE }, ...remove(TWO)],
  },
  {
    name: 'state 3: equal versions replace each other both ways',
    steps: [
      ...[load(TWO, 'nothing'), load(TWO_AGAIN, 'another'), { do: 'unload', module: TWO } as const],
      ...[load(TWO, 'another'), ...remove(TWO), { do: 'unload', module: TWO_AGAIN } as const],
    ],
  },
  {
    name: 'state 4: an older version is refused',
    steps: [
      load(TWO, 'nothing'),
      {
        ...{ do: 'load_fails', module: ONE, errno: 'EINVAL' },
        log: [`livepatch: Livepatch patch (${ONE}) is not compatible with the already installed livepatches.`],
      },
      ...remove(TWO),
    ],
  },
  {
    name: 'shadow variables: known by object and id',
    steps: [
      {
        ...{ do: 'load', module: 'lab_shadow' },
        log: [
          ...['get(a, 1): none', 'constructs 10', 'get_or_alloc(a, 1): 10', 'constructs 20', 'alloc(a, 2): 20'],
          ...['constructs 30', 'alloc(b, 1): 30', 'constructs 40', 'alloc(b, 2): 40'],
          ...['get(a, 1): 10', 'get(a, 2): 20', 'get(b, 1): 30', 'get(b, 2): 40', 'get_or_alloc(a, 1): 10'],
          ...['destroys 10', 'get(a, 1): none', 'get(b, 1): 30'],
          ...['get(a, 2): none', 'get(b, 2): none', 'destroys 30', 'get(b, 1): none'],
        ].map((text) => `lab_shadow: ${text}`),
      },
      { do: 'unload', module: 'lab_shadow' },
    ],
  },
]
