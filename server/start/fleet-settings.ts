import * as z from 'zod'
import { SettingsError } from '../bff/settings.ts'

/** Which hosts are shown beside the real ones. */
export interface FleetSettings {
  readonly recordedHosts: number
  readonly simulatedHosts: number
  readonly simulationSeed: number
  /** Whether stalls, crashes and drift befall simulated hosts by themselves. */
  readonly simulatedIncidents: boolean
}

/** @throws SettingsError with a sentence that names the setting */
export const readFleetSettings = (environment: NodeJS.ProcessEnv): FleetSettings => ({
  recordedHosts: whole(environment, 'REBOOTLESS_RECORDED_HOSTS', 9, 96),
  simulatedHosts: whole(environment, 'REBOOTLESS_SIMULATED_HOSTS', 60, 20_000),
  simulationSeed: whole(environment, 'REBOOTLESS_SIMULATION_SEED', 1, 2_147_483_647),
  simulatedIncidents: onOrOff(environment, 'REBOOTLESS_SIMULATED_INCIDENTS'),
})

const whole = (environment: NodeJS.ProcessEnv, name: string, preset: number, most: number): number => {
  const number = z.coerce
    .number()
    .int()
    .min(0)
    .max(most)
    .safeParse(environment[name] || preset)
  if (number.success) return number.data
  throw new SettingsError(`${name} must be a whole number from 0 to ${most}.`)
}

const onOrOff = (environment: NodeJS.ProcessEnv, name: string): boolean => {
  const word = environment[name] || 'on'
  if (word === 'on' || word === 'off') return word === 'on'
  throw new SettingsError(`${name} must be on or off.`)
}
