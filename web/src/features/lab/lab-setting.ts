import { type LabSetting, LOADS, type Load } from '@rebootless/server/sim/lab/lab-run.ts'
import type { System } from '@rebootless/server/sim/models/model.ts'
import { count } from '../../ui/duration.ts'
import { LOAD_WORDS, SYSTEM_ORDER } from './lab-words.ts'
import { SPEEDS, type Speed } from './playback.ts'
import { AXIS_KINDS, type AxisKind, ZOOM_MAX } from './time-axis.ts'

export const SWEPT = ['tasks', 'sleepers', 'functions'] as const
export type Swept = (typeof SWEPT)[number]

/** The Lab's part of the address as somebody wrote it. */
export type LabSearch = { readonly [Key in (typeof LAB_KEYS)[number]]?: string }
/** A change of it; undefined takes a word out. */
export type LabChange = { readonly [Key in keyof LabSearch]?: string | undefined }
export const LAB_KEYS = [
  ...(['load', 'tasks', 'cpus', 'sleepers', 'functions', 'seed', 'seconds'] as const),
  ...(['at', 'axis', 'zoom', 'speed', 'view', 'task', 'system', 'sweep'] as const),
] as const

/** How a run is looked at. */
export interface LabLook {
  /** Microseconds after the patch was applied; null: not said. */
  readonly atUs: number | null
  readonly axis: AxisKind
  readonly zoom: number
  readonly speed: Speed
  readonly view: 'picture' | 'table'
  /** The chosen task's tid. */
  readonly task: number | null
  readonly system: System | null
  readonly sweep: Swept | null
}

export interface LabAddress {
  readonly setting: LabSetting
  readonly look: LabLook
  /** What was not as it must be, and what stands in its place: one sentence each. */
  readonly corrections: readonly string[]
}

export const BOUNDS = {
  tasks: { least: 10, most: 2_000, usual: 200, word: 'Tasks' },
  cpus: { least: 1, most: 64, usual: 4, word: 'CPUs' },
  sleepers: { least: 0, most: 2_000, usual: 1, word: 'Sleepers' },
  functions: { least: 1, most: 20, usual: 1, word: 'Functions' },
  seed: { least: 0, most: 2_147_483_647, usual: 4_711, word: 'Seed' },
  seconds: { least: 1, most: 600, usual: 30, word: 'Seconds' },
} as const
export type NumberKey = keyof typeof BOUNDS
export const NUMBER_KEYS = Object.keys(BOUNDS) as readonly NumberKey[]

interface Bound {
  readonly least: number
  readonly most: number
  readonly usual: number
  readonly word: string
}

/** Seeds are names more than numbers. */
const shown = (word: string, value: number): string => (word === 'Seed' ? String(value) : count(value))

const readNumber = (
  text: string | undefined,
  { least, most, usual, word }: Bound,
  tell: (said: string) => void,
): number => {
  if (text === undefined) return usual
  const value = Number(text)
  if (!/^-?\d{1,15}$/.test(text.trim()))
    tell(`${word}: “${text}” is not a whole number; ${shown(word, usual)} is used.`)
  else if (value < least)
    tell(`${word}: ${shown(word, value)} is less than ${shown(word, least)}; ${shown(word, least)} is used.`)
  else if (value > most)
    tell(`${word}: ${shown(word, value)} is more than ${shown(word, most)}; ${shown(word, most)} is used.`)
  else return value
  return Number.isFinite(value) && /^-?\d{1,15}$/.test(text.trim()) ? Math.min(most, Math.max(least, value)) : usual
}

const readWord = <Word extends string, Otherwise extends Word | null>(
  [text, word]: readonly [string | undefined, string],
  words: readonly Word[],
  otherwise: Otherwise,
  tell: (said: string) => void,
): Word | Otherwise => {
  const found = words.find((one) => one === text)
  if (found !== undefined) return found
  if (text !== undefined)
    tell(`${word}: “${text}” is not known; ${otherwise === null ? 'it is left out' : `${otherwise} is used`}.`)
  return otherwise
}

/**
 * Setting and look from an address. The same address gives the same run to the byte; what it says wrongly is replaced,
 * and said.
 */
export const readLabAddress = (search: LabSearch): LabAddress => {
  const corrections: string[] = []
  const tell = (said: string) => void corrections.push(said)
  const number = (key: NumberKey) => readNumber(search[key], BOUNDS[key], tell)
  const load = readLoad(search.load, tell)
  const tasks = number('tasks')
  const cpus = number('cpus')
  const sleepers = readNumber(
    search.sleepers,
    { ...BOUNDS.sleepers, most: tasks, usual: Math.min(BOUNDS.sleepers.usual, tasks) },
    tell,
  )
  const setting = {
    seed: number('seed'),
    load,
    tasks,
    cpus,
    sleepers,
    functions: number('functions'),
    seconds: number('seconds'),
  }
  const endUs = setting.seconds * 1_000_000
  const optional = (text: string | undefined, word: string, most: number): number | null =>
    text === undefined ? null : readNumber(text, { least: 0, most, usual: 0, word }, tell)
  const look: LabLook = {
    atUs: optional(search.at, 'Moment in µs', endUs),
    axis: readWord([search.axis, 'Time line'], AXIS_KINDS, 'log', tell),
    zoom: readNumber(search.zoom, { least: 0, most: ZOOM_MAX, usual: 0, word: 'Zoom' }, tell),
    speed: readWord([search.speed, 'Speed'], SPEEDS, 'line', tell),
    view: readWord([search.view, 'View'], ['picture', 'table'], 'picture', tell),
    task: optional(search.task, 'Task', 4_194_304),
    system: readWord([search.system, 'System'], SYSTEM_ORDER, null, tell),
    sweep: readWord([search.sweep, 'Sweep'], SWEPT, null, tell),
  }
  return { setting, look, corrections }
}

const readLoad = (text: string | undefined, tell: (said: string) => void): Load => {
  const found = LOADS.find((load) => load === text)
  if (text !== undefined && found === undefined) tell(`Load: “${text}” is not known; ${LOAD_WORDS.web_server} is used.`)
  return found ?? 'web_server'
}

/** The whole setting in words of an address, so that what is usual may change without changing what a link shows. */
export const settingSearch = (setting: LabSetting): LabSearch => ({
  load: setting.load,
  ...Object.fromEntries(NUMBER_KEYS.map((key) => [key, String(setting[key])])),
})

/** The address of a run at a moment, to be given to somebody else. */
export const linkTo = (origin: string, { setting, look }: LabAddress, atUs: number): string => {
  const rest = {
    ...{ at: String(Math.round(atUs)), axis: look.axis, zoom: String(look.zoom), view: look.view },
    speed: look.speed,
    ...(look.task === null ? {} : { task: String(look.task) }),
    ...(look.system === null ? {} : { system: look.system }),
    ...(look.sweep === null ? {} : { sweep: look.sweep }),
  }
  return `${origin}/lab?${new URLSearchParams({ ...settingSearch(setting), ...rest })}`
}
