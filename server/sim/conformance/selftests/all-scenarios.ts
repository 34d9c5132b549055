import { CALLBACK_SCENARIOS } from './callbacks.ts'
import { PATCH_SCENARIOS } from './patches.ts'
import type { Scenario } from './scenario.ts'
import { STATE_SCENARIOS } from './states.ts'

export const SCENARIOS: readonly Scenario[] = [...PATCH_SCENARIOS, ...CALLBACK_SCENARIOS, ...STATE_SCENARIOS]
