// Goal: plans are the same for the same seed, hold only what existed, and mix as a fleet does. Method: many plans.
import { Labels } from '@rebootless/shared/contract/host.ts'
import { describe, expect, test } from 'vitest'
import { type HostPlan, hostPlan } from './host-plan.ts'
import { objectOf } from './patch-images.ts'
import { FIXED_FUNCTIONS, PUBLISHED_PATCHES } from './published-patches.ts'

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
    for (const { labels } of several) expect(Object.keys(labels).sort()).toEqual(['datacentre', 'env', 'rack', 'role'])
  })

  test('loads only patches that were published for its very kernel', () => {
    const published: Readonly<Record<string, readonly { name: string }[]>> = PUBLISHED_PATCHES
    for (const { kernel, patches, history } of several) {
      const names = (published[kernel.release] ?? []).map(({ name }) => name)
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
    for (const patches of Object.values(PUBLISHED_PATCHES)) {
      for (const { adds } of patches) {
        expect(adds.length).toBeGreaterThan(0)
        for (const cve of adds) expect(FIXED_FUNCTIONS[cve]?.length ?? 0, cve).toBeGreaterThan(0)
      }
    }
  })
})
