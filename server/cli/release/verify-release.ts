import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { PublicKey } from '@rebootless/shared/contract/signed.ts'
import { RELEASE_NAMESPACE } from '@rebootless/shared/domain/signing-bytes.ts'
import { KeyError } from '../../signing/key-error.ts'
import { fitsMessage, openSshPublicKey, readSshSignature } from '../../signing/ssh-signature.ts'
import { ReleaseError, readReleaseFiles, readSums, SIGNED_ALONE, SUMS, signatureOf } from './release-files.ts'

export interface VerifiedRelease {
  /** As the sums list them. */
  readonly files: readonly string[]
  /** What keeps this from being the makers' release, each naming its file; none: it is. */
  readonly faults: readonly string[]
}

/**
 * Whether a folder holds what the makers signed, all of it, and nothing else (threat-model T34).
 * @throws ReleaseError when it is no release that could be judged
 */
export const verifyRelease = async (folder: string, publicKey: PublicKey): Promise<VerifiedRelease> => {
  const present = await readReleaseFiles(folder)
  if (!present.has(SUMS)) throw new ReleaseError(`${SUMS} is missing: this is no release.`)
  const faults: string[] = []
  const check = async (name: string) => {
    const fault = await signatureFault(folder, name, publicKey)
    if (fault !== undefined) faults.push(fault)
  }
  await check(SUMS)
  const listed = readSums(await readFile(path.join(folder, SUMS), 'utf8'))
  for (const [name, sha256] of listed) {
    const found = present.get(name)
    if (found === undefined) faults.push(`${name} is missing.`)
    else if (found !== sha256) faults.push(`${name} is not the file that ${SUMS} lists.`)
  }
  for (const name of present.keys()) {
    if (!listed.has(name) && name !== SUMS && name !== signatureOf(SUMS))
      faults.push(`${name} is not listed in ${SUMS}.`)
  }
  for (const name of SIGNED_ALONE) {
    if (!listed.has(name)) faults.push(`${name} is not listed in ${SUMS}, and is part of every release.`)
    else if (present.has(name)) await check(name)
  }
  return { files: [...listed.keys()], faults }
}

const signatureFault = async (folder: string, name: string, publicKey: PublicKey): Promise<string | undefined> => {
  const file = signatureOf(name)
  const armoured = await readFile(path.join(folder, file), 'utf8').catch(() => undefined)
  if (armoured === undefined) return `${file} is missing: nothing vouches for ${name}.`
  try {
    const signature = readSshSignature(armoured)
    if (signature.publicKey !== publicKey) {
      return `${file} is by another key than the one that was given: ${openSshPublicKey(signature.publicKey)}`
    }
    const fits = fitsMessage(signature, RELEASE_NAMESPACE, await readFile(path.join(folder, name)))
    return fits ? undefined : `${name} is not what ${file} signs for ${RELEASE_NAMESPACE}.`
  } catch (error) {
    if (error instanceof KeyError) return `${file}: ${error.message}`
    throw error
  }
}
