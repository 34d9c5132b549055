// Goal: the modules of the simulated fleet say in their files what the simulated kernels take them for, so that pages and
// forecasts show of them what they show of real ones. Method: every livepatch of many simulated hosts, written and read.
import { expect, test } from 'vitest'
import { hostPlan } from '../../../sim/fleet/host-plan.ts'
import { simulatedModule } from '../../../sim/fleet/simulated-module.ts'
import { moduleFileOf } from './module-file.ts'
import { readModule } from './read-module.ts'

const KINDS = { prePatch: 'pre_patch', postPatch: 'post_patch', preUnpatch: 'pre_unpatch', postUnpatch: 'post_unpatch' }

test('functions, objects, callbacks, states and replace are those of the image', () => {
  const seen = new Set<string>()
  for (let index = 0; index < 300; index += 1) {
    const { release, architecture, patches } = hostPlan(1, index)
    for (const patch of patches) {
      const { livepatch, name } = patch.image
      if (livepatch === undefined || seen.has(`${release} ${architecture} ${name}`)) continue
      seen.add(`${release} ${architecture} ${name}`)
      const facts = readModule(moduleFileOf(Buffer.from(simulatedModule(patch, { release, architecture }))))
      expect(facts).toMatchObject({
        name,
        release,
        architecture,
        maker: 'source',
        unread: null,
        replace: livepatch.replace,
      })
      expect(facts.signature === null).toBe(!patch.image.signed)
      expect(facts.states).toEqual(livepatch.states.map(({ id, version }) => ({ id: String(id), version })))
      expect(facts.objects).toEqual(
        livepatch.objects.map(({ name: object, functions, callbacks = {} }) => ({
          name: object === 'vmlinux' ? null : object,
          functions: functions.map(({ name: old, sympos, newName = `livepatch_${old}` }) => ({
            ...{ name: old, sympos, replacement: newName },
          })),
          callbacks: Object.entries(KINDS).flatMap(([key, kind]) => (key in callbacks ? [kind] : [])),
        })),
      )
    }
  }
  expect(new Set(Array.from(seen, (key) => key.split(' ')[1])).size).toBe(4)
})
