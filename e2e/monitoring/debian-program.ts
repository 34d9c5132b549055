import path from 'node:path'
import { cachedFolder } from '../kernel/lab/cache.ts'
import { unpackPackages } from '../kernel/lab/packages.ts'

/** A program as Debian packages it, unpacked into the lab's cache and not installed. @returns where it lies */
export const debianProgram = async (name: string, file: string): Promise<string> =>
  path.join(await cachedFolder(`debian-${name}`, (draft) => unpackPackages([name], draft)), file)
