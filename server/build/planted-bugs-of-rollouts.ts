import type { PlantedBug } from './planted-bugs.ts'

const of = (file: string) => `shared/domain/rollouts/${file}.ts`
const SIMULATION = of('rollouts-simulation.test')

export const BUGS_OF_ROLLOUTS: readonly PlantedBug[] = [
  {
    name: 'a leader that was woken late still writes',
    file: of('fencing'),
    find: 'held === newest',
    instead: 'held <= newest',
    test: of('rollouts-faults.test'),
    title: 'T37 its leader is frozen',
  },
  {
    name: 'a leader that was woken late tells hosts again',
    file: of('fencing'),
    find: 'held === newest',
    instead: 'held <= newest',
    test: SIMULATION,
    title: 'T35 T36 T37 T21 T28 rollouts in faults',
  },
  {
    name: 'one host more than may is in change',
    file: of('rollout-draft'),
    find: 'this.#taken >= atOnce',
    instead: 'this.#taken > atOnce',
    test: SIMULATION,
    title: 'T35 T36 T37 T21 T28 rollouts in faults',
  },
  {
    name: 'a host that was told takes no place before it changes',
    file: of('rollout-draft'),
    find: 'this.#taken += by',
    instead: "if (host.stage !== 'told') this.#taken += by",
    test: 'server/start/fleet-rollouts.test.ts',
    title: 'T36 T21 the real agent and the real driver',
    slow: true,
  },
  {
    name: 'a host that is not heard gives its place away',
    file: of('rollout-state'),
    find: "new Set(['told', 'changing', 'stalled', 'vanished', 'undoing'])",
    instead: "new Set(['told', 'changing', 'stalled', 'undoing'])",
    test: of('rollout-rules.test'),
    title: 'a host that vanishes',
  },
  {
    name: 'a wave is begun again for whoever joins it',
    file: of('step-rollout'),
    find: "draft.setWaveStage(last, 'going')",
    instead: "draft.setWaveStage(last, 'not begun')",
    test: SIMULATION,
    title: 'T35 T36 T37 T21 T28 rollouts in faults',
  },
  {
    name: 'an order outlives its window',
    file: of('rollout-draft'),
    find: 'Math.min(this.now + ORDER_MS, until)',
    instead: 'this.now + (until > 0 ? ORDER_MS : 0)',
    test: of('rollout-stories.test'),
    title: 'hosts begin in their window only',
  },
  {
    name: 'a clock that jumps ends a soak',
    file: of('rollout-clock'),
    find: '(jumped ? 0 : Math.round(Math.min(WATCHED_MS_MAX, Math.max(0, passed))))',
    instead: 'Math.max(0, passed)',
    test: of('rollouts-faults.test'),
    title: 'T21 its clock is',
  },
  {
    name: 'a freeze holds back loading alone',
    file: of('undo'),
    find: 'if (frozen || isInDoubt(',
    instead: 'if (isInDoubt(',
    test: of('rollout-rules.test'),
    title: 'T28 a freeze stops undoing',
  },
]
