import type { FileHandle } from 'node:fs/promises'
import type { ModuleFacts } from '@rebootless/shared/contract/module-facts.ts'
import { DomainError } from '@rebootless/shared/domain/errors.ts'
import { readModuleInfo } from '../commands/artefacts/module-info.ts'

/** e_machine: EM_X86_64, EM_PPC64, EM_AARCH64, EM_S390 (elf(5)). */
const MACHINES: Readonly<Record<number, ModuleFacts['architecture']>> = {
  ...{ 62: 'x86_64', 21: 'ppc64le', 183: 'aarch64', 22: 's390x' },
}

/** What the metadata of a module says of it. */
export const readFacts = async (file: FileHandle, size: number): Promise<ModuleFacts> => {
  const info = await readModuleInfo(file, size)
  const { buffer } = await file.read(Buffer.alloc(20), 0, 20, 0)
  const architecture = MACHINES[buffer[5] === 2 ? buffer.readUInt16BE(18) : buffer.readUInt16LE(18)]
  if (architecture === undefined) {
    throw new DomainError('artefact_refused', 'It is for a machine that has no livepatch here.')
  }
  return {
    ...{ name: info.name, version: info.version, srcversion: info.srcversion, vermagic: info.vermagic },
    ...{ release: info.vermagic.split(' ')[0] ?? '', architecture, buildId: null, description: null, licence: null },
    ...{ author: null, depends: info.depends, maker: 'unknown', objects: null, replace: null, states: null },
    unread: 'only its metadata was looked at',
    ...{ shadowVariables: [], modversions: info.vermagic.includes('modversions'), signature: null, cves: [] },
  }
}
