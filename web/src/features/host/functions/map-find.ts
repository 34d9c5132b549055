import type { RedirectionMap } from '@rebootless/shared/contract/host-redirections.ts'

export const functionKeyOf = (object: string, one: { name: string; sympos: number }): string =>
  `${object},${one.name},${one.sympos}`

/** Patches that no call reaches any more: folded unless the reader opens them. */
export const unreachedPatches = (map: RedirectionMap): string[] => {
  const entries = map.objects.flatMap((object) =>
    object.loaded === false ? [] : object.functions.flatMap((one) => one.entries),
  )
  return map.patches
    .filter(({ name }) => {
      const own = entries.filter((entry) => entry.patch === name)
      return own.length > 0 && own.every((entry) => entry.share === 0)
    })
    .map(({ name }) => name)
}

/** Which part of the map holds `find` in the name of a function, an object or a patch. Empty finds all. */
export const foundIn = (map: RedirectionMap, find: string): RedirectionMap => {
  const text = find.trim().toLowerCase()
  if (text === '') return map
  const objects = map.objects
    .map((object) => ({
      ...object,
      functions: object.functions.filter(
        (one) =>
          one.name.toLowerCase().includes(text) ||
          object.name.toLowerCase().includes(text) ||
          one.entries.some((entry) => entry.patch.toLowerCase().includes(text)),
      ),
    }))
    .filter((object) => object.functions.length > 0)
  return { ...map, objects, functionCount: objects.reduce((sum, object) => sum + object.functions.length, 0) }
}
