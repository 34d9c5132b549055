// Goal: the function that holds a task is named in either direction. Method: the rules of klp_check_stack_func and
// klp_init_object_loaded, on a cumulative patch over a plain one.
import type { Livepatch } from '@rebootless/shared/contract/kernel.ts'
import { newMemory } from '@rebootless/shared/domain/patch-memory-entry.ts'
import { expect, test } from 'vitest'
import { parseTaskStack } from '../kernel/task-stack.ts'
import { holdingCode } from './holding-code.ts'

const livepatch = (name: string, replace: boolean | null, functions: string[]): Livepatch => ({
  ...{ name, enabled: true, transition: false, replace, stackOrder: null, unknownAttributes: [] },
  objects: [{ name: 'vmlinux', patched: true, functions: functions.map((one) => ({ name: one, sympos: 1 })) }],
})
const old = livepatch('lp_old', false, ['f', 'g'])
const cumulative = (replace: boolean | null) => livepatch('lp_all', replace, ['f', 'g', 'h'])
/** The module has its own `f`. */
const memory = { ...newMemory('lp_all', 2), replacements: ['vmlinux,f,1'] }

const held = (patch: Livepatch, target: 'patching' | 'unpatching', known: typeof memory | null, others = [old]) => {
  const stack = ['f', 'g', 'h', 'f [lp_old]', 'f [lp_all]'].map((name) => `[<0>] ${name.replace(/^./, '$&+0x1/0x2')}\n`)
  return parseTaskStack(stack.join(''), holdingCode(patch, target, [...others, patch], known))
    .filter((frame) => frame.held)
    .map(({ function: name, module }) => (module === null ? name : `${name} [${module}]`))
}

test('in: the originals and what the patches below made of them', () => {
  expect(held(cumulative(true), 'patching', memory)).toEqual(['f', 'g', 'h', 'f [lp_old]'])
})

test('out of a cumulative patch: its own code, and the originals that its no-ops lead to', () => {
  expect(held(cumulative(true), 'unpatching', memory)).toEqual(['g', 'f [lp_all]'])
  expect(held(cumulative(null), 'unpatching', memory)).toEqual(['g', 'f [lp_all]'])
  expect(held(cumulative(true), 'unpatching', null)).toEqual(['f', 'g', 'f [lp_all]'])
})

test('out of any other: its own code alone', () => {
  expect(held(cumulative(false), 'unpatching', memory)).toEqual(['f [lp_all]'])
  expect(held(cumulative(true), 'unpatching', memory, [])).toEqual(['f [lp_all]'])
})
