import type { LivepatchImage } from '../kernel/module-image.ts'

/** Lengths of include/linux/livepatch.h's structs on 64-bit machines in Linux 6.12; a module's reader must not depend on them. */
const PATCH_BYTES = 200
const OBJECT_BYTES = 168
const FUNCTION_BYTES = 152
const STATE_BYTES = 24
const CALLBACKS = ['prePatch', 'postPatch', 'preUnpatch', 'postUnpatch'] as const
const SYMBOL_BYTES = 24
const RELOCATION_BYTES = 24
const [OBJECT, FUNCTION, SECTION] = [1, 2, 3]

/** A section's index in the file that is written. */
export const SECTIONS = {
  ...{ modinfo: 1, text: 2, strings: 3, data: 4, relocations: 5, module: 6, symbols: 7, symbolNames: 8, names: 9 },
}

/** The tables of a livepatch, as a compiler would leave them: data, and the addresses that a loader puts into it. */
export interface ModuleTables {
  readonly text: Uint8Array
  readonly strings: Uint8Array
  readonly data: Uint8Array
  readonly relocations: Uint8Array
  readonly symbols: Uint8Array
  readonly symbolNames: Uint8Array
  /** Index of the first symbol that is not local: sh_info of the table of symbols. */
  readonly globalFrom: number
}

/** @param absolute the machine's relocation that puts a whole address into 64 bits */
export const moduleTables = (patch: LivepatchImage, little: boolean, absolute: number): ModuleTables => {
  const strings = new Texts()
  const symbolNames = new Texts()
  const symbols: { name: string; type: number; section: number; value: number; size: number }[] = []
  const pointers: { at: number; symbol: number; addend: number }[] = []
  const words: { at: number; value: number; bytes: 1 | 4 | 8 }[] = []
  // Symbol 0 is none; then come the module itself and the sections that are pointed into.
  const [ITSELF, STRINGS, DATA, TEXT] = [1, 2, 3, 4]
  let dataBytes = 0
  let textBytes = 0
  const variable = (name: string, size: number): number => {
    const at = dataBytes
    dataBytes += size
    symbols.push({ name, type: OBJECT, section: SECTIONS.data, value: at, size })
    return at
  }
  const code = (name: string): number => {
    const at = textBytes
    textBytes += 16
    symbols.push({ name, type: FUNCTION, section: SECTIONS.text, value: at, size: 16 })
    return at
  }
  const point = (at: number, symbol: number, addend: number) => pointers.push({ at, symbol, addend })

  const patchAt = variable('patch', PATCH_BYTES)
  const objectsAt = variable('objects', (patch.objects.length + 1) * OBJECT_BYTES)
  point(patchAt, ITSELF, 0)
  point(patchAt + 8, DATA, objectsAt)
  words.push({ at: patchAt + 24, value: Number(patch.replace), bytes: 1 })
  if (patch.states.length > 0) {
    const statesAt = variable('states', (patch.states.length + 1) * STATE_BYTES)
    point(patchAt + 16, DATA, statesAt)
    for (const [index, { id, version }] of patch.states.entries()) {
      words.push({ at: statesAt + index * STATE_BYTES, value: id, bytes: 8 })
      words.push({ at: statesAt + index * STATE_BYTES + 8, value: version, bytes: 4 })
    }
  }
  for (const [index, object] of patch.objects.entries()) {
    const objectAt = objectsAt + index * OBJECT_BYTES
    if (object.name !== 'vmlinux') point(objectAt, STRINGS, strings.add(object.name))
    const functionsAt = variable(`functions_${index}`, (object.functions.length + 1) * FUNCTION_BYTES)
    point(objectAt + 8, DATA, functionsAt)
    for (const [place, kind] of CALLBACKS.entries()) {
      if (object.callbacks?.[kind] !== undefined)
        point(objectAt + 16 + place * 8, TEXT, code(`callback_${index}_${place}`))
    }
    for (const [position, { name, sympos, newName }] of object.functions.entries()) {
      const at = functionsAt + position * FUNCTION_BYTES
      point(at, STRINGS, strings.add(name))
      point(at + 8, TEXT, code(newName ?? `livepatch_${name}`))
      words.push({ at: at + 16, value: sympos, bytes: 8 })
    }
  }

  const data = new Uint8Array(dataBytes)
  const dataView = new DataView(data.buffer)
  for (const { at, value, bytes } of words) {
    if (bytes === 1) dataView.setUint8(at, value)
    else if (bytes === 4) dataView.setUint32(at, value, little)
    else dataView.setBigUint64(at, BigInt(value), little)
  }
  const relocations = new Uint8Array(pointers.length * RELOCATION_BYTES)
  const relocationView = new DataView(relocations.buffer)
  for (const [index, { at, symbol, addend }] of pointers.entries()) {
    relocationView.setBigUint64(index * RELOCATION_BYTES, BigInt(at), little)
    relocationView.setBigUint64(index * RELOCATION_BYTES + 8, (BigInt(symbol) << 32n) | BigInt(absolute), little)
    relocationView.setBigInt64(index * RELOCATION_BYTES + 16, BigInt(addend), little)
  }
  const all = [
    { name: '', type: 0, section: 0, value: 0, size: 0 },
    { name: '__this_module', type: OBJECT, section: SECTIONS.module, value: 0, size: 64 },
    ...[SECTIONS.strings, SECTIONS.data, SECTIONS.text].map((section) => ({
      ...{ name: '', type: SECTION, section, value: 0, size: 0 },
    })),
    ...symbols,
    { name: 'klp_enable_patch', type: 0, section: 0, value: 0, size: 0 },
  ]
  const table = new Uint8Array(all.length * SYMBOL_BYTES)
  const view = new DataView(table.buffer)
  for (const [index, { name, type, section, value, size }] of all.entries()) {
    const at = index * SYMBOL_BYTES
    view.setUint32(at, name === '' ? 0 : symbolNames.add(name), little)
    view.setUint8(at + 4, type | (index === all.length - 1 ? 0x10 : 0))
    view.setUint16(at + 6, section, little)
    view.setBigUint64(at + 8, BigInt(value), little)
    view.setBigUint64(at + 16, BigInt(size), little)
  }
  return {
    text: new Uint8Array(textBytes),
    ...{ strings: strings.bytes(), data, relocations, symbols: table, symbolNames: symbolNames.bytes() },
    globalFrom: all.length - 1,
  }
}

/** Texts with a zero behind each; the first is empty. */
class Texts {
  #text = '\0'

  add(text: string): number {
    const at = this.#text.length
    this.#text += `${text}\0`
    return at
  }

  bytes(): Uint8Array {
    return new TextEncoder().encode(this.#text)
  }
}
