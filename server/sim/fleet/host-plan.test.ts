// Goal: plans are the same for the same seed, hold only what existed, and mix as a fleet does. Method: many plans.
import { Labels } from '@rebootless/shared/contract/labels.ts'
import { describe, expect, test } from 'vitest'
import { FLEET_KINDS } from './fleet-mix.ts'
import { type HostPlan, hostPlan } from './host-plan.ts'
import { functionsFixedBy, objectOf } from './patch-images.ts'
import { SERIES_OF_OTHERS } from './patches-of-other-systems.ts'
import { PUBLISHED_PATCHES } from './published-patches.ts'

const plans = (seed: number, hosts: number) => Array.from({ length: hosts }, (_, index) => hostPlan(seed, index))
const several = plans(1, 300)
const differing = (read: (plan: HostPlan) => string) => new Set(several.map(read))

describe('the plan of a host', () => {
  test('follows from seed and index alone', () => {
    expect(JSON.stringify(plans(7, 20))).toBe(JSON.stringify(plans(7, 20)))
    expect(JSON.stringify(plans(7, 20))).not.toBe(JSON.stringify(plans(8, 20)))
  })

  test('has a name of its own, and labels that the contract takes', () => {
    expect(differing(({ name }) => name).size).toBe(several.length)
    for (const { labels } of several) expect(Labels.parse(labels)).toEqual(labels)
    for (const { labels } of several)
      expect(Object.keys(labels).sort()).toEqual(['datacentre', 'env', 'owner', 'rack', 'role'])
  })

  test('loads only patches that were published for its very kernel', () => {
    const published: Readonly<Record<string, readonly { name: string }[]>> = PUBLISHED_PATCHES
    for (const { kernel, patches, history } of several) {
      const own = published[kernel.release] ?? SERIES_OF_OTHERS[kernel.release]?.patches ?? []
      const names = own.map(({ name }) => name)
      expect(patches.map(({ image }) => image.name)).toEqual(names)
      for (const index of history) expect(patches[index]).toBeDefined()
    }
  })

  test('no driver for x86 is patched elsewhere', () => {
    for (const { architecture, patches } of several) {
      if (architecture === 'x86_64') continue
      expect(patches.flatMap(({ redirects }) => redirects.map(objectOf))).not.toContain('kvm_amd')
    }
  })

  test('architectures are mostly x86_64, and each other one is there', () => {
    const count = (wanted: string) => several.filter(({ architecture }) => architecture === wanted).length
    expect(count('x86_64')).toBeGreaterThan(several.length * 0.7)
    for (const other of ['ppc64le', 's390x', 'aarch64']) expect(count(other)).toBeGreaterThan(0)
  })

  test.each([1, 2, 3, 4711])('sixty hosts hold each kind, and each tool in each condition (seed %i)', (seed) => {
    const fleet = plans(seed, 60)
    const has = (kind: string, condition: string) =>
      fleet.some((plan) => plan.kind === kind && plan.condition === condition)
    for (const kind of FLEET_KINDS) {
      const conditions = {
        livepatch: ['up_to_date', 'behind'],
        none: ['up_to_date'],
        other: ['up_to_date', 'behind', 'busy', 'tool_fails'],
      }
      for (const condition of conditions[kind === 'livepatch' || kind === 'none' ? kind : 'other'])
        expect(has(kind, condition), `${kind} ${condition}`).toBe(true)
    }
    for (const { condition, trouble } of fleet) expect(trouble !== null).toBe(condition === 'tool_fails')
  })

  test('a busy host has something in its way, one behind lacks a patch, one up to date none', () => {
    for (const { condition, patches, history, kind, holds } of several) {
      const level = history.at(-1) ?? -1
      if (condition === 'busy') expect(holds.length, kind).toBeGreaterThan(0)
      if (condition === 'busy' || condition === 'behind') expect(level).toBeLessThan(patches.length - 1)
      if (condition === 'up_to_date') expect(level).toBe(patches.length - 1)
    }
  })

  test('tasks have names and groups as Linux takes them', () => {
    for (const { tasks } of several) {
      expect(tasks[0]?.comm).toBe('systemd')
      for (const { comm, cgroup } of tasks) {
        expect(new TextEncoder().encode(comm).length).toBeLessThan(16)
        if (cgroup !== undefined) expect(cgroup).toMatch(/^\//)
      }
    }
  })
})

describe('the catalogue', () => {
  test('knows the functions of each fix, and each patch adds one', () => {
    const others = Object.values(SERIES_OF_OTHERS).map(({ patches }) => patches)
    for (const patches of [...Object.values(PUBLISHED_PATCHES), ...others]) {
      for (const { adds, name } of patches) {
        // Ksplice's enablement update fixes nothing.
        if (!name.startsWith('ksplice_')) expect(adds.length).toBeGreaterThan(0)
        for (const cve of adds) expect(functionsFixedBy(cve).length, cve).toBeGreaterThan(0)
      }
    }
  })
})
