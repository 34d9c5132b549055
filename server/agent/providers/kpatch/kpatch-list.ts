import type { ProviderPatchState } from '@rebootless/shared/domain/words.ts'
import { isModuleName, moduleName } from '../tool-text.ts'

export interface ListedModule {
  readonly name: string
  /** null: this version of the tool prints no state. */
  readonly state: ProviderPatchState | null
  readonly stateText: string | null
}

/** A thread that has not switched. The tool calls it a process, and prints the thread's number (`show_stalled_processes`). */
export interface StalledThread {
  readonly tid: number
  readonly comm: string
  readonly stack: readonly string[]
}

export interface KpatchList {
  readonly loaded: readonly ListedModule[]
  readonly installed: readonly { readonly name: string; readonly release: string }[]
  readonly stalled: readonly StalledThread[]
  /** Lines in a known section that are not as the tool prints them. */
  readonly notUnderstood: number
}

const STALLED_MAX = 64
const FRAMES_MAX = 64
const SECTIONS: Readonly<Record<string, 'loaded' | 'installed' | 'stalled' | 'functions'>> = {
  'Loaded patch modules:': 'loaded',
  'Installed patch modules:': 'installed',
  'Stalled processes:': 'stalled',
  'Currently livepatched functions:': 'functions',
}
const STATES: Readonly<Record<string, ProviderPatchState>> = {
  enabled: 'applied',
  disabled: 'disabled',
  'enabling...': 'patching',
  'disabling...': 'unpatching',
}

/**
 * What `kpatch list` prints, of all versions to 0.9.11 (dynup/kpatch, kpatch/kpatch). Sections are told by their titles and
 * not by the empty lines between them, which may hold white space, and of which a stalled transition brings more. Functions
 * are passed over: sysfs has them. null: it is no such list.
 */
export const parseKpatchList = (text: string): KpatchList | null => {
  const loaded = new Map<string, ListedModule>()
  const installed: { name: string; release: string }[] = []
  const stalled: { tid: number; comm: string; stack: string[] }[] = []
  let notUnderstood = 0
  let section: (typeof SECTIONS)[string] | undefined
  let known = false
  for (const raw of text.split('\n')) {
    const line = raw.trim()
    const title = Object.hasOwn(SECTIONS, line) ? SECTIONS[line] : undefined
    if (title !== undefined) {
      section = title
      known ||= title === 'loaded'
    } else if (line === '') {
      // Nothing is told by it.
    } else if (section === 'loaded') {
      const module = parseLoaded(line)
      if (module === null) notUnderstood += 1
      else if (!loaded.has(module.name)) loaded.set(module.name, module)
    } else if (section === 'installed') {
      const module = parseInstalled(line)
      if (module === null) notUnderstood += 1
      else installed.push(module)
    } else if (section === 'stalled') {
      const thread = /^(\d{1,10}) (.*)$/.exec(line)
      const last = stalled.at(-1)
      if (thread !== null) stalled.push({ tid: Number(thread[1]), comm: (thread[2] ?? '').slice(0, 64), stack: [] })
      else if (line !== 'stack:' && last !== undefined && last.stack.length < FRAMES_MAX)
        last.stack.push(line.slice(0, 512))
    }
  }
  return known
    ? { loaded: [...loaded.values()], installed, stalled: stalled.slice(0, STALLED_MAX), notUnderstood }
    : null
}

/** `kpatch_5_14_0_427_13_1_1_1 [enabled]`, in old versions without the brackets. */
const parseLoaded = (line: string): ListedModule | null => {
  const [, file = '', word = null] = /^(\S+)(?: \[([^\]]*)\])?$/.exec(line) ?? []
  if (!isModuleName(file)) return null
  const state = word === null ? null : Object.hasOwn(STATES, word) ? (STATES[word] ?? 'unknown') : 'unknown'
  return { name: moduleName(file), state, stateText: word?.slice(0, 64) ?? null }
}

/** `kpatch_5_14_0_427_13_1_1_1 (5.14.0-427.13.1.el9_4.x86_64)`; the first versions print the file's name, `x.ko`. */
const parseInstalled = (line: string) => {
  const [, file = '', release = ''] = /^(\S+) \((\S{1,128})\)$/.exec(line) ?? []
  return isModuleName(file) ? { name: moduleName(file), release } : null
}
